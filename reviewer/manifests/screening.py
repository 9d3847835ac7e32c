"""Which pieces need not be built, since no manifest of ours can be in them (S-6).

Building values is the dearest step of all. Two proofs let a piece go with a mere check of its
syntax; an author must not be able to fool either, so both rest on what the grammar of YAML makes
impossible, not on how files usually look.

*By words.* The kind of an object is a scalar. Without escapes, line joins or `!!binary`, every
scalar of one word stands in the text as it is. So where no kind of ours occurs as a word, none is.

*By the left edge.* Where the first thing of a piece is a plain key in column 0, its top is a block
mapping, and each key of it starts a line in column 0. If all such lines are plain `key:` lines,
comments or dashes, the `kind` can be written in one way only; and all lines that begin so name
kinds that are not ours.
"""

from __future__ import annotations

import re

from .registry import KINDS, WORDS


def _any_of(kinds: frozenset[str]) -> str:
    """A pattern of any of these kinds, or of a typed list of them."""
    return f"(?:{'|'.join(sorted(kinds, key=lambda kind: (-len(kind), kind)))})(?:List)?"


_KIND_LINE = re.compile(rb"^kind: ([A-Za-z0-9]+) *$", re.MULTILINE)
_WORDS = re.compile(rf"\b{_any_of(WORDS)}\b".encode())
_OURS = frozenset(kind.encode() for kind in WORDS)

_JOINS = re.compile(rb"\\[xuU\r\n\xc2\xe2]")
"""Escapes that can make letters or join lines; the last two begin YAML's other line ends."""

_TAG = re.compile(rb"![!<%\w:.,-]")
_BEFORE_TAG = frozenset(b" \t\n\r[]{},:?-\x85\xa8\xa9\xbf")
"""What may stand before the `!` of a tag, and so of `!!binary` in any spelling; the last four
end YAML's other line ends and a byte order mark, which may begin any line."""

_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
"""Byte order marks: by one at the begin of a piece the parser takes its encoding."""

_ODD_EDGE = re.compile(rb"^(?![ #\n]|- |[A-Za-z_][\w./-]*:(?:[ \n]|\Z)|\Z)", re.MULTILINE)
"""A line that is no plain key, comment, dash or indented line."""

_FIRST = re.compile(rb"(?:[ ]*(?:#.*)?\n)*+[A-Za-z_][\w./-]*:[ \n]")
_OTHER_BREAKS = re.compile(rb"\xc2\x85|\xe2\x80[\xa8\xa9]")

_NAMES_OURS = re.compile(
    rf"kind[\"']?[ \t]*:[ \t]*[\"']?(?:List|{_any_of(KINDS)})[\"']?[ \t]*,?[ \t]*(?:#.*)?$"
    "".encode(),
    re.MULTILINE,
)
_POLICY = re.compile(rb"NetworkPolicy\b")


def may_hold_manifests(piece: bytes) -> bool:
    """Whether anything of ours can be in a piece; when not, it is proved as above."""
    first = _KIND_LINE.search(piece)
    if first is not None and first[1] in _OURS:
        return True
    if piece.startswith(_MARKS):
        return True
    if _JOINS.search(piece) or _has_tags(piece):
        return True
    if b"template" in piece and b"containers" in piece:  # S-21: any kind may be a workload
        return True
    if _has_plain_edge(piece, first is not None):
        return first is not None and any(map(_is_ours, _KIND_LINE.findall(piece)))
    return b"kind" in piece and _WORDS.search(piece) is not None


def names_ours(kind: str) -> bool:
    """Whether a kind is that of a list in which objects of ours may stand (S-5): `List` itself,
    or the typed list of a kind that is read."""
    return kind == "List" or (kind.endswith("List") and kind.removesuffix("List") in KINDS)


def _is_ours(kind: bytes) -> bool:
    return kind in _OURS or kind.endswith(b"List")


def _has_tags(piece: bytes) -> bool:
    """Whether there may be a tag anywhere."""
    return any(
        at.start() == 0 or piece[at.start() - 1] in _BEFORE_TAG for at in _TAG.finditer(piece)
    )


def _has_plain_edge(piece: bytes, names_kind: bool) -> bool:
    """Whether every key at the top of a piece stands in column 0 as plain text, and each `kind`
    with a plain word."""
    if not _FIRST.match(piece) or _ODD_EDGE.search(piece):
        return False
    if b"\r" in piece or (not piece.isascii() and _OTHER_BREAKS.search(piece)):
        return False
    lines = piece.count(b"\nkind:") + piece.startswith(b"kind:")
    return lines == names_kind or lines == len(_KIND_LINE.findall(piece))


def matters(piece: bytes) -> bool:
    """Whether a piece that cannot be read may be about connectivity (S-90): it has a line that
    names a kind of ours, or the word NetworkPolicy."""
    if any(not piece[at.start() - 1 : at.start()].isalnum() for at in _POLICY.finditer(piece)):
        return True
    return any(_begins_line(piece, at.start()) for at in _NAMES_OURS.finditer(piece))


def _begins_line(piece: bytes, at: int) -> bool:
    """Whether only blanks, dashes, quotes and braces stand before a place on its line."""
    before = piece[max(at - 200, 0) : at]
    return not before[before.rfind(b"\n") + 1 :].strip(b" \t-\"'{")
