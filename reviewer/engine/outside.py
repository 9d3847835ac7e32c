"""Addresses and what is allowed with each: sweeps over the ends of blocks (S-54, S-55, S-70).

A sweep is pieces (low, high, ports), disjoint and in order; an address in no piece has no port.
There are a handful of pieces, whatever the size of the blocks.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable
from itertools import pairwise

from reviewer.base import spans as sets
from reviewer.base.addresses import BITS, AddressSet
from reviewer.base.ports import NO_PORTS, PortSet
from reviewer.base.spans import Spans

Piece = tuple[int, int, PortSet]
Sweep = tuple[Piece, ...]


def sweep_of(allowed: Iterable[tuple[Spans, PortSet]]) -> Sweep:
    """What rules by address allow at each address: (spans of one family, ports) each.

    O(ends × rules); rules with equal ports are one.
    """
    by_ports: dict[PortSet, list[tuple[int, int]]] = {}
    for spans, ports in allowed:
        if spans and ports:
            by_ports.setdefault(ports, []).extend(spans)
    result: Sweep = ()
    for ports, found in by_ports.items():
        more = tuple((low, high, ports) for low, high in sets.normal(found))
        result = combine(result, more, PortSet.__or__) if result else more
    return result


def everywhere(family: int, ports: PortSet) -> Sweep:
    """The same ports at every address of the family."""
    return ((0, (1 << BITS[family]) - 1, ports),) if ports else ()


def combine(one: Sweep, other: Sweep, pick: Callable[[PortSet, PortSet], PortSet]) -> Sweep:
    """The sweep whose ports at each address are `pick` of the two sweeps' ports there.

    `pick` of nothing and nothing has to be nothing. Equal neighbours are joined.
    """
    cuts = sorted({end for low, high, _ in (*one, *other) for end in (low, high + 1)})
    out: list[Piece] = []
    for low, after in pairwise(cuts):
        ports = pick(at_address(one, low), at_address(other, low))
        if not ports:
            continue
        if out and out[-1][1] + 1 == low and out[-1][2] == ports:
            out[-1] = (out[-1][0], after - 1, ports)
        else:
            out.append((low, after - 1, ports))
    return tuple(out)


def restricted(sweep: Sweep, spans: Spans, ports: PortSet) -> Sweep:
    """The part of a sweep in these spans and ports."""
    mask = tuple((low, high, ports) for low, high in spans)
    return combine(sweep, mask, PortSet.__and__)


def at_address(sweep: Sweep, address: int) -> PortSet:
    """The ports of one address. O(log pieces)."""
    at = bisect_right(sweep, address, key=lambda piece: piece[0]) - 1
    return sweep[at][2] if at >= 0 and sweep[at][1] >= address else NO_PORTS


def at_every(sweep: Sweep, ranges: Spans) -> PortSet:
    """The ports that every address of the ranges has (S-54); none where there are no ranges."""
    found: PortSet | None = None
    for low, high in ranges:
        at = low
        for start, end, ports in sweep:
            if end < at:
                continue
            if start > at:
                return NO_PORTS
            found = ports if found is None else found & ports
            at = end + 1
            if at > high or not found:
                break
        if at <= high:
            return NO_PORTS
    return found or NO_PORTS


def merge(sweeps: Iterable[Sweep]) -> Sweep:
    """What any of the sweeps allows."""
    result: Sweep = ()
    for each in dict.fromkeys(sweeps):
        result = combine(result, each, PortSet.__or__) if result else each
    return result


def difference(one: Sweep, other: Sweep) -> Sweep:
    """What the one sweep allows and the other does not."""
    return () if one == other else combine(one, other, PortSet.__sub__)


def rows(sweep: Sweep, family: int) -> tuple[tuple[AddressSet, PortSet], ...]:
    """The S-70 rows of one workload, direction and family: addresses with equal ports together,
    by address."""
    by_ports: dict[PortSet, list[tuple[int, int]]] = {}
    for low, high, ports in sweep:
        by_ports.setdefault(ports, []).append((low, high))
    found = (AddressSet(family, sets.normal(each)) for each in by_ports.values())
    return tuple(sorted(zip(found, by_ports, strict=True), key=lambda each: each[0]))
