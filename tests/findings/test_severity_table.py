"""More of F-9 to F-17 in small tables: what random changes found, and lines and contexts that the
worked examples do not show.
"""

from __future__ import annotations

from reviewer.findings import Place, Preferences, Severity, SeverityEntry
from tests.findings.manifests import (
    WEB,
    admits,
    allows,
    block,
    compared,
    deny,
    graded,
    pods,
    policy,
    rules,
    workload,
)


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


def test_unseen_pods_lose_their_isolation_as_workloads_do() -> None:
    """F-9, `lost-isolation`: a default deny that denies no more, of pods that are elsewhere."""
    before = policy("data/all", "", "policyTypes: [Ingress, Egress]")
    after = policy("data/all", "", "policyTypes: [Egress]")
    found = compared(before, after, exposure="auto").findings
    assert [(each.rule, each.severity.word, each.count) for each in found] == [
        ("lost-isolation", "high", 3)
    ]
    [lost] = found
    assert "any pod of data" in lost.message
    assert lost.workloads == ()


RAISED = Preferences(severities=(SeverityEntry("flow", None, None, None, Severity.HIGH),))


def test_a_raised_row_of_an_unreported_new_workload_has_the_next_speaker() -> None:
    """F-21, section 4: each row of medium or above is spoken for by exactly one finding; a new
    workload on the host's network has none of its own, so its rows have the next that fits."""
    host = workload("shop/agent", "app=agent", host=True)
    assert rules(WEB, WEB + host) == []
    said = compared(WEB, WEB + host, preferences=RAISED)
    spoken = sorted(at for each in said.findings for at in each.rows)
    assert spoken == [
        at for at, row in enumerate(said.delta.opened) if said.grades[at].line != "R16"
    ]
    assert {each.rule for each in said.findings} == {"metadata-service-reachable", "world-ingress"}


def test_metadata_is_private_as_a_source_of_an_entry() -> None:
    """F-10, F-20, F-21: `from: private` has the row; towards it, `to: private` has not."""
    shut = deny("shop", "Ingress", "Egress")
    address = block("169.254.169.254/32")
    entries = (
        SeverityEntry("flow", (Place.PRIVATE,), None, None, Severity.CRITICAL),
        SeverityEntry("flow", None, (Place.PRIVATE,), None, Severity.CRITICAL),
    )
    raised = Preferences(severities=entries)
    entering = WEB + shut + admits("shop/p", "app=web", address, ports="TCP/8080")
    assert graded(WEB + shut, entering, preferences=raised) == [
        "169.254.169.254/32 -> shop/web critical config"
    ]
    leaving = WEB + shut + allows("shop/p", "app=web", address, ports="TCP/443")
    assert graded(WEB + shut, leaving, preferences=raised) == [
        "shop/web -> 169.254.169.254/32 low R22"
    ]


def test_one_admin_port_of_one_cause_is_one_finding() -> None:
    """`admin-port-open`: its key has the port that it is about, not others beside it."""
    shut = deny("shop", "Ingress", "Egress")
    both = policy(
        "shop/p",
        "app=web",
        "{policyTypes: [Ingress], ingress: [{from: [{ipBlock: {cidr: 44.0.0.0/8}}],"
        " ports: [{port: 22}]}]}",
    )
    added = both + admits("shop/q", "app=web", block("44.0.0.0/9"), ports="TCP/9000")
    found = compared(WEB + shut, WEB + shut + added)
    assert len(found.delta.opened) == 2
    said = [each.message for each in found.findings if each.rule == "admin-port-open"]
    assert len(said) == len(set(said)) == 1


def test_a_renamed_workload_stands_for_paths() -> None:
    """F-17, F-31: a new way to a successor is new, one that its predecessor had is not."""
    edge = workload("shop/edge", "app=edge", 8080)
    shut = deny("shop", "Ingress", "Egress")
    opened = admits("shop/w", "app=edge", block("0.0.0.0/0"), ports="TCP/8080") + policy(
        "shop/e", "app=edge", "{policyTypes: [Egress], egress: [{}]}"
    )
    old = workload("shop/db", "app=store", 5432, image="db:1")
    new = workload("shop/data", "app=store", 5432, image="db:2")
    way = admits("shop/db", "app=store", pods("app=edge"), ports="TCP/5432")

    def paths(base: str, head: str) -> int:
        found = compared(edge + shut + opened + base, edge + shut + opened + head)
        return sum(each.rule == "transit-path-opened" for each in found.findings)

    assert paths(old, old + way) == 1
    assert paths(old, new + way) == 1
    assert paths(old + way, new + way) == 0


def test_renamed_workloads_stand_for_the_blast_radius() -> None:
    """F-17, `blast-radius-grown`: three renamed workloads that open are three more."""
    shut = deny("shop", "Ingress", "Egress")
    names = ("a", "b", "c")
    old = "".join(workload(f"shop/{n}", "app=x", 8080, image=f"{n}:1") for n in names)
    new = "".join(workload(f"shop/{n}2", "app=x", 8080, image=f"{n}:2") for n in names)
    world = admits("shop/x", "app=x", block("0.0.0.0/0"), ports="TCP/8080")
    assert "low blast-radius-grown" in rules(old + shut, new + shut + world)
    assert "low blast-radius-grown" not in rules(old + shut + world, new + shut + world)


def test_unseen_pods_of_the_namespace_are_its_other_workloads() -> None:
    """F-9, `new-workload-not-isolated`: an admin policy restricts the egress of pods that are
    elsewhere in the namespace; a new workload beside them with open egress is told of."""
    restricted = """---
apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata: {name: a}
spec:
  priority: 1
  subject:
    pods:
      namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: shop}}
      podSelector: {matchLabels: {app: elsewhere}}
  egress: [{action: Deny, to: [{networks: [0.0.0.0/0]}]}]
"""
    base = restricted + deny("shop")
    assert rules(base, base + WEB, exposure="auto") == ["low new-workload-not-isolated"]
    assert rules(base, base + WEB, exposure="never") == []


def test_a_workload_whose_own_replicas_are_denied_is_restricted() -> None:
    """F-14: "every workload" has the workload itself among them."""
    denied = """---
apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata: {name: a}
spec:
  priority: 1
  subject: {namespaces: {}}
  ingress: [{action: Deny, from: [{namespaces: {}}]}]
"""
    rows = graded(denied, denied + WEB)
    assert "0.0.0.0/0 -> shop/web medium R2" in rows


def test_a_removed_policy_speaks_for_the_rows_of_all_its_rules() -> None:
    """`policy-deleted-opens`, F-5: one for each policy, whichever rule had denied a row."""
    api = workload("shop/api", "app=api", 8081)
    removed = """---
apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata: {name: a}
spec:
  priority: 1
  subject: {namespaces: {matchLabels: {kubernetes.io/metadata.name: shop}}}
  ingress: [{action: Deny, from: [{namespaces: {}}], ports: [{portNumber: {port: 22}}]}]
  egress: [{action: Deny, to: [{networks: [0.0.0.0/0]}], ports: [{portNumber: {port: 80}}]}]
"""
    found = compared(WEB + api + removed, WEB + api)
    [said] = [each for each in found.findings if each.rule == "policy-deleted-opens"]
    loud = [at for at, g in enumerate(found.grades) if g.severity <= Severity.MEDIUM]
    assert sorted(said.rows) == loud
    assert len(loud) > 2
