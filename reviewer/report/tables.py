"""The tables of the comment: opened flows, who exactly, closed flows (P-13, P-17).

Cells are finished Markdown. A cell equal to the one above it is "same", an equal cause "same rule".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from reviewer.base.ports import PortSet
from reviewer.engine import Endpoint, ExternalEndpoint, WorkloadEndpoint
from reviewer.findings import Finding, Severity

from .digest import Digest, Named, Pair
from .groups import Group, Nature, nature
from .heading import SYMBOLS
from .phrases import MARKDOWN, spaces_beside, who
from .sentences import Teller
from .words import INTERNET, Names, blocks, is_internet, namespace_of

ROWS = 12
CRITICAL_ROWS = 100
FOLDABLE = (Severity.INFO, Severity.LOW, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL)


class Line(NamedTuple):
    """One row of the table before its cells are written: a group, or groups folded by namespace.

    `ports` is None where they differ.
    """

    severity: Severity
    total: int
    sources: tuple[Endpoint, ...]
    destinations: tuple[Endpoint, ...]
    ports: PortSet | None
    named: Named
    folded: bool


def table(header: Sequence[str], rows: Iterable[Sequence[str]], numbers: int = -1) -> str:
    """A Markdown table; `numbers` is the column that is aligned right."""
    rules = ["--:" if at == numbers else ":--" for at in range(len(header))]
    lines = [header, rules, *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def lines_of(told: Digest, groups: Iterable[Group], fold: frozenset[Severity]) -> list[Line]:
    """A line for each group; those of the severities in `fold` by pair of namespaces."""
    single: list[Line] = []
    pairs: dict[tuple[object, ...], list[Group]] = {}
    for group in groups:
        if group.severity not in fold:
            single.append(
                Line(
                    group.severity,
                    group.count,
                    group.sources,
                    group.destinations,
                    group.ports,
                    told.of_group(group),
                    folded=False,
                )
            )
            continue
        key = (group.severity, _space(group.sources[0]), _space(group.destinations[0]))
        pairs.setdefault(key, []).append(group)
    single += [_folded(told, mine) for mine in pairs.values()]
    return sorted(single, key=lambda each: each.severity)


def _folded(told: Digest, groups: list[Group]) -> Line:
    rows = [told.review.delta.opened[index] for group in groups for index in group.rows]
    ports = {group.ports for group in groups}
    return Line(
        groups[0].severity,
        len(rows),
        tuple(dict.fromkeys(end for group in groups for end in group.sources)),
        tuple(dict.fromkeys(end for group in groups for end in group.destinations)),
        ports.pop() if len(ports) == 1 else None,
        told.named(rows),
        folded=True,
    )


def _space(end: Endpoint) -> tuple[int, str]:
    return (nature(end), namespace_of(end) or "")


def fitting(told: Digest, groups: Sequence[Group], fold: frozenset[Severity]) -> list[Line]:
    """Lines for at most ROWS rows, if folding by namespace from the least grave up can do it."""
    single = Counter(group.severity for group in groups)
    pairs: dict[Severity, set[tuple[object, ...]]] = {}
    for group in groups:
        pair = (_space(group.sources[0]), _space(group.destinations[0]))
        pairs.setdefault(group.severity, set()).add(pair)
    for severity in FOLDABLE:
        if sum(len(pairs[each]) if each in fold else single[each] for each in pairs) <= ROWS:
            break
        fold |= {severity}
    return lines_of(told, groups, fold)


@dataclass(frozen=True, slots=True)
class OpenedTable:
    """Writes the table of opened flows."""

    teller: Teller

    def write(self, lines: Sequence[Line], limit: int = ROWS) -> str:
        """At most `limit` rows; what is left is counted in the last one."""
        left = lines[limit - 1 :] if len(lines) > limit else []
        shown = lines[: limit - 1] if left else lines
        rows = _repeats_left_out([self._cells(each) for each in shown])
        if left:
            rows.append(self._rest(left))
        return table(("Severity", "From", "To", "Ports", "Because of"), rows)

    def _cells(self, line: Line) -> tuple[str, ...]:
        source = self._ends(line, line.sources, line.destinations)
        if source == INTERNET:
            source = f"**{source}**"
        return (
            f"{SYMBOLS[line.severity]}\u00a0{line.total:,}\u00a0{line.severity.word}",
            source,
            self._ends(line, line.destinations, line.sources),
            "several" if line.ports is None else MARKDOWN.ports(line.ports),
            self.teller.because(line.named),
        )

    def _ends(self, line: Line, ends: tuple[Endpoint, ...], opposite: tuple[Endpoint, ...]) -> str:
        told = self.teller.told
        if line.folded and nature(ends[0]) is Nature.WORKLOAD and len(ends) > 1:
            return f"{len(ends):,} workloads in {MARKDOWN.name(namespace_of(ends[0]) or '')}"
        return who(ends, told.names, MARKDOWN, spaces_beside(opposite))

    def _rest(self, left: Sequence[Line]) -> tuple[str, ...]:
        count = sum(line.total for line in left)
        gravest = left[0].severity
        first = f"{SYMBOLS[gravest]}\u00a0{count:,}\u00a0more, up to\u00a0{gravest.word}"
        return (first, "several", "several", "several", f"{len(left):,} more groups")


def _repeats_left_out(rows: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Cells equal to the one above said as "same"; the first cell always stands."""
    out: list[tuple[str, ...]] = []
    above: tuple[str, ...] = ()
    for row in rows:
        cells = list(row)
        for at in range(1, len(row)):
            if above and row[at] == above[at]:
                cells[at] = "same rule" if at == len(row) - 1 else "same"
        out.append(tuple(cells))
        above = row
    return out


# --- who exactly ---------------------------------------------------------------------------------


class Member(NamedTuple):
    """One row of "who exactly": a namespace's part of a set, and what it is opposite to."""

    where: str
    ends: tuple[Endpoint, ...]
    opposite: str


def who_exactly(told: Digest) -> tuple[str, str] | None:
    """Title and table of the sets that the opened table only counts; None where it names all."""
    single = _single_destination(told)
    seen: dict[tuple[str, tuple[Endpoint, ...]], Member] = {}
    for group in told.opened:
        for ends, other in (
            (group.sources, group.destinations),
            (group.destinations, group.sources),
        ):
            if len(ends) == 1:
                continue
            opposite = who(other, told.names, MARKDOWN, spaces_beside(ends))
            for where, part in _by_namespace(ends):
                seen.setdefault((where, part), Member(where, part, opposite))
    if not seen:
        return None
    members = sorted(seen.values(), key=lambda each: each.where)
    keys = [(each.where, len(each.ends)) for each in members]
    alike = len(set(keys)) < len(keys)
    header: tuple[str, ...] = ("From", "Who") if single else ("Group", "Workloads")
    rows = [
        (_group_cell(each), *_alike_cell(each, alike), _members(each, told.names))
        for each in members
    ]
    if alike:
        header = (header[0], "With", header[1])
    count = len(told.review.delta.opened)
    noun = "source" if single else "opened flow"
    title = f"Who exactly: {count:,} {noun}{'' if count == 1 else 's'}"
    return title, table(header, rows)


def _single_destination(told: Digest) -> bool:
    ends = {end for group in told.opened for end in group.destinations}
    return len(ends) == 1 and len({group.ports for group in told.opened}) == 1


def _by_namespace(ends: Sequence[Endpoint]) -> list[tuple[str, tuple[Endpoint, ...]]]:
    """A set divided by namespace; "" is outside."""
    found: dict[str, list[Endpoint]] = {}
    for end in ends:
        where = namespace_of(end) or ("" if isinstance(end, ExternalEndpoint) else " ")
        found.setdefault(where, []).append(end)
    return [(where, tuple(found[where])) for where in sorted(found)]


def _group_cell(member: Member) -> str:
    if member.where == "":
        inside = all(map(is_internet, member.ends))
        return INTERNET if inside else "outside addresses"
    if member.where == " ":
        return "other pods"
    return f"{MARKDOWN.name(member.where)}\u00a0({len(member.ends):,})"


def _alike_cell(member: Member, alike: bool) -> tuple[str, ...]:
    return (member.opposite,) if alike else ()


def _members(member: Member, names: Names) -> str:
    outside = [end for end in member.ends if isinstance(end, ExternalEndpoint)]
    if outside:
        return ", ".join(map(MARKDOWN.name, blocks(outside)))
    ids = [end.id for end in member.ends if isinstance(end, WorkloadEndpoint)]
    if not ids:
        return ", ".join(who([end], names, MARKDOWN) for end in member.ends)
    return ", ".join(map(MARKDOWN.name, sorted(map(names.inside, ids))))


# --- closed --------------------------------------------------------------------------------------

_LOST_PATHS = {
    "dns-lost": "name resolution",
    "ingress-backend-blocked": "the way in",
    "service-unreachable": "a Service in use",
    "monitoring-path-lost": "monitoring",
}


def lost_path(finding: Finding) -> str:
    """What a likely outage takes away, in two words."""
    return _LOST_PATHS.get(finding.rule, "")


def closed_table(teller: Teller, pairs: Sequence[Pair]) -> str:
    """Closed flows by pair of namespaces."""
    rows = [
        (
            _pair_end(teller, pair, pair.sources),
            _pair_end(teller, pair, pair.destinations, target=True),
            f"{len(pair.rows):,}",
            teller.because(pair.named, event=False),
        )
        for pair in pairs
    ]
    return table(("From", "To", "Flows", "Because of"), rows, numbers=2)


def _pair_end(teller: Teller, pair: Pair, ends: Sequence[Endpoint], *, target: bool = False) -> str:
    if pair.outage is not None:
        said = who(tuple(ends), teller.told.names, MARKDOWN)
        return f"{said}: **{lost_path(pair.outage)}**" if target else said
    return space_words(ends, teller, others=target and pair.others)


def space_words(ends: Sequence[Endpoint], teller: Teller, *, others: bool = False) -> str:
    """The namespace of ends that share one; "others in" where an outage row took some of them."""
    match nature(ends[0]):
        case Nature.OUTSIDE:
            return INTERNET if any(map(is_internet, ends)) else "outside addresses"
        case Nature.WORKLOAD:
            space = teller.voice.name(namespace_of(ends[0]) or "")
            return f"others in {space}" if others else space
        case _:
            return who(tuple(ends), teller.told.names, teller.voice)
