"""Opened and closed rows in tables (S-70 to S-74): base, head, lines with `+` and `-`."""

import pytest

from tests import kit

PAIR = """
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {containers: [{name: c}]}
---
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: shop, labels: {app: db}}
spec: {containers: [{name: c}]}
---
"""
WEB, DB, _ = PAIR.split("---")
POLICY = """
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{name: db, namespace: shop}}
spec: {{podSelector: {{matchLabels: {{app: db}}}}, ingress: {ingress}}}
"""


def db(ingress: str = "[]") -> str:
    """A policy of shop/db alone."""
    return POLICY.format(ingress=ingress)


FROM_WEB = "{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: %s}]}"
BLOCK = "{from: [{ipBlock: {cidr: %s}}], ports: [{port: %s}]}"
ROWS = [
    ("nothing", PAIR + db(), PAIR + db(), []),
    (
        "a policy isolates",
        PAIR,
        PAIR + db(),
        ["- shop/web -> shop/db: all", "- 0.0.0.0/0 -> shop/db: all", "- ::/0 -> shop/db: all"],
    ),
    (
        "a pair may stand in both",
        PAIR + db(f"[{FROM_WEB % 80}]"),
        PAIR + db(f"[{FROM_WEB % 81}]"),
        ["+ shop/web -> shop/db: TCP 81", "- shop/web -> shop/db: TCP 80"],
    ),
    (
        "only what was gained",
        PAIR + db(f"[{FROM_WEB % 80}]"),
        PAIR + db(f"[{FROM_WEB % 80}, {FROM_WEB % 82}, {FROM_WEB % 81}]"),
        ["+ shop/web -> shop/db: TCP 81-82"],
    ),
    (
        "addresses that differ, rows of equal ports merged",
        PAIR + db(f"[{BLOCK % ('10.0.0.0/9', 80)}]"),
        PAIR + db(f"[{BLOCK % ('10.0.0.0/8', 80)}, {BLOCK % ('11.0.0.0/8', 80)}]"),
        ["+ 10.128.0.0/9 11.0.0.0/8 -> shop/db: TCP 80"],
    ),
]


@pytest.mark.parametrize(("base", "head", "lines"), [r[1:] for r in ROWS], ids=[r[0] for r in ROWS])
def test_rows(base: str, head: str, lines: list[str]) -> None:
    """S-71, and the other way round its mirror image."""
    turned = [f"{'-' if line[0] == '+' else '+'}{line[1:]}" for line in lines]
    assert kit.changes(base, head) == lines
    assert sorted(kit.changes(head, base)) == sorted(turned)


def test_unchanged_counts_what_both_sides_allow() -> None:
    """S-74: a pair may count in all three."""
    found = kit.diff(
        PAIR + db(f"[{FROM_WEB % '80, endPort: 90'}]"),
        PAIR + db(f"[{FROM_WEB % '85, endPort: 95'}]"),
    )
    # db to web and outside in two families each way, web out likewise: 1 + 4 + 2, and the pair.
    assert found["summary"] == {"opened": 1, "closed": 1, "unchanged": 8}


@pytest.mark.parametrize(
    ("base", "head", "sign", "words"),
    [
        (DB, PAIR, "opened", {"source_added", "destination_added"}),
        (PAIR, DB, "closed", {"source_removed", "destination_removed"}),
        ("", PAIR, "opened", {"both_added", "source_added", "destination_added"}),
        (PAIR, "", "closed", {"both_removed", "source_removed", "destination_removed"}),
    ],
)
def test_workloads_on_one_side_only(base: str, head: str, sign: str, words: set[str]) -> None:
    """S-72: all of their rows are opened or closed, with the word for which end it is."""
    found = kit.diff(base, head)
    assert {row["workload_change"] for row in found[sign]} == words
    assert found["closed" if sign == "opened" else "opened"] == []


def test_one_added_and_one_removed_have_no_row() -> None:
    """S-72: renaming is removal and addition; the two never met."""
    found = kit.changes(DB, WEB)
    assert [line for line in found if "shop/web" in line and "shop/db" in line] == []
    assert {line[0] for line in found} == {"+", "-"}


def test_labels_alone_are_told_even_where_nothing_moves() -> None:
    """S-73: relabelled, added and removed workloads."""
    found = kit.diff(PAIR, PAIR.replace("{app: web}", "{app: web, tier: front}"))
    assert found["workloads"] == {"added": [], "removed": [], "relabelled": ["shop/web[Pod]"]}
    assert found["opened"] == found["closed"] == []
