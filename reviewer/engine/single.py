"""Questions about a single rule or a single column of one side, for explaining and judging."""

from __future__ import annotations

from reviewer.base.addresses import union
from reviewer.base.ports import ALL_PORTS
from reviewer.manifests import Action, Rule

from . import outside, rows
from .applying import Entries
from .bits import ones
from .outside import Sweep
from .rows import Row
from .tiers import IN, OUT, Side


def rule_row(side: Side, rule: Rule, column: int, subject: int) -> Row:
    """What one rule says of flows to a column, whatever it does with them: in ingress of the
    column's sources, in egress of the subject towards the column."""
    peers = side.tables.peers[side.compiler.peers(rule.peers, rule.action is Action.ALLOW)]
    spec = side.tables.ports_id(rule.ports)
    signature = side.tables.signature(side.universe.ports_of(column))
    row: Row = {}
    ports = side.tables.resolve(spec, signature)
    if not ports:
        return row
    place = side.places.of[column]
    for family in side.families:
        spans = union(family, peers.blocks).spans
        if rule.direction is IN:
            bits = peers.bits | side.places.touched(spans, family)
        else:
            means = peers.bits >> column & 1 or side.places.touches(spans, place, family)
            bits = subject if means else 0
        rows.add(row, ports, bits)
    return row


def rule_sweep(side: Side, rule: Rule, column: int | None, family: int) -> Sweep:
    """What one rule says of outside addresses; names resolve on the column, if there is one."""
    peers = side.tables.peers[side.compiler.peers(rule.peers, rule.action is Action.ALLOW)]
    known = () if column is None else side.universe.ports_of(column)
    ports = side.tables.resolve(side.tables.ports_id(rule.ports), side.tables.signature(known))
    if peers.everyone:
        return outside.everywhere(family, ports)
    return outside.sweep_of([(union(family, peers.blocks).spans, ports)])


def open_towards(side: Side, column: int, others: int) -> bool:
    """Whether the egress of a column alone lets it reach all of these on all ports (F-14), asked
    where every outside address is open to it already.

    O(rules) where a rule for all ports settles it; only rules that complete each other are asked
    destination by destination.
    """
    if not side.admin.subject_of[OUT].get(column):
        entries = side.entries(column, OUT)
        if entries is None and not side.base.subject_of[OUT].get(column):
            return True
        if entries is not None and not others & ~_wholly_open(side, entries):
            return True
    return all(
        side.egress(side.destination(other), at).get(ALL_PORTS, 0) >> column & 1
        for other in ones(others)
        for at in range(len(side.families))
    )


def _wholly_open(side: Side, entries: Entries) -> int:
    """The columns that one of these rules means on all ports."""
    found = 0
    for number, spec in entries:
        if side.tables.ports[spec].numbers == ALL_PORTS:
            found |= side.tables.peers[number].bits
    return found
