"""Who approved exactly this head commit, as far as the base side's configuration lists them."""

from __future__ import annotations

from collections.abc import Iterable

from reviewer.publish.client import Client
from reviewer.publish.types import Pull


def approving_logins(client: Client, pull: Pull, listed: Iterable[str]) -> tuple[str, ...]:
    """The listed logins whose last word on this head commit is an approval (G-34 b), sorted.

    The author's own never counts, nor one that was dismissed or taken back since. Logins do not
    differ by case. Raises: ApiError.
    """
    approves: dict[str, bool] = {}
    for review in client.reviews(pull.number):
        user, state = review.object_or_none("user"), review.text("state")
        if user is not None and state in ("APPROVED", "CHANGES_REQUESTED", "DISMISSED"):
            commit = review.text_or_none("commit_id")
            approves[user.text("login")] = state == "APPROVED" and commit == pull.head
    wanted = {login.lower() for login in listed} - {pull.author.lower()}
    return tuple(sorted(one for one, yes in approves.items() if yes and one.lower() in wanted))
