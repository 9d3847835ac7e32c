"""Lines of plain text with styles and places where they may break (P-22, P-23).

What the terminal prints is built from these; only `text` knows how they get their colours.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

HEADING, DIM, OPENED, CLOSED, PASSED, WARNED = "bold", "dim", "red", "blue", "green", "yellow"
"""The styles: the eight standard colours, bold and dim, so that themes hold."""


class Piece(NamedTuple):
    """Some text in one style; "" is the terminal's own."""

    text: str
    style: str = ""


class Line(NamedTuple):
    """One line. It may break before each part after the first, if the whole does not fit.

    `hang` is how far continuations are indented. `whole` lines never break.
    """

    parts: tuple[tuple[Piece, ...], ...]
    hang: int = 4
    whole: bool = False


def line(*pieces: Piece | str, hang: int = 4) -> Line:
    """A line that does not break."""
    return Line((tuple(map(_piece, pieces)),), hang)


def parts(*groups: Sequence[Piece | str] | Piece | str, hang: int = 4) -> Line:
    """A line that may break before each group after the first."""
    return Line(
        tuple(
            (_piece(group),) if isinstance(group, Piece | str) else tuple(map(_piece, group))
            for group in groups
        ),
        hang,
    )


def words(text: str, style: str = "", hang: int = 2) -> Line:
    """A sentence, which may break between any two words."""
    lead = text[: len(text) - len(text.lstrip(" "))]
    found = text.split()
    pieces = [Piece(f"{word} ", style) for word in found[:-1]] + [
        Piece(w, style) for w in found[-1:]
    ]
    if pieces:
        pieces[0] = pieces[0]._replace(text=lead + pieces[0].text)
    return Line(tuple((piece,) for piece in pieces), hang)


def _piece(text: Piece | str) -> Piece:
    return text if isinstance(text, Piece) else Piece(text)


BLANK = Line(())
