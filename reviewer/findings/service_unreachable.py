"""service-unreachable: a workload names a Service that it may not reach any more (F-34)."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.base.ports import port_range, union
from reviewer.cluster import Workload
from reviewer.delta import Cause, Side
from reviewer.engine import WorkloadEndpoint
from reviewer.manifests import Direction

from .identity import finding
from .places import closing
from .references import Reference, references, served, targets
from .severity import Severity
from .speakers import where_of
from .types import BOTH, Check, Finding, Mode, Scene, Where

RULE = "service-unreachable"


def run(scene: Scene) -> Iterator[Finding]:
    """One finding for each referrer, Service and port. O(references)."""
    facts = scene.facts
    broken = [
        (workload, reference)
        for workload in facts.head.workloads.values()
        if workload.references
        for reference in references(facts.head, workload)
        if served(facts.head, workload.id, reference) is False
        and (scene.mode is Mode.AUDIT or _was_served(scene, workload, reference))
    ]
    rows = _closed(scene, {workload.id for workload, _ in broken})
    for workload, reference in broken:
        yield _report(scene, workload, reference, rows)


def _was_served(scene: Scene, workload: Workload, reference: Reference) -> bool:
    """Whether base served it, or its referrer is new."""
    facts = scene.facts
    if workload.id in facts.added or facts.base is None:
        return True
    old = facts.base.workloads.get(facts.predecessor.get(workload.id, workload.id))
    before = facts.base.services.named(reference.service.ref.namespace, reference.service.ref.name)
    if old is None or before is None:
        return False
    port = next((p for p in before.ports if p.number == reference.port.number), None)
    return port is not None and bool(served(facts.base, old.id, Reference(before, port)))


Rows = dict[tuple[str, str], list[tuple[int, tuple[Cause, ...]]]]


def _closed(scene: Scene, referrers: set[str]) -> Rows:
    found: Rows = {}
    if not referrers or scene.delta is None:
        return found
    for index, row in enumerate(scene.delta.closed):
        source, destination = row.source, row.destination
        if not isinstance(source, WorkloadEndpoint) or source.id not in referrers:
            continue
        if isinstance(destination, WorkloadEndpoint):
            found.setdefault((source.id, destination.id), []).append((index, row.because))
    return found


def _report(scene: Scene, workload: Workload, reference: Reference, rows: Rows) -> Finding:
    behind = [t for t in targets(scene.facts.head, reference) if t[0].id != workload.id]
    port = reference.port
    ports = union(each for _, each in behind) or port_range(port.protocol, port.number, port.number)
    closed = [row for target, _ in behind for row in rows.get((workload.id, target.id), ())]
    where = _where(scene, workload, [because for _, because in closed])
    low = scene.mode is Mode.AUDIT or workload.id in scene.facts.added
    names = tuple(sorted(target.id for target, _ in behind))
    return finding(
        RULE,
        Severity.LOW if low else Severity.MEDIUM,
        [workload.id, reference.service.ref.path, reference.port.number],
        {
            "referrer": workload.id,
            "service": reference.service.ref.path,
            "targets": names,
            "ports": ports,
        },
        workloads=(workload.id, *names),
        closed_flow=min((index for index, _ in closed), default=None),
        origin=where.origin,
        side=where.side,
    )


def _where(scene: Scene, workload: Workload, because: list[tuple[Cause, ...]]) -> Where:
    cause = closing(scene.facts, because, Direction.INGRESS)
    if cause is not None:
        return where_of(scene.facts, cause)
    return Where("", workload.id, None, workload.origin, Side.HEAD)


CHECK = Check(
    id=RULE,
    title="A Service that is named may not be reached",
    modes=BOTH,
    run=run,
)
