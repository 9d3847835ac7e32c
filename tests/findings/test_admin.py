"""Checks of the Admin and Baseline tiers (S-52, S-64), near misses (F-35), references (F-34)."""

from __future__ import annotations

import pytest

from reviewer.findings.near_miss import apart
from tests.findings.manifests import (
    API,
    DB,
    WEB,
    admits,
    compared,
    namespace,
    pods,
    said,
    service,
    workload,
)


def admin(name: str, priority: int, action: str, peer: str = "namespaces: {}") -> str:
    """An AdminNetworkPolicy of every namespace with one ingress rule."""
    return f"""---
apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata: {{name: {name}}}
spec:
  priority: {priority}
  subject: {{namespaces: {{}}}}
  ingress:
  - action: {action}
    from: [{{{peer}}}]
"""


TO_WEB = admits("shop/p", "app=web", pods("app=api"))
CASES = [
    (
        "admin-overrides",
        WEB + API + admin("wall", 1, "Deny"),
        WEB + API + admin("wall", 1, "Deny") + TO_WEB,
        ["low admin-overrides: shop/p ingress[0] never decides: wall does"],
    ),
    (
        "a Pass",
        WEB + API + admin("wall", 1, "Pass"),
        WEB + API + admin("wall", 1, "Pass") + TO_WEB,
        [],
    ),
    (
        "a Pass before a Deny",
        WEB + API + admin("a", 1, "Pass") + admin("b", 2, "Deny"),
        WEB + API + admin("a", 1, "Pass") + admin("b", 2, "Deny") + TO_WEB,
        [],
    ),
    (
        "priority-tie",
        WEB + admin("a", 5, "Allow"),
        WEB + admin("a", 5, "Allow") + admin("b", 5, "Deny"),
        ["low priority-tie: a and b have priority 5: order undefined"],
    ),
    (
        "each with the first that it ties with",
        WEB,
        WEB + admin("a", 5, "Allow") + admin("b", 5, "Deny") + admin("c", 5, "Deny"),
        [
            "low priority-tie: a and b have priority 5: order undefined",
            "low priority-tie: a and c have priority 5: order undefined",
        ],
    ),
    (
        "two that tied before, with a third that is gone",
        WEB + admin("a", 5, "Allow") + admin("b", 5, "Deny") + admin("c", 5, "Deny"),
        WEB + admin("b", 5, "Deny") + admin("c", 5, "Deny"),
        [],
    ),
    (
        "other priorities",
        WEB + admin("a", 5, "Allow"),
        WEB + admin("a", 5, "Allow") + admin("b", 6, "Deny"),
        [],
    ),
]


@pytest.mark.parametrize(
    ("base", "head", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_tiers(base: str, head: str, expected: list[str]) -> None:
    found = said(base, head, exposure="never")
    assert [s for s in found if "admin-overrides" in s or "priority-tie" in s] == expected


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [("cart", "cart", 0), ("cart", "carts", 1), ("cart", "crat", 1), ("ab", "ba", 1),
     ("web", "api", 3), ("a", "abcd", 3), ("kitten", "sitten", 1), ("abc", "ca", 3)],
)  # fmt: skip
def test_distance(one: str, other: str, distance: int) -> None:
    """F-35: Damerau-Levenshtein; over two it only has to be over two."""
    found = apart(one, other)
    assert found == distance or (found > 2 and distance > 2)


def env(value: str) -> str:
    return workload("shop/web", "app=web", 8080, env=value)


REFERENCES = [
    ("db", True),
    ("db.shop", True),
    ("db.shop.svc.cluster.local:5432", True),
    ("postgres://user@db/shop", True),
    ("postgresql://db:5432/x", True),
    ("tcp://db:5432", True),
    ("host=db.shop.svc port=5432", True),
    ("http://db", False),
    ("db:5433", False),
    ("the db is here", False),
    ("mydb", False),
    ("db.other", False),
    ("db.shop.example.com", False),
    ("a-db", False),
]


@pytest.mark.parametrize(("value", "refers"), REFERENCES)
def test_references(value: str, refers: bool) -> None:
    """F-34: what names a Service and what does not."""
    rest = DB + service("shop/db", "app=store", 5432)
    closed = admits("shop/p", "app=store", namespace("a=b"))
    found = [f.rule for f in compared(env(value) + rest, env(value) + rest + closed).findings]
    assert ("service-unreachable" in found) is refers
    assert not any(
        value in f.message
        for f in compared(env(value) + rest, env(value) + rest + closed).findings
        if len(value) > 10
    )
