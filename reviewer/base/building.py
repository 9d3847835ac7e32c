"""From events to values that know their lines: mappings, merge keys, aliases, limits (S-4, G-44).

Nothing here recurses, every limit is counted on the way, and scalars are resolved by us: so no
text can crash the reader, and none costs more than its limits allow.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from .pieces import Fault
from .scalars import MERGE, PREFIX, Keys, Plain, Scalar, TagError, key_text, resolve_tagged

DEPTH_LIMIT = 64
ALIAS_LIMIT = 1_000
NODE_LIMIT = 500_000
NODES_USED_UP = f"more than {NODE_LIMIT:,} nodes in the file"

Value = Any
"""A scalar, a `Map` or a `Seq`: raw YAML, typed no further until `manifests` has read it."""


class Map(dict[str, Value]):
    """A mapping; `line` is the one it begins on, from 1 within the piece."""

    __slots__ = ("line",)
    line: int


class Seq(list[Value]):
    """A sequence; `line` is the one it begins on, from 1 within the piece."""

    __slots__ = ("line",)
    line: int


class Duplicate(NamedTuple):
    """A key that a mapping gives more than once."""

    mapping: Map
    key: str


class Loaded(NamedTuple):
    """The first document of a piece, the keys it repeats, and whether it has anchors: then a
    mapping or list may stand in several places."""

    value: Value
    duplicates: tuple[Duplicate, ...] = ()
    has_anchors: bool = False


class Vocabulary:
    """Scalars and keys met so far, shared by the texts of one reading so that each is resolved
    and kept once."""

    __slots__ = ("keys", "plain")

    def __init__(self) -> None:
        self.plain = Plain()
        self.keys = Keys()


class Allowance:
    """What one file may still use of aliases and nodes (G-44)."""

    __slots__ = ("aliases", "nodes")

    def __init__(self) -> None:
        self.aliases = ALIAS_LIMIT
        self.nodes = NODE_LIMIT


class UnreadableError(Exception):
    """A text that breaks a limit or a rule; `yamldoc` answers its fault instead."""

    def __init__(self, reason: str, line: int) -> None:
        super().__init__(reason)
        self.fault = Fault(reason, line + 1)


class Marked(NamedTuple):
    """A scalar with an anchor or a tag; lines of events count from 0."""

    anchor: str | None
    tag: str | None
    text: str
    is_plain: bool
    line: int


class Opened(NamedTuple):
    """The start of a mapping or sequence that has an anchor."""

    anchor: str
    is_map: bool
    line: int


class Alias(NamedTuple):
    """An alias, to be followed."""

    anchor: str
    line: int


Event = str | tuple[str] | int | None | Marked | Opened | Alias
"""What a document is made of, as light as can be, since there is one for each node: a `str` is a
plain scalar, a tuple of one a quoted one, an `int` the start of a mapping (its line from 0) or of
a sequence (-1 less its line), None the end of either."""

NextEvent = Callable[[], Any]
"""Answers a parser's next event."""


class Builder:
    """Builds one document from events; the stack is explicit.

    A frame of the stack is (container around, the key that waits in it). `merges` holds the
    sources of an open mapping's `<<` keys by the mapping's id, the strongest first: explicit keys
    win, then the later `<<`, then the earlier source of a list.
    """

    __slots__ = ("allowance", "anchors", "duplicates", "expanded", "merges", "stack", "words")

    def __init__(self, words: Vocabulary, allowance: Allowance) -> None:
        self.words = words
        self.allowance = allowance
        self.anchors: dict[str, Value] = {}
        self.duplicates: dict[tuple[int, str], Duplicate] = {}
        self.merges: dict[int, list[Map]] = {}
        self.stack: list[tuple[Any, Any]] = []
        self.expanded = 0

    # NOTE: one loop on purpose: it runs for each node of every manifest, and a call for each
    # event would cost a third more. What is rare is in methods of its own. A turn of the loop
    # takes a value, with its key where the open container is a mapping, or closes a container.
    def build(self, next_event: NextEvent) -> Value:  # noqa: C901, PLR0912
        """The value of the node that the next events make. Raises: UnreadableError."""
        plain, keys = self.words.plain, self.words.keys
        stack, merges = self.stack, self.merges
        limit, uncounted = self.allowance.nodes, 0  # keys, less the ends that turns count
        into: Any = None
        key: Any = None
        is_map = False
        for turn in range(2 * limit):
            event = next_event()
            if is_map and event is not None:
                key = keys[event] if type(event) is str else self._key(event)
                if key in into:
                    self.duplicates[id(into), key] = Duplicate(into, key)
                    uncounted += 1
                event = next_event()
            kind = type(event)
            if kind is str:
                value: Value = plain[event]
            elif kind is int or kind is Opened:
                stack.append((into, key))
                into = self._open(event) if kind is Opened else Map() if event >= 0 else Seq()
                is_map = type(into) is Map
                if kind is int:
                    into.line = event + 1 if is_map else -event
                if len(stack) > DEPTH_LIMIT:
                    raise UnreadableError(f"nested deeper than {DEPTH_LIMIT}", into.line - 1)
                continue
            elif event is None:
                value = into
                uncounted += len(value) - 1 if is_map else -1
                if merges:
                    self._merge(value)
                if turn + uncounted >= limit:
                    break
                into, key = stack.pop()
                is_map = type(into) is Map
            else:
                value = self._special(event, into, limit - turn - uncounted)
            if is_map:
                into[key] = value
                if key is MERGE:
                    self._note_merge(into)
            elif into is not None:
                into.append(value)
            else:
                self.allowance.nodes -= turn + 1 + uncounted
                return value
        raise UnreadableError(NODES_USED_UP, 0)

    def _open(self, event: Opened) -> Map | Seq:
        """A container with an anchor."""
        node = self.anchors[event.anchor] = Map() if event.is_map else Seq()
        node.line = event.line + 1
        return node

    def _key(self, event: Event) -> str:
        """A key that is quoted, has a tag or an anchor, or that an alias stands for."""
        if isinstance(event, Marked):
            value = self._marked(event)
            is_merge = event.is_plain and event.tag is None and event.text == "<<"
            return MERGE if is_merge or event.tag == f"{PREFIX}merge" else key_text(value)
        if isinstance(event, Alias):
            value = self._alias(event, None, 2)
            if not isinstance(value, Map | Seq):
                return key_text(value)
        elif isinstance(event, tuple) and not isinstance(event, Opened):
            return sys.intern(event[0])
        raise UnreadableError("a key is a list or a mapping", _line(event))

    def _special(self, event: Event, into: Any, left: int) -> Value:
        """A scalar that is quoted or has a tag or an anchor, or what an alias stands for."""
        if isinstance(event, Marked):
            return self._marked(event)
        if isinstance(event, Alias):
            return self._alias(event, into, left)
        assert isinstance(event, tuple), "the events of a node are no others"
        text = event[0]
        return sys.intern(text) if len(text) <= 64 else text

    def _marked(self, event: Marked) -> Scalar:
        try:
            if event.tag is not None:
                value = resolve_tagged(event.text, event.tag)
            else:
                value = self.words.plain[event.text] if event.is_plain else event.text
        except TagError as error:
            raise UnreadableError(str(error), event.line) from error
        if event.anchor is not None:
            self.anchors[event.anchor] = value
        return value

    def _merge(self, node: Map | Seq) -> None:
        """Add what the merge keys of a mapping gave; its own keys hold."""
        if isinstance(node, Map):
            for source in self.merges.pop(id(node), ()):
                for key, value in source.items():
                    node.setdefault(key, value)

    def _note_merge(self, node: Map) -> None:
        """Keep what a `<<` key gives until its mapping ends."""
        value = node.pop(MERGE)
        sources = value if isinstance(value, Seq) else [value]
        if not all(isinstance(each, Map) for each in sources):
            reason = "a merge key without a mapping or a list of them"
            raise UnreadableError(reason, node.line - 1)
        self.merges[id(node)] = [*sources, *self.merges.get(id(node), ())]

    def _alias(self, event: Alias, into: Any, left: int) -> Value:
        """What an alias stands for; all of its nodes count."""
        line = event.line
        self.allowance.aliases -= 1
        if self.allowance.aliases < 0:
            raise UnreadableError(f"more than {ALIAS_LIMIT:,} aliases in the file", line)
        if event.anchor not in self.anchors:
            raise UnreadableError("an alias without its anchor", line)
        value = self.anchors[event.anchor]
        if isinstance(value, Map | Seq):
            if value is into or any(value is each for each, _ in self.stack):
                raise UnreadableError("an alias inside of what it stands for", line)
            nodes, height = _measure(value, left - self.expanded)
            self.expanded += nodes
            if self.expanded >= left:
                raise UnreadableError(f"aliases make it more than {NODE_LIMIT:,} nodes", line)
            if len(self.stack) + height > DEPTH_LIMIT:
                raise UnreadableError(f"aliases nest it deeper than {DEPTH_LIMIT}", line)
        return value


def _line(event: Event) -> int:
    """The line of a container's start or of an alias, from 0."""
    if isinstance(event, int):
        return event if event >= 0 else -1 - event
    return event.line if isinstance(event, Opened | Alias) else 0


def _measure(value: Map | Seq, enough: int) -> tuple[int, int]:
    """How many nodes a value has, aliases followed, and how deep it is; counting stops at
    `enough`, so that it costs no more than what is still allowed."""
    nodes = height = 0
    level: list[Map | Seq] = [value]
    while level and nodes < enough:
        height += 1
        below: list[Map | Seq] = []
        for each in level:
            items: Iterable[Value] = each.values() if isinstance(each, Map) else each
            nodes += 2 * len(each) if isinstance(each, Map) else len(each)
            if nodes >= enough:
                break
            below += [item for item in items if isinstance(item, Map | Seq)]
        level = below
    return nodes, height
