"""What the event does not say of a pull request: which one a run was for (G-6), and who approved
exactly this head commit (G-34)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from reviewer.base.values import replace
from reviewer.publish import Client, Nothing, Pull, RunOfPull, approving_logins, find_pull
from tests.github_double import GitHubDouble
from tests.publish.cases import HEAD, OLD, make_event

RUN = RunOfPull(repository="fork/shop", branch="change", head=HEAD)


@pytest.fixture
def github() -> Iterator[GitHubDouble]:
    with GitHubDouble() as double:
        yield double


def test_the_one_pull_request_of_a_run(github: GitHubDouble, client: Client) -> None:
    """G-6: of several from one branch the one whose head commit is the run's."""
    github.open_pull(7, head=HEAD, head_repository="fork/shop")
    github.open_pull(8, head=OLD, head_repository="fork/shop")
    github.open_pull(9, head=HEAD, head_repository="fork/other")
    github.open_pull(10, head=HEAD, head_repository="fork/shop", branch="another")
    github.open_pull(11, head=HEAD, head_repository="fork/shop", state="CLOSED")
    found = find_pull(client, RUN)
    assert isinstance(found, Pull)
    assert (found.number, found.head, found.merge) == (7, HEAD, None)


@pytest.mark.parametrize("numbers", [[], [7, 8]], ids=["none", "two bases"])
def test_not_exactly_one_is_nothing(
    github: GitHubDouble, client: Client, numbers: list[int]
) -> None:
    """G-6: a guess would comment on, or turn green, the wrong one."""
    for number in numbers:
        github.open_pull(number, head=HEAD, head_repository="fork/shop", base=f"b{number}")
    reason = f"{len(numbers)} open pull requests have the run's branch and head"
    assert find_pull(client, RUN) == Nothing(reason=reason)


APPROVED, CHANGES, DISMISSED, COMMENTED = (
    "APPROVED",
    "CHANGES_REQUESTED",
    "DISMISSED",
    "COMMENTED",
)


@pytest.mark.parametrize(
    ("reviews", "approves"),
    [
        pytest.param([("hubot", APPROVED, HEAD)], True, id="this head"),
        pytest.param([("hubot", APPROVED, OLD)], False, id="an older head"),
        pytest.param([("HuBot", APPROVED, HEAD)], True, id="logins do not differ by case"),
        pytest.param([("mallory", APPROVED, HEAD)], False, id="not listed"),
        pytest.param([("octocat", APPROVED, HEAD)], False, id="the author, though listed"),
        pytest.param([("hubot", COMMENTED, HEAD)], False, id="a comment"),
        pytest.param([("hubot", CHANGES, HEAD)], False, id="changes requested"),
        pytest.param([("hubot", APPROVED, HEAD), ("hubot", CHANGES, HEAD)], False, id="taken back"),
        pytest.param(
            [("hubot", APPROVED, HEAD), ("hubot", DISMISSED, HEAD)], False, id="dismissed since"
        ),
        pytest.param(
            [("hubot", CHANGES, OLD), ("hubot", APPROVED, HEAD)], True, id="convinced since"
        ),
        pytest.param(
            [("hubot", APPROVED, HEAD), ("hubot", COMMENTED, HEAD)], True, id="a word afterwards"
        ),
        pytest.param(
            [("hubot", APPROVED, HEAD), ("mallory", CHANGES, HEAD)], True, id="others do not count"
        ),
    ],
)
def test_who_approved_exactly_this_head(
    github: GitHubDouble,
    tmp_path: Path,
    client: Client,
    reviews: list[tuple[str, str, str]],
    approves: bool,
) -> None:
    """G-34 (b)."""
    pull = make_event(github, tmp_path).pull
    assert pull is not None
    for login, state, commit in reviews:
        github.add_review(7, login, state, commit)
    found = approving_logins(client, replace(pull, author="Octocat"), ["hubot", "octocat"])
    assert [one.lower() for one in found] == (["hubot"] if approves else [])
