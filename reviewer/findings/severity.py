"""How grave things are: the five words (F-1) and the table of an opened row (F-13)."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple


class Severity(IntEnum):
    """Gravest first, so that sorting ascending puts what matters on top (F-1)."""

    CRITICAL = 0
    HIGH = 1
    MEDIUM = 2
    LOW = 3
    INFO = 4

    @property
    def word(self) -> str:
        """As printed."""
        return self.name.lower()


SEVERITIES: dict[str, Severity] = {each.word: each for each in Severity}
"""Every severity by its word."""


def step_down(severity: Severity) -> Severity:
    """One step less grave; low stays low (F-14)."""
    return min(Severity(severity + 1), Severity.LOW)


class Line(NamedTuple):
    """One line of F-13: its number, and the severity it gives before context."""

    number: int
    severity: Severity

    @property
    def name(self) -> str:
        """As printed in `severity_rule`."""
        return f"R{self.number}"


class Entering(IntEnum):
    """Who gains a workload, in the order of F-13's left half."""

    INTERNET = 0
    PUBLIC = 1
    CONTROLLER = 2
    PRIVATE = 3
    SELECTED = 4
    OTHER_NAMESPACE = 5
    TRUSTED = 6
    SAME_NAMESPACE = 7


class Leaving(IntEnum):
    """What a workload gains, in the order of F-13's right half."""

    METADATA = 0
    INTERNET = 1
    PUBLIC = 2
    REST = 3


_C, _H, _M, _L = Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW

ENTERING: dict[Entering, tuple[Line, Line]] = {
    Entering.INTERNET: (Line(1, _C), Line(2, _H)),
    Entering.PUBLIC: (Line(3, _H), Line(4, _M)),
    Entering.CONTROLLER: (Line(5, _H), Line(6, _M)),
    Entering.PRIVATE: (Line(7, _H), Line(8, _M)),
    Entering.SELECTED: (Line(9, _H), Line(10, _M)),
    Entering.OTHER_NAMESPACE: (Line(11, _H), Line(12, _M)),
    Entering.TRUSTED: (Line(13, _M), Line(14, _L)),
    Entering.SAME_NAMESPACE: (Line(15, _M), Line(16, _L)),
}
"""Where the workload is sensitive at the port, and where it is not (F-13)."""

LEAVING: dict[Leaving, tuple[Line, Line]] = {
    Leaving.METADATA: (Line(17, _H), Line(17, _H)),
    Leaving.INTERNET: (Line(18, _H), Line(19, _M)),
    Leaving.PUBLIC: (Line(20, _M), Line(21, _L)),
    Leaving.REST: (Line(22, _L), Line(22, _L)),
}
"""Where the source is a sensitive workload, and where it is not (F-13)."""
