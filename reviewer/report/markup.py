"""The one gate for untrusted text: names, labels, paths, refs, messages (G-28, P-24).

Everything that is not our own words goes through here, whatever the format. What a reader could
not see, or what would leave the place it was put in, becomes `⟨U+NNNN⟩`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

SPAN_LIMIT = 120
LABEL_LIMIT = 60
EMPTY = "⟨empty⟩"
CUT = "…"

_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
"""Control, format, surrogate, private use, line and paragraph separators."""
_SPAN_UNSEEN = _UNSEEN | {"Zs"}
_SPAN_SYNTAX = frozenset("`|\\<>&")
_PLAIN_SPAN = re.compile(
    r"[A-Za-z0-9_./:,=*+\-\[\]()!\"'{}#@%]+(?: [A-Za-z0-9_./:,=*+\-\[\]()!]+)*"
)
_LABEL_KEPT = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 ,.:/()_-")


def escape(character: str) -> str:
    """How one character that may not stand is written."""
    return f"⟨U+{ord(character):04X}⟩"


def safe(text: str) -> str:
    """Plain text that cannot move a cursor, colour a line or end it (P-24)."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(escape(c) if unicodedata.category(c) in _UNSEEN else c for c in text)


def span(text: str) -> str:
    """A native code span that holds exactly this text and nothing else can leave it (G-28)."""
    if len(text) <= SPAN_LIMIT and _PLAIN_SPAN.fullmatch(text):
        return f"`{text}`"
    return f"`{shorten(list(_span_parts(text)), SPAN_LIMIT)}`"


def _span_parts(text: str) -> Iterator[str]:
    """The text character by character, escaped; a third combining mark in a row too."""
    normal = unicodedata.normalize("NFC", text)
    if not normal:
        yield EMPTY
    marks, last = 0, len(normal) - 1
    for at, character in enumerate(normal):
        category = unicodedata.category(character)
        marks = marks + 1 if category.startswith("M") else 0
        # NOTE: a renderer strips one blank at both ends of a span; inside they are harmless.
        blank = character == " " and 0 < at < last
        hidden = category in _SPAN_UNSEEN and not blank
        yield escape(character) if hidden or character in _SPAN_SYNTAX or marks > 2 else character


def shorten(parts: list[str], limit: int) -> str:
    """The parts joined; over `limit` characters the middle is cut."""
    whole = "".join(parts)
    if len(whole) <= limit:
        return whole
    front = _fitting(parts, (limit - 1) // 2)
    back = _fitting(parts[::-1], limit - 1 - len("".join(front)))
    return "".join([*front, CUT, *back[::-1]])


def _fitting(parts: list[str], room: int) -> list[str]:
    taken: list[str] = []
    for part in parts:
        room -= len(part)
        if room < 0:
            break
        taken.append(part)
    return taken


def middle(text: str, limit: int) -> str:
    """The text with its middle cut to fit `limit` characters (P-11)."""
    return shorten(list(text), limit)


def fence(text: str, language: str = "") -> str:
    """A fenced block that the text cannot close: its fence is longer than any run inside."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    ticks = "`" * max(3, longest + 1)
    body = "\n".join(map(safe, text.split("\n")))
    return f"{ticks}{language}\n{body}\n{ticks}"


def label(text: str) -> str:
    """The inside of a quoted Mermaid label (G-26): at most 60 characters before escaping."""
    short = middle(unicodedata.normalize("NFC", text) or EMPTY, LABEL_LIMIT)
    return "".join(c if c in _LABEL_KEPT else _coded(c) for c in short)


def _coded(character: str) -> str:
    # NOTE: a lone surrogate has no code point a browser would draw.
    unseen = unicodedata.category(character) in _UNSEEN
    shown = escape(character) if unseen else character
    return "".join(c if c in _LABEL_KEPT else f"#{ord(c)};" for c in shown)


def basic_plane(text: str) -> str:
    """The text with every character above U+FFFF escaped (G-30)."""
    return "".join(escape(c) if c > "\uffff" else c for c in text)


def percent(path: str) -> str:
    """A path for a URL, encoded byte by byte (G-25)."""
    kept = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/"
    return "".join(chr(byte) if byte in kept else f"%{byte:02X}" for byte in path_bytes(path))


def path_bytes(path: str) -> bytes:
    """The bytes of a path as git has them; lone surrogates stand for bytes that are no UTF-8."""
    strays = [c for c in path if "\ud800" <= c <= "\udfff"]
    foreign = any(not "\udc80" <= c <= "\udcff" for c in strays)
    return path.encode("utf-8", "surrogatepass" if foreign else "surrogateescape")
