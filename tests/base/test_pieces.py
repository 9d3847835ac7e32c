"""From bytes to pieces (S-2, G-44)."""

from __future__ import annotations

import pytest

from reviewer.base.pieces import FILE_LIMIT, Fault, Piece, split


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", []),
        (b" \n\t\n", []),
        (b"a", [(b"a", 1)]),
        (b"a\n---\nb\n", [(b"a\n", 1), (b"b\n", 3)]),
        (b"---\na\n---", [(b"a\n", 2)]),
        (b"---\n---\n---\na", [(b"a", 4)]),
        (b"a\n--- \t\nb", [(b"a\n", 1), (b"b", 3)]),
        (b"a\n--- # c\nb", [(b"a\n", 1), (b"b", 3)]),
        (b"a\n---\t# c --- \nb", [(b"a\n", 1), (b"b", 3)]),
        (b"a\n---#c\nb", [(b"a\n---#c\nb", 1)]),
        (b"a\n--- b\n---c\n----\n", [(b"a\n--- b\n---c\n----\n", 1)]),
        (b"--- {a: b}\n---\nc", [(b"--- {a: b}\n", 1), (b"c", 3)]),
        (b"a: |\n  ---\n", [(b"a: |\n  ---\n", 1)]),
        (b"a\r\n---\r\nb\r\n", [(b"a\n", 1), (b"b\n", 3)]),
        (b"a\rb\n---\nc", [(b"a\rb\n", 1), (b"c", 3)]),
        (b"\xef\xbb\xbfa", [(b"a", 1)]),
        ("\ufeffé\n---\nb".encode("utf-16-le"), [("é\n".encode(), 1), (b"b", 3)]),
        ("\ufeffé".encode("utf-16-be"), [("é".encode(), 1)]),
    ],
)
def test_split(content: bytes, expected: list[tuple[bytes, int]]) -> None:
    assert split(content) == [Piece(*each) for each in expected]


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"a" * (FILE_LIMIT + 1), "8 MiB"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "LFS"),
        (b"a\n---\n" * 200_001, "more than 200,000 documents"),
        (b"\xff\xfea", "UTF-16"),
        (b"\xfe\xff\xd8\x00", "UTF-16"),
    ],
    ids=["large", "pointer", "many", "odd", "surrogate"],
)
def test_files_that_are_not_read(content: bytes, word: str) -> None:
    found = split(content)
    assert isinstance(found, Fault)
    assert word in found.reason
    assert found.line == 1


def test_a_file_at_the_limit_is_read() -> None:
    assert split(b"a" * FILE_LIMIT) == [Piece(b"a" * FILE_LIMIT, 1)]
