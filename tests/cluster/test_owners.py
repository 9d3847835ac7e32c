"""Whose pods an object's pods are (S-23)."""

from __future__ import annotations

import pytest

from reviewer.cluster.owners import Owners
from reviewer.manifests import WorkloadObject
from tests.conformance.words import RUNS, piece
from tests.manifests.kit import read_text

API = {"Pod": "v1", "ReplicaSet": "apps/v1", "Job": "batch/v1", "Deployment": "apps/v1"}


def owned(kind: str, name: str, by: str = "") -> str:
    """An object, owned by `KIND NAME`."""
    meta = ""
    if by:
        above, _, title = by.partition(" ")
        meta = f"ownerReferences: [{{kind: {above}, name: {title}, controller: true}}]"
    spec = RUNS if kind == "Pod" else f"{{template: {{spec: {RUNS}}}}}"
    return piece(API[kind], kind, f"shop/{name}", spec, meta)


def objects(text: str) -> tuple[WorkloadObject, ...]:
    return read_text(text).workloads


CHAINS: list[tuple[str, str, str]] = [
    ("S-23 nobody's", owned("Pod", "web"), "shop/web[Pod]"),
    ("S-23 an owner that is not there", owned("Pod", "web", "ReplicaSet a"), "shop/a[ReplicaSet]"),
    (
        "S-23 the owner's owner",
        owned("Pod", "web", "ReplicaSet a") + owned("ReplicaSet", "a", "Deployment b"),
        "shop/b[Deployment]",
    ),
    (
        "S-23 of a kind we do not know",
        owned("Job", "web", "Workflow a"),
        "shop/a[Workflow]",
    ),
    (
        "S-23 an owned Deployment stands",
        owned("Deployment", "web", "Application a"),
        "shop/web[Deployment]",
    ),
    (
        "S-23 but what it owns goes on",
        owned("Pod", "web", "Deployment a") + owned("Deployment", "a", "Application b"),
        "shop/b[Application]",
    ),
    (
        "S-23 a ring stops where it closes",
        owned("ReplicaSet", "a", "Job b") + owned("Job", "b", "ReplicaSet a"),
        "shop/b[Job]",
    ),
    ("S-23 its own owner", owned("ReplicaSet", "a", "ReplicaSet a"), "shop/a[ReplicaSet]"),
]


@pytest.mark.parametrize(("text", "expected"), [c[1:] for c in CHAINS], ids=[c[0] for c in CHAINS])
def test_home(text: str, expected: str) -> None:
    found = objects(text)
    assert Owners(found).home(found[0]).id == expected
