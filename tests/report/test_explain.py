"""Explanations and audits for people (P-21, F-50 to F-52, F-40)."""

from __future__ import annotations

import json
import re

import pytest

from reviewer.base.errors import UsageError
from reviewer.options import Options
from reviewer.pipeline import Question, explanation
from reviewer.report import Audit, Display, Explained, Review, formats_of, render
from reviewer.report.audit_markdown import fit
from reviewer.report.audited import heading, symbol
from tests.golden.shop import audited, files, mapped, reviewed
from tests.kit import material
from tests.report.test_json_v1 import validator
from tests.report.test_markdown import check_shape


def asked(source: str, destination: str, port: str | None = None) -> Explained:
    question = Question(source, destination, port)
    return explanation(material(files(), "base"), Options(), question)


@pytest.mark.parametrize(
    ("question", "lines"),
    [
        (
            ("shop/cart", "shop/orders-db", "TCP/5432"),
            [
                "shop/cart[Deployment] → shop/orders-db[StatefulSet]  TCP 5432: DENIED",
                "  egress of shop/cart        allowed: not isolated",
                (
                    "  ingress of shop/orders-db  denied: isolated by 3 NetworkPolicies, "
                    "no rule matches"
                ),
                "    nearest: shop/orders-db ingress[0] (k8s/shop/policies/orders-db.yaml:12):",
                '             pod label app is "cart", wanted "orders"',
            ],
        ),
        (
            ("shop/orders", "shop/orders-db", "TCP/5432"),
            [
                "shop/orders[Deployment] → shop/orders-db[StatefulSet]  TCP 5432: ALLOWED",
                "  egress of shop/orders      allowed: not isolated",
                "  ingress of shop/orders-db  allowed: isolated by 3 NetworkPolicies",
                (
                    "    allow: shop/orders-db ingress[0]  TCP 5432  "
                    "k8s/shop/policies/orders-db.yaml:12"
                ),
            ],
        ),
        (
            ("1.2.3.4", "kube-system/coredns", None),
            [
                "1.2.3.4/32 → kube-system/coredns[Deployment]  all: ALLOWED",
                (
                    "  egress of 1.2.3.4/32            allowed: outside the cluster, "
                    "no policy of this side"
                ),
                "  ingress of kube-system/coredns  allowed: not isolated",
            ],
        ),
    ],
    ids=["denied", "allowed", "outside"],
)  # fmt: skip
def test_explanations(question: tuple[str, str, str | None], lines: list[str]) -> None:
    result = asked(*question)
    assert render(result, "text", Display()).splitlines() == lines
    validator().validate(json.loads(render(result, "json", Display())))


def test_a_partly_allowed_flow_says_both_parts() -> None:
    text = render(asked("shop/orders", "shop/orders-db"), "text", Display())
    assert "all: PARTLY\n  allowed TCP 5432, denied all but TCP 5432\n" in text


def test_audit_as_markdown_is_whole_at_any_size() -> None:
    audit = audited()
    text = render(audit, "markdown", Display())
    check_shape(text)
    assert text.startswith("## 🟡 14 of 33 workloads can be reached from outside\n")
    sizes = [len(fit(audit, None, budget).text) for budget in (10**6, 3_000, 1_500, 1)]
    assert sizes == sorted(sizes, reverse=True)
    assert "Shortened: " in fit(audit, None, 1).text
    assert (symbol(audit), heading(audit).split()[0]) == ("🟡", "14")


def test_audit_on_a_terminal() -> None:
    """P-21: figures as a table, then findings by severity, places last on their line."""
    text = render(audited(), "text", Display())
    assert re.search(r"^  all +33 +20 +6$", text, re.M)
    assert "  through an Ingress   shop/storefront" in text
    words = re.findall(r"^  (critical|high|medium|low|info)  ", text, re.M)
    order = ["critical", "high", "medium", "low", "info"]
    assert words == sorted(words, key=order.index)
    assert "    k8s/shop/workloads.yaml:5\n" in text


@pytest.mark.parametrize(
    ("result", "form", "hint"),
    [
        (mapped, "sarif", "it has text, json, html, dot, graphml, csv"),
        (mapped, "markdown", "it has text, json, html, dot, graphml, csv"),
        (audited, "csv", "it has text, json, markdown, html, sarif"),
        (audited, "nonsense", "it has text, json, markdown, html, sarif"),
    ],
)
def test_a_pair_that_does_not_exist(result: object, form: str, hint: str) -> None:
    """Section 9: exit 2, naming those that do."""
    assert callable(result)
    with pytest.raises(UsageError) as caught:
        render(result(), form, Display())
    assert set(caught.value.hint.split()) >= set(hint.replace(" html,", "").split()) - {"html,"}
    assert caught.value.exit_code == 2


def test_formats() -> None:
    """Section 9."""
    assert {"text", "json"} <= set(formats_of(Explained))
    assert {"text", "json", "markdown", "sarif"} <= set(formats_of(Audit))
    assert {"dot", "mermaid", "graphml", "csv"} <= set(formats_of(Review))
    with pytest.raises(UsageError):
        render(reviewed("nothing-moves"), "pdf", Display())


TIERS = """
apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata: {name: first}
spec:
  priority: 1
  subject: {namespaces: {}}
  ingress: [{action: Pass, from: [{namespaces: {}}]}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: p, namespace: a}
spec: {podSelector: {}}
---
apiVersion: v1
kind: Pod
metadata: {name: one, namespace: a}
---
apiVersion: v1
kind: Pod
metadata: {name: two, namespace: a}
"""


def test_only_networkpolicies_isolate() -> None:
    """S-62: an admin policy selects its subjects without isolating them."""
    result = explanation(material(TIERS, "base"), Options(), Question("a/one", "a/two", None))
    text = render(result, "text", Display())
    assert "denied: isolated by NetworkPolicy a/p (a.yaml:10)" in re.sub(r"\s+", " ", text)
    assert "pass: first ingress[0]" in text
