"""What a selector that selects nothing probably meant (F-35)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from reviewer.base.labels import UNKNOWN, Labels, Operator, Requirement, Selector
from reviewer.cluster import Workload

FARTHEST = 2


def near_miss(asked: Selector, workloads: Iterable[Workload]) -> str:
    """The label `k=v` that one of these workloads carries and the selector just misses, "" if there
    is none: least distance, then most workloads, then text. O(workloads × requirements)."""
    distances: dict[str, int] = {}
    carriers: dict[str, int] = {}
    for workload in workloads:
        seen: set[str] = set()
        for pod in workload.pods:
            for label, distance in _misses(asked, pod.labels):
                distances[label] = min(distance, distances.get(label, distance))
                seen.add(label)
        for label in seen:
            carriers[label] = carriers.get(label, 0) + 1
    if not distances:
        return ""
    return min(distances, key=lambda label: (distances[label], -carriers[label], label))


def _misses(asked: Selector, labels: Labels) -> Iterable[tuple[str, int]]:
    """The labels that stand where the one failing requirement asks for others."""
    failing = [each for each in asked if not each.holds(labels)]
    if len(failing) != 1 or failing[0].operator is not Operator.IN:
        return
    wanted: Requirement = failing[0]
    found = labels.get(wanted.key)
    for value in wanted.values:
        if not value:
            continue
        if found is not None and found != UNKNOWN:
            distance = apart(value, found)
            if distance <= FARTHEST and 3 * distance <= len(value):
                yield f"{wanted.key}={found}", distance
        for key, other in labels.items():
            if other == value and key != wanted.key:
                yield f"{key}={other}", 0


def nearest(written: str, candidates: Iterable[str]) -> str:
    """The candidate that is nearest to what was written, within the same bounds; "" if none is."""
    found = [(apart(written, each), each) for each in candidates]
    near = [each for each in found if each[0] <= FARTHEST and 3 * each[0] <= len(written)]
    return min(near)[1] if near else ""


def apart(one: str, other: str) -> int:
    """The Damerau-Levenshtein distance (adjacent letters may be swapped once); a number over 2
    where it is over 2. O(length²) for texts that are alike, else O(length)."""
    if abs(len(one) - len(other)) > FARTHEST:
        return FARTHEST + 1
    before: Sequence[int] = ()
    last: Sequence[int] = range(len(other) + 1)
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(other, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        if min(row) > FARTHEST < min(last):
            return FARTHEST + 1  # every later number comes of these two rows
        before, last = last, row
    return last[-1]
