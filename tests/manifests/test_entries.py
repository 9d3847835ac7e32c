"""Namespaces, Services, and what lets outside requests in (S-20, S-47, S-82)."""

from __future__ import annotations

import pytest

from reviewer.manifests import Backend, EntryObject, Manifests, ServicePort
from tests.manifests.kit import read_text, said


def thing(version: str, kind: str, spec: str) -> str:
    """An object `shop/x` whose spec begins on line 5."""
    head = f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: x, namespace: shop}}\nspec:\n"
    return head + "".join(f"  {line}\n" for line in spec.strip().splitlines())


def well(text: str) -> Manifests:
    found = read_text(text)
    assert not said(found), said(found)
    return found


def entry(text: str) -> EntryObject:
    (found,) = well(text).entries
    return found


def test_namespace() -> None:
    """S-20, S-8: a namespace that is written in one is ignored."""
    text = (
        "apiVersion: v1\nkind: Namespace\nmetadata: {name: a, namespace: b, labels: {c: d, e: }}\n"
    )
    (found,) = well(text).namespaces
    assert (found.ref.path, found.labels, found.origin.line) == ("a", {"c": "d", "e": ""}, 1)


def test_service() -> None:
    text = thing(
        "v1",
        "Service",
        """
selector: {app: w}
ports:
- port: 80
- {name: a, port: 81.0, targetPort: 8081, protocol: UDP}
- {port: 82, targetPort: http}
- {port: 83, targetPort: 0}
- {name: nothing}
""",
    )
    (found,) = well(text).services
    assert found.selector == {"app": "w"}
    assert not found.external
    assert found.ports == (
        ServicePort("", 80, "TCP", None),
        ServicePort("a", 81, "UDP", 8081),
        ServicePort("", 82, "TCP", "http"),
        ServicePort("", 83, "TCP", None),
    )


@pytest.mark.parametrize(
    ("spec", "selector", "external"),
    [
        ("selector: {}", None, False),
        ("type: ExternalName", None, True),
        ("selector: null", None, False),
    ],
)
def test_services_that_lead_nowhere(spec: str, selector: None, external: bool) -> None:
    """S-47."""
    (found,) = well(thing("v1", "Service", spec)).services
    assert (found.selector, found.external, found.ports) == (selector, external, ())


@pytest.mark.parametrize(
    "version", ["networking.k8s.io/v1", "networking.k8s.io/v1beta1", "extensions/v1beta1"]
)
def test_ingress(version: str) -> None:
    """S-82: in the way of v1 and of older versions."""
    text = thing(
        version,
        "Ingress",
        """
defaultBackend:
  service: {name: a, port: {number: 80}}
backend: {serviceName: b, servicePort: http}
rules:
- http:
    paths:
    - path: /
      backend:
        service:
          name: c
          port: {name: web}
    - backend: {resource: {kind: Bucket, name: z}}
    - backend: {service: {name: d}}
- host: nothing
""",
    )
    assert entry(text).ref.group == "networking.k8s.io"
    assert entry(text).backends == (
        Backend("shop", "a", 80, "TCP", 6),
        Backend("shop", "b", "http", "TCP", 7),
        Backend("shop", "c", "web", "TCP", 13),
        Backend("shop", "d", 0, "TCP", 17),
    )


@pytest.mark.parametrize("version", ["route.openshift.io/v1", "v1"])
def test_route(version: str) -> None:
    """S-82: weight 0 is excepted, and what is no Service."""
    text = thing(
        version,
        "Route",
        """
to: {kind: Service, name: a, weight: 100}
port: {targetPort: http}
alternateBackends:
- {kind: Service, name: b, weight: 0}
- {name: c}
- {kind: Other, name: d}
""",
    )
    assert entry(text).backends == (
        Backend("shop", "a", "http", "TCP", 5, by_target=True),
        Backend("shop", "c", "http", "TCP", 9, by_target=True),
    )
    assert entry(thing(version, "Route", "to: {name: a}")).backends == (
        Backend("shop", "a", None, "TCP", 5, by_target=True),
    )


@pytest.mark.parametrize("kind", ["HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute"])
def test_gateway_routes(kind: str) -> None:
    """S-82: weight 0 is excepted; the namespace may be another one; only UDPRoute is UDP."""
    text = thing(
        "gateway.networking.k8s.io/v1",
        kind,
        """
rules:
- backendRefs:
  - {name: a, port: 80}
  - {name: b, port: 80, weight: 0}
  - {name: c, port: 80, namespace: ops, kind: Service, group: ''}
  - {name: d, port: 80, kind: Import, group: multicluster.x-k8s.io}
  - name: e
- {}
""",
    )
    protocol = "UDP" if kind == "UDPRoute" else "TCP"
    assert entry(text).backends == (
        Backend("shop", "a", 80, protocol, 7),
        Backend("ops", "c", 80, protocol, 9),
        Backend("shop", "e", 0, protocol, 11),
    )


def test_grant() -> None:
    text = thing(
        "gateway.networking.k8s.io/v1beta1",
        "ReferenceGrant",
        """
from:
- {group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: web}
to:
- {group: '', kind: Service, name: a}
- {kind: Service}
- {group: '', kind: Secret}
""",
    )
    (found,) = well(text).grants
    assert found.sources == (("gateway.networking.k8s.io", "HTTPRoute", "web"),)
    assert found.targets == ("a", None)


@pytest.mark.parametrize(
    ("version", "kind", "spec", "expected"),
    [
        ("v1", "Service", "selector: {a: 1}", "5 bad-type spec.selector.a"),
        ("v1", "Service", "ports:\n- port: a", "6 bad-type spec.ports[0].port"),
        ("v1", "Service", "ports:\n- targetPort: []", "6 bad-type spec.ports[0].targetPort"),
        ("networking.k8s.io/v1", "Ingress", "rules: {}", "5 bad-type spec.rules"),
        ("route.openshift.io/v1", "Route", "to: a", "5 bad-type spec.to"),
        ("gateway.networking.k8s.io/v1", "HTTPRoute", "rules: [a]", "5 bad-type spec.rules[0]"),
    ],
)
def test_wrong_type(version: str, kind: str, spec: str, expected: str) -> None:
    """S-11."""
    found = read_text(thing(version, kind, spec))
    assert said(found) == [expected]
    assert list(found.objects()) == []


def test_namespace_of_wrong_type() -> None:
    """S-11: a Namespace's metadata is looked at."""
    found = read_text("apiVersion: v1\nkind: Namespace\nmetadata: {name: a, labels: {b: true}}\n")
    assert said(found) == ["3 bad-type metadata.labels.b"]
    assert found.namespaces == ()
