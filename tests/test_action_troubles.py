"""The whole Action where something is odd: a race, a loss, a hostile name, a broken part."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import events
from tests.github_double import TOKEN, Fault, GitHubDouble
from tests.report.test_markdown import check_shape
from tests.stage import BASE, CLOSED, HEAD, OPENED, Files, Stage, set_stage

CONFIG = ".github/netpol-reviewer.yml"
REPORTS = ["report.html", "report.json", "report.md", "report.sarif"]


@pytest.fixture
def stage(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Iterator[Stage]:
    with set_stage(tmp_path, capfd) as made:
        yield made


def report(stage: Stage) -> Any:
    place = stage.folder / "workspace/netpol-reviewer/report.json"
    return json.loads(place.read_text("utf-8"))


# --- races with people -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("meanwhile", "status"),
    [
        ({"head": "e" * 40}, "stale"),
        ({"state": "CLOSED"}, "stale"),
        ({"state": "MERGED"}, "stale"),
        ({"base": "release"}, "created"),
    ],
    ids=["force-pushed", "closed", "merged", "retargeted"],
)
def test_the_pull_request_changes_while_we_work(
    stage: Stage, meanwhile: dict[str, str], status: str
) -> None:
    """G-18: looked at before writing, not when the run began; the verdict stands (G-33)."""

    def change(operation: str) -> None:
        if operation == "graphql" and meanwhile:
            stage.github.open_pull(7, **({"head": stage.head} | meanwhile))
            meanwhile.clear()

    stage.github.before = change
    ran = stage.run()
    assert (ran.code, ran.outputs["comment-status"]) == (1, status)
    written = len(stage.github.comments), len(stage.github.check_runs)
    assert written == ((0, 0) if status == "stale" else (1, 1))
    if status == "stale":
        assert ran.summary.startswith("**No comment:** the pull request has moved on")


def test_a_force_push_to_an_unrelated_commit(stage: Stage) -> None:
    """Section 15: the comment follows; what the first push said is not left standing."""
    assert stage.run().outputs["comment-status"] == "created"
    other = stage.origin.commit(BASE | {"README.md": "begun anew"}, [stage.base])
    stage.head = other
    stage.merge = stage.origin.pull(7, stage.base, other, BASE | {"README.md": "begun anew"})
    stage.github.open_pull(7, head=other)
    ran = stage.run()
    assert (ran.code, ran.outputs["comment-status"]) == (0, "updated")
    (comment,) = stage.github.live()
    assert f"head={other} worst=none verdict=success" in comment.body


def test_a_draft_is_like_others(stage: Stage) -> None:
    """Section 2."""
    ran = stage.run(payload=events.pull_request("opened", head=stage.head, draft=True))
    assert (ran.code, ran.outputs["comment-status"]) == (1, "created")


@pytest.mark.parametrize("action", ["edited", "labeled"])
def test_every_event_of_an_open_pull_request_is_worked_on(stage: Stage, action: str) -> None:
    """G-4: success on a title edit would turn a red check green."""
    payload = events.pull_request(head=stage.head) | {"action": action}
    assert stage.run(payload=payload).code == 1


def test_dependabot_has_a_read_only_token(stage: Stage) -> None:
    """G-37."""
    stage.github.denied.add("write")
    payload = events.pull_request(head=stage.head, author="dependabot[bot]")
    ran = stage.run(payload=payload)
    assert (ran.code, ran.outputs["comment-status"]) == (1, "forbidden")
    assert "Dependabot" in ran.summary.splitlines()[0]


# --- what is compared --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("compare", "said"),
    [
        ("merge", " as merged today"),
        ("branch", " since the branch left its base"),
        ("conflict", " since the branch left its base, since there is no test merge"),
    ],
)
def test_the_comment_says_which_view(stage: Stage, compare: str, said: str) -> None:
    """G-5."""
    if compare == "conflict":
        stage.origin.git("update-ref", "-d", "refs/pull/7/merge")
        ran = stage.run("pull_request_target", events.pull_request(head=stage.head))
    else:
        ran = stage.run(compare=compare)
    assert ran.code == 1
    footer = stage.github.comments[0].body.rsplit("<sub>", 1)[1]
    assert f"){said} · " in footer


@pytest.mark.parametrize("compare", ["merge", "branch"])
def test_the_footers_command_gives_the_same_in_a_fresh_clone(stage: Stage, compare: str) -> None:
    """P-18, also where the head is a fork's, which a clone does not have."""
    ran = stage.run(compare=compare)
    footer = stage.github.comments[0].body.rsplit("<sub>", 1)[1]
    (command,) = re.findall(r"locally: `([^`]+)`", footer)
    clone = stage.folder / "clone"
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    variables = {"PATH": path, "HOME": str(stage.folder), "GIT_CONFIG_NOSYSTEM": "1"}
    address = f"{stage.github.url}/octo/shop"
    subprocess.run(["git", "clone", "--quiet", address, clone], env=variables, check=True)
    done = subprocess.run(
        ["bash", "-euc", command],
        cwd=clone,
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert f"{ran.outputs['opened']} opened" in done.stdout
    assert "shop/db" in done.stdout


def test_a_base_branch_that_is_gone(stage: Stage) -> None:
    """Section 13: what, where and what to do."""
    operation = "repos/compare-commits-with-basehead"
    stage.github.script(Fault(operation=operation, status=404, message="Not Found", times=9))
    ran = stage.run(compare="branch")
    assert (ran.code, ran.outputs) == (2, {})
    (error,) = (one for one in ran.commands if one.name == "error")
    assert "the merge base of 'main' and" in error.data
    assert "404 Not Found" in error.data
    assert "if the base branch is gone" in error.data


def test_a_pull_requests_base_commit_is_used_for_nothing(stage: Stage) -> None:
    """G-5: `pull_request.base.sha` is a snapshot of the past; here it does not even exist."""
    payload = events.pull_request(head=stage.head, base_sha="9" * 40)
    for compare in ("merge", "branch"):
        ran = stage.run(payload=payload, compare=compare)
        assert (ran.code, ran.outputs["base-sha"]) == (1, stage.base)


def test_files_that_leave_paths_are_removals(stage: Stage) -> None:
    """G-35."""
    moved: Files = {name: text for name, text in BASE.items() if name != "k8s/db.yaml"}
    stage.push(moved | {"attic/db.yaml": CLOSED})
    ran = stage.run(paths="k8s/**")
    assert ran.code == 1
    assert [(one["policy"], one["change"]) for one in report(stage)["policies"]] == [
        ("shop/db", "removed")
    ]
    assert int(ran.outputs["opened"]) > 0


@pytest.mark.parametrize(
    ("paths", "warned"), [("k8/**", True), ("k8s/**", False), ("!k8s/**", True), ("", False)]
)
def test_paths_that_fit_nothing_are_said(stage: Stage, paths: str, warned: bool) -> None:
    """A misspelt glob would be green for ever."""
    ran = stage.run(paths=paths, check_run="false")
    said = [one.data for one in ran.commands if one.name == "warning"]
    expected = f"input `paths` fits no manifest on either side: {paths}"
    assert [one for one in said if one.startswith("input")] == ([expected] if warned else [])
    assert ran.code == (0 if warned else 1)


def test_a_push_and_a_group_are_checked_on_their_own_commit(stage: Stage) -> None:
    """G-30: never on the test merge."""
    stage.run("push", events.push(stage.base, stage.head))
    stage.run("merge_group", events.merge_group(stage.base, stage.head))
    assert [one["head_sha"] for one in stage.github.check_runs] == [stage.head] * 2
    assert {one["name"] for one in stage.github.check_runs} == {"netpol-reviewer report"}


def test_a_group_whose_base_is_gone_is_no_audit(stage: Stage) -> None:
    """Section 2: never a green that says nothing of the change."""
    ran = stage.run("merge_group", events.merge_group("f" * 40, stage.head), fail_on="never")
    assert (ran.code, ran.outputs) == (2, {})
    (error,) = (one.data for one in ran.commands if one.name == "error")
    assert f"base commit {'f' * 40} is gone" in error
    assert "add the pull request to the queue again" in error


def test_two_commits_of_a_push_are_in_no_view(stage: Stage) -> None:
    """G-5: the views are a pull request's."""
    ran = stage.run("push", events.push(stage.base, stage.head))
    footer = ran.summary.rsplit("<sub>", 1)[1]
    site = f"{stage.github.url}/octo/shop"
    assert footer.startswith(
        f"Compared [`{stage.base[:7]}`]({site}/commit/{stage.base}) with "
        f"[`{stage.head[:7]}`]({site}/commit/{stage.head}) · [run]({site}/actions/runs/77) · "
        f"locally: `netpol-reviewer diff {stage.base} {stage.head}`"
    )


@pytest.mark.parametrize(("fail_on", "code"), [("never", 0), ("low", 1)])
def test_an_audit_is_judged_by_its_findings(stage: Stage, fail_on: str, code: int) -> None:
    """Section 2: the gate of an audit."""
    ran = stage.run("schedule", events.schedule(), fail_on=fail_on)
    assert (ran.code, ran.outputs["compared"]) == (code, "audit")
    assert int(ran.outputs["findings"]) > 0


# --- the configuration -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [b"\xff\xfe", b"[" * 100_000, b"a: &a [*a]\n", b"version: 1\n" * 2],
    ids=["no UTF-8", "deep", "an alias", "a key twice"],
)
def test_a_configuration_that_cannot_be_read(stage: Stage, text: bytes) -> None:
    """Section 13: exit 2 with one error that names the file; never success, never our bug."""
    stage.base = stage.origin.ref("refs/heads/main", stage.origin.commit(BASE | {CONFIG: text}))
    stage.push(HEAD | {CONFIG: text})
    ran = stage.run()
    assert (ran.code, ran.outputs) == (2, {})
    (error,) = (one for one in ran.commands if one.name == "error")
    assert CONFIG in error.data
    assert "bug" not in error.data


def test_a_change_cannot_weaken_its_own_gate(stage: Stage) -> None:
    """G-35: judged by the base side's configuration, with a note."""
    stage.push(HEAD | {CONFIG: "version: 1\ndefaults: {fail-on: never}\n"})
    ran = stage.run()
    assert ran.code == 1
    assert "config-changed" in [one["rule"] for one in report(stage)["findings"]]


@pytest.mark.parametrize(
    ("inputs", "gate", "code"),
    [({}, "never", 0), ({"fail_on": "high"}, "never", 0), ({"fail_on": "critical"}, "critical", 1)],
    ids=["no input", "an input that is the default", "another input"],
)
def test_the_base_configuration_has_the_gate_where_no_input_does(
    stage: Stage, inputs: dict[str, str], gate: str, code: int
) -> None:
    """roots.md section 6; an input's default is nobody's wish, and `never` on forks stays (G-2)."""
    config: Files = {CONFIG: "version: 1\ndefaults: {fail-on: never}\n"}
    stage.base = stage.origin.ref("refs/heads/main", stage.origin.commit(BASE | config))
    stage.push(HEAD | config)
    ran = stage.run(**inputs)
    assert (ran.code, f"gate `fail-on: {gate}`" in ran.summary) == (code, True)


@pytest.mark.parametrize(
    ("head", "asked"),
    [
        (HEAD, 1),
        (BASE | {"k8s/mail.yaml": CLOSED.replace("db", "mail")}, 0),
        (HEAD | {"k8s/bad.yaml": "kind: NetworkPolicy\n  bad: [\n"}, 0),
    ],
    ids=["the gate fails", "it passes", "unreadable, which nobody can approve"],
)
def test_reviews_are_asked_for_only_where_they_could_matter(
    stage: Stage, head: Files, asked: int
) -> None:
    """G-34, G-21."""
    config: Files = {CONFIG: "version: 1\napprovers: [hubot]\n"}
    stage.base = stage.origin.ref("refs/heads/main", stage.origin.commit(BASE | config))
    stage.push(head | config)
    ran = stage.run()
    assert ran.outputs["verdict"] == ("success" if "k8s/mail.yaml" in head else "failure")
    assert stage.github.calls().count("pulls/list-reviews") == asked


# --- the runner's files ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "inputs", "code"),
    [
        (HEAD, {}, 1),
        (HEAD, {"fail_on": "never"}, 0),
        (BASE | {"README.md": "x"}, {}, 0),
        (BASE | {"k8s/db.yaml": "kind: NetworkPolicy\n  bad: [\n"}, {}, 3),
    ],
    ids=["failure", "neutral", "nothing changed", "unreadable"],
)
def test_files_and_outputs_are_there_for_every_end_but_two(
    stage: Stage, head: Files, inputs: dict[str, str], code: int
) -> None:
    """G-14."""
    stage.push(head)
    ran = stage.run(**inputs)
    assert ran.code == code
    folder = stage.folder / "workspace/netpol-reviewer"
    assert sorted(path.name for path in folder.iterdir()) == REPORTS
    for form in ("json", "markdown", "sarif", "html"):
        assert (stage.folder / "workspace" / ran.outputs[f"report-{form}"]).is_file()
    assert ran.outputs["verdict"] in ("success", "neutral", "failure")
    assert ran.summary.startswith("## ")


@pytest.mark.parametrize("kind", ["unset", "gone", "a folder", "a link"])
def test_files_of_the_runner_that_are_not_there(stage: Stage, kind: str) -> None:
    """G-33: the verdict stands, the comment is written; a link is not followed (G-13)."""
    place, target = stage.folder / "odd", stage.folder / "target"
    target.touch()
    if kind == "a folder":
        place.mkdir()
    elif kind == "a link":
        place.symlink_to(target)
    for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"):
        stage.variables[name] = None if kind == "unset" else str(place)
    ran = stage.run()
    assert (ran.code, len(stage.github.comments)) == (1, 1)
    assert target.read_bytes() == b""
    warned = [one.data for one in ran.commands if one.name == "warning"]
    expected = [] if kind == "unset" else ["the job summary", "the outputs"]
    assert [one.partition(" could not be published")[0] for one in warned] == expected


def test_a_workspace_that_is_not_there(stage: Stage) -> None:
    """Section 13: said before any work is done."""
    stage.variables["GITHUB_WORKSPACE"] = str(stage.folder / "nowhere")
    ran = stage.run()
    assert (ran.code, stage.github.exchanges) == (2, [])
    assert "cannot be written: No such file or directory" in ran.summary
    assert "choose another" in ran.summary


def test_debug_lines_are_shown_when_asked_for(stage: Stage) -> None:
    """G-32: `RUNNER_DEBUG=1` turns them on; they hold no token."""
    told = {}
    for debug in ("0", "1"):
        stage.variables["RUNNER_DEBUG"] = debug
        stage.github.script(Fault(operation="graphql", status=502))
        ran = stage.run()
        told[debug] = [one.data for one in ran.commands if one.name == "debug"]
        assert TOKEN not in ran.text
    assert told["0"] == []
    assert f"POST {stage.github.url}/api/graphql: 502 Server Error" in told["1"]


# --- hostile text, broken parts ----------------------------------------------------------------

MARKER = "<!-- netpol-reviewer:v1 key=default head={} worst=none verdict=success run=1.1 -->"
NAMES = [
    "@octocat",
    "fixes #1",
    "closes octo/shop#12",
    "GH-1",
    "https://evil.example/x",
    MARKER.format("a" * 40),
    "--><script>alert(1)</script>",
    "</details></sub>",
    "| a | b |",
    "$`x`$",
    "👩‍💻",
    "\u202egnp.yaml",
    "a\u200bb",
    "> [!CAUTION]",
    "````",
    "[a](https://evil.example)",
]


def test_names_stay_names(stage: Stage) -> None:
    """G-28, G-16: of files, policies, namespaces and workloads, in the comment as posted."""
    files = dict(HEAD)
    for name in NAMES:
        quoted = json.dumps(name)
        place = name.replace("/", "∕")
        files[f"k8s/{place}.yaml"] = OPENED.replace("name: db", f"name: {quoted}")
        files[f"k8s/pod-{place}.yaml"] = (
            f"{{apiVersion: v1, kind: Pod, metadata: {{name: {quoted}, namespace: {quoted}}}}}\n"
        )
    stage.push(files)
    assert stage.run(strict="false").outputs["comment-status"] == "created"
    (comment,) = stage.github.comments
    first, _, body = comment.body.partition("\n")
    marker = MARKER.replace("none", "critical").replace("success", "failure")
    assert first == marker.replace("1.1", "77.1").format(stage.head)
    check_shape(body)
    bare = re.sub(r"`[^`]*`", "", re.sub(r"(?ms)^(`{3,})\w*$.*?^\1$", "", body))
    for leaked in ("<!--", "evil.example", "octocat", "alert(1)", "CAUTION]>", "GH-1", "👩"):
        assert leaked not in bare
    assert body.count("<sub>") == body.count("</sub>") == 1
    assert "octocat" in body
    # A second run knows its own comment again, whatever stands in it.
    assert stage.run(strict="false").outputs["comment-status"] == "unchanged"


def test_no_address_of_the_change_is_opened(stage: Stage) -> None:
    """Section 15, G-44: a server that is named wherever one could be counts no hit."""
    with GitHubDouble() as other:
        url = f"{other.url}/evil"
        evil: Files = {
            "kustomization.yaml": f"resources: [{url}?ref=x, '{other.url}/o/r//base']\n",
            "k8s/kustomization.yml": f"helmCharts: [{{name: c, repo: {url}}}]\n",
            "Chart.yaml": f"name: c\ndependencies: [{{name: d, repository: {url}}}]\n",
            ".gitmodules": f'[submodule "s"]\n\tpath = s\n\turl = {url}\n',
            "s": ("160000", b"f" * 40),
            "k8s/link.yaml": ("120000", url.encode()),
            "lfs.yaml": "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
            ".lfsconfig": f"[lfs]\n\turl = {url}\n",
            ".gitattributes": "* filter=lfs\n",
            "k8s/tag.yaml": f"a: !include {url}\nb: !<{url}> x\n",
            "k8s/ref.json": json.dumps({"$schema": url, "$ref": url, "kind": "List", "items": []}),
            "k8s/pod.yaml": f"{{apiVersion: v1, kind: Pod, metadata: {{name: '{url}'}}}}\n",
        }
        stage.push(HEAD | evil)
        ran = stage.run(strict="false")
        assert (ran.code, other.exchanges) == (1, [])
    assert all(one.target.startswith(("/octo/", "/api/")) for one in stage.github.exchanges)


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("import os; os.kill(os.getpid(), 11)", "it ended with -11"),
        ("import sys; sys.stderr.write('::error::x ##[error]y\\n'); sys.exit(3)", "ended with 3"),
        ("print('success')", "answered with something else"),
    ],
    ids=["segmentation fault", "complaining", "lying"],
)
def test_a_child_that_dies_is_never_success(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, program: str, said: str
) -> None:
    """G-42: exit 2, "analysis failed"; what it says is no command of ours."""
    monkeypatch.setattr("reviewer.action._WORKER", ("-I", "-c", program))
    ran = stage.run()
    assert (ran.code, ran.outputs) == (2, {})
    (error,) = (one for one in ran.commands if one.name == "error")
    assert error.data.startswith("analysis failed: ")
    assert said in error.data
    assert ran.summary.startswith("## Nothing was reviewed")
    assert (stage.github.comments, stage.github.check_runs) == ([], [])


def test_a_token_that_cannot_read(stage: Stage) -> None:
    """Sections 10 and 13: exit 2, and it says which permission."""
    stage.github.private = True
    ran = stage.run(github_token="ghs_ofNobody")
    assert (ran.code, ran.outputs) == (2, {})
    assert "permissions: contents: read" in ran.summary
    assert "ghs_ofNobody" not in ran.text + ran.summary
