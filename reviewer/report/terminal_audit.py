"""What `audit` says on a terminal: figures as a table, then findings by severity (P-21)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .audited import digest_of, reached, spaced, summary
from .lines import BLANK, DIM, HEADING, OPENED, PASSED, WARNED, Line, Piece, line, words
from .markup import safe
from .notes import accepted
from .phrases import PLAIN
from .sentences import Teller
from .terminal import SEVERITY_STYLES, places, unread_lines
from .types import Audit
from .words import counted, port_text

LISTED = 30
NAMED = 3
"""So many workloads are named where no two are of one namespace."""
SOURCES = {"internet": "from the internet", "ingress_controller": "through an Ingress"}


def audit_lines(audit: Audit, *, full: bool) -> Iterator[Line]:
    """All lines of an audit."""
    teller = Teller(digest_of(audit), PLAIN)
    yield line(Piece(summary(audit), HEADING))
    yield BLANK
    yield from _coverage(audit)
    yield from _outside(audit, teller)
    yield from _radius(audit)
    yield from _findings(audit, teller, full=full)
    unread = list(unread_lines(teller.told))
    if unread:
        yield BLANK
        yield line(Piece("Not read", HEADING))
        yield from unread
    yield BLANK
    yield from _verdict(audit)


def _coverage(audit: Audit) -> Iterator[Line]:
    coverage = audit.figures.coverage
    rows = [
        (each.namespace, each.workloads, each.isolated.ingress, each.isolated.egress)
        for each in audit.figures.namespaces
    ]
    rows.append(("all", coverage.workloads, *coverage.isolated))
    wide = max(len(safe(name)) for name, *_ in rows)
    yield line(f"  {'':<{wide}}   workloads   isolated: ingress   egress")
    for name, workloads, ingress, egress in rows:
        yield line(f"  {safe(name):<{wide}}   {workloads:>9,}   {ingress:>17,}   {egress:>6,}")


def _outside(audit: Audit, teller: Teller) -> Iterator[Line]:
    exposed = len({each.workload for each in audit.figures.exposed})
    total = counted(audit.figures.coverage.workloads, "workload")
    yield BLANK
    yield line(Piece(f"Reached from outside: {exposed:,} of {total}", HEADING))
    rows = [
        (SOURCES[source], ", ".join(_who(ids, teller)), port_text(ports))
        for (source, ports), ids in reached(audit).items()
    ]
    wide = [max((len(row[at]) for row in rows), default=0) for at in range(2)]
    for source, who, ports in rows:
        said = "all ports" if ports == "all" else ports
        yield Line(
            (
                (Piece(f"  {source:<{wide[0]}}   "),),
                (Piece(f"{who:<{min(wide[1], 60)}}   "),),
                (Piece(said),),
            ),
            6,
        )


def _who(ids: Sequence[str], teller: Teller) -> Iterator[str]:
    for space, mine in spaced(ids).items():
        many = len(mine) > 1 or len(ids) > NAMED
        yield f"{len(mine):,} in {safe(space)}" if many else teller.name(mine[0])


def _radius(audit: Audit) -> Iterator[Line]:
    radius = audit.figures.blast_radius
    yield line(
        f"  in any number of hops   {radius.from_internet:,} of {counted(radius.of, 'workload')}"
    )


def _findings(audit: Audit, teller: Teller, *, full: bool) -> Iterator[Line]:
    shown = audit.findings if full else audit.findings[:LISTED]
    if shown:
        yield BLANK
        yield line(Piece("Findings", HEADING))
    for each in shown:
        style = SEVERITY_STYLES[each.severity]
        sentence = words(teller.phrase(each)).parts
        yield Line(((Piece("  "), Piece(each.severity.word, style), Piece("  ")), *sentence), 4)
        yield from places(each.origin)
    left = len(audit.findings) - len(shown)
    if left:
        yield line(f"  and {left:,} more (--full)", Piece("", DIM))
    for said in accepted(teller):
        yield words(f"  {said}", hang=4)


def _verdict(audit: Audit) -> Iterator[Line]:
    ruling = audit.verdict
    word, style = {"failure": ("FAILED", OPENED), "neutral": ("neutral", WARNED)}.get(
        ruling.conclusion, ("passed", PASSED)
    )
    reasons = "; ".join(map(safe, ruling.reasons)) or f"nothing at or above {audit.gate_word}"
    yield Line(((Piece(word, style), Piece(": ")), *words(f"{reasons}.").parts), 2)
