"""monitoring-path-lost: what collects metrics loses a scrape port (F-12)."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.cluster import Workload
from reviewer.delta import Cause, FlowChange
from reviewer.engine import WorkloadEndpoint
from reviewer.manifests import Direction

from .identity import LISTED, finding
from .places import closing
from .sensitivity import KEYS
from .severity import Severity
from .speakers import where_of
from .types import DIFF, Check, Finding, Scene
from .view import View

RULE = "monitoring-path-lost"
COLLECTORS = frozenset(
    "prometheus vmagent grafana-agent alloy otel-collector opentelemetry-collector "
    "datadog-agent".split()
)


def run(scene: Scene) -> Iterator[Finding]:
    """One finding for each source and cause. O(closed rows)."""
    base = scene.facts.base
    if base is None or scene.delta is None:
        return
    collectors = {w.id for w in base.workloads.values() if _collects(w)}
    groups: dict[tuple[str, Cause], list[tuple[int, str]]] = {}
    for index, row in enumerate(scene.delta.closed):
        found = _lost(base, collectors, row)
        if found and row.workload_change == "":
            cause = closing(scene.facts, [row.because], Direction.INGRESS)
            if cause:
                groups.setdefault((found[0], cause), []).append((index, found[1]))
    for (source, cause), lost in groups.items():
        where = where_of(scene.facts, cause)
        names = sorted({name for _, name in lost})
        yield finding(
            RULE,
            Severity.MEDIUM,
            [source, where.key],
            {"source": source, "workloads": tuple(names[:LISTED])},
            workloads=(source, *names),
            closed_flow=lost[0][0],
            origin=where.origin,
            side=where.side,
        )


def _collects(workload: Workload) -> bool:
    return any(workload.labels.get(key, "").lower() in COLLECTORS for key in KEYS)


def _lost(base: View, collectors: set[str], row: FlowChange) -> tuple[str, str] | None:
    """The collector and the workload of a closed row that held a scrape port."""
    source, destination = row.source, row.destination
    if not isinstance(source, WorkloadEndpoint) or source.id not in collectors:
        return None
    if not isinstance(destination, WorkloadEndpoint):
        return None
    scrape = base.traits(destination).scrape
    return (source.id, destination.id) if scrape.meets(row.ports) else None


CHECK = Check(
    id=RULE,
    title="Metrics can no longer be collected",
    modes=DIFF,
    run=run,
)
