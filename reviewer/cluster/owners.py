"""Whose pods an object's pods are (S-23).

A Pod, ReplicaSet, Job or ReplicationController that names a controller is no endpoint: its pods
belong to that controller, and on to the controller's own one where the snapshot has it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from reviewer.manifests import Owner, WorkloadObject

DISSOLVED = frozenset({"Pod", "ReplicaSet", "Job", "ReplicationController"})
"""Kinds that are no endpoint where a controller owns them."""


class Home(NamedTuple):
    """The endpoint that pods are reported under."""

    namespace: str
    name: str
    kind: str

    @property
    def id(self) -> str:
        """`NAMESPACE/NAME[KIND]`."""
        return f"{self.namespace}/{self.name}[{self.kind}]"


class Owners:
    """The chain of owners of one snapshot's workload objects."""

    def __init__(self, objects: Iterable[WorkloadObject]) -> None:
        self._by_name = {
            (each.ref.namespace, each.ref.kind, each.ref.name): each.owner for each in objects
        }

    def home(self, item: WorkloadObject) -> Home:
        """Where this object's pods are reported; the object itself where nobody owns it."""
        here = Home(item.ref.namespace, item.ref.name, item.ref.kind)
        if item.owner is None or item.ref.kind not in DISSOLVED:
            return here
        seen = {here}
        owner: Owner | None = item.owner
        while owner is not None:
            there = Home(here.namespace, owner.name, owner.kind)
            if there in seen:  # a ring of owners: no cluster has one; stop where it closes
                break
            seen.add(there)
            here = there
            owner = self._by_name.get((here.namespace, here.kind, here.name))
        return here
