"""Laws of the set algebra: spans against sets of integers, ports, addresses and selectors."""

from __future__ import annotations

import ipaddress
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from reviewer.base import addresses, labels, ports, spans
from reviewer.base.addresses import AddressSet
from reviewer.base.labels import Operator, Selector
from reviewer.base.ports import PROTOCOLS, PortSet
from reviewer.base.spans import Span, Spans

SMALL = st.tuples(st.integers(0, 40), st.integers(0, 40))
LISTS = st.lists(SMALL, max_size=8)


def integers(found: Spans) -> set[int]:
    return {number for low, high in found for number in range(low, high + 1)}


def written(pairs: list[Span]) -> set[int]:
    return {number for low, high in pairs for number in range(low, high + 1)}


@given(LISTS)
def test_normal_form(pairs: list[Span]) -> None:
    """Sorted, disjoint, not touching, and the same whatever was written."""
    found = spans.normal(pairs)
    assert integers(found) == written(pairs)
    assert all(low <= high for low, high in found)
    assert all(one[1] + 1 < other[0] for one, other in pairwise(found))
    assert spans.normal(reversed(found)) == found
    assert spans.size(found) == len(written(pairs))


@given(LISTS, LISTS)
def test_operations_are_those_of_sets(one: list[Span], other: list[Span]) -> None:
    a, b = spans.normal(one), spans.normal(other)
    x, y = integers(a), integers(b)
    assert integers(spans.union(a, b)) == x | y
    assert integers(spans.intersection(a, b)) == x & y
    assert integers(spans.difference(a, b)) == x - y
    assert spans.covers(a, b) is (x >= y)
    assert spans.meets(a, b) is bool(x & y)
    for found in (spans.union(a, b), spans.intersection(a, b), spans.difference(a, b)):
        assert spans.normal(found) == found


RANGES = st.builds(
    lambda protocol, low, width: ports.port_range(protocol, low, min(low + width, 65535)),
    st.sampled_from(PROTOCOLS),
    st.sampled_from([1, 2, 79, 80, 443, 65534, 65535]),
    st.sampled_from([-1, 0, 1, 400, 70000]),
)
PORT_SETS = st.lists(RANGES, max_size=5).map(ports.union)


@given(PORT_SETS, PORT_SETS, PORT_SETS)
def test_ports(a: PortSet, b: PortSet, c: PortSet) -> None:
    assert (a | b) - b == a - b
    assert (a & b) | (a - b) == a
    assert a - (b | c) == (a - b) & (a - c)
    assert (a | b).covers(a)
    assert a.meets(b) is bool(a & b)
    assert a.covers(b) is not bool(b - a)
    assert ports.ALL_PORTS.covers(a)
    assert hash(a | b) == hash(b | a)
    again = ports.union(ports.port_range(*each) for each in a.ranges())
    assert again == a
    for protocol, first, last in a.ranges():
        assert a.holds(protocol, first)
        assert a.holds(protocol, last)
        assert not a.holds(protocol, last + 1)


NETWORKS = st.builds(
    lambda number, prefix: ipaddress.ip_network((number, prefix), strict=False),
    st.sampled_from([0, 10 << 24, (10 << 24) + 77, (1 << 32) - 1, 0xC0A80000]),
    st.integers(0, 32),
)
BLOCKS = st.lists(NETWORKS, max_size=6)


def of(networks: list[ipaddress.IPv4Network]) -> AddressSet:
    found = [addresses.read_cidr(str(each)) for each in networks]
    return addresses.union(4, [each.block for each in found if each is not None])


@given(BLOCKS, BLOCKS)
def test_cidrs(one: list[ipaddress.IPv4Network], other: list[ipaddress.IPv4Network]) -> None:
    """The fewest blocks, as the standard library collapses them; they read back as written."""
    a, b = of(one), of(other)
    assert list(a.cidrs()) == [str(each) for each in ipaddress.collapse_addresses(one)]
    assert a.union(b) == of(one + other)
    assert a.difference(b).intersection(b).spans == ()
    assert a.difference(b).union(a.intersection(b)) == a
    for found in (a, a.difference(b), addresses.everything(4).difference(a)):
        back = [addresses.read_cidr(cidr) for cidr in found.cidrs()]
        assert all(each is not None and each.canonical for each in back)
        assert of([ipaddress.IPv4Network(cidr) for cidr in found.cidrs()]) == found


@given(st.integers(0, (1 << 128) - 1), st.integers(0, 128))
def test_ipv6(number: int, prefix: int) -> None:
    network = ipaddress.IPv6Network((number, prefix), strict=False)
    found = addresses.read_cidr(str(network))
    assert found is not None
    if network.network_address.ipv4_mapped is None or prefix < 96:
        assert found.block.cidrs() == (str(network),)
        assert found.prefix == prefix
    else:
        assert found.block.family == 4
    assert addresses.read_address(addresses.text(6, number)) == (6, number)


KEYS = st.sampled_from("ab")
VALUES = st.lists(st.sampled_from(["", "x", "y"]), min_size=1, max_size=3)
REQUIREMENTS = st.one_of(
    st.builds(labels.requirement, KEYS, st.just(Operator.IN), VALUES),
    st.builds(labels.requirement, KEYS, st.just(Operator.NOT_IN), VALUES),
    st.builds(labels.requirement, KEYS, st.just(Operator.EXISTS)),
    st.builds(labels.requirement, KEYS, st.just(Operator.DOES_NOT_EXIST)),
)
SELECTORS = st.lists(REQUIREMENTS, max_size=3).map(labels.selector)
EVERY_LABELS = [
    {key: value for key, value in (("a", a), ("b", b)) if value is not None}
    for a in (None, "", "x", "y", "z", labels.UNKNOWN)
    for b in (None, "", "x", "y", "z", labels.UNKNOWN)
]


@given(SELECTORS, SELECTORS)
def test_implication_is_sound(one: Selector, other: Selector) -> None:
    """S-86: what implies matches no more, and what may not match never meets."""
    if labels.implies(one, other):
        assert all(other.matches(each) for each in EVERY_LABELS if one.matches(each))
    if not labels.may_match(one, other):
        assert not any(one.matches(each) and other.matches(each) for each in EVERY_LABELS)
    assert labels.implies(one, labels.EVERYTHING)
    assert labels.implies(one, one)


@given(SELECTORS)
def test_selectors_are_canonical(one: Selector) -> None:
    """Order and repeats do not matter, and the text says all."""
    assert labels.selector(reversed(one)) == one
    assert labels.selector([*one, *one]) == one
    assert str(one).count("=") <= len(one)


@given(SELECTORS, SELECTORS)
def test_matching_all_of_both(one: Selector, other: Selector) -> None:
    both = labels.selector([*one, *other])
    for each in EVERY_LABELS:
        assert both.matches(each) is (one.matches(each) and other.matches(each))
