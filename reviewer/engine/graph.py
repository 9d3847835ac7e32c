"""The one door of networkx: reachability as a graph of classes, paths through it, and GraphML.

A graph never has a node for each pod: an edge costs 1.6 kB, and a thousand nodes fully joined are a
million edges. Workloads are one node as long as no policy tells them apart, neither as destinations
(they share a row) nor as sources (they stand in every row together or not at all). Finding these
classes is a refinement: they begin as the groups that share a row, and each set of sources of each
row cuts those that it holds only in part. It ends at once when there are too many.

Example: of shop/a, shop/b and shop/c nobody is selected by a policy, so all three share a row; the
row of shop/db holds a and b. Then {a, b} and {c} are two nodes, both joined to each other and the
first also to db; {a, b} is joined to itself, since a reaches b.

networkx takes 140 ms to import, so each function here imports it, and nobody else does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from reviewer.base.ports import PortSet

from .bits import ones
from .reachability import Reachability
from .rows import Row
from .sided import Class
from .tiers import IN, OUT
from .types import INGRESS_CONTROLLER, Endpoint, ExternalEndpoint, WorkloadEndpoint

if TYPE_CHECKING:
    from networkx import DiGraph, MultiDiGraph

NODES_AT_MOST = 1_000
"""A graph with more nodes is not made (F-30)."""

_Node = TypeVar("_Node")
_Row = TypeVar("_Row")
_FROM = ""
"""Where paths begin; no workload has this id."""


# -- classes ---------------------------------------------------------------------------------------


class _Beyond(NamedTuple):
    """A flow of a workload with an end that is none."""

    outward: bool
    end: Endpoint
    ports: PortSet


class _Block(NamedTuple):
    """Workloads that nothing tells apart: their bits and the row they share."""

    members: int
    row: Row


def as_graph(reachability: Reachability) -> DiGraph[Endpoint] | None:
    """Who may reach whom, with a node for each class of endpoints; None over 1,000 nodes.

    A node is the lowest endpoint of its class and has all of them as `ends`; an edge has `ports`.
    A class whose members reach each other has an edge to itself (S-53: never a workload alone).
    Outside blocks, selectors and the ingress controller stand for themselves. O(classes²).
    """
    import networkx as nx

    beyond = _beyond(reachability)
    blocks = _blocks(reachability, reachability.universe.pods, beyond=beyond)
    if blocks is None:
        return None
    graph: DiGraph[Endpoint] = nx.DiGraph()
    for block in blocks:
        ends = _ends(reachability, block.members)
        graph.add_node(ends[0], ends=ends)
        for outward, end, ports in beyond.get(ends[0], ()):
            pair = (ends[0], end) if outward else (end, ends[0])
            graph.add_edge(*pair, ports=ports)
    for flow in reachability.exposed.flows() if reachability.exposed else ():
        if not isinstance(flow.source, WorkloadEndpoint) and not isinstance(
            flow.destination, WorkloadEndpoint
        ):
            graph.add_edge(flow.source, flow.destination, ports=flow.ports)
    if len(graph) > NODES_AT_MOST:
        return None
    for node, data in graph.nodes(data=True):
        data.setdefault("ends", (node,))
    graph.add_edges_from(
        (WorkloadEndpoint(one), WorkloadEndpoint(other), {"ports": ports})
        for one, other, ports in _edges(reachability, blocks)
    )
    return graph


def _beyond(reachability: Reachability) -> dict[Endpoint, tuple[_Beyond, ...]]:
    """What each workload may have with outside addresses, the controller and selectors."""
    found: dict[Endpoint, list[_Beyond]] = {}
    for end in reachability.workload_ends():
        workload = reachability.universe.ends[end]
        rows = found.setdefault(workload, [])
        if isinstance(workload, WorkloadEndpoint):
            for direction in (IN, OUT):
                rows += (
                    _Beyond(direction is OUT, ExternalEndpoint(addresses), ports)
                    for addresses, ports in reachability.outside(workload.id, direction)
                )
        led = reachability.controller_ports(end)
        if led:
            rows.append(_Beyond(False, INGRESS_CONTROLLER, led))
    for flow in reachability.exposed.flows() if reachability.exposed else ():
        if flow.source in found:
            found[flow.source].append(_Beyond(True, flow.destination, flow.ports))
        elif flow.destination in found:
            found[flow.destination].append(_Beyond(False, flow.source, flow.ports))
    return {workload: tuple(rows) for workload, rows in found.items()}


def _blocks(
    reachability: Reachability,
    among: int,
    *,
    beyond: Mapping[Endpoint, tuple[_Beyond, ...]] | None = None,
    apart: Iterable[int] = (),
) -> list[_Block] | None:
    """The classes of some workloads, cut also by the sets of `apart`; None over 1,000 of them."""
    universe = reachability.universe
    begun: dict[tuple[Class, tuple[_Beyond, ...]], int] = {}
    for end in reachability.workload_ends():
        bit = 1 << universe.leaders[end]
        if bit & among:
            more = beyond.get(universe.ends[end], ()) if beyond else ()
            key = reachability.classes[end], more
            begun[key] = begun.get(key, 0) | bit
    if len(begun) > NODES_AT_MOST:
        return None
    made = {key: reachability.row(key) for key, _ in begun}
    cuts = dict.fromkeys(bits & among for row in made.values() for bits in row.values())
    blocks = [_Block(members, made[key]) for (key, _), members in begun.items()]
    for bits in (*apart, *cuts):
        blocks = [part for block in blocks for part in _parts(block, bits)]
        if len(blocks) > NODES_AT_MOST:
            return None
    return sorted(blocks, key=lambda block: block.members & -block.members)


def _parts(block: _Block, bits: int) -> Iterator[_Block]:
    inside = block.members & bits
    if not inside or inside == block.members:
        yield block
        return
    yield block._replace(members=inside)
    yield block._replace(members=block.members ^ inside)


def _edges(
    reachability: Reachability, blocks: Sequence[_Block]
) -> Iterator[tuple[str, str, PortSet]]:
    """The edges between classes, each named by its lowest workload. O(classes²)."""
    names = [_ends(reachability, block.members)[0].id for block in blocks]
    for destination, into in zip(names, blocks, strict=True):
        for source, out in zip(names, blocks, strict=True):
            if out is into and out.members.bit_count() == 1:
                continue
            for ports, bits in into.row.items():
                if bits & out.members:
                    yield source, destination, ports


def _ends(reachability: Reachability, members: int) -> tuple[WorkloadEndpoint, ...]:
    """The workloads of a set of bits, by id."""
    universe = reachability.universe
    ends = (universe.ends[universe.columns[at].end] for at in ones(members))
    return tuple(end for end in ends if isinstance(end, WorkloadEndpoint))


# -- paths -----------------------------------------------------------------------------------------


def shortest_chains(
    reachability: Reachability, among: int, first: int, goals: Sequence[int]
) -> tuple[tuple[str, ...], ...] | None:
    """For each goal the workloads of one shortest path to it, ends included (F-30, F-31).

    All sets are bits. A path runs among these workloads only; it begins with one of `first` and
    ends with one of the goal's, which are those whose next step is the goal itself. Of equally
    short ones it is, from its end back, the one with the lowest ids. A goal that nothing leads to
    has no workloads. None where more than 1,000 classes are among them.
    """
    import networkx as nx

    blocks = _blocks(reachability, among, apart=(first, *goals))
    if blocks is None:
        return None
    graph: DiGraph[str] = nx.DiGraph()
    graph.add_node(_FROM)
    bits = {_ends(reachability, block.members)[0].id: block.members for block in blocks}
    graph.add_edges_from((_FROM, name) for name, members in bits.items() if members & first)
    graph.add_edges_from((one, other) for one, other, _ in _edges(reachability, blocks))
    hops = nx.single_source_shortest_path_length(graph, _FROM)
    return tuple(
        _chain(graph, hops, [name for name in hops if bits.get(name, 0) & goal]) for goal in goals
    )


def _chain(graph: DiGraph[str], hops: Mapping[str, int], ends: Iterable[str]) -> tuple[str, ...]:
    """The workloads of one shortest path to the nearest of some ends."""
    last = min(ends, key=lambda name: (hops[name], name), default=_FROM)
    chain: list[str] = []
    while last != _FROM:
        chain.insert(0, last)
        last = min(one for one in graph.predecessors(last) if hops.get(one) == hops[last] - 1)
    return tuple(chain)


# -- drawings --------------------------------------------------------------------------------------


Values = Mapping[str, str | int]


class FlowGraph(Generic[_Node, _Row]):
    """One graph for every drawing (P-43): nodes by endpoint, edges keyed by what changed."""

    def __init__(self, edges: Iterable[tuple[_Node, _Node, str, _Row]]) -> None:
        """Each edge is (source, destination, change, row)."""
        import networkx as nx

        self._graph: MultiDiGraph[_Node] = nx.MultiDiGraph()
        for number, (source, destination, change, row) in enumerate(edges):
            self._graph.add_edge(source, destination, key=change, row=row, number=number)

    def nodes(self) -> tuple[_Node, ...]:
        """Every end, by its first edge."""
        return tuple(self._graph)

    def rows(self) -> tuple[tuple[_Node, _Node, _Row], ...]:
        """The edges as they were given."""
        edges = sorted(self._graph.edges(data=True), key=lambda edge: edge[2]["number"])
        return tuple((source, destination, data["row"]) for source, destination, data in edges)

    def graphml(
        self,
        name: Callable[[_Node], str],
        node: Callable[[_Node], Values],
        edge: Callable[[_Row], Values],
    ) -> str:
        """The text of networkx, in a stable order (P-42).

        `name` and the values must be text that XML can hold. Two nodes of one name get numbers.
        The id of an edge is its place in the order, since ids have to be unique.
        """
        import networkx as nx

        names = _distinct(self.nodes(), name)
        written: MultiDiGraph[str] = nx.MultiDiGraph()
        for each, called in names.items():
            written.add_node(called, **node(each))
        for number, (source, destination, row) in enumerate(self.rows()):
            written.add_edge(names[source], names[destination], key=f"e{number}", **edge(row))
        out = BytesIO()
        nx.write_graphml_xml(written, out, named_key_ids=True)
        return out.getvalue().decode().rstrip() + "\n"


def _distinct(nodes: Iterable[_Node], name: Callable[[_Node], str]) -> dict[_Node, str]:
    names: dict[_Node, str] = {}
    taken: dict[str, int] = {}
    for node in nodes:
        plain = name(node)
        taken[plain] = taken.get(plain, 0) + 1
        names[node] = plain if taken[plain] == 1 else f"{plain} ({taken[plain]})"
    return names
