"""intent-violated: what the configuration forbids is allowed, or what it requires is not (F-22)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from reviewer.base import ports as sets
from reviewer.delta import FlowChange, Side
from reviewer.engine import Endpoint, ExternalEndpoint, Flow, WorkloadEndpoint
from reviewer.manifests import Direction

from .facts import Facts
from .identity import LISTED, finding
from .intents import Before, Violation, violations
from .places import closing, opening
from .preferences import Intent
from .reach import label, workloads
from .speakers import where_of
from .types import BOTH, Check, Finding, Mode, Scene, Where

RULE = "intent-violated"


class Judged(NamedTuple):
    """The violations of one intent: those that count, and how many stood before."""

    new: tuple[Violation, ...]
    standing: int


def judge_intent(scene: Scene, intent: Intent) -> Judged:
    """What an intent finds on head, less what base had already (F-23)."""
    facts = scene.facts
    found = sorted(violations(facts.head, intent, facts.subjects), key=_order)
    if scene.mode is Mode.AUDIT or facts.base is None:
        return Judged(tuple(found), 0)
    if not found:
        return Judged((), 0)
    before = Before(violations(facts.base, intent, facts.subjects))
    new = tuple(part for each in found for part in _new(facts, before, each))
    whole = {(each.source, each.destination, each.ports) for each in found}
    standing = len(whole) - len(whole.intersection(new))
    if scene.preferences.gate_standing:
        return Judged(tuple(found), 0)
    return Judged(new, standing)


def _new(facts: Facts, before: Before, found: Violation) -> Iterator[Violation]:
    """A pair with an added workload is new; else what base did not have."""
    if not (facts.standing(found.source) and facts.standing(found.destination)):
        yield found
        return
    old = facts.before(found.source), facts.before(found.destination)
    yield from before.new(found, old)


def _order(found: Violation) -> tuple[str, str]:
    return label(found.source), label(found.destination)


def run(scene: Scene) -> Iterator[Finding]:
    """One finding for each intent and cause."""
    for intent in scene.preferences.intents:
        judged = judge_intent(scene, intent)
        rows = _rows(scene, intent, judged.new)
        groups: dict[str, tuple[Where, list[tuple[Violation, list[int]]]]] = {}
        for found in judged.new:
            where, indices = _where(scene, intent, found, rows)
            groups.setdefault(where.key, (where, []))[1].append((found, indices))
        for where, members in groups.values():
            yield _report(scene, intent, where, members)


Rows = dict[tuple[Endpoint, Endpoint], list[int]]


def _rows(scene: Scene, intent: Intent, found: tuple[Violation, ...]) -> Rows:
    """The opened rows (of a require: the closed ones) by pair; outside ends by their family."""
    if scene.delta is None or not found:
        return {}
    by_pair: Rows = {}
    rows = scene.delta.opened if intent.forbid else scene.delta.closed
    for index, row in enumerate(rows):
        by_pair.setdefault((_blur(row.source), _blur(row.destination)), []).append(index)
    return by_pair


def _blur(end: Endpoint) -> Endpoint:
    """An outside end as all that have its family."""
    if isinstance(end, ExternalEndpoint):
        return ExternalEndpoint(end.addresses._replace(spans=()))
    return end


def _where(scene: Scene, intent: Intent, found: Violation, rows: Rows) -> tuple[Where, list[int]]:
    """The edit behind a violation and its rows; the workload, or the intent, without one."""
    changes: tuple[FlowChange, ...] = ()
    if scene.delta is not None:
        changes = scene.delta.opened if intent.forbid else scene.delta.closed
    pair = (_blur(found.source), _blur(found.destination))
    indices = [at for at in rows.get(pair, ()) if _same(found, changes[at])]
    causes = [changes[at].because for at in indices]
    if causes and intent.forbid:
        return where_of(scene.facts, opening(causes[0])), indices
    cause = closing(scene.facts, causes, Direction.INGRESS)
    if cause is not None:
        return where_of(scene.facts, cause), indices
    return _of_workload(scene, intent, found), indices


def _same(found: Violation, row: FlowChange) -> bool:
    """Whether a row shares ports and addresses with a violation."""
    for one, other in ((found.source, row.source), (found.destination, row.destination)):
        if not isinstance(one, ExternalEndpoint) or not isinstance(other, ExternalEndpoint):
            continue
        if not one.addresses.intersection(other.addresses).spans:
            return False
    return row.ports.meets(found.ports)


def _of_workload(scene: Scene, intent: Intent, found: Violation) -> Where:
    if scene.delta is not None:
        for end in (found.destination, found.source):
            known = scene.facts.head.workloads.get(getattr(end, "id", ""))
            if isinstance(end, WorkloadEndpoint) and known:
                return Where(f'"{known.id}"', known.id, None, known.origin, Side.HEAD)
    return Where('""', intent.name, None, intent.origin, Side.HEAD)


def _report(
    scene: Scene, intent: Intent, where: Where, members: list[tuple[Violation, list[int]]]
) -> Finding:
    found = [each for each, _ in members]
    sources = tuple(dict.fromkeys(label(each.source) for each in found))
    destinations = tuple(dict.fromkeys(label(each.destination) for each in found))
    ports = sets.union(each.ports for each in found)
    pairs = [[label(each.source), label(each.destination), each.ports] for each in found]
    rows = sorted({at for _, indices in members for at in indices})
    rest: dict[str, object] = {}
    if scene.mode is Mode.AUDIT:
        rest = {"standing": tuple(Flow(*each) for each in found), "count": len(found)}
    elif intent.forbid:
        rest = {"rows": tuple(rows)}
    elif rows:
        rest = {"closed_flow": rows[0], "count": len(found)}
    return finding(
        RULE,
        intent.severity,
        [intent.name, pairs],
        {
            "intent": intent.name,
            "forbid": intent.forbid,
            "sources": sources[:LISTED],
            "destinations": destinations[:LISTED],
            "ports": ports,
        },
        workloads=workloads(end for each in found for end in (each.source, each.destination)),
        origin=where.origin,
        side=where.side,
        **rest,
    )


CHECK = Check(
    id=RULE,
    title="An intent is violated",
    modes=BOTH,
    run=run,
)
