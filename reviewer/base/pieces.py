"""From the bytes of a file to its pieces: encodings, line ends, separators (S-2, G-44)."""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

FILE_LIMIT = 8 << 20
"""The largest file that is read, in bytes."""

PIECE_LIMIT = 200_000
"""The most pieces of a file: as many as all files may have together (G-44)."""

_POINTER = b"version https://git-lfs.github.com/spec/"
_REST_OF_SEPARATOR = re.compile(rb"[ \t]*(?:[ \t]#[^\n]*)?(?:\n|\Z)")


class Piece(NamedTuple):
    """One piece of a file in UTF-8 with LF line ends; `line` is the file's line it starts on."""

    text: bytes
    line: int


class Fault(NamedTuple):
    """Why a text cannot be read, and at which of its lines (from 1)."""

    reason: str
    line: int


def split(content: bytes) -> list[Piece] | Fault:
    """The pieces of a file in order; blank ones are left out. O(bytes)."""
    if len(content) > FILE_LIMIT:
        return Fault(f"the file is larger than {FILE_LIMIT >> 20} MiB", 1)
    if content.startswith(_POINTER):
        return Fault("the file is a Git LFS pointer, not the manifest itself", 1)
    text = _utf8(content)
    if text is None:
        return Fault("the file is not valid UTF-16", 1)
    if b"\r" in text:
        text = text.replace(b"\r\n", b"\n")
    if not text.startswith(b"---") and b"\n---" not in text:
        return [Piece(text, 1)] if text and not text.isspace() else []
    if text.count(b"\n---") > PIECE_LIMIT:
        return Fault(f"more than {PIECE_LIMIT:,} documents in the file", 1)
    return _split(text)


def _utf8(content: bytes) -> bytes | None:
    """The text without a byte order mark, in UTF-8 where the mark says UTF-16."""
    if content.startswith(codecs.BOM_UTF8):
        return content[len(codecs.BOM_UTF8) :]
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return content.decode("utf-16").encode()
        except UnicodeError:
            return None
    return content


def _split(text: bytes) -> list[Piece]:
    """The pieces between separators. Searching for dashes at the begin of a line and looking at
    each is several times quicker than a regular expression over the whole text."""
    out: list[Piece] = []
    line, start = 1, 0
    at = 0 if text.startswith(b"---") else text.find(b"\n---") + 1
    while at >= 0:
        rest = _REST_OF_SEPARATOR.match(text, at + 3)
        if rest is not None:
            line = _add(out, text[start:at], line) + 1
            start = rest.end()
        at = text.find(b"\n---", at + 2)
        at = at + 1 if at >= 0 else at
    _add(out, text[start:], line)
    return out


def _add(out: list[Piece], piece: bytes, line: int) -> int:
    """Add a piece that is not blank; the answer is the line after it."""
    if piece and not piece.isspace():
        out.append(Piece(piece, line))
    return line + piece.count(b"\n")
