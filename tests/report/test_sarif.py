"""SARIF for code scanning (G-15, P-50 to P-55)."""

from __future__ import annotations

import gzip
import json
import random
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from reviewer.base.documents import Origin
from reviewer.base.values import replace
from reviewer.delta import Side
from reviewer.findings import IDS, Finding, Severity
from reviewer.report import Review, sarif
from reviewer.report.audited import as_review
from reviewer.report.check_texts import TEXTS
from reviewer.report.sarif import LEVELS
from reviewer.verdict import Verdict, Waived
from tests.golden.shop import CASES, audited, links, reviewed
from tests.kit import review_result
from tests.report.reviews import review_of
from tests.report.test_heading import policy
from tests.report.test_markup import HAND_PICKED


def run_of(review: Review) -> dict[str, Any]:
    document = json.loads(sarif.render(review))
    assert document["version"] == "2.1.0"
    [run] = document["runs"]
    found: dict[str, Any] = run
    return found


def finding(name: str, origin: Origin | None, side: Side = Side.HEAD) -> Finding:
    return Finding(
        id=f"policy-without-effect-{name * 12}",
        rule="policy-without-effect",
        severity=Severity.INFO,
        message="",
        arguments={"policy": "a/[p]\\"},
        origin=origin,
        side=side,
    )


@cache
def validator() -> jsonschema.Draft4Validator:
    file = Path(__file__).parents[1] / "data" / "sarif" / "sarif-2.1.0.json"
    return jsonschema.Draft4Validator(json.loads(file.read_text(encoding="utf-8")))


def mistakes(text: str) -> list[str]:
    """What the schema of SARIF 2.1.0 has against a text."""
    return [each.message for each in validator().iter_errors(json.loads(text))]


@pytest.mark.parametrize("case", CASES)
def test_the_schema_holds(case: str) -> None:
    """P-55."""
    assert mistakes(sarif.render(reviewed(case), links(case))) == []


def test_the_schema_holds_for_audits_and_hostile_names() -> None:
    """P-55."""
    assert mistakes(sarif.render(as_review(audited()))) == []
    found = [finding(f"{at:x}", Origin(name or "x", 1)) for at, name in enumerate(HAND_PICKED[:15])]
    assert mistakes(sarif.render(review_of(findings=found))) == []


def test_at_most_5_000_results_gravest_first() -> None:
    """G-15."""
    one = finding("a", Origin("a.yaml", 1))
    grave = replace(one, severity=Severity.HIGH)
    run = run_of(review_of(findings=[grave, *[one] * 6_000]))
    assert len(run["results"]) == 5_000
    assert run["results"][0]["level"] == "error"


def test_code_scanning_takes_the_largest() -> None:
    """G-15: 10 MB compressed, 10 tags a rule, relative addresses, one automation id a key."""
    dice = random.Random(3)
    found = [
        replace(finding(f"{at:x}", Origin(f"k8s/{dice.random()}/{'x' * 200}.yaml", at + 1)))
        for at in range(6_000)
    ]
    review = replace(review_of(findings=found), key="west")
    text = sarif.render(review, links("lost-dns"))
    assert len(gzip.compress(text.encode())) < 10_000_000
    (run,) = json.loads(text)["runs"]
    assert all(len(rule["properties"]["tags"]) <= 10 for rule in run["tool"]["driver"]["rules"])
    assert run["automationDetails"]["id"] == "netpol-reviewer/west/"
    for result in run["results"]:
        place = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert place.startswith("k8s/")
        assert list(result["partialFingerprints"]) == ["primaryLocationLineHash"]


def test_every_check_has_its_texts() -> None:
    """P-50: one table; every check of the registry is in it and nothing else."""
    assert set(TEXTS) == set(IDS)
    assert all(text.title and text.meaning.endswith(".") for text in TEXTS.values())


@pytest.mark.parametrize("severity", Severity)
def test_scores(severity: Severity) -> None:
    """P-51: code scanning calls over 9.0 critical, from 7.0 high, from 4.0 medium."""
    level, score, problem = LEVELS[severity]
    number = float(score or 0)
    bounds = {"critical": number > 9, "high": 7 <= number <= 9, "medium": 4 <= number < 7}
    assert bounds.get(severity.word, number < 4)
    assert (level == "error") == (problem == "error")


def test_one_result_a_finding() -> None:
    """P-50, P-52, P-53."""
    review = reviewed("opened-to-internet")
    run = run_of(review)
    assert len(run["results"]) == len(review.findings) == 3
    first = run["results"][0]
    assert first["ruleId"] == "world-ingress-critical"
    assert first["message"]["text"] == (
        "shop/orders-db\\[StatefulSet\\] opens to the internet on TCP 5432."
    )
    region = first["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": 12, "startColumn": 5, "endLine": 12, "endColumn": 13}
    rules = run["tool"]["driver"]["rules"]
    assert [each["id"] for each in rules] == [
        "world-ingress-critical", "sensitive-open-high", "sensitive-open-medium"
    ]  # fmt: skip
    assert all(rules[each["ruleIndex"]]["id"] == each["ruleId"] for each in run["results"])


def test_the_fingerprint_holds_when_lines_move() -> None:
    """P-53: no line is in it."""
    base, head = policy("db", "Ingress"), policy("db", "Ingress", "[{}]")
    prints = [
        [each["partialFingerprints"] for each in run_of(review_result(base, text))["results"]]
        for text in (head, "# moved\n" * 9 + head)
    ]
    assert prints[0]
    assert prints[0] == prints[1]


def test_accepted_findings_are_left_out() -> None:
    """P-54."""
    found = finding("a", Origin("a.yaml", 1))
    waived = Waived("o", "a good reason", "2026-01-01", Origin("c", 1))
    verdict = Verdict(conclusion="neutral", reasons=(), accepted_findings={found.id: waived})
    assert run_of(replace(review_of(findings=[found]), verdict=verdict))["results"] == []


def test_places_on_base_move_to_the_nearest_line_of_head() -> None:
    """P-54; a file that is gone is counted in a notification."""
    review = replace(
        review_of(
            findings=[
                finding("a", Origin("k.yaml", 3), Side.BASE),
                finding("b", Origin("gone.yaml", 3), Side.BASE),
                finding("c", Origin("same.yaml", 3), Side.BASE),
                finding("d", None),
            ]
        ),
        changed=frozenset({"k.yaml", "gone.yaml"}),
    )
    base = replace(review.base, texts={"k.yaml": b"a\nb\nc\nd\n", "gone.yaml": b"x\n"})
    head = replace(review.head, texts={"k.yaml": b"new\na\nb\nd\n"})
    run = run_of(replace(review, base=base, head=head))
    places = [each["locations"][0]["physicalLocation"] for each in run["results"]]
    assert [(p["artifactLocation"]["uri"], p["region"]["startLine"]) for p in places] == [
        ("k.yaml", 3),
        ("same.yaml", 3),
    ]
    [notice] = run["invocations"][0]["toolExecutionNotifications"]
    assert notice["message"]["text"].startswith("2 findings left out")


def test_names_make_no_link() -> None:
    """P-52."""
    run = run_of(review_of(findings=[finding("a", Origin("a b.yaml", 1))]))
    [result] = run["results"]
    assert result["message"]["text"] == "a/\\[p\\]\\\\ changes no flow."
    location = result["locations"][0]["physicalLocation"]
    assert location["artifactLocation"]["uri"] == "a%20b.yaml"


def test_where_it_is_from() -> None:
    """P-54."""
    document = json.loads(sarif.render(reviewed("lost-dns"), links("lost-dns")))
    [run] = document["runs"]
    [origin] = run["versionControlProvenance"]
    assert origin["revisionId"] == "71d8b2f4a05e6c93d7f18a2b4c60e5937bd1f24e"
    assert run["automationDetails"]["id"] == "netpol-reviewer/default/"
    assert run["columnKind"] == "unicodeCodePoints"
