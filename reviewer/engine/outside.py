"""Addresses and what is allowed with each: sweeps over the ends of blocks (S-54, S-55, S-70).

A sweep is pieces (low, high, ports), disjoint and in order; an address in no piece has no port.
There are a handful of pieces, whatever the size of the blocks.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable
from itertools import pairwise
from operator import itemgetter

from reviewer.base import spans as sets
from reviewer.base.addresses import BITS, AddressSet
from reviewer.base.ports import NO_PORTS, PortSet, union
from reviewer.base.spans import Spans

Piece = tuple[int, int, PortSet]
Sweep = tuple[Piece, ...]


def sweep_of(allowed: Iterable[tuple[Spans, PortSet]]) -> Sweep:
    """What rules by address allow at each address: (spans of one family, ports) each.

    O(ends × rules that meet at one); rules with equal ports are one.
    """
    by_ports: dict[PortSet, list[tuple[int, int]]] = {}
    for spans, ports in allowed:
        if spans and ports:
            by_ports.setdefault(ports, []).extend(spans)
    pieces = [(*span, ports) for ports, found in by_ports.items() for span in sets.normal(found)]
    if len(by_ports) < 2:
        return tuple(pieces)
    pieces.sort(key=itemgetter(0), reverse=True)
    out: list[Piece] = []
    here: list[Piece] = []
    for low, after in pairwise(_cuts(pieces)):
        here = [piece for piece in here if piece[1] >= low]
        while pieces and pieces[-1][0] == low:
            here.append(pieces.pop())
        if here:
            ports = here[0][2] if len(here) == 1 else union(piece[2] for piece in here)
            _append(out, (low, after - 1, ports))
    return tuple(out)


def _cuts(pieces: Iterable[Piece]) -> list[int]:
    """Where something begins or is over, in order."""
    return sorted({end for low, high, _ in pieces for end in (low, high + 1)})


def _append(out: list[Piece], piece: Piece) -> None:
    """Add the next piece; with equal ports and no gap between it is one with the last."""
    if out and out[-1][1] + 1 == piece[0] and out[-1][2] == piece[2]:
        out[-1] = (out[-1][0], piece[1], piece[2])
    else:
        out.append(piece)


def everywhere(family: int, ports: PortSet) -> Sweep:
    """The same ports at every address of the family."""
    return ((0, (1 << BITS[family]) - 1, ports),) if ports else ()


def combine(one: Sweep, other: Sweep, pick: Callable[[PortSet, PortSet], PortSet]) -> Sweep:
    """The sweep whose ports at each address are `pick` of the two sweeps' ports there.

    `pick` of nothing and nothing has to be nothing. Equal neighbours are joined. O(pieces).
    """
    out: list[Piece] = []
    mine = theirs = 0
    for low, after in pairwise(_cuts((*one, *other))):
        while mine < len(one) and one[mine][1] < low:
            mine += 1
        while theirs < len(other) and other[theirs][1] < low:
            theirs += 1
        ports = pick(_from(one, mine, low), _from(other, theirs, low))
        if ports:
            _append(out, (low, after - 1, ports))
    return tuple(out)


def _from(sweep: Sweep, at: int, low: int) -> PortSet:
    """The ports of this piece, if there is one and it holds the address."""
    return sweep[at][2] if at < len(sweep) and sweep[at][0] <= low else NO_PORTS


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


def row_count(sweep: Sweep) -> int:
    """How many rows those are."""
    return len({ports for _, _, ports in sweep})
