"""Corners of the text checks that random situations found (findings.md section 4, F-3, F-5)."""

from __future__ import annotations

import pytest

from tests.findings.manifests import (
    API,
    admits,
    allows,
    block,
    compared,
    namespace,
    pods,
    policy,
    said,
    workload,
)

WEB = workload("shop/web", "app=web", "http:8080")
DNS = workload("kube-system/coredns", "k8s-app=kube-dns", "dns:53")
HOST = workload("ops/node", "app=node", "dns:53", host=True)
WIDE = "{namespaceSelector: {name: shop}}"


def ports(*texts: str) -> str:
    return "[" + ", ".join(f"{{port: {text}}}" for text in texts) + "]"


def anp(name: str, priority: int, subject: str, action: str, peers: str) -> str:
    return f"""---
apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata: {{name: {name}}}
spec:
  priority: {priority}
  subject: {subject}
  ingress:
  - {{action: {action}, from: [{{namespaces: {peers}}}]}}
"""


DENIES = anp("deny", 7, "{namespaces: {}}", "Deny", "{}")
PASSES = anp(
    "some-pass", 3, "{pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: web}}}}",
    "Pass", "{}",
)  # fmt: skip
LET_IN = admits("shop/q", "", namespace(), ports="TCP/80")

ROWS = [
    (
        "F-5: a second peer that widens is another finding",
        "field-widens",
        WEB
        + policy("shop/p", "app=web", f"{{ingress: [{{from: [{WIDE}], ports: {ports('80')}}}]}}"),
        WEB
        + policy(
            "shop/p",
            "app=web",
            f"{{ingress: [{{from: [{WIDE}], ports: {ports('80')}}},"
            " {from: [{namespaceSelector: {name: ops}}]}]}",
        ),
        ["high field-widens: name is not a field of ingress[1].from[0].namespaceSelector"],
    ),
    (
        "F-5: another port of a rule whose peer stands is no new finding",
        "field-widens",
        WEB
        + policy("shop/p", "app=web", f"{{ingress: [{{from: [{WIDE}], ports: {ports('80')}}}]}}"),
        WEB
        + policy("shop/p", "app=web", f"{{ingress: [{{from: [{WIDE}], ports: {ports('81')}}}]}}"),
        [],
    ),
    (
        "S-46: the only pod with the name is gone from another namespace",
        "port-unresolved",
        WEB + DNS + allows("shop/p", "app=web", ports="UDP/dns").replace("UDP", "TCP"),
        WEB + allows("shop/p", "app=web", ports="UDP/dns").replace("UDP", "TCP"),
        ["medium port-unresolved: no pod in scope of shop/p egress[0] names a port dns"],
    ),
    (
        "S-27: on a host-network pod no name resolves",
        "port-unresolved",
        WEB + HOST,
        WEB + HOST + allows("shop/p", "app=web", ports="TCP/dns"),
        ["medium port-unresolved: no pod in scope of shop/p egress[0] names a port dns"],
    ),
    (
        "S-54: pods meant by address are in scope",
        "port-unresolved",
        WEB + API,
        WEB + API + allows("shop/p", "app=web", block("0.0.0.0/0"), ports="TCP/htp"),
        ["medium port-unresolved: no pod in scope of shop/p egress[0] names a port htp; did you"],
    ),
    (
        "admin-overrides: every packet is denied before",
        "admin-overrides",
        WEB + DENIES,
        WEB + DENIES + LET_IN,
        ["low admin-overrides: shop/q ingress[0] never decides: deny does"],
    ),
    (
        "admin-overrides: a Pass for some of the subjects",
        "admin-overrides",
        WEB + DENIES + PASSES,
        WEB + DENIES + PASSES + LET_IN,
        [],
    ),
    (
        "admin-overrides: a Pass that comes later",
        "admin-overrides",
        WEB + DENIES + PASSES.replace("priority: 3", "priority: 9"),
        WEB + DENIES + PASSES.replace("priority: 3", "priority: 9") + LET_IN,
        ["low admin-overrides: shop/q ingress[0] never decides: deny does"],
    ),
    (
        "redundant-rule: blocks together, by set",
        "redundant-rule",
        WEB + admits("shop/p", "", block("44.0.0.0/9"), block("44.128.0.0/9")),
        WEB
        + admits("shop/p", "", block("44.0.0.0/9"), block("44.128.0.0/9"))
        + admits("shop/q", "app=web", block("44.0.0.0/8")),
        ["info redundant-rule: shop/q ingress[0] adds nothing to shop/p ingress[0]"],
    ),
    (
        "redundant-rule: an address between the blocks",
        "redundant-rule",
        WEB + admits("shop/p", "", block("44.0.0.0/10"), block("44.128.0.0/9")),
        WEB
        + admits("shop/p", "", block("44.0.0.0/10"), block("44.128.0.0/9"))
        + admits("shop/q", "app=web", block("44.0.0.0/8")),
        [],
    ),
    (
        "redundant-rule: a name is within every number of its protocol",
        "redundant-rule",
        WEB + admits("shop/p", "", pods("app=api"), ports="TCP/").replace("port: ''", "port: null"),
        WEB
        + admits("shop/p", "", pods("app=api"), ports="TCP/").replace("port: ''", "port: null")
        + admits("shop/q", "app=web", pods("app=api"), ports="TCP/http"),
        ["info redundant-rule: shop/q ingress[0] adds nothing to shop/p ingress[0]"],
    ),
    (
        "policy-without-effect: it selects no workload any more, which is said already",
        "policy-without-effect",
        WEB + admits("shop/p", "app=web") + admits("shop/q", "app=web", pods("app=web")),
        WEB + admits("shop/p", "app=web") + admits("shop/q", "app=x", pods("app=web")),
        [],
    ),
    (
        "policy-unseen: it selected nothing before either, and is wider now",
        "policy-unseen",
        WEB + admits("shop/p", "tier=edge", pods("app=api")),
        WEB + admits("shop/p", "tier=edge", pods("app=api"), pods("app=x")),
        ["medium policy-unseen: shop/p was modified, but its pods are not in the manifests"],
    ),
    (
        "policy-unseen: policy-selects-nothing says it of an added one",
        "policy-unseen",
        WEB,
        WEB + admits("shop/p", "tier=edge", pods("app=api")),
        [],
    ),
]


@pytest.mark.parametrize(
    ("check", "base", "head", "expected"), [c[1:] for c in ROWS], ids=[c[0] for c in ROWS]
)
def test_text(check: str, base: str, head: str, expected: list[str]) -> None:
    found = [s for s in said(base, head, exposure="never") if s.split()[1] == f"{check}:"]
    assert len(found) == len(expected), found
    for each, beginning in zip(found, expected, strict=True):
        assert each.startswith(beginning), each


def searched(standing: int) -> bool:
    """Whether a policy beside so many like it was looked at to the end, on 60 workloads."""
    workloads = "".join(workload(f"shop/web{at}", "app=web") for at in range(60))
    alike = [admits(f"shop/p{at}", "app=web", pods("app=api")) for at in range(standing + 1)]
    base = workloads + "".join(alike[1:])
    found = compared(base, base + alike[0])
    told = [each.code for each in found.diagnostics].count("effects-not-searched")
    said_so = any(each.rule == "policy-without-effect" for each in found.findings)
    assert told == (not said_so)
    return said_so


def test_effects_that_are_not_all_searched_are_told() -> None:
    """policy-without-effect stops after so much work, and a notice says so as of redundant-rule."""
    assert searched(3)
    assert not searched(60)
