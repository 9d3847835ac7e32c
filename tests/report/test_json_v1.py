"""The machine contract, held to its schema (output-contract.md)."""

from __future__ import annotations

import io
import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from reviewer.base.documents import ObjectRef, Origin
from reviewer.base.labels import equals
from reviewer.base.values import replace
from reviewer.findings import Grade, Severity
from reviewer.report import Result, json_v1
from reviewer.report.json_values import plain
from reviewer.verdict import Approved, Verdict, Waived
from tests.golden.shop import CASES, audited, mapped, reviewed
from tests.report.reviews import flow, graded, review_of, rows

SCHEMA = Path(__file__).parents[1] / "data" / "contract.schema.json"


@cache
def validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def printed(result: Result) -> dict[str, Any]:
    """The document, valid and equal by both ways of printing."""
    text = json_v1.render(result)
    out = io.StringIO()
    json_v1.write(result, out)
    assert out.getvalue() == text
    assert text.isascii()
    assert text.endswith("}\n")
    document: dict[str, Any] = json.loads(text)
    validator().validate(document)
    return document


@pytest.mark.parametrize("case", CASES)
def test_reviews_are_valid(case: str) -> None:
    document = printed(reviewed(case))
    assert document["schema"] == "netpol-reviewer/diff/v1"
    assert document["summary"]["opened"] == len(document["opened"])


def test_flows_are_valid() -> None:
    document = printed(mapped())
    assert (len(document["workloads"]), len(document["flows"])) == (33, 471)
    assert all(each["isolated"].keys() == {"ingress", "egress"} for each in document["workloads"])


def test_audits_are_valid() -> None:
    document = printed(audited())
    assert document["coverage"]["workloads"] == 33
    assert all(each["flow"] is None and each["flows"] == [] for each in document["findings"])


def test_many_rows_are_valid_and_in_order() -> None:
    changes = rows(300, 3)
    document = printed(review_of(changes, rows(100, 4)))
    ids = [row["source"].get("workload") for row in document["opened"]]
    assert ids == [getattr(row.source, "id", None) for row in changes]
    assert all(row["severity"] == "info" for row in document["closed"])
    assert all(row["why"] is None for row in document["closed"])


def test_what_was_accepted_says_by_whom() -> None:
    """G-34."""
    base = review_of([flow("a/x", "a/db"), flow("a/y", "a/db")], grades=graded(2, 1))
    waived = Waived("team", "known and wanted", "2026-12-31", Origin("c.yml", 7))
    verdict = Verdict(
        conclusion="neutral",
        reasons=("1 opened flow accepted",),
        accepted_rows={0: waived, 1: Approved("octocat", "0" * 40)},
    )
    document = printed(replace(base, verdict=verdict))
    assert [row["accepted"] for row in document["opened"]] == [
        {
            "owner": "team",
            "reason": "known and wanted",
            "expires": "2026-12-31",
            "file": "c.yml",
            "line": 7,
        },
        {"approver": "octocat", "commit": "0" * 40},
    ]


def test_hostile_names_come_back_as_they_were() -> None:
    """P-2: names are raw in JSON."""
    name = 'a/"\\\x00\u2028\ud800\U0001f534</script>'
    document = printed(review_of([flow(name, "a/db")], grades=[Grade(Severity.LOW, "R16", name)]))
    assert document["opened"][0]["source"]["workload"] == f"{name}[Deployment]"
    assert document["opened"][0]["why"] == name


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (float("inf"), "inf"),
        (float("nan"), "nan"),
        (1.5, 1.5),
        ({1: (2, None)}, {"1": [2, None]}),
        ({"b", "a"}, ["a", "b"]),
        (Severity.HIGH, "high"),
        (ObjectRef("", "Service", "a", "b"), "Service a/b"),
        (Origin("f", 3), {"file": "f", "line": 3}),
        (equals("app", "web"), "app=web"),
        (True, True),
    ],
    ids=lambda each: repr(sorted(each)) if isinstance(each, set) else repr(each),
)
def test_values_json_cannot_say(value: object, expected: object) -> None:
    assert plain(value) == expected
