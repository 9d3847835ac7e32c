"""What leads in from outside, and whom the ingress controller reaches (S-80 to S-83)."""

from __future__ import annotations

import pytest

from reviewer.cluster import Settings
from tests.conformance.words import (
    HOST,
    codes,
    ingress,
    into,
    np,
    out_of,
    piece,
    pod,
    service,
    serving,
    space,
)

DB = pod("shop/db", "app: db", serving("name: http, containerPort: 8080"))
FRONT = service("shop/front", "app: db", "name: web, port: 80, targetPort: http")
GATE = ingress("shop/gate", "front", "number: 80")
WORLD = DB + FRONT + GATE
REACHED = ["ingress -> shop/db: TCP 8080"]


def admits(peer: str, more: str = "") -> str:
    return np("shop/p", f"{{podSelector: {{}}, ingress: [{{from: [{{{peer}}}]{more}}}]}}")


def named(name: str) -> str:
    return f"namespaceSelector: {{matchLabels: {{kubernetes.io/metadata.name: {name}}}}}"


BASELINE = (
    "---\napiVersion: policy.networking.k8s.io/v1alpha1\nkind: AdminNetworkPolicy\n"
    "metadata: {name: a}\n"
    "spec: {priority: 1, subject: {namespaces: {}}, ingress: [{action: Deny, from: [%s]}]}\n"
)
CONTROLLER: list[tuple[str, str, list[str]]] = [
    ("S-80 one of the usual namespaces", admits(named("traefik")), REACHED),
    (
        "S-80 with the labels it has",
        space("kong", "edge: yes1") + admits("namespaceSelector: {matchLabels: {edge: yes1}}"),
        REACHED,
    ),
    (
        "S-80 openshift-ingress has a label of its own",
        admits("namespaceSelector: {matchLabels: {network.openshift.io/policy-group: ingress}}"),
        REACHED,
    ),
    ("S-80 another namespace is none of them", admits(named("ops")), []),
    (
        "S-80 its labels count as met where a rule allows",
        admits(f"{named('traefik')}, podSelector: {{matchLabels: {{app: x}}}}"),
        REACHED,
    ),
    (
        "S-80 and as not met where a rule denies",
        BASELINE % "{pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: x}}}}",
        REACHED,
    ),
    ("S-80 unless the selector is empty", BASELINE % "{namespaces: {}}", []),
    ("S-80 its address is unknown", admits("ipBlock: {cidr: 10.0.0.0/8}"), []),
    ("S-80 which all addresses cover", admits("ipBlock: {cidr: 0.0.0.0/0}"), REACHED),
    ("S-81 pods of the namespace are not it", admits("podSelector: {}"), []),
    (
        "S-81 only on the ports that are allowed",
        admits(named("kong"), ", ports: [{port: 443}]"),
        [],
    ),
    ("S-81 where nothing isolates", "", REACHED),
    (
        "S-81 its own egress allows",
        np("kong/p", "{podSelector: {}, policyTypes: [Egress]}"),
        REACHED,
    ),
]


@pytest.mark.parametrize(
    ("policies", "expected"), [c[1:] for c in CONTROLLER], ids=[c[0] for c in CONTROLLER]
)
def test_controller(policies: str, expected: list[str]) -> None:
    found = into(WORLD + policies, exposure="never")
    assert [row for row in found if row.startswith("ingress")] == expected


GATEWAY = "gateway.networking.k8s.io/v1"


def route(kind: str, backend: str, path: str = "shop/gate") -> str:
    return piece(GATEWAY, kind, path, f"{{rules: [{{backendRefs: [{{{backend}}}]}}]}}")


GRANT = piece(
    "gateway.networking.k8s.io/v1beta1",
    "ReferenceGrant",
    "shop/grant",
    "{from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: edge}], "
    "to: [{group: '', kind: Service}]}",
)
UDP = pod("shop/db", "app: db") + service("shop/front", "app: db", "port: 53, protocol: UDP")
LEADS: list[tuple[str, str, list[str]]] = [
    ("S-82 Ingress by number", WORLD, REACHED),
    ("S-82 Ingress by name", DB + FRONT + ingress("shop/gate", "front", "name: web"), REACHED),
    (
        "S-82 rules of an Ingress",
        DB
        + FRONT
        + piece(
            "networking.k8s.io/v1",
            "Ingress",
            "shop/gate",
            "{rules: [{http: {paths: [{backend: {service: {name: front, port: {number: 80}}}}]}}]}",
        ),
        REACHED,
    ),
    (
        "S-82 the older form",
        DB
        + FRONT
        + piece(
            "extensions/v1beta1",
            "Ingress",
            "shop/gate",
            "{backend: {serviceName: front, servicePort: 80}}",
        ),
        REACHED,
    ),
    (
        "S-82 Route",
        DB
        + FRONT
        + piece(
            "route.openshift.io/v1",
            "Route",
            "shop/gate",
            "{to: {kind: Service, name: front}, port: {targetPort: http}}",
        ),
        REACHED,
    ),
    (
        "S-82 Route without a port: all of them",
        DB
        + service(
            "shop/front",
            "app: db",
            "name: a, port: 80, targetPort: 1",
            "name: b, port: 81, targetPort: 2",
        )
        + piece(
            "route.openshift.io/v1", "Route", "shop/gate", "{to: {kind: Service, name: front}}"
        ),
        ["ingress -> shop/db: TCP 1-2"],
    ),
    (
        "S-82 Route of weight 0",
        DB
        + FRONT
        + piece(
            "route.openshift.io/v1",
            "Route",
            "shop/gate",
            "{to: {kind: Service, name: front, weight: 0}}",
        ),
        [],
    ),
    ("S-82 HTTPRoute", DB + FRONT + route("HTTPRoute", "name: front, port: 80"), REACHED),
    ("S-82 TCPRoute", DB + FRONT + route("TCPRoute", "name: front, port: 80"), REACHED),
    ("S-82 weight 0", DB + FRONT + route("HTTPRoute", "name: front, port: 80, weight: 0"), []),
    (
        "S-82 another namespace needs a grant",
        DB + FRONT + route("HTTPRoute", "name: front, namespace: shop, port: 80", "edge/gate"),
        [],
    ),
    (
        "S-82 and with one leads there",
        GRANT
        + DB
        + FRONT
        + route("HTTPRoute", "name: front, namespace: shop, port: 80", "edge/gate"),
        REACHED,
    ),
    (
        "S-82 UDPRoute",
        UDP + route("UDPRoute", "name: front, port: 53"),
        ["ingress -> shop/db: UDP 53"],
    ),
    ("S-82 the others lead to TCP alone", UDP + route("HTTPRoute", "name: front, port: 53"), []),
    (
        "S-82 a target port by number",
        DB + service("shop/front", "app: db", "port: 80, targetPort: 9") + GATE,
        ["ingress -> shop/db: TCP 9"],
    ),
    (
        "S-82 absent the port itself",
        DB + service("shop/front", "app: db", "port: 80") + GATE,
        ["ingress -> shop/db: TCP 80"],
    ),
    (
        "S-82 host-network pods too",
        pod("shop/db", "app: db", HOST) + service("shop/front", "app: db", "port: 80") + GATE,
        ["ingress -> shop/db: TCP 80"],
    ),
    ("S-82 an empty selector picks none", DB + service("shop/front", "", "port: 80") + GATE, []),
]


@pytest.mark.parametrize(
    ("files", "expected"), [lead[1:] for lead in LEADS], ids=[lead[0] for lead in LEADS]
)
def test_leads(files: str, expected: list[str]) -> None:
    assert [row for row in into(files) if row.startswith("ingress")] == expected


EXTERNAL = FRONT.replace("{selector", "{type: ExternalName, externalName: a.example, selector")
SAID: list[tuple[str, str, list[str]]] = [
    ("S-83 no Service", DB + GATE, ["backend-unresolved 10"]),
    (
        "S-83 no such port",
        DB + FRONT + ingress("shop/gate", "front", "number: 81"),
        ["backend-unresolved 15"],
    ),
    ("S-83 no pod", FRONT + GATE, ["backend-unresolved 10"]),
    ("S-83 ExternalName", DB + EXTERNAL + GATE, ["backend-unresolved 15"]),
    ("S-83 blocked", WORLD + np("shop/p", "{}"), ["backend-blocked 15"]),
    ("S-83 silent where it is let in", WORLD + admits("namespaceSelector: {}"), []),
]


@pytest.mark.parametrize(("files", "expected"), [s[1:] for s in SAID], ids=[s[0] for s in SAID])
def test_said(files: str, expected: list[str]) -> None:
    assert codes(files) == expected


def test_where_the_controller_is_can_be_configured() -> None:
    """S-80, S-124."""
    files = WORLD + admits(named("edge"))
    settings = Settings(ingress_controllers=("edge",))
    assert into(files, settings=settings) == REACHED
    assert into(files) == []


def test_it_leads_nowhere_without_an_entry() -> None:
    """S-81."""
    assert not [row for row in into(DB + FRONT) if row.startswith("ingress")]
    assert out_of(WORLD, "shop/db") == ["shop/db -> 0.0.0.0/0: all", "shop/db -> ::/0: all"]
