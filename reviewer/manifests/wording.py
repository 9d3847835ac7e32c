"""Names, keys and paths as messages hold them: never longer than anybody reads (G-45)."""

from __future__ import annotations

from reviewer.base.documents import ObjectRef
from reviewer.base.places import Path

NAME_AT_MOST = 320
"""A label's key has at most 253 + 1 + 63 characters."""


def written(path: Path) -> str:
    """A path as people write it: `spec.ingress[0].from`."""
    out = ""
    for step in path:
        if isinstance(step, int):
            out += f"[{step}]"
        else:
            out += f".{shortened(step)}" if out else shortened(step)
    return out


def shortened(text: str) -> str:
    """A name or key as messages hold it: longer than any that Kubernetes takes, it is cut."""
    return text if len(text) <= NAME_AT_MOST else f"{text[:NAME_AT_MOST]}…"


def subject(ref: ObjectRef) -> str | None:
    """An object as diagnostics name it, `KIND NAMESPACE/NAME`; None where it has no name."""
    return f"{shortened(ref.kind)} {shortened(ref.path)}" if ref.name else None
