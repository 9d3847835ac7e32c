"""action.yml, its reader and the README's table say the same of every input (section 4)."""

from __future__ import annotations

import re
from typing import Any

import yaml

from reviewer.publish.inputs import INPUTS
from tests.repository.tree import TOP

ACTION: dict[str, Any] = yaml.safe_load((TOP / "action.yml").read_text(encoding="utf-8"))
OUTPUTS = [
    "verdict", "opened", "closed", "unchanged", "findings", "max-severity", "compared", "base-sha",
    "head-sha", "comment-status", "comment-url", "check-run-url", "report-json", "report-markdown",
    "report-sarif", "report-html",
]  # fmt: skip


def test_action_file_and_reader_agree() -> None:
    described = [
        (name, one["default"], one["description"]) for name, one in ACTION["inputs"].items()
    ]
    assert described == [(one.name, one.default, one.meaning) for one in INPUTS]


def test_defaults_are_texts() -> None:
    """The runner takes a bare `true` for the text, other readers do not."""
    assert {type(one["default"]) for one in ACTION["inputs"].values()} == {str}


def test_outputs_are_those_of_the_contract() -> None:
    assert list(ACTION["outputs"]) == OUTPUTS


def test_container_runs_the_action() -> None:
    assert ACTION["runs"] == {"using": "docker", "image": "Dockerfile", "args": ["action"]}
    entry = (TOP / "Dockerfile").read_text(encoding="utf-8").splitlines()[-1]
    assert entry == 'ENTRYPOINT ["/opt/reviewer/bin/python", "-I", "-m", "reviewer"]'


def test_base_image_is_pinned_by_digest() -> None:
    text = (TOP / "Dockerfile").read_text(encoding="utf-8")
    assert re.findall(r"^ARG BASE=python:[^@\s]+@sha256:[0-9a-f]{64}$", text, re.MULTILINE)
    assert set(re.findall(r"^FROM (\S+)", text, re.MULTILINE)) == {"${BASE}"}
