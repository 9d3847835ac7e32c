"""The verdict as one sentence of at most 90 characters, its symbol, and the counts (P-10 to P-12).

The sentence names one workload, or a number of them. It is the first that applies of: the gravest
opened row at or above `fail-on`; a finding there; a manifest that could not be read, if that is why
the gate failed; a likely outage; a finding of medium or above that is graver than its rows; the
gravest opened row; closed flows; nothing moves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from reviewer.findings import Finding, Severity

from .digest import LIKELY_OUTAGE, Digest
from .groups import Group, Nature, nature
from .markup import middle
from .phrases import Voice, spaces_beside, who, workloads
from .words import counted, port_text

LIMIT = 90
NAME_LIMIT = 40
SHORTER = (NAME_LIMIT, 30, 22, 16)
"""How long a name may be, tried until the heading fits."""

RED, YELLOW, BLUE, GREEN = "🔴", "🟡", "🔵", "🟢"
SYMBOLS = {
    Severity.CRITICAL: "🔴",
    Severity.HIGH: "🟠",
    Severity.MEDIUM: "🟡",
    Severity.LOW: "🔵",
    Severity.INFO: "⚪",
}
METADATA = "R17"


@dataclass(frozen=True, slots=True)
class Sentence:
    """A heading as main part, where ("on TCP 5432") and second fact, so that it can be cut."""

    main: str
    where: str = ""
    more: str = ""

    def variants(self) -> Iterator[str]:
        """The whole, then shorter ones."""
        yield self.main + self.where + self.more
        yield self.main + self.more
        yield self.main + self.where
        yield self.main


def symbol(told: Digest) -> str:
    """What to do, as a colour (P-10); the words beside it say the same."""
    if told.review.verdict.failed:
        return RED
    if told.outages or told.outweighing() or told.unread():
        return YELLOW
    if any(grade.severity <= Severity.MEDIUM for grade in told.review.grades):
        return YELLOW
    return BLUE if told.review.delta.opened else GREEN


def heading(told: Digest, voice: Voice, limit: int = LIMIT) -> str:
    """The sentence alone, without symbol, at most `limit` characters."""
    tried = ""
    for room in SHORTER:
        for tried in _sentence(told, _shortened(voice, room)).variants():
            if len(tried) <= limit:
                return tried
    return tried[:limit]


def titled(told: Digest, voice: Voice) -> str:
    """Symbol and sentence, together at most 90 characters."""
    return f"{symbol(told)} {heading(told, voice, LIMIT - 2)}"


def _shortened(voice: Voice, room: int) -> Voice:
    return Voice(lambda name: voice.name(middle(name, room)), voice.keep)


def _sentence(told: Digest, voice: Voice) -> Sentence:
    for step in _STEPS:
        found = step(told, voice)
        if found is not None:
            return found
    return _nothing_moves(told)


def _failing_row(told: Digest, voice: Voice) -> Sentence | None:
    if not told.review.verdict.failed:
        return None
    for group in told.opened:
        if told.fails(group.severity) and not all(map(told.accepted, group.rows)):
            return _opens(told, group, voice)
    return None


def _failing_finding(told: Digest, voice: Voice) -> Sentence | None:
    accepted = told.review.verdict.accepted_findings
    for each in told.review.findings if told.review.verdict.failed else ():
        if told.fails(each.severity) and each.id not in accepted:
            return _has(told, each, voice)
    return None


def _outweighing(told: Digest, voice: Voice) -> Sentence | None:
    found = told.outweighing()
    return _has(told, found[0], voice) if found else None


def _has(told: Digest, finding: Finding, voice: Voice) -> Sentence:
    """What a finding that is graver than its rows comes to."""
    who_else = workloads(finding.workloads, told.names, voice) if finding.workloads else ""
    if finding.rule == "new-workload-not-isolated" and who_else:
        link = ", which" if len(finding.workloads) == 1 else " that"
        return Sentence(f"This change adds {who_else}{link} everyone may reach")
    where = f" of {who_else}" if who_else else ""
    return Sentence(f"This change has a {finding.severity.word} finding", where)


def finding_heading(told: Digest, finding: Finding, voice: Voice) -> str:
    """The heading's words for one finding (P-56): what its gravest row, or its outage, does."""
    if told.outweighs(finding):
        return _has(told, finding, voice).main
    rows = set(finding.flows[:1])
    for group in told.opened if rows else ():
        if rows <= set(group.rows):
            opened = _opens(told, group, voice)
            return opened.main + opened.where
    if finding.rule in LIKELY_OUTAGE:
        return f"This change cuts {_cut(told, [finding], voice)}"
    words = finding.rule.replace("-", " ")
    return f"{words[:1].upper()}{words[1:]} ({finding.severity.word})"


def _unread(told: Digest, _: Voice) -> Sentence | None:
    if not told.review.verdict.failed or not told.errors():
        return None
    files = len({each.file for each in told.errors()})
    return Sentence(f"{counted(files, 'manifest')} cannot be read, so this change is not judged")


def _outage(told: Digest, voice: Voice) -> Sentence | None:
    if not told.outages:
        return None
    alike = [each for each in told.outages if each.rule == told.outages[0].rule]
    opened = len(told.review.delta.opened)
    more = f" and opens {counted(opened, 'flow')}" if opened else ""
    return Sentence(f"This change cuts {_cut(told, alike, voice)}", more=more)


def _cut(told: Digest, alike: Sequence[Finding], voice: Voice) -> str:
    """Who is cut off from what, by findings of one check."""
    rule = alike[0].rule
    names = sorted({name for each in alike for name in _victims(each)})
    victims = workloads(names, told.names, voice) if names else "pods"
    if rule == "monitoring-path-lost":
        return f"monitoring off from {victims}"
    what = {
        "dns-lost": "DNS",
        "ingress-backend-blocked": "the ingress controller",
        "service-unreachable": f"a Service {'it refers' if len(names) == 1 else 'they refer'} to",
    }[rule]
    return f"{victims} off from {what}"


def _victims(finding: Finding) -> Sequence[str]:
    """Who is cut off; of a Service the one that refers to it."""
    referrer = finding.arguments.get("referrer")
    return (referrer,) if isinstance(referrer, str) else finding.workloads


def _gravest_row(told: Digest, voice: Voice) -> Sentence | None:
    if not told.opened:
        return None
    first = _opens(told, told.opened[0], voice)
    closed = len(told.review.delta.closed)
    more = f" and closes {counted(closed, 'flow')}" if closed else ""
    return Sentence(first.main, first.where, more)


def _opens(told: Digest, group: Group, voice: Voice) -> Sentence:
    """What one group of opened rows does."""
    ports = port_text(group.ports)
    where = " on all ports" if ports == "all" else f" on {ports}"
    if nature(group.destinations[0]) is not Nature.WORKLOAD:
        source = who(group.sources, told.names, voice)
        if _is_metadata(told, group):
            return Sentence(f"This change lets {source} reach the cloud metadata service")
        end = who(group.destinations, told.names, voice, spaces_beside(group.sources))
        return Sentence(f"This change lets {source} reach {end}", where)
    end = who(group.destinations, told.names, voice)
    return Sentence(f"This change opens {end} to {_opened_to(told, group, voice)}", where)


def _opened_to(told: Digest, group: Group, voice: Voice) -> str:
    """Whom it is opened to; a second workload is only counted (P-11)."""
    source = group.sources[0]
    beside = spaces_beside(group.destinations)
    if len(group.sources) == 1 and nature(source) is Nature.WORKLOAD:
        spaces = sorted(spaces_beside(group.sources))
        return f"a workload in {voice.name(spaces[0])}" if spaces else "a workload"
    return who(group.sources, told.names, voice, beside)


def _is_metadata(told: Digest, group: Group) -> bool:
    return told.review.grades[group.rows[0]].rule == METADATA


def _closed(told: Digest, _: Voice) -> Sentence | None:
    closed = len(told.review.delta.closed)
    if not closed:
        return None
    return Sentence(f"This change closes {counted(closed, 'flow')} and opens none")


def _nothing_moves(told: Digest) -> Sentence:
    """How many flows were proved equal (G-23)."""
    unchanged = told.review.delta.unchanged
    if unchanged and told.unread():
        are = "is" if unchanged == 1 else "are"
        same = f": {counted(unchanged, 'flow')} {are} the same"
        return Sentence("Nothing moves in what could be read", same)
    if unchanged is None:
        return Sentence("Nothing moves: no manifest changed")
    if not unchanged:
        return Sentence("Nothing moves: no flow is allowed before or after this change")
    if unchanged == 1:
        return Sentence("Nothing moves: the one flow is the same before and after this change")
    return Sentence(
        f"Nothing moves: all {unchanged:,} flows are the same", " before and after this change"
    )


_STEPS: tuple[Callable[[Digest, Voice], Sentence | None], ...] = (
    _failing_row,
    _failing_finding,
    _unread,
    _outage,
    _outweighing,
    _gravest_row,
    _closed,
)


def severities(told: Digest) -> str:
    """How the opened rows divide: " (2 critical, 13 high)", " (all medium)", "" for none."""
    counts = told.by_severity()
    if not counts:
        return ""
    if len(counts) == 1:
        total = sum(counts.values())
        return f" ({'all ' if total > 1 else ''}{next(iter(counts)).word})"
    return f" ({', '.join(f'{number:,} {each.word}' for each, number in counts.items())})"
