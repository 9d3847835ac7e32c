"""transit-path-opened: a way over several hops leads to something sensitive (F-31)."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.delta import Cause, TransitPath
from reviewer.engine import Endpoint, WorkloadEndpoint

from .identity import finding
from .places import opening
from .reach import label
from .severity import Severity
from .types import DIFF, Check, Finding, Scene

RULE = "transit-path-opened"


def run(scene: Scene) -> Iterator[Finding]:
    """One finding for each path that is listed; the last counts those that are not."""
    paths = scene.search.paths
    if not paths or scene.delta is None:
        return
    because: dict[tuple[Endpoint, Endpoint], tuple[Cause, ...]] = {}
    for row in scene.delta.opened:
        because.setdefault((row.source, row.destination), row.because)
    for at, path in enumerate(paths):
        left_out = scene.search.left_out if at == len(paths) - 1 else 0
        yield _report(path, left_out, because)


def _report(
    path: TransitPath, left_out: int, because: dict[tuple[Endpoint, Endpoint], tuple[Cause, ...]]
) -> Finding:
    cause = _cause(path, because)
    ends = [label(path.source), label(path.destination)]
    return finding(
        RULE,
        Severity.MEDIUM,
        ends,
        {"from": ends[0], "to": ends[1], "via": path.via, "left_out": left_out},
        workloads=(*path.via, ends[1]),
        **({"origin": cause.origin, "side": cause.side} if cause else {}),
    )


def _cause(
    path: TransitPath, because: dict[tuple[Endpoint, Endpoint], tuple[Cause, ...]]
) -> Cause | None:
    """The edit behind the first edge that opened."""
    chain: list[Endpoint] = [path.source, *map(WorkloadEndpoint, path.via), path.destination]
    for start, stop, edge in zip(chain, chain[1:], path.edges, strict=False):
        found = because.get((start, stop))
        if edge.opened and found:
            return opening(found)
    return None


CHECK = Check(
    id=RULE,
    title="A way over several hops opens",
    modes=DIFF,
    run=run,
)
