"""The job summary: the full report whatever happens to the comment, then how it came about (G-29).

The child wrote the report's text; added here is what only this process knows: why there is no
comment, the settings, both commits and the timings.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping

from reviewer.base.errors import ReviewerError
from reviewer.publish.inputs import INPUTS
from reviewer.publish.outbox import append_summary
from reviewer.publish.types import Delivery, Event
from reviewer.report import fence, span
from reviewer.report.envelope import Dossier

log = logging.getLogger(__name__)

SUMMARY_BYTES = 1_040_000
"""Over 1 MiB the runner drops the whole file."""

_WHY: dict[str, str] = {
    "forbidden": "**No comment:** the token of this run may not write to the pull request "
    "(runs from forks and Dependabot get a read-only token).",
    "failed": "**No comment:** GitHub did not take it this time.",
    "stale": "**No comment:** the pull request has moved on since this run started.",
}


def compose_summary(dossier: Dossier, event: Event, delivery: Delivery) -> str:
    """The whole summary; what was refused, the comment or the check run, stands first.

    Where it is over the runner's bound the short report of the comment takes the long one's place.
    """
    refused = [_WHY.get(delivery.comment_status, "")]
    if delivery.check_trouble:
        refused.append(f"**Check run:** {span(delivery.check_trouble)}")
    long = _joined([*refused, dossier.summary.rstrip(), *_details(event)])
    if len(long.encode("utf-8")) <= SUMMARY_BYTES:
        return long
    short = f"{dossier.comment.rstrip()}\n\n<sub>{dossier.footer}</sub>"
    return _joined([*refused, short, *_details(event)])


def _joined(parts: Iterable[str]) -> str:
    return "\n\n".join(filter(None, parts)) + "\n"


def refusal_summary(error: ReviewerError) -> str:
    """What the summary says where there is nothing to report (exit 2): every word of it, in a fence
    that nothing inside can close (G-28)."""
    said = error.message + (f"\n\nWhat to do: {error.hint}" if error.hint else "")
    return f"## Nothing was reviewed\n\n{fence(said)}\n"


def tell_refusal(environ: Mapping[str, str], error: ReviewerError) -> None:
    """Tell the summary why nothing was reviewed; one that cannot be written is a warning.

    The environment is asked itself: the mistake may be one of the inputs.
    """
    if environ.get("INPUT_SUMMARY", "true") == "false":
        return
    try:
        append_summary(environ.get("GITHUB_STEP_SUMMARY", ""), refusal_summary(error))
    except OSError as trouble:
        log.warning("the job summary cannot be written: %s", trouble.strerror)


def _details(event: Event) -> Iterator[str]:
    """Settings, commits, timings, folded."""
    rows = "\n".join(f"| {name} | {value} |" for name, value in _rows(event))
    if rows:
        head = "<details><summary>How this run was made</summary>\n\n| | |\n| :-- | :-- |\n"
        yield f"{head}{rows}\n\n</details>"


def _rows(event: Event) -> Iterator[tuple[str, str]]:
    links = event.links
    if links is not None:
        yield "compared", links.view
        for name, commit in (("base commit", links.base), ("head commit", links.head)):
            if commit:
                yield name, f"[`{commit[:7]}`]({links.server}/{links.repository}/commit/{commit})"
    for one in INPUTS:
        if one.name != "github-token":
            yield f"`{one.name}`", span(_text(getattr(event.inputs, one.field)))
    for stage, seconds in event.timings:
        yield f"time to {stage}", f"{seconds:.1f} s"


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return " ".join(map(str, value)) or "-"
    return str(value) or "-"
