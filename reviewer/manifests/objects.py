"""What is asked of every policy object before its spec: fields, names, labels (S-12, S-13)."""

from __future__ import annotations

from .manifest import Manifest
from .selectors import check_labels, is_dns_label, is_subdomain

OBJECT_FIELDS = frozenset({"apiVersion", "kind", "metadata", "spec", "status"})


def check_object(manifest: Manifest) -> None:
    """Note the fields at the top that no policy has (S-12)."""
    for key, value in manifest.value.items():
        if key not in OBJECT_FIELDS and value is not None:
            manifest.notes.unknown((key,))


def check_names(manifest: Manifest) -> None:
    """Refuse a name, namespace or label that the API server would (S-13)."""
    notes, ref = manifest.notes, manifest.ref
    if manifest.generated:
        if not is_subdomain(ref.name.removesuffix("-")):
            notes.refuse(("metadata", "generateName"), "is not a DNS-1123 subdomain", ref.name)
    elif not is_subdomain(ref.name):
        notes.refuse(("metadata", "name"), "is not a DNS-1123 subdomain", ref.name)
    if not is_dns_label(ref.namespace):
        notes.refuse(("metadata", "namespace"), "is not a DNS-1123 label", ref.namespace)
    labels = manifest.texts(("metadata",), "labels", manifest.metadata())
    check_labels(labels, ("metadata", "labels"), notes)
