"""Decides who may talk to whom, exactly, and why."""

from .bits import ones
from .classes import Universe
from .explanation import Deciding, Explanation, SideAnswer, explain
from .nearest import Missing, Nearly
from .outside import Sweep
from .outside import combine as sweep_combine
from .outside import difference as sweep_difference
from .outside import rows as sweep_rows
from .reachability import Reachability, expanded
from .rows import Row
from .rows import difference as row_difference
from .rows import meet as row_meet
from .rows import sources as row_sources
from .sided import Class
from .single import rule_row, rule_sweep
from .snapshot import Snapshot, mixed, reach
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

__all__ = [
    "INGRESS_CONTROLLER",
    "Class",
    "Deciding",
    "Endpoint",
    "Explanation",
    "ExternalEndpoint",
    "Flow",
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
    "WorkloadEndpoint",
    "expanded",
    "explain",
    "mixed",
    "ones",
    "rank",
    "reach",
    "row_difference",
    "row_meet",
    "row_sources",
    "rule_row",
    "rule_sweep",
    "sweep_combine",
    "sweep_difference",
    "sweep_rows",
]
