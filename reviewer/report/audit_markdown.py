"""An audit as Markdown: figures first, then findings by severity (F-40 to F-43)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from reviewer.findings import Finding, NamespaceFigures, Severity

from .audited import digest_of, heading, reached, severities, spaced, summary, symbol
from .changes import Section
from .heading import SYMBOLS
from .links import Links
from .markdown import Body, Rung, folded
from .markup import span
from .notes import accepted, not_read
from .phrases import MARKDOWN
from .sentences import Teller
from .tables import table
from .types import Audit
from .words import counted

BUDGET = 58_000
LIMITS = (None, 100, 20, 5, 0)
"""Rows of each list, the first that fits the budget."""
SOURCES = {"internet": "the internet", "ingress_controller": "an Ingress, Route or Gateway"}
YES_NO = ("no", "yes")


def render(audit: Audit, links: Links | None = None) -> str:
    """The whole report."""
    return fit(audit, links, BUDGET).text + "\n"


def fit(audit: Audit, links: Links | None, budget: int, *, lead: bool = True) -> Body:
    """The fullest report of at most `budget` bytes; the shortest is taken whatever it needs."""
    teller = Teller(digest_of(audit), MARKDOWN, links)
    text = ""
    for limit in LIMITS:
        text = "\n\n".join(_blocks(audit, teller, limit, lead))
        if len(text.encode()) <= budget:
            break
    return Body(text, Rung.FULL if limit is None else Rung.HEADING)


def lead_blocks(audit: Audit) -> tuple[str, str]:
    """Heading and counts."""
    result = {"failure": "**failed**", "neutral": "neutral"}.get(audit.verdict.conclusion, "passed")
    counts = f"findings: {severities(audit)} · {summary(audit)}"
    return (
        f"## {symbol(audit)} {heading(audit)}",
        f"{counts} · gate `fail-on: {audit.gate_word}` {result}",
    )


def _blocks(audit: Audit, teller: Teller, limit: int | None, lead: bool) -> Iterator[str]:
    if lead:
        yield from lead_blocks(audit)
    for section in _sections(audit, teller, limit):
        yield folded(section)
    if limit is not None:
        yield f"Shortened: lists end after {counted(limit, 'row')}. The full report has it all."


def _sections(audit: Audit, teller: Teller, limit: int | None) -> Iterator[Section]:
    yield from _findings(audit, teller, limit)
    for part in _parts(audit, teller):
        if part.rows:
            yield Section(f"{part.title}: {len(part.rows):,}", _limited(part, limit))
    yield from not_read(teller, limit)


class _Part(NamedTuple):
    """A table under its title; `numbers` is the column that is aligned right."""

    title: str
    header: tuple[str, ...]
    rows: list[tuple[str, ...]]
    numbers: int = -1


def _parts(audit: Audit, teller: Teller) -> Iterator[_Part]:
    figures = audit.figures
    outside = list(_reached_rows(audit, teller))
    yield _Part("Reached from outside", ("From", "Workloads", "Ports"), outside)
    yield _sensitive(audit, teller)
    top: list[tuple[str, ...]] = [
        (teller.name(name), f"{count:,}") for name, count in figures.blast_radius.top
    ]
    yield _Part("Reach most others", ("Workload", "Reaches"), top, 1)
    header: tuple[str, ...] = ("Rule", "Severity by", "Flows")
    rules = list(_rules(audit, teller))
    yield _Part("Rules that allow the gravest flows", header, rules, 2)
    header = ("Namespace", "Holds", "Isolated", "Default deny")
    yield _Part("Namespaces", header, [_space_row(each) for each in figures.namespaces])


def _sensitive(audit: Audit, teller: Teller) -> _Part:
    """Who is sensitive; a column of its own for what has no restriction, where there is some."""
    header = ("Workload", "Why", "Reached from", "Unrestricted")
    rows = [
        (
            teller.name(each.workload),
            span(each.why),
            ", ".join(word.replace("_", " ") for word in each.sources) or "nothing",
            YES_NO[each.unrestricted],
        )
        for each in audit.figures.sensitive
    ]
    shown = 4 if any(each.unrestricted for each in audit.figures.sensitive) else 3
    return _Part("Sensitive workloads", header[:shown], [row[:shown] for row in rows])


def _rules(audit: Audit, teller: Teller) -> Iterator[tuple[str, ...]]:
    for each in audit.figures.risky_rules:
        name = MARKDOWN.name(f"{each.policy.ref.path} {each.rule.name}")
        linked = teller.linked(name, each.rule.origin, teller.head)
        yield linked, each.line, f"{each.flows:,}"


def _limited(part: _Part, limit: int | None) -> str:
    shown = part.rows if limit is None else part.rows[:limit]
    left = len(part.rows) - len(shown)
    body = table(part.header, shown, part.numbers) if shown else ""
    more = f"And {counted(left, 'more', 'more')}." if left else ""
    return "\n\n".join(part for part in (body, more) if part)


def _findings(audit: Audit, teller: Teller, limit: int | None) -> Iterator[Section]:
    by_severity: dict[Severity, list[Finding]] = {}
    for each in audit.findings:
        by_severity.setdefault(each.severity, []).append(each)
    for severity, found in sorted(by_severity.items()):
        shown = found if limit is None else found[:limit]
        lines = [f"- {teller.finding(each)}" for each in shown]
        if len(shown) < len(found):
            lines.append(f"- and {len(found) - len(shown):,} more")
        title = f"{SYMBOLS[severity]}\u00a0{counted(len(found), f'{severity.word} finding')}"
        yield Section(title, "\n".join(lines))
    said = accepted(teller)
    if said:
        yield Section(f"Accepted: {len(said):,}", "\n".join(f"- {line}" for line in said))


def _reached_rows(audit: Audit, teller: Teller) -> Iterator[tuple[str, ...]]:
    for (source, ports), ids in reached(audit).items():
        for space, mine in spaced(ids).items():
            many = f"{len(mine):,} in {MARKDOWN.name(space)}"
            who = teller.name(mine[0]) if len(mine) == 1 else many
            yield (SOURCES[source], who, MARKDOWN.ports(ports))


def _space_row(each: NamespaceFigures) -> tuple[str, ...]:
    isolated = f"{each.isolated.ingress:,} ingress, {each.isolated.egress:,} egress"
    denied = [
        word for word, yes in zip(("ingress", "egress"), each.default_deny, strict=True) if yes
    ]
    return (
        span(each.namespace),
        f"{counted(each.workloads, 'workload')}, {counted(each.policies, 'policy', 'policies')}",
        isolated,
        " and ".join(denied) or "none",
    )
