"""policy-without-effect: a policy was added or changed, and no flow comes or goes with it."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.base.labels import EVERYTHING
from reviewer.delta import Delta
from reviewer.manifests import Policy, Tier

from .effects import WORK_AT_MOST, Effect
from .identity import finding, policy_key
from .severity import Severity
from .types import DIFF, Check, Finding, Scene

RULE = "policy-without-effect"
ALL_WORK_AT_MOST = 60_000
"""Over so much work in all, nothing more is said but a notice: a refactoring of thousands."""


def run(scene: Scene) -> Iterator[Finding]:
    """One finding for each such NetworkPolicy; O(its pods × its peers), bounded."""
    if scene.delta is None:
        return
    view = scene.facts.head
    acting = set(_acting(scene.delta))
    left = ALL_WORK_AT_MOST
    for change in scene.delta.policies:
        policy = change.head
        if policy is None or not _asked(scene, policy) or policy.ref.path in acting:
            continue
        effect = Effect(view, policy, change.base, min(left, WORK_AT_MOST))
        idle = effect.idle()
        left -= min(left, WORK_AT_MOST) - max(0, effect.left)
        if effect.left < 0:
            view.unfinished.add(RULE)
        if idle:
            yield finding(
                RULE,
                Severity.INFO,
                policy_key(policy),
                {"policy": policy.ref.path},
                origin=policy.origin,
            )


def _acting(delta: Delta) -> Iterator[str]:
    """Policies that alone are the cause of a row."""
    for because in {id(r.because): r.because for r in (*delta.opened, *delta.closed)}.values():
        if len(because) == 1 and because[0].policy:
            yield because[0].object


def _asked(scene: Scene, policy: Policy) -> bool:
    """Not of a default deny, of one that selects no workload, nor of one that was renamed."""
    if policy.tier is not Tier.NAMESPACED or policy.ref in scene.facts.renamed:
        return False
    if policy.subject.pods == EVERYTHING and not policy.rules:
        return False
    return bool(scene.facts.head.subjects(policy))


CHECK = Check(
    id=RULE,
    title="A policy changes no flow",
    modes=DIFF,
    run=run,
)
