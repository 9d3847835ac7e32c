"""redundant-rule: another rule of the namespace allows all that this one does, and to at least the
same pods (S-42, S-86).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import product
from typing import NamedTuple

from reviewer.base.documents import ObjectRef
from reviewer.base.labels import Operator, implies
from reviewer.manifests import Direction, Peer, PodPeer, PodSelector, Policy, Rule

from .containment import contained
from .identity import canonical, finding, policy_key, rule_key
from .severity import Severity
from .types import BOTH, Check, Finding, Scene
from .view import View

RULE = "redundant-rule"
PAIRS_AT_MOST = 1_000_000
"""Over so many pairs within a namespace and direction none is looked at, and a notice says so."""


class Entry(NamedTuple):
    """One rule and its policy."""

    policy: Policy
    rule: Rule


Sign = tuple[str, ...] | None
"""What a selector certainly asks, if anything: a requirement of one value. Only rules whose subject
and a peer have one of those of a rule's own, or none, can contain it."""


class Group:
    """The rules of one namespace and direction by place, and which may contain which."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries = sorted(entries, key=lambda each: (each.rule.origin, each.rule.index))
        self._by_signs: dict[tuple[Sign, Sign], list[int]] = {}
        for at, (policy, rule) in enumerate(self.entries):
            subject = _last_sign(policy.subject)
            for sign in {_last_sign(_selector(peer)) for peer in rule.peers or (None,)}:
                self._by_signs.setdefault((subject, sign), []).append(at)

    @property
    def pairs(self) -> int:
        """How many pairs there are to compare."""
        return len(self.entries) ** 2

    def container(self, at: int) -> Entry | None:
        """The first rule that contains the one at this place; of two equal ones the earlier."""
        entry = self.entries[at]
        for other_at in self._candidates(entry):
            other = self.entries[other_at]
            if other_at == at or not _within(entry, other):
                continue
            if other_at < at or not _within(other, entry):
                return other
        return None

    def _candidates(self, entry: Entry) -> list[int]:
        first = entry.rule.peers[0] if entry.rule.peers else None
        subject, peer = _signs(entry.policy.subject), _signs(_selector(first))
        both = product({None, *subject}, {None, *peer})
        return sorted({at for signs in both for at in self._by_signs.get(signs, ())})


def _selector(peer: Peer | None) -> PodSelector | None:
    return peer.selector if isinstance(peer, PodPeer) else None


def _signs(selector: PodSelector | None) -> Iterator[Sign]:
    for axis, part in zip("np", selector or (), strict=False):
        for each in part:
            if each.operator is Operator.IN and len(each.values) == 1:
                yield (axis, each.key, each.values[0])


def _last_sign(selector: PodSelector | None) -> Sign:
    return next(iter(reversed(list(_signs(selector)))), None)


def run(scene: Scene) -> Iterator[Finding]:
    """One finding for each redundant rule that base did not have."""
    facts = scene.facts
    reviewed = {policy.ref for policy in facts.reviewed}
    found = list(_redundant(facts.head, reviewed, {}))
    known: set[str] = set()
    if found and facts.base is not None:
        new_names = {old: new for new, old in facts.renamed.items()}
        old_refs = {facts.renamed.get(ref, ref) for ref in reviewed}
        known = {each.id for each in _redundant(facts.base, old_refs, new_names)}
    yield from (each for each in found if each.id not in known)


def groups(view: View, namespaces: Iterable[str]) -> Iterator[Group]:
    """The rules of these namespaces' NetworkPolicies, by namespace and direction."""
    for namespace in sorted(namespaces):
        for direction in Direction:
            yield Group(
                Entry(policy, rule)
                for policy in view.homes.get(namespace, ())
                for rule in policy.rules
                if rule.direction is direction
            )


def too_many(scene: Scene) -> bool:
    """Whether some namespace that is looked at has too many rules to compare."""
    homes = scene.facts.head.homes
    return any(
        sum(rule.direction is direction for policy in homes.get(place, ()) for rule in policy.rules)
        ** 2
        > PAIRS_AT_MOST
        for place in {policy.ref.namespace for policy in scene.facts.reviewed}
        for direction in Direction
    )


def _redundant(
    view: View, reviewed: Collection[ObjectRef], renamed: Mapping[ObjectRef, ObjectRef]
) -> Iterator[Finding]:
    """The findings of these policies' rules."""
    for group in groups(view, {ref.namespace for ref in reviewed}):
        if group.pairs > PAIRS_AT_MOST:
            continue
        for at, entry in enumerate(group.entries):
            other = group.container(at) if entry.policy.ref in reviewed else None
            if other is not None:
                yield _report(entry, other, renamed)


def _within(inner: Entry, outer: Entry) -> bool:
    return implies(inner.policy.subject.pods, outer.policy.subject.pods) and contained(
        inner.rule, outer.rule
    )


def _report(entry: Entry, other: Entry, renamed: Mapping[ObjectRef, ObjectRef]) -> Finding:
    policy, rule = entry
    key = policy_key(policy)
    if policy.ref in renamed:
        key[2] = renamed[policy.ref].name
    return finding(
        RULE,
        Severity.INFO,
        [*key, canonical(rule_key(policy, rule))],
        {
            "policy": policy.ref.path,
            "rule": rule.name,
            "other": other.policy.ref.path,
            "other_rule": other.rule.name,
        },
        origin=rule.origin,
        fix="remove it",
    )


CHECK = Check(
    id=RULE,
    title="A rule adds nothing to another",
    modes=BOTH,
    run=run,
)
