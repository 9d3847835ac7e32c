"""In what context a row opened: C1 to C5 of F-14, the first that applies."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from reviewer.delta import Cause, FlowChange
from reviewer.engine import ExternalEndpoint
from reviewer.manifests import Direction

from .facts import Facts


class Context(NamedTuple):
    """The first of C1 to C5 that applies, and what to say of it."""

    name: str
    low: bool
    down: bool
    why: str


_C1 = Context("C1", True, False, "low: it is new and nothing restricts it (C1)")
_C2 = Context("C2", True, False, "low: it was open to everyone (C2)")
_C3_IN = Context("C3", False, True, "one step down: the destination is new (C3)")
_C3_OUT = Context("C3", False, True, "one step down: the source is new (C3)")
_C4 = Context("C4", False, True, "one step down: a new client under an old rule (C4)")
_C5 = Context("C5", False, False, "")


def context_of(facts: Facts, row: FlowChange) -> Context:
    """The context of an opened row."""
    source, destination = row.source, row.destination
    source_new, outside = not facts.standing(source), isinstance(destination, ExternalEndpoint)
    if not facts.standing(destination):
        return _C1 if facts.unrestricted(destination, Direction.INGRESS) else _C3_IN
    if not source_new:
        return _C5
    if outside:
        return _C1 if facts.unrestricted(source, Direction.EGRESS) else _C3_OUT
    if facts.unrestricted(destination, Direction.INGRESS) and facts.was_unrestricted(
        destination, Direction.INGRESS
    ):
        return _C2
    return _C5 if _ruled(row.because) else _C4


def _ruled(because: Iterable[Cause]) -> bool:
    """Whether a cause is a policy or namespace change (F-14, C4)."""
    return any(cause.policy or cause.kind == "Namespace" for cause in because)
