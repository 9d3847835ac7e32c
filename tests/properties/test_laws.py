"""Laws of a delta, on random clusters and random edits of them (house: Tests).

`CASES=N` sets how many clusters are tried, `SEED=N` the first seed.
"""

from __future__ import annotations

import json
import os
import random as randoms
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests import kit
from tests.properties.clusters import cluster, edit

CASES = int(os.environ.get("CASES", "7"))
SEED = int(os.environ.get("SEED", "0"))
FLAVOURS: dict[str, tuple[dict[str, bool], str]] = {
    "policies": ({}, "never"),
    "admin policies and entries": ({"admin": True, "entries": True}, "never"),
    "unseen pods": ({"admin": True, "exposure": True}, "auto"),
}
Files = dict[str, str]


@pytest.fixture(params=FLAVOURS)
def flavour(request: pytest.FixtureRequest) -> tuple[dict[str, bool], str]:
    return FLAVOURS[request.param]


def cases(flags: dict[str, bool]) -> Iterator[tuple[randoms.Random, Files, Files, str]]:
    """Bases and heads, with what to say when a law breaks."""
    for seed in range(SEED, SEED + CASES):
        random = randoms.Random(seed)
        base = cluster(random, **flags)
        head = edit(random, base, **flags)
        yield random, base, head, f"seed {seed}:\nbase: {base}\nhead: {head}"


def rows(found: dict[str, Any], half: str) -> list[str]:
    return [kit.row(row) for row in found[half]]


def test_no_change_changes_nothing(flavour: tuple[dict[str, bool], str]) -> None:
    """S-71: `diff X X` is empty."""
    flags, exposure = flavour
    for _, base, _, told in cases(flags):
        found = kit.diff(base, base, exposure=exposure)
        assert (found["opened"], found["closed"], found["policies"]) == ([], [], []), told
        assert found["workloads"] == {"added": [], "removed": [], "relabelled": []}, told
        assert found["summary"]["unchanged"] == len(kit.rows(base, exposure=exposure)), told


def test_backwards_is_the_mirror_image(flavour: tuple[dict[str, bool], str]) -> None:
    """S-71: opened(a, b) is closed(b, a)."""
    flags, exposure = flavour
    for _, base, head, told in cases(flags):
        there = kit.diff(base, head, exposure=exposure)
        back = kit.diff(head, base, exposure=exposure)
        assert rows(there, "opened") == rows(back, "closed"), told
        assert rows(there, "closed") == rows(back, "opened"), told
        assert there["summary"]["unchanged"] == back["summary"]["unchanged"], told


def shuffled(random: randoms.Random, files: Files) -> Files:
    """The same documents, in each file in another order."""
    result: Files = {}
    for path, text in files.items():
        pieces = re.split(r"(?m)^---[^\n]*\n", text if text.endswith("\n") else text + "\n")
        random.shuffle(pieces)
        result[path] = "---\n".join(pieces)
    return result


def without_places(value: Any) -> Any:
    """The same answer without lines and files: where a thing is written moves with it."""
    if isinstance(value, dict):
        return {k: without_places(v) for k, v in value.items() if k not in {"file", "line"}}
    return [without_places(each) for each in value] if isinstance(value, list) else value


def said(found: dict[str, Any]) -> str:
    """An answer as bytes; diagnostics and findings stand in the order of their places."""
    for name in ("diagnostics", "findings", "policies"):
        found.pop(name, None)
    for row in found.get("opened", []) + found.get("closed", []):
        row["because"] = sorted((without_places(each) for each in row["because"]), key=str)
    return json.dumps(without_places(found))


def test_order_of_documents_changes_no_byte(flavour: tuple[dict[str, bool], str]) -> None:
    """S-42, S-76."""
    flags, exposure = flavour
    for random, base, head, told in cases(flags):
        others = shuffled(random, base), shuffled(random, head)
        assert said(kit.flows(base, exposure=exposure)) == said(
            kit.flows(others[0], exposure=exposure)
        ), told
        assert said(kit.diff(base, head, exposure=exposure)) == said(
            kit.diff(*others, exposure=exposure)
        ), told


def test_order_of_files_changes_no_byte(flavour: tuple[dict[str, bool], str]) -> None:
    """S-76: nor do the files' names."""
    flags, exposure = flavour
    for _, base, _, told in cases(flags):
        renamed = {f"{9 - at}/{path}": text for at, (path, text) in enumerate(sorted(base.items()))}
        assert said(kit.flows(base, exposure=exposure)) == said(
            kit.flows(renamed, exposure=exposure)
        ), told


def policies(text: str) -> Iterator[dict[str, Any]]:
    """The NetworkPolicies of a text, as plain values."""
    for piece in re.split(r"(?m)^---[^\n]*\n", text):
        value = yaml.safe_load(piece)
        if isinstance(value, dict) and value.get("kind") == "NetworkPolicy":
            yield value


def test_a_further_rule_closes_nothing() -> None:
    """S-42: in a direction that is isolated already; and it opens what it allows alone."""
    tried = 0
    for _, base, _, told in cases({}):
        for path, text in base.items():
            for policy in policies(text):
                spec = policy.get("spec") or {}
                types = spec.get("policyTypes") or ["Ingress"]
                if "Ingress" not in types or not isinstance(spec, dict):
                    continue
                more = {**spec, "policyTypes": sorted(set(types) | ({"Egress"} & set(spec)))}
                if not spec.get("policyTypes") and spec.get("egress"):
                    more["policyTypes"] = ["Ingress", "Egress"]
                elif not spec.get("policyTypes"):
                    more["policyTypes"] = ["Ingress"]
                else:
                    more["policyTypes"] = list(types)
                rule = {"ports": [{"port": 7}]}
                more["ingress"] = [*(spec.get("ingress") or []), rule]
                head = {**base, "zz.yaml": json.dumps({**policy, "spec": more})}
                found = kit.diff(base, head, exposure="never")
                assert found["closed"] == [], f"{path}\n{more}\n{told}"
                assert {kit.ports(row["ports"]) for row in found["opened"]} <= {"TCP 7"}, told
                tried += 1
    assert tried >= CASES // 2


def test_order_of_rules_and_items_never_matters() -> None:
    """S-42, S-43: rules, peers and ports of NetworkPolicies."""
    for random, base, _, told in cases({}):
        for text in base.values():
            for policy in policies(text):
                spec = policy.get("spec") or {}
                for direction, word in (("ingress", "from"), ("egress", "to")):
                    for rule in spec.get(direction) or []:
                        for items in (rule or {}).get(word), (rule or {}).get("ports"):
                            random.shuffle(items or [])
                    random.shuffle(spec.get(direction) or [])
                head = {**base, "zz.yaml": json.dumps(policy)}
                found = kit.diff(base, head, exposure="never")
                assert (found["opened"], found["closed"]) == ([], []), f"{policy}\n{told}"
