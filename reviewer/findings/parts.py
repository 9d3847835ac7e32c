"""What outside addresses are: metadata, trusted, private or public (F-10), and broad or narrow
(F-11).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from reviewer.base import addresses as sets
from reviewer.base import spans
from reviewer.base.addresses import FAMILIES, AddressSet
from reviewer.base.ports import PortSet

from .preferences import Preferences

PRIVATE = (
    "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 100.64.0.0/10 169.254.0.0/16 127.0.0.0/8 "
    "fc00::/7 fe80::/10"
).split()
"""Blocks that no one reaches from the internet (F-10)."""

BROAD = {4: 1 << 24, 6: 1 << 96}
"""More public addresses than these are the internet: a /8, or a /32 of IPv6 (F-11)."""


class Parts(NamedTuple):
    """One outside end, cut; each part may be empty."""

    metadata: AddressSet
    trusted: AddressSet
    private: AddressSet
    public: AddressSet


class Zoning(NamedTuple):
    """The sets to cut by, by family; made once for each configuration."""

    metadata: dict[int, AddressSet]
    trusted: dict[int, AddressSet]
    private: dict[int, AddressSet]

    def cut(self, addresses: AddressSet) -> Parts:
        """The four disjoint parts of an outside end (F-10)."""
        family = addresses.family
        metadata = addresses.intersection(self.metadata[family])
        rest = addresses.difference(metadata)
        trusted = rest.intersection(self.trusted[family])
        rest = rest.difference(trusted)
        private = rest.intersection(self.private[family])
        return Parts(metadata, trusted, private, rest.difference(private))

    def public(self, addresses: AddressSet) -> AddressSet:
        """The public part alone."""
        return self.cut(addresses).public


def zoning(preferences: Preferences) -> Zoning:
    """How this configuration cuts outside ends."""
    private = [found.block for text in PRIVATE if (found := sets.read_cidr(text))]
    return Zoning(
        {family: sets.union(family, preferences.metadata) for family in FAMILIES},
        {family: sets.union(family, preferences.trusted) for family in FAMILIES},
        {family: sets.union(family, private) for family in FAMILIES},
    )


def broad_ports(family: int, gained: Iterable[tuple[AddressSet, PortSet]]) -> PortSet:
    """The ports at which these public addresses together are the internet (F-11).

    The address sets are of one family and disjoint, as S-70's rows are. O(n log n) in intervals.
    """
    steps: dict[int, int] = {}
    for addresses, ports in gained:
        size = spans.size(addresses.spans)
        for low, high in ports:
            steps[low] = steps.get(low, 0) + size
            steps[high + 1] = steps.get(high + 1, 0) - size
    found: list[spans.Span] = []
    held = start = 0
    for at in sorted(steps):
        if held > BROAD[family]:
            found.append((start, at - 1))
        held += steps[at]
        start = at
    return PortSet(spans.normal(found))
