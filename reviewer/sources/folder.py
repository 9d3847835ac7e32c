"""Folders and files of manifests on disk, read as S-1 says.

Names are kept as bytes until they are handed on, so that the locale changes neither order nor
text: paths are UTF-8 with surrogate escapes.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from hashlib import blake2b

from reviewer.base.documents import FILE_BYTES, Document
from reviewer.base.errors import SourceError
from reviewer.sources.types import Budget, Known, Target, TargetKind

ENDINGS = (b".yaml", b".yml", b".json")
_CHUNK = 2**16


def is_manifest(path: bytes) -> bool:
    """Whether S-1 reads a file of this path, relative to the top of its target."""
    return path.lower().endswith(ENDINGS) and not path.startswith(b".") and path.find(b"/.") == -1


def digest(content: bytes) -> bytes:
    """The key of a content that is held whole: 16 bytes of BLAKE2."""
    return blake2b(content, digest_size=16).digest()


class FolderSource:
    """Reads a folder to any depth, or the one file that a TARGET names."""

    def accepts(self, target: Target) -> bool:
        """Whether the target is on disk."""
        return target.kind is not TargetKind.REVISION

    def documents(self, target: Target, known: Known, budget: Budget) -> Iterator[Document]:
        """The manifests of S-1 in its order. Raises: SourceError."""
        top = os.fsencode(target.path)
        if target.kind is TargetKind.FILE:
            paths = [(os.path.basename(top.rstrip(b"/")), top)]
        else:
            paths = sorted(_walk(top, budget))
        for path, place in paths:
            text = path.decode("utf-8", "surrogateescape")
            # A TARGET may be a link or a pipe; what is found inside of one may not (S-1).
            document = _read(place, text, follow=target.kind is TargetKind.FILE)
            budget.read(len(document.content or b""))
            if (text, document.key) in known:
                document = Document(path=text, key=document.key, content=None)
            yield document

    def file(self, target: Target, path: str) -> Document | None:
        """One regular file below a folder, or None. Raises: SourceError."""
        place = os.path.join(os.path.realpath(target.path), path)
        # A link anywhere on the way could lead out of the target (S-1).
        if not os.path.isfile(place) or os.path.realpath(place) != place:
            return None
        return _read(os.fsencode(place), path, follow=False)


def _walk(top: bytes, budget: Budget) -> Iterator[tuple[bytes, bytes]]:
    """Each manifest below `top`, in no order: path relative to it, and where it is."""
    waiting = [(b"", top)]
    while waiting:
        prefix, folder = waiting.pop()
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    name = entry.name
                    if name.startswith(b"."):
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append((prefix + name + b"/", entry.path))
                    elif is_manifest(name) and entry.is_file(follow_symlinks=False):
                        budget.file()
                        yield prefix + name, entry.path
        except OSError as error:
            raise _unreadable("folder", folder, error) from error


def _read(place: bytes, path: str, *, follow: bool) -> Document:
    """The content and key of one file; of a file over the limit its beginning and whole key, but
    of a pipe or device over it, which may never end, the key of its beginning."""
    flags = os.O_RDONLY | os.O_CLOEXEC | (0 if follow else os.O_NOFOLLOW)
    state = blake2b(digest_size=16)
    kept: list[bytes] = []
    room = FILE_BYTES + 1
    try:
        handle = os.open(place, flags)
        try:
            ends = stat.S_ISREG(os.fstat(handle).st_mode)
            while (room or ends) and (chunk := os.read(handle, _CHUNK)):
                state.update(chunk)
                if room:
                    kept.append(chunk[:room])
                    room -= len(kept[-1])
        finally:
            os.close(handle)
    except OSError as error:
        raise _unreadable("file", place, error) from error
    return Document(path=path, key=state.digest(), content=b"".join(kept))


def _unreadable(what: str, place: bytes, error: OSError) -> SourceError:
    name = place.decode("utf-8", "surrogateescape")
    return SourceError(
        f"{what} {name!r} cannot be read: {error.strerror}",
        "give this user the right to read it, or name a folder without it",
    )
