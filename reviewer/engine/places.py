"""How columns are met by address rules (S-28, S-54): known addresses, or ranges.

A pod with an address in its status is met like any address. Any other is somewhere in the pod
ranges (a host-network pod: in the node ranges), and met only where every address of the ranges
of that family is.
"""

from __future__ import annotations

from typing import NamedTuple

from reviewer.base.addresses import FAMILIES, union
from reviewer.base.ports import NO_PORTS, PortSet
from reviewer.base.spans import Spans, covers, meets

from .classes import Universe
from .outside import Sweep, at_address, at_every


class Place(NamedTuple):
    """Where a column is: on a node or not, and its known (family, address) pairs."""

    host: bool
    known: tuple[tuple[int, int], ...]


class Places:
    """The columns of a universe by the addresses they have in each family."""

    def __init__(self, universe: Universe) -> None:
        settings = universe.settings
        self.blocks_match_pods = settings.blocks_match_pods
        self._spans: dict[tuple[bool, int], Spans] = {}
        for family in FAMILIES:
            self._spans[False, family] = union(family, settings.pod_ranges).spans
            self._spans[True, family] = union(family, settings.node_ranges).spans
        self.of: list[Place] = [
            Place(pod.host_network, pod.addresses) if pod else Place(False, ())
            for _, pod, _ in universe.columns
        ]
        self.members: dict[int, int] = {}
        self._unknown: dict[tuple[bool, int], int] = {}
        self._known: dict[int, list[tuple[int, int]]] = {}
        self._sort(universe)
        self.families = tuple(f for f in FAMILIES if self.members[f])

    def _sort(self, universe: Universe) -> None:
        unknown = {False: 0, True: 0}
        known: dict[int, list[tuple[int, int]]] = {family: [] for family in FAMILIES}
        for column, place in enumerate(self.of):
            for family, address in place.known:
                known[family].append((address, 1 << column))
            if not place.known and place.host:
                unknown[True] |= 1 << column
        have = unknown[True]
        for pairs in known.values():
            for _, bit in pairs:
                have |= bit
        unknown[False] = universe.all & ~have
        for family in FAMILIES:
            self._known[family] = known[family]
            members = 0
            for _, bit in known[family]:
                members |= bit
            for host, bits in unknown.items():
                kept = bits if self._spans[host, family] else 0
                self._unknown[host, family] = kept
                members |= kept
            self.members[family] = members

    def met(self, sweep: Sweep, family: int) -> list[tuple[PortSet, int]]:
        """The columns that rules by address certainly mean, with the ports those rules give."""
        found: list[tuple[PortSet, int]] = []
        if not sweep or not self.blocks_match_pods:
            return found
        for host in (False, True):
            bits = self._unknown[host, family]
            if bits:
                ports = at_every(sweep, self._spans[host, family])
                if ports:
                    found.append((ports, bits))
        for address, bit in self._known[family]:
            ports = at_address(sweep, address)
            if ports:
                found.append((ports, bit))
        return found

    def ports_at(self, sweep: Sweep, place: Place, family: int) -> PortSet:
        """The ports that rules by address certainly give at this place."""
        if not sweep or not self.blocks_match_pods:
            return NO_PORTS
        if not place.known:
            return at_every(sweep, self._spans[place.host, family])
        ports = NO_PORTS
        for known_family, address in place.known:
            if known_family == family:
                ports |= at_address(sweep, address)
        return ports

    def within(self, blocks: Spans, family: int) -> int:
        """The columns that one rule with these blocks certainly means (S-54, S-63)."""
        if not blocks or not self.blocks_match_pods:
            return 0
        found = 0
        for host in (False, True):
            spans = self._spans[host, family]
            if spans and covers(blocks, spans):
                found |= self._unknown[host, family]
        for address, bit in self._known[family]:
            if any(low <= address <= high for low, high in blocks):
                found |= bit
        return found

    def touched(self, blocks: Spans, family: int) -> int:
        """The columns that rules by address may have to do with: known ones inside, unknown ones
        whose ranges meet the blocks (several rules may cover them together)."""
        found = 0
        if blocks and self.blocks_match_pods:
            for host in (False, True):
                if meets(blocks, self._spans[host, family]):
                    found |= self._unknown[host, family]
            for address, bit in self._known[family]:
                if any(low <= address <= high for low, high in blocks):
                    found |= bit
        return found

    def touches(self, blocks: Spans, place: Place, family: int) -> bool:
        """The same for one place."""
        if not blocks or not self.blocks_match_pods:
            return False
        if not place.known:
            return meets(blocks, self._spans[place.host, family])
        return any(
            f == family and any(low <= address <= high for low, high in blocks)
            for f, address in place.known
        )

    def met_in(self, column: int, family: int) -> bool:
        """Whether a column has an address of this family, known or not."""
        return bool(self.members[family] >> column & 1)

    def ranges(self, host: bool, family: int) -> Spans:
        """The ranges in which unknown addresses are."""
        return self._spans[host, family]
