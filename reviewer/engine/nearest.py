"""One pair of ends as one side sees it, and the rules that nearly matched it (F-51, F-52)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from reviewer.base.addresses import AddressSet
from reviewer.base.addresses import union as united
from reviewer.base.labels import NAMESPACE_NAME, UNKNOWN, Labels, Selector
from reviewer.base.ports import PortSet
from reviewer.manifests import (
    BlockPeer,
    Direction,
    NamedPort,
    Peer,
    PodPeer,
    Policy,
    Rule,
    Tier,
)

from .reachability import Reachability
from .tiers import IN

NEAREST = 3
"""How many rules that nearly matched are told."""


class Missing(NamedTuple):
    """One fact that would have to differ for a rule to match (F-52); `found` None where there is
    none."""

    what: str
    key: str
    wanted: str
    found: str | None


class Nearly(NamedTuple):
    """A rule that did not match, and what kept it from it."""

    policy: Policy
    rule: Rule
    missing: tuple[Missing, ...]


class Other(NamedTuple):
    """The end that one side looks at: a column, or an outside address (family and number)."""

    column: int | None
    address: tuple[int, int] | None


class Pair:
    """One pod, one direction, and the end at the other side of the flow, in one family."""

    def __init__(
        self,
        reachability: Reachability,
        column: int,
        other: Other,
        direction: Direction,
        family: int,
    ) -> None:
        self.universe = reachability.universe
        self.side = reachability.side
        self.cluster = reachability.cluster
        self.column, self.other, self.direction = column, other, direction
        self.family = family

    def blocks(self, rule: Rule) -> AddressSet:
        """The addresses that a rule names, of the pair's family."""
        found = [b for peer in rule.peers or () if isinstance(peer, BlockPeer) for b in peer.blocks]
        return self.of_family(found)

    def of_family(self, blocks: Iterable[AddressSet]) -> AddressSet:
        """These blocks, of the pair's family."""
        return united(self.family, blocks)

    def inside(self, blocks: AddressSet) -> bool:
        """Whether the other end certainly is among these addresses (S-54)."""
        if self.other.address is not None:
            return any(low <= self.other.address[1] <= high for low, high in blocks.spans)
        assert self.other.column is not None, "an end is a column or an address"
        return bool(self.side.places.within(blocks.spans, blocks.family) >> self.other.column & 1)

    def ports(self, rule: Rule) -> PortSet:
        """The ports a rule means at the destination; names mean nothing at an address."""
        to = self.column if self.direction is IN else self.other.column
        known = () if to is None else self.universe.ports_of(to)
        tables = self.side.tables
        return tables.resolve(tables.ports_id(rule.ports), tables.signature(known))

    def governs(self, policy: Policy) -> bool:
        """Whether a policy has anything to say of this direction."""
        if policy.isolates:
            return self.direction in policy.isolates
        return any(rule.direction is self.direction for rule in policy.rules)


def nearest(pair: Pair, denied: PortSet) -> Iterator[Nearly]:
    """The rules with the fewest facts that would have to differ, then by place."""
    found: list[tuple[int, Nearly]] = []
    for policy in pair.cluster.policies:
        if policy.tier is not Tier.NAMESPACED or not pair.governs(policy):
            continue
        lacking = _subject_lacks(pair, policy)
        if lacking is None:
            continue
        for rule in policy.rules:
            if rule.direction is pair.direction:
                missing = (*lacking, *_peer_lacks(pair, rule), *_port_lacks(pair, rule, denied))
                if missing:
                    found.append((len(missing), Nearly(policy, rule, missing)))
    found.sort(key=lambda each: (each[0], each[1].rule.origin))
    return (nearly for _, nearly in found[:NEAREST])


def _subject_lacks(pair: Pair, policy: Policy) -> tuple[Missing, ...] | None:
    """Nothing where the policy selects the pod, one fact where its selector misses by one."""
    column = pair.universe.columns[pair.column]
    if policy.ref.namespace != column.namespace or column.pod is None:
        return None
    found = tuple(_lacking(policy.subject.pods, column.pod.labels, "subject-label"))
    return found if len(found) <= 1 else None


def _peer_lacks(pair: Pair, rule: Rule) -> tuple[Missing, ...]:
    if rule.peers is None:
        return ()
    return min((tuple(_lacks(pair, peer)) for peer in rule.peers), key=len)


def _lacks(pair: Pair, peer: Peer) -> Iterator[Missing]:
    """The facts that keep one peer from being the other end."""
    if isinstance(peer, BlockPeer):
        if not pair.inside(pair.of_family(peer.blocks)):
            yield Missing("address", "", ", ".join(peer.written), _address(pair))
        return
    assert isinstance(peer, PodPeer), "NetworkPolicies have no other peers"
    column = None if pair.other.column is None else pair.universe.columns[pair.other.column]
    if column is None or column.pod is None or column.pod.host_network:
        yield Missing("address", "", "a pod of the cluster", _address(pair))
        return
    asked = peer.selector
    yield from _lacking(asked.namespaces, _namespace(pair, column.namespace), "namespace-label")
    yield from _lacking(asked.pods, column.pod.labels, "pod-label")


def _address(pair: Pair) -> str | None:
    if pair.other.address is None:
        return None
    family, number = pair.other.address
    return AddressSet(family, ((number, number),)).cidrs()[0].partition("/")[0]


def _namespace(pair: Pair, name: str) -> Labels:
    known = pair.cluster.namespaces.get(name)
    return known.labels if known else {NAMESPACE_NAME: name}


def _port_lacks(pair: Pair, rule: Rule, denied: PortSet) -> Iterator[Missing]:
    """The one fact about ports, where the rule gives none of what is denied."""
    if pair.ports(rule) & denied:
        return
    names = [each.name for each in rule.ports or () if isinstance(each, NamedPort)]
    if names:
        yield Missing("named-port", "", ", ".join(names), None)
        return
    wanted = pair.ports(rule)
    protocols = {each.protocol for each in denied.ranges()}
    if protocols & {each.protocol for each in wanted.ranges()}:
        yield Missing("port", "", _words(wanted), _words(denied))
    else:
        yield Missing("protocol", "", _words(wanted), _words(denied))


def _lacking(asked: Selector, labels: Labels, what: str) -> Iterator[Missing]:
    for each in asked:
        if not each.holds(labels):
            found = labels.get(each.key)
            word = "namespace" if each.key == NAMESPACE_NAME else what
            yield Missing(word, each.key, _wanted(str(each), each.key), _known(found))


def _wanted(text: str, key: str) -> str:
    """The wanted value where that is all a requirement says, else the whole requirement."""
    return text.removeprefix(f"{key}=") if text.startswith(f"{key}=") else text


def _known(value: str | None) -> str | None:
    return "?" if value == UNKNOWN else value


def _words(ports: PortSet) -> str:
    return ", ".join(
        f"{protocol} {first}" if first == last else f"{protocol} {first}-{last}"
        for protocol, first, last in ports.ranges()
    )
