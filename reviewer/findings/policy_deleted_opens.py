"""policy-deleted-opens: rows that are there only because a policy was removed."""

from __future__ import annotations

from collections.abc import Iterator

from .identity import LISTED
from .reach import grouped, ids, speak, workloads
from .speakers import DELETED
from .types import DIFF, Check, Finding, Scene, Spoken


def run(scene: Scene) -> Iterator[Finding]:
    """One finding for each removed policy."""
    refused = {
        item.object
        for item in scene.head.diagnostics
        if item.code in {"invalid-policy", "bad-type"}
    }
    for (kind, name), flows in grouped(scene.spoken.get(DELETED, ()), _policy):
        ends = [end for flow in flows for end in (flow.destination, flow.source)]
        reached = ids(flow.destination for flow in flows) or ids(flow.source for flow in flows)
        yield speak(
            scene,
            DELETED,
            flows,
            [kind, *name.partition("/")[::2]],
            {
                "policy": name,
                "kind": kind,
                "flows": len(flows),
                "workloads": reached[:LISTED],
                "refused": f"{kind} {name}" in refused,
            },
            workloads=workloads(ends),
            fix=f"restore {name}, or narrow what replaces it",
        )


def _policy(flow: Spoken) -> tuple[str, str]:
    """The policy behind a flow, whichever of its rules that was."""
    cause = flow.where.cause
    return cause.kind if cause else "NetworkPolicy", flow.where.object


CHECK = Check(
    id=DELETED,
    title="Removing a policy opens flows",
    modes=DIFF,
    run=run,
)
