"""What the publishing room speaks of: the event that started us, what became of the delivery."""

from __future__ import annotations

from dataclasses import dataclass, field

from reviewer.base.errors import PublishError
from reviewer.report.question import Links


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """The inputs of the Action, read and checked (section 4); `inputs.INPUTS` is their table."""

    github_token: str = field(repr=False)
    base: str
    head: str
    compare: str
    paths: tuple[str, ...]
    config: str
    fail_on: str
    strict: str
    comment: str
    comment_key: str
    check_run: str
    annotations: bool
    summary: bool
    exposure: str
    report_dir: str
    timeout: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """Where we run: GitHub's addresses, the repository, and the files the runner reads afterwards.

    `output` and `step_summary` are the only two of its files that we ever write (G-13).
    """

    server: str
    api: str
    graphql: str
    repository: str
    event_name: str
    sha: str
    run: int
    attempt: int
    workspace: str
    output: str
    step_summary: str
    debug: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pull:
    """A pull request as its payload tells; `head_repository` is None where the fork is gone (G-7).

    `merge` is the commit that the event says is the test merge, None where it says none (G-5).
    """

    number: int
    head: str
    base_branch: str
    author: str
    head_repository: str | None
    merge: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitRange:
    """Two commits the event names: a push, or a merge group."""

    base: str
    head: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedRange:
    """What `base` and `head` name, revisions or folders; without a base an audit (section 2)."""

    base: str | None
    head: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOfPull:
    """A finished workflow run whose pull request is still to be found (G-6)."""

    repository: str
    branch: str
    head: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Nothing:
    """There is nothing to review; `reason` is said and the exit code is 0."""

    reason: str


Subject = Pull | CommitRange | NamedRange | RunOfPull | Nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Everything that the environment said, as values.

    `named` is what the inputs `base` and `head` name; it wins over the range of the subject.
    `links` and `timings` (stage, seconds) are filled in by the Action on the way.
    """

    subject: Subject
    inputs: Inputs
    runner: Runner
    named: NamedRange | None = None
    links: Links | None = None
    timings: tuple[tuple[str, float], ...] = ()

    @property
    def pull(self) -> Pull | None:
        """The pull request, where the event is about one."""
        return self.subject if isinstance(self.subject, Pull) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What became of each channel; the words are those of the outputs (section 5).

    `check_trouble` says why the check run is missing or not whole, empty where nothing went wrong.
    """

    comment_status: str = "off"
    comment_url: str = ""
    check_run_url: str = ""
    check_trouble: str = ""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A comment of ours as the API shows it; `id` is REST's, `node` GraphQL's."""

    id: int
    node: str
    url: str
    body: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """A pull request's state and head commit, and the comments we wrote there, oldest first."""

    open: bool
    head: str
    posted: tuple[Posted, ...]


class ApiError(PublishError):
    """GitHub did not do what was asked; `status` is its own, 0 where there was no answer."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message, "the verdict stands; the report is in the job summary")
        self.status = status


class ForbiddenError(ApiError):
    """The token may not do it (G-37): no retry, no annotation, no failure."""


class DoubtfulError(ApiError):
    """Nobody knows whether a create was carried out; whoever asked looks before asking again."""
