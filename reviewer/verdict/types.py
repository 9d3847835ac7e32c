"""The decision: the threshold, what a person accepted, and the one word that comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from reviewer.base.documents import Origin
from reviewer.base.ports import PortSet
from reviewer.delta import Delta
from reviewer.engine import Endpoint, ExternalEndpoint
from reviewer.findings import Finding, Grade, Preferences, Severity


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


class WaivedFlow(NamedTuple):
    """The flow an entry accepts: a workload, selector or controller end as it is, outside ends as
    one set for each family that was written (F-60)."""

    source: Endpoint | tuple[ExternalEndpoint, ...]
    destination: Endpoint | tuple[ExternalEndpoint, ...]
    ports: PortSet


class Waiver(NamedTuple):
    """An entry of `waivers:` (F-60): exactly one of a finding's id and a flow.

    `expires` is its last valid day in UTC, `YYYY-MM-DD`, so that days compare as text.
    """

    owner: str
    reason: str
    expires: str
    origin: Origin
    finding: str | None = None
    flow: WaivedFlow | None = None

    @property
    def acceptance(self) -> Waived:
        """What is printed beside something it accepts."""
        return Waived(self.owner, self.reason, self.expires, self.origin)


class Gate(NamedTuple):
    """The threshold: rows and findings at or above it fail; None is `fail-on: never`."""

    fail_on: Severity | None = Severity.HIGH


class Case(NamedTuple):
    """All that a verdict is about.

    In `audit` delta is None and `grades` is empty. `today` is the day in UTC as `YYYY-MM-DD`.
    `strict` says why `--strict` fails the gate, "" where it does not. `approval` is a review that
    accepts what is left (G-34); it is asked for only when the gate would fail without it.
    `preferences` may disable the findings that waivers give rise to, or grade them (F-21).
    """

    findings: tuple[Finding, ...]
    gate: Gate
    today: str
    delta: Delta | None = None
    grades: tuple[Grade, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    strict: str = ""
    approval: Approved | None = None
    preferences: Preferences = Preferences()


class Verdict(NamedTuple):
    """The decision (G-33): one word and the sentences behind it; what was accepted, by index of
    `delta.opened` and by finding id. `notes` are the findings that waivers themselves gave rise to
    (F-62, F-63); they belong to the findings that are printed."""

    conclusion: str
    reasons: tuple[str, ...]
    accepted_rows: Mapping[int, Acceptance] = MappingProxyType({})
    accepted_findings: Mapping[str, Acceptance] = MappingProxyType({})
    notes: tuple[Finding, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether the exit code is 1."""
        return self.conclusion == "failure"
