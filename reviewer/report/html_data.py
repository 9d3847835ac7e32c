"""What the page knows: ends, ports and causes written once, rows as numbers (P-36, P-37)."""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from reviewer.base.documents import Origin
from reviewer.base.ports import PortSet
from reviewer.delta import Cause, Change, FlowChange, Side
from reviewer.engine import Endpoint, Flow, WorkloadEndpoint
from reviewer.findings import Severity

from .digest import Digest, outage_rows
from .edges import space_of, unchanged_flows
from .fields import before_and_after
from .links import Links
from .markup import EMPTY, safe
from .phrases import PLAIN, who
from .types import FlowMap, Review
from .words import CONTROLLER, INTERNET, Names, counted, port_text

UNCHANGED_ROWS = 50_000
"""Over so many rows the unchanged ones are left out."""
CHANGED_ROWS = 200_000
"""Over so many changed rows the rest of them too."""
_OUTSIDE = (INTERNET, CONTROLLER, "other pods")
"""What is no namespace stands before the namespaces."""


@dataclass(slots=True)
class Table:
    """Values written once; each is known by its number. Lives as long as one page is made."""

    numbers: dict[Hashable, int] = field(default_factory=dict)
    values: list[Any] = field(default_factory=list)

    def number(self, key: Hashable, value: Any) -> int:
        """The number of a value, new or known."""
        at = self.numbers.get(key)
        if at is None:
            at = self.numbers[key] = len(self.values)
            self.values.append(value)
        return at


@dataclass(slots=True)
class Writer:
    """Turns rows into numbers."""

    names: Names
    ends: Table = field(default_factory=Table)
    ports: Table = field(default_factory=Table)
    whys: Table = field(default_factory=Table)
    sets: Table = field(default_factory=Table)
    causes: Table = field(default_factory=Table)

    def end(self, end: Endpoint) -> int:
        """An end: its name, its namespace's name, and whether `explain` takes it."""
        at = self.ends.numbers.get(end)
        if at is not None:
            return at
        explained = int(isinstance(end, WorkloadEndpoint))
        value = [who([end], self.names, PLAIN), safe(space_of(end)) or EMPTY, explained]
        return self.ends.number(end, value)

    def port(self, ports: PortSet) -> int:
        """A port set, in words."""
        at = self.ports.numbers.get(ports)
        return self.ports.number(ports, port_text(ports)) if at is None else at

    def flow(self, row: Flow) -> list[int]:
        """An unchanged row, or one of a map."""
        return [self.end(row.source), self.end(row.destination), self.port(row.ports)]

    def change(self, row: FlowChange, severity: int, why: str) -> list[int]:
        """A changed row."""
        reason = self.whys.number(why, safe(why)) if why else -1
        numbers = [self.causes.number(each, each) for each in row.because]
        causes = self.sets.number(tuple(numbers), numbers)
        ends = [self.end(row.source), self.end(row.destination)]
        return [*ends, self.port(row.ports), severity, reason, causes]


def review_data(told: Digest, links: Links | None) -> dict[str, Any]:
    """Everything the page of a review knows."""
    review, writer = told.review, Writer(Names(_ids(told.review)))
    delta = review.delta
    opened, closed = _bounded(delta.opened, delta.closed)
    grades = review.grades
    data: dict[str, Any] = {
        "changes": True,
        "opened": [
            writer.change(row, int(grade.severity), grade.why)
            for row, grade in zip(opened, grades, strict=False)
        ],
        "closed": [writer.change(row, int(Severity.INFO), "") for row in closed],
        "outages": [_shown(outage_rows(told, each), len(closed)) for each in told.outages],
        "counts": _counts(review),
    }
    room = UNCHANGED_ROWS - len(opened) - len(closed)
    kept = delta.unchanged is not None and delta.unchanged <= room
    data["same"] = [writer.flow(row) for row in unchanged_flows(review)] if kept else []
    left = len(delta.opened) + len(delta.closed) - len(opened) - len(closed)
    data["left_out"] = _left_out(left, 0 if kept else delta.unchanged or 0)
    data["causes"] = [_cause(told, links, each) for each in writer.causes.values]
    return {**data, **_tables(writer), "target": _target(review.head.commit or review.head.name)}


def flow_data(result: FlowMap) -> dict[str, Any]:
    """Everything the page of a map knows."""
    snapshot = result.snapshot
    writer = Writer(Names(each.id for each in snapshot.cluster.workloads))
    rows = [writer.flow(row) for row in islice(snapshot.reachability.flows(), CHANGED_ROWS)]
    total = snapshot.reachability.count()
    data: dict[str, Any] = {
        "changes": False,
        "opened": [],
        "closed": [],
        "same": rows,
        "outages": [],
        "counts": {"same": total},
        "left_out": _left_out(0, total - len(rows)),
        "causes": [],
    }
    return {**data, **_tables(writer), "target": _target(snapshot.commit or snapshot.name)}


def embedded(data: Mapping[str, Any]) -> str:
    """The data as JSON that can stand inside a script element."""
    text = json.dumps(data, separators=(",", ":"))  # ASCII, so U+2028 and U+2029 are escaped
    for mark in "&<>":
        text = text.replace(mark, f"\\u{ord(mark):04x}")
    return text


def _tables(writer: Writer) -> dict[str, Any]:
    """The tables; a namespace of an end is a number into `spaces`, real ones first."""
    spaces = sorted(
        {each[1] for each in writer.ends.values}, key=lambda space: (space not in _OUTSIDE, space)
    )
    number = {space: at for at, space in enumerate(spaces)}
    return {
        "ends": [[name, number[space], known] for name, space, known in writer.ends.values],
        "spaces": spaces,
        "opens": [int(space not in _OUTSIDE) for space in spaces],
        "ports": writer.ports.values,
        "whys": writer.whys.values,
        "sets": writer.sets.values,
        "severities": [each.word for each in Severity],
    }


def _bounded(
    opened: tuple[FlowChange, ...], closed: tuple[FlowChange, ...]
) -> tuple[tuple[FlowChange, ...], tuple[FlowChange, ...]]:
    shown = opened[:CHANGED_ROWS]
    return shown, closed[: CHANGED_ROWS - len(shown)]


def _shown(rows: Iterable[int], total: int) -> list[int]:
    return [row for row in rows if row < total]


def _counts(review: Review) -> dict[str, int | None]:
    delta = review.delta
    return {"opened": len(delta.opened), "closed": len(delta.closed), "same": delta.unchanged}


def _left_out(changed: int, unchanged: int) -> str:
    said = [counted(changed, "changed flow")] if changed else []
    said += [counted(unchanged, "unchanged flow")] if unchanged else []
    return f"Left out of this page: {' and '.join(said)}." if said else ""


def _target(name: str) -> str:
    """A revision or folder for a command line, quoted for a shell."""
    plain = safe(name)
    if plain and all(c.isalnum() or c in "/._-" for c in plain):
        return plain
    return "'" + plain.replace("'", "'\\''") + "'"


def _cause(told: Digest, links: Links | None, cause: Cause) -> dict[str, Any]:
    change = told.changes.get((cause.kind, cause.object)) if cause.policy else None
    fields = change.fields if change and cause.change is Change.MODIFIED else ()
    mine = [each for each in fields if not cause.rule or cause.rule in each.path] or list(fields)
    return {
        "object": safe(cause.object),
        "kind": cause.kind,
        "rule": cause.rule or "",
        "change": str(cause.change),
        "file": safe(cause.origin.file),
        "line": cause.origin.line,
        "url": _url(links, cause.origin, cause.side),
        "fields": [[safe(each.path), *before_and_after(each, PLAIN, "{}")] for each in mine],
    }


def _url(links: Links | None, origin: Origin, side: Side) -> str | None:
    return links.place(origin, side) if links else None


def _ids(review: Review) -> Iterator[str]:
    for snapshot in (review.base, review.head):
        yield from (each.id for each in snapshot.cluster.workloads)
    for row in (*review.delta.opened, *review.delta.closed):
        yield from (end.id for end in row[:2] if isinstance(end, WorkloadEndpoint))
