"""ingress-exposed: a workload is now reached through an Ingress, Route or Gateway route (R6)."""

from __future__ import annotations

from collections.abc import Iterator

from .identity import LISTED
from .reach import grouped, ids, speak, workloads
from .types import BOTH, Check, Finding, Scene

RULE = "ingress-exposed"


def run(scene: Scene) -> Iterator[Finding]:
    """One finding for each cause, ports and destination namespace."""
    view = scene.facts.head
    for key, flows in grouped(
        scene.spoken.get(RULE, ()),
        lambda f: (view.namespace_of(f.destination), f.ports, f.where.key),
    ):
        reached = ids(flow.destination for flow in flows)
        held = set(reached)
        entries = {way.entry for way in view.ways() if way.workload in held}
        yield speak(
            scene,
            RULE,
            flows,
            key,
            {
                "destinations": reached[:LISTED],
                "ports": flows[0].ports,
                "entries": tuple(sorted(str(each) for each in entries)),
            },
            workloads=workloads(flow.destination for flow in flows),
        )


CHECK = Check(
    id=RULE,
    title="A workload is reached through an Ingress",
    modes=BOTH,
    run=run,
)
