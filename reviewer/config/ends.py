"""END and ENDPOINT of the configuration (F-20, F-60)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from reviewer.base.labels import EVERYTHING
from reviewer.engine import INGRESS_CONTROLLER, ExternalEndpoint, SelectorEndpoint, WorkloadEndpoint
from reviewer.findings import CidrsEnd, End, Place, SelectedEnd, WorkloadEnd

from . import nodes, parsing
from .nodes import Leaf, Mapping, Node
from .shapes import INVALID, Key, ListOf, Mistakes, Parsed, Read, Record, Schema, Word, Yes

PORT = Parsed(parsing.ports, "PORT")
PORTS = ListOf(PORT, single=True)
CIDR = Parsed(parsing.cidr, "CIDR")
CIDRS = ListOf(CIDR, least=1)
WORKLOAD = Parsed(parsing.workload, "workload id")
SELECTOR = Parsed(parsing.labels, "SELECTOR")
ZONE_NAME = Parsed(lambda text: text, "name of a zone")
PLACES = Word(tuple(each.value for each in Place))

END_KEYS = (
    Key("cidrs", CIDRS, "outside addresses: rows that overlap one of them"),
    Key("workload", WORKLOAD, "one workload, `NAMESPACE/NAME[KIND]`"),
    Key("namespaces", SELECTOR, "workloads of namespaces with these labels", "all"),
    Key("pods", SELECTOR, "workloads whose template has these labels", "all"),
    Key("zone", ZONE_NAME, "the ends of a zone"),
)
_KINDS = (("cidrs",), ("workload",), ("zone",), ("namespaces", "pods"))


class ZoneRef(NamedTuple):
    """A zone that an end names, resolved when the whole file is read."""

    name: str
    place: nodes.Place


class Ended(NamedTuple):
    """An end with the keys that stand beside it, such as ports."""

    ends: tuple[End | ZoneRef, ...]
    record: Read


@dataclass(frozen=True, slots=True)
class EndShape:
    """One END: a word, or a mapping with one kind of end; `extra` keys may stand beside it."""

    extra: tuple[Key, ...] = ()
    words: bool = True

    @property
    def what(self) -> str:
        """Its name on the page."""
        return "END"

    def read(self, node: Node, mistakes: Mistakes) -> Any:
        """A tuple of ends; with extra keys an `Ended`."""
        if self.words and isinstance(node, Leaf):
            word = PLACES.read(node, mistakes)
            return INVALID if word is INVALID else (Place(word),)
        if not isinstance(node, Mapping):
            return mistakes.note(node.place, "an END is wanted here")
        record = Record((*END_KEYS, *self.extra), "an END").read(node, mistakes)
        if record is INVALID:
            return INVALID
        kinds = [kind for kind in _KINDS if any(name in record.values for name in kind)]
        if len(kinds) != 1:
            told = "cidrs, workload, zone, or namespaces and pods"
            return mistakes.note(node.place, f"exactly one kind of end is wanted here: {told}")
        ends = (_end(record),)
        return Ended(ends, record) if self.extra else ends

    def schema(self) -> Schema:
        """A word or a closed object."""
        record = Record((*END_KEYS, *self.extra)).schema()
        return {"anyOf": [PLACES.schema(), record]} if self.words else record


def _end(record: Read) -> End | ZoneRef:
    if "cidrs" in record.values:
        return CidrsEnd(record.values["cidrs"])
    if "workload" in record.values:
        return WorkloadEnd(record.values["workload"])
    if "zone" in record.values:
        return ZoneRef(record.values["zone"], record.places["zone"])
    return SelectedEnd(record.get("namespaces", EVERYTHING), record.get("pods", EVERYTHING))


END = EndShape()


@dataclass(frozen=True, slots=True)
class EndsShape:
    """An END, or a list of them: any of them."""

    @property
    def what(self) -> str:
        """Its name on the page."""
        return "END, or a list"

    def read(self, node: Node, mistakes: Mistakes) -> Any:
        """A flat tuple of ends."""
        found = ListOf(END, least=1, single=True).read(node, mistakes)
        return INVALID if found is INVALID else tuple(end for each in found for end in each)

    def schema(self) -> Schema:
        """One or many."""
        return ListOf(END, least=1, single=True).schema()


ENDS = EndsShape()

_POINT = Record(
    (
        Key("workload", WORKLOAD, "a workload"),
        Key("cidrs", CIDRS, "outside addresses: a row's are all inside them"),
        Key(
            "selector",
            Record(
                (
                    Key("namespaces", SELECTOR, "as the report prints it", required=True),
                    Key("pods", SELECTOR, "as the report prints it", required=True),
                )
            ),
            "pods that are not in the manifests",
        ),
        Key("ingress_controller", Yes(), "the ingress controller"),
    ),
    "an ENDPOINT",
    exactly=(("workload", "cidrs", "selector", "ingress_controller"),),
)


@dataclass(frozen=True, slots=True)
class PointShape:
    """One ENDPOINT of the machine contract, as a waiver names it (F-60)."""

    @property
    def what(self) -> str:
        """Its name on the page."""
        return "ENDPOINT"

    def read(self, node: Node, mistakes: Mistakes) -> Any:
        """An endpoint; outside addresses as one for each block."""
        record = _POINT.read(node, mistakes)
        if record is INVALID:
            return INVALID
        if "workload" in record.values:
            return WorkloadEndpoint(record.values["workload"])
        if "selector" in record.values:
            inner = record.values["selector"]
            return SelectorEndpoint(inner.values["namespaces"], inner.values["pods"])
        if "cidrs" in record.values:
            return _outside(record.values["cidrs"])
        return INGRESS_CONTROLLER

    def schema(self) -> Schema:
        """A closed object."""
        return _POINT.schema()


def _outside(blocks: tuple[Any, ...]) -> tuple[ExternalEndpoint, ...]:
    """One end for each family that is written."""
    families = sorted({block.family for block in blocks})
    return tuple(ExternalEndpoint(parsing.together(family, blocks)) for family in families)


POINT = PointShape()
