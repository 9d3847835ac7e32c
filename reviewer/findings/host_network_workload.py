"""host-network-workload: no policy applies to pods on the host's network (S-27)."""

from __future__ import annotations

from collections.abc import Iterator

from .identity import finding
from .severity import Severity
from .types import BOTH, Check, Finding, Scene

RULE = "host-network-workload"


def run(scene: Scene) -> Iterator[Finding]:
    """One finding for each workload; in `diff` for those that stand on both sides and were not."""
    base = scene.facts.base
    for workload in scene.facts.head.workloads.values():
        if not workload.host_network:
            continue
        if base is not None:
            before = base.workloads.get(workload.id)
            if before is None or before.host_network:
                continue
        yield finding(
            RULE,
            Severity.INFO,
            [workload.id],
            {"workload": workload.id},
            workloads=(workload.id,),
            origin=workload.origin,
        )


CHECK = Check(
    id=RULE,
    title="Pods on the host's network",
    modes=BOTH,
    run=run,
)
