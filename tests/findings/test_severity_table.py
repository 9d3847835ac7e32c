"""More of F-9 to F-17 in small tables: what random changes found, and lines and contexts that the
worked examples do not show.
"""

from __future__ import annotations

from tests.findings.manifests import compared, policy, workload

WEB = workload("shop/web", "app=web", 8080)


def test_subjects_that_are_not_in_the_manifests_are_open_as_workloads_are() -> None:
    """F-9, F-14 C2: a policy of egress leaves its pods' ingress open to everyone; a new client of
    theirs is low, though their label is a word of F-12."""
    unseen = policy("data/out", "app=redis", "{policyTypes: [Egress], egress: [{}]}")
    found = compared(unseen, unseen + WEB, exposure="auto")
    rows = [
        (grade.severity.word, grade.rule, grade.context)
        for row, grade in zip(found.delta.opened, found.grades, strict=True)
        if getattr(row.source, "id", "") and getattr(row.destination, "pods", None)
    ]
    assert rows == [("low", "R11", "C2")]
