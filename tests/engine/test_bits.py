"""Sets of columns as bits of one integer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.engine.bits import bits_of, ones, span


@given(st.sets(st.integers(0, 400)))
def test_members_come_back_in_order(members: set[int]) -> None:
    assert list(ones(bits_of(members))) == sorted(members)


@pytest.mark.parametrize(
    "members",
    [
        pytest.param([], id="none"),
        pytest.param([9_000], id="one"),
        pytest.param([3, 5_000, 70_000], id="sparse"),
        pytest.param(list(range(10, 300)), id="dense"),
    ],
)
def test_sparse_and_dense_alike(members: list[int]) -> None:
    assert list(ones(bits_of(members))) == members


def test_span_is_without_its_end() -> None:
    assert list(ones(span(3, 6))) == [3, 4, 5]
    assert span(4, 4) == 0
