"""What would run: workloads with the pods they stand for, namespaces, policies, ways in."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from reviewer.base.addresses import AddressSet, read_cidr
from reviewer.base.diagnostics import Diagnostic
from reviewer.base.documents import ObjectRef, Origin
from reviewer.base.labels import Labels
from reviewer.manifests import ContainerPort, EntryObject, GrantObject, Policy, ServiceObject

DEFAULT_RANGES = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")
DEFAULT_CONTROLLERS = tuple(
    (
        "ingress-nginx nginx-ingress nginx-gateway ingress traefik kong haproxy-controller "
        "haproxy-ingress projectcontour contour istio-system istio-ingress envoy-gateway-system "
        "gloo-system emissary ambassador apisix openshift-ingress kube-system"
    ).split()
)


def _default_ranges() -> tuple[AddressSet, ...]:
    return tuple(found.block for text in DEFAULT_RANGES if (found := read_cidr(text)))


class Settings(NamedTuple):
    """What a person may say of a cluster that manifests do not tell (roots.md section 6).

    `pod_ranges` and `node_ranges` are disjoint or not, of both families (S-28).
    `blocks_match_pods` is false for `ipblock-pods: never` (S-54). `namespaces` are labels of
    namespaces that have no manifest. `namespace` is for objects that write none.
    """

    pod_ranges: tuple[AddressSet, ...] = _default_ranges()
    node_ranges: tuple[AddressSet, ...] = _default_ranges()
    blocks_match_pods: bool = True
    ingress_controllers: tuple[str, ...] = DEFAULT_CONTROLLERS
    namespaces: Mapping[str, Mapping[str, str]] = MappingProxyType({})
    namespace: str = "default"


class Pod(NamedTuple):
    """One of the pods of a workload that policies may tell apart (S-25).

    `labels` hold those that controllers add (S-24), over the template's. `addresses` are known
    (family, number) pairs; empty means unknown, within the ranges (S-28).
    """

    labels: Labels
    ports: tuple[ContainerPort, ...]
    host_network: bool
    addresses: tuple[tuple[int, int], ...]


class Workload(NamedTuple):
    """One endpoint of the manifests: all pods of one owner (S-21 to S-25).

    `labels` are the template's own as printed. `pods` differ pairwise; alike ones are counted
    once. `declared`, `images`, `references`, `scrape` are the facts findings ask for, merged
    over its pods. `objects` are the manifests it comes from.
    """

    id: str
    namespace: str
    name: str
    kind: str
    labels: Labels
    pods: tuple[Pod, ...]
    origin: Origin
    objects: tuple[ObjectRef, ...]
    declared: tuple[ContainerPort, ...] = ()
    images: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    scrape: str = ""

    @property
    def host_network(self) -> bool:
        """Whether every one of its pods is part of its node (S-27)."""
        return all(pod.host_network for pod in self.pods)


class Namespace(NamedTuple):
    """A namespace that an object is in or names (S-20); `origin` is its Namespace object's, None
    without one. `labels` always hold its name; `written` are those of the object alone."""

    name: str
    labels: Labels
    origin: Origin | None


class Cluster(NamedTuple):
    """One snapshot's cluster: workloads by id, namespaces by name, policies in the order they are
    asked (tier, then S-64's), what leads in from outside (S-82), what assembling had to say."""

    workloads: tuple[Workload, ...]
    namespaces: Mapping[str, Namespace]
    policies: tuple[Policy, ...]
    services: tuple[ServiceObject, ...]
    entries: tuple[EntryObject, ...]
    grants: tuple[GrantObject, ...]
    settings: Settings
    diagnostics: tuple[Diagnostic, ...]
