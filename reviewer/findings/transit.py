"""New paths from where requests come in to what is sensitive, and how far internet reaches (F-30,
F-31).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from reviewer.base.addresses import FAMILIES, AddressSet
from reviewer.base.ports import PortSet
from reviewer.delta import Delta, PathEdge, TransitPath, Web
from reviewer.engine import (
    INGRESS_CONTROLLER,
    Endpoint,
    ExternalEndpoint,
    WorkloadEndpoint,
    row_sources,
    shortest_chains,
)
from reviewer.manifests import Direction

from .facts import Facts
from .parts import broad_ports
from .preferences import CidrsEnd, Ends, Place, Preferences
from .sensitivity import clauses
from .types import PathSearch
from .view import View

LISTED = 20
"""Paths that are listed; the finding of the last says how many were left out."""

WORKLOADS_AT_MOST = 200_000
"""Over so many workloads no paths are looked for."""


class Entrance(NamedTuple):
    """The first edge of a path: the end outside, and its ports to the workload."""

    end: Endpoint
    ports: PortSet


class Source(NamedTuple):
    """Where paths begin on one side: the workloads that are ends themselves, or those that are
    entered from outside."""

    starts: int
    entrances: dict[str, Entrance]


class Sided:
    """One side, ready to be searched."""

    def __init__(self, view: View, facts: Facts) -> None:
        self.view = view
        self.web = Web(view.reachability)
        self._facts = facts
        self._internet: dict[str, Entrance] | None = None

    def source(self, ends: Ends) -> Source:
        """What a source of the configuration means here."""
        starts = self.view.bits(self.view.members(ends)) if _names_workloads(ends) else 0
        entrances: dict[str, Entrance] = {}
        if Place.CONTROLLER in ends:
            entrances.update(self._through_controller())
        if any(isinstance(e, CidrsEnd) or e in (Place.PRIVATE, Place.TRUSTED) for e in ends):
            entrances.update(self._from_outside(ends))
        if Place.INTERNET in ends:
            entrances.update(self.internet())
        return Source(starts, entrances)

    def internet(self) -> dict[str, Entrance]:
        """The workloads that internet enters: their outside ends have R1 or R2 (F-11, F-30)."""
        if self._internet is None:
            self._internet = dict(self._entered())
        return self._internet

    def _entered(self) -> Iterator[tuple[str, Entrance]]:
        known: dict[object, Entrance | None] = {}
        for name in self.view.workloads:
            rows = self.view.reachability.outside(name, Direction.INGRESS)
            if rows not in known:
                known[rows] = self._broad(rows)
            found = known[rows]
            if found is not None:
                yield name, found

    def broad(self, rows: tuple[tuple[AddressSet, PortSet], ...]) -> dict[int, PortSet]:
        """The ports at which outside rows of one workload are the internet, by family (F-11)."""
        cut = self._facts.zoning
        return {
            family: broad_ports(
                family, [(cut.public(a), ports) for a, ports in rows if a.family == family]
            )
            for family in FAMILIES
        }

    def _broad(self, rows: tuple[tuple[AddressSet, PortSet], ...]) -> Entrance | None:
        """The first outside end that is the internet at some port."""
        broad = self.broad(rows)
        for addresses, ports in rows:
            public = self._facts.zoning.public(addresses)
            if public.spans and ports.meets(broad[addresses.family]):
                return Entrance(ExternalEndpoint(addresses), ports)
        return None

    def _from_outside(self, ends: Ends) -> Iterator[tuple[str, Entrance]]:
        for name in self.view.workloads:
            for addresses, ports in self.view.reachability.outside(name, Direction.INGRESS):
                end = ExternalEndpoint(addresses)
                if self.view.holds_source(ends, end):
                    yield name, Entrance(end, ports)
                    break

    def _through_controller(self) -> Iterator[tuple[str, Entrance]]:
        for name in sorted({way.workload for way in self.view.ways()}):
            ports = self.view.reachability.ports(INGRESS_CONTROLLER, WorkloadEndpoint(name))
            if ports:
                yield name, Entrance(INGRESS_CONTROLLER, ports)

    def levels(self, source: Source, hops: int) -> list[int]:
        """Who is first reached after how many edges, up to `hops`."""
        entered = self.view.bits(source.entrances)
        first = source.starts
        found = [first, self.web.step(first, first) | entered & ~first]
        seen = found[0] | found[1]
        while len(found) <= hops:
            found.append(self.web.step(found[-1], seen))
            seen |= found[-1]
        return found

    def sensitive_before(self, name: str) -> int:
        """Who reaches a workload on a port at which it is sensitive (F-12)."""
        traits = self.view.traits(WorkloadEndpoint(name))
        held = {p: bits for p, bits in self.web.entering(name).items() if clauses(traits, p)}
        return row_sources(held)

    def length(self, name: str, source: Source, levels: list[int]) -> int | None:
        """The edges of the shortest way whose last edge has such a port; None without one."""
        entrance = source.entrances.get(name)
        traits = self.view.traits(WorkloadEndpoint(name))
        if entrance is not None and clauses(traits, entrance.ports):
            return 1
        before = self.sensitive_before(name)
        return next((at + 1 for at, level in enumerate(levels) if level & before), None)


def search(facts: Facts, delta: Delta, preferences: Preferences) -> PathSearch:
    """What is new on head; nothing where nothing opened."""
    if facts.base is None or not delta.opened:
        return PathSearch()
    if len(facts.head.workloads) > WORKLOADS_AT_MOST:
        return PathSearch(complete=False)
    head, base = Sided(facts.head, facts), Sided(facts.base, facts)
    found: dict[tuple[Endpoint, str], TransitPath] = {}
    for ends in preferences.transit.sources:
        paths = _new_paths(facts, delta, (base, head), ends, preferences.transit.max_hops)
        if paths is None:
            return PathSearch(complete=False, reached=_reached(facts, base, head))
        for path in paths:
            found.setdefault((path.source, _id(path.destination)), path)
    ordered = sorted(found.values(), key=_order)
    return PathSearch(
        paths=tuple(ordered[:LISTED]),
        left_out=max(0, len(ordered) - LISTED),
        reached=_reached(facts, base, head),
    )


def _order(path: TransitPath) -> tuple[int, str, str]:
    return len(path.edges), _id(path.destination), str(path.source)


def _id(end: Endpoint) -> str:
    return end.id if isinstance(end, WorkloadEndpoint) else str(end)


def _names_workloads(ends: Ends) -> bool:
    outside = (Place.INTERNET, Place.PRIVATE, Place.TRUSTED, Place.CONTROLLER)
    return any(not isinstance(each, CidrsEnd) and each not in outside for each in ends)


def _reached(facts: Facts, base: Sided, head: Sided) -> tuple[int, int, int]:
    """How many standing workloads internet reaches in any number of hops, before and now; one that
    follows another stands as that one did (F-17)."""
    old = {name: facts.predecessor.get(name, name) for name in head.view.workloads}
    standing = {now: then for now, then in old.items() if then in base.view.workloads}
    counts: list[int] = []
    for side, names in ((base, set(standing.values())), (head, set(standing))):
        reached = side.web.closure(side.view.bits(side.internet()))
        counts.append((reached & side.view.bits(names)).bit_count())
    return counts[0], counts[1], len(standing)


def _new_paths(
    facts: Facts, delta: Delta, sides: tuple[Sided, Sided], ends: Ends, hops: int
) -> list[TransitPath] | None:
    """The paths of F-31 from one source; None where too many classes lie on them (F-30)."""
    base, head = sides
    source = head.source(ends)
    levels = head.levels(source, hops - 1)
    old_source: Source | None = None
    old_levels: list[int] = []
    new: list[_Goal] = []
    for name in _behind_opened(delta, head, levels, hops):
        old = facts.predecessor.get(name, name)
        if old not in base.view.workloads:
            continue
        length = head.length(name, source, levels)
        if length is None or not 2 <= length <= hops:
            continue
        if old_source is None:
            old_source = base.source(ends)
            old_levels = base.levels(old_source, hops - 1)
        if base.length(old, old_source, old_levels) is None:
            last = head.sensitive_before(name) & levels[length - 1]
            new.append(_Goal(name, length - 1, last))
    return _paths(sides, source, levels, new) if new else []


def _behind_opened(delta: Delta, head: Sided, levels: list[int], hops: int) -> tuple[str, ...]:
    """The workloads a new path may lead to: those behind an edge that opened and that the source
    reaches."""
    near = 0
    for level in levels:
        near |= level
    inside = set(head.web.names(near))
    behind = {
        row.destination
        for row in delta.opened
        if not isinstance(row.source, WorkloadEndpoint) or row.source.id in inside
    }
    first = head.view.bits(e.id for e in behind if isinstance(e, WorkloadEndpoint))
    found = 0
    for level in head.web.levels(first, hops - 1):
        found |= level
    return head.web.names(found)


class _Goal(NamedTuple):
    """The end of a new path: how many workloads are on the way, and who may be the last of them."""

    name: str
    via: int
    last: int


def _paths(
    sides: tuple[Sided, Sided], source: Source, levels: list[int], goals: list[_Goal]
) -> list[TransitPath] | None:
    """One shortest path to each goal; the graph has only who is on some shortest path (F-30)."""
    _, head = sides
    among = need = 0
    for at in range(len(levels) - 1, 0, -1):
        need = head.web.before(need) & levels[at]
        for goal in goals:
            if goal.via == at:
                need |= goal.last
        among |= need
    last = [goal.last for goal in goals]
    chains = shortest_chains(head.view.reachability, among, levels[1], last)
    if chains is None:
        return None
    found = (
        _path(sides, goal.name, source, levels[0], chain)
        for goal, chain in zip(goals, chains, strict=True)
    )
    return [path for path in found if path is not None]


def _path(
    sides: tuple[Sided, Sided], name: str, source: Source, starts: int, via: tuple[str, ...]
) -> TransitPath | None:
    """The path through these workloads; None where it leads through its own end."""
    base, head = sides
    before = row_sources(head.web.entering(via[0]))
    start = _start(head, source, via[0], starts & before)
    if start is None or name in via:
        return None
    end, ports = start
    edges = [_edge(base, end, WorkloadEndpoint(via[0]), ports)]
    for one, other in pairwise((*via, name)):
        pair = WorkloadEndpoint(one), WorkloadEndpoint(other)
        edges.append(_edge(base, *pair, head.view.ports(*pair)))
    return TransitPath(end, WorkloadEndpoint(name), via, tuple(edges))


def _start(head: Sided, source: Source, first: str, starts: int) -> Entrance | None:
    """The end that the first edge comes from."""
    entrance = source.entrances.get(first)
    if entrance is not None:
        return entrance
    names = head.web.names(starts)
    if not names:
        return None
    end = WorkloadEndpoint(names[0])
    return Entrance(end, head.view.ports(end, WorkloadEndpoint(first)))


def _edge(base: Sided, start: Endpoint, stop: WorkloadEndpoint, ports: PortSet) -> PathEdge:
    return PathEdge(ports, bool(ports - base.view.ports(start, stop)))
