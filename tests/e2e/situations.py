"""What may meet the container on GitHub: each situation with the end it must have (section 15).

A situation prepares the double and gives the step; how the step is run is the caller's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests import events
from tests.e2e.engine import StepError
from tests.e2e.runner import Outcome, Step
from tests.git_repository import Content, GitRepository
from tests.github_double import TOKEN, Fault, GitHubDouble
from tests.golden.shop import files
from tests.runner import read_log

PULL = 7
Files = dict[str | bytes, Content]
CANARY = "c2VjcmV0LWNhbmFyeQ=="
PODS = "".join(
    f"---\napiVersion: v1\nkind: Pod\n"
    f"metadata: {{name: {name}, namespace: shop, labels: {{app: {name}}}}}\n"
    for name in ("web", "orders-db")
)
SECRET = f"---\n{{apiVersion: v1, kind: Secret, metadata: {{name: s}}, data: {{k: {CANARY}}}}}\n"
CLOSED = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: orders-db, namespace: shop}
spec:
  podSelector: {matchLabels: {app: orders-db}}
  policyTypes: [Ingress]
  ingress:
    - from: [{podSelector: {matchLabels: {app: web}}}]
      ports: [{port: 5432}]
"""
OPENED = CLOSED.replace(
    "- from: [{podSelector: {matchLabels: {app: web}}}]\n      ports:", "- ports:"
)
BASE: Files = {"app.yaml": PODS + SECRET, "db.yaml": CLOSED}
HEAD: Files = {"app.yaml": PODS + SECRET, "db.yaml": OPENED}
GREEN = (
    f"<!-- netpol-reviewer:v1 key=default head={'c' * 40} worst=none verdict=success run=1.1 -->\n#"
)
PAGE = b"<!DOCTYPE html><title>Unicorn!</title>"
WRONG: Files = {".github/netpol-reviewer.yml": "version: 1\nnope: 1\n"}
RAN = "/github/workspace/RAN"
"""Made by whatever of the hostile tree is run."""
HOSTILE: Files = HEAD | {
    ".gitattributes": "* filter=evil diff=evil\n",
    ".gitmodules": '[submodule "s"]\n\tpath = s\n\turl = https://127.0.0.1:1/s\n',
    "s": ("160000", b"f" * 40),
    "link.yaml": ("120000", b"/proc/1/environ"),
    "lfs.yaml": "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
    "bare/HEAD": "ref: refs/heads/main\n",
    "bare/config": f'[core]\n\tbare = true\n\tfsmonitor = "touch {RAN}"\n\thooksPath = hooks\n',
    "bare/objects/x": "",
    "bare/refs/x": "",
    "bare/hooks/post-checkout": ("100755", f"#!/bin/sh\ntouch {RAN}\n".encode()),
    "kustomization.yaml": "resources: [https://127.0.0.1:1/evil?ref=x]\n",
    "--output=RAN.yaml": OPENED.replace("name: orders-db", "name: dash"),
    "::set-output name=verdict::success ##[add-mask]a\n::error::b.yaml": "a: [\n",
    "\u202ebidi\t\"'`|<b>.yaml": OPENED.replace("name: orders-db", 'name: "::error::x ##[error]y"'),
    b"\xff\xfe.yaml": "b: !!python/object/apply:os.system ['touch RAN']\n",
    "bomb.yaml": "a: &a [x]\n" + "".join(f"{n}: [*a, *a]\n" for n in range(2_000)),
    "deep.yaml": "[" * 200_000,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """One situation: the files of head, the event, what the server does, and the end."""

    head: Files = field(default_factory=lambda: HEAD)
    base: Files = field(default_factory=lambda: BASE)
    event: str = "pull_request"
    payload: Callable[[str, str], Mapping[str, Any]] | None = None
    prepare: Callable[[GitHubDouble], object] = lambda _: None
    inputs: Mapping[str, str] = field(default_factory=dict)
    code: int = 1
    outputs: Mapping[str, str | None] = field(default_factory=dict)
    comments: int = 0

    def step(self, github: GitHubDouble, root: Path) -> Step:
        """The double, its repository and its pull request, and the step to run."""
        github.git_root = root
        repository = GitRepository(root, github.repository)
        base = repository.commit(self.base)
        head = repository.commit(self.head, [base])
        repository.ref("refs/heads/main", base)
        repository.ref("refs/heads/change", head)
        merge = repository.pull(PULL, base, head, self.head)
        github.open_pull(PULL, head)
        self.prepare(github)
        made = self.payload or (lambda _, head: events.pull_request(head=head, merge=merge))
        sha = merge if self.event == "pull_request" else base
        return Step(
            github=github,
            event_name=self.event,
            event=made(base, head),
            sha=sha,
            inputs=self.inputs,
        )

    def check(self, outcome: Outcome, github: GitHubDouble) -> None:
        """Hold a run to the end of this situation. Raises: StepError."""
        told = {name: outcome.outputs.get(name) for name in self.outputs}
        if (outcome.code, told) != (self.code, dict(self.outputs)):
            raise StepError(f"exit {outcome.code}, {told}:\n{outcome.log}")
        if len(github.live()) != self.comments:
            raise StepError(f"{len(github.live())} comments")
        if outcome.leaked:
            raise StepError(f"file commands that we must not use: {outcome.leaked}")
        if strange := [path for path in outcome.files if not path.startswith("netpol-reviewer/")]:
            raise StepError(f"the workspace holds {strange}")
        said = [outcome.log, outcome.summary, *outcome.outputs.values()]
        said += [one.body.decode("utf-8", "replace") for one in github.exchanges]
        if any(canary in text for text in said for canary in (TOKEN, CANARY)):
            raise StepError("a canary was told")
        known = {"error", "warning", "notice", "debug", "group", "endgroup"}
        if odd := {one.name for one in read_log(outcome.log)} - known:
            raise StepError(f"the log holds commands that are not ours: {odd}")
        github.check()


def a_fork(_: str, head: str) -> Mapping[str, Any]:
    """The payload of a pull request from a fork."""
    return events.pull_request(head=head, head_repository="fork/shop")


def of_shop(case: str | None = None) -> Files:
    """The files of the imaginary shop, before or after one of its changes."""
    return dict(files(case).items())


SITUATIONS: Mapping[str, Situation] = {
    "pull request": Situation(
        outputs={"verdict": "failure", "comment-status": "created"}, comments=1
    ),
    "fork, read-only token": Situation(
        payload=a_fork,
        prepare=lambda github: github.denied.add("write"),
        outputs={"verdict": "failure", "comment-status": "forbidden"},
    ),
    "stale head": Situation(
        prepare=lambda github: github.open_pull(PULL, "f" * 40),
        outputs={"verdict": "failure", "comment-status": "stale"},
    ),
    "502 after a create that worked": Situation(
        prepare=lambda github: github.script(
            Fault(operation="issues/create-comment", status=502, effect=True)
        ),
        outputs={"verdict": "failure", "comment-status": "created"},
        comments=1,
    ),
    "hostile tree": Situation(
        head=HOSTILE,
        code=3,
        outputs={"verdict": "failure", "comment-status": "created"},
        comments=1,
    ),
    "lost name resolution": Situation(
        base=of_shop(),
        head=of_shop("lost-dns"),
        code=0,
        outputs={
            "verdict": "success",
            "opened": "38",
            "closed": "362",
            "unchanged": "136",
            "comment-status": "created",
        },
        comments=1,
    ),
    "nothing changed": Situation(
        head=BASE | {"README.md": "more"},
        code=0,
        outputs={"verdict": "success", "unchanged": "", "comment-status": "off"},
    ),
    "closed": Situation(payload=lambda _, head: events.pull_request("closed", head=head), code=0),
    "merge group": Situation(
        event="merge_group",
        payload=events.merge_group,
        outputs={"verdict": "failure", "compared": "branch", "comment-status": "off"},
    ),
    "push": Situation(
        event="push",
        payload=events.push,
        outputs={"verdict": "failure", "compared": "branch", "comment-status": "off"},
    ),
    "workflow run": Situation(
        event="workflow_run",
        payload=lambda _, head: events.workflow_run(head=head, head_repository="octo/shop"),
        outputs={"verdict": "failure", "comment-status": "created"},
        comments=1,
    ),
    "dispatch of two revisions": Situation(
        event="workflow_dispatch",
        payload=lambda _, __: events.workflow_dispatch(),
        inputs={"base": "main", "head": "change"},
        outputs={"verdict": "failure", "compared": "branch", "comment-status": "off"},
    ),
    "pull_request_target of a fork": Situation(
        event="pull_request_target",
        payload=a_fork,
        code=0,
        inputs={"fail-on": "never"},
        outputs={"verdict": "neutral", "compared": "merge", "comment-status": "created"},
        comments=1,
    ),
    "it got worse": Situation(
        prepare=lambda github: github.add_comment(PULL, GREEN),
        outputs={"verdict": "failure", "comment-status": "escalated"},
        comments=1,
    ),
    "pages in place of answers": Situation(
        prepare=lambda github: github.script(Fault(operation="*", status=200, raw=PAGE, times=99)),
        outputs={"verdict": "failure", "comment-status": "failed"},
    ),
    "no manifests on base": Situation(
        base={"README.md": "x"},
        outputs={"verdict": "failure", "closed": "0", "comment-status": "created"},
        comments=1,
    ),
    "configuration broken": Situation(
        base=BASE | WRONG, head=HEAD | WRONG, code=2, outputs={"verdict": None}
    ),
    "dispatch of nothing": Situation(
        event="workflow_dispatch",
        payload=lambda _, __: events.workflow_dispatch(),
        code=0,
        inputs={"fail-on": "never"},
        outputs={"compared": "audit", "comment-status": "off", "base-sha": ""},
    ),
    "audit by the clock": Situation(
        event="schedule",
        payload=lambda _, __: events.schedule(),
        code=0,
        inputs={"fail-on": "never"},
        outputs={"compared": "audit", "comment-status": "off", "base-sha": ""},
    ),
}
"""Each by its name; an output that is None is not there."""
