"""The one door to YAML: libyaml parses, and only this file knows PyYAML (S-2, G-44, G-45).

A value is built from events by `building`; `check` judges syntax alone. Where PyYAML was built
without libyaml its own parser gives the same events, about 30 times slower.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeVar

import yaml
from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from .building import (
    Alias,
    Allowance,
    Builder,
    Duplicate,
    Event,
    Loaded,
    Map,
    Marked,
    NextEvent,
    Opened,
    Seq,
    UnreadableError,
    Value,
    Vocabulary,
)
from .pieces import Fault

__all__ = [
    "Allowance",
    "Begun",
    "Duplicate",
    "Leaf",
    "Loaded",
    "Map",
    "NextEvent",
    "Seq",
    "Value",
    "Vocabulary",
    "check",
    "events",
    "load",
    "trace",
]

_BINDING = sys.modules.get("yaml._yaml")
"""PyYAML's binding to libyaml, which importing PyYAML loads where it was built with it."""

CParser: Any = getattr(_BINDING, "CParser", None)

Answer = TypeVar("Answer")


class Leaf(NamedTuple):
    """A scalar, or an alias (`anchor` is what it stands for), while lines are traced; lines and
    columns of events count from 0."""

    anchor: str | None
    line: int
    column: int
    text: str
    tag: str | None
    is_plain: bool
    is_alias: bool = False


class Begun(NamedTuple):
    """The start of a mapping or list while lines are traced."""

    anchor: str | None
    line: int
    column: int
    is_map: bool
    in_flow: bool


_EMPTY = Leaf(None, 0, 0, "", None, True)


def load(text: bytes, words: Vocabulary, allowance: Allowance) -> Loaded | Fault:
    """The first document of a piece of UTF-8 text, or why there is none.

    Aliases are followed by sharing; what they stand for counts as nodes each time, and so bounds
    every later walk over the value.
    """
    _exchange(_LIGHT)
    try:
        next_event = _first_node(text, _LIGHT)
        if next_event is None:
            return Loaded(None)
        builder = Builder(words, allowance)
        value = builder.build(next_event)
        next_event()  # the document's end must parse, what follows it need not (S-2)
        return Loaded(value, tuple(builder.duplicates.values()), bool(builder.anchors))
    except UnreadableError as error:
        return error.fault
    except (yaml.YAMLError, UnicodeError) as error:
        return _fault(error, text)
    finally:
        _exchange(_FULL)


def trace(text: bytes, follow: Callable[[NextEvent], Answer]) -> Answer:
    """What `follow` makes of the nodes of a piece that `load` has read: `Leaf`, `Begun` or, where a
    mapping or list ends, None. An empty document is a leaf."""
    _exchange(_TRACED)
    try:
        return follow(_first_node(text, _TRACED) or (lambda: _EMPTY))
    finally:
        _exchange(_FULL)


def _first_node(text: bytes, makers: Mapping[str, Any]) -> NextEvent | None:
    """A function that answers the events of the first document's node and what follows it, each
    as `makers` say, between two calls of `_exchange`; None where there is no document."""
    next_event: NextEvent
    if CParser is not None:
        parser = CParser(text)
        if not parser.check_node():
            return None
        next_event = parser.get_event
    else:
        next_event = events(text)
        next_event()
        if isinstance(next_event(), StreamEndEvent):
            return None
    if _IS_LIGHT:
        return next_event
    return lambda: _remade(next_event(), makers)


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
    """A function that answers the next event of a text, as PyYAML has them.

    Raises, at any call: yaml.YAMLError, UnicodeError.
    """
    parser: Any = CParser(text) if CParser is not None else _PythonParser(text)
    next_event: NextEvent = parser.get_event
    return next_event


class _PythonParser(yaml.reader.Reader, yaml.scanner.Scanner, yaml.parser.Parser):
    """PyYAML's own parser."""

    def __init__(self, text: bytes) -> None:
        yaml.reader.Reader.__init__(self, text)
        yaml.scanner.Scanner.__init__(self)
        yaml.parser.Parser.__init__(self)


# Events of our own. For each node libyaml's binding calls a class of PyYAML's, whose object has
# seven attributes; that alone is a quarter of the whole reading. While a text is loaded or traced,
# functions that answer what we need stand in their place: nobody else parses meanwhile, and they
# are put back whatever happens. Where the binding should look its classes up in another way, and
# where there is no libyaml, `_remade` turns the objects into the same events.


def _scalar(
    anchor: str | None, tag: str | None, _: Any, text: str, start: Any, _end: Any, style: Any
) -> Event:
    if anchor is None and tag is None:
        return (text,) if style else text
    return Marked(anchor, tag, text, not style, start.line)


def _mapping(anchor: str | None, _t: Any, _i: Any, start: Any, _end: Any, _f: Any) -> Event:
    line: int = start.line
    return line if anchor is None else Opened(anchor, True, line)


def _sequence(anchor: str | None, _t: Any, _i: Any, start: Any, _end: Any, _f: Any) -> Event:
    line: int = start.line
    return -1 - line if anchor is None else Opened(anchor, False, line)


def _end(_start: Any, _: Any) -> Event:
    return None


def _alias(anchor: str, start: Any, _: Any) -> Event:
    return Alias(anchor, start.line)


_LIGHT = {
    "ScalarEvent": _scalar,
    "MappingStartEvent": _mapping,
    "SequenceStartEvent": _sequence,
    "MappingEndEvent": _end,
    "SequenceEndEvent": _end,
    "AliasEvent": _alias,
}


def _leaf(
    anchor: str | None, tag: str | None, _: Any, text: str, start: Any, _end: Any, style: Any
) -> Leaf:
    return Leaf(anchor, start.line, start.column, text, tag, not style)


def _begun_mapping(anchor: str | None, _t: Any, _i: Any, start: Any, _end: Any, flow: Any) -> Begun:
    return Begun(anchor, start.line, start.column, True, bool(flow))


def _begun_list(anchor: str | None, _t: Any, _i: Any, start: Any, _end: Any, flow: Any) -> Begun:
    return Begun(anchor, start.line, start.column, False, bool(flow))


def _alias_leaf(anchor: str, start: Any, _: Any) -> Leaf:
    return Leaf(anchor, start.line, start.column, "", None, True, True)


_TRACED = {
    **_LIGHT,
    "ScalarEvent": _leaf,
    "MappingStartEvent": _begun_mapping,
    "SequenceStartEvent": _begun_list,
    "AliasEvent": _alias_leaf,
}
_FULL = {name: getattr(yaml.events, name) for name in _LIGHT}


def _exchange(names: Mapping[str, Any]) -> None:
    """Let the binding make its events by these."""
    if _BINDING is not None:  # pragma: no branch - only where libyaml is missing
        vars(_BINDING).update(names)


def _remade(event: Any, makers: Mapping[str, Any]) -> Any:
    """An event of PyYAML's as these make it; those of streams and documents stay as they are."""
    make = makers.get(type(event).__name__)
    if make is None:
        return event
    marks = (event.start_mark, event.end_mark)
    if isinstance(event, ScalarEvent):
        return make(event.anchor, event.tag, event.implicit, event.value, *marks, event.style)
    if isinstance(event, MappingStartEvent | SequenceStartEvent):
        return make(event.anchor, event.tag, event.implicit, *marks, event.flow_style)
    return make(event.anchor, *marks) if isinstance(event, AliasEvent) else make(*marks)


def _gives_light_events() -> bool:
    """Whether the exchange has the effect it is meant to have."""
    if CParser is None:  # pragma: no cover - only where libyaml is missing
        return False
    _exchange(_LIGHT)
    try:
        next_event = events(b"{a: 'b'}")
        found = [next_event() for _ in range(6)][2:]
        return found == [0, "a", ("b",), None]
    finally:
        _exchange(_FULL)


_IS_LIGHT = _gives_light_events()

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
