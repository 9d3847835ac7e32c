"""Fetching from a real server over http: few bytes, no checkout, nothing of the tree is run."""

from __future__ import annotations

import base64
import os
import time
from pathlib import Path
from typing import Any

import pytest

from reviewer.base.documents import FILE_BYTES
from reviewer.base.errors import SourceError
from reviewer.sources import Limits
from reviewer.sources.fetch import MissingError, Remote, Store, folder_inside, is_commit, is_ref
from tests.git_repository import Content, GitRepository
from tests.github_double import TOKEN, Fault, GitHubDouble

POLICY = "kind: NetworkPolicy\n"
Files = dict[str | bytes, Content]


def remote(github: GitHubDouble, token: str = TOKEN, **variables: str) -> Remote:
    return Remote(address=f"{github.url}/octo/shop", token=token, variables=variables)


def read(store: Store, commit: str) -> dict[str, bytes]:
    entries = store.entries(commit)
    contents = store.contents(entry.blob for entry in entries)
    return {entry.path: contents[entry.blob] for entry in entries}


def read_tree(github: GitHubDouble, origin: GitRepository, files: Files) -> dict[str, bytes]:
    commit = origin.ref("refs/heads/main", origin.commit(files))
    with Store(remote(github)) as store:
        store.fetch([commit], depth=1)
        return read(store, commit)


def test_a_merge_comes_with_both_parents(github: GitHubDouble, origin: GitRepository) -> None:
    base = origin.commit({"a.yaml": "a", "same.yaml": "s"})
    head = origin.commit({"a.yaml": "b", "same.yaml": "s"}, [base])
    merge = origin.pull(7, base, head, {"a.yaml": "b", "same.yaml": "s"})
    with Store(remote(github)) as store:
        assert store.fetch(["refs/pull/7/merge"], depth=2) == (merge,)
        assert store.parents(merge) == (base, head)
        assert read(store, merge) == {"a.yaml": b"b", "same.yaml": b"s"}
        assert read(store, base) == {"a.yaml": b"a", "same.yaml": b"s"}


def test_only_wanted_blobs_are_fetched(github: GitHubDouble, origin: GitRepository) -> None:
    """G-8: no blob with the commit, and afterwards the wanted ones in one batch."""
    noise = os.urandom(300_000)
    commit = origin.ref("refs/heads/main", origin.commit({"a.yaml": POLICY, "big.bin": noise}))
    with Store(remote(github)) as store:
        store.fetch([commit], depth=1)
        assert read(store, commit) == {"a.yaml": POLICY.encode()}
        packs = (Path(store._folder) / "objects/pack").glob("*.pack")
        assert sum(pack.stat().st_size for pack in packs) < 10_000
    posts = [one for one in github.exchanges if one.method == "POST"]
    assert [b"filter blob:none" in one.body for one in posts][-1] is True


def test_after_the_fetch_there_is_no_network(github: GitHubDouble, origin: GitRepository) -> None:
    """G-11: a missing blob is an error, never a silent download."""
    commit = origin.ref("refs/heads/main", origin.commit({"a.yaml": POLICY}))
    with Store(remote(github)) as store:
        store.fetch([commit], depth=1)
        before = len(github.exchanges)
        (entry,) = store.entries(commit)
        with pytest.raises(SourceError):
            store._local(["cat-file", "blob", entry.blob.hex()])
        assert len(github.exchanges) == before


def test_the_folder_is_private_and_gone_afterwards(
    github: GitHubDouble, origin: GitRepository
) -> None:
    commit = origin.ref("refs/heads/main", origin.commit({"a.yaml": "a"}))
    with Store(remote(github)) as store:
        store.fetch([commit], depth=1)
        folder = Path(store._folder)
        assert folder.stat().st_mode & 0o077 == 0
        for path in folder.rglob("*"):
            if path.is_file():
                assert TOKEN.encode() not in path.read_bytes()
    assert not folder.exists()


def test_sha256_repositories(github: GitHubDouble) -> None:
    assert github.git_root is not None
    origin = GitRepository(github.git_root, sha256=True)
    commit = origin.ref("refs/heads/main", origin.commit({"a.yaml": POLICY}))
    assert len(commit) == 64
    with Store(remote(github)) as store:
        store.fetch([commit], depth=1)
        assert read(store, commit) == {"a.yaml": POLICY.encode()}


# --- the token (G-12) --------------------------------------------------------------------------


def test_a_private_repository_is_read_with_the_token(
    github: GitHubDouble, origin: GitRepository
) -> None:
    github.private = True
    assert read_tree(github, origin, {"a.yaml": POLICY}) == {"a.yaml": POLICY.encode()}
    secret = base64.b64encode(f"x-access-token:{TOKEN}".encode()).decode()
    for exchange in github.exchanges:
        assert exchange.headers["Authorization"] == f"Basic {secret}"
        assert TOKEN not in exchange.target


@pytest.mark.parametrize("token", ["", "ghs_wrong"])
def test_a_token_that_may_not_read(github: GitHubDouble, origin: GitRepository, token: str) -> None:
    github.private = True
    commit = origin.commit({"a.yaml": POLICY})
    with Store(remote(github, token)) as store, pytest.raises(SourceError) as caught:
        store.fetch([commit], depth=1)
    assert "may not read" in caught.value.message
    assert "contents: read" in caught.value.hint
    assert token not in str(caught.value) or not token


def test_redirects_are_refused(github: GitHubDouble, origin: GitRepository) -> None:
    commit = origin.commit({"a.yaml": POLICY})
    elsewhere = {"Location": f"{github.url}/octo/other/info/refs?service=git-upload-pack"}
    github.script(Fault(operation="git", status=301, headers=elsewhere))
    with Store(remote(github)) as store, pytest.raises(SourceError):
        store.fetch([commit], depth=1)
    assert len(github.exchanges) == 1


def test_the_header_is_for_one_server_and_never_an_argument() -> None:
    settings = dict(Remote(address="https://h:1/o/r", token="abc", variables={}).settings())
    secret = base64.b64encode(b"x-access-token:abc").decode()
    assert settings["http.https://h:1/.extraHeader"] == f"Authorization: Basic {secret}"
    assert "abc" not in repr(Remote(address="https://h:1/o/r", token="abc", variables={}))


def test_proxies_and_authorities_come_by_their_usual_variables() -> None:
    """G-38."""
    given = {"https_proxy": "http://p:3", "NO_PROXY": "x", "OTHER": "y", "SSL_CERT_FILE": "/ca"}
    made = Remote(address="https://h/o/r", token="", variables=given)
    assert made.proxies() == {"https_proxy": "http://p:3", "NO_PROXY": "x"}
    assert ("http.sslCAInfo", "/ca") in made.settings()


# --- what cannot be had ------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["f" * 40, "refs/pull/8/merge", "refs/heads/nope"])
def test_what_the_server_does_not_have(
    github: GitHubDouble, origin: GitRepository, name: str
) -> None:
    origin.ref("refs/heads/main", origin.commit({"a.yaml": POLICY}))
    with Store(remote(github)) as store, pytest.raises(MissingError) as caught:
        store.fetch([name], depth=1)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    "name",
    [
        "--output=x",
        "--upload-pack=touch /tmp/x",
        "HEAD",
        "main",
        "a" * 39,
        "^" + "a" * 40,
        "",
        *(f"refs/heads/{name}" for name in ("../x", "-x y", "a:refs/b", "*")),
    ],
)
def test_what_is_no_commit_and_no_ref_reaches_no_command(name: str) -> None:
    there = Remote(address="http://127.0.0.1:9/o/r", token="", variables={})
    with Store(there) as store:
        with pytest.raises(SourceError, match="no commit and no ref"):
            store.fetch([name], depth=1)
        assert list(Path(store._folder).iterdir()) == []


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits between two tries."""
    monkeypatch.setattr("reviewer.sources.fetch._PAUSES", (0.0, 0.0))


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    "fault", [{"status": 502}, {"status": 429}, {"drop": True}], ids=["502", "429", "dropped"]
)
def test_a_bad_minute_is_waited_for(
    github: GitHubDouble, origin: GitRepository, fault: dict[str, Any]
) -> None:
    """No run fails because the server had a bad minute: three tries."""
    commit = origin.ref("refs/heads/main", origin.commit({"a.yaml": POLICY}))
    github.script(Fault(operation="git", times=2, **fault))
    with Store(remote(github)) as store:
        assert store.fetch([commit], depth=1) == (commit,)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(("status", "tries"), [(500, 3), (404, 1), (403, 1), (301, 1)])
def test_three_tries_and_none_where_it_would_not_help(
    github: GitHubDouble, origin: GitRepository, status: int, tries: int
) -> None:
    commit = origin.commit({"a.yaml": POLICY})
    github.script(Fault(operation="git", status=status, times=99))
    with Store(remote(github)) as store, pytest.raises(SourceError):
        store.fetch([commit], depth=1)
    assert len(github.exchanges) == tries


@pytest.mark.usefixtures("quick")
def test_a_server_that_breaks_off(github: GitHubDouble, origin: GitRepository) -> None:
    commit = origin.commit({"a.yaml": POLICY})
    github.script(Fault(operation="git", drop=True, times=9))
    with Store(remote(github)) as store, pytest.raises(SourceError, match="failed"):
        store.fetch([commit], depth=1)


def test_a_server_that_never_answers(
    github: GitHubDouble, origin: GitRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The time is over for git and for its helper, which would wait for ever."""
    monkeypatch.setattr("reviewer.sources.fetch._SECONDS", 0.5)
    commit = origin.commit({"a.yaml": POLICY})
    github.script(Fault(operation="git", delay=4.0))
    began = time.monotonic()
    with Store(remote(github)) as store, pytest.raises(SourceError, match="took over"):
        store.fetch([commit], depth=1)
    assert time.monotonic() - began < 3.0


def test_too_many_bytes_are_refused(github: GitHubDouble, origin: GitRepository) -> None:
    commit = origin.ref(
        "refs/heads/main", origin.commit({"a.yaml": "x" * 900, "b.yaml": "y" * 900})
    )
    with Store(remote(github)) as store:
        store.fetch([commit], depth=1)
        blobs = [entry.blob for entry in store.entries(commit)]
        with pytest.raises(SourceError, match="hold more than"):
            store.contents(blobs, Limits(total=800))
        with pytest.raises(SourceError, match="manifest files"):
            store.contents(blobs, Limits(files=0))


def test_of_a_file_over_the_limit_the_beginning_comes(
    github: GitHubDouble, origin: GitRepository
) -> None:
    files: Files = {"a.yaml": b"#" * (FILE_BYTES + 100)}
    assert len(read_tree(github, origin, files)["a.yaml"]) == FILE_BYTES + 1


# --- hostile trees (section 15) ----------------------------------------------------------------

NAMES = [
    b"new\nline.yaml",
    b"-dash.yaml",
    b'"quote".yaml',
    "bidi\u202e.yaml".encode(),
    b"\xff\xfe.yaml",
]


def test_names_of_any_bytes(github: GitHubDouble, origin: GitRepository) -> None:
    found = read_tree(github, origin, dict.fromkeys(NAMES, POLICY))
    assert {os.fsencode(path) for path in found} == set(NAMES)


HOSTILE: Files = {
    "a.yaml": POLICY,
    "link.yaml": ("120000", b"/etc/passwd"),
    "up.yaml": ("120000", b"../../../../etc/passwd"),
    "module.yaml": ("160000", b"1" * 40),
    ".gitmodules": '[submodule "x"]\n\tpath = module.yaml\n\turl = http://127.0.0.1:9/x\n',
    ".gitattributes": "*.yaml filter=evil diff=evil merge=evil\n",
    "lfs.yaml": "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n",
    "bare/HEAD": "ref: refs/heads/main\n",
    "bare/config": '[core]\n\tbare = true\n\tfsmonitor = "touch RAN"\n\thooksPath = hooks\n',
    "bare/objects/x": "",
    "bare/refs/x": "",
    "bare/hooks/post-checkout": ("100755", b"#!/bin/sh\ntouch RAN\n"),
    "bare/b.yaml": POLICY,
    "hooks/post-checkout": ("100755", b"#!/bin/sh\ntouch RAN\n"),
}


def test_nothing_of_a_hostile_tree_is_run_or_followed(
    github: GitHubDouble,
    origin: GitRepository,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    marks = tmp_path / "here"
    marks.mkdir()
    monkeypatch.chdir(marks)
    found = read_tree(github, origin, HOSTILE)
    assert sorted(found) == ["a.yaml", "bare/b.yaml", "lfs.yaml"]
    assert not list(tmp_path.rglob("RAN"))
    assert all("/octo/shop" in exchange.target for exchange in github.exchanges)


def test_settings_of_this_machine_are_not_read(
    github: GitHubDouble,
    origin: GitRepository,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """G-11: no system or global configuration, no hooks, no helper."""
    home = tmp_path / "home"
    home.mkdir()
    (home / ".gitconfig").write_text(
        f'[url "http://127.0.0.1:9/"]\n\tinsteadOf = {github.url}/\n'
        f'[core]\n\tfsmonitor = "touch {home}/RAN"\n',
        encoding="utf-8",
    )
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GIT_CONFIG_PARAMETERS", f"'core.hooksPath'='{home}'")
    assert read_tree(github, origin, {"a.yaml": POLICY}) == {"a.yaml": POLICY.encode()}
    assert sorted(path.name for path in home.iterdir()) == [".gitconfig"]


def test_one_file_by_its_path(github: GitHubDouble, origin: GitRepository) -> None:
    files: Files = {".github/netpol-reviewer.yml": "version: 1\n", "*.yml": ("120000", b"x")}
    commit = origin.ref("refs/heads/main", origin.commit(files))
    with Store(remote(github)) as store:
        store.fetch([commit], depth=1)
        entry = store.entry(commit, ".github/netpol-reviewer.yml")
        assert entry is not None
        assert store.contents([entry.blob]) == {entry.blob: b"version: 1\n"}
        assert store.entry(commit, "*.yml") is None
        assert store.entry(commit, "nope.yml") is None


# --- names -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        *((name, True) for name in ("main", "release/1.0", "v1.0.0", "ünïcode")),
        *((name, False) for name in ("-x", "a..b", "a b", "a~1", "a^", "a:b", "a?", "a[b", "")),
        *((name, False) for name in ("x.lock", "x.lock/y", ".x", "x/.y", "x/", "@{u}", "a\\b")),
    ],
)
def test_which_names_can_be_refs(name: str, expected: bool) -> None:
    assert is_ref(name) is expected


def test_which_names_are_commits() -> None:
    assert is_commit("a" * 40)
    assert is_commit("0" * 64)
    assert not is_commit("a" * 41)
    assert not is_commit("A" * 40)


def test_a_folder_counts_only_inside_the_workspace(tmp_path: Path) -> None:
    """G-10."""
    top = tmp_path / "workspace"
    (top / "out").mkdir(parents=True)
    (tmp_path / "other").mkdir()
    (top / "link").symlink_to(tmp_path / "other")
    (top / "file").touch()
    assert folder_inside(str(top), "out") == str(top / "out")
    assert folder_inside(str(top), ".") == str(top)
    for name in ("link", "../other", str(tmp_path / "other"), "file", "nope"):
        assert folder_inside(str(top), name) is None
