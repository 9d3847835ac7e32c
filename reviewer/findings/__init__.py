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
from .registry import CHECKS, IDS, arranged, inspect
from .scene import set_audit, set_scene
from .severity import SEVERITIES, Severity
from .types import Check, Finding, Grade, Mode, PathSearch, Scene

__all__ = [
    "CHECKS",
    "IDS",
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
    "arranged",
    "finding",
    "inspect",
    "set_audit",
    "set_scene",
]
