"""What the reach checks share: grouping the flows they speak for, and making one finding of a
group.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from reviewer.base import addresses as sets
from reviewer.base import spans
from reviewer.base.addresses import FAMILIES, AddressSet
from reviewer.base.labels import named_namespaces
from reviewer.delta import Change, Side
from reviewer.engine import Endpoint, ExternalEndpoint, Flow, SelectorEndpoint, WorkloadEndpoint

from .facts import Facts
from .identity import LISTED, finding
from .types import Finding, Mode, Scene, Spoken
from .wording import listing

CLASSES: dict[int, str] = {
    1: "internet",
    3: "public",
    5: "ingress_controller",
    7: "private",
    9: "selector",
    11: "other_namespace",
    13: "trusted",
    15: "same_namespace",
}
"""The class of a source by the first line of its pair in F-13."""


def source_class(flow: Spoken) -> str:
    """Who gains it, as the line of F-13 says."""
    number = int(flow.grade.line[1:])
    return CLASSES.get(number - 1 + number % 2, "other_namespace")


Group = tuple[Any, ...]


def grouped(
    flows: Iterable[Spoken], by: Callable[[Spoken], Group]
) -> Iterator[tuple[Group, list[Spoken]]]:
    """The flows by what one finding is about, each group gravest first."""
    groups: dict[Hashable, tuple[Group, list[Spoken]]] = {}
    for flow in flows:
        key = by(flow)
        groups.setdefault(key, (key, []))[1].append(flow)
    for key, members in groups.values():
        members.sort(key=lambda each: (each.grade.severity, each.at))
        yield key, members


def speak(
    scene: Scene,
    rule: str,
    flows: Sequence[Spoken],
    key: Any,
    arguments: Mapping[str, Any],
    **rest: Any,
) -> Finding:
    """The finding of a group: the gravest severity of its flows, at the cause of the gravest."""
    first = flows[0]
    where = first.where
    if scene.mode is Mode.DIFF:
        rest["rows"] = tuple(each.at for each in flows)
    else:
        rest["standing"] = tuple(Flow(f.source, f.destination, f.ports) for f in flows)
        rest["count"] = len(flows)
    given = {**arguments, "standing": scene.mode is Mode.AUDIT}
    return finding(
        rule,
        first.grade.severity,
        key,
        given,
        origin=where.origin,
        side=where.side,
        **rest,
    )


def label(end: Endpoint) -> str:
    """A workload's id, or what stands for another end."""
    match end:
        case WorkloadEndpoint(id=name):
            return name
        case SelectorEndpoint():
            return _unseen(end)
        case ExternalEndpoint(addresses=addresses):
            return ", ".join(addresses.cidrs())
        case _:
            return "the ingress controller"


def _unseen(end: SelectorEndpoint) -> str:
    """Pods that are not in the manifests: `pods app=web of shop`, `any pod of shop`."""
    what = f"pods {end.pods}" if end.pods else "any pod"
    named = named_namespaces(end.namespaces)
    if named:
        return f"{what} of {listing(named)}"
    if end.namespaces:
        return f"{what} in namespaces {end.namespaces}"
    return f"{what} of any namespace"


def ids(ends: Iterable[Endpoint]) -> tuple[str, ...]:
    """The workloads and subjects among some ends, sorted, each once."""
    named = (e for e in ends if isinstance(e, WorkloadEndpoint | SelectorEndpoint))
    return tuple(sorted({label(each) for each in named}))


def workloads(ends: Iterable[Endpoint]) -> tuple[str, ...]:
    """The ids of the workloads among some ends."""
    return tuple(sorted({each.id for each in ends if isinstance(each, WorkloadEndpoint)}))


def sources(flows: Sequence[Spoken], facts: Facts) -> dict[str, Any]:
    """Who gains it, as arguments of a message."""
    kind = source_class(flows[0])
    if kind in {"public", "private", "trusted", "internet"}:
        held = [part for f in flows for part in [_part(f, kind, facts)] if part is not None]
        cidrs = [c for family in FAMILIES for c in sets.union(family, held).cidrs()]
        return {"source_class": kind, "sources": tuple(cidrs[:LISTED]), "source_count": len(cidrs)}
    named = ids(flow.source for flow in flows)
    return {
        "source_class": kind,
        "sources": named[:LISTED],
        "source_count": len(named),
        "source_namespaces": tuple(sorted({each.partition("/")[0] for each in named})),
    }


def _part(flow: Spoken, kind: str, facts: Facts) -> AddressSet | None:
    end = flow.source if isinstance(flow.source, ExternalEndpoint) else flow.destination
    if not isinstance(end, ExternalEndpoint):
        return None
    cut = facts.zoning.cut(end.addresses)
    match kind:
        case "private":
            return cut.private.union(cut.metadata)
        case "trusted":
            return cut.trusted
        case _:
            return cut.public


def public_addresses(flows: Iterable[Spoken], facts: Facts) -> int:
    """How many public addresses these flows have outside."""
    parts = [part for f in flows for part in [_part(f, "public", facts)] if part is not None]
    return sum(spans.size(sets.union(family, parts).spans) for family in FAMILIES)


def lost_list(scene: Scene, flow: Spoken) -> str | None:
    """The fix where the rule behind a flow lost or emptied its list of peers: give it back."""
    where = flow.where
    if where.rule is None or where.cause is None or where.cause.change is not Change.MODIFIED:
        return None
    change = scene.facts.changes.get((where.cause.kind, where.object))
    if change is None or where.side is not Side.HEAD:
        return None
    for field in change.fields:
        for name in ("from", "to"):
            if field.path == f"spec.{where.rule}.{name}" and field.base and not field.head:
                return f"give {where.rule} of {where.object} its {name} list back"
    return None
