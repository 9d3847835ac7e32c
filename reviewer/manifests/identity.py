"""Who an object is: its namespace and name, or why it has none (S-8, S-9)."""

from __future__ import annotations

from reviewer.base.documents import ObjectRef
from reviewer.base.places import Path

from .homing import DEFAULT
from .manifest import Manifest
from .registry import CLUSTER_SCOPED

_METADATA: Path = ("metadata",)


def identify(manifest: Manifest) -> None:
    """Put namespace and name into the reference, or note why there are none."""
    metadata = manifest.metadata()
    name, generated, namespace = map(metadata.get, ("name", "generateName", "namespace"))
    if type(name) is not str:
        name = manifest.text(_METADATA, "name", metadata)
    if generated is not None:
        generated = manifest.text(_METADATA, "generateName", metadata)
    if namespace is not None:
        namespace = manifest.text(_METADATA, "namespace", metadata)
    group, kind, _, _ = manifest.ref
    is_namespaced = (group, kind) not in CLUSTER_SCOPED
    manifest.homeless = is_namespaced and not namespace
    namespace = (namespace or DEFAULT) if is_namespaced else ""
    manifest.generated = not name and bool(generated)
    manifest.ref = ObjectRef(group, kind, namespace, name or generated or "")
    if not manifest.ref.name and not manifest.notes.found:
        manifest.notes.warn("no-name", _METADATA, "has neither a name nor a generateName")
