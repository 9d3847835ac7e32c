"""One object while it is read: its raw value, and what is noted about it on the way."""

from __future__ import annotations

from collections.abc import Callable

from reviewer.base.documents import ObjectRef, Origin
from reviewer.base.places import Path
from reviewer.base.yamldoc import Map, Seq, Value

from .notes import Notes
from .source import Source
from .types import Object

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
        "reader",
        "ref",
        "source",
        "value",
        "version",
    )

    def __init__(
        self,
        ref: ObjectRef,
        origin: Origin,
        version: str,
        value: Map,
        at: tuple[Source, Path],
        reader: Reader,
    ) -> None:
        self.ref, self.origin, self.version, self.value = ref, origin, version, value
        self.source, self.prefix = at
        self.reader = reader
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
