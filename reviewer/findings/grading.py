"""How grave each opened row is: the line of F-13, its context (F-14), the configuration (F-15).

Most rows of a change are alike: what a grade depends on is a handful of facts about the two ends,
so each distinct combination is graded once and a row costs two look-ups and a tuple.
"""

from __future__ import annotations

from typing import NamedTuple

from reviewer.base.addresses import AddressSet
from reviewer.base.ports import PortSet, port_range
from reviewer.delta import FlowChange
from reviewer.engine import (
    Endpoint,
    ExternalEndpoint,
    Flow,
    IngressControllerEndpoint,
    SelectorEndpoint,
    WorkloadEndpoint,
)
from reviewer.manifests import Direction

from .context import context_of
from .facts import Facts
from .parts import broad_ports
from .preferences import Preferences, SeverityEntry
from .sensitivity import clauses
from .severity import ENTERING, LEAVING, Entering, Leaving, Line, Severity, step_down
from .types import Grade
from .wording import blocks_text, ports_text

HTTP = port_range("TCP", 80, 80)
"""Where the metadata service listens (F-13)."""

PHRASES: dict[Entering, str] = {
    Entering.INTERNET: "internet",
    Entering.PUBLIC: "public addresses",
    Entering.CONTROLLER: "the ingress controller",
    Entering.PRIVATE: "private addresses",
    Entering.SELECTED: "pods by selector",
    Entering.OTHER_NAMESPACE: "a workload of another namespace",
    Entering.TRUSTED: "trusted addresses",
    Entering.SAME_NAMESPACE: "a workload of the same namespace",
}
GAINS: dict[Leaving, str] = {
    Leaving.METADATA: "the metadata service",
    Leaving.INTERNET: "the internet",
    Leaving.PUBLIC: "public addresses",
    Leaving.REST: "addresses",
}


Row = FlowChange | Flow


class Candidate(NamedTuple):
    """One (part of a row, ports) with the line that fits it."""

    line: Line
    what: str
    ports: PortSet
    clause: str


class Piece(NamedTuple):
    """Addresses a workload gained, and the ports; a row of a successor may be several."""

    addresses: AddressSet
    ports: PortSet


class Looks(NamedTuple):
    """What grading asks of an end: who it is as a source, its namespace, whether it is new, whether
    it has a predecessor, and which entries of the configuration it is in."""

    kind: Entering
    namespace: str | None
    new: bool
    moved: bool
    signature: tuple[tuple[bool, bool], ...]


class Grader:
    """Grades the rows of one change. Lives as long as grading takes."""

    def __init__(self, facts: Facts, preferences: Preferences) -> None:
        self._facts = facts
        self._entries = tuple(e for e in preferences.severities if e.rule == "flow")
        self._memo: dict[tuple[object, ...], Grade] = {}
        self._signatures: dict[Endpoint, tuple[tuple[bool, bool], ...]] = {}
        self._ends: dict[Endpoint, Looks] = {}
        self._pieces: dict[int, tuple[Piece, ...]] = {}
        self._broad: dict[tuple[Endpoint, Direction, int], PortSet] = {}

    def grade(self, rows: tuple[FlowChange, ...]) -> tuple[Grade, ...]:
        """One grade for each row, in order. O(rows)."""
        self._measure(rows)
        return tuple(self._row(index, row) for index, row in enumerate(rows))

    def stand(self, flow: Flow, broad: PortSet) -> Grade:
        """How grave a standing flow is in `audit`: F-13 one step down, since it is no change.

        `broad` are the ports at which its outside end is the internet (F-11).
        """
        outside = _outside(flow)
        if outside is not None:
            end, direction, addresses = outside
            piece = Piece(addresses, flow.ports)
            enters = direction is Direction.INGRESS
            found = self._coming(end, piece, broad) if enters else self._going(end, piece, broad)
            return self._stands(flow, found)
        kind = self._entering(flow.source, flow.destination)
        by_source = kind is Entering.SELECTED or bool(self._entries)
        key = (flow.destination, flow.ports, kind, flow.source if by_source else 0)
        grade = self._memo.get(key)
        if grade is None:
            grade = self._stands(flow, self._inside(flow, kind, flow.ports))
            self._memo[key] = grade
        return grade

    def _stands(self, flow: Flow, found: list[Candidate]) -> Grade:
        """The gravest of what fits a standing flow, one step down."""
        best = min(found, key=lambda each: (each.line.severity, each.line.number))
        why = _sentence(best, isinstance(flow.destination, ExternalEndpoint))
        line = best.line.name
        severity = step_down(best.line.severity)
        return self._configured(flow, Grade(severity, line, why, line, "", best.clause))

    # --- outside ends -------------------------------------------------------------------------

    def _measure(self, rows: tuple[FlowChange, ...]) -> None:
        """Which ports of which workload the internet gained, over all its rows (F-11)."""
        gained: dict[tuple[Endpoint, Direction, int], list[tuple[AddressSet, PortSet]]] = {}
        for index, row in enumerate(rows):
            outside = _outside(row)
            if outside is None:
                continue
            end, direction, addresses = outside
            pieces = self._new_pieces(end, direction, Piece(addresses, row.ports))
            self._pieces[index] = pieces
            public = [(self._facts.zoning.public(p.addresses), p.ports) for p in pieces]
            gained.setdefault((end, direction, addresses.family), []).extend(public)
        for key, parts in gained.items():
            self._broad[key] = broad_ports(key[2], parts)

    def _new_pieces(self, end: Endpoint, direction: Direction, all_: Piece) -> tuple[Piece, ...]:
        """What of the row the predecessor of a successor did not have (F-17)."""
        old, base = self._facts.before(end), self._facts.base
        if old == end or base is None or not isinstance(old, WorkloadEndpoint):
            return (all_,)
        found: list[Piece] = []
        left = all_.addresses
        for addresses, ports in base.reachability.outside(old.id, direction):
            if addresses.family != left.family:
                continue
            common = left.intersection(addresses)
            rest = all_.ports - ports
            if common.spans and rest:
                found.append(Piece(common, rest))
            left = left.difference(common)
        return (*found, Piece(left, all_.ports)) if left.spans else tuple(found)

    # --- one row ------------------------------------------------------------------------------

    def _row(self, index: int, row: FlowChange) -> Grade:
        pieces = self._pieces.get(index)
        if pieces is not None:
            return self._graded(row, self._outside_candidates(row, pieces))
        source, destination = row.source, row.destination
        start = self._ends.get(source) or self._look_at(source)
        stop = self._ends.get(destination) or self._look_at(destination)
        kind = start.kind
        if stop.namespace is not None and start.namespace == stop.namespace:
            kind = Entering.SAME_NAMESPACE
        moved = start.moved or stop.moved
        key = (
            destination,
            row.ports,
            kind,
            id(row.because) if start.new else 0,
            start.signature,
            source if moved or kind is Entering.SELECTED else 0,
        )
        grade = self._memo.get(key)
        if grade is None:
            ports = self._not_before(row) if moved else row.ports
            grade = self._memo[key] = self._graded(row, self._inside(row, kind, ports))
        return grade

    def _look_at(self, end: Endpoint) -> Looks:
        """What grading asks of an end, found once."""
        facts = self._facts
        kind = Entering.OTHER_NAMESPACE
        if isinstance(end, IngressControllerEndpoint):
            kind = Entering.CONTROLLER
        elif isinstance(end, SelectorEndpoint) and end not in facts.subjects:
            kind = Entering.SELECTED
        found = self._ends[end] = Looks(
            kind,
            facts.head.namespace_of(end),
            not facts.standing(end),
            facts.before(end) != end,
            self._signature(end) if self._entries else (),
        )
        return found

    def _inside(self, row: Row, kind: Entering, ports: PortSet) -> list[Candidate]:
        """What fits a row without an outside end."""
        end = row.destination
        if ports and isinstance(end, SelectorEndpoint) and end not in self._facts.subjects:
            return [self._leaving(row.source, Leaving.REST, "pods by selector", ports)]
        return self._entering_candidates(end, kind, _says(row, kind), ports)

    def _not_before(self, row: FlowChange) -> PortSet:
        """The ports of a row that its predecessors did not have (F-17)."""
        base = self._facts.base
        if base is None:
            return row.ports
        old = (self._facts.before(row.source), self._facts.before(row.destination))
        return row.ports - base.ports(*old)

    def _entering(self, source: Endpoint, destination: Endpoint) -> Entering:
        start = self._ends.get(source) or self._look_at(source)
        home = (self._ends.get(destination) or self._look_at(destination)).namespace
        within = home is not None and start.namespace == home
        return Entering.SAME_NAMESPACE if within else start.kind

    def _outside_candidates(self, row: FlowChange, pieces: tuple[Piece, ...]) -> list[Candidate]:
        outside = _outside(row)
        assert outside is not None, "only rows with an outside end have pieces"
        end, direction, addresses = outside
        broad = self._broad[end, direction, addresses.family]
        enters = direction is Direction.INGRESS
        found: list[Candidate] = []
        for piece in pieces:
            found += self._coming(end, piece, broad) if enters else self._going(end, piece, broad)
        return found

    def _coming(self, end: Endpoint, piece: Piece, broad: PortSet) -> list[Candidate]:
        cut = self._facts.zoning.cut(piece.addresses)
        private = cut.private.union(cut.metadata)
        cases = (
            (Entering.INTERNET, cut.public, piece.ports & broad),
            (Entering.PUBLIC, cut.public, piece.ports - broad),
            (Entering.PRIVATE, private, piece.ports),
            (Entering.TRUSTED, cut.trusted, piece.ports),
        )
        found: list[Candidate] = []
        for kind, part, ports in cases:
            if part.spans:
                wide = kind in (Entering.INTERNET, Entering.PUBLIC)
                what = f"{PHRASES[kind]} ({blocks_text(piece.addresses if wide else part)})"
                found += self._entering_candidates(end, kind, what, ports)
        return found

    def _going(self, end: Endpoint, piece: Piece, broad: PortSet) -> list[Candidate]:
        cut = self._facts.zoning.cut(piece.addresses)
        rest = cut.private.union(cut.trusted)
        cases = (
            (Leaving.METADATA, cut.metadata, piece.ports & HTTP),
            (Leaving.INTERNET, cut.public, piece.ports & broad),
            (Leaving.PUBLIC, cut.public, piece.ports - broad),
            (Leaving.REST, cut.metadata, piece.ports - HTTP),
            (Leaving.REST, rest, piece.ports),
        )
        return [
            self._leaving(end, kind, _gained(kind, part, piece.addresses), ports)
            for kind, part, ports in cases
            if part.spans and ports
        ]

    def _entering_candidates(
        self, end: Endpoint, kind: Entering, what: str, ports: PortSet
    ) -> list[Candidate]:
        if not ports:
            return []
        sensitive, plain = ENTERING[kind]
        found: list[Candidate] = []
        for clause in clauses(self._facts.head.traits(end), ports):
            found.append(Candidate(sensitive, what, clause.ports, clause.why))
            ports -= clause.ports
        return [*found, Candidate(plain, what, ports, "")] if ports else found

    def _leaving(self, end: Endpoint, kind: Leaving, what: str, ports: PortSet) -> Candidate:
        traits = self._facts.head.traits(end)
        sensitive, plain = LEAVING[kind]
        if traits.sensitive and sensitive != plain:
            return Candidate(sensitive, what, ports, traits.why)
        return Candidate(plain, what, ports, "")

    # --- context and configuration ------------------------------------------------------------

    def _graded(self, row: FlowChange, found: list[Candidate]) -> Grade:
        if not found:
            return self._configured(row, self._moved(row))
        best = min(found, key=lambda each: (each.line.severity, each.line.number))
        context = context_of(self._facts, row)
        severity = Severity.LOW if context.low else best.line.severity
        if context.down:
            severity = step_down(severity)
        why = _sentence(best, isinstance(row.destination, ExternalEndpoint))
        if context.why:
            why = f"{why}; {context.why}"
        line = best.line.name
        return self._configured(row, Grade(severity, line, why, line, context.name, best.clause))

    def _moved(self, row: FlowChange) -> Grade:
        """A row of which the predecessors had everything (F-17)."""
        names = [
            before.id
            for end in (row.source, row.destination)
            if isinstance(before := self._facts.before(end), WorkloadEndpoint) and before != end
        ]
        kind = Leaving.REST if isinstance(row.destination, ExternalEndpoint) else None
        line = LEAVING[kind][1] if kind is not None else ENTERING[Entering.SAME_NAMESPACE][1]
        why = f"moved with {' and '.join(names)}"
        return Grade(Severity.LOW, line.name, why, line.name, "F17")

    def _configured(self, row: Row, grade: Grade) -> Grade:
        """The first entry of `severity:` that matches replaces the result (F-15, F-21)."""
        entry = self._entry(row)
        if entry is None:
            return grade
        why = f"{grade.why}; set to {entry.severity.word} by the configuration"
        return grade._replace(severity=entry.severity, rule="config", why=why)

    def _entry(self, row: Row) -> SeverityEntry | None:
        if not self._entries:
            return None
        source, destination = self._signature(row.source), self._signature(row.destination)
        for entry, (leaves, _), (_, enters) in zip(self._entries, source, destination, strict=True):
            if leaves and enters and (entry.ports is None or entry.ports.covers(row.ports)):
                return entry
        return None

    def _signature(self, end: Endpoint) -> tuple[tuple[bool, bool], ...]:
        """For each entry whether the end is in its `from` and in its `to`."""
        found = self._signatures.get(end)
        if found is None:
            view = self._facts.head
            found = tuple(
                (view.holds_source(e.source, end), view.holds(e.destination, end))
                for e in self._entries
            )
            self._signatures[end] = found
        return found


def grade(
    rows: tuple[FlowChange, ...], facts: Facts, preferences: Preferences
) -> tuple[Grade, ...]:
    """How grave each row of `opened` is (F-9 to F-17), one grade a row, in their order."""
    return Grader(facts, preferences).grade(rows)


def _outside(row: Row) -> tuple[Endpoint, Direction, AddressSet] | None:
    """The workload, direction and addresses of a row with an outside end."""
    if isinstance(row.source, ExternalEndpoint):
        return row.destination, Direction.INGRESS, row.source.addresses
    if isinstance(row.destination, ExternalEndpoint):
        return row.source, Direction.EGRESS, row.destination.addresses
    return None


def _says(row: Row, kind: Entering) -> str:
    source = row.source
    if kind is Entering.SELECTED and isinstance(source, SelectorEndpoint):
        pods = str(source.pods) or "every label"
        namespaces = str(source.namespaces) or "every namespace"
        return f"pods by selector ({pods} in {namespaces})"
    return PHRASES[kind]


def _gained(kind: Leaving, part: AddressSet, whole: AddressSet) -> str:
    wide = kind in (Leaving.INTERNET, Leaving.PUBLIC)
    return f"{GAINS[kind]} ({blocks_text(whole if wide else part)})"


def _sentence(best: Candidate, leaves: bool) -> str:
    """The sentence of F-16, without its context."""
    ports = ports_text(best.ports)
    line = best.line.name
    if leaves:
        if best.clause:
            return f"a sensitive workload gains {best.what} on {ports}: {best.clause}; {line}"
        return f"a workload gains {best.what} on {ports}; {line}"
    if best.clause:
        return f"{best.what} gains {ports} of a sensitive workload: {best.clause}; {line}"
    return f"{best.what} gains {ports}; {line}"
