"""Rows that one side allows and the other does not (S-70 to S-74), with their causes.

Destinations are taken class by class: where both sides decide over them alike and their row is
the same, nothing is looked at but a count of bits. Only what differs is subtracted, cut by cause
and expanded into rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import chain
from typing import NamedTuple

from reviewer.base.addresses import FAMILIES
from reviewer.base.ports import PortSet
from reviewer.engine import (
    INGRESS_CONTROLLER,
    Class,
    Endpoint,
    ExternalEndpoint,
    Reachability,
    Row,
    Sweep,
    WorkloadEndpoint,
    ones,
    rank,
    row_difference,
    row_meet,
    row_sources,
    row_within,
    sweep_combine,
    sweep_difference,
    sweep_row_count,
    sweep_rows,
)
from reviewer.manifests import Direction

from .beyond import AllCauses
from .types import Cause, FlowChange

IN, OUT = Direction.INGRESS, Direction.EGRESS


class Rows(NamedTuple):
    """The rows of a delta, and how many both sides allow."""

    opened: tuple[FlowChange, ...]
    closed: tuple[FlowChange, ...]
    unchanged: int


class Changing(NamedTuple):
    """Destinations whose rows differ in the same way."""

    ends: tuple[int, ...]
    opened: Row
    closed: Row


class Found(NamedTuple):
    """Rows of one half as they are found: of each workload those with others, by its number and in
    their order; and all rows that have another end."""

    between: defaultdict[int, list[FlowChange]]
    others: list[FlowChange]

    def ordered(self, index: Mapping[Endpoint, int]) -> tuple[FlowChange, ...]:
        """All of them in the order of S-76, in which workloads come first and by number; so only
        the rows with other ends are sorted. O(rows)."""
        ranks = {end: rank(end) for row in self.others for end in row[:2]}
        self.others.sort(key=lambda row: (ranks[row.source], ranks[row.destination], row.ports))
        beyond: list[FlowChange] = []
        for row in self.others:
            if isinstance(row.source, WorkloadEndpoint):
                self.between[index[row.source]].append(row)
            else:
                beyond.append(row)
        by_source = (self.between[source] for source in sorted(self.between))
        return (*chain.from_iterable(by_source), *beyond)


class Comparison:
    """Both sides over their one universe."""

    def __init__(
        self, base: Reachability, head: Reachability, opened: AllCauses, closed: AllCauses
    ) -> None:
        assert base.universe is head.universe, "both sides number ends and columns alike"
        self._base, self._head = base, head
        self._universe = head.universe
        self._causes = {True: opened, False: closed}
        self._unchanged = 0

    def rows(self) -> Rows:
        """Everything that differs, in the order of S-76. O(classes × pods ÷ 64 + rows)."""
        found = {half: Found(defaultdict(list), []) for half in (True, False)}
        self._between(found)
        for direction in (IN, OUT):
            self._outside(direction, found)
        if self._universe.controllers:
            for end in self._workloads():
                self._controller(end, found)
        self._exposed(found)
        opened, closed = (found[half].ordered(self._universe.end_index) for half in (True, False))
        return Rows(opened, closed, self._unchanged)

    def _workloads(self) -> list[int]:
        """The workloads of either side by number, in order."""
        return sorted({*self._base.workload_ends(), *self._head.workload_ends()})

    # -- pods ----------------------------------------------------------------------------------

    def _changing(self) -> Iterator[Changing]:
        members: dict[tuple[Class | None, Class | None], list[int]] = {}
        base, head = self._base.classes, self._head.classes
        for end in self._workloads():
            members.setdefault((base.get(end), head.get(end)), []).append(end)
        for (before, after), ends in members.items():
            old = self._base.row(before) if before is not None else {}
            new = self._head.row(after) if after is not None else {}
            both = old if old == new else row_meet(old, new)
            everyone = row_sources(both) & self._universe.pods
            for end in ends:
                self._unchanged += (everyone & ~self._head.self_bit(end)).bit_count()
            if old != new:
                yield Changing(tuple(ends), row_difference(new, old), row_difference(old, new))

    def _between(self, found: Mapping[bool, Found]) -> None:
        """The rows between pods, destination by destination in order."""
        changing = {end: each for each in self._changing() for end in each.ends}
        for end in sorted(changing):
            for opened, row in ((True, changing[end].opened), (False, changing[end].closed)):
                self._expand(end, row, opened, found[opened].between)

    def _expand(
        self, end: int, row: Row, opened: bool, between: defaultdict[int, list[FlowChange]]
    ) -> None:
        universe = self._universe
        mine = row_within(row, universe.pods & ~self._head.self_bit(end))
        if not mine:
            return
        ends, columns, to = universe.ends, universe.columns, universe.ends[end]
        alone, usual = self._come_and_gone, self._presence(None, end)
        for ports, bits, because in self._causes[opened].split(end, mine):
            for column in ones(bits):
                source = columns[column].end
                change = self._presence(source, end) if source in alone else usual
                between[source].append(FlowChange(ends[source], to, ports, because, change))

    @cached_property
    def _come_and_gone(self) -> Mapping[int, str]:
        """The workloads that stand on one side only: added or removed."""
        before, after = set(self._base.workload_ends()), set(self._head.workload_ends())
        return {
            **dict.fromkeys(after - before, "added"),
            **dict.fromkeys(before - after, "removed"),
        }

    def _presence(self, source: int | None, destination: int | None) -> str:
        """The word of S-72, "" where both ends stand on both sides."""
        here = self._come_and_gone.get(source) if source is not None else None
        there = self._come_and_gone.get(destination) if destination is not None else None
        if here and there:
            return f"both_{here}"
        if here:
            return f"source_{here}"
        return f"destination_{there}" if there else ""

    # -- outside addresses -----------------------------------------------------------------------

    def _outside(self, direction: Direction, found: Mapping[bool, Found]) -> None:
        """Ends that both sides decide over alike are looked at once."""
        base, head = self._base.outside_classes(direction), self._head.outside_classes(direction)
        members: dict[tuple[object, object], list[int]] = {}
        for end in self._workloads():
            members.setdefault((base.get(end), head.get(end)), []).append(end)
        for ends in members.values():
            for family in FAMILIES:
                old = self._base.sweep(ends[0], direction, family)
                new = self._head.sweep(ends[0], direction, family)
                both = old if old == new else sweep_combine(old, new, PortSet.__and__)
                self._unchanged += sweep_row_count(both) * len(ends)
                if old == new:
                    continue
                for opened, part in (
                    (True, sweep_difference(new, old)),
                    (False, sweep_difference(old, new)),
                ):
                    for end in ends:
                        found[opened].others.extend(
                            self._beyond(end, direction, family, part, opened)
                        )

    def _beyond(
        self, end: int, direction: Direction, family: int, part: Sweep, opened: bool
    ) -> Iterator[FlowChange]:
        for addresses, ports in sweep_rows(part, family):
            piece = tuple((low, high, ports) for low, high in addresses.spans)
            because = self._causes[opened].outside(end, direction, family, piece)
            yield self._facing(end, direction, ExternalEndpoint(addresses), ports, because)

    def _facing(
        self,
        end: int,
        direction: Direction,
        there: Endpoint,
        ports: PortSet,
        because: tuple[Cause, ...],
    ) -> FlowChange:
        here = self._universe.ends[end]
        if direction is IN:
            return FlowChange(there, here, ports, because, self._presence(None, end))
        return FlowChange(here, there, ports, because, self._presence(end, None))

    # -- the ingress controller --------------------------------------------------------------------

    def _controller(self, end: int, found: Mapping[bool, Found]) -> None:
        old, new = self._base.controller_ports(end), self._head.controller_ports(end)
        self._unchanged += bool(old & new)
        for opened, ports in ((True, new - old), (False, old - new)):
            if ports:
                because = self._causes[opened].controller(end, ports)
                row = self._facing(end, IN, INGRESS_CONTROLLER, ports, because)
                found[opened].others.append(row)

    # -- pods that are not in the manifests ------------------------------------------------------

    def _exposed(self, found: Mapping[bool, Found]) -> None:
        before, after = self._base.exposed, self._head.exposed
        if before is None or after is None:
            return
        self._unchanged += len(after.also(before))
        for opened, rows in ((True, after.less(before)), (False, before.less(after))):
            for flow in rows:
                because = self._causes[opened].of(flow)
                change = self._presence(self._end(flow.source), self._end(flow.destination))
                found[opened].others.append(FlowChange(*flow, because, change))

    def _end(self, end: Endpoint) -> int | None:
        return self._universe.end_index.get(end)
