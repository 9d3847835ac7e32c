"""Corners of checks: other kinds of peers and ends, the tiers of admins, what stays unsaid."""

from __future__ import annotations

import pytest

from reviewer.base.addresses import AddressSet, read_cidr
from reviewer.base.documents import Origin
from reviewer.base.labels import EVERYTHING, Selector, equals, namespace_named
from reviewer.base.ports import ALL_PORTS, NO_PORTS, port_range, union
from reviewer.findings import (
    CidrsEnd,
    End,
    Intent,
    Place,
    Preferences,
    SelectedEnd,
    Severity,
    Transit,
    WorkloadEnd,
    set_scene,
)
from reviewer.findings.wording import blocks_text, counted, listing, ports_text
from tests.findings.manifests import (
    API,
    DB,
    TOOL,
    WEB,
    admits,
    allows,
    block,
    compared,
    deny,
    ingress,
    namespace,
    pods,
    policy,
    rules,
    said,
    service,
    space,
    workload,
)

SHUT = deny("shop")
ALL = WEB + API + DB


def cidr(text: str) -> AddressSet:
    found = read_cidr(text)
    assert found is not None
    return found.block


# --- words ----------------------------------------------------------------------------------------

PORTS = [
    (ALL_PORTS, "all ports"),
    (port_range("TCP", 1, 65535), "TCP"),
    (ALL_PORTS - port_range("TCP", 53, 53) - port_range("UDP", 53, 53), "all ports but TCP+UDP 53"),
    (union((port_range("TCP", 80, 80), port_range("TCP", 8000, 8080))), "TCP 80, 8000–8080"),
    (
        union(port_range("TCP", n, n) for n in (1, 3, 5, 7, 9, 11)),
        "TCP 1, 3, 5, 7 and 2 more",
    ),
    (port_range("TCP", 80, 80) | port_range("UDP", 53, 53), "TCP 80, UDP 53"),
    (port_range("TCP", 80, 80) | port_range("UDP", 80, 80), "TCP+UDP 80"),
]


@pytest.mark.parametrize(("ports", "text"), PORTS)
def test_ports_in_words(ports: object, text: str) -> None:
    """P-4."""
    assert ports_text(ports) == text  # type: ignore[arg-type]  # rows of a table


def test_lists_and_numbers_in_words() -> None:
    """F-6, P-3: five members and "and N more"."""
    assert listing([]) == ""
    assert listing(["a"]) == "a"
    assert listing(["a", "b", "c"]) == "a, b and c"
    assert listing(list("abcdefg")) == "a, b, c, d, e and 2 more"
    assert (counted(1, "flow"), counted(2, "policy")) == ("1 flow", "2 policies")
    assert blocks_text(cidr("10.0.0.0/8")) == "10.0.0.0/8"
    rest = cidr("0.0.0.0/0").difference(cidr("10.0.0.0/8"))
    assert blocks_text(rest) == "0.0.0.0/5 and 7 more blocks"


# --- checks ---------------------------------------------------------------------------------------

BASELINE = """---
apiVersion: policy.networking.k8s.io/v1alpha1
kind: BaselineAdminNetworkPolicy
metadata: {name: default}
spec:
  subject: {namespaces: {}}
  ingress:
  - {action: Deny, from: [{namespaces: {}}]}
"""


def only(found: list[str], *names: str) -> list[str]:
    return [each for each in found if each.split()[1].rstrip(":") in names]


CASES = [
    (
        "field-widens: spec.podSelector",
        WEB,
        WEB + policy("shop/p", "", "{podSelector: {app: web}}"),
        "medium field-widens: app is not a field of podSelector in shop/p: spec.podSelector now",
    ),
    (
        "field-widens: the selector's own name",
        WEB,
        WEB + policy("shop/p", "", "{podselector: {}}").replace("  podSelector: {}\n", ""),
        "medium field-widens: podselector is not a field of spec in shop/p: the spec now means",
    ),
    (
        "open-rule: every namespace",
        WEB,
        WEB + admits("shop/p", "app=later", namespace()),
        "medium open-rule: shop/p ingress[0] is open to every pod of every namespace for pods",
    ),
    (
        "open-rule: egress to a broad block",
        WEB,
        WEB + allows("shop/p", "app=later", block("0.0.0.0/1")),
        "low open-rule: shop/p egress[0] is open to 0.0.0.0/1 for pods not in the manifests",
    ),
    (
        "port-unresolved: egress",
        WEB + API,
        WEB + API + allows("shop/p", "app=web", pods("app=api"), ports="TCP/htp"),
        "medium port-unresolved: no pod in scope of shop/p egress[0] names a port htp",
    ),
    (
        "untidy-cidr: a block twice",
        WEB,
        WEB + admits("shop/p", "app=web", block("44.0.0.0/8"), block("44.0.0.0/8")),
        "info untidy-cidr: shop/p ingress[0]: 44.0.0.0/8 is said twice",
    ),
    (
        "except-undone: a rule for everyone",
        WEB,
        WEB
        + admits("shop/p", "app=web", block("44.0.0.0/8", "44.1.0.0/16"))
        + admits("shop/q", ""),
        "medium except-undone: 44.1.0.0/16, an except of shop/p ingress[0], is let in by shop/q",
    ),
    (
        "redundant-rule: addresses",
        WEB + admits("shop/p", "", block("44.0.0.0/8")),
        WEB
        + admits("shop/p", "", block("44.0.0.0/8"))
        + admits("shop/q", "", block("44.1.0.0/16")),
        "info redundant-rule: shop/q ingress[0] adds nothing to shop/p ingress[0]",
    ),
    (
        "redundant-rule: a rule for everyone contains all",
        WEB + admits("shop/p", ""),
        WEB + admits("shop/p", "") + admits("shop/q", "", pods("app=x"), ports="TCP/http"),
        "info redundant-rule: shop/q ingress[0] adds nothing to shop/p ingress[0]",
    ),
    (
        "lost-isolation: hostNetwork",
        WEB + SHUT,
        workload("shop/web", "app=web", 8080, host=True) + SHUT,
        "high lost-isolation: shop/web[Deployment] lost ingress isolation: hostNetwork",
    ),
    (
        "lost-isolation: the selector changed",
        WEB + policy("shop/p", "app=web", "policyTypes: [Ingress]"),
        WEB + policy("shop/p", "app=web2", "policyTypes: [Ingress]"),
        "high lost-isolation: shop/web[Deployment] lost ingress isolation: podSelector of shop/p",
    ),
    (
        "lost-isolation: egress",
        WEB + policy("shop/p", "app=web", "{policyTypes: [Ingress, Egress], ingress: [{}]}"),
        WEB + policy("shop/p", "app=web", "{policyTypes: [Ingress], ingress: [{}]}"),
        "high lost-isolation: shop/web[Deployment] lost egress isolation: shop/p changed",
    ),
    (
        "half-open in egress, ports by name",
        workload("shop/db", "app=store", "pg:5432") + API + policy("shop/db", "app=store"),
        workload("shop/db", "app=store", "pg:5432")
        + API
        + policy("shop/db", "app=store")
        + allows("shop/api", "app=api", pods("app=store"), ports="TCP/pg"),
        "medium half-open: shop/api egress[0] allows shop/api[Deployment] → shop/db[Deployment] on",
    ),
    (
        "new-workload-not-isolated: egress alone, a neighbour is restricted",
        WEB + SHUT + allows("shop/p", "app=web", pods("app=web")),
        WEB + API + SHUT + allows("shop/p", "app=web", pods("app=web")),
        "low new-workload-not-isolated: shop/api[Deployment] is not isolated (egress): it reaches",
    ),
    (
        "new-workload-not-isolated: a sensitive one",
        WEB + SHUT.replace("shop", "ops"),
        WEB + DB + SHUT.replace("shop", "ops"),
        "high new-workload-not-isolated: shop/db[Deployment] is not isolated (ingress and egress)",
    ),
    (
        "policy-unseen: a narrower rule",
        policy("shop/p", "app=x", "{ingress: [{from: [{podSelector: {}}]}, {ports: [{port: 1}]}]}"),
        policy("shop/p", "app=x", "{ingress: [{from: [{podSelector: {}}]}]}"),
        "info policy-unseen: shop/p was modified, but its pods are not in the manifests",
    ),
    (
        "policy-unseen: a direction dropped",
        policy("shop/p", "app=x", "policyTypes: [Ingress, Egress]"),
        policy("shop/p", "app=x", "policyTypes: [Ingress]"),
        "medium policy-unseen: shop/p was modified, but its pods are not in the manifests",
    ),
    (
        "split-selector: both match at home",
        WEB + API + TOOL + workload("ops/api", "app=api"),
        WEB
        + API
        + TOOL
        + workload("ops/api", "app=api")
        + admits("shop/p", "app=web", pods("app=api"), namespace()),
        "low split-selector: shop/p ingress[0]: two items (OR), not one (AND): all of ops",
    ),
    (
        "namespace-no-default-deny: a Baseline rule that is gone",
        WEB + BASELINE,
        WEB,
        "medium namespace-no-default-deny: shop: a new pod would be open",
    ),
    (
        "metadata-service-reachable: the fix",
        WEB + deny("shop", "Egress"),
        WEB + deny("shop", "Egress") + policy("shop/w", "app=web", "{egress: [{}]}"),
        "high lost-isolation: shop/web[Deployment] lost egress isolation: egress[0] of shop/w",
    ),
    (
        "intent-free configuration change",
        WEB,
        WEB + policy("shop/w", "app=web"),
        "low nothing-left: shop/web[Deployment] can no longer be reached by anything",
    ),
]


@pytest.mark.parametrize(
    ("base", "head", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_corner(base: str, head: str, expected: str) -> None:
    found = only(said(base, head, exposure="never"), expected.split()[1].rstrip(":"))
    assert [each for each in found if each.startswith(expected)], found


AWAY = "{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}}"
IDLE = [
    ("a policy that isolates is not", ALL, ALL + policy("shop/q", "app=web"), False),
    (
        "towards pods that nobody has",
        ALL + SHUT,
        ALL + SHUT + admits("shop/q", "app=web", pods("app=nobody")),
        True,
    ),
    (
        "towards pods whose own side denies",
        ALL + SHUT + policy("shop/o", "app=api", "{policyTypes: [Egress]}"),
        ALL + SHUT + policy("shop/o", "app=api", "{policyTypes: [Egress]}")
        + admits("shop/q", "app=web", pods("app=api")),
        True,
    ),
    (
        "addresses that others let in",
        ALL + SHUT + admits("shop/p", "app=web", block("44.0.0.0/8")),
        ALL + SHUT + admits("shop/p", "app=web", block("44.0.0.0/8"))
        + admits("shop/q", "app=web", block("44.0.0.0/9"), block("44.128.0.0/9")),
        True,
    ),
    (
        "everyone, beside one for everyone",
        ALL + SHUT + admits("shop/p", "app=web"),
        ALL + SHUT + admits("shop/p", "app=web") + admits("shop/q", "app=web", pods("app=api")),
        True,
    ),
    (
        "open without and with it",
        ALL,
        ALL + admits("shop/q", "app=web"),
        True,
    ),
    (
        "a rule replaced by one that means the same",
        ALL + SHUT + admits("shop/q", "app=web", pods("app=api"), ports="TCP/80"),
        ALL + SHUT
        + admits("shop/q", "app=web", pods("app=api"), pods("app=nobody"), ports="TCP/80"),
        True,
    ),
    (
        "a podSelector that no longer selects everyone",
        ALL + policy("shop/q", "", "{policyTypes: [Ingress]}"),
        ALL + policy("shop/q", "app=web", "{policyTypes: [Ingress]}"),
        False,
    ),
    (
        "a podSelector that no longer selects those who were open",
        ALL + SHUT + admits("shop/q", "", ports=""),
        ALL + SHUT + admits("shop/q", "app=nobody", ports=""),
        False,
    ),
    (
        "a policy that let everything in selects fewer",
        ALL + admits("shop/q", ""),
        ALL + admits("shop/q", "app=web"),
        True,
    ),
    (
        "between replicas of one workload",
        ALL + SHUT,
        ALL + SHUT + admits("shop/q", "app=web", pods("app=web"), ports="TCP/80"),
        False,
    ),
    (
        "towards pods of a namespace that is not in the manifests",
        ALL + SHUT,
        ALL + SHUT + admits("shop/q", "app=web", AWAY),
        False,
    ),
    (
        "a rule that took something away",
        ALL + SHUT + admits("shop/q", "app=web", pods("app=api"), pods("app=store")),
        ALL + SHUT + admits("shop/q", "app=web", pods("app=api")),
        False,
    ),
    (
        "what an Ingress leads to is not judged",
        ALL + SHUT + service("shop/web", "app=web", 8080) + ingress("shop/i", "web", 8080),
        ALL + SHUT + service("shop/web", "app=web", 8080) + ingress("shop/i", "web", 8080)
        + admits("shop/q", "app=web", pods("app=nobody")),
        False,
    ),
]  # fmt: skip


@pytest.mark.parametrize(("base", "head", "idle"), [c[1:] for c in IDLE], ids=[c[0] for c in IDLE])
def test_policy_without_effect(base: str, head: str, idle: bool) -> None:
    """Section 4: said only where it is certain."""
    found = rules(base, head, exposure="never")
    assert ("info policy-without-effect" in found) is idle


def test_a_changed_configuration_is_noted() -> None:
    """G-35."""
    found = compared(WEB, WEB, settled=Origin(".github/netpol-reviewer.yml", 1))
    assert [f.rule for f in found.findings] == ["config-changed"]
    assert found.verdict.conclusion == "success"


def test_dns_by_openshift_and_by_address() -> None:
    """F-33."""
    pods_of = workload("openshift-dns/dns", "dns.operator.openshift.io/daemonset-dns=default")
    to_openshift = (
        "{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: openshift-dns}}}"
    )
    kube = workload("kube-system/coredns", "k8s-app=kube-dns")
    rest = pods_of + WEB + kube
    assert "medium dns-lost" not in rules(
        rest, rest + allows("shop/p", "app=web", to_openshift, ports="UDP/5353")
    )
    assert "medium dns-lost" in rules(
        rest, rest + allows("shop/p", "app=web", to_openshift, ports="UDP/5354")
    )
    by_address = allows("shop/p", "app=web", block("10.96.0.10/32"), ports="UDP/53")
    assert "medium dns-lost" not in rules(rest, rest + by_address)
    relay = allows("shop/p", "app=web", block("192.0.2.25/32"))
    assert "medium dns-lost" in rules(rest, rest + relay)
    by_name = policy(
        "shop/p",
        "app=web",
        "{egress: [{to: [{namespaceSelector: {}}], ports: [{port: dns, protocol: UDP}]}]}",
    )
    assert "medium dns-lost" not in rules(WEB, WEB + by_name)


# --- ends of intents and paths --------------------------------------------------------------------

STORE = SelectedEnd(EVERYTHING, equals("app", "store"))
IN_SHOP = SelectedEnd(namespace_named("shop"), Selector())
PUBLISHED = service("shop/web", "app=web", 8080) + ingress("shop/i", "web", 8080)
ENDS: list[tuple[str, str, bool, End, End, list[str]]] = [
    ("the controller", PUBLISHED + admits("shop/w", "app=web", namespace()), True,
     Place.CONTROLLER, Place.WORKLOADS, ["the ingress controller must not reach shop/web"]),
    ("private", admits("shop/p", "app=store", block("10.0.0.0/8")), True, Place.PRIVATE, STORE,
     ["10.0.0.0/8 must not reach shop/db"]),
    ("trusted is nothing here", admits("shop/p", "app=store", block("10.0.0.0/8")), True,
     Place.TRUSTED, STORE, []),
    ("egress to addresses", allows("shop/p", "app=store", block("44.0.0.0/8")), True, STORE,
     CidrsEnd((cidr("44.1.0.0/16"),)), ["shop/db[Deployment] must not reach 44.0.0.0/8"]),
    ("one workload by id", admits("shop/p", "app=store", pods("app=api")), True,
     WorkloadEnd("shop/api[Deployment]"), STORE, ["shop/api[Deployment] must not reach shop/db"]),
    ("by namespace", admits("shop/p", "app=store", pods("app=api")), True, IN_SHOP, STORE,
     ["shop/api[Deployment] must not reach shop/db"]),
    ("require the controller", admits("shop/p", "app=web", pods("app=api")), False,
     Place.CONTROLLER, SelectedEnd(EVERYTHING, equals("app", "web")),
     ["the ingress controller must reach shop/web"]),
    ("require egress to addresses", allows("shop/p", "app=web", pods("app=api")), False,
     SelectedEnd(EVERYTHING, equals("app", "web")), CidrsEnd((cidr("44.1.0.0/16"),)),
     ["shop/web[Deployment] must reach 44.1.0.0/16"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("opened", "forbid", "source", "to", "expected"),
    [e[1:] for e in ENDS],
    ids=[e[0] for e in ENDS],
)
def test_ends_of_intents(
    opened: str, forbid: bool, source: End, to: End, expected: list[str]
) -> None:
    """F-20, F-22."""
    port = None if forbid else port_range("TCP", 8080, 8080)
    asked = Intent("kept", forbid, (source,), (to,), port, Severity.HIGH, Origin("c", 1))
    shut = SHUT + deny("shop", "Egress").replace("default-deny", "out") if forbid else ""
    out = policy("shop/o", "app=api", "{policyTypes: [Egress], egress: [{}]}") if forbid else ""
    base = ALL + shut + out + ("" if forbid else PUBLISHED)
    found = compared(base, base + opened, preferences=Preferences(intents=(asked,)))
    texts = [f.message for f in found.findings if f.rule == "intent-violated"]
    assert len(texts) == len(expected), texts
    assert all(want in text for want, text in zip(expected, texts, strict=True)), texts


def test_an_intent_about_pods_that_are_not_in_the_manifests() -> None:
    """F-9, S-88: subjects count as workloads."""
    asked = Intent("kept", True, (Place.INTERNET, Place.WORKLOADS), (Place.WORKLOADS,), None,
                   Severity.HIGH, Origin("c", 1))  # fmt: skip
    base = policy("shop/a", "app=a") + policy("shop/b", "app=b")
    head = policy(
        "shop/a", "app=a", "{ingress: [{from: [{podSelector: {matchLabels: {app: b}}}]}]}"
    )
    found = compared(
        base, head + policy("shop/b", "app=b"), preferences=Preferences(intents=(asked,))
    )
    [violated] = [f for f in found.findings if f.rule == "intent-violated"]
    assert "pods app=b of " in violated.message


def test_paths_from_a_zone_and_from_addresses() -> None:
    """F-30: a source may be workloads or addresses."""
    chain = ALL + SHUT + admits("shop/db", "app=store", pods("app=web"), ports="TCP/5432")
    to_web = admits("shop/w", "app=web", pods("app=api"))
    api = SelectedEnd(EVERYTHING, equals("app", "api"))
    [path] = compared(
        chain, chain + to_web, preferences=Preferences(transit=Transit(((api,),), 4))
    ).paths
    assert (path.via, len(path.edges)) == (("shop/web[Deployment]",), 2)
    private = admits("shop/w", "app=web", block("10.9.0.0/16"))
    ten = CidrsEnd((cidr("10.0.0.0/8"),))
    [path] = compared(
        chain, chain + private, preferences=Preferences(transit=Transit(((ten,),), 4))
    ).paths
    assert path.via == ("shop/web[Deployment]",)


def test_a_namespace_label_decides_who_is_meant() -> None:
    """S-20: labels of Namespace objects, by value, by several values and by absence."""
    rest = space("shop") + space("ops", "team=a") + TOOL + WEB + SHUT
    for peer in (
        "{namespaceSelector: {matchExpressions: [{key: team, operator: In, values: [a, b]}]}}",
        "{namespaceSelector: {matchExpressions: [{key: team, operator: Exists}]}}",
    ):
        found = rules(rest, rest + admits("shop/p", "app=web", peer, ports="TCP/8080"))
        assert found[0] == "medium cross-namespace-open"


def test_nothing_is_graded_where_nothing_opens() -> None:
    found = compared(WEB, WEB)
    scene = set_scene(found.base, found.head, found.delta, Preferences())
    assert (scene.grades, scene.search.paths, NO_PORTS) == ((), (), ())
