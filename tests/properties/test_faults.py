"""Random schedules of API faults over create, edit, escalate and settle (200 with SCHEDULES=200).

Whatever GitHub does: never two live comments with one key once the faults are over, never a green
that should be red, never a lost report, never a run over its budget of calls and waiting.
"""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import Any

import pytest

from reviewer.publish import deliver
from reviewer.report.envelope import Dossier
from tests.github_double import BOT, Fault, GitHubDouble
from tests.publish.cases import (
    HEAD,
    OLD,
    Patience,
    make_client,
    make_dossier,
    make_event,
    make_green,
    outputs_of,
    with_head,
)

SCHEDULES = int(os.environ.get("SCHEDULES", "50"))
OPERATIONS = (
    "graphql", "graphql/minimizeComment", "issues/create-comment", "issues/update-comment",
    "issues/delete-comment", "checks/create", "checks/list-for-ref",
)  # fmt: skip
CALLS = 8
"""Of a run without faults (G-21); each may be tried three times."""
RED = make_dossier("opens `shop/db`")
SCENES: dict[str, tuple[Dossier | None, Dossier]] = {
    "create": (None, RED),
    "edit": (make_dossier("opens something else"), RED),
    "escalate": (make_green(moved=True), RED),
    "settle": (RED, make_green()),
}


def random_fault(rng: random.Random) -> Fault:
    """One thing that goes wrong, somewhere, a few times."""
    kinds: list[dict[str, Any]] = [
        {"status": rng.choice([500, 502, 503, 504]), "effect": rng.random() < 0.5},
        {"drop": True, "effect": rng.random() < 0.5},
        {"status": 429, "headers": {"Retry-After": str(rng.choice([1, 5, 30, 90]))}},
        {"status": 403, "message": "You have exceeded a secondary rate limit"},
        {
            "status": 403,
            "message": "API rate limit exceeded",
            "headers": {"X-RateLimit-Remaining": "0"},
        },
        {"status": 422, "message": "Validation Failed"},
        {"delay": 0.01},
        {"status": 200, "raw": b"<html>", "effect": rng.random() < 0.5},
        {"status": 201, "raw": b'{"id": "x"}', "effect": rng.random() < 0.5},
        {"errors": [{"type": "RATE_LIMIT", "message": "API rate limit already exceeded"}]},
    ]
    return Fault(
        operation=rng.choice(OPERATIONS), times=rng.choice([1, 1, 1, 2, 3, 9]), **rng.choice(kinds)
    )


def ours(github: GitHubDouble) -> list[Any]:
    """Our comments that carry a marker in their first line and are not folded."""
    return [one for one in github.live() if one.author == BOT]


@pytest.mark.parametrize("seed", range(SCHEDULES))
def test_a_schedule_of_faults(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    name = rng.choice(sorted(SCENES))
    before, after = SCENES[name]
    with GitHubDouble() as github:
        github.open_pull(7, head=OLD)
        event = make_event(github, tmp_path, head=OLD, comment="always")
        if before is not None:
            client = make_client(event)
            assert deliver(before, event, client).comment_status == "created"
            client.close()
        head = rng.choice([OLD, HEAD])
        github.open_pull(7, head=head)
        github.script(*(random_fault(rng) for _ in range(rng.randint(1, 5))))

        (tmp_path / "output").write_text("", encoding="utf-8")
        (tmp_path / "summary").write_text("", encoding="utf-8")
        run = with_head(event, head, 78)
        patience = Patience()
        client = make_client(run, patience)
        before_it = len(github.exchanges)
        delivery = deliver(after, run, client)
        since = github.exchanges[before_it:]
        client.close()

        # The verdict is what it was, and the whole report is in the summary.
        assert outputs_of(run)["verdict"] == after.verdict
        summary = (tmp_path / "summary").read_text(encoding="utf-8")
        assert after.summary.rstrip() in summary
        assert sum(patience.slept) <= 60.0
        assert client.calls <= 3 * CALLS
        # Nobody is told twice of one run, in the comments or in the checks.
        for operation in ("issues/create-comment", "checks/create"):
            assert sum(one.effect for one in since if one.operation == operation) <= 1
        alive = ours(github)
        if delivery.comment_status in ("created", "updated", "escalated", "unchanged"):
            # What we say was done was done, once.
            said = [one for one in alive if str(one.id) in delivery.comment_url]
            assert [f"verdict={after.verdict}" in one.body for one in said] == [True]
        if delivery.comment_status in ("created", "updated", "unchanged"):
            assert len(alive) == 1
        assert len(alive) <= 2

        # The next run, in better weather, leaves exactly one, and it says what is true.
        github.faults.clear()
        client = make_client(run)
        deliver(after, with_head(run, head, 79), client)
        client.close()
        (kept,) = ours(github)
        assert f"head={head}" in kept.body
        assert f"verdict={after.verdict}" in kept.body
