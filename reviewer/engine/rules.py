"""Rules made ready for a side: peers as sets of columns and blocks, ports as numbers and names.

Peers and ports are interned by value in tables that both sides share, so that the rules of a
pod are a set of small numbers: equal sets are pods that no NetworkPolicy can tell apart.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import NamedTuple, assert_never

from reviewer.base.addresses import AddressSet
from reviewer.base.ports import ALL_PORTS, NO_PORTS, PortSet, port_range
from reviewer.manifests import (
    Action,
    BlockPeer,
    ContainerPort,
    Direction,
    DomainPeer,
    NamedPort,
    NodePeer,
    Peer,
    PodPeer,
    Policy,
    PortMatch,
)

from .classes import Universe
from .kept import Kept
from .outside import Sweep
from .selection import Selection


class Peers(NamedTuple):
    """Who a rule speaks of: columns, and addresses. `everyone` is a rule without peers."""

    bits: int
    blocks: tuple[AddressSet, ...]
    everyone: bool


class Ports(NamedTuple):
    """What a rule's ports are: numbers, and names that each destination resolves (S-46)."""

    numbers: PortSet
    names: frozenset[NamedPort]


Entry = tuple[int, int]
"""A rule of a NetworkPolicy: the numbers of its peers and its ports in the tables."""


class Step(NamedTuple):
    """A rule of an admin or baseline policy."""

    action: Action
    peers: int
    ports: int


class Ready(NamedTuple):
    """A policy made ready: its subject's columns and its rules by direction."""

    subject: int
    entries: dict[Direction, tuple[Entry, ...]]
    steps: dict[Direction, tuple[Step, ...]]


Signature = frozenset[ContainerPort]
"""The named container ports of a pod, as far as any rule names them."""


Sending = tuple[int, int]
"""An egress rule turned round: the number of its ports, and its sources."""

_NO_NAMES: Signature = frozenset()


class Tables:
    """The interned peers and ports of both sides of a comparison, and what follows from them
    alone: `sending` are egress rules that mean the same, `rows` and `sweeps` what rules come to."""

    def __init__(self) -> None:
        self.peers: list[Peers] = []
        self.ports: list[Ports] = []
        self.names: set[str] = set()
        self.sending: list[tuple[Sending, ...]] = []
        self.rows = Kept()
        self.sweeps: dict[Hashable, Sweep] = {}
        self._sending: dict[tuple[Sending, ...], int] = {}
        self._numbers: dict[Hashable, int] = {}
        self._peers: dict[Peers, int] = {}
        self._ports: dict[tuple[PortMatch, ...] | None, int] = {}
        self._specs: dict[Ports, int] = {}
        self._resolved: dict[tuple[int, Signature], PortSet] = {}
        self._signatures: dict[tuple[ContainerPort, ...], Signature] = {}

    def peers_id(self, peers: Peers) -> int:
        """The number of these peers."""
        at = self._peers.get(peers)
        if at is None:
            at = self._peers[peers] = len(self.peers)
            self.peers.append(peers)
        return at

    def ports_id(self, written: tuple[PortMatch, ...] | None) -> int:
        """The number of these ports."""
        at = self._ports.get(written)
        if at is None:
            spec = _spec(written)
            at = self._specs.get(spec)
            if at is None:
                at = self._specs[spec] = len(self.ports)
                self.ports.append(spec)
                self.names.update(each.name for each in spec.names)
            self._ports[written] = at
        return at

    def sending_id(self, sending: tuple[Sending, ...]) -> int:
        """The number of these egress rules."""
        at = self._sending.get(sending)
        if at is None:
            at = self._sending[sending] = len(self.sending)
            self.sending.append(sending)
        return at

    def number(self, value: Hashable) -> int:
        """A number that equal values share."""
        return self._numbers.setdefault(value, len(self._numbers))

    def resolve(self, ports: int, signature: Signature) -> PortSet:
        """The ports that a rule means at a destination with these named ports (S-46, S-63)."""
        spec = self.ports[ports]
        if not spec.names:
            return spec.numbers
        key = ports, signature
        found = self._resolved.get(key)
        if found is None:
            found = spec.numbers
            for name, protocol in spec.names:
                for each in signature:
                    if each.name == name and protocol in (None, each.protocol):
                        found |= port_range(each.protocol, each.number, each.number)
            self._resolved[key] = found
        return found

    def signature(self, ports: tuple[ContainerPort, ...]) -> Signature:
        """What of these container ports a rule can name; asked after every rule is known."""
        if not ports or not self.names:
            return _NO_NAMES
        known = self._signatures.get(ports)
        if known is None:
            known = frozenset(each for each in ports if each.name in self.names)
            self._signatures[ports] = known
        return known


def _spec(written: tuple[PortMatch, ...] | None) -> Ports:
    if written is None:
        return Ports(ALL_PORTS, frozenset())
    numbers = NO_PORTS
    names: set[NamedPort] = set()
    for each in written:
        if isinstance(each, NamedPort):
            names.add(each)
        else:
            numbers |= each
    return Ports(numbers, frozenset(names))


class Compiler:
    """Makes the policies of one side ready; a policy that both sides share is made ready once
    where their namespaces carry the same labels."""

    def __init__(self, universe: Universe, selection: Selection, tables: Tables) -> None:
        self._universe = universe
        self.selection = selection
        self._tables = tables
        self._peers: dict[tuple[tuple[Peer, ...], bool], int] = {}
        self._ready: dict[int, tuple[Policy, Ready]] = {}

    def ready(self, policy: Policy) -> Ready:
        """This policy on this side."""
        known = self._ready.get(id(policy))
        if known is not None:
            return known[1]
        made = Ready(self.selection.subjects(policy.subject), {}, {})
        for direction in Direction:
            rules = [rule for rule in policy.rules if rule.direction is direction]
            if policy.isolates:
                made.entries[direction] = tuple(
                    (self.peers(rule.peers, True), self._tables.ports_id(rule.ports))
                    for rule in rules
                )
            else:
                made.steps[direction] = tuple(
                    Step(
                        rule.action,
                        self.peers(rule.peers, rule.action is Action.ALLOW),
                        self._tables.ports_id(rule.ports),
                    )
                    for rule in rules
                )
        self._ready[id(policy)] = policy, made  # the policy is kept, so that its id stays its own
        return made

    def peers(self, written: tuple[Peer, ...] | None, certain: bool) -> int:
        """The number of these peers; without any it is everyone."""
        if written is None:
            return self._tables.peers_id(Peers(self._universe.all, (), True))
        key = written, certain
        at = self._peers.get(key)
        if at is None:
            bits = 0
            blocks: list[AddressSet] = []
            for peer in written:
                match peer:
                    case PodPeer(selector=selector):
                        met = self.selection.peers(selector, certain)
                        bits = bits | met if bits else met  # one number for all who hold it
                    case BlockPeer(blocks=found):
                        blocks += found
                    case NodePeer(everyone=True):
                        bits |= self._universe.host
                    case NodePeer() | DomainPeer():
                        pass
                    case _:
                        assert_never(peer)
            at = self._tables.peers_id(Peers(bits, tuple(blocks), False))
            self._peers[key] = at
        return at
