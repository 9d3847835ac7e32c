"""May a packet pass? Both sides, tier by tier, one packet at a time (sections 4 to 6)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from tests.oracle import refused
from tests.oracle.cluster import Cluster, Pod
from tests.oracle.policies import (
    EGRESS,
    INGRESS,
    Governing,
    Network,
    Peer,
    PortItem,
    Rule,
    governing,
)
from tests.oracle.selectors import Requirements, implies, matches, may_match

PROTOCOLS = ("TCP", "UDP", "SCTP")


class Packet(NamedTuple):
    """Ports `low` to `high` of a protocol that no policy tells apart; judged at `low`."""

    protocol: str
    low: int
    high: int


Packets = frozenset[Packet]


@dataclass(frozen=True, slots=True)
class Outside:
    """An outside address (S-55)."""

    family: int
    address: int


@dataclass(frozen=True, slots=True, eq=False)
class Somewhere:
    """Any pod of which only these selectors are known (S-85, S-88)."""

    spaces: Requirements
    pods: Requirements
    ranges: tuple[refused.Block, ...]

    def families(self) -> set[int]:
        """Its address is unknown (S-28)."""
        return {block.family for block in self.ranges}


@dataclass(frozen=True, slots=True, eq=False)
class Controller:
    """The ingress controller in one of its namespaces (S-80)."""

    space: dict[str, str]
    ranges: tuple[refused.Block, ...]

    def families(self) -> set[int]:
        """Its address is unknown (S-28)."""
        return {block.family for block in self.ranges}


End = Pod | Outside | Somewhere | Controller


def selected(item: Peer, peer: End, action: str) -> bool:
    """Whether the selectors of an item match a peer (S-44, S-63, S-80, S-85, S-88)."""
    if item.nodes is not None:
        return isinstance(peer, Pod) and peer.host and not item.nodes
    if item.spaces is None or item.pods is None:
        return False
    if isinstance(peer, Pod):
        return (
            not peer.host and matches(item.spaces, peer.space) and matches(item.pods, peer.labels)
        )
    if isinstance(peer, Controller):
        return matches(item.spaces, peer.space) and (action == "Allow" or not item.pods)
    if isinstance(peer, Somewhere):
        sure = implies if action == "Allow" else may_match
        return sure(peer.spaces, item.spaces) and sure(peer.pods, item.pods)
    return False


def by_address(networks: Iterable[Network], peer: End, family: int) -> bool:
    """S-54, S-55: whether networks match a peer by its address, for certain."""
    listed = list(networks)
    if not listed:
        return False
    if isinstance(peer, Outside):
        return any(one.has(family, peer.address) for one in listed)
    if isinstance(peer, Pod) and peer.addresses is not None:
        own = [address for version, address in peer.addresses if version == family]
        return any(one.has(family, address) for one in listed for address in own)
    ranges = [block for block in peer.ranges if block.family == family]
    return bool(ranges) and all(
        any(one.has(family, address) for one in listed)
        for block in ranges
        for address in representatives(block, listed)
    )


def representatives(block: refused.Block, networks: Iterable[Network]) -> set[int]:
    """Addresses of a block such that networks that hold all of them hold the block."""
    edges = {block.low}
    for one in networks:
        for part in (one.block, *one.without):
            if part.family == block.family:
                edges |= {part.low, part.high + 1}
    return {edge for edge in edges if block.low <= edge <= block.high}


def port_matches(item: PortItem, packet: Packet, target: End | None) -> bool:
    """S-45, S-46, S-63: whether an item of ports matches, at the destination."""
    if item.protocol not in {None, packet.protocol}:
        return False
    if item.name is None:
        return item.low <= packet.low <= item.high
    if not isinstance(target, Pod) or target.host:
        return False
    return (item.name, packet.protocol, packet.low) in target.ports


def ports_match(rule: Rule, packet: Packet, target: End | None) -> bool:
    """Whether the ports of a rule match."""
    return rule.ports is None or any(port_matches(one, packet, target) for one in rule.ports)


class Judge:
    """Judges packets in one snapshot; `packets` cover all ports of all protocols."""

    def __init__(self, cluster: Cluster, packets: Iterable[Packet]) -> None:
        self.cluster = cluster
        self.packets = tuple(packets)
        self.policies = governing(cluster)
        self.by_pods = cluster.settings.ipblock_pods != "never"
        self._governed: dict[tuple[End, str, str], list[Governing]] = {}
        self._sides: dict[tuple[object, ...], Packets] = {}

    def has_subject(self, policy: Governing, subject: Pod | Somewhere) -> bool:
        """S-40, S-62, S-88: whether a policy has a pod as subject; never a host-network one."""
        if isinstance(subject, Somewhere):
            return implies(subject.spaces, policy.spaces) and implies(subject.pods, policy.pods)
        return (
            not subject.host
            and matches(policy.spaces, subject.space)
            and matches(policy.pods, subject.labels)
        )

    def governed(self, subject: Pod | Somewhere, direction: str, tier: str) -> list[Governing]:
        """The policies of a tier, in order, that govern this direction of a subject."""
        key = (subject, direction, tier)
        if key not in self._governed:
            self._governed[key] = [
                one
                for one in self.policies
                if one.tier == tier and direction in one.rules and self.has_subject(one, subject)
            ]
        return self._governed[key]

    def isolated(self, pod: Pod | Somewhere, direction: str) -> bool:
        """S-42: whether at least one NP that governs the direction selects it."""
        return bool(self.governed(pod, direction, "networkpolicy"))

    def side(
        self, subject: End, direction: str, peer: End, family: int, target: End | None
    ) -> Packets:
        """The packets that the policies of one end allow (S-51, S-52)."""
        if not isinstance(subject, (Pod, Somewhere)):
            return frozenset(self.packets)
        key = (subject, direction, self.signature(subject, direction, peer), family, target)
        if key not in self._sides:
            side = Side(self, (subject, direction), (peer, family), target)
            self._sides[key] = frozenset(filter(side.allows, self.packets))
        return self._sides[key]

    def signature(self, subject: Pod | Somewhere, direction: str, peer: End) -> object:
        """What of a peer the verdict can depend on: an address by the networks that hold it."""
        if not isinstance(peer, Outside):
            return peer
        return tuple(
            one.has(peer.family, peer.address)
            for tier in ("admin", "networkpolicy", "baseline")
            for policy in self.governed(subject, direction, tier)
            for rule in policy.rules[direction]
            for item in rule.peers or ()
            for one in item.networks
        )

    def rules(self, subject: Pod | Somewhere, direction: str, tier: str) -> list[Rule]:
        """The rules of a tier that govern this direction of a subject, in order."""
        listed = self.governed(subject, direction, tier)
        return [rule for policy in listed for rule in policy.rules[direction]]

    def address_rules(self, peer: End) -> bool:
        """S-54: `ipblock-pods: never` makes address rules ignore pods."""
        return self.by_pods or isinstance(peer, Outside)

    def admin_peer(self, rule: Rule, peer: End, family: int) -> bool:
        """S-63, S-54, S-66: whether one admin rule has a peer."""
        items = rule.peers or ()
        if any(selected(item, peer, rule.action) for item in items):
            return True
        networks = [one for item in items for one in item.networks]
        return self.address_rules(peer) and by_address(networks, peer, family)

    def between(self, source: End, destination: End) -> Packets:
        """S-51, S-53: the packets from one pod to another in some family of both."""
        if isinstance(source, Outside) or isinstance(destination, Outside):
            raise TypeError("an outside address has no families of its own")
        passed: set[Packet] = set()
        for family in source.families() & destination.families():
            passed |= self.side(source, EGRESS, destination, family, destination) & self.side(
                destination, INGRESS, source, family, destination
            )
        return frozenset(passed)

    def outside(self, pod: Pod | Somewhere, direction: str, family: int, address: int) -> Packets:
        """S-55: the packets between a pod and an outside address."""
        target = pod if direction == INGRESS else None
        return self.side(pod, direction, Outside(family, address), family, target)


class Side:
    """What the policies of one end say of packets to or from one other end."""

    def __init__(
        self,
        judge: Judge,
        about: tuple[Pod | Somewhere, str],
        other: tuple[End, int],
        target: End | None,
    ) -> None:
        self.peer, self.family = other
        self.target = target
        self.admin, self.baseline = (
            [rule for rule in judge.rules(*about, tier) if judge.admin_peer(rule, *other)]
            for tier in ("admin", "baseline")
        )
        self.isolated = judge.isolated(*about)
        rules = judge.rules(*about, "networkpolicy")
        self.chosen = [rule for rule in rules if has_peer(rule, self.peer)]
        self.by_block = rules if judge.address_rules(self.peer) else []

    def allows(self, packet: Packet) -> bool:
        """S-52: the Admin tier, NPs where isolated, else the Baseline tier, else allowed."""
        action = self.first_match(self.admin, packet)
        if action in {"Allow", "Deny"}:
            return action == "Allow"
        if self.isolated:
            return self.by_network_policies(packet)
        return self.first_match(self.baseline, packet) != "Deny"

    def first_match(self, rules: list[Rule], packet: Packet) -> str | None:
        """S-64, S-65: the action of the first rule that matches."""
        for rule in rules:
            if ports_match(rule, packet, self.target):
                return rule.action
        return None

    def by_network_policies(self, packet: Packet) -> bool:
        """S-42 to S-45 and S-54: whether some rule, or the blocks of several, allow it."""
        if any(ports_match(rule, packet, self.target) for rule in self.chosen):
            return True
        networks = [
            one
            for rule in self.by_block
            if ports_match(rule, packet, self.target)
            for item in rule.peers or ()
            for one in item.networks
        ]
        return by_address(networks, self.peer, self.family)


def has_peer(rule: Rule, peer: End) -> bool:
    """S-44: whether a rule of an NP has a peer, addresses aside."""
    return rule.peers is None or any(selected(item, peer, "Allow") for item in rule.peers)
