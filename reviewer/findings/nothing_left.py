"""nothing-left: a standing workload was reached, or reached something, and nothing is left."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.delta import Cause
from reviewer.engine import INGRESS_CONTROLLER, WorkloadEndpoint, row_sources
from reviewer.manifests import Action, Direction, PodPeer

from .identity import LISTED, finding
from .places import closing
from .severity import Severity
from .speakers import where_of
from .types import DIFF, Check, Finding, Scene

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
    left = Left(scene)
    for (name, direction), rows in closed.items():
        if name in scene.facts.head.workloads and not left.something(name, direction):
            cause = closing(scene.facts, rows, direction)
            if cause:
                groups.setdefault((direction, cause), []).append(name)
    for (direction, cause), names in groups.items():
        yield _report(scene, direction, cause, sorted(names), first)


class Left:
    """Answers whether head has any row into (ingress) or out of (egress) a workload."""

    def __init__(self, scene: Scene) -> None:
        self._view = scene.facts.head
        self._subjects = scene.facts.subjects
        self._leaving: int | None = None

    def something(self, name: str, direction: Direction) -> bool:
        """Whether some row is there."""
        end = WorkloadEndpoint(name)
        if self._view.reachability.outside(name, direction):
            return True
        if direction is Direction.EGRESS:
            if self._reaching() & self._view.bits((name,)):
                return True
            return any(self._view.ports(end, subject) for subject in self._subjects)
        if self._view.reachability.ports(INGRESS_CONTROLLER, end):
            return True
        if any(bits for _, bits in self._view.entering_bits(name, -1)):
            return True
        return any(self._view.ports(subject, end) for subject in self._subjects)

    def _reaching(self) -> int:
        """Everyone who reaches another workload."""
        if self._leaving is None:
            self._leaving = 0
            for group in self._view.reachability.groups():
                own = self._view.reachability.self_bit(group.ends[0]) if len(group.ends) == 1 else 0
                self._leaving |= row_sources(group.row) & ~own
        return self._leaving


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
        {
            "workloads": tuple(names[:LISTED]),
            "direction": direction.value,
            "unseen": any(_unseen(scene, name, direction) for name in names),
        },
        workloads=names,
        closed_flow=min(first[name, direction] for name in names),
        origin=where.origin,
        side=where.side,
    )


def _unseen(scene: Scene, name: str, direction: Direction) -> bool:
    """Whether some rule still speaks of pods that are not in the manifests."""
    view = scene.facts.head
    return any(
        isinstance(peer, PodPeer) and not view.populated(peer.selector.namespaces)
        for policy in view.selected_by(name)
        for rule in policy.rules
        if rule.direction is direction and rule.action is Action.ALLOW
        for peer in rule.peers or ()
    )


CHECK = Check(
    id=RULE,
    title="Nothing is left of a workload's flows",
    modes=DIFF,
    run=run,
)
