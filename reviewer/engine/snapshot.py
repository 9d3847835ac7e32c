"""One revision, answered: its cluster and who may reach whom in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from reviewer.base.diagnostics import Diagnostic
from reviewer.base.labels import Labels
from reviewer.cluster import Cluster

from .classes import Universe
from .exposed import Ends, Rows, judged, of_side
from .exposure import subjects
from .notices import notices
from .places import Places
from .reachability import Reachability
from .rules import Compiler, Tables
from .selection import Selection
from .tiers import Side


class Snapshot(NamedTuple):
    """Everything one revision says. `commit` is None for a folder or file; `diagnostics` are
    those of reading, of the cluster and of its policies, in order. `texts` are the files that the
    other side of a comparison does not have alike, for lines inside an object."""

    name: str
    commit: str | None
    cluster: Cluster
    reachability: Reachability
    diagnostics: tuple[Diagnostic, ...]
    texts: Mapping[str, bytes] = MappingProxyType({})


def reach(clusters: Sequence[Cluster], exposure: str = "never") -> tuple[Reachability, ...]:
    """The reachability of one cluster, or of both sides of a comparison over one universe.

    `exposure` is `auto`, `always` or `never` (S-84).

    O(pods + policies + selected pods) until rows are asked for; then O(classes × pods ÷ 64).
    """
    universe = Universe(clusters, subjects(clusters, exposure))
    tables = Tables()
    places = Places(universe)
    found: list[Reachability] = []
    shared: Compiler | None = None
    for number, cluster in enumerate(clusters):
        if shared is None or _labels(cluster) != _labels(clusters[0]):
            shared = Compiler(universe, Selection(universe, cluster), tables)
        for policy in cluster.policies:  # every name of a port is known before pods are told apart
            shared.ready(policy)
        side = Side(universe, cluster.policies, shared, tables, places)
        found.append(Reachability(universe, number, side, cluster))
    if exposure == "always" or universe.subjects:
        ends = Ends(universe, everywhere=exposure == "always")
        for each, peers in zip(found, judged(ends, found), strict=True):
            each.exposed = Rows(ends, of_side(each, peers))
    for each in found:
        each.diagnostics = notices(each)
    return tuple(found)


def _labels(cluster: Cluster) -> dict[str, Labels]:
    return {name: each.labels for name, each in cluster.namespaces.items()}
