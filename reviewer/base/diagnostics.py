"""What a reading could not take as it stood: stable code, level, file and line (S-90)."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple


class Level(StrEnum):
    """How grave a diagnostic is; only errors count for `--strict`."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


_LEVELS: dict[Level, str] = {
    Level.ERROR: (
        "unreadable bad-type invalid-policy unknown-field unknown-api no-name "
        "kustomize-not-rendered kustomize-unsupported kustomize-remote kustomize-broken"
    ),
    Level.WARNING: (
        "duplicate-key duplicate-object cidr-not-canonical removed-api unsupported-policy "
        "named-port-unresolved direction-ignored same-priority host-network-selected "
        "backend-unresolved backend-blocked changed-file-ignored changed-file-unowned "
        "root-empty template-not-rendered namespace-labels-unused"
    ),
    Level.NOTICE: (
        "namespace-labels-unknown controller-label ipblock-may-cover-pods peer-not-evaluated "
        "policy-selects-nothing no-workloads no-policies ignored-by-default manifest-unowned "
        "roots-guessed not-in-kustomization helm-not-rendered policy-generator paths-not-searched "
        "redundancy-not-searched effects-not-searched"
    ),
}

LEVELS: dict[str, Level] = {
    code: level for level, codes in _LEVELS.items() for code in codes.split()
}
"""Every code with its level (semantics.md section 8, roots.md)."""


class Diagnostic(NamedTuple):
    """One thing said about the manifests.

    `file` and `line` (from 1) are null only where nothing written is the cause. `object` is
    "KIND NAMESPACE/NAME". `side` is `base`, `head` or `both`, and set in `diff` alone.
    """

    code: str
    message: str
    file: str | None
    line: int | None
    level: Level
    object: str | None = None
    side: str | None = None


def diagnostic(
    code: str,
    message: str,
    file: str | None = None,
    line: int | None = None,
    object: str | None = None,
) -> Diagnostic:
    """Make a diagnostic with the level its code has in the table; an unknown code is a KeyError."""
    return Diagnostic(
        code=code, message=message, file=file, line=line, level=LEVELS[code], object=object
    )


def order(item: Diagnostic) -> tuple[str, int, str, str, str]:
    """Sort key: by place, then code, object and message."""
    return (item.file or "", item.line or 0, item.code, item.object or "", item.message)


def once_of_both_sides(items: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """For people: what base says of another line is left out where head says it too, since an edit
    above moved it and nothing else."""
    found = tuple(items)
    moved = {_told(each) for each in found if each.side == "head"}
    return tuple(each for each in found if each.side != "base" or _told(each) not in moved)


def _told(item: Diagnostic) -> tuple[str, str | None, str | None, str]:
    return (item.code, item.file, item.object, item.message)
