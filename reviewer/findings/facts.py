"""What several checks ask of a review, found once: both sides, who is new, what differs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple, TypeVar

from reviewer.base.documents import ObjectRef
from reviewer.base.labels import Selector, named_namespaces
from reviewer.cluster import Cluster, Workload
from reviewer.delta import Change, Delta, PolicyChange
from reviewer.engine import Endpoint, SelectorEndpoint, Snapshot, WorkloadEndpoint
from reviewer.manifests import BlockPeer, Direction, NamedPort, PodPeer, Policy, Rule, Tier

from .parts import Zoning, zoning
from .preferences import Preferences
from .succession import successors
from .view import View

K = TypeVar("K")
V = TypeVar("V")


class Facts(NamedTuple):
    """Both sides as views and what differs between them.

    `predecessor` leads from added to removed workloads that they succeed (F-17); `added` are the
    added ones without such. `renamed` leads from head's policies to base's of equal spec (F-3).
    `reviewed` are head's policies of which a check may say other things than of base's: in `diff`
    only they need be looked at (F-7). `subjects` are the ends of S-88. `changes` are the changed
    policies by kind and path. `touched` are the namespaces in which something differs, None where
    anything may.
    """

    head: View
    base: View | None
    zoning: Zoning
    predecessor: Mapping[str, str] = MappingProxyType({})
    added: frozenset[str] = frozenset()
    renamed: Mapping[ObjectRef, ObjectRef] = MappingProxyType({})
    subjects: frozenset[Endpoint] = frozenset()
    changes: Mapping[tuple[str, str], PolicyChange] = MappingProxyType({})
    reviewed: tuple[Policy, ...] = ()
    touched: frozenset[str] | None = None

    def before(self, end: Endpoint) -> Endpoint:
        """What base calls this end: the predecessor of a successor, else the end itself."""
        if isinstance(end, WorkloadEndpoint):
            return WorkloadEndpoint(self.predecessor.get(end.id, end.id))
        return end

    def standing(self, end: Endpoint) -> bool:
        """Whether a workload or subject counts as standing (F-9, F-17)."""
        return not (isinstance(end, WorkloadEndpoint) and end.id in self.added)

    def unrestricted(self, end: Endpoint, direction: Direction) -> bool:
        """Whether head lets everything through on that side of a workload or subject (F-14)."""
        return self._lets_all(self.head, end, direction)

    def was_unrestricted(self, end: Endpoint, direction: Direction) -> bool:
        """The same of base, for the predecessor where there is one."""
        if self.base is None:
            return False
        return self._lets_all(self.base, self.before(end), direction)

    def _lets_all(self, view: View, end: Endpoint, direction: Direction) -> bool:
        if isinstance(end, WorkloadEndpoint):
            return end.id in view.workloads and view.unrestricted(end.id, direction)
        return end in self.subjects and view.reachability.lets_all(end, direction)

    def lost(self, end: Endpoint, direction: Direction) -> bool:
        """Whether a standing workload or subject (F-9) was restricted on base and is unrestricted
        on head."""
        old = self.before(end)
        if self.base is None:
            return False
        for view, each in ((self.head, end), (self.base, old)):
            if isinstance(each, WorkloadEndpoint) and each.id not in view.workloads:
                return False
        return self.unrestricted(end, direction) and not self.was_unrestricted(end, direction)

    def newly_open(self, name: str) -> tuple[str, ...]:
        """The directions an added workload is unrestricted in, where that is worth a finding: only
        of egress it is when another workload of the namespace is restricted (section 4)."""
        workload = self.head.workloads.get(name)
        if name not in self.added or workload is None or workload.host_network:
            return ()
        entered = self.head.unrestricted(name, Direction.INGRESS)
        left = self.head.unrestricted(name, Direction.EGRESS)
        if not entered and not (left and self._neighbour_restricted(workload)):
            return ()
        return tuple(word for word, holds in (("ingress", entered), ("egress", left)) if holds)

    def _neighbour_restricted(self, workload: Workload) -> bool:
        home = workload.namespace
        near: list[Endpoint] = [
            WorkloadEndpoint(each.id)
            for each in self.head.by_namespace[home]
            if each.id != workload.id
        ]
        seen = self.head.reachability.universe.end_index  # without the unseen where they are off
        near += [e for e in self.subjects if e in seen and self.head.namespace_of(e) == home]
        return any(not self.unrestricted(end, Direction.EGRESS) for end in near)

    def counterpart(self, policy: Policy) -> Policy | None:
        """Base's policy of that name, or the one that was renamed to it (F-3)."""
        if self.base is None:
            return None
        ref = self.renamed.get(policy.ref, policy.ref)
        return self.base.policies.get(ref)


def gather(head: Snapshot, preferences: Preferences) -> Facts:
    """The facts of one target, for `audit`."""
    cut = zoning(preferences)
    view = View(head, preferences, cut)
    return Facts(
        head=view,
        base=None,
        zoning=cut,
        subjects=_subjects(view, None),
        reviewed=head.cluster.policies,
    )


def compare_sides(base: Snapshot, head: Snapshot, delta: Delta, preferences: Preferences) -> Facts:
    """The facts of both sides, for `diff`."""
    cut = zoning(preferences)
    after, before = View(head, preferences, cut), View(base, preferences, cut)
    predecessor = successors(
        (before.workloads[name] for name in delta.workloads.removed if name in before.workloads),
        (after.workloads[name] for name in delta.workloads.added if name in after.workloads),
    )
    renamed = _renamed(delta)
    touched = _touched(before, after, delta)
    return Facts(
        head=after,
        base=before,
        zoning=cut,
        predecessor=predecessor,
        added=frozenset(delta.workloads.added).difference(predecessor),
        renamed=renamed,
        subjects=_subjects(after, before),
        changes={(c.policy.ref.kind, c.policy.ref.path): c for c in delta.policies},
        reviewed=tuple(_reviewed((before, after), touched)),
        touched=touched,
    )


def _renamed(delta: Delta) -> dict[ObjectRef, ObjectRef]:
    """A policy removed and one added with equal kind, namespace and spec are one (F-3)."""
    gone = [each.base for each in delta.policies if each.change is Change.REMOVED and each.base]
    found: dict[ObjectRef, ObjectRef] = {}
    for each in delta.policies:
        if each.change is not Change.ADDED or each.head is None:
            continue
        for old in gone:
            if _alike(old, each.head):
                found[each.head.ref] = old.ref
                gone.remove(old)
                break
    return found


def _alike(old: Policy, new: Policy) -> bool:
    same = (old.ref.group, old.ref.kind, old.ref.namespace)
    return same == (new.ref.group, new.ref.kind, new.ref.namespace) and old.spec == new.spec


def _reviewed(sides: tuple[View, View], touched: frozenset[str] | None) -> Iterator[Policy]:
    """Policies that changed, or whose namespace or peers' namespaces something changed in."""
    reached: dict[Selector, bool] = {}
    for policy in sides[1].cluster.policies:
        if (
            touched is None
            or policy.ref.namespace in touched
            or (
                touched
                and any(
                    _names_anywhere(rule)
                    or any(
                        _reaches(peer.selector.namespaces, touched, sides, reached)
                        for peer in rule.peers or ()
                        if isinstance(peer, PodPeer)
                    )
                    for rule in policy.rules
                )
            )
        ):
            yield policy


def _names_anywhere(rule: Rule) -> bool:
    """Whether a rule names ports that any pod may have: of everyone, or of those at addresses."""
    if rule.direction is Direction.INGRESS:
        return False
    anyone = rule.peers is None or any(isinstance(peer, BlockPeer) for peer in rule.peers)
    return anyone and any(isinstance(port, NamedPort) for port in rule.ports or ())


def _touched(base: View, head: View, delta: Delta) -> frozenset[str] | None:
    """Namespaces of which a workload, Service, policy or label differs between the sides; None
    where anything may, since an admin policy changed."""
    found: set[str] = set()
    for change in delta.policies:
        if change.policy.tier is not Tier.NAMESPACED:
            return None
        found.add(change.policy.ref.namespace)
    before, after = base.cluster, head.cluster
    found.update(_relabelled(before, after))
    found.update(w.namespace for w in _differing(base.workloads, head.workloads))
    old, new = ({s.ref: s for s in side.services} for side in (before, after))
    found.update(s.ref.namespace for s in _differing(old, new))
    return frozenset(found)


def _reaches(
    asked: Selector,
    touched: frozenset[str],
    sides: tuple[View, View],
    known: dict[Selector, bool],
) -> bool:
    """Whether a namespace selector matches, on either side, a namespace that was touched."""
    found = known.get(asked)
    if found is None:
        named = named_namespaces(asked)
        matched = [named] if named is not None else [each.namespaces(asked) for each in sides]
        found = known[asked] = any(not touched.isdisjoint(names) for names in matched)
    return found


def _differing(old: Mapping[K, V], new: Mapping[K, V]) -> Iterator[V]:
    """Values of one side alone, or not equal on both."""
    yield from (value for key, value in new.items() if old.get(key) != value)
    yield from (value for key, value in old.items() if key not in new)


def _relabelled(before: Cluster, after: Cluster) -> Iterator[str]:
    """Namespaces with other labels on the two sides, or on one side alone."""
    old, new = before.namespaces, after.namespaces
    for name in old.keys() | new.keys():
        mine, theirs = old.get(name), new.get(name)
        if mine is None or theirs is None or mine.labels != theirs.labels:
            yield name


def _subjects(head: View, base: View | None) -> frozenset[Endpoint]:
    """The subjects of S-88: what policies select where the manifests have no workload."""
    views = [view for view in (head, base) if view]
    found: set[Endpoint] = set()
    for view in views:
        for policy in view.cluster.policies:
            if policy.tier is Tier.NAMESPACED:
                absent = not any(policy.ref.namespace in each.by_namespace for each in views)
            else:
                absent = not any(each.matched(policy.subject) for each in views)
            if absent:
                found.add(SelectorEndpoint(*policy.subject))
    return frozenset(found)
