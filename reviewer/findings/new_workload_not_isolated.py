"""new-workload-not-isolated: a workload is added that nothing restricts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reviewer.cluster import Workload
from reviewer.engine import WorkloadEndpoint
from reviewer.manifests import Policy

from .identity import LISTED, finding
from .near_miss import near_miss
from .severity import Severity
from .speakers import NEW
from .types import DIFF, Check, Finding, Scene, Spoken

Group = tuple[str, Severity, tuple[str, ...]]


def run(scene: Scene) -> Iterator[Finding]:
    """One finding for each namespace, severity and pair of directions."""
    groups: dict[Group, list[Workload]] = {}
    for name in sorted(scene.facts.added):
        directions = scene.facts.newly_open(name)
        if directions:
            workload = scene.facts.head.workloads[name]
            severity = _severity(scene, workload, directions)
            groups.setdefault((workload.namespace, severity, directions), []).append(workload)
    spoken = _by_workload(scene)
    for group, members in groups.items():
        yield _report(scene, group, members, spoken)


def _severity(scene: Scene, workload: Workload, directions: tuple[str, ...]) -> Severity:
    base = scene.facts.base
    no_policy = not scene.facts.head.policies and not (base and base.policies)
    if no_policy or "ingress" not in directions:
        return Severity.LOW
    sensitive = scene.facts.head.traits(WorkloadEndpoint(workload.id)).sensitive
    return Severity.HIGH if sensitive else Severity.MEDIUM


def _by_workload(scene: Scene) -> Mapping[str, list[Spoken]]:
    """The rows it speaks for, by the new workload they are owed to."""
    found: dict[str, list[Spoken]] = {}
    for flow in scene.spoken.get(NEW, ()):
        end = flow.destination
        if not isinstance(end, WorkloadEndpoint) or end.id not in scene.facts.added:
            end = flow.source
        if isinstance(end, WorkloadEndpoint):
            found.setdefault(end.id, []).append(flow)
    return found


def _report(
    scene: Scene, group: Group, members: list[Workload], spoken: Mapping[str, list[Spoken]]
) -> Finding:
    namespace, severity, directions = group
    rows = sorted(flow.at for each in members for flow in spoken.get(each.id, ()))
    names = tuple(each.id for each in members)
    return finding(
        NEW,
        severity,
        [namespace, names, directions],
        {"workloads": names[:LISTED], "namespace": namespace, "directions": directions},
        rows=tuple(rows),
        workloads=names,
        origin=min(each.origin for each in members),
        fix=_fix(scene, namespace, members),
    )


def _fix(scene: Scene, namespace: str, members: list[Workload]) -> str:
    """The label that brings it under the nearest policy, else a default deny."""
    policies = sorted(
        (p for p in scene.facts.head.policies.values() if p.ref.namespace == namespace),
        key=lambda each: each.origin,
    )
    for policy in policies:
        if _missed(policy, members):
            return f"label it {policy.subject.pods} to come under {policy.ref.path}"
    return f"add {namespace}'s default deny"


def _missed(policy: Policy, members: list[Workload]) -> bool:
    return bool(near_miss(policy.subject.pods, members))


CHECK = Check(
    id=NEW,
    title="A new workload is not isolated",
    modes=DIFF,
    run=run,
)
