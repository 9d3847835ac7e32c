"""What would run (semantics.md section 2): workloads by owner, their pods, labels and ports."""

from __future__ import annotations

from typing import Any

import pytest

from tests import kit
from tests.conformance.words import (
    HOST,
    RUNS,
    at,
    codes,
    into,
    np,
    out_of,
    piece,
    pod,
    serving,
    space,
    workload,
)

WEB, DB = pod("shop/web", "app: web"), pod("shop/db", "app: db")
OWNED = "ownerReferences: [{kind: %s, name: %s, controller: true}]"


def template(labels: str) -> str:
    return f"template: {{metadata: {{labels: {{{labels}}}}}, spec: {RUNS}}}"


def ids(files: kit.Files) -> list[str]:
    return [each["id"] for each in kit.flows(files)["workloads"]]


def admits(selector: str) -> str:
    """A policy that lets the pods of this selector into the database."""
    return np(
        "shop/p",
        f"{{podSelector: {{matchLabels: {{app: db}}}}, ingress: [{{from: [{{podSelector: "
        f"{selector}}}]}}]}}",
    )


def names(labels: str) -> str:
    return f"{{matchLabels: {{{labels}}}}}"


def has(key: str) -> str:
    return f"{{matchExpressions: [{{key: {key}, operator: Exists}}]}}"


WORKLOADS: list[tuple[str, str, list[str]]] = [
    ("S-21 Deployment", workload("Deployment", "shop/a", "app: a"), ["shop/a[Deployment]"]),
    (
        "S-21 CronJob",
        piece(
            "batch/v1", "CronJob", "shop/a", f"{{jobTemplate: {{spec: {{{template('a: b')}}}}}}}"
        ),
        ["shop/a[CronJob]"],
    ),
    (
        "S-21 a kind nobody knows, with a pod template",
        workload("Machine", "shop/a", "app: a", api="example.org/v1"),
        ["shop/a[Machine]"],
    ),
    (
        "S-21 a kind nobody knows, without containers",
        piece("example.org/v1", "Machine", "shop/a", "{template: {spec: {}}}"),
        [],
    ),
    (
        "S-21 a Rollout that refers to a Deployment",
        workload("Deployment", "shop/a", "app: a")
        + piece(
            "argoproj.io/v1alpha1",
            "Rollout",
            "shop/r",
            "{workloadRef: {kind: Deployment, name: a}}",
        ),
        ["shop/a[Deployment]"],
    ),
    (
        "S-21 a Knative Configuration beside its Service",
        workload("Service", "shop/a", "app: a", api="serving.knative.dev/v1")
        + workload("Configuration", "shop/a", "app: a", api="serving.knative.dev/v1")
        + workload("Configuration", "shop/b", "app: b", api="serving.knative.dev/v1"),
        ["shop/a[Service]", "shop/b[Configuration]"],
    ),
    (
        "S-21 VirtualMachine",
        workload("VirtualMachine", "shop/a", "app: a", api="kubevirt.io/v1"),
        ["shop/a[VirtualMachine]"],
    ),
    ("S-21 PodTemplate runs nothing", piece("v1", "PodTemplate", "shop/a", template("a: b")), []),
    (
        "S-22 no replicas still count",
        workload("Deployment", "shop/a", "app: a", "replicas: 0"),
        ["shop/a[Deployment]"],
    ),
    ("S-22 a pod that has ended", pod("shop/a", "", "status: {phase: Succeeded}"), []),
    (
        "S-23 an owner that is not in the manifests",
        pod("shop/a-1").replace("labels:", OWNED % ("Deployment", "a") + ", labels:"),
        ["shop/a[Deployment]"],
    ),
    (
        "S-23 the last owner, through one that is there",
        pod("shop/a-1-2").replace("labels:", OWNED % ("ReplicaSet", "a-1") + ", labels:")
        + piece(
            "apps/v1", "ReplicaSet", "shop/a-1", f"{{{template('')}}}", OWNED % ("Deployment", "a")
        ),
        ["shop/a[Deployment]"],
    ),
    (
        "S-23 a Node owns no pod",
        pod("shop/a").replace("labels:", OWNED % ("Node", "node1") + ", labels:"),
        ["shop/a[Pod]"],
    ),
    (
        "S-23 only a controller owns",
        pod("shop/a").replace("labels:", "ownerReferences: [{kind: Deployment, name: x}], labels:"),
        ["shop/a[Pod]"],
    ),
    (
        "S-25 owned pods are one endpoint",
        pod("shop/a-1").replace("labels:", OWNED % ("ReplicaSet", "a") + ", labels:")
        + pod("shop/a-2").replace("labels:", OWNED % ("ReplicaSet", "a") + ", labels:"),
        ["shop/a[ReplicaSet]"],
    ),
]


@pytest.mark.parametrize(
    ("files", "expected"), [w[1:] for w in WORKLOADS], ids=[w[0] for w in WORKLOADS]
)
def test_workloads(files: str, expected: list[str]) -> None:
    assert ids(files) == expected


STATEFUL = workload("StatefulSet", "shop/s", "app: s", "replicas: 3")
JOB = workload("Job", "shop/j", "app: j", api="batch/v1")
SELECTED: list[tuple[str, str, list[str]]] = [
    (
        "S-20 a namespace has its name as a label",
        pod("ops/job", "app: job")
        + DB
        + np(
            "shop/p",
            "{podSelector: {}, ingress: [{from: [{namespaceSelector: "
            "{matchLabels: {kubernetes.io/metadata.name: ops}}}]}]}",
        ),
        ["ops/job -> shop/db: all"],
    ),
    (
        "S-20 which cannot be written otherwise",
        pod("ops/job", "app: job")
        + DB
        + space("ops", "kubernetes.io/metadata.name: shop")
        + np(
            "shop/p",
            "{podSelector: {}, ingress: [{from: [{namespaceSelector: "
            "{matchLabels: {kubernetes.io/metadata.name: ops}}}]}]}",
        ),
        ["ops/job -> shop/db: all"],
    ),
    (
        "S-22 only the template's labels count",
        workload("Deployment", "shop/a", "app: a", "selector: {matchLabels: {app: web}}")
        + DB
        + admits(names("app: web")),
        [],
    ),
    (
        "S-24 pod-template-hash is there",
        workload("Deployment", "shop/a", "app: a") + DB + admits(has("pod-template-hash")),
        ["shop/a -> shop/db: all"],
    ),
    (
        "S-24 and equals no written value",
        workload("Deployment", "shop/a", "app: a") + DB + admits(names("pod-template-hash: abc")),
        [],
    ),
    (
        "S-24 a Deployment has no revision hash",
        workload("Deployment", "shop/a", "app: a") + DB + admits(has("controller-revision-hash")),
        [],
    ),
    (
        "S-24 an ordinal by its pod name",
        STATEFUL + DB + admits(names("statefulset.kubernetes.io/pod-name: s-2")),
        ["shop/s -> shop/db: all"],
    ),
    (
        "S-24 an ordinal that is beyond the replicas",
        STATEFUL + DB + admits(names("statefulset.kubernetes.io/pod-name: s-3")),
        [],
    ),
    (
        "S-24 ordinals begin where the set says",
        workload("StatefulSet", "shop/s", "app: s", "replicas: 1, ordinals: {start: 5}")
        + DB
        + admits(names("apps.kubernetes.io/pod-index: '5'")),
        ["shop/s -> shop/db: all"],
    ),
    (
        "S-24 zero replicas count as one",
        workload("StatefulSet", "shop/s", "app: s", "replicas: 0")
        + DB
        + admits(names("apps.kubernetes.io/pod-index: '0'")),
        ["shop/s -> shop/db: all"],
    ),
    ("S-24 a Job's name", JOB + DB + admits(names("job-name: j")), ["shop/j -> shop/db: all"]),
    (
        "S-24 none of a Job with its own selector",
        JOB.replace("{template", "{manualSelector: true, template")
        + DB
        + admits(names("batch.kubernetes.io/job-name: j")),
        [],
    ),
    (
        "S-24 a CronJob's Jobs have names nobody knows",
        piece("batch/v1", "CronJob", "shop/j", f"{{jobTemplate: {{spec: {{{template('a: b')}}}}}}}")
        + DB
        + admits(names("job-name: j")),
        [],
    ),
    (
        "S-24 a DaemonSet",
        workload("DaemonSet", "shop/d", "app: d") + DB + admits(has("pod-template-generation")),
        ["shop/d -> shop/db: all"],
    ),
    (
        "S-24 a VirtualMachine",
        workload("VirtualMachine", "shop/v", "app: v", api="kubevirt.io/v1")
        + DB
        + admits(names("vm.kubevirt.io/name: v, kubevirt.io: virt-launcher")),
        ["shop/v -> shop/db: all"],
    ),
    (
        "S-24 a DeploymentConfig",
        workload("DeploymentConfig", "shop/d", "app: d", api="apps.openshift.io/v1")
        + DB
        + admits(names("deploymentconfig: d")),
        ["shop/d -> shop/db: all"],
    ),
    (
        "S-24 over anything the template says",
        workload("Deployment", "shop/a", "pod-template-hash: abc")
        + DB
        + admits(names("pod-template-hash: abc")),
        [],
    ),
    (
        "S-24 nothing for owned objects",
        pod("shop/a-1", "app: a").replace("labels:", OWNED % ("Deployment", "a") + ", labels:")
        + DB
        + admits(has("pod-template-hash")),
        [],
    ),
    (
        "S-25 a workload may what one of its pods may",
        pod("shop/a-1", "app: web").replace("labels:", OWNED % ("ReplicaSet", "a") + ", labels:")
        + pod("shop/a-2").replace("labels:", OWNED % ("ReplicaSet", "a") + ", labels:")
        + DB
        + admits(names("app: web")),
        ["shop/a -> shop/db: all"],
    ),
    (
        "S-27 no selector matches a host-network pod",
        pod("shop/host", "app: web", HOST) + DB + admits("{}"),
        [],
    ),
]


@pytest.mark.parametrize(
    ("files", "expected"), [s[1:] for s in SELECTED], ids=[s[0] for s in SELECTED]
)
def test_who_is_selected(files: str, expected: list[str]) -> None:
    assert into(files) == expected


def test_isolated_when_every_pod_is() -> None:
    """S-25: one of two pods that nobody selects leaves the workload unisolated."""
    mine = OWNED % ("ReplicaSet", "a") + ", labels:"
    one = pod("shop/a-1", "app: web").replace("labels:", mine)
    policy = np("shop/p", "{podSelector: {matchLabels: {app: web}}}")
    alone = kit.flows(one + policy)["workloads"]
    both = kit.flows(one + pod("shop/a-2").replace("labels:", mine) + policy)["workloads"]
    assert [each["isolated"]["ingress"] for each in alone + both] == [True, False]
    assert [each["labels"] for each in alone + both] == [{"app": "web"}, {}]


BY_NAME = np("shop/p", "{podSelector: {matchLabels: {app: db}}, ingress: [{ports: [{port: sql}]}]}")


def init(more: str = "") -> str:
    port = "ports: [{name: sql, containerPort: 5432}]"
    return f"{{initContainers: [{{name: i, {port}{more}}}], containers: [{{name: c}}]}}"


PORTS: list[tuple[str, str, list[str]]] = [
    ("S-26 TCP where absent", serving("name: sql, containerPort: 5432"), ["TCP 5432"]),
    ("S-26 a sidecar's port counts", init(", restartPolicy: Always"), ["TCP 5432"]),
    ("S-26 another init container's does not", init(), []),
    (
        "S-27 names do not resolve on a host-network pod",
        serving("name: sql, containerPort: 1").replace("{cont", "{hostNetwork: true, cont"),
        ["all"],
    ),
]


@pytest.mark.parametrize(("spec", "expected"), [p[1:] for p in PORTS], ids=[p[0] for p in PORTS])
def test_container_ports(spec: str, expected: list[str]) -> None:
    found = into(WEB + pod("shop/db", "app: db", spec) + BY_NAME)
    assert found == [
        f"{end} -> shop/db: {ports}"
        for end in ("shop/web", "0.0.0.0/0", "::/0")
        for ports in expected
    ]


def test_ports_that_containers_declare_limit_nothing() -> None:
    """S-26."""
    files = WEB + pod("shop/db", "app: db", serving("containerPort: 80"))
    assert into(files)[0] == "shop/web -> shop/db: all"


def block(cidr: str) -> str:
    return np(
        "shop/p",
        f"{{podSelector: {{matchLabels: {{app: db}}}}, ingress: [{{from: [{{ipBlock: {{cidr: "
        f"'{cidr}'}}}}]}}]}}",
    )


ADDRESSES: list[tuple[str, str, str, list[str]]] = [
    (
        "S-27 to others a host-network pod is an address of a node",
        pod("shop/host", "app: web", HOST) + DB,
        "10.0.0.0/8",
        [],
    ),
    (
        "S-27 which every address is",
        pod("shop/host", "app: web", HOST) + DB,
        "0.0.0.0/0",
        ["shop/host -> shop/db: all"],
    ),
    (
        "S-28 a known address",
        pod("shop/web", "", at("10.1.2.3")) + DB,
        "10.1.2.0/24",
        ["shop/web -> shop/db: all"],
    ),
    ("S-28 an unknown one is in the ranges", WEB + DB, "10.0.0.0/8", []),
    (
        "S-28 no IPv6 unless known",
        WEB + pod("shop/db", "app: db", at("fd00::1")),
        "::/0",
        [],
    ),
    (
        "S-28 both known in IPv6",
        pod("shop/web", "", at("fd00::2")) + pod("shop/db", "app: db", at("fd00::1")),
        "fd00::/8",
        ["shop/web -> shop/db: all"],
    ),
]


@pytest.mark.parametrize(
    ("files", "cidr", "expected"), [a[1:] for a in ADDRESSES], ids=[a[0] for a in ADDRESSES]
)
def test_addresses(files: str, cidr: str, expected: list[str]) -> None:
    assert [row for row in into(files + block(cidr)) if row.startswith("shop/")] == expected


SAID: list[tuple[str, str, list[str]]] = [
    (
        "S-20 labels nobody knows",
        WEB + np("shop/p", "{ingress: [{from: [{namespaceSelector: {matchLabels: {team: a}}}]}]}"),
        ["namespace-labels-unknown 10"],
    ),
    (
        "S-27 a policy selects a host-network pod",
        pod("shop/host", "app: web", HOST) + np("shop/p", "{}"),
        ["host-network-selected 7"],
    ),
]


@pytest.mark.parametrize(("files", "expected"), [s[1:] for s in SAID], ids=[s[0] for s in SAID])
def test_said(files: str, expected: list[str]) -> None:
    assert codes(files) == expected


def test_no_policy_has_a_host_network_pod_as_subject() -> None:
    """S-27: it is an endpoint all the same, never isolated."""
    files = pod("shop/web", "", HOST) + DB + np("shop/p", "{policyTypes: [Ingress, Egress]}")
    found: dict[str, Any] = kit.flows(files)["workloads"][1]
    assert (found["id"], found["isolated"]) == (
        "shop/web[Pod]",
        {"ingress": False, "egress": False},
    )
    assert out_of(files) == ["shop/web -> 0.0.0.0/0: all", "shop/web -> ::/0: all"]
