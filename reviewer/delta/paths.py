"""Who reaches whom over several hops, without walking pairs (F-30).

A web has one node for each class of destinations, which are all who share a row. One step of a
breadth-first search is a look at each class: whoever is in it is reached if some source in its row
is on the frontier. So a level costs O(classes × ends ÷ 64), whatever the number of flows.
"""

from __future__ import annotations

from typing import NamedTuple

from reviewer.base.ports import PortSet
from reviewer.engine import Reachability, Row, WorkloadEndpoint, ones, row_sources


class Node(NamedTuple):
    """One class: its members and everyone in its row, as bits, and the row itself."""

    members: int
    sources: int
    row: Row


class Web:
    """The flows of one side between workloads, to be searched."""

    def __init__(self, reachability: Reachability) -> None:
        self.reachability = reachability
        universe = reachability.universe
        self._nodes: list[Node] = []
        self._row_of: dict[int, Row] = {}
        for group in reachability.groups():
            members = 0
            for end in group.ends:
                members |= 1 << universe.first[reachability.columns(universe.ends[end])[0]]
                self._row_of[end] = group.row
            self._nodes.append(Node(members, row_sources(group.row), group.row))

    def bit(self, name: str) -> int:
        """A workload as a bit; 0 where it is not on this side."""
        columns = self.reachability.columns(WorkloadEndpoint(name))
        return 1 << self.reachability.universe.first[columns[0]] if columns else 0

    def step(self, frontier: int, beyond: int = 0) -> int:
        """Everyone that someone on the frontier reaches and that is not `beyond` already."""
        found = 0
        for members, sources, _ in self._nodes:
            if sources & frontier and members & ~beyond:
                found |= members
        return found & ~beyond

    def levels(self, first: int, hops: int) -> list[int]:
        """Who is first reached at each step: `first` itself, then up to `hops` steps more."""
        found, seen = [first], first
        for _ in range(hops):
            found.append(self.step(found[-1], seen))
            seen |= found[-1]
        return found

    def closure(self, first: int) -> int:
        """Everyone reached in any number of steps, `first` included."""
        seen = frontier = first
        while frontier:
            frontier = self.step(frontier, seen)
            seen |= frontier
        return seen

    def components(self) -> list[tuple[int, int]]:
        """The strongly connected components, as (members, all they reach in any number of steps),
        members included. O(classes × ends ÷ 64) for each level of each component."""
        found: list[tuple[int, int]] = []
        left = 0
        for members, _, _ in self._nodes:
            left |= members
        while left:
            start = left & -left
            reached = self.closure(start)
            component = reached & self._reaching(start, reached)
            found.append((component, reached))
            left &= ~component
        return found

    def _reaching(self, goal: int, within: int) -> int:
        """Everyone among some ends who reaches the goal in any number of steps."""
        seen = frontier = goal
        while frontier:
            sources = 0
            for members, into, _ in self._nodes:
                if members & frontier:
                    sources |= into
            frontier = sources & within & ~seen
            seen |= frontier
        return seen

    def entering(self, name: str) -> Row:
        """Who reaches a workload directly, by ports; itself left out."""
        universe = self.reachability.universe
        end = universe.end_index[WorkloadEndpoint(name)]
        mine = self.bit(name)
        row = self._row_of[end]
        return {ports: bits & ~mine for ports, bits in row.items() if bits & ~mine}

    def names(self, bits: int) -> tuple[str, ...]:
        """The workloads of a set of bits, by id."""
        universe = self.reachability.universe
        ends = (universe.ends[universe.columns[at].end] for at in ones(bits))
        return tuple(end.id for end in ends if isinstance(end, WorkloadEndpoint))

    def before(self, name: str, level: int) -> str | None:
        """The lowest workload of a level that reaches this one; None where none does."""
        found = 0
        for bits in self.entering(name).values():
            found |= bits & level
        names = self.names(found)
        return names[0] if names else None

    def ports(self, start: str, stop: str) -> PortSet:
        """The ports of one flow."""
        return self.reachability.ports(WorkloadEndpoint(start), WorkloadEndpoint(stop))
