"""Decides pass or fail, honouring waivers of the base side: a change cannot waive itself."""

from .gate import judge
from .types import Acceptance, Approved, Case, Gate, Verdict, Waived, WaivedFlow, Waiver

__all__ = [
    "Acceptance",
    "Approved",
    "Case",
    "Gate",
    "Verdict",
    "Waived",
    "WaivedFlow",
    "Waiver",
    "judge",
]
