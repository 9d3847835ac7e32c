"""The decision: the threshold, what a person accepted, and the one word that comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from reviewer.base.documents import Origin
from reviewer.findings import Severity


class Waived(NamedTuple):
    """Accepted by an entry of the base side's configuration (F-60)."""

    owner: str
    reason: str
    expires: str
    origin: Origin


class Approved(NamedTuple):
    """Accepted by an approving review on exactly this commit (G-34)."""

    approver: str
    commit: str


Acceptance = Waived | Approved


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """The threshold: rows and findings at or above it fail; None is `fail-on: never`."""

    fail_on: Severity | None = Severity.HIGH


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The decision (G-33): one word and the sentences behind it; what was accepted, by index of
    `delta.opened` and by finding id."""

    conclusion: str
    reasons: tuple[str, ...]
    accepted_rows: Mapping[int, Acceptance] = field(default_factory=dict)
    accepted_findings: Mapping[str, Acceptance] = field(default_factory=dict)

    @property
    def failed(self) -> bool:
        """Whether the exit code is 1."""
        return self.conclusion == "failure"
