"""The terminal (P-20 to P-26): the one door to rich, loaded for `--format text` alone.

`terminal` and `terminal_flows` say what stands on each line; here lines get their widths, breaks
and colours. Nothing is read from the environment: the rim decides and hands it over in `Display`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from io import StringIO
from itertools import islice

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from .lines import Line, Piece
from .terminal import review_lines
from .terminal_audit import audit_lines
from .terminal_explain import explained_lines
from .terminal_flows import flow_lines
from .types import Audit, Display, Explained, FlowMap, Result, Review

ASCII = {"→": "->", "·": "|", "−": "-", "–": "-", "…": "...", "⟨": "<", "⟩": ">"}
NARROWEST, WIDEST = 60, 120
BATCH = 500
"""Lines handed to rich at once: half the time of one by one."""


def render(result: Result, display: Display) -> str:
    """The result as lines for a person, ending with a newline."""
    return draw(_lines(result, display), display)


def draw(lines: Iterable[Line], display: Display) -> str:
    """Lines at their width, in colour or not."""
    out = StringIO()
    console = Console(
        file=out,
        force_terminal=display.colour,
        color_system="standard" if display.colour else None,
        no_color=not display.colour,
        # NOTE: wider than any line, so that rich never breaks one: a name is never cut (P-23).
        width=1_000_000,
        markup=False,
        emoji=False,
        highlight=False,
        legacy_windows=False,
        _environ={},
    )
    texts = _fitted(lines, display)
    while batch := list(islice(texts, BATCH)):
        joined = Text("\n").join(batch)
        console.print(joined, soft_wrap=True, crop=False, overflow="ignore")
    return out.getvalue()


def _lines(result: Result, display: Display) -> Iterator[Line]:
    match result:
        case Review():
            return review_lines(result, display)
        case FlowMap():
            return flow_lines(result, display)
        case Audit():
            return audit_lines(result, full=display.full)
        case Explained():
            return explained_lines(result)


def _fitted(lines: Iterable[Line], display: Display) -> Iterator[Text]:
    width = min(max(display.width, NARROWEST), WIDEST)
    for line in lines:
        parts = line.parts if display.unicode else tuple(map(_in_ascii, line.parts))
        if line.whole or _cells(parts) <= width:
            yield _text(piece for part in parts for piece in part)
            continue
        yield from _broken(parts, line.hang, width)


def _broken(parts: tuple[tuple[Piece, ...], ...], hang: int, width: int) -> Iterator[Text]:
    """A line that does not fit: each part goes to the next line where it finds no room."""
    row: list[Piece] = []
    used = 0
    for part in parts:
        if row and used + _cells((part,)) > width:
            yield _text(_stripped_end(row))
            row = [Piece(" " * hang), *_stripped_start(part)]
            used = _cells((tuple(row),))
        else:
            row += part
            used += _cells((part,))
    yield _text(row)


def _stripped_start(part: tuple[Piece, ...]) -> tuple[Piece, ...]:
    if not part:
        return part
    return (part[0]._replace(text=part[0].text.lstrip(" ")), *part[1:])


def _stripped_end(row: list[Piece]) -> list[Piece]:
    return [*row[:-1], row[-1]._replace(text=row[-1].text.rstrip(" "))]


def _cells(parts: Iterable[tuple[Piece, ...]]) -> int:
    return sum(cell_len(piece.text) for part in parts for piece in part)


def _text(pieces: Iterable[Piece]) -> Text:
    return Text.assemble(*(piece for piece in pieces), overflow="ignore", no_wrap=True, end="\n")


def _in_ascii(part: tuple[Piece, ...]) -> tuple[Piece, ...]:
    return tuple(piece._replace(text=_ascii(piece.text)) for piece in part)


def _ascii(text: str) -> str:
    """The text in ASCII: our own symbols by words, what names bring as `<U+NNNN>`."""
    if text.isascii():
        return text
    return "".join(c if c.isascii() else ASCII.get(c) or f"<U+{ord(c):04X}>" for c in text)
