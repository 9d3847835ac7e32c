"""git as plumbing alone (G-11) and what a fetch brings (G-8), setting by setting: several of them
stop the same thing, so none of them would be missed by what a hostile tree does."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from reviewer.base.errors import SourceError
from reviewer.sources import choose_paths
from reviewer.sources.comparison import PullAsked, of_pull
from reviewer.sources.fetch import Remote, Store
from reviewer.sources.gathering import Chosen, gather_revisions
from reviewer.sources.git import environment
from tests.git_repository import Content, GitRepository
from tests.github_double import TOKEN, GitHubDouble

POLICY = "kind: NetworkPolicy\n"
CONFIG = ".github/netpol-reviewer.yml"
Files = dict[str | bytes, Content]


# What a repository would set for itself, and what git answers under our environment all the same.
SETTINGS = [
    ("safe.bareRepository", "all", "explicit"),
    ("protocol.allow", "always", "never"),
    ("core.fsmonitor", "/spy", "false"),
    ("core.hooksPath", "/hooks", os.devnull),
    ("core.attributesFile", "/attributes", os.devnull),
    ("credential.helper", "!spy", ""),
    ("fetch.fsckObjects", "false", "true"),
    ("transfer.fsckObjects", "false", "true"),
    ("fetch.recurseSubmodules", "true", "false"),
    ("submodule.recurse", "true", "false"),
    ("maintenance.auto", "true", "false"),
    ("gc.auto", "1", "0"),
]


def test_settings_of_git_beat_the_repository(tmp_path: Path) -> None:
    """G-11: asked of git itself, in a repository that says otherwise."""
    git_dir = tmp_path / "x.git"
    subprocess.run(["git", "init", "--quiet", "--bare", git_dir], check=True)
    for name, theirs, _ in SETTINGS:
        subprocess.run(["git", "config", "--file", git_dir / "config", name, theirs], check=True)
    answers = {
        name: subprocess.run(
            ["git", "config", "--get", name],
            env=environment(str(git_dir)),
            capture_output=True,
            text=True,
            check=True,
        ).stdout.rstrip("\n")
        for name, _, _ in SETTINGS
    }
    assert answers == {name: ours for name, _, ours in SETTINGS}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GIT_DIR", "/r/.git"),
        ("GIT_CONFIG_NOSYSTEM", "1"),
        ("GIT_CONFIG_SYSTEM", os.devnull),
        ("GIT_CONFIG_GLOBAL", os.devnull),
        ("GIT_ATTR_NOSYSTEM", "1"),
        ("GIT_ALLOW_PROTOCOL", ""),
        ("GIT_NO_LAZY_FETCH", "1"),
        ("GIT_NO_REPLACE_OBJECTS", "1"),
        ("GIT_TERMINAL_PROMPT", "0"),
    ],
)
def test_a_variable_of_git(name: str, value: str) -> None:
    """G-11: an explicit directory, nobody else's configuration, no prompt, no download."""
    assert environment("/r/.git")[name] == value


def test_only_plumbing_is_called(
    github: GitHubDouble, origin: GitRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """G-11: five commands and no other, from fetching to the last blob."""
    tools, calls = tmp_path / "tools", tmp_path / "calls"
    tools.mkdir()
    real = shutil.which("git")
    wrapper = f'#!/bin/sh\nfor word; do echo "$word"; done >> {calls}\necho >> {calls}\n'
    (tools / "git").write_text(f'{wrapper}exec {real} "$@"\n', encoding="utf-8")
    (tools / "git").chmod(0o755)
    files: Files = {"a.yaml": POLICY, CONFIG: "version: 1\n"}
    base = origin.commit(files)
    head = origin.commit(files | {"b.yaml": POLICY}, [base])
    merge = origin.pull(7, base, head, files | {"b.yaml": POLICY})
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    asked = PullAsked(number=7, head=head, base_branch="main", merge=merge, compare="merge")
    chosen = Chosen(takes=choose_paths([]), config=CONFIG, must=False)
    with Store(Remote(address=f"{github.url}/octo/shop", token=TOKEN, variables={})) as store:
        gathered = gather_revisions(store, of_pull(store, asked, lambda *_: ""), chosen)
    assert len(gathered.head.files) == 2
    runs = [part.split("\n") for part in calls.read_text("utf-8").strip().split("\n\n")]
    commands = {next(word for word in words if not word.startswith("-")) for words in runs}
    # What git calls itself on the way is git's own, and the double serves by git as well.
    own = {"index-pack", "rev-list", "remote-http", "unpack-objects"}
    own |= {"http-backend", "upload-pack", "pack-objects"}
    assert commands - own == {"init", "fetch", "rev-parse", "ls-tree", "cat-file"}
    assert TOKEN not in calls.read_text("utf-8")


def test_a_broken_object_is_not_taken_in(
    github: GitHubDouble, origin: GitRepository, store: Store
) -> None:
    """G-11: fsck on fetch; a tree that names one file twice could be read in two ways."""
    blob = bytes.fromhex(origin.git("hash-object", "-w", "--stdin", data=POLICY.encode()))
    twice = (b"100644 a.yaml\0" + blob) * 2
    command = ("hash-object", "-w", "--literally", "-t", "tree", "--stdin")
    tree = origin.git(*command, data=twice)
    commit = origin.ref("refs/heads/main", origin.git("commit-tree", tree, "-m", "x"))
    with pytest.raises(SourceError, match="failed"):
        store.fetch([commit], depth=1)
    assert github.exchanges != []


@pytest.mark.parametrize(("depth", "known"), [(1, 1), (2, 2)])
def test_no_more_history_than_asked_for(
    origin: GitRepository, store: Store, depth: int, known: int
) -> None:
    """G-8."""
    commit = ""
    for number in range(4):
        commit = origin.commit({"a.yaml": str(number)}, [commit] if commit else [])
    origin.ref("refs/heads/main", commit)
    store.fetch([commit], depth=depth)
    found = store._local(["cat-file", "--batch-all-objects", "--batch-check=%(objecttype)"])
    assert found.split().count(b"commit") == known


def test_no_tag_comes_along(origin: GitRepository, store: Store) -> None:
    """G-11: a tag's text may be anybody's."""
    commit = origin.ref("refs/heads/main", origin.commit({"a.yaml": "a"}))
    origin.git("tag", "-a", "v1", commit, "-m", "a tag")
    store.fetch([commit], depth=1)
    found = store._local(["cat-file", "--batch-all-objects", "--batch-check=%(objecttype)"])
    assert set(found.split()) == {b"commit", b"tree"}


def test_the_wanted_blobs_come_in_one_batch(
    github: GitHubDouble, origin: GitRepository, store: Store
) -> None:
    """G-8: one question for forty files, whatever they are."""
    files: Files = {f"{number}.yaml": f"{POLICY}# {number}\n" for number in range(40)}
    commit = origin.ref("refs/heads/main", origin.commit(files))
    store.fetch([commit], depth=1)
    before = sum(one.method == "POST" for one in github.exchanges)
    assert len(store.contents(entry.blob for entry in store.entries(commit))) == 40
    assert sum(one.method == "POST" for one in github.exchanges) == before + 1
