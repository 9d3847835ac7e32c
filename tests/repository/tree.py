"""The tracked files of this repository, for the tests that are about the repository itself."""

from __future__ import annotations

import ast
import functools
import subprocess
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
INNER = ("manifests", "cluster", "engine", "delta", "findings", "verdict", "report")
EDGES = ("sources", "publish")


@functools.cache
def tracked() -> tuple[str, ...]:
    """Every file git knows of and that is still there, in order."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=TOP,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return tuple(sorted(name for name in listed.split("\0") if name and (TOP / name).is_file()))


def python_files(*folders: str) -> list[str]:
    """The Python files below some folders."""
    inside = tuple(f"{folder}/" for folder in folders)
    return [name for name in tracked() if name.endswith(".py") and name.startswith(inside)]


def parsed(name: str) -> ast.Module:
    """The syntax tree of one tracked file."""
    return ast.parse((TOP / name).read_text(encoding="utf-8"), filename=name)
