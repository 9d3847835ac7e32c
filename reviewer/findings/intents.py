"""Which intents a side violates, pair by pair (F-22).

A forbidden flow is a violation on the ports it has, a required one on the ports it lacks. Pairs of
workloads are found by bits; only violations are spelled out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from reviewer.base import addresses as sets
from reviewer.base.addresses import AddressSet
from reviewer.base.ports import ALL_PORTS, NO_PORTS, PortSet
from reviewer.engine import (
    INGRESS_CONTROLLER,
    Endpoint,
    ExternalEndpoint,
    WorkloadEndpoint,
)
from reviewer.manifests import Direction

from .preferences import CidrsEnd, Ends, Intent, Place
from .view import View


class Violation(NamedTuple):
    """One pair of ends and the ports on which an intent is violated."""

    source: Endpoint
    destination: Endpoint
    ports: PortSet


def violations(view: View, intent: Intent, subjects: frozenset[Endpoint]) -> Iterator[Violation]:
    """Every violation of one side, in no order."""
    if intent.forbid:
        yield from _forbidden(view, intent, subjects)
    else:
        yield from _missing(view, intent)


def matches(view: View, ends: Ends, subjects: frozenset[Endpoint]) -> bool:
    """Whether an end of an intent stands for anything on this side (F-24)."""
    for end in ends:
        if isinstance(end, CidrsEnd) or (isinstance(end, Place) and end is not Place.WORKLOADS):
            return True
        if view.members((end,)) or any(view.holds((end,), subject) for subject in subjects):
            return True
    return False


def _forbidden(view: View, intent: Intent, subjects: frozenset[Endpoint]) -> Iterator[Violation]:
    asked = intent.ports or ALL_PORTS
    starts, stops = view.members(intent.source), view.members(intent.destination)
    bits = view.bits(starts)
    for name in stops:
        stop = WorkloadEndpoint(name)
        for ports, names in view.entering(name, bits):
            for start in names if ports.meets(asked) else ():
                yield Violation(WorkloadEndpoint(start), stop, ports & asked)
        yield from _outside(view, name, Direction.INGRESS, intent)
        if view.holds(intent.source, INGRESS_CONTROLLER):
            yield from _allowed(view, INGRESS_CONTROLLER, stop, asked)
    for name in starts:
        yield from _outside(view, name, Direction.EGRESS, intent)
    yield from _of_subjects(view, intent, subjects, (starts, stops))


def _allowed(
    view: View, source: Endpoint, destination: Endpoint, asked: PortSet
) -> Iterator[Violation]:
    ports = view.ports(source, destination) & asked
    if ports:
        yield Violation(source, destination, ports)


def _outside(view: View, name: str, direction: Direction, intent: Intent) -> Iterator[Violation]:
    """The outside rows of a workload that the other end of the intent holds."""
    asked = intent.ports or ALL_PORTS
    enters = direction is Direction.INGRESS
    ends = intent.source if enters else intent.destination
    holds = view.holds_source if enters else view.holds
    if not any(isinstance(each, Place | CidrsEnd) for each in ends):
        return
    here = WorkloadEndpoint(name)
    for addresses, ports in view.reachability.outside(name, direction):
        there = ExternalEndpoint(addresses)
        if ports.meets(asked) and holds(ends, there):
            pair: tuple[Endpoint, Endpoint] = (there, here) if enters else (here, there)
            yield Violation(pair[0], pair[1], ports & asked)


def _of_subjects(
    view: View,
    intent: Intent,
    subjects: frozenset[Endpoint],
    members: tuple[tuple[str, ...], tuple[str, ...]],
) -> Iterator[Violation]:
    """Flows of pods that are not in the manifests (S-88)."""
    asked = intent.ports or ALL_PORTS
    starts = [e for e in subjects if view.holds(intent.source, e)]
    stops = [e for e in subjects if view.holds(intent.destination, e)]
    for stop in stops:
        for start in (*starts, *(WorkloadEndpoint(name) for name in members[0])):
            yield from _allowed(view, start, stop, asked)
    for start in starts:
        for name in members[1]:
            yield from _allowed(view, start, WorkloadEndpoint(name), asked)


def _missing(view: View, intent: Intent) -> Iterator[Violation]:
    asked = intent.ports or ALL_PORTS
    starts, stops = view.members(intent.source), view.members(intent.destination)
    bits = view.bits(starts)
    for name in stops:
        left = bits & ~view.bits((name,))
        for ports, names in view.entering(name, bits):
            left &= ~view.bits(names)
            lacking = asked - ports
            for start in names if lacking else ():
                yield Violation(WorkloadEndpoint(start), WorkloadEndpoint(name), lacking)
        for start in view.names(left):
            yield Violation(WorkloadEndpoint(start), WorkloadEndpoint(name), asked)
    for source, destination in _other_pairs(intent, (starts, stops)):
        lacking = asked - view.ports(source, destination)
        if lacking:
            yield Violation(source, destination, lacking)


def _other_pairs(
    intent: Intent, members: tuple[tuple[str, ...], tuple[str, ...]]
) -> Iterator[tuple[Endpoint, Endpoint]]:
    """The pairs of a `require` with an outside end or the ingress controller."""
    for name in members[1]:
        if Place.CONTROLLER in intent.source:
            yield INGRESS_CONTROLLER, WorkloadEndpoint(name)
        for block in _blocks(intent.source):
            yield ExternalEndpoint(block), WorkloadEndpoint(name)
    for name in members[0]:
        for block in _blocks(intent.destination):
            yield WorkloadEndpoint(name), ExternalEndpoint(block)


def _blocks(ends: Ends) -> Iterator[AddressSet]:
    for end in ends:
        if isinstance(end, CidrsEnd):
            for family in {block.family for block in end.blocks}:
                yield sets.union(family, end.blocks)


class Before:
    """What base violated already, to take away from what head violates (F-23)."""

    def __init__(self, found: Iterator[Violation]) -> None:
        self._pairs: dict[tuple[Endpoint, Endpoint], PortSet] = {}
        self._outside: dict[tuple[Endpoint, bool, int], list[tuple[AddressSet, PortSet]]] = {}
        for source, destination, ports in found:
            if isinstance(source, ExternalEndpoint):
                key = (destination, True, source.addresses.family)
                self._outside.setdefault(key, []).append((source.addresses, ports))
            elif isinstance(destination, ExternalEndpoint):
                key = (source, False, destination.addresses.family)
                self._outside.setdefault(key, []).append((destination.addresses, ports))
            else:
                self._pairs[source, destination] = ports

    def new(self, found: Violation, old: tuple[Endpoint, Endpoint]) -> Iterator[Violation]:
        """What of a violation is new; `old` is the pair as base calls it."""
        source, destination, ports = found
        if isinstance(source, ExternalEndpoint):
            known = self._outside.get((old[1], True, source.addresses.family), [])
            for part, rest in _less(source.addresses, ports, known):
                yield Violation(ExternalEndpoint(part), destination, rest)
        elif isinstance(destination, ExternalEndpoint):
            known = self._outside.get((old[0], False, destination.addresses.family), [])
            for part, rest in _less(destination.addresses, ports, known):
                yield Violation(source, ExternalEndpoint(part), rest)
        else:
            rest = ports - self._pairs.get(old, NO_PORTS)
            if rest:
                yield Violation(source, destination, rest)


def _less(
    addresses: AddressSet, ports: PortSet, known: list[tuple[AddressSet, PortSet]]
) -> Iterator[tuple[AddressSet, PortSet]]:
    """The addresses and ports that no known row has."""
    left = addresses
    for other, held in known:
        common = left.intersection(other)
        rest = ports - held
        if common.spans:
            left = left.difference(common)
            if rest:
                yield common, rest
    if left.spans:
        yield left, ports
