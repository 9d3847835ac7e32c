"""The exact line of anything in a piece, found by reading the piece once more (S-90).

Values keep the lines of containers only, since the line of every key would cost a third of the
reading. What a report or a diagnostic cites is looked up here: for a mapping's entry the line of
its key, for a list's item the line of its dash (in
brackets: of its first key), for the whole the line of its first key.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from . import yamldoc
from .scalars import MERGE, Keys, key_text, resolve_tagged
from .yamldoc import Begun, Leaf

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


class Wanted(dict[Step, "Wanted"]):
    """The steps that are worth following from a node, each with those from there."""

    __slots__ = ()

    def follow(self, path: Path) -> None:
        """Want what this path leads to."""
        node = self
        for step in path:
            node = node.setdefault(step, Wanted())


class _Everything(Wanted):
    """Every step is worth following."""

    __slots__ = ()

    def get(self, _: object, __: object = None) -> _Everything:
        return self


EVERYTHING = _Everything()


def places(text: bytes, wanted: Wanted = EVERYTHING) -> Place:
    """The lines of everything in the first document of a piece that `yamldoc.load` has read, or
    only of what is wanted, and of the first thing below each of it: the rest is passed over at
    a third of the price. What a text with anchors is wanted for has to be everything."""
    return yamldoc.trace(text, lambda next_event: _Tracer(text).trace(next_event, wanted))


class _Frame(NamedTuple):
    """A container around the open one: its place, what is wanted below it, how far it
    is followed."""

    place: Place
    wanted: Wanted
    is_map: bool
    in_flow: bool
    reached: int


class _Tracer:
    """Follows the events of one document; the stack is explicit, as in `building`."""

    def __init__(self, text: bytes) -> None:
        self.text = text
        self.lines: list[bytes] | None = None
        self.keys = Keys()
        self.anchors: dict[str, Place] = {}

    # NOTE: one loop, for the reason that `building` gives: a hostile file is traced in whole.
    def trace(self, next_event: yamldoc.NextEvent, wanted: Wanted) -> Place:  # noqa: C901
        """The place of the document's node."""
        event = next_event()
        root = place = Place(event[1] + 1)
        if not isinstance(event, Begun):
            return root
        self._name(event, place)
        is_map, in_flow, index = event.is_map, event.in_flow, 0
        sub: Wanted | None = None
        stack: list[_Frame] = []
        while True:
            event = next_event()
            if event is None:
                if not stack:
                    return root
                place, wanted, is_map, in_flow, index = stack.pop()
                continue
            line = event[1] + 1
            if is_map:
                step: Step = self._text(event)
                if index == 0 and (not stack or (stack[-1].in_flow and not stack[-1].is_map)):
                    place.line = line
                event = next_event()
            else:
                step = index
            sub = wanted.get(step)
            if sub is None and place.below:
                if type(event) is Begun:
                    _pass_over(next_event)
                index += 1
                continue
            if not is_map and not in_flow:
                line = self._dash(line, event[2])
            found = Place(line)
            if place.below is None:
                place.below = {}
            place.below[step] = found
            index += 1
            self._name(event, found)
            if type(event) is Begun:
                stack.append(_Frame(place, wanted, is_map, in_flow, index))
                place, wanted = found, _NOTHING_WANTED if sub is None else sub
                is_map, in_flow, index = event.is_map, event.in_flow, 0

    def _name(self, event: Leaf | Begun, place: Place) -> None:
        """Keep a place by its anchor; an alias has below it what its anchor has."""
        if event.anchor is None:
            return
        if type(event) is Leaf and event.is_alias:
            if event.anchor in self.anchors:
                place.below = self.anchors[event.anchor].below
        else:
            self.anchors[event.anchor] = place

    def _text(self, event: Leaf) -> str:
        if event.is_alias:
            return MERGE
        if event.tag is not None:
            return key_text(resolve_tagged(event.text, event.tag))
        return self.keys[event.text] if event.is_plain else event.text

    def _dash(self, line: int, column: int) -> int:
        """The line of the dash of an item that starts at a place: there, or above where nothing
        but comments stands between."""
        if self.lines is None:
            self.lines = self.text.split(b"\n")
        # A text with other line ends than ours has more lines to the parser than here.
        if line > len(self.lines) or b"-" in self.lines[line - 1][:column]:
            return line
        above = line - 1
        while above > 0 and _NOTHING.fullmatch(self.lines[above - 1]):
            above -= 1
        return above if above > 0 and _DASH.fullmatch(self.lines[above - 1]) else line


_NOTHING_WANTED = Wanted()


def _pass_over(next_event: yamldoc.NextEvent) -> None:
    """Take events to the end of the container that has just begun."""
    depth = 1
    while depth:
        event = next_event()
        if event is None:
            depth -= 1
        elif type(event) is Begun:
            depth += 1


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
