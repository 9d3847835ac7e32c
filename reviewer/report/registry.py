"""Which format exists for which result (reports.md section 9): one row a format."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from reviewer.base.errors import UsageError

from . import audit_markdown, dot, graphml, json_v1, markdown, mermaid, sarif, spreadsheet
from .audited import as_review
from .json_v1 import Writable
from .links import Links
from .types import Audit, Display, Explained, FlowMap, Result, Review

ReviewRenderer = Callable[[Review, Display, Links | None], str]
FlowRenderer = Callable[[FlowMap, Display, Links | None], str]
ExplainRenderer = Callable[[Explained, Display, Links | None], str]
AuditRenderer = Callable[[Audit, Display, Links | None], str]


class Format(NamedTuple):
    """The renderers of one format; None where a result has no such form."""

    review: ReviewRenderer | None = None
    flows: FlowRenderer | None = None
    explain: ExplainRenderer | None = None
    audit: AuditRenderer | None = None


def _text(result: Result, display: Display, _: Links | None) -> str:
    # NOTE: the only door to rich, which takes as long to load as a small review (P-26).
    from . import text

    return text.render(result, display)


FORMATS: dict[str, Format] = {
    "text": Format(review=_text, flows=_text, explain=_text, audit=_text),
    "json": Format(
        review=lambda result, *_: json_v1.render(result),
        flows=lambda result, *_: json_v1.render(result),
        explain=lambda result, *_: json_v1.render(result),
        audit=lambda result, *_: json_v1.render(result),
    ),
    "markdown": Format(
        review=lambda result, _, links: markdown.render(result, links),
        audit=lambda result, _, links: audit_markdown.render(result, links),
    ),
    "sarif": Format(
        review=lambda result, _, links: sarif.render(result, links),
        audit=lambda result, _, links: sarif.render(as_review(result), links),
    ),
    "dot": Format(
        review=lambda result, display, _: dot.render(result, display),
        flows=lambda result, display, _: dot.render(result, display),
    ),
    "mermaid": Format(review=lambda result, *_: mermaid.render(result)),
    "graphml": Format(
        review=lambda result, display, _: graphml.render(result, display),
        flows=lambda result, display, _: graphml.render(result, display),
    ),
    "csv": Format(
        review=lambda result, *_: spreadsheet.render(result),
        flows=lambda result, *_: spreadsheet.render(result),
    ),
}


def render(result: Result, form: str, display: Display, links: Links | None = None) -> str:
    """The result in a format, as text that ends with a newline.

    Raises: UsageError for a pair that does not exist, naming those that do.
    """
    found = FORMATS.get(form, Format())
    match result:
        case Review():
            if found.review:
                return found.review(result, display, links)
        case FlowMap():
            if found.flows:
                return found.flows(result, display, links)
        case Explained():
            if found.explain:
                return found.explain(result, display, links)
        case Audit():
            if found.audit:
                return found.audit(result, display, links)
    raise unsupported(form, type(result))


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
    at = _COLUMNS[kind][0]
    return tuple(name for name, found in FORMATS.items() if found[at] is not None)


_COLUMNS: dict[type[Result], tuple[int, str]] = {
    Review: (0, "diff"),
    FlowMap: (1, "flows"),
    Explained: (2, "explain"),
    Audit: (3, "audit"),
}


def unsupported(form: str, kind: type[Result]) -> UsageError:
    """The error for a format that a result has not."""
    return UsageError(
        f"--format {form} does not exist for {_COLUMNS[kind][1]}",
        f"it has {', '.join(formats_of(kind))}",
    )
