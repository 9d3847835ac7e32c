"""config-changed: the two sides' configuration differs; base's is the one that counts (G-35)."""

from __future__ import annotations

from collections.abc import Iterator

from .identity import finding
from .severity import Severity
from .types import DIFF, Check, Finding, Scene

RULE = "config-changed"


def run(scene: Scene) -> Iterator[Finding]:
    """At most one finding, at the first line of head's configuration."""
    if scene.settled is not None:
        yield finding(RULE, Severity.INFO, [], {}, origin=scene.settled)


CHECK = Check(
    id=RULE,
    title="The configuration changes",
    modes=DIFF,
    run=run,
)
