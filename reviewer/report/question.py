r"""The question: what the parent asks the sandboxed child (G-42), texts included.

One line of ASCII JSON, then the blobs it speaks of, one after the other. The child has no
repository, no network and no environment, so everything it may know is in here: the files of both
sides, the configuration, the few options, and what links and headings are made of.

    {"schema": …, "blobs": [[ID, SIZE], …], "base": {"files": [[PATH, INDEX], …], …}, …}\n
    BYTES OF BLOB 0 BYTES OF BLOB 1 …
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from reviewer.base.documents import Document
from reviewer.base.fields import FieldError, Fields, read_object

SCHEMA = "netpol-reviewer/question/v1"
VIEWS = ("merge", "branch", "folders", "audit")
"""The words of the output `compared`: merged view, two commits, two folders, one target."""
STRICTNESS = ("all", "changed", "none")
FAIL_ON = ("critical", "high", "medium", "low", "never")
EXPOSURES = ("auto", "always", "never")
_HEX = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_OPTION_FIELDS = ("fail_on", "strict", "exposure", "key", "today", "cluster")


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One revision as the child sees it: its name, commit and the manifests that were selected.

    `config` is the configuration file of this side, None where it has none. `own` are files whose
    text in the *head commit itself* differs from `files` (a test merge changed them): line links
    refer to the head commit (G-25), so lines are mapped through these. A missing one there is
    a document with empty content.
    """

    name: str
    commit: str | None
    files: tuple[Document, ...]
    config: Document | None = None
    own: tuple[Document, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """What a link is made of; every value was checked by the parent.

    `server` has no trailing slash. `head` is the commit that links and annotations refer to (the
    pull request's head, never the test merge), `base` the other. `fallback` says that the merged
    view was wanted and could not be had (G-5). `pull` is None where there is no pull request.
    """

    server: str
    repository: str
    view: str
    base: str | None
    head: str | None
    pull: int | None = None
    run: int | None = None
    attempt: int | None = None
    fallback: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The inputs the child needs; `key` is the `comment-key`, `today` the UTC date of the run."""

    fail_on: str = "high"
    strict: str = "changed"
    exposure: str = "auto"
    key: str = "default"
    today: str = "1970-01-01"
    cluster: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Review `base` and `head`, or audit `head` where there is no base.

    `same`: both lists of manifests and the configuration are equal; nothing was fetched and
    nothing is to be read (G-9). `approvals`: None when first asked; the second time the logins
    that approved exactly this head commit (G-34).
    """

    head: Side
    base: Side | None
    links: Links
    settings: Settings
    same: bool = False
    approvals: tuple[str, ...] | None = None


class QuestionError(ValueError):
    """The bytes on standard input are no question: our own mistake, never the user's."""


def write_question(question: Question) -> bytes:
    """The bytes for the child's standard input; equal contents are sent once."""
    blobs: dict[bytes, tuple[int, bytes]] = {}

    def index(document: Document) -> int:
        content = document.content or b""
        return blobs.setdefault(document.key, (len(blobs), content))[0]

    def rows(documents: Iterable[Document]) -> list[list[Any]]:
        return [[document.path, index(document)] for document in documents]

    def side(value: Side | None) -> dict[str, Any] | None:
        if value is None:
            return None
        return {
            "name": value.name,
            "commit": value.commit,
            "files": rows(value.files),
            "config": rows([value.config])[0] if value.config else None,
            "own": rows(value.own),
        }

    header = {
        "schema": SCHEMA,
        "base": side(question.base),
        "head": side(question.head),
        "links": asdict(question.links),
        "settings": asdict(question.settings),
        "same": question.same,
        "approvals": question.approvals,
        "blobs": [[key.hex(), len(content)] for key, (_, content) in blobs.items()],
    }
    line = json.dumps(header).encode("ascii")
    return b"".join([line, b"\n", *(content for _, content in blobs.values())])


def read_question(data: bytes) -> Question:
    """The question those bytes hold. Raises: QuestionError."""
    line, newline, rest = data.partition(b"\n")
    try:
        if not newline:
            raise FieldError("document", "has no end of line")
        fields = read_object(line)
        fields.word("schema", {SCHEMA})
        blobs = _blobs(fields, rest)
        base = fields.object_or_none("base")
        return Question(
            head=_side(fields.object("head"), blobs),
            base=_side(base, blobs) if base else None,
            links=_links(fields.object("links")),
            settings=_settings(fields.object("settings")),
            same=fields.flag("same"),
            approvals=fields.texts("approvals") if fields.has("approvals") else None,
        )
    except (FieldError, LookupError, TypeError, ValueError) as error:
        raise QuestionError(f"the question is malformed: {error}") from error


def _blobs(fields: Fields, rest: bytes) -> list[tuple[bytes, bytes]]:
    found: list[tuple[bytes, bytes]] = []
    start = 0
    for row in fields.values.get("blobs") or ():
        key, size = bytes.fromhex(row[0]), int(row[1])
        found.append((key, rest[start : start + size]))
        start += size
    if start != len(rest):
        raise FieldError("blobs", f"say {start} bytes and {len(rest)} came")
    return found


def _side(fields: Fields, blobs: Sequence[tuple[bytes, bytes]]) -> Side:
    def document(row: Sequence[Any]) -> Document:
        key, content = blobs[int(row[1])]
        return Document(path=str(row[0]), key=key, content=content)

    config = fields.values.get("config")
    return Side(
        name=fields.text("name"),
        commit=_commit(fields, "commit"),
        files=tuple(map(document, fields.values["files"])),
        config=document(config) if config else None,
        own=tuple(map(document, fields.values["own"])),
    )


def _links(fields: Fields) -> Links:
    return Links(
        server=fields.text("server"),
        repository=fields.text("repository"),
        view=fields.word("view", VIEWS),
        base=_commit(fields, "base"),
        head=_commit(fields, "head"),
        pull=fields.number_or_none("pull", at_least=1),
        run=fields.number_or_none("run", at_least=1),
        attempt=fields.number_or_none("attempt", at_least=1),
        fallback=fields.flag("fallback"),
    )


def _settings(fields: Fields) -> Settings:
    fields.only(_OPTION_FIELDS)
    settings = Settings(
        fail_on=fields.word("fail_on", FAIL_ON),
        strict=fields.word("strict", STRICTNESS),
        exposure=fields.word("exposure", EXPOSURES),
        key=fields.text("key", limit=40),
        today=fields.text("today"),
        cluster=fields.text_or_none("cluster"),
    )
    if not _DATE.fullmatch(settings.today):
        raise FieldError(fields.path("today"), "is no date")
    return settings


def _commit(fields: Fields, name: str) -> str | None:
    value = fields.text_or_none(name)
    if value is not None and not _HEX.fullmatch(value):
        raise FieldError(fields.path(name), "is not 40 or 64 hex digits")
    return value
