"""The Services a workload names in its env and arguments (F-34)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from reviewer.base.ports import PortSet, port_range, union
from reviewer.cluster import Pod, Workload
from reviewer.engine import WorkloadEndpoint
from reviewer.manifests import ServiceObject, ServicePort

from .services import service_selector
from .view import View

_LABEL = r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?"
_TOKEN = re.compile(
    rf"(?<![A-Za-z0-9.-])({_LABEL})(?:\.({_LABEL})(?:\.svc(?:\.cluster\.local)?)?)?\.?"
    r"(?![A-Za-z0-9-]|\.[A-Za-z0-9])(?::(\d{1,5})(?!\d))?"
)
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://(?:[^/@\s]*@)?$")
SCHEMES = {
    "http": 80,
    "https": 443,
    "postgres": 5432,
    "postgresql": 5432,
    "mysql": 3306,
    "redis": 6379,
    "amqp": 5672,
    "mongodb": 27017,
    "nats": 4222,
}
"""The port of a scheme, where none is written."""


class Reference(NamedTuple):
    """A Service that a workload names, and one of its ports."""

    service: ServiceObject
    port: ServicePort


def references(view: View, workload: Workload) -> Iterator[Reference]:
    """The Services of the snapshot that it names, each port once."""
    seen: set[tuple[str, int]] = set()
    for text in workload.references:
        for name, namespace, number in _named(text, workload.namespace):
            service = view.services.named(namespace, name)
            port = _port(service, number) if service else None
            if service is None or port is None:
                continue
            key = (service.ref.path, port.number)
            if key not in seen:
                seen.add(key)
                yield Reference(service, port)


def _named(text: str, here: str) -> Iterator[tuple[str, str, int | None]]:
    """(Service, namespace, port) of each token that names one; the port is None where none is
    written or meant by a scheme."""
    for match in _TOKEN.finditer(text):
        name, namespace, written = match.groups()
        before = text[: match.start()]
        scheme = _SCHEME.search(before)
        alone = match.group() == text
        if not (namespace or alone or written or before.endswith(("://", "@"))):
            continue
        number = int(written) if written else None
        if number is None and scheme:
            number = SCHEMES.get(scheme[1].lower())
        yield name, namespace or here, number


def _port(service: ServiceObject, number: int | None) -> ServicePort | None:
    """The port meant: that number, or the only one where no number is known."""
    if number is None:
        return service.ports[0] if len(service.ports) == 1 else None
    return next((port for port in service.ports if port.number == number), None)


def targets(view: View, reference: Reference) -> Iterator[tuple[Workload, PortSet]]:
    """The workloads behind the Service with the ports each answers on (S-82), none where a named
    target is declared by no pod of it."""
    wanted = service_selector(reference.service)
    for workload in view.by_namespace.get(reference.service.ref.namespace, ()):
        behind = [pod for pod in workload.pods if wanted.matches(pod.labels)]
        if behind:
            yield workload, union(_target(pod, reference.port) for pod in behind)


def _target(pod: Pod, port: ServicePort) -> PortSet:
    if isinstance(port.target, str):
        found = PortSet()
        for name, number, protocol in pod.ports:
            if name == port.target and protocol == port.protocol:
                found |= port_range(protocol, number, number)
        return found
    number = port.number if port.target is None else port.target
    return port_range(port.protocol, number, number)


def served(view: View, referrer: str, reference: Reference) -> bool | None:
    """Whether some pod behind it may be reached on the target port; None where the Service leads
    to no workload, or to the referrer alone."""
    found = None
    for workload, ports in targets(view, reference):
        if workload.id == referrer:
            continue
        allowed = view.ports(WorkloadEndpoint(referrer), WorkloadEndpoint(workload.id))
        if allowed.meets(ports):
            return True
        found = False
    return found
