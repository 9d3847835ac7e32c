"""Fills the dossier: everything that the Action publishes of a review (G-42)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from reviewer.base.diagnostics import Diagnostic, Level
from reviewer.findings import Severity

from . import json_v1, markdown, sarif
from .annotations import annotate
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
from .types import Review
from .words import counted

SUMMARY = 900_000
"""Bytes of the summary's body; the parent adds settings and timings within its bound."""
DIAGNOSTICS_SHOWN = 200


def fill_dossier(
    review: Review,
    links: Links | None,
    *,
    exit_code: int,
    approvers: tuple[str, ...] = (),
    files: Mapping[str, str] = MappingProxyType({}),
) -> Dossier:
    """The dossier of a review; `files` are texts for the report folder beside ours."""
    told = digest(review)
    last = footer(told, links)
    body = markdown.fit(told, links, COMMENT_BYTES - len(last.encode()) - 1)
    full = markdown.fit(told, links, SUMMARY)
    return Dossier(
        verdict=review.verdict.conclusion,
        exit_code=exit_code,
        reason=_reason(review),
        counts=_counts(review),
        max_severity=_gravest(told, accepted=True),
        worst=_gravest(told, accepted=False),
        moved=_moved(review),
        comment=body.text,
        footer=last,
        summary=_summary(told, full.text, last),
        check_run=check_text(told, links),
        approvers=approvers,
        annotations=annotate(told, links),
        files={
            "json": json_v1.render(review),
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


def check_text(told: Digest, links: Links | None) -> CheckText:
    """Title, summary and text of the check run (G-30): characters up to U+FFFF only."""
    teller = Teller(told, MARKDOWN, links)
    alert = markdown.alert(teller)
    summary = "\n\n".join([markdown.counts_line(told), *([alert] if alert else [])])
    body = markdown.fit(told, links, CHECK_TEXT_BYTES, lead=False)
    return CheckText(
        title=basic_plane(heading(told, PLAIN, CHECK_TITLE_CHARACTERS)),
        summary=without_symbols(summary),
        text=without_symbols(body.text),
    )


def without_symbols(text: str) -> str:
    """Markdown without our coloured symbols, which say nothing that the words do not (P-8)."""
    for symbol in dict.fromkeys(SYMBOLS.values()):
        # NOTE: a symbol of ours is followed by U+00A0, which no untrusted text can hold (G-28).
        text = text.replace(f"{symbol}\u00a0", "")
    return basic_plane(text)
