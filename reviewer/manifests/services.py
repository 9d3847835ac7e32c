"""Services: what leads from a name to pods and their ports (S-47, S-82)."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.base.places import Path
from reviewer.base.yamldoc import Map

from .manifest import Manifest
from .types import ServiceObject, ServicePort

_SPEC: Path = ("spec",)


def read_service(manifest: Manifest) -> ServiceObject:
    """A core Service. A port without a number leads nowhere and is passed over."""
    spec = manifest.spec()
    selector = manifest.texts(_SPEC, "selector", spec)
    return ServiceObject(
        ref=manifest.ref,
        origin=manifest.origin,
        selector=selector or None,
        ports=tuple(_ports(manifest, spec)),
        external=manifest.text(_SPEC, "type", spec) == "ExternalName",
    )


def _ports(manifest: Manifest, spec: Map) -> Iterator[ServicePort]:
    for at, item in manifest.maps(_SPEC, "ports", spec):
        number = manifest.number(at, "port", item)
        name = manifest.text(at, "name", item)
        protocol = manifest.text(at, "protocol", item) or "TCP"
        target = manifest.number_or_text(at, "targetPort", item)
        if number is not None:
            # Kubernetes takes a target of 0 or "" as the port itself.
            yield ServicePort(name, number, protocol, target or None)
