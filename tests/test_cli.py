"""The command line: what it reads beside the two revisions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from reviewer.cli import main
from tests.git_repository import Content, GitRepository

POD = "{apiVersion: v1, kind: Pod, metadata: {name: a}}\n"
CONFIG = ".github/netpol-reviewer.yml"
PLAIN, EDITED = "version: 1\n", "version: 1\nfail-on: never\n"


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[tuple[Any, ...]]:
    """The findings of a `diff` about the configuration."""
    assert main(["diff", *arguments, "--format", "json", "-q"]) == 0
    found = json.loads(capsys.readouterr().out)["findings"]
    return [(one["file"], one["line"]) for one in found if one["rule"] == "config-changed"]


def tree(config: str | None) -> dict[str | bytes, Content]:
    """The files of one side."""
    return {"a.yaml": POD, CONFIG: config} if config else {"a.yaml": POD}


@pytest.mark.parametrize(
    ("base", "head", "expected"),
    [
        pytest.param(PLAIN, EDITED, [(CONFIG, 1)], id="edited"),
        pytest.param(None, PLAIN, [(CONFIG, 1)], id="added"),
        pytest.param(PLAIN, None, [(CONFIG, 1)], id="removed"),
        pytest.param(PLAIN, PLAIN, [], id="alike"),
        pytest.param(None, None, [], id="none"),
    ],
)
def test_a_change_of_the_configuration_is_told(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    base: str | None,
    head: str | None,
    expected: list[tuple[str, int]],
) -> None:
    """G-35: in two folders and in two revisions alike; never where --config names the file."""
    trees = {"base": tree(base), "head": tree(head)}
    for name, files in trees.items():
        for path, text in files.items():
            place = tmp_path / name / str(path)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(str(text), encoding="utf-8")
    folders = str(tmp_path / "base"), str(tmp_path / "head")
    assert told(capsys, *folders) == expected
    repository = GitRepository(tmp_path, "o/r")
    first = repository.commit(trees["base"])
    second = repository.commit(trees["head"], [first])
    assert told(capsys, first, second, "--repo", str(repository.path)) == expected
    given = tmp_path / "given.yml"
    given.write_text(PLAIN, encoding="utf-8")
    assert told(capsys, *folders, "--config", str(given)) == []
