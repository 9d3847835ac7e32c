"""From the runner's environment to one `Event`: which revisions, which pull request (section 2).

The payload is read by the strict reader of `base/fields.py`: a missing field names itself and the
run ends with exit 2 (G-7). The pull request's `base.sha` is a snapshot of the past and is used for
nothing (G-5), and `GITHUB_SHA` only where it is what we want.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from reviewer.base.errors import SourceError, UsageError
from reviewer.base.fields import FieldError, Fields, read_object
from reviewer.publish.inputs import read_inputs
from reviewer.publish.types import (
    CommitRange,
    Event,
    Inputs,
    NamedRange,
    Nothing,
    Pull,
    Runner,
    RunOfPull,
    Subject,
)

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_REPOSITORY = re.compile(r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+")
_ADDRESS = re.compile(r"https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:/[A-Za-z0-9._/-]*)?")
_STATES = ("open", "closed")
_PAYLOAD_BYTES = 64 * 2**20

DISPATCHED = ("workflow_dispatch", "repository_dispatch", "schedule")
"""The events that bring no two commits of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Context:
    """What a reader of one event may look at."""

    payload: Fields
    inputs: Inputs
    runner: Runner


def read_event(environ: Mapping[str, str]) -> Event:
    """What started us, and what it asks for.

    Raises: UsageError for a wrong input, an unsupported event, or a payload without a field.
    """
    inputs = read_inputs(environ)
    runner = _runner(environ)
    reader = EVENTS.get(runner.event_name)
    if reader is None:
        raise UsageError(
            f"the event `{runner.event_name[:100]}` is not supported",
            f"start the workflow on one of {', '.join(EVENTS)}",
        )
    try:
        payload = read_object(_payload(environ))
        context = _Context(payload=payload, inputs=inputs, runner=runner)
        subject = reader(context)
    except FieldError as error:
        raise UsageError(
            f"the payload of the `{runner.event_name}` event is not as expected: {error}",
            "if the event was made by hand, complete it; otherwise please report it",
        ) from error
    named = _named(inputs, runner.event_name)
    return Event(subject=subject, named=named, inputs=inputs, runner=runner)


def _payload(environ: Mapping[str, str]) -> bytes:
    path = environ.get("GITHUB_EVENT_PATH", "")
    try:
        with open(path, "rb") as file:
            data = file.read(_PAYLOAD_BYTES + 1)
    except OSError as error:
        raise SourceError(
            f"the event's payload {path!r} cannot be read: {error.strerror}",
            "`netpol-reviewer action` runs inside GitHub Actions; use `diff` elsewhere",
        ) from error
    if len(data) > _PAYLOAD_BYTES:
        raise FieldError("document", f"is over {_PAYLOAD_BYTES} bytes")
    return data


def _runner(environ: Mapping[str, str]) -> Runner:
    """The runner's variables, each checked. Raises: UsageError, all mistakes at once."""
    mistakes: list[str] = []

    def value(name: str, pattern: str | re.Pattern[str], default: str = "") -> str:
        text = environ.get(name, default)
        if not re.fullmatch(pattern, text):
            mistakes.append(f"{name} is {text[:200]!r}")
        return text

    runner = Runner(
        server=value("GITHUB_SERVER_URL", _ADDRESS).rstrip("/"),
        api=value("GITHUB_API_URL", _ADDRESS).rstrip("/"),
        graphql=value("GITHUB_GRAPHQL_URL", _ADDRESS).rstrip("/"),
        repository=value("GITHUB_REPOSITORY", _REPOSITORY),
        event_name=value("GITHUB_EVENT_NAME", r"[a-z_]{1,50}"),
        sha=value("GITHUB_SHA", _COMMIT),
        run=_number(value("GITHUB_RUN_ID", r"[1-9][0-9]{0,18}")),
        attempt=_number(value("GITHUB_RUN_ATTEMPT", r"[1-9][0-9]{0,8}", "1")),
        workspace=value("GITHUB_WORKSPACE", r"/[^\0]*"),
        output=environ.get("GITHUB_OUTPUT", ""),
        step_summary=environ.get("GITHUB_STEP_SUMMARY", ""),
        debug=environ.get("RUNNER_DEBUG") == "1",
    )
    if urlsplit(runner.api)[:2] != urlsplit(runner.graphql)[:2]:
        mistakes.append("GITHUB_GRAPHQL_URL is on another server than GITHUB_API_URL")
    if mistakes:
        raise UsageError(
            "the environment is not that of a GitHub Actions job: " + "; ".join(mistakes),
            "`netpol-reviewer action` runs inside GitHub Actions; use `diff` elsewhere",
        )
    return runner


def _number(text: str) -> int:
    return int(text) if text.isdigit() else 0


# --- one reader for each row of section 2 ------------------------------------------------------


def _named(inputs: Inputs, event_name: str) -> NamedRange | None:
    """What the inputs `base` and `head` name; it wins over the event's own range (G-10).

    Raises: UsageError where `head` stands alone and the event has a base of its own.
    """
    if not inputs.head:
        return None
    if not inputs.base and event_name not in DISPATCHED:
        raise UsageError(
            f"input `head` is set and `base` is not: on `{event_name}` it takes both or neither",
            f"set both; `head` alone, for an audit, goes with {', '.join(DISPATCHED)}",
        )
    return NamedRange(base=inputs.base or None, head=inputs.head)


def _pull_request(context: _Context) -> Subject:
    pull = context.payload.object("pull_request")
    if context.payload.text("action") == "closed" or pull.word("state", _STATES) == "closed":
        return Nothing(reason="the pull request is closed")
    return read_pull(pull, _merge_commit(context))


def _merge_commit(context: _Context) -> str | None:
    """`GITHUB_SHA` for `pull_request`; for `pull_request_target` it is something else (G-5)."""
    return context.runner.sha if context.runner.event_name == "pull_request" else None


def read_pull(fields: Fields, merge: str | None) -> Pull:
    """A pull request out of a payload or an answer of the API. Raises: FieldError."""
    head, base = fields.object("head"), fields.object("base")
    repository = head.object_or_none("repo")
    author = fields.object_or_none("user")
    return Pull(
        number=fields.number("number", at_least=1),
        head=_commit(head, "sha"),
        base_branch=base.text("ref", limit=1_000),
        author=author.text("login") if author else "",
        head_repository=repository.text("full_name") if repository else None,
        merge=merge,
    )


def _merge_group(context: _Context) -> Subject:
    group = context.payload.object("merge_group")
    if context.payload.text("action") == "destroyed":
        return Nothing(reason="the merge group was dissolved")
    return CommitRange(base=_commit(group, "base_sha"), head=_commit(group, "head_sha"))


def _push(context: _Context) -> Subject:
    payload = context.payload
    if payload.flag("deleted"):
        return Nothing(reason="the branch was deleted")
    before, after = _commit(payload, "before"), _commit(payload, "after")
    if not before.strip("0"):
        return NamedRange(base=None, head=after)
    return CommitRange(base=before, head=after)


def _workflow_run(context: _Context) -> Subject:
    run = context.payload.object("workflow_run")
    kind = run.text("event")
    if kind != "pull_request":
        return Nothing(
            reason=f"the workflow run was started by `{kind[:50]}`, not by a pull request"
        )
    repository = run.object_or_none("head_repository")
    branch = run.text_or_none("head_branch")
    if repository is None or not branch:
        return Nothing(reason="the repository or branch that the workflow ran for is gone")
    return RunOfPull(
        repository=repository.text("full_name"), branch=branch, head=_commit(run, "head_sha")
    )


def _dispatch(context: _Context) -> Subject:
    return NamedRange(base=None, head=context.runner.sha)


def _commit(fields: Fields, name: str) -> str:
    """A commit: 40 or 64 hex digits, nothing else (G-11)."""
    value = fields.text(name)
    if not _COMMIT.fullmatch(value):
        raise FieldError(fields.path(name), "is not 40 or 64 hex digits")
    return value


EVENTS: dict[str, Callable[[_Context], Subject]] = {
    "pull_request": _pull_request,
    "pull_request_target": _pull_request,
    "pull_request_review": _pull_request,
    "merge_group": _merge_group,
    "push": _push,
    "workflow_run": _workflow_run,
    "workflow_dispatch": _dispatch,
    "repository_dispatch": _dispatch,
    "schedule": _dispatch,
}
"""Every supported event with its reader (section 2)."""
