"""In `audit`: the flows that reach checks speak for (section 4, "In audit").

What stands is no change, so F-13 counts one step down. Only lines that are medium or above then
are looked for: outside ends and the ingress controller of each workload, and the workloads of
other namespaces that reach a sensitive one. No pair is walked for anything else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from reviewer.base.addresses import FAMILIES, AddressSet
from reviewer.base.ports import NO_PORTS, PortSet
from reviewer.delta import Side
from reviewer.engine import (
    INGRESS_CONTROLLER,
    Endpoint,
    ExternalEndpoint,
    Flow,
    SelectorEndpoint,
    WorkloadEndpoint,
)
from reviewer.manifests import Direction, Policy, Rule

from .admitting import admitting
from .grading import Grader
from .identity import canonical, policy_key, rule_key
from .parts import broad_ports
from .sensitivity import ADMIN, clauses, mattering
from .severity import Severity
from .speakers import ADMIN_PORT, BY_LINE, METADATA
from .types import Grade, Scene, Spoken, Where

FLOWS_AT_MOST = 50_000
"""Flows of pods that are not in the manifests are looked for in targets with at most so many."""


def standing_flows(scene: Scene, enabled: Collection[str]) -> dict[str, tuple[Spoken, ...]]:
    """The flows of a target that are medium or above, by the check that speaks for them."""
    found: dict[str, list[Spoken]] = {}
    for flow, grade in graded(scene):
        name = _speaker(scene, flow, grade)
        if grade.severity <= Severity.MEDIUM and name in enabled:
            where = _where(scene, flow)
            spoken = Spoken(-1, flow.source, flow.destination, flow.ports, grade, where)
            found.setdefault(name, []).append(spoken)
    return {name: tuple(each) for name, each in found.items()}


def graded(scene: Scene) -> Iterator[tuple[Flow, Grade]]:
    """The flows that may be medium or above, each with its grade; those into an
    ingress-unrestricted and out of an egress-unrestricted workload have checks of their own."""
    grader = Grader(scene.facts, scene.preferences)
    view = scene.facts.head
    for name, workload in view.workloads.items():
        end = WorkloadEndpoint(name)
        if not workload.host_network:
            if not view.unrestricted(name, Direction.INGRESS):
                for flow in _entering(scene, end):
                    yield flow, grader.stand(flow, NO_PORTS)
                yield from _outside(scene, grader, end, Direction.INGRESS)
            if not view.unrestricted(name, Direction.EGRESS):
                yield from _outside(scene, grader, end, Direction.EGRESS)
    for flow, broad in _of_subjects(scene):
        yield flow, grader.stand(flow, broad)


def _outside(
    scene: Scene, grader: Grader, end: WorkloadEndpoint, direction: Direction
) -> Iterator[tuple[Flow, Grade]]:
    rows = scene.facts.head.reachability.outside(end.id, direction)
    broad = _broad(scene, rows)
    for addresses, ports in rows:
        other = ExternalEndpoint(addresses)
        enters = direction is Direction.INGRESS
        flow = Flow(other, end, ports) if enters else Flow(end, other, ports)
        yield flow, grader.stand(flow, broad[addresses.family])


def _broad(scene: Scene, rows: tuple[tuple[AddressSet, PortSet], ...]) -> dict[int, PortSet]:
    cut = scene.facts.zoning
    return {
        family: broad_ports(
            family, [(cut.public(a), ports) for a, ports in rows if a.family == family]
        )
        for family in FAMILIES
    }


def _entering(scene: Scene, end: WorkloadEndpoint) -> Iterator[Flow]:
    """The controller's row, and rows from workloads where this one is sensitive."""
    view = scene.facts.head
    admitted = view.reachability.ports(INGRESS_CONTROLLER, end)
    if admitted:
        yield Flow(INGRESS_CONTROLLER, end, admitted)
    traits = view.traits(end)
    configured = any(each.rule == "flow" for each in scene.preferences.severities)
    for ports, names in view.reachability.sources(end.id):
        if configured or clauses(traits, ports):
            for name in names:
                yield Flow(WorkloadEndpoint(name), end, ports)


def _of_subjects(scene: Scene) -> Iterator[tuple[Flow, PortSet]]:
    """Flows of pods that are not in the manifests (S-85, S-88)."""
    view = scene.facts.head
    reach = view.reachability
    subjects = [end for end in reach.universe.ends if isinstance(end, SelectorEndpoint)]
    if not subjects or reach.count() > FLOWS_AT_MOST:
        return
    outside: dict[tuple[Endpoint, bool], list[Flow]] = {}
    for flow in reach.flows():
        if not any(isinstance(end, SelectorEndpoint) for end in (flow.source, flow.destination)):
            continue
        if _is_left_to_others(scene, flow):
            continue
        enters = isinstance(flow.source, ExternalEndpoint)
        if enters or isinstance(flow.destination, ExternalEndpoint):
            here = flow.destination if enters else flow.source
            outside.setdefault((here, enters), []).append(flow)
        else:
            yield flow, NO_PORTS
    for (_, enters), flows in outside.items():
        ends = [flow.source if enters else flow.destination for flow in flows]
        rows = tuple(
            (end.addresses, flow.ports)
            for end, flow in zip(ends, flows, strict=True)
            if isinstance(end, ExternalEndpoint)
        )
        broad = _broad(scene, rows)
        for flow, (addresses, _) in zip(flows, rows, strict=True):
            yield flow, broad[addresses.family]


def _is_left_to_others(scene: Scene, flow: Flow) -> bool:
    """Whether it leads into an ingress-unrestricted workload or out of what is
    egress-unrestricted: no rule is behind it."""
    if isinstance(flow.destination, ExternalEndpoint):
        return scene.facts.unrestricted(flow.source, Direction.EGRESS)
    if isinstance(flow.destination, WorkloadEndpoint):
        return scene.facts.unrestricted(flow.destination, Direction.INGRESS)
    return False


def _speaker(scene: Scene, flow: Flow, grade: Grade) -> str:
    if grade.line == "R17":
        return METADATA
    if not isinstance(flow.destination, ExternalEndpoint):
        traits = scene.facts.head.traits(flow.destination)
        if mattering(traits, flow.ports) & ADMIN:
            return ADMIN_PORT
    return BY_LINE.get(grade.line, "")


def _where(scene: Scene, flow: Flow) -> Where:
    """The first rule that admits the flow; the workload itself where no rule is behind it."""
    found = rule_behind(scene, flow)
    if found is not None:
        policy, rule = found
        key = canonical([*policy_key(policy), rule_key(policy, rule)])
        return Where(key, policy.ref.path, rule.name, rule.origin, Side.HEAD)
    for end in (flow.destination, flow.source):
        if isinstance(end, WorkloadEndpoint):
            workload = scene.facts.head.workloads[end.id]
            return Where(canonical(end.id), end.id, None, workload.origin, Side.HEAD)
    return Where("null", "", None, None, Side.HEAD)


def rule_behind(scene: Scene, flow: Flow) -> tuple[Policy, Rule] | None:
    """The first rule, by place, of the side that is asked about the other end."""
    view = scene.facts.head
    leaves = isinstance(flow.destination, ExternalEndpoint)
    end, other = (flow.source, flow.destination) if leaves else (flow.destination, flow.source)
    direction = Direction.EGRESS if leaves else Direction.INGRESS
    return next(iter(admitting(view, end, direction, other, flow.ports)), None)
