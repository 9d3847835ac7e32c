"""From one file to what it says: pieces, objects, identities, diagnostics (S-1 to S-12, S-90)."""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property

from reviewer.base import pieces, yamldoc
from reviewer.base.building import NODES_USED_UP
from reviewer.base.diagnostics import Diagnostic, Level, diagnostic
from reviewer.base.documents import Document, ObjectRef, Origin
from reviewer.base.pieces import Fault, Piece
from reviewer.base.places import Path, Place, find, places
from reviewer.base.yamldoc import Allowance, Map, Seq, Value, Vocabulary

from . import screening
from .expansion import objects_of
from .groups import NETWORKING, REMOVED, group_of
from .identity import identify
from .manifest import Manifest, Reader
from .registry import reader_of
from .repetition import Repeated, repeated_keys
from .source import Source
from .telling import Tally, noted
from .types import Extract, Reading
from .unread import UNREAD
from .workloads import has_containers, read_controller

PIECES_AT_MOST = 1_000
"""The pieces of a file that are told that they are unreadable; more are counted in a last one.
After so many for which a file has no nodes left, what else may hold manifests is passed over."""


def extract(document: Document, words: Vocabulary | None = None) -> Extract:
    """Everything that one file says; `words` shares scalars between the files of one reading.

    Raises: ValueError where the document has no content.
    """
    if document.content is None:
        raise ValueError(f"{document.path}: its content is needed, since it was not read before")
    found = pieces.split(document.content)
    if isinstance(found, Fault):
        return Extract((), (_unreadable(document.path, found, document.content, None),))
    reader = _FileReader(document.path, words or Vocabulary())
    for piece in found:
        reader.read(piece)
    return reader.extract()


class FieldLines:
    """Where the fields of one file's objects stand; what is asked for is read once (S-90)."""

    def __init__(self, content: bytes) -> None:
        found = pieces.split(content)
        self._pieces = () if isinstance(found, Fault) else tuple(found)
        self._begun: dict[Piece, _Begun] = {}

    def line(self, origin_line: int, path: str) -> int | None:
        """The line of a field of the object that begins at `origin_line`, or of the nearest field
        above it; `path` is as in `spec.ingress[0].from`. None where no object begins there."""
        at = bisect_right(self._pieces, origin_line, key=lambda piece: piece.line)
        if not at:
            return None
        piece = self._pieces[at - 1]
        begun = self._begun.get(piece)
        if begun is None:
            begun = self._begun[piece] = _Begun(piece)
        prefix = begun.paths.get(origin_line)
        if prefix is None or not path:
            return None if prefix is None else origin_line
        return find(begun.top.node(prefix), path).line + piece.line - 1


class _Begun:
    """The objects of one piece by the line they begin on; of several on a line the first."""

    def __init__(self, piece: Piece) -> None:
        self._text = piece.text
        self.paths: dict[int, Path] = {}
        loaded = yamldoc.load(piece.text, Vocabulary(), Allowance())
        if isinstance(loaded, Fault):
            return
        source = Source("", piece, has_anchors=loaded.has_anchors)
        for value, prefix in objects_of(loaded.value, ()):
            self.paths.setdefault(_begins(source, prefix, value), prefix)

    @cached_property
    def top(self) -> Place:
        """The lines of everything in the piece."""
        return places(self._text)


def _begins(source: Source, prefix: Path, value: Map) -> int:
    """The line in the file that an object begins on."""
    if prefix:
        return source.item_line(prefix, value.line)
    return source.key_line((), value.line)


def _unreadable(file: str, fault: Fault, text: bytes, piece: Piece | None) -> Diagnostic:
    """An `unreadable`; a warning where what is unreadable cannot matter to connectivity. Of a
    whole file that was not looked into nobody knows."""
    reason = fault.reason
    if b"{{" in text:
        reason += "; it looks like a template to be rendered first"
    matters = piece is None or screening.matters(piece.text)
    return Diagnostic(
        code="unreadable",
        message=f"cannot be read and is left out: {reason}",
        file=file,
        line=fault.line + (piece.line - 1 if piece else 0),
        level=Level.ERROR if matters else Level.WARNING,
    )


class _FileReader:
    """Reads the pieces of one file, one after the other."""

    def __init__(self, file: str, words: Vocabulary) -> None:
        self.file = file
        self.words = words
        self.allowance = Allowance()
        self.readings: list[Reading] = []
        self.diagnostics: list[Diagnostic] = []
        self.unreadable: dict[Level, list[int]] = {Level.ERROR: [], Level.WARNING: []}
        self.used_up = 0
        self.tally = Tally()
        self.readers: dict[tuple[str, str], tuple[str, Reader | None]] = {}

    def extract(self) -> Extract:
        """What was read so far."""
        for level, lines in self.unreadable.items():
            if len(lines) > PIECES_AT_MOST:
                text = f"{len(lines) - PIECES_AT_MOST} more documents of this file cannot be read"
                line = lines[PIECES_AT_MOST]
                more = diagnostic("unreadable", text, self.file, line)
                self.diagnostics.append(more._replace(level=level))
        return Extract(tuple(self.readings), tuple(self.diagnostics), self.tally.unsaid())

    def read(self, piece: Piece) -> None:
        """One piece: what cannot be ours has its syntax checked, the rest is built."""
        if not screening.may_hold_manifests(piece.text):
            fault = yamldoc.check(piece.text)
            if fault is not None:
                self._fault(fault, piece)
            return
        if self.used_up >= PIECES_AT_MOST:
            self.unreadable[Level.ERROR].append(piece.line)
            return
        loaded = yamldoc.load(piece.text, self.words, self.allowance)
        if isinstance(loaded, Fault):
            self.used_up += loaded.reason is NODES_USED_UP
            self._fault(loaded, piece)
            return
        source = Source(self.file, piece, has_anchors=loaded.has_anchors)
        repeated = repeated_keys(loaded)
        for value, prefix in objects_of(loaded.value, ()):
            manifest = self._manifest(source, value, prefix)
            if manifest is not None:
                self._keep(manifest, repeated)
        self._lists(source, loaded.value, repeated)
        source.close()

    def _manifest(self, source: Source, value: Map, prefix: Path) -> Manifest | None:
        """One object, if its kind is one that is read or warned about."""
        kind, version = value.get("kind"), value.get("apiVersion")
        if type(kind) is not str or not kind:
            return None
        if type(version) is not str:
            if kind != "NetworkPolicy":
                return None
            version = ""
        known = self.readers.get((version, kind))
        if known is None:
            known = group_of(version, kind), reader_of(version, kind)
            self.readers[version, kind] = known
        group, reader = known
        if reader is None:
            if not has_containers(value):
                return None
            reader = read_controller
        ref = ObjectRef(group, kind, "", "")
        origin = Origin(self.file, _begins(source, prefix, value))
        return Manifest(ref, origin, version, value, (source, prefix), reader)

    def _keep(self, manifest: Manifest, repeated: Repeated) -> None:
        """Keep what one object says, if there is more in it than a fault that enough have."""
        reader, notes = manifest.reader, manifest.notes
        identify(manifest)
        is_unread = reader in UNREAD
        if is_unread:
            notes.clear()
        is_named = not notes.found
        kind = manifest.ref.kind
        if kind in REMOVED and manifest.version in REMOVED[kind]:
            text = f"is no longer served: {NETWORKING}/v1 has the same fields"
            notes.warn("removed-api", ("apiVersion",), text)
        prefix = manifest.prefix
        for path in repeated.get(prefix, ()):
            text = "is given more than once; the last one holds"
            notes.warn("duplicate-key", path[len(prefix) :], text)
        found = reader(manifest) if is_named else None
        if (is_unread or not is_named) and notes.counts and not self._is_told(manifest):
            return
        if "bad-type" in notes.counts or "invalid-policy" in notes.counts:
            found = None
        reading = Reading(
            manifest.ref,
            manifest.origin,
            found,
            manifest.source.text,
            prefix,
            is_named and not is_unread and not manifest.generated,
            manifest.homeless,
            noted(manifest.source, notes),
        )
        self.readings.append(reading)

    def _is_told(self, manifest: Manifest) -> bool:
        """Whether an object of which nothing but faults is kept is told any of them."""
        admits, kind, (file, line) = self.tally.admits, manifest.ref.kind, manifest.origin
        told = [admits((file, code, kind), line) for code in manifest.notes.counts]
        return True in told

    def _lists(self, source: Source, value: Value, repeated: Repeated) -> None:
        """What is wrong with a list itself: `items` of another type, or given twice."""
        kind = value.get("kind") if type(value) is Map else None
        if type(kind) is not str or not screening.names_ours(kind):
            return
        items = value.get("items")
        if items is not None and type(items) is not Seq:
            self._say("bad-type", source, "is not a list; nothing in it is read")
        if ("items",) in repeated.get((), ()):
            self._say("duplicate-key", source, "is given more than once; the last one holds")

    def _say(self, code: str, source: Source, text: str) -> None:
        line = source.lines([("items",)])[("items",)]
        self.diagnostics.append(diagnostic(code, f"items {text}", self.file, line))

    def _fault(self, fault: Fault, piece: Piece) -> None:
        found = _unreadable(self.file, fault, piece.text, piece)
        lines = self.unreadable[found.level]
        lines.append(found.line or 0)
        if len(lines) <= PIECES_AT_MOST:
            self.diagnostics.append(found)
