"""The verdict as a sentence (P-10 to P-12): small changes in YAML, what the heading says."""

from __future__ import annotations

import re

import pytest

from reviewer.base.diagnostics import diagnostic
from reviewer.base.values import replace
from reviewer.engine import WorkloadEndpoint
from reviewer.findings import Finding, Grade, Severity
from reviewer.report.digest import digest
from reviewer.report.heading import LIMIT, finding_heading, heading, severities, titled
from reviewer.report.markdown import counts_line
from reviewer.report.phrases import MARKDOWN, PLAIN
from tests.golden.shop import reviewed
from tests.kit import review_result
from tests.report.reviews import flow, review_of

PODS = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: db, namespace: shop}
spec:
  template:
    metadata: {labels: {app: db}}
    spec: {containers: [{name: c, image: db, ports: [{containerPort: 5432}]}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: c, image: web}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: tool, namespace: ops}
spec:
  template:
    metadata: {labels: {app: tool}}
    spec: {containers: [{name: c, image: tool}]}
"""
POLICY = """
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: p, namespace: shop}
spec: {podSelector: {matchLabels: {app: %s}}, policyTypes: [%s], %s}
"""


def policy(app: str, direction: str, rules: str = "[]") -> str:
    """The pods and one policy."""
    return PODS + POLICY % (app, direction, f"{direction.lower()}: {rules}")


OPS = "{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ops}}}"
SHUT = policy("db", "Ingress")
SHUT_OUT = policy("web", "Egress")


@pytest.mark.parametrize(
    ("base", "head", "symbol", "said"),
    [
        (
            SHUT,
            policy(
                "db", "Ingress", "[{from: [{ipBlock: {cidr: 0.0.0.0/0}}], ports: [{port: 5432}]}]"
            ),
            "🔴",
            "This change opens shop/db to the internet on TCP 5432",
        ),
        (
            SHUT,
            policy("db", "Ingress", f"[{{from: [{OPS}], ports: [{{port: 5432}}]}}]"),
            "🔴",
            "This change opens shop/db to a workload in ops on TCP 5432",
        ),
        (
            SHUT,
            policy("db", "Ingress", "[{from: [{podSelector: {}}], ports: [{port: 8080}]}]"),
            "🔵",
            "This change opens shop/db to a workload in shop on TCP 8080",
        ),
        (
            SHUT_OUT,
            policy("web", "Egress", "[{to: [{ipBlock: {cidr: 0.0.0.0/0}}], ports: [{port: 443}]}]"),
            "🟡",
            "This change lets shop/web reach the internet on TCP 443",
        ),
        (
            SHUT_OUT,
            policy("web", "Egress", "[{to: [{ipBlock: {cidr: 169.254.169.254/32}}]}]"),
            "🔴",
            "This change lets shop/web reach the cloud metadata service",
        ),
        (PODS, SHUT, "🟢", "This change closes 4 flows and opens none"),
        (PODS, PODS, "🟢", "Nothing moves: all 18 flows are the same before and after this change"),
    ],
)
def test_sentence_and_symbol(base: str, head: str, symbol: str, said: str) -> None:
    """P-10, P-11."""
    told = digest(review_result(base, head))
    assert heading(told, PLAIN) == said
    assert titled(told, MARKDOWN).startswith(f"{symbol} ")


@pytest.mark.parametrize("unchanged", [None, 0, 1, 471])
def test_nothing_moves_says_how_many(unchanged: int | None) -> None:
    """G-23, G-9."""
    review = review_of()
    told = digest(replace(review, delta=replace(review.delta, unchanged=unchanged)))
    assert (
        heading(told, PLAIN)
        == {
            None: "Nothing moves: no manifest changed",
            0: "Nothing moves: no flow is allowed before or after this change",
            1: "Nothing moves: the one flow is the same before and after this change",
            471: "Nothing moves: all 471 flows are the same before and after this change",
        }[unchanged]
    )


@pytest.mark.parametrize("length", [5, 40, 41, 60, 200])
def test_at_most_90_characters_whatever_the_names(length: int) -> None:
    """P-11: a name over 40 is cut in the middle."""
    name = f"{'n' * (length // 2)}/{'w' * (length - length // 2)}"
    review = review_of(
        [flow("a/x", name), flow("b/y", name)],
        grades=[Grade(Severity.HIGH, "R11", "")] * 2,
        verdict="failure",
    )
    told = digest(review)
    for voice in (MARKDOWN, PLAIN):
        said = titled(told, voice)
        assert len(said) <= LIMIT
        assert len(heading(told, voice, 80)) <= 80
    spans = re.findall(r"`([^`]*)`", titled(told, MARKDOWN))
    assert spans
    assert all(len(each) <= 40 for each in spans)


def test_hostile_names_stay_in_the_heading() -> None:
    review = review_of([flow("a/x", "a/`|\n## b")], grades=[Grade(Severity.LOW, "R16", "")])
    said = titled(digest(review), MARKDOWN)
    assert "\n" not in said
    assert said.count("`") % 2 == 0


def test_second_fact_is_a_number() -> None:
    told = digest(reviewed("lost-dns"))
    assert heading(told, PLAIN).endswith(" and opens 38 flows")


def test_counts_by_severity() -> None:
    """P-12."""
    grades = [Grade(each, "R1", "") for each in (Severity.LOW, Severity.HIGH, Severity.HIGH)]
    rows = [flow(f"a/{name}", "a/db") for name in "xyz"]
    assert severities(digest(review_of(rows, grades=grades))) == " (2 high, 1 low)"
    assert severities(digest(review_of(rows[:2], grades=grades[1:]))) == " (all high)"
    assert severities(digest(review_of(rows[:1], grades=grades[:1]))) == " (low)"
    assert severities(digest(review_of())) == ""


def test_counts_line() -> None:
    review = replace(review_of(verdict="neutral"), key="west", gate_word="never")
    assert counts_line(digest(review)) == (
        "**0 opened** · **0 closed** · 7 unchanged · gate `fail-on: never` neutral · key `west`"
    )


def test_the_kind_is_said_where_it_tells_two_apart() -> None:
    rows = [flow("a/x", "a/db"), flow("a/x", "a/db")]
    other = rows[1]._replace(destination=WorkloadEndpoint("a/db[Job]"))
    told = digest(review_of([rows[0], other], grades=[Grade(Severity.LOW, "R16", "")] * 2))
    assert told.names.workload("a/db[Job]") == "a/db[Job]"


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("dns-lost", "This change cuts 2 workloads in shop off from DNS"),
        (
            "ingress-backend-blocked",
            "This change cuts 2 workloads in shop off from the ingress controller",
        ),
        ("service-unreachable", "This change cuts shop/b off from a Service it refers to"),
        ("monitoring-path-lost", "This change cuts monitoring off from 2 workloads in shop"),
    ],
)
def test_outages(rule: str, said: str) -> None:
    """P-11, G-22."""
    found = Finding(
        id=f"{rule}-{'0' * 12}",
        rule=rule,
        severity=Severity.MEDIUM,
        message="",
        arguments={"referrer": "shop/b[Deployment]"} if rule == "service-unreachable" else {},
        workloads=("shop/a[Deployment]", "shop/b[Deployment]"),
    )
    told = digest(review_of(findings=[found]))
    assert heading(told, PLAIN) == said
    assert titled(told, PLAIN).startswith("🟡 ")
    assert finding_heading(told, found, PLAIN) == said


def test_a_gate_that_fails_by_a_finding_alone() -> None:
    found = Finding(
        id="field-widens-000000000000",
        rule="field-widens",
        severity=Severity.HIGH,
        message="",
        arguments={},
        workloads=("shop/a[Deployment]",),
    )
    told = digest(review_of(findings=[found], verdict="failure"))
    assert heading(told, PLAIN) == "This change has a high finding of shop/a"
    assert titled(told, PLAIN).startswith("🔴 ")


def test_a_gate_that_fails_by_what_cannot_be_read() -> None:
    """Section 13: as gate failed."""
    unread = replace(diagnostic("unreadable", "no", "k8s/x.yaml", 3), side="head")
    review = replace(review_of(verdict="failure"), diagnostics=(unread,))
    assert (
        heading(digest(review), PLAIN) == "1 manifest cannot be read, so this change is not judged"
    )


NEW = """
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: %s, namespace: new}
spec:
  template:
    metadata: {labels: {app: x}}
    spec: {containers: [{name: c, image: x, ports: [{containerPort: %d}]}]}
"""


@pytest.mark.parametrize(
    ("added", "symbol", "said"),
    [
        (NEW % ("web", 80), "🟡", "This change adds new/web, which everyone may reach"),
        (NEW % ("db", 5432), "🔴", "This change adds new/db, which everyone may reach"),
        (
            NEW % ("a", 80) + NEW % ("b", 81),
            "🟡",
            "This change adds 2 workloads in new that everyone may reach",
        ),
    ],
)
def test_a_finding_that_is_graver_than_its_rows(added: str, symbol: str, said: str) -> None:
    """P-11, P-17: the rows of a new workload that nothing isolates are low (C1), so the table does
    not say how grave it is."""
    told = digest(review_result(SHUT, SHUT + added))
    assert heading(told, PLAIN) == said
    assert titled(told, PLAIN).startswith(symbol)
    first = told.review.findings[0]
    assert first.rule == "new-workload-not-isolated"
    assert first in told.notes()
    assert finding_heading(told, first, PLAIN) == said


def test_outages_of_one_check_are_counted_together() -> None:
    """P-11: one workload, or a number of them."""
    found = [
        Finding(
            id=f"ingress-backend-blocked-00000000000{at}",
            rule="ingress-backend-blocked",
            severity=Severity.MEDIUM,
            message="",
            arguments={},
            workloads=(f"shop/{name}[Deployment]",),
        )
        for at, name in enumerate("ab")
    ]
    told = digest(review_of(findings=found))
    said = "This change cuts 2 workloads in shop off from the ingress controller"
    assert heading(told, PLAIN) == said


def test_nothing_moves_is_not_said_of_what_was_not_read() -> None:
    """Section 7, item 4: an unread file of the change is no green sentence."""
    review = review_result(
        SHUT, SHUT + NEW.replace("containers", "hostNetwork: no way, x") % ("a", 1)
    )
    told = digest(review)
    assert heading(told, PLAIN) == "Nothing moves in what could be read: 14 flows are the same"
    assert titled(told, PLAIN).startswith("🟡 ")
