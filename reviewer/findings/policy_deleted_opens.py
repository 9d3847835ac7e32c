"""policy-deleted-opens: rows that are there only because a policy was removed."""

from __future__ import annotations

from collections.abc import Iterator

from .identity import LISTED
from .reach import grouped, ids, speak, workloads
from .speakers import DELETED
from .types import DIFF, Check, Finding, Scene


def run(scene: Scene) -> Iterator[Finding]:
    """One finding for each removed policy."""
    refused = {
        item.object
        for item in scene.head.diagnostics
        if item.code in {"invalid-policy", "bad-type"}
    }
    for (_, name), flows in grouped(
        scene.spoken.get(DELETED, ()), lambda f: (f.where.key, f.where.object)
    ):
        cause = flows[0].where.cause
        kind = cause.kind if cause else "NetworkPolicy"
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


CHECK = Check(
    id=DELETED,
    title="Removing a policy opens flows",
    modes=DIFF,
    run=run,
)
