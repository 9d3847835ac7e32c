"""What an answer of GitHub's API means for us: done, wait, doubtful, refused or forbidden.

A table in code of pull-request.md section 11: rate limits come as 403 *or* 429, GraphQL errors
inside a 200, and 403 means "forbidden" only with the words of a missing permission (G-37).
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from typing import Any

from reviewer.base.fields import FieldError, Fields
from reviewer.publish.types import ApiError

_NOT_ACCESSIBLE = "resource not accessible by"
_LIMIT_WORDS = ("rate limit", "abuse detection", "please retry your request again later")
_LIMIT_KINDS = ("RATE_LIMITED", "RATE_LIMIT")
"""GitHub's documentation says the first, its server the second as well."""
_SECONDARY_WAIT = 60.0
"""What GitHub asks for where a secondary limit names no time."""


class Problem(Enum):
    """Why an answer is not what we wanted."""

    BROKEN = "broken"
    LIMITED = "limited"
    FORBIDDEN = "forbidden"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One answer: its value, or the problem, GitHub's words, and how long it asks us to wait."""

    value: Any = None
    problem: Problem | None = None
    status: int = 0
    said: str = ""
    wait: float | None = None


def judge(status: int, headers: Mapping[str, str], text: str) -> Outcome:
    """What one answer means; `headers` have lower-case names."""
    value = _decoded(text)
    if status == 204:
        return Outcome(status=status)
    if status < 300:
        if value is None:
            return Outcome(problem=Problem.BROKEN, status=status, said="an answer that is no JSON")
        errors = value.get("errors") if isinstance(value, dict) else None
        return _graphql(errors, headers) if errors else Outcome(value=value, status=status)
    message = value.get("message") if isinstance(value, dict) else None
    said = f"{status} {_clean(message)}".strip()
    problem = _problem(status, str(message or "").lower(), headers)
    wait = _asked_wait(headers) if problem is Problem.LIMITED else None
    return Outcome(problem=problem, status=status, said=said, wait=wait)


def fields_of(value: Any) -> Fields:
    """The object that an answer is. Raises: FieldError where it is something else."""
    if not isinstance(value, dict):
        raise FieldError("the answer", "is not an object")
    return Fields(value)


@contextmanager
def shaped(what: str, error: type[ApiError] = ApiError) -> Iterator[None]:
    """An answer of another shape than GitHub describes is a failure of GitHub's, none of ours."""
    try:
        yield
    except FieldError as trouble:
        raise error(f"GitHub answered {what} in another shape: {trouble}") from trouble


def _problem(status: int, message: str, headers: Mapping[str, str]) -> Problem:
    if status >= 500:
        return Problem.BROKEN
    limited = any(words in message for words in _LIMIT_WORDS)
    if status == 429 or (status == 403 and (limited or _says_wait(headers))):
        return Problem.LIMITED
    if status == 403 and _NOT_ACCESSIBLE in message:
        return Problem.FORBIDDEN
    return Problem.REFUSED


def _graphql(errors: Any, headers: Mapping[str, str]) -> Outcome:
    """An error inside a 200 answer has a type of its own, no status."""
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
    kind, message = str(first.get("type", "")), str(first.get("message", ""))
    said = f"GraphQL {kind} {_clean(message)}".strip()
    if kind in _LIMIT_KINDS or any(words in message.lower() for words in _LIMIT_WORDS):
        return Outcome(problem=Problem.LIMITED, status=200, said=said, wait=_asked_wait(headers))
    hidden = kind in ("FORBIDDEN", "NOT_FOUND", "INSUFFICIENT_SCOPES")
    if hidden or _NOT_ACCESSIBLE in message.lower():
        return Outcome(problem=Problem.FORBIDDEN, status=403, said=said)
    if message.startswith("Something went wrong"):
        return Outcome(problem=Problem.BROKEN, status=200, said=said)
    return Outcome(problem=Problem.REFUSED, status=200, said=said)


def _says_wait(headers: Mapping[str, str]) -> bool:
    return "retry-after" in headers or headers.get("x-ratelimit-remaining") == "0"


def _asked_wait(headers: Mapping[str, str]) -> float:
    """Seconds until we may ask again: `Retry-After`, else the reset time, else a minute."""
    after = headers.get("retry-after", "")
    if after.isascii() and after.isdecimal():
        return float(after)
    reset = headers.get("x-ratelimit-reset", "")
    if headers.get("x-ratelimit-remaining") == "0" and reset.isascii() and reset.isdecimal():
        # A second more: nobody says when in that second it happens.
        return max(float(reset) - time.time(), 0.0) + 1.0
    return _SECONDARY_WAIT


def _decoded(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _clean(message: object) -> str:
    """GitHub's words, one short line of printable text."""
    text = message if isinstance(message, str) else ""
    return "".join(one if one.isprintable() else " " for one in text)[:200]
