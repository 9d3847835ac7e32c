"""Edits between two sets of manifests, taken back one by one: what is behind a row by trying.

An edit is one object that both sides do not have alike (S-8), a workload with all objects that
stand behind it. A *hybrid* is the head, or for closed rows the base, in which some edits are
taken back; whether a row is still there is asked of the engine, address by address and port by
port. What is behind an atom of a row is found by trying every set of edits.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations, pairwise
from typing import Any

from reviewer import cluster, manifests
from reviewer.base.documents import ObjectRef, Origin
from reviewer.base.ports import PortSet
from reviewer.base.values import replace
from reviewer.cluster import Cluster
from reviewer.delta import FlowChange
from reviewer.engine import ExternalEndpoint, Reachability, SelectorEndpoint
from reviewer.engine.classes import Universe
from reviewer.engine.exposure import Candidates, subjects
from reviewer.engine.outside import at_address
from reviewer.engine.places import Places
from reviewer.engine.rules import Compiler, Tables
from reviewer.engine.selection import Selection
from reviewer.engine.tiers import Side
from reviewer.manifests import (
    Direction,
    EntryObject,
    Manifests,
    Memo,
    Object,
    PodSelector,
    Policy,
    WorkloadObject,
)
from tests.kit import Files, material

Key = tuple[str, str]
"""How a cause names an edit: kind and path of its object."""
Back = frozenset[Key]
"""A set of edits that is taken back."""
GROUPS = tuple(name for name in Manifests._fields if name != "diagnostics")


class Unclear(Exception):
    """Edits that are not one object each: a pair of clusters to leave out."""


def read(files: Files) -> Manifests:
    """The objects of files in memory."""
    return manifests.read(material(files).documents(frozenset()), Memo())


def said(item: Object) -> object:
    """What an object says, without its place."""
    match item:
        case Policy():
            return item.spec, item.tier, item.priority
        case EntryObject():
            return [each._replace(line=0) for each in item.backends]
        case _:
            return replace(item, origin=Origin("", 1))


class Between:
    """The edits between base and head, and hybrids of the two."""

    def __init__(self, base: Files, head: Files) -> None:
        self.sides = (read(base), read(head))
        self.clusters = tuple(cluster.assemble(each) for each in self.sides)
        self._objects = tuple({o.ref: o for o in side.objects()} for side in self.sides)
        self.edits = self._edits()

    def _edits(self) -> dict[Key, frozenset[ObjectRef]]:
        before, after = self._objects
        differing = {
            ref
            for ref in before.keys() | after.keys()
            if ref not in before or ref not in after or said(before[ref]) != said(after[ref])
        }
        found: dict[Key, frozenset[ObjectRef]] = {}
        for side in self.clusters:
            for workload in side.workloads:
                refs = differing & set(workload.objects)
                key = (workload.kind, f"{workload.namespace}/{workload.name}")
                if refs:
                    found[key] = found.get(key, frozenset()) | refs
        homes = [
            {ref: each.id for each in side.workloads for ref in each.objects}
            for side in self.clusters
        ]
        if any(homes[1].get(ref, home) != home for ref, home in homes[0].items()):
            raise Unclear  # one object gave the pods of another one a new owner
        for one, other in combinations(found, 2):
            if found[one] & found[other]:
                raise Unclear
        taken = frozenset[ObjectRef]().union(*found.values())
        for ref in differing - taken:
            if isinstance(before.get(ref) or after[ref], WorkloadObject):
                continue
            if (ref.kind, ref.path) in found:
                raise Unclear
            found[ref.kind, ref.path] = frozenset((ref,))
        return {key: found[key] for key in sorted(found)}

    def hybrid(self, back: Iterable[Key], *, opened: bool) -> Cluster:
        """The side that has the rows, these edits taken back."""
        there, here = self.sides[opened], self._objects[not opened]
        refs = {ref for key in back for ref in self.edits[key]}
        made: dict[str, Any] = {}
        for group in GROUPS:
            kept = [each for each in getattr(there, group) if each.ref not in refs]
            originals = {each.ref for each in getattr(self.sides[not opened], group)}
            made[group] = (*kept, *(here[ref] for ref in sorted(refs & originals)))
        return cluster.assemble(Manifests(**made))


class Hybrids:
    """Many hybrids over one universe, each set of edits once."""

    def __init__(
        self, between: Between, sets: Iterable[Back], exposure: str, *, opened: bool
    ) -> None:
        self.sets = tuple(sets)
        clusters = [between.hybrid(each, opened=opened) for each in self.sets]
        self._universe = Universe(clusters, subjects(between.clusters, exposure))
        tables, places = Tables(), Places(self._universe)
        compilers = []
        for each in clusters:
            compiler = Compiler(self._universe, Selection(self._universe, each), tables)
            for policy in each.policies:
                compiler.ready(policy)
            compilers.append(compiler)
        self._answers = [
            Reachability(
                self._universe,
                number,
                Side(self._universe, each.policies, compiler, tables, places),
                each,
            )
            for number, (each, compiler) in enumerate(zip(clusters, compilers, strict=True))
        ]

    def atoms(self, row: FlowChange) -> Iterator[Mapping[Back, bool]]:
        """For each atom of a row whether it stands when a set of edits is taken back."""
        external = next((e for e in row[:2] if isinstance(e, ExternalEndpoint)), None)
        if external is None:
            yield from self._cut(row.ports, [self._ports(each, row) for each in self._answers])
            return
        direction = Direction.INGRESS if row.source == external else Direction.EGRESS
        end = row.destination if row.source == external else row.source
        at = self._universe.end_index[end]
        family = external.addresses.family
        sweeps = [each.sweep(at, direction, family) for each in self._answers]
        ends = {e for sweep in sweeps for low, high, _ in sweep for e in (low, high + 1)}
        for low, high in external.addresses.spans:
            for address in {low, *(e for e in ends if low < e <= high)}:
                yield from self._cut(row.ports, [at_address(sweep, address) for sweep in sweeps])

    def _cut(self, ports: PortSet, allowed: list[PortSet]) -> Iterator[Mapping[Back, bool]]:
        ends = {e for each in (ports, *allowed) for low, high in each for e in (low, high + 1)}
        for low, after in pairwise(sorted(ends)):
            atom = PortSet(((low, after - 1),))
            if ports.covers(atom):
                yield {
                    back: each.covers(atom) for back, each in zip(self.sets, allowed, strict=True)
                }

    def _ports(self, side: Reachability, row: FlowChange) -> PortSet:
        for end, direction, other in (
            (row.source, Direction.EGRESS, row.destination),
            (row.destination, Direction.INGRESS, row.source),
        ):
            if isinstance(other, SelectorEndpoint) and other not in self._universe.end_index:
                at = self._universe.end_index[end]
                return Candidates(side).ports(at, direction, PodSelector(*other))
        return side.ports(row.source, row.destination)


def tried(between: Between) -> list[Back]:
    """Every set of edits."""
    return [
        frozenset(each)
        for size in range(len(between.edits) + 1)
        for each in combinations(between.edits, size)
    ]


def behind(stands: Mapping[Back, bool]) -> frozenset[Key]:
    """The edits of all smallest sets without which an atom falls whatever else is taken back."""
    falls = [each for each in stands if not any(stands[more] for more in stands if more >= each)]
    smallest = [each for each in falls if not any(other < each for other in falls)]
    assert smallest, "with every edit taken back nothing of the row is left"
    return frozenset().union(*smallest)


def causes(row: FlowChange) -> frozenset[Key]:
    """The edits that a row names."""
    return frozenset((each.kind, each.object) for each in row.because)
