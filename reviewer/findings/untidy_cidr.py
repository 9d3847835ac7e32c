"""untidy-cidr: an except inside another of its item, or a block twice in a rule."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.base.addresses import AddressSet, read_cidr
from reviewer.manifests import BlockPeer, Policy, Rule

from .identity import about, finding
from .introduced import introduced
from .severity import Severity
from .types import BOTH, Check, Finding
from .view import View

RULE = "untidy-cidr"


def examine(_view: View, policy: Policy) -> Iterator[Finding]:
    """One finding for each block that is said twice in a rule."""
    for rule in policy.rules:
        key = about(policy, rule)
        for cidr in sorted({*_twice(rule), *_inside(rule)}):
            yield finding(
                RULE,
                Severity.INFO,
                (*key(), cidr),
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
    """The excepts inside another one of their item. O(n log n): a file may hold 200,000."""
    for peer in rule.peers or ():
        if not isinstance(peer, BlockPeer):
            continue
        read = [(text, found.block) for text in peer.excepted if (found := read_cidr(text))]
        covered = _covered({block for _, block in read})
        seen: set[tuple[str, AddressSet]] = set()
        for each in read:
            if each[1] in covered or each in seen:
                yield each[0]
            seen.add(each)


def _covered(blocks: set[AddressSet]) -> set[AddressSet]:
    """Those inside another one: in order of their first address, wider ones first, each that ends
    no later than one before it."""
    found: set[AddressSet] = set()
    reached: dict[int, int] = {}
    for block in sorted(blocks, key=lambda each: (each.spans[0][0], -each.spans[-1][1])):
        last = block.spans[-1][1]
        if reached.get(block.family, -1) >= last:
            found.add(block)
        reached[block.family] = max(reached.get(block.family, -1), last)
    return found


CHECK = Check(
    id=RULE,
    title="A block that is said twice",
    modes=BOTH,
    run=introduced(examine),
)
