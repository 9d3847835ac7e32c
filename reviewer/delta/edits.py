"""The edits between two sides, and how each is written as a cause (S-75)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from reviewer.base.documents import ObjectRef, Origin
from reviewer.base.ports import PortSet
from reviewer.engine import Reachability, WorkloadEndpoint, ones
from reviewer.manifests import Direction, EntryObject, Policy, Rule, ServiceObject

from .policies import counterpart
from .types import Cause, Change, PolicyChange, Side


class Edited(NamedTuple):
    """One changed policy: its version here and there."""

    here: Policy | None
    there: Policy | None


def cause_order(cause: Cause) -> tuple[str, str, str, str, str, int]:
    """Sort key: by object, rule and place."""
    return (
        cause.object,
        cause.kind,
        cause.rule or "",
        cause.side,
        cause.origin.file,
        cause.origin.line,
    )


class Edits:
    """What differs between the sides `here` and `there`; `opened` says that there is head."""

    def __init__(
        self,
        here: Reachability,
        there: Reachability,
        changes: Sequence[PolicyChange],
        opened: bool,
    ) -> None:
        self._here, self._there, self._opened = here, there, opened
        self._policies = tuple(
            Edited(each.base, each.head) if opened else Edited(each.head, each.base)
            for each in changes
        )
        self._universe = there.universe

    # -- which policies have to do with some columns -----------------------------------------

    def selecting(self, columns: Sequence[int], direction: Direction) -> Iterator[Edited]:
        """The changed policies that apply, in that direction, to one of these columns."""
        return self.applying(sum(1 << column for column in columns), direction)

    def applying(self, bits: int, direction: Direction) -> Iterator[Edited]:
        """The changed policies that apply, in that direction, to one of these columns."""
        for edited, subject in self._subjects[direction]:
            if subject & bits:
                yield edited

    @cached_property
    def _subjects(self) -> Mapping[Direction, tuple[tuple[Edited, int], ...]]:
        """Each changed policy with the columns that either of its versions applies to."""
        found: dict[Direction, list[tuple[Edited, int]]] = {each: [] for each in Direction}
        for edited in self._policies:
            for direction in Direction:
                subject = 0
                for version, side in zip(edited, (self._here, self._there), strict=True):
                    if version is not None and _governs(version, direction):
                        subject |= side.side.subject(version) | self._there.side.subject(version)
                if subject:
                    found[direction].append((edited, subject))
        return {direction: tuple(each) for direction, each in found.items()}

    @cached_property
    def versions_there(self) -> frozenset[int]:
        """The ids of the policy objects that `there` has."""
        return frozenset(id(each.there) for each in self._policies if each.there is not None)

    # -- how an edit is written ----------------------------------------------------------------

    def rule(self, edited: Edited, rule: Rule) -> Cause:
        """A rule of `there` that lets through what `here` does not."""
        here, there = edited
        assert there is not None, "the rule is of this version"
        if self._opened:
            change = Change.ADDED if here is None else Change.MODIFIED
            return _cause(there, rule, change, Side.HEAD)
        if here is None:
            return _cause(there, rule, Change.REMOVED, Side.BASE)
        now = counterpart(rule, there, here)
        if now is None:
            return _cause(there, rule, Change.MODIFIED, Side.BASE)
        return _cause(here, now, Change.MODIFIED, Side.HEAD)

    def whole(self, edited: Edited) -> Cause:
        """A policy of `here` that isolates and does so no more (or, mirrored, newly does)."""
        here, there = edited
        assert here is not None, "it isolates here"
        if self._opened:
            if there is None:
                return _cause(here, None, Change.REMOVED, Side.BASE)
            return _cause(there, None, Change.MODIFIED, Side.HEAD)
        return _cause(here, None, Change.ADDED if there is None else Change.MODIFIED, Side.HEAD)

    def undone(self, edited: Edited, rule: Rule) -> Cause:
        """A rule of an admin policy of `here` that stops what `there` lets through."""
        here, there = edited
        assert here is not None, "the rule is of this version"
        if not self._opened:
            change = Change.ADDED if there is None else Change.MODIFIED
            return _cause(here, rule, change, Side.HEAD)
        if there is None:
            return _cause(here, rule, Change.REMOVED, Side.BASE)
        now = counterpart(rule, here, there)
        if now is None:
            return _cause(here, rule, Change.MODIFIED, Side.BASE)
        return _cause(there, now, Change.MODIFIED, Side.HEAD)

    def workload(self, end: int) -> Cause:
        """The workload itself: added, removed, or with other labels, ports or addresses."""
        name = self._universe.ends[end]
        assert isinstance(name, WorkloadEndpoint), "only workloads come and go"
        base, head = (self._here, self._there) if self._opened else (self._there, self._here)
        before, after = base.workload(name.id), head.workload(name.id)
        found = after or before
        assert found is not None, "it stands on one side at least"
        change = Change.MODIFIED if before and after else Change.ADDED if after else Change.REMOVED
        return Cause(
            kind=found.kind,
            object=f"{found.namespace}/{found.name}",
            policy=False,
            rule=None,
            change=change,
            origin=found.origin,
            side=Side.HEAD if after else Side.BASE,
        )

    # -- facts that moved ----------------------------------------------------------------------

    @cached_property
    def moved(self) -> int:
        """The columns that stand for ends whose columns are not the same on both sides."""
        of_end = self._universe.of_end
        here, there = of_end[self._here.number], of_end[self._there.number]
        found = 0
        for end, columns in there.items():
            if set(here.get(end, ())) != set(columns):
                found |= 1 << self._universe.first[columns[0]]
        return found

    @cached_property
    def relabelled(self) -> Mapping[str, Cause]:
        """The namespaces whose labels are not the same on both sides."""
        base, head = (self._here, self._there) if self._opened else (self._there, self._here)
        before, after = base.cluster.namespaces, head.cluster.namespaces
        found: dict[str, Cause] = {}
        for name in sorted(before.keys() & after.keys()):
            old, new = before[name], after[name]
            if old.labels == new.labels:
                continue
            side = Side.HEAD if new.origin else Side.BASE
            change = Change.MODIFIED
            if old.origin is None or new.origin is None:
                change = Change.ADDED if new.origin else Change.REMOVED
            found[name] = Cause(
                kind="Namespace",
                object=name,
                policy=False,
                rule=None,
                change=change,
                origin=new.origin or old.origin or Origin("", 1),
                side=side,
            )
        return found

    def ways(self, end: int, ports: PortSet) -> Iterator[Cause]:
        """The entries and Services, not alike on both sides, that lead to an end on these ports."""
        columns = self._there.columns_at(end)
        for way in self._there.ways.ways:
            if any(way.ports.get(column, PortSet()) & ports for column in columns):
                for ref in (way.entry, ObjectRef("", "Service", *way.service.split("/", 1))):
                    cause = self._lead(ref)
                    if cause is not None:
                        yield cause

    def _lead(self, ref: ObjectRef) -> Cause | None:
        base, head = (self._here, self._there) if self._opened else (self._there, self._here)
        before, after = _leads(base).get(ref), _leads(head).get(ref)
        if before is not None and after is not None and _same(before, after):
            return None
        found = after or before
        assert found is not None, "the way leads through it"
        change = Change.MODIFIED if before and after else Change.ADDED if after else Change.REMOVED
        return Cause(
            kind=ref.kind,
            object=ref.path,
            policy=False,
            rule=None,
            change=change,
            origin=found.origin,
            side=Side.HEAD if after else Side.BASE,
        )

    def touching(self, end: int, bits: int) -> tuple[Cause, ...]:
        """Every edit that has to do with an end or with its sources: for a row that only several
        edits together make, none of which decides one side by itself."""
        found: set[Cause] = set()
        columns = sum(1 << c for c in self._there.columns_at(end))
        sources = self._universe.unfold(bits, self._there.number)
        for direction, mine in ((Direction.INGRESS, columns), (Direction.EGRESS, sources)):
            found |= {self._any(each) for each in self.applying(mine | columns, direction)}
        leader = 1 << self._universe.leaders[end]
        for column in ones((bits | leader) & self.moved):
            found.add(self.workload(self._universe.columns[column].end))
        found |= set(self.relabelled.values())
        if not found:
            found = {self._any(each) for each in self._policies}
        return tuple(sorted(found, key=cause_order))

    def _any(self, edited: Edited) -> Cause:
        base, head = edited if self._opened else (edited.there, edited.here)
        if head is not None:
            change = Change.ADDED if base is None else Change.MODIFIED
            return _cause(head, None, change, Side.HEAD)
        assert base is not None, "a change has at least one side"
        return _cause(base, None, Change.REMOVED, Side.BASE)


def _governs(policy: Policy, direction: Direction) -> bool:
    if policy.isolates:
        return direction in policy.isolates
    return any(rule.direction is direction for rule in policy.rules)


def _cause(policy: Policy, rule: Rule | None, change: Change, side: Side) -> Cause:
    return Cause(
        kind=policy.ref.kind,
        object=policy.ref.path,
        policy=True,
        rule=rule.name if rule else None,
        change=change,
        origin=rule.origin if rule else policy.origin,
        side=side,
    )


def _leads(side: Reachability) -> dict[ObjectRef, EntryObject | ServiceObject]:
    found: tuple[EntryObject | ServiceObject, ...] = (
        *side.cluster.entries,
        *side.cluster.services,
    )
    return {each.ref: each for each in found}


def _same(one: EntryObject | ServiceObject, other: EntryObject | ServiceObject) -> bool:
    """Whether two versions say the same; where they are written does not count."""
    if isinstance(one, EntryObject) and isinstance(other, EntryObject):
        return [b._replace(line=0) for b in one.backends] == [
            b._replace(line=0) for b in other.backends
        ]
    if isinstance(one, ServiceObject) and isinstance(other, ServiceObject):
        return (one.selector, one.ports, one.external) == (
            other.selector,
            other.ports,
            other.external,
        )
    return False
