"""API groups: their names, which are Kubernetes' own, and where the kinds of `extensions` went."""

from __future__ import annotations

NETWORKING = "networking.k8s.io"
ADMIN = "policy.networking.k8s.io"
GATEWAY = "gateway.networking.k8s.io"

REMOVED: dict[str, frozenset[str]] = {"NetworkPolicy": frozenset({"extensions/v1beta1"})}
"""Versions that are read, and that no cluster serves any more (S-7)."""

VERSIONS: dict[str, frozenset[str]] = {
    "NetworkPolicy": frozenset({"networking.k8s.io/v1", "extensions/v1beta1"}),
    "AdminNetworkPolicy": frozenset({f"{ADMIN}/v1alpha1"}),
    "BaselineAdminNetworkPolicy": frozenset({f"{ADMIN}/v1alpha1"}),
    "ClusterNetworkPolicy": frozenset({f"{ADMIN}/v1alpha2"}),
}
"""The versions of the policy kinds that are read; others of Kubernetes' own are `unknown-api`."""

MOVED: dict[tuple[str, str], str] = {
    ("extensions", "NetworkPolicy"): NETWORKING,
    ("extensions", "Ingress"): NETWORKING,
    ("extensions", "Deployment"): "apps",
    ("extensions", "ReplicaSet"): "apps",
    ("extensions", "StatefulSet"): "apps",
    ("extensions", "DaemonSet"): "apps",
    ("extensions", "Job"): "batch",
}
"""Where the kinds of group `extensions` went (S-8)."""


def is_own_group(group: str) -> bool:
    """Whether a group is one of Kubernetes' own (S-7)."""
    return "." not in group or group.endswith(".k8s.io")


def group_of(version: str, kind: str) -> str:
    """The group of an `apiVersion`, where kinds of `extensions` are in the one they moved to."""
    group = version.rpartition("/")[0]
    return MOVED.get((group, kind), group)
