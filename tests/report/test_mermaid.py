"""The picture (G-26, P-16)."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewer.findings import Grade, Severity
from reviewer.report import mermaid
from reviewer.report.digest import digest
from reviewer.report.mermaid import EDGES, NODES, diagram
from tests.golden.shop import reviewed
from tests.report.reviews import flow, review_of, rows
from tests.report.test_markup import HAND_PICKED

LOW = Grade(Severity.LOW, "R16", "")
NODE = re.compile(r'^  n\d+(?:\["[^"]*"\]|\(\["[^"]*"\]\))$')
EDGE = re.compile(r'^  n\d+ (?:==>|-\.-x)(?:\|"[^"]*"\|)? n\d+$')
STYLE = re.compile(r"^  linkStyle \d+(?:,\d+)* stroke:#cf222e,stroke-width:4px$")


def shape(text: str) -> tuple[int, int]:
    """Nodes and edges of a diagram that has nothing but these and one style."""
    first, *lines = text.splitlines()
    assert first == "flowchart LR"
    assert all(NODE.match(each) or EDGE.match(each) or STYLE.match(each) for each in lines)
    return sum(map(bool, map(NODE.match, lines))), sum(map(bool, map(EDGE.match, lines)))


@settings(max_examples=40)
@given(st.integers(0, 200), st.integers(0, 10**6))
def test_any_picture_is_within_bounds(count: int, seed: int) -> None:
    text = diagram(digest(review_of(rows(count, seed))))
    if text is None:
        assert count == 0 or count > 5
        return
    nodes, edges = shape(text)
    assert (NODES, EDGES) == (12, 24)
    assert nodes <= NODES
    assert edges <= EDGES


@pytest.mark.parametrize(
    ("case", "size"),
    [("opened-to-internet", (6, 5)), ("lost-dns", (7, 6)), ("nothing-moves", None)],
)
def test_sizes_of_the_examples(case: str, size: tuple[int, int] | None) -> None:
    """P-16: 27 flows to 6 nodes and 39 to 7."""
    text = diagram(digest(reviewed(case)))
    assert (shape(text) if text else None) == size


def test_equal_edges_make_one_node() -> None:
    changes = [flow("a/x", "b/db"), flow("a/y", "b/db"), flow("a/z", "b/db", by="a/q")]
    text = diagram(digest(review_of(changes, grades=[LOW] * 3)))
    assert text is not None
    assert '["a<br>2 workloads"]' in text
    assert '["a/z"]' in text


def test_a_clique_is_drawn_by_namespace() -> None:
    names = [f"a/w{n}" for n in range(9)]
    changes = [flow(x, y) for x in names for y in names if x != y]
    text = diagram(digest(review_of(changes, grades=[LOW] * len(changes))))
    assert text == 'flowchart LR\n  n0["a"]\n  n0 ==>|"72 flows"| n0'


def test_red_is_for_critical_alone() -> None:
    changes = [flow("a/x", "b/db"), flow("a/y", "b/web")]
    grades = [Grade(Severity.HIGH, "R11", ""), Grade(Severity.CRITICAL, "R1", "")]
    text = diagram(digest(review_of(changes, grades=grades)))
    assert text is not None
    assert text.splitlines()[-1] == "  linkStyle 0 stroke:#cf222e,stroke-width:4px"
    assert "linkStyle" not in (diagram(digest(review_of(changes, grades=[LOW] * 2))) or "")


@pytest.mark.parametrize("name", HAND_PICKED, ids=ascii)
def test_hostile_names_make_no_syntax(name: str) -> None:
    text = mermaid.render(review_of([flow(f"a/{name}", "b/db")], grades=[LOW]))
    assert shape(text) == (2, 1)
