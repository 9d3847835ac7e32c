"""Rows are kept while there is room for them."""

from __future__ import annotations

from reviewer.base.ports import port_range
from reviewer.engine.kept import Kept

WEB = port_range("TCP", 80, 80)


def test_a_full_store_begins_anew() -> None:
    kept = Kept(most=8)
    rows = [{WEB: 0xFF << shift} for shift in range(3)]
    for number, row in enumerate(rows[:2]):
        assert kept.keep(number, row) is row
    assert [kept.get(number) for number in range(3)] == [rows[0], rows[1], None]
    kept.keep(2, rows[2])
    assert [kept.get(number) for number in range(3)] == [None, None, rows[2]]
