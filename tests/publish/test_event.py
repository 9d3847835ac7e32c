"""From payload to event: every row of section 2 and the hard cases of section 15 (G-4 to G-7)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from reviewer.base.errors import SourceError, UsageError
from reviewer.publish import (
    EVENTS,
    CommitRange,
    NamedRange,
    Nothing,
    Pull,
    RunOfPull,
    read_event,
)
from tests import events
from tests.events import HEAD, ZERO

SHA = "d" * 40
BASE = "b" * 40


def pull(**values: Any) -> Pull:
    given: dict[str, Any] = {
        "number": 7,
        "head": HEAD,
        "base_branch": "main",
        "author": "octocat",
        "head_repository": "octo/shop",
    }
    return Pull(**given | values)


CASES = [
    *(
        pytest.param(
            "pull_request", events.pull_request(action), pull(merge=SHA), id=f"G-4 {action}"
        )
        for action in ("opened", "synchronize", "reopened", "edited", "ready_for_review")
    ),
    pytest.param(
        "pull_request",
        events.pull_request(draft=True),
        pull(merge=SHA),
        id="a draft is like others",
    ),
    pytest.param(
        "pull_request",
        events.pull_request(head_repository="fork/shop"),
        pull(merge=SHA, head_repository="fork/shop"),
        id="fork",
    ),
    pytest.param(
        "pull_request",
        events.pull_request(head_repository=None),
        pull(merge=SHA, head_repository=None),
        id="G-7 deleted fork",
    ),
    pytest.param(
        "pull_request",
        events.pull_request(merge=None, mergeable=False),
        pull(merge=SHA),
        id="conflict: GITHUB_SHA is looked at, never the payload's merge commit",
    ),
    pytest.param(
        "pull_request",
        events.pull_request("edited", base="release/1.0"),
        pull(merge=SHA, base_branch="release/1.0"),
        id="re-targeted base",
    ),
    pytest.param(
        "pull_request",
        events.pull_request(author="dependabot[bot]"),
        pull(merge=SHA, author="dependabot[bot]"),
        id="Dependabot",
    ),
    pytest.param(
        "pull_request_target",
        events.pull_request(head_repository="fork/shop"),
        pull(head_repository="fork/shop"),
        id="G-5 pull_request_target never uses GITHUB_SHA",
    ),
    pytest.param("pull_request_review", events.pull_request_review(), pull(), id="review"),
    pytest.param(
        "pull_request",
        events.pull_request("closed"),
        Nothing(reason="the pull request is closed"),
        id="closed",
    ),
    pytest.param(
        "pull_request_review",
        events.pull_request_review(state="closed"),
        Nothing(reason="the pull request is closed"),
        id="review of a closed one",
    ),
    pytest.param(
        "merge_group", events.merge_group(BASE, HEAD), CommitRange(base=BASE, head=HEAD), id="group"
    ),
    pytest.param("push", events.push(BASE, HEAD), CommitRange(base=BASE, head=HEAD), id="push"),
    pytest.param(
        "push", events.push(ZERO, HEAD), NamedRange(base=None, head=HEAD), id="new branch: audit"
    ),
    pytest.param(
        "push", events.push(BASE, ZERO), Nothing(reason="the branch was deleted"), id="deleted"
    ),
    pytest.param(
        "workflow_run",
        events.workflow_run(),
        RunOfPull(repository="fork/shop", branch="change", head=HEAD),
        id="G-6 workflow_run",
    ),
    pytest.param(
        "workflow_run",
        events.workflow_run("push"),
        Nothing(reason="the workflow run was started by `push`, not by a pull request"),
        id="workflow_run of a push",
    ),
    *(
        pytest.param(event, payload, NamedRange(base=None, head=SHA), id=event)
        for event, payload in (
            ("workflow_dispatch", events.workflow_dispatch()),
            ("repository_dispatch", events.repository_dispatch(unit=False)),
            ("schedule", events.schedule()),
        )
    ),
]


@pytest.mark.parametrize(("event", "payload", "subject"), CASES)
def test_each_row_of_section_2(
    tmp_path: Path, event: str, payload: dict[str, Any], subject: object
) -> None:
    assert events.faults(event, payload) == []
    assert read_event(events.environment(event, payload, tmp_path)).subject == subject


def test_every_supported_event_has_a_row() -> None:
    rows = {values[0] for values in (case.values for case in CASES)}
    assert rows == set(EVENTS)


def test_another_event_lists_the_supported_ones(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        read_event(events.environment("issues", {}, tmp_path))
    assert "`issues`" in caught.value.message
    assert all(event in caught.value.hint for event in EVENTS)
    assert caught.value.exit_code == 2


def without(payload: dict[str, Any], path: str) -> dict[str, Any]:
    """A payload less one field."""
    *steps, last = path.split(".")
    node = payload
    for step in steps:
        node = node[step]
    del node[last]
    return payload


@pytest.mark.parametrize(
    ("event", "payload", "field"),
    [
        ("pull_request", events.pull_request(), "pull_request.head.sha"),
        ("pull_request", events.pull_request(), "pull_request.number"),
        ("pull_request", events.pull_request(), "action"),
        ("merge_group", events.merge_group(BASE, HEAD), "merge_group.base_sha"),
        ("push", events.push(BASE, HEAD), "deleted"),
        ("workflow_run", events.workflow_run(), "workflow_run.head_sha"),
    ],
)
def test_a_missing_field_names_itself(
    tmp_path: Path, event: str, payload: dict[str, Any], field: str
) -> None:
    """G-7."""
    with pytest.raises(UsageError, match=field.replace(".", r"\.")):
        read_event(events.environment(event, without(payload, field), tmp_path))


def changed(payload: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A payload with another value in one field."""
    *steps, last = path.split(".")
    node = payload
    for step in steps:
        node = node[step]
    node[last] = value
    return payload


FITTING = {"ref": str, "event": str, "head_branch": str, "deleted": bool}
NULLABLE = ("repo", "user", "head_repository", "head_branch")


@pytest.mark.parametrize("value", [None, -7, "x", [], True], ids=ascii)
@pytest.mark.parametrize(
    ("event", "make", "field"),
    [
        ("pull_request", events.pull_request, "pull_request"),
        ("pull_request", events.pull_request, "pull_request.number"),
        ("pull_request", events.pull_request, "pull_request.state"),
        ("pull_request", events.pull_request, "pull_request.head"),
        ("pull_request", events.pull_request, "pull_request.head.sha"),
        ("pull_request", events.pull_request, "pull_request.head.repo"),
        ("pull_request", events.pull_request, "pull_request.base.ref"),
        ("pull_request", events.pull_request, "pull_request.user"),
        ("merge_group", lambda: events.merge_group(BASE, HEAD), "merge_group.head_sha"),
        ("push", lambda: events.push(BASE, HEAD), "deleted"),
        ("push", lambda: events.push(BASE, HEAD), "after"),
        ("workflow_run", events.workflow_run, "workflow_run.event"),
        ("workflow_run", events.workflow_run, "workflow_run.head_repository"),
        ("workflow_run", events.workflow_run, "workflow_run.head_branch"),
    ],
)
def test_a_field_of_another_type_names_itself(
    tmp_path: Path, event: str, make: Any, field: str, value: Any
) -> None:
    """G-7: read strictly; no number, list or flag is ever taken for a text."""
    environ = events.environment(event, changed(make(), field, value), tmp_path)
    name = field.rpartition(".")[2]
    if type(value) is FITTING.get(name) or (value is None and name in NULLABLE):
        assert read_event(environ).subject is not None
        return
    with pytest.raises(UsageError, match=name) as caught:
        read_event(environ)
    assert caught.value.exit_code == 2


def test_a_payload_that_is_far_too_large(tmp_path: Path) -> None:
    environ = events.environment("push", {}, tmp_path)
    with open(environ["GITHUB_EVENT_PATH"], "wb") as file:
        file.truncate(65 * 2**20)
    with pytest.raises(UsageError, match="is over 67108864 bytes"):
        read_event(environ)


def test_a_forced_push_is_a_push(tmp_path: Path) -> None:
    """Section 15: what it comes from may be no ancestor; it is compared all the same."""
    payload = events.push(BASE, HEAD) | {"forced": True}
    assert events.faults("push", payload) == []
    subject = read_event(events.environment("push", payload, tmp_path)).subject
    assert subject == CommitRange(base=BASE, head=HEAD)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GITHUB_SERVER_URL", "javascript:alert(1)"),
        ("GITHUB_SERVER_URL", "https://user:secret@h"),
        ("GITHUB_API_URL", "https://h/a b"),
        ("GITHUB_GRAPHQL_URL", ""),
        ("GITHUB_REPOSITORY", "octo/shop/more"),
        ("GITHUB_REPOSITORY", "octo/sh`op"),
        ("GITHUB_RUN_ID", "0"),
        ("GITHUB_RUN_ID", "7\n8"),
        ("GITHUB_RUN_ATTEMPT", "-1"),
        ("GITHUB_SHA", "HEAD"),
        ("GITHUB_WORKSPACE", "relative"),
        ("GITHUB_EVENT_NAME", "push::error::x"),
    ],
)
def test_a_variable_that_is_not_the_runners(tmp_path: Path, name: str, value: str) -> None:
    """G-38, G-13: what addresses, links and outputs are built of is checked before."""
    environ = events.environment("push", events.push(BASE, HEAD), tmp_path) | {name: value}
    with pytest.raises(UsageError, match=name):
        read_event(environ)


@pytest.mark.parametrize("commit", ["--output=x", "HEAD", "a" * 39, "A" * 40, "a" * 40 + "\n", ""])
def test_a_commit_is_hex_digits_and_nothing_else(tmp_path: Path, commit: str) -> None:
    """G-11: taken as a revision, an option would be one."""
    payload = events.pull_request(head=commit)
    with pytest.raises(UsageError, match=r"pull_request\.head\.sha"):
        read_event(events.environment("pull_request", payload, tmp_path))


@pytest.mark.parametrize("text", ["", "[]", "nope", "[" * 100_000, '{"a":'])
def test_a_payload_that_is_no_object(tmp_path: Path, text: str) -> None:
    environ = events.environment("push", {}, tmp_path)
    (tmp_path / "event.json").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match="payload"):
        read_event(environ)


def test_a_payload_that_is_not_there(tmp_path: Path) -> None:
    environ = events.environment("push", {}, tmp_path)
    (tmp_path / "event.json").unlink()
    with pytest.raises(SourceError, match=r"event\.json"):
        read_event(environ)


def test_outside_of_actions_every_missing_variable_is_named() -> None:
    with pytest.raises(UsageError) as caught:
        read_event({})
    for name in ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_SHA", "GITHUB_RUN_ID"):
        assert name in caught.value.message


@pytest.mark.parametrize(
    ("event", "payload", "inputs", "named"),
    [
        ("workflow_dispatch", events.workflow_dispatch(), {"head": "v2"}, (None, "v2")),
        (
            "workflow_dispatch",
            events.workflow_dispatch(),
            {"base": "v1", "head": "v2"},
            ("v1", "v2"),
        ),
        ("pull_request", events.pull_request(), {"base": "was", "head": "is"}, ("was", "is")),
    ],
    ids=["audit", "two revisions", "G-10 two folders on a pull request"],
)
def test_named_targets(
    tmp_path: Path,
    event: str,
    payload: dict[str, Any],
    inputs: dict[str, str],
    named: tuple[str | None, str],
) -> None:
    found = read_event(events.environment(event, payload, tmp_path, **inputs)).named
    assert found == NamedRange(base=named[0], head=named[1])


def test_head_alone_is_refused_where_the_event_has_a_base(tmp_path: Path) -> None:
    environ = events.environment("pull_request", events.pull_request(), tmp_path, head="out")
    with pytest.raises(UsageError, match="both or neither"):
        read_event(environ)
