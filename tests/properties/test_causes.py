"""Causes are exact (S-75): what a row names is what trying every set of edits finds.

`CASES=N` sets how many pairs of clusters are tried of each flavour, `SEED=N` the first seed; a
failure names its seed and prints the manifests.
"""

import os
from collections.abc import Iterator, Mapping
from random import Random

import pytest

from reviewer.delta import FlowChange, compare
from reviewer.engine import Snapshot
from reviewer.options import Options
from reviewer.pipeline import take_snapshots
from tests import kit
from tests.properties.clusters import cluster, edit
from tests.properties.taken_back import Back, Between, Hybrids, Unclear, behind, causes, tried

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


def tried_out(flavour: str) -> Iterator[tuple[FlowChange, Between, list[Mapping[Back, bool]], str]]:
    """The changed rows of random pairs with few edits, each with what becomes of its atoms when
    any set of edits is taken back, and words for a failure."""
    flags, exposure = FLAVOURS[flavour]
    for seed in range(SEED, SEED + CASES):
        base, head = pair(seed, flags)
        try:
            between = Between(base, head)
        except Unclear:
            continue
        if len(between.edits) > FEW:
            continue
        delta = compare(*snapshots(base, head, exposure))
        for opened, rows in ((True, delta.opened), (False, delta.closed)):
            if rows:
                hybrids = Hybrids(between, tried(between), exposure, opened=opened)
                for row in rows:
                    words = told(seed, flavour, row, base, head)
                    yield row, between, list(hybrids.atoms(row)), words


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_row_names_the_edits_behind_it(flavour: str) -> None:
    """S-75: the edits of all smallest sets without which some of the row would not be there."""
    for row, _, atoms, words in tried_out(flavour):
        found = frozenset().union(*map(behind, atoms))
        assert causes(row) == found, words


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_any_other_edit_taken_back_leaves_the_row(flavour: str) -> None:
    """S-75: the row goes with the edits named, and with no other one, but where that one only
    makes up for others that are not named either: with those taken back too the row is there
    again, so it needs none of them."""
    for row, between, atoms, words in tried_out(flavour):
        named = causes(row)
        assert not any(atom[named] for atom in atoms), words
        for other in between.edits.keys() - named:
            for atom in atoms:
                unnamed = [each for each in atom if other in each and not each & named]
                assert any(atom[each] for each in unnamed), words


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
