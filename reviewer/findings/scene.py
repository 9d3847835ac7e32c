"""From two snapshots and their delta, or one snapshot, to all that checks look at."""

from __future__ import annotations

from reviewer.base.diagnostics import Diagnostic, diagnostic
from reviewer.base.documents import Origin
from reviewer.delta import Delta
from reviewer.engine import Snapshot

from .facts import compare_sides, gather
from .grading import grade
from .policy_without_effect import RULE as EFFECTS
from .preferences import Preferences
from .redundant_rule import too_many
from .transit import search
from .types import Mode, Scene


def set_scene(
    base: Snapshot,
    head: Snapshot,
    delta: Delta,
    preferences: Preferences,
    settled: Origin | None = None,
) -> Scene:
    """The scene of `diff`, with a grade for each row of `delta.opened`. `settled` is the place of
    head's configuration where it differs from base's (G-35)."""
    facts = compare_sides(base, head, delta, preferences)
    return Scene(
        mode=Mode.DIFF,
        head=head,
        base=base,
        delta=delta,
        facts=facts,
        grades=grade(delta.opened, facts, preferences),
        preferences=preferences,
        search=search(facts, delta, preferences),
        settled=settled,
    )


def set_audit(target: Snapshot, preferences: Preferences) -> Scene:
    """The scene of `audit`."""
    return Scene(
        mode=Mode.AUDIT,
        head=target,
        base=None,
        delta=None,
        facts=gather(target, preferences),
        preferences=preferences,
    )


def notices(scene: Scene) -> tuple[Diagnostic, ...]:
    """What was too large to be searched, as diagnostics without a place (F-30, section 4); asked
    after the checks have run."""
    found: list[Diagnostic] = []
    if not scene.search.complete:
        text = "paths over several hops are not searched: there are too many workloads"
        found.append(diagnostic("paths-not-searched", text))
    if too_many(scene):
        text = "redundant rules are not searched in namespaces with more than 1,000 of a direction"
        found.append(diagnostic("redundancy-not-searched", text))
    if EFFECTS in scene.facts.head.unfinished:
        text = "not all changed policies are searched for ones without effect: there are too many"
        found.append(diagnostic("effects-not-searched", text))
    return tuple(found)
