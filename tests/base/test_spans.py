"""Spans of integers: the canonical form at its edges. The laws are in tests/properties."""

from __future__ import annotations

import pytest

from reviewer.base import spans
from reviewer.base.spans import Span, Spans


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ([], ()),
        ([(2, 1)], ()),
        ([(1, 2), (3, 4)], ((1, 4),)),
        ([(5, 6), (1, 2)], ((1, 2), (5, 6))),
        ([(1, 9), (2, 3)], ((1, 9),)),
        ([(1, 3), (2, 9), (9, 9)], ((1, 9),)),
    ],
)
def test_normal(written: list[Span], expected: Spans) -> None:
    assert spans.normal(written) == expected


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (((1, 9),), ((1, 9),), ()),
        (((1, 9),), ((3, 4), (6, 6)), ((1, 2), (5, 5), (7, 9))),
        (((1, 2), (8, 9)), ((2, 8),), ((1, 1), (9, 9))),
        (((1, 2),), (), ((1, 2),)),
        (((5, 6),), ((1, 2), (9, 9)), ((5, 6),)),
    ],
)
def test_difference(a: Spans, b: Spans, expected: Spans) -> None:
    assert spans.difference(a, b) == expected


def test_union_with_nothing() -> None:
    assert spans.union((), ((1, 2),)) == spans.union(((1, 2),), ()) == ((1, 2),)
    assert spans.union(((1, 2),), ((1, 2),)) == ((1, 2),)
