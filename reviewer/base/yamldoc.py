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
from typing import Any, NamedTuple, Protocol

import yaml
from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    MappingEndEvent,
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


class Parser(Protocol):
    """What libyaml's parser and PyYAML's own have in common."""

    def get_event(self) -> Any:
        """The next event, taken."""
        ...

    def peek_event(self) -> Any:
        """The next event, left in place."""
        ...


class Map(dict[str, Value]):
    """A mapping; `line` is that of its first key, from 1 within the piece."""

    __slots__ = ("line",)
    line: int


class Seq(list[Value]):
    """A sequence; `line` is that of its first dash or bracket, from 1 within the piece."""

    __slots__ = ("line",)
    line: int


class Duplicate(NamedTuple):
    """A key that a mapping gives more than once."""

    mapping: Map
    key: str


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
        builder = _Builder(parser_of(text), words, allowance)
        return builder.build(_MARKED.search(text) is not None)
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
    return parser_of(text).get_event


def parser_of(text: bytes) -> Parser:
    """Libyaml's parser of a text, or PyYAML's own where libyaml is missing."""
    parser: Parser = CParser(text) if CParser is not None else _PythonParser(text)
    return parser


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

    A frame of the stack is (container around, the key that waits in it). `merges` holds the
    sources of an open mapping's `<<` keys by the mapping's id, the strongest first: explicit keys
    win, then the later `<<`, then the earlier source of a list.
    """

    __slots__ = (
        "allowance",
        "anchors",
        "duplicates",
        "expanded",
        "merges",
        "parser",
        "stack",
        "words",
    )

    def __init__(self, parser: Parser, words: Vocabulary, allowance: Allowance) -> None:
        self.parser = parser
        self.words = words
        self.allowance = allowance
        self.anchors: dict[str, Value] = {}
        self.duplicates: dict[tuple[int, str], Duplicate] = {}
        self.merges: dict[int, list[Map]] = {}
        self.stack: list[tuple[Any, Any]] = []
        self.expanded = 0

    def build(self, tricky: bool) -> Loaded:
        """The value of the first document; the stream's and document's starts are passed over."""
        next_event = self.parser.get_event
        next_event()
        if isinstance(next_event(), StreamEndEvent):
            return Loaded(None, ())
        value = self._node(next_event, tricky)
        next_event()  # the document's end must parse, what follows it need not (S-2)
        return Loaded(value, tuple(self.duplicates.values()))

    # NOTE: one loop on purpose: it runs for each node of every manifest, and a call for each
    # event would cost a third more. What is rare is in methods of its own. A turn of the loop
    # takes a value, with its key where the open container is a mapping, or closes a container.
    def _node(self, next_event: NextEvent, tricky: bool) -> Value:  # noqa: C901, PLR0912, PLR0915
        plain, keys, intern = self.words.plain, self.words.keys, sys.intern
        stack, merges, duplicates = self.stack, self.merges, self.duplicates
        limit, uncounted = self.allowance.nodes, 0  # keys, less the ends that turns count
        into: Any = None
        key: Any = None
        is_map = False
        for turn in range(2 * limit):
            event = next_event()
            kind = type(event)
            if is_map and kind is not MappingEndEvent:
                if kind is not ScalarEvent or (tricky and (event.anchor or event.tag)):
                    key = self._marked_key(event)
                else:
                    key = intern(event.value) if event.style else keys[event.value]
                if key in into:
                    duplicates[id(into), key] = Duplicate(into, key)
                    uncounted += 1
                event = next_event()
                kind = type(event)
            if kind is ScalarEvent:
                value = event.value
                if tricky and (event.anchor or event.tag):
                    value = self._marked(event)
                elif not event.style:
                    value = plain[value]
                elif len(value) <= 64:
                    value = intern(value)
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                stack.append((into, key))
                is_map = kind is MappingStartEvent
                into = Map() if is_map else Seq()
                into.line = event.start_mark.line + 1
                if event.flow_style or tricky or len(stack) > DEPTH_LIMIT:
                    self._open(into, event)
                continue
            elif kind is AliasEvent:
                value = self._alias(event, into, limit - turn - uncounted)
            else:
                value = into
                uncounted -= 1
                if is_map:
                    uncounted += len(value)
                    if merges:
                        self._merge(value)
                if turn + uncounted >= limit:
                    break
                into, key = stack.pop()
                is_map = type(into) is Map
            if is_map:
                into[key] = value
                if key is MERGE:
                    self._note_merge(into, event)
            elif into is not None:
                into.append(value)
            else:
                self.allowance.nodes -= turn + 1 + uncounted
                return value
        raise _UnreadableError(f"more than {NODE_LIMIT:,} nodes in the file", 1)

    def _open(self, node: Map | Seq, event: Any) -> None:
        """A container with an anchor or a tag, in braces, or too deep: its first key may stand
        on another line than its start."""
        if len(self.stack) > DEPTH_LIMIT:
            raise _UnreadableError(f"nested deeper than {DEPTH_LIMIT}", _line(event))
        if event.anchor is not None:
            self.anchors[event.anchor] = node
        first = self.parser.peek_event() if type(node) is Map else event
        node.line = _line(event if isinstance(first, MappingEndEvent) else first)

    def _merge(self, node: Map) -> None:
        """Add what the merge keys of a mapping gave; its own keys hold."""
        for source in self.merges.pop(id(node), ()):
            for key, value in source.items():
                node.setdefault(key, value)

    def _marked(self, event: Any) -> Scalar:
        """A scalar with a tag or an anchor."""
        tag: str | None = event.tag
        if tag is None:
            value = event.value if event.style else self.words.plain[event.value]
        else:
            value = _tagged(event, tag)
        if event.anchor is not None:
            self.anchors[event.anchor] = value
        return value

    def _marked_key(self, event: Any) -> str:
        """A key with a tag or an anchor, or one that an alias stands for."""
        if isinstance(event, ScalarEvent):
            value = self._marked(event)
            is_plain = not event.style and event.tag is None
            if (is_plain and event.value == "<<") or event.tag == f"{PREFIX}merge":
                return MERGE
            return key_text(value)
        value = self._alias(event, None, 2) if isinstance(event, AliasEvent) else Seq()
        if isinstance(value, Map | Seq):
            raise _UnreadableError("a key is a list or a mapping", _line(event))
        return key_text(value)

    def _note_merge(self, node: Map, event: Any) -> None:
        """Keep what a `<<` key gives until its mapping ends."""
        value = node.pop(MERGE)
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
