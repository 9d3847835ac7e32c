"""sensitive-open: a sensitive workload can be reached by more than before (R5 to R15, odd)."""

from __future__ import annotations

from collections.abc import Iterator

from .reach import grouped, label, source_class, sources, speak, workloads
from .types import BOTH, Check, Finding, Scene

RULE = "sensitive-open"


def run(scene: Scene) -> Iterator[Finding]:
    """One finding for each destination, ports, source class and cause."""
    for key, flows in grouped(
        scene.spoken.get(RULE, ()),
        lambda f: (label(f.destination), f.ports, source_class(f), f.where.key),
    ):
        end = flows[0].destination
        yield speak(
            scene,
            RULE,
            flows,
            key,
            {
                "destinations": (label(end),),
                "ports": flows[0].ports,
                "clause": flows[0].grade.clause,
                **sources(flows, scene.facts),
            },
            workloads=workloads([end]),
        )


CHECK = Check(
    id=RULE,
    title="A sensitive workload opens",
    modes=BOTH,
    run=run,
)
