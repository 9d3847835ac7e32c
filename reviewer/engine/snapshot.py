"""One revision, answered: its cluster and who may reach whom in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reviewer.base.diagnostics import Diagnostic
from reviewer.cluster import Cluster

from .classes import Universe
from .places import Places
from .reachability import Reachability
from .rules import Compiler, Tables
from .selection import Selection
from .tiers import Side


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Everything one revision says. `commit` is None for a folder or file; `diagnostics` are
    those of reading, of the cluster and of its policies, in order."""

    name: str
    commit: str | None
    cluster: Cluster
    reachability: Reachability
    diagnostics: tuple[Diagnostic, ...]


def reach(clusters: Sequence[Cluster]) -> tuple[Reachability, ...]:
    """The reachability of one cluster, or of both sides of a comparison over one universe.

    O(pods + policies + selected pods) until rows are asked for; then O(classes × pods ÷ 64).
    """
    universe = Universe(clusters)
    tables = Tables()
    places = Places(universe)
    found: list[Reachability] = []
    shared: Compiler | None = None
    for number, cluster in enumerate(clusters):
        if shared is None or cluster.namespaces != clusters[0].namespaces:
            shared = Compiler(universe, Selection(universe, cluster), tables)
        compiled = shared
        for policy in cluster.policies:  # every name of a port is known before pods are told apart
            compiled.ready(policy)
        found.append(Reachability(universe, number, Side(universe, cluster, compiled, tables, places), cluster))
    return tuple(found)
