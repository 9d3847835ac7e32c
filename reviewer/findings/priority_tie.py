"""priority-tie: admin policies of equal priority share a subject (S-64)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from reviewer.manifests import Policy, Tier

from .identity import finding, policy_key
from .severity import Severity
from .types import BOTH, Check, Finding, Scene
from .view import View

RULE = "priority-tie"


def run(scene: Scene) -> Iterator[Finding]:
    """One finding for each pair that base did not have."""
    known = {each.id for each in _ties(scene.facts.base)} if scene.facts.base else set()
    yield from (each for each in _ties(scene.facts.head) if each.id not in known)


def _ties(view: View) -> Iterator[Finding]:
    equal: dict[tuple[Tier, int], list[Policy]] = {}
    for policy in view.cluster.policies:
        if policy.tier is Tier.ADMIN:
            equal.setdefault((policy.tier, policy.priority), []).append(policy)
    for policies in equal.values():
        for one, other in combinations(sorted(policies, key=lambda each: each.ref), 2):
            if {w.id for w in view.subjects(one)} & {w.id for w in view.subjects(other)}:
                yield _report(one, other)


def _report(one: Policy, other: Policy) -> Finding:
    return finding(
        RULE,
        Severity.LOW,
        [policy_key(one), policy_key(other)],
        {"policies": (one.ref.path, other.ref.path), "priority": one.priority},
        origin=max(one.origin, other.origin),
        fix="give one of them another priority",
    )


CHECK = Check(
    id=RULE,
    title="Admin policies of equal priority",
    modes=BOTH,
    run=run,
)
