"""Says what changed between two snapshots and which edit caused it."""

from .comparison import compare
from .paths import Web
from .policies import details
from .types import (
    Cause,
    Change,
    Delta,
    FieldChange,
    FlowChange,
    PathEdge,
    PolicyChange,
    Side,
    TransitPath,
    WorkloadChanges,
)

__all__ = [
    "Cause",
    "Change",
    "Delta",
    "FieldChange",
    "FlowChange",
    "PathEdge",
    "PolicyChange",
    "Side",
    "TransitPath",
    "Web",
    "WorkloadChanges",
    "compare",
    "details",
]
