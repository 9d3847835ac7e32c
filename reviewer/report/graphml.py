"""GraphML, for yEd, Gephi and networkx: everything that a row carries (P-42)."""

from __future__ import annotations

from functools import partial

from reviewer.engine import Endpoint

from .edges import Edge, all_edges, flow_graph, space_of
from .groups import nature
from .markup import safe
from .types import Display, FlowMap, Review
from .words import FullNames, plain_name, port_text

Node = Endpoint | str
Values = dict[str, str | int]


def render(result: Review | FlowMap, display: Display) -> str:
    """The graph. Raises: UsageError for more than 20,000 edges."""
    edges = all_edges(result, display.by)
    nodes = partial(_node, _labels(result))
    return flow_graph(edges).graphml(name=_name, node=nodes, edge=_edge)


def _node(labels: dict[str, str], node: Node) -> Values:
    kind = "namespace" if isinstance(node, str) else nature(node).name.lower()
    name = _raw(node)
    return _said({"kind": kind, "namespace": space_of(node), "labels": labels.get(name, "")})


def _edge(edge: Edge) -> Values:
    causes = [f"{each.kind} {each.object} {each.rule or ''}".rstrip() for each in edge.because]
    said = _said(
        {
            "ports": port_text(edge.ports) if edge.ports is not None else "",
            "change": edge.change,
            "severity": edge.severity,
            "causes": "; ".join(causes),
        }
    )
    return {**said, "flows": edge.rows}


def _said(values: dict[str, str]) -> Values:
    """What there is to say; controls have no form in XML and are spelled out (P-24)."""
    return {name: safe(value) for name, value in values.items() if value}


def _name(node: Node) -> str:
    return safe(_raw(node))


def _raw(node: Node) -> str:
    return node if isinstance(node, str) else plain_name(node, FullNames())


def _labels(result: Review | FlowMap) -> dict[str, str]:
    """Labels of workloads by id, head's before base's."""
    snapshots = (result.base, result.head) if isinstance(result, Review) else (result.snapshot,)
    return {
        each.id: ",".join(f"{key}={value}" for key, value in sorted(each.labels.items()))
        for snapshot in snapshots
        for each in snapshot.cluster.workloads
    }
