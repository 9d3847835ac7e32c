"""Where implementations differ, and what we chose (semantics.md section 9, S-100 to S-125)."""

from __future__ import annotations

import pytest

from reviewer.base.addresses import read_cidr
from reviewer.cluster import Settings
from tests import kit
from tests.conformance.words import (
    HOST,
    anp,
    at,
    banp,
    cnp,
    codes,
    ingress,
    into,
    np,
    out_of,
    pod,
    service,
    serving,
    workload,
)

WEB, DB = pod("shop/web", "app: web"), pod("shop/db", "app: db")
BARE = pod("shop/bare")
SQL = pod("shop/db", "app: db", serving("name: sql, containerPort: 5432"))
FROM_WEB = "from: [{podSelector: {matchLabels: {app: web}}}]"
TO_ALL = ["0.0.0.0/0 -> shop/db: all", "::/0 -> shop/db: all"]


def rule(text: str) -> str:
    """A policy by which the database admits what one rule says."""
    return np("shop/p", f"{{podSelector: {{matchLabels: {{app: db}}}}, ingress: [{{{text}}}]}}")


def asks(text: str) -> str:
    return rule(f"from: [{{podSelector: {{{text}}}}}]")


def block(cidr: str, more: str = "") -> str:
    return rule(f"from: [{{ipBlock: {{cidr: '{cidr}'}}}}]{more}")


def deny(direction: str, peers: str, ports: str = "") -> str:
    word = "from" if direction == "ingress" else "to"
    inside = f"{{action: Deny, {word}: [{peers}]{ports}}}"
    return f"subject: {{namespaces: {{}}}}, {direction}: [{inside}]"


NOTIN = "matchExpressions: [{key: app, operator: NotIn, values: [db]}]"
EGRESS_ISOLATED = np("shop/p", "{podSelector: {}, policyTypes: [Egress], egress: [{}]}")
INIT = (
    "{initContainers: [{name: i, ports: [{name: sql, containerPort: 1}]}], containers: [{name: c}]}"
)
TWICE = serving("name: sql, containerPort: 1").replace(
    "}]}]}", "}]}, {name: d, ports: [{name: sql, containerPort: 3}]}]}"
)
CHOICES: list[tuple[str, str, list[str]]] = [
    (
        "S-100 a block that covers the pod ranges lets pods in",
        WEB + DB + block("0.0.0.0/0"),
        ["shop/web -> shop/db: all", TO_ALL[0]],
    ),
    (
        "S-100 one inside them does not",
        WEB + DB + block("10.0.0.0/8"),
        ["10.0.0.0/8 -> shop/db: all"],
    ),
    (
        "S-102 a host-network pod is its node",
        pod("shop/web", "app: web", HOST) + DB + rule(FROM_WEB),
        [],
    ),
    (
        "S-103 NotIn matches where the key is missing",
        WEB + BARE + DB + asks(NOTIN),
        ["shop/bare -> shop/db: all", "shop/web -> shop/db: all"],
    ),
    ("S-104 an empty value is not a missing key", BARE + DB + asks("matchLabels: {app: ''}"), []),
    (
        "S-105 Baseline in each direction by itself",
        WEB + DB + EGRESS_ISOLATED + banp(deny("ingress", "{namespaces: {}}")),
        TO_ALL,
    ),
    (
        "S-106 a named port is its number and protocol",
        WEB + SQL + anp("a", 1, deny("ingress", "{namespaces: {}}", ", ports: [{namedPort: sql}]")),
        ["shop/web -> shop/db: TCP 1-5431,5433-65535 UDP SCTP", *TO_ALL],
    ),
    (
        "S-107 equal priorities go by name",
        WEB
        + DB
        + anp("b", 1, deny("ingress", "{namespaces: {}}"))
        + anp("a", 1, deny("ingress", "{namespaces: {}}").replace("Deny", "Allow")),
        ["shop/web -> shop/db: all", *TO_ALL],
    ),
    (
        "S-108 an unknown field is pruned: the worst that may be",
        WEB + BARE + DB + rule("form: []"),
        ["shop/bare -> shop/db: all", "shop/web -> shop/db: all", *TO_ALL],
    ),
    (
        "S-109 an invalid policy is left out",
        WEB + DB + rule("from: [{}]"),
        ["shop/web -> shop/db: all", *TO_ALL],
    ),
    ("S-110 host bits are read", DB + block("203.0.113.7/24"), ["203.0.113.0/24 -> shop/db: all"]),
    (
        "S-111 the last of two holds",
        WEB + BARE + DB + asks("") + rule(FROM_WEB),
        ["shop/web -> shop/db: all"],
    ),
    (
        "S-112 an init container's port resolves no name",
        WEB + pod("shop/db", "app: db", INIT) + rule(f"{FROM_WEB}, ports: [{{port: sql}}]"),
        [],
    ),
    (
        "S-114 a name on two ports is both",
        WEB + pod("shop/db", "app: db", TWICE) + rule(f"{FROM_WEB}, ports: [{{port: sql}}]"),
        ["shop/web -> shop/db: TCP 1,3"],
    ),
    (
        "S-114 none on another protocol",
        WEB + SQL + rule(f"{FROM_WEB}, ports: [{{port: sql, protocol: UDP}}]"),
        [],
    ),
    (
        "S-115 blocks are judged at the pod, not the Service",
        WEB
        + DB
        + service("shop/db", "app: db", "port: 80, targetPort: 8080")
        + rule("ports: [{port: 8080}], from: [{ipBlock: {cidr: 203.0.113.0/24}}]"),
        ["203.0.113.0/24 -> shop/db: TCP 8080"],
    ),
    (
        "S-116 a load balancer's source is the outside address",
        DB
        + service("shop/db", "app: db", "port: 80").replace(
            "{selector", "{type: LoadBalancer, selector"
        )
        + block("203.0.113.0/24"),
        ["203.0.113.0/24 -> shop/db: all"],
    ),
    (
        "S-117 what is open already is no matter: only new connections",
        WEB + DB + np("shop/p", "{podSelector: {matchLabels: {app: db}}}"),
        [],
    ),
    (
        "S-118 no row to itself, by a Service neither",
        DB + service("shop/db", "app: db", "port: 80"),
        TO_ALL,
    ),
    (
        "S-119 three protocols, SCTP as if supported",
        WEB + DB + rule(f"{FROM_WEB}, ports: [{{protocol: SCTP, port: 7}}]"),
        ["shop/web -> shop/db: SCTP 7"],
    ),
    (
        "S-120 endPort is honoured",
        WEB + DB + rule(f"{FROM_WEB}, ports: [{{port: 7, endPort: 9}}]"),
        ["shop/web -> shop/db: TCP 7-9"],
    ),
    ("S-121 pods have IPv4 alone unless known", WEB + DB + block("::/0"), ["::/0 -> shop/db: all"]),
    (
        "S-121 a known IPv6 address counts",
        pod("shop/web", "", at("fd00::1"))
        + pod("shop/db", "app: db", at("fd00::2"))
        + block("::/0"),
        ["shop/web -> shop/db: all", "::/0 -> shop/db: all"],
    ),
    (
        "S-122 labels that controllers add are counted",
        workload("Job", "shop/j", "app: j", api="batch/v1")
        + DB
        + asks("matchLabels: {job-name: j}"),
        ["shop/j -> shop/db: all"],
    ),
    (
        "S-123 namespaces without an object have their name alone",
        pod("ops/job") + DB + rule("from: [{namespaceSelector: {matchLabels: {name: ops}}}]"),
        [],
    ),
    (
        "S-124 the controller is in the usual namespaces",
        DB
        + service("shop/db", "app: db", "port: 80")
        + ingress("shop/g", "db", "number: 80")
        + rule(
            "from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: traefik}}}]"
        ),
        ["ingress -> shop/db: TCP 80"],
    ),
    (
        "S-125 a bare protocol is refused",
        WEB
        + DB
        + cnp(
            "a",
            "Admin",
            1,
            "subject: {namespaces: {}}, ingress: [{action: Deny, from: [{namespaces: {}}], "
            "protocols: [{tcp: {}}]}]",
        ),
        ["shop/web -> shop/db: all", *TO_ALL],
    ),
]


@pytest.mark.parametrize(
    ("files", "expected"), [c[1:] for c in CHOICES], ids=[c[0] for c in CHOICES]
)
def test_choices(files: str, expected: list[str]) -> None:
    assert into(files) == expected


OUT: list[tuple[str, str, list[str]]] = [
    (
        "S-101 networks of admin policies match pods",
        WEB + DB + anp("a", 1, deny("egress", "{networks: [0.0.0.0/0]}")),
        ["::/0: all"],
    ),
    (
        "S-101 for certain only",
        WEB
        + DB
        + anp("a", 1, deny("egress", "{networks: [10.0.0.0/8]}")).replace(
            "10.0.0.0/8", "0.0.0.0/1"
        ),
        ["shop/db: all", "128.0.0.0/1: all", "::/0: all"],
    ),
    (
        "S-113 named ports in egress, for each destination",
        WEB
        + SQL
        + BARE
        + np(
            "shop/p", "{podSelector: {matchLabels: {app: web}}, egress: [{ports: [{port: sql}]}]}"
        ),
        ["shop/db: TCP 5432"],
    ),
]


@pytest.mark.parametrize(("files", "expected"), [o[1:] for o in OUT], ids=[o[0] for o in OUT])
def test_choices_of_egress(files: str, expected: list[str]) -> None:
    assert out_of(files) == [f"shop/web -> {each}" for each in expected]


SAID: list[tuple[str, str, list[str]]] = [
    (
        "S-107 and warned of",
        WEB
        + anp("a", 1, deny("ingress", "{namespaces: {}}"))
        + anp("b", 1, deny("ingress", "{namespaces: {}}")),
        ["same-priority 12"],
    ),
    ("S-108 and an error", DB + rule("form: []"), ["unknown-field 10"]),
    ("S-110 and warned of", DB + block("203.0.113.7/24"), ["cidr-not-canonical 10"]),
    ("S-111 and warned of", DB + asks("") + rule(FROM_WEB), ["duplicate-object 12"]),
    (
        "S-123 said aloud",
        DB + rule("from: [{namespaceSelector: {matchLabels: {name: ops}}}]"),
        ["namespace-labels-unknown 10"],
    ),
]


@pytest.mark.parametrize(("files", "expected"), [s[1:] for s in SAID], ids=[s[0] for s in SAID])
def test_said(files: str, expected: list[str]) -> None:
    assert codes(files) == expected


def test_blocks_that_never_mean_pods() -> None:
    """S-100: for clusters whose plugin does not match pods by address."""
    settings = Settings(blocks_match_pods=False)
    assert into(WEB + DB + block("0.0.0.0/0"), settings=settings) == TO_ALL[:1]


def test_ipv6_of_pods_can_be_configured() -> None:
    """S-121."""
    found = read_cidr("fd00::/8")
    assert found is not None
    settings = Settings(pod_ranges=(found.block,))
    assert into(WEB + DB + block("::/0"), settings=settings)[0] == "shop/web -> shop/db: all"


def test_loss_of_an_invalid_policy_is_shown() -> None:
    """S-109: the diff shows what opens."""
    rows = kit.changes(WEB + DB + rule(FROM_WEB), WEB + DB + rule("from: [{}]"))
    assert rows == [f"+ {row}" for row in TO_ALL]
