"""Why a flow is allowed or denied (F-50 to F-52)."""

from __future__ import annotations

import pytest

from reviewer.base.addresses import AddressSet, read_address
from reviewer.base.ports import ALL_PORTS, PortSet, port_range
from reviewer.engine import (
    INGRESS_CONTROLLER,
    Endpoint,
    Explanation,
    ExternalEndpoint,
    SideAnswer,
    WorkloadEndpoint,
    explain,
)
from tests import kit
from tests.conformance.words import (
    HOST,
    anp,
    at,
    banp,
    ingress,
    np,
    pod,
    service,
    serving,
    space,
    workload,
)

WEB, DB, JOB = pod("shop/web", "app: web"), pod("shop/db", "app: db"), pod("ops/job", "app: job")
WORLD = WEB + DB + JOB
SQL = port_range("TCP", 5432, 5432)


def end(text: str) -> Endpoint:
    if text == "controller":
        return INGRESS_CONTROLLER
    found = read_address(text)
    if found:
        return ExternalEndpoint(AddressSet(found[0], ((found[1], found[1]),)))
    return WorkloadEndpoint(text if "[" in text else f"{text}[Pod]")


def answer(files: str, source: str, to: str = "shop/db", asked: PortSet = ALL_PORTS) -> Explanation:
    reachability = kit.flow_result(files, exposure="never").snapshot.reachability
    return explain(reachability, end(source), end(to), asked)


def told(side: SideAnswer) -> str:
    """A side in words: `isolated|open|outside: WORDS; POLICY RULE ACTION PORTS, …`."""
    state = {True: "isolated", False: "open", None: "outside"}[side.isolated]
    rules = ", ".join(
        f"{each.policy.ref.name} {each.rule.name} {each.rule.action.name} {ports(each.ports)}"
        for each in side.rules
    )
    return f"{state}: {' '.join(side.decided_by)}{'; ' if rules else ''}{rules}"


def ports(found: PortSet) -> str:
    return kit.ports({"protocol": p, "from": a, "to": b} for p, a, b in found.ranges())


def admits(rules: str, name: str = "p", subject: str = "{matchLabels: {app: db}}") -> str:
    return np(f"shop/{name}", f"{{podSelector: {subject}, ingress: {rules}}}")


FROM_WEB = "from: [{podSelector: {matchLabels: {app: web}}}]"
ADMIN = "subject: {namespaces: {}}, ingress: [{action: %s, from: [{namespaces: {}}]%s}]"
PORT = ", ports: [{portNumber: {port: 5432}}]"
DENY = "subject: {namespaces: {}}, egress: [{action: Deny, to: [{networks: [0.0.0.0/0]}]}]"
SIDES: list[tuple[str, str, str, str]] = [
    ("nothing isolates", "", "shop/web", "open: default"),
    ("an outside source", admits("[]"), "8.8.8.8", "isolated: networkpolicy"),
    (
        "a rule allows",
        admits(f"[{{{FROM_WEB}}}]"),
        "shop/web",
        "isolated: networkpolicy; p ingress[0] ALLOW all",
    ),
    ("another pod", admits(f"[{{{FROM_WEB}}}]"), "ops/job", "isolated: networkpolicy"),
    (
        "a rule without peers",
        admits("[{ports: [{port: 80}]}, {}]"),
        "8.8.8.8",
        "isolated: networkpolicy; p ingress[0] ALLOW TCP 80, p ingress[1] ALLOW all",
    ),
    (
        "a rule of other ports",
        admits("[{ports: [{port: none}]}]"),
        "8.8.8.8",
        "isolated: networkpolicy",
    ),
    (
        "a block",
        admits("[{from: [{ipBlock: {cidr: 8.0.0.0/8}}]}]"),
        "8.8.8.8",
        "isolated: networkpolicy; p ingress[0] ALLOW all",
    ),
    (
        "blocks that only together cover a pod",
        admits(
            "[{from: [{ipBlock: {cidr: 0.0.0.0/1}}]}, {from: [{ipBlock: {cidr: 128.0.0.0/1}}]}]"
        ),
        "shop/web",
        "isolated: networkpolicy; p ingress[0] ALLOW all, p ingress[1] ALLOW all",
    ),
    (
        "the admin tier denies",
        anp("a", 1, ADMIN % ("Deny", "")),
        "shop/web",
        "open: admin; a ingress[0] DENY all",
    ),
    (
        "it allows what policies deny",
        admits("[]") + anp("a", 1, ADMIN % ("Allow", "")),
        "shop/web",
        "isolated: admin; a ingress[0] ALLOW all",
    ),
    (
        "it passes",
        admits("[]") + anp("a", 1, ADMIN % ("Pass", "")),
        "shop/web",
        "isolated: networkpolicy; a ingress[0] PASS all",
    ),
    (
        "it decides one port",
        anp("a", 1, ADMIN % ("Deny", PORT)),
        "shop/web",
        "open: admin default; a ingress[0] DENY TCP 5432",
    ),
    (
        "a later rule finds nothing undecided",
        anp("a", 1, ADMIN % ("Deny", "")) + anp("b", 2, ADMIN % ("Allow", "")),
        "shop/web",
        "open: admin; a ingress[0] DENY all",
    ),
    (
        "the baseline denies",
        banp(ADMIN % ("Deny", "")),
        "shop/web",
        "open: baseline; default ingress[0] DENY all",
    ),
    (
        "the baseline allows one port",
        banp(ADMIN % ("Allow", PORT)),
        "shop/web",
        "open: baseline default; default ingress[0] ALLOW TCP 5432",
    ),
    (
        "admin rules mean no outside source",
        anp("a", 1, ADMIN % ("Deny", "")),
        "8.8.8.8",
        "open: default",
    ),
]


@pytest.mark.parametrize(
    ("policies", "source", "expected"), [s[1:] for s in SIDES], ids=[s[0] for s in SIDES]
)
def test_ingress_side(policies: str, source: str, expected: str) -> None:
    """F-51: the tier that decides, and the rules with the ports each gives."""
    found = answer(WORLD + policies, source)
    assert told(found.ingress) == expected
    assert found.allowed == found.egress.allowed & found.ingress.allowed
    assert found.denied == ALL_PORTS - found.allowed


def test_egress_side_and_outside_ends() -> None:
    found = answer(WORLD + anp("a", 1, DENY), "shop/web", "8.8.8.8")
    assert told(found.egress) == "open: admin; a egress[0] DENY all"
    assert told(found.ingress) == "outside: outside"
    assert answer(WORLD + anp("a", 1, DENY), "shop/web", "fd00::1").allowed == ALL_PORTS


def test_host_network_and_no_family_in_common() -> None:
    """S-27, S-53."""
    host = answer(pod("shop/web", "", HOST) + DB + np("shop/p", "{}"), "shop/db", "shop/web")
    assert told(host.ingress) == "open: host-network"
    apart = pod("shop/web", "app: web", at("fd00::1")) + DB
    assert told(answer(apart, "shop/web").ingress) == "open: default"
    assert not answer(apart, "shop/web").allowed


DUAL = "status: {podIPs: [{ip: 10.0.0.%d}, {ip: 'fd00::%d'}]}"
FAMILIES: list[tuple[str, str, str]] = [
    (
        "S-53 what either family lets in",
        (
            "[{from: [{ipBlock: {cidr: 'fd00::/8'}}], ports: [{port: 80}]}, "
            "{from: [{ipBlock: {cidr: 10.0.0.0/8}}], ports: [{port: 81}]}]"
        ),
        "isolated: networkpolicy; p ingress[0] ALLOW TCP 80, p ingress[1] ALLOW TCP 81",
    ),
    (
        "S-53 one alone",
        "[{from: [{ipBlock: {cidr: 'fd00::/8'}}]}, {from: [{ipBlock: {cidr: 9.0.0.0/8}}]}]",
        "isolated: networkpolicy; p ingress[0] ALLOW all",
    ),
    (
        "S-53 the same in both",
        "[{from: [{podSelector: {}}], ports: [{port: 1}]}]",
        "isolated: networkpolicy; p ingress[0] ALLOW TCP 1",
    ),
    (
        "S-53 neither",
        "[{from: [{ipBlock: {cidr: 9.0.0.0/8}}]}]",
        "isolated: networkpolicy",
    ),
]


@pytest.mark.parametrize(
    ("rules", "expected"), [f[1:] for f in FAMILIES], ids=[f[0] for f in FAMILIES]
)
def test_families(rules: str, expected: str) -> None:
    pods = pod("shop/web", "app: web", DUAL % (1, 1)) + pod("shop/db", "app: db", DUAL % (2, 2))
    found = answer(pods + admits(rules), "shop/web")
    assert told(found.ingress) == expected
    assert found.allowed == found.egress.allowed & found.ingress.allowed
    assert found.denied or not found.ingress.nearest


def test_the_controller() -> None:
    """S-81: its own egress allows; without an entry nothing leads in."""
    gate = service("shop/s", "app: db", "port: 5432") + ingress("shop/i", "s", "number: 5432")
    found = answer(WORLD + gate, "controller")
    assert (told(found.egress), found.allowed) == ("open: default", SQL)
    nowhere = answer(WORLD, "controller")
    assert (told(nowhere.ingress), nowhere.allowed) == ("open: default", PortSet())


def test_the_first_pod_that_is_allowed_speaks() -> None:
    """F-52, S-25."""
    pods = "".join(
        pod(f"shop/a-{n}", labels).replace(
            "labels:", "ownerReferences: [{kind: Job, name: a, controller: true}], labels:"
        )
        for n, labels in enumerate(("app: old", "app: web"))
    )
    found = answer(pods + DB + admits(f"[{{{FROM_WEB}}}]"), "shop/a[Job]")
    assert told(found.ingress) == "isolated: networkpolicy; p ingress[0] ALLOW all"


def test_selected_by() -> None:
    found = answer(WORLD + admits("[]") + admits("[]", "q", "{}"), "shop/web")
    assert [str(policy.ref) for policy in found.ingress.selected_by] == [
        "NetworkPolicy shop/p",
        "NetworkPolicy shop/q",
    ]
    assert found.egress.selected_by == ()


def near(files: str, source: str, asked: PortSet = SQL) -> list[str]:
    """`RULE: WHAT KEY WANTED FOUND, …` of the rules that nearly matched."""
    return [
        f"{each.rule.name}: "
        + ", ".join(f"{m.what} {m.key or '-'} {m.wanted} {m.found or '-'}" for m in each.missing)
        for each in answer(files, source, asked=asked).ingress.nearest
    ]


def rule(peer: str, more: str = "") -> str:
    return f"[{{from: [{{{peer}}}]{more}}}]"


TEAM = "namespaceSelector: {matchLabels: {team: x}}"
NEAREST: list[tuple[str, str, str, list[str]]] = [
    (
        "F-52 pod-label",
        admits(rule("podSelector: {matchLabels: {app: api}}")),
        "shop/web",
        ["ingress[0]: pod-label app api web"],
    ),
    (
        "F-52 one that is absent",
        admits(rule("podSelector: {matchLabels: {tier: x}}")),
        "shop/web",
        ["ingress[0]: pod-label tier x -"],
    ),
    (
        "F-52 a requirement in words",
        admits(rule("podSelector: {matchExpressions: [{key: app, operator: In, values: [a, b]}]}")),
        "shop/web",
        ["ingress[0]: pod-label app app in (a,b) web"],
    ),
    (
        "F-52 namespace",
        admits(rule("podSelector: {matchLabels: {app: job}}")),
        "ops/job",
        ["ingress[0]: namespace kubernetes.io/metadata.name shop ops"],
    ),
    (
        "F-52 namespace-label",
        admits(rule(TEAM)) + space("shop", "team: y1"),
        "shop/web",
        ["ingress[0]: namespace-label team x y1"],
    ),
    (
        "F-52 port",
        admits(f"[{{{FROM_WEB}, ports: [{{port: 5433}}]}}]"),
        "shop/web",
        ["ingress[0]: port - TCP 5433 TCP 5432"],
    ),
    (
        "F-52 a range of ports",
        admits(f"[{{{FROM_WEB}, ports: [{{port: 1, endPort: 9}}]}}]"),
        "shop/web",
        ["ingress[0]: port - TCP 1-9 TCP 5432"],
    ),
    (
        "F-52 protocol",
        admits(f"[{{{FROM_WEB}, ports: [{{protocol: UDP, port: 5432}}]}}]"),
        "shop/web",
        ["ingress[0]: protocol - UDP 5432 TCP 5432"],
    ),
    (
        "F-52 named-port",
        admits(f"[{{{FROM_WEB}, ports: [{{port: sql}}]}}]"),
        "shop/web",
        ["ingress[0]: named-port - sql -"],
    ),
    (
        "F-52 address",
        admits(rule("ipBlock: {cidr: 9.0.0.0/8}")),
        "8.8.8.8",
        ["ingress[0]: address - 9.0.0.0/8 8.8.8.8"],
    ),
    (
        "F-52 an address where a pod is wanted",
        admits(rule("podSelector: {}")),
        "8.8.8.8",
        ["ingress[0]: address - a pod of the cluster 8.8.8.8"],
    ),
    (
        "F-52 subject-label by one requirement",
        admits("[]") + admits(f"[{{{FROM_WEB}}}]", "q", "{matchLabels: {app: dc}}"),
        "shop/web",
        ["ingress[0]: subject-label app dc db"],
    ),
    (
        "F-51 not by two",
        admits("[]") + admits(f"[{{{FROM_WEB}}}]", "q", "{matchLabels: {app: dc, a: b}}"),
        "shop/web",
        [],
    ),
    (
        "F-51 of another namespace never",
        admits("[]") + np("ops/q", "{ingress: [{}]}"),
        "shop/web",
        [],
    ),
    (
        "F-51 nor of another direction",
        admits("[]") + np("shop/q", "{policyTypes: [Egress], egress: [{}]}"),
        "shop/web",
        [],
    ),
    (
        "F-51 nor a rule of another direction in the same policy",
        admits("[{from: [{podSelector: {matchLabels: {app: api}}}]}], egress: [{}]"),
        "shop/web",
        ["ingress[0]: pod-label app api web"],
    ),
    (
        "F-51 fewest facts first",
        admits(
            "[{from: [{podSelector: {matchLabels: {app: x, tier: z}}}]}, {from: [{podSelector: "
            "{matchLabels: {app: api}}}]}]"
        ),
        "shop/web",
        [
            "ingress[1]: pod-label app api web",
            "ingress[0]: pod-label app x web, pod-label tier z -",
        ],
    ),
    (
        "F-51 the nearest peer of a rule",
        admits(
            "[{from: [{podSelector: {matchLabels: {app: x, tier: z}}}, {podSelector: "
            "{matchLabels: {app: api}}}]}]"
        ),
        "shop/web",
        ["ingress[0]: pod-label app api web"],
    ),
    (
        "F-51 at most three",
        admits("[" + ", ".join(["{from: [{podSelector: {matchLabels: {app: api}}}]}"] * 5) + "]"),
        "shop/web",
        [f"ingress[{n}]: pod-label app api web" for n in range(3)],
    ),
    ("F-51 none where all is allowed", admits("[{}]"), "shop/web", []),
]


@pytest.mark.parametrize(
    ("policies", "source", "expected"), [n[1:] for n in NEAREST], ids=[n[0] for n in NEAREST]
)
def test_nearest(policies: str, source: str, expected: list[str]) -> None:
    assert near(WORLD + policies, source) == expected


def test_what_the_admin_tier_denies_is_no_near_rule() -> None:
    """F-51: all facts of the rule are met."""
    policies = anp("a", 1, ADMIN % ("Deny", PORT)) + admits(
        f"[{{{FROM_WEB}, ports: [{{port: 5432}}]}}]"
    )
    assert near(WORLD + policies, "shop/web", SQL | port_range("TCP", 1, 1)) == []


def test_what_a_controller_sets_is_a_question_mark() -> None:
    """S-32, F-52."""
    files = workload("Deployment", "shop/web", "app: web") + DB
    policy = admits(rule("podSelector: {matchLabels: {pod-template-hash: abc}}"))
    assert near(files + policy, "shop/web[Deployment]") == [
        "ingress[0]: pod-label pod-template-hash abc ?"
    ]


def test_a_known_pod_outside_a_block() -> None:
    """S-54: an address is wanted of a pod, whose own is not said."""
    files = pod("shop/web", "app: web", at("10.0.0.1")) + DB
    assert near(files + admits(rule("ipBlock: {cidr: 9.0.0.0/8}")), "shop/web") == [
        "ingress[0]: address - 9.0.0.0/8 -"
    ]
    assert near(files + admits(rule("ipBlock: {cidr: 10.0.0.0/24}")), "shop/web") == []


def test_names_resolve_on_the_pod_itself() -> None:
    """S-46."""
    db = pod("shop/db", "app: db", serving("name: sql, containerPort: 5432"))
    policy = admits(f"[{{{FROM_WEB}, ports: [{{port: sql}}]}}]")
    found = answer(WEB + db + policy, "shop/web")
    assert told(found.ingress) == "isolated: networkpolicy; p ingress[0] ALLOW TCP 5432"
