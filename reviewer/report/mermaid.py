"""The picture: opened flows, and of the closed ones those that the alert speaks of (P-16, G-26).

Workloads of one namespace with equal edges are one node with a count. They are found without
walking rows: two ends have equal edges when they stand on the same sides of the same groups, since
a group is a full product. Over 12 nodes or 24 edges the namespaces become the nodes; still over,
there is no picture.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from reviewer.base.ports import PortSet
from reviewer.engine import Endpoint, ExternalEndpoint
from reviewer.findings import Severity

from .digest import Digest, digest
from .groups import Nature, nature
from .markup import label
from .phrases import PLAIN, who
from .types import Review
from .words import CONTROLLER, INTERNET, counted, is_internet, namespace_of, port_text

NODES = 12
EDGES = 24
RED = "stroke:#cf222e,stroke-width:4px"


class Bundle(NamedTuple):
    """Rows that are drawn alike: every source to every destination. `ports` is None for closed
    ones."""

    sources: tuple[Endpoint, ...]
    destinations: tuple[Endpoint, ...]
    ports: PortSet | None
    critical: bool


class Edge(NamedTuple):
    """An arrow between two nodes."""

    source: int
    destination: int
    text: str
    closed: bool
    critical: bool


@dataclass(slots=True)
class _Drawing:
    """Nodes in order of first use, and the edges between them."""

    nodes: dict[str, int] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)

    def node(self, drawn: str) -> int:
        return self.nodes.setdefault(drawn, len(self.nodes))

    def fits(self) -> bool:
        return len(self.nodes) <= NODES and len(self.edges) <= EDGES

    def text(self) -> str:
        lines = ["flowchart LR"]
        lines += [f"  n{at}{drawn}" for drawn, at in self.nodes.items()]
        said: dict[int, str] = {}
        for edge in self.edges:
            arrow = "-.-x" if edge.closed else "==>"
            # NOTE: a label that the last arrow to this node carries already is only noise.
            text = "" if said.get(edge.destination) == edge.text else f'|"{label(edge.text)}"|'
            said[edge.destination] = edge.text
            lines.append(f"  n{edge.source} {arrow}{text} n{edge.destination}")
        red = [str(at) for at, edge in enumerate(self.edges) if edge.critical]
        if red:
            lines.append(f"  linkStyle {','.join(red)} {RED}")
        return "\n".join(lines)


def render(review: Review) -> str:
    """The diagram as a file of its own; one that says so where nothing can be drawn."""
    return (diagram(digest(review)) or 'flowchart LR\n  n0["nothing to draw"]') + "\n"


def diagram(told: Digest) -> str | None:
    """The diagram's text, or None where nothing moves or it would not be readable."""
    bundles = _bundles(told)
    if not bundles:
        return None
    for draw in (_by_workload, _by_namespace):
        drawing = draw(told, bundles)
        if drawing is not None and drawing.fits():
            return drawing.text()
    return None


def _bundles(told: Digest) -> list[Bundle]:
    opened = [
        Bundle(
            group.sources,
            group.destinations,
            group.ports,
            group.severity is Severity.CRITICAL,
        )
        for group in told.opened
    ]
    closed = [
        Bundle(pair.sources, pair.destinations, None, critical=False)
        for pair in told.pairs
        if pair.outage is not None
    ]
    return opened + closed


def has_closed(told: Digest) -> bool:
    """Whether closed flows are drawn."""
    return any(bundle.ports is None for bundle in _bundles(told))


def _by_workload(told: Digest, bundles: Sequence[Bundle]) -> _Drawing | None:
    if len(bundles) > EDGES:
        return None
    signature: dict[Endpoint, list[tuple[int, bool]]] = {}
    for at, bundle in enumerate(bundles):
        for ends, target in ((bundle.sources, False), (bundle.destinations, True)):
            for end in ends:
                signature.setdefault(end, []).append((at, target))
    alike: dict[tuple[object, ...], list[Endpoint]] = {}
    for end, sides in signature.items():
        alike.setdefault((_space(end), tuple(sides)), []).append(end)
    if len(alike) > NODES:
        return None
    node_of: dict[Endpoint, str] = {}
    for same in alike.values():
        node_of |= dict.fromkeys(same, _node(told, same))
    return _drawing(bundles, node_of.__getitem__, lambda bundle: _ports(bundle.ports))


def _by_namespace(_: Digest, bundles: Sequence[Bundle]) -> _Drawing | None:
    merged: dict[tuple[str, str, bool], list[Bundle]] = {}
    for bundle in bundles:
        for source in dict.fromkeys(map(_space_name, bundle.sources)):
            for target in dict.fromkeys(map(_space_name, bundle.destinations)):
                merged.setdefault((source, target, bundle.ports is None), []).append(bundle)
        if len(merged) > EDGES:
            return None
    drawing = _Drawing()
    for (source, target, closed), mine in merged.items():
        rows = _rows_between(mine, source, target)
        text = "closed" if closed else counted(rows, "flow")
        critical = any(bundle.critical for bundle in mine)
        drawing.edges.append(
            Edge(drawing.node(_shape(source)), drawing.node(_shape(target)), text, closed, critical)
        )
    return drawing


def _rows_between(bundles: Iterable[Bundle], source: str, target: str) -> int:
    """How many rows lead from one namespace to another; families count each."""
    total = 0
    for bundle in bundles:
        here = sum(_space_name(end) == source for end in bundle.sources)
        there = sum(_space_name(end) == target for end in bundle.destinations)
        total += here * there
    return total


def _drawing(
    bundles: Sequence[Bundle],
    node_of: Callable[[Endpoint], str],
    said: Callable[[Bundle], str],
) -> _Drawing:
    drawing = _Drawing()
    met: dict[tuple[Endpoint, ...], list[Bundle]] = {}
    for bundle in bundles:
        met.setdefault(bundle.destinations, []).append(bundle)
    for destinations, mine in met.items():
        for end in [*(end for bundle in mine for end in bundle.sources), *destinations]:
            drawing.node(node_of(end))
    for bundle in bundles:
        for source in dict.fromkeys(map(node_of, bundle.sources)):
            for target in dict.fromkeys(map(node_of, bundle.destinations)):
                start, stop = drawing.node(source), drawing.node(target)
                closed = bundle.ports is None
                drawing.edges.append(Edge(start, stop, said(bundle), closed, bundle.critical))
    return drawing


def _ports(ports: PortSet | None) -> str:
    if ports is None:
        return "closed"
    text = port_text(ports).replace("–", "-")
    return "all ports" if text == "all" else text


def _space(end: Endpoint) -> tuple[int, str]:
    return (nature(end), namespace_of(end) or "")


def _space_name(end: Endpoint) -> str:
    """What stands for the namespace of an end where namespaces are the nodes."""
    match nature(end):
        case Nature.WORKLOAD:
            return namespace_of(end) or ""
        case Nature.OUTSIDE:
            return INTERNET
        case Nature.CONTROLLER:
            return CONTROLLER
        case Nature.SELECTOR:
            return "other pods"


def _node(told: Digest, ends: Sequence[Endpoint]) -> str:
    """Shape and label of a node."""
    kind = nature(ends[0])
    if kind is Nature.WORKLOAD and len(ends) > 1:
        # NOTE: `<br>` is ours and drawn under GitHub's strict setting; names are never near it.
        return f'["{label(namespace_of(ends[0]) or "")}<br>{len(ends)} workloads"]'
    if kind is Nature.OUTSIDE:
        outside = [end for end in ends if isinstance(end, ExternalEndpoint)]
        inside = all(map(is_internet, outside))
        return _shape(INTERNET) if inside else _round(who(tuple(ends), told.names, PLAIN))
    return _shape(who(tuple(ends), told.names, PLAIN))


def _shape(text: str) -> str:
    return _round(text) if text in {INTERNET, CONTROLLER} else f'["{label(text)}"]'


def _round(text: str) -> str:
    return f'(["{label(text)}"])'
