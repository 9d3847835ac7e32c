"""broad-cidr: a block of more than a /8 (IPv6: /32) that is not all of its family."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.base.addresses import BITS, read_cidr
from reviewer.manifests import BlockPeer, Policy

from .identity import about, finding
from .introduced import introduced
from .severity import Severity
from .types import BOTH, Check, Finding
from .view import View

RULE = "broad-cidr"
_SHORTEST = {4: 8, 6: 32}


def examine(_view: View, policy: Policy) -> Iterator[Finding]:
    """One finding for each such block of a rule; all of a family is named by rows."""
    for rule in policy.rules:
        key = about(policy, rule)
        for written in _written(rule.peers or ()):
            cidr = read_cidr(written)
            if cidr is None or not 0 < cidr.prefix < _SHORTEST[cidr.block.family]:
                continue
            yield finding(
                RULE,
                Severity.LOW,
                (*key(), written),
                {
                    "policy": policy.ref.path,
                    "rule": rule.name,
                    "cidr": written,
                    "addresses": 1 << BITS[cidr.block.family] - cidr.prefix,
                },
                origin=rule.origin,
            )


def _written(peers: tuple[object, ...]) -> Iterator[str]:
    for peer in peers:
        if isinstance(peer, BlockPeer):
            yield from peer.written


CHECK = Check(
    id=RULE,
    title="A very broad block of addresses",
    modes=BOTH,
    run=introduced(examine),
)
