"""From text to plain values as S-2 to S-4 say: pieces, scalars, mappings with their lines."""

import re
from collections.abc import Iterator
from typing import Any

import yaml

TRUE = {"y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "true", "True", "TRUE"}
FALSE = {"n", "N", "no", "No", "NO", "off", "Off", "OFF", "false", "False", "FALSE"}
NULL = {"", "~", "null", "Null", "NULL"}
SEPARATOR = re.compile(r"---([ \t]*|[ \t]+#.*)")
INTEGERS = (
    (re.compile(r"([-+]?)0x([0-9a-fA-F]+)"), 16),
    (re.compile(r"([-+]?)0o([0-7]+)"), 8),
    (re.compile(r"([-+]?)0b([01]+)"), 2),
    (re.compile(r"([-+]?)0([0-7]+)"), 8),
    (re.compile(r"([-+]?)(0|[1-9][0-9]*)"), 10),
)
FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
NOT_TEXT = {f"tag:yaml.org,2002:{word}" for word in ("int", "float", "bool", "null")}
SPECIAL_FLOAT = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


class Map(dict[str, Any]):
    """A mapping with its line and the lines of keys that were given twice (S-4)."""

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.twice: list[int] = []


class Seq(list[Any]):
    """A list with its line."""

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line


class UnreadableError(Exception):
    """A piece that does not parse, with the line where it stops."""

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line}")
        self.line = line


def text_of(data: str | bytes) -> str:
    """The text of a file: UTF-8 or marked UTF-16, no mark, CRLF as LF (S-2)."""
    if isinstance(data, bytes):
        wide = data[:2] in {b"\xff\xfe", b"\xfe\xff"}
        data = data.decode("utf-16") if wide else data.decode("utf-8", "surrogateescape")
    return data.removeprefix("\ufeff").replace("\r\n", "\n")


def pieces(text: str) -> Iterator[tuple[int, str]]:
    """Each piece of a text with the number of lines before it (S-2)."""
    start, lines = 0, text.split("\n")
    for number, line in enumerate(lines):
        if SEPARATOR.fullmatch(line):
            yield start, "\n".join(lines[start:number])
            start = number + 1
    yield start, "\n".join(lines[start:])


def scalar(text: str) -> Any:
    """What a plain scalar stands for (S-3)."""
    if text in NULL:
        return None
    if text in TRUE:
        return True
    if text in FALSE:
        return False
    if text[0] in "+-.0123456789":
        bare = text.replace("_", "")
        for pattern, base in INTEGERS:
            if found := pattern.fullmatch(bare):
                return int(found[1] + found[2], base)
        if FLOAT.fullmatch(bare):
            return float(bare)
        if SPECIAL_FLOAT.fullmatch(bare):
            return float(bare.lower().replace(".", ""))
    return text


def key_text(value: Any) -> str:
    """A key that is not a string, by its text (S-4)."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    return str(value)


class _Builder:
    """Builds the first document of a piece from the parser's events."""

    def __init__(self, before: int, text: str) -> None:
        self.before = before
        self.events: Iterator[Any] = yaml.parse(text, Loader=yaml.CLoader)
        self.anchors: dict[str, Any] = {}

    def document(self) -> Any:
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                return self.node(next(self.events))
        return None

    def node(self, event: Any) -> Any:
        line = self.before + event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self.anchors:
                raise UnreadableError(line)
            return self.anchors[event.anchor]
        value = self.value(event, line)
        if event.anchor:
            self.anchors[event.anchor] = value
        return value

    def value(self, event: Any, line: int) -> Any:
        if isinstance(event, yaml.ScalarEvent):
            plain = event.implicit[0] or event.tag in NOT_TEXT
            return scalar(event.value) if plain else event.value
        if isinstance(event, yaml.SequenceStartEvent):
            items = Seq(line)
            while not isinstance(inner := next(self.events), yaml.SequenceEndEvent):
                items.append(self.node(inner))
            return items
        return self.mapping(line)

    def mapping(self, line: int) -> Map:
        result = Map(line)
        merged: list[Map] = []
        while not isinstance(inner := next(self.events), yaml.MappingEndEvent):
            key_line = self.before + inner.start_mark.line + 1
            if not result and not merged:
                result.line = key_line  # a line points at the first key of an object
            merge = isinstance(inner, yaml.ScalarEvent) and (inner.value, inner.implicit[0]) == (
                "<<",
                True,
            )
            key, value = self.node(inner), self.node(next(self.events))
            if isinstance(key, (Map, Seq)):
                raise UnreadableError(key_line)
            if merge:
                merged += self.merge(value, key_line)
                continue
            if key_text(key) in result:
                result.twice.append(key_line)
            result[key_text(key)] = value
        for mapping in merged:
            for name, value in mapping.items():
                result.setdefault(name, value)
        return result

    @staticmethod
    def merge(value: Any, line: int) -> list[Map]:
        """The mappings that a merge key names; the first of several wins."""
        several = value if isinstance(value, Seq) else [value]
        if not all(isinstance(one, Map) for one in several):
            raise UnreadableError(line)
        return list(several)


def parse(before: int, text: str) -> Any:
    """The first document of a piece, None where it has none (S-2).

    Raises: UnreadableError where the piece does not parse.
    """
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        raise UnreadableError(before + 1)  # not UTF-8
    try:
        return _Builder(before, text).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise UnreadableError(before + (mark.line if mark else 0) + 1) from error
    except yaml.YAMLError as error:
        raise UnreadableError(before + 1) from error


def twice(value: Any) -> Iterator[int]:
    """The lines of all keys that are given twice in a value (S-4)."""
    if isinstance(value, Map):
        yield from value.twice
        for inner in value.values():
            yield from twice(inner)
    elif isinstance(value, Seq):
        for inner in value:
            yield from twice(inner)
