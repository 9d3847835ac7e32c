"""`.ci/run` tells how each entry ended and hides no failure (T-7)."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.repository.tree import TOP

ENTRIES = ["lint", "test", "image", "pictures"]


def run(folder: Path, **endings: str) -> tuple[int, list[str]]:
    """Run `.ci/run` with a make that ends as told; its code and its closing lines without times."""
    tools = folder / "bin"
    tools.mkdir()
    cases = "".join(f"  {name}) {ending};;\n" for name, ending in endings.items())
    make = tools / "make"
    make.write_text(f"#!/bin/bash\nfor name; do :; done\ncase $name in\n{cases}  *) ;;\nesac\n")
    make.chmod(0o755)
    done = subprocess.run(
        ["bash", str(TOP / ".ci" / "run")],
        env={**os.environ, "PATH": f"{tools}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    lines = done.stdout.splitlines()[-len(ENTRIES) :]
    return done.returncode, [re.sub(r" \(\d+ s\)$", "", line) for line in lines]


def test_all_done(tmp_path: Path) -> None:
    assert run(tmp_path) == (0, [f"make {name:9} done" for name in ENTRIES])


@pytest.mark.parametrize("name", ENTRIES)
def test_a_failure_fails_and_the_rest_still_runs(tmp_path: Path, name: str) -> None:
    code, lines = run(tmp_path, **{name: "exit 2"})
    assert code == 1
    assert lines == [f"make {one:9} {'failed (2)' if one == name else 'done'}" for one in ENTRIES]


def test_a_skip_tells_its_reason(tmp_path: Path) -> None:
    code, lines = run(tmp_path, image="echo 'skipped: no container engine'")
    assert (code, lines[2]) == (0, "make image     skipped: no container engine")


def test_a_failure_that_says_skipped_is_a_failure(tmp_path: Path) -> None:
    code, lines = run(tmp_path, image="echo 'skipped: no base image'; exit 1")
    assert (code, lines[2]) == (1, "make image     failed (1)")
