"""Who may reach whom on one side: exact, kept by class, expanded only on the way out.

Ends whose columns are decided over by equal things are one class: their row is found once and
shared. A row holds sources as bits folded to ends. Flows are expanded one source at a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Protocol, Self

from reviewer.base.addresses import FAMILIES, AddressSet
from reviewer.base.diagnostics import Diagnostic
from reviewer.base.ports import ALL_PORTS, NO_PORTS, PortSet
from reviewer.cluster import Cluster, Workload
from reviewer.manifests import Direction, Policy

from . import outside
from .bits import bits_of, ones
from .classes import Universe
from .entries import Ways
from .rows import Row
from .sided import Class, Group, OutsideRow, SideRows
from .single import open_towards
from .tiers import IN, OUT, Side
from .types import (
    INGRESS_CONTROLLER,
    Endpoint,
    ExternalEndpoint,
    Flow,
    SelectorEndpoint,
    WorkloadEndpoint,
    rank,
)

_CHUNK = 512
"""Sources whose rows are expanded together: rows are cut to so many bits before they are walked."""


class ExposedRows(Protocol):
    """The rows that have a selector at an end (exposed.py), and how they compare."""

    def flows(self) -> list[Flow]:
        """Those of this side."""

    def less(self, other: Self) -> list[Flow]:
        """What this side has and the other has not."""

    def also(self, other: Self) -> list[Flow]:
        """What both sides have."""


class Reachability(SideRows):
    """All flows of one side.

    `universe` is shared with the other side of a comparison, so that both number ends and columns
    alike.
    """

    def __init__(self, universe: Universe, number: int, side: Side, cluster: Cluster) -> None:
        super().__init__(universe, number, side, cluster)
        self.workloads = tuple(each.id for each in cluster.workloads)
        self._by_id = {each.id: each for each in cluster.workloads}
        self.diagnostics: tuple[Diagnostic, ...] = ()
        self.exposed: ExposedRows | None = None

    def controller_under(self, side: Side, columns: Sequence[int]) -> PortSet:
        """What the ingress controller could reach of these columns if these policies held."""
        found = NO_PORTS
        for column in columns:
            led = self.ways.ports.get(column)
            if led:
                found |= led & self._admitted_controller(side, column)
        return found

    def isolated(self, id: str, direction: Direction) -> bool:
        """Whether every pod of the workload is isolated in that direction (S-25, S-42)."""
        bits = self.side.isolated[direction]
        return all(bits >> column & 1 for column in self.columns(WorkloadEndpoint(id)))

    def columns(self, end: Endpoint) -> tuple[int, ...]:
        """The columns of an end on this side; none where it is not there."""
        at = self.universe.end_index.get(end)
        return () if at is None else self._of_end.get(at, ())

    def workload(self, id: str) -> Workload | None:
        """The workload of that id, None where this side has none."""
        return self._by_id.get(id)

    def ports(self, source: Endpoint, destination: Endpoint) -> PortSet:
        """The ports of one pair of ends; for addresses, those that every one of them has."""
        if isinstance(source, ExternalEndpoint):
            return self._outside_ports(destination, IN, source.addresses)
        if isinstance(destination, ExternalEndpoint):
            return self._outside_ports(source, OUT, destination.addresses)
        if source == destination and isinstance(source, WorkloadEndpoint):
            return NO_PORTS
        columns = self.columns(source)
        at = self.universe.end_index.get(destination)
        made = None if at is None else self.classes.get(at)
        if not columns or made is None:
            return NO_PORTS
        if source == INGRESS_CONTROLLER:
            return NO_PORTS if at is None else self.controller_ports(at)
        return _of(self.row(made), self.universe.first[columns[0]])

    def _outside_ports(self, end: Endpoint, direction: Direction, asked: AddressSet) -> PortSet:
        if not isinstance(end, WorkloadEndpoint | SelectorEndpoint):
            return NO_PORTS
        at = self.universe.end_index.get(end)
        if at is None or at not in self._of_end:
            return NO_PORTS
        return outside.at_every(self.sweep(at, direction, asked.family), asked.spans)

    def outside(self, id: str, direction: Direction) -> tuple[OutsideRow, ...]:
        """The S-70 rows of a workload with outside addresses in that direction, both families."""
        at = self.universe.end_index[WorkloadEndpoint(id)]
        return self._outside_rows(at, direction)

    def side_ports(self, id: str, direction: Direction, other: Endpoint) -> PortSet:
        """What that side of the workload alone (S-52) allows with the other end."""
        if isinstance(other, ExternalEndpoint):
            return self._outside_ports(WorkloadEndpoint(id), direction, other.addresses)
        mine, theirs = self.columns(WorkloadEndpoint(id)), self.columns(other)
        sources, destinations = (theirs, mine) if direction is IN else (mine, theirs)
        found = NO_PORTS
        for column in destinations:
            to = self.side.destination(column)
            for at, family in enumerate(self.side.families):
                row = self.side.ingress(to, family) if direction is IN else self.side.egress(to, at)
                for source in sources:
                    found |= _of(row, source)
        return found

    def unrestricted(self, id: str, direction: Direction) -> bool:
        """Whether that side alone allows every workload and every outside address of both
        families on all ports (F-14); so host-network pods always are."""
        return self.lets_all(WorkloadEndpoint(id), direction)

    def lets_all(self, end: Endpoint, direction: Direction) -> bool:
        """The same of any end; only what has pods on this side can be (F-9)."""
        at = self.universe.end_index.get(end)
        if at is None or at not in self._of_end:
            return False
        if any(
            self.sweep(at, direction, family) != outside.everywhere(family, ALL_PORTS)
            for family in FAMILIES
        ):
            return False
        return self._open_to_pods(at, direction)

    def _open_to_pods(self, end: int, direction: Direction) -> bool:
        others = self._present & ((1 << self.universe.pods_end) - 1)
        columns = self._of_end[end]
        if direction is IN:
            families = self.side.families
            made = self.classes[end]
            return all(
                not others & ~self.side.ingress(each, family).get(ALL_PORTS, 0)
                for each in made
                for family in families
            )
        return all(open_towards(self.side, column, others) for column in columns)

    def selected_by(self, id: str) -> tuple[Policy, ...]:
        """The policies of any tier that have one of the workload's pods as subject."""
        mine = bits_of(self.columns(WorkloadEndpoint(id)))
        return tuple(p for p in self.cluster.policies if self.side.subject(p) & mine)

    def selected(self, policy: Policy) -> tuple[str, ...]:
        """The workloads of this side that a policy has as subject."""
        bits = self.universe.fold(self.side.subject(policy) & self._present)
        return self._names(bits)

    def matching(self, policy: Policy, rule: int, peer: int) -> tuple[str, ...]:
        """The workloads that one selector peer of a policy's rule matches; rules by position."""
        bits = self.side.peer_columns(policy.rules[rule], peer)
        return self._names(self.universe.fold(bits & self._present))

    def _names(self, bits: int) -> tuple[str, ...]:
        ends = (self.universe.ends[self.universe.columns[c].end] for c in ones(bits))
        return tuple(end.id for end in ends if isinstance(end, WorkloadEndpoint))

    def sources(self, id: str) -> tuple[tuple[PortSet, tuple[str, ...]], ...]:
        """The workloads that may reach this one, grouped by ports."""
        end = self.universe.end_index[WorkloadEndpoint(id)]
        mine = self.self_bit(end)
        row = self.row(self.classes[end])
        found = ((ports, self._names(bits & ~mine)) for ports, bits in row.items())
        return tuple(sorted(each for each in found if each[1]))

    def class_of(self, id: str) -> int:
        """A number that workloads share when no policy tells them apart as destinations."""
        return self._numbers[self.classes[self.universe.end_index[WorkloadEndpoint(id)]]]

    @cached_property
    def _numbers(self) -> dict[Class, int]:
        return {made: at for at, made in enumerate(dict.fromkeys(self.classes.values()))}

    # -- ways in -----------------------------------------------------------------------------

    @cached_property
    def ways(self) -> Ways:
        """What leads in from outside (S-82)."""
        return Ways(self.universe, self.cluster, self.number)

    def controller_ports(self, end: int) -> PortSet:
        """What the ingress controller may reach at an end (S-81)."""
        return self.controller_under(self.side, self._of_end.get(end, ()))

    def admitted_controller(self, column: int) -> PortSet:
        """The ports on which a column admits the controller from at least one of its namespaces."""
        return self._admitted_controller(self.side, column)

    def _admitted_controller(self, side: Side, column: int) -> PortSet:
        found = NO_PORTS
        for ports in side.row(side.destination(column), self.universe.controllers):
            found |= ports
        return found

    # -- rows on the way out -----------------------------------------------------------------

    def flows(self) -> Iterator[Flow]:
        """Every row of S-70, in the order of S-76. O(rows) time, O(classes) memory."""
        selected: dict[Endpoint, list[Flow]] = {}
        for row in self.exposed.flows() if self.exposed else ():
            selected.setdefault(row.source, []).append(row)
        for rows_of in selected.values():
            rows_of.sort(key=lambda row: rank(row.destination))
        yield from self._from_workloads(selected)
        yield from self._from_outside(selected)
        subjects = sorted((e for e in selected if isinstance(e, SelectorEndpoint)), key=rank)
        for source in subjects:
            yield from selected[source]
        yield from self._from_controller()

    def count(self) -> int:
        """The number of rows of S-70, by counting bits."""
        total = len(self.exposed.flows()) if self.exposed else 0
        for ends, made in self.by_class():
            everyone = self.everyone(made) & self.universe.pods
            for end in ends:
                total += (everyone & ~self.self_bit(end)).bit_count()
        for end in self.workload_ends():
            total += len(self._outside_rows(end, IN)) + len(self._outside_rows(end, OUT))
            total += bool(self.controller_ports(end))
        return total

    def _from_workloads(self, selected: dict[Endpoint, list[Flow]]) -> Iterator[Flow]:
        universe = self.universe
        groups = list(self.groups())
        for start in range(0, universe.pods_end, _CHUNK):
            stop = min(start + _CHUNK, universe.pods_end)
            found = expanded(groups, start, stop)
            for column in range(start, stop):
                end = universe.columns[column].end
                if universe.first[column] != column or end not in self._of_end:
                    continue
                source = universe.ends[end]
                for to, ports in sorted(found[column - start]):
                    if to != end:
                        yield Flow(source, universe.ends[to], ports)
                for addresses, ports in self._outside_rows(end, OUT):
                    yield Flow(source, ExternalEndpoint(addresses), ports)
                yield from selected.get(source, ())

    def _from_outside(self, selected: dict[Endpoint, list[Flow]]) -> Iterator[Flow]:
        ends = self.universe.ends
        found = [
            (addresses, rank(ends[end]), Flow(ExternalEndpoint(addresses), ends[end], ports))
            for end in self.workload_ends()
            for addresses, ports in self._outside_rows(end, IN)
        ]
        for source, rows_of in selected.items():
            if isinstance(source, ExternalEndpoint):
                found += ((source.addresses, rank(row.destination), row) for row in rows_of)
        found.sort(key=lambda each: each[:2])
        yield from (row for _, _, row in found)

    def _from_controller(self) -> Iterator[Flow]:
        for end in sorted({self.universe.columns[c].end for c in self.ways.ports}):
            ports = self.controller_ports(end)
            if ports:
                yield Flow(INGRESS_CONTROLLER, self.universe.ends[end], ports)


def expanded(groups: Sequence[Group], start: int, stop: int) -> list[list[tuple[int, PortSet]]]:
    """For the source columns start to stop - 1, the ends each may reach, with ports, unsorted."""
    found: list[list[tuple[int, PortSet]]] = [[] for _ in range(start, stop)]
    mask = (1 << stop - start) - 1
    for ends, row in groups:
        for ports, bits in row.items():
            for column in ones(bits >> start & mask):
                found[column].extend((end, ports) for end in ends)
    return found


def _of(row: Row, column: int) -> PortSet:
    for ports, bits in row.items():
        if bits >> column & 1:
            return ports
    return NO_PORTS
