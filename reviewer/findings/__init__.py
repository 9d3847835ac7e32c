"""Says what is worth a person's attention and how grave each change of a flow is."""

from .identity import finding
from .preferences import (
    CidrsEnd,
    End,
    Ends,
    Intent,
    Place,
    Preferences,
    SelectedEnd,
    SensitiveEntry,
    SeverityEntry,
    Transit,
    WorkloadEnd,
)
from .severity import SEVERITIES, Severity
from .types import Check, Finding, Grade, Mode, PathSearch, Scene

__all__ = [
    "SEVERITIES",
    "Check",
    "CidrsEnd",
    "End",
    "Ends",
    "Finding",
    "Grade",
    "Intent",
    "Mode",
    "PathSearch",
    "Place",
    "Preferences",
    "Scene",
    "SelectedEnd",
    "SensitiveEntry",
    "Severity",
    "SeverityEntry",
    "Transit",
    "WorkloadEnd",
    "finding",
]
