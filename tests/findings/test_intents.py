"""Intents (F-22 to F-24)."""

from __future__ import annotations

from typing import Any

import pytest

from reviewer.base.addresses import AddressSet, read_cidr
from reviewer.base.documents import Origin
from reviewer.base.labels import Selector, equals
from reviewer.base.ports import PortSet, port_range
from reviewer.findings import CidrsEnd, End, Intent, Place, Preferences, SelectedEnd, Severity
from tests.findings.manifests import (
    API,
    DB,
    WEB,
    admits,
    block,
    compared,
    deny,
    pods,
    policy,
    words,
    workload,
)

SHUT = deny("shop")
STORE: End = SelectedEnd(Selector(), equals("app", "store"))
CLIENT: End = SelectedEnd(Selector(), equals("app", "api"))
PLACE = Origin(".github/netpol-reviewer.yml", 3)


def cidr(text: str) -> AddressSet:
    found = read_cidr(text)
    assert found is not None
    return found.block


def intent(forbid: bool, source: End, to: End, ports: PortSet | None = None) -> Intent:
    return Intent("kept", forbid, (source,), (to,), ports, Severity.CRITICAL, PLACE)


def found(base: str, head: str, asked: Intent, **more: Any) -> list[str]:
    review = compared(base, head, preferences=Preferences(intents=(asked,), **more))
    return [words(each) for each in review.findings if each.rule.startswith("intent")]


TO_DB = admits("shop/db", "app=store", pods("app=api"), ports="TCP/5432")
OPEN = admits("shop/db", "app=store", block("0.0.0.0/0"), ports="TCP/5432")
P5432 = port_range("TCP", 5432, 5432)

VIOLATED = "critical intent-violated: intent kept: "

CASES: list[tuple[str, str, str, Intent, list[str]]] = [
    (
        "forbid from internet",
        DB + SHUT,
        DB + SHUT + OPEN,
        intent(True, Place.INTERNET, STORE),
        [VIOLATED + "0.0.0.0/0 must not reach shop/db[Deployment] on TCP 5432"],
    ),
    (
        "forbid a pair",
        DB + API + SHUT,
        DB + API + SHUT + TO_DB,
        intent(True, CLIENT, STORE),
        [VIOLATED + "shop/api[Deployment] must not reach shop/db[Deployment] on TCP 5432"],
    ),
    ("forbid other ports", DB + API + SHUT, DB + API + SHUT + TO_DB,
     intent(True, CLIENT, STORE, port_range("TCP", 22, 22)), []),
    (
        "forbid, standing: counted, not gating (F-23)",
        DB + API + SHUT + TO_DB,
        DB + API + WEB + SHUT + TO_DB,
        intent(True, CLIENT, STORE),
        ["info intent-standing: intent kept: 1 violation stood before this change"],
    ),
    (
        "forbid, an added workload is new",
        DB + SHUT + TO_DB,
        DB + API + SHUT + TO_DB,
        intent(True, CLIENT, STORE),
        [VIOLATED + "shop/api[Deployment] must not reach shop/db[Deployment] on TCP 5432"],
    ),
    (
        "require, and it closes (F-81)",
        DB + API + SHUT + TO_DB,
        DB + API + SHUT,
        intent(False, CLIENT, STORE, P5432),
        [VIOLATED + "shop/api[Deployment] must reach shop/db[Deployment] on TCP 5432"],
    ),
    (
        "require from addresses: every one of them",
        DB + SHUT + OPEN,
        DB + SHUT + admits("shop/db", "app=store", block("10.1.0.0/16"), ports="TCP/5432"),
        intent(False, CidrsEnd((cidr("10.0.0.0/8"),)), STORE, P5432),
        [VIOLATED + "10.0.0.0/8 must reach shop/db[Deployment] on TCP 5432"],
    ),
    ("require holds", DB + API + SHUT + TO_DB, DB + API + WEB + SHUT + TO_DB,
     intent(False, CLIENT, STORE, P5432), []),
    (
        "vacuous since a relabelling (F-24)",
        DB + API,
        DB + workload("shop/api", "app=other", 8081),
        intent(True, CLIENT, STORE, port_range("TCP", 1, 1)),
        ["medium intent-vacuous: intent kept: its from matches nothing, on base it did"],
    ),
    (
        "vacuous on both sides",
        DB,
        DB + WEB,
        intent(True, CLIENT, STORE),
        ["info intent-vacuous: intent kept: its from matches nothing"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("base", "head", "asked", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_intents(base: str, head: str, asked: Intent, expected: list[str]) -> None:
    assert found(base, head, asked) == expected


def test_pre_existing_gate_makes_standing_ones_count() -> None:
    """F-23."""
    both = DB + API + SHUT + TO_DB
    said = found(both, both + WEB, intent(True, CLIENT, STORE), gate_standing=True)
    assert [each.split(":")[0] for each in said] == ["critical intent-violated"]


def test_a_violation_names_the_edit_behind_it() -> None:
    """F-4: the rule that admits the row, and the row itself."""
    asked = Preferences(intents=(intent(True, Place.INTERNET, STORE),))
    review = compared(DB + SHUT, DB + SHUT + OPEN, preferences=asked)
    [violated] = [each for each in review.findings if each.rule == "intent-violated"]
    assert violated.origin is not None
    assert violated.origin.file == "all.yaml"
    assert violated.flows == (0,)
    assert review.verdict.failed


def test_only_head_has_no_say() -> None:
    """F-83: without base's configuration nothing is intended."""
    review = compared(DB + SHUT, DB + SHUT + policy("shop/x", "app=store"))
    assert not any(each.rule.startswith("intent") for each in review.findings)
