"""Rows and what differs between two sides (semantics.md section 7)."""

from __future__ import annotations

import random

import pytest

from tests import kit
from tests.conformance.words import np, pod, service, serving, space, workload

WEB, DB = pod("shop/web", "app: web"), pod("shop/db", "app: db")
JOB = pod("ops/job", "app: job")
CLOSED = np("shop/p", "{podSelector: {matchLabels: {app: db}}}")


def admits(rest: str) -> str:
    return np("shop/p", f"{{podSelector: {{matchLabels: {{app: db}}}}, ingress: [{{{rest}}}]}}")


FROM_WEB = "from: [{podSelector: {matchLabels: {app: web}}}]"
ROWS: list[tuple[str, str, list[str]]] = [
    (
        "S-70 one row a pair, ports merged",
        WEB
        + DB
        + admits(
            f"{FROM_WEB}, ports: [{{port: 80}}, {{port: 81}}, {{port: 1, endPort: 79}}, "
            f"{{protocol: UDP}}]"
        ),
        ["shop/web -> shop/db: TCP 1-81 UDP"],
    ),
    (
        "S-70 the fewest blocks",
        DB
        + admits("from: [{ipBlock: {cidr: 203.0.113.0/25}}, {ipBlock: {cidr: 203.0.113.128/25}}]"),
        ["203.0.113.0/24 -> shop/db: all"],
    ),
    (
        "S-70 rows are disjoint and differ in ports",
        DB
        + admits(
            "from: [{ipBlock: {cidr: 203.0.113.0/24}}], ports: [{port: 80}]}, {from: "
            "[{ipBlock: {cidr: 203.0.113.0/25}}], ports: [{port: 443}]"
        ),
        ["203.0.113.0/25 -> shop/db: TCP 80,443", "203.0.113.128/25 -> shop/db: TCP 80"],
    ),
    (
        "S-76 IPv4 before IPv6, by address",
        DB
        + admits(
            "from: [{ipBlock: {cidr: '2001:db8::/32'}}, {ipBlock: {cidr: 9.0.0.0/8}}, "
            "{ipBlock: {cidr: 203.0.113.0/24}}]"
        ),
        ["9.0.0.0/8 203.0.113.0/24 -> shop/db: all", "2001:db8::/32 -> shop/db: all"],
    ),
]


@pytest.mark.parametrize(("files", "expected"), [r[1:] for r in ROWS], ids=[r[0] for r in ROWS])
def test_rows(files: str, expected: list[str]) -> None:
    assert [row for row in kit.rows(files) if " -> shop/db" in row] == expected


BASE = WEB + DB + admits(f"{FROM_WEB}, ports: [{{port: 80}}]")
CHANGES: list[tuple[str, str, str, list[str]]] = [
    (
        "S-71 only the ports that were gained",
        BASE,
        WEB + DB + admits(f"{FROM_WEB}, ports: [{{port: 80}}, {{port: 443}}]"),
        ["+ shop/web -> shop/db: TCP 443"],
    ),
    (
        "S-71 a pair may stand in both",
        BASE,
        WEB + DB + admits(f"{FROM_WEB}, ports: [{{port: 443}}]"),
        ["+ shop/web -> shop/db: TCP 443", "- shop/web -> shop/db: TCP 80"],
    ),
    (
        "S-71 another order changes nothing",
        BASE,
        admits(f"{FROM_WEB}, ports: [{{port: 80}}]") + DB + WEB,
        [],
    ),
    (
        "S-71 another kind is another endpoint",
        WEB + CLOSED,
        workload("Deployment", "shop/web", "app: web") + CLOSED,
        [
            "+ shop/web -> 0.0.0.0/0: all",
            "+ shop/web -> ::/0: all",
            "+ 0.0.0.0/0 -> shop/web: all",
            "+ ::/0 -> shop/web: all",
            "- shop/web -> 0.0.0.0/0: all",
            "- shop/web -> ::/0: all",
            "- 0.0.0.0/0 -> shop/web: all",
            "- ::/0 -> shop/web: all",
        ],
    ),
    (
        "S-72 all flows of an added workload",
        DB,
        DB + pod("shop/new", "app: new"),
        [
            "+ shop/db -> shop/new: all",
            "+ shop/new -> shop/db: all",
            "+ shop/new -> 0.0.0.0/0: all",
            "+ shop/new -> ::/0: all",
            "+ 0.0.0.0/0 -> shop/new: all",
            "+ ::/0 -> shop/new: all",
        ],
    ),
    (
        "S-73 labels of a workload",
        WEB + DB + admits(FROM_WEB),
        pod("shop/web", "app: api") + DB + admits(FROM_WEB),
        ["- shop/web -> shop/db: all"],
    ),
    (
        "S-73 labels of a namespace",
        JOB + DB + space("ops") + admits("from: [{namespaceSelector: {matchLabels: {team: ops}}}]"),
        JOB
        + DB
        + space("ops", "team: ops")
        + admits("from: [{namespaceSelector: {matchLabels: {team: ops}}}]"),
        ["+ ops/job -> shop/db: all"],
    ),
    (
        "S-73 container ports",
        WEB
        + pod("shop/db", "app: db", serving("name: sql, containerPort: 1"))
        + admits(f"{FROM_WEB}, ports: [{{port: sql}}]"),
        WEB
        + pod("shop/db", "app: db", serving("name: sql, containerPort: 2"))
        + admits(f"{FROM_WEB}, ports: [{{port: sql}}]"),
        ["+ shop/web -> shop/db: TCP 2", "- shop/web -> shop/db: TCP 1"],
    ),
    (
        "S-73 a Service alone changes nothing",
        BASE,
        BASE + service("shop/db", "app: db", "port: 1"),
        [],
    ),
]


@pytest.mark.parametrize(
    ("base", "head", "expected"), [c[1:] for c in CHANGES], ids=[c[0] for c in CHANGES]
)
def test_changes(base: str, head: str, expected: list[str]) -> None:
    assert kit.changes(base, head) == expected


WORKLOADS: list[tuple[str, str, str, list[str]]] = [
    ("S-72 source_added, destination_added", DB, DB + WEB, ["source_added", "destination_added"]),
    ("S-72 both_added", "", DB + WEB, ["both_added"] * 2),
    (
        "S-72 source_removed, destination_removed",
        DB + WEB,
        DB,
        ["source_removed", "destination_removed"],
    ),
    ("S-72 both_removed", DB + WEB, "", ["both_removed"] * 2),
    ("S-72 absent where both stand", BASE, WEB + DB + CLOSED, [""]),
    ("S-72 one added and the other removed: in neither", DB, WEB, []),
]


@pytest.mark.parametrize(
    ("base", "head", "expected"), [w[1:] for w in WORKLOADS], ids=[w[0] for w in WORKLOADS]
)
def test_workload_change(base: str, head: str, expected: list[str]) -> None:
    found = kit.diff(base, head)
    pairs = [
        each.get("workload_change", "")
        for each in found["opened"] + found["closed"]
        if "workload" in each["source"] and "workload" in each["destination"]
    ]
    assert sorted(pairs) == sorted(expected)


def test_an_outside_end_counts_as_nothing() -> None:
    """S-72: only the workload counts."""
    found = kit.diff("", DB)
    assert [(kit.row(r), r["workload_change"]) for r in found["opened"]] == [
        ("shop/db -> 0.0.0.0/0: all", "source_added"),
        ("shop/db -> ::/0: all", "source_added"),
        ("0.0.0.0/0 -> shop/db: all", "destination_added"),
        ("::/0 -> shop/db: all", "destination_added"),
    ]


SUMMARY: list[tuple[str, str, str, tuple[int, int, int]]] = [
    (
        "S-74 a pair may count in all three",
        WEB + DB + admits(f"{FROM_WEB}, ports: [{{port: 80}}, {{port: 81}}]"),
        WEB + DB + admits(f"{FROM_WEB}, ports: [{{port: 80}}, {{port: 82}}]"),
        (1, 1, 8),
    ),
    ("S-74 unchanged are the rows of what both allow", WEB + DB, WEB + DB, (0, 0, 10)),
]


@pytest.mark.parametrize(
    ("base", "head", "expected"), [s[1:] for s in SUMMARY], ids=[s[0] for s in SUMMARY]
)
def test_summary(base: str, head: str, expected: tuple[int, int, int]) -> None:
    found = kit.diff(base, head)["summary"]
    assert (found["opened"], found["closed"], found["unchanged"]) == expected


def told(cause: dict[str, object]) -> str:
    """A cause in words: `kind object rule change side line`."""
    return " ".join(
        str(cause[k] or "-") for k in ("kind", "object", "rule", "change", "side", "line")
    )


BECAUSE: list[tuple[str, str, str, list[str]]] = [
    (
        "S-75 a rule that is new",
        WEB + DB + CLOSED,
        WEB + DB + admits(FROM_WEB),
        ["NetworkPolicy shop/p ingress[0] modified head 15"],
    ),
    (
        "S-75 a policy that isolates",
        WEB + DB,
        WEB + DB + CLOSED,
        ["NetworkPolicy shop/p - added head 12"],
    ),
    (
        "S-75 one that isolates no more",
        WEB + DB + CLOSED,
        WEB + DB,
        ["NetworkPolicy shop/p - removed base 12"],
    ),
    (
        "S-75 a workload with other labels",
        pod("shop/web", "app: api") + DB + admits(FROM_WEB),
        WEB + DB + admits(FROM_WEB),
        ["Pod shop/web - modified head 2"],
    ),
    (
        "S-75 labels of a namespace",
        JOB + DB + space("ops") + admits("from: [{namespaceSelector: {matchLabels: {team: ops}}}]"),
        JOB
        + DB
        + space("ops", "team: ops")
        + admits("from: [{namespaceSelector: {matchLabels: {team: ops}}}]"),
        ["Namespace ops - modified head 12"],
    ),
    ("S-75 the workload that came", DB, DB + WEB, ["Pod shop/web - added head 7"]),
    (
        "S-75 both that only together make it",
        pod("shop/web", "app: api") + DB + CLOSED,
        WEB + DB + admits(FROM_WEB),
        ["NetworkPolicy shop/p ingress[0] modified head 15", "Pod shop/web - modified head 2"],
    ),
]


@pytest.mark.parametrize(
    ("base", "head", "expected"), [b[1:] for b in BECAUSE], ids=[b[0] for b in BECAUSE]
)
def test_because(base: str, head: str, expected: list[str]) -> None:
    found = kit.diff(base, head)
    (row,) = [
        row
        for row in found["opened"] + found["closed"]
        if kit.row(row).startswith(("shop/web -> shop/db", "ops/job -> shop/db"))
    ]
    assert [told(cause) for cause in row["because"]] == expected


def test_order_of_rows() -> None:
    """S-76: by source, then destination: workloads, addresses, selectors, then the controller."""
    files = [WEB, DB, JOB, admits("from: [{namespaceSelector: {}}]")]
    expected = kit.rows("".join(files))
    assert [row.split(" -> ")[0] for row in expected] == sorted(
        (row.split(" -> ")[0] for row in expected), key=lambda end: (end[0] in "0:", end)
    )
    for seed in range(5):
        random.Random(seed).shuffle(files)
        assert kit.rows("".join(files)) == expected


def test_relabelled() -> None:
    """S-73."""
    found = kit.diff(WEB, pod("shop/web", "app: other"))
    assert found["workloads"]["relabelled"] == ["shop/web[Pod]"]
    assert found["opened"] == found["closed"] == []
