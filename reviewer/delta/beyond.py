"""Causes of rows whose other end is no pod of the manifests (S-75): addresses, selectors, the
ingress controller. They are found as those of pods are (causes.py): by the edits that have to do
with the row, and the worlds where some of them are taken back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache

from reviewer.base.labels import implies
from reviewer.base.ports import NO_PORTS, PortSet
from reviewer.engine import (
    INGRESS_CONTROLLER,
    ExternalEndpoint,
    Flow,
    Reachability,
    Row,
    SelectorEndpoint,
    Sweep,
    World,
    ones,
    row_difference,
    rule_sweep,
    sweep_combine,
    sweep_difference,
)
from reviewer.manifests import Direction, PodPeer, PodSelector, Rule

from .causes import Causes
from .edits import Edit, Kind, cause_order, chosen
from .solving import ROWS, SWEEPS, behind
from .types import Cause, PolicyChange

IN, OUT = Direction.INGRESS, Direction.EGRESS
Found = set[Cause]


class AllCauses(Causes):
    """Finds the causes of rows of every sort."""

    def __init__(
        self, here: Reachability, there: Reachability, changes: Iterable[PolicyChange], opened: bool
    ) -> None:
        super().__init__(here, there, changes, opened)
        self._known: dict[object, tuple[Cause, ...]] = {}

    def _concerning(
        self, end: int, policies: Callable[[int, Direction], Iterable[int]], direction: Direction
    ) -> list[Edit]:
        """The edits that have to do with one side of an end: its changed policies, its pods, and
        the labels of its namespace where policies select by them."""
        numbers = {n for c in self._edits.both(end) for n in policies(c, direction)}
        edits = [Edit(Kind.POLICY, number) for number in sorted(numbers)]
        if end in self._edits.moved:
            edits.append(Edit(Kind.WORKLOAD, end))
        if self._space(end) and self._worlds.any_ordered:
            edits.append(Edit(Kind.NAMESPACE, name=self._space(end)))
        return edits

    def _taken(self, end: int, back: frozenset[Edit]) -> tuple[World, Sequence[int]]:
        """The world where these edits are taken back, and the pods of an end in it."""
        policies = frozenset(each.number for each in back if each.kind is Kind.POLICY)
        own = Edit(Kind.NAMESPACE, name=self._space(end)) in back
        columns = self._edits.columns(end, back=Edit(Kind.WORKLOAD, end) in back)
        return World(policies, own), columns

    # -- outside addresses -----------------------------------------------------------------------

    def outside(
        self, end: int, direction: Direction, family: int, part: Sweep
    ) -> tuple[Cause, ...]:
        """The causes of one row with outside addresses; never empty."""
        groups = self._edits.grouped(self._concerning(end, self._worlds.changed, direction))

        @cache
        def ask(back: int) -> Sweep:
            world, columns = self._taken(end, chosen(groups, back))
            found: Sweep = ()
            for column in columns:
                sweep = self._worlds.beyond(column, direction, family, world)
                found = sweep_combine(found, sweep, PortSet.__or__)
            return found

        found = self._itself(end)
        missing = part
        if found or len(groups) > 1:
            missing = sweep_difference(part, ask((1 << len(groups)) - 1))
        for cell, mask in behind(missing, len(groups), ask, SWEEPS) if missing else ():
            for edit in chosen(groups, mask):
                found |= self._at_addresses(edit, end, direction, family, cell)
        return tuple(sorted(found, key=cause_order))

    def _itself(self, end: int) -> Found:
        """An end that is new is a cause by itself, whatever else is."""
        new = end in self._edits.added
        return {self._edits.written(Edit(Kind.WORKLOAD, end))} if new else set()

    def _at_addresses(
        self, edit: Edit, end: int, direction: Direction, family: int, cell: Sweep
    ) -> Found:
        found: Found = set()
        left = cell
        if edit.kind is Kind.POLICY:
            for cause, rule, there in self._edits.rules(edit.number, direction):
                for column in self._selected(edit.number, there, end):
                    at = column if direction is IN else None
                    met = rule_sweep(self._there.side, rule, at, family)
                    if sweep_combine(cell, met, PortSet.__and__):
                        found.add(cause)
                        left = sweep_difference(left, met)
            if self._is_freed(edit.number, end, direction):
                found.add(self._edits.policy(edit.number))
        return found | {self._edits.written(edit)} if left and not found else found

    def _is_freed(self, number: int, end: int, direction: Direction) -> bool:
        """Whether a policy isolated an end here and does so no more there."""
        freed = self._freed(number, direction)
        return any(freed >> column & 1 for column in self._edits.both(end))

    def _selected(self, number: int, there: bool, end: int) -> list[int]:
        """The pods of an end that a version of a changed policy selects."""
        policy = self._edits.policies[number][there]
        subject = self._there.side.subject(policy) if policy else 0
        return [column for column in self._edits.both(end) if subject >> column & 1]

    # -- pods that are not in the manifests --------------------------------------------------------

    def of(self, flow: Flow) -> tuple[Cause, ...]:
        """The causes of one row that has a selector at an end; never empty."""
        source, to, ports = flow
        index = self._universe.end_index
        if isinstance(source, ExternalEndpoint):
            return self._facing(index[to], IN, source, ports)
        if isinstance(to, ExternalEndpoint):
            return self._facing(index[source], OUT, to, ports)
        if source in index and to in index:
            bit = 1 << self._universe.leaders[index[source]]
            return next(iter(self.split(index[to], {ports: bit})))[2]
        if to in index:
            assert isinstance(source, SelectorEndpoint), "candidates are selectors"
            return self._candidate(index[to], IN, source, ports)
        assert isinstance(to, SelectorEndpoint), "candidates are selectors"
        return self._candidate(index[source], OUT, to, ports)

    def _facing(
        self, end: int, direction: Direction, there: ExternalEndpoint, ports: PortSet
    ) -> tuple[Cause, ...]:
        part = tuple((low, high, ports) for low, high in there.addresses.spans)
        return self.outside(end, direction, there.addresses.family, part)

    def _candidate(
        self, end: int, direction: Direction, other: SelectorEndpoint, ports: PortSet
    ) -> tuple[Cause, ...]:
        """A candidate is judged by one side alone (S-85)."""
        groups = self._edits.grouped(self._concerning(end, self._worlds.selecting, direction))
        pair = PodSelector(*other)

        @cache
        def ask(back: int) -> Row:
            taken = chosen(groups, back)
            world, _ = self._taken(end, taken)
            here = Edit(Kind.WORKLOAD, end) in taken
            found = self._worlds.candidate(end, direction, pair, world, here=here)
            return {found: 1} if found else {}

        named = self._itself(end)
        missing = row_difference({ports: 1}, ask((1 << len(groups)) - 1))
        for cell, mask in behind(missing, len(groups), ask, ROWS) if missing else ():
            for edit in chosen(groups, mask):
                named |= self._of_candidate(edit, end, direction, pair, cell)
        return tuple(sorted(named, key=cause_order))

    def _of_candidate(
        self, edit: Edit, end: int, direction: Direction, pair: PodSelector, cell: Row
    ) -> Found:
        found: Found = set()
        if edit.kind is Kind.POLICY:
            tables = self._there.side.tables
            for cause, rule, there in self._edits.rules(edit.number, direction):
                if there and not _means(rule, pair):
                    continue
                for column in self._selected(edit.number, there, end):
                    known = self._universe.ports_of(column) if direction is IN else ()
                    spec = tables.ports_id(rule.ports)
                    ports = tables.resolve(spec, tables.signature(known))
                    if any(ports & each for each in cell):
                        found.add(cause)
            if self._is_freed(edit.number, end, direction):
                found.add(self._edits.policy(edit.number))
        return found or {self._edits.written(edit)}

    # -- ways in -----------------------------------------------------------------------------------

    def controller(self, end: int, ports: PortSet) -> tuple[Cause, ...]:
        """The causes of a row from the ingress controller; never empty."""
        both = self._edits.both(end)
        edits = [
            e
            for e in self._concerning(end, self._worlds.changed, IN)
            if e.kind is not Kind.NAMESPACE
        ]
        edits += (Edit(Kind.LEAD, number) for number in self._edits.leads.touching(both))
        spaces = {self._space(end), *self._controlling().values()} - {""}
        edits += (Edit(Kind.NAMESPACE, name=name) for name in sorted(spaces))
        groups = self._edits.grouped(edits)
        bit = 1 << self._universe.leaders[self._universe.end_index[INGRESS_CONTROLLER]]

        @cache
        def ask(back: int) -> Row:
            found = self._let_in(end, chosen(groups, back))
            return {found: bit} if found else {}

        named = dict.fromkeys(self._itself(end), bit)
        missing = row_difference({ports: bit}, ask((1 << len(groups)) - 1))
        for cell, mask in behind(missing, len(groups), ask, ROWS) if missing else ():
            for edit in chosen(groups, mask):
                self._name(edit, end, (IN,), cell, named)
        return tuple(sorted(named, key=cause_order))

    def _controlling(self) -> dict[int, str]:
        """The controller's columns whose namespace's labels changed, with that namespace."""
        names = {c: self._universe.columns[c].namespace for c in ones(self._universe.controllers)}
        return {c: name for c, name in names.items() if name in self._worlds.relabelled}

    def _let_in(self, end: int, back: frozenset[Edit]) -> PortSet:
        """What the controller may reach at an end in the world where these are taken back."""
        world, columns = self._taken(end, back)
        leads = frozenset(each.number for each in back if each.kind is Kind.LEAD)
        here = Edit(Kind.WORKLOAD, end) in back
        led = self._edits.leads.led(columns, leads, here=here)
        changed = self._controlling()
        elsewhere = sum(1 << c for c, n in changed.items() if Edit(Kind.NAMESPACE, name=n) in back)
        found = NO_PORTS
        for column in columns:
            allowed = led.get(column, NO_PORTS)
            for bits, other in (
                (self._universe.controllers & ~elsewhere, False),
                (elsewhere, True),
            ):
                if allowed and bits:
                    found |= allowed & self._admitted(column, bits, world._replace(other=other))
        return found

    def _admitted(self, column: int, bits: int, world: World) -> PortSet:
        places = self._there.side.places
        found = NO_PORTS
        for family in places.families:
            mine = bits & places.members[family]
            if mine and places.met_in(column, family):
                for ports, sources in self._worlds.ingress(column, family, world).items():
                    if sources & mine:
                        found |= ports
        return found


def _means(rule: Rule, pair: PodSelector) -> bool:
    """Whether a rule that lets through may speak of any pod that a pair matches."""
    if rule.peers is None:
        return True
    return any(
        implies(pair.namespaces, peer.selector.namespaces)
        and implies(pair.pods, peer.selector.pods)
        if isinstance(peer, PodPeer)
        else True
        for peer in rule.peers
    )
