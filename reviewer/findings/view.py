"""One side as checks look at it: workloads by name and label, what selectors mean there, traits.

The answers are kept as long as the view lives, which is one review; nothing outlives it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from reviewer.base.addresses import AddressSet
from reviewer.base.documents import ObjectRef, Origin
from reviewer.base.labels import Labels, Operator, Selector, named_namespaces
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
from reviewer.manifests import Direction, PodSelector, Policy, Tier

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
from .services import Services


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


FEW = 4
"""Up to so many namespaces are asked one by one without looking at the whole cluster."""


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
        self.admin: list[Policy] = []
        self.baseline: list[Policy] = []
        self.has_namespaces = any(
            each.origin is not None for each in snapshot.cluster.namespaces.values()
        )
        for policy in snapshot.cluster.policies:
            if policy.tier is Tier.NAMESPACED:
                self.homes.setdefault(policy.ref.namespace, []).append(policy)
            elif policy.tier is Tier.BASELINE:
                self.baseline.append(policy)
            else:
                self.admin.append(policy)
        self.by_namespace: dict[str, list[Workload]] = {}
        for each in snapshot.cluster.workloads:
            self.by_namespace.setdefault(each.namespace, []).append(each)
        self.services = Services(snapshot.cluster.services)
        self.unfinished: set[str] = set()
        """Checks that stopped before they had looked at everything."""
        self._zoning = zoning
        self._sensitive = preferences.sensitive
        self._traits: dict[Endpoint, Traits] = {}
        self._matched: dict[PodSelector, tuple[Workload, ...]] = {}
        self._meant: dict[PodSelector, frozenset[str]] = {}
        self._named: dict[Selector, tuple[str, ...]] = {}
        self._declared: dict[PodSelector, frozenset[tuple[str, int]]] = {}
        self._unrestricted: dict[tuple[str, Direction], bool] = {}
        self._selected_by: dict[str, dict[str, list[Policy]]] = {}
        self._places: dict[tuple[str, str], list[str]] | None = None
        self._postings: dict[str, dict[tuple[str, str], list[Workload]]] = {}

    # --- what selectors mean ------------------------------------------------------------------

    def matched(self, asked: PodSelector) -> tuple[Workload, ...]:
        """The workloads with a pod that it selects, by id; host-network pods never (S-27, S-44)."""
        found = self._matched.get(asked)
        if found is None:
            found = self._matched[asked] = tuple(self._find(asked))
        return found

    def meant(self, asked: PodSelector) -> frozenset[str]:
        """The ids of the workloads that a selector matches."""
        found = self._meant.get(asked)
        if found is None:
            found = self._meant[asked] = frozenset(each.id for each in self.matched(asked))
        return found

    def subjects(self, policy: Policy) -> tuple[Workload, ...]:
        """The workloads a policy selects (S-40, S-62)."""
        found = self._matched.get(policy.subject)
        if found is None:
            names = self.reachability.selected(policy)
            found = self._matched[policy.subject] = tuple(self.workloads[name] for name in names)
        return found

    def declared(self, policy: Policy) -> frozenset[tuple[str, int]]:
        """The (protocol, port) pairs that a policy's subjects declare."""
        found = self._declared.get(policy.subject)
        if found is None:
            subjects = self.subjects(policy)
            found = frozenset((p.protocol, p.number) for each in subjects for p in each.declared)
            self._declared[policy.subject] = found
        return found

    def selected_by(self, workload: str) -> Sequence[Policy]:
        """The policies of any tier that select a workload; found a namespace at a time."""
        home = workload.partition("/")[0]
        found = self._selected_by.get(home)
        if found is None:
            found = self._selected_by[home] = {}
            for policy in (*self.admin, *self.homes.get(home, ()), *self.baseline):
                for each in self.subjects(policy):
                    if each.namespace == home:
                        found.setdefault(each.id, []).append(policy)
        return found.get(workload, ())

    def namespaces(self, asked: Selector) -> tuple[str, ...]:
        """The namespaces of this side that a selector matches (S-20)."""
        found = self._named.get(asked)
        if found is None:
            names = named_namespaces(asked)
            known = self.cluster.namespaces
            if names is not None:
                found = tuple(name for name in names if name in known)
            elif not asked:
                found = tuple(known)
            else:
                found = self._labelled(asked)
            self._named[asked] = found
        return found

    def _labelled(self, asked: Selector) -> tuple[str, ...]:
        """By the namespaces that carry one of the values it asks for, if it asks for some."""
        known = self.cluster.namespaces
        if self._places is None:
            self._places = {}
            for name, each in known.items():
                for pair in each.labels.items():
                    self._places.setdefault(pair, []).append(name)
        wanted = next((each for each in asked if each.operator is Operator.IN), None)
        if wanted is None:
            return tuple(name for name in known if asked.matches(known[name].labels))
        names = {n for value in wanted.values for n in self._places.get((wanted.key, value), ())}
        rest = Selector(each for each in asked if each is not wanted)
        return tuple(sorted(n for n in names if not rest or rest.matches(known[n].labels)))

    def populated(self, asked: Selector) -> tuple[str, ...]:
        """Those of them that have workloads."""
        return tuple(name for name in self.namespaces(asked) if name in self.by_namespace)

    def inhabitants(self, names: Iterable[str]) -> Iterator[Workload]:
        """The workloads of these namespaces."""
        for name in names:
            yield from self.by_namespace.get(name, ())

    def _find(self, asked: PodSelector) -> Iterable[Workload]:
        """By the values it asks of the first label, if it asks for some: by the index of each
        namespace, or by the whole cluster's where it has fewer workloads than those are."""
        names = self.populated(asked.namespaces)
        wanted = next((each for each in asked.pods if each.operator is Operator.IN), None)
        if wanted is None:
            return (w for w in self.inhabitants(names) if selects(asked.pods, w))
        pairs = [(wanted.key, value) for value in wanted.values]
        few, held = len(names) <= FEW, set(names)
        few = few or len(names) < sum(len(self._index("").get(pair, ())) for pair in pairs)
        found = {
            each.id: each
            for place in (names if few else ("",))
            for pair in pairs
            for each in self._index(place).get(pair, ())
            if few or each.namespace in held
        }
        ordered = [found[name] for name in sorted(found)]
        if len(asked.pods) == 1:
            return ordered
        return (w for w in ordered if selects(asked.pods, w))

    def _index(self, namespace: str) -> dict[tuple[str, str], list[Workload]]:
        """The workloads of a namespace, or of all for "", by the labels of their pods; pods on the
        host's network have none here, since no selector matches them (S-27)."""
        found = self._postings.get(namespace)
        if found is None:
            found = self._postings[namespace] = {}
            here = self.by_namespace.get(namespace, self.cluster.workloads)
            for each in here:
                own = [pod.labels.items() for pod in each.pods if not pod.host_network]
                pairs = own[0] if len(own) == 1 else {pair for labels in own for pair in labels}
                for pair in pairs:
                    found.setdefault(pair, []).append(each)
        return found

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

    def holds_source(self, ends: Ends | None, end: Endpoint) -> bool:
        """The same of a source, as which metadata counts as private (F-10)."""
        if ends and Place.PRIVATE in ends and isinstance(end, ExternalEndpoint):
            return self.holds(ends, end) or bool(self._zoning.cut(end.addresses).metadata.spans)
        return self.holds(ends, end)

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

    def unrestricted(self, name: str, direction: Direction) -> bool:
        """Whether that side of a workload lets everything through (F-14)."""
        found = self._unrestricted.get((name, direction))
        if found is None:
            found = self.reachability.unrestricted(name, direction)
            self._unrestricted[name, direction] = found
        return found

    def bits(self, names: Iterable[str]) -> int:
        """Workloads as a set of bits, as `entering` takes it."""
        universe, reach = self.reachability.universe, self.reachability
        found = 0
        for name in names:
            found |= 1 << universe.first[reach.columns(WorkloadEndpoint(name))[0]]
        return found

    def entering(self, name: str, sources: int) -> Iterator[tuple[PortSet, tuple[str, ...]]]:
        """Which of these sources may reach a workload, by ports; itself left out."""
        for ports, held in self.entering_bits(name, sources):
            yield ports, self.names(held)

    def entering_bits(self, name: str, sources: int) -> Iterator[tuple[PortSet, int]]:
        """The same as bits; -1 asks for every source."""
        universe, reach = self.reachability.universe, self.reachability
        at = universe.end_index[WorkloadEndpoint(name)]
        sources &= ~(reach.self_bit(at) | universe.controllers)
        for ports, held in reach.row(reach.classes[at]).items():
            if held & sources:
                yield ports, held & sources

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
    if not pods:
        return not workload.host_network
    return any(not pod.host_network and pods.matches(pod.labels) for pod in workload.pods)
