"""priority-tie: admin policies of equal priority share a subject (S-64)."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.engine import tied, ties
from reviewer.manifests import Policy

from .identity import finding, policy_key
from .severity import Severity
from .types import BOTH, Check, Finding, Scene
from .view import View

RULE = "priority-tie"


def run(scene: Scene) -> Iterator[Finding]:
    """One finding for each policy, with the first that it ties with; none where the two did so on
    base."""
    base = scene.facts.base
    for one, other in ties(scene.facts.head.reachability):
        if base is None or not _stood(base, one, other):
            yield _report(one, other)


def _stood(base: View, *policies: Policy) -> bool:
    """Whether both are on base, and tied there."""
    one, other = (base.policies.get(each.ref) for each in policies)
    return one is not None and other is not None and tied(base.reachability, one, other)


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
