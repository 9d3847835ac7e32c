"""What the shapes cannot see: names that repeat, zones that are not there or lie in a circle, keys
that go with others only. On nodes, so that it is said beside every other mistake (R-20).
"""

from __future__ import annotations

from collections.abc import Iterator

from .nodes import Entry, Leaf, Listing, Mapping, Node
from .shapes import Mistakes, nearest

_WIDE = ("internet", "private", "trusted")


def cross_check(top: Node, mistakes: Mistakes) -> None:
    """Notes every such mistake of a file."""
    _names(top, "intents", mistakes)
    _names(top, "clusters", mistakes)
    _zones(top, mistakes)
    _severities(top, mistakes)
    _required_ends(top, mistakes)


def _entry(node: Node | None, key: str) -> Entry | None:
    """The entry of a key, if the node is a mapping that has it."""
    if not isinstance(node, Mapping):
        return None
    return next((each for each in node.entries if each.key == key), None)


def _value(node: Node | None, key: str) -> Node | None:
    found = _entry(node, key)
    return found.value if found else None


def _items(node: Node | None) -> list[Node]:
    return node.items if isinstance(node, Listing) else []


def _text(node: Node | None) -> str:
    return node.value if isinstance(node, Leaf) and isinstance(node.value, str) else ""


def _names(top: Node, key: str, mistakes: Mistakes) -> None:
    """Names within a list are unique."""
    seen: set[str] = set()
    for item in _items(_value(top, key)):
        name = _value(item, "name")
        if name is not None and _text(name):
            if _text(name) in seen:
                mistakes.note(name.place, f"the name {_text(name)!r} is given twice")
            seen.add(_text(name))


def _zones(top: Node, mistakes: Mistakes) -> None:
    zones = _value(top, "zones")
    known = {each.key: each.value for each in zones.entries} if isinstance(zones, Mapping) else {}
    for ref in _references(top):
        if _text(ref) and _text(ref) not in known:
            hint = nearest(_text(ref), tuple(known)) if known else "; none is given"
            mistakes.note(ref.place, f"no zone is called {_text(ref)!r}{hint}")
    for name, node in known.items():
        for ref in _references(node):
            if name in _reached(_text(ref), known):
                mistakes.note(ref.place, f"the zone {name!r} is inside itself")


def _references(node: Node) -> Iterator[Node]:
    """The values of every `zone` key below a node."""
    if isinstance(node, Listing):
        for item in node.items:
            yield from _references(item)
    elif isinstance(node, Mapping):
        for entry in node.entries:
            if entry.key == "zone":
                yield entry.value
            else:
                yield from _references(entry.value)


def _reached(start: str, known: dict[str, Node]) -> set[str]:
    """The zones that a zone is made of, itself included."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            if name in known:
                waiting += [_text(ref) for ref in _references(known[name])]
    return found


def _severities(top: Node, mistakes: Mistakes) -> None:
    for item in _items(_value(top, "severity")):
        if _text(_value(item, "rule")) in ("flow", ""):
            continue
        for key in ("from", "to", "ports"):
            entry = _entry(item, key)
            if entry is not None:
                mistakes.note(entry.place, f"{key!r} goes with rule: flow alone")


def _required_ends(top: Node, mistakes: Mistakes) -> None:
    """An address that nobody wrote cannot be required (F-22)."""
    for item in _items(_value(top, "intents")):
        pair = _value(item, "require")
        for key in ("from", "to"):
            ends = _value(pair, key)
            for end in _items(ends) or ([ends] if ends else []):
                if _text(end) in _WIDE:
                    told = f"{_text(end)} cannot be required; name cidrs"
                    mistakes.note(end.place, told)
