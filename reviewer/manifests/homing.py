"""Objects that write no namespace, in the one that a cluster's configuration gives them (R-20).

Reading puts them into `default` (S-8); a cluster may say otherwise, and one text may stand in
several clusters, so they are moved when a cluster is settled, not when the text is read.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.base.documents import ObjectRef
from reviewer.base.labels import namespace_named
from reviewer.base.values import replace

from .types import EntryObject, Object, Peer, PodPeer, Policy, Reading, Rule, Tier

DEFAULT = "default"


def moved(reading: Reading, namespace: str) -> Reading:
    """A reading whose object wrote no namespace, in this one."""
    ref = reading.ref._replace(namespace=namespace)
    found = None if reading.object is None else _object(reading.object, ref)
    return reading._replace(ref=ref, object=found)


def _object(found: Object, ref: ObjectRef) -> Object:
    if isinstance(found, Policy) and found.tier is Tier.NAMESPACED:
        own = namespace_named(ref.namespace)
        return replace(
            found,
            ref=ref,
            subject=found.subject._replace(namespaces=own),
            rules=tuple(
                replace(rule, peers=None if rule.peers is None else tuple(_peers(found, rule, ref)))
                for rule in found.rules
            ),
        )
    if isinstance(found, EntryObject):
        backends = tuple(
            each._replace(namespace=ref.namespace) if each.namespace == DEFAULT else each
            for each in found.backends
        )
        return replace(found, ref=ref, backends=backends)
    return replace(found, ref=ref)


def _peers(policy: Policy, rule: Rule, ref: ObjectRef) -> Iterator[Peer]:
    """The peers of a rule; a `podSelector` alone means the policy's own namespace (S-44)."""
    field = "from" if rule.direction.value == "ingress" else "to"
    items = policy.spec[rule.direction.value][rule.index][field]
    for peer, item in zip(rule.peers or (), items, strict=True):
        if isinstance(peer, PodPeer) and "namespaceSelector" not in item:
            own = namespace_named(ref.namespace)
            yield PodPeer(peer.selector._replace(namespaces=own))
        else:
            yield peer
