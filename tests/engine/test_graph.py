"""The graph of classes: exact, never a node for each pod, bounded; and chains through it (F-30)."""

from __future__ import annotations

from itertools import product
from random import Random
from typing import Any

import pytest

from reviewer.base.ports import port_range
from reviewer.engine import (
    Endpoint,
    FlowGraph,
    Reachability,
    WorkloadEndpoint,
    as_graph,
    shortest_chains,
)
from reviewer.engine.graph import NODES_AT_MOST
from tests import kit
from tests.findings.manifests import admits, allows, block, deny, pods, policy, workload
from tests.properties.clusters import cluster

SHUT = deny("shop")
MESH = "".join(workload(f"shop/{name}", f"app={name},in=mesh") for name in ("a", "b", "c"))
DB = workload("shop/db", "app=db", 5432)


def reached(text: Any, **options: Any) -> Reachability:
    return kit.flow_result(text, **options).snapshot.reachability


def drawn(text: Any, **options: Any) -> Any:
    graph = as_graph(reached(text, **options))
    assert graph is not None
    return graph


def called(end: Endpoint) -> str:
    return end.id.partition("[")[0] if isinstance(end, WorkloadEndpoint) else str(end)


def test_workloads_that_no_policy_tells_apart_are_one_node() -> None:
    """The example of the module: {a, b} and c share a row, the row of db holds a and b."""
    text = (
        "".join(workload(f"shop/{n}", f"app={n},of={'x' if n < 'c' else 'z'}") for n in "abc") + DB
    )
    graph = drawn(text + admits("shop/db", "app=db", pods("of=x"), ports="TCP/5432"))
    inside = [node for node in graph if isinstance(node, WorkloadEndpoint)]
    assert [called(node) for node in inside] == ["shop/a", "shop/c", "shop/db"]
    a, c, db = inside
    assert [called(end) for end in graph.nodes[a]["ends"]] == ["shop/a", "shop/b"]
    assert graph.edges[a, db]["ports"] == port_range("TCP", 5432, 5432)
    assert graph.has_edge(a, a)  # a reaches b
    assert not graph.has_edge(c, c)
    assert not graph.has_edge(c, db)
    assert graph.has_edge(c, a)


FLAVOURS: dict[str, tuple[dict[str, bool], str]] = {
    "policies": ({}, "never"),
    "admin policies and entries": ({"admin": True, "entries": True}, "never"),
    "unseen pods": ({"exposure": True, "entries": True, "admin": True}, "auto"),
    "unseen pods everywhere": ({"exposure": True, "admin": True}, "always"),
}


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_the_graph_says_what_the_rows_say(flavour: str) -> None:
    """S-70: its edges, taken apart, are the rows, each once."""
    flags, exposure = FLAVOURS[flavour]
    for seed in range(15):
        reachability = reached(cluster(Random(seed), **flags), exposure=exposure)
        graph = as_graph(reachability)
        assert graph is not None
        found = [
            (source, destination, data["ports"])
            for one, other, data in graph.edges(data=True)
            for source, destination in product(graph.nodes[one]["ends"], graph.nodes[other]["ends"])
            if source != destination or not isinstance(source, WorkloadEndpoint)
        ]
        assert len(found) == len(set(found))
        assert set(found) == {tuple(flow) for flow in reachability.flows()}, f"seed {seed}"


def test_a_thousand_pods_alike_are_one_node() -> None:
    text = "".join(workload(f"shop/w{n}", "app=w") for n in range(NODES_AT_MOST + 1))
    graph = drawn(text + SHUT + allows("shop/out", "app=w", block("8.8.8.0/24")))
    assert sorted(len(data["ends"]) for _, data in graph.nodes(data=True)) == [1, 1001]


def test_a_thousand_and_one_classes_are_no_graph() -> None:
    """F-30: at most 1,000 nodes; here each workload has a port of its own to the database."""
    names = range(1, NODES_AT_MOST + 2)
    rules = ",".join(
        f"{{from: [{{podSelector: {{matchLabels: {{app: w{n}}}}}}}], ports: [{{port: {n}}}]}}"
        for n in names
    )
    text = "".join(workload(f"shop/w{n}") for n in names) + DB
    reachability = reached(text + policy("shop/db", "app=db", f"ingress: [{rules}]"))
    assert as_graph(reachability) is None
    everyone = reachability.universe.pods
    assert shortest_chains(reachability, everyone, everyone, [everyone]) is None


def bits(reachability: Reachability, *names: str) -> int:
    ends = reachability.universe.end_index
    return sum(
        1 << reachability.universe.leaders[ends[WorkloadEndpoint(f"shop/{name}[Deployment]")]]
        for name in names
    )


CHAINS = (
    MESH
    + DB
    + SHUT
    + admits("shop/b", "app=b", pods("app=a"))
    + admits("shop/c", "app=c", pods("app=a"))
    + admits("shop/db", "app=db", pods("app=b"), pods("app=c"))
)


@pytest.mark.parametrize(
    ("among", "first", "goal", "expected"),
    [
        pytest.param("abc", "a", "bc", ["a", "b"], id="of equal ones the lowest ids"),
        pytest.param("ac", "a", "bc", ["a", "c"], id="among these alone"),
        pytest.param("abc", "ac", "bc", ["c"], id="the shortest"),
        pytest.param("abc", "b", "c", [], id="nothing leads there"),
    ],
)
def test_chains(among: str, first: str, goal: str, expected: list[str]) -> None:
    """F-31: one shortest path, ties by ids."""
    reachability = reached(CHAINS)
    sets = (bits(reachability, *names) for names in (among, first, goal))
    wanted, start, end = sets
    [chain] = shortest_chains(reachability, wanted, start, [end]) or ()
    assert [name.split("[")[0].split("/")[1] for name in chain] == expected


def test_rows_keep_their_order() -> None:
    """P-43: edges are keyed by change, and come out as they went in."""
    edges = [("a", "b", "opened", 1), ("c", "b", "opened", 2), ("a", "b", "closed", 3)]
    graph = FlowGraph(edges)
    assert graph.nodes() == ("a", "b", "c")
    assert [row for _, _, row in graph.rows()] == [1, 2, 3]
