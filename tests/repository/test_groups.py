"""The skip table hides nothing (T-5, T-6)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
# Only the plugins a run names are loaded: each costs a start.
QUICK = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
CASE = """
import pytest

@pytest.mark.tools
def test_needs_a_tool() -> None:
    assert True

def test_needs_nothing() -> None:
    assert True
"""


def run(folder: Path, *flags: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run pytest on two small tests with our table, where no tool is found."""
    (folder / "conftest.py").write_text((TOP / "tests" / "conftest.py").read_text())
    (folder / "test_case.py").write_text(CASE)
    tools = folder / "bin"
    tools.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    command += ["-c", str(TOP / "pyproject.toml"), "--rootdir", str(folder), *flags, str(folder)]
    return subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **QUICK, "PATH": str(tools), "REQUIRE": "", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_last_line_tells_what_did_not_run(tmp_path: Path) -> None:
    done = run(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == "not run: 1 [tools] no kustomize, no helm"


def test_last_line_is_the_same_with_workers(tmp_path: Path) -> None:
    done = run(tmp_path, "-p", "xdist.plugin", "-n", "1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == "not run: 1 [tools] no kustomize, no helm"


def test_a_required_part_that_is_missing_fails(tmp_path: Path) -> None:
    done = run(tmp_path, REQUIRE="tools")
    assert done.returncode == 4
    assert "REQUIRE=tools, but no kustomize, no helm" in done.stderr


def test_an_unknown_group_fails(tmp_path: Path) -> None:
    done = run(tmp_path, REQUIRE="moon")
    assert done.returncode == 4
    assert "REQUIRE=moon: the groups are image, browser, tools" in done.stderr
