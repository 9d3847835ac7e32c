"""What the waivers of the base side accept (F-60 to F-63)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from reviewer.base import spans
from reviewer.delta import Delta, FlowChange
from reviewer.engine import (
    Endpoint,
    ExternalEndpoint,
    Flow,
    IngressControllerEndpoint,
    SelectorEndpoint,
    WorkloadEndpoint,
)
from reviewer.findings import Finding, Severity, finding

from .types import Case, Waived, WaivedFlow, Waiver


class Accepted(NamedTuple):
    """What entries accept, by index of `delta.opened` and by finding id."""

    rows: dict[int, Waived]
    findings: dict[str, Waived]


def apply(case: Case) -> tuple[Accepted, tuple[Finding, ...]]:
    """What the valid entries accept, and the findings that entries give rise to.

    O(waivers × rows) only in rows with an end that a waiver names.
    """
    accepted = Accepted({}, {})
    notes: list[Finding] = []
    for waiver in case.waivers:
        rows, found = _matching(waiver, case)
        if case.today > waiver.expires:
            if rows or found:
                notes.append(_note("waiver-expired", Severity.LOW, waiver))
            continue
        for index in rows:
            accepted.rows.setdefault(index, waiver.acceptance)
        for name in found:
            accepted.findings.setdefault(name, waiver.acceptance)
        if case.delta is None and not found:
            notes.append(_note("waiver-unused", Severity.INFO, waiver))
    _complete(case.findings, accepted)
    return accepted, tuple(notes)


def _matching(waiver: Waiver, case: Case) -> tuple[list[int], list[str]]:
    """The rows and the findings that an entry is about, whatever the day."""
    if waiver.flow is None:
        found = [each for each in case.findings if each.id == waiver.finding]
        rows = sorted({row for each in found for row in each.rows})
        return rows, [each.id for each in found]
    rows = list(_rows(waiver.flow, case.delta))
    return rows, list(_standing(waiver.flow, case.findings))


def _rows(entry: WaivedFlow, delta: Delta | None) -> Iterator[int]:
    """The opened rows that a flow entry is about (F-61)."""
    for index, row in enumerate(delta.opened if delta else ()):
        if accepts(entry, row):
            yield index


def _standing(entry: WaivedFlow, findings: Iterable[Finding]) -> Iterator[str]:
    """In `audit`: the findings of which it accepts every flow."""
    for each in findings:
        if each.standing and all(accepts(entry, flow) for flow in each.standing):
            yield each.id


def accepts(entry: WaivedFlow, row: FlowChange | Flow) -> bool:
    """Whether a flow's ends are the entry's and its ports are inside the entry's (F-61)."""
    return (
        _within(row.source, entry.source)
        and _within(row.destination, entry.destination)
        and entry.ports.covers(row.ports)
    )


def _within(end: Endpoint, asked: Endpoint | tuple[ExternalEndpoint, ...]) -> bool:
    """A workload is equal; addresses are all inside one set of that family."""
    if not isinstance(end, ExternalEndpoint):
        return end == asked
    # NOTE: an end of our own is a tuple too, so its first item tells the two apart.
    return any(
        isinstance(each, ExternalEndpoint)
        and each.addresses.family == end.addresses.family
        and spans.covers(each.addresses.spans, end.addresses.spans)
        for each in asked
    )


def _complete(findings: Iterable[Finding], accepted: Accepted) -> None:
    """A reach finding whose rows are all accepted is accepted (F-61)."""
    for each in findings:
        if each.id in accepted.findings or not each.rows:
            continue
        if all(row in accepted.rows for row in each.rows):
            accepted.findings[each.id] = accepted.rows[each.rows[0]]


def _note(rule: str, severity: Severity, waiver: Waiver) -> Finding:
    what = _written(waiver.flow) if waiver.flow else str(waiver.finding)
    arguments: Mapping[str, object] = {
        "owner": waiver.owner,
        "expires": waiver.expires,
        "what": what,
    }
    key = [waiver.owner, waiver.reason, waiver.expires, what]
    return finding(rule, severity, key, arguments, origin=waiver.origin)


def _written(flow: WaivedFlow) -> str:
    """A flow entry in one line."""
    ports = ", ".join(f"{p} {a}" if a == b else f"{p} {a}-{b}" for p, a, b in flow.ports.ranges())
    return f"{_end(flow.source)} to {_end(flow.destination)} on {ports}"


def _end(end: Endpoint | tuple[ExternalEndpoint, ...]) -> str:
    match end:
        case WorkloadEndpoint(id=name):
            return name
        case SelectorEndpoint(namespaces=namespaces, pods=pods):
            return f"pods {pods or '(any)'} in namespaces {namespaces or '(any)'}"
        case IngressControllerEndpoint():
            return "the ingress controller"
        case _:
            outside = (each for each in end if isinstance(each, ExternalEndpoint))
            return ", ".join(cidr for each in outside for cidr in each.addresses.cidrs())
