"""What one rule says of one pod or of outside addresses, whatever else applies."""

from __future__ import annotations

import pytest

from reviewer.base.ports import ALL_PORTS, port_range
from reviewer.engine import ones, rule_row, rule_sweep, sweep_rows
from reviewer.engine.rows import Row
from tests import kit
from tests.conformance.words import at, np, pod, serving

WEB = pod("shop/web", "app: web", at("10.1.0.1"))
DB = pod("shop/db", "app: db", serving("name: sql, containerPort: 5432"))
TCP_80 = port_range("TCP", 80, 80)
SQL = port_range("TCP", 5432, 5432)
DB_AT, WEB_AT = 0, 1


def asked(policy: str, column: int) -> tuple[Row, list[str]]:
    """The row of the one rule towards a column, and the blocks it means."""
    side = kit.flow_result(WEB + DB + policy, exposure="never").snapshot.reachability.side
    (made,) = kit.flow_result(WEB + DB + policy, exposure="never").snapshot.cluster.policies
    (rule,) = made.rules
    subject = side.subject(made)
    sweep = rule_sweep(side, rule, column, 4)
    return rule_row(side, rule, column, subject), [
        cidr for each, _ in sweep_rows(sweep, 4) for cidr in each.cidrs()
    ]


def rule(direction: str, text: str) -> str:
    types = "Ingress" if direction == "ingress" else "Egress"
    return np("shop/p", f"{{podSelector: {{}}, policyTypes: [{types}], {direction}: [{text}]}}")


RULES: list[tuple[str, str, int, Row, list[str]]] = [
    ("everyone", rule("ingress", "{}"), DB_AT, {ALL_PORTS: 0b11}, ["0.0.0.0/0"]),
    (
        "a selector",
        rule("ingress", "{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 80}]}"),
        DB_AT,
        {TCP_80: 0b10},
        [],
    ),
    (
        "a name that the pod has",
        rule("ingress", "{ports: [{port: sql}]}"),
        DB_AT,
        {SQL: 0b11},
        ["0.0.0.0/0"],
    ),
    ("a name that it has not", rule("ingress", "{ports: [{port: sql}]}"), WEB_AT, {}, []),
    (
        "a block with a known address, and ranges it meets",
        rule("ingress", "{from: [{ipBlock: {cidr: 10.1.0.0/16}}]}"),
        DB_AT,
        {ALL_PORTS: 0b11},
        ["10.1.0.0/16"],
    ),
    (
        "a block beside them",
        rule("ingress", "{from: [{ipBlock: {cidr: 9.0.0.0/8}}]}"),
        DB_AT,
        {},
        ["9.0.0.0/8"],
    ),
    (
        "egress: the subject towards a pod that is meant",
        rule("egress", "{to: [{podSelector: {matchLabels: {app: db}}}]}"),
        DB_AT,
        {ALL_PORTS: 0b11},
        [],
    ),
    (
        "egress: not towards another",
        rule("egress", "{to: [{podSelector: {matchLabels: {app: db}}}]}"),
        WEB_AT,
        {},
        [],
    ),
    (
        "egress: by a known address",
        rule("egress", "{to: [{ipBlock: {cidr: 10.1.0.0/16}}]}"),
        WEB_AT,
        {ALL_PORTS: 0b11},
        ["10.1.0.0/16"],
    ),
]


@pytest.mark.parametrize(
    ("policy", "column", "row", "blocks"), [r[1:] for r in RULES], ids=[r[0] for r in RULES]
)
def test_one_rule(policy: str, column: int, row: Row, blocks: list[str]) -> None:
    found, beyond = asked(policy, column)
    assert found == row
    assert all(list(ones(bits)) for bits in found.values())
    assert beyond == blocks


def test_names_mean_nothing_at_an_address() -> None:
    """S-46."""
    policy = rule("egress", "{ports: [{port: sql}]}")
    snapshot = kit.flow_result(WEB + DB + policy, exposure="never").snapshot
    (made,) = snapshot.cluster.policies
    assert rule_sweep(snapshot.reachability.side, made.rules[0], None, 4) == ()
