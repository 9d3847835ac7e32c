"""transit-path-opened: a way over several hops leads to something sensitive (F-31)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from reviewer.delta import Cause, PathEdge, TransitPath
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
    asked = {pair for path in paths for pair, edge in _steps(path) if edge.opened}
    because = {
        pair: row.because
        for row in scene.delta.opened
        if (pair := (row.source, row.destination)) in asked
    }
    for at, path in enumerate(paths):
        left_out = scene.search.left_out if at == len(paths) - 1 else 0
        yield _report(path, left_out, because)


Pair = tuple[Endpoint, Endpoint]


def _steps(path: TransitPath) -> Iterator[tuple[Pair, PathEdge]]:
    """The edges of a path with their ends."""
    chain: list[Endpoint] = [path.source, *map(WorkloadEndpoint, path.via), path.destination]
    yield from zip(pairwise(chain), path.edges, strict=True)


def _report(path: TransitPath, left_out: int, because: dict[Pair, tuple[Cause, ...]]) -> Finding:
    """The finding of a path, at the edit behind the first edge that opened."""
    causes = (because.get(pair) for pair, edge in _steps(path) if edge.opened)
    found = next((each for each in causes if each), None)
    cause = opening(found) if found else None
    ends = [label(path.source), label(path.destination)]
    return finding(
        RULE,
        Severity.MEDIUM,
        ends,
        {"from": ends[0], "to": ends[1], "via": path.via, "left_out": left_out},
        workloads=(*path.via, ends[1]),
        **({"origin": cause.origin, "side": cause.side} if cause else {}),
    )


CHECK = Check(
    id=RULE,
    title="A way over several hops opens",
    modes=DIFF,
    run=run,
)
