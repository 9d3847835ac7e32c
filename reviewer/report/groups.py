"""Rows folded into groups that a person can read, and their order (P-5, P-6).

Two steps. Rows with equal destination, ports, causes and severity: their sources become one set.
Of the results, those with equal source set, ports, causes and severity whose destinations are in
one namespace: their destinations become one set. So a group is always a full product of its two
sets, and the groups partition the rows. O(rows).

Sources of different nature (outside, ingress controller, pods by selector, workloads) are not
mixed in one set, since a cell holds one name at most (P-13).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from reviewer.base.ports import PortSet
from reviewer.base.spans import size
from reviewer.delta import Cause, FlowChange
from reviewer.engine import (
    Endpoint,
    ExternalEndpoint,
    IngressControllerEndpoint,
    SelectorEndpoint,
    WorkloadEndpoint,
    rank,
)
from reviewer.findings import Grade, Severity

from .words import namespace_of

OUTSIDE = ""
"""Stands for the namespace of ends that are in none; no real one has this name."""


class Nature(IntEnum):
    """What kind of ends a set holds."""

    OUTSIDE = 0
    CONTROLLER = 1
    SELECTOR = 2
    WORKLOAD = 3


_BEYOND = frozenset({Nature.OUTSIDE, Nature.CONTROLLER})


class Reach(IntEnum):
    """From where a row comes, in the order of P-6."""

    OUTSIDE = 0
    OTHER_NAMESPACE = 1
    SAME_NAMESPACE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """All rows from each of `sources` to each of `destinations`, on the same ports, for the same
    reason.

    Both sets are in S-76's order; `rows` are indexes of the rows, ascending.
    """

    sources: tuple[Endpoint, ...]
    destinations: tuple[Endpoint, ...]
    ports: PortSet
    because: tuple[Cause, ...]
    severity: Severity
    rows: tuple[int, ...]

    @property
    def count(self) -> int:
        """How many rows it stands for."""
        return len(self.rows)

    @property
    def reach(self) -> Reach:
        """The farthest place its rows come from; what leads outside is told with these."""
        if nature(self.sources[0]) in _BEYOND or nature(self.destinations[0]) in _BEYOND:
            return Reach.OUTSIDE
        here = {namespace_of(end) for end in self.destinations}
        there = {namespace_of(end) for end in self.sources}
        same = len(here) == 1 and here == there and None not in here
        return Reach.SAME_NAMESPACE if same else Reach.OTHER_NAMESPACE


class _Row(NamedTuple):
    """What the two steps look at; causes and severity as one number each."""

    at: int
    source: Endpoint
    destination: Endpoint
    ports: PortSet
    reason: int


class _Bundle(NamedTuple):
    """The outcome of the first step."""

    sources: frozenset[Endpoint]
    destination: Endpoint
    rows: list[int]


_NATURES: dict[type[Endpoint], Nature] = {
    ExternalEndpoint: Nature.OUTSIDE,
    IngressControllerEndpoint: Nature.CONTROLLER,
    SelectorEndpoint: Nature.SELECTOR,
    WorkloadEndpoint: Nature.WORKLOAD,
}


def nature(end: Endpoint) -> Nature:
    """What kind of end it is; by a table, since it is asked for every row."""
    return _NATURES[type(end)]


def opened_groups(rows: Sequence[FlowChange], grades: Sequence[Grade]) -> tuple[Group, ...]:
    """The groups of `opened`, gravest first."""
    return fold(rows, lambda index: grades[index].severity)


def closed_groups(rows: Sequence[FlowChange]) -> tuple[Group, ...]:
    """The groups of `closed`, whose rows are all `info` (F-2)."""
    return fold(rows, lambda _: Severity.INFO)


def fold(rows: Sequence[FlowChange], severity: Callable[[int], Severity]) -> tuple[Group, ...]:
    """The groups of any rows, in the order of P-6."""
    reasons: dict[tuple[tuple[Cause, ...], Severity], int] = {}
    # NOTE: rows share their tuples of causes; hashing each only once is what keeps this linear.
    known: dict[tuple[int, Severity], int] = {}
    flat: list[_Row] = []
    for index, row in enumerate(rows):
        key = (id(row.because), severity(index))
        reason = known.get(key)
        if reason is None:
            reason = reasons.setdefault((row.because, key[1]), len(reasons))
            known[key] = reason
        flat.append(_Row(index, row.source, row.destination, row.ports, reason))
    listed = list(reasons)
    groups = [
        _group(bundles, ports, *listed[reason])
        for (_, ports, reason, _), bundles in _by_sources(_by_destination(flat)).items()
    ]
    return tuple(sorted(groups, key=order))


_First = dict[tuple[Endpoint, PortSet, int, Nature], tuple[list[Endpoint], list[int]]]
_Second = dict[tuple[frozenset[Endpoint], PortSet, int, str], list[_Bundle]]


def _by_destination(rows: Iterable[_Row]) -> _First:
    found: _First = {}
    for row in rows:
        key = (row.destination, row.ports, row.reason, nature(row.source))
        sources, indexes = found.setdefault(key, ([], []))
        sources.append(row.source)
        indexes.append(row.at)
    return found


def _by_sources(bundles: _First) -> _Second:
    found: _Second = {}
    for (destination, ports, reason, _), (ends, indexes) in bundles.items():
        sources = frozenset(ends)
        key = (sources, ports, reason, _namespace_key(destination))
        found.setdefault(key, []).append(_Bundle(sources, destination, indexes))
    return found


def _namespace_key(end: Endpoint) -> str:
    """One text for each set of destinations that may become one."""
    if nature(end) is Nature.WORKLOAD:
        return namespace_of(end) or OUTSIDE
    return OUTSIDE if nature(end) is Nature.OUTSIDE else f"\0{end}"


def _group(
    bundles: list[_Bundle], ports: PortSet, because: tuple[Cause, ...], severity: Severity
) -> Group:
    return Group(
        sources=tuple(sorted(bundles[0].sources, key=rank)),
        destinations=tuple(sorted((each.destination for each in bundles), key=rank)),
        ports=ports,
        because=because,
        severity=severity,
        rows=tuple(sorted(index for each in bundles for index in each.rows)),
    )


def order(group: Group) -> tuple[object, ...]:
    """Sort key of P-6: severity; from outside, other namespace, same namespace; wider ports; more
    rows; then S-76."""
    return (
        group.severity,
        group.reach,
        -size(tuple(group.ports)),
        -group.count,
        rank(group.sources[0]),
        rank(group.destinations[0]),
        tuple(group.ports),
        group.because,
    )
