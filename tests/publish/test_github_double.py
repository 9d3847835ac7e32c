"""The double itself: what it refuses and records, and that its own faults are red (T-22, T-23)."""

from __future__ import annotations

import json
import threading
import time
import urllib.error
import urllib.request
from typing import Any

import pytest

from tests.events import faults as payload_faults
from tests.events import pull_request
from tests.github_double import TOKEN, Fault, GitHubDouble
from tests.github_extract import (
    FOLDER,
    OPERATIONS_USED,
    Exchange,
    faults,
    graphql_schema,
    operations,
)
from tests.publish.cases import HEAD

COMMENTS = "/repos/octo/shop/issues/7/comments"


def send(
    github: GitHubDouble, method: str, path: str, body: Any = None, token: str = TOKEN
) -> tuple[int, Any]:
    """One request by the standard library, so that no client of ours is part of it."""
    url = github.graphql_url if path == "graphql" else f"{github.api_url}{path}"
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"token {token}", "Content-Type": "application/json"}
    request = urllib.request.Request(url, data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            text = answer.read()
            return answer.status, json.loads(text) if text else None
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read())


def query(github: GitHubDouble, text: str) -> Any:
    return send(github, "POST", "graphql", {"query": text})[1]


def test_it_keeps_what_it_was_given(github: GitHubDouble) -> None:
    status, made = send(github, "POST", COMMENTS, {"body": "one"})
    assert (status, made["body"]) == (201, "one")
    path = f"/repos/octo/shop/issues/comments/{made['id']}"
    assert send(github, "PATCH", path, {"body": "two"})[1]["body"] == "two"
    assert [comment.body for comment in github.comments] == ["two"]
    assert send(github, "DELETE", path) == (204, None)
    assert github.calls() == [
        "issues/create-comment",
        "issues/update-comment",
        "issues/delete-comment",
    ]


def test_bad_credentials(github: GitHubDouble) -> None:
    assert send(github, "POST", COMMENTS, {"body": "x"}, token="nope")[0] == 401
    assert github.comments == []


@pytest.mark.parametrize(
    ("prepare", "status"),
    [
        (lambda github: github.denied.add("write"), 403),
        (lambda github: github.open_pull(7, head=HEAD, locked=True), 403),
        (lambda github: [github.add_comment(7, "x") for _ in range(2_500)], 403),
        (lambda github: github.pulls.clear(), 404),
    ],
    ids=["read-only token", "locked", "2,500 comments", "no such pull request"],
)
def test_refusals(github: GitHubDouble, prepare: Any, status: int) -> None:
    prepare(github)
    assert send(github, "POST", COMMENTS, {"body": "x"})[0] == status


def test_a_body_over_the_limit_is_422(github: GitHubDouble) -> None:
    assert send(github, "POST", COMMENTS, {"body": "x" * 65_537})[0] == 422
    assert send(github, "POST", COMMENTS, {"body": "x" * 65_536})[0] == 201


def test_a_comment_of_somebody_else_cannot_be_edited(github: GitHubDouble) -> None:
    comment = github.add_comment(7, "theirs", "mallory")
    path = f"/repos/octo/shop/issues/comments/{comment.id}"
    assert send(github, "PATCH", path, {"body": "ours"})[0] == 403


def test_a_wrong_graphql_field_is_an_error_as_it_is_there() -> None:
    with pytest.raises(AssertionError, match="bodyHtml"), GitHubDouble() as github:  # noqa: PT012
        github.open_pull(7, head=HEAD)
        answer = query(
            github,
            'query { repository(owner: "octo", name: "shop") { pullRequest(number: 7) '
            "{ comments(first: 1) { nodes { bodyHtml } } } } }",
        )
        assert "errors" in answer


def test_ids_over_an_int_are_an_error_of_database_id(github: GitHubDouble) -> None:
    github.add_comment(7, "x")
    answer = query(
        github,
        'query { repository(owner: "octo", name: "shop") { pullRequest(number: 7) '
        "{ comments(first: 1) { nodes { fullDatabaseId url } } } } }",
    )
    (node,) = answer["data"]["repository"]["pullRequest"]["comments"]["nodes"]
    assert int(node["fullDatabaseId"]) > 2**31
    assert node["url"].endswith(node["fullDatabaseId"])


def comments_of(github: GitHubDouble, after: str) -> Any:
    return query(
        github,
        'query { repository(owner: "octo", name: "shop") { pullRequest(number: 7) { comments('
        f"first: 100{after}) {{ nodes {{ id }} pageInfo {{ hasNextPage endCursor }} }} }} }} }}",
    )["data"]["repository"]["pullRequest"]["comments"]


def test_pages(github: GitHubDouble) -> None:
    for number in range(150):
        github.add_comment(7, str(number))
    first = comments_of(github, "")
    assert (len(first["nodes"]), first["pageInfo"]["hasNextPage"]) == (100, True)
    last = comments_of(github, f', after: "{first["pageInfo"]["endCursor"]}"')
    assert (len(last["nodes"]), last["pageInfo"]["hasNextPage"]) == (50, False)


def test_scripted_answers_come_once_and_in_order(github: GitHubDouble) -> None:
    github.script(
        Fault(operation="issues/create-comment", status=502),
        Fault(operation="issues/create-comment", status=502, effect=True),
    )
    statuses = [send(github, "POST", COMMENTS, {"body": str(one)})[0] for one in range(3)]
    assert statuses == [502, 502, 201]
    assert [comment.body for comment in github.comments] == ["1", "2"]


@pytest.mark.parametrize(("effect", "kept"), [(False, []), (True, ["x"])])
def test_a_connection_that_is_dropped(github: GitHubDouble, effect: bool, kept: list[str]) -> None:
    github.script(Fault(operation="issues/create-comment", drop=True, effect=effect))
    with pytest.raises((urllib.error.URLError, ConnectionError)):
        send(github, "POST", COMMENTS, {"body": "x"})
    assert [comment.body for comment in github.comments] == kept


def test_a_delay_changes_nothing_else(github: GitHubDouble) -> None:
    github.script(Fault(operation="issues/create-comment", delay=0.2))
    began = time.monotonic()
    assert send(github, "POST", COMMENTS, {"body": "x"})[0] == 201
    assert time.monotonic() - began >= 0.2


def test_headers_of_a_limit_arrive(github: GitHubDouble) -> None:
    github.script(Fault(operation="*", status=429, headers={"Retry-After": "7"}))
    request = urllib.request.Request(f"{github.api_url}/repos/octo/shop/pulls")
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request, timeout=5)
    with caught.value as error:
        assert (error.code, error.headers["Retry-After"]) == (429, "7")


def test_requests_at_once_are_kept_apart(github: GitHubDouble) -> None:
    threads = [
        threading.Thread(target=send, args=(github, "POST", COMMENTS, {"body": str(one)}))
        for one in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len({comment.id for comment in github.comments}) == 8


# --- holding both sides to GitHub's descriptions (T-23) ----------------------------------------


def exchange(**values: Any) -> Exchange:
    given: dict[str, Any] = {
        "method": "POST",
        "target": f"/api/v3{COMMENTS}",
        "operation": "issues/create-comment",
        "headers": {},
        "body": b'{"body": "x"}',
        "status": None,
    }
    return Exchange(**given | values)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"body": b'{"body": 7}'}, "request body"),
        ({"body": b"{}"}, "'body' is a required property"),
        ({"status": 201, "answer": b'{"id": 1}'}, "'user' is a required property"),
        ({"status": 418, "answer": b"{}"}, "418 is not described"),
        ({"target": "/api/v3/repos/octo/shop/milestones"}, "no such operation"),
        ({"target": f"/api/v3{COMMENTS}?perpage=1"}, "query perpage: unknown"),
        ({"method": "GET", "body": b"", "target": "/api/v3/user"}, "no such operation"),
    ],
)
def test_a_fault_of_either_side_is_found(values: dict[str, Any], said: str) -> None:
    assert any(said in one for one in faults(exchange(**values)))


def test_a_status_nobody_describes_needs_a_script() -> None:
    assert faults(exchange(status=502, answer=b"{}", scripted=True)) == []
    assert faults(exchange(status=502, answer=b"{}")) != []


def test_the_extract_holds_what_the_client_uses_and_no_more() -> None:
    """T-24; that each of them is used is seen by the tests of the client."""
    assert {operation.id for operation in operations()} == set(OPERATIONS_USED)


def test_the_extracts_name_their_source() -> None:
    for name in ("rest", "webhooks", "payloads"):
        source = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))["source"]
        assert set(source) == {"name", "version", "license"}
        assert source["license"] == "MIT"
    text = (FOLDER / "schema.graphql").read_text(encoding="utf-8")
    assert text.startswith("# name: @octokit/graphql-schema\n# version: ")
    assert "Permission is hereby granted" in (FOLDER / "NOTICE").read_text(encoding="utf-8")


def test_the_graphql_extract_builds_in_milliseconds() -> None:
    graphql_schema.cache_clear()
    began = time.process_time()
    assert "minimizeComment" in graphql_schema().mutation_type.fields  # type: ignore[union-attr]  # it has one
    assert time.process_time() - began < 0.2


def test_an_edited_payload_is_held_to_its_schema() -> None:
    payload = pull_request()
    assert payload_faults("pull_request", payload) == []
    payload["pull_request"]["number"] = "7"
    assert payload_faults("pull_request", payload) != []
