"""Every workload kind as pod facts (S-21 to S-28); only the fields that S-11 lists are read."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator

from reviewer.base.addresses import read_address
from reviewer.base.places import Path
from reviewer.base.ports import PROTOCOLS
from reviewer.base.yamldoc import Map, Seq

from .manifest import Manifest, Reader
from .types import ContainerPort, Owner, PodFacts, WorkloadObject

_TEMPLATE: Path = ("spec", "template")
_JOB: Path = ("spec", "jobTemplate", "spec")
_FINISHED = frozenset({"Succeeded", "Failed"})


def read_pod(manifest: Manifest) -> WorkloadObject | None:
    """A Pod: the object itself is the template. A finished one is left out (S-22)."""
    pod = _pod(manifest, (), manifest.value)
    status = manifest.value.get("status")
    if type(status) is Map and status.get("phase") in _FINISHED:
        return None
    return _workload(manifest, pod)


def read_controller(manifest: Manifest) -> WorkloadObject | None:
    """A kind whose pods are made from `spec.template`."""
    return _workload(manifest, _template(manifest, ("spec",), manifest.map(("spec",))))


def read_rollout(manifest: Manifest) -> WorkloadObject | None:
    """A Rollout; with a `workloadRef` the Deployment it names stands for it."""
    spec = manifest.map(("spec",))
    refers = spec.get("workloadRef") is not None
    found = _workload(manifest, _template(manifest, ("spec",), spec))
    return None if refers else found


def read_stateful_set(manifest: Manifest) -> WorkloadObject | None:
    """A StatefulSet, with the ordinals of its pods (S-24)."""
    spec = manifest.map(("spec",))
    path: Path = ("spec", "ordinals")
    start = manifest.number((*path, "start"), manifest.map(path, spec))
    replicas = manifest.number(("spec", "replicas"), spec)
    ordinals = (max(start or 0, 0), max(1 if replicas is None else replicas, 1))
    return _workload(manifest, _template(manifest, ("spec",), spec), ordinals=ordinals)


def read_job(manifest: Manifest) -> WorkloadObject | None:
    """A Job, with what decides its controller's labels (S-24)."""
    return _read_job(manifest, ("spec",), manifest.map(("spec",)))


def read_cron_job(manifest: Manifest) -> WorkloadObject | None:
    """A CronJob: its job template's template."""
    spec = manifest.map(("spec",))
    template = manifest.map(("spec", "jobTemplate"), spec)
    return _read_job(manifest, _JOB, manifest.map(_JOB, template))


def _read_job(manifest: Manifest, path: Path, spec: Map) -> WorkloadObject | None:
    indexed = manifest.text((*path, "completionMode"), spec) == "Indexed"
    manual = manifest.flag((*path, "manualSelector"), spec)
    pod = _template(manifest, path, spec)
    return _workload(manifest, pod, indexed=indexed, manual_selector=manual)


def read_machine(manifest: Manifest) -> WorkloadObject | None:
    """A VirtualMachine or a set of them: the labels of `spec.template`, no named ports."""
    template = manifest.map(_TEMPLATE, manifest.map(("spec",)))
    metadata = manifest.map((*_TEMPLATE, "metadata"), template)
    labels = manifest.texts_by_key((*_TEMPLATE, "metadata", "labels"), metadata)
    return _workload(manifest, PodFacts(labels=labels))


def read_machine_instance(manifest: Manifest) -> WorkloadObject | None:
    """A VirtualMachineInstance: its own labels, no named ports."""
    metadata = manifest.map(("metadata",))
    labels = manifest.texts_by_key(("metadata", "labels"), metadata)
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
    metadata = manifest.map(("metadata",))
    if manifest.ref.kind not in {"VirtualMachineInstance", "Pod"}:  # theirs were read already
        manifest.texts_by_key(("metadata", "labels"), metadata)
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
    path: Path = ("metadata", "ownerReferences")
    found: Owner | None = None
    for index, item in enumerate(manifest.maps(path, metadata)):
        at = (*path, index)
        kind = manifest.text((*at, "kind"), item)
        name = manifest.text((*at, "name"), item)
        version = manifest.text((*at, "apiVersion"), item)
        controls = manifest.flag((*at, "controller"), item)
        if found is None and controls and kind and name and kind != "Node":
            found = Owner(version.rpartition("/")[0], kind, name)
    return found


def _template(manifest: Manifest, path: Path, spec: Map) -> PodFacts:
    """The pod template within a spec."""
    at = (*path, "template")
    return _pod(manifest, at, manifest.map(at, spec))


def _pod(manifest: Manifest, path: Path, pod: Map) -> PodFacts:
    """What a template, or a Pod, says of its pods."""
    metadata = manifest.map((*path, "metadata"), pod)
    spec = manifest.map((*path, "spec"), pod)
    at = (*path, "spec")
    containers = manifest.maps((*at, "containers"), spec)
    ports = list(_ports(manifest, (*at, "containers"), containers))
    sidecars: list[Map] = []
    if spec.get("initContainers") is not None:
        sidecars, more = _sidecars(manifest, (*at, "initContainers"), spec)
        ports += more
    for index, item in enumerate(containers):
        manifest.text((*at, "containers", index, "restartPolicy"), item)
    running = [*containers, *sidecars]
    return PodFacts(
        labels=manifest.texts_by_key((*path, "metadata", "labels"), metadata),
        ports=tuple(dict.fromkeys(ports)),
        host_network=manifest.flag((*at, "hostNetwork"), spec),
        addresses=() if path else _addresses(pod.get("status")),
        images=tuple(dict.fromkeys(_images(running))),
        references=tuple(dict.fromkeys(_references(running))),
        scrape=_scrape(metadata.get("annotations")),
    )


def _sidecars(manifest: Manifest, path: Path, spec: Map) -> tuple[list[Map], list[ContainerPort]]:
    """The init containers that keep running (`restartPolicy: Always`), and their ports (S-26)."""
    found: list[Map] = []
    declared: list[ContainerPort] = []
    for index, item in enumerate(manifest.maps(path, spec)):
        ports = list(_container_ports(manifest, (*path, index), item))
        if manifest.text((*path, index, "restartPolicy"), item) == "Always":
            found.append(item)
            declared += ports
    return found, declared


def _ports(manifest: Manifest, path: Path, containers: list[Map]) -> Iterator[ContainerPort]:
    for index, item in enumerate(containers):
        yield from _container_ports(manifest, (*path, index), item)


def _container_ports(manifest: Manifest, path: Path, item: Map) -> Iterator[ContainerPort]:
    """The declared ports of one container; those that cannot be ports are passed over."""
    if item.get("ports") is None:
        return
    at = (*path, "ports")
    for index, port in enumerate(manifest.maps(at, item)):
        number = manifest.number((*at, index, "containerPort"), port)
        name = manifest.text((*at, index, "name"), port)
        protocol = manifest.text((*at, index, "protocol"), port) or "TCP"
        if number is not None and 1 <= number <= 65535 and protocol in PROTOCOLS:
            yield ContainerPort(name, number, protocol)


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
