"""The README's workflow as it stands: a reader who copies it gets the comment and the gate."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.e2e.runner import TOP, run_step
from tests.e2e.steps import make_step
from tests.github_double import GitHubDouble

COMMAND = [sys.executable, "-m", "reviewer", "action"]


def snippet() -> dict[Any, Any]:
    """The first workflow of the README. The key `on` is the boolean true to YAML 1.1."""
    text = (TOP / "README.md").read_text(encoding="utf-8")
    found = re.search(r"^```yaml\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert found, "the README begins with a workflow"
    return dict(yaml.safe_load(found.group(1)))


@pytest.fixture
def github(tmp_path: Path) -> Iterator[GitHubDouble]:
    tmp_path.chmod(0o755)
    with GitHubDouble() as double:
        yield double


def test_it_is_the_set_up_of_the_three_warnings() -> None:
    """G-1: no checkout, no filter of paths, no `if` on the job; least permissions."""
    workflow = snippet()
    events = workflow[True]
    (job,) = workflow["jobs"].values()
    assert "paths" not in events["pull_request"]
    assert "merge_group" in events
    assert workflow["permissions"] == {}
    assert job["permissions"] == {"contents": "read", "pull-requests": "write"}
    assert "if" not in job
    assert not any("checkout" in step["uses"] for step in job["steps"])


def test_it_posts_the_comment_and_fails_the_job(github: GitHubDouble, tmp_path: Path) -> None:
    (job,) = snippet()["jobs"].values()
    (ours,) = (step for step in job["steps"] if "netpol-reviewer@" in step["uses"])
    asked = make_step(github, tmp_path / "server")
    inputs = {name: str(value) for name, value in ours["with"].items()}
    made = type(asked)(
        github=asked.github,
        event_name=asked.event_name,
        event=asked.event,
        sha=asked.sha,
        inputs=inputs,
    )
    outcome = run_step(made, COMMAND)
    assert (outcome.code, outcome.outputs["comment-status"]) == (1, "created")
    assert len(github.comments) == 1
    (upload,) = (step for step in job["steps"] if "upload-artifact" in step["uses"])
    assert f"{upload['with']['path']}/report.html" == outcome.outputs["report-html"]
