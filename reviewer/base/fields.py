"""A strict, typed view of decoded JSON: every value is asked for by name and type.

Two readers of foreign JSON share it: the payload of an event (G-7) and the answer of the child
process (G-42). A field that is missing, of another type or out of bounds is a `FieldError` that
names the field by its full path, such as ``pull_request.head.repo.full_name``.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_WORDS = {dict: "an object", list: "a list", str: "text", bool: "true or false", int: "a number"}


class FieldError(ValueError):
    """A field is missing, of the wrong type or out of its bounds; `field` is its full path."""

    def __init__(self, field: str, trouble: str) -> None:
        super().__init__(f"{field}: {trouble}")
        self.field = field
        self.trouble = trouble


@dataclass(frozen=True, slots=True)
class Fields:
    """One JSON object and the path that leads to it; the empty path is the whole document."""

    values: Mapping[str, Any]
    where: str = ""

    def path(self, name: str) -> str:
        """The full path of one field of this object."""
        return f"{self.where}.{name}" if self.where else name

    def has(self, name: str) -> bool:
        """Whether the field is there and not null."""
        return self.values.get(name) is not None

    def text(self, name: str, *, limit: int | None = None) -> str:
        """A text; `limit` bounds its UTF-8 bytes. Raises: FieldError."""
        value = self._typed(name, str)
        if limit is not None and len(value.encode("utf-8", "surrogatepass")) > limit:
            raise FieldError(self.path(name), f"is longer than {limit} bytes")
        return str(value)

    def text_or_none(self, name: str, *, limit: int | None = None) -> str | None:
        """A text, or None where the field is missing or null. Raises: FieldError."""
        return self.text(name, limit=limit) if self.has(name) else None

    def word(self, name: str, allowed: Collection[str]) -> str:
        """A text that is one of a closed set of words. Raises: FieldError."""
        value = self.text(name)
        if value not in allowed:
            raise FieldError(self.path(name), f"is not one of {', '.join(sorted(allowed))}")
        return value

    def number(self, name: str, *, at_least: int = 0, at_most: int = 2**53) -> int:
        """A whole number within bounds, both inclusive. Raises: FieldError."""
        value = int(self._typed(name, int))
        if not at_least <= value <= at_most:
            raise FieldError(self.path(name), f"is not between {at_least} and {at_most}")
        return value

    def number_or_none(self, name: str, *, at_least: int = 0, at_most: int = 2**53) -> int | None:
        """A whole number, or None where the field is missing or null. Raises: FieldError."""
        return self.number(name, at_least=at_least, at_most=at_most) if self.has(name) else None

    def flag(self, name: str) -> bool:
        """A boolean. Raises: FieldError."""
        return bool(self._typed(name, bool))

    def object(self, name: str) -> Fields:
        """An object. Raises: FieldError."""
        return Fields(self._typed(name, dict), self.path(name))

    def object_or_none(self, name: str) -> Fields | None:
        """An object, or None where the field is missing or null. Raises: FieldError."""
        return self.object(name) if self.has(name) else None

    def objects(self, name: str, *, at_most: int | None = None) -> Iterator[Fields]:
        """The objects of a list, in order. Raises: FieldError."""
        for index, value in enumerate(self._list(name, at_most)):
            place = f"{self.path(name)}[{index}]"
            if not isinstance(value, dict):
                raise FieldError(place, "is not an object")
            yield Fields(value, place)

    def texts(self, name: str, *, at_most: int | None = None) -> tuple[str, ...]:
        """The texts of a list, in order. Raises: FieldError."""
        values = self._list(name, at_most)
        for index, value in enumerate(values):
            if not isinstance(value, str):
                raise FieldError(f"{self.path(name)}[{index}]", "is not text")
        return tuple(values)

    def only(self, allowed: Collection[str]) -> None:
        """Refuse a field that nobody declared. Raises: FieldError."""
        for name in self.values:
            if name not in allowed:
                raise FieldError(self.path(name), "is not a known field")

    def _list(self, name: str, at_most: int | None) -> list[Any]:
        values: list[Any] = self._typed(name, list)
        if at_most is not None and len(values) > at_most:
            raise FieldError(self.path(name), f"has more than {at_most} items")
        return values

    def _typed(self, name: str, kind: type) -> Any:
        value = self.values.get(name)
        if value is None:
            raise FieldError(
                self.path(name), "is missing" if name not in self.values else "is null"
            )
        # NOTE: a bool is an int to Python, never to us.
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise FieldError(self.path(name), f"is not {_WORDS[kind]}")
        return value


def read_object(data: bytes) -> Fields:
    """The one JSON object that `data` holds.

    Raises: FieldError, whatever the bytes are; nesting and huge numbers included.
    """
    try:
        value = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise FieldError("document", f"is not JSON ({type(error).__name__})") from error
    if not isinstance(value, dict):
        raise FieldError("document", "is not an object")
    return Fields(value)
