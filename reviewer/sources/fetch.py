"""Fetches commits into a private bare repository: no checkout, no blobs but the wanted ones (G-8).

    with Store(remote) as store:
        commit = store.fetch(["refs/pull/7/merge"], depth=2)[0]
        entries = store.entries(commit)
        contents = store.contents(entry.blob for entry in entries)

git is only plumbing (G-11): `sources.git.environment` makes its whole environment, here with one
protocol allowed and the token as a header for one server (G-12); after that nothing is fetched any
more. What was fetched is text to us: nothing of it is run, no link is followed.
"""

from __future__ import annotations

import base64
import os
import re
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from reviewer.base.errors import SourceError
from reviewer.sources.child import end_group
from reviewer.sources.git import environment, list_files, read_blobs
from reviewer.sources.types import Entry, Limits

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_REF = re.compile(r"(?!-)(?!.*(?:\.\.|//|@\{|\.lock$|/$|\.$))[^\x00-\x20\x7f~^:?*\[\\]{1,500}")
_SECONDS = 120.0
_PACK_BYTES = 2**30
"""A pack larger than this is a trap; the limits of G-44 are far below."""
_VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
_AUTHORITIES = ("GIT_SSL_CAINFO", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_MISSING = re.compile(
    r"couldn't find remote ref|not our ref|unadvertised object|no such remote ref", re.IGNORECASE
)
_PASSING = re.compile(
    r"error: (?:429|5\d\d)|early EOF|hung up|unexpected disconnect|Empty reply|RPC failed"
    r"|Could(?:n't| not) (?:connect|resolve)|Failed to connect|Connection (?:reset|refused)"
    r"|timed out",
    re.IGNORECASE,
)
"""What may be over in a moment, and is tried again."""
_PAUSES = (2.0, 4.0)
_DENIED = re.compile(
    r"Authentication failed|could not read (?:Username|Password)|terminal prompts disabled"
    r"|error: 40[13]|not found",
    re.IGNORECASE,
)


class MissingError(SourceError):
    """The server does not have that commit or ref, or no longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remote:
    """Where to fetch from: the repository's address, and the token that may be needed.

    `variables` is the environment that proxies and certificate authorities are taken from.
    """

    address: str
    token: str = field(repr=False)
    variables: Mapping[str, str] = field(repr=False)

    def settings(self) -> list[tuple[str, str]]:
        """The settings of git for this remote; they travel by environment (G-12)."""
        split = urlsplit(self.address)
        server = f"{split.scheme}://{split.netloc}/"
        found = [
            ("remote.origin.url", self.address),
            ("remote.origin.promisor", "true"),
            ("remote.origin.partialCloneFilter", "blob:none"),
            ("http.followRedirects", "false"),
            ("protocol.version", "2"),
            ("fetch.negotiationAlgorithm", "noop"),
            ("fetch.writeCommitGraph", "false"),
        ]
        if self.token:
            secret = base64.b64encode(f"x-access-token:{self.token}".encode()).decode()
            found.append((f"http.{server}.extraHeader", f"Authorization: Basic {secret}"))
        for name in _AUTHORITIES:
            if self.variables.get(name):
                return [*found, ("http.sslCAInfo", self.variables[name])]
        return found

    def proxies(self) -> dict[str, str]:
        """The usual variables for proxies, in both spellings."""
        return {
            name: value
            for name, value in self.variables.items()
            if name.lower() in _VARIABLES and value
        }


class Store(AbstractContextManager["Store"]):
    """A private bare repository outside the workspace; gone when the block is left."""

    def __init__(self, remote: Remote, started: Callable[[int], None] | None = None) -> None:
        """`started` is told the group of each git process that speaks to the server."""
        self._remote = remote
        self._started = started or (lambda _: None)
        self._folder = tempfile.mkdtemp(prefix="netpol-reviewer-")
        self._ready = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    def fetch(self, names: Sequence[str], depth: int) -> tuple[str, ...]:
        """Fetch commits, by hex name or ref, without blobs; their hex names.

        Raises: MissingError where one is not there, SourceError for everything else.
        """
        for name in names:
            if not (_COMMIT.fullmatch(name) or (name.startswith("refs/") and is_ref(name))):
                raise SourceError(
                    f"{name[:200]!r} is no commit and no ref",
                    "give a full commit id, a branch or tag",
                )
        if not self._ready:
            size = next((len(name) for name in names if _COMMIT.fullmatch(name)), 40)
            self._initialise("sha1" if size == 40 else "sha256")
        wanted = [f"+{name}:refs/fetched/{index}" for index, name in enumerate(names)]
        self._run_fetch([f"--depth={depth}"], wanted)
        return tuple(self._resolve(f"refs/fetched/{index}") for index in range(len(names)))

    def parents(self, commit: str) -> tuple[str, ...]:
        """The parents of a commit that was fetched with a depth over 1."""
        answer = self._local(["cat-file", "commit", commit])
        head = answer.split(b"\n\n", 1)[0]
        lines = [line.split(b" ", 1) for line in head.split(b"\n")]
        return tuple(line[1].decode("ascii") for line in lines if line[0] == b"parent")

    def entries(self, commit: str) -> tuple[Entry, ...]:
        """Every manifest in the tree of a commit (S-1), in order. Raises: SourceError."""
        return tuple(list_files(self._folder, commit))

    def entry(self, commit: str, path: str) -> Entry | None:
        """One regular file of a tree, hidden ones too, or None."""
        arguments = ["--literal-pathspecs", "ls-tree", "-z", "--full-tree", commit, "--", path]
        for record in self._local(arguments).split(b"\0"):
            head, _, found = record.partition(b"\t")
            if found == path.encode("utf-8", "surrogateescape") and head.startswith(b"100"):
                mode, _, blob = head.decode("ascii").split(" ")
                return Entry(path, mode, bytes.fromhex(blob))
        return None

    def contents(self, blobs: Iterable[bytes], limits: Limits | None = None) -> dict[bytes, bytes]:
        """The contents of these blobs, fetched in one batch. Raises: SourceError."""
        wanted = sorted(set(blobs))
        if not wanted:
            return {}
        bounds = limits or Limits()
        if len(wanted) > 2 * bounds.files:
            raise _too_much(f"{bounds.files:,} manifest files")
        self._run_fetch([], [blob.hex() for blob in wanted])
        found: dict[bytes, bytes] = {}
        size = 0
        for blob, content in zip(wanted, read_blobs(self._folder, wanted), strict=True):
            found[blob] = content
            size += len(content)
            if size > 2 * bounds.total:
                raise _too_much(f"{bounds.total // 2**20} MiB of manifests")
        return found

    # --- git -----------------------------------------------------------------------------------

    def _initialise(self, format: str) -> None:
        self._local(["init", "--quiet", "--bare", "--template=", f"--object-format={format}"])
        self._ready = True

    def _resolve(self, name: str) -> str:
        arguments = ["rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"]
        return self._local(arguments).decode("ascii").strip()

    def _run_fetch(self, options: Sequence[str], refspecs: Sequence[str]) -> None:
        """Fetch, and again after a short wait where the server had a bad minute."""
        for pause in (*_PAUSES, None):
            told = self._try_fetch(options, refspecs)
            if told is None:
                return
            if pause is None or not _PASSING.search(told):
                raise self._failure(told)
            time.sleep(pause)

    def _try_fetch(self, options: Sequence[str], refspecs: Sequence[str]) -> str | None:
        """One `git fetch`, the only command that may speak to the server: what it complained of,
        None where it did not fail."""
        settings = self._remote.settings()
        protocol = urlsplit(self._remote.address).scheme
        flags = ["--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--refmap="]
        flags += ["--no-auto-maintenance", "--no-show-forced-updates", "--filter=blob:none"]
        command = ["git", "fetch", "--quiet", *flags, *options, "--stdin", "origin"]
        process = subprocess.Popen(
            command,
            env=environment(self._folder, settings, protocol) | self._remote.proxies(),
            cwd=self._folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        self._started(process.pid)
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (_PACK_BYTES, _PACK_BYTES))
        text = "".join(f"{line}\n" for line in refspecs).encode()
        try:
            told = process.communicate(text, timeout=_SECONDS)[1]
        except subprocess.TimeoutExpired as error:
            end_group(process.pid)  # git's helper too: it holds the pipe and waits for the server
            process.communicate()
            raise SourceError(
                f"fetching from {self._remote.address} took over {_SECONDS:.0f} s",
                "run the job again; if it stays so, choose fewer files with `paths`",
            ) from error
        return told.decode("utf-8", "replace") if process.returncode else None

    def _failure(self, told: str) -> SourceError:
        """What a failed fetch means; git's own words are kept, less anything secret."""
        line = next((one for one in told.splitlines() if one.startswith("fatal:")), told[:300])
        if self._remote.token:
            line = line.replace(self._remote.token, "***")
        if _MISSING.search(told):
            return MissingError(
                f"{self._remote.address} does not have what was asked for: {line[:300]}",
                "the commit or branch is gone, or was never pushed there",
            )
        if _DENIED.search(told):
            return SourceError(
                f"the token may not read {self._remote.address}: {line[:300]}",
                "give the job `permissions: contents: read`",
            )
        return SourceError(
            f"fetching from {self._remote.address} failed: {line[:300]}",
            "run the job again; if it stays so, look at the server's state and at proxies",
        )

    def _local(self, arguments: Sequence[str]) -> bytes:
        """A plumbing command that cannot speak to anybody. Raises: SourceError."""
        try:
            done = subprocess.run(
                ["git", "--no-pager", *arguments],
                env=environment(self._folder),
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
            )
        except OSError as error:
            raise SourceError(
                f"git could not be started: {error.strerror}", "install git"
            ) from error
        if done.returncode:
            raise SourceError(
                f"git {arguments[0]} failed in the private repository", "run the job again"
            )
        return done.stdout


def is_ref(name: str) -> bool:
    """Whether a text can be the name of a branch, tag or ref; an option never is."""
    return bool(_REF.fullmatch(name)) and not any(
        part.startswith(".") or part.endswith(".lock") for part in name.split("/")
    )


def is_commit(name: str) -> bool:
    """Whether a text is a full hex name of a commit."""
    return bool(_COMMIT.fullmatch(name))


def folder_inside(workspace: str, name: str) -> str | None:
    """The real path of a folder inside the workspace, or None where there is no such folder."""
    top = os.path.realpath(workspace)
    place = os.path.realpath(os.path.join(top, name))
    inside = place == top or place.startswith(top.rstrip("/") + "/")
    return place if inside and os.path.isdir(place) else None


def _too_much(limit: str) -> SourceError:
    return SourceError(
        f"the two revisions hold more than {limit}",
        "choose fewer folders with `paths`, or review them in several runs",
    )
