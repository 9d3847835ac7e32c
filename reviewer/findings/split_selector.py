"""split-selector: a dash between namespaceSelector and podSelector makes AND into OR (S-17)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from reviewer.manifests import PodPeer, PodSelector, Policy, Rule, Tier

from .identity import finding, policy_key, rule_key, written_rule
from .introduced import introduced
from .severity import Severity
from .types import BOTH, Check, Finding
from .view import View

RULE = "split-selector"


def examine(view: View, policy: Policy) -> Iterator[Finding]:
    """One finding for each pair of neighbours in a list of peers."""
    if policy.tier is not Tier.NAMESPACED:
        return
    for rule in policy.rules:
        items = _items(policy, rule)
        for index in range(len(items) - 1):
            for first, second in ((index, index + 1), (index + 1, index)):
                if _only(items[first], "namespaceSelector") and _only(items[second], "podSelector"):
                    yield from _pair(view, policy, rule, first, second)


def _items(policy: Policy, rule: Rule) -> Sequence[Any]:
    written = written_rule(policy, rule.name)
    if not isinstance(written, Mapping):
        return ()
    found = written.get("from") or written.get("to") or ()
    return found if len(found) == len(rule.peers or ()) else ()


def _only(item: Any, name: str) -> bool:
    """Whether a peer has this selector and no other field of a peer."""
    others = {"podSelector", "namespaceSelector", "ipBlock"} - {name}
    return isinstance(item, Mapping) and name in item and not others.intersection(item)


def _pair(view: View, policy: Policy, rule: Rule, first: int, second: int) -> Iterator[Finding]:
    peers = rule.peers or ()
    spaces, pods = peers[first], peers[second]
    if not isinstance(spaces, PodPeer) or not isinstance(pods, PodPeer) or not pods.selector.pods:
        return
    together = PodSelector(spaces.selector.namespaces, pods.selector.pods)
    abroad = [w for w in view.matched(together) if w.namespace != policy.ref.namespace]
    if abroad:
        at_home = view.matched(pods.selector)
        yield finding(
            RULE,
            Severity.LOW if at_home else Severity.MEDIUM,
            [
                *policy_key(policy),
                rule_key(policy, rule),
                str(together.namespaces),
                str(together.pods),
            ],
            {
                "policy": policy.ref.path,
                "rule": rule.name,
                "namespaces": view.populated(together.namespaces),
            },
            origin=rule.origin,
            fix="drop the second dash",
        )


CHECK = Check(
    id=RULE,
    title="Two peers where one was probably meant",
    modes=BOTH,
    run=introduced(examine),
)
