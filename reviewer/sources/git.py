"""Git revisions, read from the object store: never a checkout, nothing of the tree is run.

Git is only plumbing here (G-11): `rev-parse`, `ls-tree -z` and `cat-file --batch`, with the git
directory named explicitly, in an environment of our own. That environment is what keeps a hostile
tree or repository configuration from starting a program, so `environment` is the one place that
makes it, and whoever fetches uses it too.
"""

from __future__ import annotations

import os
import re
import threading
from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import IO, TYPE_CHECKING

from reviewer.base.documents import FILE_BYTES, Document
from reviewer.base.errors import SourceError
from reviewer.sources.folder import digest, is_manifest
from reviewer.sources.types import Budget, Entry, Known, Target, TargetKind

if TYPE_CHECKING:
    import subprocess

CONFIGURATION = (
    ("safe.bareRepository", "explicit"),
    ("protocol.allow", "never"),
    ("core.fsmonitor", "false"),
    ("core.hooksPath", os.devnull),
    ("core.attributesFile", os.devnull),
    ("credential.helper", ""),
    ("fetch.fsckObjects", "true"),
    ("transfer.fsckObjects", "true"),
    ("fetch.recurseSubmodules", "false"),
    ("submodule.recurse", "false"),
    ("maintenance.auto", "false"),
    ("gc.auto", "0"),
)
"""Settings that beat those of the repository."""
LISTING_BYTES = 512 * 2**20
"""A tree that lists longer than this is a trap: nested trees of equal name grow without end."""

_KEPT_VARIABLES = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TMPDIR")
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_CHUNK = 2**16
_DAMAGED = "the repository may be damaged or only partly fetched: try `git fsck`, or fetch it again"


def environment(
    git_dir: str, settings: Iterable[tuple[str, str]] = (), protocols: str = ""
) -> dict[str, str]:
    """The whole environment of a git process (G-11).

    `settings` are added to `CONFIGURATION` and win over it. `protocols` are those it may speak,
    separated by colons; none by default, so that a missing blob is an error and no download.
    """
    pairs = [*CONFIGURATION, *settings]
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    made = {
        "GIT_DIR": git_dir,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_SYSTEM": os.devnull,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_ALLOW_PROTOCOL": protocols,
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "LC_ALL": "C",
        "GIT_CONFIG_COUNT": str(len(pairs)),
    }
    for index, (key, value) in enumerate(pairs):
        made[f"GIT_CONFIG_KEY_{index}"] = key
        made[f"GIT_CONFIG_VALUE_{index}"] = value
    return kept | made


def git_directory(folder: str) -> str | None:
    """The git directory of the repository that `folder` is in, or None.

    A bare repository counts only if it is `folder` itself: one that lies inside a tree is content
    and never found by looking upward.
    """
    here = os.path.abspath(folder)
    if _is_git_directory(here):
        return here
    while True:
        place = os.path.join(here, ".git")
        if _is_git_directory(place):
            return place
        if os.path.isfile(place):
            return _linked(here, place)
        parent = os.path.dirname(here)
        if parent == here:
            return None
        here = parent


def find_commit(git_dir: str, name: str) -> str | None:
    """The hex name of the one commit that a revision means, or None if it means none."""
    arguments = ["rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"]
    with _started(git_dir, arguments) as process:
        answer = process.communicate()[0].decode("ascii", "replace").strip()
    return answer if process.returncode == 0 and _COMMIT.fullmatch(answer) else None


def list_files(git_dir: str, commit: str) -> Iterator[Entry]:
    """Every manifest of S-1 in the tree of a commit, in order: regular files only.

    Raises: SourceError.
    """
    previous = b""
    for record in _records(git_dir, commit):
        head, _, path = record.partition(b"\t")
        if not head.startswith(b"100") or not is_manifest(path):
            continue
        if path <= previous:
            raise SourceError(f"the tree of commit {commit} is out of order", _DAMAGED)
        previous = path
        mode, blob = head[:6].decode(), bytes.fromhex(head[12:].decode())  # "100644 blob 91a…"
        yield Entry(path.decode("utf-8", "surrogateescape"), mode, blob)


def read_blobs(git_dir: str, blobs: Sequence[bytes]) -> Generator[bytes, None, None]:
    """The contents of these blobs in the given order, from one process.

    Of a blob over the limit of a file its beginning, as `Document` says. Raises: SourceError.
    """
    if not blobs:
        return
    arguments = ["cat-file", "--batch", "--buffer"]
    with _started(git_dir, arguments, asking=True) as process:
        asked, answers = process.stdin, process.stdout
        if asked is None or answers is None:
            raise AssertionError("both ends were asked for")
        # A thread of its own feeds the ids: whichever pipe is full first, the other one moves.
        feeder = threading.Thread(target=_feed, args=(asked, blobs), daemon=True)
        feeder.start()
        try:
            for blob in blobs:
                yield _next_blob(answers, blob.hex().encode())
        finally:
            process.kill()
            feeder.join()


class GitSource:
    """Reads the tree of a commit from the object store."""

    def accepts(self, target: Target) -> bool:
        """Whether the target is a revision."""
        return target.kind is TargetKind.REVISION

    def documents(self, target: Target, known: Known, budget: Budget) -> Iterator[Document]:
        """The manifests of S-1 in its order, each blob read once. Raises: SourceError."""
        entries: list[tuple[Entry, bool]] = []
        uses: Counter[bytes] = Counter()
        for entry in list_files(target.repo, target.commit or ""):
            budget.file()
            # With keys by content nothing is known before it is read.
            wanted = target.by_content or (entry.path, entry.blob) not in known
            uses[entry.blob] += wanted
            entries.append((entry, wanted))
        chosen = [blob for blob, count in uses.items() if count]
        with closing(read_blobs(target.repo, chosen)) as contents:
            kept: dict[bytes, bytes] = {}
            for entry, wanted in entries:
                content = None
                if wanted:
                    content = kept.pop(entry.blob, None)
                    if content is None:
                        content = next(contents)
                        budget.read(len(content))
                    uses[entry.blob] -= 1
                    if uses[entry.blob]:
                        kept[entry.blob] = content
                yield _document(target, entry, content, known)

    def file(self, target: Target, path: str) -> Document | None:
        """One regular file of the tree, or None. Raises: SourceError."""
        name = path.encode("utf-8", "surrogateescape")
        for record in _records(target.repo, target.commit or "", os.fsdecode(name)):
            head, _, found = record.partition(b"\t")
            if found == name and head.startswith(b"100"):
                blob = bytes.fromhex(head.decode("ascii").split(" ")[2])
                content = next(read_blobs(target.repo, [blob]))
                return Document(path=path, key=blob, content=content)
        return None


def _document(target: Target, entry: Entry, content: bytes | None, known: Known) -> Document:
    if content is None or not target.by_content:
        return Document(path=entry.path, key=entry.blob, content=content)
    key = digest(content)
    held = (entry.path, key) in known
    return Document(path=entry.path, key=key, content=None if held else content)


def _is_git_directory(place: str) -> bool:
    """Whether git would take that folder for a git directory, linked worktrees included."""
    has_objects = os.path.isdir(os.path.join(place, "objects"))
    is_worktree = os.path.isfile(os.path.join(place, "commondir"))
    return os.path.lexists(os.path.join(place, "HEAD")) and (
        is_worktree or (has_objects and os.path.isdir(os.path.join(place, "refs")))
    )


def _linked(folder: str, place: str) -> str | None:
    """The git directory that a `.git` file names: a linked worktree's or a submodule's."""
    try:
        with open(place, "rb") as file:
            text = file.read(4096)
    except OSError as error:
        raise SourceError(
            f"{place!r} cannot be read: {error.strerror}", "give this user the right to read it"
        ) from error
    name, _, value = text.partition(b":")
    path = os.path.join(folder, os.fsdecode(value.strip()))
    return path if name == b"gitdir" and _is_git_directory(path) else None


@contextmanager
def _started(
    git_dir: str, arguments: Sequence[str], *, asking: bool = False
) -> Iterator[subprocess.Popen[bytes]]:
    """One git process that is gone when the block is left; `asking` gives it standard input."""
    import subprocess  # a review of folders starts no process, and this takes 12 ms to load

    try:
        process = subprocess.Popen(
            ["git", "--no-pager", *arguments],
            env=environment(git_dir),
            cwd=git_dir,
            stdin=subprocess.PIPE if asking else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # it may quote names of the tree, and ours say more
            bufsize=_CHUNK,
        )
    except OSError as error:
        if isinstance(error, FileNotFoundError) and os.path.isdir(git_dir):
            raise SourceError(
                "git was not found on the PATH",
                "install git, or name folders in place of revisions",
            ) from error
        raise SourceError(
            f"git could not be started in {git_dir!r}: {error.strerror}",
            "give this user the right to read the repository and to run git",
        ) from error
    with process:
        try:
            yield process
        finally:
            process.kill()


def _records(git_dir: str, commit: str, *paths: str) -> Iterator[bytes]:
    """The lines of `ls-tree` for these paths, or for all, as they come. Raises: SourceError."""
    command = ["--literal-pathspecs", "ls-tree", "-r", "-z", "--full-tree"]
    with _started(git_dir, [*command, commit, "--", *paths]) as process:
        if process.stdout is None:
            raise AssertionError("it was asked for")
        begun, size = b"", 0
        while chunk := os.read(process.stdout.fileno(), _CHUNK):
            size += len(chunk)
            if size > LISTING_BYTES:
                raise SourceError(
                    f"the list of files of commit {commit} is over {LISTING_BYTES // 2**20} MiB",
                    "look at the commit: it seems made to fill the memory of whoever reads it",
                )
            *whole, begun = (begun + chunk).split(b"\0")
            yield from whole
        if process.wait() or begun:
            raise SourceError(f"git could not list the files of commit {commit}", _DAMAGED)


def _feed(pipe: IO[bytes], blobs: Sequence[bytes]) -> None:
    """Write the ids and close. A reader that went away is told by its own answers."""
    try:
        with pipe:
            pipe.write(b"".join(blob.hex().encode() + b"\n" for blob in blobs))
    except BrokenPipeError:
        return


def _next_blob(answers: IO[bytes], name: bytes) -> bytes:
    """The content of the next answer, which must be about that blob."""
    header = answers.readline().split()
    if header[:2] != [name, b"blob"] or len(header) != 3:
        raise SourceError(f"git could not read blob {name.decode()}", _DAMAGED)
    size = int(header[2])
    if size > FILE_BYTES:
        return _beginning(answers, name, size)
    content = answers.read(size + 1)  # and the line end behind it
    if len(content) <= size:
        raise _broken_off(name)
    return content[:size]


def _beginning(answers: IO[bytes], name: bytes, size: int) -> bytes:
    """One byte more than the limit of a file, and the rest read past without keeping it."""
    content = answers.read(FILE_BYTES + 1)
    left = size - FILE_BYTES
    while left:
        skipped = len(answers.read(min(left, _CHUNK)))
        if not skipped:
            raise _broken_off(name)
        left -= skipped
    return content


def _broken_off(name: bytes) -> SourceError:
    return SourceError(f"git broke off while reading blob {name.decode()}", _DAMAGED)
