"""admin-port-open: a port that administers a machine or a process opens."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.base.ports import PortSet

from .reach import grouped, label, source_class, sources, speak, workloads
from .sensitivity import ADMIN, ADMIN_USES, mattering
from .speakers import ADMIN_PORT
from .types import BOTH, Check, Finding, Scene, Spoken


def run(scene: Scene) -> Iterator[Finding]:
    """One finding for each destination, admin ports that matter, source class and cause."""

    def opened(flow: Spoken) -> PortSet:
        return mattering(scene.facts.head.traits(flow.destination), flow.ports) & ADMIN

    for key, flows in grouped(
        scene.spoken.get(ADMIN_PORT, ()),
        lambda f: (label(f.destination), opened(f), source_class(f), f.where.key),
    ):
        end = flows[0].destination
        ports = opened(flows[0])
        yield speak(
            scene,
            ADMIN_PORT,
            flows,
            key,
            {
                "destinations": (label(end),),
                "ports": ports,
                "use": use(ports),
                **sources(flows, scene.facts),
            },
            workloads=workloads([end]),
        )


def use(ports: PortSet) -> str:
    """What a single admin port is for; "" where there are several."""
    numbers = {each.first for each in ports.ranges() if each.first == each.last}
    uses = sorted({ADMIN_USES[number] for number in numbers})
    return ", ".join(uses)


CHECK = Check(
    id=ADMIN_PORT,
    title="An administrative port opens",
    modes=BOTH,
    run=run,
)
