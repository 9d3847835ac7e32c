"""Which edits are behind a row (S-75): the ones without which, alone or with the others named,
the row would not be there.

A row that one side (`there`) allows and the other (`here`) does not is asked, for its
destination's ingress and its sources' egress apart, whether the policies of `here` would allow it
too. Where they would, that side's policies are no cause. Where they would not, the rules of
`there` that admit it are, or the policies of `here` that isolate and do so no more. Then the
facts: would the row be there with the workload, its peer, or the namespaces' labels as `here` has
them? All of it is asked of whole sets of sources.

For `opened` rows here is base and there is head; `closed` rows are the mirror image: what head
would have to take back to allow them again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from reviewer.base.ports import ALL_PORTS, NO_PORTS, PortSet
from reviewer.engine import (
    ExternalEndpoint,
    Flow,
    PolicySide,
    Reachability,
    Row,
    Sweep,
    mixed,
    ones,
    row_difference,
    row_meet,
    row_sources,
    rule_row,
    rule_sweep,
    sweep_combine,
    sweep_difference,
)
from reviewer.manifests import Action, Direction, Policy, Rule, Tier

from .edits import Edited, Edits, cause_order
from .types import Cause, PolicyChange

IN, OUT = Direction.INGRESS, Direction.EGRESS
Named = dict[Cause, int]


class Causes:
    """Finds the causes of rows that `there` allows and `here` does not."""

    def __init__(
        self, here: Reachability, there: Reachability, changes: Iterable[PolicyChange], opened: bool
    ) -> None:
        self._here, self._there = here, there
        self._universe = there.universe
        self.edits = Edits(here, there, tuple(changes), opened)
        self._policies_here = mixed(here, there)

    @cached_property
    def _labels_here(self) -> PolicySide:
        """The policies of `there` over the namespace labels of `here`."""
        return mixed(self._there, self._here)

    # -- rows of pods ------------------------------------------------------------------------

    def split(self, end: int, row: Row) -> tuple[tuple[PortSet, int, tuple[Cause, ...]], ...]:
        """The row of one destination cut by cause: ports, sources, causes; no part is empty."""
        named: Named = {}
        self._ingress(end, row, named)
        self._egress(end, row, named)
        self._facts(end, row, named)
        return tuple(self._parts(end, row, named))

    def _parts(
        self, end: int, row: Row, named: Named
    ) -> Iterator[tuple[PortSet, int, tuple[Cause, ...]]]:
        parts: dict[tuple[Cause, ...], int] = {(): row_sources(row)}
        for cause in sorted(named, key=cause_order):
            cut: dict[tuple[Cause, ...], int] = {}
            for causes, bits in parts.items():
                inside = bits & named[cause]
                if inside:
                    cut[(*causes, cause)] = inside
                if bits != inside:
                    cut[causes] = bits ^ inside
            parts = cut
        for causes, bits in parts.items():
            found = causes or self.edits.touching(end, bits)
            for ports, sources in row.items():
                if sources & bits:
                    yield ports, sources & bits, found

    def _ingress(self, end: int, row: Row, named: Named) -> None:
        columns = self._there.columns_at(end)
        missing = row_difference(row, self._there.side_row(self._policies_here, columns, IN))
        if not missing:
            return
        for edited in self.edits.selecting(columns, IN):
            for cause, bits in self._decided(edited, columns, IN):
                for found in row_meet(missing, bits).values():
                    named[cause] = named.get(cause, 0) | found

    def _egress(self, end: int, row: Row, named: Named) -> None:
        columns = self._there.columns_at(end)
        missing = row_difference(row, self._there.side_row(self._policies_here, columns, OUT))
        if not missing:
            return
        sources = self._universe.unfold(row_sources(missing), self._there.number)
        for edited in self.edits.applying(sources, OUT):
            for cause, bits in self._decided(edited, columns, OUT):
                for found in row_meet(missing, bits).values():
                    named[cause] = named.get(cause, 0) | found

    def _decided(
        self, edited: Edited, columns: Sequence[int], direction: Direction
    ) -> Iterator[tuple[Cause, Row]]:
        """What a changed policy does for flows to these columns, rule by rule: the rules of its
        version there that let through, its version here where that isolates or denies."""
        here, there = edited
        if there is not None:
            for rule in there.rules:
                if rule.direction is direction and rule.action is not Action.DENY:
                    yield self.edits.rule(edited, rule), self._row(there, rule, columns)
        if here is None:
            return
        if here.tier is Tier.NAMESPACED:
            yield self.edits.whole(edited), self._freed(here, columns, direction)
        else:
            for rule in here.rules:
                if rule.direction is direction and rule.action is not Action.ALLOW:
                    yield self.edits.undone(edited, rule), self._row(here, rule, columns)

    def _row(self, policy: Policy, rule: Rule, columns: Sequence[int]) -> Row:
        side = self._there.side if id(policy) in self.edits.versions_there else self._policies_here
        subject = side.subject(policy)
        found: Row = {}
        for column in columns:
            if rule.direction is IN and not subject >> column & 1:
                continue
            for ports, bits in rule_row(side, rule, column, subject).items():
                folded = self._universe.fold(bits)
                found[ports] = found.get(ports, 0) | folded
        return found

    def _freed(self, here: Policy, columns: Sequence[int], direction: Direction) -> Row:
        """The flows that this policy isolated from and that are not isolated there any more."""
        if direction not in here.isolates:
            return {}
        subject = self._policies_here.subject(here)
        isolated = self._there.side.isolated[direction]
        if direction is IN:
            free = any(subject >> c & 1 and not isolated >> c & 1 for c in columns)
            return {ALL_PORTS: self._universe.all} if free else {}
        return {ALL_PORTS: self._universe.fold(subject & ~isolated)}

    # -- facts: workloads, labels of namespaces ------------------------------------------------

    def _facts(self, end: int, row: Row, named: Named) -> None:
        everyone = row_sources(row)
        there = self._there.columns_at(end)
        here = self._here.columns_at(end)
        if not here:
            named[self.edits.workload(end)] = everyone
        elif set(here) != set(there):
            lost = row_difference(row, self._there.under(self._there.side, here))
            self._name(named, self.edits.workload(end), row_sources(lost))
        for column in ones(everyone & self.edits.moved):
            self._source(self._universe.columns[column].end, column, there, row, named)
        if self.edits.relabelled:
            lost = row_difference(row, self._there.under(self._labels_here, there))
            self._namespaces(end, row_sources(lost), named)

    def _source(
        self, source: int, column: int, columns: Sequence[int], row: Row, named: Named
    ) -> None:
        """Whether the row is there because its source is as it is there."""
        here = self._here.columns_at(source)
        bit = 1 << column
        if not here:
            self._name(named, self.edits.workload(source), bit)
            return
        before = self._there.under_from(self._there.side, columns, here)
        wanted = next(ports for ports, bits in row.items() if bits & bit)
        if wanted - before:
            self._name(named, self.edits.workload(source), bit)

    def _namespaces(self, end: int, lost: int, named: Named) -> None:
        for name, cause in self.edits.relabelled.items():
            low, high = self._universe.ranges.get(name, (0, 0))
            inside = (1 << high) - (1 << low)
            at_home = self._universe.columns[self._there.columns_at(end)[0]].namespace == name
            self._name(named, cause, lost if at_home else lost & inside)

    @staticmethod
    def _name(named: Named, cause: Cause, bits: int) -> None:
        if bits:
            named[cause] = named.get(cause, 0) | bits

    # -- rows with outside addresses -----------------------------------------------------------

    def outside(
        self, end: int, direction: Direction, family: int, part: Sweep
    ) -> tuple[Cause, ...]:
        """The causes of one row with outside addresses; never empty."""
        columns = self._there.columns_at(end)
        found: list[Cause] = []
        missing = sweep_difference(
            part, self._there.sweep_under(self._policies_here, columns, direction, family)
        )
        if missing:
            bits = sum(1 << column for column in columns)
            for edited in self.edits.applying(bits, direction):
                found += self._beyond(edited, columns, direction, family, missing)
        here = self._here.columns_at(end)
        if not here:
            found.append(self.edits.workload(end))
        elif set(here) != set(columns):
            before = self._there.sweep_under(self._there.side, here, direction, family)
            if sweep_difference(part, before):
                found.append(self.edits.workload(end))
        name = self._universe.columns[columns[0]].namespace
        if name in self.edits.relabelled:
            before = self._there.sweep_under(self._labels_here, columns, direction, family)
            if sweep_difference(part, before):
                found.append(self.edits.relabelled[name])
        found = found or list(self.edits.touching(end, 0))
        return tuple(sorted(set(found), key=cause_order))

    def _beyond(
        self,
        edited: Edited,
        columns: Sequence[int],
        direction: Direction,
        family: int,
        missing: Sweep,
    ) -> Iterator[Cause]:
        here, there = edited
        side = self._there.side
        if there is not None:
            mine = [c for c in columns if side.subject(there) >> c & 1]
            for rule in there.rules:
                if rule.direction is direction and self._lets_beyond(rule, mine, missing, family):
                    yield self.edits.rule(edited, rule)
        if here is None:
            return
        if here.tier is Tier.NAMESPACED:
            subject = self._policies_here.subject(here)
            isolated = side.isolated[direction]
            free = any(subject >> c & 1 and not isolated >> c & 1 for c in columns)
            if direction in here.isolates and free:
                yield self.edits.whole(edited)
            return
        for rule in here.rules:
            if rule.direction is direction and rule.action is not Action.ALLOW:
                hit = rule_sweep(self._policies_here, rule, None, family)
                if sweep_combine(missing, hit, PortSet.__and__):
                    yield self.edits.undone(edited, rule)

    def _lets_beyond(self, rule: Rule, columns: Sequence[int], missing: Sweep, family: int) -> bool:
        """Whether a rule lets through some of what is missing, for one of these columns."""
        if rule.action is Action.DENY:
            return False
        for column in columns:
            at = column if rule.direction is IN else None
            met = rule_sweep(self._there.side, rule, at, family)
            if sweep_combine(missing, met, PortSet.__and__):
                return True
        return False

    # -- pods that are not in the manifests ----------------------------------------------------

    def of(self, flow: Flow) -> tuple[Cause, ...]:
        """The causes of one row that has a selector at an end; never empty."""
        source, to, ports = flow
        index = self._universe.end_index
        if isinstance(source, ExternalEndpoint):
            return self._beyond_subject(index[to], IN, source, ports)
        if isinstance(to, ExternalEndpoint):
            return self._beyond_subject(index[source], OUT, to, ports)
        if source in index and to in index:
            bit = 1 << self._universe.leaders[index[source]]
            return self.split(index[to], {ports: bit})[0][2]
        direction, end = (IN, index[to]) if to in index else (OUT, index[source])
        return self._candidate(end, direction, ports)

    def _beyond_subject(
        self, end: int, direction: Direction, there: ExternalEndpoint, ports: PortSet
    ) -> tuple[Cause, ...]:
        part = tuple((low, high, ports) for low, high in there.addresses.spans)
        return self.outside(end, direction, there.addresses.family, part)

    def _candidate(self, end: int, direction: Direction, ports: PortSet) -> tuple[Cause, ...]:
        """A candidate is judged by one side alone: the changed policies of that end decide, those
        whose rules have to do with the row's ports before those that only touch it."""
        columns = self._there.columns_at(end)
        found: set[Cause] = set()
        for edited in self.edits.selecting(columns, direction):
            for cause, row in self._decided(edited, columns, direction):
                if any(ports & each for each in row):
                    found.add(cause)
        if set(self._here.columns_at(end)) != set(columns):
            found.add(self.edits.workload(end))
        return tuple(sorted(found or self.edits.touching(end, 0), key=cause_order))

    # -- ways in -------------------------------------------------------------------------------

    def controller(self, end: int, ports: PortSet) -> tuple[Cause, ...]:
        """The causes of a row from the ingress controller; never empty."""
        columns = self._there.columns_at(end)
        found: list[Cause] = []
        row: Row = {ports: self._universe.controllers}
        named: Named = {}
        if ports - self._there.controller_under(self._policies_here, columns):
            self._ingress(end, row, named)
            found += named
        if not self._here.columns_at(end):
            found.append(self.edits.workload(end))
        elif ports - self._led(self._here, self._here.columns_at(end)):
            found += self.edits.ways(end, ports)
            if set(self._here.columns_at(end)) != set(columns):
                found.append(self.edits.workload(end))
        found = found or list(self.edits.touching(end, self._universe.controllers))
        return tuple(sorted(set(found), key=cause_order))

    @staticmethod
    def _led(side: Reachability, columns: Sequence[int]) -> PortSet:
        found = NO_PORTS
        for column in columns:
            found |= side.ways.ports.get(column, NO_PORTS)
        return found
