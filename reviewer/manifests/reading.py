"""From one file to what it says: pieces, objects, identities, diagnostics (S-1 to S-12, S-90)."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.base import pieces, yamldoc
from reviewer.base.diagnostics import Diagnostic, Level, diagnostic
from reviewer.base.documents import Document, ObjectRef, Origin
from reviewer.base.pieces import Fault, Piece
from reviewer.base.places import Path, find, places
from reviewer.base.yamldoc import Allowance, Loaded, Map, Seq, Value, Vocabulary

from . import screening
from .expansion import objects_of
from .groups import NETWORKING, REMOVED, group_of
from .homing import DEFAULT
from .manifest import NOTES_AT_MOST, Manifest, Note, Notes, Reader, Source
from .registry import CLUSTER_SCOPED, reader_of
from .types import Extract, Reading
from .unread import UNREAD
from .wording import subject, written
from .workloads import has_containers, read_controller


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
    return Extract(tuple(reader.readings), tuple(reader.diagnostics))


def field_line(content: bytes, origin_line: int, path: str) -> int | None:
    """The line of a field of the object that begins at `origin_line` of a file, or of the nearest
    field above it; `path` is as in `spec.ingress[0].from`. None where no object begins there."""
    found = pieces.split(content)
    if isinstance(found, Fault):
        return None
    for piece in reversed(found):
        if piece.line <= origin_line:
            loaded = yamldoc.load(piece.text, Vocabulary(), Allowance())
            if isinstance(loaded, Fault):
                return None
            source = Source("", piece, has_anchors=loaded.has_anchors)
            for value, prefix in objects_of(loaded.value, ()):
                if _begins(source, prefix, value) == origin_line:
                    top = places(piece.text).node(prefix)
                    return find(top, path).line + piece.line - 1 if path else origin_line
            return None
    return None


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


def _begins(source: Source, prefix: Path, value: Map) -> int:
    """The line in the file that an object begins on."""
    if prefix:
        return source.item_line(prefix, value.line)
    return source.key_line((), value.line)


class _FileReader:
    """Reads the pieces of one file, one after the other."""

    def __init__(self, file: str, words: Vocabulary) -> None:
        self.file = file
        self.words = words
        self.allowance = Allowance()
        self.readings: list[Reading] = []
        self.diagnostics: list[Diagnostic] = []

    def read(self, piece: Piece) -> None:
        """One piece: what cannot be ours has its syntax checked, the rest is built."""
        if not screening.may_hold_manifests(piece.text):
            fault = yamldoc.check(piece.text)
            if fault is not None:
                self._fault(fault, piece)
            return
        loaded = yamldoc.load(piece.text, self.words, self.allowance)
        if isinstance(loaded, Fault):
            self._fault(loaded, piece)
            return
        source = Source(self.file, piece, has_anchors=loaded.has_anchors)
        repeated = _repeated(loaded) if loaded.duplicates else ()
        for value, prefix in objects_of(loaded.value, ()):
            reading = _read(source, value, prefix, repeated)
            if reading is not None:
                self.readings.append(reading)
        self._lists(source, loaded.value, repeated)

    def _lists(self, source: Source, value: Value, repeated: tuple[Path, ...]) -> None:
        """What is wrong with a list itself: `items` of another type, or given twice."""
        kind = value.get("kind") if type(value) is Map else None
        if type(kind) is not str or not screening.names_ours(kind):
            return
        items = value.get("items")
        if items is not None and type(items) is not Seq:
            self._say("bad-type", source, "is not a list; nothing in it is read")
        if ("items",) in repeated:
            self._say("duplicate-key", source, "is given more than once; the last one holds")

    def _say(self, code: str, source: Source, text: str) -> None:
        line = source.line(("items",))
        self.diagnostics.append(diagnostic(code, f"items {text}", self.file, line))

    def _fault(self, fault: Fault, piece: Piece) -> None:
        self.diagnostics.append(_unreadable(self.file, fault, piece.text, piece))


def _repeated(loaded: Loaded) -> tuple[Path, ...]:
    """The paths of the keys that a piece gives more than once, in one walk over its value."""
    wanted: dict[int, list[str]] = {}
    for each in loaded.duplicates:
        wanted.setdefault(id(each.mapping), []).append(each.key)
    out: list[Path] = []
    left: list[tuple[Value, Path]] = [(loaded.value, ())]
    while left:
        value, path = left.pop()
        out += [(*path, key) for key in wanted.pop(id(value), ())]
        pairs = value.items() if type(value) is Map else enumerate(value)
        left += [(item, (*path, step)) for step, item in pairs if type(item) in {Map, Seq}]
    return tuple(out)


def _read(source: Source, value: Map, prefix: Path, repeated: tuple[Path, ...]) -> Reading | None:
    """One object, if its kind is one that is read or warned about."""
    kind, version = value.get("kind"), value.get("apiVersion")
    if type(kind) is not str or not kind:
        return None
    if type(version) is not str:
        if kind != "NetworkPolicy":
            return None
        version = ""
    reader = reader_of(version, kind)
    if reader is None:
        if not has_containers(value):
            return None
        reader = read_controller
    return _reading(source, value, prefix, (version, kind, reader), repeated)


def _reading(
    source: Source,
    value: Map,
    prefix: Path,
    read_by: tuple[str, str, Reader],
    repeated: tuple[Path, ...],
) -> Reading:
    version, kind, reader = read_by
    manifest = Manifest(
        ref=ObjectRef(group_of(version, kind), kind, "", ""),
        origin=Origin(source.file, _begins(source, prefix, value)),
        version=version,
        value=value,
        at=(source, prefix),
    )
    _identify(manifest)
    if reader in UNREAD:
        manifest.notes = Notes()
    notes = manifest.notes
    named = not notes.found
    if version in REMOVED.get(kind, ()):
        text = f"is no longer served: {NETWORKING}/v1 has the same fields"
        notes.warn("removed-api", ("apiVersion",), text)
    for path in repeated:
        if path[: len(prefix)] == prefix:
            text = "is given more than once; the last one holds"
            notes.warn("duplicate-key", path[len(prefix) :], text)
    found = reader(manifest) if named else None
    unique = named and not manifest.generated and reader not in UNREAD
    return Reading(
        ref=manifest.ref,
        origin=manifest.origin,
        object=None if notes.has("bad-type") or notes.has("invalid-policy") else found,
        text=source.text,
        prefix=prefix,
        unique=unique,
        homeless=manifest.homeless,
        diagnostics=tuple(_diagnostics(manifest)) if notes.found else (),
    )


def _identify(manifest: Manifest) -> None:
    """Put namespace and name into the reference (S-8, S-9), or note why there are none."""
    notes, group, kind = manifest.notes, manifest.ref.group, manifest.ref.kind
    at: Path = ("metadata",)
    metadata = manifest.metadata()
    name = manifest.text(at, "name", metadata)
    generated = manifest.text(at, "generateName", metadata)
    namespace = manifest.text(at, "namespace", metadata)
    is_namespaced = (group, kind) not in CLUSTER_SCOPED
    manifest.homeless = is_namespaced and not namespace
    namespace = namespace or DEFAULT if is_namespaced else ""
    manifest.generated = not name and bool(generated)
    manifest.ref = ObjectRef(group, kind, namespace, name or generated)
    if not notes.found and not manifest.ref.name:
        notes.warn("no-name", ("metadata",), "has neither a name nor a generateName")


_LEAVES_OUT = {
    "bad-type": "; the object is left out, as the API server would refuse it",
    "invalid-policy": "; the policy is left out, as the API server would refuse it",
    "unknown-api": "; the policy is left out",
    "no-name": "; the object is left out",
}


def _said(notes: Notes) -> list[Note]:
    """The notes that are said: `bad-type` alone, and of a refused policy no warnings (S-12)."""
    always = {"duplicate-key", "removed-api"}
    if notes.has("bad-type"):
        kept = always | {"bad-type"}
    elif notes.has("invalid-policy"):
        kept = always | {"invalid-policy", "unknown-field"}
    else:
        return notes.found
    return [note for note in notes.found if note.code in kept]


def _diagnostics(manifest: Manifest) -> Iterator[Diagnostic]:
    counts: dict[str, int] = {}
    file = manifest.origin.file
    about = subject(manifest.ref)
    for note in _said(manifest.notes):
        count = counts[note.code] = counts.get(note.code, 0) + 1
        if count > NOTES_AT_MOST:
            continue
        path = (*manifest.prefix, *note.path)
        line = manifest.source.line(path) if note.path else manifest.origin.line
        text = f"{written(note.path)} {note.text}" if note.path else note.text
        yield diagnostic(note.code, text + _LEAVES_OUT.get(note.code, ""), file, line, about)
    for code, count in counts.items():
        if count > NOTES_AT_MOST:
            text = f"{count - NOTES_AT_MOST} more fields of this object have the same fault"
            yield diagnostic(code, text, file, manifest.origin.line, about)
