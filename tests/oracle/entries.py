"""The ingress controller: what Ingress, Route and Gateway routes let in (S-80 to S-83)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from tests.oracle import rows
from tests.oracle.cluster import NAME_LABEL, Cluster, Pod, Policy, blocks
from tests.oracle.reading import GATEWAY
from tests.oracle.selectors import Requirement, matches
from tests.oracle.verdict import Controller, Judge, Packets

OPENSHIFT = {
    "network.openshift.io/policy-group": "ingress",
    "policy-group.network.openshift.io/ingress": "",
}


class Backend(NamedTuple):
    """A Service that an entry names, with how it names the port."""

    namespace: str
    service: str
    word: str  # "port": a service port; "target": a name or target port; "all": every port
    port: int | str | None
    protocol: str


@dataclass(frozen=True, slots=True)
class Led:
    """Where one backend leads: packets for each workload, allowed ones too."""

    entry: Policy
    asked: dict[str, Packets]
    allowed: dict[str, Packets]


def numbers(clusters: Iterable[Cluster]) -> set[int]:
    """The ports of all Services, for cutting packets."""
    found: set[int] = set()
    for cluster in clusters:
        for service in cluster.services:
            for port in service.spec.get("ports", []):
                found |= {
                    n for n in (port.get("port"), port.get("targetPort")) if isinstance(n, int)
                }
    return {number for number in found if 1 <= number <= 65535}


def backends(entry: Policy, cluster: Cluster) -> Iterator[Backend | None]:
    """The backends of an entry; None for one that must not be followed (S-82)."""
    kind, spec, own = entry.obj.kind, entry.spec, entry.obj.namespace
    if kind == "Ingress":
        listed = [spec.get("defaultBackend"), spec.get("backend")]
        listed += [
            path.get("backend")
            for rule in spec.get("rules", [])
            for path in rule.get("http", {}).get("paths", [])
        ]
        for backend in listed:
            if backend:
                yield ingress_backend(backend, own)
    elif kind == "Route":
        wanted = spec.get("port", {}).get("targetPort", "")
        word = "all" if wanted == "" else "target"
        for target in [spec.get("to"), *spec.get("alternateBackends", [])]:
            if target and target.get("kind", "Service") == "Service" and target.get("weight") != 0:
                yield Backend(own, target.get("name", ""), word, wanted, "TCP")
    else:
        for rule in spec.get("rules", []):
            for ref in rule.get("backendRefs", []):
                yield from reference(entry, ref, cluster)


def ingress_backend(backend: dict[str, Any], own: str) -> Backend:
    """The backend of an Ingress, in the form of v1 or an older one."""
    if "service" in backend:
        service = backend["service"]
        port = service.get("port", {})
        wanted = port.get("number", port.get("name"))
        return Backend(own, service.get("name", ""), "port", wanted, "TCP")
    return Backend(own, backend.get("serviceName", ""), "port", backend.get("servicePort"), "TCP")


def reference(entry: Policy, ref: dict[str, Any], cluster: Cluster) -> Iterator[Backend | None]:
    """A backendRef of a Gateway-API route; another namespace needs a ReferenceGrant."""
    if ref.get("kind", "Service") != "Service" or ref.get("group", "") or ref.get("weight") == 0:
        return
    space, name = ref.get("namespace", entry.obj.namespace), ref.get("name", "")
    if name and space != entry.obj.namespace and not granted(entry, space, name, cluster):
        yield None
        return
    protocol = "UDP" if entry.obj.kind == "UDPRoute" else "TCP"
    yield Backend(space, name, "port", ref.get("port"), protocol)


def granted(entry: Policy, space: str, name: str, cluster: Cluster) -> bool:
    """Whether some ReferenceGrant of that namespace lets the route in."""
    asks = {"group": GATEWAY, "kind": entry.obj.kind, "namespace": entry.obj.namespace}
    for grant in cluster.grants:
        sources = grant.spec.get("from", [])
        targets = [
            one
            for one in grant.spec.get("to", [])
            if not one.get("group") and one.get("kind") == "Service"
        ]
        if (
            grant.obj.namespace == space
            and any(all(one.get(k) == v for k, v in asks.items()) for one in sources)
            and any(one.get("name", name) == name for one in targets)
        ):
            return True
    return False


def service_ports(service: Policy, backend: Backend) -> Iterator[dict[str, Any]]:
    """The ports of a Service that a backend means, of its protocol."""
    for port in service.spec.get("ports", []):
        if port.get("protocol", "TCP") != backend.protocol or "port" not in port:
            continue
        target = port.get("targetPort") or port.get("port")  # as the API defaults it
        fits = {
            "all": True,
            "port": backend.port is not None
            and backend.port == port.get("name" if isinstance(backend.port, str) else "port"),
            "target": backend.port in {port.get("name", ""), target},
        }
        if fits[backend.word]:
            yield port


def target_numbers(port: dict[str, Any], pod: Pod) -> set[int]:
    """S-82: the numbers that a Service port stands for on one pod."""
    target = port.get("targetPort") or port.get("port")  # as the API defaults it
    if isinstance(target, int):
        return {target}
    asked = (target, port.get("protocol", "TCP"))
    return {number for name, protocol, number in pod.ports if (name, protocol) == asked}


def picked(service: Policy, cluster: Cluster) -> list[tuple[str, Pod]]:
    """The pods that a Service selects, host-network pods too, each with its workload."""
    selector = service.spec.get("selector", {})
    if not selector or service.spec.get("type") == "ExternalName":
        return []
    wanted = frozenset(
        Requirement(key, "In", frozenset({value})) for key, value in selector.items()
    )
    return [
        (workload.id, pod)
        for workload in cluster.workloads.values()
        for pod in workload.pods
        if pod.namespace == service.obj.namespace and matches(wanted, pod.labels)
    ]


def controllers(cluster: Cluster) -> list[Controller]:
    """S-80: the controller in each of its namespaces."""
    found = []
    for name in cluster.settings.ingress_controllers:
        labels = {**cluster.spaces.get(name, {}), NAME_LABEL: name}
        if name == "openshift-ingress":
            labels = {**labels, **OPENSHIFT}
        found.append(Controller(labels, blocks(cluster.settings.pod_ranges)))
    return found


def follow(judge: Judge) -> list[Led]:
    """Where each backend of each entry leads; nowhere is said as empty `asked` (S-81 to S-83)."""
    cluster = judge.cluster
    services = {(one.obj.namespace, one.obj.name): one for one in cluster.services}
    sources = controllers(cluster)
    found = []
    for entry in cluster.entries:
        for backend in backends(entry, cluster):
            if backend is not None and not backend.service:
                continue  # it names nothing that could be followed
            led = Led(entry, {}, {})
            found.append(led)
            service = services.get((backend.namespace, backend.service)) if backend else None
            if backend is None or service is None:
                continue
            for workload, pod in picked(service, cluster):
                ports = list(service_ports(service, backend))
                reached = {
                    (port.get("protocol", "TCP"), number)
                    for port in ports
                    for number in target_numbers(port, pod)
                }
                asked = frozenset(p for p in judge.packets if (p.protocol, p.low) in reached)
                allowed = rows.NOTHING.union(*(judge.between(one, pod) for one in sources))
                if asked:
                    led.asked[workload] = led.asked.get(workload, rows.NOTHING) | asked
                    led.allowed[workload] = led.allowed.get(workload, rows.NOTHING) | (
                        asked & allowed
                    )
    return found


def add_rows(judge: Judge, flows: rows.FlowMap) -> None:
    """S-81: the rows of the ingress controller."""
    for led in follow(judge):
        for workload, ports in led.allowed.items():
            pair = (rows.CONTROLLER, rows.End(0, (workload,)))
            flows.pairs[pair] = flows.pairs.get(pair, rows.NOTHING) | ports
