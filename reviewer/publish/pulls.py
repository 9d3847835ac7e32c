"""What the event does not say of a pull request: which one a run was for, and who approved it."""

from __future__ import annotations

from collections.abc import Iterable

from reviewer.publish.answers import shaped
from reviewer.publish.client import Client
from reviewer.publish.event import read_pull
from reviewer.publish.types import Nothing, Pull, RunOfPull


def find_pull(client: Client, run: RunOfPull) -> Pull | Nothing:
    """The one open pull request from the run's branch whose head is the run's (G-6).

    Raises: ApiError.
    """
    with shaped("the question for pull requests"):
        asked = client.open_pulls(run.repository, run.branch)
        pulls = [read_pull(fields, None) for fields in asked]
    wanted = (run.repository, run.head)
    found = [one for one in pulls if (one.head_repository, one.head) == wanted]
    if len(found) != 1:
        return Nothing(reason=f"{len(found)} open pull requests have the run's branch and head")
    return found[0]


def approving_logins(client: Client, pull: Pull, listed: Iterable[str]) -> tuple[str, ...]:
    """The listed logins whose last word on this head commit is an approval (G-34 b), sorted.

    The author's own never counts, nor one that was dismissed or taken back since. Logins do not
    differ by case. Raises: ApiError.
    """
    approves: dict[str, bool] = {}
    with shaped("the question for reviews"):
        for review in client.reviews(pull.number):
            user, state = review.object_or_none("user"), review.text("state")
            if user is not None and state in ("APPROVED", "CHANGES_REQUESTED", "DISMISSED"):
                commit = review.text_or_none("commit_id")
                approves[user.text("login")] = state == "APPROVED" and commit == pull.head
    wanted = {login.lower() for login in listed} - {pull.author.lower()}
    return tuple(sorted(one for one, yes in approves.items() if yes and one.lower() in wanted))
