"""The ordered tiers decide as the first rule that matches, source by source and port by port
(S-63 to S-65)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from reviewer.base.addresses import AddressSet
from reviewer.base.ports import ALL_PORTS, NO_PORTS, PortSet, port_range
from reviewer.engine import outside, rows
from reviewer.engine.ordered import Ordered
from reviewer.engine.rows import Row
from reviewer.engine.rules import Peers, Ready, Step, Tables
from reviewer.manifests import Action, Direction
from tests import kit
from tests.conformance.words import pod

SOURCES = 4
EVERYONE = (1 << SOURCES) - 1
PORTS = (None, (port_range("TCP", 80, 80),), (port_range("TCP", 1, 90), port_range("UDP", 5, 5)))
PLACES = kit.flow_result(
    "".join(pod(f"shop/p{n}") for n in range(SOURCES)), exposure="never"
).snapshot.reachability.side.places
BLOCKS = tuple(AddressSet(4, ((low, low + 7),)) for low in (0, 4, 20))
Rule = tuple[Action, int, int, int]
rules = st.lists(
    st.lists(
        st.tuples(
            st.sampled_from(list(Action)),
            st.integers(0, EVERYONE),
            st.integers(0, len(PORTS) - 1),
            st.integers(0, len(BLOCKS) - 1),
        ),
        max_size=4,
    ),
    max_size=3,
)


def tier(policies: list[list[Rule]], subject: int) -> Ordered:
    """These policies with the same subject, made ready."""
    tables = Tables()
    made: list[Ready] = []
    for policy in policies:
        steps = tuple(
            Step(
                action,
                tables.peers_id(Peers(bits, (BLOCKS[block],), False)),
                tables.ports_id(PORTS[ports]),
            )
            for action, bits, ports, block in policy
        )
        made.append(Ready(subject, {}, dict.fromkeys(Direction, steps)))
    return Ordered(made, tables, PLACES)


def first_match(found: list[tuple[Action, PortSet]]) -> tuple[PortSet, PortSet]:
    """What the rules allow in order, and what goes on."""
    allowed, left, passed = NO_PORTS, ALL_PORTS, NO_PORTS
    for action, ports in found:
        hit = left & ports
        left -= hit
        if action is Action.ALLOW:
            allowed |= hit
        elif action is Action.PASS:
            passed |= hit
    return allowed, left | passed


def ports_of(number: int) -> PortSet:
    written = PORTS[number]
    found = NO_PORTS
    for each in written or ():
        found |= each
    return ALL_PORTS if written is None else found


def at(row: Row, source: int) -> PortSet:
    return next((ports for ports, bits in row.items() if bits >> source & 1), NO_PORTS)


@given(rules)
def test_ingress_source_by_source(policies: list[list[Rule]]) -> None:
    made = tier(policies, 1)
    allowed, left = made.ingress(
        made.subject_of[Direction.INGRESS].get(0, ()), frozenset(), EVERYONE
    )
    for source in range(SOURCES):
        meant = [
            (action, ports_of(ports))
            for policy in policies
            for action, bits, ports, _ in policy
            if bits >> source & 1
        ]
        assert (at(allowed, source), at(left, source)) == first_match(meant)


@given(rules)
def test_egress_turned_round(policies: list[list[Rule]]) -> None:
    """Every step that means a destination, for the subject's sources alone."""
    subject, to = 0b0101, 2
    made = tier(policies, subject)
    allowed, left = made.egress(made.towards(to, 4), frozenset(), EVERYONE)
    meant = [
        (action, ports_of(ports))
        for policy in policies
        for action, bits, ports, _ in policy
        if bits >> to & 1
    ]
    for source in range(SOURCES):
        mine = meant if subject >> source & 1 else []
        assert (at(allowed, source), at(left, source)) == first_match(mine)
    assert rows.sources(rows.union((allowed, left))) | EVERYONE == EVERYONE


@given(rules)
def test_outside_address_by_address(policies: list[list[Rule]]) -> None:
    """S-55: by blocks alone."""
    made = tier(policies, 1)
    allowed, left = made.outside(made.subject_of[Direction.EGRESS].get(0, ()), 4)
    for address in range(30):
        meant = [
            (action, ports_of(ports))
            for policy in policies
            for action, _, ports, block in policy
            if any(low <= address <= high for low, high in BLOCKS[block].spans)
        ]
        found = outside.at_address(allowed, address), outside.at_address(left, address)
        assert found == first_match(meant)


def test_no_policy_decides_nothing() -> None:
    made = tier([], 1)
    assert not made
    assert made.ingress((), frozenset(), EVERYONE) == ({}, {ALL_PORTS: EVERYONE})
    assert made.towards(0, 4) == ()
    assert not tier([[(Action.DENY, 1, 0, 0)]], 0), "a policy of nobody is none"
