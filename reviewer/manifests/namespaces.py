"""Namespaces: their labels (S-20)."""

from __future__ import annotations

from .manifest import Manifest
from .types import NamespaceObject


def read_namespace(manifest: Manifest) -> NamespaceObject:
    """A Namespace and its labels as written."""
    labels = manifest.texts(("metadata",), "labels", manifest.metadata())
    return NamespaceObject(ref=manifest.ref, origin=manifest.origin, labels=labels)
