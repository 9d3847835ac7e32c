"""Hands a dossier to every channel: files, summary, comment, check run, annotations, outputs.

Each channel may fail by itself; none changes the verdict (G-33). The summary comes first of all
(G-29), so a report is never lost, not even where the job is stopped while GitHub does not answer;
it is written once more where a refused comment or check run belongs into its first line.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator

from reviewer.base.values import replace
from reviewer.publish.check_run import publish_check
from reviewer.publish.client import Client
from reviewer.publish.comment import publish_comment
from reviewer.publish.log import CommandFormatter
from reviewer.publish.outbox import ReportFolder, SummaryFile, write_outputs
from reviewer.publish.summary import compose_summary
from reviewer.publish.types import Delivery, Event
from reviewer.report.envelope import Dossier

log = logging.getLogger(__name__)


def deliver(
    dossier: Dossier,
    event: Event,
    client: Client,
    folder: ReportFolder | None = None,
    commands: CommandFormatter | None = None,
) -> Delivery:
    """Publish everything; what became of each channel.

    `folder` takes the report files, `commands` makes the annotations' lines for standard output.

    Raises: UsageError where a report file cannot be written; whatever GitHub does is no error.
    """
    work = _Work(dossier, event, client, commands)
    if folder is not None:
        work.files(folder)
    for what, act in work.steps():
        try:
            act()
        except Exception as error:
            # A channel that breaks, by whatever mistake, may cost neither verdict nor summary.
            log.warning("%s could not be published (%s)", what, type(error).__name__)
            log.debug("why", exc_info=error)
    return work.delivery


def say_verdict(dossier: Dossier) -> None:
    """The last line: verdict, why, counts (G-32)."""
    counts = dossier.counts
    unchanged = "uncounted" if counts.unchanged is None else counts.unchanged
    log.info(
        "verdict %s: %s (%d opened, %d closed, %s unchanged, findings: %d)",
        dossier.verdict,
        dossier.reason,
        counts.opened,
        counts.closed,
        unchanged,
        counts.findings,
    )


class _Work:
    """One delivery under way."""

    def __init__(
        self, dossier: Dossier, event: Event, client: Client, commands: CommandFormatter | None
    ) -> None:
        self._dossier, self._event, self._client = dossier, event, client
        self._commands = commands or CommandFormatter()
        self._files: dict[str, str] = {}
        self._summary = SummaryFile(event.runner.step_summary)
        self._has_check = False
        self.delivery = Delivery()

    def steps(self) -> Iterator[tuple[str, Callable[[], None]]]:
        """The channels in their order; in the end the summary knows how the others went."""
        yield "the job summary", self._summarise
        yield "the comment", self._comment
        yield "the check run", self._check
        yield "the annotations", self._annotate
        yield "the job summary", self._summarise
        yield "the outputs", self._output

    def files(self, folder: ReportFolder) -> None:
        """The report files; their places become outputs."""
        for format, text in self._dossier.files.items():
            self._files[format] = folder.write(format, text)

    def _comment(self) -> None:
        self.delivery = replace(self.delivery, comment_status="failed")  # until we know better
        outcome = publish_comment(self._dossier, self._event, self._client)
        self.delivery = replace(
            self.delivery, comment_status=outcome.status, comment_url=outcome.url
        )
        if outcome.status == "failed":
            self._warn(f"the comment was not written: {outcome.trouble}")
        elif outcome.trouble:
            log.info("no comment: %s", outcome.trouble)

    def _check(self) -> None:
        if self.delivery.comment_status == "stale":
            return  # a newer run speaks for the pull request (G-18)
        outcome = publish_check(self._dossier, self._event, self._client)
        self._has_check = outcome.created
        self.delivery = replace(
            self.delivery, check_run_url=outcome.url, check_trouble=outcome.trouble
        )
        if outcome.trouble:
            self._warn(f"the check run is missing or not whole: {outcome.trouble}")

    def _annotate(self) -> None:
        if self._event.inputs.annotations and not self._has_check:
            for line in self._commands.notes(self._dossier.annotations):
                sys.stdout.write(f"{line}\n")
            sys.stdout.flush()

    def _summarise(self) -> None:
        if self._event.inputs.summary:
            self._summary.write(compose_summary(self._dossier, self._event, self.delivery))

    def _output(self) -> None:
        write_outputs(self._event.runner.output, self._values())

    def _values(self) -> dict[str, str]:
        """Every output of section 5; a word, number, commit, path or address of our own making."""
        counts, links = self._dossier.counts, self._event.links
        return {
            "verdict": self._dossier.verdict,
            "opened": str(counts.opened),
            "closed": str(counts.closed),
            "unchanged": "" if counts.unchanged is None else str(counts.unchanged),
            "findings": str(counts.findings),
            "max-severity": self._dossier.max_severity,
            "compared": links.view if links else "",
            "base-sha": (links.base or "") if links else "",
            "head-sha": (links.head or "") if links else "",
            "comment-status": self.delivery.comment_status,
            "comment-url": self.delivery.comment_url,
            "check-run-url": self.delivery.check_run_url,
            "report-json": self._files.get("json", ""),
            "report-markdown": self._files.get("markdown", ""),
            "report-sarif": self._files.get("sarif", ""),
            "report-html": self._files.get("html", ""),
        }

    def _warn(self, warning: str) -> None:
        log.warning("%s", warning)
        self.delivery = replace(self.delivery, warnings=(*self.delivery.warnings, warning))
