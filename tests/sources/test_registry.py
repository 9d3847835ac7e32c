"""What a name given by a person means, and what is said when it means nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from reviewer.base.errors import SourceError
from reviewer.sources import TargetKind, documents, resolve, resolve_all
from tests.sources.gitrepo import Repository


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    repository = Repository(tmp_path / "repo")
    repository.commit({b"a.yaml": b"x"})
    return repository


def test_what_exists_on_disk_wins(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    repo = str(repository.folder)
    assert resolve("main", repo).kind is TargetKind.REVISION
    (tmp_path / "main").mkdir()
    assert resolve("main", repo).kind is TargetKind.FOLDER
    (tmp_path / "main").rmdir()
    (tmp_path / "main").write_text("")
    assert resolve("main", repo).kind is TargetKind.FILE


@pytest.mark.parametrize("name", ["main", "HEAD", "refs/heads/main", "v1", "main^0", "main@{0}"])
def test_names_of_a_revision(repository: Repository, name: str) -> None:
    commit = repository.hex("rev-parse", "main")
    repository.run("tag", "-a", "-m", "x", "v1")
    target = resolve(name, str(repository.folder))
    assert (target.name, target.commit) == (name, commit)
    assert resolve(commit[:8], str(repository.folder)).commit == commit


@pytest.mark.parametrize(
    "name",
    [
        "nope",
        "--output=leak",
        "--all",
        "-h",
        "--",
        "^main",
        "main..main",
        "main:a.yaml",
        "main^{tree}",
        "main\nmain",
        "main main",
        "\udcff",
        "x" * 9_000,
        ":/nothing",
    ],
)
def test_names_of_nothing(
    repository: Repository, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    message = "is no folder or file here and no revision of the repository"
    with pytest.raises(SourceError, match=message) as caught:
        resolve(name, str(repository.folder))
    assert caught.value.message.isprintable()
    assert "git fetch" in caught.value.hint
    assert sorted(path.name for path in tmp_path.iterdir()) == ["repo"]


@pytest.mark.parametrize("name", ["", "a\0b"])
def test_names_that_cannot_be(name: str) -> None:
    with pytest.raises(SourceError, match="names nothing"):
        resolve(name)


def test_a_branch_that_looks_like_an_option(repository: Repository) -> None:
    commit = repository.hex("rev-parse", "main")
    repository.run("update-ref", "refs/heads/--output=leak", commit)
    assert resolve("--output=leak", str(repository.folder)).commit == commit


def test_no_repository(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="is in no git repository") as caught:
        resolve("main", str(tmp_path))
    assert "--repo" in caught.value.hint


def test_no_git(repository: Repository, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SourceError, match="git was not found on the PATH"):
        resolve("main", str(repository.folder))


def test_a_folder_inside_a_repository_and_its_bare_twin(
    repository: Repository, tmp_path: Path
) -> None:
    commit = repository.hex("rev-parse", "main")
    inside = repository.folder / "x/y"
    inside.mkdir(parents=True)
    bare = tmp_path / "twin.git"
    repository.run("clone", "--quiet", "--bare", ".", str(bare))
    for repo in (inside, bare, repository.folder / ".git"):
        assert resolve("main", str(repo)).commit == commit


def test_linked_worktree(repository: Repository, tmp_path: Path) -> None:
    repository.run("worktree", "add", "--quiet", "-b", "side", str(tmp_path / "side"))
    target = resolve("side", str(tmp_path / "side"))
    assert [document.path for document in documents(target)] == ["a.yaml"]
    assert resolve("HEAD", str(tmp_path / "side")).commit == target.commit


def test_a_git_file_that_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / ".git").write_text("gitdir: nowhere\n")
    with pytest.raises(SourceError, match="is in no git repository"):
        resolve("main", str(tmp_path))


def test_shallow_clone(repository: Repository, tmp_path: Path) -> None:
    (tmp_path / "clone").mkdir()
    url = f"file://{repository.folder}"
    repository.run("clone", "--quiet", "--depth=1", url, str(tmp_path / "clone"))
    target = resolve("HEAD", str(tmp_path / "clone"))
    assert [document.content for document in documents(target)] == [b"x"]


def test_a_folder_beside_a_revision_has_equal_keys(repository: Repository, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/a.yaml").write_bytes(b"x")
    names = [str(tmp_path / "folder"), "main"]
    folder, revision = resolve_all(names, str(repository.folder))
    [one], [other] = documents(folder), documents(revision)
    assert one == other
    [known] = documents(revision, known={(one.path, one.key)})
    assert (known.key, known.content) == (one.key, None)


def test_two_revisions_keep_their_blob_ids(repository: Repository) -> None:
    base, head = resolve_all(["main", "HEAD"], str(repository.folder))
    assert not base.by_content
    assert [d.key for d in documents(base)] == [d.key for d in documents(head)]
