"""Pods that are not in the manifests (S-84 to S-88).

*Subjects* are ends by themselves: any pod that a policy's own selectors match, in a namespace
whose workloads live elsewhere. They are columns of the universe. *Candidates* stand for a peer:
for one end and direction, the selector pairs that its policies' rules name, and the pair of empty
selectors. A candidate is judged from that end's side alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from reviewer.base.addresses import union
from reviewer.base.labels import EVERYTHING, implies, may_match, named_namespaces
from reviewer.base.ports import ALL_PORTS, NO_PORTS, PortSet
from reviewer.base.spans import covers
from reviewer.cluster import Cluster
from reviewer.manifests import (
    Action,
    BlockPeer,
    Direction,
    Peer,
    PodPeer,
    PodSelector,
    Policy,
    Rule,
    Tier,
)

from . import outside
from .classes import NOWHERE, Universe
from .reachability import Reachability
from .selection import Selection
from .tiers import IN
from .types import SelectorEndpoint, rank

ANY_POD = PodSelector(EVERYTHING, EVERYTHING)


def subjects(clusters: Sequence[Cluster], exposure: str) -> list[SelectorEndpoint]:
    """The subjects that are ends by themselves (S-88), in order; both sides count together.

    With `auto` those of namespaces that have policies but on neither side a workload, with
    `always` those of every namespace; admin and baseline subjects that match no workload in both.
    """
    if exposure == "never":
        return []
    inhabited = {each.namespace for cluster in clusters for each in cluster.workloads}
    found: set[SelectorEndpoint] = set()
    ordered: list[Policy] = []
    for cluster in clusters:
        for policy in cluster.policies:
            if policy.tier is not Tier.NAMESPACED:
                ordered.append(policy)
            elif exposure == "always" or policy.ref.namespace not in inhabited:
                found.add(SelectorEndpoint(*policy.subject))
    if ordered:
        found |= _unmatched(clusters, ordered)
    return sorted(found, key=rank)


def _unmatched(clusters: Sequence[Cluster], policies: Iterable[Policy]) -> set[SelectorEndpoint]:
    """The subjects of admin and baseline policies that match no workload on any side."""
    universe = Universe(clusters)
    sides = [Selection(universe, cluster) for cluster in clusters]
    return {
        SelectorEndpoint(*policy.subject)
        for policy in policies
        if not any(
            side.pods(policy.subject) & universe.present[number]
            for number, side in enumerate(sides)
        )
    }


class Candidates:
    """The candidates of one side's ends and what each may have (S-85)."""

    def __init__(self, reachability: Reachability) -> None:
        self._reachability = reachability
        self._universe = reachability.universe
        self._side = reachability.side
        self._by_namespace: dict[str, list[Policy]] = {}
        self._ordered: dict[Tier, list[Policy]] = {Tier.ADMIN: [], Tier.BASELINE: []}
        self._selecting: dict[int, tuple[Policy, ...]] = {}
        for policy in reachability.cluster.policies:
            if policy.tier is Tier.NAMESPACED:
                self._by_namespace.setdefault(policy.ref.namespace, []).append(policy)
            else:
                self._ordered[policy.tier].append(policy)

    def mark(self, end: int) -> tuple[object, ...]:
        """What the candidates of an end and their ports follow from: sides of one universe with
        equal marks have equal answers. Policies that did not change are the same objects."""
        columns = self._reachability.columns_at(end)
        ordered = (p for each in self._ordered.values() for p in each)
        applied = [id(p) for p in ordered if any(self._side.subject(p) >> c & 1 for c in columns)]
        return columns, *(tuple(map(id, self._policies(c))) for c in columns), tuple(applied)

    def pairs(self, end: int, direction: Direction) -> Iterator[PodSelector]:
        """The candidates of an end: any pod, and each item of its NetworkPolicies' rules."""
        yield ANY_POD
        for column in self._reachability.columns_at(end):
            for policy in self._policies(column):
                for rule in _rules(policy, direction):
                    for peer in rule.peers or ():
                        if isinstance(peer, PodPeer):
                            yield peer.selector

    def ports(self, end: int, direction: Direction, pair: PodSelector) -> PortSet:
        """What this side's policies at an end allow with any pod that the pair matches; the other
        side is taken to allow."""
        found = NO_PORTS
        places = self._side.places
        for column in self._reachability.columns_at(end):
            for family in self._side.families:
                # The pair stands for pods of unknown address: they are in the pod ranges (S-28).
                if places.ranges(False, family) and places.met_in(column, family):
                    found |= self._column(column, direction, pair, family)
        return found

    def _policies(self, column: int) -> tuple[Policy, ...]:
        """The NetworkPolicies that have a column as subject."""
        found = self._selecting.get(column)
        if found is None:
            found = self._selecting[column] = tuple(
                policy
                for name in self._namespaces(column)
                for policy in self._by_namespace.get(name, ())
                if self._side.subject(policy) >> column & 1
            )
        return found

    def _namespaces(self, column: int) -> Iterable[str]:
        """The namespaces whose policies may have a column as subject."""
        end, _, namespace = self._universe.columns[column]
        known = self._universe.ends[end]
        if namespace == NOWHERE and isinstance(known, SelectorEndpoint):
            return named_namespaces(known.namespaces) or ()
        return (namespace,)

    def _column(self, column: int, direction: Direction, pair: PodSelector, family: int) -> PortSet:
        admin, base = self._ordered[Tier.ADMIN], self._ordered[Tier.BASELINE]
        allowed, left = self._walk(admin, column, direction, pair, family)
        if not left:
            return allowed
        if self._side.isolated[direction] >> column & 1:
            return allowed | left & self._namespaced(column, direction, pair, family)
        more, open_ = self._walk(base, column, direction, pair, family)
        return allowed | left & (more | open_)

    def _namespaced(
        self, column: int, direction: Direction, pair: PodSelector, family: int
    ) -> PortSet:
        """Rules without peers, with an item that the pair implies, or whose blocks together cover
        the pod ranges."""
        found = NO_PORTS
        blocks = []
        for policy in self._policies(column):
            for rule in _rules(policy, direction):
                ports = self._ports(rule, column, direction)
                if rule.peers is None or any(_implied(pair, peer) for peer in rule.peers):
                    found |= ports
                else:
                    blocks.append((self._blocks(rule, family), ports))
        places = self._side.places
        if places.blocks_match_pods:
            sweep = outside.sweep_of(blocks)
            found |= outside.at_every(sweep, places.ranges(False, family))
        return found

    def _walk(
        self,
        policies: Iterable[Policy],
        column: int,
        direction: Direction,
        pair: PodSelector,
        family: int,
    ) -> tuple[PortSet, PortSet]:
        """What an ordered tier allows, and what goes on: Allow where the pair implies a peer, Deny
        and Pass where it may match."""
        undecided, allowed, passed = ALL_PORTS, NO_PORTS, NO_PORTS
        for policy in policies:
            if not self._side.subject(policy) >> column & 1:
                continue
            for rule in _rules(policy, direction):
                if not self._means(rule, pair, family):
                    continue
                hit = undecided & self._ports(rule, column, direction)
                undecided -= hit
                if rule.action is Action.ALLOW:
                    allowed |= hit
                elif rule.action is Action.PASS:
                    passed |= hit
        return allowed, undecided | passed

    def _means(self, rule: Rule, pair: PodSelector, family: int) -> bool:
        places = self._side.places
        ranges = places.ranges(False, family)
        if places.blocks_match_pods and ranges and covers(self._blocks(rule, family), ranges):
            return True
        test = _implied if rule.action is Action.ALLOW else _possible
        return any(test(pair, peer) for peer in rule.peers or ())

    def _ports(self, rule: Rule, column: int, direction: Direction) -> PortSet:
        """Names resolve on the end itself in ingress, and on nothing in egress."""
        known = self._universe.ports_of(column) if direction is IN else ()
        tables = self._side.tables
        return tables.resolve(tables.ports_id(rule.ports), tables.signature(known))

    @staticmethod
    def _blocks(rule: Rule, family: int) -> tuple[tuple[int, int], ...]:
        found = [b for peer in rule.peers or () if isinstance(peer, BlockPeer) for b in peer.blocks]
        return union(family, found).spans if found else ()


def _rules(policy: Policy, direction: Direction) -> Iterator[Rule]:
    return (rule for rule in policy.rules if rule.direction is direction)


def _implied(pair: PodSelector, peer: Peer) -> bool:
    if not isinstance(peer, PodPeer):
        return False
    asked = peer.selector
    return implies(pair.namespaces, asked.namespaces) and implies(pair.pods, asked.pods)


def _possible(pair: PodSelector, peer: Peer) -> bool:
    if not isinstance(peer, PodPeer):
        return False
    asked = peer.selector
    return may_match(pair.namespaces, asked.namespaces) and may_match(pair.pods, asked.pods)


def broader(one: SelectorEndpoint | PodSelector, other: SelectorEndpoint | PodSelector) -> bool:
    """Whether `other` is met by every pod that `one` matches; of two that imply each other the
    one whose text sorts first counts as the broader."""
    if one == other or not _within(one, other):
        return False
    return not _within(other, one) or _text(other) < _text(one)


def _within(one: SelectorEndpoint | PodSelector, other: SelectorEndpoint | PodSelector) -> bool:
    return implies(one.namespaces, other.namespaces) and implies(one.pods, other.pods)


def _text(pair: SelectorEndpoint | PodSelector) -> tuple[str, str]:
    return str(pair.namespaces), str(pair.pods)
