"""world-egress: a workload reaches public addresses (R18 to R20)."""

from __future__ import annotations

from collections.abc import Iterator

from .reach import grouped, label, public_addresses, speak, workloads
from .types import BOTH, Check, Finding, Scene

RULE = "world-egress"


def run(scene: Scene) -> Iterator[Finding]:
    """One finding for each source, ports and cause."""
    for key, flows in grouped(
        scene.spoken.get(RULE, ()), lambda f: (label(f.source), f.ports, f.where.key)
    ):
        source = flows[0].source
        yield speak(
            scene,
            RULE,
            flows,
            key,
            {
                "workloads": (label(source),),
                "ports": flows[0].ports,
                "internet": any(flow.grade.line in {"R18", "R19"} for flow in flows),
                "addresses": public_addresses(flows, scene.facts),
            },
            workloads=workloads([source]),
            fix="name the addresses it needs",
        )


CHECK = Check(
    id=RULE,
    title="A workload reaches the internet",
    modes=BOTH,
    run=run,
)
