"""Which files a configuration leaves in the review, and what is said of the others (R-20 to R-22).

A file is *own* if the chosen cluster's `paths` hold it, *foreign* if only another cluster's do, and
*unowned* if none's; `ignore` comes first. What is not own is read all the same, once, to say what
was left aside.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence

from reviewer import manifests
from reviewer.base.diagnostics import Diagnostic, Level, diagnostic
from reviewer.base.documents import Document
from reviewer.base.values import replace

from .types import ClusterConfig, Config


class Globs:
    """Paths chosen by globs from a repository's top (R-20): the last one that fits decides, `!`
    takes away, `**` stands for any number of folders."""

    def __init__(self, globs: Iterable[str]) -> None:
        self.texts = tuple(globs)
        self._patterns = tuple(
            (text, not text.startswith("!"), re.compile(_pattern(text.removeprefix("!"))))
            for text in self.texts
        )

    def __contains__(self, path: str) -> bool:
        for _, adds, pattern in reversed(self._patterns):
            if pattern.fullmatch(path):
                return adds
        return False

    def idle(self, paths: Collection[str]) -> Iterator[str]:
        """Those that add, and fit none of these paths."""
        for text, adds, pattern in self._patterns:
            if adds and not any(map(pattern.fullmatch, paths)):
                yield text


def _pattern(glob: str) -> str:
    """A glob as a regular expression over whole paths."""
    *folders, last = glob.split("/")
    before = "".join("(?:[^/]+/)*" if each == "**" else _part(each) + "/" for each in folders)
    return before + (".+" if last == "**" else _part(last))


def _part(text: str) -> str:
    return "".join({"*": "[^/]*", "?": "[^/]"}.get(each) or re.escape(each) for each in text)


class Aside:
    """The files of one side that are not read as part of the cluster."""

    def __init__(self) -> None:
        self.own: list[str] = []
        self.ignored: dict[str, Document] = {}
        self.unowned: dict[str, Document] = {}

    def keys(self) -> set[tuple[str, bytes]]:
        """What is in them."""
        return {
            (each.path, each.key)
            for group in (self.ignored, self.unowned)
            for each in group.values()
        }


class Scope:
    """The files of one cluster (None: of a repository that configures none)."""

    def __init__(self, config: Config, cluster: ClusterConfig | None, file: str) -> None:
        self._cluster = cluster
        self._file = file
        self._ignored = Globs(config.ignore or ())
        self._own = Globs(cluster.paths if cluster else ("**",))
        self._others = tuple(Globs(each.paths) for each in config.clusters if each != cluster)

    @staticmethod
    def aside() -> Aside:
        """Where `own` notes the files of one side that are not the cluster's."""
        return Aside()

    def own(self, documents: Iterable[Document], aside: Aside) -> Iterator[Document]:
        """The documents of the cluster as they pass; the others are noted."""
        for document in documents:
            path = document.path
            if path in self._ignored:
                aside.ignored[path] = document
            elif path in self._own:
                aside.own.append(path)
                yield document
            elif not any(path in each for each in self._others):
                aside.unowned[path] = document

    def told(
        self, sides: Sequence[Aside], *, strict: bool
    ) -> tuple[tuple[Diagnostic, ...], frozenset[str]]:
        """What is said of every side, and the changed files with policies that belong to nobody:
        with `strict` these are errors (R-22). Cost: reading what was left aside."""
        paths = {path for each in sides for path in each.own}
        found = list(self._idle(paths))
        states = [each.keys() for each in sides]
        changed = {path for path, _ in set().union(*states) - set(states[0]).intersection(*states)}
        lost: list[str] = []
        for group, count, warning in (
            ("ignored", "ignored-by-default", "changed-file-ignored"),
            ("unowned", "manifest-unowned", "changed-file-unowned"),
        ):
            holding, policies = _held([getattr(each, group) for each in sides])
            if holding:
                found.append(diagnostic(count, _count(group, holding, policies)))
            for path in sorted(policies & changed):
                said = diagnostic(warning, _LOST[group], path, 1)
                if group == "unowned":
                    lost.append(path)
                    said = replace(said, level=Level.ERROR) if strict else said
                found.append(said)
        return tuple(found), frozenset(lost)

    def _idle(self, paths: Collection[str]) -> Iterator[Diagnostic]:
        if self._cluster is None:
            return
        for glob in self._own.idle(paths):
            message = f"the glob {glob!r} of cluster {self._cluster.name} fits no file"
            yield diagnostic("root-empty", message, self._file, self._cluster.line)
        for glob in self._cluster.kustomize:
            message = (
                f"{glob!r} of cluster {self._cluster.name} is left out: kustomize is not run here;"
                " render it in a step before, and review the two folders that come out"
            )
            yield diagnostic("kustomize-not-rendered", message, self._file, self._cluster.line)


_LOST = {
    "ignored": "holds a changed policy, and `ignore` of the configuration leaves it out",
    "unowned": "holds a changed policy, and no cluster of the configuration has it",
}


def _count(group: str, holding: Collection[str], policies: Collection[str]) -> str:
    why = (
        "left out by `ignore` of the configuration"
        if group == "ignored"
        else "in no cluster of the configuration and not read"
    )
    files = "file with manifests is" if len(holding) == 1 else "files with manifests are"
    return f"{len(holding):,} {files} {why}; {len(policies):,} of these with policies"


def _held(sides: Sequence[dict[str, Document]]) -> tuple[set[str], set[str]]:
    """The files that hold an object of a kind of ours on some side, and those with policies."""
    holding: set[str] = set()
    policies: set[str] = set()
    for documents in sides:
        for path, document in documents.items():
            kinds = {each.ref.kind for each in manifests.extract(document).readings}
            if kinds:
                holding.add(path)
            if any(kind.endswith("NetworkPolicy") for kind in kinds):
                policies.add(path)
    return holding, policies
