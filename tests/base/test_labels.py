"""Selectors: what they match and imply, and how they are written (S-30 to S-32, S-86, S-87)."""

from __future__ import annotations

import pytest

from reviewer.base.labels import (
    EVERYTHING,
    NAMESPACE_NAME,
    UNKNOWN,
    Operator,
    Selector,
    equals,
    implies,
    may_match,
    named_namespaces,
    namespace_named,
    requirement,
    selector,
)

IN, NOT_IN, EXISTS, NOT = Operator


def one(text: str) -> Selector:
    """A selector in kubectl's words: `a=x`, `a in x|y`, `a notin x`, `a`, `!a`; "" is all."""
    found = []
    for part in filter(None, text.split(",")):
        match part.split(" "):
            case [key, "in", values]:
                found.append(requirement(key, IN, values.split("|")))
            case [key, "notin", values]:
                found.append(requirement(key, NOT_IN, values.split("|")))
            case [key] if "=" in key:
                name, _, value = key.partition("=")
                found.append(requirement(name, IN, [value]))
            case [key] if key.startswith("!"):
                found.append(requirement(key[1:], NOT))
            case [key]:
                found.append(requirement(key, EXISTS))
    return selector(found)


@pytest.mark.parametrize(
    ("text", "matching", "others"),
    [
        ("", ["", "a=x"], []),
        ("a=x", ["a=x", "a=x,b=y"], ["", "a=", "a=X", "b=x"]),
        ("a=", ["a="], ["", "a=x"]),
        ("a in x|y", ["a=x", "a=y"], ["", "a=z"]),
        ("a notin x|y", ["", "a=z", "a=", "b=x"], ["a=x", "a=y"]),
        ("a", ["a=", "a=x"], ["", "b=x"]),
        ("!a", ["", "b=x"], ["a=", "a=x"]),
        ("a,!a", [], ["", "a=x"]),
        ("a=x,b=y", ["a=x,b=y"], ["a=x", "b=y"]),
        ("a in x|y,a notin x", ["a=y"], ["a=x"]),
    ],
)
def test_matches(text: str, matching: list[str], others: list[str]) -> None:
    """S-30, S-31, S-103, S-104."""

    def labels(written: str) -> dict[str, str]:
        return dict(part.split("=") for part in filter(None, written.split(",")))

    assert [each for each in matching if not one(text).matches(labels(each))] == []
    assert [each for each in others if one(text).matches(labels(each))] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", True),
        ("!a", False),
        ("a=x", False),
        ("a in x|y", False),
        ("a notin x", True),
        ("", True),
    ],
)
def test_values_that_controllers_choose(text: str, expected: bool) -> None:
    """S-32."""
    assert one(text).matches({"a": UNKNOWN}) is expected


@pytest.mark.parametrize(
    ("known", "asked", "expected"),
    [
        ("a=x", "a in x|y", True),
        ("a in x|y", "a=x", False),
        ("a=x", "a notin y", True),
        ("a=x", "a notin x", False),
        ("a notin x|y", "a notin x", True),
        ("a notin x", "a notin x|y", False),
        ("!a", "a notin x", True),
        ("a=x", "a", True),
        ("a", "a", True),
        ("a notin x", "a", False),
        ("!a", "!a", True),
        ("a notin x", "!a", False),
        ("b=x", "a=x", False),
        ("a=x,b=y", "b=y", True),
        ("a=x", "a=x,b=y", False),
        ("", "a", False),
        ("a", "", True),
    ],
)
def test_implies(known: str, asked: str, expected: bool) -> None:
    """S-86."""
    assert implies(one(known), one(asked)) is expected


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("a=x", "a=y", False),
        ("a in x|y", "a in y|z", True),
        ("a=x", "a notin x|y", False),
        ("a in x|z", "a notin x", True),
        ("a=x", "!a", False),
        ("a", "!a", False),
        ("a", "a notin x", True),
        ("!a", "a notin x", True),
        ("a=x", "b=y", True),
        ("", "!a", True),
    ],
)
def test_may_match(a: str, b: str, expected: bool) -> None:
    """S-86, either way round."""
    assert may_match(one(a), one(b)) is expected
    assert may_match(one(b), one(a)) is expected


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("", ""),
        ("b,a=x", "a=x,b"),
        ("a in y|x|x", "a in (x,y)"),
        ("a notin y|x", "a notin (x,y)"),
        ("!a", "!a"),
        ("a=x,a=x", "a=x"),
        ("a=", "a="),
        ("a,a=x,!a,a notin z", "!a,a,a notin (z),a=x"),
    ],
)
def test_text(text: str, written: str) -> None:
    """S-87: sorted by key, then text."""
    assert str(one(text)) == written
    assert repr(one(text)) == f"Selector({written!r})"


def test_namespaces() -> None:
    assert str(namespace_named("shop")) == f"{NAMESPACE_NAME}=shop"
    assert named_namespaces(namespace_named("shop")) == ("shop",)
    assert named_namespaces(selector([requirement(NAMESPACE_NAME, IN, "ba")])) == ("a", "b")
    assert named_namespaces(equals("a", "b")) is None
    assert named_namespaces(EVERYTHING) is None
    assert named_namespaces(selector([requirement(NAMESPACE_NAME, EXISTS)])) is None
