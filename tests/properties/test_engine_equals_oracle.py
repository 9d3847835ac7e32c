"""The engine answers as the oracle does, on random clusters and random edits of them.

Everything of the contract that the oracle knows is compared: workloads with labels and isolation,
every row in order, both halves of a diff, counts, and diagnostics. `CASES=N` sets how many of each
flavour are tried, `SEED=N` the first seed; a failure names its seed and prints the manifests.
The nightly run tries 50,000 in all.
"""

import os
from random import Random
from typing import Any

import pytest

from reviewer.base.addresses import read_cidr
from reviewer.cluster import Settings
from tests import kit, oracle
from tests.oracle.reading import is_manifest_path
from tests.properties.clusters import cluster, edit, settings

NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
CASES = int(os.environ.get("CASES", "7200" if NIGHTLY else "25"))
SEED = int(os.environ.get("SEED", "0"))
CONFIGURED = "configured clusters"
FLAVOURS: dict[str, tuple[dict[str, bool], str]] = {
    "policies": ({}, "never"),
    "odd spellings and refused objects": ({"odd": True}, "never"),
    "admin policies": ({"admin": True}, "never"),
    "admin policies and entries": ({"admin": True, "entries": True, "odd": True}, "never"),
    "unseen pods": ({"exposure": True, "entries": True, "admin": True}, "auto"),
    CONFIGURED: ({"exposure": True, "entries": True, "admin": True}, "auto"),
    "unseen pods everywhere": ({"exposure": True, "admin": True}, "always"),
}
WORKLOAD_FIELDS = ("id", "namespace", "name", "kind", "labels", "isolated", "file", "line")
ROW_FIELDS = ("source", "destination", "ports", "workload_change")


def only(rows: list[dict[str, Any]], fields: tuple[str, ...]) -> list[dict[str, Any]]:
    """The fields that both sides know."""
    return [{field: row[field] for field in fields if field in row} for row in rows]


def place(diagnostic: dict[str, Any]) -> str:
    """Its file; that of a namespace's labels is one of several selectors and is not compared."""
    return "" if diagnostic["code"] == "namespace-labels-unknown" else diagnostic["file"] or ""


def said(result: dict[str, Any]) -> list[tuple[str, ...]]:
    """Diagnostics without their words and lines, each once on each side it stands on."""
    both = {"both": ("base", "head")}
    return sorted(
        {
            (one["level"], one["code"], place(one), one.get("object") or "", side)
            for one in result["diagnostics"]
            for side in both.get(one.get("side", ""), (one.get("side", ""),))
        }
    )


def flows_of(result: dict[str, Any]) -> dict[str, Any]:
    """What is compared of `flows`."""
    return {
        "workloads": only(result["workloads"], WORKLOAD_FIELDS),
        "flows": only(result["flows"], ROW_FIELDS),
        "diagnostics": said(result),
    }


def diff_of(result: dict[str, Any]) -> dict[str, Any]:
    """What is compared of `diff`."""
    return {
        "summary": result["summary"],
        "workloads": result["workloads"],
        "opened": only(result["opened"], ROW_FIELDS),
        "closed": only(result["closed"], ROW_FIELDS),
        "diagnostics": said(result),
    }


def read_by_folder(files: dict[str, str]) -> dict[str, str]:
    """The files that a folder source would hand on (S-1)."""
    return {path: text for path, text in files.items() if is_manifest_path(path)}


def differences(engine: dict[str, Any], ours: dict[str, Any]) -> list[str]:
    """What one side has and the other has not, and lists of another order."""
    found = []
    for key, value in ours.items():
        told, known = engine[key], value
        if not isinstance(value, list):
            told, known = [told], [known]
        found += [f"{key}, engine only: {one}" for one in told if one not in known]
        found += [f"{key}, oracle only: {one}" for one in known if one not in told]
        if not found and told != known:
            found.append(f"{key}: another order")
    return found


def as_settings(given: dict[str, Any]) -> Settings:
    """The same settings as the program knows them."""
    known = dict(given)
    for name in {"pod_ranges", "node_ranges"} & set(given):
        found = (read_cidr(text) for text in given[name])
        known[name] = tuple(one.block for one in found if one is not None)
    known["blocks_match_pods"] = known.pop("ipblock_pods", "certain") != "never"
    return Settings(**known)


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_engine_answers_as_the_oracle(flavour: str) -> None:
    """S-1 to S-90: rows, isolation, labels and diagnostics agree on every seed."""
    flags, exposure = FLAVOURS[flavour]
    configured = flavour == CONFIGURED
    wider = {key: value for key, value in flags.items() if key != "odd"}
    for seed in range(SEED, SEED + CASES):
        random = Random(seed)
        base = read_by_folder(cluster(random, **flags))
        head = edit(random, base, **wider)
        told = f"seed {seed} of {flavour}"
        given = settings(random) if configured else {}
        options: dict[str, Any] = {"exposure": exposure, "settings": as_settings(given)}
        engine, ours = kit.flows(base, **options), oracle.flows(base, exposure, **given)
        assert differences(flows_of(engine), flows_of(ours)) == [], f"{told}: {base}"
        engine = kit.diff(base, head, **options)
        ours = oracle.diff(base, head, exposure, **given)
        assert differences(diff_of(engine), diff_of(ours)) == [], f"{told}: {base} {head}"
        assert all(row["because"] for row in engine["opened"] + engine["closed"]), told
