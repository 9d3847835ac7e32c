"""What one side answers about its ends (S-42, S-51 to S-55, S-70; F-14)."""

from __future__ import annotations

import pytest

from reviewer.base.addresses import AddressSet, read_cidr
from reviewer.base.labels import equals, namespace_named
from reviewer.base.ports import ALL_PORTS, NO_PORTS, PortSet, port_range
from reviewer.engine import (
    INGRESS_CONTROLLER,
    Endpoint,
    ExternalEndpoint,
    Reachability,
    SelectorEndpoint,
    WorkloadEndpoint,
    expanded,
    ones,
)
from reviewer.engine.kept import Kept
from reviewer.manifests import Direction
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
    workload,
)

IN, OUT = Direction.INGRESS, Direction.EGRESS
WEB, DB, JOB = pod("shop/web", "app: web"), pod("shop/db", "app: db"), pod("ops/job", "app: job")
WORLD = WEB + DB + JOB
TCP_80 = port_range("TCP", 80, 80)
CLOSED = np(
    "shop/p",
    "{podSelector: {matchLabels: {app: db}}, ingress: "
    "[{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 80}]}]}",
)


def side(files: str, exposure: str = "never") -> Reachability:
    return kit.flow_result(files, exposure=exposure).snapshot.reachability


def end(name: str) -> Endpoint:
    return WorkloadEndpoint(f"{name}[Pod]")


def addresses(text: str) -> ExternalEndpoint:
    found = read_cidr(text)
    assert found is not None
    return ExternalEndpoint(found.block)


QUESTIONS: list[tuple[str, Endpoint, Endpoint, PortSet]] = [
    ("what a rule allows", end("shop/web"), end("shop/db"), TCP_80),
    ("what none does", end("ops/job"), end("shop/db"), NO_PORTS),
    ("an end there is not", end("shop/none"), end("shop/db"), NO_PORTS),
    ("a destination there is not", end("shop/web"), end("shop/none"), NO_PORTS),
    ("to itself", end("shop/web"), end("shop/web"), NO_PORTS),
    ("a whole block", addresses("0.0.0.0/0"), end("shop/web"), ALL_PORTS),
    ("a block that no rule has", addresses("10.0.0.0/8"), end("shop/db"), NO_PORTS),
    ("out to a block", end("shop/db"), addresses("::/0"), ALL_PORTS),
    ("of an end there is not", end("shop/none"), addresses("::/0"), NO_PORTS),
    ("of the controller", INGRESS_CONTROLLER, addresses("::/0"), NO_PORTS),
    ("the controller without entries", INGRESS_CONTROLLER, end("shop/db"), NO_PORTS),
]


@pytest.mark.parametrize(
    ("source", "destination", "expected"), [q[1:] for q in QUESTIONS], ids=[q[0] for q in QUESTIONS]
)
def test_ports_of_a_pair(source: Endpoint, destination: Endpoint, expected: PortSet) -> None:
    assert side(WORLD + CLOSED).ports(source, destination) == expected


def test_ports_of_the_controller_and_of_subjects() -> None:
    """S-81, S-88."""
    gate = service("shop/s", "app: db", "port: 80") + ingress("shop/i", "s", "number: 80")
    assert side(DB + gate).ports(INGRESS_CONTROLLER, end("shop/db")) == TCP_80
    lone = np("lone/p", "{podSelector: {matchLabels: {app: a}}, ingress: [{ports: [{port: 80}]}]}")
    subject = SelectorEndpoint(namespace_named("lone"), equals("app", "a"))
    found = side(WEB + lone, "auto")
    assert found.ports(end("shop/web"), subject) == TCP_80
    assert found.ports(subject, subject) == TCP_80
    at = found.universe.end_index
    assert (found.self_bit(at[subject]), found.self_bit(at[end("shop/web")])) == (0, 1)
    assert found.ports(addresses("8.8.8.8/32"), subject) == TCP_80


SIDES: list[tuple[str, str, Direction, Endpoint, PortSet]] = [
    ("ingress alone", "shop/db", IN, end("shop/web"), TCP_80),
    ("egress alone", "shop/web", OUT, end("shop/db"), ALL_PORTS),
    ("an address", "shop/db", IN, addresses("8.8.8.8/32"), NO_PORTS),
    ("an end there is not", "shop/db", IN, end("shop/none"), NO_PORTS),
]


@pytest.mark.parametrize(
    ("name", "direction", "other", "expected"), [s[1:] for s in SIDES], ids=[s[0] for s in SIDES]
)
def test_one_side_alone(
    name: str, direction: Direction, other: Endpoint, expected: PortSet
) -> None:
    """S-52: whatever the other side allows."""
    closed = np("shop/q", "{podSelector: {matchLabels: {app: job}}, policyTypes: [Egress]}")
    assert side(WORLD + CLOSED + closed).side_ports(f"{name}[Pod]", direction, other) == expected


def egress(rules: str) -> str:
    return np(
        "shop/p",
        f"{{podSelector: {{matchLabels: {{app: web}}}}, policyTypes: [Egress], egress: {rules}}}",
    )


ALL = "subject: {namespaces: {}}"
HALVES = "[{ports: [{}, {protocol: UDP}]}, {ports: [{protocol: SCTP}]}]"
SORTS = (
    "[{to: [{ipBlock: {cidr: 0.0.0.0/0}}, {ipBlock: {cidr: '::/0'}}], ports: [{}]}, "
    "{ports: [{protocol: UDP}, {protocol: SCTP}]}]"
)
BLOCKS = "[{to: [{ipBlock: {cidr: 0.0.0.0/0}}, {ipBlock: {cidr: '::/0'}}]}]"
UNRESTRICTED: list[tuple[str, str, bool, bool]] = [
    ("no policy", "", True, True),
    ("isolated, nothing allowed", np("shop/p", "{policyTypes: [Ingress, Egress]}"), False, False),
    ("a rule for everything", egress("[{}]"), True, True),
    ("two rules that complete each other", egress(HALVES), True, True),
    ("three sorts of pods that do", egress(SORTS), True, True),
    ("all of one protocol", egress("[{ports: [{}]}]"), True, False),
    ("addresses that pods have too", egress(BLOCKS), True, True),
    ("pods alone", egress("[{to: [{namespaceSelector: {}}]}]"), True, False),
    ("blocks alone", egress(BLOCKS.replace("0.0.0.0/0", "128.0.0.0/1")), True, False),
    (
        "a Deny of the admin tier",
        anp("a", 1, f"{ALL}, egress: [{{action: Deny, to: [{{namespaces: {{}}}}]}}]"),
        True,
        False,
    ),
    (
        "a Deny of the baseline",
        banp(f"{ALL}, ingress: [{{action: Deny, from: [{{namespaces: {{}}}}]}}]"),
        False,
        True,
    ),
    (
        "an Allow of the admin tier",
        anp("a", 1, f"{ALL}, egress: [{{action: Allow, to: [{{namespaces: {{}}}}]}}]"),
        True,
        True,
    ),
]


@pytest.mark.parametrize(
    ("policies", "into", "out"), [u[1:] for u in UNRESTRICTED], ids=[u[0] for u in UNRESTRICTED]
)
def test_unrestricted(policies: str, into: bool, out: bool) -> None:
    """F-14."""
    found = side(WORLD + policies)
    name = "shop/web[Pod]"
    assert (found.unrestricted(name, IN), found.unrestricted(name, OUT)) == (into, out)


def test_host_network_pods_are_unrestricted() -> None:
    found = side(pod("shop/web", "", HOST) + DB + np("shop/p", "{policyTypes: [Ingress, Egress]}"))
    assert found.unrestricted("shop/web[Pod]", IN)
    assert found.unrestricted("shop/web[Pod]", OUT)
    assert not found.isolated("shop/web[Pod]", IN)


def test_who_is_selected_and_who_may_come() -> None:
    found = side(
        WORLD
        + CLOSED
        + anp("a", 1, f"{ALL}, ingress: [{{action: Pass, from: [{{namespaces: {{}}}}]}}]")
    )
    admin, policy = found.cluster.policies
    assert found.selected_by("shop/db[Pod]") == (admin, policy)
    assert found.selected_by("ops/job[Pod]") == (admin,)
    assert found.selected(policy) == ("shop/db[Pod]",)
    assert found.matching(policy, 0, 0) == ("shop/web[Pod]",)
    assert found.sources("shop/db[Pod]") == ((TCP_80, ("shop/web[Pod]",)),)
    assert found.sources("shop/web[Pod]") == ((ALL_PORTS, ("ops/job[Pod]", "shop/db[Pod]")),)
    assert found.isolated("shop/db[Pod]", IN)
    assert not found.isolated("shop/db[Pod]", OUT)
    assert found.workload("shop/db[Pod]") is not None
    assert found.workload("shop/none[Pod]") is None


def test_classes() -> None:
    """Ends that no policy tells apart as destinations share a number."""
    found = side(WORLD + CLOSED)
    numbers = [found.class_of(f"{name}[Pod]") for name in ("shop/web", "ops/job", "shop/db")]
    assert numbers[0] == numbers[1] != numbers[2]


def test_outside_rows() -> None:
    """S-70: both families, disjoint, by address."""
    rule = (
        "[{from: [{ipBlock: {cidr: 9.0.0.0/8}}]}, "
        "{from: [{ipBlock: {cidr: '2001:db8::/32'}}], ports: [{port: 80}]}]"
    )
    found = side(DB + np("shop/p", f"{{ingress: {rule}}}"))
    rows = [(each.cidrs(), ports) for each, ports in found.outside("shop/db[Pod]", IN)]
    assert rows == [(("9.0.0.0/8",), ALL_PORTS), (("2001:db8::/32",), TCP_80)]
    assert isinstance(found.outside("shop/db[Pod]", OUT)[0][0], AddressSet)


REPLICAS = "".join(
    pod(f"shop/a-{n}", labels).replace(
        "labels:", "ownerReferences: [{kind: ReplicaSet, name: a, controller: true}], labels:"
    )
    for n, labels in enumerate(("app: web", "app: api", "app: old"))
)
SPLIT = np(
    "shop/p",
    "{podSelector: {matchLabels: {app: db}}, ingress: ["
    "{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 1}]}, "
    "{from: [{podSelector: {matchLabels: {app: api}}}], ports: [{port: 2}]}]}",
)


def test_pods_of_one_workload_are_folded() -> None:
    """S-25: the end may do what any of its pods may."""
    found = side(REPLICAS + DB + SPLIT)
    a = WorkloadEndpoint("shop/a[ReplicaSet]")
    assert found.ports(a, end("shop/db")) == port_range("TCP", 1, 2)
    columns = found.columns(a)
    assert len(columns) == 3
    universe = found.universe
    bits = sum(1 << column for column in columns)
    folded = universe.fold(bits)
    assert ones(folded) == (universe.first[columns[0]],)


def test_count_is_the_number_of_rows() -> None:
    """S-74: by popcount."""
    for files in (WORLD, WORLD + CLOSED, REPLICAS + DB + SPLIT):
        found = side(files)
        assert found.count() == len(list(found.flows()))
    lone = side(np("lone/p", "{}"), "auto")
    assert lone.count() == len(list(lone.flows()))


def test_rows_are_expanded_source_by_source() -> None:
    found = side(WORLD + CLOSED)
    groups = list(found.groups())
    whole = expanded(groups, 0, 3)
    parts = [expanded(groups, at, at + 1)[0] for at in range(3)]
    assert [sorted(each) for each in whole] == [sorted(each) for each in parts]


def test_rows_are_the_same_where_none_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is kept is for speed alone."""
    expected = list(side(WORLD + CLOSED).flows())
    monkeypatch.setattr(Kept, "get", lambda *_: None)
    assert list(side(WORLD + CLOSED).flows()) == expected


def test_known_addresses_are_met_as_any() -> None:
    """S-54: in egress towards a pod, and of another family never."""
    web = pod("shop/web", "app: web", at("10.1.0.1"))
    files = web + pod("shop/db", "app: db", "status: {podIPs: [{ip: 10.2.0.1}, {ip: 'fd00::1'}]}")
    rule = (
        "[{to: [{ipBlock: {cidr: 10.2.0.0/16}}, {ipBlock: {cidr: 'fd00::/8'}}], "
        "ports: [{port: web}, {port: 80}]}]"
    )
    assert side(files + egress(rule)).ports(end("shop/web"), end("shop/db")) == TCP_80


def test_named_ports_of_a_peer_by_address() -> None:
    """S-46, S-54: they resolve on the pod that has the address."""
    web = pod("shop/web", "app: web", at("10.1.0.1"))
    spec = serving("name: sql, containerPort: 5432")[:-1] + "}"
    db = workload("Deployment", "shop/db", "app: db").replace("{containers: [{name: c}]}", spec)
    rule = "[{to: [{ipBlock: {cidr: 0.0.0.0/0}}], ports: [{port: sql}]}]"
    found = side(web + db + egress(rule))
    assert found.ports(end("shop/web"), WorkloadEndpoint("shop/db[Deployment]")) == port_range(
        "TCP", 5432, 5432
    )
    assert found.ports(end("shop/web"), addresses("8.8.8.8/32")) == NO_PORTS
