"""One GitHub, repository and workspace, on which the whole Action is run in this process."""

from __future__ import annotations

import logging
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reviewer.action import main
from reviewer.publish import CleanStream, Manners
from tests import events
from tests.git_repository import Content, GitRepository
from tests.github_double import TOKEN, GitHubDouble
from tests.runner import Command, read_log, read_outputs

Files = dict[str | bytes, Content]
CANARY = "c2VjcmV0LWNhbmFyeQ=="
PODS = "".join(
    f"---\napiVersion: v1\nkind: Pod\n"
    f"metadata: {{name: {name}, namespace: shop, labels: {{app: {name}}}}}\n"
    for name in ("web", "db", "mail")
)
CLOSED = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec:
  podSelector: {matchLabels: {app: db}}
  policyTypes: [Ingress]
  ingress:
    - from: [{podSelector: {matchLabels: {app: web}}}]
      ports: [{port: 5432}]
"""
OPENED = CLOSED.replace(
    "- from: [{podSelector: {matchLabels: {app: web}}}]\n      ports", "- ports"
)
SECRET = f"---\n{{apiVersion: v1, kind: Secret, metadata: {{name: s}}, data: {{key: {CANARY}}}}}\n"
BASE: Files = {"k8s/pods.yaml": PODS + SECRET, "k8s/db.yaml": CLOSED}
HEAD: Files = {"k8s/pods.yaml": PODS + SECRET, "k8s/db.yaml": OPENED}
QUICK = Manners(between_writes=0.0, backoff=0.0)


@dataclass
class Ran:
    """What a step left behind."""

    code: int
    outputs: dict[str, str]
    summary: str
    commands: list[Command]
    text: str


class Stage:
    """One GitHub, one repository, one workspace; runs the Action as often as asked.

    `variables` are set over the runner's own; None takes one away.
    """

    def __init__(self, github: GitHubDouble, folder: Path, capture: Any) -> None:
        self.github, self.folder, self.capture = github, folder, capture
        self.variables: dict[str, str | None] = {}
        self.origin = GitRepository(folder / "server")
        github.git_root = folder / "server"
        github.compare_with = lambda base, head: self.origin.git("merge-base", base, head)
        self.base = self.origin.ref("refs/heads/main", self.origin.commit(BASE))
        self.head, self.merge = self.push(HEAD)

    def push(self, files: Files, merged: Files | None = None, **pull: Any) -> tuple[str, str]:
        """A commit on the branch of pull request 7, and its test merge."""
        head = self.origin.commit(files, [self.base])
        tip = self.origin.git("rev-parse", "refs/heads/main")
        merge = self.origin.pull(7, tip, head, files if merged is None else merged)
        self.github.open_pull(7, head=head, **pull)
        self.head, self.merge = head, merge
        return head, merge

    def run(self, event: str = "pull_request", payload: Any = None, **inputs: str) -> Ran:
        """One step; the event is about pull request 7 as it stands."""
        if payload is None:
            payload = events.pull_request(head=self.head)
        inputs = {"github_token": TOKEN} | inputs
        environ = events.environment(event, payload, self.folder, self.github.url, **inputs)
        environ["GITHUB_SHA"] = self.merge if event == "pull_request" else self.base
        for name in ("output", "summary"):
            (self.folder / name).write_text("", encoding="utf-8")
        for name, value in self.variables.items():
            environ.pop(name, None)
            if value is not None:
                environ[name] = value
        self.capture.readouterr()
        while isinstance(sys.stderr, CleanStream):  # what the run before put there
            sys.stderr = sys.stderr._stream
        code = main(environ, QUICK)
        told = self.capture.readouterr()
        text = (self.folder / "output").read_text(encoding="utf-8")
        return Ran(
            code=code,
            outputs=read_outputs(text),
            summary=(self.folder / "summary").read_text(encoding="utf-8"),
            commands=read_log(told.out + told.err),
            text=told.out + told.err,
        )


@contextmanager
def set_stage(folder: Path, capture: Any) -> Iterator[Stage]:
    """A stage; what the Action changes about this process is put back afterwards."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    root = logging.getLogger()
    before, stderr = root.handlers[:], sys.stderr
    folder.chmod(0o755)
    try:
        with GitHubDouble() as github:
            yield Stage(github, folder, capture)
    finally:
        root.handlers[:] = before
        sys.stderr = stderr
        for number, handler in handlers.items():
            signal.signal(number, handler)
