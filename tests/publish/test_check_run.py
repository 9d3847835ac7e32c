"""The check run: where, what, how often, and what follows from not having one (G-30, G-31)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from reviewer.base.values import replace
from reviewer.publish import CommitRange, Event, NamedRange
from reviewer.publish.check_run import Outcome, publish_check
from reviewer.report.envelope import Dossier
from tests.github_double import Fault, GitHubDouble
from tests.publish.cases import BASE, HEAD, make_client, make_dossier, make_event, make_notes

CREATE, EXTEND, LIST = "checks/create", "checks/update", "checks/list-for-ref"
FORBIDDEN = "Resource not accessible by integration"


@pytest.fixture
def github() -> Iterator[GitHubDouble]:
    with GitHubDouble() as double:
        yield double


def publish(event: Event, dossier: Dossier) -> Outcome:
    client = make_client(event)
    try:
        return publish_check(dossier, event, client)
    finally:
        client.close()


def test_one_completed_run_on_the_head_commit(github: GitHubDouble, tmp_path: Path) -> None:
    outcome = publish(make_event(github, tmp_path), make_dossier())
    assert outcome.created
    (run,) = github.check_runs
    assert run["name"] == "netpol-reviewer report"
    assert run["head_sha"] == HEAD
    assert (run["status"], run["conclusion"]) == ("completed", "failure")
    assert run["details_url"] == f"{github.url}/octo/shop/actions/runs/77"
    assert run["output"]["summary"] == "**2 opened**"
    assert outcome.url == f"{github.url}/octo/shop/runs/{run['id']}"


def test_a_key_is_part_of_the_name(github: GitHubDouble, tmp_path: Path) -> None:
    publish(make_event(github, tmp_path, comment_key="prod"), make_dossier())
    assert github.check_runs[0]["name"] == "netpol-reviewer report / prod"


@pytest.mark.parametrize(
    ("subject", "commit"),
    [
        (CommitRange(base=BASE, head=HEAD), HEAD),
        (NamedRange(base=None, head="main"), None),
    ],
    ids=["group or push", "audit"],
)
def test_which_commit_it_stands_on(
    github: GitHubDouble, tmp_path: Path, subject: CommitRange | NamedRange, commit: str | None
) -> None:
    publish(replace(make_event(github, tmp_path), subject=subject), make_dossier())
    assert [run["head_sha"] for run in github.check_runs] == ([commit] if commit else [])


@pytest.mark.parametrize(("mode", "trouble"), [("auto", ""), ("true", FORBIDDEN), ("false", "")])
def test_a_refusal(github: GitHubDouble, tmp_path: Path, mode: str, trouble: str) -> None:
    """`auto`: silent; `true`: a warning; `false`: not even asked."""
    github.denied.add("checks")
    outcome = publish(make_event(github, tmp_path, check_run=mode), make_dossier())
    assert not outcome.created
    assert trouble in outcome.trouble
    assert bool(outcome.trouble) == bool(trouble)
    assert github.calls() == ([] if mode == "false" else [CREATE])


@pytest.mark.parametrize(
    ("count", "requests"),
    [(0, [CREATE]), (50, [CREATE]), (51, [CREATE, EXTEND]), (100, [CREATE, EXTEND])],
)
def test_fifty_annotations_a_request(
    github: GitHubDouble, tmp_path: Path, count: int, requests: list[str]
) -> None:
    publish(make_event(github, tmp_path), make_dossier(annotations=make_notes(count)))
    assert github.calls() == requests
    found = github.check_runs[0]["output"]["annotations"]
    assert [one["start_line"] for one in found] == list(range(1, count + 1))


def test_annotations_can_be_switched_off(github: GitHubDouble, tmp_path: Path) -> None:
    event = make_event(github, tmp_path, annotations="false")
    publish(event, make_dossier(annotations=make_notes(60)))
    assert github.check_runs[0]["output"]["annotations"] == []


def test_a_502_after_the_effect_makes_no_second_one(github: GitHubDouble, tmp_path: Path) -> None:
    github.script(Fault(operation=CREATE, status=502, effect=True))
    assert publish(make_event(github, tmp_path), make_dossier()).created
    assert len(github.check_runs) == 1
    assert github.calls() == [CREATE, LIST]


def test_a_502_before_the_effect_is_tried_again(github: GitHubDouble, tmp_path: Path) -> None:
    github.script(Fault(operation=CREATE, drop=True))
    assert publish(make_event(github, tmp_path), make_dossier()).created
    assert len(github.check_runs) == 1
    assert github.calls() == [CREATE, LIST, CREATE]


def test_an_earlier_run_of_ours_is_not_taken_for_this_one(
    github: GitHubDouble, tmp_path: Path
) -> None:
    publish(make_event(github, tmp_path, run=76), make_dossier())
    github.script(Fault(operation=CREATE, status=502))
    publish(make_event(github, tmp_path, run=77), make_dossier())
    assert [run["external_id"] for run in github.check_runs] == ["default:76.1", "default:77.1"]


def test_annotations_that_did_not_arrive_are_said(github: GitHubDouble, tmp_path: Path) -> None:
    github.script(Fault(operation=EXTEND, status=502))
    outcome = publish(make_event(github, tmp_path), make_dossier(annotations=make_notes(60)))
    assert outcome.created
    assert "10 annotations are missing" in outcome.trouble
    assert github.calls() == [CREATE, EXTEND]


def test_a_path_that_github_could_not_store_costs_one_annotation(
    github: GitHubDouble, tmp_path: Path
) -> None:
    (good,) = make_notes(1)
    odd = ("a\udcff.yaml", "a\U0001f600.yaml", "a\nb.yaml", "a\x00b.yaml")
    notes = (*(replace(good, path=path) for path in odd), good)
    publish(make_event(github, tmp_path), make_dossier(annotations=notes))
    found = github.check_runs[0]["output"]["annotations"]
    assert [one["path"] for one in found] == [good.path]
