"""What one scalar is (S-3), and the text of keys (S-4)."""

from __future__ import annotations

import math

import pytest

from reviewer.base.scalars import (
    MERGE,
    PREFIX,
    Keys,
    Plain,
    Scalar,
    TagError,
    key_text,
    resolve,
    resolve_tagged,
)

NULLS = ["", "~", "null", "Null", "NULL"]
TRUE = ["y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "true", "True", "TRUE"]
FALSE = ["n", "N", "no", "No", "NO", "off", "Off", "OFF", "false", "False", "FALSE"]
NUMBERS: dict[str, Scalar] = {
    "0": 0,
    "-0": 0,
    "+5": 5,
    "-5": -5,
    "1_000": 1000,
    "1__0_": 10,
    "0x1F": 31,
    "0X1f": 31,
    "-0x1F": -31,
    "0o17": 15,
    "0O17": 15,
    "0b101": 5,
    "-0B11": -3,
    "017": 15,
    "00": 0,
    "0_7": 7,
    "9223372036854775808": 1 << 63,
    "18446744073709551615": (1 << 64) - 1,
    "-9223372036854775808": -(1 << 63),
    "18446744073709551616": float(1 << 64),
    "+9223372036854775809": float((1 << 63) + 1),
    "1.5": 1.5,
    "1.": 1.0,
    ".5": 0.5,
    "+.5": 0.5,
    "1e3": 1000.0,
    "1E-3": 0.001,
    "-1.5e+2": -150.0,
    "08": 8.0,
    "09.5": 9.5,
    "1_0.5": 10.5,
    ".inf": math.inf,
    "+.Inf": math.inf,
    "-.INF": -math.inf,
}
STRINGS = [
    *("a", "nul", "nULL", "yEs", "oN", "tRUE", "None", "nope", "~x"),
    *("1:20", "190:20:30", "2001-01-01", "2001-01-01T00:00:00Z", "1.2.3", "10.0.0.0/8"),
    *("0x", "0xG", "0o8", "0b2", "1e", "1e999", "-1e999", "._5", ".5_0", ".", "+", "-", "..", "e5"),
    *("=", "<<", "_1", "1a", "- 5", "1 2", "0x1.8", "١", "1" * 500, "inf", "nan", "Infinity"),
]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *((text, None) for text in NULLS),
        *((text, True) for text in TRUE),
        *((text, False) for text in FALSE),
        *NUMBERS.items(),
        *((text, text) for text in STRINGS),
    ],
)
def test_resolve(text: str, value: Scalar) -> None:
    found = resolve(text)
    assert (type(found), found) == (type(value), value)


@pytest.mark.parametrize("text", [".nan", ".NaN", ".NAN"])
def test_not_a_number(text: str) -> None:
    found = resolve(text)
    assert isinstance(found, float)
    assert math.isnan(found)


@pytest.mark.parametrize(
    ("text", "tag", "value"),
    [
        ("80", "str", "80"),
        ("", "str", ""),
        ("80", "int", 80),
        ("0x50", "int", 80),
        ("80", "float", 80.0),
        ("1.5", "float", 1.5),
        ("yes", "bool", True),
        ("~", "null", None),
        ("YWI=", "binary", "ab"),
        (" YW\n I= ", "binary", "ab"),
        ("/w==", "binary", "\ufffd"),
        ("2001-01-01", "timestamp", "2001-01-01"),
        ("80", "map", "80"),
    ],
)
def test_tags(text: str, tag: str, value: Scalar) -> None:
    found = resolve_tagged(text, PREFIX + tag)
    assert (type(found), found) == (type(value), value)


@pytest.mark.parametrize("tag", ["!own", "tag:example.com,2000:int"])
def test_tags_of_others_give_text(tag: str) -> None:
    assert resolve_tagged("80", tag) == "80"


def test_the_tag_without_a_name_is_none() -> None:
    assert resolve_tagged("80", "!") == 80


@pytest.mark.parametrize(
    ("text", "tag"),
    [("x", "int"), ("1.5", "int"), ("x", "float"), ("1", "bool"), ("x", "null"), ("=", "binary")],
)
def test_tags_that_do_not_fit(text: str, tag: str) -> None:
    with pytest.raises(TagError, match=f"!!{tag}"):
        resolve_tagged(text, PREFIX + tag)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", "a"),
        (None, "null"),
        (True, "true"),
        (False, "false"),
        (80, "80"),
        (-5, "-5"),
        (80.0, "80"),
        (1.5, "1.5"),
        (1e300, "1e+300"),
        (math.inf, "inf"),
    ],
)
def test_key_text(value: Scalar, text: str) -> None:
    assert key_text(value) == text


def test_scalars_are_kept_once() -> None:
    plain, keys = Plain(), Keys()
    assert plain["80"] == 80
    assert plain[b"abc".decode()] is plain[b"abc".decode()]
    assert keys["80"] == "80"
    assert keys["y"] == "true"
    assert keys["<<"] is MERGE
    assert set(plain) == {"80", "abc"}
    assert set(keys) == {"80", "y", "<<"}


def test_long_scalars_are_not_kept() -> None:
    plain, keys = Plain(), Keys()
    assert plain["x" * 65] == "x" * 65
    assert keys["x" * 129] == "x" * 129
    assert not plain
    assert not keys


def test_what_is_kept_is_bounded() -> None:
    plain, keys = Plain(), Keys()
    for number in range(Plain.ENOUGH + 5):
        assert plain[f"v{number}"] == keys[f"v{number}"] == f"v{number}"
    assert len(plain) == len(keys) == 5
