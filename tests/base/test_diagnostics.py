"""What is said of both sides, for people (S-90)."""

from __future__ import annotations

import pytest

from reviewer.base.diagnostics import Diagnostic, diagnostic, once_of_both_sides
from reviewer.base.values import replace


def said(side: str, line: int, message: str = "m") -> Diagnostic:
    found = diagnostic("invalid-policy", message, "a.yaml", line, "NetworkPolicy shop/p")
    return replace(found, side=side)


@pytest.mark.parametrize(
    ("items", "left"),
    [
        ([said("base", 1), said("head", 9)], [1]),
        ([said("base", 1), said("head", 9, "other")], [0, 1]),
        ([said("both", 1), said("base", 2)], [0, 1]),
        ([said("head", 1), said("head", 9)], [0, 1]),
        ([said("base", 1)], [0]),
    ],
    ids=["moved", "another message", "both", "twice on head", "base alone"],
)
def test_what_only_moved_is_said_once(items: list[Diagnostic], left: list[int]) -> None:
    assert once_of_both_sides(items) == tuple(items[at] for at in left)
