"""Which edits are behind a row (S-75): the ones without which, alone or with the others named,
the row would not be there.

A row that one side (`there`) allows and the other (`here`) does not is asked which edits between
them have anything to do with it: the changed policies of its two ends whose rules for this flow
differ, its workloads if their pods differ, the labels of their namespaces, what leads there. One
alone is the cause. Of several the row is asked again in the worlds where some are taken back
(engine/worlds.py), for all sources with the same edits at once, and those behind it are named
(solving.py): a policy by the rules that let the flow through, or as a whole where it is that it
isolates, no longer does so, or selects otherwise.

For `opened` rows here is base and there is head; `closed` rows are the mirror image: what head
would have to take back to allow them again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import chain
from typing import NamedTuple

from reviewer.base.ports import ALL_PORTS, PortSet
from reviewer.engine import (
    Alike,
    Reachability,
    Row,
    WorkloadEndpoint,
    World,
    Worlds,
    bits_of,
    ones,
    row_difference,
    row_meet,
    row_sources,
    row_union,
    row_within,
    rule_row,
)
from reviewer.manifests import Direction, Rule

from .edits import Edit, Edits, Kind, cause_order, chosen, isolates
from .solving import ROWS, behind
from .types import Cause, PolicyChange

IN, OUT = Direction.INGRESS, Direction.EGRESS
Named = dict[Cause, int]
Part = tuple[PortSet, int, tuple[Cause, ...]]


class Group(NamedTuple):
    """Sources of one destination that the same edits have to do with: by the columns that stand
    for them; one end by itself where its pods differ; their namespace, and the destination's, where
    its labels changed and rules ask for them; and what applies to them where changed policies
    treat this destination otherwise."""

    bits: int
    source: int | None = None
    space: str = ""
    home: str = ""
    alike: Alike | None = None


class Causes:
    """Finds the causes of rows that `there` allows and `here` does not."""

    def __init__(
        self, here: Reachability, there: Reachability, changes: Iterable[PolicyChange], opened: bool
    ) -> None:
        self._there = there
        self._universe = there.universe
        self._edits = Edits(here, there, tuple(changes), opened)
        self._worlds = Worlds(here, there, self._edits.policies)
        self._rules: dict[tuple[int, int, Direction], tuple[tuple[Cause, Row], ...]] = {}
        leaders = self._universe.leaders
        self._single = self._universe.split | bits_of(leaders[end] for end in self._edits.moved)
        self._relabelled = 0
        for name in self._worlds.relabelled:
            low, high = self._universe.ranges.get(name, (0, 0))
            self._relabelled |= (1 << high) - (1 << low)
        self._new = bits_of(leaders[end] for end in self._edits.added)

    # -- rows of pods ------------------------------------------------------------------------

    def split(self, end: int, row: Row) -> Iterator[Part]:
        """The row of one destination cut by cause: ports, sources, causes; no part is empty."""
        into = {number for c in self._edits.both(end) for number in self._worlds.changed(c, IN)}
        inward: Named | None = None
        for group in self._groups(end, row_sources(row)):
            part = row_within(row, group.bits)
            out = set(self._leaving(end, group))
            if self._apart(end, group, into & out):
                if inward is None:
                    inward = self._of_side(end, Group(group.bits), row, IN, sorted(into))
                outward = self._of_side(end, group, part, OUT, sorted(out))
                named = _joined({c: bits & group.bits for c, bits in inward.items()}, outward)
            else:
                named = self._of_both(end, group, part, into, out)
            if end in self._edits.added:
                named[self._edits.written(Edit(Kind.WORKLOAD, end))] = group.bits
            yield from self._with_new(_parts(part, named))

    def _with_new(self, parts: Iterable[Part]) -> Iterator[Part]:
        """The parts, each source that is new by itself."""
        for ports, bits, causes in parts:
            for column in ones(bits & self._new):
                source = self._edits.written(
                    Edit(Kind.WORKLOAD, self._universe.columns[column].end)
                )
                yield ports, 1 << column, tuple(sorted((*causes, source), key=cause_order))
            if bits & ~self._new:
                yield ports, bits & ~self._new, causes

    def _apart(self, end: int, group: Group, shared: set[int]) -> bool:
        """Whether both sides of these flows fall by themselves, each of one pod and one family."""
        columns = self._edits.both(end)
        places = self._there.side.places
        return (
            not shared
            and group.source is None
            and not (group.space or group.home)
            and len(columns) == 1
            and sum(places.met_in(columns[0], family) for family in places.families) == 1
        )

    def _of_side(
        self, end: int, group: Group, part: Row, direction: Direction, numbers: Sequence[int]
    ) -> Named:
        """The causes on one side of flows whose sides have nothing to do with each other."""
        (column,) = self._edits.both(end)
        places = self._there.side.places
        at = next(i for i, family in enumerate(places.families) if places.met_in(column, family))

        groups = self._edits.grouped(Edit(Kind.POLICY, number) for number in numbers)

        @cache
        def ask(back: int) -> Row:
            world = World(frozenset(each.number for each in chosen(groups, back)))
            if direction is IN:
                return self._worlds.ingress(column, places.families[at], world)
            return self._worlds.egress(column, at, group.alike, world)

        named: Named = {}
        if numbers:
            missing = row_difference(part, ask((1 << len(groups)) - 1))
            if missing:
                for cell, mask in behind(missing, len(groups), ask, ROWS):
                    for edit in chosen(groups, mask):
                        self._name(edit, end, (direction,), cell, named)
        return named

    def _groups(self, end: int, sources: int) -> Iterator[Group]:
        columns = self._edits.both(end)
        minding = self._minding(end, columns)
        for column in ones(sources & self._single):
            source = self._universe.columns[column].end
            for group in self._spaced(1 << column, minding):
                yield group._replace(source=source)
        left = sources & ~self._single
        moving = left & self._worlds.moving(columns)
        yield from self._spaced(left ^ moving, minding)
        while moving:
            alike = self._worlds.alike((moving & -moving).bit_length() - 1)
            assert alike is not None, "changed policies apply to whoever they may move"
            mine = moving & alike.bits
            moving ^= mine
            differs = any(True for c in columns for _ in self._worlds.towards(alike, c))
            for group in self._spaced(mine, minding):
                yield group._replace(alike=alike if differs else None)

    def _minding(self, end: int, columns: Sequence[int]) -> tuple[str, int, int]:
        """The namespace of a destination if its labels changed, the sources that mind them, and
        the sources whose own namespace's changed labels the destination minds."""
        home = self._space(end)
        at_home = self._worlds.minding(columns, OUT) if home else 0
        away = self._relabelled and self._relabelled & self._worlds.minding(columns, IN)
        return home, at_home, away

    def _spaced(self, bits: int, minding: tuple[str, int, int]) -> Iterator[Group]:
        """These sources by the namespaces whose labels matter to them."""
        home, at_home, away = minding
        for part, named in ((bits & ~at_home, ""), (bits & at_home, home)):
            left = part & away
            if part != left:
                yield Group(part ^ left, home=named)
            while left:
                name = self._universe.columns[(left & -left).bit_length() - 1].namespace
                low, high = self._universe.ranges[name]
                inside = left & ((1 << high) - (1 << low))
                left ^= inside
                yield Group(inside, space=name, home=named)

    def _space(self, end: int) -> str:
        """The namespace of a workload where its labels changed, else ""."""
        name = self._universe.columns[self._universe.leaders[end]].namespace
        pods = isinstance(self._universe.ends[end], WorkloadEndpoint)
        return name if pods and name in self._worlds.relabelled else ""

    def _of_both(self, end: int, group: Group, part: Row, into: set[int], out: set[int]) -> Named:
        """The causes of flows whose sides may fall together."""
        numbers = sorted(into | out)
        edits = [Edit(Kind.POLICY, number) for number in numbers]
        ends = [each for each in (end, group.source) if each is not None]
        edits += (Edit(Kind.WORKLOAD, each) for each in ends if each in self._edits.moved)
        spaces = {group.home, group.space} - {""}
        edits += (Edit(Kind.NAMESPACE, name=name) for name in sorted(spaces))
        groups = self._edits.grouped(edits)

        @cache
        def ask(back: int) -> Row:
            return self._world(end, group, chosen(groups, back))

        sides = [
            bits_of(
                at
                for at, (edit, *_) in enumerate(groups)
                if edit.kind is Kind.POLICY and edit.number in of
            )
            for of in (into - out, out - into)
        ]
        named: Named = {}
        missing = part
        if len(groups) > 1 or end in self._edits.added or group.bits & self._new:
            missing = row_difference(part, ask((1 << len(groups)) - 1))
        for cell, mask in behind(missing, len(groups), ask, ROWS, sides) if missing else ():
            for edit in chosen(groups, mask):
                directions = [d for d, of in ((IN, into), (OUT, out)) if edit.number in of]
                self._name(edit, end, directions, cell, named)
        return named

    def _sources(self, group: Group, *, back: bool) -> Iterator[tuple[int, Alike | None]]:
        """The columns of a group's sources, and what applies to them."""
        if group.source is None:
            yield group.bits, group.alike
            return
        for column in self._edits.columns(group.source, back=back):
            yield 1 << column, self._worlds.alike(column)

    def _leaving(self, end: int, group: Group) -> Iterator[int]:
        """The changed policies of a group's sources that say other things of this destination."""
        for back in (False, True):
            for _, alike in self._sources(group, back=back):
                if alike is not None:
                    for column in self._edits.both(end):
                        yield from self._worlds.towards(alike, column)

    def _world(self, end: int, group: Group, back: frozenset[Edit]) -> Row:
        """Who of a group may reach an end in the world where these edits are taken back."""
        policies = frozenset(each.number for each in back if each.kind is Kind.POLICY)
        here = Edit(Kind.NAMESPACE, name=group.home) in back
        there = Edit(Kind.NAMESPACE, name=group.space) in back
        into, out = World(policies, here, there), World(policies, there, here)
        places = self._there.side.places
        moved = group.source is not None and Edit(Kind.WORKLOAD, group.source) in back
        sources = tuple(self._sources(group, back=moved))
        found: list[Row] = []
        for column in self._edits.columns(end, back=Edit(Kind.WORKLOAD, end) in back):
            for at, family in enumerate(places.families):
                if not places.met_in(column, family):
                    continue
                ingress = self._worlds.ingress(column, family, into)
                for bits, alike in sources:
                    mine = row_within(ingress, bits & places.members[family])
                    if mine:
                        egress = self._worlds.egress(column, at, alike, out)
                        found.append(row_meet(mine, egress))
        return self._folded(row_union(found), group)

    @staticmethod
    def _folded(row: Row, group: Group) -> Row:
        """One end's columns as the one that stands for it, with the ports of all."""
        if group.source is None:
            return row
        return row_union({ports: group.bits} for ports in row)

    # -- which rule ----------------------------------------------------------------------------

    def _name(
        self, edit: Edit, end: int, directions: Sequence[Direction], cell: Row, named: Named
    ) -> None:
        left = row_sources(cell)
        if edit.kind is Kind.POLICY:
            for direction in directions:
                for cause, row in self._decided(edit.number, end, direction):
                    hit = row_sources(row_meet(cell, row))
                    if hit:
                        named[cause] = named.get(cause, 0) | hit
                        left &= ~hit
        if left:
            cause = self._edits.written(edit)
            named[cause] = named.get(cause, 0) | left

    def _decided(
        self, number: int, end: int, direction: Direction
    ) -> tuple[tuple[Cause, Row], ...]:
        """What a changed policy does for flows to an end, rule by rule, and where it no longer
        isolates: folded."""
        key = (number, end, direction)
        found = self._rules.get(key)
        if found is None:
            rules = [
                (cause, self._row(number, rule, there, end))
                for cause, rule, there in self._edits.rules(number, direction)
            ]
            freed = self._freed_row(number, end, direction)
            rules.append((self._edits.policy(number), freed))
            found = self._rules[key] = tuple((cause, row) for cause, row in rules if row)
        return found

    def _row(self, number: int, rule: Rule, there: bool, end: int) -> Row:
        side = self._there.side
        policy = self._edits.policies[number][there]
        assert policy is not None, "the rule is of this version"
        subject = side.subject(policy)
        found: Row = {}
        for column in self._edits.both(end):
            if rule.direction is OUT or subject >> column & 1:
                for ports, bits in rule_row(side, rule, column, subject).items():
                    found[ports] = found.get(ports, 0) | self._universe.fold(bits)
        return found

    def _freed_row(self, number: int, end: int, direction: Direction) -> Row:
        """The flows to an end that a policy isolated from here and does not isolate from there."""
        freed = self._freed(number, direction)
        if direction is OUT:
            return {ALL_PORTS: self._universe.fold(freed)} if freed else {}
        isolated = any(freed >> column & 1 for column in self._edits.both(end))
        return {ALL_PORTS: self._universe.all} if isolated else {}

    def _freed(self, number: int, direction: Direction) -> int:
        """The columns that a policy isolates here and does not isolate there."""
        here, there = self._edits.policies[number]
        if here is None or not isolates(here, direction):
            return 0
        freed = self._there.side.subject(here)
        if there is not None and isolates(there, direction):
            freed &= ~self._there.side.subject(there)
        return freed


def _joined(one: Named, other: Named) -> Named:
    """Both, and whatever has bits."""
    found = {cause: bits for cause, bits in one.items() if bits}
    for cause, bits in other.items():
        found[cause] = found.get(cause, 0) | bits
    return found


def _parts(row: Row, named: Named) -> Iterator[Part]:
    """A row cut so that all of a part has the same causes."""
    alike: dict[int, list[Cause]] = {}  # by their sources: mostly very few sets of them
    for cause, bits in named.items():
        alike.setdefault(bits, []).append(cause)
    parts: list[tuple[tuple[int, ...], int]] = [((), row_sources(row))]
    for bits in alike:
        parts = [
            (key, piece)
            for before, part in parts
            for key, piece in (((*before, bits), part & bits), (before, part & ~bits))
            if piece
        ]
    for key, bits in parts:
        causes = sorted(chain.from_iterable(alike[each] for each in key), key=cause_order)
        for ports, sources in row.items():
            if sources & bits:
                yield ports, sources & bits, tuple(causes)
