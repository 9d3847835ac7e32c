"""Folding loses nothing (P-5), and groups come in the order of P-6."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewer.findings import Grade, Severity
from reviewer.report.groups import Group, closed_groups, opened_groups
from reviewer.report.phrases import PLAIN, who
from reviewer.report.words import Names
from tests.report.reviews import PORTS, flow, graded, rows


def check_partition(groups: tuple[Group, ...], total: int) -> None:
    found = sorted(index for group in groups for index in group.rows)
    assert found == list(range(total))


@settings(max_examples=12)
@given(st.integers(0, 5000) | st.integers(0, 40), st.integers(0, 10**6))
def test_groups_partition_rows(count: int, seed: int) -> None:
    """P-5: each row is in one group, and a group is all sources to all destinations."""
    changes, grades = rows(count, seed), graded(count, seed)
    groups = opened_groups(changes, grades)
    check_partition(groups, count)
    for group in groups:
        pairs = {(changes[at].source, changes[at].destination) for at in group.rows}
        assert len(pairs) == len(group.sources) * len(group.destinations) == group.count
        for at in group.rows:
            row = changes[at]
            assert (row.ports, row.because) == (group.ports, group.because)
            assert grades[at].severity is group.severity
    check_partition(closed_groups(changes), count)


def test_order_of_rows_changes_no_group() -> None:
    """P-1."""
    changes = list(rows(300, 5))
    by_name = {(row.source, row.destination): Grade(Severity.LOW, "R16", "") for row in changes}
    once = opened_groups(changes, [by_name[row.source, row.destination] for row in changes])
    random.Random(1).shuffle(changes)
    again = opened_groups(changes, [by_name[row.source, row.destination] for row in changes])
    assert [(g.sources, g.destinations, g.count) for g in once] == [
        (g.sources, g.destinations, g.count) for g in again
    ]


@pytest.mark.parametrize(
    ("name", "pairs", "expected"),
    [
        ("sources become one set", ["a/x a/db", "a/y a/db"], ["2 workloads in a → a/db"]),
        ("destinations too", ["b/x a/m", "b/x a/n"], ["b/x → 2 workloads in a"]),
        (
            "of one namespace only",
            ["b/x a/m", "b/x c/n"],
            ["b/x → a/m", "b/x → c/n"],
        ),
        (
            "both steps",
            ["b/x a/m", "b/y a/m", "b/x a/n", "b/y a/n"],
            ["2 workloads in b → 2 workloads in a"],
        ),
        (
            "equal sets only",
            ["b/x a/m", "b/y a/m", "b/x a/n"],
            ["2 workloads in b → a/m", "b/x → a/n"],
        ),
    ],
)
def test_two_steps(name: str, pairs: list[str], expected: list[str]) -> None:
    ends = [pair.partition(" ") for pair in pairs]
    changes = [flow(source, destination) for source, _, destination in ends]
    groups = opened_groups(changes, [Grade(Severity.LOW, "R16", name)] * len(changes))
    said = [
        f"{who(g.sources, Names(()), PLAIN)} → {who(g.destinations, Names(()), PLAIN)}"
        for g in groups
    ]
    assert said == expected


def test_order_of_groups() -> None:
    """P-6: severity; other namespace before the same; wider ports; more rows; then S-76."""
    changes = [
        flow("a/x", "a/db"),
        flow("b/x", "a/db", by="a/s"),
        flow("c/x", "a/db", PORTS[3]),
        flow("d/x", "a/db", by="a/q"),
        flow("d/y", "a/db", by="a/q"),
        flow("d/z", "a/db", by="a/q"),
        flow("e/x", "a/db", by="a/r"),
    ]
    low, high = Grade(Severity.LOW, "R16", ""), Grade(Severity.HIGH, "R11", "")
    groups = opened_groups(changes, [low, low, low, low, low, low, high])
    assert [group.rows for group in groups] == [(6,), (2,), (3, 4, 5), (1,), (0,)]
