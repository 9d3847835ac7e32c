"""intent-standing: violations of an intent that base had already (F-23)."""

from __future__ import annotations

from collections.abc import Iterator

from .identity import finding
from .intent_violated import judge_intent
from .severity import Severity
from .types import DIFF, Check, Finding, Scene

RULE = "intent-standing"


def run(scene: Scene) -> Iterator[Finding]:
    """One finding for each intent with its count."""
    for intent in scene.preferences.intents:
        standing = judge_intent(scene, intent).standing
        if standing:
            yield finding(
                RULE,
                Severity.INFO,
                [intent.name],
                {"intent": intent.name, "violations": standing},
                origin=intent.origin,
            )


CHECK = Check(
    id=RULE,
    title="An intent was violated before",
    modes=DIFF,
    run=run,
)
