"""From one document to the objects it stands for (S-5), and whether two are equal (S-8)."""

from __future__ import annotations

import json
from collections.abc import Iterator

from reviewer.base import yamldoc
from reviewer.base.pieces import Fault
from reviewer.base.places import Path
from reviewer.base.yamldoc import Allowance, Map, Seq, Value, Vocabulary

from .types import Reading

_encode = json.JSONEncoder(sort_keys=True, check_circular=False, ensure_ascii=False).encode

Found = tuple[Map, Path]


def objects_of(value: Value, prefix: Path) -> Iterator[Found]:
    """The objects that a document stands for, lists taken apart (S-5)."""
    if type(value) is not Map:
        return
    kind = value.get("kind")
    items = value.get("items")
    if type(kind) is str and kind.endswith("List") and type(items) is Seq:
        for index, item in enumerate(items):
            yield from objects_of(_typed(item, value, kind), (*prefix, "items", index))
    else:
        yield value, prefix


def _typed(item: Value, around: Map, kind: str) -> Value:
    """An item of a typed list takes its kind and version from the list where it has none; null is
    an item without anything."""
    if kind != "List" and item is None:
        item = Map()
        item.line = 0  # of nothing no line is known: it is looked up
    if kind == "List" or type(item) is not Map:
        return item
    if item.get("kind") is not None and item.get("apiVersion") is not None:
        return item
    typed = Map(item)
    typed.line = item.line
    if typed.get("kind") is None:
        typed["kind"] = kind.removesuffix("List")
    if typed.get("apiVersion") is None:
        typed["apiVersion"] = around.get("apiVersion")
    return typed


class Comparison:
    """Tells whether objects are equal, in whatever order and style their fields are written.

    Their texts are read once more, each once: that is seldom, and keeping what was read is dearer
    for all.
    """

    __slots__ = ("_canonical",)

    def __init__(self) -> None:
        self._canonical: dict[bytes, dict[Path, str]] = {}

    def equal(self, one: Reading, other: Reading) -> bool:
        """Whether two readings are of equal objects."""
        return self._of(one) == self._of(other)

    def _of(self, reading: Reading) -> str:
        if reading.text not in self._canonical:
            self._canonical[reading.text] = dict(_canonical(reading.text))
        return self._canonical[reading.text][reading.prefix]


def _canonical(text: bytes) -> Iterator[tuple[Path, str]]:
    """Equal texts for equal objects, by the path of each object of a piece."""
    loaded = yamldoc.load(text, Vocabulary(), Allowance())
    assert not isinstance(loaded, Fault), "it was read before"
    for value, prefix in objects_of(loaded.value, ()):
        yield prefix, _encode(value)
