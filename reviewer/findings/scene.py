"""From two snapshots and their delta, or one snapshot, to all that checks look at."""

from __future__ import annotations

from reviewer.base.documents import Origin
from reviewer.delta import Delta
from reviewer.engine import Snapshot

from .facts import compare_sides, gather
from .grading import grade
from .preferences import Preferences
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
