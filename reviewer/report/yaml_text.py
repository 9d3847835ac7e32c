"""Plain values as YAML in block style with sorted keys (P-15).

Only for values that came out of a manifest's policy: mappings, lists, texts, numbers, booleans and
null. It is ours, so that what is shown is never text of the file (G-45).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*")
_WORDS = frozenset("true false yes no on off y n null".split())


def dump(value: Any) -> list[str]:
    """The lines of the document."""
    return list(_lines(value, 0))


def _lines(value: Any, depth: int) -> Iterator[str]:
    pad = "  " * depth
    if isinstance(value, Mapping) and value:
        for key in sorted(value, key=str):
            yield from _entry(f"{pad}{scalar(str(key))}:", value[key], depth)
    elif isinstance(value, list | tuple) and value:
        for item in value:
            first, *rest = _lines(item, depth + 1)
            yield f"{pad}- {first.lstrip(' ')}"
            yield from rest
    else:
        yield pad + scalar(value)


def _entry(key: str, value: Any, depth: int) -> Iterator[str]:
    if isinstance(value, Mapping | list | tuple) and value:
        yield key
        yield from _lines(value, depth + 1)
    else:
        yield f"{key} {scalar(value)}"


def scalar(value: Any) -> str:
    """One value on one line, quoted where YAML would read something else."""
    if isinstance(value, str):
        plain = _PLAIN.fullmatch(value) and value.lower() not in _WORDS
        return value if plain else _quoted(value)
    if isinstance(value, Mapping):
        return "{}"
    if isinstance(value, list | tuple):
        return "[]"
    return json.dumps(value, default=str)


def _quoted(text: str) -> str:
    """A double-quoted scalar in ASCII; JSON's surrogate pairs are no YAML."""
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    if " " <= character <= "~":
        return character
    number = ord(character)
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"
