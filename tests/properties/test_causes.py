"""Causes are exact (S-75): what a row names is what trying every set of edits finds.

`CASES=N` sets how many pairs of clusters are tried of each flavour, `SEED=N` the first seed; a
failure names its seed and prints the manifests.
"""

import os
from random import Random

import pytest

from reviewer.delta import FlowChange, compare
from reviewer.engine import Snapshot
from reviewer.pipeline import Options, take_snapshots
from tests import kit
from tests.properties.clusters import cluster, edit
from tests.properties.taken_back import Between, Hybrids, Unclear, behind, causes, tried

CASES = int(os.environ.get("CASES", "10"))
SEED = int(os.environ.get("SEED", "0"))
FEW = 6
FLAVOURS: dict[str, tuple[dict[str, bool], str]] = {
    "policies": ({}, "never"),
    "admin policies and entries": ({"admin": True, "entries": True}, "never"),
    "unseen pods": ({"exposure": True, "entries": True, "admin": True}, "auto"),
    "unseen pods everywhere": ({"exposure": True, "admin": True}, "always"),
}


def pair(seed: int, flags: dict[str, bool]) -> tuple[dict[str, str], dict[str, str]]:
    """A random cluster and some edits of it."""
    random = Random(seed)
    base = cluster(random, **flags)
    head = base
    for _ in range(random.choice((1, 1, 2, 3))):
        head = edit(random, head, **flags)
    return base, head


def snapshots(base: kit.Files, head: kit.Files, exposure: str) -> tuple[Snapshot, ...]:
    """Both sides, answered."""
    materials = (kit.material(base, "base"), kit.material(head, "head"))
    return take_snapshots(materials, Options(exposure=exposure))[0]


def told(seed: int, flavour: str, row: FlowChange, base: object, head: object) -> str:
    """Where it went wrong."""
    return f"seed {seed} of {flavour}: {row}\nbase: {base}\nhead: {head}"


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_row_names_the_edits_behind_it(flavour: str) -> None:
    """S-75: the edits of all smallest sets without which some of the row would not be there."""
    flags, exposure = FLAVOURS[flavour]
    for seed in range(SEED, SEED + CASES):
        base, head = pair(seed, flags)
        try:
            between = Between(base, head)
        except Unclear:
            continue
        delta = compare(*snapshots(base, head, exposure))
        for opened, rows in ((True, delta.opened), (False, delta.closed)):
            if not rows or len(between.edits) > FEW:
                continue
            hybrids = Hybrids(between, tried(between), exposure, opened=opened)
            for row in rows:
                found = frozenset().union(*(behind(atom) for atom in hybrids.atoms(row)))
                assert causes(row) == found, told(seed, flavour, row, base, head)


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_without_the_edits_named_a_row_is_not_there(flavour: str) -> None:
    """S-75 where edits are many: with those named taken back nothing of the row is left."""
    flags, exposure = FLAVOURS[flavour]
    for seed in range(SEED, SEED + CASES):
        random = Random(seed)
        base, head = cluster(random, **flags), cluster(random, **flags)
        try:
            between = Between(base, head)
        except Unclear:
            continue
        delta = compare(*snapshots(base, head, exposure))
        for opened, rows in ((True, delta.opened), (False, delta.closed)):
            sets = sorted({causes(row) for row in rows} - {frozenset()}, key=sorted)
            hybrids = Hybrids(between, (frozenset(), *sets), exposure, opened=opened)
            for row in rows:
                assert row.because, told(seed, flavour, row, base, head)
                left = [atom[causes(row)] for atom in hybrids.atoms(row)]
                assert not any(left), told(seed, flavour, row, base, head)
