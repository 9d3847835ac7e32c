"""The folded parts for findings that speak for no row, for what was accepted, and for what could
not be read (P-17, G-34)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reviewer.findings import Finding, Severity
from reviewer.verdict import Acceptance, Waived

from .changes import Section
from .heading import SYMBOLS
from .phrases import spaces_beside, who
from .sentences import Teller
from .words import counted


def notes(teller: Teller, limit: int | None) -> Iterator[Section]:
    """Findings that neither the table nor the alert speaks of, and what was accepted by whom."""
    lines = [_note(teller, each) for each in teller.told.notes()]
    lines += accepted(teller)
    if lines:
        yield Section(f"Notes: {len(lines):,}", _items(lines, limit))


def _note(teller: Teller, finding: Finding) -> str:
    """A finding as a sentence; from medium up with its severity, since no table says it."""
    said = teller.finding(finding)
    if finding.severity <= Severity.MEDIUM:
        return f"{SYMBOLS[finding.severity]} {finding.severity.word}: {said}"
    return said[:1].upper() + said[1:]


def accepted(teller: Teller) -> list[str]:
    """Who accepted what (G-34): opened rows, then findings."""
    review = teller.told.review
    said: dict[tuple[str, str], int] = {}
    for index, by in sorted(review.verdict.accepted_rows.items()):
        row = review.delta.opened[index]
        source = who((row.source,), teller.told.names, teller.voice)
        target = who(
            (row.destination,), teller.told.names, teller.voice, spaces_beside((row.source,))
        )
        what = f"{source} → {target} {teller.voice.ports(row.ports)}"
        said.setdefault((what, _by(teller, by)), index)
    lines = [f"Accepted: {what}, {by}." for what, by in said]
    names = {each.id: each for each in review.findings}
    for name, by in sorted(review.verdict.accepted_findings.items()):
        if name in names and not names[name].flows:
            lines.append(f"Accepted: {teller.phrase(names[name])}, {_by(teller, by)}.")
    return lines


def _by(teller: Teller, by: Acceptance) -> str:
    name = teller.voice.name
    if isinstance(by, Waived):
        return f"by {name(by.owner)} until {name(by.expires)}: {name(by.reason)}"
    return f"by {name(by.approver)} on {name(by.commit[:7])}"


def not_read(teller: Teller, limit: int | None) -> Iterator[Section]:
    """What could not be read; files of the change first."""
    errors = teller.told.every_error()
    if errors:
        yield Section(
            f"Not read: {len(errors):,}", _items([teller.unread(e) for e in errors], limit)
        )


def _items(lines: Sequence[str], limit: int | None) -> str:
    shown = lines if limit is None else lines[:limit]
    more = (
        [f"- and {counted(len(lines) - len(shown), 'more', 'more')}"]
        if len(shown) < len(lines)
        else []
    )
    return "\n".join([*(f"- {line}" for line in shown), *more])
