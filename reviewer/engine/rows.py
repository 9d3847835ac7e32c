"""Rows: for one destination, who may reach it on which ports, without ever walking pairs.

A row is `{ports: bits of sources}` with disjoint sources: each source stands under exactly the
ports it has. Sources that stand nowhere have none. A row has a handful of entries, whatever the
number of sources.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from reviewer.base.ports import ALL_PORTS, PortSet

Row = dict[PortSet, int]


def add(row: Row, ports: PortSet, bits: int) -> None:
    """Let these sources have these ports too."""
    if not bits or not ports:
        return
    grown: list[tuple[PortSet, int]] = []
    for have, sources in list(row.items()):
        common = sources & bits
        if not common:
            continue
        bits ^= common
        both = have if have is ports or have == ports else have | ports
        if both != have:
            _take(row, have, sources, common)
            grown.append((both, common))
        if not bits:
            break
    for both, common in grown:
        row[both] = row.get(both, 0) | common
    if bits:
        row[ports] = row.get(ports, 0) | bits


def remove(row: Row, ports: PortSet, bits: int) -> None:
    """Let these sources have these ports no more."""
    left: list[tuple[PortSet, int]] = []
    for have, sources in list(row.items()):
        common = sources & bits
        if common:
            rest = have - ports
            if rest != have:
                _take(row, have, sources, common)
                if rest:
                    left.append((rest, common))
    for rest, common in left:
        row[rest] = row.get(rest, 0) | common


def _take(row: Row, ports: PortSet, sources: int, common: int) -> None:
    if sources == common:
        del row[ports]
    else:
        row[ports] = sources ^ common


def of(by_ports: Mapping[PortSet, int]) -> Row:
    """A row from sets of sources that may overlap, widest first so that little is split."""
    row: Row = {}
    everyone = 0
    for ports, bits in sorted(by_ports.items(), key=lambda each: len(each[0]), reverse=True):
        if bits & everyone:
            add(row, ports, bits)
        elif bits and ports:
            row[ports] = row.get(ports, 0) | bits
        everyone |= bits
    return row


def union(rows: Iterable[Row]) -> Row:
    """What any of the rows gives."""
    result: Row = {}
    for row in rows:
        if not result:
            result = dict(row)
            continue
        for ports, bits in row.items():
            add(result, ports, bits)
    return result


def meet(one: Row, other: Row) -> Row:
    """What both rows give."""
    result: Row = {}
    other = within(other, sources(one))
    for ports, bits in one.items():
        left = bits
        for also, others in other.items():
            common = left & others
            if common:
                left ^= common
                both = _both(ports, also)
                if both:
                    result[both] = result.get(both, 0) | common
                if not left:
                    break
    return result


def _both(ports: PortSet, also: PortSet) -> PortSet:
    if ports in (ALL_PORTS, also):
        return also
    return ports if also == ALL_PORTS else ports & also


def difference(one: Row, other: Row) -> Row:
    """What the one row gives and the other does not."""
    result: Row = {}
    for ports, bits in one.items():
        left = bits
        for also, others in other.items():
            common = left & others
            if common:
                left ^= common
                rest = ports - also
                if rest:
                    result[rest] = result.get(rest, 0) | common
        if left:
            result[ports] = result.get(ports, 0) | left
    return result


def within(row: Row, mask: int) -> Row:
    """The row of these sources alone."""
    return {ports: kept for ports, bits in row.items() if (kept := bits & mask)}


def sources(row: Row) -> int:
    """Everyone who stands in it. O(entries)."""
    found = 0
    for bits in row.values():
        found |= bits
    return found
