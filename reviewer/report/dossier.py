"""Fills the dossier: everything that the Action publishes of a review (G-42)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

from reviewer.base.diagnostics import Diagnostic, Level
from reviewer.findings import Severity

from . import audit_markdown, audited, json_v1, markdown, sarif
from .annotations import annotate
from .audited import as_review, digest_of
from .digest import Digest, digest
from .envelope import (
    CHECK_TEXT_BYTES,
    CHECK_TITLE_CHARACTERS,
    COMMENT_BYTES,
    REASON_BYTES,
    CheckText,
    Counts,
    Dossier,
)
from .footer import footer
from .heading import SYMBOLS, heading
from .links import Links
from .markup import basic_plane, safe, span
from .phrases import MARKDOWN, PLAIN
from .sentences import Teller
from .tables import table
from .types import Audit, Review
from .words import counted

SUMMARY = 900_000
"""Bytes of the summary's body; the parent adds settings and timings within its bound."""
DIAGNOSTICS_SHOWN = 200


@dataclass(frozen=True, slots=True)
class _Told:
    """A result with what its texts are made by; an audit is told as a review of itself."""

    review: Review
    digest: Digest
    fit: Callable[..., markdown.Body]
    summary: str
    title: str


def _told(result: Review | Audit, links: Links | None) -> _Told:
    match result:
        case Review():
            told = digest(result)
            return _Told(
                result,
                told,
                partial(markdown.fit, told, links),
                _review_summary(told, links),
                heading(told, PLAIN, CHECK_TITLE_CHARACTERS),
            )
        case Audit():
            lead = audit_markdown.lead_blocks(result)
            return _Told(
                as_review(result),
                digest_of(result),
                partial(audit_markdown.fit, result, links),
                lead[1],
                audited.heading(result),
            )


def fill_dossier(
    result: Review | Audit,
    links: Links | None,
    *,
    exit_code: int,
    approvers: tuple[str, ...] = (),
    files: Mapping[str, str] = MappingProxyType({}),
) -> Dossier:
    """The dossier of a review or an audit.

    `files` are texts for the report folder beside JSON, Markdown and SARIF.
    """
    told = _told(result, links)
    review = told.review
    last = footer(told.digest, links)
    body = told.fit(COMMENT_BYTES - len(last.encode()) - 1)
    full = told.fit(SUMMARY)
    return Dossier(
        verdict=review.verdict.conclusion,
        exit_code=exit_code,
        reason=_reason(review),
        counts=_counts(review),
        max_severity=_gravest(told.digest, accepted=True),
        worst=_gravest(told.digest, accepted=False),
        moved=_moved(review),
        comment=body.text,
        footer=last,
        summary=_summary(told.digest, full.text, last),
        check_run=_check_text(told),
        approvers=approvers,
        annotations=annotate(told.digest, links),
        files={
            "json": json_v1.render(result),
            "markdown": f"{full.text}\n\n<sub>{last}</sub>\n",
            "sarif": sarif.render(review, links),
            **files,
        },
    )


def _reason(review: Review) -> str:
    """Why, in one line of plain text."""
    reasons = review.verdict.reasons or ("nothing is at or above the gate",)
    return safe("; ".join(reasons)).encode()[:REASON_BYTES].decode(errors="ignore")


def _counts(review: Review) -> Counts:
    levels = [each.level for each in review.diagnostics]
    return Counts(
        opened=len(review.delta.opened),
        closed=len(review.delta.closed),
        unchanged=review.delta.unchanged,
        findings=len(review.findings),
        errors=levels.count(Level.ERROR),
        warnings=levels.count(Level.WARNING),
        notices=levels.count(Level.NOTICE),
    )


def _gravest(told: Digest, *, accepted: bool) -> str:
    """The gravest severity of rows and findings, `none` where only `info` was found (F-1)."""
    review = told.review
    found = [
        grade.severity
        for index, grade in enumerate(review.grades)
        if accepted or not told.accepted(index)
    ]
    found += [
        each.severity
        for each in review.findings
        if accepted or each.id not in review.verdict.accepted_findings
    ]
    worst = min(found, default=Severity.INFO)
    return "none" if worst is Severity.INFO else worst.word


def _moved(review: Review) -> bool:
    """Whether there is anything to say (G-17, `auto`)."""
    delta = review.delta
    if delta.opened or delta.closed or delta.policies or review.findings:
        return True
    return any(each.file in review.changed for each in review.diagnostics)


def _summary(told: Digest, body: str, last: str) -> str:
    blocks = [body, *_diagnostics(told), f"<sub>{last}</sub>"]
    return "\n\n".join(blocks) + "\n"


def _diagnostics(told: Digest) -> list[str]:
    """All diagnostics, those of changed files first (G-29)."""
    review = told.review
    items = sorted(review.diagnostics, key=lambda each: each.file not in review.changed)
    if not items:
        return []
    rows = [_diagnostic_row(each) for each in items[:DIAGNOSTICS_SHOWN]]
    body = table(("Level", "Where", "What"), rows)
    left = len(items) - len(rows)
    more = f"\n\nAnd {counted(left, 'more', 'more')}." if left else ""
    title = f"Diagnostics: {len(items):,}"
    return [f"<details><summary>{title}</summary>\n\n{body}{more}\n\n</details>"]


def _diagnostic_row(item: Diagnostic) -> tuple[str, ...]:
    where = span(f"{item.file}:{item.line}") if item.file else "–"
    side = f" ({item.side})" if item.side in {"base", "head"} else ""
    return (f"{item.level} `{item.code}`", f"{where}{side}", span(item.message))


# --- check run -----------------------------------------------------------------------------------


def _review_summary(told: Digest, links: Links | None) -> str:
    """Counts and alert."""
    alert = markdown.alert(Teller(told, MARKDOWN, links))
    return "\n\n".join([markdown.counts_line(told), *([alert] if alert else [])])


def _check_text(told: _Told) -> CheckText:
    """Title, summary and text of the check run (G-30): characters up to U+FFFF only."""
    return CheckText(
        title=basic_plane(told.title)[:CHECK_TITLE_CHARACTERS],
        summary=without_symbols(told.summary),
        text=without_symbols(told.fit(CHECK_TEXT_BYTES, lead=False).text),
    )


def without_symbols(text: str) -> str:
    """Markdown without our coloured symbols, which say nothing that the words do not (P-8)."""
    for symbol in dict.fromkeys(SYMBOLS.values()):
        # NOTE: a symbol of ours is followed by U+00A0, which no untrusted text can hold (G-28).
        text = text.replace(f"{symbol}\u00a0", "")
    return basic_plane(text)
