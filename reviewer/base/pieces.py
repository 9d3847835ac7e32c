"""From the bytes of a file to its pieces: encodings, line ends, separators (S-2, G-44)."""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

FILE_LIMIT = 8 << 20
"""The largest file that is read, in bytes."""

_POINTER = b"version https://git-lfs.github.com/spec/"
_SEPARATOR = re.compile(rb"^---(?:[ \t]*|[ \t]+#.*)$\n?", re.MULTILINE)


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
    out: list[Piece] = []
    line = 1
    start = 0
    for found in _SEPARATOR.finditer(text):
        piece = text[start : found.start()]
        if piece and not piece.isspace():
            out.append(Piece(piece, line))
        line += piece.count(b"\n") + 1
        start = found.end()
    piece = text[start:]
    if piece and not piece.isspace():
        out.append(Piece(piece, line))
    return out
