"""The configuration's text as nodes that know line and column (R-20).

Manifests keep lines of containers only; a person who mends a configuration wants the column too,
and the file is small.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from reviewer.base import pieces, yamldoc
from reviewer.base.pieces import Fault
from reviewer.base.yamldoc import Allowance, Vocabulary

SIZE_LIMIT = 1 << 20
"""The largest configuration that is read, in bytes."""


@dataclass(frozen=True, slots=True)
class Place:
    """Line and column, both from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Leaf:
    """A scalar with the value YAML gives it."""

    place: Place
    value: Any


@dataclass(slots=True)
class Listing:
    """A list."""

    place: Place
    items: list[Node] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Entry:
    """One key of a mapping, where it stands, and its value."""

    key: str
    place: Place
    value: Node


@dataclass(slots=True)
class Mapping:
    """A mapping; a key that is given twice stands twice."""

    place: Place
    entries: list[Entry] = field(default_factory=list)


Node = Leaf | Listing | Mapping


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that is wrong, and where."""

    place: Place
    text: str


def parse(content: bytes) -> Node | Mistake:
    """The first document of a text as nodes; an empty one is an empty leaf."""
    if len(content) > SIZE_LIMIT:
        return Mistake(Place(1, 1), f"the file is larger than {SIZE_LIMIT >> 20} MiB")
    found = pieces.split(content)
    if isinstance(found, Fault):
        return Mistake(Place(found.line, 1), found.reason)
    if len(found) > 1:
        return Mistake(Place(found[1].line, 1), "there is a second document; only one is read")
    if not found:
        return Leaf(Place(1, 1), None)
    piece = found[0]
    loaded = yamldoc.load(piece.text, Vocabulary(), Allowance())
    if isinstance(loaded, Fault):
        return Mistake(Place(loaded.line + piece.line - 1, 1), loaded.reason)
    try:
        return _Builder(piece.line - 1).build(yamldoc.events(piece.text))
    except _UnsupportedError as error:
        return error.mistake


class _UnsupportedError(Exception):
    """A form of YAML that a configuration does not need; it never leaves this module."""

    def __init__(self, mistake: Mistake) -> None:
        super().__init__(mistake.text)
        self.mistake = mistake


class _Builder:
    """Builds nodes from the events of a text that `yamldoc.load` has bounded."""

    def __init__(self, above: int) -> None:
        self._above = above
        self._words = Vocabulary()

    def build(self, next_event: yamldoc.NextEvent) -> Node:
        """The node of the first document."""
        next_event()
        if type(next_event()).__name__ == "StreamEndEvent":
            return Leaf(Place(1, 1), None)
        return self._node(next_event(), next_event)

    def _node(self, event: Any, next_event: yamldoc.NextEvent) -> Node:
        place = self._place(event)
        kind = type(event).__name__
        if kind == "AliasEvent" or event.anchor is not None or event.tag is not None:
            raise _UnsupportedError(Mistake(place, "anchors, aliases and tags are not read here"))
        if kind == "ScalarEvent":
            return Leaf(place, event.value if event.style else self._words.plain[event.value])
        if kind == "SequenceStartEvent":
            listing = Listing(place)
            while type(event := next_event()).__name__ != "SequenceEndEvent":
                listing.items.append(self._node(event, next_event))
            return listing
        mapping = Mapping(place)
        while type(event := next_event()).__name__ != "MappingEndEvent":
            key = self._node(event, next_event)
            text = key.value if isinstance(key, Leaf) else ""
            value = self._node(next_event(), next_event)
            mapping.entries.append(Entry(_key(text, event), key.place, value))
        return mapping

    def _place(self, event: Any) -> Place:
        return Place(event.start_mark.line + 1 + self._above, event.start_mark.column + 1)


def _key(value: object, event: Any) -> str:
    """A key as it is written, whatever YAML makes of it."""
    return str(event.value) if not isinstance(value, str) else value
