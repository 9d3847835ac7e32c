"""policy-unseen: a policy changed whose pods are on neither side's manifests."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.delta import PolicyChange, Side
from reviewer.engine import SelectorEndpoint
from reviewer.manifests import Policy

from .facts import Facts
from .identity import canonical, finding, policy_key, written_rule
from .policy_selects_nothing import idle
from .severity import Severity
from .types import DIFF, Check, Finding, Scene

RULE = "policy-unseen"


def run(scene: Scene) -> Iterator[Finding]:
    """One finding for each such policy; none where rows speak, or policy-selects-nothing does."""
    facts = scene.facts
    if facts.base is None or scene.delta is None:
        return
    renamed = {*facts.renamed.keys(), *facts.renamed.values()}
    for change in scene.delta.policies:
        if change.policy.ref not in renamed and _unseen(facts, change):
            yield _report(change)


def _unseen(facts: Facts, change: PolicyChange) -> bool:
    """Whether it selects no workload and no subject of S-88 on either side."""
    if _idle_now(facts, change):
        return False
    for policy in (change.base, change.head):
        for view in (facts.base, facts.head):
            if policy is None or view is None:
                continue
            end = SelectorEndpoint(*policy.subject)
            if view.subjects(policy) or view.reachability.columns(end):
                return False
    return True


def _idle_now(facts: Facts, change: PolicyChange) -> bool:
    """Whether policy-selects-nothing says it of this change: of head's policy, not of base's."""
    stood = facts.base and change.base and idle(facts.base, change.base)
    return change.head is not None and idle(facts.head, change.head) and not stood


def _report(change: PolicyChange) -> Finding:
    policy = change.policy
    wider = change.base is not None and _wider(change.base, change.head)
    return finding(
        RULE,
        Severity.MEDIUM if wider else Severity.INFO,
        policy_key(policy),
        {"policy": policy.ref.path, "change": f"was {change.change.value}", "wider": wider},
        origin=policy.origin,
        side=Side.HEAD if change.head else Side.BASE,
    )


def _wider(base: Policy, head: Policy | None) -> bool:
    """Removed, a direction dropped, other subjects, or a rule equal to none of base's."""
    if head is None or base.isolates - head.isolates or base.subject != head.subject:
        return True
    known = {canonical(written_rule(base, rule.name)) for rule in base.rules}
    return any(canonical(written_rule(head, rule.name)) not in known for rule in head.rules)


CHECK = Check(
    id=RULE,
    title="A policy changed whose pods are not in the manifests",
    modes=DIFF,
    run=run,
)
