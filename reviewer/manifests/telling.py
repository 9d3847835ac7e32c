"""From notes to diagnostics: which are said, in what words, at which lines, and how many (S-90).

Lines are looked up here, when it is settled which objects count, since that is the dear part: a
file may hold 100,000 objects of which nobody needs to read what is wrong. So of one code and kind
a file is told `OBJECTS_AT_MOST` objects, and how many more there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from reviewer.base.diagnostics import Diagnostic, diagnostic
from reviewer.base.places import Path

from .notes import NOTES_AT_MOST, Note, Notes
from .source import Source
from .types import Noted, Reading, Unsaid
from .wording import shortened, subject, written

OBJECTS_AT_MOST = 1_000
"""The objects of one kind of which one file is told one code; more are counted in a last one."""

_LEAVES_OUT = {
    "bad-type": "; the object is left out, as the API server would refuse it",
    "invalid-policy": "; the policy is left out, as the API server would refuse it",
    "unknown-api": "; the policy is left out",
    "no-name": "; the object is left out",
}
_ALWAYS = frozenset({"duplicate-key", "removed-api"})
_OF_BAD_TYPE = _ALWAYS | {"bad-type"}
_OF_REFUSED = _ALWAYS | {"invalid-policy", "unknown-field"}


def noted(source: Source, notes: Notes) -> Noted | None:
    """The notes that are said: `bad-type` alone, and of a refused policy no warnings (S-12)."""
    found, counts = notes.found, notes.counts
    if not found:
        return None
    if "bad-type" in counts:
        found = [note for note in found if note.code in _OF_BAD_TYPE]
    elif "invalid-policy" in counts:
        found = [note for note in found if note.code in _OF_REFUSED]
    return Noted(source, tuple(found), counts)


Fault = tuple[str, str, str]
"""What is counted: a file, a code, a kind."""


class Tally:
    """How many objects each fault has, and which of them are told."""

    __slots__ = ("_counts", "_lines")

    def __init__(self) -> None:
        self._counts: dict[Fault, int] = {}
        self._lines: dict[Fault, int] = {}

    def is_full(self, fault: Fault) -> bool:
        """Whether no more object is told of a fault."""
        return self._counts.get(fault, 0) >= OBJECTS_AT_MOST

    def admits(self, fault: Fault, line: int) -> bool:
        """Whether one more object is still told of its fault."""
        count = self._counts[fault] = self._counts.get(fault, 0) + 1
        if count <= OBJECTS_AT_MOST:
            return True
        self._lines.setdefault(fault, line)
        return False

    def add(self, file: str, unsaid: Unsaid) -> None:
        """Count objects that a file has beyond those that were kept."""
        for (code, kind), (count, line) in unsaid.items():
            fault = (file, code, kind)
            self._counts[fault] = self._counts.get(fault, 0) + count
            self._lines.setdefault(fault, line)

    def unsaid(self) -> Unsaid:
        """How many objects of one file were not admitted, and the line of the first."""
        return {
            (code, kind): (self._counts[file, code, kind] - OBJECTS_AT_MOST, line)
            for (file, code, kind), line in self._lines.items()
        }

    def rest(self) -> Iterator[Diagnostic]:
        """That there are more objects than were told of a fault."""
        for (file, code, kind), line in self._lines.items():
            count = self._counts[file, code, kind] - OBJECTS_AT_MOST
            what = _REST.get(code, "have the same fault")
            yield diagnostic(code, f"{count} more {shortened(kind)} objects {what}", file, line)


_REST = {"duplicate-object": "were given before; they are not compared"}


def tell(readings: Iterable[Reading], tally: Tally) -> Iterator[Diagnostic]:
    """What is said of these objects, in no order. Each piece is read once more at most."""
    chosen: list[tuple[Reading, list[Note]]] = []
    paths: dict[int, tuple[Source, set[Path]]] = {}
    for reading in readings:
        found = reading.noted
        if found is None:
            continue
        file, line = reading.origin
        codes = dict.fromkeys(note.code for note in found.notes)
        told = {code for code in codes if tally.admits((file, code, reading.ref.kind), line)}
        if told:
            notes = [note for note in found.notes if note.code in told]
            chosen.append((reading, notes))
            wanted = paths.setdefault(id(found.source), (found.source, set()))[1]
            wanted.update((*reading.prefix, *note.path) for note in notes if note.path)
    lines = {key: source.lines(wanted) for key, (source, wanted) in paths.items()}
    for reading, notes in chosen:
        yield from _told(reading, notes, lines)


def _told(
    reading: Reading, notes: list[Note], lines: Mapping[int, Mapping[Path, int]]
) -> Iterator[Diagnostic]:
    assert reading.noted is not None, "it was chosen for its notes"
    source, _, counts = reading.noted
    file, begins = reading.origin
    about = subject(reading.ref)
    for note in notes:
        line = lines[id(source)][(*reading.prefix, *note.path)] if note.path else begins
        text = f"{written(note.path)} {note.text}" if note.path else note.text
        yield diagnostic(note.code, text + _LEAVES_OUT.get(note.code, ""), file, line, about)
    for code in dict.fromkeys(note.code for note in notes):
        if counts[code] > NOTES_AT_MOST:
            text = f"{counts[code] - NOTES_AT_MOST} more fields of this object have the same fault"
            yield diagnostic(code, text, file, begins, about)
