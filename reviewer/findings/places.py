"""Which edit a finding names: of several causes the one to point at (F-4, P-7)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from reviewer.delta import Cause, Side
from reviewer.manifests import Direction, Policy

from .facts import Facts
from .identity import policy_of


def opening(because: tuple[Cause, ...]) -> Cause:
    """The cause of an opened row that is named: the rule of head that admits it, if new; else the
    policy changed or removed; else the namespace; else the workload; then by place (F-4)."""
    return min(because, key=_rank)


def _rank(cause: Cause) -> tuple[int, str, int, str]:
    if cause.policy and cause.rule is not None and cause.side is Side.HEAD:
        kind = 0
    elif cause.policy:
        kind = 1
    else:
        kind = 2 if cause.kind == "Namespace" else 3
    return kind, cause.origin.file, cause.origin.line, cause.object


def closing(facts: Facts, rows: Iterable[tuple[Cause, ...]], direction: Direction) -> Cause | None:
    """The cause of closed rows that is named: first a policy that isolates and allows nothing,
    then the one behind most rows, then by kind and place (P-7). None without rows."""
    counts: Counter[Cause] = Counter()
    for because in rows:
        counts.update(because)
    if not counts:
        return None
    return min(
        counts, key=lambda each: (not _sealing(facts, each, direction), -counts[each], _rank(each))
    )


def _sealing(facts: Facts, cause: Cause, direction: Direction) -> bool:
    policy = policy_of(facts, cause) if cause.policy and cause.side is Side.HEAD else None
    return policy is not None and seals(policy, direction)


def seals(policy: Policy, direction: Direction) -> bool:
    """Whether a policy isolates in a direction and allows nothing there."""
    return direction in policy.isolates and not any(
        rule.direction is direction for rule in policy.rules
    )
