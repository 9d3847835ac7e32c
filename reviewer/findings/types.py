"""What is worth a person's attention, how grave it is, and all a check may look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from enum import IntEnum
from types import MappingProxyType
from typing import Any, NamedTuple

from reviewer.base.documents import Origin
from reviewer.base.ports import PortSet
from reviewer.delta import Cause, Delta, Side, TransitPath
from reviewer.engine import Endpoint, Flow, Snapshot

from .facts import Facts
from .preferences import Preferences
from .severity import Severity


class Grade(NamedTuple):
    """How grave one opened row is.

    `rule` is the line of F-13, or "config"; `why` the sentence of F-16. `line` is the line of F-13
    whatever the configuration says, since it decides which check speaks for the row (F-21).
    `context` is C1 to C5 of F-14, or F17 for what moved with its workload. `clause` says why the
    workload is sensitive there, "" where it is not.
    """

    severity: Severity
    rule: str
    why: str
    line: str = ""
    context: str = ""
    clause: str = ""


class Finding(NamedTuple):
    """One thing found (F-3 to F-6).

    `flows` index `delta.opened`, gravest first, at most 100; `count` is how many rows it speaks
    for, and `rows` are all of them; in `audit` it speaks for `standing` flows instead.
    `closed_flow` indexes `delta.closed`. `arguments` are the typed values its message was built
    from; `origin` is None only where nothing written is the cause. `key` is what F-5 hashes.
    """

    id: str
    rule: str
    severity: Severity
    message: str
    arguments: Mapping[str, Any]
    key: Any = None
    flows: tuple[int, ...] = ()
    count: int = 0  # type: ignore[assignment]  # hides tuple.count, which nobody asks
    closed_flow: int | None = None
    workloads: tuple[str, ...] = ()
    origin: Origin | None = None
    side: Side = Side.HEAD
    fix: str | None = None
    rows: tuple[int, ...] = ()
    standing: tuple[Flow, ...] = ()


class Where(NamedTuple):
    """The edit, or in `audit` the rule, that a flow is owed to: what F-5 hashes of it, its object
    and rule as people write them, and its place. `cause` is the edit itself."""

    key: str
    object: str
    rule: str | None
    origin: Origin | None
    side: Side
    cause: Cause | None = None


class Spoken(NamedTuple):
    """One flow that a reach check speaks for. `at` is the index of the row, -1 in `audit`."""

    at: int
    source: Endpoint
    destination: Endpoint
    ports: PortSet
    grade: Grade
    where: Where


class Mode(IntEnum):
    """Which command a check belongs to."""

    DIFF = 0
    AUDIT = 1


class PathSearch(NamedTuple):
    """The new paths (F-31) and the growth of what internet reaches (F-30).

    `left_out` counts paths beyond the twenty listed; `reached` is how many standing workloads
    internet reaches in any number of hops on base and on head, of how many. `complete` is false
    where the graph was too large to look for paths.
    """

    paths: tuple[TransitPath, ...] = ()
    left_out: int = 0
    reached: tuple[int, int, int] = (0, 0, 0)
    complete: bool = True


class Scene(NamedTuple):
    """All a check may look at; `set_scene` and `set_audit` make one.

    In `audit` base and delta are None and `grades` is empty; in `diff` `grades` has one grade for
    each row of `delta.opened`. `facts` are what several checks ask for, found once. `spoken` are
    the flows that each reach check speaks for. `settled` is the place of head's configuration
    where it differs from base's (G-35).
    """

    mode: Mode
    head: Snapshot
    base: Snapshot | None
    delta: Delta | None
    facts: Facts
    grades: tuple[Grade, ...] = ()
    preferences: Preferences = Preferences()
    search: PathSearch = PathSearch()
    spoken: Mapping[str, tuple[Spoken, ...]] = MappingProxyType({})
    settled: Origin | None = None


class Check(NamedTuple):
    """One thing we look for: its id (F-5), a title, the commands it belongs to, the code."""

    id: str
    title: str
    modes: frozenset[Mode]
    run: Callable[[Scene], Iterator[Finding]]


BOTH = frozenset(Mode)
DIFF = frozenset({Mode.DIFF})
AUDIT = frozenset({Mode.AUDIT})
