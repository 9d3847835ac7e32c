"""private-range-open: private addresses reach a workload (R8)."""

from __future__ import annotations

from collections.abc import Iterator

from .identity import LISTED
from .reach import grouped, ids, sources, speak, workloads
from .types import BOTH, Check, Finding, Scene

RULE = "private-range-open"


def run(scene: Scene) -> Iterator[Finding]:
    """One finding for each cause, ports and destination namespace."""
    view = scene.facts.head
    for key, flows in grouped(
        scene.spoken.get(RULE, ()),
        lambda f: (view.namespace_of(f.destination), f.ports, f.where.key),
    ):
        yield speak(
            scene,
            RULE,
            flows,
            key,
            {
                "destinations": ids(flow.destination for flow in flows)[:LISTED],
                "ports": flows[0].ports,
                **sources(flows, scene.facts),
            },
            workloads=workloads(flow.destination for flow in flows),
        )


CHECK = Check(
    id=RULE,
    title="A private address range opens",
    modes=BOTH,
    run=run,
)
