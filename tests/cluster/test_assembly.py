"""From objects to a cluster: pods, labels, namespaces, the order of policies (S-20 to S-28)."""

from __future__ import annotations

import pytest

from reviewer.cluster import Cluster, Settings, assemble
from tests.conformance.words import (
    HOST,
    anp,
    at,
    banp,
    cnp,
    ingress,
    np,
    pod,
    service,
    serving,
    space,
    workload,
)
from tests.manifests.kit import read_text

MINE = "ownerReferences: [{kind: ReplicaSet, name: a, controller: true}], labels:"


def cluster(text: str, settings: Settings | None = None) -> Cluster:
    return assemble(read_text(text), settings)


def replica(name: str, labels: str, spec: str = "{containers: [{name: c}]}") -> str:
    """A pod of the ReplicaSet `a`."""
    return pod(f"shop/{name}", labels, spec).replace("labels:", MINE)


PODS: list[tuple[str, str, int, dict[str, str]]] = [
    ("S-22 one", pod("shop/a", "app: a"), 1, {"app": "a"}),
    (
        "S-25 alike ones count once",
        replica("a-1", "app: a") + replica("a-2", "app: a"),
        1,
        {"app": "a"},
    ),
    (
        "S-25 labels they have alike",
        replica("a-1", "app: a, b: c") + replica("a-2", "app: a, b: d"),
        2,
        {"app": "a"},
    ),
    (
        "S-25 other ports are another pod",
        replica("a-1", "") + replica("a-2", "", serving("containerPort: 1")),
        2,
        {},
    ),
    (
        "S-25 another address",
        replica("a-1", "", at("10.0.0.1")) + replica("a-2", "", at("10.0.0.2")),
        2,
        {},
    ),
    (
        "S-25 its own template counts for labels",
        workload("ReplicaSet", "shop/a", "app: own") + replica("a-1", "app: other"),
        2,
        {"app": "own"},
    ),
    (
        "S-9 S-25 two of one generated name are one endpoint",
        pod("shop/a", "app: a, b: c").replace("name: a,", "generateName: a-,")
        + pod("shop/a", "app: a, b: d").replace("name: a,", "generateName: a-,"),
        2,
        {"app": "a"},
    ),
    (
        "S-25 replicas that nobody tells apart",
        workload("StatefulSet", "shop/a", "app: a", "replicas: 1000000"),
        1,
        {"app": "a"},
    ),
    (
        "S-25 an ordinal that a policy names",
        workload("StatefulSet", "shop/a", "app: a", "replicas: 9")
        + np("shop/p", "{podSelector: {matchLabels: {apps.kubernetes.io/pod-index: '3'}}}"),
        2,
        {"app": "a"},
    ),
    (
        "S-25 or a Service",
        workload("StatefulSet", "shop/a", "app: a", "replicas: 9")
        + service("shop/s", "statefulset.kubernetes.io/pod-name: a-0", "port: 1"),
        2,
        {"app": "a"},
    ),
    (
        "S-25 or a peer",
        workload("StatefulSet", "shop/a", "app: a", "replicas: 9")
        + np(
            "shop/p",
            "{ingress: [{}, {from: [{podSelector: {matchLabels: {apps.kubernetes.io/pod-index: "
            "'3'}}}, {ipBlock: {cidr: 0.0.0.0/0}}]}]}",
        ),
        2,
        {"app": "a"},
    ),
]


@pytest.mark.parametrize(
    ("text", "count", "labels"), [p[1:] for p in PODS], ids=[p[0] for p in PODS]
)
def test_pods(text: str, count: int, labels: dict[str, str]) -> None:
    (found,) = cluster(text).workloads
    assert (len(found.pods), dict(found.labels)) == (count, labels)


def test_facts_of_owned_pods_are_merged() -> None:
    """S-25: each once, in order."""
    ports = serving("name: a, containerPort: 1"), serving("name: b, containerPort: 2")
    (found,) = cluster(replica("a-1", "", ports[0]) + replica("a-2", "", ports[1])).workloads
    assert [each.name for each in found.declared] == ["a", "b"]
    assert found.id == "shop/a[ReplicaSet]"
    assert len(found.objects) == 2


def test_host_network_where_every_pod_is() -> None:
    """S-27."""
    all_, some = replica("a-1", "", HOST), replica("a-2", "")
    assert cluster(all_).workloads[0].host_network
    assert not cluster(all_ + some).workloads[0].host_network


NAMESPACES: list[tuple[str, str, dict[str, dict[str, str]]]] = [
    ("S-20 an object is in it", pod("shop/a"), {"shop": {}}),
    ("S-20 a policy is in it", np("shop/p", "{}"), {"shop": {}}),
    ("S-20 a Namespace object", space("shop", "team: x"), {"shop": {"team": "x"}}),
    (
        "S-20 its name cannot be overridden",
        space("shop", "kubernetes.io/metadata.name: x"),
        {"shop": {}},
    ),
    (
        "S-20 a Service and an entry too",
        service("a/s", "", "port: 1") + ingress("b/i", "s", "number: 1"),
        {"a": {}, "b": {}},
    ),
    ("S-20 none of cluster-scoped kinds", anp("a", 1, "subject: {namespaces: {}}"), {}),
]


@pytest.mark.parametrize(
    ("text", "expected"), [n[1:] for n in NAMESPACES], ids=[n[0] for n in NAMESPACES]
)
def test_namespaces(text: str, expected: dict[str, dict[str, str]]) -> None:
    found = cluster(text).namespaces
    named = {n: {**more, "kubernetes.io/metadata.name": n} for n, more in expected.items()}
    assert {name: dict(each.labels) for name, each in found.items()} == named


def test_configured_namespaces() -> None:
    """S-20: labels that no manifest writes; a Namespace object counts more."""
    settings = Settings(namespaces={"shop": {"team": "x"}, "ops": {"team": "y"}})
    found = cluster(pod("shop/a") + space("ops", "team: z"), settings).namespaces
    assert found["shop"].labels["team"] == "x"
    assert found["ops"].labels["team"] == "z"
    assert (found["shop"].origin, found["ops"].origin is None) == (None, False)


def test_order_of_policies() -> None:
    """S-64, S-65: by tier, priority, kind and name; the BANP is the last."""
    rule = "subject: {namespaces: {}}, ingress: [{action: Deny, from: [{namespaces: {}}]}]"
    text = (
        banp(rule)
        + cnp("b", "Baseline", 1000, rule)
        + np("shop/p", "{}")
        + cnp("a", "Admin", 5, rule)
        + anp("z", 5, rule)
        + anp("w", 9, rule)
        + anp("x", 5, rule)
    )
    assert [str(p.ref) for p in cluster(text).policies] == [
        "AdminNetworkPolicy x",
        "AdminNetworkPolicy z",
        "ClusterNetworkPolicy a",
        "AdminNetworkPolicy w",
        "NetworkPolicy shop/p",
        "ClusterNetworkPolicy b",
        "BaselineAdminNetworkPolicy default",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["no-workloads", "no-policies"]),
        (pod("shop/a"), ["no-policies"]),
        (np("shop/p", "{}"), ["no-workloads"]),
        (pod("shop/a") + np("shop/p", "{}"), []),
    ],
    ids=["S-90 nothing", "S-90 no policies", "S-90 no workloads", "S-90 both"],
)
def test_empty_targets(text: str, expected: list[str]) -> None:
    assert [each.code for each in cluster(text).diagnostics] == expected
