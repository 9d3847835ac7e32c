"""The whole Action against a stateful GitHub and real repositories, in this process."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reviewer import cli
from tests import events
from tests.github_double import TOKEN, Fault
from tests.runner import read_log
from tests.stage import BASE, CANARY, CLOSED, HEAD, OPENED, PODS, Files, Stage, set_stage


@pytest.fixture
def stage(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Iterator[Stage]:
    with set_stage(tmp_path, capfd) as made:
        yield made


def test_a_database_is_opened(stage: Stage) -> None:
    ran = stage.run()
    assert ran.code == 1
    assert ran.outputs["verdict"] == "failure"
    assert ran.outputs["compared"] == "merge"
    assert (ran.outputs["base-sha"], ran.outputs["head-sha"]) == (stage.base, stage.head)
    (comment,) = stage.github.comments
    assert "## 🔴 This change opens `shop/db` to the internet on TCP 5432" in comment.body
    assert f"head={stage.head} worst=critical verdict=failure" in comment.body
    assert ran.summary.startswith("## 🔴 This change opens `shop/db`")
    assert stage.github.check_runs[0]["head_sha"] == stage.head
    page = (stage.folder / "workspace" / ran.outputs["report-html"]).read_text("utf-8")
    assert "<h1>This change opens shop/db to the internet on TCP 5432</h1>" in page
    report = json.loads((stage.folder / "workspace/netpol-reviewer/report.json").read_text("utf-8"))
    assert report["schema"] == "netpol-reviewer/diff/v1"
    assert report["summary"]["opened"] == int(ran.outputs["opened"])
    last = ran.text.strip().splitlines()[-1]
    assert last.startswith("verdict failure: ")


def test_again_and_after_a_further_commit(stage: Stage) -> None:
    """Issue 3: one comment; run again, it writes nothing; a further commit edits it."""
    assert stage.run().outputs["comment-status"] == "created"
    before = len(stage.github.exchanges)
    assert stage.run().outputs["comment-status"] == "unchanged"
    asked = [one.operation for one in stage.github.exchanges[before:] if one.operation != "git"]
    assert asked == ["graphql", "checks/create"]
    stage.push(HEAD | {"k8s/mail.yaml": CLOSED.replace("db", "mail")})
    assert stage.run().outputs["comment-status"] == "updated"
    assert len(stage.github.comments) == 1
    stage.push(BASE)
    ran = stage.run()
    assert (ran.code, ran.outputs["comment-status"]) == (0, "updated")
    assert "settled since" in stage.github.comments[0].body


def test_two_events_for_the_same_trees_say_the_same(stage: Stage) -> None:
    """Section 15: same bytes out."""
    bodies = []
    for event in ("pull_request", "pull_request_target", "pull_request_review"):
        make = events.pull_request_review if event.endswith("review") else events.pull_request
        stage.github.comments.clear()
        ran = stage.run(event, make(head=stage.head))
        assert (ran.code, ran.outputs["compared"]) == (1, "merge")
        bodies.append(stage.github.comments[0].body)
    assert len(set(bodies)) == 1


@pytest.mark.parametrize("repository", ["fork/shop", None], ids=["fork", "deleted fork"])
def test_a_fork_with_a_read_only_token(stage: Stage, repository: str | None) -> None:
    """G-37: forbidden, no warning, and the verdict is what it was."""
    stage.github.denied.add("write")
    ran = stage.run(payload=events.pull_request(head=stage.head, head_repository=repository))
    assert (ran.code, ran.outputs["comment-status"]) == (1, "forbidden")
    assert ran.summary.startswith("**No comment:** the token of this run may not write")
    assert "opens `shop/db`" in ran.summary
    notes = [one for one in ran.commands if one.name in ("error", "warning")]
    assert {one.properties.get("file") for one in notes} == {"k8s/db.yaml"}


def test_what_the_base_did_meanwhile_is_not_this_change(stage: Stage) -> None:
    """G-5: the merged view compares what merging does today."""
    moved = BASE | {"k8s/mail.yaml": CLOSED.replace("db", "mail")}
    stage.origin.ref("refs/heads/main", stage.origin.commit(moved, [stage.base]))
    stage.push(HEAD, merged=moved | HEAD)
    ran = stage.run()
    assert ran.outputs["compared"] == "merge"
    assert ran.outputs["closed"] == "0"
    report = json.loads((stage.folder / "workspace/netpol-reviewer/report.json").read_text("utf-8"))
    assert [one["policy"] for one in report["policies"]] == ["shop/db"]


def test_a_conflict_falls_back_to_the_branch_view(stage: Stage) -> None:
    stage.origin.git("update-ref", "-d", "refs/pull/7/merge")
    ran = stage.run("pull_request_target", events.pull_request(head=stage.head, mergeable=False))
    assert (ran.code, ran.outputs["compared"]) == (1, "branch")
    assert ran.outputs["base-sha"] == stage.base


def test_compare_branch(stage: Stage) -> None:
    assert stage.run(compare="branch").outputs["compared"] == "branch"


def test_a_closed_pull_request_is_left_alone(stage: Stage) -> None:
    ran = stage.run(payload=events.pull_request("closed", head=stage.head))
    assert (ran.code, ran.outputs, ran.summary) == (0, {}, "")
    assert "the pull request is closed" in ran.text
    assert stage.github.exchanges == []


def test_a_stale_run_writes_nothing(stage: Stage) -> None:
    stage.github.open_pull(7, head="f" * 40)
    ran = stage.run()
    assert (ran.code, ran.outputs["comment-status"]) == (1, "stale")
    assert stage.github.comments == []
    assert stage.github.check_runs == []


def test_a_merge_group(stage: Stage) -> None:
    ran = stage.run("merge_group", events.merge_group(stage.base, stage.head))
    assert (ran.code, ran.outputs["comment-status"]) == (1, "off")
    assert [run["head_sha"] for run in stage.github.check_runs] == [stage.head]


def test_a_push(stage: Stage) -> None:
    ran = stage.run("push", events.push(stage.base, stage.head))
    assert (ran.code, ran.outputs["compared"]) == (1, "branch")
    assert stage.github.comments == []


def test_a_workflow_run_finds_its_pull_request(stage: Stage) -> None:
    """G-6."""
    stage.push(HEAD, head_repository="fork/shop", branch="change")
    ran = stage.run("workflow_run", events.workflow_run(head=stage.head))
    assert (ran.code, ran.outputs["comment-status"]) == (1, "created")
    again = stage.run("workflow_run", events.workflow_run(head="e" * 40))
    assert (again.code, again.outputs) == (0, {})
    (notice,) = (one.data for one in again.commands if one.name == "notice")
    assert notice.startswith("nothing to review: 0 open pull requests")


@pytest.mark.parametrize(
    ("event", "payload"),
    [
        ("workflow_dispatch", events.workflow_dispatch()),
        ("repository_dispatch", events.repository_dispatch()),
        ("schedule", events.schedule()),
    ],
)
def test_an_audit(stage: Stage, event: str, payload: Any) -> None:
    """Section 2: of GITHUB_SHA where nothing else is named; by findings, without a comment."""
    ran = stage.run(event, payload)
    assert ran.code in (0, 1)
    assert (ran.outputs["compared"], ran.outputs["comment-status"]) == ("audit", "off")
    assert (ran.outputs["base-sha"], ran.outputs["head-sha"]) == ("", stage.base)
    report = json.loads((stage.folder / "workspace/netpol-reviewer/report.json").read_text("utf-8"))
    assert report["schema"] == "netpol-reviewer/audit/v1"
    assert stage.github.calls() == []


@pytest.mark.parametrize("before", [events.ZERO, "f" * 40], ids=["new branch", "before is gone"])
def test_a_push_without_a_before_is_an_audit(stage: Stage, before: str) -> None:
    ran = stage.run("push", events.push(before, stage.head))
    assert (ran.outputs["compared"], ran.outputs["head-sha"]) == ("audit", stage.head)


def test_named_revisions(stage: Stage) -> None:
    stage.origin.ref("refs/tags/v1", stage.base)
    stage.origin.ref("refs/heads/change", stage.head)
    inputs = {"base": "v1", "head": "change"}
    ran = stage.run("workflow_dispatch", events.workflow_dispatch(**inputs), **inputs)
    assert (ran.code, ran.outputs["compared"]) == (1, "branch")
    assert ran.outputs["head-sha"] == stage.head


def folders(stage: Stage) -> None:
    for side, policy in (("was", CLOSED), ("is", OPENED)):
        place = stage.folder / "workspace" / side
        place.mkdir(parents=True)
        (place / "all.yaml").write_text(f"{PODS}---\n{policy}", encoding="utf-8")


def test_two_folders_of_the_workspace(stage: Stage) -> None:
    """G-10: rendered by an earlier step, reviewed as this pull request."""
    folders(stage)
    ran = stage.run(base="was", head="is")
    assert (ran.code, ran.outputs["compared"]) == (1, "folders")
    assert (ran.outputs["base-sha"], ran.outputs["comment-status"]) == ("", "created")
    assert not [one for one in stage.github.exchanges if one.operation == "git"]


def test_one_folder_and_a_revision_do_not_go_together(stage: Stage) -> None:
    folders(stage)
    ran = stage.run(base="was", head="main")
    assert ran.code == 2
    assert "'main' is no folder of the workspace and the other one is" in ran.text
    assert stage.github.exchanges == []


@pytest.mark.parametrize(("base", "head"), [(False, True), (True, False)])
def test_nothing_to_read_on_one_side(stage: Stage, base: bool, head: bool) -> None:
    """Section 13: reviewed as all opened or all closed, and it is said."""
    empty: Files = {"README.md": "nothing"}
    tip = stage.origin.commit(BASE if base else empty)
    stage.base = stage.origin.ref("refs/heads/main", tip)
    stage.push(HEAD if head else empty)
    ran = stage.run()
    assert ran.code in (0, 1)
    assert (int(ran.outputs["opened"]) > 0, int(ran.outputs["closed"]) > 0) == (head, base)
    said = f"passed · no manifests on {'head' if base else 'base'}\n".replace(
        "passed", "**failed**" if ran.code else "passed"
    )
    assert said in stage.github.comments[0].body
    assert said in ran.summary


def test_nothing_changed_is_fast(stage: Stage) -> None:
    """G-9: no blob is fetched, success, no count."""
    stage.push(BASE | {"README.md": "more"})
    ran = stage.run()
    assert (ran.code, ran.outputs["verdict"], ran.outputs["unchanged"]) == (0, "success", "")
    posts = [
        one for one in stage.github.exchanges if one.operation == "git" and one.method == "POST"
    ]
    assert [one.body.count(b"want ") for one in posts] == [1]  # the merge, no blob


def test_an_unreadable_changed_file_is_exit_3(stage: Stage) -> None:
    stage.push(BASE | {"k8s/db.yaml": "kind: NetworkPolicy\n  bad: [\n"})
    ran = stage.run()
    assert (ran.code, ran.outputs["verdict"]) == (3, "failure")
    assert stage.run(strict="false", fail_on="never").code == 0


def test_an_approving_review(stage: Stage) -> None:
    """G-34: by a listed login, on exactly this head commit, not the author's."""
    config: Files = {".github/netpol-reviewer.yml": "version: 1\napprovers: [hubot, octocat]\n"}
    stage.base = stage.origin.ref("refs/heads/main", stage.origin.commit(BASE | config))
    stage.push(HEAD | config)
    stage.github.add_review(7, "octocat", "APPROVED", stage.head)
    assert stage.run().code == 1
    stage.github.add_review(7, "hubot", "APPROVED", stage.head)
    ran = stage.run()
    assert (ran.code, ran.outputs["verdict"]) == (0, "neutral")
    assert "hubot" in stage.github.live()[0].body
    stage.github.add_review(7, "hubot", "DISMISSED", stage.head)
    assert stage.run().code == 1


@pytest.mark.parametrize(
    ("event", "inputs", "said"),
    [
        ("issues", {}, "the event `issues` is not supported"),
        ("pull_request", {"fail_on": "hgih", "timeout": "x"}, "input `timeout`"),
        ("pull_request", {"config": "no/such.yml"}, "no/such.yml"),
        ("pull_request", {"base": "a b", "head": "c d"}, "cannot name"),
        ("pull_request", {"base": "nope", "head": "main"}, "no branch or tag"),
    ],
)
def test_exit_2_is_one_error_and_the_summary(
    stage: Stage, event: str, inputs: dict[str, str], said: str
) -> None:
    """Section 13."""
    ran = stage.run(event, **inputs)
    assert (ran.code, ran.outputs) == (2, {})
    errors = [one for one in ran.commands if one.name == "error"]
    assert len(errors) == 1
    assert said in errors[0].data
    assert ran.summary.startswith("## Nothing was reviewed")
    assert stage.github.comments == []


def test_a_wrong_configuration_is_exit_2(stage: Stage) -> None:
    config: Files = {".github/netpol-reviewer.yml": "version: 1\nfail_on: high\nnope: 1\n"}
    stage.base = stage.origin.ref("refs/heads/main", stage.origin.commit(BASE | config))
    stage.push(HEAD | config)
    ran = stage.run()
    assert ran.code == 2
    assert "fail_on" in ran.text
    assert "nope" in ran.text


def test_an_analysis_that_takes_too_long_is_exit_2(stage: Stage) -> None:
    """G-42: a child that runs over is "analysis failed", never success."""
    pods = "".join(
        f"---\n{{apiVersion: v1, kind: Pod, metadata: {{name: p{n}}}}}\n" for n in range(60_000)
    )
    stage.push(HEAD | {"k8s/many.yaml": pods, "k8s/more.yaml": pods.replace("name: p", "name: q")})
    ran = stage.run(timeout="1")
    assert (ran.code, ran.outputs) == (2, {})
    assert "analysis failed" in ran.text
    assert stage.github.comments == []


@pytest.mark.parametrize(
    ("event", "operation", "said"),
    [
        ("workflow_run", "pulls/list", "cannot be looked up"),
        ("pull_request", "repos/compare-commits-with-basehead", "merge base"),
    ],
)
def test_what_cannot_be_asked_for_is_exit_2(
    stage: Stage, event: str, operation: str, said: str
) -> None:
    stage.github.script(Fault(operation=operation, status=403, message="no", times=9))
    payload = events.workflow_run(head=stage.head) if event == "workflow_run" else None
    ran = stage.run(event, payload, compare="branch")
    assert ran.code == 2
    assert said in ran.text


def test_reviews_that_cannot_be_read_accept_nothing(stage: Stage) -> None:
    config: Files = {".github/netpol-reviewer.yml": "version: 1\napprovers: [hubot]\n"}
    stage.base = stage.origin.ref("refs/heads/main", stage.origin.commit(BASE | config))
    stage.push(HEAD | config)
    stage.github.script(Fault(operation="pulls/list-reviews", status=500, times=9))
    ran = stage.run()
    assert (ran.code, ran.outputs["verdict"]) == (1, "failure")
    assert "approving reviews could not be read" in ran.text


def test_an_answer_of_another_shape_is_exit_2(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """G-42: the parent checks what the child says."""
    program = "import sys; sys.stdin.buffer.read(); print('{}')"
    monkeypatch.setattr("reviewer.action._WORKER", ("-I", "-c", program))
    ran = stage.run()
    assert (ran.code, ran.outputs) == (2, {})
    assert "analysis failed: the analysis answered with something else" in ran.text


def test_a_bug_of_ours_is_exit_2_without_token_or_command(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Section 13: the traceback is told, and made harmless (G-32)."""

    def break_down(*_: object) -> None:
        raise RuntimeError(f"it held {TOKEN}\n::error::evil ##[error]evil")

    monkeypatch.setattr("reviewer.action.gather_revisions", break_down)
    payload = events.pull_request(head=stage.head)
    environ = events.environment(
        "pull_request", payload, stage.folder, stage.github.url, github_token=TOKEN
    )
    for name, value in (environ | {"GITHUB_SHA": stage.merge}).items():
        monkeypatch.setenv(name, value)
    stage.capture.readouterr()
    code = cli.main(["action"])
    told = stage.capture.readouterr()
    assert code == 2
    assert "RuntimeError: it held ***" in told.err
    found = read_log(told.out + told.err)
    assert [one.name for one in found] == ["group", "endgroup", "group", "endgroup", "error"]
    assert found[2].data == "traceback"
    assert "this is our bug; please report it" in found[4].data
    assert TOKEN not in told.out + told.err
    assert stage.github.comments == []


def test_a_link_in_the_way_is_exit_2_before_any_work(stage: Stage) -> None:
    (stage.folder / "workspace").mkdir()
    (stage.folder / "workspace/netpol-reviewer").symlink_to("/tmp")
    ran = stage.run()
    assert ran.code == 2
    assert stage.github.exchanges == []


def test_a_502_after_a_successful_create(stage: Stage) -> None:
    stage.github.script(Fault(operation="issues/create-comment", status=502, effect=True))
    assert stage.run().outputs["comment-status"] == "created"
    assert len(stage.github.comments) == 1


def test_a_failed_comment_changes_no_verdict(stage: Stage) -> None:
    stage.github.script(Fault(operation="graphql", status=500, times=99))
    ran = stage.run()
    assert (ran.code, ran.outputs["comment-status"]) == (1, "failed")
    assert ran.summary.startswith("**No comment:** GitHub did not take it")


def test_canaries_appear_nowhere(stage: Stage) -> None:
    """Neither the token nor a Secret's value reaches an output, log, file or request body."""
    broken = f"{{apiVersion: v1, kind: Secret, data: {{a: {CANARY}, b: [}}"
    stage.push(
        HEAD | {"k8s/broken.yaml": broken, "k8s/policy.yaml": f"kind: NetworkPolicy\n{CANARY}: ["}
    )
    ran = stage.run()
    reports = [path for path in (stage.folder / "workspace").rglob("*") if path.is_file()]
    texts = [
        ran.text,
        ran.summary,
        *ran.outputs.values(),
        *(path.read_text("utf-8") for path in reports),
    ]
    texts += [
        one.body.decode("utf-8", "replace")
        for one in stage.github.exchanges
        if one.operation != "git"
    ]
    assert len(reports) == 4
    for text in texts:
        assert TOKEN not in text
        assert CANARY not in text


def test_hostile_names_make_no_command(stage: Stage) -> None:
    """G-28, G-32: names go through spans and escapes in every channel."""
    evil = "::error::x ##[error]y"
    policy = OPENED.replace("name: db", f'name: "{evil}"').replace("shop", "shop")
    stage.github.denied.add("write")
    stage.push(BASE | {f"k8s/{evil}\n::warning::z.yaml": policy, b"k8s/\xff.yaml": OPENED})
    ran = stage.run()
    known = {"error", "warning", "notice", "group", "endgroup"}
    for command in ran.commands:
        assert command.name in known
        assert set(command.properties) <= {"file", "line", "title"}
    assert not re.search(r"(?m)^\s*::(?!error|warning|notice|group|endgroup)", ran.text)
