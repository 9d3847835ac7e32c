"""intent-vacuous: an end of an intent matches nothing (F-24)."""

from __future__ import annotations

from collections.abc import Iterator

from .identity import finding
from .intents import matches
from .severity import Severity
from .types import BOTH, Check, Finding, Scene

RULE = "intent-vacuous"


def run(scene: Scene) -> Iterator[Finding]:
    """One finding for each such end; graver where base had something there, since a relabelling
    has then disarmed it."""
    facts = scene.facts
    for intent in scene.preferences.intents:
        for word, ends in (("from", intent.source), ("to", intent.destination)):
            if matches(facts.head, ends, facts.subjects):
                continue
            before = facts.base is not None and matches(facts.base, ends, facts.subjects)
            yield finding(
                RULE,
                Severity.MEDIUM if before else Severity.INFO,
                [intent.name, word],
                {"intent": intent.name, "end": word, "matched_before": before},
                origin=intent.origin,
            )


CHECK = Check(
    id=RULE,
    title="An intent matches nothing",
    modes=BOTH,
    run=run,
)
