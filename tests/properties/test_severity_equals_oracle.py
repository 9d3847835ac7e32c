"""Severity and reach findings are as the oracle says, on random changes (sections 2 to 5, 8).

For each row of `opened` its severity and line are compared; for the reach checks which finding
speaks for which rows, how grave it is, and that ids are equal exactly where keys are (F-5).
`CASES=N` sets how many pairs are tried of each flavour, `SEED=N` the first seed; a failure names
its seed and prints the manifests.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any, NamedTuple

import pytest
import yaml

from reviewer.config import Config, read_config
from tests import kit
from tests.oracle import paths, reach, rows, severity
from tests.properties import severity_clusters, severity_configs

CASES = int(os.environ.get("CASES", "7"))
SEED = int(os.environ.get("SEED", "0"))


class Flavour(NamedTuple):
    """What random pairs of it hold."""

    admin: bool = False
    unseen: bool = False
    configured: bool = False


FLAVOURS = {
    "policies": Flavour(),
    "policies and a configuration": Flavour(configured=True),
    "admin policies": Flavour(admin=True),
    "unseen pods and a configuration": Flavour(admin=True, unseen=True, configured=True),
}


@dataclass(slots=True)
class Tried:
    """One random change: what the program answers, and the oracle's two sides."""

    told: str
    found: dict[str, Any]
    graded: severity.Graded
    config: Config
    files: tuple[dict[str, str], dict[str, str]]


def change(seed: int, flavour: Flavour, *, intents: bool = False) -> Tried:
    """A change of a seed, answered."""
    random = Random(seed)
    mode = "auto" if flavour.unseen else "never"
    plan = severity_clusters.Plan(random, admin=flavour.admin, unseen=flavour.unseen)
    base, head = severity_clusters.pair(plan)
    text = "version: 1"
    if flavour.configured:
        text = severity_configs.config(random, intents=intents)
    config = read_config(text.encode(), "netpol-reviewer.yml")
    found = kit.diff(
        base,
        head,
        exposure=mode,
        preferences=config.preferences,
        waivers=config.waivers,
        today=severity_configs.TODAY,
    )
    before, after = severity.sides([base, head], mode, {})
    cuts = rows.spans([before.judge.cluster, after.judge.cluster])
    flows = before.flows(cuts) if flavour.unseen else kit.flows(base, exposure=mode)["flows"]
    graded = severity.Graded(before, after, found["opened"], flows, yaml.safe_load(text))
    told = f"seed {seed} of {flavour}: {text}\nbase: {base}\nhead: {head}"
    return Tried(told, found, graded, config, (base, head))


def changes(flavour: str) -> Iterator[Tried]:
    """As many as are asked for."""
    for seed in range(SEED, SEED + CASES):
        yield change(seed, FLAVOURS[flavour])


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_rows_are_as_grave_as_the_oracle_says(flavour: str) -> None:
    """F-9 to F-17, F-20, F-21: severity and line of every opened row."""
    for tried in changes(flavour):
        for row in tried.graded.opened:
            ours = tried.graded.grade(row)
            said = (row["severity"], row["severity_rule"])
            assert said == (ours.severity, ours.rule), f"{kit.row(row)}\n{tried.told}"


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_reach_findings_speak_for_the_rows_the_oracle_says(flavour: str) -> None:
    """F-2, F-4, F-5, F-21 and the reach table of section 4."""
    ids: dict[tuple[str, str], str] = {}
    for tried in changes(flavour):
        graded = tried.graded
        ours = reach.Reach(graded, [graded.grade(row) for row in graded.opened]).findings()
        said = [one for one in tried.found["findings"] if one["rule"] in reach.RULES]
        expected = sorted((one.rule, one.severity, sorted(one.rows)) for one in ours)
        assert sorted(map(spoken, said)) == expected, tried.told
        by_rows = {(one["rule"], frozenset(one["flows"])): one["id"] for one in said}
        assert len({one["id"] for one in said}) == len(said), tried.told
        for one in filter(lambda one: one.rows, ours):
            name = by_rows[one.rule, one.rows]
            assert ids.setdefault((one.rule, reach.canonical(one.key)), name) == name, tried.told
    assert len(set(ids.values())) == len(ids)


def spoken(one: dict[str, Any]) -> tuple[str, str, list[int]]:
    """What is compared of a finding."""
    assert one["count"] == len(one["flows"])
    return one["rule"], one["severity"], sorted(one["flows"])


@pytest.mark.parametrize("flavour", ["policies", "policies and a configuration"])
def test_paths_and_the_blast_radius_are_as_the_oracle_says(flavour: str) -> None:
    """F-17, F-30, F-31: what is newly reached, through whom, and how many the internet reaches."""
    for tried in changes(flavour):
        graded, found = tried.graded, tried.found
        base, head = (
            paths.Graph(side, kit.flows(files, exposure="never")["flows"], graded.config)
            for side, files in zip((graded.base, graded.head), tried.files, strict=True)
        )
        new = paths.new_paths(graded, base, head)
        assert [way_of(one) for one in found["paths"]] == new, tried.told
        grown = paths.radius(graded, base, head)
        said = [one for one in found["findings"] if one["rule"] == "blast-radius-grown"]
        assert len(said) == (grown is not None), tried.told
        for one in said:
            told = one["arguments"]
            assert (told["base"], told["head"], told["of"]) == (grown or ())[1:], tried.told


def way_of(path: dict[str, Any]) -> tuple[str, str, tuple[str, ...]]:
    """What is compared of a path."""
    source = "internet" if "cidrs" in path["from"] else "ingress-controller"
    return source, path["to"]["workload"], tuple(path["via"])
