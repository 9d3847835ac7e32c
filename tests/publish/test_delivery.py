"""All channels together: none changes the verdict, and the report is never lost."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from reviewer.base.errors import UsageError
from reviewer.base.values import replace
from reviewer.publish import Event, NamedRange, ReportFolder, deliver, tell_refusal
from reviewer.publish.summary import SUMMARY_BYTES, compose_summary
from reviewer.publish.types import Delivery
from reviewer.report.envelope import Counts, Dossier
from tests.github_double import TOKEN, Fault, GitHubDouble
from tests.publish.cases import (
    BASE,
    HEAD,
    OLD,
    make_client,
    make_dossier,
    make_event,
    make_notes,
    outputs_of,
)
from tests.runner import read_log, read_outputs

OUTPUTS = [
    "verdict", "opened", "closed", "unchanged", "findings", "max-severity", "compared", "base-sha",
    "head-sha", "comment-status", "comment-url", "check-run-url", "report-json", "report-markdown",
    "report-sarif", "report-html",
]  # fmt: skip


def publish(event: Event, dossier: Dossier, folder: ReportFolder | None = None) -> Delivery:
    client = make_client(event)
    try:
        return deliver(dossier, event, client, folder)
    finally:
        client.close()


def summary_of(event: Event) -> str:
    return Path(event.runner.step_summary).read_text(encoding="utf-8")


def test_everything_arrives(github: GitHubDouble, tmp_path: Path) -> None:
    event = make_event(github, tmp_path)
    folder = ReportFolder(str(tmp_path), "out")
    files = {"json": '{"schema": 1}', "markdown": "# r", "sarif": "{}"}
    delivery = publish(event, make_dossier(files=files), folder)
    folder.close()
    outputs = outputs_of(event)
    assert list(outputs) == OUTPUTS
    assert outputs == read_outputs(Path(event.runner.output).read_text(encoding="utf-8"))
    assert outputs["verdict"] == "failure"
    assert (outputs["opened"], outputs["unchanged"], outputs["findings"]) == ("2", "471", "1")
    assert (outputs["base-sha"], outputs["head-sha"]) == (BASE, HEAD)
    assert outputs["comment-status"] == delivery.comment_status == "created"
    assert outputs["comment-url"].endswith(f"/pull/7#issuecomment-{github.comments[0].id}")
    assert outputs["report-sarif"] == "out/report.sarif"
    assert (tmp_path / "out/report.json").read_text(encoding="utf-8") == files["json"]
    assert summary_of(event).startswith("## 🔴 This change opens `shop/db`")


def test_nothing_to_count_is_an_empty_output(github: GitHubDouble, tmp_path: Path) -> None:
    """G-9: on the fast path nothing was read."""
    event = make_event(github, tmp_path)
    publish(event, make_dossier(counts=Counts(opened=0, closed=0, unchanged=None, findings=0)))
    assert outputs_of(event)["unchanged"] == ""


def test_a_read_only_token_changes_nothing_but_the_first_line(
    github: GitHubDouble,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A fork: forbidden, no warning, annotations by command, and the summary says why first."""
    github.denied.add("write")
    event = make_event(github, tmp_path)
    with caplog.at_level(logging.INFO):
        delivery = publish(event, make_dossier(annotations=make_notes(2)))
    assert (delivery.comment_status, delivery.warnings) == ("forbidden", ())
    assert summary_of(event).startswith("**No comment:** the token of this run may not write")
    assert [one.properties["line"] for one in read_log(capsys.readouterr().out)] == ["1", "2"]
    assert [one for one in caplog.records if one.levelno >= logging.WARNING] == []


def test_with_a_check_run_annotations_go_there(
    github: GitHubDouble, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    publish(make_event(github, tmp_path), make_dossier(annotations=make_notes(2)))
    assert len(github.check_runs[0]["output"]["annotations"]) == 2
    assert capsys.readouterr().out == ""


def test_annotations_off_are_off_everywhere(
    github: GitHubDouble, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    github.denied.add("write")
    publish(
        make_event(github, tmp_path, annotations="false"), make_dossier(annotations=make_notes(2))
    )
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ({"status": 422, "message": "Validation Failed"}, "Validation Failed"),
        ({"status": 403, "message": "Unable to create comment because issue is locked."}, "locked"),
        ({"status": 500, "times": 9}, "three times"),
    ],
    ids=["422", "locked", "500 for ever"],
)
def test_a_failed_comment_is_one_warning(
    github: GitHubDouble, tmp_path: Path, fault: dict[str, object], said: str
) -> None:
    """G-40."""
    github.script(Fault(operation="issues/create-comment", **fault))  # type: ignore[arg-type]  # rows
    event = make_event(github, tmp_path)
    delivery = publish(event, make_dossier())
    assert delivery.comment_status == "failed"
    assert len(delivery.warnings) == 1
    assert said in delivery.warnings[0]
    assert summary_of(event).startswith("**No comment:** GitHub did not take it")
    assert outputs_of(event)["verdict"] == "failure"


def test_a_stale_run_makes_no_check_run_either(github: GitHubDouble, tmp_path: Path) -> None:
    github.open_pull(7, head=OLD)
    event = make_event(github, tmp_path)
    assert publish(event, make_dossier()).comment_status == "stale"
    assert github.check_runs == []
    assert outputs_of(event)["comment-status"] == "stale"


def test_a_server_that_is_gone_costs_nothing_but_the_comment(
    github: GitHubDouble, tmp_path: Path
) -> None:
    event = make_event(github, tmp_path)
    nowhere = "http://127.0.0.1:9/api/v3"
    event = replace(
        event, runner=replace(event.runner, api=nowhere, graphql="http://127.0.0.1:9/api/graphql")
    )
    delivery = publish(event, make_dossier())
    assert delivery.comment_status == "failed"
    assert outputs_of(event)["verdict"] == "failure"
    assert "**2 opened**" in summary_of(event)


def test_an_answer_of_another_shape_costs_nothing_but_the_comment(
    github: GitHubDouble, tmp_path: Path
) -> None:
    github.script(Fault(operation="graphql", status=200, raw=b'{"data": {"repository": 7}}'))
    event = make_event(github, tmp_path)
    assert publish(event, make_dossier()).comment_status == "failed"
    assert "**2 opened**" in summary_of(event)


def test_the_summary_can_be_switched_off(github: GitHubDouble, tmp_path: Path) -> None:
    event = make_event(github, tmp_path, summary="false")
    publish(event, make_dossier())
    assert summary_of(event) == ""


def test_the_summary_tells_how_the_run_was_made(github: GitHubDouble, tmp_path: Path) -> None:
    event = replace(make_event(github, tmp_path), timings=(("fetch", 0.31),))
    text = compose_summary(make_dossier(), event, Delivery(comment_status="created"))
    assert f"| head commit | [`aaaaaaa`]({github.url}/octo/shop/commit/{HEAD}) |" in text
    assert "| `fail-on` | `high` |" in text
    assert "| time to fetch | 0.3 s |" in text
    assert "github-token" not in text
    assert TOKEN not in text


def test_the_summary_keeps_under_the_runner_s_bound(github: GitHubDouble, tmp_path: Path) -> None:
    event = make_event(
        github, tmp_path, paths="\n".join(f"folder-{one}/**" for one in range(3_000))
    )
    text = compose_summary(
        make_dossier(summary="x" * 1_000_000), event, Delivery(comment_status="forbidden")
    )
    assert len(text.encode()) <= SUMMARY_BYTES < 1024 * 1024


def test_over_the_bound_the_summary_is_the_short_report(
    github: GitHubDouble, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """G-29: over 1 MiB the runner would drop all of it, and a report is never lost."""
    event = make_event(github, tmp_path)
    with caplog.at_level(logging.WARNING):
        publish(event, make_dossier(summary="x" * 1_050_000))
    assert caplog.text == ""
    text = summary_of(event)
    assert text.startswith("## 🔴 This change opens `shop/db`\n\n**2 opened**")
    assert "<sub>Compared `ccccccc` with `aaaaaaa`</sub>" in text
    assert "How this run was made" in text


def test_the_summary_is_written_first_of_all_channels(github: GitHubDouble, tmp_path: Path) -> None:
    """G-29: it is there before GitHub is asked for anything, and keeps what stood before it."""
    event = make_event(github, tmp_path)
    Path(event.runner.step_summary).write_text("an earlier part\n", encoding="utf-8")
    github.denied.add("write")
    seen: list[str] = []
    github.before = lambda _: seen.append(summary_of(event))
    publish(event, make_dossier())
    assert seen[0].startswith("an earlier part\n## 🔴 This change opens `shop/db`")
    after = summary_of(event)
    assert after.startswith("an earlier part\n**No comment:** the token of this run")
    assert after.count("## 🔴") == 1
    assert after.endswith(seen[0].removeprefix("an earlier part\n"))


@pytest.mark.parametrize(
    ("mode", "status", "said"),
    [
        ("true", 403, "**Check run:** `GitHub answered POST: 403 Resource not accessible by"),
        ("auto", 403, ""),
        ("auto", 422, "**Check run:** `GitHub answered POST: 422"),
    ],
)
def test_a_check_run_that_was_refused_is_told_first(
    github: GitHubDouble, tmp_path: Path, mode: str, status: int, said: str
) -> None:
    """Section 13: the summary's first line; under `auto` a missing permission is silent."""
    message = "Resource not accessible by integration" if status == 403 else "`x` <b> @octocat"
    github.script(Fault(operation="checks/create", status=status, message=message))
    event = make_event(github, tmp_path, check_run=mode)
    publish(event, make_dossier())
    first = summary_of(event).splitlines()[0]
    assert first.startswith(said or "## 🔴")
    assert "<b>" not in first


def test_a_summary_that_cannot_be_written_is_one_warning(
    github: GitHubDouble, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    event = make_event(github, tmp_path)
    Path(event.runner.step_summary).unlink()
    github.denied.add("write")
    with caplog.at_level(logging.WARNING):
        publish(event, make_dossier())
    told = [one.getMessage() for one in caplog.records if one.levelno == logging.WARNING]
    assert told == ["the job summary could not be published (FileNotFoundError)"]
    assert outputs_of(event)["verdict"] == "failure"


def test_exit_2_without_a_summary(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    error = UsageError("bad")
    place = {"GITHUB_STEP_SUMMARY": str(tmp_path / "nowhere" / "summary")}
    tell_refusal(place | {"INPUT_SUMMARY": "false"}, error)
    assert caplog.text == ""
    tell_refusal(place, error)
    assert "the job summary cannot be written" in caplog.text


def test_hostile_inputs_stay_inside_their_spans(github: GitHubDouble, tmp_path: Path) -> None:
    event = make_event(github, tmp_path, paths="a`|<b>@octocat#1/**")
    text = compose_summary(make_dossier(), event, Delivery())
    assert "`a⟨U+0060⟩⟨U+007C⟩⟨U+003C⟩b⟨U+003E⟩@octocat#1/**`" in text


def test_an_audit_has_no_comment(github: GitHubDouble, tmp_path: Path) -> None:
    event = replace(make_event(github, tmp_path), subject=NamedRange(base=None, head="main"))
    assert publish(event, make_dossier()).comment_status == "off"
    assert github.exchanges == []


def test_exit_2_is_told_in_the_summary(tmp_path: Path) -> None:
    """Section 13: what, where and what to do, whole and in a place of its own (G-28)."""
    (tmp_path / "summary").touch()
    environ = {"GITHUB_STEP_SUMMARY": str(tmp_path / "summary")}
    mistakes = f"input `x`: bad\ninput `y`: <worse> {'z' * 300}\n```\n@octocat \u202e"
    tell_refusal(environ, UsageError(mistakes, "see `README`"))
    text = (tmp_path / "summary").read_text(encoding="utf-8")
    shown = mistakes.replace("\u202e", "⟨U+202E⟩")
    assert text == (f"## Nothing was reviewed\n\n````\n{shown}\n\nWhat to do: see `README`\n````\n")
