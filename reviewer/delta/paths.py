"""Who reaches whom over several hops, without walking pairs (F-30).

A web has one node for each class of destinations, which are all who share a row. One step of a
breadth-first search is a look at each class: whoever is in it is reached if some source in its row
is on the frontier. So a level costs O(classes × ends ÷ 64), whatever the number of flows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from reviewer.engine import Reachability, Row, WorkloadEndpoint, ones

SPARSE = 256
"""Rows with at most so many sources are turned round one by one."""


class Node(NamedTuple):
    """One class: its members and everyone in its row, as bits."""

    members: int
    sources: int


class Web:
    """The flows of one side between workloads, to be searched."""

    def __init__(self, reachability: Reachability) -> None:
        self.reachability = reachability
        universe = reachability.universe
        self.nodes: list[Node] = []
        for ends, made in reachability.by_class():
            members = 0
            for end in ends:
                members |= 1 << universe.first[reachability.columns_at(end)[0]]
            self.nodes.append(Node(members, reachability.everyone(made)))

    def bit(self, name: str) -> int:
        """A workload as a bit; 0 where it is not on this side."""
        columns = self.reachability.columns(WorkloadEndpoint(name))
        return 1 << self.reachability.universe.first[columns[0]] if columns else 0

    def step(self, frontier: int, beyond: int = 0) -> int:
        """Everyone that someone on the frontier reaches and that is not `beyond` already."""
        found = 0
        for members, sources in self.nodes:
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

    def before(self, goals: int) -> int:
        """Everyone who reaches some of these directly."""
        found = 0
        for members, sources in self.nodes:
            if members & goals:
                found |= sources
        return found

    def entering(self, name: str) -> Row:
        """Who reaches a workload directly, by ports; itself left out."""
        universe = self.reachability.universe
        end = universe.end_index[WorkloadEndpoint(name)]
        mine = self.bit(name)
        row = self.reachability.row(self.reachability.classes[end])
        return {ports: bits & ~mine for ports, bits in row.items() if bits & ~mine}

    def names(self, bits: int) -> tuple[str, ...]:
        """The workloads of a set of bits, by id."""
        universe = self.reachability.universe
        ends = (universe.ends[universe.columns[at].end] for at in ones(bits))
        return tuple(end.id for end in ends if isinstance(end, WorkloadEndpoint))


class Closures:
    """Who reaches whom in any number of steps, for everyone at once.

    Strongly connected components first (Kosaraju), then the sets of what each reaches from the
    sinks up, each a union of sets that are there already. O(ends × ends ÷ 64) mostly.
    """

    def __init__(self, web: Web) -> None:
        self._leaving = _Leaving(web.nodes)
        self._into = {at: node.sources for node in web.nodes for at in ones(node.members)}

    def components(self) -> list[tuple[int, int]]:
        """The strongly connected components as (members, all they reach, members included)."""
        found = list(self._components(self._finished()))
        reached: dict[int, int] = {}
        result: list[tuple[int, int]] = []
        for component in reversed(found):
            held = component
            left = 0
            for at in ones(component):
                left |= self._leaving.of(at)
            left &= ~held
            while left:
                lowest = (left & -left).bit_length() - 1
                held |= reached[lowest]
                left &= ~held
            for at in ones(component):
                reached[at] = held
            result.append((component, held))
        return result

    def _finished(self) -> list[int]:
        """Everyone in the order in which a depth-first search leaves them."""
        unseen = 0
        for at in self._into:
            unseen |= 1 << at
        order: list[int] = []
        while unseen:
            stack = [(unseen & -unseen).bit_length() - 1]
            unseen &= unseen - 1
            while stack:
                ahead = self._leaving.of(stack[-1]) & unseen
                if ahead:
                    lowest = ahead & -ahead
                    unseen ^= lowest
                    stack.append(lowest.bit_length() - 1)
                else:
                    order.append(stack.pop())
        return order

    def _components(self, order: list[int]) -> Iterator[int]:
        """The components, those that reach others before these."""
        free = 0
        for at in order:
            free |= 1 << at
        for at in reversed(order):
            if not free >> at & 1:
                continue
            component = frontier = 1 << at
            free ^= frontier
            while frontier:
                sources = 0
                for each in ones(frontier):
                    sources |= self._into[each]
                frontier = sources & free
                free ^= frontier
                component |= frontier
            yield component


class _Leaving:
    """What each end reaches in one step. Rows with few sources are turned round; those with many
    are kept, one for each set of sources."""

    def __init__(self, nodes: Iterable[Node]) -> None:
        self._few: dict[int, int] = {}
        self._many: dict[int, int] = {}
        for members, sources in nodes:
            if sources.bit_count() <= SPARSE:
                for at in ones(sources):
                    self._few[at] = self._few.get(at, 0) | members
            else:
                self._many[sources] = self._many.get(sources, 0) | members
        self._found: dict[int, int] = {}

    def of(self, at: int) -> int:
        """Everyone that one end reaches directly."""
        found = self._found.get(at)
        if found is None:
            found = self._few.get(at, 0)
            for sources, members in self._many.items():
                if sources >> at & 1:
                    found |= members
            self._found[at] = found
        return found
