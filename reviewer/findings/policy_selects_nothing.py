"""policy-selects-nothing: a policy of a namespace with workloads that selects none of them."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.manifests import Policy, Tier

from .identity import finding, policy_key
from .introduced import introduced
from .near_miss import near_miss
from .severity import Severity
from .types import BOTH, Check, Finding
from .view import View

RULE = "policy-selects-nothing"


def idle(view: View, policy: Policy) -> bool:
    """Whether the namespace has workloads and the policy selects none of them (F-80)."""
    return (
        policy.tier is Tier.NAMESPACED
        and policy.ref.namespace in view.by_namespace
        and not view.subjects(policy)
    )


def examine(view: View, policy: Policy) -> Iterator[Finding]:
    """The finding of one policy."""
    if idle(view, policy):
        yield _report(policy, "")


def refine(view: View, policy: Policy, _: Finding) -> Finding:
    """Graver where a label is nearly right (F-35)."""
    return _report(policy, near_miss(policy.subject.pods, view.by_namespace[policy.ref.namespace]))


def _report(policy: Policy, near: str) -> Finding:
    return finding(
        RULE,
        Severity.MEDIUM if near else Severity.LOW,
        policy_key(policy),
        {"policy": policy.ref.path, "namespace": policy.ref.namespace, "near": near},
        origin=policy.origin,
        fix=f"select {near}" if near else None,
    )


CHECK = Check(
    id=RULE,
    title="A policy selects nothing",
    modes=BOTH,
    run=introduced(examine, refine=refine),
)
