"""controller-label-selected: a selector asks for a label that a controller sets (S-24, S-32)."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.manifests import PodPeer, Policy

from .identity import finding, policy_key
from .introduced import introduced
from .severity import Severity
from .types import BOTH, Check, Finding
from .view import View

RULE = "controller-label-selected"
CHANGING = frozenset(
    {
        "pod-template-hash",
        "controller-revision-hash",
        "pod-template-generation",
        "controller-uid",
        "batch.kubernetes.io/controller-uid",
        "batch.kubernetes.io/job-completion-index",
        "rollouts-pod-template-hash",
        "apps.kruise.io/cloneset-instance-id",
        "serving.knative.dev/revision",
    }
)
"""Labels whose value nobody writes and that change with a rollout; a pod's or a Job's name is
none of them."""


def examine(_view: View, policy: Policy) -> Iterator[Finding]:
    """One finding for each such label of a policy."""
    asked = {each.key: policy.origin for each in policy.subject.pods}
    for rule in policy.rules:
        for peer in rule.peers or ():
            if isinstance(peer, PodPeer):
                for each in peer.selector.pods:
                    asked.setdefault(each.key, rule.origin)
    for key in sorted(CHANGING.intersection(asked)):
        yield finding(
            RULE,
            Severity.LOW,
            [*policy_key(policy), key],
            {"policy": policy.ref.path, "label": key},
            origin=asked[key],
            fix="give the pods a label of your own and select that",
        )


CHECK = Check(
    id=RULE,
    title="A label that a controller sets is selected",
    modes=BOTH,
    run=introduced(examine),
)
