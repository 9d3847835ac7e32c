"""One side as checks look at it: workloads by name and label, what selectors mean there, traits.

The answers are kept as long as the view lives, which is one review; nothing outlives it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from reviewer.base.addresses import AddressSet
from reviewer.base.documents import ObjectRef, Origin
from reviewer.base.labels import (
    Labels,
    Operator,
    Selector,
    named_namespaces,
)
from reviewer.base.ports import ALL_PORTS, PortSet
from reviewer.cluster import Namespace, Workload
from reviewer.engine import (
    Endpoint,
    ExternalEndpoint,
    IngressControllerEndpoint,
    SelectorEndpoint,
    Snapshot,
    WorkloadEndpoint,
    ones,
)
from reviewer.manifests import PodSelector, Policy, ServiceObject, Tier

from .parts import Zoning
from .preferences import (
    CidrsEnd,
    End,
    Ends,
    Place,
    Preferences,
    SelectedEnd,
    SensitiveEntry,
    WorkloadEnd,
)
from .sensitivity import Traits, traits


def known_labels(selector: Selector) -> dict[str, str]:
    """The labels that a selector requires with one value: all that is known of its pods (F-9)."""
    return {
        each.key: each.values[0]
        for each in selector
        if each.operator is Operator.IN and len(each.values) == 1
    }


def single_namespace(selector: Selector) -> str | None:
    """The one namespace a selector names outright; else None."""
    names = named_namespaces(selector)
    return names[0] if names and len(names) == 1 else None


class WayIn(NamedTuple):
    """An entry, the place of its backend, and what it leads to."""

    entry: ObjectRef
    origin: Origin
    workload: str
    ports: PortSet


class View:
    """One side of the review."""

    def __init__(self, snapshot: Snapshot, preferences: Preferences, zoning: Zoning) -> None:
        self.snapshot = snapshot
        self.reachability = snapshot.reachability
        self.cluster = snapshot.cluster
        self.workloads: Mapping[str, Workload] = {w.id: w for w in snapshot.cluster.workloads}
        self.policies: Mapping[ObjectRef, Policy] = {p.ref: p for p in snapshot.cluster.policies}
        self.named: Mapping[tuple[str, str], Policy] = {
            (p.ref.kind, p.ref.path): p for p in snapshot.cluster.policies
        }
        self.homes: dict[str, list[Policy]] = {}
        self.baseline: list[Policy] = []
        for policy in snapshot.cluster.policies:
            if policy.tier is Tier.NAMESPACED:
                self.homes.setdefault(policy.ref.namespace, []).append(policy)
            elif policy.tier is Tier.BASELINE:
                self.baseline.append(policy)
        self.by_namespace: dict[str, list[Workload]] = {}
        for each in snapshot.cluster.workloads:
            self.by_namespace.setdefault(each.namespace, []).append(each)
        self.services: dict[str, list[ServiceObject]] = {}
        for service in snapshot.cluster.services:
            if service.selector:
                self.services.setdefault(service.ref.namespace, []).append(service)
        self._zoning = zoning
        self._sensitive = preferences.sensitive
        self._traits: dict[Endpoint, Traits] = {}
        self._matched: dict[PodSelector, tuple[Workload, ...]] = {}
        self._named: dict[Selector, tuple[str, ...]] = {}
        self._selected_by: dict[str, list[Policy]] | None = None
        self._postings: dict[tuple[str, str], list[Workload]] | None = None

    # --- what selectors mean ------------------------------------------------------------------

    def matched(self, asked: PodSelector) -> tuple[Workload, ...]:
        """The workloads with a pod that it selects, by id; host-network pods never (S-27, S-44)."""
        found = self._matched.get(asked)
        if found is None:
            found = tuple(w for w in self._candidates(asked) if selects(asked.pods, w))
            self._matched[asked] = found
        return found

    def subjects(self, policy: Policy) -> tuple[Workload, ...]:
        """The workloads a policy selects (S-40, S-62)."""
        return self.matched(policy.subject)

    def selected_by(self, workload: str) -> Sequence[Policy]:
        """The policies of any tier that select a workload."""
        if self._selected_by is None:
            self._selected_by = {}
            for policy in self.cluster.policies:
                for each in self.subjects(policy):
                    self._selected_by.setdefault(each.id, []).append(policy)
        return self._selected_by.get(workload, ())

    def namespaces(self, asked: Selector) -> tuple[str, ...]:
        """The namespaces of this side that a selector matches (S-20)."""
        found = self._named.get(asked)
        if found is None:
            names = named_namespaces(asked)
            known = self.cluster.namespaces
            if names is not None:
                found = tuple(name for name in names if name in known)
            else:
                found = tuple(n for n, each in known.items() if asked.matches(each.labels))
            self._named[asked] = found
        return found

    def populated(self, asked: Selector) -> tuple[str, ...]:
        """Those of them that have workloads."""
        return tuple(name for name in self.namespaces(asked) if name in self.by_namespace)

    def inhabitants(self, names: Iterable[str]) -> Iterator[Workload]:
        """The workloads of these namespaces."""
        for name in names:
            yield from self.by_namespace.get(name, ())

    def _candidates(self, asked: PodSelector) -> Iterable[Workload]:
        names = self.populated(asked.namespaces)
        if len(names) <= 4:
            return self.inhabitants(names)
        known = known_labels(asked.pods)
        if not known:
            return self.inhabitants(names)
        held = set(names)
        lists = [self._posted(key, value) for key, value in known.items()]
        return (w for w in min(lists, key=len) if w.namespace in held)

    def _posted(self, key: str, value: str) -> list[Workload]:
        """The workloads of which some pod carries this label."""
        if self._postings is None:
            self._postings = {}
            for each in self.cluster.workloads:
                for pair in {pair for pod in each.pods for pair in pod.labels.items()}:
                    self._postings.setdefault(pair, []).append(each)
        return self._postings.get((key, value), [])

    # --- ends ---------------------------------------------------------------------------------

    def namespace_of(self, end: Endpoint) -> str | None:
        """The namespace a workload or subject is in; None of anything else."""
        match end:
            case WorkloadEndpoint(id=name):
                return name.partition("/")[0]
            case SelectorEndpoint(namespaces=namespaces):
                return single_namespace(namespaces)
            case _:
                return None

    def labels_of_namespace(self, name: str) -> Labels:
        """The labels S-20 gives a namespace."""
        found: Namespace | None = self.cluster.namespaces.get(name)
        return found.labels if found else {}

    def holds(self, ends: Ends | None, end: Endpoint) -> bool:
        """Whether an end is in any of these (F-20); None holds everything."""
        return ends is None or any(self._in(each, end) for each in ends)

    def _in(self, asked: End, end: Endpoint) -> bool:
        match asked, end:
            case Place.CONTROLLER, IngressControllerEndpoint():
                return True
            case Place.WORKLOADS, WorkloadEndpoint() | SelectorEndpoint():
                return True
            case Place(), ExternalEndpoint(addresses=addresses):
                cut = self._zoning.cut(addresses)
                found = {
                    Place.INTERNET: cut.public,
                    Place.PRIVATE: cut.private,
                    Place.TRUSTED: cut.trusted,
                }.get(asked)
                return found is not None and bool(found.spans)
            case CidrsEnd(blocks=blocks), ExternalEndpoint(addresses=addresses):
                return any(
                    block.family == addresses.family and bool(block.intersection(addresses).spans)
                    for block in blocks
                )
            case WorkloadEnd(id=name), WorkloadEndpoint(id=other):
                return name == other
            case SelectedEnd(), WorkloadEndpoint() | SelectorEndpoint():
                return self._selected(asked, end)
            case _:
                return False

    def _selected(self, asked: SelectedEnd, end: WorkloadEndpoint | SelectorEndpoint) -> bool:
        if isinstance(end, SelectorEndpoint):
            name = single_namespace(end.namespaces)
            labels = self.labels_of_namespace(name) if name else known_labels(end.namespaces)
            return asked.namespaces.matches(labels) and asked.pods.matches(known_labels(end.pods))
        workload = self.workloads.get(end.id)
        if workload is None:
            return False
        namespace = self.labels_of_namespace(workload.namespace)
        return asked.namespaces.matches(namespace) and asked.pods.matches(workload.labels)

    def members(self, ends: Ends) -> tuple[str, ...]:
        """The workloads of this side that are in any of these, by id."""
        return tuple(name for name in self.workloads if self.holds(ends, WorkloadEndpoint(name)))

    def public(self, addresses: AddressSet) -> AddressSet:
        """The public part of outside addresses (F-10)."""
        return self._zoning.public(addresses)

    # --- traits -------------------------------------------------------------------------------

    def traits(self, end: Endpoint) -> Traits:
        """What makes a workload or subject sensitive (F-9, F-12)."""
        found = self._traits.get(end)
        if found is None:
            found = self._traits[end] = self._find_traits(end)
        return found

    def _find_traits(self, end: Endpoint) -> Traits:
        configured = tuple(
            (each.ports or ALL_PORTS, _reason(each))
            for each in self._sensitive
            if self.holds(each.ends, end)
        )
        workload = self.workloads.get(end.id) if isinstance(end, WorkloadEndpoint) else None
        if workload is not None:
            return traits(
                workload.labels,
                workload.declared,
                workload.scrape,
                workload.namespace,
                configured,
            )
        known = known_labels(end.pods) if isinstance(end, SelectorEndpoint) else {}
        return traits(known, (), "", self.namespace_of(end), configured)

    def service(self, namespace: str, name: str) -> ServiceObject | None:
        """The Service of that name, if it has a selector."""
        found = self.services.get(namespace, ())
        return next((each for each in found if each.ref.name == name), None)

    # --- ways in ------------------------------------------------------------------------------

    def ways(self) -> Iterator[WayIn]:
        """What leads in from outside to which workload on which ports (S-82)."""
        universe = self.reachability.universe
        for way in self.reachability.ways.ways:
            found: dict[str, PortSet] = {}
            for column, ports in way.ports.items():
                end = universe.ends[universe.columns[column].end]
                if isinstance(end, WorkloadEndpoint):
                    found[end.id] = found.get(end.id, PortSet()) | ports
            for name, ports in found.items():
                yield WayIn(way.entry, way.origin, name, ports)

    # --- reach --------------------------------------------------------------------------------

    def bits(self, names: Iterable[str]) -> int:
        """Workloads as a set of bits, as `entering` takes it."""
        universe, reach = self.reachability.universe, self.reachability
        found = 0
        for name in names:
            found |= 1 << universe.first[reach.columns(WorkloadEndpoint(name))[0]]
        return found

    def entering(self, name: str, sources: int) -> Iterator[tuple[PortSet, tuple[str, ...]]]:
        """Which of these sources may reach a workload, by ports; itself left out."""
        universe, reach = self.reachability.universe, self.reachability
        at = universe.end_index[WorkloadEndpoint(name)]
        sources &= ~reach.self_bit(at)
        for ports, held in reach.row(reach.classes[at]).items():
            if held & sources:
                yield ports, self.names(held & sources)

    def names(self, bits: int) -> tuple[str, ...]:
        """The workloads of a set of bits, by id."""
        universe = self.reachability.universe
        ends = (universe.ends[universe.columns[at].end] for at in ones(bits))
        return tuple(sorted(end.id for end in ends if isinstance(end, WorkloadEndpoint)))

    def ports(self, source: Endpoint, destination: Endpoint) -> PortSet:
        """What one may do to the other; nothing where a workload is not on this side."""
        for end in (source, destination):
            if isinstance(end, WorkloadEndpoint) and end.id not in self.workloads:
                return PortSet()
        return self.reachability.ports(source, destination)


def _reason(entry: SensitiveEntry) -> str:
    return f"configured as {entry.why}" if entry.why else "the configuration says so"


def selects(pods: Selector, workload: Workload) -> bool:
    """Whether some pod of a workload is selected; host-network pods never are."""
    return any(not pod.host_network and pods.matches(pod.labels) for pod in workload.pods)
