"""Whether head would have the same flows without a policy, or with base's in its place.

A NetworkPolicy acts on the pods it selects alone, so it is enough to look at these: at what its
rules let in or out beyond the other policies that isolate the pod, as far as a flow comes of it
(S-42, S-51). In doubt there is an effect: nobody is told that a policy is idle that is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from reviewer.base import addresses
from reviewer.base import ports as sets
from reviewer.base.ports import PortSet
from reviewer.cluster import Workload
from reviewer.engine import WorkloadEndpoint
from reviewer.manifests import BlockPeer, Direction, PodPeer, Policy, Rule, Tier

from .containment import contained, numbers
from .half_open import rule_ports
from .view import View

WORK_AT_MOST = 4_000
"""Over so many looks at rules and peers a policy is taken to have an effect."""

_OTHER = {Direction.INGRESS: Direction.EGRESS, Direction.EGRESS: Direction.INGRESS}


class Case(NamedTuple):
    """One pod's side: the rules it has with the policy as it is, and those without."""

    workload: Workload
    direction: Direction
    present: tuple[Rule, ...]
    absent: tuple[Rule, ...]


class Effect:
    """Answers for one policy of head; `before` is base's, None where it was added. `left` is the
    work it may still do."""

    def __init__(
        self, view: View, policy: Policy, before: Policy | None, work: int = WORK_AT_MOST
    ) -> None:
        self._view = view
        self._policy = policy
        self._before = before
        self.left = work
        self._led_to = {way.workload for way in view.ways()}

    def idle(self) -> bool:
        """Whether no flow comes or goes with it."""
        selected = {each.id: each for each in self._subjects()}
        for workload in selected.values():
            for direction in Direction:
                if not self._same(workload, direction):
                    return False
        return True

    def _subjects(self) -> Iterator[Workload]:
        yield from self._view.subjects(self._policy)
        if self._before is not None:
            yield from self._view.matched(self._before.subject)

    def _same(self, workload: Workload, direction: Direction) -> bool:
        """Whether one side of one workload is the same either way."""
        others = [
            rule
            for other in self._view.selected_by(workload.id)
            if other.tier is Tier.NAMESPACED
            and other.ref != self._policy.ref
            and direction in other.isolates
            for rule in (None, *other.rules)
            if rule is None or rule.direction is direction
        ]
        rules = tuple(rule for rule in others if rule is not None)
        self.left -= 1 + len(others)
        if self.left < 0:
            return False
        now = self._applies(self._policy, workload, direction)
        then = self._before is not None and self._applies(self._before, workload, direction)
        if not others and now != then:
            alone = self._policy if now else self._before
            open_to_all = any(r.peers is None and r.ports is None for r in _of(alone, direction))
            return open_to_all and not self._ranked()
        present = (*rules, *_of(self._policy, direction)) if now else rules
        absent = (*rules, *_of(self._before, direction)) if then else rules
        case = Case(workload, direction, present, absent)
        return not (now or then) or (self._adds_nothing(case) and self._lacks_nothing(case))

    def _applies(self, policy: Policy, workload: Workload, direction: Direction) -> bool:
        if direction not in policy.isolates:
            return False
        return workload.id in self._view.meant(policy.subject)

    def _ranked(self) -> bool:
        """Whether other tiers decide anything; then being isolated matters by itself."""
        return bool(self._view.admin or self._view.baseline)

    def _adds_nothing(self, case: Case) -> bool:
        """Whether no flow of head is owed to a rule that would not be there."""
        extra = self._beyond(case.present, case.absent)
        return self.left >= 0 and all(
            self._covered(case, rule, case.absent, flows=True) for rule in extra
        )

    def _lacks_nothing(self, case: Case) -> bool:
        """Whether no flow would come of a rule that is not there now."""
        missing = self._beyond(case.absent, case.present)
        return self.left >= 0 and all(
            self._covered(case, rule, case.present, flows=False) for rule in missing
        )

    def _beyond(self, rules: Sequence[Rule], by: Sequence[Rule]) -> list[Rule]:
        """The rules that no single other one contains; those that both sides have are not asked."""
        held = {id(rule) for rule in by}
        own = [rule for rule in rules if id(rule) not in held]
        self.left -= len(own) * len(by)
        if self.left < 0:
            return own
        return [rule for rule in own if not any(contained(rule, other) for other in by)]

    def _covered(self, case: Case, rule: Rule, by: Sequence[Rule], flows: bool) -> bool:
        """Whether what a rule allows is allowed by the others, or is no flow for the other side."""
        led_to = case.direction is Direction.INGRESS and case.workload.id in self._led_to
        if rule.peers is None or led_to:
            return False
        for peer in rule.peers:
            if isinstance(peer, PodPeer):
                if not self._view.populated(peer.selector.namespaces):
                    return False  # for pods that are not in the manifests
                for other in self._view.matched(peer.selector):
                    self.left -= 1 + len(by)
                    if self.left < 0 or self._gains(case, rule, by, other, flows):
                        return False
            elif not isinstance(peer, BlockPeer) or not _blocks_covered(peer, rule, by):
                return False
        return True

    def _gains(
        self, case: Case, rule: Rule, by: Sequence[Rule], other: Workload, flows: bool
    ) -> bool:
        """Whether a flow with this workload hangs on the rule."""
        enters = case.direction is Direction.INGRESS
        destination = case.workload if enters else other
        known = (rule_ports(r, destination) for r in by if self._matches(r, other))
        rest = rule_ports(rule, destination) - sets.union(known)
        if not rest or other.id == case.workload.id:
            return bool(rest)  # replicas of one workload: no row (S-53), and yet something
        mine, theirs = WorkloadEndpoint(case.workload.id), WorkloadEndpoint(other.id)
        if flows:
            pair = (theirs, mine) if enters else (mine, theirs)
            return self._view.ports(*pair).meets(rest)
        return self._opposite(other, case, mine).meets(rest)

    def _opposite(self, other: Workload, case: Case, mine: WorkloadEndpoint) -> PortSet:
        return self._view.reachability.side_ports(other.id, _OTHER[case.direction], mine)

    def _matches(self, rule: Rule, other: Workload) -> bool:
        return rule.peers is None or any(
            isinstance(peer, PodPeer) and other.id in self._view.meant(peer.selector)
            for peer in rule.peers
        )


def _of(policy: Policy | None, direction: Direction) -> Iterator[Rule]:
    for rule in policy.rules if policy else ():
        if rule.direction is direction:
            yield rule


def _blocks_covered(peer: BlockPeer, rule: Rule, by: Sequence[Rule]) -> bool:
    """Whether one peer's addresses are all in blocks of rules with at least its ports."""
    wide = [other for other in by if _has_ports(other, rule)]
    if any(other.peers is None for other in wide):
        return True
    held = [
        block
        for other in wide
        for each in other.peers or ()
        if isinstance(each, BlockPeer)
        for block in each.blocks
    ]
    return not any(
        block.difference(addresses.union(block.family, held)).spans for block in peer.blocks
    )


def _has_ports(outer: Rule, inner: Rule) -> bool:
    """Whether a rule admits an outside address on every port that the other does."""
    return numbers(outer).covers(numbers(inner))
