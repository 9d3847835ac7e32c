"""open-rule: a rule that is open to everyone, in a policy whose pods are not in the manifests."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.base import spans
from reviewer.base.labels import EVERYTHING
from reviewer.engine import SelectorEndpoint
from reviewer.manifests import Action, BlockPeer, Direction, Peer, PodPeer, Policy, Rule

from .identity import finding, policy_key, rule_key
from .introduced import introduced
from .parts import BROAD
from .severity import Severity
from .types import BOTH, Check, Finding
from .view import View

RULE = "open-rule"


def examine(view: View, policy: Policy) -> Iterator[Finding]:
    """One finding for each such rule; where the policy has subjects, rows speak."""
    if view.subjects(policy) or view.reachability.columns(SelectorEndpoint(*policy.subject)):
        return
    for rule in policy.rules:
        what = _open_to(view, rule)
        if what and rule.action is Action.ALLOW:
            entering = rule.direction is Direction.INGRESS
            yield finding(
                RULE,
                Severity.MEDIUM if entering else Severity.LOW,
                [*policy_key(policy), rule_key(policy, rule)],
                {"policy": policy.ref.path, "rule": rule.name, "what": what},
                origin=rule.origin,
            )


def _open_to(view: View, rule: Rule) -> str:
    """What a rule is open to, "" where that is narrow."""
    if rule.peers is None:
        return "everyone"
    return next((what for peer in rule.peers if (what := _broad(view, peer))), "")


def _broad(view: View, peer: Peer) -> str:
    match peer:
        case PodPeer(selector=asked) if asked.namespaces == asked.pods == EVERYTHING:
            return "every pod of every namespace"
        case BlockPeer(blocks=blocks, written=written):
            public = (view.public(each) for each in blocks)
            broad = any(spans.size(each.spans) > BROAD[each.family] for each in public)
            return ", ".join(written) if broad else ""
        case _:
            return ""


CHECK = Check(
    id=RULE,
    title="An open rule for pods that are not in the manifests",
    modes=BOTH,
    run=introduced(examine),
)
