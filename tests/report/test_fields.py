"""What changed in a few words, and our own YAML (P-7, P-15, P-17)."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from reviewer.base.documents import Origin
from reviewer.delta import Cause, Change, FieldChange, Side
from reviewer.report.fields import before_and_after
from reviewer.report.phrases import MARKDOWN, PLAIN, happened, missing_from
from reviewer.report.yaml_text import dump
from tests.kit import review_result
from tests.report.test_heading import policy

WEB = {"podSelector": {"matchLabels": {"app": "web"}}}
API = {"podSelector": {"matchLabels": {"app": "api"}}}
OPS = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "ops"}}}
TEAM = {"namespaceSelector": {"matchExpressions": [
    {"key": "team", "operator": "In", "values": ["b", "a"]},
    {"key": "old", "operator": "DoesNotExist"},
    {"key": "new", "operator": "Exists"},
]}}  # fmt: skip
TWO = {"namespaceSelector": {"matchExpressions": [
    {"key": "kubernetes.io/metadata.name", "operator": "In", "values": ["b", "a"]},
]}}  # fmt: skip
BLOCK = {"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}}
RULE = "spec.ingress[0]"


@pytest.mark.parametrize(
    ("path", "base", "head", "said"),
    [
        (f"{RULE}.from", [WEB], None, ("app=web", "absent: everyone")),
        (f"{RULE}.to", None, [WEB], ("absent: everyone", "app=web")),
        (f"{RULE}.ports", None, [{"port": 80}], ("absent: all ports", "TCP 80")),
        (f"{RULE}.from", [WEB], [WEB, API], ("1 peer", "2 peers: + app=api")),
        (f"{RULE}.from", [WEB, API], [WEB], ("2 peers", "1 peer: − app=api")),
        (
            f"{RULE}.from",
            [{**OPS, **WEB}],
            [{**OPS, **WEB}, {**OPS, **API}],
            ("1 peer", "2 peers: + app=api"),
        ),
        (f"{RULE}.from", [WEB], [WEB, {**OPS, **API}], ("1 peer", "2 peers: + app=api in ops")),
        (f"{RULE}.from", [WEB], [OPS], ("app=web", "every pod in ops")),
        (
            f"{RULE}.from",
            [TEAM],
            [BLOCK],
            ("every pod in !old,new,team in (a,b)", "10.0.0.0/8 less 1"),
        ),
        (f"{RULE}.from", [{"podSelector": {}}], [WEB] * 4, ("every pod", "4 peers")),
        (
            f"{RULE}.from",
            [{"namespaceSelector": {}}],
            [],
            ("every pod in every namespace", "empty: everyone"),
        ),
        (f"{RULE}.ports", [], [{"port": 80}], ("empty: all ports", "TCP 80")),
        ("spec.ingress", [{}], [], ("1 rule", "an empty list")),
        (
            f"{RULE}.ports",
            [{"port": 80, "protocol": "UDP"}],
            [{"port": 80, "endPort": 90}],
            ("UDP 80", "TCP 80–90"),
        ),
        (
            f"{RULE}.ports",
            [{"port": 1}],
            [{"port": 1}, {"port": "web"}],
            ("1 port", "2 ports: + TCP web"),
        ),
        ("spec.policyTypes", ["Ingress"], ["Ingress", "Egress"], ("Ingress", "Ingress, Egress")),
        ("spec.podSelector", {}, {"matchLabels": {"a": "b"}}, ("everything", "a=b")),
        ("spec.podSelector.matchLabels", None, {"a": "b"}, ("absent", "a=b")),
        ("spec.egress", [{}, {}], None, ("2 rules", "absent")),
        ("spec.priority", 5, 7, ("5", "7")),
        (
            RULE,
            None,
            {"from": [WEB, API], "ports": [{"port": 80}]},
            ("absent", "app=web, app=api on TCP 80"),
        ),
        (
            "spec.egress[1]",
            {},
            {"to": [OPS]},
            ("everyone on all ports", "every pod in ops on all ports"),
        ),
        (f"{RULE}.from", [TWO], [WEB], ("every pod in a,b", "app=web")),
        (f"{RULE}.from", [{"ipBlock": 1}], None, ('{"ipBlock": 1}', "absent: everyone")),
        (f"{RULE}.from", ["odd"], None, ("odd", "absent: everyone")),
    ],
)  # fmt: skip
def test_before_and_after(path: str, base: Any, head: Any, said: tuple[str, str]) -> None:
    change = FieldChange(path, base, head, 3)
    assert before_and_after(change, PLAIN, "{}") == said
    marked = before_and_after(change, MARKDOWN, "*{}*")
    assert all("absent" not in text or text.startswith("*") for text in marked)


def cause(rule: str | None, change: Change = Change.MODIFIED, kind: str = "NetworkPolicy") -> Cause:
    policy = kind == "NetworkPolicy"
    return Cause(kind, "shop/p", policy, rule, change, Origin("a.yaml", 1), Side.HEAD)


@pytest.mark.parametrize(
    ("base", "head", "rule", "said"),
    [
        ("[{from: [{podSelector: {}}]}]", "[{}]", "ingress[0]", "lost `from`"),
        ("[{}]", "[{from: [{podSelector: {}}]}]", "ingress[0]", "gained `from`"),
        ("[{ports: [{port: 1}]}]", "[{}]", "ingress[0]", "lost `ports`"),
        (
            "[{ports: [{port: 1}]}]",
            "[{ports: [{port: 1}, {port: 2}, {port: 3}]}]",
            "ingress[0]",
            "gained 2 ports",
        ),
        ("[]", "[{}]", "ingress[0]", "gained a rule"),
        ("[{ports: [{port: 1}]}]", "[{ports: [{port: 2}]}]", "ingress[0]", "has other `ports`"),
        (
            "[{from: [{podSelector: {}}]}]",
            "[{from: [{namespaceSelector: {}}]}]",
            "ingress[0]",
            "has another `from`",
        ),
        ("[{from: [{podSelector: {}}]}]", "[{from: []}]", "ingress[0]", "emptied `from`"),
        ("[{from: []}]", "[{from: [{podSelector: {}}]}]", "ingress[0]", "gained `from`"),
        ("[{ports: [{port: 1}]}]", "[{ports: []}]", "ingress[0]", "emptied `ports`"),
    ],
)
def test_what_happened_to_a_rule(base: str, head: str, rule: str, said: str) -> None:
    """P-7, by the changes that the delta finds."""
    review = review_result(policy("db", "Ingress", base), policy("db", "Ingress", head))
    changes = {(each.policy.ref.kind, each.policy.ref.path): each for each in review.delta.policies}
    assert happened(cause(rule), changes).text(MARKDOWN) == said


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (cause(None, Change.ADDED), "added"),
        (cause(None, Change.REMOVED), "removed"),
        (cause(None, kind="Deployment"), "relabelled"),
        (cause(None, kind="Namespace"), "relabelled"),
        (cause(None, kind="Ingress"), "changed"),
        (cause("ingress[0]"), "changed"),
    ],
)
def test_what_happened_to_an_object(made: Cause, said: str) -> None:
    assert happened(made, {}).text(PLAIN) == said


def test_types_and_selectors() -> None:
    base = policy("db", "Ingress")
    for head, said in (
        (
            base.replace("policyTypes: [Ingress]", "policyTypes: [Ingress, Egress]"),
            "gained `Egress`",
        ),
        (base.replace("podSelector: {matchLabels: {app: db}}", "podSelector: {}"), ""),
    ):
        review = review_result(base, head)
        changes = {(e.policy.ref.kind, e.policy.ref.path): e for e in review.delta.policies}
        words = happened(cause(None), changes).text(MARKDOWN)
        assert words == said or (not said and ("podSelector" in words or "matchLabels" in words))


def test_items_are_counted_as_often_as_they_stand() -> None:
    assert missing_from([1, 1, 2], [1, 1, 1, 3]) == [1, 3]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(VALUES)
def test_our_yaml_reads_back(value: Any) -> None:
    """P-15."""
    assert yaml.safe_load("\n".join(dump({"from": value}))) == {"from": value}


def test_our_yaml_is_block_style_with_sorted_keys() -> None:
    assert dump({"from": [{"b": {"z": "no", "x": []}, "a": 1}, [2, "3"]]}) == [
        "from:",
        "  - a: 1",
        "    b:",
        "      x: []",
        '      z: "no"',
        "  - - 2",
        '    - "3"',
    ]
