"""What the posture checks share: whose pods count, and who is restricted (F-41)."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.base.addresses import FAMILIES, everything, union
from reviewer.base.labels import EVERYTHING
from reviewer.base.ports import ALL_PORTS
from reviewer.cluster import Workload
from reviewer.manifests import Action, BlockPeer, Direction, Policy, Rule

from .containment import numbers
from .view import View

SYSTEM = frozenset({"kube-system", "kube-public", "kube-node-lease"})
"""Namespaces that are counted apart."""


def counted(view: View) -> Iterator[Workload]:
    """The workloads that posture is about: no host-network ones, none of system namespaces."""
    for workload in view.workloads.values():
        if not workload.host_network and workload.namespace not in SYSTEM:
            yield workload


def open_workloads(view: View, direction: Direction) -> Iterator[Workload]:
    """Those of them that nothing restricts in a direction."""
    for workload in counted(view):
        if view.unrestricted(workload.id, direction):
            yield workload


def denies_by_default(view: View, namespace: str, direction: Direction) -> bool:
    """Whether a new pod of the namespace would be restricted: by a NetworkPolicy of all pods whose
    rules do not let everything in, or by a Baseline rule that denies all peers on all ports."""
    labels = view.labels_of_namespace(namespace)
    return any(
        _default_deny(view, policy, direction) for policy in view.homes.get(namespace, ())
    ) or any(
        policy.subject.namespaces.matches(labels) and _baseline_deny(policy, direction)
        for policy in view.baseline
    )


def _default_deny(view: View, policy: Policy, direction: Direction) -> bool:
    if policy.subject.pods != EVERYTHING or direction not in policy.isolates:
        return False
    return not _opens(view, [each for each in policy.rules if each.direction is direction])


def _opens(view: View, rules: list[Rule]) -> bool:
    """Whether rules alone let everything through (F-14): one for everyone, or blocks that are all
    addresses beside what lets all pods in."""
    wide = [each for each in rules if each.ports is None or numbers(each) == ALL_PORTS]
    if any(each.peers is None for each in wide):
        return True
    peers = [peer for each in wide for peer in each.peers or ()]
    blocks = [block for peer in peers if isinstance(peer, BlockPeer) for block in peer.blocks]
    return all(union(each, blocks) == everything(each) for each in FAMILIES) and (
        view.cluster.settings.blocks_match_pods or any(map(_everyone, peers))
    )


def _baseline_deny(policy: Policy, direction: Direction) -> bool:
    """Whether the first thing a Baseline policy says of everyone is no."""
    if policy.subject.pods != EVERYTHING:
        return False
    return any(
        rule.direction is direction
        and rule.action is Action.DENY
        and rule.ports is None
        and (rule.peers is None or any(_everyone(peer) for peer in rule.peers))
        for rule in policy.rules
    )


def _everyone(peer: object) -> bool:
    selector = getattr(peer, "selector", None)
    return selector is not None and selector.namespaces == selector.pods == EVERYTHING
