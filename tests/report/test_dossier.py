"""What the Action publishes of a review (G-17, G-29 to G-31, G-42)."""

from __future__ import annotations

import json

import pytest

from reviewer.base.diagnostics import diagnostic
from reviewer.base.documents import Origin
from reviewer.base.values import replace
from reviewer.delta import Side
from reviewer.findings import Finding, Grade, Severity
from reviewer.report.annotations import annotate
from reviewer.report.digest import digest
from reviewer.report.dossier import fill_dossier
from reviewer.report.envelope import read_dossier, write_answer
from reviewer.verdict import Verdict, Waived
from tests.golden.shop import CASES, audited, links, reviewed
from tests.report.reviews import flow, graded, review_of, rows
from tests.report.test_markup import HAND_PICKED


def exit_code(case: str) -> int:
    return int(reviewed(case).verdict.failed)


@pytest.mark.parametrize("case", CASES)
def test_the_envelope_takes_it(case: str) -> None:
    """G-42: what the child says is what the parent reads."""
    dossier = fill_dossier(reviewed(case), links(case), exit_code=exit_code(case))
    assert read_dossier(write_answer(dossier)) == dossier
    assert set(dossier.files) == {"json", "markdown", "sarif"}
    json.loads(dossier.files["json"])


def test_an_audit_fits_too() -> None:
    """Section 2: schedules and new branches are audited."""
    dossier = fill_dossier(audited(), None, exit_code=0)
    assert read_dossier(write_answer(dossier)) == dossier
    assert dossier.check_run.title == "14 of 33 workloads can be reached from outside"
    assert json.loads(dossier.files["json"])["schema"] == "netpol-reviewer/audit/v1"


def test_words_and_numbers() -> None:
    dossier = fill_dossier(reviewed("lost-dns"), links("lost-dns"), exit_code=0)
    assert (dossier.verdict, dossier.worst, dossier.max_severity) == ("success", "medium", "medium")
    assert (dossier.counts.opened, dossier.counts.closed, dossier.counts.unchanged) == (
        38,
        362,
        136,
    )
    assert dossier.moved
    assert dossier.check_run.title == (
        "This change cuts 14 workloads in shop off from DNS and opens 38 flows"
    )


def test_worst_counts_what_nobody_accepted() -> None:
    """G-19: escalation looks at what is not accepted, the output at everything (F-1)."""
    waived = Waived("o", "a good reason", "2026-01-01", Origin("c", 1))
    review = review_of(
        [flow("a/x", "a/db"), flow("a/y", "a/db")],
        grades=[Grade(Severity.HIGH, "R11", ""), Grade(Severity.LOW, "R16", "")],
    )
    verdict = Verdict(conclusion="neutral", reasons=(), accepted_rows={0: waived})
    dossier = fill_dossier(replace(review, verdict=verdict), None, exit_code=0)
    assert (dossier.worst, dossier.max_severity) == ("low", "high")


@pytest.mark.parametrize(
    ("file", "moved"), [("changed.yaml", True), ("other.yaml", False)], ids=["changed", "other"]
)
def test_a_diagnostic_counts_in_a_changed_file(file: str, moved: bool) -> None:
    """G-17."""
    item = replace(diagnostic("unreadable", "no", file, 1), side="head")
    review = replace(review_of(), diagnostics=(item,), changed=frozenset({"changed.yaml"}))
    dossier = fill_dossier(review, None, exit_code=0)
    assert dossier.moved is moved
    assert (dossier.counts.errors, dossier.max_severity) == (1, "none")
    assert "| error `unreadable` | `" in dossier.summary


def test_a_changed_policy_is_something_to_say() -> None:
    """G-17: though it moves no flow and no check speaks of it; no change at all is not."""
    for case, moved in (("nothing-moves", True), (None, False)):
        review = replace(reviewed("nothing-moves"), findings=(), diagnostics=())
        if case is None:
            review = replace(review, delta=replace(review.delta, policies=()))
        assert fill_dossier(review, None, exit_code=0).moved is moved


@pytest.mark.parametrize("name", HAND_PICKED, ids=ascii)
def test_hostile_names_fit_the_envelope(name: str) -> None:
    """G-30, G-32: one line where one line is asked for, characters up to U+FFFF."""
    review = review_of([flow(f"a/{name}", f"{name}/db")], grades=[Grade(Severity.LOW, "R16", name)])
    verdict = Verdict(conclusion="success", reasons=(name,))
    dossier = fill_dossier(replace(review, verdict=verdict), None, exit_code=0)
    assert read_dossier(write_answer(dossier)) == dossier


def test_large_reviews_fit_the_envelope() -> None:
    review = review_of(rows(3_000, 8), rows(3_000, 9), graded(3_000, 8))
    dossier = fill_dossier(review, None, exit_code=0)
    assert read_dossier(write_answer(dossier)) == dossier


def found(at: int, severity: Severity, origin: Origin) -> Finding:
    return Finding(
        id=f"policy-without-effect-{at:012x}",
        rule="policy-without-effect",
        severity=severity,
        message="",
        arguments={"policy": "a/p"},
        origin=origin,
        fix="remove it",
    )


def test_annotations_one_for_each_line_and_severity() -> None:
    """G-31."""
    here, there = Origin("a.yaml", 3), Origin("a.yaml", 9)
    review = review_of(
        findings=[
            found(1, Severity.CRITICAL, there),
            found(2, Severity.HIGH, here),
            found(3, Severity.HIGH, here),
            found(4, Severity.MEDIUM, here),
            found(5, Severity.LOW, here),
            found(6, Severity.INFO, here),
        ]
    )
    notes = annotate(digest(review), None)
    assert [(each.level, each.line) for each in notes] == [
        ("failure", 9),
        ("failure", 3),
        ("warning", 3),
        ("notice", 3),
    ]
    assert notes[1].message.count("a/p changes no flow. Fix: remove it.") == 2
    assert notes[1].title == "Policy without effect (high) and 1 more"


def test_what_stands_on_base_alone_has_no_annotation() -> None:
    """G-31: at the causing line in head; the table and the alert have the rest."""
    here = found(1, Severity.HIGH, Origin("a.yaml", 3))
    gone = replace(found(2, Severity.HIGH, Origin("gone.yaml", 3)), side=Side.BASE)
    nowhere = replace(found(3, Severity.HIGH, Origin("a.yaml", 9)), origin=None)
    notes = annotate(digest(review_of(findings=[gone, here, nowhere])), None)
    assert [(each.path, each.line) for each in notes] == [("a.yaml", 3)]


def test_annotations_say_the_words_of_the_heading() -> None:
    """P-56."""
    notes = annotate(digest(reviewed("opened-to-internet")), links("opened-to-internet"))
    assert [(each.path, each.line) for each in notes] == [
        ("k8s/shop/policies/orders-db.yaml", 12)
    ] * 3
    assert notes[0].title == "This change opens shop/orders-db to the internet on TCP 5432"
    assert notes[0].message.endswith("Fix: give ingress[0] of shop/orders-db its from list back.")


def test_at_most_100_annotations_gravest_first() -> None:
    """G-30."""
    findings = [found(at, Severity(at % 4), Origin("a.yaml", at + 1)) for at in range(300)]
    notes = annotate(digest(review_of(findings=findings)), None)
    assert len(notes) == 100
    assert {each.level for each in notes} == {"failure"}
