"""The checks of findings.md find what a slow reading of the page finds, on random situations.

`CASES=N` sets how many pairs are tried of each flavour, `SEED=N` the first seed; a failure names
its seed and prints what only one side says.
"""

import io
import json
import os
from random import Random
from typing import Any

import pytest

from reviewer.options import Options
from reviewer.pipeline import audit
from reviewer.report import json_v1
from tests import kit
from tests.oracle import checks_admin, checks_outage, checks_posture, checks_text, figures
from tests.oracle.checks_effects import without_effect
from tests.oracle.checks_world import Pair, Said, World, introduced, pair, worlds
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
    told = (one["rule"], one["severity"], one["file"], one["line"], one["side"])
    expected = said.rule, said.severity, said.file or one["file"], said.line or one["line"]
    side = said.side if said.file else one["side"]
    return (
        told == (*expected, side)
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


OUTAGE = {
    "dns-lost", "ingress-backend-blocked", "service-unreachable", "monitoring-path-lost",
    "half-open", "nothing-left",
}  # fmt: skip
BY_CAUSE = {"dns-lost", "monitoring-path-lost", "nothing-left"}


def expected_outage(two: Pair) -> list[Said]:
    """What the oracle says of outages."""
    found = [said for check in checks_outage.BETWEEN for said in check(two)]
    for check in checks_outage.STANDING:
        found += introduced(check, two)
    return found


def joined(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Findings that differ by their causes alone made one, with all of their workloads."""
    result: list[dict[str, Any]] = []
    together: dict[tuple[str, ...], dict[str, Any]] = {}
    for one in found:
        if one["rule"] not in BY_CAUSE:
            result.append(one)
            continue
        source = one["message"].partition(" loses")[0] if " loses" in one["message"] else ""
        way = "reach anything" if "reach anything" in one["message"] else ""
        key = (one["rule"], one["severity"], source, way)
        if key in together:
            together[key]["workloads"] = sorted({*together[key]["workloads"], *one["workloads"]})
        else:
            together[key] = dict(one)
    return result + list(together.values())


POSTURE = {
    "workload-not-isolated", "namespace-no-default-deny", "egress-unrestricted",
    "host-network-workload",
}  # fmt: skip
TEXT_AND_OUTAGE = (TEXT | OUTAGE) - {"policy-unseen", "monitoring-path-lost", "nothing-left"}


def audited(files: dict[str, str], exposure: str) -> dict[str, Any]:
    """`audit --format json` of files in memory."""
    out = io.StringIO()
    json_v1.write(audit(kit.material(files), Options(exposure=exposure)), out)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def expected_audit(world: World) -> list[Said]:
    """What the oracle says of one target: posture, text, outages."""
    found = checks_posture.outages_standing(world)
    standing = (*checks_text.STANDING, *checks_admin.STANDING, *checks_outage.STANDING)
    for check in (*checks_posture.AUDIT, *standing):
        found += check(world).values()
    return [one._replace(severity="low") if one.rule == "half-open" else one for one in found]


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_diff_says_what_the_page_says(flavour: str) -> None:
    """Section 4: text, outages, posture; rule, severity, place and names, introduced only."""
    for seed in range(SEED, SEED + CASES):
        made, exposure = tried(seed, flavour)
        found = kit.diff(made.base, made.head, exposure=exposure)["findings"]
        two = pair(made.base, made.head, exposure)
        ours = expected_text(two) + expected_outage(two) + checks_posture.introduced_posture(two)
        told = joined([one for one in found if one["rule"] in TEXT | OUTAGE | POSTURE])
        assert compared(told, ours) == [], f"seed {seed} of {flavour}"


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_nobody_is_told_that_a_policy_is_idle_that_is_not(flavour: str) -> None:
    """policy-without-effect: said only where taking the policy away changes no row; it is an info
    that need not be said wherever it could be."""
    for seed in range(SEED, SEED + CASES):
        made, exposure = tried(seed, flavour)
        found = kit.diff(made.base, made.head, exposure=exposure)["findings"]
        told = [one for one in found if one["rule"] == "policy-without-effect"]
        ours = without_effect(made.base, made.head, exposure) if told else []
        wrong = [one for one in told if not any(agrees(one, said) for said in ours)]
        assert not wrong, f"seed {seed} of {flavour}"


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_an_audit_says_what_the_page_says(flavour: str) -> None:
    """Section 4 over everything that stands, and F-40 to F-43: figures."""
    for seed in range(SEED, SEED + CASES):
        made, exposure = tried(seed, flavour)
        result = audited(made.head, exposure)
        [world] = worlds([made.head], exposure)
        told = joined([f for f in result["findings"] if f["rule"] in TEXT_AND_OUTAGE | POSTURE])
        assert compared(told, expected_audit(world)) == [], f"seed {seed} of {flavour}"
        for one in result["sensitive"]:
            one.pop("why")
        for name, ours in figures.figures(world).items():
            assert result[name] == ours, f"{name}, seed {seed} of {flavour}"
