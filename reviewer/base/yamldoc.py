"""The one door to YAML: from a piece of text to values that know their lines (S-2 to S-4, G-44).

libyaml parses, and its events are turned into values here, without recursion and with every
limit counted on the way; scalars are resolved by us. So no text can crash the reader, and none
costs more than its limits allow. `Map` and `Seq` are a dict and a list with the line of their
first key or item.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import yaml
from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from .pieces import Fault
from .scalars import MERGE, PREFIX, Keys, Plain, Scalar, TagError, key_text, resolve_tagged

try:
    from yaml import _yaml

    CParser: Any = _yaml.CParser
except ImportError:  # pragma: no cover - only where PyYAML was built without libyaml
    CParser = None

DEPTH_LIMIT = 64
ALIAS_LIMIT = 1_000
NODE_LIMIT = 500_000

Value = Any
"""A scalar, a `Map` or a `Seq`: raw YAML, typed no further until `manifests` has read it."""


NextEvent = Callable[[], Any]
"""Answers a parser's next event."""


class Map(dict[str, Value]):
    """A mapping; `line` is that of its first key, from 1 within the piece."""

    __slots__ = ("line",)
    line: int


class Seq(list[Value]):
    """A sequence; `line` is that of its first dash or bracket, from 1 within the piece."""

    __slots__ = ("line",)
    line: int


class Duplicate(NamedTuple):
    """A key that a mapping gives a second time, at that line of the piece."""

    mapping: Map
    key: str
    line: int


class Loaded(NamedTuple):
    """The first document of a piece, and the keys it repeats."""

    value: Value
    duplicates: tuple[Duplicate, ...]


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


class _UnreadableError(Exception):
    """A text that breaks a limit or a rule; it never leaves this module."""

    def __init__(self, reason: str, line: int) -> None:
        super().__init__(reason)
        self.fault = Fault(reason, line)


def load(text: bytes, words: Vocabulary, allowance: Allowance) -> Loaded | Fault:
    """The first document of a piece of UTF-8 text, or why there is none.

    Aliases are followed by sharing; what they stand for counts as nodes each time, and so bounds
    every later walk over the value.
    """
    try:
        return _Builder(words, allowance).build(events(text), _MARKED.search(text) is not None)
    except _UnreadableError as error:
        return error.fault
    except (yaml.YAMLError, UnicodeError) as error:
        return _fault(error, text)


def check(text: bytes) -> Fault | None:
    """Whether the first document of a piece parses; values are not built. 65 MB/s and more."""
    if CParser is not None:
        try:
            CParser(text).raw_parse()
        except (yaml.YAMLError, UnicodeError):
            return _check_events(text)
        return None
    return _check_events(text)


def _check_events(text: bytes) -> Fault | None:
    """The same by events, which stop at the end of the first document (S-2)."""
    try:
        next_event = events(text)
        while not isinstance(next_event(), DocumentEndEvent | StreamEndEvent):
            pass
    except (yaml.YAMLError, UnicodeError) as error:
        return _fault(error, text)
    return None


def events(text: bytes) -> NextEvent:
    """A function that answers the next event of a text.

    Raises, at any call: yaml.YAMLError, UnicodeError.
    """
    parser = CParser(text) if CParser is not None else _PythonParser(text)
    next_event: NextEvent = parser.get_event
    return next_event


class _PythonParser(yaml.reader.Reader, yaml.scanner.Scanner, yaml.parser.Parser):
    """PyYAML's own parser, where libyaml is missing: the same events, about 30 times slower."""

    def __init__(self, text: bytes) -> None:
        yaml.reader.Reader.__init__(self, text)
        yaml.scanner.Scanner.__init__(self)
        yaml.parser.Parser.__init__(self)


_MARKED = re.compile(rb"[&*!]")
"""Without one of these a text has no anchors, aliases or tags."""

_QUOTED = re.compile(r"[\"'].*?[\"']")


def _fault(error: Exception, text: bytes) -> Fault:
    """A parser's error in its own words, which hold no text of the file (G-45), and its line."""
    if isinstance(error, yaml.MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        reason = str(error.problem or error.context or "cannot be parsed")
        if CParser is None:
            reason = _QUOTED.sub("…", reason)
        return Fault(reason, mark.line + 1 if mark else 1)
    if isinstance(error, yaml.reader.ReaderError):
        position = error.position if isinstance(error.position, int) else 0
        reason = str(error.reason).strip()
        return Fault(f"not valid text: {reason}", text.count(b"\n", 0, max(position, 0)) + 1)
    return Fault("not valid UTF-8", 1)


class _Builder:
    """Builds one document from events; the stack is explicit.

    A frame of the stack is (container around, key that waits in it). `merges` holds the sources
    of an open mapping's `<<` keys by the mapping's id, the strongest first: explicit keys win,
    then the later `<<`, then the earlier source of a list.
    """

    __slots__ = ("allowance", "anchors", "duplicates", "expanded", "merges", "stack", "words")

    def __init__(self, words: Vocabulary, allowance: Allowance) -> None:
        self.words = words
        self.allowance = allowance
        self.anchors: dict[str, Value] = {}
        self.duplicates: list[Duplicate] = []
        self.merges: dict[int, list[Map]] = {}
        self.stack: list[tuple[Any, str | None]] = []
        self.expanded = 0

    def build(self, next_event: NextEvent, tricky: bool) -> Loaded:
        """The value of the first document; the stream's and document's starts are passed over."""
        next_event()
        if isinstance(next_event(), StreamEndEvent):
            return Loaded(None, ())
        value = self._node(next_event, tricky)
        next_event()  # the document's end must parse, what follows it need not (S-2)
        return Loaded(value, tuple(self.duplicates))

    # NOTE: one loop on purpose: it runs for each node of every manifest, and a call for each
    # event would cost a third more. What is rare is in methods of its own.
    def _node(self, next_event: NextEvent, tricky: bool) -> Value:  # noqa: C901, PLR0912, PLR0915
        plain, keys, intern, stack = self.words.plain, self.words.keys, sys.intern, self.stack
        limit, ends = self.allowance.nodes, 0
        into: Any = None
        key: str | None = None
        is_map = False
        for used in range(2 * limit):
            event = next_event()
            kind = type(event)
            if kind is ScalarEvent:
                value = event.value
                if tricky and (event.tag is not None or event.anchor is not None):
                    value = self._marked(event, is_map and key is None)
                elif event.style:
                    if len(value) <= 64:
                        value = intern(value)
                elif is_map and key is None:
                    value = keys[value]
                else:
                    value = plain[value]
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                if is_map and key is None:
                    raise _UnreadableError("a key is a list or a mapping", _line(event))
                stack.append((into, key))
                into = self._container(event, is_map := kind is MappingStartEvent)
                key = None
                continue
            elif kind is AliasEvent:
                value = self._alias(event, into, limit - used)
                if is_map and key is None:
                    value = _as_key(value, event)
            else:
                ends += 1
                if used + 1 - ends > limit:
                    break
                value = into
                if is_map:
                    self._end_mapping(into, event)
                into, key = stack.pop()
                is_map = type(into) is Map
            if not is_map:
                if into is None:
                    self.allowance.nodes -= used + 1 - ends
                    return value
                into.append(value)
            elif key is None:
                key = value
                if key in into or not into.line:
                    self._note_key(into, value, event)
            else:
                if key is MERGE:
                    self._note_merge(into, value, event)
                else:
                    into[key] = value
                key = None
        raise _UnreadableError(f"more than {NODE_LIMIT:,} nodes in the file", 1)

    def _container(self, event: Any, is_map: bool) -> Map | Seq:
        """A new mapping or sequence; the line of a mapping is 0 until its first key is met, where
        it may differ from its start."""
        if len(self.stack) > DEPTH_LIMIT:
            raise _UnreadableError(f"nested deeper than {DEPTH_LIMIT}", _line(event))
        node: Map | Seq = Map() if is_map else Seq()
        node.line = event.start_mark.line + 1
        if event.anchor is not None:
            self.anchors[event.anchor] = node
        if is_map and (event.flow_style or event.anchor is not None or event.tag is not None):
            node.line = 0
        return node

    def _end_mapping(self, node: Map, event: Any) -> None:
        if not node.line:
            node.line = event.start_mark.line + 1
        if self.merges:
            for source in self.merges.pop(id(node), ()):
                for key, value in source.items():
                    node.setdefault(key, value)

    def _note_key(self, node: Map, key: str, event: Any) -> None:
        """The first key of a mapping in braces, or a key met again."""
        line = _line(event)
        if key in node:
            self.duplicates.append(Duplicate(node, key, line))
        if not node.line:
            node.line = line

    def _marked(self, event: Any, is_key: bool) -> Scalar:
        """A scalar with a tag or an anchor."""
        tag: str | None = event.tag
        if tag is None:
            value = event.value if event.style else self.words.plain[event.value]
            merges = is_key and not event.style and event.value == "<<"
        else:
            value = _tagged(event, tag)
            merges = is_key and tag == f"{PREFIX}merge"
        if event.anchor is not None:
            self.anchors[event.anchor] = value
        if merges:
            return MERGE
        return key_text(value) if is_key else value

    def _note_merge(self, node: Map, value: Value, event: Any) -> None:
        """Keep what a `<<` key gives until its mapping ends."""
        sources = value if isinstance(value, Seq) else [value]
        if not all(isinstance(each, Map) for each in sources):
            raise _UnreadableError("a merge key without a mapping or a list of them", _line(event))
        self.merges[id(node)] = [*sources, *self.merges.get(id(node), ())]

    def _alias(self, event: Any, into: Any, left: int) -> Value:
        """What an alias stands for; all of its nodes count."""
        line = _line(event)
        self.allowance.aliases -= 1
        if self.allowance.aliases < 0:
            raise _UnreadableError(f"more than {ALIAS_LIMIT:,} aliases in the file", line)
        if event.anchor not in self.anchors:
            raise _UnreadableError("an alias without its anchor", line)
        value = self.anchors[event.anchor]
        if isinstance(value, Map | Seq):
            if value is into or any(value is each for each, _ in self.stack):
                raise _UnreadableError("an alias inside of what it stands for", line)
            nodes, height = _measure(value, left - self.expanded)
            self.expanded += nodes
            if self.expanded >= left:
                raise _UnreadableError(f"aliases make it more than {NODE_LIMIT:,} nodes", line)
            if len(self.stack) + height > DEPTH_LIMIT:
                raise _UnreadableError(f"aliases nest it deeper than {DEPTH_LIMIT}", line)
        return value


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _tagged(event: Any, tag: str) -> Scalar:
    try:
        return resolve_tagged(event.value, tag)
    except TagError as error:
        raise _UnreadableError(str(error), _line(event)) from error


def _as_key(value: Value, event: Any) -> str:
    if isinstance(value, Map | Seq):
        raise _UnreadableError("a key is a list or a mapping", _line(event))
    return key_text(value)


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
