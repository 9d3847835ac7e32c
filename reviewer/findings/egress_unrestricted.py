"""egress-unrestricted: workloads of a namespace may reach any address."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.manifests import Direction

from .identity import LISTED, finding
from .posture import open_workloads
from .severity import Severity
from .types import AUDIT, Check, Finding, Scene

RULE = "egress-unrestricted"


def run(scene: Scene) -> Iterator[Finding]:
    """One finding for each namespace."""
    view = scene.facts.head
    groups: dict[str, list[str]] = {}
    for workload in open_workloads(view, Direction.EGRESS):
        groups.setdefault(workload.namespace, []).append(workload.id)
    for namespace, names in sorted(groups.items()):
        members = view.by_namespace[namespace]
        yield finding(
            RULE,
            Severity.LOW,
            [namespace],
            {"namespace": namespace, "unrestricted": len(names), "of": len(members)},
            workloads=names[:LISTED],
            origin=min(view.workloads[name].origin for name in names),
        )


CHECK = Check(
    id=RULE,
    title="Workloads reach any address",
    modes=AUDIT,
    run=run,
)
