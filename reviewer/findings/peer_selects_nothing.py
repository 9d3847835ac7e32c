"""peer-selects-nothing: a selector peer whose namespaces have workloads matches none of them."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.manifests import PodPeer, PodSelector, Policy, Rule

from .identity import finding, policy_key, rule_key
from .introduced import introduced
from .near_miss import near_miss
from .severity import Severity
from .types import BOTH, Check, Finding
from .view import View

RULE = "peer-selects-nothing"


def examine(view: View, policy: Policy) -> Iterator[Finding]:
    """One finding for each such peer; none where the namespaces have no workload (F-80)."""
    for rule in policy.rules:
        for index, peer in enumerate(rule.peers or ()):
            if not isinstance(peer, PodPeer) or view.matched(peer.selector):
                continue
            if view.populated(peer.selector.namespaces):
                yield _report(policy, rule, index, peer.selector, "")


def refine(view: View, policy: Policy, found: Finding) -> Finding:
    """Graver where a label is nearly right (F-35)."""
    index = found.arguments["peer"]
    rule = next(each for each in policy.rules if each.name == found.arguments["rule"])
    peer = (rule.peers or ())[index]
    assert isinstance(peer, PodPeer), "only selector peers are examined"
    places = view.populated(peer.selector.namespaces)
    near = near_miss(peer.selector.pods, view.inhabitants(places))
    return _report(policy, rule, index, peer.selector, near)


def _report(policy: Policy, rule: Rule, index: int, asked: PodSelector, near: str) -> Finding:
    return finding(
        RULE,
        Severity.MEDIUM if near else Severity.LOW,
        [*policy_key(policy), rule_key(policy, rule), str(asked.namespaces), str(asked.pods)],
        {
            "policy": policy.ref.path,
            "rule": rule.name,
            "peer": index,
            "selector": str(asked.pods),
            "namespaces": str(asked.namespaces),
            "near": near,
        },
        origin=rule.origin,
        fix=f"select {near}" if near else None,
    )


CHECK = Check(
    id=RULE,
    title="A peer matches nothing",
    modes=BOTH,
    run=introduced(examine, refine=refine),
)
