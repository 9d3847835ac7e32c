"""What leads in from outside, were some entries, Services or grants taken back (S-82).

Of a destination's ways only those count whose Service may pick one of its pods, so a world of
them is a few objects.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from reviewer.base.documents import ObjectRef
from reviewer.base.labels import Labels
from reviewer.base.ports import PortSet
from reviewer.base.values import replace
from reviewer.cluster import Cluster
from reviewer.engine import Reachability, Ways
from reviewer.manifests import EntryObject, GrantObject, ServiceObject

Lead = EntryObject | ServiceObject | GrantObject


class ChangedLead(NamedTuple):
    """One entry, Service or grant that does not say the same on both sides."""

    ref: ObjectRef
    here: Lead | None
    there: Lead | None


class Leads:
    """The ways in between two sides over one universe."""

    def __init__(self, here: Reachability, there: Reachability) -> None:
        self._here, self._there = here, there

    @cached_property
    def changed(self) -> tuple[ChangedLead, ...]:
        """What is not alike on both sides, in order of kind and name."""
        before, after = _leads(self._here.cluster), _leads(self._there.cluster)
        found = []
        for ref in sorted(before.keys() | after.keys()):
            here, there = before.get(ref), after.get(ref)
            if here is None or there is None or _said(here) != _said(there):
                found.append(ChangedLead(ref, here, there))
        return tuple(found)

    @cached_property
    def _refs(self) -> frozenset[ObjectRef]:
        return frozenset(each.ref for each in self.changed)

    def touching(self, columns: Sequence[int]) -> Iterator[int]:
        """The changed ones, by number, that may lead to one of these columns."""
        if not self.changed or not columns:
            return
        namespace = self._there.universe.columns[columns[0]].namespace
        picking = self._picking(namespace, columns)
        for number, (_, here, there) in enumerate(self.changed):
            if any(_concerns(each, namespace, picking) for each in (here, there)):
                yield number

    def _picking(self, namespace: str, columns: Iterable[int]) -> frozenset[str]:
        """The Services of either side that may pick one of these columns, by name."""
        pods = [pod for c in columns if (pod := self._there.universe.columns[c].pod) is not None]
        return frozenset(
            service.ref.name
            for side in (self._here, self._there)
            for service in side.cluster.services
            if service.ref.namespace == namespace
            and any(_picks(service, pod.labels) for pod in pods)
        )

    def led(
        self, columns: Sequence[int], back: frozenset[int], *, here: bool
    ) -> dict[int, PortSet]:
        """The ports on which each of these columns, as here or as there, is led to when these
        changes are taken back."""
        namespace = self._there.universe.columns[columns[0]].namespace
        picking = self._picking(namespace, columns)
        chosen: list[Lead] = [
            each
            for ref, each in _leads(self._there.cluster).items()
            if ref not in self._refs and _concerns(each, namespace, picking)
        ]
        for number in self.touching(columns):
            _, before, after = self.changed[number]
            version = before if number in back else after
            if version is not None:
                chosen.append(version)
        cluster = replace(
            self._there.cluster,
            entries=tuple(each for each in chosen if isinstance(each, EntryObject)),
            services=tuple(each for each in chosen if isinstance(each, ServiceObject)),
            grants=tuple(each for each in chosen if isinstance(each, GrantObject)),
        )
        number = self._here.number if here else self._there.number
        return Ways(self._there.universe, cluster, number).ports


def _leads(cluster: Cluster) -> dict[ObjectRef, Lead]:
    found: tuple[Lead, ...] = (*cluster.entries, *cluster.services, *cluster.grants)
    return {each.ref: each for each in found}


def _concerns(lead: Lead | None, namespace: str, picking: frozenset[str]) -> bool:
    if lead is None:
        return False
    if isinstance(lead, EntryObject):
        return any(b.namespace == namespace and b.service in picking for b in lead.backends)
    if lead.ref.namespace != namespace:
        return False
    if isinstance(lead, ServiceObject):
        return lead.ref.name in picking
    return any(target is None or target in picking for target in lead.targets)


def _picks(service: ServiceObject, labels: Labels) -> bool:
    selector = service.selector or {}
    return bool(selector) and all(labels.get(key) == value for key, value in selector.items())


def _said(lead: Lead) -> object:
    """What a lead says; where it is written does not count."""
    if isinstance(lead, EntryObject):
        return [each._replace(line=0) for each in lead.backends]
    if isinstance(lead, ServiceObject):
        return lead.selector, lead.ports, lead.external
    return lead.sources, lead.targets
