"""Says what is worth a person's attention and how grave each change of a flow is."""

from .figures import (
    AuditFigures,
    BlastRadius,
    Coverage,
    Exposed,
    NamespaceFigures,
    RiskyRule,
    SensitiveFigures,
    Sides,
    measure,
)
from .identity import finding
from .messages import message
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
from .registry import CHECKS, IDS, arranged, inspect, preferred
from .scene import notices, set_audit, set_scene
from .severity import SEVERITIES, Severity
from .types import Check, Finding, Grade, Mode, PathSearch, Scene

__all__ = [
    "CHECKS",
    "IDS",
    "SEVERITIES",
    "AuditFigures",
    "BlastRadius",
    "Check",
    "CidrsEnd",
    "Coverage",
    "End",
    "Ends",
    "Exposed",
    "Finding",
    "Grade",
    "Intent",
    "Mode",
    "NamespaceFigures",
    "PathSearch",
    "Place",
    "Preferences",
    "RiskyRule",
    "Scene",
    "SelectedEnd",
    "SensitiveEntry",
    "SensitiveFigures",
    "Severity",
    "SeverityEntry",
    "Sides",
    "Transit",
    "WorkloadEnd",
    "arranged",
    "finding",
    "inspect",
    "measure",
    "message",
    "notices",
    "preferred",
    "set_audit",
    "set_scene",
]
