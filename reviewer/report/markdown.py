"""The comment, as Markdown for GitHub (G-22 to G-28, P-10 to P-18).

Text is assembled from whole blocks, never cut. Each rung of the ladder of G-27 leaves out or folds
more than the one before; the first that fits its budget is taken, and what was shortened is said
with numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

from reviewer.findings import Severity

from .changes import Section, fix_text, what_changed
from .digest import Digest, Pair, digest
from .footer import footer
from .heading import severities, titled
from .links import Links
from .markup import fence, span
from .mermaid import diagram, has_closed
from .notes import not_read, notes
from .phrases import MARKDOWN
from .sentences import Teller
from .tables import CRITICAL_ROWS, ROWS, OpenedTable, closed_table, fitting, lines_of, who_exactly
from .types import Review
from .words import counted

COMMENT = 58_000
"""Bytes of body and footer together; the Action adds marker and more within 60,000 (G-27)."""
PAIRS_SHOWN = 20
LEAST_LINE = 45
"""No row of the table is shorter than so many bytes."""
NOTES_SHOWN = 20


class Rung(IntEnum):
    """How much is left out (G-27); each leaves out all that the ones before do."""

    FULL = 0
    CLOSED_BY_PAIR = 1
    POLICIES_COUNTED = 2
    LESSER_BY_NAMESPACE = 3
    WHO_OUT = 4
    HIGH_BY_NAMESPACE = 5
    CRITICAL_ONLY = 6
    HEADING = 7


@dataclass(frozen=True, slots=True)
class Body:
    """The comment's text without marker and footer, and how far it was shortened."""

    text: str
    rung: Rung


def render(review: Review, links: Links | None = None) -> str:
    """The comment without marker, footer included."""
    told = digest(review)
    last = f"\n\n<sub>{footer(told, links)}</sub>\n"
    return fit(told, links, COMMENT - len(last.encode())).text + last


def fit(told: Digest, links: Links | None, budget: int, *, lead: bool = True) -> Body:
    """The fullest body of at most `budget` bytes; the last rung is taken whatever it needs.

    Without `lead` it begins after heading, counts and alert.
    """
    teller = Teller(told, MARKDOWN, links)
    body = Body("", Rung.FULL)
    for rung in Rung:
        if _least(told, rung) > budget:
            continue
        body = Body("\n\n".join(_Assembly(teller, rung, lead).blocks()), rung)
        if len(body.text.encode()) <= budget:
            break
    return body


def _least(told: Digest, rung: Rung) -> int:
    """Bytes that the list of all groups alone needs on a rung, so that hopeless ones are not
    written: with 100,000 groups each would take seconds."""
    if rung >= Rung.WHO_OUT or len(told.opened) <= ROWS:
        return 0
    listed = len(told.opened)
    if rung is Rung.LESSER_BY_NAMESPACE:
        listed = sum(group.severity < Severity.MEDIUM for group in told.opened)
    return listed * LEAST_LINE


def counts_line(told: Digest) -> str:
    """Opened by severity, closed, unchanged, gate (P-12), and a side without any manifest."""
    delta, review = told.review.delta, told.review
    parts = [
        f"**{len(delta.opened):,} opened**{severities(told)}",
        f"**{len(delta.closed):,} closed**",
        *([f"{delta.unchanged:,} unchanged"] if delta.unchanged is not None else []),
        f"gate `fail-on: {review.gate_word}` {gate_result(told)}",
        *(f"no manifests on {side}" for side in review.bare),
    ]
    if review.key != "default":
        parts.append(f"key {span(review.key)}")
    return " · ".join(parts)


def gate_result(told: Digest) -> str:
    """What the gate said, in Markdown."""
    return {"failure": "**failed**", "neutral": "neutral"}.get(
        told.review.verdict.conclusion, "passed"
    )


def alert(teller: Teller) -> str | None:
    """At most one alert of at most three lines (section 7 item 4, P-14)."""
    told = teller.told
    failed = told.review.verdict.failed
    lines = [f"**Merging is blocked.** {_blocked(teller)}"] if failed else []
    for at, finding in enumerate(told.alert_findings()):
        lead = "" if at and finding.rule == "peer-selects-nothing" else "**Likely outage:** "
        lines.append(lead + teller.outage(finding))
    unread = told.errors() if failed else told.unread()
    if unread and len(lines) < 3:
        more = f", and {len(unread) - 1:,} more" if len(unread) > 1 else ""
        lines.append(f"**Not read:** {teller.unread(unread[0])}{more}")
    if not lines:
        return None
    word = "CAUTION" if failed else "WARNING"
    return "\n".join([f"> [!{word}]", *(f"> {line}" for line in lines[:3])])


def _blocked(teller: Teller) -> str:
    """The gravest cause, or else why the gate failed."""
    told = teller.told
    for group in told.opened:
        if not all(map(told.accepted, group.rows)) and told.fails(group.severity):
            return teller.culprit(told.of_group(group))
    accepted = told.review.verdict.accepted_findings
    for each in told.review.findings:
        if told.fails(each.severity) and each.id not in accepted:
            return teller.finding(each)
    return "A manifest that matters could not be read."


@dataclass(frozen=True, slots=True)
class _Assembly:
    """The blocks of one rung."""

    teller: Teller
    rung: Rung
    lead: bool

    def blocks(self) -> Iterator[str]:
        """The comment's blocks in the order of section 7."""
        told = self.teller.told
        if self.lead:
            yield f"## {titled(told, MARKDOWN)}"
            yield counts_line(told)
            said = alert(self.teller)
            if said:
                yield said
        if self.rung is Rung.HEADING:
            yield self._shortened()
            return
        yield from self._opened()
        if told.nothing_moves():
            yield from self._no_effect()
        if self.rung < Rung.CRITICAL_ONLY:
            yield from map(folded, self._sections())
        if self.rung > Rung.FULL:
            yield self._shortened()

    def _opened(self) -> Iterator[str]:
        told = self.teller.told
        if not told.opened:
            return
        table = OpenedTable(self.teller)
        if self.rung is Rung.CRITICAL_ONLY:
            lines = lines_of(told, told.opened, frozenset(Severity) - {Severity.CRITICAL})
            yield table.write(lines, CRITICAL_ROWS)
        else:
            by_namespace = set(Severity) if self.rung >= Rung.HIGH_BY_NAMESPACE else set()
            fold = frozenset(by_namespace - {Severity.CRITICAL})
            yield table.write(fitting(told, told.opened, fold))
        advice = fix_text(told)
        if advice:
            yield advice

    def _no_effect(self) -> Iterator[str]:
        """That a change of form has no effect (G-23)."""
        policies = len(self.teller.told.review.delta.policies)
        if policies:
            yield (
                f"{counted(policies, 'policy', 'policies')} changed in form, "
                f"{'not' if policies == 1 else 'none'} in effect: equal for every pair of "
                "workloads, every outside address and every port."
            )

    def _sections(self) -> Iterator[Section]:
        """The folded parts, in the order of P-17, each only if it has content."""
        teller, told = self.teller, self.teller.told
        if self.rung < Rung.WHO_OUT:
            yield from self._who()
        picture = diagram(told)
        if picture:
            yield _picture(told, picture)
        if told.pairs:
            yield self._closed()
        changed = what_changed(teller, counts_only=self.rung >= Rung.POLICIES_COUNTED)
        if changed:
            yield changed
        limit = NOTES_SHOWN if self.rung >= Rung.WHO_OUT else None
        yield from notes(teller, limit)
        yield from not_read(teller, limit)

    def _who(self) -> Iterator[Section]:
        told = self.teller.told
        exact = who_exactly(told)
        if exact:
            yield Section(*exact)
        if len(told.opened) > ROWS:
            lesser = {Severity.MEDIUM, Severity.LOW, Severity.INFO}
            fold = lesser if self.rung >= Rung.LESSER_BY_NAMESPACE else set()
            lines = lines_of(told, told.opened, frozenset(fold))
            title = f"All groups: {counted(len(told.review.delta.opened), 'opened flow')}"
            yield Section(title, OpenedTable(self.teller).write(lines, len(lines)))

    def _closed(self) -> Section:
        pairs = self.teller.told.pairs
        shown = pairs[:PAIRS_SHOWN] if self.rung >= Rung.CLOSED_BY_PAIR else pairs
        body = closed_table(self.teller, shown)
        if len(shown) < len(pairs):
            body += f"\n\n{_left_out(pairs[len(shown) :])}"
        total = len(self.teller.told.review.delta.closed)
        return Section(f"Closed: {counted(total, 'flow')}", body)

    def _shortened(self) -> str:
        """What was left out, with numbers."""
        told = self.teller.told
        said = [
            text(told)
            for rung, text in _SHORTENED
            if self.rung >= rung and (self.rung is not Rung.HEADING or rung is Rung.HEADING)
        ]
        links = self.teller.links
        run = links.run() if links else None
        full = f"[full report]({run})" if run else "full report"
        return f"Shortened: {'; '.join(each for each in said if each)}. The {full} has it all."


def _pairs_note(told: Digest) -> str:
    left = len(told.pairs) - PAIRS_SHOWN
    return f"{counted(left, 'pair')} of namespaces of closed flows" if left > 0 else ""


def _policies_note(told: Digest) -> str:
    policies = len(told.review.delta.policies)
    return f"fields of {counted(policies, 'policy', 'policies')}" if policies else ""


def _lesser_note(told: Digest) -> str:
    number = sum(n for each, n in told.by_severity().items() if each >= Severity.MEDIUM)
    return f"{counted(number, 'opened flow')} of medium and below by namespace" if number else ""


def _who_note(told: Digest) -> str:
    return f"who exactly of {counted(len(told.opened), 'group')}" if told.opened else ""


def _high_note(told: Digest) -> str:
    number = told.by_severity().get(Severity.HIGH, 0)
    return f"{counted(number, 'opened flow')} of high by namespace" if number else ""


def _sections_note(_: Digest) -> str:
    return "picture, closed flows, changes and notes"


def _all_note(told: Digest) -> str:
    opened, closed = len(told.review.delta.opened), len(told.review.delta.closed)
    return f"{counted(opened, 'opened flow')} and {counted(closed, 'closed flow')} are not listed"


_SHORTENED = (
    (Rung.CLOSED_BY_PAIR, _pairs_note),
    (Rung.POLICIES_COUNTED, _policies_note),
    (Rung.LESSER_BY_NAMESPACE, _lesser_note),
    (Rung.WHO_OUT, _who_note),
    (Rung.HIGH_BY_NAMESPACE, _high_note),
    (Rung.CRITICAL_ONLY, _sections_note),
    (Rung.HEADING, _all_note),
)


def _left_out(pairs: Sequence[Pair]) -> str:
    rows = sum(len(pair.rows) for pair in pairs)
    return f"And {counted(rows, 'flow')} between {counted(len(pairs), 'more pair')} of namespaces."


def _picture(told: Digest, drawn: str) -> Section:
    title = f"Picture: {counted(len(told.review.delta.opened), 'opened flow')}"
    body = fence(drawn, "mermaid")
    if has_closed(told):
        names = {"dns-lost": "DNS"}
        lost = names.get(told.outages[0].rule, "paths")
        title = f"{title} and the lost {lost}" if told.opened else f"Picture: the lost {lost}"
        drawn_rows = sum(len(pair.rows) for pair in told.pairs if pair.outage)
        others = len(told.review.delta.closed) > drawn_rows
        more = " The other closed flows are in the next section." if others else ""
        body += f"\n\nSolid: opened. Dotted: closed and likely missed.{more}"
    return Section(title, body)


def folded(section: Section) -> str:
    """A folded part as GitHub draws it."""
    return f"<details><summary>{section.title}</summary>\n\n{section.body}\n\n</details>"
