"""Files of ours in places others can write to: report files, outputs, job summary (G-13, G-14).

`report-dir` lies in the workspace, where an earlier step may have left links; so everything is
opened relative to a directory handle, without following links, and created exclusively.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from reviewer.base.errors import UsageError

FILES: Mapping[str, str] = {
    "json": "report.json",
    "markdown": "report.md",
    "sarif": "report.sarif",
    "html": "report.html",
}
"""What each format's file is called; with a key of its own `report-KEY.json`."""

_SAFE = re.compile(r"[A-Za-z0-9_./:#?=&%~+-]*")
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FRESH = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_APPEND = os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
_REWRITE = os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC
_HINT = "choose another `report-dir`, or remove what stands there before this step"


def file_name(format: str, key: str) -> str:
    """The name of one report file."""
    stem, dot, ending = FILES[format].partition(".")
    return FILES[format] if key == "default" else f"{stem}-{key}{dot}{ending}"


class ReportFolder:
    """The folder `report-dir`, held open; made where it is missing.

    Raises: UsageError where a link or somebody else's file is in the way (exit 2).
    """

    def __init__(self, workspace: str, path: str, key: str = "default") -> None:
        self._path, self._key = path, key
        with _told(path):
            self._handle = os.open(workspace, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        for part in path.split("/"):
            with _told(path):
                self._enter(part)

    def close(self) -> None:
        """Let go of the folder."""
        os.close(self._handle)

    def check(self) -> None:
        """Look for what would be in the way, before the work is done. Raises: UsageError."""
        for format in FILES:
            self._mine(file_name(format, self._key))

    def write(self, format: str, text: str) -> str:
        """Write one report; its path relative to the workspace. Raises: UsageError."""
        name = file_name(format, self._key)
        with _told(f"{self._path}/{name}"):
            if self._mine(name):
                os.unlink(name, dir_fd=self._handle)
            handle = os.open(name, _FRESH, 0o644, dir_fd=self._handle)
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
                file.write(text)
        return f"{self._path}/{name}"

    def _enter(self, part: str) -> None:
        try:
            os.mkdir(part, 0o755, dir_fd=self._handle)
        except FileExistsError:
            inner = os.open(part, _DIRECTORY, dir_fd=self._handle)
        else:
            inner = os.open(part, _DIRECTORY, dir_fd=self._handle)
        os.close(self._handle)
        self._handle = inner

    def _mine(self, name: str) -> bool:
        """Whether an earlier report of ours stands there: a plain file of this user, no link."""
        try:
            found = os.stat(name, dir_fd=self._handle, follow_symlinks=False)
        except FileNotFoundError:
            return False
        if stat.S_ISREG(found.st_mode) and found.st_nlink == 1 and found.st_uid == os.geteuid():
            return True
        raise UsageError(f"{self._path}/{name} is a link or somebody else's file", _HINT)


def write_outputs(path: str, values: Mapping[str, str]) -> None:
    """Append `NAME=VALUE` lines to `GITHUB_OUTPUT`; without one there is nobody to tell.

    A value holds only what `_SAFE` allows (G-13): no line end can make a new output.
    """
    for name, value in values.items():
        if not _SAFE.fullmatch(value):
            raise ValueError(f"output {name} holds a character that is not allowed in outputs")
    _append(path, "".join(f"{name}={value}\n" for name, value in values.items()))


def append_summary(path: str, text: str) -> None:
    """Append a text to `GITHUB_STEP_SUMMARY`."""
    _append(path, text.rstrip("\n") + "\n")


class SummaryFile:
    """Our part of `GITHUB_STEP_SUMMARY`: written first of all channels, and once more where what
    became of the others belongs into it (G-29). What stood there before stays."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._begin: int | None = None
        self._text = ""

    def write(self, text: str) -> None:
        """Put the text in the place of the one before; the same again writes nothing."""
        if not self._path or text == self._text:
            return
        path, self._path = self._path, ""  # a file that cannot be written is tried once
        with os.fdopen(os.open(path, _REWRITE), "wb") as file:
            if self._begin is None:
                self._begin = file.seek(0, os.SEEK_END)
            file.seek(self._begin)
            file.write(text.encode("utf-8"))
            file.truncate()
        self._path, self._text = path, text


def _append(path: str, text: str) -> None:
    if not path:
        return
    with os.fdopen(os.open(path, _APPEND), "w", encoding="utf-8", newline="") as file:
        file.write(text)


@contextmanager
def _told(place: str) -> Iterator[None]:
    """An error of the system, told with the place and what to do."""
    try:
        yield
    except OSError as error:
        raise UsageError(f"{place!r} cannot be written: {error.strerror}", _HINT) from error
