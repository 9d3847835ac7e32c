"""Which two commits are compared (G-5), settled against a real server."""

from __future__ import annotations

from pathlib import Path

import pytest

from reviewer.base.errors import SourceError, UsageError
from reviewer.sources import choose_paths
from reviewer.sources.comparison import PullAsked, Revisions, of_commits, of_names, of_pull
from reviewer.sources.fetch import MissingError, Store
from reviewer.sources.gathering import (
    Chosen,
    Gathered,
    NamedFolder,
    gather_folders,
    gather_revisions,
)
from tests.git_repository import Content, GitRepository
from tests.github_double import GitHubDouble

CONFIG = ".github/netpol-reviewer.yml"
Files = dict[str | bytes, Content]


def asked(head: str, merge: str | None = None, compare: str = "merge") -> PullAsked:
    return PullAsked(number=7, head=head, base_branch="main", merge=merge, compare=compare)


def never(base: str, head: str) -> str:
    raise AssertionError(f"asked for the merge base of {base} and {head}")


class Fork:
    """main moved on after the branch was cut: root ← head, root ← tip, and their test merge."""

    def __init__(self, origin: GitRepository) -> None:
        self.origin = origin
        self.root = origin.commit({"a.yaml": "root"})
        self.head = origin.commit({"a.yaml": "root", "b.yaml": "head"}, [self.root])
        self.tip = origin.ref("refs/heads/main", origin.commit({"a.yaml": "tip"}, [self.root]))
        self.merge = origin.pull(7, self.tip, self.head, {"a.yaml": "tip", "b.yaml": "head"})

    def base(self, base: str, head: str) -> str:
        return self.origin.git("merge-base", base, head)


@pytest.mark.parametrize("named", [True, False], ids=["GITHUB_SHA", "refs/pull/N/merge"])
def test_merged_view(store: Store, origin: GitRepository, named: bool) -> None:
    """The test merge against its first parent: what merging does today."""
    fork = Fork(origin)
    found = of_pull(store, asked(fork.head, fork.merge if named else None), never)
    assert (found.view, found.fallback) == ("merge", False)
    assert (found.base, found.head, found.linked) == (fork.tip, fork.merge, fork.head)


def branch_view(fork: Fork, fallback: bool) -> Revisions:
    return Revisions(
        view="branch",
        base=fork.root,
        base_name="main",
        head=fork.head,
        head_name="#7",
        linked=fork.head,
        fallback=fallback,
    )


def test_branch_view_when_asked(store: Store, origin: GitRepository) -> None:
    fork = Fork(origin)
    found = of_pull(store, asked(fork.head, fork.merge, "branch"), fork.base)
    assert found == branch_view(fork, fallback=False)


def test_a_conflict_has_no_merge_commit(store: Store, origin: GitRepository) -> None:
    fork = Fork(origin)
    origin.git("update-ref", "-d", "refs/pull/7/merge")
    assert of_pull(store, asked(fork.head), fork.base) == branch_view(fork, fallback=True)


def test_a_merge_of_another_head_does_not_count(store: Store, origin: GitRepository) -> None:
    """Moved: a push came after the event, or the merge is not built anew yet."""
    fork = Fork(origin)
    older, fork.head = fork.head, origin.commit({"a.yaml": "newer"}, [fork.head])
    origin.ref("refs/pull/7/head", fork.head)
    found = of_pull(store, asked(fork.head), fork.base)
    assert found == branch_view(fork, fallback=True)
    assert older != found.head


def test_an_octopus_or_a_plain_commit_does_not_count(store: Store, origin: GitRepository) -> None:
    fork = Fork(origin)
    for parents in ([fork.tip], [fork.tip, fork.head, fork.root]):
        commit = origin.ref("refs/heads/x", origin.commit({"a.yaml": "x"}, parents))
        found = of_pull(store, asked(fork.head, commit), fork.base)
        assert found == branch_view(fork, fallback=True)


def test_a_push_and_a_group(store: Store, origin: GitRepository) -> None:
    fork = Fork(origin)
    found = of_commits(store, fork.root, fork.tip)
    assert (found.view, found.base, found.head, found.linked) == (
        "branch", fork.root, fork.tip, fork.tip,
    )  # fmt: skip


def test_a_push_whose_before_is_gone_is_an_audit(store: Store, origin: GitRepository) -> None:
    fork = Fork(origin)
    found = of_commits(store, "f" * 40, fork.tip)
    assert (found.view, found.base, found.head) == ("audit", None, fork.tip)


def test_names(store: Store, origin: GitRepository) -> None:
    fork = Fork(origin)
    origin.ref("refs/tags/v1", fork.root)
    assert of_names(store, "v1", "main").base == fork.root
    assert of_names(store, None, "refs/pull/7/head").head == fork.head
    assert of_names(store, None, fork.tip).view == "audit"


@pytest.mark.parametrize("name", ["nope", "refs/heads/nope"])
def test_a_name_that_means_nothing(store: Store, origin: GitRepository, name: str) -> None:
    Fork(origin)
    with pytest.raises(MissingError, match="nope"):
        of_names(store, None, name)


@pytest.mark.parametrize("name", ["--output=x", "HEAD~1", "a b"])
def test_a_name_that_can_mean_nothing(store: Store, name: str) -> None:
    with pytest.raises(SourceError, match="cannot name"):
        of_names(store, None, name)


# --- the texts of both sides -------------------------------------------------------------------


def chosen(*globs: str, config: str = CONFIG, must: bool = False, whole: bool = False) -> Chosen:
    return Chosen(takes=choose_paths(globs), config=config, must=must, whole=whole)


def texts(gathered: Gathered) -> list[dict[str, bytes | None]]:
    sides = [side for side in (gathered.base, gathered.head) if side]
    return [{one.path: one.content for one in side.files} for side in sides]


def test_both_sides_and_the_head_s_own_lines(store: Store, origin: GitRepository) -> None:
    """G-25: where the merge changed a file, the head commit's own text comes along."""
    fork = Fork(origin)
    revisions = of_pull(store, asked(fork.head, fork.merge), never)
    gathered = gather_revisions(store, revisions, chosen())
    assert texts(gathered) == [{"a.yaml": b"tip"}, {"a.yaml": b"tip", "b.yaml": b"head"}]
    assert [(one.path, one.content) for one in gathered.head.own] == [("a.yaml", b"root")]
    assert not gathered.same


def test_globs_choose_on_both_sides(store: Store, origin: GitRepository) -> None:
    fork = Fork(origin)
    revisions = of_pull(store, asked(fork.head, fork.merge), never)
    assert texts(gather_revisions(store, revisions, chosen("**", "!b.*")))[1] == {}


def two(store: Store, origin: GitRepository, base: Files, head: Files) -> Revisions:
    first = origin.commit(base)
    second = origin.ref("refs/heads/main", origin.commit(head, [first]))
    return of_commits(store, first, second)


def test_the_fast_path_fetches_no_blob(
    store: Store, origin: GitRepository, github: GitHubDouble
) -> None:
    """G-9."""
    revisions = two(store, origin, {"a.yaml": "a", "x": "1"}, {"a.yaml": "a", "x": "2"})
    before = len(github.exchanges)
    gathered = gather_revisions(store, revisions, chosen())
    assert gathered.same
    assert texts(gathered) == [{}, {}]
    assert len(github.exchanges) == before


@pytest.mark.parametrize(
    ("head", "given"),
    [
        ({"a.yaml": "a", CONFIG: "version: 1"}, chosen()),
        ({"a.yaml": "b"}, chosen()),
        ({"a.yaml": "a"}, chosen(whole=True)),
    ],
    ids=["the configuration changed", "a manifest changed", "strict asks for all"],
)
def test_what_is_no_fast_path(
    store: Store, origin: GitRepository, head: Files, given: Chosen
) -> None:
    assert not gather_revisions(store, two(store, origin, {"a.yaml": "a"}, head), given).same


def test_the_configuration_of_both_sides(store: Store, origin: GitRepository) -> None:
    """The base side's counts, the head's is for the note on it (G-35)."""
    revisions = two(store, origin, {CONFIG: "version: 1"}, {CONFIG: "version: 1 # more"})
    gathered = gather_revisions(store, revisions, chosen())
    assert gathered.base is not None
    assert gathered.base.config is not None
    assert gathered.base.config.content == b"version: 1"
    assert gathered.head.config is not None
    assert gathered.head.config.content == b"version: 1 # more"


def test_a_configuration_asked_for_by_name_must_be_there(
    store: Store, origin: GitRepository
) -> None:
    revisions = two(store, origin, {"a.yaml": "a"}, {"a.yaml": "b", "my.yml": "version: 1"})
    with pytest.raises(UsageError, match=r"my\.yml"):
        gather_revisions(store, revisions, chosen(config="my.yml", must=True))


def test_an_audit_has_one_side(store: Store, origin: GitRepository) -> None:
    fork = Fork(origin)
    gathered = gather_revisions(store, of_names(store, None, fork.tip), chosen())
    assert gathered.base is None
    assert texts(gathered) == [{"a.yaml": b"tip"}]


def test_two_folders(tmp_path: Path) -> None:
    """G-10: what an earlier step rendered; links in it are not followed."""
    for side in ("was", "is"):
        (tmp_path / side).mkdir()
        (tmp_path / side / "a.yaml").write_text(side, encoding="utf-8")
    (tmp_path / "is/link.yaml").symlink_to("/etc/passwd")
    was, now = (NamedFolder(side, str(tmp_path / side)) for side in ("was", "is"))
    gathered = gather_folders(was, now, chosen())
    assert texts(gathered) == [{"a.yaml": b"was"}, {"a.yaml": b"is"}]
    assert (gathered.head.name, gathered.head.commit) == ("is", None)
    assert gather_folders(was, was, chosen()).same
