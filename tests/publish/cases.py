"""What the publishing tests are made of: a dossier, an event, a client that waits for nobody."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from reviewer.base.values import replace
from reviewer.publish import Client, Event, Inputs, Manners, Pull, Runner, read_inputs
from reviewer.report.envelope import CheckText, Counts, Dossier, Note
from reviewer.report.question import Links
from tests.github_double import TOKEN, GitHubDouble

HEAD = "a" * 40
OLD = "b" * 40
BASE = "c" * 40
COUNTS = Counts(opened=2, closed=0, unchanged=471, findings=1)


class Patience:
    """A clock nobody waits for: it remembers what would have been slept."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.slept.append(seconds)


def make_dossier(text: str = "opens `shop/db`", **values: Any) -> Dossier:
    """A dossier as the child would give it; red unless told otherwise."""
    given: dict[str, Any] = {
        "verdict": "failure",
        "exit_code": 1,
        "reason": "2 flows opened at or above high",
        "counts": COUNTS,
        "max_severity": "critical",
        "worst": "critical",
        "moved": True,
        "comment": f"## 🔴 This change {text}\n\n**2 opened**",
        "footer": "Compared `ccccccc` with `aaaaaaa`",
        "summary": f"## 🔴 This change {text}\n\n**2 opened**\n",
        "check_run": CheckText(title=text, summary="**2 opened**", text="all of it"),
    }
    return Dossier(**given | values)


def make_green(text: str = "moves nothing", **values: Any) -> Dossier:
    """A dossier of a change without effect."""
    quiet = {"verdict": "success", "exit_code": 0, "max_severity": "none", "worst": "none"}
    return make_dossier(text, **{**quiet, "moved": False, **values})


def make_notes(count: int, level: str = "warning") -> tuple[Note, ...]:
    """That many annotations."""
    return tuple(
        Note(level=level, path="k8s/db.yaml", line=one + 1, title=f"title {one}", message="m")
        for one in range(count)
    )


def make_inputs(**values: str) -> Inputs:
    """The inputs of a job; names with underscores."""
    given = {f"INPUT_{name.upper().replace('_', '-')}": value for name, value in values.items()}
    return read_inputs({"INPUT_GITHUB-TOKEN": TOKEN} | given)


def make_event(
    github: GitHubDouble, folder: Path, head: str = HEAD, run: int = 77, **inputs: str
) -> Event:
    """The event of pull request 7, ready to be delivered."""
    for name in ("output", "summary"):
        (folder / name).touch()
    runner = Runner(
        server=github.url,
        api=github.api_url,
        graphql=github.graphql_url,
        repository=github.repository,
        event_name="pull_request",
        sha="d" * 40,
        run=run,
        attempt=1,
        workspace=str(folder),
        output=str(folder / "output"),
        step_summary=str(folder / "summary"),
    )
    links = Links(
        server=github.url,
        repository=github.repository,
        view="merge",
        base=BASE,
        head=head,
        pull=7,
        run=run,
        attempt=1,
    )
    pull = Pull(number=7, head=head, base_branch="main", author="octocat", head_repository=None)
    return Event(subject=pull, inputs=make_inputs(**inputs), runner=runner, links=links)


def with_head(event: Event, head: str, run: int) -> Event:
    """The same pull request after a push, in another run."""
    assert event.pull is not None
    assert event.links is not None
    return replace(
        event,
        subject=replace(event.pull, head=head),
        runner=replace(event.runner, run=run),
        links=replace(event.links, head=head, run=run),
    )


def make_client(event: Event, sleep: Patience | None = None, **manners: Any) -> Client:
    """A client of the double; what it would wait is only counted."""
    given: dict[str, Any] = {"between_writes": 0.0, "sleep": sleep or Patience(), "timeout": 5}
    given |= manners
    return Client(event.runner, event.inputs.github_token, Manners(**given))


def outputs_of(event: Event) -> dict[str, str]:
    """The outputs as the runner's plain form reads them."""
    lines = Path(event.runner.output).read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines)
