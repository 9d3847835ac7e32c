"""Which reach check speaks for which flow: for each exactly one, the first that fits (F-2, F-21).

The order is that of section 4: a removed policy, lost isolation, the metadata service and admin
ports come before what the line of F-13 says.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from reviewer.delta import Cause, Change, FlowChange, Side
from reviewer.engine import Endpoint, ExternalEndpoint, WorkloadEndpoint
from reviewer.manifests import Direction

from .facts import Facts
from .identity import canonical, cause_key
from .places import opening
from .sensitivity import ADMIN, mattering
from .severity import Severity
from .types import Grade, Scene, Spoken, Where

NEW = "new-workload-not-isolated"
DELETED = "policy-deleted-opens"
LOST = "lost-isolation"
METADATA = "metadata-service-reachable"
ADMIN_PORT = "admin-port-open"

_LINES: dict[str, tuple[int, ...]] = {
    METADATA: (17,),
    "world-ingress": (1, 2, 3, 4),
    "sensitive-open": (5, 7, 9, 11, 13, 15),
    "ingress-exposed": (6,),
    "private-range-open": (8,),
    "cross-namespace-open": (10, 12),
    "world-egress": (18, 19, 20),
}
BY_LINE: dict[str, str] = {
    f"R{number}": name for name, numbers in _LINES.items() for number in numbers
}
"""The check that a line of F-13 leads to, where none before it fits."""


def changed_rows(scene: Scene, enabled: Collection[str]) -> dict[str, tuple[Spoken, ...]]:
    """The opened rows by the check that speaks for them. O(rows)."""
    speakers = Speakers(scene.facts, enabled)
    found: dict[str, list[Spoken]] = {}
    rows = scene.delta.opened if scene.delta else ()
    for index, (row, grade) in enumerate(zip(rows, scene.grades, strict=True)):
        if grade.severity > Severity.MEDIUM and grade.context != "C1":
            continue
        name = speakers.known(row, grade)
        if name != NEW and grade.severity > Severity.MEDIUM:
            continue
        if name:
            source, destination, ports, because, _ = row
            spoken = Spoken(index, source, destination, ports, grade, speakers.where(because))
            found.setdefault(name, []).append(spoken)
    return {name: tuple(each) for name, each in found.items()}


class Speakers:
    """Finds the speaker of a row; what rows share is found once."""

    def __init__(self, facts: Facts, enabled: Collection[str]) -> None:
        self._facts = facts
        self._enabled = enabled
        self._deleted: dict[int, bool] = {}
        self._lost: dict[tuple[Endpoint, Direction], bool] = {}
        self._admin: dict[tuple[Endpoint, object], bool] = {}
        self._sources: dict[Endpoint, bool] = {}
        self._names: dict[tuple[int, int, bool], str | None] = {}
        self._where: dict[int, Where] = {}
        self._places: dict[Cause, Where] = {}

    def known(self, row: FlowChange, grade: Grade) -> str | None:
        """The speaker, found once for rows that are alike in all that decides it: rows that share
        a grade share destination and ports, or have an outside end and share it with none."""
        lost = self._sources.get(row.source)
        if lost is None:
            lost = self._sources[row.source] = self.lost(row.source, Direction.EGRESS)
        key = (id(row.because), id(grade), lost)
        if key not in self._names:
            self._names[key] = self.speaker(row, grade)
        return self._names[key]

    def speaker(self, row: FlowChange, grade: Grade) -> str | None:
        """The first enabled check that fits; None where none does."""
        return next((name for name in self._fitting(row, grade) if name in self._enabled), None)

    def _fitting(self, row: FlowChange, grade: Grade) -> Iterator[str]:
        if grade.context == "C1" and self._is_reported(row):
            yield NEW
            return
        if self._is_deleted(row.because):
            yield DELETED
        if self._is_lost(row):
            yield LOST
        if grade.line == "R17":
            yield METADATA
        if self.admin(row.destination, row):
            yield ADMIN_PORT
        if grade.line in BY_LINE:
            yield BY_LINE[grade.line]

    def _is_reported(self, row: FlowChange) -> bool:
        """Whether the new workload that a C1 row is owed to has a finding of its own; one on the
        host's network has none, nor one with open egress where nobody's is restricted."""
        end = row.source if self._facts.standing(row.destination) else row.destination
        return isinstance(end, WorkloadEndpoint) and bool(self._facts.newly_open(end.id))

    def _is_deleted(self, because: tuple[Cause, ...]) -> bool:
        """Whether the causes hold a removed policy and no added or changed one."""
        found = self._deleted.get(id(because))
        if found is None:
            changes = {cause.change for cause in because if cause.policy}
            found = self._deleted[id(because)] = changes == {Change.REMOVED}
        return found

    def _is_lost(self, row: FlowChange) -> bool:
        return self.lost(row.destination, Direction.INGRESS) or self.lost(
            row.source, Direction.EGRESS
        )

    def lost(self, end: Endpoint, direction: Direction) -> bool:
        """Whether a standing workload was restricted on base and is unrestricted on head."""
        found = self._lost.get((end, direction))
        if found is None:
            found = self._facts.lost(end, direction)
            self._lost[end, direction] = found
        return found

    def admin(self, end: Endpoint, row: FlowChange | Spoken) -> bool:
        """Whether a port of class admin matters in this row."""
        if isinstance(end, ExternalEndpoint):
            return False
        found = self._admin.get((end, row.ports))
        if found is None:
            traits = self._facts.head.traits(end)
            found = bool(mattering(traits, row.ports) & ADMIN)
            self._admin[end, row.ports] = found
        return found

    def where(self, because: tuple[Cause, ...]) -> Where:
        """The cause that is named for a row; shared by rows with the same reason."""
        found = self._where.get(id(because))
        if found is None:
            cause = opening(because)
            found = self._places.get(cause)
            if found is None:
                found = self._places[cause] = where_of(self._facts, cause)
            self._where[id(because)] = found
        return found


def where_of(facts: Facts, cause: Cause) -> Where:
    """An edit as findings name it."""
    key = canonical(cause_key(facts, cause))
    return Where(key, cause.object, cause.rule, cause.origin, cause.side, cause)


def nowhere() -> Where:
    """Where nothing written is the reason."""
    return Where("null", "", None, None, Side.HEAD)
