"""Graphs and tables: DOT, GraphML, CSV (P-40 to P-43)."""

from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess
from typing import Any

import networkx as nx
import pytest

from reviewer.base.errors import UsageError
from reviewer.findings import Grade, Severity
from reviewer.report import Display, FlowMap, Review, render
from reviewer.report.edges import all_edges, unchanged_flows
from reviewer.report.markup import safe
from tests.golden.shop import CASES, mapped, reviewed
from tests.kit import review_result
from tests.report.reviews import flow, graded, review_of, rows
from tests.report.test_heading import policy
from tests.report.test_markup import HAND_PICKED

NAMESPACES = Display(by="namespace")


@pytest.mark.parametrize("case", CASES)
def test_unchanged_flows_are_as_many_as_said(case: str) -> None:
    """S-74: the two ways of counting agree."""
    review = reviewed(case)
    assert sum(1 for _ in unchanged_flows(review)) == review.delta.unchanged


def test_unchanged_outside_addresses_are_cut() -> None:
    """S-70, S-71: of a block that grew, the old part is unchanged."""
    rule = "[{from: [{ipBlock: {cidr: %s}}], ports: [{port: 80}]}]"
    review = review_result(
        policy("db", "Ingress", rule % "203.0.113.0/25"),
        policy("db", "Ingress", rule % "203.0.113.0/24"),
    )
    edges = [edge for edge in all_edges(review, "workload") if edge.change != "unchanged"]
    assert [str(edge.change) for edge in edges] == ["opened"]
    assert sum(1 for _ in unchanged_flows(review)) == review.delta.unchanged
    text = render(review, "graphml", Display())
    assert '<edge source="203.0.113.0/25" target="shop/db[Deployment]" id=' in text
    assert '<edge source="203.0.113.128/25" target="shop/db[Deployment]" id=' in text


def hostile() -> Review:
    changes = [flow(f"a/{name}", f"{name}/db", by=f"a/{name}") for name in HAND_PICKED]
    return review_of(changes, grades=[Grade(Severity.LOW, "R16", "")] * len(changes))


def graph(result: Review | FlowMap, display: Display) -> Any:
    text = render(result, "graphml", display)
    return nx.parse_graphml(text, force_multigraph=True)


def test_graphml_reads_back() -> None:
    """P-42: the same names as P-24 gives."""
    changes = hostile().delta.opened
    ends = {safe(end.id) for row in changes for end in row[:2]}  # type: ignore[union-attr]  # all workloads
    assert {node.strip() for node in graph(hostile(), Display()).nodes} == {e.strip() for e in ends}


def test_names_of_one_spelling_stay_apart() -> None:
    """P-24 spells controls out, and a name may be spelled so already: two nodes, two rows."""
    names = ["x\x01", "x⟨U+0001⟩"]
    changes = [flow(f"a/{name}", "b/db") for name in names]
    grades = [Grade(Severity.LOW, "R16", "")] * 2
    found = graph(review_of(changes, grades=grades), Display())
    assert (found.number_of_nodes(), found.number_of_edges()) == (3, 2)


def test_graphml_carries_all() -> None:
    found = graph(reviewed("opened-to-internet"), Display())
    assert found.number_of_edges() == 27 + 471
    [edge] = found["0.0.0.0/0"]["shop/orders-db[StatefulSet]"].values()
    assert edge["change"] == "opened"
    assert (edge["ports"], edge["severity"]) == ("TCP 5432", "critical")
    assert edge["causes"] == "NetworkPolicy shop/orders-db ingress[0]"
    node = found.nodes["shop/orders-db[StatefulSet]"]
    assert node == {"kind": "workload", "namespace": "shop", "labels": "app=orders-db"}


def test_dot_labels_are_quoted() -> None:
    """P-41: as many nodes as names, every line of a known form."""
    text = render(hostile(), "dot", Display())
    string = r'"(?:[^"\\\n]|\\.)*"'
    known = re.compile(
        rf"digraph flows {{|}}|  }}|  rankdir=\"LR\";|  node \[shape=\"box\"\];"
        rf"|  subgraph cluster_\d+ {{|    label={string};|    n\d+ \[label={string}\];"
        rf"|  n\d+ -> n\d+ \[label={string}, color=\"red\", fontcolor=\"red\", style=\"bold\"\];"
    )
    assert all(known.fullmatch(line) for line in text.splitlines())
    ends = {end for row in hostile().delta.opened for end in row[:2]}
    assert len(re.findall(r"^ +n\d+ \[", text, re.M)) == len(ends)


@pytest.mark.skipif(not shutil.which("dot"), reason="[tools] no dot")
def test_dot_draws() -> None:
    text = render(hostile(), "dot", Display())
    done = subprocess.run(["dot", "-Tsvg"], input=text.encode(), capture_output=True, check=False)
    assert done.returncode == 0
    assert not done.stderr


@pytest.mark.parametrize("form", ["dot", "graphml"])
def test_more_than_20_000_edges_are_refused(form: str) -> None:
    """P-40."""
    changes = rows(20_001, 1, names=200)
    review = review_of(changes, grades=graded(len(changes), 1))
    with pytest.raises(UsageError, match="more than 20,000 edges") as caught:
        render(review, form, Display())
    assert "--format csv" in caught.value.hint
    assert render(review, form, NAMESPACES)


def test_namespaces_as_nodes() -> None:
    """P-40: no row is lost by folding."""
    found = graph(reviewed("lost-dns"), NAMESPACES)
    opened = [d["flows"] for _, _, d in found.edges(data=True) if d["change"] == "opened"]
    assert sum(opened) == 38
    assert {"shop", "the internet"} <= set(found.nodes)
    text = render(mapped(), "dot", NAMESPACES)
    assert re.search(r'n\d+ -> n\d+ \[label="\d+ flows"\];', text)


def test_csv_reads_back() -> None:
    """P-42."""
    text = render(hostile(), "csv", Display())
    table = list(csv.reader(io.StringIO(text), strict=True))
    header = ["change", "severity", "from", "to", "ports", "cause", "file", "line"]
    assert table[0] == header
    expected = [safe(f"a/{name}[Deployment]") for name in HAND_PICKED]
    assert [row[2] for row in table[1:]] == expected
    assert "\r" not in text


def test_no_cell_is_a_formula() -> None:
    names = ["=1+1", "+1", "-1", "@x", "\tx"]
    changes = [flow(f"{name}/x", "a/db") for name in names]
    text = render(review_of(changes, grades=[Grade(Severity.LOW, "R16", "")] * 5), "csv", Display())
    table = list(csv.reader(io.StringIO(text), strict=True))
    assert [row[2][0] for row in table[1:]] == ["'"] * 5


def test_csv_of_a_map() -> None:
    table = list(csv.reader(io.StringIO(render(mapped(), "csv", Display()))))
    assert len(table) == 472
    assert table[1][2:5] == [
        "ingress-nginx/ingress-nginx-controller[Deployment]",
        "kube-system/cluster-autoscaler[Deployment]",
        "all",
    ]
