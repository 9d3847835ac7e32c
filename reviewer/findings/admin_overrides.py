"""admin-overrides: a rule of a NetworkPolicy never decides: the Admin tier does (S-52, S-64)."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.base.labels import implies, may_match
from reviewer.base.ports import PortSet
from reviewer.manifests import Action, BlockPeer, NamedPort, PodPeer, Policy, Rule, Tier

from .containment import contained, numbers
from .identity import finding, policy_key, rule_key
from .introduced import introduced
from .severity import Severity
from .types import BOTH, Check, Finding
from .view import View

RULE = "admin-overrides"


def examine(view: View, policy: Policy) -> Iterator[Finding]:
    """One finding for each rule of which every packet is decided before it."""
    if policy.tier is not Tier.NAMESPACED:
        return
    if not any(_covers(each, policy) for each in view.admin):
        return
    for rule in policy.rules:
        decider = _decider(policy, rule, view.admin)
        if decider:
            yield finding(
                RULE,
                Severity.LOW,
                [*policy_key(policy), rule_key(policy, rule), *policy_key(decider)],
                {"policy": policy.ref.path, "rule": rule.name, "other": decider.ref.path},
                origin=rule.origin,
            )


def _covers(admin: Policy, policy: Policy) -> bool:
    """Whether every subject of the NetworkPolicy is a subject of the admin policy."""
    return implies(policy.subject.namespaces, admin.subject.namespaces) and implies(
        policy.subject.pods, admin.subject.pods
    )


def _decider(policy: Policy, rule: Rule, admin: list[Policy]) -> Policy | None:
    """The admin policy whose rule takes all that this one matches; none where a Pass may come
    first, be it for some of the subjects alone."""
    for other in admin:
        sure = _covers(other, policy)
        for each in other.rules:
            if each.direction is not rule.direction:
                continue
            if each.action is Action.PASS:
                if _may_share(other, policy) and _may_meet(rule, each):
                    return None
            elif sure and contained(rule, each):
                return other
    return None


def _may_share(admin: Policy, policy: Policy) -> bool:
    """Whether some subject of the NetworkPolicy may be one of the admin policy."""
    return may_match(policy.subject.namespaces, admin.subject.namespaces) and may_match(
        policy.subject.pods, admin.subject.pods
    )


def _may_meet(rule: Rule, other: Rule) -> bool:
    """Whether some packet may match both rules; in doubt yes."""
    named = any(isinstance(p, NamedPort) for p in (*(rule.ports or ()), *(other.ports or ())))
    mine: PortSet = numbers(rule)
    if not named and not mine.meets(numbers(other)):
        return False
    if rule.peers is None or other.peers is None:
        return True
    return any(
        not (isinstance(a, PodPeer) and isinstance(b, PodPeer))
        or (
            may_match(a.selector.namespaces, b.selector.namespaces)
            and may_match(a.selector.pods, b.selector.pods)
        )
        for a in rule.peers
        for b in other.peers
        if isinstance(a, PodPeer | BlockPeer)
    )


CHECK = Check(
    id=RULE,
    title="The Admin tier decides before a rule",
    modes=BOTH,
    run=introduced(examine),
)
