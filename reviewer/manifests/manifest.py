"""One object while it is read: its raw value, and what is noted about it on the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from reviewer.base.documents import ObjectRef, Origin
from reviewer.base.places import Path, Place, places
from reviewer.base.yamldoc import Map, Seq, Value

from .types import Object


class Note(NamedTuple):
    """What a reader has to say about one field of an object."""

    code: str
    path: Path
    text: str


NOTES_AT_MOST = 20
"""The notes of one code that one object may have; more are counted in a last one."""


class Notes:
    """What is said of one object, in the order in which it was found."""

    __slots__ = ("found",)

    def __init__(self) -> None:
        self.found: list[Note] = []

    def wrong(self, path: Path, wanted: str) -> None:
        """A field has another type than the one asked for (S-11)."""
        self.found.append(Note("bad-type", path, f"is not {wanted}"))

    def unknown(self, path: Path) -> None:
        """A field that the kind does not have is pruned (S-12)."""
        self.found.append(Note("unknown-field", path, "is no field of this kind and is ignored"))

    def refuse(self, path: Path, reason: str) -> None:
        """The API server would refuse the object (S-13, S-61)."""
        self.found.append(Note("invalid-policy", path, reason))

    def warn(self, code: str, path: Path, text: str) -> None:
        """Anything that does not keep the object from counting."""
        self.found.append(Note(code, path, text))

    def has(self, code: str) -> bool:
        """Whether something was said under this code."""
        return any(note.code == code for note in self.found)


class Source:
    """One piece of a file, and the lines of everything in it on demand."""

    __slots__ = ("_lines", "_places", "file", "first", "text")

    def __init__(self, file: str, text: bytes, first: int) -> None:
        self.file = file
        self.text = text
        self.first = first
        self._lines: list[bytes] | None = None
        self._places: Place | None = None

    def line(self, path: Path) -> int:
        """The line in the file of what a path leads to, exactly; the piece is read once more the
        first time that one is asked for."""
        if self._places is None:
            self._places = places(self.text)
        return self._places.node(path).line + self.first - 1

    def item_line(self, path: Path, begins: int) -> int:
        """The line in the file of the dash of a list's item that begins at that line of the
        piece; only where the dash is not on it the piece is read once more."""
        if self._lines is None:
            self._lines = self.text.split(b"\n")
        if 0 < begins <= len(self._lines) and self._lines[begins - 1].lstrip().startswith(b"-"):
            return begins + self.first - 1
        return self.line(path)


@dataclass(slots=True, kw_only=True)
class Manifest:
    """One object of a kind that is read: `value` stands at `prefix` of its piece, not at the top
    where it is an item of a list (S-5)."""

    ref: ObjectRef
    origin: Origin
    version: str
    value: Map
    generated: bool
    source: Source
    prefix: Path = ()
    notes: Notes = field(default_factory=Notes)

    def line(self, path: Path, node: Map) -> int:
        """The line of a mapping of this object: of its dash in a list, else of its first key."""
        if isinstance(path[-1], int):
            return self.item_line(path, node.line)
        return node.line + self.source.first - 1

    def item_line(self, path: Path, begins: int) -> int:
        """The line of the dash of an item of this object that begins at that line of the piece."""
        return self.source.item_line((*self.prefix, *path), begins)

    def map(self, path: Path, within: Map | None = None) -> Map:
        """The mapping at the last step of a path, an empty one where it is absent (S-10); `within`
        is the mapping that holds it, the whole object when not given."""
        value = (self.value if within is None else within).get(str(path[-1]))
        if value is None:
            return _NO_FIELDS
        if type(value) is not Map:
            self.notes.wrong(path, "a mapping")
            return _NO_FIELDS
        return value

    def items(self, path: Path, within: Map) -> Seq:
        """The list at the last step of a path, an empty one where it is absent."""
        value = within.get(str(path[-1]))
        if value is None:
            return _NO_ITEMS
        if type(value) is not Seq:
            self.notes.wrong(path, "a list")
            return _NO_ITEMS
        return value

    def maps(self, path: Path, within: Map) -> list[Map]:
        """A list of mappings; a null item is an empty mapping (S-10), another type is noted."""
        out: list[Map] = []
        for index, item in enumerate(self.items(path, within)):
            if type(item) is Map:
                out.append(item)
            elif item is None:
                out.append(_NO_FIELDS)
            else:
                self.notes.wrong((*path, index), "a mapping")
        return out

    def text(self, path: Path, within: Map) -> str:
        """A text, "" where it is absent."""
        value = within.get(str(path[-1]))
        if value is None:
            return ""
        if type(value) is not str:
            self.notes.wrong(path, "a string")
            return ""
        return value

    def flag(self, path: Path, within: Map) -> bool:
        """A boolean, false where it is absent."""
        value = within.get(str(path[-1]))
        if value is None or value is False:
            return False
        if value is not True:
            self.notes.wrong(path, "true or false")
        return value is True

    def number(self, path: Path, within: Map) -> int | None:
        """A whole number of 32 bits, None where it is absent; a whole float counts (S-3)."""
        value = within.get(str(path[-1]))
        if value is None:
            return None
        found = whole_number(value)
        if found is None:
            self.notes.wrong(path, "a whole number of 32 bits")
        return found

    def number_or_text(self, path: Path, within: Map) -> int | str | None:
        """A whole number or a text, None where it is absent."""
        value = within.get(str(path[-1]))
        if value is None or type(value) is str:
            return value
        found = whole_number(value)
        if found is None:
            self.notes.wrong(path, "a whole number or a string")
        return found

    def texts_by_key(self, path: Path, within: Map) -> dict[str, str]:
        """A map of strings, such as labels; a null value is "" (S-10)."""
        out: dict[str, str] = {}
        for key, value in self.map(path, within).items():
            if type(value) is str:
                out[key] = value
            elif value is None:
                out[key] = ""
            else:
                self.notes.wrong((*path, key), "a string")
        return out


def whole_number(value: Value) -> int | None:
    """A value as a whole number of 32 bits, or None; a whole float stands for it (S-3)."""
    if type(value) is float and value.is_integer():
        value = int(value)
    if type(value) is int and -(1 << 31) <= value < 1 << 31:
        return value
    return None


_NO_FIELDS = Map()
_NO_FIELDS.line = 0
_NO_ITEMS = Seq()
_NO_ITEMS.line = 0

Reader = Callable[[Manifest], Object | None]
"""Reads one object; None when it adds nothing. What is wrong with it goes into its notes."""
