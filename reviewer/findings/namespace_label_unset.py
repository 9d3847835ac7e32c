"""namespace-label-unset: a peer asks namespaces for a label that none has (S-17, S-20)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from reviewer.base.labels import NAMESPACE_NAME, Operator, Requirement, Selector
from reviewer.manifests import PodPeer, Policy, Rule

from .identity import about, finding
from .introduced import introduced
from .severity import Severity
from .types import BOTH, Check, Finding
from .view import View

RULE = "namespace-label-unset"


def examine(view: View, policy: Policy) -> Iterator[Finding]:
    """One finding for each requirement; none where the manifests have no Namespace object."""
    for rule in policy.rules:
        asked = {
            each
            for peer in rule.peers or ()
            if isinstance(peer, PodPeer)
            for each in peer.selector.namespaces
        }
        key = about(policy, rule)
        for each in sorted(asked):
            if _unset(view, each):
                yield _report(view, (policy, rule), (*key(), str(each)), each)


def _unset(view: View, asked: Requirement) -> bool:
    if asked.key == NAMESPACE_NAME or asked.operator not in {Operator.IN, Operator.EXISTS}:
        return False
    return view.has_namespaces and not view.namespaces(Selector((asked,)))


def _report(
    view: View, place: tuple[Policy, Rule], key: Sequence[Any], asked: Requirement
) -> Finding:
    policy, rule = place
    name = next((value for value in asked.values if value in view.cluster.namespaces), "")
    return finding(
        RULE,
        Severity.MEDIUM if name else Severity.LOW,
        key,
        {"policy": policy.ref.path, "rule": rule.name, "label": str(asked)},
        origin=rule.origin,
        fix=f"ask for {NAMESPACE_NAME}: {name}" if name else None,
    )


CHECK = Check(
    id=RULE,
    title="No namespace has the label a peer asks for",
    modes=BOTH,
    run=introduced(examine),
)
