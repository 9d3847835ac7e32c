"""Says what changed between two snapshots and which edit caused it."""

from .comparison import compare
from .paths import Closures, Web
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
    "Closures",
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
