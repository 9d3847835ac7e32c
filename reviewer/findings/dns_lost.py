"""dns-lost: name resolution worked, or the workload is new, and works no more (F-33)."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.base.documents import ObjectRef
from reviewer.base.ports import PortSet
from reviewer.cluster import Workload
from reviewer.delta import Cause, Change, Side
from reviewer.engine import WorkloadEndpoint
from reviewer.manifests import Direction, PodPeer, Policy, Tier

from .identity import LISTED, finding
from .names import SERVED_FROM, UDP_53, Resolution
from .places import closing, seals
from .severity import Severity
from .speakers import where_of
from .types import BOTH, Check, Finding, Mode, Scene, Where

RULE = "dns-lost"


def run(scene: Scene) -> Iterator[Finding]:
    """One finding for each cause. O(egress classes) evaluations."""
    lost = list(_lost(scene))
    rows = _closed(scene, {each.id for each in lost})
    groups: dict[str, tuple[Where, list[str]]] = {}
    for workload, where in _causes(scene, lost, rows):
        groups.setdefault(where.key, (where, []))[1].append(workload.id)
    for key, (where, names) in groups.items():
        yield finding(
            RULE,
            Severity.LOW if scene.mode is Mode.AUDIT else Severity.MEDIUM,
            [key],
            {"workloads": tuple(names), "standing": scene.mode is Mode.AUDIT},
            workloads=names[:LISTED],
            closed_flow=min((rows[n][0][0] for n in names if n in rows), default=None),
            origin=where.origin,
            side=where.side,
            fix="allow egress on UDP and TCP 53 to k8s-app: kube-dns in kube-system",
        )


def _lost(scene: Scene) -> Iterator[Workload]:
    """Head's workloads that cannot resolve names and could on base, or are new (F-17)."""
    facts = scene.facts
    head = Resolution(facts.head)
    base = Resolution(facts.base) if facts.base else None
    passes: dict[tuple[ObjectRef, ...], bool] = {}
    for workload in _candidates(scene):
        if head.works(workload) or not _allows_something(scene, workload, passes):
            continue
        if base is not None and facts.base is not None:
            old = facts.base.workloads.get(facts.predecessor.get(workload.id, workload.id))
            if old is not None and not base.works(old):
                continue
        yield workload


def _candidates(scene: Scene) -> Iterator[Workload]:
    """The workloads whose answer may differ between the sides: those of namespaces in which
    something differs, everyone where the name servers' own namespaces do, and in `audit`."""
    facts = scene.facts
    everyone = facts.touched is None or not facts.touched.isdisjoint(SERVED_FROM)
    for workload in facts.head.workloads.values():
        if everyone or workload.namespace in (facts.touched or ()):
            yield workload


def _allows_something(
    scene: Scene, workload: Workload, passes: dict[tuple[ObjectRef, ...], bool]
) -> bool:
    """Whether head's egress side allows anything: sealed on purpose is no loss. A rule towards
    pods that are not in the manifests counts. `passes` keeps answers by the policies behind them.
    """
    view = scene.facts.head
    if not view.admin:
        policies = _governing(scene, workload.id)
        return not policies or any(not seals(policy, Direction.EGRESS) for policy in policies)
    alike = tuple(policy.ref for policy in view.selected_by(workload.id))
    if alike not in passes:
        passes[alike] = _passes(scene, workload)
    return passes[alike]


def _passes(scene: Scene, workload: Workload) -> bool:
    """The same by what passes, where an Admin policy may seal or open a workload by itself."""
    view = scene.facts.head
    unseen = any(
        rule.direction is Direction.EGRESS
        and any(isinstance(p, PodPeer) and not view.matched(p.selector) for p in rule.peers or ())
        for policy in _governing(scene, workload.id)
        for rule in policy.rules
    )
    return (
        unseen
        or bool(view.reachability.outside(workload.id, Direction.EGRESS))
        or any(
            view.reachability.side_ports(workload.id, Direction.EGRESS, WorkloadEndpoint(other))
            for other in view.workloads
            if other != workload.id
        )
    )


def _governing(scene: Scene, name: str) -> list[Policy]:
    """Head's NetworkPolicies that isolate a workload's egress."""
    return [
        policy
        for policy in scene.facts.head.selected_by(name)
        if policy.tier is Tier.NAMESPACED and Direction.EGRESS in policy.isolates
    ]


Rows = dict[str, list[tuple[int, tuple[Cause, ...], PortSet]]]


def _closed(scene: Scene, names: set[str]) -> Rows:
    """The closed rows out of these workloads, those on UDP 53 if there are any."""
    found: Rows = {}
    if not names or scene.delta is None:
        return found
    for index, row in enumerate(scene.delta.closed):
        if isinstance(row.source, WorkloadEndpoint) and row.source.id in names:
            found.setdefault(row.source.id, []).append((index, row.because, row.ports))
    for name, rows in found.items():
        on_53 = [each for each in rows if each[2].meets(UDP_53)]
        found[name] = on_53 or rows
    return found


def _causes(scene: Scene, lost: list[Workload], rows: Rows) -> Iterator[tuple[Workload, Where]]:
    """For each workload the edit to name: of its closed rows, counted over all of its namespace so
    that one edit is one finding; else of the policies that govern it."""
    named: dict[frozenset[Cause], Where] = {}
    shared: dict[str, list[tuple[Cause, ...]]] = {}
    for workload in lost:
        shared.setdefault(workload.namespace, []).extend(r[1] for r in rows.get(workload.id, ()))
    for workload in lost:
        own = frozenset(cause for each in rows.get(workload.id, ()) for cause in each[1])
        if own and own not in named:
            counted = (tuple(c for c in each if c in own) for each in shared[workload.namespace])
            cause = closing(scene.facts, counted, Direction.EGRESS)
            assert cause is not None, "there is a row, and a row has a cause"
            named[own] = where_of(scene.facts, cause)
        yield workload, named[own] if own else _governed(scene, workload)


def _governed(scene: Scene, workload: Workload) -> Where:
    """The policy to name where no row closed: one that changed, or that allows nothing, first."""
    policies = _governing(scene, workload.id)
    if not policies:
        return Where(f'"{workload.id}"', workload.id, None, workload.origin, Side.HEAD)
    changes = scene.facts.changes
    first = min(
        policies,
        key=lambda p: (
            (p.ref.kind, p.ref.path) not in changes,
            not seals(p, Direction.EGRESS),
            p.origin,
        ),
    )
    cause = Cause(
        first.ref.kind, first.ref.path, True, None, Change.MODIFIED, first.origin, Side.HEAD
    )
    return where_of(scene.facts, cause)._replace(cause=None)


CHECK = Check(
    id=RULE,
    title="Name resolution is lost",
    modes=BOTH,
    run=run,
)
