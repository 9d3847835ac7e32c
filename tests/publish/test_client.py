"""How we speak to the API: the table of G-39 row by row, and PyGithub's traps (T-26)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import github as library
import pytest

from reviewer.base.errors import UsageError
from reviewer.publish import (
    ApiError,
    Client,
    DoubtfulError,
    ForbiddenError,
    deliver,
    read_event,
)
from tests.github_double import TOKEN, Fault, GitHubDouble
from tests.github_extract import OPERATIONS_USED
from tests.publish.cases import HEAD, Patience, make_client, make_dossier, make_event

CREATE, EDIT, READ = "issues/create-comment", "issues/update-comment", "graphql"
SECONDARY = (
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
)


@pytest.fixture
def patience() -> Patience:
    return Patience()


@pytest.fixture
def client(github: GitHubDouble, tmp_path: Path, patience: Patience) -> Iterator[Client]:
    made = make_client(make_event(github, tmp_path), patience)
    yield made
    made.close()


Act = Callable[[GitHubDouble, Client], object]


def read(_: GitHubDouble, client: Client) -> object:
    return client.conversation(7)


def edit(github: GitHubDouble, client: Client) -> object:
    comment = github.add_comment(7, "old")
    client.edit_comment(comment.id, "new")
    return comment


def create(_: GitHubDouble, client: Client) -> object:
    return client.create_comment(7, "new")


def reset_in(seconds: float) -> dict[str, str]:
    return {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(time.time() + seconds))}


REPEATED = [
    pytest.param({"status": 502}, [2.0], id="502"),
    pytest.param({"status": 500}, [2.0], id="500"),
    pytest.param({"drop": True}, [2.0], id="connection closed"),
    pytest.param({"status": 429}, [60.0], id="429 without a time"),
    pytest.param({"status": 429, "headers": {"Retry-After": "7"}}, [7.0], id="429 Retry-After"),
    pytest.param({"status": 403, "headers": {"Retry-After": "5"}}, [5.0], id="403 Retry-After"),
    pytest.param({"status": 403, "message": SECONDARY}, [60.0], id="secondary limit"),
    pytest.param({"status": 403, "raw": b"<html>"}, None, id="403 without words is refused"),
]


@pytest.mark.parametrize(("operation", "act"), [(READ, read), (EDIT, edit)], ids=["read", "edit"])
@pytest.mark.parametrize(("fault", "slept"), REPEATED)
def test_reads_and_edits_are_tried_again(
    github: GitHubDouble,
    client: Client,
    patience: Patience,
    operation: str,
    act: Act,
    fault: dict[str, Any],
    slept: list[float] | None,
) -> None:
    github.script(Fault(operation=operation, **fault))
    if slept is None:
        with pytest.raises(ApiError):
            act(github, client)
    else:
        act(github, client)
    assert patience.slept == (slept or [])
    assert github.calls() == [operation] * (2 if slept else 1)


@pytest.mark.parametrize(("operation", "act"), [(READ, read), (EDIT, edit)], ids=["read", "edit"])
def test_three_tries_and_no_more(
    github: GitHubDouble, client: Client, operation: str, act: Act
) -> None:
    github.script(Fault(operation=operation, status=503, times=9))
    with pytest.raises(ApiError) as caught:
        act(github, client)
    assert caught.value.status == 503
    assert github.calls() == [operation] * 3


def test_a_primary_limit_is_waited_for_until_its_reset(
    github: GitHubDouble, client: Client, patience: Patience
) -> None:
    headers = reset_in(20)
    github.script(
        Fault(operation=READ, status=403, message="API rate limit exceeded for x", headers=headers)
    )
    client.conversation(7)
    (slept,) = patience.slept
    assert 18 <= slept <= 21


@pytest.mark.parametrize(
    "headers", [{"Retry-After": "3600"}, reset_in(1800)], ids=["Retry-After", "reset"]
)
def test_nobody_waits_over_a_minute(
    github: GitHubDouble, client: Client, patience: Patience, headers: dict[str, str]
) -> None:
    github.script(Fault(operation=READ, status=429, headers=headers))
    with pytest.raises(ApiError):
        client.conversation(7)
    assert patience.slept == []


def test_a_minute_is_all_there_is_for_a_whole_run(
    github: GitHubDouble, client: Client, patience: Patience
) -> None:
    github.script(Fault(operation=READ, status=429, headers={"Retry-After": "40"}, times=2))
    with pytest.raises(ApiError):
        client.conversation(7)
    assert patience.slept == [40.0]


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 502},
        {"status": 502, "effect": True},
        {"drop": True},
        {"drop": True, "effect": True},
    ],
    ids=["502", "502 after the effect", "dropped before", "dropped after"],
)
def test_a_create_is_never_repeated_blindly(
    github: GitHubDouble, client: Client, fault: dict[str, Any]
) -> None:
    github.script(Fault(operation=CREATE, **fault))
    with pytest.raises(DoubtfulError):
        client.create_comment(7, "new")
    assert github.calls() == [CREATE]
    assert len(github.comments) == (1 if fault.get("effect") else 0)


def test_a_create_that_was_limited_was_not_done_and_is_repeated(
    github: GitHubDouble, client: Client
) -> None:
    github.script(Fault(operation=CREATE, status=429, headers={"Retry-After": "1"}))
    client.create_comment(7, "new")
    assert len(github.comments) == 1


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (403, "Resource not accessible by integration"),
        (403, "Resource not accessible by personal access token"),
        (404, "Not Found"),
    ],
)
@pytest.mark.parametrize(("operation", "act"), [(CREATE, create), (EDIT, edit)])
def test_missing_permission_is_forbidden_at_once(
    github: GitHubDouble, client: Client, operation: str, act: Act, status: int, message: str
) -> None:
    """G-37: no retry."""
    github.script(Fault(operation=operation, status=status, message=message))
    with pytest.raises(ForbiddenError):
        act(github, client)
    assert github.calls() == [operation]


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (422, "Validation Failed"),
        (403, "Unable to create comment because issue is locked."),
        (403, "You have been blocked from creating content because it was submitted too quickly"),
        (401, "Bad credentials"),
    ],
)
def test_other_refusals_are_failures_without_a_second_try(
    github: GitHubDouble, client: Client, status: int, message: str
) -> None:
    """G-40."""
    github.script(Fault(operation=CREATE, status=status, message=message))
    with pytest.raises(ApiError) as caught:
        client.create_comment(7, "new")
    assert not isinstance(caught.value, ForbiddenError)
    assert str(status) in caught.value.message
    assert github.calls() == [CREATE]


GRAPHQL_ERRORS = [
    pytest.param("RATE_LIMITED", "API rate limit exceeded", 2, True, id="limited"),
    pytest.param(
        "RATE_LIMIT", "API rate limit already exceeded for user ID 1.", 2, True, id="limit"
    ),
    pytest.param("", SECONDARY, 2, True, id="secondary limit"),
    pytest.param("", "Something went wrong while executing your query.", 2, True, id="broken"),
    pytest.param("FORBIDDEN", "Resource not accessible by integration", 1, False, id="forbidden"),
    pytest.param("NOT_FOUND", "Could not resolve to a Repository", 1, False, id="not found"),
    pytest.param("", "Field 'x' doesn't exist", 1, False, id="wrong query"),
]


@pytest.mark.parametrize(("kind", "message", "calls", "heals"), GRAPHQL_ERRORS)
def test_an_error_inside_a_200_has_a_type(
    github: GitHubDouble, client: Client, kind: str, message: str, calls: int, heals: bool
) -> None:
    github.script(Fault(operation=READ, errors=[{"type": kind, "message": message}]))
    if heals:
        client.conversation(7)
    else:
        with pytest.raises(ApiError) as caught:
            client.conversation(7)
        assert "400" not in caught.value.message
    assert github.calls() == [READ] * calls


def test_a_200_that_is_no_json_is_doubtful(github: GitHubDouble, client: Client) -> None:
    github.script(Fault(operation=CREATE, status=201, raw=b"<html>", effect=True))
    with pytest.raises(DoubtfulError):
        client.create_comment(7, "new")


def test_writes_are_a_second_apart(github: GitHubDouble, tmp_path: Path) -> None:
    patience = Patience()
    client = make_client(make_event(github, tmp_path), patience, between_writes=1.0)
    client.create_comment(7, "one")
    client.conversation(7)
    client.create_comment(7, "two")
    client.close()
    (slept,) = patience.slept
    assert 0.5 < slept <= 1.0


def test_ids_over_the_range_of_graphql_ints(client: Client) -> None:
    posted = client.create_comment(7, "<!-- netpol-reviewer:v1 …")
    assert posted.id > 2**31
    assert client.conversation(7).posted == (posted,)


def test_a_comment_that_is_gone_is_deleted(github: GitHubDouble, client: Client) -> None:
    comment = github.add_comment(7, "x")
    client.delete_comment(comment.id)
    client.delete_comment(comment.id)
    assert github.comments == []


def test_a_pull_request_that_is_not_visible_is_forbidden(client: Client) -> None:
    with pytest.raises(ForbiddenError):
        client.conversation(8)


def test_merge_base_is_asked_with_an_encoded_branch(github: GitHubDouble, client: Client) -> None:
    asked: list[tuple[str, str]] = []

    def compare(base: str, head: str) -> str:
        asked.append((base, head))
        return "e" * 40

    github.compare_with = compare
    assert client.merge_base("release/1.0 #x", HEAD) == "e" * 40
    assert asked == [("release/1.0 #x", HEAD)]


def test_all_pages_of_reviews_are_read(github: GitHubDouble, client: Client) -> None:
    for number in range(230):
        github.add_review(7, f"user{number}", "APPROVED", HEAD)
    assert len(list(client.reviews(7))) == 230
    assert github.calls() == ["pulls/list-reviews"] * 3


def test_every_operation_of_the_extract_is_one_we_use(github: GitHubDouble, client: Client) -> None:
    """T-24: none too many, none missing; each exchange is held to its description besides."""
    github.compare_with = lambda *_: "e" * 40
    posted = client.create_comment(7, "x")
    client.edit_comment(posted.id, "y")
    client.minimize(posted.node)
    client.delete_comment(posted.id)
    values = {
        "name": "n",
        "head_sha": HEAD,
        "external_id": "1",
        "output": {"title": "t", "summary": "s"},
    }
    number, url = client.create_check(values)
    assert client.find_check(HEAD, "n", "1") == (number, url)
    client.extend_check(number, {"title": "t", "summary": "s", "annotations": []})
    client.merge_base("main", HEAD)
    assert [pull.number("number") for pull in client.open_pulls("octo/shop", "change")] == [7]
    assert list(client.reviews(7)) == []
    used = {one for one in github.calls() if not one.startswith("graphql")}
    assert used == set(OPERATIONS_USED)


# --- PyGithub itself (T-26) --------------------------------------------------------------------


def bare(github: GitHubDouble, **given: Any) -> library.Github:
    """The library as it comes, but for its address and token."""
    return library.Github(base_url=github.api_url, auth=library.Auth.Token(TOKEN), **given)


def test_trap_lazy_makes_one_request_of_a_comment(github: GitHubDouble) -> None:
    lazy = bare(github, lazy=True, retry=None, seconds_between_requests=0, seconds_between_writes=0)
    issue = lazy.get_repo(github.repository).get_issue(7)
    comment = issue.create_comment("x")
    issue.get_comment(comment.id).edit("y")
    assert github.calls() == [CREATE, EDIT]
    lazy.close()


def test_trap_the_library_sleeps_between_writes(github: GitHubDouble) -> None:
    eager = bare(github, lazy=True, retry=None)
    issue = eager.get_repo(github.repository).get_issue(7)
    issue.create_comment("x")
    began = time.monotonic()
    issue.create_comment("y")
    assert time.monotonic() - began > 0.8
    eager.close()


def test_trap_the_default_retry_doubles_comments(github: GitHubDouble) -> None:
    github.script(Fault(operation=CREATE, status=502, effect=True))
    default = bare(github, lazy=True, seconds_between_requests=0, seconds_between_writes=0)
    default.get_repo(github.repository).get_issue(7).create_comment("x")
    assert len(github.comments) == 2
    default.close()


def test_trap_errors_in_a_200_get_the_library_s_own_status(github: GitHubDouble) -> None:
    github.script(Fault(operation=READ, errors=[{"type": "FORBIDDEN", "message": "no"}]))
    lazy = bare(github, lazy=True, retry=None)
    with pytest.raises(library.GithubException) as caught:
        lazy.requester.graphql_query("query { repository(owner: 1) }", {})
    assert caught.value.status == 400
    lazy.close()


def test_our_client_makes_no_request_before_it_is_asked(
    github: GitHubDouble, client: Client
) -> None:
    assert client.calls == 0
    assert github.exchanges == []


def test_the_library_keeps_verifying_certificates(client: Client) -> None:
    assert client._github.requester.kwargs["verify"] is True


def test_hosts_come_from_the_runner_alone(github: GitHubDouble, tmp_path: Path) -> None:
    """G-38: another host for GraphQL is refused, for the token would go there."""
    environ = {
        "GITHUB_API_URL": github.api_url,
        "GITHUB_GRAPHQL_URL": "http://example.com/graphql",
        "GITHUB_SERVER_URL": github.url,
        "GITHUB_REPOSITORY": "octo/shop",
        "GITHUB_EVENT_NAME": "push",
        "GITHUB_SHA": HEAD,
        "GITHUB_RUN_ID": "1",
        "GITHUB_WORKSPACE": str(tmp_path),
    }
    with pytest.raises(UsageError, match="GITHUB_GRAPHQL_URL"):
        read_event(environ)


def test_the_token_is_in_no_body_and_no_address(github: GitHubDouble, tmp_path: Path) -> None:
    event = make_event(github, tmp_path)
    client = make_client(event)
    deliver(make_dossier(), event, client)
    client.close()
    assert len(github.exchanges) >= 3
    for exchange in github.exchanges:
        assert TOKEN.encode() not in exchange.body
        assert TOKEN not in exchange.target
    assert TOKEN not in repr(event)
