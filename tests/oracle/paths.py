"""New transit paths and the blast radius (F-30, F-31 and the paths table of section 4).

Written from findings.md alone, over workloads one by one instead of classes: a shortest way needs
no two workloads that nothing tells apart.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.oracle import severity_facts as facts
from tests.oracle.severity import Graded, Row, Side

SOURCES = ("internet", "ingress-controller")


@dataclass(slots=True)
class Graph:
    """One side: who reaches whom in one hop, and where that hop is at a sensitive port."""

    side: Side
    flows: Sequence[Row]
    config: Mapping[str, Any]
    edges: dict[str, set[str]] = field(default_factory=dict)
    sensitive: set[tuple[str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        """All flows as edges; the internet's are those with R1 or R2."""
        graded = Graded(self.side, self.side, self.flows, (), self.config, audit=True)
        for row in self.flows:
            start, stop = self.start(graded, row), facts.end_key(row["destination"])
            if start is None or stop not in self.side.known:
                continue
            self.edges.setdefault(start, set()).add(stop)
            if any(
                graded.sensitive(stop, packet, width > 100)
                for packet, width in graded.atoms.of(row["ports"])
            ):
                self.sensitive.add((start, stop))

    def start(self, graded: Graded, row: Row) -> str | None:
        """The node that a flow leaves."""
        if "ingress_controller" in row["source"]:
            return "ingress-controller"
        if "cidrs" in row["source"]:
            return "internet" if {1, 2} & set(graded.lines(row)) else None
        key = facts.end_key(row["source"])
        return key if key in self.side.known else None

    def ways(self, source: str, target: str, most: int) -> list[tuple[str, ...]]:
        """The shortest ways to a target whose last hop is at a sensitive port, without the ends."""
        level: list[tuple[str, ...]] = [()]
        seen = {source, target}
        for _ in range(most):
            found = [w for w in level if ((w or (source,))[-1], target) in self.sensitive]
            if found:
                return found
            longer = [
                (*way, other)
                for way in level
                for other in sorted(self.edges.get((way or (source,))[-1], ()))
                if other not in seen
            ]
            seen |= {way[-1] for way in longer}
            level = longer
        return []

    def reached(self, source: str) -> set[str]:
        """All that a source reaches in any number of hops."""
        found: set[str] = set()
        waiting = [source]
        while waiting:
            for other in self.edges.get(waiting.pop(), ()):
                if other not in found:
                    found.add(other)
                    waiting.append(other)
        return found


def opened_towards(change: Graded, head: Graph, target: str) -> bool:
    """F-72: what only closes opens no path, though a narrower row may make its port matter; so
    some row that opened leads to the target, or to what reaches it."""
    landed = {facts.end_key(row["destination"]) for row in change.opened}
    return target in landed or any(target in head.reached(one) for one in landed)


def new_paths(change: Graded, base: Graph, head: Graph) -> list[tuple[str, str, tuple[str, ...]]]:
    """F-31: source, target and what lies between, by length, then target, then source."""
    most = change.config.get("transit", {}).get("max-hops", 4)
    found = []
    for source in SOURCES:
        for target in head.side.known:
            if not change.standing(target):
                continue
            ways = head.ways(source, target, most)
            before = base.ways(source, change.before_key(target), most)
            if ways and ways[0] and not before and opened_towards(change, head, target):
                found.append((source, target, min(ways)))
    return sorted(found, key=lambda one: (len(one[2]), one[1], one[0] != "internet"))


def radius(change: Graded, base: Graph, head: Graph) -> tuple[str, int, int, int] | None:
    """`blast-radius-grown`: severity, before, now, of how many standing workloads."""
    standing = {key: change.before_key(key) for key in head.side.known if change.standing(key)}
    after, before = head.reached("internet"), base.reached("internet")
    now = sum(key in after for key in standing)
    then = sum(old in before for old in standing.values())
    if now - then < 3:
        return None
    medium = now - then >= 5 and 2 * now >= 3 * then
    return "medium" if medium else "low", then, now, len(standing)
