"""CSV for spreadsheets: one row a flow (P-42). RFC 4180, UTF-8, LF."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .digest import digest
from .edges import Edge, changed_edges
from .markup import safe
from .types import FlowMap, Review
from .words import FullNames, plain_name, port_text

HEADER = ("change", "severity", "from", "to", "ports", "cause", "file", "line")
FORMULA = ("=", "+", "-", "@", "\t")
"""What makes a spreadsheet take a cell for a formula."""


def render(result: Review | FlowMap) -> str:
    """The table: opened and closed flows of a review, every flow of a map."""
    return "".join(f"{line}\n" for line in _lines(result))


def _lines(result: Review | FlowMap) -> Iterator[str]:
    yield _line(HEADER)
    match result:
        case Review():
            yield from _changes(result)
        case FlowMap():
            names = FullNames()
            for source, destination, ports in result.snapshot.reachability.flows():
                ends = (plain_name(source, names), plain_name(destination, names))
                yield _line(("", "", *ends, port_text(ports), "", "", ""))


def _changes(review: Review) -> Iterator[str]:
    told, names = digest(review), FullNames()
    rows = (*review.delta.opened, *review.delta.closed)
    for edge, row in zip(changed_edges(review), rows, strict=True):
        cause = told.of_row(row).cause
        what = f"{cause.object} {cause.rule}" if cause.rule else cause.object
        place = (cause.origin.file, str(cause.origin.line))
        yield _line((edge.change, edge.severity, *_ends(edge, names), what, *place))


def _ends(edge: Edge, names: FullNames) -> tuple[str, ...]:
    ends = [each if isinstance(each, str) else plain_name(each, names) for each in edge[:2]]
    return (*ends, port_text(edge.ports) if edge.ports is not None else "")


def _line(cells: Iterable[str]) -> str:
    return ",".join(map(cell, cells))


def cell(text: str) -> str:
    """One cell; quoted where it must be, and never a formula."""
    shown = safe(text)
    if text.startswith(FORMULA):
        shown = f"'{shown}"
    if any(mark in shown for mark in ',"\n'):
        return '"' + shown.replace('"', '""') + '"'
    return shown
