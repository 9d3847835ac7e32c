"""What GitHub answers on a bad day: pages, nothing, half an answer, another shape, redirects,
pages without end. Each costs the channel it is about and nothing else (G-33, G-39, G-40)."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reviewer.publish import (
    ApiError,
    Client,
    Nothing,
    RunOfPull,
    approving_logins,
    deliver,
    find_pull,
)
from reviewer.publish.types import Delivery
from tests.github_double import Fault, GitHubDouble
from tests.publish.cases import (
    HEAD,
    make_client,
    make_dossier,
    make_event,
    make_green,
    outputs_of,
)

CREATE, EDIT, READ, CHECK = (
    "issues/create-comment",
    "issues/update-comment",
    "graphql",
    "checks/create",
)
MARKER = f"<!-- netpol-reviewer:v1 key=default head={HEAD} worst=none verdict=success run=1.1 -->"
ANSWERS = {
    "a page": b"<!DOCTYPE html><title>Unicorn!</title>",
    "nothing": b"",
    "half an answer": b'{"data": {"repository": {"pullRequ',
    "null": b"null",
    "a number": b"7",
    "a list": b"[]",
    "an empty object": b"{}",
    "an error in a 200": b'{"message": "Server Error", "status": "500"}',
    "no bytes of UTF-8": b"\xff\xfe\x00",
    "too deep": b"[" * 100_000,
    "a huge number": b'{"id": ' + b"9" * 5_000 + b"}",
    "another shape": b'{"data": {"repository": {"pullRequest": {"comments": 7}}}, "id": "x"}',
    "a null inside": b'{"data": {"repository": {"pullRequest": {"comments": {"nodes": [null]}}}}}',
}


def publish(github: GitHubDouble, folder: Path, **values: Any) -> tuple[Delivery, dict[str, str]]:
    """Deliver a red dossier; what became of it, and the outputs."""
    event = make_event(github, folder, **values)
    client = make_client(event)
    try:
        return deliver(make_dossier(), event, client), outputs_of(event)
    finally:
        client.close()


@pytest.mark.parametrize("raw", ANSWERS.values(), ids=ANSWERS)
@pytest.mark.parametrize("operation", [READ, EDIT, CHECK])
def test_a_strange_answer_costs_one_channel(
    github: GitHubDouble,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    operation: str,
    raw: bytes,
) -> None:
    """G-33: verdict, outputs and summary are there; at most one warning, and none is our bug."""
    github.add_comment(7, f"{MARKER.replace('success', 'failure')}\n## old")
    github.comments[0].body = github.comments[0].body.replace("worst=none", "worst=critical")
    github.script(Fault(operation=operation, status=200, raw=raw, times=9))
    with caplog.at_level(logging.WARNING):
        delivery, outputs = publish(github, tmp_path)
    assert outputs["verdict"] == "failure"
    assert "**2 opened**" in (tmp_path / "summary").read_text(encoding="utf-8")
    assert len(caplog.records) <= 1
    assert all("Error)" not in one.getMessage() for one in caplog.records)
    expected = {READ: {"failed"}, EDIT: {"failed", "updated"}, CHECK: {"updated"}}
    assert delivery.comment_status in expected[operation]


@pytest.mark.parametrize("effect", [True, False], ids=["it was created", "it was not"])
@pytest.mark.parametrize("raw", ANSWERS.values(), ids=ANSWERS)
def test_a_strange_answer_to_a_create_is_looked_into(
    github: GitHubDouble, tmp_path: Path, raw: bytes, effect: bool
) -> None:
    """G-39: a 201 that says nothing is in doubt; one comment stands in the end, and one check."""
    for operation in (CREATE, CHECK):
        github.script(Fault(operation=operation, status=201, raw=raw, effect=effect))
    delivery, outputs = publish(github, tmp_path)
    assert delivery.comment_status == "created"
    assert len(github.live()) == len(github.check_runs) == 1
    assert (
        outputs["comment-url"]
        == f"{github.url}/octo/shop/pull/7#issuecomment-{github.live()[0].id}"
    )
    assert outputs["check-run-url"] == f"{github.url}/octo/shop/runs/{github.check_runs[0]['id']}"


ASKED: dict[str, Callable[[Client], object]] = {
    "repos/compare-commits-with-basehead": lambda client: client.merge_base("main", HEAD),
    "pulls/list": lambda client: find_pull(
        client, RunOfPull(repository="octo/shop", branch="change", head=HEAD)
    ),
    "checks/list-for-ref": lambda client: client.find_check(HEAD, "n", "1"),
}


@pytest.mark.parametrize("raw", ANSWERS.values(), ids=ANSWERS)
@pytest.mark.parametrize("operation", ASKED)
def test_a_question_with_a_strange_answer_is_githubs_failure(
    github: GitHubDouble, client: Client, operation: str, raw: bytes
) -> None:
    """Never a traceback of ours; an empty list of pulls is an answer."""
    github.script(Fault(operation=operation, status=200, raw=raw, times=9))
    if (operation, raw) == ("pulls/list", b"[]"):
        assert isinstance(ASKED[operation](client), Nothing)
        return
    with pytest.raises(ApiError, match="GitHub"):
        ASKED[operation](client)


def test_a_deletion_that_was_answered_was_none(github: GitHubDouble, client: Client) -> None:
    """A 204 says nothing; whatever says something did something else."""
    comment = github.add_comment(7, "x")
    raw = b'{"message": "not now"}'
    github.script(Fault(operation="issues/delete-comment", status=200, raw=raw))
    with pytest.raises(ApiError):
        client.delete_comment(comment.id)
    assert github.comments == [comment]


@pytest.mark.parametrize(
    "raw", [b'[{"state": 7}]', b"[null]", b'[{"state": "APPROVED", "user": {}}]', b"{}", b"<html>"]
)
def test_strange_reviews_accept_nothing(
    github: GitHubDouble, tmp_path: Path, client: Client, raw: bytes
) -> None:
    """G-34."""
    github.script(Fault(operation="pulls/list-reviews", status=200, raw=raw, times=9))
    pull = make_event(github, tmp_path).pull
    assert pull is not None
    with pytest.raises(ApiError):
        approving_logins(client, pull, ["hubot"])


@pytest.mark.parametrize("commit", ["refs/heads/main", "--output=x", "a" * 39, "", "A" * 40])
def test_a_merge_base_is_a_commit(github: GitHubDouble, client: Client, commit: str) -> None:
    """G-11: what reaches git is hex digits, whoever said it."""
    raw = json.dumps({"merge_base_commit": {"sha": commit}}).encode()
    github.script(Fault(operation="repos/compare-commits-with-basehead", status=200, raw=raw))
    with pytest.raises(ApiError, match="hex digits"):
        client.merge_base("main", HEAD)


def test_pages_without_end_come_to_one(github: GitHubDouble, client: Client) -> None:
    """G-16: all pages, and not one page for ever."""
    page = {
        "state": "OPEN",
        "headRefOid": HEAD,
        "comments": {"pageInfo": {"hasNextPage": True, "endCursor": "same"}, "nodes": []},
    }
    raw = json.dumps({"data": {"repository": {"pullRequest": page}}}).encode()
    github.script(Fault(operation=READ, status=200, raw=raw, times=500))
    with pytest.raises(ApiError, match="over 100 pages"):
        client.conversation(7)
    assert len(github.calls()) == 100


def test_lists_without_end_come_to_one(github: GitHubDouble, client: Client) -> None:
    raw = json.dumps([{"user": None, "state": "COMMENTED"}] * 100).encode()
    github.script(Fault(operation="pulls/list-reviews", status=200, raw=raw, times=500))
    assert len(list(client.reviews(7))) == 10_000
    assert len(github.calls()) == 100


HOSTILE = "https://evil.example/\n::error::x"


@pytest.mark.parametrize("operation", [CREATE, CHECK])
def test_addresses_are_built_by_us(github: GitHubDouble, tmp_path: Path, operation: str) -> None:
    """G-13: an output never holds what somebody else calls an address, and no output is lost."""
    answer = {"id": 4_000_000_001, "node_id": "IC_1", "html_url": HOSTILE, "url": HOSTILE}
    raw = json.dumps(answer).encode()
    github.script(Fault(operation=operation, status=201, raw=raw, effect=True))
    _, outputs = publish(github, tmp_path)
    assert outputs["verdict"] == "failure"
    site = f"{github.url}/octo/shop"
    assert outputs["comment-url"].startswith(f"{site}/pull/7#issuecomment-")
    assert outputs["check-run-url"].startswith(f"{site}/runs/")


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_to_another_server_is_not_followed(
    github: GitHubDouble, tmp_path: Path, status: int
) -> None:
    """G-38: the token goes to the hosts of the runner's variables and to no other."""
    with GitHubDouble() as other:
        elsewhere = other.url.replace("127.0.0.1", "localhost")
        for operation in (READ, CREATE, CHECK):
            headers = {"Location": f"{elsewhere}/api/v3/{operation}"}
            github.script(Fault(operation=operation, status=status, headers=headers, times=9))
        delivery, outputs = publish(github, tmp_path)
        assert other.exchanges == []
    assert (delivery.comment_status, outputs["verdict"]) == ("failed", "failure")


def test_a_redirect_that_names_no_address(github: GitHubDouble, tmp_path: Path) -> None:
    github.script(Fault(operation=READ, status=301, headers={"Location": "http://[::1"}, times=9))
    delivery, _ = publish(github, tmp_path)
    assert delivery.comment_status == "failed"


@pytest.mark.parametrize("value", ["soon", "-5", "Wed, 21 Oct 2026 07:28:00 GMT", "²", "1e9", ""])
def test_a_time_to_wait_that_is_no_number_of_seconds(
    github: GitHubDouble, client: Client, value: str
) -> None:
    """G-39: then a minute, as where none is named."""
    headers = {"Retry-After": value} if value.isascii() else {"X-RateLimit-Reset": "x"}
    github.script(Fault(operation=READ, status=429, headers=headers))
    assert client.conversation(7).open
    assert github.calls() == [READ, READ]


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (403, "Repository was archived so is read-only."),
        (403, "Commenting is disabled on issues with more than 2500 comments"),
        (403, "Unable to create comment because issue is locked."),
        (404, "Not Found"),
        (410, "Issues are disabled for this repo"),
        (422, "Validation Failed"),
        (429, "too many"),
        (451, "Repository access blocked"),
        (500, "Server Error"),
    ],
)
def test_each_refusal_of_a_comment(
    github: GitHubDouble,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    status: int,
    message: str,
) -> None:
    """G-37, G-40: `forbidden` without a warning or `failed` with one; the verdict stands."""
    headers = {"Retry-After": "600"} if status == 429 else {}
    github.script(
        Fault(operation=CREATE, status=status, message=message, headers=headers, times=99)
    )
    with caplog.at_level(logging.WARNING):
        delivery, outputs = publish(github, tmp_path)
    expected = ("forbidden", 0) if status == 404 else ("failed", 1)
    assert (delivery.comment_status, len(caplog.records)) == expected
    assert outputs["verdict"] == "failure"
    assert github.comments == []


def test_a_comment_that_a_person_deleted_meanwhile(github: GitHubDouble, tmp_path: Path) -> None:
    """G-37: 404 on a write; the next run makes a new one."""
    comment = github.add_comment(7, f"{MARKER}\n## old")

    def delete(operation: str) -> None:
        if operation == EDIT:
            github.comments.remove(comment)

    github.before = delete
    event = make_event(github, tmp_path, comment="always")
    client = make_client(event)
    assert deliver(make_green(), event, client).comment_status == "forbidden"
    github.before = None
    assert deliver(make_green(), event, client).comment_status == "created"
    client.close()
