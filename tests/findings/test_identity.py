"""Identity, order and guards of findings (F-3, F-5, F-70 to F-86)."""

from __future__ import annotations

import pytest

from reviewer.base.labels import Selector, equals
from reviewer.base.ports import port_range
from reviewer.findings import IDS, Preferences, Severity, SeverityEntry
from reviewer.findings.identity import canonical, identify
from tests.findings.manifests import (
    API,
    DB,
    WEB,
    admits,
    allows,
    block,
    compared,
    deny,
    namespace,
    pods,
    policy,
)

SHUT = deny("shop")
ALL = WEB + API + DB + SHUT
OPENED = admits("shop/db", "app=store", block("0.0.0.0/0"), ports="TCP/5432")
TWO = policy(
    "shop/web",
    "app=web",
    "{ingress: [{from: [{podSelector: {matchLabels: {app: api}}}], ports: [{port: 1}]},"
    " {from: [{podSelector: {matchLabels: {app: store}}}], ports: [{port: 2}, {port: 3}]}]}",
)


def test_canonical_json() -> None:
    """F-5: sorted keys, no blanks, UTF-8."""
    assert canonical({"b": ("é", 1), "a": frozenset({"y", "x"})}) == '{"a":["x","y"],"b":["é",1]}'
    assert canonical([port_range("TCP", 1, 2), equals("a", "b"), Selector()]) == (
        '[[["TCP",1,2]],"a=b",""]'
    )
    assert identify("x", []) == "x-4f53cda18c2b"


def test_ids_survive_moved_lines_and_reordered_rules() -> None:
    """F-5: no line, index, count or message is hashed."""
    plain = compared(ALL, ALL + OPENED + TWO)
    moved = compared("# a comment\n\n" + ALL, "# a comment\n\n\n\n" + TWO + ALL + OPENED)
    assert [f.id for f in plain.findings] == [f.id for f in moved.findings]
    assert [f.origin for f in plain.findings] != [f.origin for f in moved.findings]
    assert plain.findings


def test_order_is_by_severity_then_section_4() -> None:
    """F-5."""
    found = compared(ALL, ALL + OPENED + policy("shop/x", "app=wab") + allows("shop/y", "app=api"))
    keys = [(each.severity, IDS.index(each.rule)) for each in found.findings]
    assert keys == sorted(keys)
    assert len({each.id for each in found.findings}) == len(found.findings)


SPLIT = admits("shop/p", "", pods("app=web"), ports="TCP/80,TCP/81")
REFACTORS = [
    ("nothing at all", TWO, TWO),
    ("comments", TWO, TWO.replace("spec:", "# why\nspec: # here")),
    ("another name", TWO, TWO.replace("name: web\n", "name: site\n", 1)),
    (
        "rules in another order",
        TWO,
        policy(
            "shop/web",
            "app=web",
            "{ingress: [{from: [{podSelector: {matchLabels: {app: store}}}],"
            " ports: [{port: 2}, {port: 3}]},"
            " {from: [{podSelector: {matchLabels: {app: api}}}], ports: [{port: 1}]}]}",
        ),
    ),
    (
        "a policy in two",
        TWO,
        admits("shop/web", "app=web", pods("app=api"), ports="TCP/1")
        + admits("shop/web2", "app=web", pods("app=store"), ports="TCP/2,TCP/3"),
    ),
    (
        "matchLabels to matchExpressions",
        TWO,
        TWO.replace(
            "matchLabels:\n          app: api",
            "matchExpressions: [{key: app, operator: In, values: [api]}]",
        ),
    ),
    (
        "ports to a range",
        TWO,
        TWO.replace("    - port: 2\n    - port: 3\n", "    - {port: 2, endPort: 3}\n"),
    ),
    (
        "a /16 in two /17",
        admits("shop/p", "app=web", block("44.1.0.0/16")),
        admits("shop/p", "app=web", block("44.1.0.0/17"), block("44.1.128.0/17")),
    ),
    (
        "a redundant policy",
        TWO + SPLIT,
        TWO + SPLIT + admits("shop/q", "app=api", pods("app=web"), ports="TCP/80"),
    ),
    ("anchors expanded", TWO, TWO.replace("metadata:\n", "metadata: &m\n", 1)),
]


@pytest.mark.parametrize(
    ("base", "head"), [c[1:] for c in REFACTORS], ids=[c[0] for c in REFACTORS]
)
def test_a_refactoring_is_no_alarm(base: str, head: str) -> None:
    """F-70: nothing opened, nothing closed, nothing above info, and the gate passes."""
    found = compared(ALL + base, ALL + head)
    assert (found.delta.opened, found.delta.closed) == ((), ())
    assert [f for f in found.findings if f.severity is not Severity.INFO] == []
    assert found.verdict.conclusion == "success"


def test_the_same_on_both_sides_says_nothing() -> None:
    """F-7: `diff X X` has no finding, whatever is wrong with X."""
    wrong = ALL + policy("shop/x", "app=wab") + admits("shop/y", "app=web", namespace("a=b"))
    assert compared(wrong, wrong).findings == ()


def test_closing_is_at_most_medium() -> None:
    """F-81."""
    head = ALL + deny("shop", "Ingress", "Egress").replace("default-deny", "all")
    found = compared(WEB + API + DB, head)
    assert found.delta.closed
    assert min(f.severity for f in found.findings) >= Severity.MEDIUM
    assert found.verdict.conclusion == "success"


def test_a_disabled_check_is_silent_and_another_speaks() -> None:
    """F-20: the row falls to the next that fits, or to none."""
    off = Preferences(disabled=frozenset({"policy-deleted-opens"}))
    rules = [f.rule for f in compared(WEB + SHUT, WEB, preferences=off).findings]
    assert "policy-deleted-opens" not in rules
    assert "lost-isolation" in rules


def test_a_check_takes_the_severity_of_the_configuration() -> None:
    """F-21."""
    entry = SeverityEntry("world-ingress", None, None, None, Severity.LOW)
    found = compared(ALL, ALL + OPENED, preferences=Preferences(severities=(entry,)))
    assert [f.severity for f in found.findings if f.rule == "world-ingress"] == [Severity.LOW]


def test_each_row_of_medium_or_above_has_one_speaker() -> None:
    """F-2: by exactly one finding, and rows below by none."""
    found = compared(ALL, ALL + OPENED + admits("shop/w", "app=web"))
    spoken = [row for each in found.findings for row in each.rows]
    grave = [at for at, grade in enumerate(found.grades) if grade.severity <= Severity.MEDIUM]
    assert sorted(spoken) == grave


def test_an_invalid_policy_counts_as_removed() -> None:
    """F-78: left out on head only, and the message says why."""
    broken = SHUT.replace("- Ingress", "- Sideways")
    found = compared(WEB + SHUT, WEB + broken)
    [deleted] = [f for f in found.findings if f.rule == "policy-deleted-opens"]
    assert "it is left out as invalid" in deleted.message
    assert not any(
        f.rule == "policy-deleted-opens" for f in compared(WEB + broken, WEB + broken).findings
    )
