"""The Action as a step of a job: the command line, signals, and a runner that is not ours."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.runner import TOP, Step, run_step, started
from tests.e2e.steps import make_step
from tests.github_double import TOKEN, Fault, GitHubDouble

COMMAND = [sys.executable, "-m", "reviewer", "action"]
RUNNER = TOP.parent / "shared" / "tools" / "run_action.py"


@pytest.fixture
def github(tmp_path: Path) -> Iterator[GitHubDouble]:
    tmp_path.chmod(0o755)
    with GitHubDouble() as double:
        yield double


@pytest.fixture
def step(github: GitHubDouble, tmp_path: Path) -> Step:
    return make_step(github, tmp_path / "server")


def test_the_exit_code_is_the_verdict(github: GitHubDouble, step: Step) -> None:
    outcome = run_step(step, COMMAND)
    assert (outcome.code, outcome.outputs["verdict"]) == (1, "failure")
    assert outcome.leaked == ""
    assert sorted(outcome.files) == [
        f"netpol-reviewer/report.{one}" for one in ("html", "json", "md", "sarif")
    ]
    assert len(github.comments) == 1
    assert TOKEN not in outcome.log


def speaking_to(github: GitHubDouble) -> list[str]:
    """The command lines of processes that name the double's address: git's helpers do."""
    place = github.url.removeprefix("http://").encode()
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes()
        except OSError:
            continue  # it ended meanwhile
        if place in line:
            found.append(line.decode("utf-8", "replace"))
    return found


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["SIGINT", "SIGTERM"]
)
@pytest.mark.parametrize("operation", ["git", "issues/create-comment"], ids=["fetch", "publish"])
def test_a_signal_ends_it_at_once(
    github: GitHubDouble, step: Step, number: int, code: int, operation: str
) -> None:
    """G-43: nothing more is published, and nobody is left behind."""
    github.script(Fault(operation=operation, delay=3.0))
    with started(step, COMMAND) as (layout, process):
        deadline = time.monotonic() + 30
        while operation not in [one.operation for one in github.exchanges]:
            assert time.monotonic() < deadline, "it never came that far"
            time.sleep(0.02)
        process.send_signal(number)
        began = time.monotonic()
        process.communicate(timeout=20)
        took = time.monotonic() - began
        output = (layout.root / "file_commands/output").read_text(encoding="utf-8")
    count = len(github.exchanges)
    assert process.returncode == code
    assert took < 2.5, "it waited for the answer"
    while speaking_to(github) and time.monotonic() - began < 2.5:
        time.sleep(0.05)
    assert speaking_to(github) == []
    assert output == ""
    time.sleep(0.3)
    assert len(github.exchanges) == count


def run_by(step: Step, folder: Path, *arguments: str) -> dict[str, Any]:
    """Run the step by the runner of the shared tools; its report."""
    (folder / "event.json").write_text(json.dumps(step.event), encoding="utf-8")
    (folder / "workspace").mkdir(exist_ok=True)
    command = [
        *(sys.executable, str(RUNNER), "--engine", "local", "--quiet", "--action", str(TOP)),
        *("--event", str(folder / "event.json"), "--event-name", step.event_name),
        *("--workspace", str(folder / "workspace"), "--report", str(folder / "report.json")),
        *("--server-url", step.github.url, "--token", TOKEN, "-g", f"sha={step.sha}"),
        *("--command", " ".join(COMMAND), *arguments),
    ]
    subprocess.run(command, capture_output=True, check=False, timeout=120)
    return dict(json.loads((folder / "report.json").read_text(encoding="utf-8")))


needs_runner = pytest.mark.skipif(not RUNNER.is_file(), reason="no runner in ../shared/tools")


@needs_runner
def test_a_runner_that_is_not_ours(github: GitHubDouble, step: Step, tmp_path: Path) -> None:
    report = run_by(step, tmp_path)
    assert (report["exit_code"], report["outputs"]["comment-status"]) == (1, "created")
    assert report["complaints"] == []
    assert (report["environment"], report["state"], report["paths"]) == ({}, {}, [])
    assert not report["socket_touched"]
    assert report["masked"] == 0, "the token was in the log and the runner had to mask it"
    assert report["summary"].startswith("## 🔴 This change opens `shop/orders-db`")
    assert len(github.live()) == 1


@needs_runner
def test_a_fork_in_a_runner_that_is_not_ours(
    github: GitHubDouble, step: Step, tmp_path: Path
) -> None:
    github.denied.add("write")
    report = run_by(step, tmp_path)
    assert (report["exit_code"], report["outputs"]["comment-status"]) == (1, "forbidden")
    assert [one["level"] for one in report["annotations"]] == ["error"]
    assert report["annotations"][0]["file"] == "db.yaml"
    assert report["annotations_dropped"] == {}


@needs_runner
def test_a_step_that_is_stopped(github: GitHubDouble, step: Step, tmp_path: Path) -> None:
    """T-17: the first signal is enough."""
    github.script(Fault(operation="git", delay=4.0))
    report = run_by(step, tmp_path, "--timeout", "1.5")
    assert report["exit_code"] == 124
    assert "SIGINT ended it" in report["log"][-1]
    assert github.comments == []
