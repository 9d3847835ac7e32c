"""What the readers hand on: one file's text, a place in it, the name of an object."""

from __future__ import annotations

from typing import NamedTuple

FILE_BYTES = 8 * 2**20
"""More than this is not read of one file (G-44)."""


class Document(NamedTuple):
    """One manifest file of a target.

    `path` is relative to the top of the target, with `/`. `key` identifies the content (a git
    blob id or a digest): equal keys have equal content. `content` is None only where the caller
    said that it knows this (path, key) already. Of a file over `FILE_BYTES` it is the beginning,
    one byte longer than that, so that whoever measures it sees that the file is too large.
    """

    path: str
    key: bytes
    content: bytes | None


class Origin(NamedTuple):
    """Where something is written: file relative to the target's top, line from 1."""

    file: str
    line: int


class ObjectRef(NamedTuple):
    """The identity of one object (S-8): the version does not count, `namespace` is "" for
    cluster-scoped kinds."""

    group: str
    kind: str
    namespace: str
    name: str

    @property
    def path(self) -> str:
        """`NAMESPACE/NAME`, or `NAME` for a cluster-scoped kind."""
        return f"{self.namespace}/{self.name}" if self.namespace else self.name

    def __str__(self) -> str:
        return f"{self.kind} {self.path}"
