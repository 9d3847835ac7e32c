"""A repository of policies without workloads: every edit's effect is named (issue 4, S-84, S-88).

`FULL=1` tries the repository at its size: 1,500 namespaces, 3,200 policies, 9,000 files.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
from pathlib import Path
from typing import Any

import pytest

from reviewer.cli import main
from tests import kit
from tests.properties.policies_alone import Edit, Files, Size, base, edits, head, write

SIZE = Size() if os.environ.get("FULL") else Size(80, 170, 300)
FILES = base(SIZE)
EDITS = edits(FILES, SIZE)


def causes(found: dict[str, Any], half: str) -> set[str]:
    """The policies that are named behind the rows of one half."""
    return {cause["object"] for row in found[half] for cause in row["because"]}


@pytest.fixture(scope="module")
def answer(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the command says of all edits together."""
    top = tmp_path_factory.mktemp("fleet")
    write(top / "base", FILES)
    write(top / "head", head(FILES, EDITS))
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        code = main(["diff", "--format", "json", str(top / "base"), str(top / "head")])
    assert code in (0, 1)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def test_sizes() -> None:
    assert len(FILES) == SIZE.files
    assert sum("kind: NetworkPolicy\n" in text for text in FILES.values()) == SIZE.policies
    assert (len(EDITS), len({edit.path for edit in EDITS})) == (20, 20)


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.policy)
def test_each_edit_is_named(edit: Edit, answer: dict[str, Any]) -> None:
    """S-75, S-88: what it opens and what it closes, and nothing of the other half."""
    halves = {"+": "opened", "-": "closed"}
    told = {sign for sign, half in halves.items() if edit.policy in causes(answer, half)}
    assert told == set(edit.does)


def test_nothing_else_is_named(answer: dict[str, Any]) -> None:
    named = causes(answer, "opened") | causes(answer, "closed")
    assert named == {edit.policy for edit in EDITS}
    assert {each["policy"] for each in answer["policies"]} == named
    assert answer["workloads"] == {"added": [], "removed": [], "relabelled": []}


def alone(edit: Edit) -> list[str]:
    """What one edit does by itself, in a repository of its own namespace."""
    folder = edit.path.rpartition("/")[0]
    mine: Files = {path: text for path, text in FILES.items() if path.startswith(folder)}
    return kit.changes(mine, head(mine, [edit]))


@pytest.mark.parametrize("edit", EDITS[:8], ids=lambda edit: edit.policy)
def test_each_edit_does_what_it_does_alone(edit: Edit, answer: dict[str, Any]) -> None:
    """S-71: the other namespaces change nothing of it."""
    rows = [f"+ {kit.row(r)}" for r in answer["opened"] if _by(r, edit)]
    rows += [f"- {kit.row(r)}" for r in answer["closed"] if _by(r, edit)]
    assert rows == alone(edit)


def _by(row: dict[str, Any], edit: Edit) -> bool:
    return any(cause["object"] == edit.policy for cause in row["because"])


def test_files_are_the_same_again(tmp_path: Path) -> None:
    assert base(SIZE) == FILES
    write(tmp_path, {"a/b.yaml": "a: 1\n"})
    assert (tmp_path / "a/b.yaml").read_text(encoding="utf-8") == "a: 1\n"
