"""The inputs of the Action: one table that drives the reader; action.yml and README are held to it.

Only `INPUT_*` variables are read (upper case, hyphens kept): an equally named job variable changes
nothing. All mistakes are reported together (section 4).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reviewer.base.errors import UsageError
from reviewer.publish.types import Inputs

TRUTH = ("true", "false")


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One input: its name, default and meaning, and what it may be.

    `words` is a closed set; else `pattern` must match the whole value. `most` bounds a number.
    """

    name: str
    default: str
    meaning: str
    words: tuple[str, ...] = ()
    pattern: str = ""
    shape: str = ""
    most: int = 0

    @property
    def variable(self) -> str:
        """The variable the runner sets."""
        return f"INPUT_{self.name.upper()}"

    @property
    def field(self) -> str:
        """The field of `Inputs` that holds it."""
        return self.name.replace("-", "_")


INPUTS = (
    Input(
        name="github-token",
        default="${{ github.token }}",
        meaning="Token for fetching the two commits and for publishing.",
    ),
    Input(
        name="base",
        default="",
        meaning="Revision or folder to compare from. Empty means what the event says.",
    ),
    Input(
        name="head",
        default="",
        meaning="Revision or folder to compare to. Empty means what the event says.",
    ),
    Input(
        name="compare",
        default="merge",
        meaning="`merge` compares what merging does today, `branch` what the branch did.",
        words=("merge", "branch"),
    ),
    Input(
        name="paths",
        default="",
        meaning="Globs of the manifests, one a line; `!` excludes. "
        "Empty means every YAML and JSON file.",
    ),
    Input(
        name="config",
        default=".github/netpol-reviewer.yml",
        meaning="Configuration file, read from the base side. It may be missing unless set here.",
        pattern=r"[^\x00-\x1f\\]{1,1000}",
        shape="a path relative to the top of the repository",
    ),
    Input(
        name="fail-on",
        default="high",
        meaning="Fail at this severity or above: `critical`, `high`, `medium`, `low` or `never`. "
        "At `high` a configuration that says otherwise wins.",
        words=("critical", "high", "medium", "low", "never"),
    ),
    Input(
        name="strict",
        default="changed",
        meaning="Which unreadable manifests fail the run: "
        "`true` all, `changed` those the change touches, `false` none.",
        words=("changed", *TRUTH),
    ),
    Input(
        name="comment",
        default="auto",
        meaning="When to comment: `auto`, `always`, `failures` or `never`.",
        words=("auto", "always", "failures", "never"),
    ),
    Input(
        name="comment-key",
        default="default",
        meaning="One comment is kept for each key; for clusters or matrix legs.",
        pattern=r"[a-z0-9-]{1,40}",
        shape="1 to 40 of a-z, 0-9 and -",
    ),
    Input(
        name="check-run",
        default="auto",
        meaning="Also publish a check run: `auto` if permitted, `true` or `false`.",
        words=("auto", *TRUTH),
    ),
    Input(
        name="annotations",
        default="true",
        meaning="Annotate the lines that caused something.",
        words=TRUTH,
    ),
    Input(name="summary", default="true", meaning="Write the job summary.", words=TRUTH),
    Input(
        name="exposure",
        default="auto",
        meaning="Report flows of pods that are not in the manifests: `auto`, `always` or `never`. "
        "At `auto` a configuration that says otherwise wins.",
        words=("auto", "always", "never"),
    ),
    Input(
        name="report-dir",
        default="netpol-reviewer",
        meaning="Folder in the workspace for the report files.",
        pattern=r"[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*",
        shape="a relative path of letters, digits and _.-",
    ),
    Input(
        name="timeout",
        default="300",
        meaning="Seconds for reading and analysis.",
        pattern=r"[1-9][0-9]{0,4}",
        shape="a whole number of seconds from 1 to 21600",
        most=21_600,
    ),
)
"""Every input, in the order of action.yml."""

CONFIG_DEFAULT = next(one.default for one in INPUTS if one.name == "config")


def read_inputs(environ: Mapping[str, str]) -> Inputs:
    """The inputs that the runner set.

    Raises: UsageError, with every mistake at once.
    """
    values: dict[str, Any] = {}
    mistakes: list[str] = []
    for one in INPUTS:
        value = environ.get(one.variable, "").strip() or _default(one)
        trouble = _trouble(one, value)
        if trouble:
            mistakes.append(f"input `{one.name}`: {trouble}")
        values[one.field] = value
    if not mistakes:
        mistakes += _together(values)
    if mistakes:
        raise UsageError("\n".join(mistakes), "see the table of inputs in the README")
    return Inputs(
        **values
        | {
            "paths": tuple(line.strip() for line in values["paths"].splitlines() if line.strip()),
            "annotations": values["annotations"] == "true",
            "summary": values["summary"] == "true",
            "timeout": int(values["timeout"]),
        }
    )


def _default(one: Input) -> str:
    """The default of a value that is missing or empty; an expression has none of ours."""
    return "" if one.default.startswith("${{") else one.default


def _trouble(one: Input, value: str) -> str:
    """What is wrong with one value; empty is well. The token's value is never repeated."""
    if one.words and value not in one.words:
        return f"{value[:100]!r} is not one of {', '.join(one.words)}"
    if one.pattern and not re.fullmatch(one.pattern, value):
        return f"{value[:100]!r} is not {one.shape}"
    if one.most and int(value) > one.most:
        return f"{value} is not {one.shape}"
    if one.name in ("report-dir", "config") and any(
        part in (".", "..", "") for part in value.split("/")
    ):
        return (
            f"{value[:100]!r} leaves the folder it must stay in: `.`, `..` and `//` are not allowed"
        )
    if one.name == "github-token" and re.search(r"\s", value):
        return "holds white space"
    return ""


def _together(values: Mapping[str, str]) -> list[str]:
    """Mistakes of several inputs at once."""
    if values["base"] and not values["head"]:
        return ["input `base` is set and `head` is not: set both, or `head` alone for an audit"]
    return []
