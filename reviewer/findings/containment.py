"""Whether one rule allows no more than another, for any pod there may be (S-86)."""

from __future__ import annotations

from collections.abc import Sequence

from reviewer.base import addresses, spans
from reviewer.base import ports as sets
from reviewer.base.addresses import AddressSet
from reviewer.base.labels import implies
from reviewer.base.ports import ALL_PORTS, PortSet
from reviewer.manifests import BlockPeer, NamedPort, Peer, PodPeer, Rule


def contained(inner: Rule, outer: Rule) -> bool:
    """Whether everything that `inner` matches `outer` matches too: by implication of selectors and
    by sets of addresses and ports, whatever pods there are today."""
    return _ports_within(inner, outer) and _peers_within(inner, outer)


def _ports_within(inner: Rule, outer: Rule) -> bool:
    if outer.ports is None:
        return True
    if inner.ports is None:
        return numbers(outer) == ALL_PORTS
    held = numbers(outer)
    return all(
        port in outer.ports or held.covers(_most(port))
        if isinstance(port, NamedPort)
        else held.covers(port)
        for port in inner.ports
    )


def _most(port: NamedPort) -> PortSet:
    """All that a name may stand for on some pod (S-46)."""
    if port.protocol is None:
        return ALL_PORTS
    return sets.port_range(port.protocol, 1, 65535)


def numbers(rule: Rule) -> PortSet:
    """The ports of a rule that are written as numbers; all where it has no list."""
    if rule.ports is None:
        return ALL_PORTS
    return sets.union(each for each in rule.ports if isinstance(each, PortSet))


def _peers_within(inner: Rule, outer: Rule) -> bool:
    if outer.peers is None:
        return True
    if inner.peers is None:
        return False
    return all(_peer_within(each, outer.peers) for each in inner.peers)


def _peer_within(inner: Peer, outer: Sequence[Peer]) -> bool:
    """A selector lies in one item that it implies, addresses in all blocks together."""
    match inner:
        case PodPeer(selector=one):
            return any(
                implies(one.namespaces, other.selector.namespaces)
                and implies(one.pods, other.selector.pods)
                for other in outer
                if isinstance(other, PodPeer)
            )
        case BlockPeer(blocks=blocks):
            others = [each for peer in outer if isinstance(peer, BlockPeer) for each in peer.blocks]
            return all(_block_within(block, others) for block in blocks)
        case _:
            return inner in outer


def _block_within(block: AddressSet, others: Sequence[AddressSet]) -> bool:
    """Whether some blocks hold another, each by itself or all together."""
    if any(block.family == o.family and spans.covers(o.spans, block.spans) for o in others):
        return True
    edges = (block.spans[0][0], block.spans[-1][1])
    if not all(any(low <= e <= high for o in others for low, high in o.spans) for e in edges):
        return False  # cheaper than a union, and mostly the answer
    return spans.covers(addresses.union(block.family, others).spans, block.spans)
