"""Locks name no host, agree with what they are made from, and cover what the package needs."""

from __future__ import annotations

import re
import tomllib

import pytest

from tests.repository.tree import TOP, tracked

LOCKS = [
    name
    for name in tracked()
    if re.search(r"(^|/)requirements[^/]*/.*\.txt$|\.lock$|package-lock\.json$", name)
]
PIN = re.compile(r"^([a-z0-9-]+)==(\S+)(?: ; (.*?))? \\$", re.MULTILINE)


def pins(name: str) -> set[tuple[str, str, str]]:
    """Name, version and marker of each pin of a lock."""
    return set(PIN.findall((TOP / name).read_text(encoding="utf-8")))


def wanted(text: str) -> set[str]:
    """The requirements of a text, one a line."""
    return {line for line in text.splitlines() if line and line[0] not in "#-"}


def test_there_are_locks() -> None:
    assert LOCKS == ["requirements/dev.txt", "requirements/runtime.txt"]


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_host(name: str) -> None:
    """T-3."""
    lines = (TOP / name).read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if "://" in line or line.startswith("--")] == []


@pytest.mark.parametrize("name", LOCKS)
def test_every_pin_has_a_hash(name: str) -> None:
    blocks = re.split(r"\n(?=\S)", (TOP / name).read_text(encoding="utf-8").strip())
    assert [block for block in blocks if "--hash=sha256:" not in block] == []


def test_both_locks_agree() -> None:
    """What tests run on is what the image ships; the wider lock may need no marker for it."""
    ours = {(name, version) for name, version, _ in pins("requirements/runtime.txt")}
    theirs = {(name, version) for name, version, _ in pins("requirements/dev.txt")}
    assert ours - theirs == set()


def test_package_and_runtime_lock_want_the_same() -> None:
    project = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    runtime = (TOP / "requirements" / "runtime.in").read_text(encoding="utf-8")
    assert set(project["dependencies"]) == wanted(runtime)


def test_each_requirement_is_in_its_lock() -> None:
    for name in ("runtime", "dev"):
        text = (TOP / "requirements" / f"{name}.in").read_text(encoding="utf-8")
        asked = {re.split(r"[<>=~ ]", line)[0].lower().replace("_", "-") for line in wanted(text)}
        assert asked - {pin[0] for pin in pins(f"requirements/{name}.txt")} == set()
