"""The checks of findings.md find what a slow reading of the page finds, on random situations.

`CASES=N` sets how many pairs are tried of each flavour, `SEED=N` the first seed; a failure names
its seed and prints what only one side says.
"""

import os
from random import Random
from typing import Any

import pytest

from tests import kit
from tests.oracle import checks_admin, checks_text
from tests.oracle.checks_world import Pair, Said, introduced, pair
from tests.properties.situations import Situation, situation

CASES = int(os.environ.get("CASES", "2"))
SEED = int(os.environ.get("SEED", "0"))
FLAVOURS: dict[str, tuple[bool, str]] = {
    "policies": (False, "never"),
    "unseen pods": (False, "auto"),
    "admin policies": (True, "never"),
}
TEXT = {
    "field-widens", "policy-selects-nothing", "peer-selects-nothing", "namespace-label-unset",
    "port-unresolved", "service-port-in-rule", "split-selector", "split-ports", "types-forgotten",
    "open-rule", "broad-cidr", "untidy-cidr", "except-undone", "redundant-rule",
    "controller-label-selected", "policy-unseen", "admin-overrides", "priority-tie",
}  # fmt: skip


def expected_text(two: Pair) -> list[Said]:
    """What the oracle says of policies' text."""
    found = checks_text.policy_unseen(two)
    for check in (*checks_text.STANDING, *checks_admin.STANDING):
        found += introduced(check, two)
    return found


def agrees(one: dict[str, Any], said: Said) -> bool:
    """Whether a finding is the one that the oracle expects."""
    alike = (said.rule, said.severity, said.file, said.line, said.side)
    told = (one["rule"], one["severity"], one["file"], one["line"], one["side"])
    return (
        alike == told
        and all(word in one["message"] for word in said.words)
        and (said.workloads is None or said.workloads == set(one["workloads"]))
        and (said.fix is None or said.fix in (one["fix"] or ""))
    )


def compared(found: list[dict[str, Any]], expected: list[Said]) -> list[str]:
    """What only one side says."""
    left, lost = list(found), []
    for said in expected:
        match = next((one for one in left if agrees(one, said)), None)
        if match is None:
            lost.append(f"oracle only: {said}")
        else:
            left.remove(match)
    told = ("rule", "severity", "file", "line", "side", "message", "workloads", "fix")
    return lost + [f"program only: {[one[word] for word in told]}" for one in left]


def tried(seed: int, flavour: str) -> tuple[Situation, str]:
    """The pair of a seed and its exposure."""
    admin, exposure = FLAVOURS[flavour]
    return situation(Random(seed), admin=admin), exposure


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_text_checks(flavour: str) -> None:
    """Section 4, "Policy text": rule, severity, place and names, introduced only."""
    for seed in range(SEED, SEED + CASES):
        made, exposure = tried(seed, flavour)
        found = kit.diff(made.base, made.head, exposure=exposure)["findings"]
        ours = expected_text(pair(made.base, made.head, exposure))
        told = [one for one in found if one["rule"] in TEXT]
        assert compared(told, ours) == [], f"seed {seed} of {flavour}"
