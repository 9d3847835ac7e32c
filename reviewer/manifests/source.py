"""One piece of a file and the lines of everything in it, found when somebody asks (S-90)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from reviewer.base.pieces import Piece
from reviewer.base.places import EVERYTHING, Path, Place, Wanted, places

_BEFORE_KEYS = re.compile(rb"[{&!]")
"""On the line of one of these a mapping may begin before its first key does."""

_TO_FIRST_KEY = re.compile(rb"[ ]*\{?(?:[ ]*(?:#.*)?\n)*+[ ]*[A-Za-z\"']")
"""What a piece begins with, plain or in braces, to the first character of its first key."""

_OTHER_BREAKS = re.compile(rb"[^\x00-\x7f]|\r")
"""What may end lines in another way than ours."""


class Source:
    """One piece of a file, and the lines of everything in it on demand."""

    __slots__ = ("_is_one_line", "_lines", "_places", "file", "first", "has_anchors", "text")

    def __init__(self, file: str, piece: Piece, *, has_anchors: bool) -> None:
        self.file = file
        self.text, self.first = piece
        self.has_anchors = has_anchors
        end = self.text.find(b"\n")
        is_one_line = end < 0 or end == len(self.text) - 1
        self._is_one_line = is_one_line and not _OTHER_BREAKS.search(self.text)
        self._lines: list[bytes] | None = None
        self._places: Place | None = None

    def lines(self, paths: Iterable[Path]) -> dict[Path, int]:
        """The lines in the file of what some paths lead to, exactly; the piece is read once more,
        and only what is on the way to them is looked at."""
        if self._places is None and not self._is_one_line and not self.has_anchors:
            wanted = Wanted()
            for path in paths:
                wanted.follow(path)
            top = places(self.text, wanted)
        else:
            top = self._top()
        return {path: top.node(path).line + self.first - 1 for path in paths}

    def item_line(self, path: Path, begins: int) -> int:
        """The line in the file of the dash of a list's item that begins at that line of the
        piece; only where the dash is not on it, or the item may be an alias, the piece is read
        once more."""
        if self._is_one_line:
            return self.first
        if not self.has_anchors and self._text_of(begins).lstrip().startswith(b"-"):
            return begins + self.first - 1
        return self._top().node(path).line + self.first - 1

    def key_line(self, path: Path, begins: int) -> int:
        """The line in the file of the first key of a mapping that begins at that line of the
        piece; only where something may stand before the key the piece is read once more."""
        if self._is_one_line:
            return self.first
        # The top of a piece is no alias, so what it is plain to see of it needs no other look.
        start = None if path or begins > 1 else _TO_FIRST_KEY.match(self.text)
        if start is not None:
            return self.text.count(b"\n", 0, start.end()) + self.first
        if not self.has_anchors and not _BEFORE_KEYS.search(self._text_of(begins)):
            return begins + self.first - 1
        return self._top().node(path).first() + self.first - 1

    def close(self) -> None:
        """Forget what is known of lines: nothing more will be asked soon."""
        self._lines = self._places = None

    def _top(self) -> Place:
        if self._places is None:
            self._places = Place(1) if self._is_one_line else places(self.text, EVERYTHING)
        return self._places

    def _text_of(self, line: int) -> bytes:
        if self._lines is None:
            self._lines = self.text.split(b"\n")
        return self._lines[line - 1] if 0 < line <= len(self._lines) else b"{"
