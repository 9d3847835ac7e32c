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

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import reduce
from itertools import islice
from operator import or_
from typing import Generic, NamedTuple, TypeVar

from reviewer.base.ports import PortSet
from reviewer.engine import (
    Row,
    Sweep,
    row_difference,
    row_meet,
    row_sources,
    row_within,
    sweep_combine,
    sweep_difference,
)

Whole = TypeVar("Whole", Row, Sweep)
Ask = Callable[[int], Whole]
"""What stands in the world in which a set of edits is taken back."""
Cell = tuple[Whole, int]
"""Things that stand and fall together, with the edits behind them."""


Searched = tuple[Whole, int, int]
"""A cell, the edits not yet found superfluous, and those that may make it fall alone."""


class Cuts(NamedTuple, Generic[Whole]):
    """How a whole is cut: by another one into what is inside it and the rest; and by its sources,
    where those are rows by themselves."""

    cut: Callable[[Whole, Whole], tuple[Whole, Whole]]
    sources: Callable[[Whole], int]
    within: Callable[[Whole, int], Whole]


LIMIT = 6
"""Up to so many edits every set of them is tried; of more a smallest set is looked for."""
MANY = 256
"""Of more than these it is looked for in parts."""
WORK = 1_000_000
"""How many edits may be taken back in all while it is."""


def _cut_row(part: Row, world: Row) -> tuple[Row, Row]:
    return row_meet(part, world), row_difference(part, world)


def _cut_sweep(part: Sweep, world: Sweep) -> tuple[Sweep, Sweep]:
    return sweep_combine(part, world, PortSet.__and__), sweep_difference(part, world)


ROWS: Cuts[Row] = Cuts(_cut_row, row_sources, row_within)
"""Flows between pods: each source with all of its ports is a row."""
SWEEPS: Cuts[Sweep] = Cuts(_cut_sweep, lambda _: 1, lambda part, _: part)
"""Flows with addresses: a sweep is one row."""


def behind(
    part: Whole, count: int, ask: Ask[Whole], by: Cuts[Whole], sides: Sequence[int] = ()
) -> list[Cell[Whole]]:
    """A whole, which falls with all of `count` edits taken back, cut into cells, each with the
    edits behind it. `sides` are sets of edits that have to do with the same end; they only matter
    where edits are many."""
    if count == 1:
        return [(part, 1)]
    if count > LIMIT:
        return _searched(part, count, ask, by, sides)
    everything = (1 << count) - 1
    cells = [(part, 1 << everything)]
    for back in sorted(range(1, everything), key=int.bit_count, reverse=True):
        wider = sum(1 << (back | 1 << at) for at in range(count) if not back >> at & 1)
        asked = [cell for cell in cells if wider & ~cell[1] == 0]
        if asked:
            cells = [cell for cell in cells if wider & ~cell[1]]
            world = ask(back)
            for whole, falling in asked:
                pieces = _pieces(by.cut(whole, world))
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
    part: Whole, count: int, ask: Ask[Whole], by: Cuts[Whole], sides: Sequence[int]
) -> list[Cell[Whole]]:
    """The same of many edits: each that alone makes it fall, and one smallest set, found by
    leaving out of all of them one after the other what is not needed. A side whose edits all
    taken back let it stand is behind nothing. Of very many whole parts are tried first, and what
    is not tried to the end is named. O(count × cells)."""
    everything = (1 << count) - 1
    cells = [(part, everything, everything)]
    for side in sides:
        cells = [
            (piece, left & ~side, left & ~side) if stands else (piece, left, left)
            for whole, left, _ in cells
            for piece, stands in _pieces(by.cut(whole, ask(side)))
        ]

    def alone(cell: Searched[Whole], some: int) -> Iterator[Searched[Whole]]:
        whole, left, single = cell
        pieces = _pieces(by.cut(whole, ask(some))) if single & some else [(whole, False)]
        return ((each, left, single & ~some if stand else single) for each, stand in pieces)

    def needed(cell: Searched[Whole], some: int) -> Iterator[Searched[Whole]]:
        whole, left, single = cell
        pieces = _pieces(by.cut(whole, ask(left & ~some))) if left & some else [(whole, True)]
        return ((each, left if stand else left & ~some, single) for each, stand in pieces)

    cells = _sifted(cells, count, lambda cell: cell[2], alone)
    cells = _sifted(cells, count, lambda cell: cell[1], needed)
    named = [(whole, left | single) for whole, left, single in cells]
    together = _together(named, by)
    return [cell for each in together for cell in _settled(each, everything, ask, by)]


def _sifted(
    cells: list[Searched[Whole]],
    count: int,
    open_: Callable[[Searched[Whole]], int],
    sift: Callable[[Searched[Whole], int], Iterable[Searched[Whole]]],
) -> list[Searched[Whole]]:
    """Cells by what becomes of sets of edits that are still open in them, until of very many that
    is too much work."""
    work = 0
    for some in _tried(count):
        work += count * sum(1 for cell in cells if open_(cell) & some)
        if count > MANY and work > WORK:
            break
        cells = [each for cell in cells for each in sift(cell, some)]
    return cells


def _tried(count: int) -> Iterator[int]:
    """The sets of edits to try: one by one; of very many halves first, quarters and so on."""
    width = count if count > MANY else 1
    while True:
        width = (width + 1) // 2
        for low in range(0, count, width):
            yield ((1 << min(width, count - low)) - 1) << low
        if width == 1:
            return


def _together(cells: list[Cell[Whole]], by: Cuts[Whole]) -> Iterator[list[Cell[Whole]]]:
    """The cells of one row each, whose edits are named together."""
    known = [by.sources(whole) for whole, _ in cells]
    left = [reduce(or_, known, 0)]
    for each in known:
        left = [bits for one in left for bits in (one & each, one & ~each) if bits]
    for bits in left:
        yield [(inside, named) for whole, named in cells if (inside := by.within(whole, bits))]


def _settled(
    cells: list[Cell[Whole]], everything: int, ask: Ask[Whole], by: Cuts[Whole]
) -> list[Cell[Whole]]:
    """Cells that all fall when everything named of any of them is taken back: what one needs may
    let another stand again (a rule of a removed policy, say), and then more is named of that one.
    """
    named = reduce(or_, (each for _, each in cells), 0)

    def stand(back: int) -> bool:
        world = ask(back)
        return any(by.cut(whole, world)[0] for whole, _ in cells)

    if not stand(named):
        return cells
    more = everything
    count = everything.bit_length()
    tries = _tried(count) if count <= MANY else islice(_tried(count), WORK // count)
    for some in tries:
        if more & some & ~named and not stand(named | more & ~some):
            more &= ~some
    world = ask(named)
    return [
        (piece, mask | more & ~named if stands else mask)
        for whole, mask in cells
        for piece, stands in _pieces(by.cut(whole, world))
    ]


def _pieces(cut_up: tuple[Whole, Whole]) -> list[tuple[Whole, bool]]:
    """What stands and what falls, as far as there is any."""
    return [(piece, stands) for piece, stands in zip(cut_up, (True, False), strict=True) if piece]
