"""Rows with pods that are not in the manifests, the telling ones only (S-85, S-87, S-88).

Every subject of S-88 has a row with nearly everyone, and most of them say what a broader selector
says already. What is kept is what no row with a broader selector at the same end has in full. The
same holds of one side's rows, of what was opened or closed, and of what both sides allow: so this
works on any rows, and what they are of is the caller's business.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from reviewer.base.addresses import FAMILIES
from reviewer.base.ports import NO_PORTS, PortSet
from reviewer.manifests import Direction, PodSelector

from . import outside, rows
from .bits import ones
from .classes import Universe
from .exposure import Candidates, broader
from .outside import Sweep
from .reachability import Reachability
from .rows import Row
from .selection import Subjects
from .tiers import IN, OUT
from .types import ExternalEndpoint, Flow, SelectorEndpoint

Peers = Mapping[PodSelector, PortSet]
"""What candidates have with one end in one direction."""


class Exposed(NamedTuple):
    """The rows that have a selector at an end, before any is left out.

    `row` gives, for an end by its number, its sources as bits; `inward` and `outward` what its
    candidates have; `sweep` its rows with outside addresses.
    """

    row: Callable[[int], Row]
    peers: Callable[[int, Direction], Peers]
    sweep: Callable[[int, Direction, int], Sweep]


class Ends:
    """The ends of a universe as selectors know them: which subjects stand for fewer pods than
    another selector. Shared by every kind of rows over that universe."""

    def __init__(self, universe: Universe, everywhere: bool) -> None:
        self.universe = universe
        columns = range(universe.pods_end, universe.subjects_end)
        self.subjects = [universe.columns[column].end for column in columns]
        self.workloads = [
            end for end, leader in enumerate(universe.leaders) if leader < universe.pods_end
        ]
        self.judged = (self.workloads if everywhere else []) + self.subjects
        self._named = {PodSelector(*self.selector(end)): end for end in self.subjects}
        self._known = Subjects(universe)
        self._narrower: dict[PodSelector, int] = {}

    def selector(self, end: int) -> SelectorEndpoint:
        """The selectors a subject is known by."""
        found = self.universe.ends[end]
        assert isinstance(found, SelectorEndpoint), "subjects are known by selectors alone"
        return found

    def is_subject(self, end: int) -> bool:
        """Whether an end is a subject of S-88."""
        return isinstance(self.universe.ends[end], SelectorEndpoint)

    def subject(self, pair: PodSelector) -> int | None:
        """The subject with exactly these selectors, if there is one."""
        return self._named.get(pair)

    def narrower(self, pair: PodSelector) -> int:
        """The subjects that a selector pair is broader than, as bits of their columns."""
        found = self._narrower.get(pair)
        if found is None:
            found = 0
            for column in ones(self._known.implied(pair)):
                if broader(self.selector(self.universe.columns[column].end), pair):
                    found |= 1 << column
            self._narrower[pair] = found
        return found

    @cached_property
    def broader(self) -> Mapping[int, tuple[int, ...]]:
        """For each subject the subjects that are broader."""
        found: dict[int, list[int]] = {}
        for end in self.subjects:
            for column in ones(self.narrower(PodSelector(*self.selector(end)))):
                found.setdefault(self.universe.columns[column].end, []).append(end)
        return {end: tuple(others) for end, others in found.items()}


def of_side(
    reachability: Reachability, candidates: Mapping[tuple[int, Direction], Peers]
) -> Exposed:
    """The rows of one side; `candidates` are what `judged` found for it."""

    def row(end: int) -> Row:
        made = reachability.classes.get(end)
        return {} if made is None else reachability.row(made)

    def peers(end: int, direction: Direction) -> Peers:
        return candidates.get((end, direction), {})

    return Exposed(row, peers, reachability.sweep)


def judged(ends: Ends, sides: Sequence[Reachability]) -> list[dict[tuple[int, Direction], Peers]]:
    """What the candidates of every judged end have on each side. A candidate that one side names
    is judged on both."""
    all_candidates = [Candidates(side) for side in sides]
    found: list[dict[tuple[int, Direction], Peers]] = [{} for _ in sides]
    for end in ends.judged:
        marks = [each.mark(end) for each in all_candidates]
        alike = dict(zip(marks, all_candidates, strict=True))
        for direction in (IN, OUT):
            pairs = dict.fromkeys(p for each in alike.values() for p in each.pairs(end, direction))
            answers = {
                mark: {pair: each.ports(end, direction, pair) for pair in pairs}
                for mark, each in alike.items()
            }
            for number, side in enumerate(sides):
                if side.columns_at(end):
                    found[number][end, direction] = answers[marks[number]]
    return found


def combined(one: Exposed, other: Exposed, *, meet: bool) -> Exposed:
    """What both have, or what the one has and the other has not. Most ends have the same on both
    sides, and the very same values then."""
    known: dict[tuple[int, int], tuple[Row, Row, Row]] = {}

    def row(end: int) -> Row:
        mine, theirs = one.row(end), other.row(end)
        key = (id(mine), id(theirs))
        held = known.get(key)
        if held is None:
            if mine == theirs:
                found = mine if meet else {}
            else:
                found = rows.meet(mine, theirs) if meet else rows.difference(mine, theirs)
            # Both rows are held too, so that their ids stay theirs.
            held = known[key] = (mine, theirs, found)
        return held[2]

    def peers(end: int, direction: Direction) -> Peers:
        mine, theirs = one.peers(end, direction), other.peers(end, direction)
        if mine is theirs:
            return mine if meet else {}
        if meet:
            return {pair: ports & theirs.get(pair, NO_PORTS) for pair, ports in mine.items()}
        return {pair: ports - theirs.get(pair, NO_PORTS) for pair, ports in mine.items()}

    def sweep(end: int, direction: Direction, family: int) -> Sweep:
        mine, theirs = one.sweep(end, direction, family), other.sweep(end, direction, family)
        if mine == theirs:
            return mine if meet else ()
        if meet:
            return outside.combine(mine, theirs, PortSet.__and__)
        return outside.difference(mine, theirs)

    return Exposed(row, peers, sweep)


class Rows:
    """The rows of one side that have a selector at an end, and how they compare."""

    def __init__(self, ends: Ends, found: Exposed) -> None:
        self._ends, self._found = ends, found

    def flows(self) -> list[Flow]:
        """Those of this side."""
        return list(Telling(self._ends, self._found).flows())

    def less(self, other: Rows) -> list[Flow]:
        """What this side has and the other has not."""
        found = combined(self._found, other._found, meet=False)
        return list(Telling(self._ends, found).flows())

    def also(self, other: Rows) -> list[Flow]:
        """What both sides have."""
        return list(Telling(self._ends, combined(self._found, other._found, meet=True)).flows())


class Telling:
    """The rows that are kept."""

    def __init__(self, ends: Ends, found: Exposed) -> None:
        self._ends = ends
        self._found = found
        self._universe = ends.universe
        self._outward = self._turned()

    def _turned(self) -> dict[int, list[tuple[PortSet, int]]]:
        """For each subject the ends that have a broader candidate as destination, with ports."""
        found: dict[tuple[PodSelector, PortSet], int] = {}
        for end in self._ends.judged:
            for pair, ports in self._peers(end, OUT).items():
                bit = 1 << self._universe.leaders[end]
                found[pair, ports] = found.get((pair, ports), 0) | bit
        turned: dict[int, list[tuple[PortSet, int]]] = {}
        for (pair, ports), bits in found.items():
            for column in ones(self._ends.narrower(pair)):
                end = self._universe.columns[column].end
                turned.setdefault(end, []).append((ports, bits))
        return turned

    def flows(self) -> Iterator[Flow]:
        """The rows with a selector at an end, in no order."""
        universe = self._universe
        for end in self._ends.workloads + self._ends.subjects:
            to = universe.ends[end]
            for ports, bits in self.into(end).items():
                for column in ones(bits):
                    yield Flow(universe.ends[universe.columns[column].end], to, ports)
        for end in self._ends.judged:
            for direction in (IN, OUT):
                yield from self._candidates(end, direction)
        for end in self._ends.subjects:
            for direction in (IN, OUT):
                for family in FAMILIES:
                    yield from self._outside(end, direction, family)

    # -- pairs of ends ---------------------------------------------------------------------------

    def into(self, end: int) -> Row:
        """The sources of one end, subjects only where the end is none, that no broader row makes
        superfluous at either end."""
        universe = self._universe
        subject = self._ends.is_subject(end)
        mask = universe.all & ~universe.controllers if subject else universe.subjects
        row = rows.within(self._found.row(end), mask)
        if not row:
            return row
        if subject:
            for other in self._ends.broader.get(end, ()):
                for ports, bits in self._found.row(other).items():
                    _leave_out(row, ports, bits)
            for ports, bits in self._outward.get(end, ()):
                _leave_out(row, ports, bits)
        for pair, ports in self._peers(end, IN).items():
            _leave_out(row, ports, self._ends.narrower(pair))
        for ports, bits in list(rows.within(self._found.row(end), universe.subjects).items()):
            for column in ones(bits):
                source = self._ends.selector(universe.columns[column].end)
                below = self._ends.narrower(PodSelector(*source))
                if below:
                    _leave_out(row, ports, below)
        return row

    # -- candidates ------------------------------------------------------------------------------

    def _peers(self, end: int, direction: Direction) -> Peers:
        """What the candidates of an end have; those that are subjects have what subjects have."""
        found = self._found.peers(end, direction)
        return {
            pair: ports
            for pair, ports in found.items()
            if ports and self._ends.subject(pair) is None
        }

    def _candidates(self, end: int, direction: Direction) -> Iterator[Flow]:
        here = self._universe.ends[end]
        mine = self._peers(end, direction)
        if not mine:
            return
        rivals = {**mine, **self._as_subjects(end, direction)}
        for pair, ports in mine.items():
            if any(have.covers(ports) and broader(pair, rival) for rival, have in rivals.items()):
                continue
            wider = self._ends.broader.get(end, ()) if self._ends.is_subject(end) else ()
            if any(
                self._found.peers(other, direction).get(pair, NO_PORTS).covers(ports)
                for other in wider
            ):
                continue
            there = SelectorEndpoint(*pair)
            yield Flow(there, here, ports) if direction is IN else Flow(here, there, ports)

    def _as_subjects(self, end: int, direction: Direction) -> Peers:
        """The candidates of an end that are subjects, with the ports their rows have."""
        found: dict[PodSelector, PortSet] = {}
        for pair in self._found.peers(end, direction):
            subject = self._ends.subject(pair)
            if subject is not None:
                source, to = (subject, end) if direction is IN else (end, subject)
                bit = self._universe.leaders[source]
                for ports, bits in self._found.row(to).items():
                    if bits >> bit & 1:
                        found[pair] = ports
        return found

    # -- outside addresses -------------------------------------------------------------------------

    def _outside(self, end: int, direction: Direction, family: int) -> Iterator[Flow]:
        """Address by address: what no broader subject has there in full (S-88)."""
        sweep = self._found.sweep(end, direction, family)
        if not sweep:
            return
        for other in self._ends.broader.get(end, ()):
            wider = self._found.sweep(other, direction, family)
            sweep = outside.combine(sweep, wider, _unless_covered)
        here = self._universe.ends[end]
        for addresses, ports in outside.rows(sweep, family):
            there = ExternalEndpoint(addresses)
            yield Flow(there, here, ports) if direction is IN else Flow(here, there, ports)


def _unless_covered(ports: PortSet, wider: PortSet) -> PortSet:
    return NO_PORTS if wider.covers(ports) else ports


def _leave_out(row: Row, wider: PortSet, bits: int) -> None:
    """Drop these sources where a broader row has all of their ports."""
    for ports, sources in list(row.items()):
        common = sources & bits
        if common and wider.covers(ports):
            if common == sources:
                del row[ports]
            else:
                row[ports] = sources ^ common
