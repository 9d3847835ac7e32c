"""What GitHub's runner makes of a step's lines and files, as far as a step can abuse it.

Written from the runner's behaviour: `::name key=value::data` at the start of a trimmed line,
`##[name key=value]data` anywhere in one, on both streams; `NAME=VALUE` and `NAME<<DELIMITER` in
the files of outputs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

NAMES = frozenset(
    "error warning notice debug group endgroup echo add-mask set-output save-state set-env "
    "add-path add-matcher remove-matcher stop-commands".split()
)
LEVELS = ("error", "warning", "notice")
_NEW = re.compile(r"::(?P<head>.*?)::(?P<data>.*)", re.DOTALL)
_OLD = re.compile(r"##\[(?P<head>[^\]]*)\](?P<data>.*)", re.DOTALL)
_ESCAPES = {"%25": "%", "%0D": "\r", "%0A": "\n"}


@dataclass(frozen=True)
class Command:
    """One command as the runner acts on it."""

    name: str
    properties: dict[str, str] = field(default_factory=dict)
    data: str = ""


def read_line(line: str) -> Command | None:
    """The command that one line of output is, if any."""
    if line.lstrip().startswith("::"):
        match = _NEW.match(line.lstrip())
        found = _command(match, ",", _ESCAPES | {"%3A": ":", "%2C": ","})
        if found:
            return found
    return _command(_OLD.search(line), ";", _ESCAPES | {"%3B": ";", "%5D": "]"})


def read_log(text: str) -> list[Command]:
    """Every command in a stream; the runner splits at any line end."""
    lines = re.split(r"\r\n|\r|\n", text)
    return [command for command in map(read_line, lines) if command is not None]


def _command(
    match: re.Match[str] | None, separator: str, escapes: dict[str, str]
) -> Command | None:
    if match is None:
        return None
    name, _, rest = match["head"].partition(" ")
    if name.lower() not in NAMES:
        return None
    pairs = (pair.split("=", 1) for pair in rest.split(separator) if "=" in pair)
    properties = {key.strip(): _unescape(value, escapes) for key, value in pairs}
    return Command(name.lower(), properties, _unescape(match["data"], _ESCAPES))


def _unescape(text: str, escapes: dict[str, str]) -> str:
    for code, character in reversed(escapes.items()):
        text = text.replace(code, character)
    return text


def read_outputs(text: str) -> dict[str, str]:
    """The outputs that a file of them sets. Raises: ValueError for a bad line."""
    found: dict[str, str] = {}
    lines = iter(text.split("\n"))
    for line in lines:
        if not line:
            continue
        plain, heredoc = line.find("="), line.find("<<")
        if plain >= 0 and (heredoc < 0 or plain < heredoc):
            found[line[:plain]] = line[plain + 1 :]
        elif heredoc >= 0:
            delimiter = line[heredoc + 2 :]
            value = []
            for inner in lines:
                if inner == delimiter:
                    break
                value.append(inner)
            else:
                raise ValueError(f"no end of {delimiter!r}")
            found[line[:heredoc]] = "\n".join(value)
        else:
            raise ValueError(f"bad line {line!r}")
    return found
