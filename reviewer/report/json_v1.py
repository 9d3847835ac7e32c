"""The machine contract of output-contract.md: diff/v1, flows/v1, explain/v1 and audit/v1.

Rows are printed as they come, one a line, so that a million of them cost no memory. The ends,
ports, causes and grades of rows repeat; each distinct one is written once and then reused, which
makes a row a few lookups and one formatted string.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Protocol

from reviewer.base.diagnostics import Diagnostic
from reviewer.base.ports import PortSet
from reviewer.base.values import replace
from reviewer.delta import Cause, FlowChange
from reviewer.engine import Endpoint, Flow
from reviewer.findings import Finding, Grade
from reviewer.verdict import Acceptance

from .json_values import (
    acceptance_value,
    cause_value,
    coverage_value,
    diagnostic_value,
    encode,
    endpoint_value,
    exposed_value,
    finding_value,
    namespace_value,
    path_value,
    policy_value,
    ports_value,
    radius_value,
    risky_value,
    sensitive_value,
    side_value,
    target_value,
    workload_value,
)
from .types import Audit, Explained, FlowMap, Result, Review

BATCH = 2048
"""Pieces handed to the stream at once."""

Piece = Iterator[str]


class Writable(Protocol):
    """What `write` prints to."""

    def write(self, text: str, /) -> object:
        """Take this text."""


def render(result: Result) -> str:
    """The whole document as one text, ending with a newline."""
    return "".join(_pieces(result))


def write(result: Result, stream: Writable) -> None:
    """Print the document; memory does not grow with the number of rows."""
    pieces = _pieces(result)
    while batch := list(islice(pieces, BATCH)):
        stream.write("".join(batch))


def _pieces(result: Result) -> Piece:
    match result:
        case Review():
            return _review(result)
        case FlowMap():
            return _flow_map(result)
        case Audit():
            return _audit(result)
        case Explained():
            return _explained(result)


def _members(pairs: Iterable[tuple[str, Piece]]) -> Piece:
    """An object of lazily written members, one a line."""
    opening = "{"
    for name, value in pairs:
        yield f"{opening}{encode(name)}:"
        yield from value
        opening = ",\n"
    yield "}\n"


def _rows(rows: Iterable[str]) -> Piece:
    """A list, one row a line; an empty one is `[]`."""
    opening = "[\n"
    for row in rows:
        yield opening + row
        opening = ",\n"
    yield "[]" if opening == "[\n" else "\n]"


def _value(value: Any) -> Piece:
    yield encode(value)


class _Fragments:
    """Texts of what repeats in rows. Lives as long as one document is printed."""

    def __init__(self) -> None:
        self.ends: dict[Endpoint, str] = {}
        self.ports: dict[PortSet, str] = {}
        self.causes: dict[int, str] = {}
        self.grades: dict[Grade, str] = {}

    def flow(self, row: Flow) -> str:
        """One row of flows/v1."""
        source, destination, ports = row
        start = self.ends.get(source) or self.end(source)
        stop = self.ends.get(destination) or self.end(destination)
        range_ = self.ports.get(ports) or self.range(ports)
        return f'{{"source":{start},"destination":{stop},"ports":{range_}}}'

    def change(self, row: FlowChange, grade: str, accepted: str) -> str:
        """One row of `opened` or `closed`; `grade` is its three members as text."""
        source, destination, ports, because, workloads = row
        start = self.ends.get(source) or self.end(source)
        stop = self.ends.get(destination) or self.end(destination)
        range_ = self.ports.get(ports) or self.range(ports)
        # NOTE: by identity, since equal tuples of causes are shared and hashing them is dear.
        causes = self.causes.get(id(because)) or self.because(because)
        moved = f',"workload_change":"{workloads}"' if workloads else ""
        return (
            f'{{"source":{start},"destination":{stop},"ports":{range_},"because":{causes},'
            f"{grade}{moved}{accepted}}}"
        )

    def end(self, end: Endpoint) -> str:
        """Writes an end down and remembers it."""
        text = self.ends[end] = encode(endpoint_value(end))
        return text

    def range(self, ports: PortSet) -> str:
        """Writes a port set down and remembers it."""
        text = self.ports[ports] = encode(ports_value(ports))
        return text

    def because(self, causes: tuple[Cause, ...]) -> str:
        """Writes causes down and remembers them for as long as the review holds the tuple."""
        text = self.causes[id(causes)] = encode([cause_value(each) for each in causes])
        return text

    def grade(self, grade: Grade) -> str:
        """The members `severity`, `severity_rule` and `why`."""
        text = self.grades.get(grade)
        if text is None:
            text = (
                f'"severity":"{grade.severity.word}","severity_rule":{encode(grade.rule)},'
                f'"why":{encode(grade.why)}'
            )
            self.grades[grade] = text
        return text


_NO_GRADE = '"severity":"info","severity_rule":null,"why":null'


def _review(review: Review) -> Piece:
    delta, fragments = review.delta, _Fragments()
    summary = {
        "opened": len(delta.opened),
        "closed": len(delta.closed),
        "unchanged": delta.unchanged,
    }
    changed = delta.workloads
    workloads = {
        "added": changed.added,
        "removed": changed.removed,
        "relabelled": changed.relabelled,
    }
    ruling = review.verdict
    return _members(
        (
            ("schema", _value("netpol-reviewer/diff/v1")),
            ("base", _value(target_value(review.base))),
            ("head", _value(target_value(review.head))),
            ("summary", _value(summary)),
            ("opened", _rows(_opened(review, fragments))),
            ("closed", _rows(fragments.change(row, _NO_GRADE, "") for row in delta.closed)),
            ("workloads", _value(workloads)),
            ("policies", _rows(encode(policy_value(each)) for each in delta.policies)),
            ("paths", _rows(encode(path_value(each)) for each in review.paths)),
            ("findings", _rows(_findings(review.findings, ruling.accepted_findings))),
            ("verdict", _value({"conclusion": ruling.conclusion, "reasons": ruling.reasons})),
            ("diagnostics", _diagnostics(review.diagnostics, sided=True)),
        )
    )


def _flow_map(result: FlowMap) -> Piece:
    snapshot, fragments = result.snapshot, _Fragments()
    workloads = sorted(snapshot.cluster.workloads, key=lambda each: each.id)
    flows = snapshot.reachability.flows()
    return _members(
        (
            ("schema", _value("netpol-reviewer/flows/v1")),
            (
                "workloads",
                _rows(encode(workload_value(w, snapshot.reachability)) for w in workloads),
            ),
            ("flows", _rows(map(fragments.flow, flows))),
            ("diagnostics", _diagnostics(snapshot.diagnostics, sided=False)),
        )
    )


def _audit(audit: Audit) -> Piece:
    figures, ruling = audit.figures, audit.verdict
    findings = (replace(each, flows=(), closed_flow=None) for each in audit.findings)
    return _members(
        (
            ("schema", _value("netpol-reviewer/audit/v1")),
            ("target", _value(target_value(audit.snapshot))),
            ("coverage", _value(coverage_value(figures.coverage))),
            ("namespaces", _rows(encode(namespace_value(each)) for each in figures.namespaces)),
            ("exposed", _rows(encode(exposed_value(each)) for each in figures.exposed)),
            ("sensitive", _rows(encode(sensitive_value(each)) for each in figures.sensitive)),
            ("blast_radius", _value(radius_value(figures.blast_radius))),
            ("risky_rules", _rows(encode(risky_value(each)) for each in figures.risky_rules)),
            ("findings", _rows(_findings(findings, ruling.accepted_findings))),
            ("verdict", _value({"conclusion": ruling.conclusion, "reasons": ruling.reasons})),
            ("diagnostics", _diagnostics(audit.snapshot.diagnostics, sided=False)),
        )
    )


def _explained(result: Explained) -> Piece:
    answer = result.explanation
    return _members(
        (
            ("schema", _value("netpol-reviewer/explain/v1")),
            ("target", _value(target_value(result.snapshot))),
            ("from", _value(endpoint_value(answer.source))),
            ("to", _value(endpoint_value(answer.destination))),
            ("asked", _value(ports_value(answer.asked))),
            ("allowed", _value(ports_value(answer.allowed) or None)),
            ("denied", _value(ports_value(answer.denied) or None)),
            ("egress", _value(side_value(answer.egress))),
            ("ingress", _value(side_value(answer.ingress))),
            ("diagnostics", _diagnostics(result.snapshot.diagnostics, sided=False)),
        )
    )


def _opened(review: Review, fragments: _Fragments) -> Iterator[str]:
    accepted = review.verdict.accepted_rows
    rows = zip(review.delta.opened, review.grades, strict=True)
    for index, (row, grade) in enumerate(rows):
        waived = accepted.get(index) if accepted else None
        by = f',"accepted":{encode(acceptance_value(waived))}' if waived else ""
        yield fragments.change(row, fragments.grade(grade), by)


def _diagnostics(items: Iterable[Diagnostic], *, sided: bool) -> Piece:
    return _rows(encode(diagnostic_value(each, sided=sided)) for each in items)


def _findings(findings: Iterable[Finding], accepted: Mapping[str, Acceptance]) -> Iterator[str]:
    for each in findings:
        value = finding_value(each)
        if each.id in accepted:
            value["accepted"] = acceptance_value(accepted[each.id])
        yield encode(value)
