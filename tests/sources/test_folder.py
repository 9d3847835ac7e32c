"""Folders and files on disk (S-1), names that are hard, and what cannot be read."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from reviewer.base.documents import FILE_BYTES, Document
from reviewer.base.errors import SourceError
from reviewer.sources import Limits, documents, read_file, resolve


def write(top: Path, *paths: str | bytes, content: bytes = b"a: 1\n") -> None:
    for path in paths:
        place = os.path.join(os.fsencode(top), os.fsencode(path))
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with open(place, "wb") as file:
            file.write(content)


def paths(found: Iterable[Document]) -> list[str]:
    return [document.path for document in found]


def read(top: Path, limits: Limits | None = None) -> list[Document]:
    return list(documents(resolve(str(top)), limits=limits))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param(
            ["a.yaml", "b.yml", "c.json"], ["a.yaml", "b.yml", "c.json"], id="S-1-endings"
        ),
        pytest.param(["A.YAML", "b.Yml", "c.JSON"], ["A.YAML", "b.Yml", "c.JSON"], id="S-1-case"),
        pytest.param(["a.txt", "yaml", "a.yaml.bak", "ayaml"], [], id="S-1-other-endings"),
        pytest.param(["x/y/z/a.yaml", "a.yaml"], ["a.yaml", "x/y/z/a.yaml"], id="S-1-any-depth"),
        pytest.param(
            [".a.yaml", ".git/a.yaml", "x/.y/a.yaml", "x/.a.yml", "x/a.yml", ".yaml"],
            ["x/a.yml"],
            id="S-1-dot-entries",
        ),
        pytest.param(["a/x.yaml", "a-b/x.yaml"], ["a-b/x.yaml", "a/x.yaml"], id="S-1-bytewise"),
        pytest.param(["b.yaml", "B.yaml", "é.yaml"], ["B.yaml", "b.yaml", "é.yaml"], id="S-1-utf8"),
        pytest.param(["-rf.yaml", "'q\".yaml"], ["'q\".yaml", "-rf.yaml"], id="dash-and-quotes"),
        pytest.param(["a\nb.yaml", "a\u202eb.yaml"], ["a\nb.yaml", "a\u202eb.yaml"], id="controls"),
        pytest.param([b"\xff.yaml"], ["\udcff.yaml"], id="invalid-utf8"),
    ],
)
def test_files_of_a_folder(tmp_path: Path, written: list[str], expected: list[str]) -> None:
    write(tmp_path, *written)
    assert paths(read(tmp_path)) == expected


def test_links_inside_are_not_followed(tmp_path: Path) -> None:
    write(tmp_path, "outside/secret.yaml", "top/a.yaml")
    (tmp_path / "top/link.yaml").symlink_to(tmp_path / "outside/secret.yaml")
    (tmp_path / "top/folder").symlink_to(tmp_path / "outside")
    (tmp_path / "top/loop").symlink_to(tmp_path / "top")
    assert paths(read(tmp_path / "top")) == ["a.yaml"]


def test_a_target_may_be_a_link_or_a_hidden_folder(tmp_path: Path) -> None:
    write(tmp_path, ".top/a.yaml")
    (tmp_path / "link").symlink_to(tmp_path / ".top")
    assert paths(read(tmp_path / "link")) == ["a.yaml"]
    assert paths(read(tmp_path / ".top")) == ["a.yaml"]


def test_a_pipe_inside_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.yaml")
    assert read(tmp_path) == []


def test_a_target_that_is_a_file_is_read_whatever_its_name(tmp_path: Path) -> None:
    write(tmp_path, "x/.rules", content=b"kind: X\n")
    [document] = read(tmp_path / "x/.rules")
    assert (document.path, document.content) == (".rules", b"kind: X\n")


def test_equal_content_has_an_equal_key(tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", "b.yaml", content=b"x")
    write(tmp_path, "c.yaml", content=b"y")
    a, b, c = (document.key for document in read(tmp_path))
    assert a == b != c
    assert len(a) == 16


def test_known_content_is_not_handed_on_again(tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", "b.yaml")
    a, b = read(tmp_path)
    again = list(documents(resolve(str(tmp_path)), known={("a.yaml", a.key)}))
    assert again == [Document(path="a.yaml", key=a.key, content=None), b]


@pytest.mark.parametrize("size", [0, 1, 2**16 - 1, 2**16, 2**16 + 1, FILE_BYTES])
def test_whole_content_up_to_the_limit(tmp_path: Path, size: int) -> None:
    content = os.urandom(size)
    write(tmp_path, "a.yaml", content=content)
    assert read(tmp_path)[0].content == content


def test_beginning_of_a_file_over_the_limit(tmp_path: Path) -> None:
    """G-44: the reader sees that it is too large, the key still covers all of it."""
    for name, last in (("a.yaml", b"1"), ("b.yaml", b"2")):
        write(tmp_path, name, content=b"x" * (FILE_BYTES + 70_000) + last)
    a, b = read(tmp_path)
    assert a.content == b.content == b"x" * (FILE_BYTES + 1)
    assert a.key != b.key


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        (Limits(files=2), "holds more than 2 manifest files"),
        (Limits(total=2**20), "holds more than 1 MiB of manifests"),
    ],
)
def test_limits_in_all(tmp_path: Path, limits: Limits, message: str) -> None:
    write(tmp_path, "a.yaml", "b.yaml", "c.yaml", content=b"x" * 400_000)
    with pytest.raises(SourceError, match=message) as caught:
        read(tmp_path, limits)
    assert "`paths`" in caught.value.hint
    assert len(read(tmp_path)) == 3


@contextmanager
def ordinary_user() -> Iterator[None]:
    """Lay down the superuser's rights for a while, if these tests have them."""
    before = os.geteuid()
    os.seteuid(before or 65_534)
    try:
        yield
    finally:
        os.seteuid(before)


@pytest.mark.parametrize("locked", ["x", "x/a.yaml"])
def test_what_this_user_may_not_read(locked: str) -> None:
    # Not tmp_path: only its owner may look into it.
    with tempfile.TemporaryDirectory() as name:
        top = Path(name)
        top.chmod(0o755)
        write(top, "x/a.yaml")
        (top / locked).chmod(0)
        message = "cannot be read: Permission denied"
        with pytest.raises(SourceError, match=message) as caught, ordinary_user():
            read(top)
        (top / locked).chmod(0o700)
    assert locked in caught.value.message
    assert "right to read" in caught.value.hint


def test_a_folder_that_went_away(tmp_path: Path) -> None:
    write(tmp_path, "x/a.yaml")
    target = resolve(str(tmp_path / "x"))
    (tmp_path / "x/a.yaml").unlink()
    (tmp_path / "x").rmdir()
    with pytest.raises(SourceError, match="cannot be read: No such file or directory"):
        list(documents(target))


@pytest.mark.parametrize(
    ("path", "expected"),
    [(".github/c.yml", b"a: 1\n"), ("nope.yml", None), ("link.yml", None), ("far/c.yml", None)],
)
def test_one_file_by_its_path(tmp_path: Path, path: str, expected: bytes | None) -> None:
    write(tmp_path, ".github/c.yml")
    (tmp_path / "link.yml").symlink_to(".github/c.yml")
    (tmp_path / "far").symlink_to(".github")
    document = read_file(resolve(str(tmp_path)), path)
    assert (document and document.content) == expected


def test_a_target_that_is_a_file_holds_no_other_file(tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", ".github/c.yml")
    assert read_file(resolve(str(tmp_path / "a.yaml")), ".github/c.yml") is None


def test_a_device_that_never_ends_is_a_file_too_large() -> None:
    """A pipe may be named as FILE; no more of it is read than of a file."""
    (found,) = documents(resolve("/dev/zero", "."))
    assert found.content is not None
    assert len(found.content) == FILE_BYTES + 1
