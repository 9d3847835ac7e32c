"""What leads in from outside: Ingress, Route and Gateway routes to pods (S-80 to S-83).

A backend names a Service, the Service picks pods of its namespace, its port gives the pods' port.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from reviewer.base.documents import ObjectRef, Origin
from reviewer.base.labels import Operator, Selector, requirement
from reviewer.base.ports import NO_PORTS, PortSet, port_range
from reviewer.cluster import Cluster
from reviewer.manifests import Backend, EntryObject, ServiceObject, ServicePort

from .bits import ones
from .classes import Universe


class Way(NamedTuple):
    """One way in: the entry, the backend's line, the end it leads to, and the ports by column."""

    entry: ObjectRef
    origin: Origin
    service: str
    ports: Mapping[int, PortSet]


class Unresolved(NamedTuple):
    """A backend that cannot be followed, and why (S-83)."""

    entry: ObjectRef
    origin: Origin
    backend: Backend
    reason: str


class Ways:
    """Every way in of one side, and the backends that lead nowhere."""

    def __init__(self, universe: Universe, cluster: Cluster, side: int) -> None:
        self._universe = universe
        self._present = universe.present[side]
        self._services = {(each.ref.namespace, each.ref.name): each for each in cluster.services}
        self._grants = {
            (source, each.ref.namespace, target)
            for each in cluster.grants
            for source in each.sources
            for target in each.targets
        }
        self.ways: list[Way] = []
        self.unresolved: list[Unresolved] = []
        for entry in cluster.entries:
            for backend in entry.backends:
                self._follow(entry, backend)
        self.ports: dict[int, PortSet] = {}
        for way in self.ways:
            for column, ports in way.ports.items():
                self.ports[column] = self.ports.get(column, NO_PORTS) | ports

    def _follow(self, entry: EntryObject, backend: Backend) -> None:
        origin = Origin(entry.origin.file, backend.line)
        reason = self._refused(entry, backend)
        if not reason:
            service = self._services[backend.namespace, backend.service]
            found: dict[int, PortSet] = {}
            for port in _asked(service, backend):
                for column, ports in self.behind(service, port, backend.protocol):
                    found[column] = found.get(column, NO_PORTS) | ports
            if found:
                self.ways.append(Way(entry.ref, origin, service.ref.path, found))
                return
            reason = f"Service {service.ref.path} leads to no pod on that port"
        self.unresolved.append(Unresolved(entry.ref, origin, backend, reason))

    def _refused(self, entry: EntryObject, backend: Backend) -> str:
        """Why this backend cannot be followed, "" where it can."""
        where = f"{backend.namespace}/{backend.service}"
        if backend.namespace != entry.ref.namespace:
            source = (entry.ref.group, entry.ref.kind, entry.ref.namespace)
            granted = (source, backend.namespace, backend.service) in self._grants
            if not granted and (source, backend.namespace, None) not in self._grants:
                return f"no ReferenceGrant lets {entry.ref.namespace} refer to Service {where}"
        service = self._services.get((backend.namespace, backend.service))
        if service is None:
            return f"no Service {where} is in the manifests"
        if service.external:
            return f"Service {where} is of type ExternalName"
        if not service.selector:
            return f"Service {where} has no selector"
        if not any(True for _ in _asked(service, backend)):
            return f"Service {where} has no such port"
        return ""

    def behind(
        self, service: ServiceObject, port: ServicePort, protocol: str | None = None
    ) -> Iterator[tuple[int, PortSet]]:
        """The columns of this side behind one port of a Service, with the port each answers on."""
        if not service.selector or (protocol and protocol != port.protocol):
            return
        for column in self.selected(service):
            ports = self._target(column, port)
            if ports:
                yield column, ports

    def selected(self, service: ServiceObject) -> Iterator[int]:
        """The columns of this side that a Service's selector picks, host-network pods too."""
        wanted = Selector(
            sorted(
                requirement(key, Operator.IN, (value,))
                for key, value in (service.selector or {}).items()
            )
        )
        if not wanted:
            return
        universe = self._universe
        low, high = universe.ranges.get(service.ref.namespace, (0, 0))
        found = universe.pods_in(service.ref.namespace, wanted)
        for column in ones(universe.host >> low << low & ((1 << high) - 1)):
            pod = universe.columns[column].pod
            if pod is not None and wanted.matches(pod.labels):
                found |= 1 << column
        yield from ones(found & self._present)

    def _target(self, column: int, port: ServicePort) -> PortSet:
        if port.target is None:
            return port_range(port.protocol, port.number, port.number)
        if isinstance(port.target, int):
            return port_range(port.protocol, port.target, port.target)
        pod = self._universe.columns[column].pod
        found = NO_PORTS
        for name, number, protocol in pod.ports if pod else ():
            if name == port.target and protocol == port.protocol:
                found |= port_range(protocol, number, number)
        return found


def _asked(service: ServiceObject, backend: Backend) -> Iterator[ServicePort]:
    """The ports of the Service that the backend means (S-82)."""
    for port in service.ports:
        if backend.protocol != port.protocol:
            continue
        wanted = backend.port
        if wanted is None or wanted == port.name:
            yield port
        elif backend.by_target:
            if wanted == port.target or (port.target is None and wanted == port.number):
                yield port
        elif wanted == port.number:
            yield port
