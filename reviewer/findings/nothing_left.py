"""nothing-left: a standing workload was reached, or reached something, and nothing is left."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.delta import Cause
from reviewer.engine import INGRESS_CONTROLLER, Endpoint, WorkloadEndpoint
from reviewer.manifests import Direction

from .identity import LISTED, finding
from .places import closing
from .severity import Severity
from .speakers import where_of
from .types import DIFF, Check, Finding, Scene
from .view import View

RULE = "nothing-left"


def run(scene: Scene) -> Iterator[Finding]:
    """One finding for each direction and cause. O(closed rows)."""
    if scene.delta is None:
        return
    closed: dict[tuple[str, Direction], list[tuple[Cause, ...]]] = {}
    first: dict[tuple[str, Direction], int] = {}
    for index, row in enumerate(scene.delta.closed):
        for end, direction in (
            (row.destination, Direction.INGRESS),
            (row.source, Direction.EGRESS),
        ):
            if isinstance(end, WorkloadEndpoint):
                closed.setdefault((end.id, direction), []).append(row.because)
                first.setdefault((end.id, direction), index)
    groups: dict[tuple[Direction, Cause], list[str]] = {}
    for (name, direction), rows in closed.items():
        if name in scene.facts.head.workloads and not _left(scene, name, direction):
            cause = closing(scene.facts, rows, direction)
            if cause:
                groups.setdefault((direction, cause), []).append(name)
    for (direction, cause), names in groups.items():
        yield _report(scene, direction, cause, sorted(names), first)


def _left(scene: Scene, name: str, direction: Direction) -> bool:
    """Whether head has any row into (ingress) or out of (egress) a workload."""
    view, end = scene.facts.head, WorkloadEndpoint(name)
    reach = view.reachability
    if reach.outside(name, direction):
        return True
    if direction is Direction.INGRESS:
        if reach.ports(INGRESS_CONTROLLER, end) or reach.sources(name):
            return True
    elif _reaches(view, end):
        return True
    return any(_touches(scene, subject, end, direction) for subject in scene.facts.subjects)


def _reaches(view: View, end: WorkloadEndpoint) -> bool:
    """Whether it reaches another workload: a look at each class of destinations."""
    reach = view.reachability
    at = reach.universe.end_index[end]
    bit = 1 << reach.universe.first[reach.columns(end)[0]]
    return any(
        any(bits & bit for bits in group.row.values()) and set(group.ends) != {at}
        for group in reach.groups()
    )


def _touches(scene: Scene, subject: Endpoint, end: Endpoint, direction: Direction) -> bool:
    pair = (subject, end) if direction is Direction.INGRESS else (end, subject)
    return bool(scene.facts.head.ports(*pair))


def _report(
    scene: Scene,
    direction: Direction,
    cause: Cause,
    names: list[str],
    first: dict[tuple[str, Direction], int],
) -> Finding:
    where = where_of(scene.facts, cause)
    return finding(
        RULE,
        Severity.LOW,
        [direction.value, where.key],
        {"workloads": tuple(names[:LISTED]), "direction": direction.value},
        workloads=names,
        closed_flow=min(first[name, direction] for name in names),
        origin=where.origin,
        side=where.side,
    )


CHECK = Check(
    id=RULE,
    title="Nothing is left of a workload's flows",
    modes=DIFF,
    run=run,
)
