"""Labels that controllers add, and which ordinals can be told apart (S-24, S-25)."""

from __future__ import annotations

import pytest

from reviewer.base.labels import UNKNOWN, Operator, Selector, requirement
from reviewer.cluster.controllers import (
    POD_INDEX,
    POD_NAME,
    UNNAMEABLE,
    Named,
    added_labels,
    is_stateful,
    ordinal_labels,
)
from tests.conformance.words import piece, workload
from tests.manifests.kit import read_text, workload_of


def added(text: str) -> dict[str, str]:
    (item,) = read_text(text).workloads
    return added_labels(item)


def job(more: str = "") -> str:
    return workload("Job", "shop/j", "app: j", more, "batch/v1")


UIDS = {"controller-uid": UNKNOWN, "batch.kubernetes.io/controller-uid": UNKNOWN}
INDEX = {"batch.kubernetes.io/job-completion-index": UNKNOWN}


def job_named(name: str) -> dict[str, str]:
    return {**UIDS, "job-name": name, "batch.kubernetes.io/job-name": name}


KRUISE = "apps.kruise.io/v1alpha1"
KNATIVE = "serving.knative.dev/v1"
ADDED: list[tuple[str, str, dict[str, str]]] = [
    ("S-24 ReplicaSet: none", workload("ReplicaSet", "shop/a", ""), {}),
    (
        "S-24 Deployment",
        workload("Deployment", "shop/a", ""),
        {"pod-template-hash": UNKNOWN},
    ),
    (
        "S-24 Rollout",
        workload("Rollout", "shop/a", "", api="argoproj.io/v1alpha1"),
        {"rollouts-pod-template-hash": UNKNOWN},
    ),
    ("S-24 Job", job(), job_named("j")),
    ("S-24 Indexed", job("completionMode: Indexed"), {**job_named("j"), **INDEX}),
    ("S-24 manualSelector", job("manualSelector: true, completionMode: Indexed"), INDEX),
    ("S-24 generateName", job().replace("name: j", "generateName: j-"), job_named(UNKNOWN)),
    (
        "S-24 CloneSet",
        workload("CloneSet", "shop/a", "", api=KRUISE),
        {
            "controller-revision-hash": UNKNOWN,
            "pod-template-hash": UNKNOWN,
            "apps.kruise.io/cloneset-instance-id": UNKNOWN,
        },
    ),
    (
        "S-24 Knative",
        workload("Service", "shop/a", "", api=KNATIVE),
        {
            "serving.knative.dev/service": "a",
            "serving.knative.dev/configuration": "a",
            "serving.knative.dev/revision": UNKNOWN,
        },
    ),
    (
        "S-24 DeploymentConfig",
        workload("DeploymentConfig", "shop/a", "", api="apps.openshift.io/v1"),
        {"deploymentconfig": "a", "deployment": UNKNOWN},
    ),
    (
        "S-24 VirtualMachineInstance: none",
        piece("kubevirt.io/v1", "VirtualMachineInstance", "shop/a"),
        {},
    ),
]


@pytest.mark.parametrize(("text", "expected"), [a[1:] for a in ADDED], ids=[a[0] for a in ADDED])
def test_added(text: str, expected: dict[str, str]) -> None:
    assert added(text) == expected
    assert {key for key, value in expected.items() if value == UNKNOWN} <= UNNAMEABLE | {
        "job-name",
        "batch.kubernetes.io/job-name",
        "deployment",
    }


def asking(key: str, *values: str, operator: Operator = Operator.IN) -> Selector:
    return Selector([requirement(key, operator, values)])


def stateful(more: str) -> str:
    return workload("StatefulSet", "shop/s", "app: s", more)


ORDINALS: list[tuple[str, list[Selector], str, list[int]]] = [
    ("S-25 nobody names one", [asking("app", "s-1")], "replicas: 90000", [0]),
    ("S-25 by name", [asking(POD_NAME, "s-2", "s-7")], "replicas: 5", [2, 0]),
    ("S-25 by index", [asking(POD_INDEX, "0", "1")], "replicas: 5", [0, 1, 2]),
    (
        "S-25 NotIn names too",
        [asking(POD_INDEX, "3", operator=Operator.NOT_IN)],
        "replicas: 5",
        [3, 0],
    ),
    ("S-25 all of them", [asking(POD_INDEX, "0", "1")], "replicas: 2", [0, 1]),
    ("S-25 Exists names none", [asking(POD_NAME, operator=Operator.EXISTS)], "replicas: 2", [0]),
    ("S-25 of another set", [asking(POD_NAME, "t-1", "s-x", "s-01")], "replicas: 3", [0]),
    ("S-25 no number", [asking(POD_INDEX, "one", "", "007", "²")], "replicas: 3", [0]),
    (
        "S-24 from where the set begins",
        [asking(POD_INDEX, "0", "5")],
        "replicas: 2, ordinals: {start: 5}",
        [5, 6],
    ),
]


@pytest.mark.parametrize(
    ("selectors", "more", "expected"), [o[1:] for o in ORDINALS], ids=[o[0] for o in ORDINALS]
)
def test_ordinals(selectors: list[Selector], more: str, expected: list[int]) -> None:
    item = workload_of(stateful(more))
    assert is_stateful(item)
    assert list(Named(selectors).ordinals(item)) == expected


def test_labels_of_an_ordinal() -> None:
    """S-24."""
    item = workload_of(stateful("replicas: 3"))
    assert ordinal_labels(item, 2) == {POD_NAME: "s-2", POD_INDEX: "2"}
    assert not is_stateful(workload_of(workload("Deployment", "shop/a", "")))
