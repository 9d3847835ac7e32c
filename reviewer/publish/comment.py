"""The life of the sticky comment: found by its marker, written, edited, escalated, repaired.

Identity is a marker in the first line *and* GitHub's word that we wrote it (G-16 to G-21).
Editing notifies nobody, so what got worse comes as a new comment, and the old one is folded.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass

from reviewer.publish.client import Client
from reviewer.publish.types import (
    ApiError,
    Conversation,
    DoubtfulError,
    Event,
    ForbiddenError,
    Posted,
    Pull,
)
from reviewer.report.envelope import SEVERITIES, VERDICTS, Dossier

log = logging.getLogger(__name__)

_MARKER = re.compile(
    r"<!-- netpol-reviewer:v1 key=(?P<key>[a-z0-9-]{1,40}) head=(?P<head>[0-9a-f]{40}|[0-9a-f]{64})"
    r" worst=(?P<worst>[a-z]+) verdict=(?P<verdict>[a-z]+) run=(?P<run>[0-9]+\.[0-9]+) -->"
)
_RUN_LINK = re.compile(r"/actions/runs/[0-9]+(?:/attempts/[0-9]+)?")
_SETTLED = re.compile(
    r" · settled since \[`[0-9a-f]{7}`\]\([^)\s]+/commit/(?P<commit>[0-9a-f]{40}|[0-9a-f]{64})\)"
)
_CREATES = 3
_REPAIRS = 2
"""At most so many further calls for duplicates, so that a run stays under eight (G-21)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Marker:
    """The first line of a comment of ours."""

    key: str
    head: str
    worst: str
    verdict: str
    run: str

    def __str__(self) -> str:
        return (
            f"<!-- netpol-reviewer:v1 key={self.key} head={self.head} worst={self.worst}"
            f" verdict={self.verdict} run={self.run} -->"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Ours:
    """A comment of ours with this key, and its marker."""

    posted: Posted
    marker: Marker


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The `comment-status` and `comment-url`, and what went wrong, empty if nothing did."""

    status: str
    url: str = ""
    trouble: str = ""


def read_marker(body: str) -> Marker | None:
    """The marker that is alone in the first line of a body, or None (G-16)."""
    match = _MARKER.fullmatch(body.replace("\r\n", "\n").split("\n", 1)[0])
    if match is None or match["worst"] not in SEVERITIES or match["verdict"] not in VERDICTS:
        return None
    return Marker(**match.groupdict())


def publish_comment(dossier: Dossier, event: Event, client: Client) -> Outcome:
    """Bring the comment of this key up to date; never raises what GitHub refused (G-37, G-40)."""
    pull = event.pull
    if pull is None or event.inputs.comment == "never":
        return Outcome(status="off")
    try:
        return _Update(dossier, event, pull, client).run()
    except ForbiddenError as error:
        return Outcome(status="forbidden", trouble=error.message)
    except ApiError as error:
        return Outcome(status="failed", trouble=error.message)


class _Update:
    """One update of one comment."""

    def __init__(self, dossier: Dossier, event: Event, pull: Pull, client: Client) -> None:
        self._dossier, self._pull, self._client = dossier, pull, client
        self._mode = event.inputs.comment
        self._runner = event.runner
        self._marker = Marker(
            key=event.inputs.comment_key,
            head=pull.head,
            worst=dossier.worst,
            verdict=dossier.verdict,
            run=f"{event.runner.run}.{event.runner.attempt}",
        )

    def run(self) -> Outcome:
        """Read, decide, write."""
        conversation = self._client.conversation(self._pull.number)
        if not conversation.open or conversation.head != self._pull.head:
            return Outcome(status="stale")
        ours = self._ours(conversation)
        if not ours:
            return self._first() if self._wanted() else Outcome(status="off")
        kept = _keeper(ours, conversation.head)
        outcome = self._again(kept, ours)
        if outcome.status != "escalated":
            self._repair([one for one in ours if one is not kept])
        return outcome

    def _wanted(self) -> bool:
        """Whether a first comment is called for (G-17)."""
        return {
            "always": True,
            "failures": self._dossier.verdict != "success",
            "auto": self._dossier.moved,
        }[self._mode]

    def _first(self) -> Outcome:
        posted, conversation = self._create(self._body(settled=""), frozenset())
        return Outcome(status="created", url=self._settle_race(posted, conversation).url)

    def _again(self, old: Ours, ours: list[Ours]) -> Outcome:
        """An edit, nothing, or a new comment where it got worse (G-19)."""
        body = self._body(settled=self._settled(old))
        if self._got_worse(old.marker):
            return self._escalate(old, ours, body)
        if _comparable(body) == _comparable(old.posted.body):
            return Outcome(status="unchanged", url=old.posted.url)
        self._client.edit_comment(old.posted.id, body)
        return Outcome(status="updated", url=old.posted.url)

    def _got_worse(self, old: Marker) -> bool:
        failed = self._marker.verdict == "failure" and old.verdict != "failure"
        return failed or SEVERITIES.index(self._marker.worst) > SEVERITIES.index(old.worst)

    def _escalate(self, old: Ours, ours: list[Ours], body: str) -> Outcome:
        known = frozenset(one.posted.id for one in ours)
        posted, conversation = self._create(body, known)
        if not self._retire(old.posted, posted) and not self._is_retired(old.posted):
            # Two live comments would be worse than a quiet one: take the new one back.
            self._client.delete_comment(posted.id)
            self._client.edit_comment(old.posted.id, body)
            return Outcome(status="updated", url=old.posted.url)
        kept = self._settle_race(posted, conversation, without=old.posted.id)
        return Outcome(status="escalated", url=kept.url)

    def _retire(self, old: Posted, new: Posted) -> bool:
        """Fold the old comment, or replace its text by a link to the new one."""
        try:
            self._client.minimize(old.node)
        except ApiError as error:
            log.debug("the old comment could not be minimised: %s", error.message)
        else:
            return True
        try:
            self._client.edit_comment(old.id, f"Superseded by [a newer review]({new.url}).")
        except ApiError as error:
            log.debug("the old comment could not be replaced: %s", error.message)
            return False
        return True

    def _is_retired(self, old: Posted) -> bool:
        """Whether an answer that said nothing was yet a deed: the old one is no longer ours."""
        conversation = self._look_again()
        if conversation is None:
            return False
        return old.id not in {one.posted.id for one in self._ours(conversation)}

    # --- creating ------------------------------------------------------------------------------

    def _create(self, body: str, known: frozenset[int]) -> tuple[Posted, Conversation | None]:
        """Create, never twice: after a doubtful answer look first (G-39); then read again."""
        for _ in range(_CREATES):
            try:
                posted = self._client.create_comment(self._pull.number, body)
            except DoubtfulError as error:
                log.debug("creating the comment is in doubt: %s", error.message)
                conversation = self._client.conversation(self._pull.number)
                for one in self._ours(conversation):
                    if one.marker == self._marker and one.posted.id not in known:
                        return one.posted, conversation
            else:
                return posted, self._look_again()
        raise ApiError("GitHub did not create the comment, three times")

    def _look_again(self) -> Conversation | None:
        """What stands there now; not knowing it is no failure, the next run repairs."""
        try:
            return self._client.conversation(self._pull.number)
        except ApiError as error:
            log.debug("the comments could not be read again: %s", error.message)
            return None

    def _settle_race(
        self, posted: Posted, conversation: Conversation | None, without: int = 0
    ) -> Posted:
        """Of several comments with our key keep one (G-20): two runs may have created at once."""
        ours = self._ours(conversation) if conversation else []
        ours = [one for one in ours if one.posted.id != without]
        if not ours or conversation is None:
            return posted
        kept = _keeper(ours, conversation.head)
        self._repair([one for one in ours if one is not kept])
        return kept.posted

    def _repair(self, surplus: list[Ours]) -> None:
        """Delete what has our head, fold the rest; a few at a time, whoever comes next goes on."""
        for one in surplus[:_REPAIRS]:
            try:
                if one.marker.head == self._marker.head:
                    self._client.delete_comment(one.posted.id)
                else:
                    self._client.minimize(one.posted.node)
            except ApiError as error:
                log.debug("a second comment could not be taken away: %s", error.message)

    # --- texts ---------------------------------------------------------------------------------

    def _ours(self, conversation: Conversation) -> list[Ours]:
        found = ((posted, read_marker(posted.body)) for posted in conversation.posted)
        return [
            Ours(posted=posted, marker=marker)
            for posted, marker in found
            if marker is not None and marker.key == self._marker.key
        ]

    def _body(self, *, settled: str) -> str:
        footer = self._dossier.footer + settled
        return f"{self._marker}\n{self._dossier.comment.rstrip()}\n\n<sub>{footer}</sub>"

    def _settled(self, old: Ours) -> str:
        """`Settled since COMMIT` once after a red phase, then kept while it stays so."""
        if self._marker.verdict == "failure":
            return ""
        head = self._marker.head
        if old.marker.verdict != "failure":
            kept = _SETTLED.search(old.posted.body.rsplit("<sub>", 1)[-1])
            if kept is None:
                return ""
            head = kept["commit"]  # the link is built anew: others may have edited the comment
        link = f"{self._runner.server}/{self._runner.repository}/commit/{head}"
        return f" · settled since [`{head[:7]}`]({link})"


def _keeper(ours: list[Ours], head: str) -> Ours:
    """The one that stays: of the pull request's head, then the highest id (G-20)."""
    return max(ours, key=lambda one: (one.marker.head == head, one.posted.id))


def _comparable(body: str) -> str:
    """A body without what differs in every run: `run=` and the run link (G-19)."""
    marker, _, rest = body.replace("\r\n", "\n").partition("\n")
    return (
        re.sub(r" run=[0-9.]+ ", " ", marker)
        + "\n"
        + _RUN_LINK.sub("/actions/runs/", rest).rstrip()
    )
