"""Every workload kind as pod facts (S-21 to S-28); only the fields that S-11 lists are read."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator

from reviewer.base.addresses import read_address
from reviewer.base.places import Path
from reviewer.base.ports import PROTOCOLS
from reviewer.base.yamldoc import Map, Seq

from .groups import group_of
from .manifest import Manifest, Reader
from .types import ContainerPort, Owner, PodFacts, WorkloadObject

_SPEC: Path = ("spec",)
_TEMPLATE: Path = ("spec", "template")
_JOB: Path = ("spec", "jobTemplate", "spec")
_METADATA: Path = ("metadata",)
_FINISHED = frozenset({"Succeeded", "Failed"})


def read_pod(manifest: Manifest) -> WorkloadObject | None:
    """A Pod: the object itself is the template. A finished one is left out (S-22)."""
    pod = _pod(manifest, (), manifest.value)
    found = _workload(manifest, pod)
    status = manifest.value.get("status")
    return None if type(status) is Map and status.get("phase") in _FINISHED else found


def read_controller(manifest: Manifest) -> WorkloadObject | None:
    """A kind whose pods are made from `spec.template`."""
    return _workload(manifest, _template(manifest, _SPEC, manifest.spec()))


def read_rollout(manifest: Manifest) -> WorkloadObject | None:
    """A Rollout; with a `workloadRef` the Deployment it names stands for it."""
    found = read_controller(manifest)
    return None if manifest.spec().get("workloadRef") is not None else found


def read_stateful_set(manifest: Manifest) -> WorkloadObject | None:
    """A StatefulSet, with the ordinals of its pods (S-24)."""
    spec = manifest.spec()
    ordinals = manifest.map(_SPEC, "ordinals", spec)
    start = manifest.number(("spec", "ordinals"), "start", ordinals)
    replicas = manifest.number(_SPEC, "replicas", spec)
    pods = (max(start or 0, 0), max(1 if replicas is None else replicas, 1))
    return _workload(manifest, _template(manifest, _SPEC, spec), ordinals=pods)


def read_job(manifest: Manifest) -> WorkloadObject | None:
    """A Job, with what decides its controller's labels (S-24)."""
    return _read_job(manifest, _SPEC, manifest.spec())


def read_cron_job(manifest: Manifest) -> WorkloadObject | None:
    """A CronJob: its job template's template."""
    template = manifest.map(_SPEC, "jobTemplate", manifest.spec())
    return _read_job(manifest, _JOB, manifest.map(_JOB[:-1], "spec", template))


def _read_job(manifest: Manifest, at: Path, spec: Map) -> WorkloadObject | None:
    indexed = manifest.text(at, "completionMode", spec) == "Indexed"
    manual = manifest.flag(at, "manualSelector", spec)
    pod = _template(manifest, at, spec)
    return _workload(manifest, pod, indexed=indexed, manual_selector=manual)


def read_machine(manifest: Manifest) -> WorkloadObject | None:
    """A VirtualMachine or a set of them: the labels of `spec.template`, no named ports."""
    template = manifest.map(_SPEC, "template", manifest.spec())
    metadata = manifest.map(_TEMPLATE, "metadata", template)
    labels = manifest.texts((*_TEMPLATE, "metadata"), "labels", metadata)
    return _workload(manifest, PodFacts(labels=labels))


def read_machine_instance(manifest: Manifest) -> WorkloadObject | None:
    """A VirtualMachineInstance: its own labels, no named ports."""
    labels = manifest.texts(_METADATA, "labels", manifest.metadata())
    return _workload(manifest, PodFacts(labels=labels))


def read_nothing(manifest: Manifest) -> WorkloadObject | None:  # noqa: ARG001 - a Reader
    """A PodTemplate: nothing runs, it is no workload."""
    return None


def has_containers(value: Map) -> bool:
    """Whether an object of any kind is a workload: `spec.template.spec.containers` is a list."""
    for step in ("spec", "template", "spec"):
        below = value.get(step)
        if type(below) is not Map:
            return False
        value = below
    return type(value.get("containers")) is Seq


def _workload(
    manifest: Manifest,
    pod: PodFacts,
    *,
    ordinals: tuple[int, int] = (0, 1),
    indexed: bool = False,
    manual_selector: bool = False,
) -> WorkloadObject:
    metadata = manifest.metadata()
    if manifest.ref.kind not in {"VirtualMachineInstance", "Pod"}:  # theirs were read already
        manifest.texts(_METADATA, "labels", metadata)
    return WorkloadObject(
        ref=manifest.ref,
        origin=manifest.origin,
        pod=pod,
        owner=_owner(manifest, metadata),
        generated=manifest.generated,
        ordinals=ordinals,
        indexed=indexed,
        manual_selector=manual_selector,
    )


def _owner(manifest: Manifest, metadata: Map) -> Owner | None:
    """The controller above an object (S-23)."""
    found: Owner | None = None
    for at, item in manifest.maps(_METADATA, "ownerReferences", metadata):
        kind = manifest.text(at, "kind", item)
        name = manifest.text(at, "name", item)
        version = manifest.text(at, "apiVersion", item)
        controls = manifest.flag(at, "controller", item)
        if found is None and controls and kind and name and kind != "Node":
            found = Owner(group_of(version, kind), kind, name)
    return found


def _template(manifest: Manifest, at: Path, spec: Map) -> PodFacts:
    """The pod template within a spec."""
    return _pod(manifest, (*at, "template"), manifest.map(at, "template", spec))


def _pod(manifest: Manifest, at: Path, pod: Map) -> PodFacts:
    """What a template, or a Pod, says of its pods."""
    metadata = manifest.map(at, "metadata", pod)
    spec = manifest.map(at, "spec", pod)
    below = (*at, "spec")
    running: list[Map] = []
    ports: list[ContainerPort] = []
    for path, item in manifest.maps(below, "containers", spec):
        manifest.text(path, "restartPolicy", item)
        running.append(item)
        ports += _container_ports(manifest, path, item)
    for path, item in manifest.maps(below, "initContainers", spec):
        declared = _container_ports(manifest, path, item)
        if manifest.text(path, "restartPolicy", item) == "Always":  # S-26: it keeps running
            running.append(item)
            ports += declared
    return PodFacts(
        labels=manifest.texts((*at, "metadata"), "labels", metadata),
        ports=tuple(dict.fromkeys(ports)),
        host_network=manifest.flag(below, "hostNetwork", spec),
        addresses=() if at else _addresses(pod.get("status")),
        images=tuple(dict.fromkeys(_images(running))),
        references=tuple(dict.fromkeys(_references(running))),
        scrape=_scrape(metadata.get("annotations")),
    )


def _container_ports(manifest: Manifest, at: Path, container: Map) -> list[ContainerPort]:
    """The declared ports of one container; those that cannot be ports are passed over."""
    out: list[ContainerPort] = []
    for path, port in manifest.maps(at, "ports", container):
        number = manifest.number(path, "containerPort", port)
        name = manifest.text(path, "name", port)
        protocol = manifest.text(path, "protocol", port) or "TCP"
        if number is not None and 1 <= number <= 65535 and protocol in PROTOCOLS:
            out.append(ContainerPort(name, number, protocol))
    return out


def _addresses(status: object) -> tuple[tuple[int, int], ...]:
    """The addresses of a Pod's status (S-28); what is no address is passed over."""
    if type(status) is not Map:
        return ()
    listed = status.get("podIPs")
    items = listed if type(listed) is Seq else ()
    written = [item.get("ip") for item in items if type(item) is Map] or [status.get("podIP")]
    found = [read_address(text) for text in written if type(text) is str]
    return tuple(dict.fromkeys(each for each in found if each is not None))


def _images(containers: Iterable[Map]) -> Iterator[str]:
    """Images without tag and digest."""
    for item in containers:
        image = item.get("image")
        if type(image) is str and image:
            name = image.partition("@")[0]
            folder, slash, last = name.rpartition("/")
            yield sys.intern(folder + slash + last.partition(":")[0])


_REFERENCE = re.compile(r"[a-z0-9]\.[a-z]|://|@|[a-z0-9]:[0-9]|\A[a-z][a-z0-9-]{0,62}\Z")
"""Texts in which F-34 can find a Service: anything else is not kept."""


def _references(containers: Iterable[Map]) -> Iterator[str]:
    """The texts of env values, args and commands in which a Service may be named (F-34)."""
    for item in containers:
        for text in _texts(item):
            if type(text) is str and _REFERENCE.search(text):
                yield text


def _texts(container: Map) -> Iterator[object]:
    env = container.get("env")
    if type(env) is Seq:
        for entry in env:
            if type(entry) is Map:
                yield entry.get("value")
    for name in ("args", "command"):
        listed = container.get(name)
        if type(listed) is Seq:
            yield from listed


def _scrape(annotations: object) -> str:
    """The port that `prometheus.io/port` names beside `prometheus.io/scrape: "true"` (F-12)."""
    if type(annotations) is not Map or annotations.get("prometheus.io/scrape") != "true":
        return ""
    port = annotations.get("prometheus.io/port")
    return port if type(port) is str else ""


WORKLOADS: dict[tuple[str, str], Reader] = {
    ("", "Pod"): read_pod,
    ("apps", "Deployment"): read_controller,
    ("apps", "ReplicaSet"): read_controller,
    ("apps", "StatefulSet"): read_stateful_set,
    ("apps", "DaemonSet"): read_controller,
    ("", "ReplicationController"): read_controller,
    ("batch", "Job"): read_job,
    ("batch", "CronJob"): read_cron_job,
    ("argoproj.io", "Rollout"): read_rollout,
    ("apps.openshift.io", "DeploymentConfig"): read_controller,
    ("apps.kruise.io", "CloneSet"): read_controller,
    ("apps.kruise.io", "StatefulSet"): read_stateful_set,
    ("apps.kruise.io", "DaemonSet"): read_controller,
    ("serving.knative.dev", "Service"): read_controller,
    ("serving.knative.dev", "Configuration"): read_controller,
    ("kubevirt.io", "VirtualMachine"): read_machine,
    ("kubevirt.io", "VirtualMachineInstanceReplicaSet"): read_machine,
    ("kubevirt.io", "VirtualMachineInstance"): read_machine_instance,
    ("", "PodTemplate"): read_nothing,
}
"""The table of S-21, by the group a kind lives in today."""
