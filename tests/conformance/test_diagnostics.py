"""Each code of semantics.md section 8: its level, its line, its side in a diff, and `--strict`."""

from __future__ import annotations

import pytest

from tests import kit
from tests.conformance.words import (
    HOST,
    anp,
    ingress,
    np,
    pod,
    service,
    space,
    workload,
)

WEB = pod("shop/web", "app: web")
FINE = np("shop/p", "{podSelector: {matchLabels: {app: web}}, ingress: []}")


def rules(text: str) -> str:
    return np("shop/p", f"{{podSelector: {{}}, ingress: {text}}}")


DENY = "subject: {namespaces: {}}, ingress: [{action: Deny, from: [{namespaces: {}}]}]"
TABLE: list[tuple[str, str, str]] = [
    ("S-90 unreadable", WEB + "---\nkind: NetworkPolicy\na: [\n", "error unreadable 9"),
    ("S-90 unreadable, of no kind of ours", WEB + FINE + "---\na: [\n", "warning unreadable 13"),
    ("S-90 bad-type", WEB + rules("{}"), "error bad-type 10"),
    ("S-90 invalid-policy", WEB + rules("[{from: [{}]}]"), "error invalid-policy 10"),
    ("S-90 unknown-field", WEB + rules("[{form: []}]"), "error unknown-field 10"),
    ("S-90 unknown-api", WEB + FINE.replace("io/v1", "io/v7"), "error unknown-api 7"),
    ("S-90 no-name", WEB + FINE.replace("name: p, ", ""), "error no-name 9"),
    ("S-90 duplicate-key", WEB + rules("[], ingress: []"), "warning duplicate-key 10"),
    ("S-90 duplicate-object", WEB + FINE + rules("[]"), "warning duplicate-object 12"),
    (
        "S-90 cidr-not-canonical",
        WEB + rules("[{from: [{ipBlock: {cidr: 8.8.8.8/8}}]}]"),
        "warning cidr-not-canonical 10",
    ),
    (
        "S-90 removed-api",
        WEB + FINE.replace("networking.k8s.io/v1", "extensions/v1beta1"),
        "warning removed-api 7",
    ),
    (
        "S-90 unsupported-policy",
        WEB + FINE.replace("networking.k8s.io/v1", "crd.projectcalico.org/v1"),
        "warning unsupported-policy 7",
    ),
    (
        "S-90 named-port-unresolved",
        WEB + rules("[{ports: [{port: sql}]}]"),
        "warning named-port-unresolved 10",
    ),
    (
        "S-90 direction-ignored",
        WEB + rules("[], egress: [{}], policyTypes: [Ingress]"),
        "warning direction-ignored 10",
    ),
    ("S-90 same-priority", WEB + anp("a", 1, DENY) + anp("b", 1, DENY), "warning same-priority 12"),
    (
        "S-90 host-network-selected",
        pod("shop/host", "", HOST) + rules("[]"),
        "warning host-network-selected 7",
    ),
    (
        "S-90 backend-unresolved",
        WEB + FINE + ingress("shop/g", "x", "number: 1"),
        "warning backend-unresolved 15",
    ),
    (
        "S-90 backend-blocked",
        WEB + FINE + ingress("shop/g", "x", "number: 1") + service("shop/x", "app: web", "port: 1"),
        "warning backend-blocked 15",
    ),
    (
        "S-90 namespace-labels-unknown",
        WEB + rules("[{from: [{namespaceSelector: {matchLabels: {a: b}}}]}]"),
        "notice namespace-labels-unknown 10",
    ),
    (
        "S-90 controller-label",
        workload("Deployment", "shop/web", "app: web")
        + np(
            "shop/p",
            "{podSelector: {matchExpressions: [{key: pod-template-hash, operator: Exists}]}}",
        ),
        "notice controller-label 7",
    ),
    (
        "S-90 ipblock-may-cover-pods",
        WEB + rules("[{from: [{ipBlock: {cidr: 10.0.0.0/9}}]}]"),
        "notice ipblock-may-cover-pods 10",
    ),
    (
        "S-90 peer-not-evaluated",
        WEB + anp("a", 1, "subject: {namespaces: {}}, egress: [{action: Deny, to: [{nodes: {}}]}]"),
        "notice peer-not-evaluated 10",
    ),
    (
        "S-90 policy-selects-nothing",
        WEB + FINE.replace("app: web", "app: none"),
        "notice policy-selects-nothing 7",
    ),
    ("S-90 no-workloads", space("shop") + np("ops/p", "{}"), "notice no-workloads -"),
    ("S-90 no-policies", WEB, "notice no-policies -"),
]


@pytest.mark.parametrize(("files", "expected"), [t[1:] for t in TABLE], ids=[t[0] for t in TABLE])
def test_levels_and_lines(files: str, expected: str) -> None:
    silent = "no-policies" * (not expected.startswith("notice no-"))
    found = [d for d in kit.flows(files)["diagnostics"] if d["code"] != silent]
    assert [f"{d['level']} {d['code']} {d['line'] or '-'}" for d in found] == [expected]
    assert all((d["file"] is None) == (d["line"] is None) and d["message"] for d in found)


BAD = rules("[{from: [{}]}]")
SIDES: list[tuple[str, str, str, list[str]]] = [
    ("S-90 of base alone", WEB + BAD, WEB + FINE, ["base invalid-policy"]),
    ("S-90 of head alone", WEB + FINE, WEB + BAD, ["head invalid-policy"]),
    ("S-90 of both", WEB + BAD, WEB + BAD, ["both invalid-policy"]),
]


@pytest.mark.parametrize(
    ("base", "head", "expected"), [s[1:] for s in SIDES], ids=[s[0] for s in SIDES]
)
def test_sides(base: str, head: str, expected: list[str]) -> None:
    said = kit.diff(base, head)["diagnostics"]
    assert [f"{d['side']} {d['code']}" for d in said if d["level"] == "error"] == expected


@pytest.mark.parametrize(
    ("strict", "conclusion"),
    [
        pytest.param("none", "success", id="S-90 none"),
        pytest.param("all", "failure", id="S-90 all"),
        pytest.param("changed", "success", id="S-90 changed: the file is alike on both sides"),
    ],
)
def test_strict(strict: str, conclusion: str) -> None:
    base, head = {"a.yaml": BAD, "b.yaml": WEB}, {"a.yaml": BAD, "b.yaml": WEB + WEB}
    assert kit.diff(base, head, strict=strict)["verdict"]["conclusion"] == conclusion


def test_an_object_left_out_on_one_side_is_a_change() -> None:
    """S-90: refused on head, it is missed there."""
    found = kit.diff(WEB + FINE, WEB + BAD)
    assert [kit.row(r) for r in found["opened"]] == [
        "0.0.0.0/0 -> shop/web: all",
        "::/0 -> shop/web: all",
    ]
