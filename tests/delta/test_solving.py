"""Which of several edits are behind what stands (S-75), on worlds written down by hand."""

from collections.abc import Callable

import pytest

from reviewer.base.ports import ALL_PORTS, NO_PORTS, port_range
from reviewer.delta.solving import LIMIT, MANY, ROWS, SWEEPS, behind
from reviewer.engine import Row, Sweep

ROW: Row = {ALL_PORTS: 0b11}
Formula = Callable[[frozenset[int]], bool]
"""Whether it stands, given which edits are done (not taken back)."""

FORMULAS: list[tuple[str, int, Formula, set[int]]] = [
    ("one of them", 2, lambda done: 0 in done, {0}),
    ("both are needed", 2, lambda done: {0, 1} <= done, {0, 1}),
    ("either would do", 2, lambda done: bool({0, 1} & done), {0, 1}),
    ("a third has no part in it", 3, lambda done: {0, 2} <= done, {0, 2}),
    ("one and either of two", 3, lambda done: 0 in done and bool({1, 2} & done), {0, 1, 2}),
    ("1 undoes 2, both new", 3, lambda done: 0 in done and (1 in done or 2 not in done), {0}),
    ("1 needs 0 where 2 is", 3, lambda done: 1 in done if 2 in done else 0 in done, {0, 1, 2}),
]


def done(count: int, back: int) -> frozenset[int]:
    """The edits that are not taken back."""
    return frozenset(at for at in range(count) if not back >> at & 1)


@pytest.mark.parametrize(("count", "stands", "expected"), [f[1:] for f in FORMULAS])
def test_named_by_every_set(count: int, stands: Formula, expected: set[int]) -> None:
    """S-75: the smallest sets without which it falls, whatever else is taken back."""
    ((cell, found),) = behind(
        ROW, count, lambda back: ROW if stands(done(count, back)) else {}, ROWS
    )
    assert cell == ROW
    assert {at for at in range(count) if found >> at & 1} == expected


@pytest.mark.parametrize(("count", "stands", "expected"), [f[1:] for f in FORMULAS[:-1]])
def test_searched_among_many(count: int, stands: Formula, expected: set[int]) -> None:
    """Where edits are too many to try every set, what falls with those named is the same."""
    many = LIMIT + 1

    def ask(back: int) -> Row:
        return ROW if stands(done(many, back)) else {}

    sides = [0b110] if count == 3 else []
    ((cell, found),) = behind(ROW, many, ask, ROWS, sides)
    assert cell == ROW
    assert {at for at in range(many) if found >> at & 1} <= expected
    assert not stands(done(many, found))


def test_search_names_all_rather_than_too_few() -> None:
    """Where it falls only with everything taken back, a side is not behind nothing."""
    many = LIMIT + 1
    everything = (1 << many) - 1

    def ask(back: int) -> Row:
        return ROW if back != everything else {}

    found = behind(ROW, many, ask, ROWS, [0b11])
    assert [mask for _, mask in found] == [everything]


def test_cells_differ_in_what_is_behind_them() -> None:
    """One edit let the one source in, the other the other; ports are cut likewise."""
    http, rest = port_range("TCP", 80, 80), ALL_PORTS - port_range("TCP", 80, 80)
    worlds: dict[int, Row] = {
        0b01: {ALL_PORTS: 0b10, rest: 0b01},
        0b10: {ALL_PORTS: 0b01},
        0b11: {rest: 0b01},
    }
    found = behind({http: 0b01, ALL_PORTS: 0b10}, 2, worlds.__getitem__, ROWS)
    assert sorted(found, key=lambda each: each[1]) == [({http: 0b01}, 1), ({ALL_PORTS: 0b10}, 2)]


def test_cells_of_addresses() -> None:
    """Addresses are cut as sources are."""
    part: Sweep = ((0, 9, ALL_PORTS),)
    worlds: dict[int, Sweep] = {1: ((0, 4, ALL_PORTS),), 2: ((5, 9, ALL_PORTS),), 3: ()}
    found = behind(part, 2, worlds.__getitem__, SWEEPS)
    assert sorted(found) == [(((0, 4, ALL_PORTS),), 2), (((5, 9, ALL_PORTS),), 1)]


def test_cells_of_one_row_fall_together() -> None:
    """S-75: what one port of a row needs may let another stand again; then more is named."""
    http, rest = port_range("TCP", 80, 80), ALL_PORTS - port_range("TCP", 80, 80)
    many = LIMIT + 1

    def ask(back: int) -> Row:
        left = done(many, back)
        # 0 let everything in; 1 was removed and let 80 in, if 2, a pod's port, is as it was not
        ports = rest if {0, 1} & left else NO_PORTS
        if 0 in left or (1 not in left and 2 in left):
            ports |= http
        return {ports: 0b1} if ports else {}

    cells = behind({ALL_PORTS: 0b1}, many, ask, ROWS)
    named = 0
    for _, mask in cells:
        named |= mask
    assert {at for at in range(many) if named >> at & 1} == {0, 1, 2}
    assert not ask(named)


VERY_MANY: list[tuple[str, Formula, set[int]]] = [
    ("one lets it through", lambda done: 700 in done, {700}),
    ("two are needed", lambda done: {3, 900} <= done, {3, 900}),
    ("either would do", lambda done: bool({3, 900} & done), {3, 900}),
]


@pytest.mark.parametrize(("stands", "expected"), [each[1:] for each in VERY_MANY])
def test_searched_in_parts_among_very_many(stands: Formula, expected: set[int]) -> None:
    """Of more edits than are tried one by one, the same few are named."""
    count = MANY * 4
    ((cell, found),) = behind(
        ROW, count, lambda back: ROW if stands(done(count, back)) else {}, ROWS
    )
    assert cell == ROW
    assert {at for at in range(count) if found >> at & 1} == expected


@pytest.mark.parametrize("needed", ["all", "any"])
def test_what_is_too_much_work_is_named(needed: str) -> None:
    """Of very many that all are behind it none is left out, and the worlds asked are few."""
    count, asked = MANY * 40, []

    def ask(back: int) -> Row:
        asked.append(back)
        left = len(done(count, back))
        return ROW if (left == count if needed == "all" else left) else {}

    found = behind(ROW, count, ask, ROWS)
    assert [mask for _, mask in found] == [(1 << count) - 1]
    assert len(asked) < count // 10
