"""Links into the change on GitHub (G-25), built by us from checked parts and encoded paths.

A line that this change's diff shows is linked there; another one to the file at the commit. Lines
are those of the head commit: where a test merge changed the file (`own`), they are mapped, and
left out where the line is not the head commit's.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import NamedTuple

from reviewer.base.documents import Document, Origin
from reviewer.base.spans import Spans, normal
from reviewer.delta import Side

from .markup import path_bytes, percent
from .question import Links as Site
from .question import Question

CONTEXT = 3
"""Lines that GitHub shows around each change."""
LINES_COMPARED = 6_000
"""A longer file is linked as a whole commit's blob: comparing it would cost more than the link."""


class Shown(NamedTuple):
    """Which lines of one file the diff shows on each side, and how lines of the text that was
    evaluated map to the head commit's (None where they are equal)."""

    base: Spans
    head: Spans
    mapped: Mapping[int, int] | None


class Texts(NamedTuple):
    """One file's text on base, as evaluated for head, and in the head commit where that differs;
    None where the file is not there."""

    base: bytes | None
    head: bytes | None
    own: bytes | None


@dataclass(slots=True)
class Links:
    """Everything links are made of; `files` has an entry for each file of the change.

    Which lines a diff shows is worked out for files that a report cites, each once.
    """

    site: Site
    files: Mapping[str, Texts] = field(default_factory=dict)
    _shown: dict[str, Shown] = field(default_factory=dict, repr=False)

    def place(self, origin: Origin, side: Side) -> str | None:
        """The URL of a line, or None where it has none on the head commit."""
        shown = self._file(origin.file)
        line = self.head_line(origin) if side is Side.HEAD else origin.line
        if line is None:
            return None
        if self.site.pull and _within(line, _visible(shown, side)):
            digest = sha256(path_bytes(origin.file)).hexdigest()
            letter = "L" if side is Side.BASE else "R"
            return f"{self._repository}/pull/{self.site.pull}/files#diff-{digest}{letter}{line}"
        commit = self.site.base if side is Side.BASE else self.site.head
        if commit is None:
            return None
        return f"{self._repository}/blob/{commit}/{percent(origin.file)}#L{line}"

    def shows(self, origin: Origin, side: Side) -> bool:
        """Whether this change's diff shows a line."""
        line = self.head_line(origin) if side is Side.HEAD else origin.line
        return line is not None and _within(line, _visible(self._file(origin.file), side))

    def head_line(self, origin: Origin) -> int | None:
        """The line of the head commit that this one is, or None where it is of the merge alone."""
        shown = self._file(origin.file)
        if shown is None or shown.mapped is None:
            return origin.line
        return shown.mapped.get(origin.line)

    def commit(self, commit: str) -> str:
        """The URL of a commit."""
        return f"{self._repository}/commit/{commit}"

    def run(self) -> str | None:
        """The URL of the run that made the report."""
        return f"{self._repository}/actions/runs/{self.site.run}" if self.site.run else None

    def _file(self, path: str) -> Shown | None:
        texts = self.files.get(path)
        if texts is None:
            return None
        if path not in self._shown:
            self._shown[path] = _shown(texts)
        return self._shown[path]

    @property
    def _repository(self) -> str:
        return f"{self.site.server}/{self.site.repository}"


def links_of(question: Question) -> Links | None:
    """Links for what was asked; None where no repository is known."""
    site = question.links
    if not site.repository:
        return None
    base = _texts(question.base.files) if question.base else {}
    head = _texts(question.head.files)
    own = _texts(question.head.own)
    changed = {path for path in {*base, *head} if base.get(path) != head.get(path)} | set(own)
    files = {path: Texts(base.get(path), head.get(path), own.get(path)) for path in changed}
    return Links(site, files)


def _texts(documents: Iterable[Document]) -> dict[str, bytes]:
    return {each.path: each.content or b"" for each in documents}


def _shown(texts: Texts) -> Shown:
    base, head, own = texts
    if own is not None and own != head:
        before, merged, after = _lines(base), _lines(head), _lines(own)
        shown = _hunks(before, after)
        return Shown(*shown, _mapping(merged, after))
    return Shown(*_hunks(_lines(base), _lines(head)), None)


def _lines(text: bytes | None) -> list[bytes]:
    return (text or b"").split(b"\n")


def _hunks(before: Sequence[bytes], after: Sequence[bytes]) -> tuple[Spans, Spans]:
    """The lines that a diff with GitHub's context shows, on both sides."""
    if len(before) + len(after) > LINES_COMPARED:
        return (), ()
    old: list[tuple[int, int]] = []
    new: list[tuple[int, int]] = []
    for tag, a, b, c, d in _matcher(before, after).get_opcodes():
        if tag != "equal":
            old.append((max(1, a + 1 - CONTEXT), min(len(before), b + CONTEXT)))
            new.append((max(1, c + 1 - CONTEXT), min(len(after), d + CONTEXT)))
    return normal(old), normal(new)


def _mapping(merged: Sequence[bytes], own: Sequence[bytes]) -> dict[int, int]:
    """Line of the merged text → line of the head commit's, for lines that both have."""
    if len(merged) + len(own) > LINES_COMPARED:
        return {}
    return {
        block.a + at + 1: block.b + at + 1
        for block in _matcher(merged, own).get_matching_blocks()
        for at in range(block.size)
    }


def _matcher(before: Sequence[bytes], after: Sequence[bytes]) -> difflib.SequenceMatcher[bytes]:
    return difflib.SequenceMatcher(None, before, after, autojunk=True)


def _visible(shown: Shown | None, side: Side) -> Spans:
    if shown is None:
        return ()
    return shown.base if side is Side.BASE else shown.head


def _within(line: int, spans: Spans) -> bool:
    return any(low <= line <= high for low, high in spans)
