"""The edits between two sides, and how each is written as a cause (S-75)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from functools import cached_property
from itertools import chain, groupby
from typing import NamedTuple

from reviewer.base.documents import Origin
from reviewer.base.labels import Selector
from reviewer.cluster import asked_order
from reviewer.engine import Reachability, WorkloadEndpoint, ones
from reviewer.manifests import Action, Direction, PodPeer, Policy, Rule, Tier

from .leads import Leads
from .policies import counterparts
from .types import Cause, Change, PolicyChange, Side

_ORDINALS = frozenset(("statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index"))
"""The labels that tell pods of one StatefulSet apart (S-24)."""


class Kind(StrEnum):
    """What was edited."""

    POLICY = "policy"
    WORKLOAD = "workload"
    NAMESPACE = "namespace"
    LEAD = "lead"


class Edit(NamedTuple):
    """One edit: a policy or a lead by its number among the changed ones, a workload by the number
    of its end, a namespace by its name."""

    kind: Kind
    number: int = 0
    name: str = ""


Groups = Sequence[tuple[Edit, ...]]
"""Edits of which those that are interchangeable are one."""


def chosen(groups: Groups, back: int) -> frozenset[Edit]:
    """The edits of the groups that are bits of a number."""
    return frozenset(chain.from_iterable(groups[at] for at in ones(back)))


class Edited(NamedTuple):
    """One changed policy: its version here and there."""

    here: Policy | None
    there: Policy | None


class Deciding(NamedTuple):
    """A rule of a changed policy, written as a cause, and whether it is of there."""

    cause: Cause
    rule: Rule
    there: bool


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
        self.policies = tuple(
            Edited(each.base, each.head) if opened else Edited(each.head, each.base)
            for each in changes
        )
        self.leads = Leads(here, there)
        self._universe = there.universe
        self._deciding: dict[tuple[int, Direction], tuple[Deciding, ...]] = {}

    # -- workloads that moved ------------------------------------------------------------------

    @cached_property
    def added(self) -> frozenset[int]:
        """The ends of there that here does not have. Without them none of their rows would be
        there, whatever else is taken back."""
        of_end = self._universe.of_end
        return frozenset(of_end[self._there.number].keys() - of_end[self._here.number].keys())

    @cached_property
    def moved(self) -> frozenset[int]:
        """The ends whose pods are not the same on both sides: other labels, ports, addresses."""
        of_end = self._universe.of_end
        here, there = of_end[self._here.number], of_end[self._there.number]
        return frozenset(
            end
            for end, columns in there.items()
            if end in here
            and set(here[end]) != set(columns)
            and not (self._renumbered and self._plain(end, here) == self._plain(end, there))
        )

    def columns(self, end: int, *, back: bool) -> tuple[int, ...]:
        """The pods of an end, as here where it is taken back.

        Pods that only the selectors of one side tell apart are the same pods on both.
        """
        here, there = self._here.columns_at(end), self._there.columns_at(end)
        if end in self.moved:
            return here if back else there
        return there if here == there else tuple(dict.fromkeys((*there, *here)))

    def both(self, end: int) -> tuple[int, ...]:
        """The pods of an end on either side."""
        here, there = self._here.columns_at(end), self._there.columns_at(end)
        return there if here == there else tuple(dict.fromkeys((*there, *here)))

    def _plain(self, end: int, of_end: dict[int, tuple[int, ...]]) -> set[object]:
        """The pods of an end without their ordinals."""
        found: set[object] = set()
        for column in of_end.get(end, ()):
            pod = self._universe.columns[column].pod
            assert pod is not None, "only workloads have pods that differ"
            labels = {pair for pair in pod.labels.items() if pair[0] not in _ORDINALS}
            found.add((frozenset(labels), pod.ports, pod.host_network, pod.addresses))
        return found

    @cached_property
    def _renumbered(self) -> bool:
        """Whether a changed policy or Service names ordinals, so that it splits pods anew."""
        selectors = [
            selector
            for edited in self.policies
            for policy in edited
            if policy is not None
            for selector in _selectors(policy)
        ]
        keys = {each.key for selector in selectors for each in selector}
        for _, *leads in self.leads.changed:
            for lead in leads:
                keys |= set(getattr(lead, "selector", None) or ())
        return bool(keys & _ORDINALS)

    # -- edits that do the same ----------------------------------------------------------------

    @cached_property
    def _effects(self) -> tuple[object, ...]:
        """What each changed policy does, by number: equal ones are interchangeable. Only those
        that one side alone has may be: then some of them taken back are as good as none or all.
        In the ordered tiers nothing else may be asked between them (S-64)."""
        runs = self._runs()
        known: dict[object, int] = {}
        found: list[object] = []
        for number, (here, there) in enumerate(self.policies):
            policy = here or there
            assert policy is not None, "a change has at least one side"
            if here is not None and there is not None:
                found.append((number,))
                continue
            key = (here is None, _does(policy), runs.get(id(policy)))
            found.append(known.setdefault(key, number))
        return tuple(found)

    def _runs(self) -> dict[int, int]:
        """The admin and baseline policies of either side, in their order, by runs that do the
        same: numbers by object."""
        ordered = {
            id(each): each
            for side in (self._here, self._there)
            for each in side.cluster.policies
            if each.tier is not Tier.NAMESPACED
        }
        policies = sorted(ordered.values(), key=asked_order)
        runs: dict[int, int] = {}
        for number, (_, run) in enumerate(groupby(policies, key=_does)):
            runs.update((id(policy), number) for policy in run)
        return runs

    def grouped(self, edits: Iterable[Edit]) -> list[tuple[Edit, ...]]:
        """These edits in their order, those that are interchangeable as one."""
        groups: dict[object, list[Edit]] = {}
        for edit in edits:
            policy = edit.kind is Kind.POLICY
            groups.setdefault(self._effects[edit.number] if policy else edit, []).append(edit)
        return [tuple(each) for each in groups.values()]

    # -- how an edit is written ----------------------------------------------------------------

    def rules(self, number: int, direction: Direction) -> tuple[Deciding, ...]:
        """The rules of a changed policy that may be behind flows there: those of there that let
        through and are not alike here, and those of here that stopped and are not alike there."""
        found = self._deciding.get((number, direction))
        if found is None:
            found = tuple(self._rules(self.policies[number], direction))
            self._deciding[number, direction] = found
        return found

    def _rules(self, edited: Edited, direction: Direction) -> Iterator[Deciding]:
        here, there = edited
        before, after = _rules_of(here, direction), _rules_of(there, direction)
        known, said = {_said(rule) for rule in before}, {_said(rule) for rule in after}
        letting = [r for r in after if r.action is not Action.DENY and _said(r) not in known]
        stopping = [r for r in before if r.action is not Action.ALLOW and _said(r) not in said]
        for rules, own, other, is_there in (
            (letting, there, here, True),
            (stopping, here, there, False),
        ):
            if own is None:
                continue
            became = counterparts(own, other, direction) if other and rules else {}
            for rule in rules:
                now = became.get(rule.index)
                yield Deciding(self._rule(own, other, rule, now, is_there), rule, is_there)

    def _rule(
        self, own: Policy, other: Policy | None, rule: Rule, now: Rule | None, there: bool
    ) -> Cause:
        """A rule of one version: as head has it, if head has it still, else as base had it."""
        if there == self._opened:
            return _cause(own, rule, Change.MODIFIED if other else Change.ADDED, Side.HEAD)
        if other is None:
            return _cause(own, rule, Change.REMOVED, Side.BASE)
        if now is None:
            return _cause(own, rule, Change.MODIFIED, Side.BASE)
        return _cause(other, now, Change.MODIFIED, Side.HEAD)

    def policy(self, number: int) -> Cause:
        """A changed policy as a whole: it isolates, or does so no more, or selects otherwise."""
        edited = self.policies[number]
        base, head = edited if self._opened else (edited.there, edited.here)
        if head is not None:
            change = Change.ADDED if base is None else Change.MODIFIED
            return _cause(head, None, change, Side.HEAD)
        assert base is not None, "a change has at least one side"
        return _cause(base, None, Change.REMOVED, Side.BASE)

    def written(self, edit: Edit) -> Cause:
        """A whole edit as a cause."""
        if edit.kind is Kind.POLICY:
            return self.policy(edit.number)
        if edit.kind is Kind.WORKLOAD:
            return self._workload(edit.number)
        if edit.kind is Kind.NAMESPACE:
            return self._namespace(edit.name)
        return self._lead(edit.number)

    def _workload(self, end: int) -> Cause:
        """The workload itself: added, removed, or with other labels, ports or addresses."""
        name = self._universe.ends[end]
        assert isinstance(name, WorkloadEndpoint), "only workloads come and go"
        base, head = self._sides
        before, after = base.workload(name.id), head.workload(name.id)
        found = after or before
        assert found is not None, "it stands on one side at least"
        return self._object(
            (found.kind, f"{found.namespace}/{found.name}"),
            before.origin if before else None,
            after.origin if after else None,
        )

    def _namespace(self, name: str) -> Cause:
        """The labels of a namespace."""
        before, after = (side.cluster.namespaces.get(name) for side in self._sides)
        origins = (each.origin if each else None for each in (before, after))
        return self._object(("Namespace", name), *origins)

    def _lead(self, number: int) -> Cause:
        """An entry, a Service or a grant."""
        ref, here, there = self.leads.changed[number]
        before, after = (here, there) if self._opened else (there, here)
        return self._object(
            (ref.kind, ref.path),
            before.origin if before else None,
            after.origin if after else None,
        )

    @property
    def _sides(self) -> tuple[Reachability, Reachability]:
        return (self._here, self._there) if self._opened else (self._there, self._here)

    @staticmethod
    def _object(named: tuple[str, str], before: Origin | None, after: Origin | None) -> Cause:
        origin = after or before
        assert origin is not None, "what was edited is written on one side at least"
        change = Change.MODIFIED if before and after else Change.ADDED if after else Change.REMOVED
        return Cause(
            kind=named[0],
            object=named[1],
            policy=False,
            rule=None,
            change=change,
            origin=origin,
            side=Side.HEAD if after else Side.BASE,
        )


def _rules_of(policy: Policy | None, direction: Direction) -> list[Rule]:
    return [rule for rule in policy.rules if rule.direction is direction] if policy else []


def isolates(policy: Policy | None, direction: Direction) -> bool:
    """Whether a version of a policy isolates in a direction whom it selects."""
    return policy is not None and policy.tier is Tier.NAMESPACED and direction in policy.isolates


def _does(policy: Policy) -> object:
    """What a policy does, whatever its name: where order counts rules are in theirs."""
    said: Iterable[object] = map(_said, policy.rules)
    rules = frozenset(said) if policy.tier is Tier.NAMESPACED else tuple(said)
    return policy.tier, policy.subject, policy.isolates, rules


def _said(rule: Rule) -> object:
    """What a rule says; its place and where it is written do not count."""
    return rule.direction, rule.action, rule.peers, rule.ports


def _selectors(policy: Policy) -> Iterator[Selector]:
    yield policy.subject.pods
    for rule in policy.rules:
        for peer in rule.peers or ():
            if isinstance(peer, PodPeer):
                yield peer.selector.pods


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
