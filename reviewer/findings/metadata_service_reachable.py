"""metadata-service-reachable: a workload can ask the cloud for credentials (R17)."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.base import spans
from reviewer.engine import ExternalEndpoint
from reviewer.manifests import BlockPeer, Rule

from .reach import grouped, label, speak, workloads
from .speakers import METADATA
from .types import BOTH, Check, Finding, Scene, Spoken


def run(scene: Scene) -> Iterator[Finding]:
    """One finding for each source and cause."""
    for (source, cause), flows in grouped(
        scene.spoken.get(METADATA, ()), lambda f: (label(f.source), f.where.key)
    ):
        yield speak(
            scene,
            METADATA,
            flows,
            [source, cause],
            {"workloads": (source,)},
            workloads=workloads(flow.source for flow in flows),
            fix=_fix(scene, flows),
        )


def _fix(scene: Scene, flows: list[Spoken]) -> str | None:
    """The `except` to write, where an `ipBlock` of one rule did it."""
    where = flows[0].where
    policy = next(
        (p for p in scene.facts.head.policies.values() if p.ref.path == where.object), None
    )
    rule = next((r for r in policy.rules if r.name == where.rule), None) if policy else None
    gained = [
        address
        for flow in flows
        if isinstance(flow.destination, ExternalEndpoint)
        for address in scene.facts.zoning.cut(flow.destination.addresses).metadata.cidrs()
    ]
    if rule is None or not gained or not _by_block(scene, rule):
        return None
    return f"except {' and '.join(sorted(set(gained)))} in {where.rule} of {where.object}"


def _by_block(scene: Scene, rule: Rule) -> bool:
    """Whether the metadata service is in a block of the rule."""
    held = scene.facts.zoning.metadata
    return any(
        isinstance(peer, BlockPeer)
        and any(spans.meets(block.spans, held[block.family].spans) for block in peer.blocks)
        for peer in rule.peers or ()
    )


CHECK = Check(
    id=METADATA,
    title="The cloud metadata service can be reached",
    modes=BOTH,
    run=run,
)
