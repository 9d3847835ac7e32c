"""untidy-cidr: an except inside another of its item, or a block twice in a rule."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.base import spans
from reviewer.base.addresses import read_cidr
from reviewer.manifests import BlockPeer, Policy, Rule

from .identity import finding, policy_key, rule_key
from .introduced import introduced
from .severity import Severity
from .types import BOTH, Check, Finding
from .view import View

RULE = "untidy-cidr"


def examine(_view: View, policy: Policy) -> Iterator[Finding]:
    """One finding for each block that is said twice in a rule."""
    for rule in policy.rules:
        for cidr in sorted({*_twice(rule), *_inside(rule)}):
            yield finding(
                RULE,
                Severity.INFO,
                [*policy_key(policy), rule_key(policy, rule), cidr],
                {"policy": policy.ref.path, "rule": rule.name, "cidr": cidr},
                origin=rule.origin,
                fix="drop it",
            )


def _twice(rule: Rule) -> Iterator[str]:
    seen: set[object] = set()
    for peer in rule.peers or ():
        if isinstance(peer, BlockPeer):
            if peer.blocks in seen:
                yield ", ".join(peer.written)
            seen.add(peer.blocks)


def _inside(rule: Rule) -> Iterator[str]:
    for peer in rule.peers or ():
        if not isinstance(peer, BlockPeer):
            continue
        read = [(text, found.block) for text in peer.excepted if (found := read_cidr(text))]
        for at, (text, block) in enumerate(read):
            others = [other for place, (_, other) in enumerate(read) if place != at]
            if any(
                other.family == block.family and spans.covers(other.spans, block.spans)
                for other in others
                if other != block or (text, block) in read[:at]
            ):
                yield text


CHECK = Check(
    id=RULE,
    title="A block that is said twice",
    modes=BOTH,
    run=introduced(examine),
)
