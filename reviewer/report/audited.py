"""An audit told with the means of a review: one target, nothing moved (F-40)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from reviewer.base.ports import PortSet
from reviewer.delta import Delta
from reviewer.findings import Severity

from .digest import Digest, digest
from .heading import BLUE, GREEN, RED, YELLOW
from .types import Audit, Review
from .words import Names, counted

Reached = dict[tuple[str, PortSet], list[str]]


def as_review(audit: Audit) -> Review:
    """The audit as a review of the target against itself."""
    return Review(
        base=audit.snapshot,
        head=audit.snapshot,
        delta=Delta(),
        grades=(),
        findings=audit.findings,
        verdict=audit.verdict,
        diagnostics=audit.snapshot.diagnostics,
        gate_word=audit.gate_word,
        key=audit.key,
    )


def digest_of(audit: Audit) -> Digest:
    """What every format asks of an audit; it may name any workload."""
    told = digest(as_review(audit))
    ids = [each.id for each in audit.snapshot.cluster.workloads]
    return Digest(
        review=told.review,
        names=Names(ids),
        opened=(),
        changes={},
        policies=told.policies,
        outages=(),
    )


def symbol(audit: Audit) -> str:
    """What to do, as a colour (P-10)."""
    if audit.verdict.failed:
        return RED
    worst = min((each.severity for each in audit.findings), default=Severity.INFO)
    if worst <= Severity.MEDIUM:
        return YELLOW
    return BLUE if worst is Severity.LOW else GREEN


def heading(audit: Audit) -> str:
    """The figure that matters most, as a sentence."""
    total = audit.figures.coverage.workloads
    outside = len({each.workload for each in audit.figures.exposed})
    if not total:
        return "There is no workload in these manifests"
    if not outside:
        return f"None of {counted(total, 'workload')} can be reached from outside"
    verb = "can be reached from outside"
    return f"{outside:,} of {counted(total, 'workload')} {verb}"


def severities(audit: Audit) -> str:
    """`2 high, 12 medium and 3 low findings`."""
    counts = Counter(each.severity for each in audit.findings)
    said = [f"{counts[each]:,} {each.word}" for each in Severity if counts[each]]
    return f"{', '.join(said)}" if said else "none"


def summary(audit: Audit) -> str:
    """`33 workloads in 5 namespaces, 24 policies`."""
    coverage = audit.figures.coverage
    return (
        f"{counted(coverage.workloads, 'workload')} in "
        f"{counted(coverage.namespaces, 'namespace')}, "
        f"{counted(coverage.policies, 'policy', 'policies')}"
    )


def reached(audit: Audit) -> Reached:
    """Workloads that are reached from outside, by source and ports, wider first."""
    found: Reached = {}
    for each in audit.figures.exposed:
        found.setdefault((each.source, each.ports), []).append(each.workload)
    return found


def spaced(ids: Sequence[str]) -> dict[str, list[str]]:
    """Workloads by namespace."""
    found: dict[str, list[str]] = {}
    for each in ids:
        found.setdefault(each.partition("/")[0], []).append(each)
    return found
