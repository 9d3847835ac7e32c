"""One universe of columns for both sides of a comparison.

A *column* is one pod that policies may tell apart: mostly one for each workload, more where its
pods differ (S-25) or where base and head say different things of them. Both sides share the
columns, so their sets compare by value, and a column that a side does not have is masked out.
Columns are sorted like their ends (S-76), so the pods of a namespace are one range.

Beside pods there are columns for pods that are not in the manifests: one for each subject of
S-88, known only by its selectors, and one for each namespace in which the ingress controller may
be (S-80). They are selected by implication or by their namespace, not by labels.

Example: base has shop/web and shop/db, head has shop/web with other labels and no shop/db. The
columns are 0 shop/db, 1 shop/web as in base, 2 shop/web as in head; base has the bits 0b011, head
0b100; folded to ends, both 1 and 2 are shop/web.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from reviewer.base.labels import Labels, Selector, named_namespaces
from reviewer.cluster import Cluster, Pod, Workload
from reviewer.manifests import ContainerPort

from .bits import bits_of, ones, span
from .postings import Postings
from .types import INGRESS_CONTROLLER, Endpoint, SelectorEndpoint, WorkloadEndpoint

NOWHERE = ""
"""The namespace of a column whose namespace is not known."""


class Column(NamedTuple):
    """One column: its end, its pod (None where it is not in the manifests), its namespace."""

    end: int
    pod: Pod | None
    namespace: str


class Universe:
    """The columns of one or two clusters, and how sets of them are found and read.

    `ends` are the endpoints in S-76's order; `first[c]` is the column that stands for the end of
    column c, `leaders[e]` the one of end e; `present[side]` are the columns that a side has.
    `extras` are the columns that stand for nobody, `split` those that stand for others too.
    """

    def __init__(
        self, clusters: Sequence[Cluster], subjects: Sequence[SelectorEndpoint] = ()
    ) -> None:
        self.clusters = tuple(clusters)
        self.settings = clusters[0].settings
        self.ends: list[Endpoint] = []
        self.columns: list[Column] = []
        self.first: list[int] = []
        self.leaders: list[int] = []
        self.present: list[int] = []
        self.ranges: dict[str, tuple[int, int]] = {}
        self.of_end: list[dict[int, tuple[int, ...]]] = [{} for _ in clusters]
        self._add_workloads()
        self.pods_end = len(self.columns)
        self._add_subjects(subjects)
        self.subjects_end = len(self.columns)
        self._add_controllers()
        self.size = len(self.columns)
        self.all = (1 << self.size) - 1
        self.pods = span(0, self.pods_end)
        self.subjects = span(self.pods_end, self.subjects_end)
        self.controllers = span(self.subjects_end, self.size)
        self.extras = 0
        self.split = 0
        for column, leader in enumerate(self.first):
            if column != leader:
                self.extras |= 1 << column
                self.split |= 1 << leader
        self.host = 0
        for column, (_, pod, _) in enumerate(self.columns):
            if pod is not None and pod.host_network:
                self.host |= 1 << column
        self.end_index = {end: i for i, end in enumerate(self.ends)}
        self._indexes: dict[str, Postings] = {}
        self._everywhere: Postings | None = None

    def _add_workloads(self) -> None:
        sides = [{each.id: each for each in cluster.workloads} for cluster in self.clusters]
        present: list[list[int]] = [[] for _ in sides]
        for name in sorted(set().union(*sides)):
            end = self._open(WorkloadEndpoint(name))
            start = len(self.columns)
            variants: dict[object, int] = {}
            namespace = NOWHERE
            for side, workloads in enumerate(sides):
                workload = workloads.get(name)
                if workload is None:
                    continue
                namespace = workload.namespace
                if side and workload is sides[0].get(name):
                    at = self.of_end[0][end]  # one object for both sides: the same pods
                else:
                    at = tuple(self._variant(variants, end, pod, workload) for pod in workload.pods)
                self.of_end[side][end] = at
                present[side] += at
            low, _ = self.ranges.get(namespace, (start, 0))
            self.ranges[namespace] = low, len(self.columns)
        self.present = [bits_of(columns) for columns in present]

    def _variant(self, variants: dict[object, int], end: int, pod: Pod, workload: Workload) -> int:
        """The column of this pod; a new one unless its end has an equal pod already."""
        key = (frozenset(pod.labels.items()), pod.ports, pod.host_network, pod.addresses)
        at = variants.get(key)
        if at is None:
            at = variants[key] = len(self.columns)
            self._column(end, pod, workload.namespace, next(iter(variants.values())))
        return at

    def _add_subjects(self, subjects: Sequence[SelectorEndpoint]) -> None:
        for subject in subjects:
            end = self._open(subject)
            names = named_namespaces(subject.namespaces)
            namespace = names[0] if names and len(names) == 1 else NOWHERE
            self._everyones(end, namespace)

    def _add_controllers(self) -> None:
        if not any(cluster.entries for cluster in self.clusters):
            return
        end = self._open(INGRESS_CONTROLLER)
        start = len(self.columns)
        for namespace in self.settings.ingress_controllers:
            self._everyones(end, namespace, start)

    def _open(self, end: Endpoint) -> int:
        self.ends.append(end)
        self.leaders.append(len(self.columns))
        return len(self.ends) - 1

    def _everyones(self, end: int, namespace: str, leader: int | None = None) -> None:
        """A column that every side has."""
        at = len(self.columns)
        self._column(end, None, namespace, at if leader is None else leader)
        for side in range(len(self.present)):
            self.present[side] |= 1 << at
            self.of_end[side][end] = (*self.of_end[side].get(end, ()), at)

    def _column(self, end: int, pod: Pod | None, namespace: str, leader: int) -> None:
        self.columns.append(Column(end, pod, namespace))
        self.first.append(leader)

    # -- sets of columns -------------------------------------------------------------------

    def pods_in(self, namespace: str, asked: Selector) -> int:
        """The pods of one namespace that a pod selector matches (host-network pods never)."""
        low, high = self.ranges.get(namespace, (0, 0))
        if low == high:
            return 0
        index = self._indexes.get(namespace)
        if index is None:
            index = Postings(_labels(column.pod) for column in self.columns[low:high])
            self._indexes[namespace] = index
        return index.matching(asked) << low

    def pods_anywhere(self, asked: Selector) -> int:
        """The pods of the whole cluster that a pod selector matches."""
        if self._everywhere is None:
            pods = (_labels(column.pod) for column in self.columns[: self.pods_end])
            self._everywhere = Postings(pods)
        return self._everywhere.matching(asked)

    def fold(self, bits: int) -> int:
        """The same set with one column for each end: the one that stands for it."""
        extra = bits & self.extras
        if not extra:
            return bits
        bits ^= extra
        for column in ones(extra):
            bits |= 1 << self.first[column]
        return bits

    def ports_of(self, column: int) -> tuple[ContainerPort, ...]:
        """The container ports that names resolve to; none on host-network pods (S-27)."""
        pod = self.columns[column].pod
        return () if pod is None or pod.host_network else pod.ports


def _labels(pod: Pod | None) -> Labels | None:
    return None if pod is None or pod.host_network else pod.labels
