"""Which policies changed and in which fields; rules are paired before they are compared."""

from __future__ import annotations

from typing import Any

import pytest

from reviewer.delta.policies import details, paired
from reviewer.delta.types import FieldChange
from tests import kit
from tests.conformance.words import np, pod

DB = pod("shop/db", "app: db")


def policy(spec: str, name: str = "shop/p") -> str:
    return np(name, f"{{podSelector: {{}}, {spec}}}")


def fields(base: str, head: str) -> list[tuple[str, Any, Any]]:
    """The changed fields of the one policy."""
    (found,) = kit.diff(DB + policy(base), DB + policy(head))["policies"]
    assert found["change"] == "modified"
    return [(each["path"], each["base"], each["head"]) for each in found["fields"]]


WEB, API = "{from: [{podSelector: {app: web}}]}", "{ports: [{port: 80}]}"
FIELDS: list[tuple[str, str, str, list[tuple[str, Any, Any]]]] = [
    (
        "a field that is new",
        "ingress: []",
        "ingress: [], policyTypes: [Ingress]",
        [("spec.policyTypes", None, ["Ingress"])],
    ),
    (
        "one that is gone",
        "ingress: [], policyTypes: [Ingress]",
        "ingress: []",
        [("spec.policyTypes", ["Ingress"], None)],
    ),
    (
        "the first rule",
        "ingress: []",
        f"ingress: [{API}]",
        [("spec.ingress", [], [{"ports": [{"port": 80}]}])],
    ),
    (
        "a further rule",
        f"ingress: [{API}]",
        f"ingress: [{API}, {{}}]",
        [("spec.ingress[1]", None, {})],
    ),
    (
        "a rule that is gone",
        f"ingress: [{{}}, {API}]",
        f"ingress: [{API}]",
        [("spec.ingress[0]", {}, None)],
    ),
    ("rules in another order", f"ingress: [{{}}, {API}]", f"ingress: [{API}, {{}}]", []),
    (
        "a port of a rule",
        f"ingress: [{API}]",
        "ingress: [{ports: [{port: 81}]}]",
        [("spec.ingress[0].ports", [{"port": 80}], [{"port": 81}])],
    ),
    (
        "a null rule and another",
        f"ingress: [null, {API}]",
        f"ingress: [{API}, {{from: []}}]",
        [("spec.ingress[1].from", None, [])],
    ),
]


@pytest.mark.parametrize(
    ("base", "head", "expected"), [f[1:] for f in FIELDS], ids=[f[0] for f in FIELDS]
)
def test_fields(base: str, head: str, expected: list[tuple[str, Any, Any]]) -> None:
    assert fields(base, head) == expected


BLOCK = (
    "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n"
    "metadata: {name: p, namespace: shop}\nspec:\n  podSelector: {}\n"
)


def test_lines_are_heads() -> None:
    """Of a field that head has its own line; of what only base has, what would hold it."""
    base = DB + BLOCK + "  ingress: []\n"
    head = DB + BLOCK + "  policyTypes: [Ingress]\n"
    (found,) = kit.diff(base, head)["policies"]
    assert [(each["path"], each["line"]) for each in found["fields"]] == [
        ("spec.ingress", 10),
        ("spec.policyTypes", 12),
    ]


CHANGES: list[tuple[str, str, str, list[str]]] = [
    ("added", "", policy("ingress: []"), ["added shop/p head 7"]),
    ("removed", policy("ingress: []"), "", ["removed shop/p base 7"]),
    (
        "moved in its file",
        policy("ingress: []") + np("a/q", "{}"),
        np("a/q", "{}") + policy("ingress: []"),
        [],
    ),
    (
        "by namespace, then name",
        "",
        policy("", "shop/b") + policy("", "a/z"),
        ["added a/z head 12", "added shop/b head 7"],
    ),
]


@pytest.mark.parametrize(
    ("base", "head", "expected"), [c[1:] for c in CHANGES], ids=[c[0] for c in CHANGES]
)
def test_changes(base: str, head: str, expected: list[str]) -> None:
    found = kit.diff(DB + base, DB + head)["policies"]
    assert [f"{p['change']} {p['policy']} {p['side']} {p['line']}" for p in found] == expected


A, B = {"ports": [1], "from": ["a"]}, {"ports": [2], "from": ["b"]}
PAIRS: list[tuple[str, list[Any], list[Any], list[tuple[int | None, int | None]]]] = [
    ("equal ones are left out", [A, B], [B, A], []),
    ("each once", [A, A], [A], [(1, None)]),
    ("the same ports", [B, A], [{"ports": [1], "from": ["x"]}], [(1, 0), (0, None)]),
    ("the same peers", [B, A], [{"ports": [7], "to": ["x"], "from": ["a"]}], [(1, 0), (0, None)]),
    ("else by place", [A, B], [{"ports": [8]}, {"ports": [9]}], [(0, 0), (1, 1)]),
    ("what only head has", [], [A, B], [(None, 0), (None, 1)]),
    ("what is no rule", [None, A], ["x", A], [(0, 0)]),
]


@pytest.mark.parametrize(
    ("base", "head", "expected"), [p[1:] for p in PAIRS], ids=[p[0] for p in PAIRS]
)
def test_paired(
    base: list[Any], head: list[Any], expected: list[tuple[int | None, int | None]]
) -> None:
    assert paired(base, head) == expected


DETAILS: list[tuple[str, Any, Any, list[tuple[str, Any, Any]]]] = [
    ("a field of one side alone", None, [1], [("spec.x", None, [1])]),
    ("a value", {"app": "a"}, {"app": "b"}, [("spec.x.app", "a", "b")]),
    (
        "a value deep inside",
        [{"podSelector": {"matchLabels": {"app": "a"}}}],
        [{"podSelector": {"matchLabels": {"app": "b", "t": "u"}}}],
        [
            ("spec.x[0].podSelector.matchLabels.app", "a", "b"),
            ("spec.x[0].podSelector.matchLabels.t", None, "u"),
        ],
    ),
    ("an item that is gone", [1, 2], [1], [("spec.x[1]", 2, None)]),
    ("another type", {"port": 80}, {"port": "http"}, [("spec.x.port", 80, "http")]),
]


@pytest.mark.parametrize(
    ("base", "head", "expected"), [d[1:] for d in DETAILS], ids=[d[0] for d in DETAILS]
)
def test_details(base: Any, head: Any, expected: list[tuple[str, Any, Any]]) -> None:
    found = details(FieldChange("spec.x", base, head, 7))
    assert [(each.path, each.base, each.head) for each in found] == expected
    assert {each.line for each in found} == {7}


POD = "apiVersion: v1\nkind: Pod\nmetadata: {{name: {0}, labels: {{app: {0}}}}}\nspec: {{}}\n---\n"
GENERATED = (
    "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{generateName: p-}}\n"
    "spec: {{podSelector: {{matchLabels: {{app: {0}}}}}, ingress: [{{ports: [{{port: {1}}}]}}]}}\n"
    "---\n"
)


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        pytest.param([("b", 80), ("a", 80)], [], id="S-9 another order"),
        pytest.param([("a", 80), ("b", 81)], ["modified"], id="S-9 one of two edited"),
        pytest.param([("b", 80)], ["removed"], id="S-9 one of two removed"),
        pytest.param([("a", 80), ("b", 80), ("b", 81)], ["added"], id="S-9 a third"),
    ],
)
def test_policies_of_one_generated_name(head: list[tuple[str, int]], expected: list[str]) -> None:
    pods = POD.format("a") + POD.format("b")
    base = pods + GENERATED.format("a", 80) + GENERATED.format("b", 80)
    found = kit.diff(base, pods + "".join(GENERATED.format(*each) for each in head))
    assert [each["change"] for each in found["policies"]] == expected
    assert all(row["because"] for row in found["opened"] + found["closed"])
