"""The exact line of anything in a piece, found by reading the piece once more (S-90).

Values keep the lines of containers only, since the line of every key would cost a third of the
reading. What a report or a diagnostic cites is looked up here: for a mapping's entry the line of
its key, for a list's item the line of its dash (in
brackets: of its first key), for the whole the line of its first key.
"""

from __future__ import annotations

import re
from typing import Any

from . import yamldoc
from .scalars import MERGE, Keys, key_text, resolve_tagged
from .yamldoc import AliasEvent, MappingStartEvent, ScalarEvent, SequenceStartEvent

Step = str | int
Path = tuple[Step, ...]
"""Keys and indices that lead from the top of a document to a node."""

_DASH = re.compile(rb"[ \t]*(?:-[ \t]+)*-(?:[ \t]+[&!]\S*)*[ \t]*(?:#.*)?")
_NOTHING = re.compile(rb"[ \t]*(?:#.*)?")


class Place:
    """A node's line and what is below it, by key or index."""

    __slots__ = ("below", "line")

    def __init__(self, line: int) -> None:
        self.line = line
        self.below: dict[Step, Place] | None = None

    def add(self, step: Step | None, place: Place) -> None:
        """Put a place below this one, by its key or as the next item."""
        if self.below is None:
            self.below = {}
        self.below[len(self.below) if step is None else step] = place

    def get(self, step: Step) -> Place | None:
        """What is below by this key or index."""
        return None if self.below is None else self.below.get(step)

    def node(self, path: Path) -> Place:
        """What the path leads to, or the nearest node above it that is written."""
        node = self
        for step in path:
            found = node.get(step)
            if found is None:
                break
            node = found
        return node

    def first(self) -> int:
        """The line of the first thing below, its own where there is nothing."""
        return min((place.line for place in (self.below or {}).values()), default=self.line)


def places(text: bytes) -> Place:
    """The lines of everything in the first document of a piece that `yamldoc.load` has read."""
    next_event = yamldoc.events(text)
    next_event()
    next_event()
    return _Tracer(text).trace(next_event)


class _Tracer:
    """Follows the events of one document; a frame is (place, its next index or waiting key)."""

    def __init__(self, text: bytes) -> None:
        self.lines = text.split(b"\n")
        self.keys = Keys()
        self.anchors: dict[str, Place] = {}
        self.stack: list[tuple[Place, bool, bool]] = []
        self.waiting: list[Place | None] = []

    def trace(self, next_event: yamldoc.NextEvent) -> Place:
        """The place of the document's node; the stack is explicit, as in `yamldoc`."""
        root: Place | None = None
        while True:
            event = next_event()
            kind = type(event)
            if kind is ScalarEvent or kind is AliasEvent:
                place = self._leaf(event)
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                place = self._node(event)
                self.stack.append((place, kind is MappingStartEvent, bool(event.flow_style)))
                self.waiting.append(None)
            elif self.stack:
                self.stack.pop()
                self.waiting.pop()
                place = root or Place(1)
            else:
                return Place(1)
            root = root or place
            if not self.stack:
                return root

    def _leaf(self, event: Any) -> Place:
        if self.stack and self.stack[-1][1] and self.waiting[-1] is None:
            return self._key(event)
        place = self._node(event)
        if isinstance(event, AliasEvent) and event.anchor in self.anchors:
            place.below = self.anchors[event.anchor].below
        return place

    def _key(self, event: Any) -> Place:
        """A key's own place, which its value will be put into."""
        parent, line = self.stack[-1][0], event.start_mark.line + 1
        if not parent.below and (len(self.stack) == 1 or self._in_brackets(-2)):
            parent.line = line
        place = Place(line)
        parent.add(self._text(event), place)
        self.waiting[-1] = place
        return place

    def _in_brackets(self, depth: int) -> bool:
        """Whether the container at this depth of the stack is a list in brackets."""
        _, is_map, in_flow = self.stack[depth]
        return in_flow and not is_map

    def _text(self, event: Any) -> str:
        if isinstance(event, AliasEvent):
            return MERGE
        if event.tag is not None:
            return key_text(resolve_tagged(event.value, event.tag))
        return str(event.value) if event.style else self.keys[event.value]

    def _node(self, event: Any) -> Place:
        """The place of a value, an item or the whole document."""
        line = event.start_mark.line + 1
        if not self.stack:
            place = Place(line)
        elif self.stack[-1][1]:
            place = self.waiting[-1] or Place(line)
            self.waiting[-1] = None
        else:
            parent, _, in_flow = self.stack[-1]
            place = Place(line if in_flow else self._dash(line, event.start_mark.column))
            parent.add(None, place)
        if event.anchor is not None and not isinstance(event, AliasEvent):
            self.anchors[event.anchor] = place
        return place

    def _dash(self, line: int, column: int) -> int:
        """The line of the dash of an item that starts at a place: there, or above where nothing
        but comments stands between."""
        # A text with other line ends than ours has more lines to the parser than here.
        if line > len(self.lines) or b"-" in self.lines[line - 1][:column]:
            return line
        above = line - 1
        while above > 0 and _NOTHING.fullmatch(self.lines[above - 1]):
            above -= 1
        return above if above > 0 and _DASH.fullmatch(self.lines[above - 1]) else line


def find(top: Place, written: str) -> Place:
    """The place of a path as reports write it, such as `spec.ingress[0].from` or
    `spec.podSelector.matchLabels.example.com/app`; as far as it leads.

    A key may hold dots, so the longest key that fits is taken at each step.
    """
    node = top
    rest = written
    while rest:
        index = re.match(r"\.?\[(\d+)\]", rest)
        if index is not None:
            step: Step | None = int(index[1])
            rest = rest[index.end() :]
        else:
            rest = rest.removeprefix(".")
            step = _longest_key(node, rest)
            rest = rest[len(str(step)) :] if step is not None else ""
        found = node.get(step) if step is not None else None
        if found is None:
            return node
        node = found
    return node


def _longest_key(node: Place, rest: str) -> str | None:
    keys = [key for key in node.below or () if isinstance(key, str) and rest.startswith(key)]
    whole = [key for key in keys if rest[len(key) : len(key) + 1] in {"", ".", "["}]
    return max(whole, key=len, default=None)
