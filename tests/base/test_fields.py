"""The strict view of foreign JSON: by name and type, and every mistake names its field."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.base.fields import FieldError, Fields, read_object

VALUES: dict[str, Any] = {
    "text": "é",
    "number": 7,
    "flag": True,
    "object": {"inner": 1},
    "list": [{"a": 1}],
    "texts": ["a", "b"],
    "null": None,
}
FIELDS = Fields(VALUES, "top")


def test_what_is_there() -> None:
    assert FIELDS.text("text") == "é"
    assert FIELDS.number("number") == 7
    assert FIELDS.flag("flag") is True
    assert FIELDS.object("object").number("inner") == 1
    assert [one.number("a") for one in FIELDS.objects("list")] == [1]
    assert FIELDS.texts("texts") == ("a", "b")
    assert FIELDS.word("text", {"é"}) == "é"


def test_what_may_be_missing() -> None:
    for name in ("null", "absent"):
        assert FIELDS.text_or_none(name) is None
        assert FIELDS.number_or_none(name) is None
        assert FIELDS.object_or_none(name) is None
        assert not FIELDS.has(name)
    assert FIELDS.text_or_none("text") == "é"
    assert FIELDS.number_or_none("number") == 7
    assert FIELDS.object_or_none("object") is not None


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda fields: fields.text("absent"), "top.absent: is missing"),
        (lambda fields: fields.text("null"), "top.null: is null"),
        (lambda fields: fields.text("number"), "top.number: is not text"),
        (lambda fields: fields.text("text", limit=1), "top.text: is longer than 1 bytes"),
        (lambda fields: fields.number("text"), "top.text: is not a number"),
        (lambda fields: fields.number("flag"), "top.flag: is not a number"),
        (lambda fields: fields.number("number", at_least=8), "top.number: is not between 8"),
        (lambda fields: fields.number("number", at_most=6), "top.number: is not between 0 and 6"),
        (lambda fields: fields.flag("number"), "top.number: is not true or false"),
        (lambda fields: fields.object("list"), "top.list: is not an object"),
        (lambda fields: fields.object("object").text("inner"), "top.object.inner: is not text"),
        (lambda fields: fields.texts("text"), "top.text: is not a list"),
        (lambda fields: fields.texts("list"), "top.list[0]: is not text"),
        (lambda fields: fields.texts("texts", at_most=1), "top.texts: has more than 1 items"),
        (lambda fields: list(fields.objects("texts")), "top.texts[0]: is not an object"),
        (lambda fields: fields.word("text", {"b", "a"}), "top.text: is not one of a, b"),
        (lambda fields: fields.only({"text"}), "top.number: is not a known field"),
    ],
)
def test_a_mistake_names_its_field(ask: Callable[[Fields], object], said: str) -> None:
    with pytest.raises(FieldError) as caught:
        ask(FIELDS)
    assert str(caught.value).startswith(said)


def test_the_top_has_no_path() -> None:
    with pytest.raises(FieldError) as caught:
        read_object(b'{"a": 1}').text("a")
    assert (caught.value.field, caught.value.trouble) == ("a", "is not text")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"1",
        b"nope",
        b'{"a": }',
        b"\xff\xfe",
        b"[" * 200_000,
        b'{"a": ' + b"9" * 5_000 + b"}",
    ],
)
def test_what_is_no_object(data: bytes) -> None:
    with pytest.raises(FieldError, match="document"):
        read_object(data)


@given(st.binary(max_size=60))
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    try:
        found = read_object(data)
    except FieldError:
        return
    assert found.values == json.loads(data)
