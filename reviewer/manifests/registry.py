"""Which kinds are read, and by what (S-6, S-7, S-21, S-60): one row for each."""

from __future__ import annotations

from .adminpolicy import read_admin_policy
from .entries import read_gateway_route, read_grant, read_ingress, read_route
from .groups import ADMIN, GATEWAY, NETWORKING, VERSIONS, group_of, is_own_group
from .manifest import Reader
from .namespaces import read_namespace
from .networkpolicy import read_network_policy
from .services import read_service
from .unread import read_generator, read_template, read_unknown_api, read_unsupported
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

CLUSTER_SCOPED = frozenset(
    {
        ("", "Namespace"),
        (ADMIN, "AdminNetworkPolicy"),
        (ADMIN, "BaselineAdminNetworkPolicy"),
        (ADMIN, "ClusterNetworkPolicy"),
        ("kyverno.io", "ClusterPolicy"),
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
    return READERS.get((group, kind)) or NOTICED.get((group, kind))


NOTICED: dict[tuple[str, str], Reader] = {
    ("template.openshift.io", "Template"): read_template,
    ("", "Template"): read_template,
    ("kyverno.io", "ClusterPolicy"): read_generator,
    ("kyverno.io", "Policy"): read_generator,
}
"""Kinds that stand for policies which are not read (R-14, R-15)."""

KINDS = frozenset(
    [kind for _, kind in READERS]
    + [kind for kinds in UNSUPPORTED.values() for kind in kinds]
    + list(VERSIONS)
)
"""Every kind of semantics.md that is read or warned about, whatever its group."""

WORDS = KINDS | {kind for _, kind in NOTICED}
"""Every kind of which anything is said."""
