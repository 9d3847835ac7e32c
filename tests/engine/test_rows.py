"""Rows are what a map from each source to its ports would be (S-51, S-53, S-70)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from reviewer.base.ports import ALL_PORTS, NO_PORTS, PortSet, port_range
from reviewer.engine import rows
from reviewer.engine.bits import bits_of, ones
from reviewer.engine.rows import Row

SOURCES = 6
PORTS = [
    ALL_PORTS,
    port_range("TCP", 80, 80),
    port_range("TCP", 1, 100),
    port_range("UDP", 53, 53),
    port_range("TCP", 80, 80) | port_range("UDP", 53, 53),
]
ports = st.sampled_from(PORTS)
bits = st.integers(0, (1 << SOURCES) - 1)
maps = st.dictionaries(st.integers(0, SOURCES - 1), ports)
Map = dict[int, PortSet]


def row_of(wanted: Map) -> Row:
    row: Row = {}
    for source, found in wanted.items():
        row[found] = row.get(found, 0) | 1 << source
    return row


def map_of(row: Row) -> Map:
    """The row read source by source; it has to be canonical."""
    found: Map = {}
    for each, sources in row.items():
        assert each, "no row has no ports"
        assert sources, "no entry is of nobody"
        for source in ones(sources):
            assert source not in found, "a source stands in one entry"
            found[source] = each
    return found


def by_source(one: Map, other: Map, pick: str) -> Map:
    """What is picked of two maps at each source, where there is anything."""
    found: Map = {}
    for source in range(SOURCES):
        a, b = one.get(source, NO_PORTS), other.get(source, NO_PORTS)
        both = {"or": a | b, "and": a & b, "less": a - b}[pick]
        if both:
            found[source] = both
    return found


@given(maps, maps)
def test_union_meet_and_difference(one: Map, other: Map) -> None:
    mine, theirs = row_of(one), row_of(other)
    assert map_of(rows.union((mine, theirs))) == by_source(one, other, "or")
    assert map_of(rows.meet(mine, theirs)) == by_source(one, other, "and")
    assert map_of(rows.difference(mine, theirs)) == by_source(one, other, "less")
    assert (mine, theirs) == (row_of(one), row_of(other)), "neither is changed"


@given(maps, ports, bits)
def test_adding_and_removing(one: Map, more: PortSet, sources: int) -> None:
    other = dict.fromkeys(ones(sources), more)
    row = row_of(one)
    rows.add(row, more, sources)
    assert map_of(row) == by_source(one, other, "or")
    rows.remove(row, more, sources)
    assert map_of(row) == by_source(one, other, "less")


@given(maps, bits)
def test_within_and_sources(one: Map, mask: int) -> None:
    row = row_of(one)
    assert rows.sources(row) == bits_of(one)
    kept = {source: each for source, each in one.items() if mask >> source & 1}
    assert map_of(rows.within(row, mask)) == kept


def test_nothing_changes_nothing() -> None:
    row: Row = {}
    rows.add(row, NO_PORTS, 1)
    rows.add(row, ALL_PORTS, 0)
    assert row == rows.union(()) == {}
