"""The rows of one side by class: what is the same for many ends is found once.

Ends whose columns are decided over by equal things are one class. A row holds sources as bits
folded to ends.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from reviewer.base.addresses import FAMILIES, AddressSet
from reviewer.base.ports import PortSet
from reviewer.cluster import Cluster
from reviewer.manifests import Direction

from . import outside, rows
from .classes import Universe
from .deciding import Destination, Origin
from .kept import WHOLE, Kept
from .outside import Sweep
from .rows import Row
from .tiers import IN, Side
from .types import INGRESS_CONTROLLER, WorkloadEndpoint

Class = tuple[Destination, ...]
"""What decides over the columns of one end as a destination."""

OutsideRow = tuple[AddressSet, PortSet]


class Group(NamedTuple):
    """Ends with one row: the ends' numbers, and the folded row."""

    ends: tuple[int, ...]
    row: Row


class SideRows:
    """Every row of one side, by class.

    `universe` is shared with the other side of a comparison, so that both number ends and columns
    alike; `number` says which side this is.
    """

    def __init__(self, universe: Universe, number: int, side: Side, cluster: Cluster) -> None:
        self.universe = universe
        self.number = number
        self.side = side
        self.cluster = cluster
        self._present = universe.present[number]
        self._of_end = universe.of_end[number]
        self._rows = Kept(WHOLE)
        self._everyone: dict[Class, int] = {}
        self._sweeps: dict[object, tuple[Sweep, ...]] = {}
        self._outside: dict[tuple[Sweep, ...], tuple[OutsideRow, ...]] = {}

    @cached_property
    def classes(self) -> dict[int, Class]:
        """What decides over each end of this side as a destination, by the end's number."""
        known: dict[Class, Class] = {}
        found: dict[int, Class] = {}
        for end, columns in self._of_end.items():
            if self.universe.ends[end] == INGRESS_CONTROLLER:
                continue
            made = tuple(self.side.destination(column) for column in columns)
            found[end] = known.setdefault(made, made)
        return found

    @cached_property
    def origins(self) -> dict[int, tuple[Origin, ...]]:
        """What decides over each end's flows to outside addresses, by the end's number."""
        known: dict[tuple[Origin, ...], tuple[Origin, ...]] = {}
        found: dict[int, tuple[Origin, ...]] = {}
        for end in self.classes:
            made = tuple(self.side.origin(column) for column in self._of_end[end])
            found[end] = known.setdefault(made, made)
        return found

    def outside_classes(self, direction: Direction) -> Mapping[int, object]:
        """What decides over each end's rows with outside addresses: equal values, equal rows."""
        return self.classes if direction is IN else self.origins

    def row(self, made: Class) -> Row:
        """Who may reach the ends of this class, folded to ends; the ends themselves included."""
        found = self._rows.get(made)
        if found is None:
            each = [self.side.row(column, self._present) for column in dict.fromkeys(made)]
            found = self._folded(each[0] if len(each) == 1 else rows.union(each))
            self._rows.keep(made, found)
            self._everyone[made] = rows.sources(found)
        return found

    def everyone(self, made: Class) -> int:
        """Everyone who may reach the ends of this class on some port, folded to ends."""
        found = self._everyone.get(made)
        return rows.sources(self.row(made)) if found is None else found

    def _folded(self, row: Row) -> Row:
        if not rows.sources(row) & self.universe.extras:
            return row
        result: Row = {}
        for ports, bits in row.items():
            rows.add(result, ports, self.universe.fold(bits))
        return result

    def columns_at(self, end: int) -> tuple[int, ...]:
        """The columns of an end by its number; none where this side does not have it."""
        return self._of_end.get(end, ())

    def sweep_under(
        self, side: Side, columns: Sequence[int], direction: Direction, family: int
    ) -> Sweep:
        """What these columns may have with outside addresses if these policies held."""
        if direction is IN:
            made = dict.fromkeys(side.destination(column) for column in columns)
            return outside.merge(side.from_outside(each, family) for each in made)
        origins = dict.fromkeys(side.origin(column) for column in columns)
        return outside.merge(side.to_outside(each, family) for each in origins)

    def by_class(self) -> Iterator[tuple[tuple[int, ...], Class]]:
        """The workloads of this side by class, each class once."""
        members: dict[Class, list[int]] = {}
        for end in self.workload_ends():
            members.setdefault(self.classes[end], []).append(end)
        for made, ends in members.items():
            yield tuple(ends), made

    def groups(self) -> Iterator[Group]:
        """The same with their rows."""
        return (Group(ends, self.row(made)) for ends, made in self.by_class())

    def self_bit(self, end: int) -> int:
        """The source bit that is the end itself and makes no row (S-53); 0 for an end that stands
        for many pods (S-88)."""
        if isinstance(self.universe.ends[end], WorkloadEndpoint):
            return 1 << self.universe.leaders[end]
        return 0

    def sweep(self, end: int, direction: Direction, family: int) -> Sweep:
        """What one end may have with each outside address: as destination for ingress."""
        return self._beyond(end, direction)[FAMILIES.index(family)]

    def _beyond(self, end: int, direction: Direction) -> tuple[Sweep, ...]:
        """The sweeps of both families, found once for each class."""
        if direction is IN:
            made: object = self.classes.get(end, ())
        else:
            made = self.origins.get(end, ())
        key = (direction is IN, made)
        found = self._sweeps.get(key)
        if found is None:
            columns = self._of_end.get(end, ())
            found = tuple(self.sweep_under(self.side, columns, direction, f) for f in FAMILIES)
            self._sweeps[key] = found
        return found

    def _outside_rows(self, end: int, direction: Direction) -> tuple[OutsideRow, ...]:
        sweeps = self._beyond(end, direction)
        found = self._outside.get(sweeps)
        if found is None:
            found = tuple(
                each
                for family, sweep in zip(FAMILIES, sweeps, strict=True)
                for each in outside.rows(sweep, family)
            )
            self._outside[sweeps] = found
        return found

    def workload_ends(self) -> Iterator[int]:
        """The workloads of this side by number."""
        pods = self.universe.pods_end
        return (end for end in self.classes if self.universe.leaders[end] < pods)
