"""Which source reads a target, and what a name given by a person means."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence

from reviewer.base.documents import Document
from reviewer.base.errors import SourceError
from reviewer.base.values import replace
from reviewer.sources.folder import FolderSource
from reviewer.sources.git import GitSource, find_commit, git_directory
from reviewer.sources.types import Budget, Known, Limits, Source, Target, TargetKind

SOURCES: tuple[Source, ...] = (GitSource(), FolderSource())
"""The first one that accepts a target reads it."""


def resolve(name: str, repo: str = ".") -> Target:
    """What a TARGET means: a folder or file that exists, else a revision of `repo`.

    Raises: SourceError, which says both things that were tried.
    """
    if not name or "\0" in name:
        raise SourceError(
            f"{name!r} names nothing", "give a git revision, or a folder or file of manifests"
        )
    kind = _on_disk(name)
    if kind is not None:
        return Target(name=name, kind=kind, path=name)
    return _revision(name, repo)


def resolve_all(names: Sequence[str], repo: str = ".") -> tuple[Target, ...]:
    """The targets of one command, made to give equal content equal keys on all of them.

    Raises: SourceError.
    """
    targets = tuple(resolve(name, repo) for name in names)
    revisions = sum(target.kind is TargetKind.REVISION for target in targets)
    if revisions in (0, len(targets)):
        return targets
    return tuple(replace(target, by_content=True) for target in targets)


def documents(
    target: Target, known: Known = frozenset(), limits: Limits | None = None
) -> Iterator[Document]:
    """The manifests of a target, in order (S-1). Those `known` come without content.

    Raises: SourceError.
    """
    return _source(target).documents(target, known, Budget(target.name, limits))


def read_file(target: Target, path: str) -> Document | None:
    """One regular file of a target by its path, hidden ones too, or None where there is none.

    Raises: SourceError.
    """
    if set(path.split("/")) & {"", ".", ".."}:
        return None  # absolute, or out of the target
    return _source(target).file(target, path)


def _source(target: Target) -> Source:
    return next(source for source in SOURCES if source.accepts(target))


def _on_disk(name: str) -> TargetKind | None:
    try:
        mode = os.stat(name).st_mode
    except PermissionError as error:
        raise SourceError(
            f"{name!r} cannot be looked at: {error.strerror}",
            "give this user the right to read the folder it is in",
        ) from error
    except OSError:
        return None  # no such file, or no name a file can have: it may be a revision
    return TargetKind.FOLDER if stat.S_ISDIR(mode) else TargetKind.FILE


def _revision(name: str, repo: str) -> Target:
    git_dir = git_directory(repo)
    if git_dir is None:
        raise SourceError(
            f"{name!r} is no folder or file here, and {os.path.abspath(repo)!r} is in no git "
            f"repository that could know it as a revision",
            "check the name, or say with --repo where the repository is",
        )
    commit = find_commit(git_dir, name)
    if commit is None:
        raise SourceError(
            f"{name!r} is no folder or file here and no revision of the repository {git_dir!r}",
            "check the name; if it is a branch or commit of a remote, `git fetch` it first",
        )
    return Target(name=name, kind=TargetKind.REVISION, repo=git_dir, commit=commit)
