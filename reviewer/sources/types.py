"""What a command is pointed at, and what every kind of source can do with it."""

from __future__ import annotations

from collections.abc import Container, Iterator
from enum import Enum
from typing import NamedTuple, Protocol

from reviewer.base.documents import Document
from reviewer.base.errors import SourceError

Known = Container[tuple[str, bytes]]
"""The (path, key) pairs whose content the caller holds already."""


class TargetKind(Enum):
    """What a TARGET turned out to be (R-2)."""

    FOLDER = "folder"
    FILE = "file"
    REVISION = "revision"


class Target(NamedTuple):
    """One TARGET of the command line or input of the Action, found.

    `name` is what was given. `path` is the folder or file on disk, `repo` the git directory and
    `commit` the hex name of the commit of a revision; each is empty or None for the others.
    `by_content` asks for keys that are equal for equal content whatever the source, which a
    folder beside a revision needs.
    """

    name: str
    kind: TargetKind
    path: str = ""
    repo: str = ""
    commit: str | None = None
    by_content: bool = False


class Entry(NamedTuple):
    """A regular file in the tree of a commit: mode as git writes it, blob id as bytes."""

    path: str
    mode: str
    blob: bytes


class Source(Protocol):
    """A way to read targets; it runs nothing that the target holds."""

    def accepts(self, target: Target) -> bool:
        """Whether this source reads that target."""

    def documents(self, target: Target, known: Known, budget: Budget) -> Iterator[Document]:
        """The manifests of S-1 in its order. Raises: SourceError."""

    def file(self, target: Target, path: str) -> Document | None:
        """One regular file, whatever its name, or None where there is none. Raises: SourceError."""


class Limits(NamedTuple):
    """How much is read of one target in all (G-44); files over the limit count up to it."""

    files: int = 50_000
    total: int = 256 * 2**20


class Budget:
    """Counts what was read of one target and stops at its limits, if it has any."""

    def __init__(self, name: str, limits: Limits | None) -> None:
        self._name = name
        self._limits = limits
        self._files = 0
        self._bytes = 0

    def file(self) -> None:
        """One more manifest was found. Raises: SourceError."""
        self._files += 1
        if self._limits and self._files > self._limits.files:
            raise self._over(f"{self._limits.files:,} manifest files")

    def read(self, size: int) -> None:
        """So many bytes were read. Raises: SourceError."""
        self._bytes += size
        if self._limits and self._bytes > self._limits.total:
            raise self._over(f"{self._limits.total // 2**20} MiB of manifests")

    def _over(self, limit: str) -> SourceError:
        return SourceError(
            f"{self._name!r} holds more than {limit}",
            "choose fewer folders with `paths`, or review them in several runs",
        )
