"""The random clusters are what they promise: reproducible, and dense enough to meet every rule."""

from random import Random

from tests import oracle
from tests.oracle.reading import LEVELS
from tests.properties.clusters import cluster, edit, settings

CODES = set(LEVELS) | {
    "duplicate-key",
    "duplicate-object",
    "cidr-not-canonical",
    "removed-api",
    "unsupported-policy",
    "named-port-unresolved",
    "direction-ignored",
    "same-priority",
    "host-network-selected",
    "backend-unresolved",
    "backend-blocked",
}


def test_a_seed_gives_the_same_bytes() -> None:
    for seed in range(20):
        one, other = Random(seed), Random(seed)
        base = cluster(one, admin=True, entries=True, odd=True, exposure=True)
        assert base == cluster(other, admin=True, entries=True, odd=True, exposure=True)
        assert edit(one, base) == edit(other, base)
        assert settings(one) == settings(other)


def test_every_diagnostic_and_every_kind_of_end_is_met() -> None:
    """Section 8 in full, and rows of each ENDPOINT of the output contract."""
    codes: set[str] = set()
    ends: set[str] = set()
    for seed in range(1000):
        random = Random(seed)
        odd = seed % 3 > 0
        files = cluster(random, admin=True, entries=seed % 2 == 0, odd=odd, exposure=not odd)
        found = oracle.flows(files, "auto")
        codes |= {one["code"] for one in found["diagnostics"]}
        ends |= {word for row in found["flows"] for word in (*row["source"], *row["destination"])}
        if codes >= CODES and len(ends) == 4:
            break
    assert CODES - codes == set()
    assert ends == {"workload", "cidrs", "selector", "ingress_controller"}
