"""Keys that a mapping gives more than once, by the object they stand in (S-4, S-5)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from reviewer.base.places import Path
from reviewer.base.yamldoc import Loaded, Map, Seq, Value

Repeated = Mapping[Path, list[Path]]
"""The paths of repeated keys by the path of each object that they may be in: the top of a piece,
an item of its `items`, an item of that one's."""

NOTHING_REPEATED: Repeated = MappingProxyType({})


def repeated_keys(loaded: Loaded) -> Repeated:
    """The keys that a piece gives more than once, in one walk over its value."""
    if not loaded.duplicates:
        return NOTHING_REPEATED
    wanted: dict[int, list[str]] = {}
    for each in loaded.duplicates:
        wanted.setdefault(id(each.mapping), []).append(each.key)
    out: dict[Path, list[Path]] = {}
    left: list[tuple[Value, Path]] = [(loaded.value, ())]
    while left:
        value, path = left.pop()
        for key in wanted.pop(id(value), ()):
            for prefix in _objects_around(path):
                out.setdefault(prefix, []).append((*path, key))
        pairs = value.items() if type(value) is Map else enumerate(value)
        left += [(item, (*path, step)) for step, item in pairs if type(item) in {Map, Seq}]
    return out


def _objects_around(path: Path) -> Iterator[Path]:
    """The paths of the objects that a place may be in."""
    at = 0
    yield ()
    while path[at : at + 1] == ("items",) and len(path) > at + 1 and type(path[at + 1]) is int:
        at += 2
        yield path[:at]
