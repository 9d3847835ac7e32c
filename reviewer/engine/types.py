"""Ends of a flow, flows, and the questions the engine answers."""

from __future__ import annotations

from typing import NamedTuple, assert_never

from reviewer.base.addresses import AddressSet
from reviewer.base.labels import Selector
from reviewer.base.ports import PortSet


class WorkloadEndpoint(NamedTuple):
    """A workload of the manifests, by its id `NAMESPACE/NAME[KIND]`."""

    id: str


class ExternalEndpoint(NamedTuple):
    """Addresses outside the cluster, one family."""

    addresses: AddressSet


class SelectorEndpoint(NamedTuple):
    """Any pod that is not in the manifests and that these selectors match (S-85, S-88)."""

    namespaces: Selector
    pods: Selector


class IngressControllerEndpoint(NamedTuple):
    """What Ingress, Route and Gateway objects let in (S-80)."""

    name: str = "ingress_controller"


INGRESS_CONTROLLER = IngressControllerEndpoint()

Endpoint = WorkloadEndpoint | ExternalEndpoint | SelectorEndpoint | IngressControllerEndpoint


def rank(end: Endpoint) -> tuple[int, object]:
    """Sort key of S-76: workloads by id, then addresses (IPv4 before IPv6), then selectors, then
    the ingress controller."""
    match end:
        case WorkloadEndpoint(id=name):
            return 0, name
        case ExternalEndpoint(addresses=addresses):
            return 1, (addresses.family, addresses.spans)
        case SelectorEndpoint(namespaces=namespaces, pods=pods):
            return 2, (str(namespaces), str(pods))
        case IngressControllerEndpoint():
            return 3, ""
        case _:
            assert_never(end)


class Flow(NamedTuple):
    """Source, destination and the ports allowed; ports are never empty."""

    source: Endpoint
    destination: Endpoint
    ports: PortSet
