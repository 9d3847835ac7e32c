"""Which added workload is a removed one under another name or kind: renaming launders nothing
(F-17).
"""

from __future__ import annotations

from collections.abc import Iterable

from reviewer.cluster import Workload


def successors(removed: Iterable[Workload], added: Iterable[Workload]) -> dict[str, str]:
    """Added id to removed id. O(n log n) in both."""
    gone = sorted(removed, key=lambda w: w.id)
    come = sorted(added, key=lambda w: w.id)
    found = _by_name(gone, come)
    taken = set(found.values())
    before, after = _alone(gone), _alone(come)
    for signature, new in after.items():
        old = before.get(signature)
        if old and new and new not in found and old not in taken:
            found[new] = old
            taken.add(old)
    return found


def _by_name(gone: list[Workload], come: list[Workload]) -> dict[str, str]:
    """Equal names: only the kind changed."""
    names: dict[tuple[str, str], list[str]] = {}
    for each in gone:
        names.setdefault((each.namespace, each.name), []).append(each.id)
    found: dict[str, str] = {}
    for each in come:
        waiting = names.get((each.namespace, each.name))
        if waiting:
            found[each.id] = waiting.pop(0)
    return found


Signature = tuple[str, frozenset[str], frozenset[tuple[int, str]]]


def _alone(workloads: list[Workload]) -> dict[Signature, str]:
    """Workloads that alone have their images and container ports in their namespace; "" where
    there are several. One without an image is like no other."""
    found: dict[Signature, str] = {}
    for each in workloads:
        if each.images:
            ports = frozenset((p.number, p.protocol) for p in each.declared)
            signature = (each.namespace, frozenset(each.images), ports)
            found[signature] = "" if signature in found else each.id
    return found
