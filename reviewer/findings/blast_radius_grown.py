"""blast-radius-grown: internet reaches more workloads in any number of hops (F-30)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from .identity import finding
from .places import opening
from .severity import Severity
from .types import DIFF, Check, Finding, Scene

RULE = "blast-radius-grown"


def run(scene: Scene) -> Iterator[Finding]:
    """At most one finding: at least three more standing workloads; graver from five more and half
    as many again. It names the edit behind most rows."""
    base, head, of = scene.search.reached
    if head - base < 3 or scene.delta is None:
        return
    grave = head - base >= 5 and 2 * head >= 3 * base
    counts = Counter(id(row.because) for row in scene.delta.opened)
    most = max(scene.delta.opened, key=lambda row: counts[id(row.because)])
    cause = opening(most.because)
    yield finding(
        RULE,
        Severity.MEDIUM if grave else Severity.LOW,
        [],
        {"base": base, "head": head, "of": of},
        origin=cause.origin,
        side=cause.side,
    )


CHECK = Check(
    id=RULE,
    title="The internet reaches further",
    modes=DIFF,
    run=run,
)
