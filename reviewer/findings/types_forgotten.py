"""types-forgotten: rules of a direction that policyTypes does not name (S-16, S-41)."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.manifests import Direction, Policy, Tier

from .identity import finding, policy_key
from .introduced import introduced
from .severity import Severity
from .types import BOTH, Check, Finding
from .view import View

RULE = "types-forgotten"


def examine(_view: View, policy: Policy) -> Iterator[Finding]:
    """One finding for each direction without effect."""
    if policy.tier is not Tier.NAMESPACED:
        return
    for direction in Direction:
        if direction in policy.isolates:
            continue
        written = policy.spec.get(direction.value)
        sealed = direction is Direction.EGRESS and written == []
        if written or (sealed and not policy.spec.get("policyTypes")):
            word = direction.value.capitalize()
            yield finding(
                RULE,
                Severity.MEDIUM,
                [*policy_key(policy), direction.value],
                {"policy": policy.ref.path, "direction": direction.value, "word": word},
                origin=policy.origin,
                fix=f"add {word} to policyTypes",
            )


CHECK = Check(
    id=RULE,
    title="Rules of a direction that policyTypes does not name",
    modes=BOTH,
    run=introduced(examine),
)
