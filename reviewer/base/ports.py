"""Sets of (protocol, port): canonical, hashable, with `|`, `&`, `-` (S-50).

A pair is one integer, `protocol index * 65536 + port`, so that a set is spans of integers and
two protocols never touch (port 0 does not exist).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from . import spans
from .spans import Span

PROTOCOLS = ("TCP", "UDP", "SCTP")
"""In the order in which they are printed and sorted."""

WIDTH = 65536
LAST = 65535


class PortRange(NamedTuple):
    """Ports of one protocol, both ends included, 1 to 65535."""

    protocol: str
    first: int
    last: int


class PortSet(tuple[Span, ...]):
    """A set of (protocol, port). Falsy when empty. Equal sets are equal tuples."""

    __slots__ = ()

    def __or__(self, other: PortSet) -> PortSet:
        return PortSet(spans.union(tuple(self), tuple(other)))

    def __and__(self, other: PortSet) -> PortSet:
        return PortSet(spans.intersection(self, other))

    def __sub__(self, other: PortSet) -> PortSet:
        return PortSet(spans.difference(self, other))

    def covers(self, other: PortSet) -> bool:
        """Whether every pair of `other` is in it."""
        return spans.covers(self, other)

    def meets(self, other: PortSet) -> bool:
        """Whether the two share a pair."""
        return spans.meets(self, other)

    def holds(self, protocol: str, port: int) -> bool:
        """Whether this one pair is in it."""
        at = PROTOCOLS.index(protocol) * WIDTH + port
        return any(low <= at <= high for low, high in self)

    def ranges(self) -> Iterator[PortRange]:
        """The set as ranges of one protocol each, in printing order."""
        for low, high in self:
            yield PortRange(PROTOCOLS[low // WIDTH], low % WIDTH, high % WIDTH)

    def __repr__(self) -> str:
        return "PortSet(" + ", ".join(f"{p} {a}-{b}" for p, a, b in self.ranges()) + ")"


def port_range(protocol: str, first: int, last: int) -> PortSet:
    """The ports first to last of one protocol; empty when first > last."""
    at = PROTOCOLS.index(protocol) * WIDTH
    return PortSet(((at + first, at + last),)) if first <= last else NO_PORTS


def union(sets: Iterable[PortSet]) -> PortSet:
    """Everything in any of them."""
    return PortSet(spans.normal(span for each in sets for span in each))


NO_PORTS = PortSet()
ALL_PORTS = PortSet((i * WIDTH + 1, i * WIDTH + LAST) for i in range(len(PROTOCOLS)))
"""Every port of the three protocols."""
