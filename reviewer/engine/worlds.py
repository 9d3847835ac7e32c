"""What one side would allow, were some edits taken back (S-75).

A *world* is the side `there` in which some policies, by number, are as `here` has them, and the
labels of a namespace may be. Of a pod's policies only those that differ are exchanged; what is
left of its rules is found once. So a world costs a handful of rules, not a new side.

Example: head adds policies 0 and 1, both of which isolate shop/db. The world of base 0 has the
rules of policy 1 at shop/db alone; the world of both has none, and shop/db is not isolated.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from reviewer.base.addresses import union
from reviewer.base.ports import ALL_PORTS, NO_PORTS, PortSet
from reviewer.base.values import replace
from reviewer.cluster import asked_order
from reviewer.manifests import Direction, PodSelector, Policy, Tier

from . import outside, rows
from .applying import Entries
from .deciding import Destination
from .exposure import Candidates
from .outside import Sweep
from .reachability import Reachability
from .rows import Row
from .rules import Compiler, Ready
from .tiers import IN, OUT, Side
from .versions import HERE, THERE, Alike, Version, Versions


class World(NamedTuple):
    """Which edits are taken back: policies by number, and the labels of the namespace of the pod
    whose side is asked (`own`) and of the other end (`other`)."""

    back: frozenset[int] = frozenset()
    own: bool = False
    other: bool = False


class Crossed(Compiler):
    """Subjects by the labels of one side, peers by those of the other."""

    def __init__(self, subjects: Compiler, peers: Compiler) -> None:
        self._of_subjects, self._of_peers = subjects, peers
        self.selection = peers.selection

    def ready(self, policy: Policy) -> Ready:
        """This policy with subject and peers from either."""
        return self._of_peers.ready(policy)._replace(
            subject=self._of_subjects.ready(policy).subject
        )


class Worlds(Versions):
    """The worlds between two sides over one universe."""

    def __init__(
        self, here: Reachability, there: Reachability, versions: Sequence[Version]
    ) -> None:
        super().__init__(here, there, versions)
        self._frames: dict[tuple[frozenset[int], bool, bool], Side] = {}
        self._full: dict[tuple[bool, bool], Side] = {(False, False): there.side}
        self._rules: dict[object, Entries | None] = {}

    def _frame(self, back: frozenset[int], own: bool, other: bool) -> Side:
        """The ordered tiers of one world, without any NetworkPolicy."""
        labels = (own, other) if self.any_ordered else (False, False)
        key = (back & self.ordered, *labels)
        found = self._frames.get(key)
        if found is None:
            policies = [*self._standing_ordered, *self._chosen(key[0], self.ordered)]
            policies.sort(key=asked_order)
            found = self._frames[key] = self._side(policies, *labels)
        return found

    def _chosen(self, back: frozenset[int], numbers: Iterable[int]) -> Iterator[Policy]:
        for number in numbers:
            here, there = self._versions[number]
            policy = here if number in back else there
            if policy is not None:
                yield policy

    def _side(self, policies: Sequence[Policy], own: bool, other: bool) -> Side:
        compiler = self._compilers[own]
        if own != other:
            compiler = Crossed(compiler, self._compilers[other])
        return Side(self._universe, policies, compiler, self._tables, self._places)

    def _whole(self, own: bool, other: bool) -> Side:
        """Every policy of there, over the labels of either side."""
        key = (own and self.any_ordered, other)
        found = self._full.get(key)
        if found is None:
            found = self._full[key] = self._side(self._there.cluster.policies, *key)
        return found

    def _entries(self, column: int, direction: Direction, world: World) -> Entries | None:
        """The rules of the NetworkPolicies that isolate a column in that world."""
        kept = self.kept(column, direction)
        chosen = tuple(self._exchanged(column, direction, world.back))
        key = (id(kept), tuple(map(id, chosen)), direction, world.other)
        if key not in self._rules:
            ready = self._compilers[world.other].ready
            rules = (entry for each in (*kept, *chosen) for entry in ready(each).entries[direction])
            self._rules[key] = frozenset(rules) if kept or chosen else None
        return self._rules[key]

    def _exchanged(
        self, column: int, direction: Direction, back: frozenset[int]
    ) -> Iterator[Policy]:
        """The NetworkPolicies among the changed ones that select a column in that world."""
        for number, where in self._changed[direction].get(column, ()):
            side = HERE if number in back else THERE
            policy = self._versions[number][side - HERE]
            if policy is not None and where & side and policy.tier is Tier.NAMESPACED:
                yield policy

    def ingress(self, column: int, family: int, world: World) -> Row:
        """What the ingress side of a column allows from each source."""
        if column not in self._changed[IN]:
            whole = self._whole(world.own, world.other)
            return whole.ingress(whole.destination(column), family)
        frame = self._frame(world.back, world.own, world.other)
        to = frame.destination(column)._replace(entries=self._entries(column, IN, world))
        return frame.ingress(to, family)

    def egress(self, column: int, at: int, source: Alike | None, world: World) -> Row:
        """What the egress side of some sources, or of all that no change is known of, allows
        towards a column; `at` numbers the family, `own` is the sources' namespace."""
        if source is None:
            whole = self._whole(world.own, world.other)
            return whole.egress(whole.destination(column), at)
        frame = self._frame(world.back, world.own, world.other)
        to = frame.destination(column)
        entries = self._entries(source.column, OUT, world)
        admin, base = to.towards[at]
        inner: Row = {ALL_PORTS: source.bits}
        if entries is not None:
            ports = self._admitted(entries, column, to, at)
            inner = {ports: source.bits} if ports else {}
        elif base:
            inner = rows.union(frame.base.egress(base, to.signature, source.bits))
        if not admin:
            return inner
        allowed, left = frame.admin.egress(admin, to.signature, source.bits)
        return rows.union((allowed, rows.meet(left, inner)))

    def _admitted(self, entries: Entries, column: int, to: Destination, at: int) -> PortSet:
        """The ports on which these egress rules admit one destination."""
        family = self._places.families[at]
        found = NO_PORTS
        blocks = []
        for number, spec in entries:
            peers = self._tables.peers[number]
            ports = self._tables.resolve(spec, to.signature)
            if peers.bits >> column & 1:
                found |= ports
            elif peers.blocks:
                blocks.append((union(family, peers.blocks).spans, ports))
        if blocks:
            found |= self._places.ports_at(outside.sweep_of(blocks), to.place, family)
        return found

    def beyond(self, column: int, direction: Direction, family: int, world: World) -> Sweep:
        """What a column may have with outside addresses."""
        if column not in self._changed[direction]:
            side = self._whole(world.own, False)
            if direction is IN:
                return side.from_outside(side.destination(column), family)
            return side.to_outside(side.origin(column), family)
        frame = self._frame(world.back, world.own, False)
        entries = self._entries(column, direction, world._replace(other=False))
        if direction is IN:
            to = frame.destination(column)._replace(entries=entries)
            return frame.from_outside(to, family)
        return frame.to_outside(frame.origin(column)._replace(entries=entries), family)

    def candidate(
        self, end: int, direction: Direction, pair: PodSelector, world: World, *, here: bool
    ) -> PortSet:
        """What an end, as here or as there, may have with any pod that a pair matches (S-85)."""
        number = self._here.number if here else self._there.number
        columns = self._universe.of_end[number].get(end, ())
        policies: dict[int, Policy] = {}
        for column in columns:
            kept = self.kept(column, direction)
            if column not in self._changed[direction]:
                subject = self._there.side.subject
                kept = tuple(p for p in self._standing if subject(p) >> column & 1)
            found = (*kept, *self._exchanged(column, direction, world.back))
            policies |= {id(each): each for each in found}
        ordered = (*self._standing_ordered, *self._chosen(world.back, self.ordered))
        policies |= {id(each): each for each in ordered}
        chosen = tuple(sorted(policies.values(), key=asked_order))
        cluster = replace(self._there.cluster, workloads=(), policies=chosen)
        side = self._side(chosen, world.own, world.own)
        mine = Reachability(self._universe, number, side, cluster)
        return Candidates(mine).ports(end, direction, pair)
