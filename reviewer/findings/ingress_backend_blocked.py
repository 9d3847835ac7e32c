"""ingress-backend-blocked: an Ingress leads to a workload that does not admit the controller
(S-83).
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.engine import INGRESS_CONTROLLER, WorkloadEndpoint
from reviewer.manifests import Direction

from .identity import finding
from .severity import Severity
from .types import BOTH, Check, Finding, Scene
from .view import View, WayIn

RULE = "ingress-backend-blocked"


def run(scene: Scene) -> Iterator[Finding]:
    """One finding for each Ingress, workload and ports that base did not block."""
    known = {each.id for each in _blocked(scene.facts.base)} if scene.facts.base else set()
    yield from (each for each in _blocked(scene.facts.head) if each.id not in known)


def _blocked(view: View) -> Iterator[Finding]:
    for way in view.ways():
        workload = view.workloads[way.workload]
        admitted = view.reachability.ports(INGRESS_CONTROLLER, WorkloadEndpoint(way.workload))
        if not workload.host_network and not admitted.covers(way.ports):
            yield _report(view, way._replace(ports=way.ports - admitted))


def _report(view: View, way: WayIn) -> Finding:
    policies = [
        policy.ref.path
        for policy in view.selected_by(way.workload)
        if Direction.INGRESS in policy.isolates
    ]
    return finding(
        RULE,
        Severity.MEDIUM,
        [way.entry.kind, way.entry.namespace, way.entry.name, way.workload, way.ports],
        {
            "entry": str(way.entry),
            "workload": way.workload,
            "policies": tuple(sorted(policies)),
            "ports": way.ports,
        },
        workloads=(way.workload,),
        origin=way.origin,
        fix="admit the namespace of the ingress controller",
    )


CHECK = Check(
    id=RULE,
    title="An Ingress leads to a workload that does not admit it",
    modes=BOTH,
    run=run,
)
