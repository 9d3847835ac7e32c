"""Which kinds are read, and by what (S-6, S-7, S-21, S-60): one row for each."""

from __future__ import annotations

from .adminpolicy import read_admin_policy
from .entries import read_gateway_route, read_grant, read_ingress, read_route
from .groups import ADMIN, GATEWAY, NETWORKING, group_of, is_own_group
from .manifest import Manifest, Reader
from .namespaces import read_namespace
from .networkpolicy import read_network_policy
from .services import read_service
from .workloads import WORKLOADS

READERS: dict[tuple[str, str], Reader] = {
    (NETWORKING, "NetworkPolicy"): read_network_policy,
    (ADMIN, "AdminNetworkPolicy"): read_admin_policy,
    (ADMIN, "BaselineAdminNetworkPolicy"): read_admin_policy,
    (ADMIN, "ClusterNetworkPolicy"): read_admin_policy,
    ("", "Namespace"): read_namespace,
    **WORKLOADS,
    ("", "Service"): read_service,
    (NETWORKING, "Ingress"): read_ingress,
    ("route.openshift.io", "Route"): read_route,
    ("", "Route"): read_route,
    (GATEWAY, "HTTPRoute"): read_gateway_route,
    (GATEWAY, "GRPCRoute"): read_gateway_route,
    (GATEWAY, "TLSRoute"): read_gateway_route,
    (GATEWAY, "TCPRoute"): read_gateway_route,
    (GATEWAY, "UDPRoute"): read_gateway_route,
    (GATEWAY, "ReferenceGrant"): read_grant,
}
"""By the group a kind lives in today; any version counts but for the kinds of VERSIONS."""

VERSIONS: dict[str, frozenset[str]] = {
    "NetworkPolicy": frozenset({"networking.k8s.io/v1", "extensions/v1beta1"}),
    "AdminNetworkPolicy": frozenset({f"{ADMIN}/v1alpha1"}),
    "BaselineAdminNetworkPolicy": frozenset({f"{ADMIN}/v1alpha1"}),
    "ClusterNetworkPolicy": frozenset({f"{ADMIN}/v1alpha2"}),
}
"""The versions of the policy kinds that are read; others of Kubernetes' own are `unknown-api`."""

CLUSTER_SCOPED = frozenset(
    {
        ("", "Namespace"),
        (ADMIN, "AdminNetworkPolicy"),
        (ADMIN, "BaselineAdminNetworkPolicy"),
        (ADMIN, "ClusterNetworkPolicy"),
    }
)

_CALICO = ("NetworkPolicy", "GlobalNetworkPolicy")
_ANTREA = ("NetworkPolicy", "ClusterNetworkPolicy")
_CILIUM = ("CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy")
UNSUPPORTED: dict[str, tuple[str, ...]] = {
    "projectcalico.org": _CALICO,
    "crd.projectcalico.org": _CALICO,
    "cilium.io": _CILIUM,
    "crd.antrea.io": _ANTREA,
    "security.antrea.tanzu.vmware.com": _ANTREA,
    "k8s.cni.cncf.io": ("MultiNetworkPolicy",),
    "k8s.ovn.org": ("EgressFirewall",),
    "network.openshift.io": ("EgressNetworkPolicy",),
    "security.istio.io": ("AuthorizationPolicy", "PeerAuthentication"),
    "networking.istio.io": ("Sidecar",),
}
"""Kinds that constrain traffic in ways that are not modelled, by group (S-6)."""


def reader_of(version: str, kind: str) -> Reader | None:
    """What reads objects of this `apiVersion` and kind; None for kinds that S-6 ignores."""
    group = group_of(version, kind)
    if kind in VERSIONS and version not in VERSIONS[kind]:
        known = is_own_group(group) if kind == "NetworkPolicy" else group == ADMIN
        if known:
            return read_unknown_api
    if kind in UNSUPPORTED.get(group, ()):
        return read_unsupported
    return READERS.get((group, kind))


def read_unknown_api(manifest: Manifest) -> None:
    """A policy kind in a version that nobody serves, or that is not known here (S-7, S-60)."""
    known = " and ".join(sorted(VERSIONS[manifest.ref.kind]))
    wanted = "has no apiVersion" if not manifest.version else "is of an unknown version"
    manifest.notes.warn("unknown-api", ("apiVersion",), f"{wanted}; {known} can be read")


def read_unsupported(manifest: Manifest) -> None:
    """A kind that constrains traffic in ways that are not modelled (S-6)."""
    kind = manifest.ref.kind
    manifest.notes.warn(
        "unsupported-policy", (), f"what a {kind} of this group does is not counted"
    )


KINDS = frozenset(
    [kind for _, kind in READERS]
    + [kind for kinds in UNSUPPORTED.values() for kind in kinds]
    + list(VERSIONS)
)
"""Every kind that is read or warned about, whatever its group."""
