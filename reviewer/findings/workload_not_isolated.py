"""workload-not-isolated: no policy restricts who reaches a workload (F-14)."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.engine import WorkloadEndpoint
from reviewer.manifests import Direction

from .identity import finding
from .posture import open_workloads
from .severity import Severity
from .types import AUDIT, Check, Finding, Scene

RULE = "workload-not-isolated"


def run(scene: Scene) -> Iterator[Finding]:
    """One finding for each workload that is ingress-unrestricted."""
    view = scene.facts.head
    for workload in open_workloads(view, Direction.INGRESS):
        sensitive = view.traits(WorkloadEndpoint(workload.id)).sensitive
        yield finding(
            RULE,
            Severity.HIGH if sensitive else Severity.MEDIUM,
            [workload.id],
            {"workload": workload.id, "sensitive": sensitive},
            workloads=(workload.id,),
            origin=workload.origin,
            fix=f"add a policy of {workload.namespace} that selects it",
        )


CHECK = Check(
    id=RULE,
    title="A workload is not isolated",
    modes=AUDIT,
    run=run,
)
