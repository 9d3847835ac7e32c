"""Payloads for every row of pull-request.md section 2, made by editing GitHub's own examples.

Each builder gives a payload that GitHub's webhook schema accepts; `payload_faults` holds it to
that. Cases that no schema knows (`schedule`) are small and written by hand.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.github_extract import example_payload, payload_faults

Payload = dict[str, Any]
HEAD = "a" * 40
ZERO = "0" * 40
REPOSITORY = "octo/shop"

_NEEDED: dict[str, Payload] = {
    "synchronize": {"before": "1" * 40, "after": HEAD},
    "edited": {"changes": {"base": {"ref": {"from": "old"}, "sha": {"from": "2" * 40}}}},
}
"""What a payload of that action carries besides."""


def rename(node: Any, full_name: str) -> Any:
    """A repository object under another name."""
    owner, name = full_name.split("/")
    return node | {"full_name": full_name, "name": name, "owner": node["owner"] | {"login": owner}}


def repository(payload: Payload) -> Payload:
    """A payload that is about our repository, installed nowhere."""
    payload.pop("installation", None)
    return payload | {"repository": rename(payload["repository"], REPOSITORY)}


def edit_pull(pull: Payload, values: Mapping[str, Any]) -> Payload:
    """A pull request as a payload shows it; `head_repository` None is a deleted fork."""
    head_repository = values.get("head_repository", REPOSITORY)
    head = pull["head"] | {
        "sha": values.get("head", HEAD),
        "ref": values.get("branch", "change"),
        "repo": rename(pull["base"]["repo"], head_repository) if head_repository else None,
    }
    base = pull["base"] | {
        "ref": values.get("base", "main"),
        "sha": values.get("base_sha", "3" * 40),
        "repo": rename(pull["base"]["repo"], REPOSITORY),
    }
    state = {"mergeable": values.get("mergeable")} if "mergeable" in pull else {}
    return pull | {
        "number": values.get("number", 7),
        "state": values.get("state", "open"),
        "draft": values.get("draft", False),
        "user": pull["user"] | {"login": values.get("author", "octocat")},
        "merge_commit_sha": values.get("merge"),
        "head": head,
        "base": base,
        "closed_at": "2026-01-02T03:04:05Z" if values.get("state") == "closed" else None,
        "merged_at": None,
        **state,
    }


def pull_request(action: str = "synchronize", **values: Any) -> Payload:
    """`pull_request` and `pull_request_target`; their payloads are alike."""
    payload = repository(example_payload("pull_request"))
    pull = edit_pull(payload["pull_request"], values)
    if action == "closed":
        pull["state"], pull["closed_at"] = "closed", "2026-01-02T03:04:05Z"
    more = _NEEDED.get(action, {})
    return payload | {"action": action, "number": pull["number"], "pull_request": pull} | more


def pull_request_review(**values: Any) -> Payload:
    """A submitted review."""
    payload = repository(example_payload("pull_request_review"))
    return payload | {"pull_request": edit_pull(payload["pull_request"], values)}


def merge_group(base: str, head: str) -> Payload:
    """A group of the merge queue that asks for its checks."""
    payload = repository(example_payload("merge_group"))
    group = payload["merge_group"] | {
        "base_sha": base,
        "head_sha": head,
        "base_ref": "refs/heads/main",
        "head_ref": f"refs/heads/gh-readonly-queue/main/pr-7-{base}",
    }
    return payload | {"action": "checks_requested", "merge_group": group}


def push(before: str, after: str, ref: str = "refs/heads/main") -> Payload:
    """A push; all zeros before is a new branch, after is a deleted one."""
    payload = repository(example_payload("push"))
    states = {"created": before == ZERO, "deleted": after == ZERO, "forced": False}
    return payload | {"ref": ref, "before": before, "after": after} | states


def workflow_run(event: str = "pull_request", **values: Any) -> Payload:
    """A finished workflow run; `pull_requests` is empty, as for forks."""
    payload = repository(example_payload("workflow_run"))
    run = payload["workflow_run"]
    head_repository = values.get("head_repository", "fork/shop")
    run |= {
        "event": event,
        "head_sha": values.get("head", HEAD),
        "head_branch": values.get("branch", "change"),
        "head_repository": rename(run["head_repository"], head_repository),
        "pull_requests": [],
    }
    return payload | {"action": "completed"}


def workflow_dispatch(**inputs: str) -> Payload:
    """A run started by hand."""
    payload = repository(example_payload("workflow_dispatch"))
    return payload | {"inputs": inputs or None, "ref": "refs/heads/main"}


def repository_dispatch(**client_payload: Any) -> Payload:
    """A run started by the API; GitHub's schema wants an installation."""
    payload = example_payload("repository_dispatch")
    renamed = rename(payload["repository"], REPOSITORY)
    return payload | {"repository": renamed, "client_payload": client_payload}


def schedule() -> Payload:
    """A run started by the clock: no webhook, so no schema."""
    payload = repository(example_payload("workflow_dispatch"))
    return {"schedule": "0 6 * * 1", "repository": payload["repository"]}


def faults(event: str, payload: Payload) -> list[str]:
    """What GitHub's schema says against a payload; the clock's has none."""
    if event == "schedule":
        return []
    return payload_faults("pull_request" if event == "pull_request_target" else event, payload)


def environment(
    event: str, payload: Any, folder: Path, url: str = "http://127.0.0.1:1", **inputs: str
) -> dict[str, str]:
    """The runner's environment of a job that this event started; inputs with underscores."""
    path = folder / "event.json"
    path.write_text(json.dumps(payload), encoding="utf-8")
    for name in ("output", "summary"):
        (folder / name).touch()
    (folder / "workspace").mkdir(exist_ok=True)
    runner = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_SERVER_URL": url,
        "GITHUB_API_URL": f"{url}/api/v3",
        "GITHUB_GRAPHQL_URL": f"{url}/api/graphql",
        "GITHUB_REPOSITORY": REPOSITORY,
        "GITHUB_EVENT_NAME": event,
        "GITHUB_EVENT_PATH": str(path),
        "GITHUB_SHA": "d" * 40,
        "GITHUB_RUN_ID": "77",
        "GITHUB_RUN_ATTEMPT": "1",
        "GITHUB_WORKSPACE": str(folder / "workspace"),
        "GITHUB_OUTPUT": str(folder / "output"),
        "GITHUB_STEP_SUMMARY": str(folder / "summary"),
    }
    given = {f"INPUT_{name.upper().replace('_', '-')}": value for name, value in inputs.items()}
    return runner | given
