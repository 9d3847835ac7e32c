"""The log of a step: one formatter between us and the runner, which acts on what it reads (G-32).

The runner takes `::name::` at the start of a trimmed line, and `##[name]` *anywhere* in a line of
either stream, for a command; names in a manifest or a branch can hold both. So every line passes
through here: our own commands are escaped, in all other lines such marks are broken up, and the
token is masked whatever happens.
"""

from __future__ import annotations

import io
import logging
import re
import sys
import traceback
from collections import Counter
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TextIO

from reviewer.report.envelope import Note

_COMMANDS: Mapping[int, str] = MappingProxyType(
    {logging.ERROR: "error", logging.WARNING: "warning", logging.DEBUG: "debug"}
)
_LEVELS: Mapping[str, str] = MappingProxyType(
    {"failure": "error", "warning": "warning", "notice": "notice"}
)
A_LEVEL = 10
"""The runner keeps so many annotations of each level a step; the next ones vanish in silence."""
_KEPT_FREE = {"warning": 1}
"""Places that annotations leave to what may still go wrong after them."""
_MESSAGE = 4_000
_CONTROL = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


class CommandFormatter(logging.Formatter):
    """Turns records into lines the runner reads as we mean them.

    Errors and warnings become commands, of which the runner keeps ten a level; debug becomes a
    command too, info a plain line. `notes` and `group` write our other commands by the same rules.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__("%(message)s")
        self._secrets = tuple(secret for secret in secrets if secret)
        self._used: Counter[str] = Counter()

    def format(self, record: logging.LogRecord) -> str:
        """The line, or lines, of one record; `extra={"command": "group"}` makes it that command."""
        if own := getattr(record, "command", ""):
            return f"::{own}::{data(self.masked(record.getMessage()))}"
        command = _COMMANDS.get(min(record.levelno, logging.ERROR))
        message = self.masked(record.getMessage())
        error = record.exc_info[1] if record.exc_info else None
        if error is not None and record.levelno >= logging.ERROR:
            return self._bug(message, error)
        if error is not None:
            message = "\n".join([message, *self._frames(error)])
        if command is None:
            return plain(message)
        if command == "debug":
            return f"::debug::{data(message)}"
        return self._annotation(command, {}, message)

    def notes(self, notes: Iterable[Note]) -> Iterable[str]:
        """Annotations as commands: ten of each level, the tenth being "and N more" (G-31)."""
        by_level: dict[str, list[Note]] = {}
        for note in notes:
            by_level.setdefault(_LEVELS[note.level], []).append(note)
        for command, found in by_level.items():
            room = max(A_LEVEL - _KEPT_FREE.get(command, 0) - self._used[command], 0)
            shown = found if len(found) <= room else found[: max(room - 1, 0)]
            for note in shown:
                yield self._annotation(command, _place(note), self.masked(note.message))
            if len(found) > len(shown):
                more = f"and {len(found) - len(shown)} more: see the job summary"
                yield self._annotation(command, {}, more)

    def group(self, title: str, lines: Iterable[str]) -> Iterable[str]:
        """Lines folded under a title."""
        yield f"::group::{data(self.masked(title))}"
        for line in lines:
            yield plain(self.masked(line))
        yield "::endgroup::"

    def masked(self, text: str) -> str:
        """A text without the secrets."""
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text

    def _annotation(self, command: str, properties: Mapping[str, str], message: str) -> str:
        self._used[command] += 1
        if self._used[command] > A_LEVEL:
            return plain(f"{command}: {message}")
        pairs = ",".join(f"{name}={value_of(value)}" for name, value in properties.items())
        return f"::{command}{' ' if pairs else ''}{pairs}::{data(message[:_MESSAGE])}"

    def _frames(self, error: BaseException) -> list[str]:
        """Where an error came from and what it says."""
        frames = "".join(traceback.format_tb(error.__traceback__)).splitlines()
        return [*frames, self.masked(f"{type(error).__name__}: {error}")]

    def _bug(self, message: str, error: BaseException) -> str:
        """Our own mistake: the frames in a folded group, and where to report it."""
        lines = self.group("traceback", self._frames(error))
        return "\n".join(
            [
                *lines,
                self._annotation(
                    "error",
                    {},
                    f"{message}: this is our bug; please report it, with the traceback, to the "
                    "issue tracker of netpol-reviewer",
                ),
            ]
        )


class CleanStream(io.TextIOBase):
    """A stream for everybody who does not go through the formatter, such as a last traceback.

    Whatever is written is made plain and the secrets are masked.
    """

    def __init__(self, stream: TextIO, formatter: CommandFormatter) -> None:
        self._stream, self._formatter = stream, formatter

    def write(self, text: str) -> int:
        """Write the text, harmless."""
        self._stream.write(plain(self._formatter.masked(text)))
        return len(text)

    def flush(self) -> None:
        """Pass it on."""
        self._stream.flush()

    def fileno(self) -> int:
        """The stream's own."""
        return self._stream.fileno()


def start_log(environ: Mapping[str, str]) -> CommandFormatter:
    """Everything logged goes through one formatter, which knows the token (G-32)."""
    token = environ.get("INPUT_GITHUB-TOKEN", "").strip()
    formatter = CommandFormatter([token])
    handler = logging.StreamHandler(sys.stderr)
    # NOTE: not undone: the last word of a program that breaks is a traceback, and it comes later.
    sys.stderr = CleanStream(sys.stderr, formatter)
    handler.setFormatter(formatter)
    debug = environ.get("RUNNER_DEBUG") == "1"
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("reviewer").setLevel(logging.DEBUG if debug else logging.INFO)
    return formatter


def data(text: str) -> str:
    """The data of a command: `%` first, then line ends; other controls made visible."""
    text = _CONTROL.sub(lambda match: match[0] if match[0] == "\r" else _visible(match), text)
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def value_of(text: str) -> str:
    """The value of a command's property: as data, `:` and `,` too."""
    return data(text).replace(":", "%3A").replace(",", "%2C")


def plain(text: str) -> str:
    """A line that is no command, whatever it holds; line ends stay where they are."""
    text = _CONTROL.sub(_visible, text)
    return text.replace("##[", "## [").replace("::", ": :")


def _visible(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02X}" if code < 0x100 else f"\\u{code:04X}"


def _place(note: Note) -> dict[str, str]:
    return {"file": note.path, "line": str(note.line), "title": note.title}
