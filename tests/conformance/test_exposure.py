"""Pods that are not in the manifests (S-84 to S-88)."""

from __future__ import annotations

import pytest

from tests import kit
from tests.conformance.words import anp, into, np, pod

DB = pod("shop/db", "app: db")
NAME = "kubernetes.io/metadata.name"
OUTSIDE = ["0.0.0.0/0 -> shop/db: all", "::/0 -> shop/db: all"]


def admits(*items: str) -> str:
    """A policy by which the database admits each of these items, on a port of its own."""
    rules = ", ".join(
        f"{{from: [{{{item}}}], ports: [{{port: {80 + at}}}]}}" for at, item in enumerate(items)
    )
    return np("shop/p", f"{{podSelector: {{matchLabels: {{app: db}}}}, ingress: [{rules}]}}")


def asks(text: str) -> str:
    return f"podSelector: {{matchExpressions: [{{{text}}}]}}"


LONELY = np("shop/p", "{podSelector: {matchLabels: {app: db}}}")
SHOP = f"{NAME}=shop"
DEFAULT_DENY = np("shop/deny", "{podSelector: {}}")
WORDS: list[tuple[str, str, str, list[str]]] = [
    ("S-84 never", "never", LONELY, []),
    (
        "S-84 auto: a namespace of policies alone",
        "auto",
        DEFAULT_DENY,
        [
            f"{{{SHOP}}}{{}} -> 0.0.0.0/0: all",
            f"{{{SHOP}}}{{}} -> ::/0: all",
            f"{{{SHOP}}}{{}} -> {{}}{{}}: all",
        ],
    ),
    (
        "S-84 auto: nothing where a workload is",
        "auto",
        DB + DEFAULT_DENY,
        ["shop/db -> 0.0.0.0/0: all", "shop/db -> ::/0: all"],
    ),
    (
        "S-84 always: candidates of workloads too",
        "always",
        DB,
        [
            "shop/db -> 0.0.0.0/0: all",
            "shop/db -> ::/0: all",
            "shop/db -> {}{}: all",
            "0.0.0.0/0 -> shop/db: all",
            "::/0 -> shop/db: all",
            "{}{} -> shop/db: all",
        ],
    ),
]


@pytest.mark.parametrize(
    ("exposure", "files", "expected"), [w[1:] for w in WORDS], ids=[w[0] for w in WORDS]
)
def test_where(exposure: str, files: str, expected: list[str]) -> None:
    assert kit.rows(files, exposure=exposure) == expected


def candidates(files: str) -> list[str]:
    """The candidates that reach the database."""
    found = into(DB + files, exposure="always")
    return [row.removesuffix(" -> shop/db: TCP 80") for row in found if row.startswith("{")]


CANDIDATES: list[tuple[str, str, list[str]]] = [
    ("S-85 any pod where nothing isolates", "", ["{}{} -> shop/db: all"]),
    ("S-85 none where no rule admits", LONELY, []),
    (
        "S-85 a podSelector alone is of the policy's namespace",
        admits("podSelector: {matchLabels: {app: web}}"),
        [f"{{{SHOP}}}{{app=web}}"],
    ),
    (
        "S-85 a namespaceSelector alone is any of their pods",
        admits("namespaceSelector: {matchLabels: {team: a}}"),
        ["{team=a}{}"],
    ),
    (
        "S-85 by a rule without peers",
        np("shop/p", "{podSelector: {matchLabels: {app: db}}, ingress: [{ports: [{port: 80}]}]}"),
        ["{}{}"],
    ),
    ("S-85 an address is unknown", admits("ipBlock: {cidr: 10.0.0.0/8}"), []),
    ("S-85 which all addresses cover", admits("ipBlock: {cidr: 0.0.0.0/0}"), ["{}{}"]),
    (
        "S-86 In V by In W within V",
        admits(
            "podSelector: {matchLabels: {app: a}}", asks("key: app, operator: In, values: [a, b]")
        ),
        [
            f"{{{SHOP}}}{{app in (a,b)}} -> shop/db: TCP 81",
            f"{{{SHOP}}}{{app=a}} -> shop/db: TCP 80-81",
        ],
    ),
    (
        "S-86 NotIn by DoesNotExist",
        admits(
            asks("key: app, operator: DoesNotExist"), asks("key: app, operator: NotIn, values: [a]")
        ),
        [
            f"{{{SHOP}}}{{!app}} -> shop/db: TCP 80-81",
            f"{{{SHOP}}}{{app notin (a)}} -> shop/db: TCP 81",
        ],
    ),
    (
        "S-86 Exists by In",
        admits("podSelector: {matchLabels: {app: a}}", asks("key: app, operator: Exists")),
        [f"{{{SHOP}}}{{app}} -> shop/db: TCP 81", f"{{{SHOP}}}{{app=a}} -> shop/db: TCP 80-81"],
    ),
    (
        "S-86 nothing by another key",
        admits("podSelector: {matchLabels: {app: a}}", "podSelector: {matchLabels: {tier: b}}"),
        [f"{{{SHOP}}}{{app=a}}", f"{{{SHOP}}}{{tier=b}} -> shop/db: TCP 81"],
    ),
    (
        "S-87 left out where a broader one has all of its ports",
        admits("podSelector: {matchLabels: {app: a}}").replace("}]}}\n", "}]}}\n")
        + np("shop/q", "{podSelector: {}, ingress: [{from: [{namespaceSelector: {}}]}]}"),
        ["{}{} -> shop/db: all"],
    ),
    (
        "S-87 of two that imply each other the first in words",
        admits(
            "podSelector: {matchLabels: {app: a}}",
            "podSelector: {matchLabels: {app: a}, matchExpressions: "
            "[{key: app, operator: Exists}]}",
        ),
        [f"{{{SHOP}}}{{app,app=a}} -> shop/db: TCP 80-81"],
    ),
    (
        "S-87 in kubectl's words, sorted",
        admits(
            "podSelector: {matchLabels: {b: x}, matchExpressions: [{key: a, operator: NotIn, "
            "values: [z, x, z]}, {key: c, operator: Exists}, {key: d, operator: DoesNotExist}]}"
        ),
        [f"{{{SHOP}}}{{a notin (x,z),b=x,c,!d}}"],
    ),
]


@pytest.mark.parametrize(
    ("files", "expected"), [c[1:] for c in CANDIDATES], ids=[c[0] for c in CANDIDATES]
)
def test_candidates(files: str, expected: list[str]) -> None:
    assert candidates(files) == expected


def may_be_denied(peer: str) -> list[str]:
    policy = f"subject: {{namespaces: {{}}}}, ingress: [{{action: Deny, from: [{peer}]}}]"
    return candidates(admits("podSelector: {matchLabels: {app: a}}") + anp("a", 1, policy))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("a", [], id="S-85 a Deny that may match"),
        pytest.param("b", [f"{{{SHOP}}}{{app=a}}"], id="S-86 requirements that exclude each other"),
    ],
)
def test_rules_that_deny(value: str, expected: list[str]) -> None:
    peer = f"{{pods: {{namespaceSelector: {{}}, podSelector: {{matchLabels: {{app: {value}}}}}}}}}"
    assert may_be_denied(peer) == expected


def test_outgoing_rules_that_deny_addresses() -> None:
    """S-85: a candidate's address is unknown, so only what covers the ranges is it."""
    deny = "subject: {namespaces: {}}, egress: [{action: Deny, to: [{networks: [%s]}]}]"
    for block, expected in (("10.0.0.0/8", ["shop/db -> {}{}: all"]), ("0.0.0.0/0", [])):
        rows = kit.rows(DB + anp("a", 1, deny % block), exposure="always")
        assert [row for row in rows if "-> {" in row] == expected


WEB_TO_DB = np(
    "shop/db",
    "{podSelector: {matchLabels: {app: db}}, ingress: "
    "[{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 5432}]}]}",
)
WEB_ALONE = np(
    "shop/web",
    "{podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress, Egress], "
    "egress: [{to: [{podSelector: {matchLabels: {app: db}}}]}]}",
)
THEMSELVES = np(
    "shop/p",
    "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: "
    "{matchLabels: {app: db}}}]}], egress: [{to: [{podSelector: {matchLabels: {app: db}}}]}]}",
)
WEB_ROW = f"{{{SHOP}}}{{app=web}} -> {{{SHOP}}}{{app=db}}: TCP 5432"
SUBJECTS: list[tuple[str, str, list[str]]] = [
    ("S-88 a candidate that reaches a subject", DEFAULT_DENY + WEB_TO_DB, [WEB_ROW]),
    ("S-88 a subject by itself", DEFAULT_DENY, []),
    ("S-88 tiers and rules of both sides", WEB_TO_DB + WEB_ALONE, [WEB_ROW]),
    (
        "S-88 to itself, for it stands for many pods",
        THEMSELVES,
        [f"{{{SHOP}}}{{app=db}} -> {{{SHOP}}}{{app=db}}: all"],
    ),
    (
        "S-88 left out where a broader selector has all of its ports",
        THEMSELVES.replace(
            "egress: [{to: [{podSelector: {matchLabels: {app: db}}}]}]", "egress: [{}]"
        ),
        [],
    ),
]


@pytest.mark.parametrize(
    ("files", "expected"), [s[1:] for s in SUBJECTS], ids=[s[0] for s in SUBJECTS]
)
def test_subjects(files: str, expected: list[str]) -> None:
    found = [row for row in kit.rows(files) if row.split(" -> ")[1].startswith("{" + NAME)]
    assert found == expected


CHANGES: list[tuple[str, str, str, list[str]]] = [
    (
        "S-88 the first policy of a namespace closes",
        np("ops/x", "{}"),
        np("ops/x", "{}") + DEFAULT_DENY,
        [
            f"- 0.0.0.0/0 -> {{{SHOP}}}{{}}: all",
            f"- ::/0 -> {{{SHOP}}}{{}}: all",
            f"- {{}}{{}} -> {{{SHOP}}}{{}}: all",
        ],
    ),
    (
        "S-88 a rule that is new opens",
        DEFAULT_DENY + WEB_TO_DB.replace("5432", "1"),
        DEFAULT_DENY + WEB_TO_DB.replace("5432", "1, endPort: 2"),
        [f"+ {{{SHOP}}}{{app=web}} -> {{{SHOP}}}{{app=db}}: TCP 2"],
    ),
]


@pytest.mark.parametrize(
    ("base", "head", "expected"), [c[1:] for c in CHANGES], ids=[c[0] for c in CHANGES]
)
def test_changes(base: str, head: str, expected: list[str]) -> None:
    assert kit.changes(base, head) == expected
    assert all(row["because"] for row in kit.diff(base, head)["opened"])
