"""Admin and baseline policies (semantics.md section 6)."""

from __future__ import annotations

import pytest

from tests.conformance.words import (
    HOST,
    anp,
    at,
    banp,
    cnp,
    codes,
    into,
    np,
    out_of,
    piece,
    pod,
    serving,
)

WEB = pod("shop/web", "app: web")
DB = pod("shop/db", "app: db", serving("name: sql, containerPort: 5432"))
JOB = pod("ops/job", "app: job")
WORLD = WEB + DB + JOB
OPEN = ["ops/job: all", "shop/web: all", "0.0.0.0/0: all", "::/0: all"]
EVERYONE = "namespaces: {}"
SHOP = "namespaces: {matchLabels: {kubernetes.io/metadata.name: shop}}"
JOBS = "pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: job}}}"


def rule(action: str, peer: str = EVERYONE, more: str = "") -> str:
    """An ingress rule; `more` follows its peers."""
    return f"{{action: {action}, from: [{{{peer}}}]{', ' if more else ''}{more}}}"


DENY, PASS, ALLOW = rule("Deny"), rule("Pass"), rule("Allow")


def of(rules: tuple[str, ...], subject: str) -> str:
    return f"subject: {{{subject}}}, ingress: [{', '.join(rules)}]"


def admin(*rules: str, subject: str = EVERYONE, name: str = "a", priority: int = 1) -> str:
    return anp(name, priority, of(rules, subject))


def base(*rules: str, name: str = "default") -> str:
    return banp(of(rules, EVERYONE), name)


def newer(*rules: str, tier: str = "Admin", name: str = "a") -> str:
    return cnp(name, tier, 1, of(rules, EVERYONE))


ISOLATED = np("shop/p", "{podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}")
INGRESS: list[tuple[str, str, list[str]]] = [
    ("S-60 an AdminNetworkPolicy", admin(DENY), OPEN[2:]),
    ("S-60 a BaselineAdminNetworkPolicy", base(DENY), OPEN[2:]),
    ("S-60 a ClusterNetworkPolicy of the Admin tier", newer(DENY), OPEN[2:]),
    ("S-60 and of the Baseline tier", newer(DENY, tier="Baseline"), OPEN[2:]),
    ("S-60 Accept is Allow", ISOLATED + newer(rule("Accept")), OPEN[:2]),
    ("S-62 subjects by namespace", admin(DENY, subject=SHOP), OPEN[2:]),
    ("S-62 of another namespace", admin(DENY, subject=SHOP.replace(": shop", ": ops")), OPEN),
    ("S-62 subjects by both selectors", admin(DENY, subject=JOBS), OPEN),
    ("S-62 subjects are not isolated", admin(rule("Allow", SHOP)), OPEN),
    ("S-63 peers by pods", admin(rule("Deny", JOBS)), OPEN[1:]),
    ("S-63 ingress peers never match outside", admin(DENY), OPEN[2:]),
    ("S-64 the first rule that matches decides", admin(rule("Allow", SHOP), DENY), OPEN[1:]),
    ("S-64 the least number comes first", admin(DENY, priority=2) + admin(ALLOW, name="b"), OPEN),
    ("S-64 Pass leaves the tier", admin(PASS, DENY), OPEN),
    ("S-64 to the NetworkPolicies", ISOLATED + admin(PASS, DENY), OPEN[1:2]),
    ("S-64 Deny beats NetworkPolicies", ISOLATED + admin(rule("Deny", SHOP)), []),
    ("S-64 no rule: on to NetworkPolicies", ISOLATED + admin(rule("Deny", JOBS)), OPEN[1:2]),
    ("S-65 only where not isolated", ISOLATED + base(DENY), OPEN[1:2]),
    (
        "S-65 ClusterNetworkPolicies before the BANP",
        base(DENY) + newer(rule("Accept", SHOP), tier="Baseline"),
        OPEN[1:],
    ),
    ("S-65 Pass allows", base(DENY) + newer(PASS, tier="Baseline"), OPEN),
    ("S-65 no match allows", base(rule("Deny", SHOP)), [OPEN[0], *OPEN[2:]]),
]


@pytest.mark.parametrize(
    ("policies", "expected"), [i[1:] for i in INGRESS], ids=[i[0] for i in INGRESS]
)
def test_ingress(policies: str, expected: list[str]) -> None:
    assert into(WORLD + policies) == [" -> shop/db: ".join(e.split(": ")) for e in expected]


def old_ports(items: str) -> str:
    """A Deny of these ports, as v1alpha1 writes them."""
    return admin(rule("Deny", more=f"ports: [{items}]"))


def new_ports(items: str) -> str:
    """A Deny of these ports, as v1alpha2 writes them."""
    return newer(rule("Deny", more=f"protocols: [{items}]"))


PORTS: list[tuple[str, str, str]] = [
    (
        "S-63 portNumber",
        old_ports("{portNumber: {protocol: UDP, port: 53}}"),
        "TCP UDP 1-52,54-65535 SCTP",
    ),
    (
        "S-63 TCP where absent",
        old_ports("{portNumber: {port: 53}}"),
        "TCP 1-52,54-65535 UDP SCTP",
    ),
    (
        "S-63 portRange, both ends",
        old_ports("{portRange: {start: 1, end: 100}}"),
        "TCP 101-65535 UDP SCTP",
    ),
    ("S-63 backwards it matches nothing", old_ports("{portRange: {start: 9, end: 1}}"), "all"),
    (
        "S-63 a name's own number and protocol",
        old_ports("{namedPort: sql}"),
        "TCP 1-5431,5433-65535 UDP SCTP",
    ),
    (
        "S-63 a destination port",
        new_ports("{tcp: {destinationPort: {number: 53}}}"),
        "TCP 1-52,54-65535 UDP SCTP",
    ),
    (
        "S-63 a range of them",
        new_ports("{udp: {destinationPort: {range: {start: 1, end: 9}}}}"),
        "TCP UDP 10-65535 SCTP",
    ),
    (
        "S-63 a destination port by name",
        new_ports("{destinationNamedPort: sql}"),
        "TCP 1-5431,5433-65535 UDP SCTP",
    ),
]


@pytest.mark.parametrize(("policy", "left"), [p[1:] for p in PORTS], ids=[p[0] for p in PORTS])
def test_ports(policy: str, left: str) -> None:
    assert into(WORLD + policy)[1] == f"shop/web -> shop/db: {left}"


def towards(peer: str, action: str = "Deny", more: str = "") -> str:
    """A policy with one egress rule."""
    egress = f"{{action: {action}, to: [{{{peer}}}]{more}}}"
    return anp("a", 1, f"subject: {{namespaces: {{}}}}, egress: [{egress}]")


NAMES = (
    "subject: {namespaces: {}}, egress: [{action: Allow, to: [{domainNames: [example.org]}]}, "
    "{action: Deny, to: [{networks: [0.0.0.0/0]}]}]"
)
KNOWN = pod("shop/db", "app: db", at("10.0.0.1"))
HOSTED = pod("shop/db", "", HOST)
OUTSIDE = ["0.0.0.0/0: all", "::/0: all"]
EGRESS: list[tuple[str, str, list[str]]] = [
    ("S-63 egress to namespaces", WEB + DB + towards("namespaces: {}"), OUTSIDE),
    (
        "S-63 networks outside",
        WEB + DB + towards("networks: [128.0.0.0/1]"),
        ["shop/db: all", "0.0.0.0/1: all", "::/0: all"],
    ),
    (
        "S-63 networks match a pod by its known address",
        WEB + KNOWN + towards("networks: [0.0.0.0/1]"),
        ["128.0.0.0/1: all", "::/0: all"],
    ),
    (
        "S-63 an unknown one for certain only",
        WEB + DB + towards("networks: [0.0.0.0/1]"),
        ["shop/db: all", "128.0.0.0/1: all", "::/0: all"],
    ),
    (
        "S-63 which networks together may be",
        WEB + DB + towards("networks: [0.0.0.0/1, 128.0.0.0/1]"),
        ["::/0: all"],
    ),
    ("S-66 nodes are host-network pods", WEB + HOSTED + towards("nodes: {}"), OUTSIDE),
    (
        "S-66 with a selector none",
        WEB + HOSTED + towards("nodes: {matchLabels: {a: b}}"),
        ["shop/db: all", *OUTSIDE],
    ),
    ("S-66 never an outside block", WEB + towards("nodes: {}"), OUTSIDE),
    ("S-66 domain names match nothing we can name", WEB + DB + anp("a", 1, NAMES), ["::/0: all"]),
]


@pytest.mark.parametrize(("files", "expected"), [e[1:] for e in EGRESS], ids=[e[0] for e in EGRESS])
def test_egress(files: str, expected: list[str]) -> None:
    assert out_of(files) == [f"shop/web -> {each}" for each in expected]


BOTH = f"{EVERYONE}, pods: {{namespaceSelector: {{}}, podSelector: {{}}}}"
OPS = SHOP.replace(": shop", ": ops")
REFUSED: list[tuple[str, str, str]] = [
    ("S-60 another version", admin(DENY).replace("v1alpha1", "v1beta9"), "unknown-api 7"),
    ("S-61 no subject", anp("a", 1, f"ingress: [{DENY}]"), "invalid-policy 10"),
    ("S-61 two subjects", admin(DENY, subject=BOTH), "invalid-policy 10"),
    (
        "S-61 v1alpha1 pods need a namespace selector",
        admin(DENY, subject="pods: {podSelector: {}}"),
        "invalid-policy 10",
    ),
    ("S-61 priority beyond 1000", admin(DENY, priority=1001), "invalid-policy 10"),
    ("S-61 a BANP of another name", base(DENY, name="other"), "invalid-policy 9"),
    ("S-61 a tier there is not", newer(DENY, tier="Middle"), "invalid-policy 10"),
    ("S-61 Pass in a BANP", base(PASS), "invalid-policy 10"),
    ("S-61 Allow in a CNP", newer(ALLOW), "invalid-policy 10"),
    ("S-61 from empty", admin("{action: Deny, from: []}"), "invalid-policy 10"),
    ("S-61 ports empty", old_ports(""), "invalid-policy 10"),
    ("S-61 a peer of two fields", admin(rule("Deny", BOTH)), "invalid-policy 10"),
    (
        "S-61 a named port towards networks",
        towards("networks: [10.0.0.0/8]", more=", ports: [{namedPort: sql}]"),
        "invalid-policy 10",
    ),
    (
        "S-61 a range of v1alpha2 that is one number",
        new_ports("{tcp: {destinationPort: {range: {start: 5, end: 5}}}}"),
        "invalid-policy 10",
    ),
    ("S-61 a bare protocol", new_ports("{tcp: {}}"), "invalid-policy 10"),
    ("S-61 leading zeros in a CIDR", towards("networks: [010.0.0.0/8]"), "invalid-policy 10"),
    ("S-61 more than 100 rules", admin(*[DENY] * 101), "invalid-policy 10"),
    ("S-64 equal priorities", admin(DENY) + admin(DENY, name="b"), "same-priority 12"),
    (
        "S-64 of different subjects are none",
        JOB + admin(DENY, subject=OPS) + admin(DENY, name="b", subject=SHOP),
        "",
    ),
    ("S-66 peers that are not evaluated", towards("nodes: {}"), "peer-not-evaluated 10"),
]


@pytest.mark.parametrize(
    ("policy", "expected"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED]
)
def test_said(policy: str, expected: str) -> None:
    assert codes(WEB + policy) == [expected] * bool(expected)


def test_equal_priorities_go_by_kind_and_name() -> None:
    """S-64: the ANP before the CNP, whatever their names."""
    assert into(WORLD + newer(DENY) + admin(ALLOW, name="z"))[0] == "ops/job -> shop/db: all"


def test_kinds_of_no_other_api() -> None:
    """S-60: a ClusterNetworkPolicy of another group is not ours."""
    other = piece("example.org/v1", "ClusterNetworkPolicy", "a", f"{{{of((DENY,), EVERYONE)}}}")
    assert into(WORLD + other)[0] == "ops/job -> shop/db: all"
