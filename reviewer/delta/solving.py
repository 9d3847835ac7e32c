"""Which edits of a few are behind something that stands (S-75).

Something stands with every edit done and falls with all of them taken back. An edit is behind it
when it belongs to a smallest set of edits without which it falls whatever else is taken back:
alone, or together with the others of that set. Edits that only make up for each other are behind
nothing: of a policy that isolates and one that lets through again, both new, a row that stood
before would stand without either. Sets of edits are bits of a number.

What stands is asked in one go of many things, as a whole that can be cut: sources with ports, or
addresses with ports. Things that stand and fall in the same worlds are one cell.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from reviewer.base.ports import PortSet
from reviewer.engine import (
    Row,
    Sweep,
    row_difference,
    row_meet,
    sweep_combine,
    sweep_difference,
)

Whole = TypeVar("Whole", Row, Sweep)
Ask = Callable[[int], Whole]
"""What stands in the world in which a set of edits is taken back."""
Cut = Callable[[Whole, Whole], tuple[Whole, Whole]]
"""One whole cut by another: what is inside it, and the rest."""

LIMIT = 6
"""Up to so many edits every set of them is tried; of more a smallest set is looked for."""


def cut_row(part: Row, world: Row) -> tuple[Row, Row]:
    """The flows of a row inside another one, and the rest."""
    return row_meet(part, world), row_difference(part, world)


def cut_sweep(part: Sweep, world: Sweep) -> tuple[Sweep, Sweep]:
    """The flows with addresses inside another sweep, and the rest."""
    return sweep_combine(part, world, PortSet.__and__), sweep_difference(part, world)


def behind(
    part: Whole, count: int, ask: Ask[Whole], cut: Cut[Whole], sides: Sequence[int] = ()
) -> list[tuple[Whole, int]]:
    """A whole, which falls with all of `count` edits taken back, cut into cells, each with the
    edits behind it. `sides` are sets of edits that have to do with the same end; they only matter
    where edits are many."""
    if count == 1:
        return [(part, 1)]
    if count > LIMIT:
        return _searched(part, count, ask, cut, sides)
    everything = (1 << count) - 1
    cells = [(part, 1 << everything)]
    for back in sorted(range(1, everything), key=int.bit_count, reverse=True):
        wider = sum(1 << (back | 1 << at) for at in range(count) if not back >> at & 1)
        asked = [cell for cell in cells if wider & ~cell[1] == 0]
        if asked:
            cells = [cell for cell in cells if wider & ~cell[1]]
            world = ask(back)
            for whole, falling in asked:
                pieces = _pieces(cut(whole, world))
                cells += ((p, falling if stands else falling | 1 << back) for p, stands in pieces)
    return [(whole, _named(falling, count)) for whole, falling in cells]


def _named(falling: int, count: int) -> int:
    """The edits of the smallest among the sets that, each with all larger ones, make it fall."""
    found = 0
    for back in range(1 << count):
        if falling >> back & 1:
            smaller = (back & ~(1 << at) for at in range(count) if back >> at & 1)
            if not any(falling >> each & 1 for each in smaller):
                found |= back
    return found


def _searched(
    part: Whole, count: int, ask: Ask[Whole], cut: Cut[Whole], sides: Sequence[int]
) -> list[tuple[Whole, int]]:
    """The same of many edits: each that alone makes it fall, and one smallest set, found by
    leaving out of all of them one after the other what is not needed. A side whose edits all
    taken back let it stand is behind nothing. O(count × cells)."""
    everything = (1 << count) - 1
    cells = [(part, everything, 0)]
    for side in sides:
        cells = [
            (piece, left & ~side if stands else left, single)
            for whole, left, single in cells
            for piece, stands in _pieces(cut(whole, ask(side)))
        ]
    for bit in (1 << at for at in range(count)):
        cells = [
            (piece, left, single if stands else single | left & bit)
            for whole, left, single in cells
            for piece, stands in _pieces(cut(whole, ask(bit)))
        ]
    for bit in (1 << at for at in range(count)):
        cells = [
            (piece, left if stands else left & ~bit, single)
            for whole, left, single in cells
            for piece, stands in _pieces(cut(whole, ask(left & ~bit)))
        ]
    return [
        (piece, everything if stands else left | single)
        for whole, left, single in cells
        for piece, stands in _pieces(cut(whole, ask(left | single)))
    ]


def _pieces(cut_up: tuple[Whole, Whole]) -> list[tuple[Whole, bool]]:
    """What stands and what falls, as far as there is any."""
    return [(piece, stands) for piece, stands in zip(cut_up, (True, False), strict=True) if piece]
