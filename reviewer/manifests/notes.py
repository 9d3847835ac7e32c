"""What is noted about one object while it is read, before anybody knows its lines (S-90)."""

from __future__ import annotations

import re
from typing import NamedTuple

from reviewer.base.places import Path

NOTES_AT_MOST = 20
"""The notes of one code that one object may have; more are counted in a last one."""

_TEMPLATE = re.compile(r"\$\{.*\}|\{\{.*\}\}|<.*>|\$patch")
_LOOKED_AT = 500
"""How much of a text is searched for a template: the search is quadratic, and names are short."""


class Note(NamedTuple):
    """What a reader has to say about one field of an object."""

    code: str
    path: Path
    text: str


class Notes:
    """What is said of one object, in the order in which it was found, and how often each code was
    found; of one code no more than `NOTES_AT_MOST` are kept."""

    __slots__ = ("counts", "found")

    def __init__(self) -> None:
        self.found: list[Note] = []
        self.counts: dict[str, int] = {}

    def wrong(self, path: Path, wanted: str) -> None:
        """A field has another type than the one asked for (S-11)."""
        self.warn("bad-type", path, f"is not {wanted}")

    def unknown(self, path: Path) -> None:
        """A field that the kind does not have is pruned (S-12)."""
        self.warn("unknown-field", path, "is no field of this kind and is ignored")

    def refuse(self, path: Path, reason: str, written: str = "") -> None:
        """The API server would refuse the object (S-13, S-61); `written` is the text at fault, of
        which is said whether it looks like a template (R-14)."""
        if written and _TEMPLATE.search(written[:_LOOKED_AT]):
            reason += "; it looks like a template to be rendered first"
        self.warn("invalid-policy", path, reason)

    def warn(self, code: str, path: Path, text: str) -> None:
        """Anything else about a field."""
        count = self.counts[code] = self.counts.get(code, 0) + 1
        if count <= NOTES_AT_MOST:
            self.found.append(Note(code, path, text))

    def has(self, code: str) -> bool:
        """Whether something was said under this code."""
        return code in self.counts

    def clear(self) -> None:
        """Nothing is said any more."""
        self.found.clear()
        self.counts.clear()
