"""The reach checks of section 4: which finding speaks for which rows, and how grave it is.

Written from findings.md alone. A finding is expected as its check, its severity, the rows it
speaks for, and its key (F-5); the key is this oracle's own, so ids are compared by being equal
or not, never by their text.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from tests.oracle import severity_facts as facts
from tests.oracle.policies import EGRESS, INGRESS
from tests.oracle.severity import Grade, Graded, Row, worst

ABOVE = ("critical", "high", "medium")
NEW = "new-workload-not-isolated"
RULES = frozenset(
    (
        *(NEW, "policy-deleted-opens", "lost-isolation", "metadata-service-reachable"),
        *("admin-port-open", "world-ingress", "sensitive-open", "ingress-exposed"),
        *("private-range-open", "cross-namespace-open", "world-egress"),
    )
)
SENSITIVE_LINES = (5, 7, 9, 11, 13, 15)
AREA = {6: "ingress-exposed", 8: "private-range-open", 10: "cross-namespace-open"}
AREA[12] = AREA[10]
SOURCE_CLASS = dict(
    zip(
        range(1, 16, 2),
        "internet public ingress_controller private selector other_namespace trusted "
        "same_namespace".split(),
        strict=True,
    )
)


class Expected(NamedTuple):
    """One finding: rows by index."""

    rule: str
    severity: str
    rows: frozenset[int]
    workloads: tuple[str, ...]
    key: tuple[Any, ...]


def canonical(value: Any) -> str:
    """Canonical JSON (F-5)."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def ports_key(row: Row) -> str:
    """The ports of a row."""
    return canonical(row["ports"])


@dataclass(slots=True)
class Reach:
    """The rows of a change with their grades."""

    graded: Graded
    grades: list[Grade]

    def cause(self, row: Row) -> tuple[str, ...]:
        """F-4: the rule that admits a row if it or its policy is new, else the policy, else the
        namespace, else the workload, Ingress or Service; of several the first by file and line."""
        listed = sorted(row["because"], key=lambda one: (one["file"], one["line"]))
        ranked = [(self._rank(one), at) for at, one in enumerate(listed)]
        rank, at = min(ranked)
        one = listed[at]
        rule = self._rule(one, head=True) if rank == 0 else None
        direction = one["rule"].partition("[")[0] if rank == 0 else ""
        return (one["kind"], one["object"], direction, canonical(rule))

    def _rank(self, cause: Mapping[str, Any]) -> int:
        if cause["policy"] is not None:
            if cause["rule"] is None or cause["side"] != "head":
                return 1
            return 0 if cause["change"] == "added" or self._is_new(cause) else 1
        return 2 if cause["kind"] == "Namespace" else 3

    def _spec(self, cause: Mapping[str, Any], *, head: bool) -> Mapping[str, Any]:
        side = self.graded.head if head else self.graded.base
        for one in (*side.judge.cluster.policies, *side.judge.cluster.admins):
            path = f"{one.obj.namespace}/{one.obj.name}".lstrip("/")
            if (one.obj.kind, path) == (cause["kind"], cause["object"]):
                return dict(one.obj.doc.get("spec") or {})
        return {}

    def _rule(self, cause: Mapping[str, Any], *, head: bool) -> Any:
        direction, _, index = cause["rule"].strip("]").partition("[")
        return self._spec(cause, head=head)[direction][int(index)]

    def _is_new(self, cause: Mapping[str, Any]) -> bool:
        """Whether base's policy has no equal rule of that direction."""
        direction = cause["rule"].partition("[")[0]
        before = self._spec(cause, head=False).get(direction) or ()
        return canonical(self._rule(cause, head=True)) not in map(canonical, before)

    def new_workloads(self) -> list[Expected]:
        """`new-workload-not-isolated`: one for each namespace, severity and directions."""
        graded, groups = self.graded, dict[tuple[str, str, str], list[str]]()
        head = graded.head
        for key, one in head.known.items():
            if graded.standing(key) or one.host:
                continue
            entered, left = (head.unrestricted(key, word) for word in (INGRESS, EGRESS))
            if not entered and not (left and self._others_restricted(key)):
                continue
            severity = "low"
            if entered and self._any_policy():
                severity = "high" if graded.sensitive_workload(key) else "medium"
            directions = "both" if entered and left else INGRESS if entered else EGRESS
            groups.setdefault((one.namespace or "", severity, directions), []).append(key)
        return [
            Expected(NEW, severity, self._c1(names), tuple(sorted(names)), (space, names, where))
            for (space, severity, where), names in groups.items()
        ]

    def _others_restricted(self, key: str) -> bool:
        """Whether another workload of its namespace is egress-restricted on head."""
        head = self.graded.head
        return any(
            other != key
            and one.namespace == head.known[key].namespace
            and not head.unrestricted(other, EGRESS)
            for other, one in head.known.items()
        )

    def _any_policy(self) -> bool:
        return any(side.judge.policies for side in (self.graded.base, self.graded.head))

    def _c1(self, names: Iterable[str]) -> frozenset[int]:
        """The C1 rows of some workloads."""
        held = set()
        for at, (row, grade) in enumerate(zip(self.graded.opened, self.grades, strict=True)):
            away = "cidrs" in row["destination"]
            end = row["source"] if away else row["destination"]
            if grade.context == "C1" and facts.end_key(end) in names:
                held.add(at)
        return frozenset(held)

    def speaker(self, row: Row, grade: Grade) -> tuple[str, tuple[Any, ...]] | None:
        """The first check that fits a row of medium or above, and its key."""
        if grade.severity not in ABOVE:
            return None
        source, destination = facts.end_key(row["source"]), facts.end_key(row["destination"])
        cause, line = self.cause(row), grade.line
        changes = {one["change"] for one in row["because"] if one["policy"] is not None}
        if changes == {"removed"}:
            gone = [one for one in row["because"] if one["policy"] is not None]
            first = min(gone, key=lambda one: (one["file"], one["line"]))
            return "policy-deleted-opens", (first["kind"], first["object"])
        for direction, end in ((INGRESS, destination), (EGRESS, source)):
            if self.lost(end, direction):
                return "lost-isolation", (direction, cause)
        if line == 17:
            return "metadata-service-reachable", (source, cause)
        if self.admin_ports(row):
            admin = tuple(sorted(self.admin_ports(row)))
            return "admin-port-open", (destination, admin, self.source_class(line), cause)
        return self._by_line(row, line)

    def _by_line(self, row: Row, line: int) -> tuple[str, tuple[Any, ...]] | None:
        """The check that the line of F-13 alone leads to."""
        source, destination = facts.end_key(row["source"]), facts.end_key(row["destination"])
        ports, cause = ports_key(row), self.cause(row)
        if line <= 4:
            return "world-ingress", (destination, ports, cause)
        if line in SENSITIVE_LINES:
            return "sensitive-open", (destination, ports, self.source_class(line), cause)
        if line in AREA:
            space = self.graded.head.known[destination].namespace
            return AREA[line], (space, ports, cause)
        if line in {18, 19, 20}:
            return "world-egress", (source, ports, cause)
        return None

    def source_class(self, line: int) -> str:
        """The class of the sources of a line of F-13."""
        return SOURCE_CLASS.get(line if line % 2 else line - 1, "other_namespace")

    def lost(self, key: str, direction: str) -> bool:
        """A standing workload that was restricted on base and is unrestricted on head."""
        graded = self.graded
        if key not in graded.head.known or not graded.standing(key):
            return False
        before = graded.base.unrestricted(graded.before_key(key), direction)
        return not before and graded.head.unrestricted(key, direction)

    def _loser(self, row: Row, direction: str) -> str:
        return facts.end_key(row["destination" if direction == INGRESS else "source"])

    def admin_ports(self, row: Row) -> set[tuple[str, int]]:
        """The ports of class admin of a row that matter at its destination (F-12)."""
        if "cidrs" in row["destination"]:
            return set()
        one = self.graded.head.known.get(facts.end_key(row["destination"]))
        declared = one.declared if one is not None else frozenset()
        return {
            (packet.protocol, packet.low)
            for packet, width in self.graded.atoms.of(row["ports"])
            if (packet.protocol, packet.low) in facts.CLASSES["admin"]
            and ((packet.protocol, packet.low) in declared or width <= 100)
        }

    def findings(self) -> list[Expected]:
        """All reach findings of a change."""
        graded, rules = self.graded, self.graded.config.get("severity", ())
        new = self.new_workloads()
        taken = frozenset().union(*(one.rows for one in new))
        groups: dict[tuple[str, tuple[Any, ...]], set[int]] = {}
        for at, (row, grade) in enumerate(zip(graded.opened, self.grades, strict=True)):
            found = None if at in taken else self.speaker(row, grade)
            if found is not None:
                groups.setdefault(found, set()).add(at)
        listed = []
        for (rule, about), held in groups.items():
            key = about
            if rule == "lost-isolation":
                losers = {self._loser(graded.opened[at], about[0]) for at in held}
                key = (*about, *sorted(losers))
            severity = worst(self.grades[at].severity for at in held)
            listed.append(Expected(rule, severity, frozenset(held), (), key))
        return [configured(rules, one) for one in (*new, *listed)]


def configured(entries: Iterable[Mapping[str, Any]], one: Expected) -> Expected:
    """F-21: the first entry that names the check."""
    for entry in entries:
        if entry["rule"] == one.rule:
            return one._replace(severity=entry["set"])
    return one
