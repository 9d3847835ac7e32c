"""Backends followed to pods, and why some cannot be (S-82, S-83)."""

from __future__ import annotations

import pytest

from reviewer.base.ports import port_range
from reviewer.engine import Reachability, ones
from tests import kit
from tests.conformance.words import HOST, ingress, piece, pod, service, serving

DB = pod("shop/db", "app: db", serving("name: http, containerPort: 8080"))
GATE = ingress("shop/gate", "front", "number: 80")


def side(files: str) -> Reachability:
    return kit.flow_result(files, exposure="never").snapshot.reachability


def front(*ports: str, selector: str = "app: db") -> str:
    return service("shop/front", selector, *ports)


GATEWAY = "gateway.networking.k8s.io/v1"
AWAY = piece(
    GATEWAY,
    "HTTPRoute",
    "edge/gate",
    "{rules: [{backendRefs: [{name: front, namespace: shop, port: 80}]}]}",
)
REASONS: list[tuple[str, str, str]] = [
    ("S-83 no Service", DB + GATE, "no Service shop/front is in the manifests"),
    (
        "S-83 ExternalName",
        DB + front("port: 80").replace("{selector", "{type: ExternalName, selector") + GATE,
        "Service shop/front is of type ExternalName",
    ),
    (
        "S-83 no selector",
        DB + front("port: 80", selector="") + GATE,
        "Service shop/front has no selector",
    ),
    ("S-83 no such port", DB + front("port: 81") + GATE, "Service shop/front has no such port"),
    (
        "S-83 another protocol",
        DB + front("port: 80, protocol: UDP") + GATE,
        "Service shop/front has no such port",
    ),
    ("S-83 no pod", front("port: 80") + GATE, "Service shop/front leads to no pod on that port"),
    (
        "S-83 a name that no pod has",
        DB + front("port: 80, targetPort: other") + GATE,
        "Service shop/front leads to no pod on that port",
    ),
    (
        "S-82 no grant",
        DB + front("port: 80") + AWAY,
        "no ReferenceGrant lets edge refer to Service shop/front",
    ),
]


@pytest.mark.parametrize(("files", "reason"), [r[1:] for r in REASONS], ids=[r[0] for r in REASONS])
def test_unresolved(files: str, reason: str) -> None:
    (lost,) = side(files).ways.unresolved
    assert lost.reason == reason
    assert side(files).ways.ways == []


def route(port: str) -> str:
    spec = f"{{to: {{kind: Service, name: front}}, port: {{targetPort: {port}}}}}"
    return piece("route.openshift.io/v1", "Route", "shop/gate", spec)


BY_TARGET: list[tuple[str, str, str, list[str]]] = [
    ("S-82 by the Service port's name", "name: web, port: 80, targetPort: 9", "web", ["TCP 9"]),
    ("S-82 by target port", "name: web, port: 80, targetPort: 9", "9", ["TCP 9"]),
    ("S-82 by the port where there is no target port", "name: web, port: 80", "80", ["TCP 80"]),
    ("S-82 not by the port where there is one", "name: web, port: 80, targetPort: 9", "80", []),
    ("S-82 by a target port's name", "port: 80, targetPort: http", "http", ["TCP 8080"]),
]


@pytest.mark.parametrize(
    ("port", "asked", "expected"), [b[1:] for b in BY_TARGET], ids=[b[0] for b in BY_TARGET]
)
def test_routes_name_target_ports(port: str, asked: str, expected: list[str]) -> None:
    rows = kit.rows(DB + front(port) + route(asked), exposure="never")
    assert [r for r in rows if r.startswith("ingress")] == [
        f"ingress -> shop/db: {ports}" for ports in expected
    ]


def test_ways_to_several_pods() -> None:
    """S-82: a name resolves on each pod by itself; host-network pods count."""
    other = serving("name: http, containerPort: 9090").replace("{cont", "{hostNetwork: true, cont")
    files = DB + pod("shop/db2", "app: db", other) + pod("ops/db", "app: db")
    found = side(files + front("port: 80, targetPort: http") + GATE)
    (way,) = found.ways.ways
    assert [str(ports) for ports in way.ports.values()] == [
        str(port_range("TCP", number, number)) for number in (9090, 8080)
    ]
    assert (way.service, way.origin.line) == ("shop/front", 25)


def test_behind_a_service() -> None:
    """F-34: what a reference is served by."""
    found = side(DB + pod("shop/host", "app: db", HOST) + front("port: 80, targetPort: 5"))
    (service_,) = found.cluster.services
    (port,) = service_.ports
    assert [column for column, _ in found.ways.behind(service_, port)] == list(ones(0b11))
    assert list(found.ways.behind(service_, port, "UDP")) == []
    bare = side(DB + front("port: 80", selector=""))
    assert list(bare.ways.behind(bare.cluster.services[0], port)) == []
    assert list(bare.ways.selected(bare.cluster.services[0])) == []
