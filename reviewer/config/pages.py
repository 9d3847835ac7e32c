"""The table of keys as JSON Schema, for editors, and as Markdown, for the documentation."""

from __future__ import annotations

import json
from collections.abc import Iterator

from .shapes import Key, ListOf, MapOf, Record, Shape
from .table import TOP

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema_text() -> str:
    """`docs/netpol-reviewer.schema.json`."""
    found = {
        "$schema": DIALECT,
        "title": ".github/netpol-reviewer.yml",
        "description": "Configuration of netpol-reviewer; docs/configuration.md explains it.",
        **TOP.schema(),
    }
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"


def key_table() -> str:
    """The table of docs/configuration.md: every key, what it takes, its default, its meaning."""
    lines = ["| key | takes | default | meaning |", "| --- | --- | --- | --- |"]
    lines += [
        f"| `{path}` | {_cell(key.shape.what)} | {_default(key)} | {_cell(key.meaning)} |"
        for path, key in _keys(TOP, "")
    ]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _default(key: Key) -> str:
    if key.required:
        return "*required*"
    return _cell(key.default) or "–"


def _keys(record: Record, above: str) -> Iterator[tuple[str, Key]]:
    for key in record.keys:
        path = f"{above}{key.name}"
        yield path, key
        inner, mark = _inner(key.shape)
        if inner is not None:
            yield from _keys(inner, f"{path}{mark}.")


def _inner(shape: Shape) -> tuple[Record | None, str]:
    """The record inside a shape, and how a path leads into it."""
    if isinstance(shape, Record):
        return shape, ""
    if isinstance(shape, ListOf) and isinstance(shape.item, Record):
        return shape.item, "[]"
    if isinstance(shape, MapOf) and isinstance(shape.item, Record):
        return shape.item, ".NAME"
    return None, ""
