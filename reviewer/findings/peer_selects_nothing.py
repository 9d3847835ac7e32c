"""peer-selects-nothing: a selector peer whose namespaces have workloads matches none of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from reviewer.manifests import PodPeer, Policy, Rule

from .identity import about, finding, rule_named
from .introduced import introduced
from .near_miss import near_miss
from .severity import Severity
from .types import BOTH, Check, Finding
from .view import View

RULE = "peer-selects-nothing"


def examine(view: View, policy: Policy) -> Iterator[Finding]:
    """One finding for each such peer; none where the namespaces have no workload (F-80)."""
    for rule in policy.rules:
        key = about(policy, rule)
        for index, peer in enumerate(rule.peers or ()):
            if not isinstance(peer, PodPeer) or view.matched(peer.selector):
                continue
            if view.populated(peer.selector.namespaces):
                asked = str(peer.selector.namespaces), str(peer.selector.pods)
                yield _report(policy, rule, index, (*key(), *asked), "")


def refine(view: View, policy: Policy, found: Finding) -> Finding:
    """Graver where a label is nearly right (F-35)."""
    index = found.arguments["peer"]
    rule = rule_named(policy, found.arguments["rule"])
    peer = (rule.peers or ())[index]
    assert isinstance(peer, PodPeer), "only selector peers are examined"
    places = view.populated(peer.selector.namespaces)
    near = near_miss(peer.selector.pods, view.inhabitants(places))
    return _report(policy, rule, index, found.key, near)


def _report(policy: Policy, rule: Rule, index: int, key: Sequence[Any], near: str) -> Finding:
    *_, namespaces, pods = key
    return finding(
        RULE,
        Severity.MEDIUM if near else Severity.LOW,
        key,
        {
            "policy": policy.ref.path,
            "rule": rule.name,
            "peer": index,
            "selector": pods,
            "namespaces": namespaces,
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
