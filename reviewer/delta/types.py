"""What changed between two snapshots, and which edit is behind it."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, NamedTuple

from reviewer.base.documents import Origin
from reviewer.base.ports import PortSet
from reviewer.engine import Endpoint
from reviewer.manifests import Policy


class Side(StrEnum):
    """Of which revision a place is."""

    BASE = "base"
    HEAD = "head"


class Change(StrEnum):
    """What happened to an object."""

    ADDED = "added"
    REMOVED = "removed"
    MODIFIED = "modified"


class Cause(NamedTuple):
    """One edit behind a row (S-75).

    `object` is `NAMESPACE/NAME`, `kind` the object's. `policy` says whether it is a policy of any
    kind. `rule` is `ingress[0]`, None where the whole object is meant. The place is on `side`.
    """

    kind: str
    object: str
    policy: bool
    rule: str | None
    change: Change
    origin: Origin
    side: Side


class FlowChange(NamedTuple):
    """One row of `opened` or `closed`: what one side allows and the other does not (S-71).

    `because` is shared by every row with the same reason; it is never empty. `workload_change`
    is one of S-72's words or "".
    """

    source: Endpoint
    destination: Endpoint
    ports: PortSet
    because: tuple[Cause, ...]
    workload_change: str


class FieldChange(NamedTuple):
    """One field of a policy: path as in `spec.ingress[0].from`, values as JSON, None where
    absent, line in head's file (of a removed policy: base's)."""

    path: str
    base: Any
    head: Any
    line: int | None


class PolicyChange(NamedTuple):
    """One policy that is not equal on both sides; a moved file is no change."""

    change: Change
    base: Policy | None
    head: Policy | None
    fields: tuple[FieldChange, ...]

    @property
    def policy(self) -> Policy:
        """The policy as head has it; as base had it where it was removed."""
        found = self.head or self.base
        assert found is not None, "a change has at least one side"
        return found


class WorkloadChanges(NamedTuple):
    """Ids of workloads on head only, on base only, and on both with other labels (S-72, S-73)."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    relabelled: tuple[str, ...] = ()


class PathEdge(NamedTuple):
    """One step of a transit path: its ports, and whether it was opened by this change."""

    ports: PortSet
    opened: bool


class TransitPath(NamedTuple):
    """A chain of flows (F-31): from, to, the workloads between, an edge for each step."""

    source: Endpoint
    destination: Endpoint
    via: tuple[str, ...]
    edges: tuple[PathEdge, ...]


class Delta(NamedTuple):
    """Head compared with base. Rows are in S-76's order; `unchanged` counts the S-70 rows of
    what both sides allow (S-74), None where nothing was read (G-9)."""

    opened: tuple[FlowChange, ...] = ()
    closed: tuple[FlowChange, ...] = ()
    unchanged: int | None = 0
    workloads: WorkloadChanges = WorkloadChanges()
    policies: tuple[PolicyChange, ...] = ()
