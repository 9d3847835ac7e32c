"""Sweeps over addresses are what a map from each address to its ports would be (S-54, S-55)."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.base.addresses import read_cidr
from reviewer.base.ports import ALL_PORTS, NO_PORTS, PortSet, port_range
from reviewer.engine import outside
from reviewer.engine.outside import Sweep

WEB, DNS = port_range("TCP", 80, 80), port_range("UDP", 53, 53)
LAST = 15
spans = st.tuples(st.integers(0, LAST), st.integers(0, LAST)).map(lambda pair: tuple(sorted(pair)))
rules = st.lists(
    st.tuples(st.lists(spans, min_size=1, max_size=3), st.sampled_from([WEB, DNS, ALL_PORTS])),
    max_size=4,
)
Rules = list[tuple[list[tuple[int, int]], PortSet]]


def sweep_of(wanted: Rules) -> Sweep:
    return outside.sweep_of((tuple(each), ports) for each, ports in wanted)


def at(wanted: Rules, address: int) -> PortSet:
    """What the rules allow at one address, asked one by one."""
    found = NO_PORTS
    for each, ports in wanted:
        if any(low <= address <= high for low, high in each):
            found |= ports
    return found


def canonical(sweep: Sweep) -> bool:
    """Whether pieces are in order, apart, never empty, and equal neighbours joined."""
    pairs = list(itertools.pairwise(sweep))
    return all(ports for _, _, ports in sweep) and all(
        one[1] < other[0] and not (one[1] + 1 == other[0] and one[2] == other[2])
        for one, other in pairs
    )


@given(rules)
def test_rules_are_added_up(wanted: Rules) -> None:
    sweep = sweep_of(wanted)
    for address in range(LAST + 2):
        assert outside.at_address(sweep, address) == at(wanted, address)


@given(rules, rules)
def test_merge_difference_and_restriction(one: Rules, other: Rules) -> None:
    mine, theirs = sweep_of(one), sweep_of(other)
    merged, less = outside.merge((mine, theirs)), outside.difference(mine, theirs)
    kept = outside.restricted(mine, ((3, 9),), WEB)
    assert all(map(canonical, (merged, less, kept)))
    for address in range(LAST + 1):
        a, b = at(one, address), at(other, address)
        assert outside.at_address(merged, address) == a | b
        assert outside.at_address(less, address) == a - b
        inside = WEB if 3 <= address <= 9 else NO_PORTS
        assert outside.at_address(kept, address) == a & inside


@given(rules, st.lists(spans, max_size=2))
def test_what_every_address_has(wanted: Rules, asked: list[tuple[int, int]]) -> None:
    """S-54: an unknown address is met for certain only."""
    found = [at(wanted, n) for low, high in asked for n in range(low, high + 1)]
    expected = found[0] if found else NO_PORTS
    for each in found:
        expected &= each
    assert outside.at_every(sweep_of(wanted), tuple(asked)) == expected


def blocks(*texts: str) -> tuple[tuple[int, int], ...]:
    found = (read_cidr(text) for text in texts)
    return tuple(span for each in found if each for span in each.block.spans)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ([], []),
        ([(blocks("10.0.0.0/9", "10.128.0.0/9"), WEB)], ["10.0.0.0/8"]),
        ([(blocks("10.0.0.0/8"), WEB), (blocks("10.0.0.0/8"), DNS)], ["10.0.0.0/8"]),
        (
            [(blocks("10.0.0.0/8"), WEB), (blocks("10.1.0.0/16"), DNS)],
            [("10.0.0.0/16 10.2.0.0/15 10.4.0.0/14 10.8.0.0/13 10.16.0.0/12 10.32.0.0/11 "
             "10.64.0.0/10 10.128.0.0/9"), "10.1.0.0/16"],
        ),
    ],
    ids=["none", "S-70 merged", "S-70 equal ports", "S-70 disjoint"],
)  # fmt: skip
def test_rows(
    wanted: list[tuple[tuple[tuple[int, int], ...], PortSet]], expected: list[str]
) -> None:
    found = outside.rows(outside.sweep_of(wanted), 4)
    assert [" ".join(each.cidrs()) for each, _ in found] == expected


def test_everywhere() -> None:
    assert outside.everywhere(4, NO_PORTS) == ()
    assert outside.everywhere(4, WEB) == ((0, 2**32 - 1, WEB),)
    assert outside.everywhere(6, WEB) == ((0, 2**128 - 1, WEB),)
