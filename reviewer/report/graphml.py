"""GraphML, for yEd, Gephi and networkx: everything that a row carries (P-42)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape

from reviewer.engine import Endpoint

from .edges import Edge, all_edges, space_of
from .groups import nature
from .markup import safe
from .types import Display, FlowMap, Review
from .words import FullNames, plain_name, port_text

HEAD = """\
<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">"""
NODE_KEYS = ("kind", "namespace", "labels")
EDGE_KEYS = ("ports", "change", "severity", "causes", "flows")
Node = Endpoint | str


def render(result: Review | FlowMap, display: Display) -> str:
    """The graph. Raises: UsageError for more than 20,000 edges."""
    return "\n".join(_lines(all_edges(result, display.by), _labels(result))) + "\n"


def _lines(edges: list[Edge], labels: Mapping[str, str]) -> Iterator[str]:
    names = FullNames()
    yield HEAD
    for name in NODE_KEYS:
        yield f'  <key id="{name}" for="node" attr.name="{name}" attr.type="string"/>'
    for name in EDGE_KEYS:
        kind = "int" if name == "flows" else "string"
        yield f'  <key id="{name}" for="edge" attr.name="{name}" attr.type="{kind}"/>'
    yield '  <graph edgedefault="directed">'
    for node in dict.fromkeys(end for edge in edges for end in (edge.source, edge.destination)):
        name = _name(node, names)
        yield f'    <node id="{text(name)}">'
        kind = "namespace" if isinstance(node, str) else nature(node).name.lower()
        yield from _data(
            {"kind": kind, "namespace": space_of(node), "labels": labels.get(name, "")}
        )
        yield "    </node>"
    for edge in edges:
        ends = _name(edge.source, names), _name(edge.destination, names)
        yield f'    <edge source="{text(ends[0])}" target="{text(ends[1])}">'
        yield from _data(_values(edge))
        yield "    </edge>"
    yield "  </graph>"
    yield "</graphml>"


def _values(edge: Edge) -> dict[str, str]:
    causes = [f"{each.kind} {each.object} {each.rule or ''}".rstrip() for each in edge.because]
    return {
        "ports": port_text(edge.ports) if edge.ports is not None else "",
        "change": edge.change,
        "severity": edge.severity,
        "causes": "; ".join(causes),
        "flows": str(edge.rows),
    }


def _data(values: Mapping[str, str]) -> Iterator[str]:
    for name, value in values.items():
        if value:
            yield f'      <data key="{name}">{text(value)}</data>'


def text(value: str) -> str:
    """Text for XML; controls have no form there at all and are spelled out (P-24)."""
    return escape(safe(value))


def _name(node: Node, names: FullNames) -> str:
    return node if isinstance(node, str) else plain_name(node, names)


def _labels(result: Review | FlowMap) -> dict[str, str]:
    """Labels of workloads by id, head's before base's."""
    snapshots = (result.base, result.head) if isinstance(result, Review) else (result.snapshot,)
    return {
        each.id: ",".join(f"{key}={value}" for key, value in sorted(each.labels.items()))
        for snapshot in snapshots
        for each in snapshot.cluster.workloads
    }
