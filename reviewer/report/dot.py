"""Graphviz DOT, written by us: namespaces are clusters, changes are colours and lines (P-41)."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.engine import Endpoint, ExternalEndpoint, FlowGraph, WorkloadEndpoint

from .edges import CLOSED, OPENED, UNCHANGED, Edge, all_edges, flow_graph
from .markup import safe
from .types import Display, FlowMap, Review
from .words import INTERNET, Names, counted, is_internet, namespace_of, plain_name, port_text

STYLES = {
    OPENED: 'color="red", fontcolor="red", style="bold"',
    CLOSED: 'color="blue", fontcolor="blue", style="dashed"',
    UNCHANGED: 'color="grey", fontcolor="grey"',
    "": "",
}
Node = Endpoint | str


def render(result: Review | FlowMap, display: Display) -> str:
    """The graph. Raises: UsageError for more than 20,000 edges."""
    return "\n".join(_lines(flow_graph(all_edges(result, display.by)))) + "\n"


def _lines(graph: FlowGraph[Node, Edge]) -> Iterator[str]:
    nodes = graph.nodes()
    number = {node: f"n{at}" for at, node in enumerate(nodes)}
    names = Names(node.id for node in nodes if isinstance(node, WorkloadEndpoint))
    yield "digraph flows {"
    yield '  rankdir="LR";'
    yield '  node [shape="box"];'
    spaces: dict[str, list[Node]] = {}
    for node in nodes:
        space = None if isinstance(node, str) else namespace_of(node)
        if space is None:
            yield f"  {number[node]} [label={quoted(_name(node, names))}];"
        else:
            spaces.setdefault(space, []).append(node)
    for at, (space, inside) in enumerate(sorted(spaces.items())):
        yield f"  subgraph cluster_{at} {{"
        yield f"    label={quoted(space)};"
        for node in inside:
            yield f"    {number[node]} [label={quoted(_inside(node, names))}];"
        yield "  }"
    for source, destination, edge in graph.rows():
        ends = f"{number[source]} -> {number[destination]}"
        style = STYLES[edge.change]
        yield f"  {ends} [label={quoted(_label(edge))}{', ' if style else ''}{style}];"
    yield "}"


def quoted(text: str) -> str:
    """A quoted string of DOT; what cannot be seen is spelled out first (P-24)."""
    return '"' + safe(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _label(edge: Edge) -> str:
    if edge.ports is None:
        return counted(edge.rows, "flow")
    text = port_text(edge.ports)
    return "all ports" if text == "all" else text


def _name(node: Node, names: Names) -> str:
    if isinstance(node, ExternalEndpoint) and is_internet(node):
        return f"{INTERNET} (IPv{node.addresses.family})"
    return node if isinstance(node, str) else plain_name(node, names)


def _inside(node: Node, names: Names) -> str:
    """A node's name without the namespace that its cluster says."""
    return names.inside(node.id) if isinstance(node, WorkloadEndpoint) else _name(node, names)
