"""Admin policies whose order the API leaves open: of one priority, with a common subject (S-64)."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.manifests import Policy, Tier

from .reachability import Reachability


def ties(reachability: Reachability) -> Iterator[tuple[Policy, Policy]]:
    """Each such policy after the first one, in our order, that it shares a subject with; so many
    of one priority are not said pair by pair. O(policies × distinct subjects)."""
    known: dict[int, _Equal] = {}
    for policy in reachability.cluster.policies:
        if policy.tier is Tier.ADMIN:
            equal = known.setdefault(policy.priority, _Equal())
            first = equal.first(policy, _subject(reachability, policy))
            if first is not None:
                yield first, policy


def tied(reachability: Reachability, one: Policy, other: Policy) -> bool:
    """Whether the order of two admin policies of one side is open."""
    common = _subject(reachability, one) & _subject(reachability, other)
    return one.priority == other.priority and bool(common)


def _subject(reachability: Reachability, policy: Policy) -> int:
    present = reachability.universe.present[reachability.number]
    return reachability.side.subject(policy) & present


class _Equal:
    """Admin policies of one priority in their order, each with the subjects that none before it
    has: the first that has any of some subjects is the first that claims any of them."""

    def __init__(self) -> None:
        self._claimed = 0
        self._claims: list[tuple[int, Policy]] = []
        self._answers: dict[int, Policy] = {}

    def first(self, policy: Policy, subject: int) -> Policy | None:
        """The first of those before this one that shares a subject with it."""
        found = self._answers.get(subject)
        if found is None and subject & self._claimed:
            found = next(each for claim, each in self._claims if claim & subject)
            self._answers[subject] = found
        fresh = subject & ~self._claimed
        if fresh:
            self._claims.append((fresh, policy))
            self._claimed |= fresh
        return found
