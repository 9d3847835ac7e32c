"""Which two commits a run compares (G-5), settled by fetching them.

*Merged view*: the test merge against its first parent, that is what merging does today. It counts
only with exactly two parents, the second being the pull request's head. *Branch view*: the merge
base against the head, where there is no such merge or the input `compare` asks for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from reviewer.base.errors import SourceError
from reviewer.sources.fetch import MissingError, Store, is_commit, is_ref

MergeBase = Callable[[str, str], str]
"""Asks the server for the best common ancestor of a branch and a commit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PullAsked:
    """A pull request to compare; `merge` is the test merge the event names, None where it names
    none, and `compare` the input of that name."""

    number: int
    head: str
    base_branch: str
    merge: str | None
    compare: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Revisions:
    """Two fetched commits, or one for an audit.

    `head` is the commit whose tree is read; `linked` the one that links, annotations and check run
    refer to, which in the merged view is another. `fallback`: the merged view was wanted and could
    not be had.
    """

    view: str
    head: str
    head_name: str
    linked: str
    base: str | None = None
    base_name: str = ""
    fallback: bool = False


def of_pull(store: Store, asked: PullAsked, merge_base: MergeBase) -> Revisions:
    """The merged view of a pull request, else its branch view. Raises: SourceError."""
    if asked.compare == "merge":
        merged = _merged(store, asked)
        if merged is not None:
            return merged
    base, head = store.fetch([merge_base(asked.base_branch, asked.head), asked.head], depth=1)
    return Revisions(
        view="branch",
        base=base,
        base_name=asked.base_branch,
        head=head,
        head_name=f"#{asked.number}",
        linked=head,
        fallback=asked.compare == "merge",
    )


def of_commits(store: Store, base: str, head: str) -> Revisions:
    """Two commits the event names; an audit of the second where the first is gone."""
    try:
        base, head = store.fetch([base, head], depth=1)
    except MissingError:
        return of_names(store, None, head)
    return Revisions(
        view="branch", base=base, base_name=base, head=head, head_name=head, linked=head
    )


def of_names(store: Store, base: str | None, head: str) -> Revisions:
    """What two names given by a person mean, or one for an audit. Raises: SourceError."""
    found = _named(store, head)
    if base is None:
        return Revisions(view="audit", head=found, head_name=head, linked=found)
    return Revisions(
        view="branch",
        base=_named(store, base),
        base_name=base,
        head=found,
        head_name=head,
        linked=found,
    )


def _merged(store: Store, asked: PullAsked) -> Revisions | None:
    """The merged view, or None where it does not count (conflict, not built yet, moved)."""
    try:
        (merge,) = store.fetch([asked.merge or f"refs/pull/{asked.number}/merge"], depth=2)
    except MissingError:
        return None
    parents = store.parents(merge)
    if len(parents) != 2 or parents[1] != asked.head:
        return None
    return Revisions(
        view="merge",
        base=parents[0],
        base_name=asked.base_branch,
        head=merge,
        head_name=f"#{asked.number}",
        linked=asked.head,
    )


def _named(store: Store, name: str) -> str:
    """A full commit id, a branch, a tag, or a ref by its full name. Raises: SourceError."""
    if is_commit(name):
        return store.fetch([name], depth=1)[0]
    if not is_ref(name):
        raise SourceError(
            f"{name[:200]!r} is no folder of the workspace and cannot name a branch, tag or commit",
            "give a branch, a tag, a full commit id, or a folder that exists",
        )
    places = [name] if name.startswith("refs/") else [f"refs/heads/{name}", f"refs/tags/{name}"]
    for place in places:
        try:
            return store.fetch([place], depth=1)[0]
        except MissingError:
            continue
    raise MissingError(
        f"{name[:200]!r} is no folder of the workspace and no branch or tag of the repository",
        "give a branch, a tag, a full commit id, or a folder that exists",
    )
