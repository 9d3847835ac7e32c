"""GitHub's API through PyGithub, under our own policy of repeating and waiting (G-38, G-39).

PyGithub's default policy doubles comments (it repeats a POST after 502) and sleeps any
`Retry-After` in full, so it is switched off and `Client._ask` decides: reads and edits are tried up
to three times, creates never repeated blindly, sixty seconds of waiting in total. Hosts come from
the runner's variables alone, TLS and proxies are left as they are.
"""

from __future__ import annotations

import itertools
import logging
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any
from urllib.parse import quote

import github
import requests
from github import Auth

from reviewer.base.fields import FieldError, Fields
from reviewer.publish.answers import Outcome, Problem, fields_of, judge, shaped
from reviewer.publish.types import (
    ApiError,
    Conversation,
    DoubtfulError,
    ForbiddenError,
    Posted,
    Runner,
)

log = logging.getLogger(__name__)

_CONVERSATION = """query($owner: String!, $name: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $name) { pullRequest(number: $number) {
    state headRefOid
    comments(first: 100, after: $after) {
      pageInfo { hasNextPage endCursor }
      nodes { id url body viewerDidAuthor isMinimized }
    } } } }"""
_MINIMIZE = """mutation($subject: ID!) {
  minimizeComment(input: {subjectId: $subject, classifier: OUTDATED}) {
    minimizedComment { isMinimized }
  } }"""
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_OURS = "<!-- netpol-reviewer:v1 "
_PAGES = 100
"""At most so many pages of anything: 10,000 comments, which GitHub does not allow."""


class Kind(Enum):
    """What repeating a request would do."""

    READ = "read"
    WRITE = "write"
    CREATE = "create"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """How long we wait (G-39), in seconds; `tries` counts the first one."""

    between_writes: float = 1.0
    patience: float = 60.0
    backoff: float = 2.0
    tries: int = 3
    timeout: int = 15
    sleep: Callable[[float], None] = time.sleep


class Client:
    """What we ask of GitHub about one repository. Methods raise `ApiError` and its children."""

    def __init__(self, runner: Runner, token: str, manners: Manners | None = None) -> None:
        """No request is made: the library is lazy, and so are we."""
        self._manners = manners or Manners()
        self._github = github.Github(
            base_url=runner.api,
            auth=Auth.Token(token) if token else None,
            lazy=True,
            retry=None,
            timeout=self._manners.timeout,
            user_agent="netpol-reviewer",
            seconds_between_requests=0,
            seconds_between_writes=0,
        )
        self._graphql = runner.graphql
        self._repository = runner.repository
        self._site = f"{runner.server}/{runner.repository}"
        self._waited = 0.0
        self._wrote: float | None = None
        self.calls = 0

    def close(self) -> None:
        """Give the connections back."""
        self._github.close()

    # --- comments ------------------------------------------------------------------------------

    def conversation(self, number: int) -> Conversation:
        """State and head of a pull request, and every comment of ours there that is not minimised.

        One call for each hundred comments.
        """
        posted: list[Posted] = []
        after: str | None = None
        for _ in range(_PAGES):
            pull = self._conversation_page(number, after)
            with shaped("the question for the comments"):
                comments = pull.object("comments")
                posted += self._our_comments(number, comments.objects("nodes"))
                info = comments.object("pageInfo")
                after = info.text("endCursor") if info.flag("hasNextPage") else None
                if after is None:
                    is_open = pull.text("state") == "OPEN"
                    head = pull.text("headRefOid")
                    return Conversation(open=is_open, head=head, posted=tuple(posted))
        raise ApiError(f"GitHub says that there are over {_PAGES} pages of comments")

    def create_comment(self, number: int, body: str) -> Posted:
        """Write a new comment. Raises: DoubtfulError where it may exist all the same."""
        path = f"{self._base}/issues/{number}/comments"
        answer = self._ask(Kind.CREATE, "POST", path, {"body": body})
        with shaped("the creation of a comment", DoubtfulError):
            fields = fields_of(answer)
            name, node = fields.number("id"), fields.text("node_id")
            stored = fields.text_or_none("body") or ""
        return Posted(id=name, node=node, url=self._comment_url(number, name), body=stored)

    def edit_comment(self, number: int, body: str) -> None:
        """Replace the body of a comment of ours, named by its REST id."""
        path = f"{self._base}/issues/comments/{number}"
        answer = self._ask(Kind.WRITE, "PATCH", path, {"body": body})
        with shaped("the edit of a comment"):
            fields_of(answer).number("id", at_least=number, at_most=number)

    def delete_comment(self, number: int) -> None:
        """Take a comment of ours away; one that is gone already is fine."""
        try:
            answer = self._ask(Kind.WRITE, "DELETE", f"{self._base}/issues/comments/{number}")
            if answer is not None:
                raise ApiError("GitHub answered a deletion with something, which is not its way")
        except ForbiddenError as error:
            if error.status != 404:
                raise

    def minimize(self, node: str) -> None:
        """Fold a comment of ours as outdated."""
        self._query(Kind.WRITE, _MINIMIZE, {"subject": node})

    # --- check runs ----------------------------------------------------------------------------

    def create_check(self, values: Mapping[str, Any]) -> tuple[int, str]:
        """A new check run: its id and address. Raises: DoubtfulError."""
        answer = self._ask(Kind.CREATE, "POST", f"{self._base}/check-runs", values)
        with shaped("the creation of a check run", DoubtfulError):
            number = fields_of(answer).number("id")
        return number, self._check_url(number)

    def extend_check(self, number: int, output: Mapping[str, Any]) -> None:
        """Add the annotations of `output` to a check run (50 a request)."""
        path = f"{self._base}/check-runs/{number}"
        # NOTE: a repeated request would add its annotations twice, so it is tried once.
        self._ask(Kind.CREATE, "PATCH", path, {"output": output})

    def find_check(self, commit: str, name: str, external_id: str) -> tuple[int, str] | None:
        """The check run of that name on a commit that carries our `external_id`."""
        path = f"{self._base}/commits/{commit}/check-runs"
        answer = self._ask(Kind.READ, "GET", path, parameters={"check_name": name, "per_page": 100})
        with shaped("the question for check runs"):
            for run in fields_of(answer).objects("check_runs"):
                if run.text_or_none("external_id") == external_id:
                    number = run.number("id")
                    return number, self._check_url(number)
        return None

    # --- what the event does not say -----------------------------------------------------------

    def merge_base(self, base: str, head: str) -> str:
        """The best common ancestor of a branch and a commit (G-5)."""
        path = f"{self._base}/compare/{quote(base, safe='')}...{quote(head, safe='')}"
        answer = self._ask(Kind.READ, "GET", path, parameters={"per_page": 1})
        with shaped("the question for the merge base"):
            commit = fields_of(answer).object("merge_base_commit").text("sha")
            if not _COMMIT.fullmatch(commit):
                raise FieldError("merge_base_commit.sha", "is not 40 or 64 hex digits")
        return commit

    def open_pulls(self, head_repository: str, branch: str) -> Iterator[Fields]:
        """The open pull requests from a branch of a repository, a fork's too (G-6)."""
        owner = head_repository.partition("/")[0]
        parameters = {"state": "open", "head": f"{owner}:{branch}"}
        yield from self._pages(f"{self._base}/pulls", parameters)

    def reviews(self, number: int) -> Iterator[Fields]:
        """The reviews of a pull request, oldest first (G-34)."""
        yield from self._pages(f"{self._base}/pulls/{number}/reviews", {})

    # --- asking --------------------------------------------------------------------------------

    @property
    def _base(self) -> str:
        return f"/repos/{self._repository}"

    def _our_comments(self, pull: int, nodes: Iterator[Fields]) -> Iterator[Posted]:
        """The comments we wrote, not minimised, that may begin with a marker (G-16)."""
        for node in nodes:
            body = node.text("body")
            ours = node.flag("viewerDidAuthor") and not node.flag("isMinimized")
            if ours and body.startswith(_OURS):
                name = _number(node.text("url"))
                url = self._comment_url(pull, name)
                yield Posted(id=name, node=node.text("id"), url=url, body=body)

    def _comment_url(self, pull: int, comment: int) -> str:
        """Built by us and never GitHub's own word for it: it becomes an output (G-13)."""
        return f"{self._site}/pull/{pull}#issuecomment-{comment}"

    def _check_url(self, number: int) -> str:
        return f"{self._site}/runs/{number}"

    def _pages(self, path: str, parameters: Mapping[str, Any]) -> Iterator[Fields]:
        for page in range(1, _PAGES + 1):
            query = {**parameters, "per_page": 100, "page": page}
            items = self._ask(Kind.READ, "GET", path, parameters=query)
            if not isinstance(items, list):
                raise ApiError(f"GitHub answered {path} with something else than a list")
            yield from Fields({"items": items}).objects("items")
            if len(items) < 100:
                return

    def _conversation_page(self, number: int, after: str | None) -> Fields:
        owner, _, name = self._repository.partition("/")
        given = {"owner": owner, "name": name, "number": number, "after": after}
        data = self._query(Kind.READ, _CONVERSATION, given)
        with shaped("the question for the comments"):
            repository = data.object_or_none("repository")
            pull = repository.object_or_none("pullRequest") if repository else None
        if pull is None:
            raise ForbiddenError(f"pull request {number} is not visible to the token", 404)
        return pull

    def _query(self, kind: Kind, query: str, variables: Mapping[str, Any]) -> Fields:
        body = {"query": query, "variables": dict(variables)}
        answer = self._ask(kind, "POST", self._graphql, body)
        with shaped("a question in GraphQL"):
            return fields_of(answer).object("data")

    def _ask(
        self,
        kind: Kind,
        verb: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        parameters: Mapping[str, Any] | None = None,
    ) -> Any:
        """One request, repeated as its kind allows; the decoded answer."""
        for attempt in itertools.count(1):
            if kind is not Kind.READ:
                self._pace()
            outcome = self._send(verb, path, body, parameters)
            if kind is not Kind.READ:
                self._wrote = time.monotonic()
            if outcome.problem is None:
                return outcome.value
            log.debug("%s %s: %s", verb, path, outcome.said)
            self._refuse(kind, verb, outcome)
            if attempt == self._manners.tries or not self._wait(outcome, attempt):
                said = f"GitHub did not take {verb} {path}: {outcome.said}"
                raise ApiError(said, outcome.status)
        raise AssertionError("counting never ends")

    def _refuse(self, kind: Kind, verb: str, outcome: Outcome) -> None:
        """Raise what no second try would change."""
        said = f"GitHub answered {verb}: {outcome.said}"
        hidden = outcome.status == 404 and verb != "GET"
        if outcome.problem is Problem.FORBIDDEN or hidden:
            raise ForbiddenError(said, outcome.status)
        if outcome.problem is Problem.REFUSED:
            raise ApiError(said, outcome.status)
        if outcome.problem is Problem.BROKEN and kind is Kind.CREATE:
            raise DoubtfulError(said, outcome.status)

    def _send(
        self,
        verb: str,
        path: str,
        body: Mapping[str, Any] | None,
        parameters: Mapping[str, Any] | None,
    ) -> Outcome:
        """One request over the wire, judged."""
        self.calls += 1
        try:
            status, headers, text = self._github.requester.requestJson(
                verb, path, dict(parameters or {}), None, dict(body) if body is not None else None
            )
        except (requests.RequestException, RuntimeError, ValueError) as error:
            # NOTE: RuntimeError and ValueError are the library's for a redirect it cannot follow.
            return Outcome(problem=Problem.BROKEN, said=type(error).__name__)
        return judge(status, {key.lower(): value for key, value in headers.items()}, str(text))

    def _pace(self) -> None:
        """Writes come one at a time, a second apart (G-39)."""
        if self._wrote is not None:
            left = self._wrote + self._manners.between_writes - time.monotonic()
            if left > 0:
                self._manners.sleep(left)

    def _wait(self, outcome: Outcome, attempt: int) -> bool:
        """Wait as GitHub asks, or a little longer each time; False where patience is at its end."""
        seconds = outcome.wait
        if seconds is None:
            seconds = self._manners.backoff * attempt
        if self._waited + seconds > self._manners.patience:
            return False
        self._waited += seconds
        self._manners.sleep(seconds)
        return True


def _number(url: str) -> int:
    """REST's id of a comment, from its address.

    NOTE: GraphQL's `databaseId` is an Int and new ids are over 2^31; `fullDatabaseId` is unknown to
    older servers.
    """
    _, _, number = url.rpartition("#issuecomment-")
    if not (number.isascii() and number.isdecimal()):
        raise FieldError("url", "names no comment")
    return int(number)
