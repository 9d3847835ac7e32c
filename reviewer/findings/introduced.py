"""How checks of one policy's text run: over every policy in `audit`, and in `diff` only over what
may differ, less what base already had (F-3, F-7).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from reviewer.base.values import replace
from reviewer.manifests import Policy

from .severity import Severity
from .types import Finding, Mode, Scene
from .view import View

Examine = Callable[[View, Policy], Iterator[Finding]]
Refine = Callable[[View, Policy, Finding], Finding]


def introduced(
    examine: Examine, audit: Severity | None = None, refine: Refine | None = None
) -> Callable[[Scene], Iterator[Finding]]:
    """A check's code from what it says of one policy on one side.

    `audit` is the severity there, where it differs. `refine` adds what is dear to find, and is
    asked only of what is printed; it may not change the key.
    """

    def run(scene: Scene) -> Iterator[Finding]:
        for policy in scene.facts.reviewed:
            found = list(examine(scene.facts.head, policy))
            if not found:
                continue
            before = _before(scene, examine, policy)
            for each in found:
                if each.id not in before:
                    whole = refine(scene.facts.head, policy, each) if refine else each
                    yield _graded(scene, whole, audit)

    return run


def _before(scene: Scene, examine: Examine, policy: Policy) -> set[str]:
    """The ids of what base already had; a renamed policy is asked under its new name."""
    old = scene.facts.counterpart(policy)
    if old is None or scene.facts.base is None:
        return set()
    return {each.id for each in examine(scene.facts.base, replace(old, ref=policy.ref))}


def _graded(scene: Scene, found: Finding, audit: Severity | None) -> Finding:
    if scene.mode is Mode.AUDIT and audit is not None:
        return replace(found, severity=audit)
    return found
