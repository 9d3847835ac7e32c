"""What a value of the configuration has to be. Each shape reads a node, collecting every mistake,
and says itself as JSON Schema, so that one table drives reader, schema and documentation (R-20).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from .nodes import Leaf, Listing, Mapping, Mistake, Node, Place

Schema = dict[str, Any]
INVALID: Any = object()
"""What a shape reads where a mistake was noted."""


class Mistakes:
    """Everything that is wrong with one file."""

    def __init__(self) -> None:
        self.found: list[Mistake] = []

    def note(self, place: Place, text: str) -> Any:
        """Keeps a mistake; the answer is `INVALID`."""
        self.found.append(Mistake(place, text))
        return INVALID


class Shape(Protocol):
    """What a value has to be."""

    def read(self, node: Node, mistakes: Mistakes) -> Any:
        """The value, or `INVALID` after noting why."""
        ...

    def schema(self) -> Schema:
        """The same as JSON Schema."""
        ...

    @property
    def what(self) -> str:
        """In a few words, for messages and documentation."""
        ...


def nearest(word: str, known: tuple[str, ...]) -> str:
    """The known word nearest to a wrong one, as the end of a sentence."""
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    return f"; did you mean {close[0]}?" if close else f"; known are {', '.join(known)}"


@dataclass(frozen=True, slots=True)
class Text:
    """A text within bounds, in characters; numbers and booleans are none."""

    least: int = 1
    most: int = 500
    pattern: str = ""
    what: str = "text"

    def read(self, node: Node, mistakes: Mistakes) -> Any:
        """The text."""
        if not isinstance(node, Leaf) or not isinstance(node.value, str):
            return mistakes.note(node.place, f"{self.what} is wanted here")
        if not self.least <= len(node.value) <= self.most:
            bounds = f"{self.least} to {self.most} characters"
            return mistakes.note(node.place, f"{self.what} of {bounds} is wanted here")
        if self.pattern and not re.fullmatch(self.pattern, node.value):
            return mistakes.note(node.place, f"{node.value!r} is no {self.what}")
        return node.value

    def schema(self) -> Schema:
        """A bounded string."""
        found: Schema = {"type": "string", "minLength": self.least, "maxLength": self.most}
        return {**found, "pattern": f"^{self.pattern}$"} if self.pattern else found


@dataclass(frozen=True, slots=True)
class Parsed:
    """A text that a function turns into a value or refuses with ValueError."""

    parse: Callable[[str], Any]
    what: str

    def read(self, node: Node, mistakes: Mistakes) -> Any:
        """The value."""
        if not isinstance(node, Leaf) or not isinstance(node.value, str):
            return mistakes.note(node.place, f"{self.what} is wanted here")
        try:
            return self.parse(node.value)
        except ValueError as error:
            return mistakes.note(node.place, str(error))

    def schema(self) -> Schema:
        """A string; the reader knows the rest."""
        return {"type": "string", "description": self.what}


@dataclass(frozen=True, slots=True)
class Word:
    """One of a closed set of words."""

    choices: tuple[str, ...]

    @property
    def what(self) -> str:
        """The words; of many only that they are ids."""
        return " | ".join(self.choices) if len(self.choices) <= 8 else "an id of a check"

    def read(self, node: Node, mistakes: Mistakes) -> Any:
        """The word."""
        value = node.value if isinstance(node, Leaf) else None
        if isinstance(value, str) and value in self.choices:
            return value
        said = f"{value!r} is not known here" if isinstance(value, str) else "a word is wanted here"
        return mistakes.note(node.place, said + nearest(str(value or ""), self.choices))

    def schema(self) -> Schema:
        """An enumeration."""
        return {"enum": list(self.choices)}


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number within bounds, both included."""

    low: int
    high: int

    @property
    def what(self) -> str:
        """Its bounds."""
        return f"{self.low} to {self.high}" if self.low != self.high else str(self.low)

    def read(self, node: Node, mistakes: Mistakes) -> Any:
        """The number."""
        value: object = node.value if isinstance(node, Leaf) else None
        if type(value) is int and self.low <= value <= self.high:
            return value
        return mistakes.note(node.place, f"a whole number, {self.what}, is wanted here")

    def schema(self) -> Schema:
        """A bounded integer."""
        return {"type": "integer", "minimum": self.low, "maximum": self.high}


@dataclass(frozen=True, slots=True)
class Yes:
    """`true` and nothing else."""

    what: str = "true"

    def read(self, node: Node, mistakes: Mistakes) -> Any:
        """True."""
        if isinstance(node, Leaf) and node.value is True:
            return True
        return mistakes.note(node.place, "true is wanted here")

    def schema(self) -> Schema:
        """The constant."""
        return {"const": True}


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of one shape; with `single` one item may stand without a list around it."""

    item: Shape
    least: int = 0
    single: bool = False

    @property
    def what(self) -> str:
        """Of what it is a list."""
        return f"{self.item.what}, or a list" if self.single else f"list of {self.item.what}"

    def read(self, node: Node, mistakes: Mistakes) -> Any:
        """A tuple of what the items are."""
        if not isinstance(node, Listing):
            if self.single:
                only = self.item.read(node, mistakes)
                return INVALID if only is INVALID else (only,)
            return mistakes.note(node.place, "a list is wanted here")
        if len(node.items) < self.least:
            return mistakes.note(node.place, "the list needs at least one item")
        found = tuple(self.item.read(each, mistakes) for each in node.items)
        return INVALID if any(each is INVALID for each in found) else found

    def schema(self) -> Schema:
        """An array."""
        found: Schema = {"type": "array", "items": self.item.schema()}
        if self.least:
            found["minItems"] = self.least
        return {"anyOf": [self.item.schema(), found]} if self.single else found


@dataclass(frozen=True, slots=True)
class MapOf:
    """A mapping from names to one shape."""

    item: Shape
    name: Shape

    @property
    def what(self) -> str:
        """From what to what."""
        return f"mapping of names to {self.item.what}"

    def read(self, node: Node, mistakes: Mistakes) -> Any:
        """A dict."""
        if not isinstance(node, Mapping):
            return mistakes.note(node.place, "a mapping is wanted here")
        found: dict[str, Any] = {}
        valid = True
        for entry in node.entries:
            name = self.name.read(Leaf(entry.place, entry.key), mistakes)
            value = self.item.read(entry.value, mistakes)
            if entry.key in found:
                valid = mistakes.note(entry.place, f"{entry.key!r} is given twice") is not INVALID
            elif name is INVALID or value is INVALID:
                valid = False
            found[entry.key] = value
        return found if valid else INVALID

    def schema(self) -> Schema:
        """An open object."""
        names = self.name.schema()
        return {
            "type": "object",
            "additionalProperties": self.item.schema(),
            "propertyNames": names,
        }


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a record: its shape, what it means, and an example as one writes it."""

    name: str
    shape: Shape
    meaning: str
    default: str = ""
    required: bool = False


@dataclass(frozen=True, slots=True)
class Read:
    """A record as read: values by key, where each key stands, and where the record begins."""

    values: dict[str, Any]
    places: dict[str, Place]
    place: Place

    def get(self, name: str, default: Any = None) -> Any:
        """A value, or the default where the key is not given."""
        return self.values.get(name, default)


@dataclass(frozen=True, slots=True)
class Record:
    """A mapping with known keys. Of each group in `exactly` one key has to be there, of each in
    `some` at least one."""

    keys: tuple[Key, ...]
    what: str = "mapping"
    exactly: tuple[tuple[str, ...], ...] = ()
    some: tuple[tuple[str, ...], ...] = ()
    names: tuple[str, ...] = field(init=False, default=())

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", tuple(each.name for each in self.keys))

    def read(self, node: Node, mistakes: Mistakes) -> Any:
        """A `Read`."""
        if not isinstance(node, Mapping):
            return mistakes.note(node.place, f"a mapping ({self.what}) is wanted here")
        before = len(mistakes.found)
        shapes = {each.name: each.shape for each in self.keys}
        values: dict[str, Any] = {}
        places: dict[str, Place] = {}
        for entry in node.entries:
            if entry.key in places:
                mistakes.note(entry.place, f"{entry.key!r} is given twice")
            elif entry.key not in shapes:
                hint = nearest(entry.key, self.names)
                mistakes.note(entry.place, f"{entry.key!r} is no key here{hint}")
            else:
                values[entry.key] = shapes[entry.key].read(entry.value, mistakes)
            places[entry.key] = entry.place
        self._check(node.place, places, mistakes)
        return INVALID if len(mistakes.found) > before else Read(values, places, node.place)

    def _check(self, place: Place, given: dict[str, Place], mistakes: Mistakes) -> None:
        for key in self.keys:
            if key.required and key.name not in given:
                mistakes.note(place, f"{key.name!r} is missing")
        for group in self.exactly:
            count = sum(name in given for name in group)
            if count != 1:
                mistakes.note(place, f"exactly one of {', '.join(group)} is wanted here")
        for group in self.some:
            if not any(name in given for name in group):
                mistakes.note(place, f"at least one of {', '.join(group)} is wanted here")

    def schema(self) -> Schema:
        """A closed object."""
        found: Schema = {
            "type": "object",
            "properties": {
                each.name: {**each.shape.schema(), "description": each.meaning}
                for each in self.keys
            },
            "additionalProperties": False,
        }
        required = [each.name for each in self.keys if each.required]
        if required:
            found["required"] = required
        rules = [{"oneOf": [{"required": [name]} for name in group]} for group in self.exactly] + [
            {"anyOf": [{"required": [name]} for name in group]} for group in self.some
        ]
        return {**found, "allOf": rules} if rules else found
