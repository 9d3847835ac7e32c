"""The policies that differ between two sides, by the columns they have to do with (S-75).

Of a column it is known which changed policies select it, in which version, and which others do;
of sources, which of them a change may treat differently towards a destination. Namespaces of
either side count with the labels they have on both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from reviewer.base.labels import NAMESPACE_NAME, Selector
from reviewer.base.values import replace
from reviewer.cluster import Cluster, Namespace
from reviewer.manifests import Direction, PodPeer, Policy, Tier

from .applying import Entries
from .bits import ones
from .reachability import Reachability
from .rules import Compiler, Ready
from .selection import Selection
from .tiers import IN, OUT

Version = tuple[Policy | None, Policy | None]
"""One changed policy as it is here and as it is there."""

HERE, THERE = 1, 2
_WIDE = 256


class Alike(NamedTuple):
    """Sources that the same policies apply to in egress: their columns, the changed policies with
    the versions (HERE, THERE) that select them, and one column that stands for all."""

    bits: int
    changed: tuple[tuple[int, int], ...]
    column: int


class Partly(Compiler):
    """The policies that ask for labels which differ, made ready by the labels of here; all others
    are ready."""

    def __init__(self, usual: Compiler, fresh: Compiler, turns: Callable[[Policy], bool]) -> None:
        self._usual, self._fresh, self._turns = usual, fresh, turns
        self.selection = fresh.selection
        self._chosen: dict[int, Ready] = {}

    def ready(self, policy: Policy) -> Ready:
        """This policy by the labels of here."""
        found = self._chosen.get(id(policy))
        if found is None:
            compiler = self._fresh if self._turns(policy) else self._usual
            found = self._chosen[id(policy)] = compiler.ready(policy)
        return found


class Versions:
    """What differs between two sides over one universe; `versions` are all policies that do."""

    def __init__(
        self, here: Reachability, there: Reachability, versions: Sequence[Version]
    ) -> None:
        self._here, self._there = here, there
        self._versions = tuple(versions)
        self._universe = there.universe
        self._tables, self._places = there.side.tables, there.side.places
        before, after = _named(here.cluster, there.cluster), _named(there.cluster, here.cluster)
        self._turned, self.relabelled = self._relabelling(before, after)
        usual = there.side.compiler
        self._compilers = {False: usual, True: usual}
        if self.relabelled:
            cluster = replace(there.cluster, namespaces=before)
            fresh = Compiler(self._universe, Selection(self._universe, cluster), self._tables)
            self._compilers[True] = Partly(usual, fresh, self.turns)
        self._aimed: dict[tuple[int, int], int] = {}
        self._says: dict[tuple[int, int, Direction], tuple[Entries | None, ...]] = {}

    def _relabelling(
        self, before: Mapping[str, Namespace], after: Mapping[str, Namespace]
    ) -> tuple[frozenset[Selector], frozenset[str]]:
        """The namespace selectors of either side that labels which differ answer otherwise, and
        the namespaces of which they do."""
        names = [name for name, each in after.items() if each.labels != before[name].labels]
        if not names:
            return frozenset(), frozenset()
        asking: dict[str, list[Selector]] = {}
        for selector in {*_asked(self._here.cluster), *_asked(self._there.cluster)}:
            for each in selector:
                asking.setdefault(each.key, []).append(selector)
        turned = [
            (selector, name)
            for name in names
            for key, _ in before[name].labels.items() ^ after[name].labels.items()
            for selector in asking.get(key, ())
            if selector.matches(before[name].labels) != selector.matches(after[name].labels)
        ]
        return frozenset(each for each, _ in turned), frozenset(name for _, name in turned)

    def turns(self, policy: Policy) -> bool:
        """Whether a policy asks namespaces for labels that differ and are answered otherwise."""
        return bool(self._turned) and not self._turned.isdisjoint(_selectors(policy))

    # -- which policies have to do with which columns ------------------------------------------

    @cached_property
    def ordered(self) -> frozenset[int]:
        """The changed policies of the admin and baseline tiers, by number."""
        return frozenset(
            number
            for number, pair in enumerate(self._versions)
            if any(each is not None and each.tier is not Tier.NAMESPACED for each in pair)
        )

    @cached_property
    def any_ordered(self) -> bool:
        """Whether any policy of `here` or `there` is of the admin or baseline tier."""
        return bool(self.ordered or self._standing_ordered)

    @cached_property
    def _standing(self) -> tuple[Policy, ...]:
        # By object: policies of one generateName share a reference (S-9).
        changed = {id(each) for pair in self._versions for each in pair if each is not None}
        return tuple(each for each in self._there.cluster.policies if id(each) not in changed)

    @cached_property
    def _standing_ordered(self) -> tuple[Policy, ...]:
        return tuple(each for each in self._standing if each.tier is not Tier.NAMESPACED)

    @cached_property
    def _changed(self) -> Mapping[Direction, Mapping[int, tuple[tuple[int, int], ...]]]:
        """For each column the changed policies that select it, with the versions that do."""
        found: dict[Direction, dict[int, list[tuple[int, int]]]] = {d: {} for d in Direction}
        for number, pair in enumerate(self._versions):
            for direction, columns in found.items():
                here, there = (self._subject(each, direction) for each in pair)
                for column in ones(here | there):
                    where = (here >> column & 1) * HERE + (there >> column & 1) * THERE
                    columns.setdefault(column, []).append((number, where))
        return {d: {c: tuple(each) for c, each in m.items()} for d, m in found.items()}

    def _subject(self, policy: Policy | None, direction: Direction) -> int:
        """Whom a policy applies to in one direction, by the labels of either side."""
        if policy is None or not _governs(policy, direction):
            return 0
        found = self._compilers[False].ready(policy).subject
        if self.relabelled and policy.tier is not Tier.NAMESPACED:
            found |= self._compilers[True].ready(policy).subject
        return found

    @cached_property
    def _kept(self) -> Mapping[Direction, Mapping[int, tuple[Policy, ...]]]:
        """The NetworkPolicies that did not change, for the columns that changed ones select."""
        found: dict[Direction, dict[int, list[Policy]]] = {d: {} for d in Direction}
        for direction, columns in self._changed.items():
            mask = 0
            for column in columns:
                mask |= 1 << column
            for policy in self._standing:
                if direction in policy.isolates:
                    for column in ones(self._compilers[False].ready(policy).subject & mask):
                        found[direction].setdefault(column, []).append(policy)
        known: dict[object, tuple[Policy, ...]] = {}
        return {
            direction: {
                column: known.setdefault(tuple(map(id, each)), tuple(each))
                for column, each in columns.items()
            }
            for direction, columns in found.items()
        }

    def kept(self, column: int, direction: Direction) -> tuple[Policy, ...]:
        """Of a column that changed policies select, the NetworkPolicies that did not change; equal
        ones are one object."""
        return self._kept[direction].get(column, ())

    def changed(self, column: int, direction: Direction) -> Iterator[int]:
        """The changed policies that say other things of one column on the two sides."""
        for number, where in self._changed[direction].get(column, ()):
            said = self._said(number, where, direction)
            if number in self.ordered or said[::2] != said[1::2]:
                yield number

    def selecting(self, column: int, direction: Direction) -> Iterator[int]:
        """The changed policies that select one column on either side, whatever they say."""
        return (number for number, _ in self._changed[direction].get(column, ()))

    def towards(self, source: Alike, column: int) -> Iterator[int]:
        """The changed policies of some sources that say other things of flows to one column."""
        for number, where in source.changed:
            if self._aims(number, where) >> column & 1:
                yield number

    def _aims(self, number: int, where: int) -> int:
        """The destinations of which the versions of a changed policy say other things to sources
        that these of them select."""
        found = self._aimed.get((number, where))
        if found is None:
            found = self._aimed[number, where] = self._differing(number, where)
        return found

    def _differing(self, number: int, where: int) -> int:
        if number in self.ordered:
            return self._universe.all
        found = 0
        said = self._said(number, where, OUT)
        for here, there in zip(said[::2], said[1::2], strict=True):
            if here is None or there is None:
                found |= self._universe.all if here != there else 0
                continue
            for number_of_peers, _ in here ^ there:
                peers = self._tables.peers[number_of_peers]
                found |= self._universe.all if peers.blocks else peers.bits
        return found

    def _said(self, number: int, where: int, direction: Direction) -> tuple[Entries | None, ...]:
        """The rules of both versions for columns they select, None where one does not isolate; by
        the labels of there and, if namespaces differ in labels, by those of here."""
        key = (number, where, direction)
        found = self._says.get(key)
        if found is None:
            compilers = [self._compilers[False]]
            if self.relabelled:
                compilers.append(self._compilers[True])
            found = self._says[key] = tuple(
                frozenset(compiler.ready(policy).entries[direction])
                if policy is not None and where & side and direction in policy.isolates
                else None
                for compiler in compilers
                for policy, side in zip(self._versions[number], (HERE, THERE), strict=True)
            )
        return found

    # -- sources by what applies to them -------------------------------------------------------

    @cached_property
    def _alike(self) -> Mapping[int, Alike]:
        """For each column that changed policies select in egress, those alike."""
        groups: dict[object, list[int]] = {}
        changed, kept = self._changed[OUT], self._kept[OUT]
        for column, numbers in changed.items():
            key = (numbers, id(kept.get(column, ())))
            groups.setdefault(key, []).append(column)
        found: dict[int, Alike] = {}
        for columns in groups.values():
            bits = 0
            for column in columns:
                bits |= 1 << column
            each = Alike(bits, changed[columns[0]], columns[0])
            found.update(dict.fromkeys(columns, each))
        return found

    @cached_property
    def _moving(self) -> tuple[int, Mapping[int, int], tuple[tuple[int, int], ...]]:
        """The sources that changed policies may treat differently: towards anyone; by destination;
        and towards wide sets, as (destinations, sources)."""
        anyone = 0
        narrow: dict[int, int] = {}
        wide: list[tuple[int, int]] = []
        for number in range(len(self._versions)):
            sources, targets = self._touched(number)
            if targets == self._universe.all:
                anyone |= sources
            elif targets.bit_count() > _WIDE:
                wide.append((targets, sources))
            else:
                for column in ones(targets):
                    narrow[column] = narrow.get(column, 0) | sources
        return anyone, narrow, tuple(wide)

    def _touched(self, number: int) -> tuple[int, int]:
        """The sources of one changed policy, and the destinations for which it makes a change."""
        here, there = (self._subject(each, OUT) for each in self._versions[number])
        if here != there:
            return here | there, self._universe.all
        return here, self._aims(number, HERE | THERE)

    @cached_property
    def _minding(self) -> tuple[Mapping[int, int], Mapping[int, int]]:
        """By destination: the sources whose namespace's labels its ingress minds, and those whose
        egress minds the labels of the destination's namespace."""
        ingress: dict[int, int] = {}
        egress: dict[int, int] = {}
        versions = (each for pair in self._versions for each in pair if each is not None)
        for policy in filter(self.turns, (*self._standing, *versions)):
            subject = self._compilers[False].ready(policy).subject
            shift = self._shift(policy, IN)
            for column in ones(subject) if shift else ():
                ingress[column] = ingress.get(column, 0) | shift
            for column in ones(self._shift(policy, OUT)):
                egress[column] = egress.get(column, 0) | subject
        return ingress, egress

    def _shift(self, policy: Policy, direction: Direction) -> int:
        """The columns that a policy's rules mean by the labels of one side alone."""
        peers = self._tables.peers
        after, before = (self._compilers[back].ready(policy) for back in (False, True))
        found = 0
        for one, other in zip(after.entries[direction], before.entries[direction], strict=True):
            found |= peers[one[0]].bits ^ peers[other[0]].bits
        return found

    def minding(self, columns: Iterable[int], direction: Direction) -> int:
        """The sources of these columns for whom it matters what labels a namespace has: in
        ingress their own, in egress the destination's."""
        if self.any_ordered:
            return self._universe.all
        found = 0
        for column in columns:
            found |= self._minding[direction is OUT].get(column, 0)
        return found

    def moving(self, columns: Iterable[int]) -> int:
        """The sources whose changed policies may say other things of flows to these columns."""
        anyone, narrow, wide = self._moving
        found = anyone
        for column in columns:
            found |= narrow.get(column, 0)
            for targets, sources in wide:
                if targets >> column & 1:
                    found |= sources
        return found

    def alike(self, column: int) -> Alike | None:
        """The sources that the same policies apply to, where changed ones do."""
        return self._alike.get(column)


def _named(cluster: Cluster, other: Cluster) -> dict[str, Namespace]:
    """The namespaces of both; those of the other alone without labels of their own."""
    bare = {
        name: Namespace(name=name, labels={NAMESPACE_NAME: name}, origin=None)
        for name in other.namespaces.keys() - cluster.namespaces.keys()
    }
    return {**cluster.namespaces, **bare}


def _asked(cluster: Cluster) -> Iterator[Selector]:
    """The namespace selectors of a side's policies."""
    for policy in cluster.policies:
        yield from _selectors(policy)


def _selectors(policy: Policy) -> Iterator[Selector]:
    yield policy.subject.namespaces
    for rule in policy.rules:
        for peer in rule.peers or ():
            if isinstance(peer, PodPeer):
                yield peer.selector.namespaces


def _governs(policy: Policy, direction: Direction) -> bool:
    if policy.tier is Tier.NAMESPACED:
        return direction in policy.isolates
    return any(rule.direction is direction for rule in policy.rules)
