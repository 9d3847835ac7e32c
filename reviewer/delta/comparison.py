"""Head compared with base: the whole delta of two snapshots."""

from __future__ import annotations

from reviewer.engine import Snapshot

from .beyond import AllCauses
from .flows import Comparison
from .policies import changed_policies
from .types import Delta, WorkloadChanges


def compare(base: Snapshot, head: Snapshot) -> Delta:
    """What head opens and closes, and why; both snapshots are over one universe (`reach`)."""
    policies = changed_policies(base.cluster.policies, head.cluster.policies, head.texts)
    opened = AllCauses(base.reachability, head.reachability, policies, opened=True)
    closed = AllCauses(head.reachability, base.reachability, policies, opened=False)
    rows = Comparison(base.reachability, head.reachability, opened, closed).rows()
    return Delta(
        opened=rows.opened,
        closed=rows.closed,
        unchanged=rows.unchanged,
        workloads=_workloads(base, head),
        policies=policies,
    )


def _workloads(base: Snapshot, head: Snapshot) -> WorkloadChanges:
    before = {each.id: each for each in base.cluster.workloads}
    after = {each.id: each for each in head.cluster.workloads}
    return WorkloadChanges(
        added=tuple(sorted(after.keys() - before.keys())),
        removed=tuple(sorted(before.keys() - after.keys())),
        relabelled=tuple(
            sorted(
                id for id in after.keys() & before.keys() if before[id].labels != after[id].labels
            )
        ),
    )
