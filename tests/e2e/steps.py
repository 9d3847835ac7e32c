"""The steps of `make image` that need the Action itself: the comment, the box, the signals."""

from __future__ import annotations

import json
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from tests.e2e.attempts import ALLOWED
from tests.e2e.engine import StepError, in_image
from tests.e2e.runner import Layout, Outcome, Step, environment_of, run_step, started
from tests.e2e.situations import SITUATIONS
from tests.github_double import Fault, GitHubDouble

PATIENCE = 20.0
STOP_SECONDS = 1.0


def make_step(github: GitHubDouble, root: Path) -> Step:
    """A pull request that opens a database, on a double that serves its repository."""
    return SITUATIONS["pull request"].step(github, root)


def check_action() -> str:
    """One comment, and none again for the same commit; the exit code is the verdict (G-33)."""
    with tempfile.TemporaryDirectory() as folder, GitHubDouble() as github:
        step = make_step(github, Path(folder))
        first = expect(run_step(step), code=1, status="created")
        expect(run_step(step), code=1, status="unchanged")
        if len(github.comments) != 1:
            raise StepError(f"{len(github.comments)} comments")
        return f"one comment, twice asked; {first.outputs['opened']} opened; {first.seconds:.1f} s"


def check_situations() -> str:
    """Each situation of a table ends as it must (section 15)."""
    times = {}
    for name, situation in SITUATIONS.items():
        with tempfile.TemporaryDirectory() as folder, GitHubDouble() as github:
            outcome = run_step(situation.step(github, Path(folder)))
            try:
                situation.check(outcome, github)
            except StepError as error:
                raise StepError(f"{name}: {error}") from error
            times[name] = outcome.seconds
    longest = max(times, key=lambda name: times[name])
    return f"{len(times)} situations, the longest {times[longest]:.1f} s: {longest}"


def expect(outcome: Outcome, *, code: int, status: str) -> Outcome:
    """Hold a run to what it must end with."""
    told = outcome.outputs.get("comment-status")
    if (outcome.code, told) != (code, status):
        raise StepError(f"exit {outcome.code}, comment {told}:\n{outcome.log}")
    if outcome.leaked:
        raise StepError(f"file commands that we must not use: {outcome.leaked}")
    return outcome


def check_box() -> str:
    """What the child may not do in the image, attempt by attempt (T-21); the event that it may
    read holds no token (T-20)."""
    script = Path(__file__).with_name("attempts.py")
    with tempfile.TemporaryDirectory() as folder, GitHubDouble() as github:
        layout = Layout(Path(folder), container=True)
        variables = environment_of(make_step(github, Path(folder) / "server"), layout)
        event = (layout.root / "workflow" / "event.json").read_text(encoding="utf-8")
        if variables["INPUT_GITHUB-TOKEN"] in event:
            raise StepError("the event holds the token")
        flags = ["-v", f"{script}:/attempts.py:ro", *layout.mounts()]
        told = json.loads(in_image("/opt/reviewer/bin/python -I /attempts.py", *flags))
    allowed = [name for name, what in told.items() if what == "allowed"]
    if allowed != list(ALLOWED):
        raise StepError(f"allowed: {', '.join(allowed)}")
    return f"{len(told) - len(allowed)} attempts refused, {len(allowed)} allowed as expected"


def check_signals() -> str:
    """Each signal ends the container at once, and nothing more is asked for (T-17, G-43)."""
    times = []
    for number in (signal.SIGINT, signal.SIGTERM):
        with tempfile.TemporaryDirectory() as folder, GitHubDouble() as github:
            step = make_step(github, Path(folder))
            github.script(Fault(operation="git", delay=PATIENCE, times=99))
            with started(step, None) as (_, process):
                wait_for_request(github, process)
                begun = time.perf_counter()
                process.send_signal(number)
                try:
                    process.wait(STOP_SECONDS * 10)
                except subprocess.TimeoutExpired as error:
                    raise StepError(f"{number.name} did not end it") from error
                times.append(time.perf_counter() - begun)
            if len(github.exchanges) != 1 or github.comments:
                raise StepError(f"after {number.name}: {github.calls}")
    if max(times) > STOP_SECONDS:
        raise StepError(f"ended after {max(times):.1f} s, the bound is {STOP_SECONDS} s")
    return f"SIGINT and SIGTERM end it after {max(times):.1f} s, and nothing follows"


def wait_for_request(github: GitHubDouble, process: subprocess.Popen[str]) -> None:
    """Until the step waits for the server."""
    deadline = time.monotonic() + PATIENCE
    while not github.exchanges:
        if process.poll() is not None or time.monotonic() > deadline:
            log = process.stdout.read() if process.stdout and process.poll() is not None else ""
            raise StepError(f"no request came:\n{log}")
        time.sleep(0.05)
