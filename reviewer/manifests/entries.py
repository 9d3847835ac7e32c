"""What lets outside requests in: Ingress, Route and the Gateway API's routes (S-80 to S-83)."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.base.places import Path
from reviewer.base.yamldoc import Map

from .manifest import Manifest
from .types import Backend, EntryObject, GrantObject

NO_PORT = 0
"""Stands for the port of a backend that has to name one and does not: no Service has it."""


_SPEC: Path = ("spec",)


def read_ingress(manifest: Manifest) -> EntryObject:
    """An Ingress of any version: its default backend and the backends of its paths."""
    spec = manifest.spec()
    found: list[Backend] = []
    for name in ("defaultBackend", "backend"):
        found += _ingress_backend(manifest, _SPEC, name, spec)
    for at, rule in manifest.maps(_SPEC, "rules", spec):
        http = manifest.map(at, "http", rule)
        for path, item in manifest.maps((*at, "http"), "paths", http):
            found += _ingress_backend(manifest, path, "backend", item)
    return _entry(manifest, found)


def _ingress_backend(manifest: Manifest, at: Path, field: str, within: Map) -> Iterator[Backend]:
    """The Service that one backend names in the way of v1 or of older versions; a backend that
    is a `resource` leads to none."""
    path = (*at, field)
    backend = manifest.map(at, field, within)
    service = manifest.map(path, "service", backend)
    port = manifest.map((*path, "service"), "port", service)
    name = manifest.text((*path, "service"), "name", service)
    wanted: int | str | None = manifest.number((*path, "service", "port"), "number", port)
    wanted = wanted or manifest.text((*path, "service", "port"), "name", port)
    if not name:
        name = manifest.text(path, "serviceName", backend)
        wanted = manifest.number_or_text(path, "servicePort", backend)
    if name:
        namespace = manifest.ref.namespace
        yield Backend(namespace, name, wanted or NO_PORT, "TCP", manifest.line(path, backend))


def read_route(manifest: Manifest) -> EntryObject:
    """An OpenShift Route: `to` and `alternateBackends`, weight 0 excepted."""
    spec = manifest.spec()
    port = manifest.map(_SPEC, "port", spec)
    target = manifest.number_or_text(("spec", "port"), "targetPort", port)
    backends: list[tuple[Path, Map]] = [(("spec", "to"), manifest.map(_SPEC, "to", spec))]
    backends += manifest.maps(_SPEC, "alternateBackends", spec)
    found: list[Backend] = []
    for at, item in backends:
        name = _service_name(manifest, at, item)
        if name:
            line = manifest.line(at, item)
            namespace = manifest.ref.namespace
            found.append(Backend(namespace, name, target or None, "TCP", line, by_target=True))
    return _entry(manifest, found)


def _service_name(manifest: Manifest, at: Path, item: Map) -> str:
    """The Service that a reference names; "" for another kind and for weight 0."""
    kind = manifest.text(at, "kind", item) or "Service"
    name = manifest.text(at, "name", item)
    weight = manifest.number(at, "weight", item)
    group = manifest.text(at, "group", item)
    return name if kind == "Service" and not group and weight != 0 else ""


def read_gateway_route(manifest: Manifest) -> EntryObject:
    """A route of the Gateway API: the Services of its rules' `backendRefs`."""
    protocol = "UDP" if manifest.ref.kind == "UDPRoute" else "TCP"
    found: list[Backend] = []
    for at, rule in manifest.maps(_SPEC, "rules", manifest.spec()):
        for path, item in manifest.maps(at, "backendRefs", rule):
            name = _service_name(manifest, path, item)
            port = manifest.number(path, "port", item)
            namespace = manifest.text(path, "namespace", item) or manifest.ref.namespace
            if name:
                line = manifest.line(path, item)
                found.append(Backend(namespace, name, port or NO_PORT, protocol, line))
    return _entry(manifest, found)


def _entry(manifest: Manifest, backends: list[Backend]) -> EntryObject:
    return EntryObject(
        ref=manifest.ref, origin=manifest.origin, backends=tuple(dict.fromkeys(backends))
    )


def read_grant(manifest: Manifest) -> GrantObject:
    """A ReferenceGrant: which routes of which namespaces may lead to Services of its own."""
    spec = manifest.spec()
    sources: list[tuple[str, str, str]] = []
    for at, item in manifest.maps(_SPEC, "from", spec):
        group = manifest.text(at, "group", item)
        kind = manifest.text(at, "kind", item)
        sources.append((group, kind, manifest.text(at, "namespace", item)))
    targets: list[str | None] = []
    for at, item in manifest.maps(_SPEC, "to", spec):
        group = manifest.text(at, "group", item)
        kind = manifest.text(at, "kind", item)
        name = manifest.text(at, "name", item)
        if kind == "Service" and not group:
            targets.append(name or None)
    return GrantObject(
        ref=manifest.ref, origin=manifest.origin, sources=tuple(sources), targets=tuple(targets)
    )
