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
    admin = [each for each in view.admin if _covers(each, policy)]
    for rule in policy.rules if admin else ():
        decider = _decider(rule, admin)
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


def _decider(rule: Rule, admin: list[Policy]) -> Policy | None:
    """The admin policy whose rule takes all that this one matches; none where a Pass may come
    first."""
    for policy in admin:
        for each in policy.rules:
            if each.direction is not rule.direction:
                continue
            if each.action is Action.PASS:
                if _may_meet(rule, each):
                    return None
            elif contained(rule, each):
                return policy
    return None


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
