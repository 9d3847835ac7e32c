"""What one YAML scalar is: the values Kubernetes gives them, not PyYAML's (S-3).

Nothing here can fail on a long number, a date or a tag: what does not fit is a string, and a
tag that does not fit its text is a `TagError`.
"""

from __future__ import annotations

import base64
import binascii
import re
import sys

Scalar = str | int | float | bool | None

PREFIX = "tag:yaml.org,2002:"

_SPECIAL = frozenset("yYnNtTfFoO~.+-0123456789")
"""What a plain scalar begins with that may be anything but a string."""

_WORDS: dict[str, Scalar] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(
        ("y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "true", "True", "TRUE"), True
    ),
    **dict.fromkeys(
        ("n", "N", "no", "No", "NO", "off", "Off", "OFF", "false", "False", "FALSE"), False
    ),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}

_INTEGER = re.compile(
    r"([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[oO]([0-7]+)|0[bB]([01]+)|0([0-7]+)|(0|[1-9][0-9]*))"
)
_BASES = (16, 8, 2, 8, 10)
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_DIGITS_AT_MOST = 70
"""More digits than any 64-bit number has in base 2; longer ones are floats to Kubernetes."""


class TagError(ValueError):
    """A scalar's text does not fit its tag, such as `!!int x`."""


def resolve(text: str) -> Scalar:
    """The value of a plain scalar without a tag."""
    if not text:
        return None
    if text[0] not in _SPECIAL:
        return text
    if text in _WORDS:
        return _WORDS[text]
    return _number(text) if text[0] in ".+-0123456789" else text


def _number(text: str) -> Scalar:
    """An integer, a float, or else the text itself: base 60 and dates are strings."""
    if text[0] == ".":
        return _float(text, text)
    plain = text.replace("_", "")
    found = _INTEGER.fullmatch(plain)
    if found is not None and len(plain) <= _DIGITS_AT_MOST:
        sign, *bodies = found.groups()
        for body, base in zip(bodies, _BASES, strict=True):
            if body is not None:
                value = int(body, base)
                if value < 1 << 64 and (not sign or value <= 1 << 63):
                    return -value if sign == "-" else value
    return _float(text, plain)


def _float(text: str, plain: str) -> Scalar:
    if len(plain) > 400 or not _FLOAT.fullmatch(plain):
        return text
    value = float(plain)
    return value if abs(value) != float("inf") else text


def resolve_tagged(text: str, tag: str) -> Scalar:
    """The value of a scalar with a tag, quoted or not; a tag that is not YAML's own gives text.

    Raises: TagError where the text does not fit the tag.
    """
    if tag == "!":
        return resolve(text)
    match tag.removeprefix(PREFIX) if tag.startswith(PREFIX) else "":
        case "binary":
            return _binary(text)
        case "null" | "bool" | "int" | "float" as name:
            return _fitting(resolve(text), name)
        case _:
            return text


def _fitting(value: Scalar, name: str) -> Scalar:
    if name == "float" and type(value) is int:
        return float(value)
    wanted = {"null": type(None), "bool": bool, "int": int, "float": float}[name]
    if type(value) is not wanted:
        raise TagError(f"a value does not fit its tag !!{name}")
    return value


def _binary(text: str) -> str:
    """Kubernetes takes the bytes as text."""
    try:
        data = base64.b64decode("".join(text.split()), validate=True)
        return data.decode("utf-8", "replace")
    except (binascii.Error, ValueError) as error:
        raise TagError("a !!binary value is not base64") from error


def key_text(value: Scalar) -> str:
    """The text that stands for a key which is not a string (S-4): `80: x` is the key "80"."""
    if isinstance(value, str):
        return value
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e16:
        return str(int(value))
    return str(value)


MERGE = "\ud800<<"
"""Stands for a plain `<<` key; no text of a file equals it."""


class Plain(dict[str, Scalar]):
    """Plain scalars seen so far with their values: `plain[text]` resolves each text once, and
    equal strings are one object. It is emptied when it has `ENOUGH` entries."""

    __slots__ = ()
    ENOUGH = 50_000

    def __missing__(self, text: str) -> Scalar:
        value = resolve(text)
        if len(text) <= 64:
            if len(self) >= self.ENOUGH:
                self.clear()
            self[text] = value
        return value


class Keys(dict[str, str]):
    """Plain keys seen so far with their texts (S-4): `keys["80"]` is "80", `keys["y"]` is "true",
    `keys["<<"]` is MERGE."""

    __slots__ = ()

    def __missing__(self, text: str) -> str:
        key = MERGE if text == "<<" else sys.intern(key_text(resolve(text)))
        if len(text) <= 128:
            if len(self) >= Plain.ENOUGH:
                self.clear()
            self[text] = key
        return key
