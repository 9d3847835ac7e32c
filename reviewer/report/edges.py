"""The flows of a result as edges of one graph, for DOT, GraphML and CSV (P-40, P-43)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from reviewer.base.addresses import AddressSet
from reviewer.base.errors import UsageError
from reviewer.base.ports import PortSet
from reviewer.delta import Cause, FlowChange
from reviewer.engine import (
    Endpoint,
    ExternalEndpoint,
    Flow,
    FlowGraph,
    IngressControllerEndpoint,
    rank,
)

from .types import FlowMap, Review
from .words import CONTROLLER, INTERNET, namespace_of

EDGES = 20_000
"""More edges than this are no picture (P-40)."""
OPENED, CLOSED, UNCHANGED = "opened", "closed", "unchanged"


class Edge(NamedTuple):
    """One row. `change` and `severity` are "" in a map of flows; `count` is how many rows it
    stands for where namespaces are the nodes, whose names are then the ends."""

    source: Endpoint | str
    destination: Endpoint | str
    ports: PortSet | None
    change: str
    severity: str
    because: tuple[Cause, ...]
    rows: int = 1


def changed_edges(review: Review) -> Iterator[Edge]:
    """The opened rows, then the closed ones."""
    for row, grade in zip(review.delta.opened, review.grades, strict=True):
        yield _edge(row, OPENED, grade.severity.word)
    for row in review.delta.closed:
        yield _edge(row, CLOSED, "info")


def _edge(row: FlowChange, change: str, severity: str) -> Edge:
    return Edge(row.source, row.destination, row.ports, change, severity, row.because)


def all_edges(result: Review | FlowMap, by: str) -> list[Edge]:
    """Every edge of the graph, unchanged ones last; `by` namespace they are folded.

    Raises: UsageError for more than 20,000 of them.
    """
    edges = _every_edge(result)
    if by == "namespace":
        return _folded(edges)
    found: list[Edge] = []
    for edge in edges:
        if len(found) == EDGES:
            raise UsageError(
                f"the graph has more than {EDGES:,} edges",
                "use --by namespace to draw namespaces, or --format csv for every flow",
            )
        found.append(edge)
    return found


def flow_graph(edges: Iterable[Edge]) -> FlowGraph[Endpoint | str, Edge]:
    """These edges as the one graph that is drawn (P-43)."""
    return FlowGraph((each.source, each.destination, each.change, each) for each in edges)


def _every_edge(result: Review | FlowMap) -> Iterator[Edge]:
    match result:
        case Review():
            yield from changed_edges(result)
            for flow in unchanged_flows(result):
                yield Edge(*flow, UNCHANGED, "", ())
        case FlowMap():
            for flow in result.snapshot.reachability.flows():
                yield Edge(*flow, "", "", ())


def _folded(edges: Iterable[Edge]) -> list[Edge]:
    counts: dict[tuple[str, str, str], int] = {}
    for edge in edges:
        key = (space_of(edge.source), space_of(edge.destination), edge.change)
        counts[key] = counts.get(key, 0) + 1
    return [
        Edge(source, destination, None, change, "", (), rows)
        for (source, destination, change), rows in counts.items()
    ]


def space_of(end: Endpoint | str) -> str:
    """The namespace of an end, or what stands for one."""
    if isinstance(end, str):
        return end
    space = namespace_of(end)
    if space is not None:
        return space
    if isinstance(end, ExternalEndpoint):
        return INTERNET
    return CONTROLLER if isinstance(end, IngressControllerEndpoint) else "other pods"


# --- unchanged -----------------------------------------------------------------------------------


def unchanged_flows(review: Review) -> Iterator[Flow]:
    """What both sides allow: head's flows less what was opened (S-71), in S-76's order.

    Outside addresses are cut where a row was opened for some of them only, and rows of one
    workload and direction whose ports are equal are one again (S-70).
    """
    opened: dict[tuple[Endpoint, Endpoint], PortSet] = {}
    outside: dict[tuple[object, ...], list[FlowChange]] = {}
    for row in review.delta.opened:
        if (key := _outside_key(row.source, row.destination)) is not None:
            outside.setdefault(key, []).append(row)
        else:
            opened[row.source, row.destination] = row.ports
    merged: dict[tuple[object, ...], list[Flow]] = {}
    for flow in review.head.reachability.flows():
        key = _outside_key(flow.source, flow.destination)
        if key is None:
            ports = flow.ports - opened.get((flow.source, flow.destination), PortSet())
            if ports:
                yield flow._replace(ports=ports)
        else:
            merged.setdefault(key, []).append(flow)
    for key, flows in merged.items():
        yield from _cut(flows, outside.get(key, ()))


_Piece = tuple[AddressSet, PortSet]


def _cut(flows: list[Flow], opened: Iterable[FlowChange]) -> Iterator[Flow]:
    """The outside rows of one workload, direction and family, less the opened ones."""
    is_source = isinstance(flows[0].source, ExternalEndpoint)
    pieces = [(_addresses(flow), flow.ports) for flow in flows]
    for row in opened:
        addresses = _addresses(row)
        pieces = [piece for each in pieces for piece in _less(each, addresses, row.ports)]
    by_ports: dict[PortSet, AddressSet] = {}
    for addresses, ports in pieces:
        held = by_ports.get(ports)
        by_ports[ports] = held.union(addresses) if held else addresses
    rows = [(ExternalEndpoint(addresses), ports) for ports, addresses in by_ports.items()]
    for end, ports in sorted(rows, key=lambda each: rank(each[0])):
        flow = flows[0]._replace(ports=ports)
        yield flow._replace(source=end) if is_source else flow._replace(destination=end)


def _less(piece: _Piece, addresses: AddressSet, ports: PortSet) -> Iterator[_Piece]:
    """A piece less some ports of some addresses."""
    whole, held = piece
    outside, inside = whole.difference(addresses), whole.intersection(addresses)
    if outside.spans:
        yield outside, held
    if inside.spans and held - ports:
        yield inside, held - ports


def _addresses(row: Flow | FlowChange) -> AddressSet:
    """The outside addresses of a row that has some."""
    return next(
        end.addresses for end in (row.source, row.destination) if isinstance(end, ExternalEndpoint)
    )


def _outside_key(source: Endpoint, destination: Endpoint) -> tuple[object, ...] | None:
    """The workload, direction and family of an outside row."""
    if isinstance(source, ExternalEndpoint):
        return (destination, "in", source.addresses.family)
    if isinstance(destination, ExternalEndpoint):
        return (source, "out", destination.addresses.family)
    return None
