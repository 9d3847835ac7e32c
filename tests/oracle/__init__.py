"""A slow evaluator written from semantics.md alone, to hold the engine against (house.md, Tests).

It shares no code with the product. It takes pods one by one and judges one packet at every
boundary of ports and addresses; nothing in it is clever, so that each function can be read beside
its paragraph. `flows` and `diff` answer in the shapes of the output contract.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.oracle import diagnostics, entries, rows
from tests.oracle import exposure as unseen_pods
from tests.oracle.cluster import Settings, build
from tests.oracle.verdict import Judge

Files = Mapping[str, str | bytes]


@dataclass(frozen=True, slots=True)
class Sides:
    """The snapshots of one command, judged over the same packets and addresses."""

    judges: list[Judge]
    unseen: unseen_pods.Unseen
    maps: list[rows.FlowMap]

    def rows(self, flows: rows.FlowMap) -> list[rows.Row]:
        """What is printed of a map."""
        return rows.rows(unseen_pods.visible(self.unseen, flows))


def _sides(snapshots: list[Files], exposure: str, settings: dict[str, Any]) -> Sides:
    clusters = [build(files, Settings(**settings)) for files in snapshots]
    packets = rows.packets(clusters, entries.numbers(clusters))
    spans = rows.spans(clusters)
    judges = [Judge(cluster, packets) for cluster in clusters]
    unseen = unseen_pods.unseen(judges, exposure)
    maps = []
    for judge in judges:
        ends = rows.ends_of(judge.cluster)
        ends |= {end: [unseen.known[end]] for end in unseen.subjects}
        flows = rows.reach(judge, ends, spans)
        entries.add_rows(judge, flows)
        unseen_pods.add_rows(unseen, judge, ends, flows)
        maps.append(flows)
    return Sides(judges, unseen, maps)


def _workloads(judge: Judge) -> list[dict[str, Any]]:
    return [
        {
            "id": one.id,
            "namespace": one.namespace,
            "name": one.name,
            "kind": one.kind,
            "labels": one.labels,
            "isolated": rows.isolated(judge, one),
            "file": one.file,
            "line": one.line,
        }
        for one in sorted(judge.cluster.workloads.values(), key=lambda one: one.id)
    ]


def flows(files: Files, exposure: str = "auto", **settings: Any) -> dict[str, Any]:
    """The connectivity map of one snapshot: workloads, flows and diagnostics."""
    sides = _sides([files], exposure, settings)
    return {
        "workloads": _workloads(sides.judges[0]),
        "flows": sides.rows(sides.maps[0]),
        "diagnostics": diagnostics.of(sides.judges[0], sides.unseen),
    }


def diff(base: Files, head: Files, exposure: str = "auto", **settings: Any) -> dict[str, Any]:
    """What head opens and closes against base (S-71 to S-74), without causes and findings."""
    sides = _sides([base, head], exposure, settings)
    old, new = ({one.id: one for one in j.cluster.workloads.values()} for j in sides.judges)
    halves = {
        "opened": sides.rows(sides.maps[1].minus(sides.maps[0])),
        "closed": sides.rows(sides.maps[0].minus(sides.maps[1])),
    }
    for row in halves["opened"] + halves["closed"]:
        change = rows.workload_change(row, set(old), set(new))
        if change is not None:
            row["workload_change"] = change
    unchanged = sides.rows(sides.maps[0].common(sides.maps[1]))
    return {
        "summary": {
            "opened": len(halves["opened"]),
            "closed": len(halves["closed"]),
            "unchanged": len(unchanged),
        },
        **halves,
        "workloads": {
            "added": sorted(set(new) - set(old)),
            "removed": sorted(set(old) - set(new)),
            "relabelled": sorted(
                name for name in set(old) & set(new) if old[name].labels != new[name].labels
            ),
        },
        "diagnostics": _diagnostics(sides),
    }


def _diagnostics(sides: Sides) -> list[dict[str, Any]]:
    """Those of both sides, each saying on which side it stands (S-90)."""
    base, head = (diagnostics.of(judge, sides.unseen) for judge in sides.judges)
    both = [one for one in base if one in head]
    found = [{**one, "side": "both"} for one in both]
    found += [{**one, "side": "base"} for one in base if one not in both]
    return found + [{**one, "side": "head"} for one in head if one not in both]
