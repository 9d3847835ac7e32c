"""One object while it is read: its raw value, and what is noted about it on the way."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from reviewer.base.documents import ObjectRef, Origin
from reviewer.base.pieces import Piece
from reviewer.base.places import Path, Place, places
from reviewer.base.yamldoc import Map, Seq, Value

from .types import Object


class Note(NamedTuple):
    """What a reader has to say about one field of an object."""

    code: str
    path: Path
    text: str


_TEMPLATE = re.compile(r"\$\{.*\}|\{\{.*\}\}|<.*>|\$patch")

NOTES_AT_MOST = 20
"""The notes of one code that one object may have; more are counted in a last one."""


class Notes:
    """What is said of one object, in the order in which it was found."""

    __slots__ = ("codes", "found")

    def __init__(self) -> None:
        self.found: list[Note] = []
        self.codes: set[str] = set()

    def wrong(self, path: Path, wanted: str) -> None:
        """A field has another type than the one asked for (S-11)."""
        self.warn("bad-type", path, f"is not {wanted}")

    def unknown(self, path: Path) -> None:
        """A field that the kind does not have is pruned (S-12)."""
        self.warn("unknown-field", path, "is no field of this kind and is ignored")

    def refuse(self, path: Path, reason: str, written: str = "") -> None:
        """The API server would refuse the object (S-13, S-61); `written` is the text at fault, of
        which is said whether it looks like a template (R-14)."""
        hint = "; it looks like a template to be rendered first"
        self.warn("invalid-policy", path, reason + (hint if _TEMPLATE.search(written) else ""))

    def warn(self, code: str, path: Path, text: str) -> None:
        """Anything else about a field."""
        self.found.append(Note(code, path, text))
        self.codes.add(code)

    def has(self, code: str) -> bool:
        """Whether something was said under this code."""
        return code in self.codes


_BEFORE_KEYS = re.compile(rb"[{&!]")
"""On the line of one of these a mapping may begin before its first key does."""


class Source:
    """One piece of a file, and the lines of everything in it on demand."""

    __slots__ = ("_lines", "_places", "file", "first", "has_anchors", "text")

    def __init__(self, file: str, piece: Piece, *, has_anchors: bool) -> None:
        self.file = file
        self.text = piece.text
        self.first = piece.line
        self.has_anchors = has_anchors
        self._lines: list[bytes] | None = None
        self._places: Place | None = None

    def line(self, path: Path) -> int:
        """The line in the file of what a path leads to, exactly; the piece is read once more the
        first time that one is asked for."""
        return self._place(path).line + self.first - 1

    def item_line(self, path: Path, begins: int) -> int:
        """The line in the file of the dash of a list's item that begins at that line of the
        piece; only where the dash is not on it, or the item may be an alias, the piece is read
        once more."""
        if self._text_of(begins).lstrip().startswith(b"-") and not self.has_anchors:
            return begins + self.first - 1
        return self.line(path)

    def key_line(self, path: Path, begins: int) -> int:
        """The line in the file of the first key of a mapping that begins at that line of the
        piece; only where something may stand before the key the piece is read once more."""
        if _BEFORE_KEYS.search(self._text_of(begins)) or self.has_anchors:
            return self._place(path).first() + self.first - 1
        return begins + self.first - 1

    def _place(self, path: Path) -> Place:
        if self._places is None:
            self._places = places(self.text)
        return self._places.node(path)

    def _text_of(self, line: int) -> bytes:
        if self._lines is None:
            self._lines = self.text.split(b"\n")
        return self._lines[line - 1] if 0 < line <= len(self._lines) else b"{"


NO_FIELDS = Map()
NO_FIELDS.line = 0
NO_ITEMS = Seq()
NO_ITEMS.line = 0


class Manifest:
    """One object of a kind that is read: `value` stands at `prefix` of its piece, not at the top
    where it is an item of a list (S-5). The reader settles its identity, then what is said of it
    is gathered in `notes`."""

    __slots__ = (
        "generated",
        "homeless",
        "notes",
        "origin",
        "prefix",
        "ref",
        "source",
        "value",
        "version",
    )

    def __init__(
        self, *, ref: ObjectRef, origin: Origin, version: str, value: Map, at: tuple[Source, Path]
    ) -> None:
        self.ref, self.origin, self.version, self.value = ref, origin, version, value
        self.source, self.prefix = at
        self.generated = False
        self.homeless = False
        self.notes = Notes()

    def spec(self) -> Map:
        """The `spec` of this object."""
        return self.map((), "spec", self.value)

    def metadata(self) -> Map:
        """The `metadata` of this object."""
        return self.map((), "metadata", self.value)

    def line(self, path: Path, node: Map) -> int:
        """The line of a mapping of this object: of its dash in a list, else of its first key."""
        if isinstance(path[-1], int):
            return self.item_line(path, node.line)
        return self.source.key_line((*self.prefix, *path), node.line)

    def item_line(self, path: Path, begins: int) -> int:
        """The line of the dash of an item of this object that begins at that line of the piece."""
        return self.source.item_line((*self.prefix, *path), begins)

    # Each of the following answers the field `name` of the mapping `within`, which stands at the
    # path `at` of this object; the path of the field is put together only to note a wrong type.

    def map(self, at: Path, name: str, within: Map) -> Map:
        """A mapping, an empty one where it is absent (S-10)."""
        value = within.get(name)
        if type(value) is Map:
            return value
        if value is not None:
            self.notes.wrong((*at, name), "a mapping")
        return NO_FIELDS

    def items(self, at: Path, name: str, within: Map) -> Seq:
        """A list, an empty one where it is absent."""
        value = within.get(name)
        if type(value) is Seq:
            return value
        if value is not None:
            self.notes.wrong((*at, name), "a list")
        return NO_ITEMS

    def maps(self, at: Path, name: str, within: Map) -> list[tuple[Path, Map]]:
        """A list of mappings, each with its path; a null item is an empty mapping (S-10)."""
        out: list[tuple[Path, Map]] = []
        for index, item in enumerate(self.items(at, name, within)):
            path = (*at, name, index)
            if type(item) is Map:
                out.append((path, item))
            elif item is None:
                out.append((path, NO_FIELDS))
            else:
                self.notes.wrong(path, "a mapping")
        return out

    def text(self, at: Path, name: str, within: Map) -> str:
        """A text, "" where it is absent."""
        value = within.get(name)
        if type(value) is str:
            return value
        if value is not None:
            self.notes.wrong((*at, name), "a string")
        return ""

    def flag(self, at: Path, name: str, within: Map) -> bool:
        """A boolean, false where it is absent."""
        value = within.get(name)
        if type(value) is bool:
            return value
        if value is not None:
            self.notes.wrong((*at, name), "true or false")
        return False

    def number(self, at: Path, name: str, within: Map) -> int | None:
        """A whole number of 32 bits, None where it is absent; a whole float counts (S-3)."""
        value = within.get(name)
        if value is None:
            return None
        found = whole_number(value)
        if found is None:
            self.notes.wrong((*at, name), "a whole number of 32 bits")
        return found

    def number_or_text(self, at: Path, name: str, within: Map) -> int | str | None:
        """A whole number or a text, None where it is absent."""
        value = within.get(name)
        if value is None or type(value) is str:
            return value
        found = whole_number(value)
        if found is None:
            self.notes.wrong((*at, name), "a whole number or a string")
        return found

    def texts(self, at: Path, name: str, within: Map) -> dict[str, str]:
        """A map of strings, such as labels; a null value is "" (S-10)."""
        out: dict[str, str] = {}
        for key, value in self.map(at, name, within).items():
            if type(value) is str:
                out[key] = value
            elif value is None:
                out[key] = ""
            else:
                self.notes.wrong((*at, name, key), "a string")
        return out


def whole_number(value: Value) -> int | None:
    """A value as a whole number of 32 bits, or None; a whole float stands for it (S-3)."""
    if type(value) is float and value.is_integer():
        value = int(value)
    if type(value) is int and -(1 << 31) <= value < 1 << 31:
        return value
    return None


Reader = Callable[[Manifest], Object | None]
"""Reads one object; None when it adds nothing. What is wrong with it goes into its notes."""
