"""Whether one rule allows no more than another, for any pod there may be (S-86)."""

from __future__ import annotations

from reviewer.base import ports as sets
from reviewer.base import spans
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
    held, names = numbers(outer), set(outer.ports)
    return all(
        port in names if isinstance(port, NamedPort) else held.covers(port) for port in inner.ports
    )


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
    return all(any(_peer_within(one, other) for other in outer.peers or ()) for one in inner.peers)


def _peer_within(inner: Peer, outer: Peer) -> bool:
    match inner, outer:
        case PodPeer(selector=one), PodPeer(selector=other):
            return implies(one.namespaces, other.namespaces) and implies(one.pods, other.pods)
        case BlockPeer(blocks=blocks), BlockPeer(blocks=others):
            return all(
                any(b.family == o.family and spans.covers(o.spans, b.spans) for o in others)
                for b in blocks
            )
        case _:
            return inner == outer
