"""world-ingress: public addresses reach a workload (R1 to R4)."""

from __future__ import annotations

from collections.abc import Iterator

from .reach import grouped, label, lost_list, public_addresses, source_class, speak, workloads
from .types import BOTH, Check, Finding, Scene

RULE = "world-ingress"


def run(scene: Scene) -> Iterator[Finding]:
    """One finding for each destination, ports and cause."""
    for key, flows in grouped(
        scene.spoken.get(RULE, ()), lambda f: (label(f.destination), f.ports, f.where.key)
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
                "internet": any(source_class(flow) == "internet" for flow in flows),
                "addresses": public_addresses(flows, scene.facts),
            },
            workloads=workloads([end]),
            fix=lost_list(scene, flows[0]),
        )


CHECK = Check(
    id=RULE,
    title="A workload opens to the internet",
    modes=BOTH,
    run=run,
)
