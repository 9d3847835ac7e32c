"""The check run, and where annotations go: there, or else as workflow commands (G-30, G-31)."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from reviewer.publish.client import Client
from reviewer.publish.types import ApiError, CommitRange, DoubtfulError, Event, ForbiddenError
from reviewer.report.envelope import Dossier, Note

log = logging.getLogger(__name__)

NAME = "netpol-reviewer report"
"""Never the job's name: GitHub files both on one commit, and the job is the gate."""
_A_REQUEST = 50
_FOREIGN = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff\U00010000-\U0010ffff]")
"""Controls, bytes that are no UTF-8, and characters above U+FFFF (G-30)."""
_CREATES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Whether the check run is there, its address, and what went wrong, empty if nothing did."""

    created: bool = False
    url: str = ""
    trouble: str = ""


def publish_check(dossier: Dossier, event: Event, client: Client) -> Outcome:
    """Create the check run where the inputs and the event call for one."""
    commit = _commit(event)
    mode = event.inputs.check_run
    if commit is None or mode == "false":
        return Outcome()
    values = check_values(dossier, event, commit)
    try:
        number, url = _create(client, values)
    except ForbiddenError as error:
        return Outcome(trouble=error.message if mode == "true" else "")
    except ApiError as error:
        return Outcome(trouble=error.message)
    return Outcome(created=True, url=url, trouble=_extend(dossier, event, client, number))


def check_values(dossier: Dossier, event: Event, commit: str) -> dict[str, Any]:
    """The body of the request that creates it; `external_id` is how we know it again."""
    key = event.inputs.comment_key
    runner = event.runner
    return {
        "name": NAME if key == "default" else f"{NAME} / {key}",
        "head_sha": commit,
        "status": "completed",
        "conclusion": dossier.verdict,
        "details_url": f"{runner.server}/{runner.repository}/actions/runs/{runner.run}",
        "external_id": f"{key}:{runner.run}.{runner.attempt}",
        "output": _output(dossier, _wanted(dossier, event)[:_A_REQUEST]),
    }


def _commit(event: Event) -> str | None:
    """The pull request's head, the group's or the pushed commit; never the test merge."""
    if event.pull is not None:
        return event.pull.head
    return event.subject.head if isinstance(event.subject, CommitRange) else None


def _wanted(dossier: Dossier, event: Event) -> Sequence[Note]:
    """The annotations to send; a path that GitHub could not store would cost the whole request."""
    if not event.inputs.annotations:
        return ()
    return [note for note in dossier.annotations if not _FOREIGN.search(note.path)]


def _output(dossier: Dossier, notes: Sequence[Note]) -> dict[str, Any]:
    return {
        "title": dossier.check_run.title,
        "summary": dossier.check_run.summary,
        "text": dossier.check_run.text,
        "annotations": [
            {
                "path": note.path,
                "start_line": note.line,
                "end_line": note.line,
                "annotation_level": note.level,
                "title": note.title,
                "message": note.message,
            }
            for note in notes
        ],
    }


def _create(client: Client, values: dict[str, Any]) -> tuple[int, str]:
    """Create it, never twice: after a doubtful answer look first (G-39)."""
    for _ in range(_CREATES):
        try:
            return client.create_check(values)
        except DoubtfulError as error:
            log.debug("creating the check run is in doubt: %s", error.message)
            found = client.find_check(values["head_sha"], values["name"], values["external_id"])
            if found is not None:
                return found
    raise ApiError("GitHub did not create the check run, twice")


def _extend(dossier: Dossier, event: Event, client: Client, number: int) -> str:
    """The second fifty annotations; what went wrong, empty if nothing did."""
    rest = _wanted(dossier, event)[_A_REQUEST:]
    if not rest:
        return ""
    try:
        client.extend_check(number, _output(dossier, rest))
    except ApiError as error:
        return f"{len(rest)} annotations are missing from the check run: {error.message}"
    return ""
