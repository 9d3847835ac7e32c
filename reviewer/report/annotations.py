"""Annotations: findings at their lines on head (G-31, P-56)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from reviewer.delta import Side
from reviewer.findings import Finding, Severity

from .digest import Digest
from .envelope import ANNOTATIONS, MESSAGE_CHARACTERS, TITLE_CHARACTERS, Note
from .heading import finding_heading
from .links import Links
from .markup import basic_plane, safe
from .phrases import PLAIN
from .sentences import Teller, ended

LEVELS = {
    Severity.CRITICAL: "failure",
    Severity.HIGH: "failure",
    Severity.MEDIUM: "warning",
    Severity.LOW: "notice",
}
"""`info` is no annotation."""


class _Spot(NamedTuple):
    """Where one annotation goes: one for each line and severity."""

    severity: Severity
    file: str
    row: int


def annotate(told: Digest, links: Links | None) -> tuple[Note, ...]:
    """At most 100 notes, gravest first; findings without a line on head have none."""
    spots: dict[_Spot, list[Finding]] = {}
    accepted = told.review.verdict.accepted_findings
    for finding in told.review.findings:
        if finding.severity not in LEVELS or finding.id in accepted:
            continue
        line = _head_line(finding, links)
        if finding.origin and line:
            spot = _Spot(finding.severity, finding.origin.file, line)
            spots.setdefault(spot, []).append(finding)
    chosen = sorted(spots.items(), key=lambda item: item[0])[:ANNOTATIONS]
    return tuple(_note(Teller(told, PLAIN), spot, found) for spot, found in chosen)


def _head_line(finding: Finding, links: Links | None) -> int | None:
    if finding.origin is None or finding.side is not Side.HEAD:
        return None
    return links.head_line(finding.origin) if links else finding.origin.line


def _note(teller: Teller, spot: _Spot, found: Iterable[Finding]) -> Note:
    first, *others = found
    title = finding_heading(teller.told, first, PLAIN)
    if others:
        title += f" and {len(others)} more"
    said = [_said(teller, each) for each in (first, *others)]
    return Note(
        level=LEVELS[spot.severity],
        path=spot.file,
        line=spot.row,
        title=_bounded(title, TITLE_CHARACTERS),
        message=_bounded("\n".join(said), MESSAGE_CHARACTERS),
    )


def _said(teller: Teller, finding: Finding) -> str:
    advice = f" Fix: {safe(finding.fix)}." if finding.fix else ""
    return f"{finding.severity.word}: {ended(teller.phrase(finding))}{advice}"


def _bounded(text: str, limit: int) -> str:
    short = basic_plane(text)
    return short if len(short) <= limit else f"{short[: limit - 1]}…"
