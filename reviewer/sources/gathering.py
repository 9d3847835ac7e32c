"""The texts of both sides of a comparison, and nothing else of them (G-8, G-9, G-10).

First both trees are listed; where the lists and the configuration are equal nothing more is
fetched. Otherwise the wanted blobs come in one batch. Nothing is parsed here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from reviewer.base.documents import Document
from reviewer.base.errors import SourceError, UsageError
from reviewer.sources.comparison import Revisions
from reviewer.sources.fetch import Store
from reviewer.sources.registry import documents, read_file
from reviewer.sources.types import Entry, Limits, Target, TargetKind

OWN_FILES = 2_000
"""At most so many files of the head commit itself are fetched for mapping lines (G-25)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Which files: `takes` answers for a path, `config` is the configuration file's place.

    `must` says that the configuration was asked for by name, so a missing one is a mistake.
    `whole` asks for everything even where both sides are equal.
    """

    takes: Callable[[str], bool]
    config: str
    must: bool
    whole: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSet:
    """One side: what it is called, its commit, and its texts.

    `own` are files as the head commit itself has them, where a test merge changed them; empty
    content where it has none of that name.
    """

    name: str
    commit: str | None
    files: tuple[Document, ...]
    config: Document | None
    own: tuple[Document, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """Both sides, or one for an audit; `same`: nothing differs and nothing was fetched (G-9)."""

    base: FileSet | None
    head: FileSet
    same: bool = False


class NamedFolder(NamedTuple):
    """A folder of the workspace: what the input called it, and where it really is."""

    name: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listing:
    """What one commit has, before any text is known."""

    name: str
    commit: str
    entries: tuple[Entry, ...]
    config: Entry | None


def gather_revisions(store: Store, revisions: Revisions, chosen: Chosen) -> Gathered:
    """The texts of fetched commits. Raises: SourceError, UsageError."""
    head = _listing(store, revisions.head_name, revisions.head, chosen)
    base = None
    if revisions.base is not None:
        base = _listing(store, revisions.base_name, revisions.base, chosen)
    _need_config(base or head, chosen)
    if base is not None and not chosen.whole and _equal(base, head):
        return Gathered(base=_empty(base), head=_empty(head), same=True)
    own = _own(store, revisions, head, chosen)
    wanted = [entry.blob for listing in (base, head) if listing for entry in listing.entries]
    wanted += [one.config.blob for one in (base, head) if one and one.config]
    wanted += [entry.blob for entry in own if entry.mode]
    contents = store.contents(wanted)
    return Gathered(
        base=_file_set(base, contents, ()) if base else None,
        head=_file_set(head, contents, own),
    )


def gather_folders(base: NamedFolder, head: NamedFolder, chosen: Chosen) -> Gathered:
    """The texts of two folders of the workspace (G-10). Raises: SourceError, UsageError."""
    before, after = _folder(base, chosen), _folder(head, chosen)
    if chosen.must and before.config is None:
        raise _no_config(chosen, base.name)
    same = not chosen.whole and _keys(before) == _keys(after)
    return Gathered(base=before, head=after, same=same)


def _keys(side: FileSet) -> list[tuple[str, bytes]]:
    """What tells two folders apart: paths and contents, the configuration's too."""
    config = (side.config,) if side.config else ()
    return [(one.path, one.key) for one in (*side.files, *config)]


def _folder(folder: NamedFolder, chosen: Chosen) -> FileSet:
    target = Target(name=folder.name, kind=TargetKind.FOLDER, path=folder.path)
    files = tuple(one for one in documents(target, limits=Limits()) if chosen.takes(one.path))
    config = read_file(target, chosen.config)
    return FileSet(name=folder.name, commit=None, files=files, config=config)


def _listing(store: Store, name: str, commit: str, chosen: Chosen) -> _Listing:
    entries = tuple(entry for entry in store.entries(commit) if chosen.takes(entry.path))
    bound = Limits().files
    if len(entries) > bound:
        raise SourceError(
            f"{name!r} holds {len(entries):,} manifest files, and {bound:,} is the bound",
            "choose fewer folders with `paths`, or review them in several runs",
        )
    config = store.entry(commit, chosen.config)
    return _Listing(name=name, commit=commit, entries=entries, config=config)


def _need_config(listing: _Listing, chosen: Chosen) -> None:
    if chosen.must and listing.config is None:
        raise _no_config(chosen, listing.name)


def _no_config(chosen: Chosen, name: str) -> UsageError:
    return UsageError(
        f"input `config`: {chosen.config!r} is not in {name!r}",
        "the configuration is read from the base side: merge it there first, or leave it out",
    )


def _equal(base: _Listing, head: _Listing) -> bool:
    config = base.config.blob if base.config else None
    return base.entries == head.entries and config == (head.config.blob if head.config else None)


def _own(store: Store, revisions: Revisions, head: _Listing, chosen: Chosen) -> tuple[Entry, ...]:
    """Files whose text in the linked commit is another than in the tree that is read; one that is
    missing there has no mode."""
    if revisions.linked == revisions.head:
        return ()
    there = {one.path: one for one in store.entries(revisions.linked) if chosen.takes(one.path)}
    different = (
        there.get(entry.path, Entry(entry.path, "", b""))
        for entry in head.entries
        if entry.path not in there or there[entry.path].blob != entry.blob
    )
    return tuple(different)[:OWN_FILES]


def _file_set(listing: _Listing, contents: dict[bytes, bytes], own: Iterable[Entry]) -> FileSet:
    def document(entry: Entry) -> Document:
        content = contents[entry.blob] if entry.mode else b""
        return Document(path=entry.path, key=entry.blob or b"\0", content=content)

    return FileSet(
        name=listing.name,
        commit=listing.commit,
        files=tuple(map(document, listing.entries)),
        config=document(listing.config) if listing.config else None,
        own=tuple(map(document, own)),
    )


def _empty(listing: _Listing) -> FileSet:
    return FileSet(name=listing.name, commit=listing.commit, files=(), config=None)
