"""lost-isolation: a standing workload was restricted in a direction and is not any more."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.delta import Change, Side
from reviewer.engine import Endpoint
from reviewer.manifests import Direction

from .facts import Facts
from .identity import LISTED
from .reach import grouped, ids, speak, workloads
from .speakers import LOST
from .types import DIFF, Check, Finding, Scene, Spoken


def run(scene: Scene) -> Iterator[Finding]:
    """One finding for each direction and cause."""
    facts = scene.facts

    def about(flow: Spoken) -> tuple[str, str]:
        return _side(facts, flow)[0].value, flow.where.key

    for (direction, cause), flows in grouped(scene.spoken.get(LOST, ()), about):
        ends = {_side(facts, flow)[1] for flow in flows}
        names = ids(ends)
        where = flows[0].where
        yield speak(
            scene,
            LOST,
            flows,
            [direction, cause, names],
            {
                "workloads": names[:LISTED],
                "direction": direction,
                "how": _how(facts, flows[0], names[0]),
                "object": where.object,
                "rule": where.rule,
            },
            workloads=workloads(ends),
            fix=_fix(facts, flows[0], names[0]),
        )


def _side(facts: Facts, flow: Spoken) -> tuple[Direction, Endpoint]:
    """The direction that was lost in this row, and the workload or subject that lost it."""
    if facts.lost(flow.destination, Direction.INGRESS):
        return Direction.INGRESS, flow.destination
    return Direction.EGRESS, flow.source


def _how(facts: Facts, flow: Spoken, name: str) -> str:
    cause = flow.where.cause
    workload, base = facts.head.workloads.get(name), facts.base
    before = base.workloads.get(facts.predecessor.get(name, name)) if base else None
    if before and workload and workload.host_network and not before.host_network:
        return "host-network"
    if cause is None or not cause.policy:
        if before and workload and before.labels != workload.labels:
            return "relabelled"
        return "other"
    if cause.change is Change.REMOVED:
        return "removed"
    if cause.rule is not None and cause.side is Side.HEAD:
        return "rule"
    edit = facts.changes.get((cause.kind, cause.object))
    alike = edit and edit.base and edit.head and edit.base.subject == edit.head.subject
    return "other" if alike else "selector"


def _fix(facts: Facts, flow: Spoken, name: str) -> str | None:
    """For a label, the old value."""
    if _how(facts, flow, name) != "relabelled" or facts.base is None:
        return None
    new = facts.head.workloads[name].labels
    old = facts.base.workloads[facts.predecessor.get(name, name)].labels
    gone = [f"{key}={value}" for key, value in sorted(old.items()) if new.get(key) != value]
    return f"give {name} its label {', '.join(gone)} back" if gone else None


CHECK = Check(
    id=LOST,
    title="A workload lost its isolation",
    modes=DIFF,
    run=run,
)
