"""Workload kinds and what their templates say (S-21 to S-28)."""

from __future__ import annotations

import pytest

from reviewer.manifests import ContainerPort, Owner, PodFacts, WorkloadObject
from tests.manifests.kit import read_files, read_text, said, workload_of

POD = "{metadata: {labels: {app: w}}, spec: {containers: [{ports: [{containerPort: 80}]}]}}"


def thing(version: str, kind: str, spec: str, metadata: str = "name: w") -> str:
    return f"apiVersion: {version}\nkind: {kind}\nmetadata: {{{metadata}}}\nspec: {spec}\n"


def templated(pod: str) -> str:
    """A Deployment whose template is this."""
    return thing("apps/v1", "Deployment", f"{{template: {pod}}}")


def facts(pod_spec: str) -> PodFacts:
    return workload_of(templated(f"{{spec: {pod_spec}}}")).pod


@pytest.mark.parametrize(
    ("version", "kind", "group"),
    [
        ("apps/v1", "Deployment", "apps"),
        ("apps/v1beta2", "Deployment", "apps"),
        ("extensions/v1beta1", "Deployment", "apps"),
        ("extensions/v1beta1", "DaemonSet", "apps"),
        ("apps/v1", "ReplicaSet", "apps"),
        ("apps/v1", "StatefulSet", "apps"),
        ("apps/v1", "DaemonSet", "apps"),
        ("v1", "ReplicationController", ""),
        ("batch/v1", "Job", "batch"),
        ("argoproj.io/v1alpha1", "Rollout", "argoproj.io"),
        ("apps.openshift.io/v1", "DeploymentConfig", "apps.openshift.io"),
        ("apps.kruise.io/v1alpha1", "CloneSet", "apps.kruise.io"),
        ("apps.kruise.io/v1beta1", "StatefulSet", "apps.kruise.io"),
        ("apps.kruise.io/v1alpha1", "DaemonSet", "apps.kruise.io"),
        ("serving.knative.dev/v1", "Service", "serving.knative.dev"),
        ("serving.knative.dev/v1", "Configuration", "serving.knative.dev"),
        ("example.com/v1", "Anything", "example.com"),
    ],
)
def test_kinds_with_a_template(version: str, kind: str, group: str) -> None:
    """S-21, S-8: kinds of `extensions` are in the group they moved to."""
    workload = workload_of(thing(version, kind, f"{{template: {POD}}}"))
    assert (workload.ref.group, workload.ref.kind, workload.ref.path) == (group, kind, "default/w")
    assert workload.pod.labels == {"app": "w"}
    assert workload.pod.ports == (ContainerPort("", 80, "TCP"),)


def test_pod() -> None:
    """S-21: the object itself; S-28: its addresses."""
    text = "apiVersion: v1\nkind: Pod\nmetadata: {name: w, labels: {app: w}}\n"
    text += "spec: {containers: [{ports: [{containerPort: 80}]}]}\n"
    workload = workload_of(text + "status: {podIPs: [{ip: 10.0.0.1}, {ip: 'fd00::1'}, {ip: x}]}\n")
    assert workload.pod.labels == {"app": "w"}
    assert workload.pod.addresses == ((4, 10 << 24 | 1), (6, 0xFD << 120 | 1))
    assert workload_of(text + "status: {podIP: 10.0.0.1}\n").pod.addresses == ((4, 10 << 24 | 1),)
    assert workload_of(text + "status: {podIP: 1, podIPs: 2}\n").pod.addresses == ()


@pytest.mark.parametrize(("phase", "count"), [("Succeeded", 0), ("Failed", 0), ("Running", 1)])
def test_finished_pods(phase: str, count: int) -> None:
    """S-22: they are left out silently, and hide an earlier object of their name (S-8)."""
    text = "apiVersion: v1\nkind: Pod\nmetadata: {name: w}\n"
    found = read_files(
        a=f"{text}spec: {{hostNetwork: true}}\n", b=f"{text}status: {{phase: {phase}}}\n"
    )
    assert said(found) == ["1 duplicate-object is"]
    assert len(found.workloads) == count


def test_cron_job() -> None:
    spec = f"{{jobTemplate: {{spec: {{completionMode: Indexed, template: {POD}}}}}}}"
    workload = workload_of(thing("batch/v1", "CronJob", spec))
    assert (workload.pod.labels, workload.indexed) == ({"app": "w"}, True)


def test_what_is_no_workload() -> None:
    """S-21: PodTemplate, a Rollout that refers to a Deployment, lists that are none."""
    found = read_text(
        "apiVersion: v1\nkind: PodTemplate\nmetadata: {name: w}\n"
        f"template: {POD}\n---\n"
        + thing("argoproj.io/v1alpha1", "Rollout", "{workloadRef: {kind: Deployment, name: w}}")
        + "---\n"
        + thing("example.com/v1", "Anything", "{template: {spec: {containers: {}}}}")
    )
    assert (found.workloads, said(found)) == ((), [])


@pytest.mark.parametrize("service", [True, False])
def test_configuration(service: bool) -> None:
    """S-21: a Configuration only without a Service of its name."""
    text = thing("serving.knative.dev/v1", "Configuration", f"{{template: {POD}}}")
    if service:
        text += "---\n" + thing("serving.knative.dev/v1", "Service", f"{{template: {POD}}}")
    (workload,) = read_text(text).workloads
    assert workload.ref.kind == ("Service" if service else "Configuration")


def test_machines() -> None:
    """S-21: labels only."""
    spec = "{template: {metadata: {labels: {app: w}}, spec: {hostNetwork: true, containers: 1}}}"
    for kind in ("VirtualMachine", "VirtualMachineInstanceReplicaSet"):
        assert workload_of(thing("kubevirt.io/v1", kind, spec)).pod == PodFacts(labels={"app": "w"})
    text = thing("kubevirt.io/v1", "VirtualMachineInstance", "{}", "name: w, labels: {a: b}")
    assert workload_of(text).pod == PodFacts(labels={"a": "b"})


@pytest.mark.parametrize(
    ("spec", "ordinals"),
    [
        ("{}", (0, 1)),
        ("{replicas: 0}", (0, 1)),
        ("{replicas: 3, ordinals: {start: 5}}", (5, 3)),
        ("{replicas: 1000000}", (0, 1000000)),
        ("{replicas: 2.0}", (0, 2)),
    ],
)
def test_ordinals(spec: str, ordinals: tuple[int, int]) -> None:
    """S-24."""
    assert workload_of(thing("apps/v1", "StatefulSet", spec)).ordinals == ordinals


def test_job_fields() -> None:
    """S-24."""
    workload = workload_of(
        thing("batch/v1", "Job", "{manualSelector: true, completionMode: Indexed}")
    )
    assert (workload.manual_selector, workload.indexed) == (True, True)
    plain = workload_of(
        thing("batch/v1", "Job", "{completionMode: NonIndexed}", "generateName: w-")
    )
    assert (plain.manual_selector, plain.indexed, plain.generated) == (False, False, True)
    assert plain.ref.name == "w-"


@pytest.mark.parametrize(
    ("owners", "expected"),
    [
        (
            "[{controller: true, apiVersion: apps/v1, kind: ReplicaSet, name: r}]",
            "apps ReplicaSet r",
        ),
        ("[{kind: A, name: a}, {controller: true, kind: B, name: b}]", " B b"),
        ("[{controller: false, kind: A, name: a}]", None),
        ("[{controller: true, kind: Node, name: m}]", None),
        ("[{controller: true, name: a}]", None),
        ("[{controller: true, kind: A}]", None),
        ("[{controller: true, kind: A, name: ''}, null]", None),
        ("null", None),
        (
            "[{controller: true, apiVersion: extensions/v1beta1, kind: Deployment, name: d}]",
            "apps Deployment d",
        ),
    ],
)
def test_owner(owners: str, expected: str | None) -> None:
    """S-23."""
    owner = workload_of(thing("v1", "Pod", "{}", f"name: w, ownerReferences: {owners}")).owner
    assert owner == (None if expected is None else Owner(*expected.split(" ")))


def test_container_ports() -> None:
    """S-26: containers and sidecars; TCP where absent; what cannot be a port is passed over."""
    pod = facts(
        "{containers: [{ports: [{name: a, containerPort: 80}, {containerPort: 53, protocol: UDP}]},"
        " {ports: null}, null, {ports: [{containerPort: 0}, {containerPort: 70000}, null]}],"
        " initContainers: [{restartPolicy: Always, ports: [{name: b, containerPort: 81}]},"
        " {ports: [{name: c, containerPort: 82}]}],"
        " ephemeralContainers: [{ports: [{name: d, containerPort: 83}]}]}"
    )
    assert pod.ports == (
        ContainerPort("a", 80, "TCP"),
        ContainerPort("", 53, "UDP"),
        ContainerPort("b", 81, "TCP"),
    )


def test_images() -> None:
    """F-17: without tag and digest, each once."""
    pod = facts(
        "{containers: [{image: 'r:5000/a/b:1.2'}, {image: 'c@sha256:ab'}, {image: c}, {image: 7}],"
        " initContainers: [{image: d}, {image: e, restartPolicy: Always}]}"
    )
    assert pod.images == ("r:5000/a/b", "c", "e")


def test_references() -> None:
    """F-34: the texts in which a Service may be named, of containers and sidecars."""
    pod = facts(
        "{containers: [{env: [{name: A, value: db}, {name: B, value: 'x y'}, {name: C, value: 5},"
        " 7, {name: D, valueFrom: {}}], args: ['--to=http://db:80', 1], command: ['a.b', 'A B']}],"
        " initContainers: [{args: [no]}, {args: [yes-it-is], restartPolicy: Always}]}"
    )
    assert pod.references == ("db", "--to=http://db:80", "a.b", "yes-it-is")


@pytest.mark.parametrize(
    ("annotations", "port"),
    [
        ("{prometheus.io/scrape: 'true', prometheus.io/port: '9102'}", "9102"),
        ("{prometheus.io/scrape: true, prometheus.io/port: '9102'}", ""),
        ("{prometheus.io/scrape: 'true', prometheus.io/port: 9102}", ""),
        ("{prometheus.io/port: '9102'}", ""),
        ("[]", ""),
    ],
)
def test_scrape(annotations: str, port: str) -> None:
    """F-12."""
    workload = workload_of(templated(f"{{metadata: {{annotations: {annotations}}}}}"))
    assert workload.pod.scrape == port


WRONG = [
    ("spec", thing("apps/v1", "Deployment", "[]"), "4 spec"),
    ("template", templated("[]"), "4 spec.template"),
    (
        "template labels",
        templated("{metadata: {labels: {a: 1}}}"),
        "4 spec.template.metadata.labels.a",
    ),
    ("hostNetwork", templated("{spec: {hostNetwork: 'true'}}"), "4 spec.template.spec.hostNetwork"),
    ("containers", templated("{spec: {containers: {}}}"), "4 spec.template.spec.containers"),
    (
        "ports",
        templated("{spec: {containers: [{ports: 80}]}}"),
        "4 spec.template.spec.containers[0].ports",
    ),
    (
        "containerPort",
        templated("{spec: {containers: [{ports: [{containerPort: '80'}]}]}}"),
        "4 spec.template.spec.containers[0].ports[0].containerPort",
    ),
    (
        "restartPolicy",
        templated("{spec: {initContainers: [{restartPolicy: 1}]}}"),
        "4 spec.template.spec.initContainers[0].restartPolicy",
    ),
    (
        "owners",
        thing("v1", "Pod", "{}", "name: w, ownerReferences: {}"),
        "3 metadata.ownerReferences",
    ),
    (
        "labels",
        thing("apps/v1", "Deployment", "{}", "name: w, labels: {a: on}"),
        "3 metadata.labels.a",
    ),
    ("replicas", thing("apps/v1", "StatefulSet", "{replicas: '3'}"), "4 spec.replicas"),
    ("selector", thing("batch/v1", "Job", "{manualSelector: 1}"), "4 spec.manualSelector"),
    ("job template", thing("batch/v1", "CronJob", "{jobTemplate: []}"), "4 spec.jobTemplate"),
]


@pytest.mark.parametrize(
    ("text", "place"), [row[1:] for row in WRONG], ids=[f"S-11 {row[0]}" for row in WRONG]
)
def test_wrong_type(text: str, place: str) -> None:
    """S-11: the workload is left out."""
    line, path = place.split()
    found = read_text(text)
    assert said(found) == [f"{line} bad-type {path}"]
    assert found.workloads == ()


@pytest.mark.parametrize(
    "pod",
    [
        "{spec: {containers: [{image: 1, env: 2, args: 3, command: {}}], volumes: 4}}",
        "{metadata: {annotations: {a: 1}, name: 5}}",
        "{metadata: null, spec: null}",
    ],
)
def test_other_fields_are_passed_over(pod: str) -> None:
    """S-11: of a workload only the fields it lists are looked at."""
    assert isinstance(workload_of(templated(pod)), WorkloadObject)


def test_null_labels_are_empty() -> None:
    """S-10."""
    assert workload_of(templated("{metadata: {labels: {a: }}}")).pod.labels == {"a": ""}
