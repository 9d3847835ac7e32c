"""Which format exists for which result (reports.md section 9): one row a format."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from reviewer.base.errors import UsageError

from . import json_v1
from .types import Audit, Display, Explained, FlowMap, Result, Review

if TYPE_CHECKING:
    from .json_v1 import Writable
    from .links import Links

Renderer = Callable[[Any, Display, "Links | None"], str]
"""Draws one sort of result, which its row in the table says."""


# NOTE: each loads its file when it is asked for: a review is printed in one format, and loading
# all of them takes as long as reading and judging a small one (P-26).


def _text(result: Result, display: Display, _: Links | None) -> str:
    from . import text

    return text.render(result, display)


def _json(result: Result, _: Display, __: Links | None) -> str:
    return json_v1.render(result)


def _markdown(result: Review, _: Display, links: Links | None) -> str:
    from . import markdown

    return markdown.render(result, links)


def _audit_markdown(result: Audit, _: Display, links: Links | None) -> str:
    from . import audit_markdown

    return audit_markdown.render(result, links)


def _sarif(result: Review, _: Display, links: Links | None) -> str:
    from . import sarif

    return sarif.render(result, links)


def _audit_sarif(result: Audit, _: Display, links: Links | None) -> str:
    from . import audited, sarif

    return sarif.render(audited.as_review(result), links)


def _html(result: Review | FlowMap | Audit, display: Display, links: Links | None) -> str:
    from . import html

    return html.render(result, display, links)


def _dot(result: Review | FlowMap, display: Display, _: Links | None) -> str:
    from . import dot

    return dot.render(result, display)


def _mermaid(result: Review, _: Display, __: Links | None) -> str:
    from . import mermaid

    return mermaid.render(result)


def _graphml(result: Review | FlowMap, display: Display, _: Links | None) -> str:
    from . import graphml

    return graphml.render(result, display)


def _csv(result: Review | FlowMap, _: Display, __: Links | None) -> str:
    from . import spreadsheet

    return spreadsheet.render(result)


FORMATS: dict[str, dict[type[Result], Renderer]] = {
    "text": {Review: _text, FlowMap: _text, Explained: _text, Audit: _text},
    "json": {Review: _json, FlowMap: _json, Explained: _json, Audit: _json},
    "markdown": {Review: _markdown, Audit: _audit_markdown},
    "html": {Review: _html, FlowMap: _html, Audit: _html},
    "sarif": {Review: _sarif, Audit: _audit_sarif},
    "dot": {Review: _dot, FlowMap: _dot},
    "mermaid": {Review: _mermaid},
    "graphml": {Review: _graphml, FlowMap: _graphml},
    "csv": {Review: _csv, FlowMap: _csv},
}
"""Format: the results it exists for, each with what draws it."""


COMMANDS: dict[type[Result], str] = {
    Review: "diff",
    FlowMap: "flows",
    Explained: "explain",
    Audit: "audit",
}


def render(result: Result, form: str, display: Display, links: Links | None = None) -> str:
    """The result in a format, as text that ends with a newline.

    Raises: UsageError for a pair that does not exist, naming those that do.
    """
    return renderer(type(result), form)(result, display, links)


def write(
    result: Result, form: str, display: Display, stream: Writable, links: Links | None = None
) -> None:
    """Print the result in a format; JSON row by row, so that its length costs no memory.

    Raises: UsageError for a pair that does not exist, naming those that do.
    """
    if form == "json":
        json_v1.write(result, stream)
    else:
        stream.write(render(result, form, display, links))


def formats_of(kind: type[Result]) -> tuple[str, ...]:
    """The formats that a result has, in the order of the table."""
    return tuple(name for name, found in FORMATS.items() if kind in found)


def renderer(kind: type[Result], form: str) -> Renderer:
    """What draws that result in that format; asked before the work is done.

    Raises: UsageError for a pair that does not exist, naming those that do.
    """
    found = FORMATS.get(form, {}).get(kind)
    if found is None:
        raise UsageError(
            f"--format {form} does not exist for {COMMANDS[kind]}",
            f"it has {', '.join(formats_of(kind))}",
        )
    return found
