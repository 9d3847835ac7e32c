"""The dossier: the one answer the sandboxed child gives to the parent (G-42).

The parent holds the token and trusts nothing that comes from the change; so the answer is one
plain JSON document of numbers, closed words and finished texts, read back by the strict checker
of this file. `report/dossier.py` makes a `Dossier`, `write_answer` puts it on the pipe, and
`read_answer` on the other side refuses everything that is not exactly of this shape.

What the parent adds to the texts, because only it knows: the marker (first line of the comment),
"settled since" in the footer, and settings, timings and the fate of the comment in the summary.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from types import MappingProxyType
from typing import Any

from reviewer.base.fields import FieldError, Fields, read_object

SCHEMA = "netpol-reviewer/dossier/v1"
REFUSAL = "netpol-reviewer/refusal/v1"

VERDICTS = frozenset({"success", "neutral", "failure"})
SEVERITIES = ("none", "info", "low", "medium", "high", "critical")
"""The words of severities, gravest last; `none` where only `info` or nothing was found (F-1)."""
ANNOTATION_LEVELS = ("failure", "warning", "notice")
FILE_NAMES = frozenset({"json", "markdown", "sarif", "html"})
REFUSALS = frozenset({"usage", "config", "source"})

COMMENT_BYTES = 59_000
"""Bound of `comment` and `footer` together: 60,000 of G-27 less what the parent adds."""
SUMMARY_BYTES = 1_000_000
CHECK_TEXT_BYTES = 65_000
CHECK_TITLE_CHARACTERS = 80
ANNOTATIONS = 100
TITLE_CHARACTERS = 255
MESSAGE_CHARACTERS = 4_000
REASON_BYTES = 4_000
FILE_BYTES = 256 * 2**20
ANSWER_BYTES = 512 * 2**20
"""The parent stops reading after this many bytes and calls the analysis failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many of each; `unchanged` is None only on the fast path (G-9)."""

    opened: int
    closed: int
    unchanged: int | None
    findings: int
    errors: int = 0
    warnings: int = 0
    notices: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckText:
    """The texts of the check run (G-30): a title, two Markdown texts; characters to U+FFFF."""

    title: str
    summary: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One annotation (G-31): a line of a file on head; title and message are plain text."""

    level: str
    path: str
    line: int
    title: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """Everything the parent publishes.

    * `exit_code`: 0, 1 (gate failed) or 3 (`strict` and unreadable); `reason` says why in one line
      of plain text, for the last line of the log.
    * `max_severity` is the output of that name; `worst` goes into the marker and decides
      escalation (G-19): the gravest that is not accepted.
    * `moved`: any opened or closed flow, changed policy, finding, or diagnostic in a changed file
      (`comment: auto`, G-17).
    * `approvers`: logins whose approval would change the verdict (G-34 b). Not empty only where the
      gate fails without one; the parent then asks once more with the reviews it found.
    * `comment`: the body from the heading on, without marker and footer. `footer`: what stands
      inside the `<sub>` of the last line, without the tags; the parent adds to it and closes it.
    * `summary`: the comment's body under its own budget, footer included, and the diagnostics.
    * `files`: the texts for `report-dir` by format name.
    """

    verdict: str
    exit_code: int
    reason: str
    counts: Counts
    max_severity: str
    worst: str
    moved: bool
    comment: str
    footer: str
    summary: str
    check_run: CheckText
    approvers: tuple[str, ...] = ()
    annotations: tuple[Note, ...] = ()
    files: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """The child cannot answer for a reason the user can mend: exit 2 with this message and hint.

    `kind` is `usage`, `config` or `source`, after the error it was.
    """

    kind: str
    message: str
    hint: str = ""


class EnvelopeError(ValueError):
    """The child's answer is not of the shape: analysis failed, exit 2, never success."""


def write_answer(answer: Dossier | Refusal) -> bytes:
    """The bytes the child writes to its standard output: ASCII JSON."""
    schema = SCHEMA if isinstance(answer, Dossier) else REFUSAL
    # NOTE: asdict copies deeply and does not know a read-only mapping.
    values: dict[str, Any] = {"schema": schema}
    if isinstance(answer, Dossier):
        values |= {name: getattr(answer, name) for name in answer.__slots__}
        values |= {
            "counts": asdict(answer.counts),
            "check_run": asdict(answer.check_run),
            "annotations": [asdict(note) for note in answer.annotations],
            "files": dict(answer.files),
        }
    else:
        values |= asdict(answer)
    return json.dumps(values).encode("ascii")


def read_answer(data: bytes) -> Dossier | Refusal:
    """The answer those bytes hold.

    Raises: EnvelopeError for anything that is not exactly a dossier or a refusal.
    """
    try:
        fields = read_object(data)
        if fields.word("schema", {SCHEMA, REFUSAL}) == REFUSAL:
            return _refusal(fields)
        return _dossier(fields)
    except FieldError as error:
        raise EnvelopeError(f"the analysis answered with something else: {error}") from error


def read_dossier(data: bytes) -> Dossier:
    """The dossier those bytes hold. Raises: EnvelopeError, also for a refusal."""
    answer = read_answer(data)
    if isinstance(answer, Refusal):
        raise EnvelopeError(f"the analysis refused: {answer.message}")
    return answer


def _refusal(fields: Fields) -> Refusal:
    fields.only({"schema", "kind", "message", "hint"})
    return Refusal(
        kind=fields.word("kind", REFUSALS),
        message=fields.text("message", limit=64_000),
        hint=fields.text("hint", limit=4_000),
    )


def _dossier(fields: Fields) -> Dossier:
    fields.only({"schema", *Dossier.__slots__})
    dossier = Dossier(
        verdict=fields.word("verdict", VERDICTS),
        exit_code=fields.number("exit_code", at_most=3),
        reason=_one_line(fields, "reason", REASON_BYTES),
        counts=_counts(fields.object("counts")),
        max_severity=fields.word("max_severity", SEVERITIES),
        worst=fields.word("worst", SEVERITIES),
        moved=fields.flag("moved"),
        comment=fields.text("comment", limit=COMMENT_BYTES),
        footer=_one_line(fields, "footer", COMMENT_BYTES),
        summary=fields.text("summary", limit=SUMMARY_BYTES),
        check_run=_check_text(fields.object("check_run")),
        approvers=_logins(fields.texts("approvers", at_most=1_000)),
        annotations=tuple(_notes(fields.objects("annotations", at_most=ANNOTATIONS))),
        files=_files(fields.object("files")),
    )
    _agree(dossier)
    return dossier


def _agree(dossier: Dossier) -> None:
    """A code and a word that contradict each other are never published, green least of all."""
    allowed = {"success": {0}, "neutral": {0}, "failure": {1, 3}}[dossier.verdict]
    if dossier.exit_code not in allowed:
        raise FieldError("exit_code", f"{dossier.exit_code} does not go with {dossier.verdict}")
    if len((dossier.comment + dossier.footer).encode("utf-8", "surrogatepass")) > COMMENT_BYTES:
        raise FieldError("comment", f"and footer are longer than {COMMENT_BYTES} bytes")
    for name in ("comment", "footer", "summary"):
        _encodable(name, getattr(dossier, name))


def _counts(fields: Fields) -> Counts:
    fields.only(Counts.__slots__)
    return Counts(
        opened=fields.number("opened"),
        closed=fields.number("closed"),
        unchanged=fields.number_or_none("unchanged"),
        findings=fields.number("findings"),
        errors=fields.number("errors"),
        warnings=fields.number("warnings"),
        notices=fields.number("notices"),
    )


def _check_text(fields: Fields) -> CheckText:
    fields.only(CheckText.__slots__)
    text = CheckText(
        title=_one_line(fields, "title", 4 * CHECK_TITLE_CHARACTERS),
        summary=fields.text("summary", limit=CHECK_TEXT_BYTES),
        text=fields.text("text", limit=CHECK_TEXT_BYTES),
    )
    if len(text.title) > CHECK_TITLE_CHARACTERS:
        raise FieldError(fields.path("title"), f"is over {CHECK_TITLE_CHARACTERS} characters")
    for name in CheckText.__slots__:
        if any(character > "\uffff" for character in getattr(text, name)):
            raise FieldError(fields.path(name), "holds a character above U+FFFF")
        _encodable(fields.path(name), getattr(text, name))
    return text


def _notes(items: Iterable[Fields]) -> Iterable[Note]:
    for fields in items:
        fields.only(Note.__slots__)
        note = Note(
            level=fields.word("level", ANNOTATION_LEVELS),
            path=fields.text("path", limit=4_096),
            line=fields.number("line", at_least=1),
            title=fields.text("title"),
            message=fields.text("message"),
        )
        if len(note.title) > TITLE_CHARACTERS or len(note.message) > MESSAGE_CHARACTERS:
            raise FieldError(fields.where, "has a title or message that is too long")
        yield note


def _files(fields: Fields) -> Mapping[str, str]:
    fields.only(FILE_NAMES)
    return MappingProxyType({name: fields.text(name, limit=FILE_BYTES) for name in fields.values})


def _logins(logins: tuple[str, ...]) -> tuple[str, ...]:
    for login in logins:
        if not 0 < len(login) <= 100 or not all(c.isalnum() or c in "-_[]" for c in login):
            raise FieldError("approvers", "holds something that is no login")
    return logins


def _one_line(fields: Fields, name: str, limit: int) -> str:
    text = fields.text(name, limit=limit)
    if "\n" in text or "\r" in text:
        raise FieldError(fields.path(name), "is more than one line")
    return text


def _encodable(name: str, text: str) -> None:
    """A lone surrogate cannot be sent to GitHub or written to a file."""
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise FieldError(name, "holds a lone surrogate")
