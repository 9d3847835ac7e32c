"""A step of a GitHub Actions job, as far as our container notices: folders, environment, files.

It lays out what the runner lays out, starts a command on this machine or the image in the engine,
and reads back exit code, log, outputs and summary. Inputs take their defaults from action.yml. It
knows nothing of annotations, masks or the limits of GitHub; the double stands for the server.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.e2e.engine import TAG
from tests.github_double import TOKEN, GitHubDouble
from tests.runner import read_outputs

TOP = Path(__file__).resolve().parents[2]
FILES = ("OUTPUT", "STEP_SUMMARY", "ENV", "PATH", "STATE")
STEP_SECONDS = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What the job says and what happened to start it."""

    github: GitHubDouble
    event_name: str
    event: Mapping[str, Any]
    sha: str
    inputs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the runner would keep of the step; `leaked` are file commands that it must not use."""

    code: int
    log: str
    outputs: Mapping[str, str]
    summary: str
    leaked: str
    files: Mapping[str, int]
    seconds: float


class Layout:
    """The folders of one step; `inside` gives a path as the step sees it."""

    def __init__(self, root: Path, *, container: bool) -> None:
        self.root, self.container = root, container
        self.names = ("workspace", "home", "workflow", "file_commands", "runner_temp")
        for name in self.names:
            (root / name).mkdir()
        root.chmod(0o755)  # a child under another user passes, as on a runner
        for name in FILES:
            (root / "file_commands" / name.lower()).touch()

    def inside(self, path: Path) -> str:
        """How the step calls a path."""
        return f"/github/{path.relative_to(self.root)}" if self.container else str(path)

    def mounts(self) -> list[str]:
        """The engine's flags for all folders."""
        return [
            part for name in self.names for part in ("-v", f"{self.root / name}:/github/{name}")
        ]


def inputs_of(step: Step) -> dict[str, str]:
    """The `INPUT_` variables: what the job gives, else the defaults of action.yml."""
    declared = yaml.safe_load((TOP / "action.yml").read_text(encoding="utf-8"))["inputs"]
    unknown = set(step.inputs) - set(declared)
    if unknown:
        raise ValueError(f"action.yml has no input {', '.join(sorted(unknown))}")
    values = {name: one["default"] for name, one in declared.items()} | dict(step.inputs)
    values = {name: value.replace("${{ github.token }}", TOKEN) for name, value in values.items()}
    return {f"INPUT_{name.upper()}": value for name, value in values.items()}


def environment_of(step: Step, layout: Layout) -> dict[str, str]:
    """Every variable of the step."""
    (layout.root / "workflow" / "event.json").write_text(json.dumps(step.event), encoding="utf-8")
    github = step.github
    context = {
        "ACTIONS": "true",
        "API_URL": github.api_url,
        "EVENT_NAME": step.event_name,
        "EVENT_PATH": layout.inside(layout.root / "workflow" / "event.json"),
        "GRAPHQL_URL": github.graphql_url,
        "REPOSITORY": github.repository,
        "RUN_ATTEMPT": "1",
        "RUN_ID": "4711",
        "SERVER_URL": github.url,
        "SHA": step.sha,
        "WORKSPACE": layout.inside(layout.root / "workspace"),
    }
    for name in FILES:
        context[name] = layout.inside(layout.root / "file_commands" / name.lower())
    return {
        **{f"GITHUB_{name}": value for name, value in context.items()},
        **inputs_of(step),
        "CI": "true",
        "HOME": layout.inside(layout.root / "home"),
        "RUNNER_OS": "Linux",
        "RUNNER_TEMP": layout.inside(layout.root / "runner_temp"),
        "ACTIONS_RUNTIME_TOKEN": "runtime-token-canary",
    }


@contextmanager
def started(
    step: Step, command: list[str] | None
) -> Iterator[tuple[Layout, subprocess.Popen[str]]]:
    """The running step: `command` on this machine, or the image where there is none."""
    with tempfile.TemporaryDirectory(prefix="step-") as folder:
        layout = Layout(Path(folder), container=command is None)
        variables = environment_of(step, layout)
        inherited = dict(os.environ)
        if command is None:
            names = [part for name in variables for part in ("-e", name)]
            place = ["--network", "host", "--workdir", "/github/workspace", *layout.mounts()]
            command = ["docker", "run", "--rm", *names, *place, TAG, "action"]
        else:
            # What the image has: no variable of whoever runs the tests.
            inherited = {"PATH": os.environ["PATH"]}
        with subprocess.Popen(
            command,
            cwd=layout.root / "workspace",
            env={**inherited, **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        ) as process:
            try:
                yield layout, process
            finally:
                if process.poll() is None:
                    process.kill()


def run_step(step: Step, command: list[str] | None = None) -> Outcome:
    """Run a step to its end. Raises: subprocess.TimeoutExpired."""
    begun = time.perf_counter()
    with started(step, command) as (layout, process):
        log, _ = process.communicate(timeout=STEP_SECONDS)
        written = {
            name: (layout.root / "file_commands" / name.lower()).read_text(encoding="utf-8")
            for name in FILES
        }
        workspace = layout.root / "workspace"
        return Outcome(
            code=process.returncode,
            log=log,
            outputs=read_outputs(written["OUTPUT"]),
            summary=written["STEP_SUMMARY"],
            leaked=written["ENV"] + written["PATH"] + written["STATE"],
            files={
                str(path.relative_to(workspace)): path.stat().st_size
                for path in sorted(workspace.rglob("*"))
                if path.is_file()
            },
            seconds=time.perf_counter() - begun,
        )
