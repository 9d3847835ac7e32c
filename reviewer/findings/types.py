"""What is worth a person's attention, how grave it is, and all a check may look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, NamedTuple

from reviewer.base.documents import Origin
from reviewer.delta import Delta, Side
from reviewer.engine import Snapshot

from .preferences import Preferences


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


class Grade(NamedTuple):
    """How grave one opened row is: the line of F-13 (or "config") and the sentence of F-16."""

    severity: Severity
    rule: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing found (F-3 to F-6).

    `flows` index `delta.opened`, gravest first, at most 100; `count` is how many rows it speaks
    for; `closed_flow` indexes `delta.closed`. `arguments` are the typed values its message was
    built from; `origin` is None only where nothing written is the cause. `key` is what F-5 hashes.
    """

    id: str
    rule: str
    severity: Severity
    message: str
    arguments: Mapping[str, Any]
    key: Any = None
    flows: tuple[int, ...] = ()
    count: int = 0
    closed_flow: int | None = None
    workloads: tuple[str, ...] = ()
    origin: Origin | None = None
    side: Side = Side.HEAD
    fix: str | None = None


class Mode(IntEnum):
    """Which command a check belongs to."""

    DIFF = 0
    AUDIT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """All a check may look at. In `audit` base and delta are None and `grades` is empty; in
    `diff` `grades` has one grade for each row of `delta.opened`."""

    mode: Mode
    head: Snapshot
    base: Snapshot | None
    delta: Delta | None
    grades: tuple[Grade, ...] = ()
    preferences: Preferences = field(default_factory=Preferences)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing we look for: its id (F-5), a title, the commands it belongs to, the code."""

    id: str
    title: str
    modes: frozenset[Mode]
    run: Callable[[Scene], Iterator[Finding]]
