"""The Action's parent process: environment → event → fetch → ask the child → deliver → exit code.

It holds the token and speaks to GitHub; it parses no manifest. Everything that reads the change's
bytes runs in a child (`worker.py`, G-42), which is asked with one document and answers with
another. A signal ends both at once, and nothing more is published (G-43).
"""

from __future__ import annotations

import logging
import signal
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from types import FrameType
from typing import NoReturn

from reviewer.base.errors import ConfigError, ReviewerError, SourceError, UsageError
from reviewer.base.values import replace
from reviewer.publish import (
    CONFIG_DEFAULT,
    ApiError,
    Client,
    CommandFormatter,
    CommitRange,
    Event,
    Inputs,
    Manners,
    NamedRange,
    Nothing,
    Pull,
    ReportFolder,
    RunOfPull,
    approving_logins,
    deliver,
    find_pull,
    read_event,
    say_verdict,
    start_log,
    tell_refusal,
)
from reviewer.report.envelope import ANSWER_BYTES, Dossier, EnvelopeError, Refusal, read_answer
from reviewer.report.question import Links, Question, Settings, Side, write_question
from reviewer.sources import choose_paths
from reviewer.sources.child import Answer, End, end_group, run_child
from reviewer.sources.comparison import PullAsked, Revisions, of_commits, of_names, of_pull
from reviewer.sources.fetch import Remote, Store, folder_inside
from reviewer.sources.gathering import (
    Chosen,
    FileSet,
    Gathered,
    NamedFolder,
    gather_folders,
    gather_revisions,
)

log = logging.getLogger(__name__)

_STRICT = {"true": "all", "changed": "changed", "false": "none"}
_ERRORS: dict[str, type[ReviewerError]] = {
    "usage": UsageError,
    "config": ConfigError,
    "source": SourceError,
}
_WORKER = ("-I", "-m", "reviewer.worker")


def main(environ: Mapping[str, str], manners: Manners | None = None) -> int:
    """Run the Action once; the number is the exit code. `manners`: how we wait for GitHub."""
    formatter = start_log(environ)
    stopper = Stopper()
    stopper.watch()
    try:
        event = read_event(environ)
        client = Client(event.runner, event.inputs.github_token, manners)
        return _Job(event, environ, client, stopper).run(formatter)
    except ReviewerError as error:
        log.error("%s", error)
        tell_refusal(environ, error)
        return error.exit_code


class Stopper:
    """Ends this process and its children at the first SIGINT or SIGTERM (G-43).

    As process 1 of a container we have no default action for either, so both are named.
    """

    def __init__(self) -> None:
        self._running: list[int] = []

    def watch(self) -> None:
        """Take both signals."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self.stop)

    def started(self, process: int) -> None:
        """Remember a child; killing one that is gone does nothing."""
        self._running.append(process)

    def stop(self, number: int, _: FrameType | None) -> NoReturn:
        """Kill the children and leave; no handler of errors catches this."""
        for process in self._running:
            end_group(process)
        raise SystemExit(128 + number)


class _Job:
    """One run of the Action."""

    def __init__(
        self, event: Event, environ: Mapping[str, str], client: Client, stopper: Stopper
    ) -> None:
        self._event, self._environ, self._stopper = event, environ, stopper
        self._client = client
        self._timings: list[tuple[str, float]] = []

    def run(self, commands: CommandFormatter) -> int:
        """Everything, in its order."""
        try:
            subject = self._find_pull()
            if isinstance(subject, Nothing):
                log.info("nothing to review: %s", subject.reason, extra={"command": "notice"})
                return 0
            self._event = replace(self._event, subject=subject)
            with closing(self._report_folder()) as folder:
                question = self._question()
                dossier = self._ask(question, commands)
                if dossier.approvers:
                    dossier = self._ask_with_approvals(question, dossier, commands)
                self._event = replace(self._event, timings=tuple(self._timings))
                with self._stage("publish"):
                    sent = deliver(dossier, self._event, self._client, folder, commands)
                    log.info("comment: %s %s", sent.comment_status, sent.comment_url)
            say_verdict(dossier)
            return dossier.exit_code
        finally:
            self._client.close()

    def _find_pull(self) -> Pull | CommitRange | NamedRange | Nothing:
        """The subject; of a workflow run its pull request (G-6)."""
        subject = self._event.subject
        if not isinstance(subject, RunOfPull):
            return subject
        try:
            return find_pull(self._client, subject)
        except ApiError as error:
            raise SourceError(
                f"the pull request of the workflow run cannot be looked up: {error.message}",
                "give the job `permissions: pull-requests: read`",
            ) from error

    def _report_folder(self) -> ReportFolder:
        """Open what must be written, before the work is done (G-14)."""
        inputs = self._event.inputs
        folder = ReportFolder(self._event.runner.workspace, inputs.report_dir, inputs.comment_key)
        folder.check()
        return folder

    # --- reading -------------------------------------------------------------------------------

    def _question(self) -> Question:
        """What the child is asked: the texts of both sides, and what links are made of."""
        inputs = self._event.inputs
        chosen = _Paths(inputs.paths)
        folders = self._folders()
        with self._stage("fetch"):
            if folders is not None:
                gathered = gather_folders(*folders, _chosen(inputs, chosen))
                links = self._links("folders", None)
            else:
                with Store(self._remote(), self._stopper.started) as store:
                    revisions = self._revisions(store)
                    gathered = gather_revisions(store, revisions, _chosen(inputs, chosen))
                links = self._links(revisions.view, revisions)
            _say_sides(links, gathered)
            chosen.warn()
        self._event = replace(self._event, links=links)
        return Question(
            base=_side(gathered.base) if gathered.base else None,
            head=_side(gathered.head),
            links=links,
            settings=_settings(inputs),
            same=gathered.same,
        )

    def _folders(self) -> tuple[NamedFolder, NamedFolder] | None:
        """The two folders that the inputs name, None where they name none (G-10)."""
        named = self._event.named
        if named is None or named.base is None:
            return None
        workspace = self._event.runner.workspace
        base, head = (folder_inside(workspace, name) for name in (named.base, named.head))
        if base and head:
            return NamedFolder(named.base, base), NamedFolder(named.head, head)
        if base or head:
            missing = named.head if base else named.base
            raise UsageError(
                f"inputs `base` and `head`: {missing[:200]!r} is no folder of the workspace and "
                "the other one is",
                "name two folders or two revisions",
            )
        return None

    def _remote(self) -> Remote:
        runner = self._event.runner
        return Remote(
            address=f"{runner.server}/{runner.repository}",
            token=self._event.inputs.github_token,
            variables=self._environ,
        )

    def _revisions(self, store: Store) -> Revisions:
        """Fetch the commits to compare (G-5)."""
        subject, named = self._event.subject, self._event.named
        if named is not None:
            return of_names(store, named.base, named.head)
        if isinstance(subject, CommitRange):
            return self._range(store, subject)
        if isinstance(subject, NamedRange):
            return of_names(store, subject.base, subject.head)
        if not isinstance(subject, Pull):
            raise AssertionError("settled before")
        asked = PullAsked(
            number=subject.number,
            head=subject.head,
            base_branch=subject.base_branch,
            merge=subject.merge,
            compare=self._event.inputs.compare,
        )
        return of_pull(store, asked, self._merge_base)

    def _range(self, store: Store, subject: CommitRange) -> Revisions:
        """The two commits of a push or a group. Raises: SourceError for a group without a base:
        of a push the rest is audited, but a green audit of a group says nothing of the change."""
        found = of_commits(store, subject.base, subject.head)
        if found.base is None and self._event.runner.event_name == "merge_group":
            raise SourceError(
                f"the merge group's base commit {subject.base} is gone from the server",
                "add the pull request to the queue again",
            )
        return found

    def _merge_base(self, base: str, head: str) -> str:
        try:
            return self._client.merge_base(base, head)
        except ApiError as error:
            raise SourceError(
                f"the merge base of {base!r} and {head} cannot be asked for: {error.message}",
                "run the job again; if the base branch is gone, there is nothing to compare with",
            ) from error

    def _links(self, view: str, revisions: Revisions | None) -> Links:
        runner, pull = self._event.runner, self._event.pull
        return Links(
            server=runner.server,
            repository=runner.repository,
            view=view,
            base=revisions.base if revisions else None,
            head=revisions.linked if revisions else None,
            pull=pull.number if pull else None,
            run=runner.run,
            attempt=runner.attempt,
            fallback=revisions.fallback if revisions else False,
        )

    # --- asking --------------------------------------------------------------------------------

    def _ask(self, question: Question, commands: CommandFormatter) -> Dossier:
        """The child's answer, checked. Raises: what it refused, or that it failed (exit 2)."""
        seconds = self._event.inputs.timeout
        with self._stage("analyse"):
            answer = run_child(
                [sys.executable, *_WORKER, str(seconds)],
                write_question(question),
                seconds=seconds,
                limit=ANSWER_BYTES,
                started=self._stopper.started,
            )
        if answer.end is not End.ANSWERED:
            raise self._failed(answer, commands)
        try:
            dossier = read_answer(answer.output)
        except EnvelopeError as error:
            raise ReviewerError(f"analysis failed: {error}", _REPORT) from error
        if isinstance(dossier, Refusal):
            raise _ERRORS[dossier.kind](dossier.message, dossier.hint)
        return dossier

    def _failed(self, answer: Answer, commands: CommandFormatter) -> ReviewerError:
        """Why there is no answer; what the child said is folded away."""
        told = answer.complaints.decode("utf-8", "replace").splitlines()[-50:]
        for line in commands.group("what the analysis said", told):
            sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
        seconds = self._event.inputs.timeout
        why = {
            End.TOO_LATE: f"it took over {seconds} s",
            End.TOO_LONG: f"its answer is over {ANSWER_BYTES} bytes",
        }.get(answer.end, f"it ended with {answer.code}")
        hint = "set `timeout` higher, or choose fewer files with `paths`"
        return ReviewerError(
            f"analysis failed: {why}", hint if answer.end is End.TOO_LATE else _REPORT
        )

    def _ask_with_approvals(
        self, question: Question, first: Dossier, commands: CommandFormatter
    ) -> Dossier:
        """Ask once more, with who approved exactly this head commit (G-34)."""
        pull = self._event.pull
        if pull is None:
            return first
        try:
            logins = approving_logins(self._client, pull, first.approvers)
        except ApiError as error:
            log.warning("approving reviews could not be read: %s", error.message)
            return first
        return self._ask(replace(question, approvals=logins), commands) if logins else first

    @contextmanager
    def _stage(self, name: str) -> Iterator[None]:
        """One stage, folded and timed; the time goes to the summary and the log (G-32)."""
        begun = time.monotonic()
        log.info("%s", name, extra={"command": "group"})
        try:
            yield
        finally:
            log.info("", extra={"command": "endgroup"})
        seconds = time.monotonic() - begun
        self._timings.append((name, seconds))
        log.info("%s: %.1f s", name, seconds)


_REPORT = "run it again with debug logging; if it stays so, please report it"


class _Paths:
    """The input `paths`, and whether it took any file: one that takes none would be green for
    ever, and nobody would see that it is misspelt."""

    def __init__(self, globs: Sequence[str]) -> None:
        self._globs, self._takes, self._any = globs, choose_paths(globs), False

    def __call__(self, path: str) -> bool:
        """Whether a path is taken."""
        taken = self._takes(path)
        self._any |= taken
        return taken

    def warn(self) -> None:
        """Say so where nothing was taken."""
        if self._globs and not self._any:
            globs = " ".join(self._globs)[:200]
            log.warning("input `paths` fits no manifest on either side: %s", globs)


def _chosen(inputs: Inputs, takes: _Paths) -> Chosen:
    return Chosen(
        takes=takes,
        config=inputs.config,
        must=inputs.config != CONFIG_DEFAULT,
        whole=inputs.strict == "true",
    )


def _settings(inputs: Inputs) -> Settings:
    return Settings(
        fail_on=inputs.fail_on,
        strict=_STRICT[inputs.strict],
        exposure=inputs.exposure,
        key=inputs.comment_key,
        today=datetime.now(UTC).date().isoformat(),
    )


def _side(files: FileSet) -> Side:
    return Side(
        name=files.name, commit=files.commit, files=files.files, config=files.config, own=files.own
    )


def _say_sides(links: Links, gathered: Gathered) -> None:
    """What was fetched, for whoever looks into the log."""
    for word, side, commit in (
        ("base", gathered.base, links.base),
        ("head", gathered.head, links.head),
    ):
        if side is not None and not gathered.same:
            log.info("%s %s: %d manifests", word, commit or "folder", len(side.files))
    log.info("compared: %s%s", links.view, ", nothing differs" if gathered.same else "")
