"""The figures of an audit: each with its denominator, and no score (F-40 to F-43)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from reviewer.base import ports as sets
from reviewer.base.ports import PortSet
from reviewer.delta import Closures, Web
from reviewer.engine import INGRESS_CONTROLLER, ExternalEndpoint, Flow, WorkloadEndpoint
from reviewer.manifests import Direction, Policy, Rule

from .admitting import admitting
from .posture import denies_by_default
from .reach import CLASSES
from .sensitivity import clauses
from .standing import graded
from .transit import Sided
from .types import Scene
from .view import View

TOP = 10
ORDER = tuple(each for each in CLASSES.values() if each != "selector")
"""The classes of sources, gravest first (F-13)."""

CLOSED_AT_MOST = 40_000
"""Over so many workloads nobody is listed as the one who reaches most."""


class Sides(NamedTuple):
    """A number or an answer for each direction."""

    ingress: int
    egress: int


class Coverage(NamedTuple):
    """How much of the whole is isolated (S-42) and unrestricted (F-14)."""

    workloads: int
    host_network: int
    isolated: Sides
    unrestricted: Sides
    policies: int
    namespaces: int


class NamespaceFigures(NamedTuple):
    """One namespace of S-20; `default_deny` holds 0 or 1."""

    namespace: str
    workloads: int
    policies: int
    isolated: Sides
    default_deny: Sides


class Exposed(NamedTuple):
    """A workload with a flow from outside: `internet` or `ingress_controller`."""

    workload: str
    source: str
    ports: PortSet


class SensitiveFigures(NamedTuple):
    """A sensitive workload, why, and the classes of who reaches it."""

    workload: str
    why: str
    sources: tuple[str, ...]
    unrestricted: bool


class BlastRadius(NamedTuple):
    """How many workloads internet reaches in any number of hops, of how many; and who reaches most
    others."""

    from_internet: int
    of: int
    top: tuple[tuple[str, int], ...]


class RiskyRule(NamedTuple):
    """A rule with the gravest line of F-13 that it allows, alone or with others."""

    policy: Policy
    rule: Rule
    line: str
    flows: int


class AuditFigures(NamedTuple):
    """All of them, in the order of audit/v1."""

    coverage: Coverage
    namespaces: tuple[NamespaceFigures, ...]
    exposed: tuple[Exposed, ...]
    sensitive: tuple[SensitiveFigures, ...]
    blast_radius: BlastRadius
    risky_rules: tuple[RiskyRule, ...]


def measure(scene: Scene) -> AuditFigures:
    """The figures of an audit's target."""
    view = scene.facts.head
    side = Sided(view, scene.facts)
    flows = [(flow, grade.line) for flow, grade in graded(scene)]
    return AuditFigures(
        coverage=_coverage(view),
        namespaces=tuple(_namespaces(view)),
        exposed=tuple(_exposed(view, side)),
        sensitive=tuple(_sensitive(scene, side)),
        blast_radius=_blast_radius(view, side),
        risky_rules=_risky_rules(view, flows),
    )


def _isolated(view: View, names: list[str]) -> Sides:
    reach = view.reachability
    return Sides(*(sum(reach.isolated(name, each) for name in names) for each in Direction))


def _coverage(view: View) -> Coverage:
    names = list(view.workloads)
    open_ = Sides(*(sum(view.unrestricted(name, each) for name in names) for each in Direction))
    return Coverage(
        workloads=len(names),
        host_network=sum(each.host_network for each in view.workloads.values()),
        isolated=_isolated(view, names),
        unrestricted=open_,
        policies=len(view.policies),
        namespaces=len(view.cluster.namespaces),
    )


def _namespaces(view: View) -> Iterator[NamespaceFigures]:
    for name in sorted(view.cluster.namespaces):
        members = [each.id for each in view.by_namespace.get(name, ())]
        denied = Sides(*(int(denies_by_default(view, name, each)) for each in Direction))
        yield NamespaceFigures(
            name, len(members), len(view.homes.get(name, ())), _isolated(view, members), denied
        )


def _exposed(view: View, side: Sided) -> Iterator[Exposed]:
    """Workloads that internet or the ingress controller reaches, by id (F-43)."""
    internet = side.internet()
    for name in view.workloads:
        if name in internet:
            yield Exposed(name, "internet", _public_ports(view, side, name))
        ports = view.reachability.ports(INGRESS_CONTROLLER, WorkloadEndpoint(name))
        if ports:
            yield Exposed(name, "ingress_controller", ports)


def _public_ports(view: View, side: Sided, name: str) -> PortSet:
    rows = view.reachability.outside(name, Direction.INGRESS)
    return sets.union(side.broad(rows).values())


def _sensitive(scene: Scene, side: Sided) -> Iterator[SensitiveFigures]:
    """Sensitive workloads with the classes of who reaches them where they are sensitive (F-43)."""
    view = scene.facts.head
    for name in view.workloads:
        traits = view.traits(WorkloadEndpoint(name))
        if traits.sensitive:
            found = _classes_outside(scene, side, name) | _classes_inside(view, name)
            sources = tuple(each for each in ORDER if each in found)
            open_ = view.unrestricted(name, Direction.INGRESS)
            yield SensitiveFigures(name, traits.why, sources, open_)


def _classes_outside(scene: Scene, side: Sided, name: str) -> set[str]:
    """Which parts of the outside, and whether the controller, reach it where it is sensitive."""
    reach, zones = scene.facts.head.reachability, scene.facts.zoning
    traits = scene.facts.head.traits(WorkloadEndpoint(name))
    rows = reach.outside(name, Direction.INGRESS)
    broad = side.broad(rows)
    found: set[str] = set()
    for addresses, ports in rows:
        at = sets.union(each.ports for each in clauses(traits, ports))
        if at:
            cut = zones.cut(addresses)
            public = bool(cut.public.spans)
            told = {
                "internet": public and at.meets(broad[addresses.family]),
                "public": public and bool(at - broad[addresses.family]),
                "private": bool(cut.private.spans or cut.metadata.spans),
                "trusted": bool(cut.trusted.spans),
            }
            found.update(word for word, holds in told.items() if holds)
    if clauses(traits, reach.ports(INGRESS_CONTROLLER, WorkloadEndpoint(name))):
        found.add("ingress_controller")
    return found


def _classes_inside(view: View, name: str) -> set[str]:
    """Whether workloads of its own and of other namespaces reach it where it is sensitive."""
    traits = view.traits(WorkloadEndpoint(name))
    home = name.partition("/")[0]
    names = (
        source
        for ports, sources in view.reachability.sources(name)
        if clauses(traits, ports)
        for source in sources
    )
    return {
        "same_namespace" if source.partition("/")[0] == home else "other_namespace"
        for source in names
    }


def _components(web: Web) -> list[tuple[int, int]]:
    """What everyone reaches; nothing in clusters of which the sets would fill the memory."""
    size = web.reachability.universe.size
    return Closures(web).components() if size <= CLOSED_AT_MOST else []


def _blast_radius(view: View, side: Sided) -> BlastRadius:
    reached = side.web.closure(view.bits(side.internet()))
    everyone = view.bits(view.workloads)
    counts = {
        name: (held & everyone & ~side.web.bit(name)).bit_count()
        for component, held in _components(side.web)
        for name in side.web.names(component & everyone)
    }
    top = sorted(counts.items(), key=lambda each: (-each[1], each[0]))[:TOP]
    return BlastRadius(
        (reached & everyone).bit_count(),
        len(view.workloads),
        tuple((name, count) for name, count in top if count),
    )


def _risky_rules(view: View, flows: list[tuple[Flow, str]]) -> tuple[RiskyRule, ...]:
    """Ten rules by the gravest line they allow, then by how many flows, then by place."""
    gravest: dict[tuple[object, str], tuple[Policy, Rule, int]] = {}
    counts: Counter[tuple[object, str]] = Counter()
    for flow, line in flows:
        leaves = isinstance(flow.destination, ExternalEndpoint)
        end, other = (flow.source, flow.destination) if leaves else (flow.destination, flow.source)
        direction = Direction.EGRESS if leaves else Direction.INGRESS
        for policy, rule in admitting(view, end, direction, other, flow.ports):
            key = (policy.ref, rule.name)
            counts[key] += 1
            known = gravest.get(key)
            if known is None or int(line[1:]) < known[2]:
                gravest[key] = (policy, rule, int(line[1:]))
    order = sorted(gravest.items(), key=lambda e: (e[1][2], -counts[e[0]], e[1][1].origin))
    return tuple(
        RiskyRule(policy, rule, f"R{line}", counts[key])
        for key, (policy, rule, line) in order[:TOP]
    )
