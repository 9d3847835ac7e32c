"""Corners of outage and posture checks that random situations found (F-33, F-34, F-41, F-43)."""

from __future__ import annotations

import pytest

from tests.findings.manifests import (
    admits,
    allows,
    block,
    deny,
    namespace,
    pods,
    policy,
    said,
    service,
    space,
    workload,
)
from tests.findings.test_audit import audited, figures

WEB = workload("shop/web", "app=web", "http:8080")
DB = workload("shop/db", "app=store", "pg:5432")
OPS = workload("ops/tool", "app=tool")
SHUT_OUT = deny("shop", "Egress")
TO_DB = allows("shop/p", "app=web", pods("app=store"), ports="TCP/5432")


def anp(action: str, *peers: str, ports: str = "") -> str:
    """An egress rule of the Admin tier for every pod."""
    listed = "".join(f"    - {peer}\n" for peer in peers)
    return f"""---
apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata: {{name: a}}
spec:
  priority: 5
  subject: {{namespaces: {{}}}}
  egress:
  - action: {action}
    to:
{listed}{ports}"""


SYSTEM = "namespaces: {matchLabels: {kubernetes.io/metadata.name: kube-system}}"
ON_53 = "    ports: [{portNumber: {protocol: UDP, port: 53}}]\n"
ALL_PODS = "namespaces: {}"
ALL_ADDRESSES = "networks: [0.0.0.0/0, '::/0']"
OPENSHIFT = "{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: openshift-dns}}}"
LEGACY = "pods: {namespaceSelector: {}, podSelector: {matchLabels: {legacy: 'true'}}}"

# (id, base, head, whether dns-lost is said)
DNS = [
    ("nothing towards 53", WEB + DB, TO_DB, True),
    ("S-52: the Admin tier allows it", WEB + DB, TO_DB + anp("Allow", SYSTEM, ports=ON_53), False),
    ("the Admin tier passes it on", WEB + DB, TO_DB + anp("Pass", SYSTEM, ports=ON_53), True),
    (
        "a Deny of pods with a label that nothing is known of",
        WEB + DB,
        TO_DB + allows("shop/d", "", namespace(), ports="UDP/53") + anp("Deny", LEGACY),
        False,
    ),
    (
        "the Admin tier denies what an NP allows",
        WEB + DB,
        TO_DB + allows("shop/d", "", namespace(), ports="UDP/53") + anp("Deny", SYSTEM),
        True,
    ),
    (
        "the Admin tier seals everything on purpose",
        WEB + DB,
        TO_DB + anp("Deny", ALL_PODS, ALL_ADDRESSES),
        False,
    ),
    (
        "OpenShift's name servers are not in the manifests",
        WEB + DB,
        TO_DB + allows("shop/d", "app=web", OPENSHIFT, ports="UDP/5353"),
        False,
    ),
    (
        "OpenShift's listen on 5353",
        WEB + DB,
        TO_DB + allows("shop/d", "app=web", OPENSHIFT, ports="UDP/53"),
        True,
    ),
    (
        "a name of TCP is no UDP 53",
        WEB + DB,
        TO_DB + allows("shop/d", "app=web", namespace(), ports="TCP/dns"),
        True,
    ),
]


@pytest.mark.parametrize(("base", "head", "lost"), [c[1:] for c in DNS], ids=[c[0] for c in DNS])
def test_name_resolution(base: str, head: str, lost: bool) -> None:
    """F-33, tier by tier (S-52), towards pods that are not in the manifests."""
    found = [s for s in said(base, base + head, exposure="never") if s.startswith("medium dns-l")]
    assert bool(found) is lost, found


REFERRER = workload("shop/web", "app=web", "http:8080", env="db:5432")
SERVICE = service("shop/db", "app=store", 5432, "pg")


def test_a_named_target_that_no_pod_declares_any_more() -> None:
    """F-34: the reference was served on base and is not on head."""
    [found] = said(REFERRER + SERVICE + DB, REFERRER + SERVICE + DB.replace("pg", "sql"))
    assert found == (
        "medium service-unreachable: shop/web[Deployment] refers to Service shop/db in env or "
        "args but may not reach shop/db[Deployment] on TCP 5432"
    )


def port_findings(*services: str) -> list[str]:
    rule = admits("shop/p", "app=web", pods("app=store"), ports="TCP/80")
    found = said(WEB + "".join(services), WEB + "".join(services) + rule, exposure="never")
    return [each for each in found if "service-port-in-rule" in each]


def test_a_service_port_whose_target_is_a_name() -> None:
    """S-47, S-82: the name is resolved on the subjects; one finding for the port (F-5)."""
    [found] = port_findings(service("shop/web", "app=web", 80, "http"))
    assert found.endswith("80 in shop/p ingress[0] is the port of Service shop/web; its pods "
                          "listen on 8080")  # fmt: skip
    assert port_findings(service("shop/web", "app=web", 80, "https")) == []
    two = (service("shop/b", "app=web", 80, "http"), service("shop/a", "app=web", 80, 8080))
    [found] = port_findings(*two)
    assert "Service shop/a;" in found


def undone(other: str) -> bool:
    rule = admits("shop/p", "app=web", block("44.0.0.0/8", "44.1.0.0/16"), ports="TCP/8080")
    found = said(WEB, WEB + rule + other, exposure="never")
    return any("except-undone" in each for each in found)


def test_an_except_that_is_let_in_on_a_named_port() -> None:
    """S-46: a name is the number that the common subject declares."""
    assert undone(admits("shop/q", "app=web", block("44.1.0.0/16"), ports="TCP/http"))
    assert not undone(admits("shop/q", "app=web", block("44.1.0.0/16"), ports="TCP/htp"))
    assert not undone(admits("shop/q", "app=web", block("44.1.0.0/17"), ports="TCP/8080"))


EVERYONE = "{ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}, {ipBlock: {cidr: '::/0'}}]}]}"
HALF = "{ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}]}"


def test_rules_that_together_let_everything_in_are_no_default_deny() -> None:
    """F-14: both families whole, which hold the pods too (S-54)."""
    says = "medium namespace-no-default-deny: shop: a new pod would be open"
    assert says in audited(WEB + policy("shop/p", "", EVERYONE))
    assert says not in audited(WEB + policy("shop/p", "", HALF))
    assert says in audited(WEB + policy("shop/p", "", "{ingress: [{}]}"))


def test_every_namespace_is_counted() -> None:
    """S-20, F-40: those without workloads and policies too."""
    found = figures(WEB + space("empty") + deny("later"))
    assert found.coverage.namespaces == 3
    assert [each.namespace for each in found.namespaces] == ["empty", "later", "shop"]


def test_sources_of_a_sensitive_workload() -> None:
    """F-43: each part of an outside end, and only who is there."""
    world = admits("shop/p", "app=store", block("0.0.0.0/0"), ports="TCP/5432")
    [sensitive] = figures(DB + OPS + deny("ops", "Egress") + world).sensitive
    assert sensitive.sources == ("internet", "private")
    [sensitive] = figures(DB + OPS).sensitive
    assert (sensitive.sources, sensitive.unrestricted) == (
        ("internet", "private", "other_namespace"),
        True,
    )
    few = admits("shop/p", "app=store", block("203.0.113.0/24"), pods("app=web"), ports="TCP/5432")
    [sensitive] = figures(WEB + DB + few).sensitive
    assert sensitive.sources == ("public", "same_namespace")
