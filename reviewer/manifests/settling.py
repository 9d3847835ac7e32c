"""From the files of one cluster to its manifests: each identity once (S-8, S-9, S-21)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count
from typing import Any

from reviewer.base.diagnostics import Diagnostic, diagnostic, order
from reviewer.base.documents import Document, ObjectRef
from reviewer.base.yamldoc import Vocabulary

from .expansion import Comparison
from .homing import DEFAULT, moved
from .reading import extract
from .telling import Tally, tell
from .types import (
    EntryObject,
    Extract,
    GrantObject,
    Manifests,
    NamespaceObject,
    Object,
    Policy,
    Reading,
    ServiceObject,
    Unsaid,
    WorkloadObject,
)
from .wording import subject

KNATIVE = "serving.knative.dev"


class Memo:
    """What files said, by path and content, so that no text is read twice: hand one to every
    reading of a command. `(path, key) in memo` tells a source whether content is needed."""

    __slots__ = ("found", "words")

    def __init__(self) -> None:
        self.found: dict[tuple[str, bytes], Extract] = {}
        self.words = Vocabulary()

    def __contains__(self, at: object) -> bool:
        return at in self.found

    def extract(self, document: Document) -> Extract:
        """What a document says; it is read only if this content was not met at this path."""
        at = (document.path, document.key)
        found = self.found.get(at)
        if found is None:
            found = self.found[at] = extract(document, self.words)
        return found


def read(documents: Iterable[Document], memo: Memo, namespace: str = DEFAULT) -> Manifests:
    """What the files of one target say, in the order of S-1 whatever order they come in;
    `namespace` is where objects are that write none."""
    found = [(document.path, memo.extract(document)) for document in documents]
    found.sort(key=lambda each: each[0])
    return settle((each for _, each in found), namespace)


def settle(extracts: Iterable[Extract], namespace: str = DEFAULT) -> Manifests:
    """The manifests that files in the order of S-1 make together: of two objects with one
    identity the later holds, even if it is left out itself."""
    held: dict[ObjectRef | int, Reading] = {}
    nameless = count()
    comparison = Comparison()
    tally = Tally()
    said: list[Diagnostic] = []
    unsaid: list[tuple[str, Unsaid]] = []
    for found in extracts:
        said += found.diagnostics
        for each in found.readings:
            is_moved = each.homeless and namespace != DEFAULT
            reading = moved(each, namespace) if is_moved else each
            if not reading.unique:
                held[next(nameless)] = reading
                continue
            earlier = held.pop(reading.ref, None)
            held[reading.ref] = reading
            if earlier is not None and _differ(earlier, reading, comparison, tally):
                said.append(_duplicate(reading, earlier))
        if found.unsaid:
            unsaid.append((found.readings[0].origin.file, found.unsaid))
    said += tell(held.values(), tally)
    for file, faults in unsaid:
        tally.add(file, faults)
    said += tally.rest()
    return _sorted_out(_standing(held), sorted(said, key=order))


def _differ(earlier: Reading, reading: Reading, comparison: Comparison, tally: Tally) -> bool:
    """Whether it is to be told that two objects of one identity differ; where a file has been
    told of enough, they are not compared any more."""
    if earlier.text == reading.text and earlier.prefix == reading.prefix:
        return False
    fault = (reading.origin.file, "duplicate-object", reading.ref.kind)
    if not tally.is_full(fault) and comparison.equal(earlier, reading):
        return False
    return tally.admits(fault, reading.origin.line)


def _duplicate(reading: Reading, earlier: Reading) -> Diagnostic:
    place = f"{earlier.origin.file}:{earlier.origin.line}"
    message = f"is also at {place} with other content; this later one holds"
    return diagnostic("duplicate-object", message, *reading.origin, subject(reading.ref))


def _standing(held: dict[ObjectRef | int, Reading]) -> Iterator[Object]:
    """The objects that count; a Knative Configuration only without a Service of its name."""
    for reading in held.values():
        if reading.object is None:
            continue
        ref = reading.ref
        if ref.group == KNATIVE and ref.kind == "Configuration":
            service = held.get(ref._replace(kind="Service"))
            if service is not None and service.object is not None:
                continue
        yield reading.object


def _sorted_out(objects: Iterable[Object], said: list[Diagnostic]) -> Manifests:
    """The objects by kind, each kind in the order they come in."""
    kinds: tuple[type, ...] = (
        Policy, WorkloadObject, NamespaceObject, ServiceObject, EntryObject, GrantObject
    )  # fmt: skip
    by_type: dict[type, list[Any]] = {kind: [] for kind in kinds}
    for each in objects:
        by_type[type(each)].append(each)
    return Manifests(
        policies=tuple(by_type[Policy]),
        workloads=tuple(by_type[WorkloadObject]),
        namespaces=tuple(by_type[NamespaceObject]),
        services=tuple(by_type[ServiceObject]),
        entries=tuple(by_type[EntryObject]),
        grants=tuple(by_type[GrantObject]),
        diagnostics=tuple(said),
    )
