"""The shape of a policy's spec: which fields there are and what type each has (S-10 to S-12).

A shape turns raw YAML into plain lists and dicts without nulls, as the API server's decoding
would, and notes each wrong type and unknown field. Unknown fields stay in the result, which shows
what a person wrote; whoever reads meaning from it asks for known fields only.
"""

from __future__ import annotations

from typing import Any, Protocol

from reviewer.base.places import Step
from reviewer.base.yamldoc import Map, Seq, Value

from .manifest import whole_number
from .notes import Notes

Plain = Any
"""Raw YAML made plain: dict, list, str, int, float, bool."""


class Walk:
    """Where a shape is within an object, what it noted, and the lines of the dicts it made from
    mappings of a shape that is `lined`, by their ids."""

    __slots__ = ("lines", "notes", "path")

    def __init__(self, notes: Notes) -> None:
        self.notes = notes
        self.path: list[Step] = []
        self.lines: dict[int, int] = {}

    def wrong(self, wanted: str) -> None:
        """The value here has another type."""
        self.notes.wrong(tuple(self.path), wanted)

    def unknown(self) -> None:
        """The field here is none."""
        self.notes.unknown(tuple(self.path))


class Shape(Protocol):
    """What a value has to be. `conform` answers the plain value; None never reaches it in a
    mapping, and in a list it stands for the shape's empty value (S-10)."""

    def conform(self, value: Value, walk: Walk) -> Plain:
        """The plain value; what is wrong is noted."""
        ...


class Text:
    """A string; a null item is ""."""

    def conform(self, value: Value, walk: Walk) -> Plain:
        """The text itself."""
        if type(value) is str:
            return value
        if value is not None:
            walk.wrong("a string")
        return ""


class Number:
    """A whole number of 32 bits."""

    def conform(self, value: Value, walk: Walk) -> Plain:
        """The number; a whole float stands for it."""
        found = whole_number(value)
        if found is None:
            walk.wrong("a whole number of 32 bits")
            return 0
        return found


class NumberOrText:
    """A whole number or a string, as ports are."""

    def conform(self, value: Value, walk: Walk) -> Plain:
        """The number or the text."""
        if type(value) is str:
            return value
        found = whole_number(value)
        if found is None:
            walk.wrong("a whole number or a string")
            return 0
        return found


class Texts:
    """A map of strings; a null value is ""."""

    def conform(self, value: Value, walk: Walk) -> Plain:
        """The mapping with its texts."""
        if type(value) is not Map:
            walk.wrong("a mapping")
            return {}
        out: dict[str, str] = {}
        for key, item in value.items():
            if type(item) is str:
                out[key] = item
            elif item is None:
                out[key] = ""
            else:
                walk.path.append(key)
                walk.wrong("a string")
                walk.path.pop()
        return out


class ListOf:
    """A list; each item has one shape."""

    __slots__ = ("item",)

    def __init__(self, item: Shape) -> None:
        self.item = item

    def conform(self, value: Value, walk: Walk) -> Plain:
        """The list with its items."""
        if type(value) is not Seq:
            walk.wrong("a list")
            return []
        out = []
        conform, path = self.item.conform, walk.path
        path.append(0)
        for index, item in enumerate(value):
            path[-1] = index
            out.append(conform(item, walk))
        path.pop()
        return out


class Fields:
    """A mapping with known fields; a null item of a list of these is an empty mapping. Lines are
    kept of those that are `lined`."""

    __slots__ = ("lined", "shapes")

    def __init__(self, shapes: dict[str, Shape], *, lined: bool = False) -> None:
        self.shapes = shapes
        self.lined = lined

    def conform(self, value: Value, walk: Walk) -> Plain:
        """The mapping without its null entries."""
        out: dict[str, Plain] = {}
        if type(value) is not Map:
            if value is not None:
                walk.wrong("a mapping")
            return out
        shapes, path = self.shapes, walk.path
        path.append("")
        for key, item in value.items():
            if item is None:
                continue
            path[-1] = key
            shape = shapes.get(key)
            if shape is None:
                walk.unknown()
                out[key] = plain(item)
            elif shape is TEXT and type(item) is str:
                out[key] = item
            else:
                out[key] = shape.conform(item, walk)
        path.pop()
        if self.lined:
            walk.lines[id(out)] = value.line
        return out

    def present(self, value: dict[str, Plain]) -> list[str]:
        """The known fields that a mapping of this shape has, in the shape's order."""
        return [name for name in self.shapes if name in value]


def plain(value: Value) -> Plain:
    """Any value without lines and null entries; as deep as a text may be, so recursion is safe."""
    if type(value) is Map:
        return {key: plain(item) for key, item in value.items() if item is not None}
    if type(value) is Seq:
        return [plain(item) for item in value]
    return value


TEXT, NUMBER, NUMBER_OR_TEXT, TEXTS = Text(), Number(), NumberOrText(), Texts()

SELECTOR = Fields(
    {
        "matchLabels": TEXTS,
        "matchExpressions": ListOf(Fields({"key": TEXT, "operator": TEXT, "values": ListOf(TEXT)})),
    }
)
"""A label selector (S-30)."""
