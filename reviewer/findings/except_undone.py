"""except-undone: a block that one peer leaves out is let in by another (S-44)."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.base import spans
from reviewer.base.addresses import AddressSet, read_cidr
from reviewer.manifests import Action, BlockPeer, Direction, NamedPort, Policy, Rule, Tier

from .containment import numbers
from .half_open import rule_ports
from .identity import finding, policy_key, rule_key
from .introduced import introduced
from .severity import Severity
from .types import BOTH, Check, Finding
from .view import View

RULE = "except-undone"


def examine(view: View, policy: Policy) -> Iterator[Finding]:
    """One finding for each `except` that is let in as a whole on a common port."""
    if policy.tier is not Tier.NAMESPACED:
        return
    for rule in policy.rules:
        for at, peer in enumerate(rule.peers or ()):
            if isinstance(peer, BlockPeer):
                for written in peer.excepted:
                    cidr = read_cidr(written)
                    found = _undone(view, (policy, rule, at), cidr.block) if cidr else None
                    if found:
                        yield _report(policy, rule, written, found)


Item = tuple[Policy, Rule, int]


def _undone(view: View, item: Item, block: AddressSet) -> tuple[Policy, Rule] | None:
    """The first rule that admits the whole block on a port that the item's rule has too."""
    policy, rule, at = item
    for other in _beside(view, policy):
        for each in other.rules:
            if each.direction is not rule.direction:
                continue
            own = other.ref == policy.ref and each is rule
            if _admits(each, block, at if own else -1) and _share_port(view, item, other, each):
                return other, each
    return None


def _share_port(view: View, item: Item, other: Policy, each: Rule) -> bool:
    """Whether two rules have a port in common; in ingress a name stands for what the common
    subjects declare (S-46), and outside addresses have no names."""
    policy, rule, _ = item
    if numbers(rule).meets(numbers(each)):
        return True
    names = any(isinstance(port, NamedPort) for port in (*(rule.ports or ()), *(each.ports or ())))
    if not names or rule.direction is not Direction.INGRESS:
        return False
    shared = {workload.id for workload in view.subjects(other)}
    return any(
        rule_ports(rule, workload).meets(rule_ports(each, workload))
        for workload in view.subjects(policy)
        if workload.id in shared
    )


def _beside(view: View, policy: Policy) -> Iterator[Policy]:
    """The policies that share a subject with this one, itself first."""
    yield policy
    shared = {
        other.ref: other
        for subject in view.subjects(policy)
        for other in view.selected_by(subject.id)
        if other.tier is Tier.NAMESPACED and other.ref != policy.ref
    }
    yield from sorted(shared.values(), key=lambda each: each.origin)


def _admits(rule: Rule, block: AddressSet, leave_out: int) -> bool:
    if rule.peers is None:
        return rule.action is Action.ALLOW
    return any(
        each.family == block.family and spans.covers(each.spans, block.spans)
        for at, peer in enumerate(rule.peers)
        if isinstance(peer, BlockPeer) and at != leave_out
        for each in peer.blocks
    )


def _report(policy: Policy, rule: Rule, written: str, found: tuple[Policy, Rule]) -> Finding:
    other, other_rule = found
    return finding(
        RULE,
        Severity.MEDIUM,
        [
            *policy_key(policy),
            rule_key(policy, rule),
            written,
            *policy_key(other),
            rule_key(other, other_rule),
        ],
        {
            "policy": policy.ref.path,
            "rule": rule.name,
            "except": written,
            "other": other.ref.path,
            "other_rule": other_rule.name,
            "ports": numbers(rule) & numbers(other_rule),
        },
        origin=rule.origin,
    )


CHECK = Check(
    id=RULE,
    title="An except is let in elsewhere",
    modes=BOTH,
    run=introduced(examine),
)
