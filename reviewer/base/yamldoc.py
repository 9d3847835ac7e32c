"""The one door to YAML: libyaml parses, and only this file knows PyYAML (S-2, G-44, G-45).

A value is built from events by `building`; `check` judges syntax alone. Where PyYAML was built
without libyaml its own parser gives the same events, about 30 times slower.
"""

from __future__ import annotations

import re
import sys
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
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
    "AliasEvent",
    "Allowance",
    "Duplicate",
    "Loaded",
    "Map",
    "MappingEndEvent",
    "MappingStartEvent",
    "NextEvent",
    "ScalarEvent",
    "Seq",
    "SequenceEndEvent",
    "SequenceStartEvent",
    "Value",
    "Vocabulary",
    "check",
    "events",
    "load",
]

_BINDING = sys.modules.get("yaml._yaml")
"""PyYAML's binding to libyaml, which importing PyYAML loads where it was built with it."""

CParser: Any = getattr(_BINDING, "CParser", None)


def load(text: bytes, words: Vocabulary, allowance: Allowance) -> Loaded | Fault:
    """The first document of a piece of UTF-8 text, or why there is none.

    Aliases are followed by sharing; what they stand for counts as nodes each time, and so bounds
    every later walk over the value.
    """
    _exchange(_LIGHT)
    try:
        next_event = _light_events(text)
        next_event()
        if isinstance(next_event(), StreamEndEvent):
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


# Light events. For each node libyaml's binding calls a class of PyYAML's, whose object has seven
# attributes; that alone is a quarter of the whole reading. While a text is loaded, functions that
# answer `building.Event`s stand in their place: nobody else parses meanwhile, and they are put
# back whatever happens. Where the binding should look its classes up in another way, and where
# there is no libyaml, `_lighten` turns the objects into the same events.


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
_FULL = {name: getattr(yaml.events, name) for name in _LIGHT}


def _exchange(names: dict[str, Any]) -> None:
    """Let the binding make its events by these."""
    if _BINDING is not None:  # pragma: no branch - only where libyaml is missing
        vars(_BINDING).update(names)


def _light_events(text: bytes) -> NextEvent:
    """A function that answers the next event of a text in its light form, between two calls of
    `_exchange`."""
    next_event = events(text)
    if _IS_LIGHT:
        return next_event
    return lambda: _lighten(next_event())


def _lighten(event: Any) -> Any:
    """The light form of an event; those of streams and documents stay as they are."""
    if isinstance(event, ScalarEvent):
        rest = (event.value, event.start_mark, event.end_mark, event.style)
        return _scalar(event.anchor, event.tag, event.implicit, *rest)
    if isinstance(event, MappingStartEvent | SequenceStartEvent):
        make = _mapping if isinstance(event, MappingStartEvent) else _sequence
        marks = (event.start_mark, event.end_mark, event.flow_style)
        return make(event.anchor, event.tag, event.implicit, *marks)
    if isinstance(event, AliasEvent):
        return _alias(str(event.anchor), event.start_mark, event.end_mark)
    return None if isinstance(event, MappingEndEvent | SequenceEndEvent) else event


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
