"""No rule of semantics.md is without its row: every number has one in these tables (issue 4)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
TOP = HERE.parents[1]
STATED = (
    *range(1, 18),
    *range(20, 29),
    *range(30, 33),
    *range(40, 48),
    *range(50, 58),
    *range(60, 67),
    *range(70, 77),
    *range(80, 89),
    90,
    *range(100, 126),
)
"""The numbers of semantics.md that state behaviour."""
ID = re.compile(r"S-(\d+) \S")
CITED = re.compile(r"\bS-(\d{1,3})\b(?! ?to\b)")


def rows() -> Iterator[int]:
    """The numbers that begin the id of a row: the first text of a tuple, or an `id=`."""
    for path in HERE.glob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            first = None
            if isinstance(node, ast.Tuple) and node.elts:
                first = node.elts[0]
            elif isinstance(node, ast.keyword) and node.arg == "id":
                first = node.value
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                found = ID.match(first.value)
                if found:
                    yield int(found[1])


def cited() -> set[int]:
    """The numbers that the code names."""
    return {
        int(found)
        for path in (TOP / "reviewer").rglob("*.py")
        for found in CITED.findall(path.read_text(encoding="utf-8"))
    }


def test_every_rule_has_a_row() -> None:
    assert sorted(set(STATED) - set(rows())) == []


def test_every_rule_that_the_code_cites_has_a_row() -> None:
    assert sorted(cited() - set(rows())) == []


def test_no_row_is_of_a_rule_there_is_not() -> None:
    assert sorted(set(rows()) - set(STATED)) == []
