"""The ordered tiers, admin and baseline: the first rule that matches decides (S-64, S-65).

Rules are walked once for a whole set of sources, with what is still undecided as a row: each step
takes its part out of it. Nobody is walked alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from reviewer.base.addresses import union
from reviewer.base.ports import ALL_PORTS, PortSet
from reviewer.base.spans import Spans
from reviewer.manifests import Action, Direction

from . import outside, rows
from .bits import ones
from .outside import Sweep
from .places import Places
from .rows import Row
from .rules import Ready, Signature, Step, Tables


class Walk(NamedTuple):
    """What an ordered tier leaves: what it allows, and what goes on to the next tier."""

    allowed: Row
    left: Row


class SweepWalk(NamedTuple):
    """The same for outside addresses."""

    allowed: Sweep
    left: Sweep


class Towards(NamedTuple):
    """An egress step turned round: what it does for these sources where it means a destination."""

    step: Step
    sources: int


class Ordered:
    """One ordered tier of one side, its policies in the order they are asked."""

    def __init__(self, policies: Sequence[Ready], tables: Tables, places: Places) -> None:
        self._policies = tuple(each for each in policies if each.subject)
        self._tables = tables
        self._places = places
        self.subject_of: dict[Direction, dict[int, tuple[int, ...]]] = {}
        for direction in Direction:
            found: dict[int, list[int]] = {}
            for number, policy in enumerate(self._policies):
                if policy.steps[direction]:
                    for column in ones(policy.subject):
                        found.setdefault(column, []).append(number)
            self.subject_of[direction] = {column: tuple(at) for column, at in found.items()}
        self._towards = tuple(
            Towards(step, policy.subject)
            for policy in self._policies
            for step in policy.steps[Direction.EGRESS]
        )
        self._meaning: dict[int, dict[int, list[int]]] = {
            family: self._turned(family) for family in places.families
        }

    def __bool__(self) -> bool:
        return bool(self._policies)

    def _turned(self, family: int) -> dict[int, list[int]]:
        """For each column the egress steps that mean it, in order."""
        found: dict[int, list[int]] = {}
        for number, (step, _) in enumerate(self._towards):
            for column in ones(self._means(step, family)):
                found.setdefault(column, []).append(number)
        return found

    def _means(self, step: Step, family: int) -> int:
        peers = self._tables.peers[step.peers]
        return peers.bits | self._places.within(union(family, peers.blocks).spans, family)

    def towards(self, column: int, family: int) -> tuple[int, ...]:
        """The egress steps that mean this column, by number in order."""
        return tuple(self._meaning[family].get(column, ()))

    def ingress(self, policies: Iterable[int], signature: Signature, everyone: int) -> Walk:
        """What these policies decide over everyone as a source of their subject."""
        return self._walk(
            (
                (step.action, self._tables.peers[step.peers].bits, step.ports)
                for number in policies
                for step in self._policies[number].steps[Direction.INGRESS]
            ),
            signature,
            everyone,
        )

    def egress(self, steps: Iterable[int], signature: Signature, everyone: int) -> Walk:
        """What these steps, all meaning one destination, decide over everyone as its source."""
        return self._walk(
            (
                (step.action, sources, step.ports)
                for step, sources in (self._towards[n] for n in steps)
            ),
            signature,
            everyone,
        )

    def _walk(
        self, steps: Iterable[tuple[Action, int, int]], signature: Signature, everyone: int
    ) -> Walk:
        undecided: Row = {ALL_PORTS: everyone}
        allowed: Row = {}
        passed: Row = {}
        for action, bits, spec in steps:
            ports = self._tables.resolve(spec, signature)
            hit = rows.meet(undecided, {ports: bits}) if ports and bits else {}
            if not hit:
                continue
            rows.remove(undecided, ports, bits)
            if action is not Action.DENY:
                into = allowed if action is Action.ALLOW else passed
                for have, found in hit.items():
                    rows.add(into, have, found)
        return Walk(allowed, rows.union((undecided, passed)))

    def outside(self, policies: Iterable[int], family: int) -> SweepWalk:
        """What these policies decide over outside addresses as destinations (S-55, S-63)."""
        undecided = outside.everywhere(family, ALL_PORTS)
        allowed: list[Sweep] = []
        passed: list[Sweep] = []
        for number in policies:
            for step in self._policies[number].steps[Direction.EGRESS]:
                spans, ports = self._block(step, family)
                hit = outside.restricted(undecided, spans, ports) if spans and ports else ()
                if not hit:
                    continue
                undecided = outside.difference(undecided, hit)
                if step.action is not Action.DENY:
                    (allowed if step.action is Action.ALLOW else passed).append(hit)
        return SweepWalk(outside.merge(allowed), outside.merge((undecided, *passed)))

    def _block(self, step: Step, family: int) -> tuple[Spans, PortSet]:
        blocks = self._tables.peers[step.peers].blocks
        return union(family, blocks).spans, self._tables.resolve(step.ports, frozenset())
