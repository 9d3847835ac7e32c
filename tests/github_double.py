"""A stateful GitHub on loopback (T-22): REST, GraphQL and git over http, with scripted faults.

    with GitHubDouble() as github:
        github.open_pull(7, head=SHA)
        ... run the client against github.api_url, github.graphql_url, github.url ...
        assert [comment.body for comment in github.comments] == [...]

It keeps pulls, comments, check runs and reviews, records each exchange, and on leaving holds every
one of them, request and answer, to GitHub's own descriptions (tests/github_extract.py).
"""

from __future__ import annotations

import base64
import json
import re
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

import graphql

from tests import github_answers as answers
from tests.github_extract import (
    GIT,
    GRAPHQL,
    INVALID,
    Exchange,
    faults,
    find_operation,
    graphql_schema,
)
from tests.github_http import git_backend, read_body

TOKEN = "ghs_doubleTokenCanary00000000000000000000"
BOT = "github-actions[bot]"
NOT_ACCESSIBLE = "Resource not accessible by integration"
BODY_LIMIT = 65_536
COMMENT_LIMIT = 2_500


@dataclass(kw_only=True)
class Fault:
    """What goes wrong with the next `times` requests of an operation.

    `operation` is GitHub's operation id, `graphql`, `graphql/minimizeComment`, `git` or `*`. With
    a `status` that answer is given, with `drop` the connection closes without one. `effect` says
    whether the request is carried out all the same: a 502 after a create that worked is
    `Fault(operation="issues/create-comment", status=502, effect=True)`.
    """

    operation: str
    status: int | None = None
    message: str = "Server Error"
    headers: Mapping[str, str] = field(default_factory=dict)
    drop: bool = False
    effect: bool = False
    delay: float = 0.0
    times: int = 1
    errors: list[dict[str, Any]] | None = None
    raw: bytes | None = None

    @property
    def answers_itself(self) -> bool:
        """Whether it replaces the answer; a mere delay does not."""
        return self.status is not None or self.drop or self.errors is not None


@dataclass(kw_only=True)
class Comment:
    """One comment of a pull request."""

    id: int
    pull: int
    body: str
    author: str = BOT
    minimized: str | None = None

    @property
    def node_id(self) -> str:
        """The id GraphQL knows it by."""
        return f"IC_{self.id}"


@dataclass(kw_only=True)
class Pull:
    """One pull request; `head_repository` None is a deleted fork."""

    number: int
    head: str
    state: str = "OPEN"
    branch: str = "change"
    base: str = "main"
    head_repository: str | None = "octo/shop"
    locked: bool = False


@dataclass(kw_only=True)
class Review:
    """One review of a pull request, in the order they were given."""

    id: int
    pull: int
    login: str
    state: str
    commit: str


@dataclass(kw_only=True)
class Call:
    """One REST request, taken apart."""

    arguments: tuple[str, ...]
    query: Mapping[str, str]
    body: Any
    login: str


class QuietServer(ThreadingHTTPServer):
    """A server whose clients may hang up without a word on standard error."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that broke is recorded by what it did not do."""


class GitHubDouble:
    """The server and its state; one for each test, on a port of its own."""

    def __init__(self, repository: str = "octo/shop", tls: ssl.SSLContext | None = None) -> None:
        self.repository = repository
        self._scheme = "https" if tls else "http"
        self.git_root: Path | None = None
        self.private = False
        self.compare_with: Callable[[str, str], str] | None = None
        self.tokens = {TOKEN: BOT}
        self.denied: set[str] = set()
        self.pulls: dict[int, Pull] = {}
        self.comments: list[Comment] = []
        self.reviews: list[Review] = []
        self.check_runs: list[dict[str, Any]] = []
        self.exchanges: list[Exchange] = []
        self.faults: list[Fault] = []
        self.before: Callable[[str], None] | None = None
        self.lock = threading.RLock()
        self._next = 3_000_000_000  # NOTE: over 2^31, as on github.com: databaseId is an Int
        self._server = ThreadingHTTPServer(
            ("127.0.0.1", 0), type("OneHandler", (Handler,), {"github": self})
        )
        if tls is not None:
            self._server.socket = tls.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)
        if kind is None:
            self.check()

    @property
    def url(self) -> str:
        """The server's root, what GITHUB_SERVER_URL says."""
        return f"{self._scheme}://127.0.0.1:{self._server.server_address[1]}"

    @property
    def api_url(self) -> str:
        """What GITHUB_API_URL says."""
        return f"{self.url}/api/v3"

    @property
    def graphql_url(self) -> str:
        """What GITHUB_GRAPHQL_URL says."""
        return f"{self.url}/api/graphql"

    # --- what a test prepares ------------------------------------------------------------------

    def open_pull(self, number: int, head: str, **values: Any) -> Pull:
        """A pull request; of the same number it replaces the one before (a push)."""
        self.pulls[number] = Pull(number=number, head=head, **values)
        return self.pulls[number]

    def add_comment(self, pull: int, body: str, author: str = BOT, **values: Any) -> Comment:
        """A comment that is already there."""
        comment = Comment(id=self.next_id(), pull=pull, body=body, author=author, **values)
        self.comments.append(comment)
        return comment

    def add_review(self, pull: int, login: str, state: str, commit: str) -> Review:
        """A review that is already there."""
        review = Review(id=self.next_id(), pull=pull, login=login, state=state, commit=commit)
        self.reviews.append(review)
        return review

    def script(self, *given: Fault) -> None:
        """What will go wrong, in this order for each operation."""
        self.faults += given

    def next_id(self) -> int:
        """A number never given before."""
        with self.lock:
            self._next += 1
            return self._next

    # --- what a test asks ----------------------------------------------------------------------

    def live(self, key: str = "default") -> list[Comment]:
        """Our comments with a key that a reader still sees, oldest first."""
        marker = re.compile(rf"<!-- netpol-reviewer:v1 key={re.escape(key)} ")
        return [
            comment
            for comment in self.comments
            if comment.author == BOT and not comment.minimized and marker.match(comment.body)
        ]

    def calls(self) -> list[str]:
        """The operations of the API that were asked for, in order; git is none."""
        return [one.operation for one in self.exchanges if one.operation != GIT]

    def check(self) -> None:
        """Hold every exchange to GitHub's description. Raises: AssertionError."""
        found = [fault for exchange in self.exchanges for fault in faults(exchange)]
        assert not found, "\n".join(found)

    # --- answering -----------------------------------------------------------------------------

    def take_fault(self, operation: str) -> Fault | None:
        """The next scripted fault of an operation."""
        with self.lock:
            names = {
                operation,
                GRAPHQL if operation.startswith(GRAPHQL) else "",
                "*",
            }
            for fault in self.faults:
                if fault.operation in names and not (operation == GIT and fault.operation == "*"):
                    fault.times -= 1
                    if fault.times <= 0:
                        self.faults.remove(fault)
                    return fault
        return None

    def login(self, headers: Mapping[str, str]) -> str | None:
        """Who asks, by the token; None for a bad one."""
        kind, _, value = headers.get("Authorization", "").partition(" ")
        if kind.lower() == "basic":
            value = base64.b64decode(value).decode().partition(":")[2]
        return self.tokens.get(value)

    def rest(self, exchange: Exchange, login: str) -> tuple[int, Any]:
        """Carry out one REST request."""
        split = urlsplit(exchange.target)
        known = find_operation(exchange.method, split.path.removeprefix("/api/v3"))
        if known is None:
            return 404, answers.error("Not Found")
        operation, arguments = known
        if f"{arguments[0]}/{arguments[1]}" != self.repository:
            return 404, answers.error("Not Found")
        if operation.method != "GET" and self.denied & {"write", operation.id.split("/")[0]}:
            exchange.scripted = True
            return 403, answers.error(NOT_ACCESSIBLE)
        call = Call(
            arguments=tuple(map(unquote, arguments[2:])),
            query={name: values[0] for name, values in parse_qs(split.query).items()},
            body=json.loads(exchange.body) if exchange.body else None,
            login=login,
        )
        with self.lock:
            return answers.HANDLERS[operation.id](self, call)

    def graphql(self, exchange: Exchange, login: str) -> tuple[int, Any]:
        """Carry out one GraphQL request by GitHub's own schema."""
        with self.lock:
            result = graphql.graphql_sync(
                graphql_schema(),
                exchange.json["query"],
                root_value=answers.graphql_root(self, login),
                variable_values=exchange.json.get("variables"),
            )
        formatted: dict[str, Any] = dict(result.formatted)
        for problem, error in zip(formatted.get("errors", ()), result.errors or (), strict=True):
            problem["type"] = getattr(error.original_error, "kind", INVALID)
        return 200, formatted


def graphql_operation(body: bytes) -> str:
    """`graphql`, or `graphql/NAME` for a mutation."""
    match = re.search(r"mutation\b[^{]*\{\s*(\w+)", json.loads(body)["query"])
    return f"{GRAPHQL}/{match[1]}" if match else GRAPHQL


def operation_of(method: str, target: str, body: bytes) -> str:
    """The operation a request is, empty where nobody knows it."""
    path = urlsplit(target).path
    if path == "/api/graphql":
        return graphql_operation(body)
    if path.startswith("/api/v3"):
        known = find_operation(method, path.removeprefix("/api/v3"))
        return known[0].id if known else ""
    return GIT


class Handler(BaseHTTPRequestHandler):
    """One request of the double named by `github`; a subclass for each double."""

    github: GitHubDouble
    protocol_version = "HTTP/1.1"
    # NOTE: head and body are two writes, and the client's delayed ACK would cost 40 ms each time.
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the exchanges are recorded."""

    def answer(self) -> None:
        """One request of any method."""
        body = read_body(self)
        exchange = Exchange(
            method=self.command,
            target=self.path,
            operation=operation_of(self.command, self.path, body),
            headers=dict(self.headers.items()),
            body=body,
        )
        if self.github.before is not None:
            self.github.before(exchange.operation)
        fault = self.github.take_fault(exchange.operation)
        with self.github.lock:
            self.github.exchanges.append(exchange)
        if fault is not None and fault.delay:
            time.sleep(fault.delay)
        try:
            self.carry_out(exchange, fault)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = answer  # noqa: N815 (the names http.server calls)

    def carry_out(self, exchange: Exchange, fault: Fault | None) -> None:
        """Do what was asked, or what the script says."""
        login = self.github.login(exchange.headers)
        replaced = fault is not None and fault.answers_itself
        exchange.scripted = replaced
        status, value = 0, None
        if exchange.operation == GIT and not replaced:
            git_backend(self, self.github.git_root, exchange, login, private=self.github.private)
            return
        if not replaced or (fault is not None and fault.effect):
            exchange.effect = True
            status, value = self.effect(exchange, login)
            exchange.scripted = exchange.scripted or status == 401
        if fault is not None and fault.drop:
            self.close_connection = True
            return
        if fault is not None and replaced:
            if fault.errors is not None:
                status, value = 200, {"data": None, "errors": fault.errors}
            else:
                status, value = fault.status or 500, answers.error(fault.message)
        self.send(exchange, status, value, fault)

    def effect(self, exchange: Exchange, login: str | None) -> tuple[int, Any]:
        """The answer of an undisturbed GitHub."""
        if login is None:
            return 401, answers.error("Bad credentials")
        if exchange.operation.startswith(GRAPHQL):
            return self.github.graphql(exchange, login)
        return self.github.rest(exchange, login)

    def send(self, exchange: Exchange, status: int, value: Any, fault: Fault | None) -> None:
        """Put an answer on the wire and on record."""
        data = b"" if value is None else json.dumps(value).encode()
        if fault is not None and fault.raw is not None:
            data = fault.raw
        exchange.status, exchange.answer = status, data
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        for name, text in (fault.headers if fault is not None else {}).items():
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(data)
