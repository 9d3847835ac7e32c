"""namespace-no-default-deny: a new pod of the namespace would be open."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.base.documents import Origin
from reviewer.manifests import Direction

from .identity import finding
from .posture import SYSTEM, denies_by_default
from .severity import Severity
from .types import BOTH, Check, Finding, Scene
from .view import View

RULE = "namespace-no-default-deny"


def run(scene: Scene) -> Iterator[Finding]:
    """One finding for each namespace with workloads; in `diff` for those that stand on both sides
    and had one before."""
    head, base = scene.facts.head, scene.facts.base
    for namespace in sorted(head.by_namespace):
        if namespace in SYSTEM or denies_by_default(head, namespace, Direction.INGRESS):
            continue
        if base is not None:
            stood = namespace in base.by_namespace
            if not stood or not denies_by_default(base, namespace, Direction.INGRESS):
                continue
        yield finding(
            RULE,
            Severity.MEDIUM,
            [namespace],
            {"namespace": namespace},
            origin=_place(head, namespace),
            fix=f"add a NetworkPolicy of {namespace} with podSelector: {{}} and no ingress rule",
        )


def _place(view: View, namespace: str) -> Origin:
    """The Namespace object, or the first workload in it."""
    known = view.cluster.namespaces.get(namespace)
    if known is not None and known.origin is not None:
        return known.origin
    return min(each.origin for each in view.by_namespace[namespace])


CHECK = Check(
    id=RULE,
    title="A namespace has no default deny",
    modes=BOTH,
    run=run,
)
