"""Git revisions: what is read of a tree, and that nothing of it is ever run (G-11)."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

from reviewer.base.documents import FILE_BYTES, Document
from reviewer.base.errors import SourceError
from reviewer.sources import (
    Limits,
    Target,
    documents,
    environment,
    list_files,
    read_blobs,
    read_file,
    resolve,
)
from tests.sources.gitrepo import FILE, LINK, PROGRAM, SUBMODULE, Content, Repository

TRAP = "#!/bin/sh\ntouch {}\n"


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repo")


def revision(repository: Repository, name: str = "main") -> Target:
    return resolve(name, str(repository.folder))


def paths(found: Iterable[Document]) -> list[str]:
    return [document.path for document in found]


def read(repository: Repository, limits: Limits | None = None) -> list[Document]:
    return list(documents(revision(repository), limits=limits))


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param(
            {b"a.yaml": b"", b"B.YML": b"", b"x/c.Json": b"", b"d.txt": b"", b"e": b""},
            ["B.YML", "a.yaml", "x/c.Json"],
            id="S-1-endings",
        ),
        pytest.param(
            {b".a.yaml": b"", b".x/a.yaml": b"", b"x/.y/a.yaml": b"", b"x/a.b/c.yaml": b""},
            ["x/a.b/c.yaml"],
            id="S-1-dot-entries",
        ),
        pytest.param(
            {b"a/x.yaml": b"", b"a-b/x.yaml": b"", b"a.yaml": b""},
            ["a-b/x.yaml", "a.yaml", "a/x.yaml"],
            id="S-1-bytewise",
        ),
        pytest.param(
            {b"a.yaml": (LINK, b"b.yaml"), b"b.yaml": (PROGRAM, b"x"), b"c.yaml": (FILE, b"")},
            ["b.yaml", "c.yaml"],
            id="S-1-link",
        ),
        pytest.param(
            {b"sub.yaml": (SUBMODULE, b"1" * 40), b".gitmodules": b"[submodule]", b"a.yaml": b""},
            ["a.yaml"],
            id="submodule",
        ),
        pytest.param(
            {b"a\nb.yaml": b"", b"-x.yaml": b"", b"\"'.yaml": b"", b"a\tb.yaml": b""},
            ["\"'.yaml", "-x.yaml", "a\tb.yaml", "a\nb.yaml"],
            id="newline-dash-quotes-tab",
        ),
        pytest.param(
            {"a\u202eb.yaml".encode(): b"", b"\xff/\xfe.yaml": b""},
            ["a\u202eb.yaml", "\udcff/\udcfe.yaml"],
            id="bidi-and-invalid-utf8",
        ),
        pytest.param({b"README.md": b"x"}, [], id="no-manifest"),
        pytest.param({}, [], id="empty-tree"),
    ],
)
def test_files_of_a_revision(
    repository: Repository, files: dict[bytes, Content], expected: list[str]
) -> None:
    repository.commit(files)
    assert paths(read(repository)) == expected


def test_a_revision_reads_as_the_folder_does(repository: Repository, tmp_path: Path) -> None:
    files: dict[bytes, Content] = {
        b"a.yaml": b"one",
        b"a-b/c.yml": b"two",
        b"a/b.json": b"one",
        b"\xff.yaml": b"",
        b"a/x\ny.yaml": b"\r\n\0\xff",
    }
    for path, content in files.items():
        place = os.path.join(os.fsencode(tmp_path / "folder"), path)
        os.makedirs(os.path.dirname(place), exist_ok=True)
        Path(os.fsdecode(place)).write_bytes(bytes(content))  # type: ignore[arg-type] # no modes here
    repository.commit(files)
    of_folder = list(documents(resolve(str(tmp_path / "folder"))))
    assert [(d.path, d.content) for d in read(repository)] == [
        (d.path, d.content) for d in of_folder
    ]


def test_keys_are_blob_ids(repository: Repository) -> None:
    repository.commit({b"a.yaml": b"x", b"b.yaml": b"x", b"c.yaml": b"y"})
    keys = [document.key.hex() for document in read(repository)]
    assert keys == [repository.blob(b"x"), repository.blob(b"x"), repository.blob(b"y")]


def test_sha256_repository(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "repo", "--object-format=sha256")
    commit = repository.commit({b"a.yaml": b"x"})
    assert len(commit) == 64
    assert revision(repository).commit == commit
    assert [(d.content, len(d.key)) for d in read(repository)] == [(b"x", 32)]


def test_known_blobs_are_not_read(repository: Repository) -> None:
    repository.commit({b"a.yaml": b"x", b"b.yaml": b"x", b"c.yaml": b"y"})
    key = bytes.fromhex(repository.blob(b"x"))
    found = list(documents(revision(repository), known={("a.yaml", key)}))
    assert [document.content for document in found] == [None, b"x", b"y"]
    # With all of it known not even a lost blob is noticed: none was asked for.
    for path in (repository.folder / ".git/objects").glob("??/*"):
        if path.parent.name + path.name in (repository.blob(b"x"), repository.blob(b"y")):
            path.unlink()
    known = {(document.path, document.key) for document in found}
    again = list(documents(revision(repository), known=known))
    assert [document.content for document in again] == [None, None, None]


def test_what_the_caller_learns_meanwhile_changes_nothing(repository: Repository) -> None:
    repository.commit({b"%d.yaml" % i: b"%d" % (i % 3) for i in range(9)})
    known: set[tuple[str, bytes]] = set()
    contents = []
    for document in documents(revision(repository), known):
        known.update((f"{i}.yaml", document.key) for i in range(9))
        contents.append(document.content)
    assert contents == [b"0", b"1", b"2"] * 3


@pytest.mark.parametrize(("count", "size"), [(6_000, 3), (40, 300_000)], ids=["many", "large"])
def test_no_deadlock_whatever_the_sizes(repository: Repository, count: int, size: int) -> None:
    """More ids than a pipe holds, and more content than one holds."""
    contents = [str(i).encode().rjust(size, b" ") for i in range(count)]
    stream = [b"commit refs/heads/main\ncommitter A <a@example.com> 1700000000 +0000\ndata 0\n"]
    stream += [
        b"M 644 inline %d.yaml\ndata %d\n%s\n" % (i, len(c), c) for i, c in enumerate(contents)
    ]
    repository.run("fast-import", "--quiet", stdin=b"".join(stream))
    assert sorted(d.content or b"" for d in read(repository)) == sorted(contents)


def test_stopping_early_leaves_no_process(repository: Repository) -> None:
    repository.commit({b"%d.yaml" % i: b"%d" % i * 99_999 for i in range(20)})
    reading = documents(revision(repository))
    assert next(reading).path == "0.yaml"
    del reading
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_beginning_of_a_file_over_the_limit(repository: Repository) -> None:
    """G-44: the reader sees that it is too large; the next file is read as ever."""
    whole = b"x" * FILE_BYTES
    repository.commit({b"a.yaml": whole + b"y" * 99_999, b"b.yaml": b"x", b"c.yaml": whole})
    assert [d.content for d in read(repository)] == [whole + b"y", b"x", whole]


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        (Limits(files=2), "holds more than 2 manifest files"),
        (Limits(total=2**20), "holds more than 1 MiB of manifests"),
    ],
)
def test_limits_in_all(repository: Repository, limits: Limits, message: str) -> None:
    repository.commit({b"%d.yaml" % i: b"%d" % i * 400_000 for i in range(3)})
    with pytest.raises(SourceError, match=message):
        read(repository, limits)
    assert len(read(repository)) == 3


def test_a_tree_made_of_itself_ends_at_the_limit(repository: Repository) -> None:
    """Ten levels of ten equal folders are ten thousand million files in eleven objects."""
    tree = repository.blob(b"x")
    line = f"100644 blob {tree}\t{{}}.yaml\n"
    for _ in range(11):
        listing = "".join(line.format(i) for i in range(10))
        tree = repository.hex("mktree", stdin=listing.encode())
        line = f"040000 tree {tree}\t{{}}\n"
    repository.commit_tree(tree)
    with pytest.raises(SourceError, match="more than 50,000 manifest files"):
        read(repository, Limits())


@pytest.mark.parametrize("name", ["a.yaml", "x/b.yaml", ".github/c.yml", "d", "-e", ":(top)f"])
def test_one_file_by_its_path(repository: Repository, name: str) -> None:
    repository.commit({name.encode(): name.encode(), b"g.yaml": b"g"})
    document = read_file(revision(repository), name)
    assert document is not None
    assert (document.path, document.content) == (name, name.encode())


@pytest.mark.parametrize("name", ["nope", "x", "link", "*", "x/", "../a.yaml", ""])
def test_no_such_file(repository: Repository, name: str) -> None:
    repository.commit({b"x/a.yaml": b"", b"link": (LINK, b"x/a.yaml")})
    assert read_file(revision(repository), name) is None


def test_a_lost_blob_is_an_error(repository: Repository) -> None:
    repository.commit({b"a.yaml": b"x"})
    blob = repository.blob(b"x")
    (repository.folder / ".git/objects" / blob[:2] / blob[2:]).unlink()
    with pytest.raises(SourceError, match=f"git could not read blob {blob}") as caught:
        read(repository)
    assert "git fsck" in caught.value.hint


def test_a_damaged_blob_is_an_error(repository: Repository) -> None:
    repository.commit({b"a.yaml": b"x"})
    blob = repository.blob(b"x")
    place = repository.folder / ".git/objects" / blob[:2] / blob[2:]
    place.chmod(0o600)
    place.write_bytes(b"nonsense")
    with pytest.raises(SourceError, match=f"git could not read blob {blob}"):
        read(repository)


def test_a_lost_tree_is_an_error(repository: Repository) -> None:
    commit = repository.commit({b"x/a.yaml": b"x"})
    tree = repository.hex("rev-parse", f"{commit}:x")
    (repository.folder / ".git/objects" / tree[:2] / tree[2:]).unlink()
    with pytest.raises(SourceError, match=f"git could not list the files of commit {commit}"):
        read(repository)


def test_a_tree_with_a_name_twice_is_an_error(repository: Repository) -> None:
    blob = bytes.fromhex(repository.blob(b"x"))
    data = (b"100644 a.yaml\0" + blob) * 2
    tree = repository.hex("hash-object", "-w", "--literally", "-t", "tree", "--stdin", stdin=data)
    repository.commit_tree(tree)
    with pytest.raises(SourceError, match="is out of order"):
        read(repository)


def test_an_entry_that_is_no_blob_is_an_error(repository: Repository) -> None:
    commit = repository.commit({b"x": b""})
    data = b"100644 a.yaml\0" + bytes.fromhex(commit)
    tree = repository.hex("hash-object", "-w", "--literally", "-t", "tree", "--stdin", stdin=data)
    repository.commit_tree(tree)
    with pytest.raises(SourceError, match=f"git could not read blob {commit}"):
        read(repository)


# Nothing of a tree or of the repository's configuration is run.


def test_a_missing_blob_is_never_fetched(tmp_path: Path) -> None:
    origin = Repository(tmp_path / "origin")
    origin.commit({b"a.yaml": b"x"})
    origin.run("config", "uploadpack.allowFilter", "true")
    mark = tmp_path / "fetched"
    program = tmp_path / "upload-pack"
    program.write_text(f'#!/bin/sh\ntouch {mark}\nexec git-upload-pack "$@"\n')
    program.chmod(0o755)
    clone = Repository(tmp_path / "clone")
    url = f"file://{origin.folder}"
    clone.run("remote", "add", "origin", url)
    clone.run("fetch", "--quiet", "--filter=blob:none", "origin", "main:refs/heads/got")
    for key, value in (
        ("remote.origin.uploadpack", str(program)),
        ("protocol.file.allow", "always"),
        ("protocol.allow", "always"),
    ):
        clone.run("config", key, value)
    with pytest.raises(SourceError, match="git could not read blob"):
        list(documents(revision(clone, "got")))
    assert not mark.exists()
    # The trap works: without our environment git fetches.
    assert clone.run("cat-file", "blob", "got:a.yaml") == b"x"
    assert mark.exists()


def test_programs_in_the_configuration_are_not_run(repository: Repository, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    trap = tmp_path / "trap"
    trap.write_text(TRAP.format(mark))
    trap.chmod(0o755)
    for key in (
        "core.fsmonitor",
        "core.pager",
        "filter.f.smudge",
        "diff.f.textconv",
        "core.editor",
    ):
        repository.run("config", key, str(trap))
    repository.run("config", "core.hooksPath", str(tmp_path))
    repository.commit({b"a.yaml": b"x", b".gitattributes": b"* filter=f diff=f\n"})
    (repository.folder / ".git/info").mkdir(exist_ok=True)
    (repository.folder / ".git/info/attributes").write_text("* filter=f diff=f\n")
    mark.unlink(missing_ok=True)
    assert [document.content for document in read(repository)] == [b"x"]
    assert not mark.exists()
    subprocess.run(["git", "status"], cwd=repository.folder, capture_output=True, check=False)
    assert mark.exists(), "the trap works: a plain git status runs it"


def test_a_bare_repository_inside_a_tree_is_only_content(tmp_path: Path) -> None:
    """One with an fsmonitor setting ran a command under a plain `git status` (G-11)."""
    mark = tmp_path / "ran"
    outer = Repository(tmp_path / "outer")
    inner = Repository(tmp_path / "outer/pkg/inner", "--bare")
    inner.run("config", "core.fsmonitor", f"touch {mark}; false")
    commit = outer.commit({b"a.yaml": b"outer", b"pkg/inner/config": b"[core]"})
    below = tmp_path / "outer/pkg/inner/objects"
    target = resolve("main", str(below))
    assert (target.repo, target.commit) == (str(outer.folder / ".git"), commit)
    assert [document.content for document in documents(target)] == [b"outer"]
    assert not mark.exists()


def test_replaced_objects_are_read_as_they_were(repository: Repository) -> None:
    repository.commit({b"a.yaml": b"x"})
    repository.run("replace", repository.blob(b"x"), repository.blob(b"y"))
    assert [document.content for document in read(repository)] == [b"x"]


def test_attributes_change_no_byte(repository: Repository) -> None:
    repository.commit(
        {b"a.yaml": b"a\r\n$Id$\n", b".gitattributes": b"* text eol=crlf ident\n* export-ignore\n"}
    )
    assert [document.content for document in read(repository)] == [b"a\r\n$Id$\n"]


def test_the_environment_holds_nothing_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INPUT_GITHUB-TOKEN", "secret")
    monkeypatch.setenv("GIT_CONFIG_PARAMETERS", "'core.pager=x'")
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", "x")
    made = environment("/r/.git", [("http.followRedirects", "false")], "https")
    assert "secret" not in made.values()
    assert not made.keys() & {"GIT_CONFIG_PARAMETERS", "GIT_EXTERNAL_DIFF", "HOME"}
    assert made["GIT_ALLOW_PROTOCOL"] == "https"
    last = int(made["GIT_CONFIG_COUNT"]) - 1
    assert made[f"GIT_CONFIG_KEY_{last}"] == "http.followRedirects"
    assert environment("/r/.git")["GIT_ALLOW_PROTOCOL"] == ""


def test_variables_of_the_caller_do_not_lead_elsewhere(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.commit({b"a.yaml": b"x"})
    other = Repository(tmp_path / "other")
    other.commit({b"b.yaml": b"y"})
    monkeypatch.setenv("GIT_DIR", str(other.folder / ".git"))
    monkeypatch.setenv("GIT_OBJECT_DIRECTORY", str(other.folder / ".git/objects"))
    assert paths(read(repository)) == ["a.yaml"]


def test_listing_gives_modes_and_blobs(repository: Repository) -> None:
    commit = repository.commit({b"a.yaml": b"x", b"b.yaml": (PROGRAM, b"y"), b"c": b"z"})
    listed = list(list_files(str(repository.folder / ".git"), commit))
    assert [(entry.path, entry.mode, entry.blob.hex()) for entry in listed] == [
        ("a.yaml", "100644", repository.blob(b"x")),
        ("b.yaml", "100755", repository.blob(b"y")),
    ]


@pytest.mark.parametrize("size", [100, FILE_BYTES + 100])
def test_an_answer_that_breaks_off_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """As when git runs out of memory: what came is not taken for the whole."""
    program = tmp_path / "git"
    program.write_text(f"#!/bin/sh\nread -r id\nprintf '%s blob {size}\\nshort' \"$id\"\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(SourceError, match="git broke off while reading blob 0101"):
        list(read_blobs(str(tmp_path), [b"\1" * 20]))


def test_a_repository_that_went_away(tmp_path: Path) -> None:
    message = "git could not be started in .*gone': No such file or directory"
    with pytest.raises(SourceError, match=message):
        list(read_blobs(str(tmp_path / "gone"), [b"\1" * 20]))
