"""Decides who may talk to whom, exactly, and why."""

from .bits import bits_of, ones
from .classes import Universe
from .entries import Ways
from .equal_priority import tied, ties
from .explanation import Deciding, Explanation, SideAnswer, explain
from .graph import FlowGraph, as_graph, shortest_chains
from .nearest import Missing, Nearly
from .outside import Sweep
from .outside import combine as sweep_combine
from .outside import difference as sweep_difference
from .outside import row_count as sweep_row_count
from .outside import rows as sweep_rows
from .reachability import Reachability, expanded
from .rows import Row
from .rows import difference as row_difference
from .rows import meet as row_meet
from .rows import sources as row_sources
from .rows import union as row_union
from .rows import within as row_within
from .sided import Class
from .single import rule_row, rule_sweep
from .snapshot import Snapshot, reach
from .tiers import Side as PolicySide
from .types import (
    INGRESS_CONTROLLER,
    Endpoint,
    ExternalEndpoint,
    Flow,
    IngressControllerEndpoint,
    SelectorEndpoint,
    WorkloadEndpoint,
    rank,
)
from .versions import Alike
from .worlds import World, Worlds

__all__ = [
    "INGRESS_CONTROLLER",
    "Alike",
    "Class",
    "Deciding",
    "Endpoint",
    "Explanation",
    "ExternalEndpoint",
    "Flow",
    "FlowGraph",
    "IngressControllerEndpoint",
    "Missing",
    "Nearly",
    "PolicySide",
    "Reachability",
    "Row",
    "SelectorEndpoint",
    "SideAnswer",
    "Snapshot",
    "Sweep",
    "Universe",
    "Ways",
    "WorkloadEndpoint",
    "World",
    "Worlds",
    "as_graph",
    "bits_of",
    "expanded",
    "explain",
    "ones",
    "rank",
    "reach",
    "row_difference",
    "row_meet",
    "row_sources",
    "row_union",
    "row_within",
    "rule_row",
    "rule_sweep",
    "shortest_chains",
    "sweep_combine",
    "sweep_difference",
    "sweep_row_count",
    "sweep_rows",
    "tied",
    "ties",
]
