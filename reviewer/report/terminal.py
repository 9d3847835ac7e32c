"""What `diff` says on a terminal, line by line (P-20)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from reviewer.base.documents import Origin
from reviewer.delta import Change, FlowChange, PolicyChange, details
from reviewer.findings import Finding, Severity

from .changes import FIX_LINES, REORDERED, dropped
from .digest import Digest, Named, Pair, changes_by, digest
from .fields import before_and_after
from .groups import Group
from .heading import heading, severities
from .lines import (
    BLANK,
    CLOSED,
    DIM,
    HEADING,
    OPENED,
    PASSED,
    WARNED,
    Line,
    Piece,
    line,
    parts,
    words,
)
from .markup import safe
from .notes import accepted
from .phrases import PLAIN, Happened, spaces_beside, who
from .sentences import Teller
from .tables import lost_path, space_words
from .types import Display, Review
from .words import FullNames, counted, plain_name, port_text

PAIRS_SHOWN = 8
GROUPS_SHOWN = 200
LISTED = 8
WIDEST_SEVERITY = 8
SEVERITY_STYLES = {
    Severity.CRITICAL: OPENED,
    Severity.HIGH: WARNED,
    Severity.MEDIUM: WARNED,
    Severity.LOW: "",
    Severity.INFO: "",
}


def review_lines(review: Review, display: Display) -> Iterator[Line]:
    """All lines of a review."""
    told = digest(review)
    teller = Teller(told, PLAIN)
    yield words(heading(told, PLAIN), HEADING)
    yield _counts(told)
    sections = [
        ("Likely outage", _outages(teller)),
        ("Opened", _every_row(told, opened=True) if display.full else _opened(teller)),
        ("Closed", _every_row(told, opened=False) if display.full else _closed(teller)),
    ]
    brief = not display.full and len(review.delta.policies) > LISTED
    if not brief:
        sections.append(("What changed", _changed(teller, display.full)))
    sections.append(("Notes", _notes(teller, Severity.MEDIUM if brief else Severity.INFO)))
    sections.append(("Not read", unread_lines(told)))
    for title, lines in sections:
        yield from _section(title, lines)
    if brief:
        yield BLANK
        yield line(_summary(told))
    if review.verdict.failed:
        yield BLANK
        reasons = "; ".join(map(safe, review.verdict.reasons))
        yield parts(Piece("FAILED: ", OPENED), *words(f"{reasons}.").parts, hang=2)


def _section(title: str, lines: Iterator[Line]) -> Iterator[Line]:
    """A section with its heading; one without content is not printed."""
    first = next(lines, None)
    if first is None:
        return
    yield BLANK
    yield line(Piece(title, HEADING))
    yield first
    yield from lines


def _counts(told: Digest) -> Line:
    delta, review = told.review.delta, told.review
    result, style = {
        "failure": ("FAILED", OPENED),
        "neutral": ("neutral", WARNED),
    }.get(review.verdict.conclusion, ("passed", PASSED))
    said = [f"{len(delta.opened):,} opened{severities(told)}", f"{len(delta.closed):,} closed"]
    said += [f"{delta.unchanged:,} unchanged"] if delta.unchanged is not None else []
    groups: list[Sequence[Piece | str]] = [[f"{each} · "] for each in said]
    return parts(*groups, [f"fail-on {review.gate_word}: ", Piece(result, style)], hang=2)


def places(origin: Origin | None, indent: str = "    ") -> Iterator[Line]:
    """A place on a line of its own, so that terminals and editors make it a link."""
    if origin:
        yield line(indent, Piece(f"{safe(origin.file)}:{origin.line}", DIM))


def _outages(teller: Teller) -> Iterator[Line]:
    dns = teller.told.idle_dns_peer()
    for finding in teller.told.alert_findings():
        said = words(_outage_words(teller, finding, dns)).parts
        yield Line(((Piece("  ! ", WARNED),), *said), 4)
        cause = teller.dns_cause(finding) if finding.rule == "dns-lost" else None
        if cause:
            yield line(f"    because of {teller.name(cause.object)}")
        yield from places(cause.origin if cause else finding.origin)


def _outage_words(teller: Teller, finding: Finding, dns: Finding | None) -> str:
    selector = finding.arguments.get("selector")
    if dns is not None and finding.id == dns.id and isinstance(selector, str):
        rule = f"{teller.name(finding.arguments['policy'])} {finding.arguments['rule']}"
        return f"{rule} allows that port to {safe(selector)}, which matches nothing"
    if finding.rule == "dns-lost" and not finding.arguments["standing"]:
        return f"{teller.dns_victims(finding)}: no egress to port 53"
    return teller.phrase(finding)


# --- flows ---------------------------------------------------------------------------------------


def _opened(teller: Teller) -> Iterator[Line]:
    """Groups; those in a row with one cause share its lines."""
    told = teller.told
    shown = told.opened[:GROUPS_SHOWN]
    left = told.opened[len(shown) :]
    wide = max((len(f"{group.count:,}") for group in shown), default=1)
    for _, run in groupby(shown, key=lambda group: (group.because, _what(told, group))):
        groups = list(run)
        for group in groups:
            yield _group_line(told, group, wide)
        yield from _cause_lines(teller, told.of_group(groups[0]))
    if left:
        rows = sum(group.count for group in left)
        yield line(
            Piece("  + ", OPENED), f"{rows:,} in {counted(len(left), 'more group')} (--full)"
        )


def _what(told: Digest, group: Group) -> str:
    return told.of_group(group).happened.text(PLAIN)


def _group_line(told: Digest, group: Group, wide: int) -> Line:
    source = who(group.sources, told.names, PLAIN, spaces_beside(group.destinations))
    target = who(group.destinations, told.names, PLAIN, spaces_beside(group.sources))
    word = group.severity.word
    return parts(
        [
            Piece("  + ", OPENED),
            f"{group.count:>{wide},} ",
            Piece(word, SEVERITY_STYLES[group.severity]),
            f"{' ' * (WIDEST_SEVERITY - len(word))}  {source} ",
        ],
        f"→ {target}  ",
        port_text(group.ports),
        hang=8,
    )


def _cause_lines(teller: Teller, named: Named) -> Iterator[Line]:
    cause, what = named.cause, named.happened
    rule = f" {cause.rule}" if cause.rule else ""
    if what.what == "a rule" and cause.rule:
        rule, what = "", Happened(what.verb, cause.rule)
    said = f", which {what.text(PLAIN)}" if what.is_clause else f", {what.text(PLAIN)}"
    more = f", and {named.others:,} more" if named.others else ""
    yield parts(f"    because of {teller.name(cause.object)}{rule}", f"{said}{more}", hang=6)
    yield from places(cause.origin)
    lost = dropped(named.happened)
    if lost is None:
        return
    inside = lost.rule.removeprefix("spec.")
    yield line(f"    fix: give {inside} of {teller.name(cause.object)} its {lost.field} list back")
    if len(lost.lines) <= FIX_LINES:
        for text in lost.lines:
            yield line(f"      {safe(text)}")


def _closed(teller: Teller) -> Iterator[Line]:
    pairs = teller.told.pairs
    shown = pairs if len(pairs) <= PAIRS_SHOWN + 1 else pairs[:PAIRS_SHOWN]
    left = pairs[len(shown) :]
    rest = sum(len(pair.rows) for pair in left)
    wide = max((len(f"{len(pair.rows):,}") for pair in shown), default=1)
    wide = max(wide, len(f"{rest:,}")) if left else wide
    for pair in shown:
        yield parts(
            [Piece("  − ", CLOSED), f"{len(pair.rows):>{wide},}  {_from(teller, pair)} "],
            f"→ {_to(teller, pair)}",
            hang=8,
        )
    if left:
        what = counted(len(left), "more pair")
        yield line(Piece("  − ", CLOSED), f"{rest:>{wide},}  in {what} of namespaces")


def _from(teller: Teller, pair: Pair) -> str:
    return space_words(pair.sources, teller)


def _to(teller: Teller, pair: Pair) -> str:
    if pair.outage is not None:
        return f"{who(pair.destinations, teller.told.names, PLAIN)}, {lost_path(pair.outage)}"
    return space_words(pair.destinations, teller, others=pair.others)


def _every_row(told: Digest, *, opened: bool) -> Iterator[Line]:
    """Every row on one line of its own, for grep (P-21)."""
    delta, grades = told.review.delta, told.review.grades
    rows = delta.opened if opened else delta.closed
    for index, row in enumerate(rows):
        severity = grades[index].severity if opened else Severity.INFO
        yield _row_line(told, row, severity, opened=opened)


def _row_line(told: Digest, row: FlowChange, severity: Severity, *, opened: bool) -> Line:
    origin = told.of_row(row).cause.origin
    ends = f"{_full(row, source=True)} → {_full(row, source=False)} {port_text(row.ports)} "
    pieces = (
        Piece("+ " if opened else "− ", OPENED if opened else CLOSED),
        Piece(severity.word, SEVERITY_STYLES[severity]),
        Piece(f" {ends}"),
        Piece(f"{safe(origin.file)}:{origin.line}", DIM),
    )
    return Line((pieces,), whole=True)


def _full(row: FlowChange, *, source: bool) -> str:
    return safe(plain_name(row.source if source else row.destination, FullNames()))


# --- what changed --------------------------------------------------------------------------------


def _changed(teller: Teller, full: bool) -> Iterator[Line]:
    told = teller.told
    modified = changes_by(told, Change.MODIFIED)
    if full:
        for each in modified:
            yield from _each_value(teller, each)
    elif len(modified) == 1:
        yield from _one_policy(teller, modified[0])
    else:
        names = [teller.name(each.policy.ref.path) for each in modified]
        wide = max(map(len, names), default=0)
        for name, each in zip(names, modified, strict=True):
            fields = ", ".join(dict.fromkeys(safe(field.path) for field in each.fields))
            yield parts(f"  ~ {name:<{wide}}  ", fields or f"rules {REORDERED}", hang=6)
    for sign, change in (("+", Change.ADDED), ("−", Change.REMOVED)):
        names = [teller.name(each.policy.ref.path) for each in changes_by(told, change)]
        if names:
            yield _listed(f"  {sign} ", names)
    yield from _workloads(teller)


def _listed(lead: str, names: Sequence[str]) -> Line:
    ends = [f"{name}, " for name in names[:-1]] + [names[-1]]
    return parts(f"{lead}{ends[0]}", *ends[1:])


def _one_policy(teller: Teller, change: PolicyChange) -> Iterator[Line]:
    name = teller.name(change.policy.ref.path)
    if not change.fields:
        yield parts(f"  ~ {name}  ", f"rules {REORDERED}", hang=6)
    for field in change.fields:
        before, after = before_and_after(field, PLAIN, "{}")
        yield parts(f"  ~ {name}  ", safe(field.path), hang=6)
        yield line(Piece("      − ", CLOSED), before)
        yield line(Piece("      + ", OPENED), after)


def _each_value(teller: Teller, change: PolicyChange) -> Iterator[Line]:
    """Everything that differs in one policy, value by value, with the field's line."""
    name = teller.name(change.policy.ref.path)
    for field in change.fields:
        place = f"{change.policy.origin.file}:{field.line}"
        yield parts(f"  ~ {name}  ", f"{safe(field.path)}  ", safe(place), hang=6)
        for each in details(field):
            inside = safe(each.path.removeprefix(field.path).lstrip(".") or "all of it")
            before, after = (_as_json(value) for value in (each.base, each.head))
            yield line(Piece("      − ", CLOSED), f"{inside}: {before}")
            yield line(Piece("      + ", OPENED), f"{inside}: {after}")


def _as_json(value: Any) -> str:
    return "absent" if value is None else safe(json.dumps(value, ensure_ascii=False))


def _workloads(teller: Teller) -> Iterator[Line]:
    changed = teller.told.review.delta.workloads
    for word, ids in (
        ("added", changed.added),
        ("removed", changed.removed),
        ("relabelled", changed.relabelled),
    ):
        if ids:
            shown = [teller.name(each) for each in ids[:LISTED]]
            shown += [f"{len(ids) - LISTED:,} more"] if len(ids) > LISTED else []
            yield _listed(f"    workloads {word}: ", shown)


def _summary(told: Digest) -> str:
    """Changes and notes as numbers, where they would fill the screen."""
    said: list[str] = []
    for change in (Change.MODIFIED, Change.ADDED, Change.REMOVED):
        found = len(changes_by(told, change))
        if found:
            noun = "" if said else f" {'policy' if found == 1 else 'policies'}"
            said.append(f"{found:,}{noun} {change}")
    notes = len(told.notes())
    more = f" Notes: {notes:,}" if notes else ""
    return f"Changed: {', '.join(said)}.{more} (--full)."


def _notes(teller: Teller, least: Severity) -> Iterator[Line]:
    """Findings that speak for no row, from that severity up; a brief report counts the rest."""
    for finding in teller.told.notes():
        if finding.severity <= least:
            yield words(f"  {finding.severity.word}: {teller.phrase(finding)}", hang=4)
            yield from places(finding.origin)
    for said in accepted(teller) if least is Severity.INFO else ():
        yield words(f"  {said}", hang=4)


def unread_lines(told: Digest) -> Iterator[Line]:
    """What could not be read, with its place."""
    for item in told.every_error():
        yield Line(((Piece("  ! ", WARNED),), *words(safe(item.message)).parts), 4)
        if item.file:
            yield from places(Origin(item.file, item.line or 1))
