"""The comment's whole life against a stateful GitHub (G-16 to G-21)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reviewer.publish import Event, deliver
from reviewer.publish.comment import read_marker
from reviewer.report.envelope import Dossier
from tests.github_double import Fault, GitHubDouble
from tests.publish.cases import (
    HEAD,
    OLD,
    make_client,
    make_dossier,
    make_event,
    make_green,
    with_head,
)


@pytest.fixture
def github() -> Iterator[GitHubDouble]:
    with GitHubDouble() as double:
        double.open_pull(7, head=HEAD)
        double.denied.add("checks")
        yield double


def publish(event: Event, dossier: Dossier) -> str:
    """Deliver once with a client of its own; the comment's status."""
    client = make_client(event)
    try:
        return deliver(dossier, event, client).comment_status
    finally:
        client.close()


def test_a_first_comment_is_created(github: GitHubDouble, tmp_path: Path) -> None:
    event = make_event(github, tmp_path)
    assert publish(event, make_dossier()) == "created"
    (comment,) = github.comments
    first, second, *_ = comment.body.split("\n")
    assert first == (
        f"<!-- netpol-reviewer:v1 key=default head={HEAD} worst=critical verdict=failure"
        " run=77.1 -->"
    )
    assert second == "## 🔴 This change opens `shop/db`"
    assert comment.body.endswith("\n\n<sub>Compared `ccccccc` with `aaaaaaa`</sub>")


def test_the_same_again_writes_nothing(github: GitHubDouble, tmp_path: Path) -> None:
    event = make_event(github, tmp_path)
    link = f"{github.url}/octo/shop/actions/runs/"
    publish(event, make_dossier(footer=f"[run]({link}77)"))
    before = len(github.exchanges)
    later = with_head(event, HEAD, run=78)
    assert publish(later, make_dossier(footer=f"[run]({link}78)")) == "unchanged"
    assert github.calls()[before:] == ["graphql", "checks/create"]


def test_line_ends_of_another_kind_are_the_same_comment(
    github: GitHubDouble, tmp_path: Path
) -> None:
    """G-19: a server may keep bodies with CR LF, as a form would send them."""
    event = make_event(github, tmp_path)
    publish(event, make_dossier())
    github.comments[0].body = github.comments[0].body.replace("\n", "\r\n") + "\r\n"
    assert publish(with_head(event, HEAD, run=78), make_dossier()) == "unchanged"


def test_a_further_commit_edits_in_place(github: GitHubDouble, tmp_path: Path) -> None:
    event = make_event(github, tmp_path)
    publish(event, make_dossier())
    github.open_pull(7, head=OLD)
    before = len(github.exchanges)
    assert publish(with_head(event, OLD, 78), make_dossier("opens more")) == "updated"
    assert len(github.comments) == 1
    assert "opens more" in github.comments[0].body
    # Three calls in the usual run: query, write, check run (G-21).
    assert github.calls()[before:] == ["graphql", "issues/update-comment", "checks/create"]


def test_a_solved_problem_does_not_stay_red(github: GitHubDouble, tmp_path: Path) -> None:
    event = make_event(github, tmp_path)
    publish(event, make_dossier())
    assert publish(event, make_green()) == "updated"
    (comment,) = github.live()
    assert "moves nothing" in comment.body
    link = f"{github.url}/octo/shop/commit/{HEAD}"
    assert f" · settled since [`aaaaaaa`]({link})</sub>" in comment.body
    # It is said once and then kept, so the next run has nothing to write.
    assert publish(event, make_green()) == "unchanged"


def test_who_edits_our_comment_plants_no_link(github: GitHubDouble, tmp_path: Path) -> None:
    """What is kept of an old body is a commit, never an address."""
    event = make_event(github, tmp_path)
    for dossier in (make_dossier(), make_green()):
        publish(event, dossier)
    (comment,) = github.comments
    comment.body = comment.body.replace(
        f"{github.url}/octo/shop/commit", "https://evil.example/commit"
    )
    assert publish(event, make_green("moves nothing at all")) == "updated"
    assert "evil.example" not in comment.body
    assert f"settled since [`aaaaaaa`]({github.url}/octo/shop/commit/{HEAD})" in comment.body


def test_failing_again_escalates_and_forgets_that_it_was_settled(
    github: GitHubDouble, tmp_path: Path
) -> None:
    event = make_event(github, tmp_path)
    for dossier in (make_dossier(), make_green()):
        publish(event, dossier)
    assert publish(event, make_dossier()) == "escalated"
    (comment,) = github.live()
    assert "settled since" not in comment.body


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(make_green(), make_dossier(), id="verdict became failure"),
        pytest.param(
            make_green(worst="low", moved=True), make_green(worst="medium"), id="worst rose"
        ),
    ],
)
def test_getting_worse_is_a_new_comment(
    github: GitHubDouble, tmp_path: Path, before: Dossier, after: Dossier
) -> None:
    event = make_event(github, tmp_path, comment="always")
    publish(event, before)
    assert publish(event, after) == "escalated"
    old, new = github.comments
    assert (old.minimized, new.minimized) == ("outdated", None)
    assert github.live() == [new]


def test_an_old_comment_that_cannot_be_minimised_links_to_the_new_one(
    github: GitHubDouble, tmp_path: Path
) -> None:
    event = make_event(github, tmp_path, comment="always")
    publish(event, make_green())
    github.denied.add("minimize")
    assert publish(event, make_dossier()) == "escalated"
    old, new = github.comments
    url = f"{github.url}/octo/shop/pull/7#issuecomment-{new.id}"
    assert old.body == f"Superseded by [a newer review]({url})."
    assert github.live() == [new]


CREATE = "issues/create-comment"


@pytest.mark.parametrize(
    ("effect", "calls"),
    [(True, ["graphql", CREATE, "graphql"]), (False, ["graphql", CREATE] * 2 + ["graphql"])],
    ids=["it was created", "it was not"],
)
@pytest.mark.parametrize("fault", [{"status": 502}, {"drop": True}], ids=["502", "dropped"])
@pytest.mark.parametrize("escalating", [False, True], ids=["create", "escalate"])
def test_after_a_doubtful_create_it_looks_first(
    github: GitHubDouble,
    tmp_path: Path,
    effect: bool,
    calls: list[str],
    fault: dict[str, Any],
    escalating: bool,
) -> None:
    """G-39: never a second one, whose readers would be told twice."""
    if escalating:
        github.add_comment(7, f"{MARKER}\n## green")
        calls = [*calls, "graphql/minimizeComment"]
    github.script(Fault(operation=CREATE, effect=effect, **fault))
    status = publish(make_event(github, tmp_path), make_dossier())
    assert status == ("escalated" if escalating else "created")
    assert github.calls() == [*calls, "checks/create"]
    assert len(github.live()) == 1


def test_where_the_old_one_cannot_be_retired_the_new_one_goes(
    github: GitHubDouble, tmp_path: Path
) -> None:
    """Two live comments would be worse than one that notifies nobody."""
    event = make_event(github, tmp_path, comment="always")
    publish(event, make_green())
    github.denied.add("minimize")
    github.script(Fault(operation="issues/update-comment", status=422))
    assert publish(event, make_dossier()) == "updated"
    (comment,) = github.comments
    assert "opens `shop/db`" in comment.body


@pytest.mark.parametrize("done", ["graphql/minimizeComment", "issues/update-comment"])
def test_an_old_one_that_was_retired_after_all_stays_so(
    github: GitHubDouble, tmp_path: Path, done: str
) -> None:
    """G-39: both answers say nothing, one of them was a deed; the new comment is not taken back."""
    event = make_event(github, tmp_path, comment="always")
    publish(event, make_green())
    for operation in ("graphql/minimizeComment", "issues/update-comment"):
        raw, effect = b'{"id": "x"}', operation == done
        github.script(Fault(operation=operation, status=201, raw=raw, effect=effect, times=9))
    assert publish(event, make_dossier()) == "escalated"
    (comment,) = github.live()
    assert "opens `shop/db`" in comment.body


def test_a_second_look_that_fails_is_left_to_the_next_run(
    github: GitHubDouble, tmp_path: Path
) -> None:
    looked: list[str] = []

    def break_the_second(operation: str) -> None:
        looked.append(operation)
        if looked.count("graphql") == 1 and operation == "issues/create-comment":
            github.script(Fault(operation="graphql", status=500, times=3))

    github.before = break_the_second
    assert publish(make_event(github, tmp_path), make_dossier()) == "created"
    assert looked.count("graphql") == 4


def test_a_duplicate_that_cannot_be_taken_away_is_left_to_the_next_run(
    github: GitHubDouble, tmp_path: Path
) -> None:
    for text in ("one", "two"):
        github.add_comment(7, f"{MARKER}\n## {text}")
    github.script(Fault(operation="issues/delete-comment", status=422))
    event = make_event(github, tmp_path)
    assert publish(event, make_green(moved=True)) == "updated"
    assert len(github.live()) == 2
    assert publish(event, make_green(moved=True)) == "unchanged"
    assert len(github.live()) == 1


@pytest.mark.parametrize(
    ("state", "head"),
    [("OPEN", OLD), ("CLOSED", HEAD), ("MERGED", HEAD)],
    ids=["pushed since", "closed", "merged"],
)
def test_a_stale_run_writes_nothing(
    github: GitHubDouble, tmp_path: Path, state: str, head: str
) -> None:
    """G-18: a slow or repeated old run cannot overwrite a newer one."""
    github.open_pull(7, head=head, state=state)
    event = make_event(github, tmp_path)
    assert publish(event, make_dossier()) == "stale"
    assert github.calls() == ["graphql"]
    assert github.comments == []


MARKER = f"<!-- netpol-reviewer:v1 key=default head={HEAD} worst=none verdict=success run=1.1 -->"


@pytest.mark.parametrize(
    ("body", "author"),
    [
        pytest.param(f"{MARKER}\n## green", "mallory", id="somebody else's marker"),
        pytest.param(f"> {MARKER}\n\nlook", "github-actions[bot]", id="quoted by our account"),
        pytest.param(f"see\n{MARKER}", "github-actions[bot]", id="not in the first line"),
        pytest.param(f"{MARKER} and more", "github-actions[bot]", id="not alone in its line"),
        pytest.param(MARKER.replace("default", "other"), "github-actions[bot]", id="another key"),
    ],
)
def test_what_is_not_our_marker_is_text(
    github: GitHubDouble, tmp_path: Path, body: str, author: str
) -> None:
    github.add_comment(7, body, author)
    event = make_event(github, tmp_path)
    assert publish(event, make_dossier()) == "created"
    assert github.comments[0].body == body
    assert len(github.comments) == 2


def test_a_minimised_comment_is_no_longer_ours(github: GitHubDouble, tmp_path: Path) -> None:
    github.add_comment(7, f"{MARKER}\n## green", minimized="outdated")
    event = make_event(github, tmp_path)
    assert publish(event, make_dossier()) == "created"


def test_our_comment_is_found_behind_250_others(github: GitHubDouble, tmp_path: Path) -> None:
    for number in range(240):
        github.add_comment(7, f"remark {number}", "octocat")
    mine = github.add_comment(7, f"{MARKER}\n## green")
    for number in range(10):
        github.add_comment(7, f"later {number}", "octocat")
    event = make_event(github, tmp_path)
    assert publish(event, make_green(moved=True)) == "updated"
    assert "moves nothing" in mine.body
    assert github.calls() == ["graphql"] * 3 + ["issues/update-comment", "checks/create"]


def test_each_key_has_its_own_comment(github: GitHubDouble, tmp_path: Path) -> None:
    for key in ("prod", "test"):
        event = make_event(github, tmp_path, comment_key=key)
        assert publish(event, make_dossier()) == "created"
    assert len(github.live("prod")) == len(github.live("test")) == 1


@pytest.mark.parametrize(
    ("mode", "dossier", "status"),
    [
        ("always", make_green(), "created"),
        ("auto", make_green(), "off"),
        ("auto", make_green(moved=True), "created"),
        ("failures", make_green(moved=True), "off"),
        ("failures", make_dossier(), "created"),
        ("failures", make_green(verdict="neutral"), "created"),
        ("never", make_dossier(), "off"),
    ],
)
def test_when_a_first_comment_is_written(
    github: GitHubDouble, tmp_path: Path, mode: str, dossier: Dossier, status: str
) -> None:
    event = make_event(github, tmp_path, comment=mode)
    assert publish(event, dossier) == status


@pytest.mark.parametrize("mode", ["always", "auto", "failures", "never"])
def test_an_existing_comment_is_kept_true(github: GitHubDouble, tmp_path: Path, mode: str) -> None:
    publish(make_event(github, tmp_path), make_dossier())
    event = make_event(github, tmp_path, comment=mode)
    expected = "off" if mode == "never" else "updated"
    assert publish(event, make_green()) == expected


def test_duplicates_are_repaired(github: GitHubDouble, tmp_path: Path) -> None:
    """G-20: of the head, then the highest id; the same head goes, the rest is folded."""
    same = github.add_comment(7, f"{MARKER}\n## one")
    older = github.add_comment(7, f"{MARKER.replace(HEAD, OLD)}\n## two")
    kept = github.add_comment(7, f"{MARKER}\n## three")
    event = make_event(github, tmp_path)
    assert publish(event, make_green(moved=True)) == "updated"
    assert github.live() == [kept]
    assert same not in github.comments
    assert older.minimized == "outdated"


def test_of_duplicates_that_of_the_head_stays_though_it_is_older(
    github: GitHubDouble, tmp_path: Path
) -> None:
    """G-20: marker head = PR head, then highest id."""
    kept = github.add_comment(7, f"{MARKER}\n## of this head")
    newer = github.add_comment(7, f"{MARKER.replace(HEAD, OLD)}\n## of an older head")
    assert publish(make_event(github, tmp_path), make_green(moved=True)) == "updated"
    assert github.live() == [kept]
    assert newer.minimized == "outdated"


@pytest.mark.parametrize("escalating", [False, True], ids=["create", "escalate"])
def test_two_runs_at_once_leave_one_comment(
    github: GitHubDouble, tmp_path: Path, escalating: bool
) -> None:
    if escalating:
        github.add_comment(7, f"{MARKER}\n## green")
    meeting = threading.Barrier(2, timeout=5)
    met: set[int] = set()

    def wait_for_the_other(operation: str) -> None:
        """Both have read before either writes."""
        if operation == "issues/create-comment" and threading.get_ident() not in met:
            met.add(threading.get_ident())
            meeting.wait()

    github.before = wait_for_the_other
    statuses: list[str] = []
    runs = [
        threading.Thread(
            target=lambda run=run: statuses.append(
                publish(make_event(github, tmp_path, run=run), make_dossier())
            )
        )
        for run in (77, 78)
    ]
    for run in runs:
        run.start()
    for run in runs:
        run.join(20)
    assert sorted(statuses) == ["escalated" if escalating else "created"] * 2
    assert len(github.live()) == 1


@pytest.mark.parametrize(
    "line",
    [
        "",
        "<!-- netpol-reviewer:v1 -->",
        MARKER.replace("worst=none", "worst=awful"),
        MARKER.replace("verdict=success", "verdict=fine"),
        MARKER.replace(HEAD, HEAD[:-1]),
        MARKER.replace("v1", "v2"),
        " " + MARKER,
    ],
)
def test_a_malformed_marker_is_none(line: str) -> None:
    assert read_marker(line) is None


def test_a_marker_reads_back() -> None:
    marker = read_marker(f"{MARKER}\r\nbody")
    assert marker is not None
    assert str(marker) == MARKER
