"""The cluster of a snapshot: namespaces, workloads, owners, pods, addresses (S-20 to S-28)."""

import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.oracle import refused, shapes
from tests.oracle.reading import Manifests, Obj, read

NAME_LABEL = "kubernetes.io/metadata.name"
OWNED_KINDS = {("", "Pod"), ("apps", "ReplicaSet"), ("batch", "Job"), ("", "ReplicationController")}
POD_NAME, POD_INDEX = "statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index"
RANGES = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")
CONTROLLERS = tuple(
    "ingress-nginx nginx-ingress nginx-gateway ingress traefik kong haproxy-controller "
    "haproxy-ingress projectcontour contour istio-system istio-ingress envoy-gateway-system "
    "gloo-system emissary ambassador apisix openshift-ingress kube-system".split()
)
Labels = dict[str, str | None]  # None is the value `?` of S-24
Port = tuple[str, str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the configuration may change (roots.md section 6)."""

    namespace: str = "default"
    namespaces: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    pod_ranges: tuple[str, ...] = RANGES
    node_ranges: tuple[str, ...] = RANGES
    ipblock_pods: str = "certain"
    ingress_controllers: tuple[str, ...] = CONTROLLERS


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pod:
    """One pod: what selectors and address rules can see of it."""

    namespace: str
    labels: Labels
    written: Mapping[str, str]
    space: Mapping[str, str]
    host: bool
    ports: tuple[Port, ...]
    addresses: tuple[tuple[int, int], ...] | None
    ranges: tuple[refused.Block, ...]

    def families(self) -> set[int]:
        """S-28: of its addresses, or of the ranges its unknown address is in."""
        if self.addresses is not None:
            return {family for family, _ in self.addresses}
        return {block.family for block in self.ranges}


@dataclass(slots=True, kw_only=True, eq=False)
class Workload:
    """What a person wrote: the endpoint of its pods (S-22, S-23)."""

    namespace: str
    name: str
    kind: str
    file: str
    line: int
    own: list[Mapping[str, str]] = field(default_factory=list)
    pods: list[Pod] = field(default_factory=list)

    @property
    def id(self) -> str:
        """NAMESPACE/NAME[KIND]."""
        return f"{self.namespace}/{self.name}[{self.kind}]"

    @property
    def labels(self) -> dict[str, str]:
        """S-25: its template's, else what all its pods have alike."""
        first, *rest = self.own or [pod.written for pod in self.pods]
        return {
            key: value
            for key, value in first.items()
            if all(other.get(key) == value for other in rest)
        }


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Policy:
    """A policy that is in force, decoded."""

    obj: Obj
    spec: dict[str, Any]


@dataclass(slots=True, kw_only=True)
class Cluster:
    """Everything that one snapshot says."""

    settings: Settings
    manifests: Manifests
    spaces: dict[str, dict[str, str]] = field(default_factory=dict)
    declared: set[str] = field(default_factory=set)
    workloads: dict[str, Workload] = field(default_factory=dict)
    policies: list[Policy] = field(default_factory=list)
    admins: list[Policy] = field(default_factory=list)
    services: list[Policy] = field(default_factory=list)
    entries: list[Policy] = field(default_factory=list)
    grants: list[Policy] = field(default_factory=list)

    def pods(self) -> Iterator[Pod]:
        """All pods of all workloads."""
        for workload in self.workloads.values():
            yield from workload.pods


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Template:
    """A workload object, decoded: its owner, its template and the fields of S-24."""

    obj: Obj
    owner: tuple[str, str] | None
    labels: Mapping[str, str]
    spec: dict[str, Any]
    extra: dict[str, Any]


def blocks(texts: tuple[str, ...]) -> tuple[refused.Block, ...]:
    """The blocks of ranges that are given as CIDRs."""
    found = [refused.cidr(text) for text in texts]
    return tuple(block for block in found if block is not None)


def build(files: Mapping[str, str | bytes], settings: Settings) -> Cluster:
    """The cluster of the files of one snapshot."""
    manifests = read(files, settings.namespace)
    cluster = Cluster(settings=settings, manifests=manifests)
    templates = []
    for obj in manifests.objects:
        if obj.role == "workload":
            templates += [made for made in [template(manifests, obj)] if made is not None]
        elif obj.role == "namespace":
            add_namespace(cluster, obj)
        else:
            add_policy(cluster, obj)
    templates = [one for one in templates if counts(one, templates)]
    present = {one.obj.namespace for one in templates}
    for listed in (cluster.policies, cluster.services, cluster.entries, cluster.grants):
        present |= {one.obj.namespace for one in listed}
    for name in sorted(present | set(settings.namespaces)):
        if name not in cluster.declared:
            cluster.spaces[name] = {**settings.namespaces.get(name, {}), NAME_LABEL: name}
    named = ordinal_words(cluster)
    for one in templates:
        add_workload(cluster, one, templates, named)
    return cluster


def add_namespace(cluster: Cluster, obj: Obj) -> None:
    """S-20: a Namespace object's labels and always its name's."""
    problems = shapes.Problems()
    shape = shapes.Open(metadata=shapes.Open(name=shapes.STR, labels=shapes.TEXTS))
    decoded = shapes.decode(obj.doc, shape, "", obj.line, problems)
    if problems.bad:
        cluster.manifests.say("bad-type", obj)
        return
    cluster.declared.add(obj.name)
    if obj.name in cluster.settings.namespaces:
        cluster.manifests.say("namespace-labels-unused", obj)
    cluster.spaces[obj.name] = {**decoded["metadata"].get("labels", {}), NAME_LABEL: obj.name}


def add_policy(cluster: Cluster, obj: Obj) -> None:
    """Decodes a policy, Service or entry; refuses it by S-11 to S-13 and S-61."""
    shape, into = {
        "policy": (shapes.NETWORK_POLICY, cluster.policies),
        "admin": (shapes.ADMIN_SHAPES.get(obj.kind), cluster.admins),
        "service": (shapes.SERVICE, cluster.services),
        "entry": (shapes.entry(obj.kind), cluster.entries),
        "grant": (shapes.GRANT, cluster.grants),
    }[obj.role]
    problems = shapes.Problems()
    decoded = shapes.decode(obj.doc, shape, "", obj.line, problems)
    say = cluster.manifests.say
    for _, line in problems.bad:
        say("bad-type", obj, line)
    if problems.bad:
        return
    for _, line in problems.unknown:
        say("unknown-field", obj, line)
    wrong = []
    if obj.role == "policy":
        wrong = refused.network_policy(decoded)
    elif obj.role == "admin":
        wrong = refused.admin_policy(obj.kind, decoded)
    for _ in wrong:
        say("invalid-policy", obj)
    if not wrong:
        into.append(Policy(obj=obj, spec=decoded.get("spec", {})))


def workload_shape(obj: Obj) -> shapes.Open:
    """What of a workload is looked at (S-11, S-21, S-24)."""
    kind, spec_of = obj.kind, shapes.Open
    if obj.group == "kubevirt.io":
        inner = (
            spec_of()
            if kind == "VirtualMachineInstance"
            else spec_of(template=shapes.BARE_TEMPLATE)
        )
    elif (obj.group, kind) == ("", "Pod"):
        inner = shapes.POD_SPEC
    else:
        inner = spec_of(template=shapes.TEMPLATE)
    if kind == "StatefulSet":
        inner = spec_of(inner, ordinals=spec_of(start=shapes.INT), replicas=shapes.INT)
    if kind in {"Job", "CronJob"}:
        inner = spec_of(inner, completionMode=shapes.STR, manualSelector=shapes.BOOL)
    if kind == "CronJob":
        inner = spec_of(jobTemplate=spec_of(spec=inner))
    if kind == "Rollout":
        inner = spec_of(inner, workloadRef=shapes.ANY)
    return spec_of(metadata=shapes.METADATA, spec=inner)


def template(manifests: Manifests, obj: Obj) -> Template | None:
    """A workload object decoded; None where it is left out (S-11, S-22)."""
    status = obj.doc.get("status")
    bare = (obj.group, obj.kind) == ("", "Pod")
    problems = shapes.Problems()
    decoded = shapes.decode(obj.doc, workload_shape(obj), "", obj.line, problems)
    if problems.bad:
        manifests.say("bad-type", obj)
        return None
    if bare and isinstance(status, dict) and status.get("phase") in {"Succeeded", "Failed"}:
        return None
    spec = decoded.get("spec", {})
    if obj.kind == "CronJob":
        spec = spec.get("jobTemplate", {}).get("spec", {})
    self_made = bare or obj.kind == "VirtualMachineInstance"
    made = decoded if self_made else spec.get("template", {})
    owners = [
        (one["kind"], one["name"])
        for one in decoded["metadata"].get("ownerReferences", [])
        if one.get("controller") and one.get("kind") not in {None, "", "Node"} and one.get("name")
    ]
    return Template(
        obj=obj,
        owner=owners[0] if owners else None,
        labels=made.get("metadata", {}).get("labels", {}),
        spec=made.get("spec", {}),
        extra=spec,
    )


def counts(one: Template, templates: list[Template]) -> bool:
    """S-21: not a Rollout that refers elsewhere, not a Configuration with a Service."""
    if one.obj.kind == "Rollout" and one.obj.group == "argoproj.io":
        return "workloadRef" not in one.extra
    if (one.obj.group, one.obj.kind) == ("serving.knative.dev", "Configuration"):
        key = ("serving.knative.dev", "Service", one.obj.namespace, one.obj.name)
        return not any(
            (other.obj.group, other.obj.kind, other.obj.namespace, other.obj.name) == key
            for other in templates
        )
    return True


def is_owned(one: Template) -> bool:
    """S-23: its pods are another's."""
    return one.owner is not None and (one.obj.group, one.obj.kind) in OWNED_KINDS


def endpoint(one: Template, templates: list[Template]) -> tuple[str, str, Template | None]:
    """Kind and name of the endpoint of these pods, and its object where it is here (S-23)."""
    if not is_owned(one):
        return one.obj.kind, one.obj.name, one
    current, passed = one, [one]
    while current.owner is not None:
        here = [
            other
            for other in templates
            if (other.obj.kind, other.obj.name) == current.owner
            and other.obj.namespace == one.obj.namespace
            and not other.obj.generated
        ]
        if not here or here[0] in passed:
            return *current.owner, None
        current = here[0]
        passed.append(current)
    return current.obj.kind, current.obj.name, current


def add_workload(
    cluster: Cluster, one: Template, templates: list[Template], named: set[str]
) -> None:
    """Adds the pods of an object to the endpoint that S-23 names."""
    kind, name, _ = endpoint(one, templates)
    made = Workload(
        namespace=one.obj.namespace,
        name=name,
        kind=kind,
        file=one.obj.file,
        line=one.obj.line,
    )
    workload = cluster.workloads.setdefault(made.id, made)
    if not is_owned(one):
        if not workload.own:
            workload.file, workload.line = one.obj.file, one.obj.line
        workload.own.append(one.labels)
    settings = cluster.settings
    host = bool(one.spec.get("hostNetwork"))
    ranges = settings.node_ranges if host else settings.pod_ranges
    for added in [{}] if is_owned(one) else added_labels(one, named):
        workload.pods.append(
            Pod(
                namespace=one.obj.namespace,
                labels={**one.labels, **added},
                written=one.labels,
                space=cluster.spaces[one.obj.namespace],
                host=host,
                ports=tuple(container_ports(one.spec)),
                addresses=addresses(one.obj),
                ranges=blocks(ranges),
            )
        )


def container_ports(spec: dict[str, Any]) -> Iterator[Port]:
    """S-26: of containers and of sidecars."""
    sidecars = [
        one for one in spec.get("initContainers", []) if one.get("restartPolicy") == "Always"
    ]
    for container in spec.get("containers", []) + sidecars:
        for port in container.get("ports", []):
            number = port.get("containerPort", 0)
            if 1 <= number <= 65535:  # no packet has another (S-50)
                yield port.get("name", ""), port.get("protocol", "TCP"), number


def addresses(obj: Obj) -> tuple[tuple[int, int], ...] | None:
    """S-28: those that a Pod's status names, None where unknown."""
    status = obj.doc.get("status")
    if (obj.group, obj.kind) != ("", "Pod") or not isinstance(status, dict):
        return None
    listed = status.get("podIPs")
    listed = listed if isinstance(listed, list) else []
    texts = [one.get("ip") for one in listed if isinstance(one, dict)]
    texts = [text for text in texts if text] or [status.get("podIP")]
    found = []
    for text in texts:
        try:
            address = ipaddress.ip_address(text) if isinstance(text, str) else None
        except ValueError:
            continue
        if address is not None:
            found.append((address.version, int(address)))
    return tuple(found) or None


def ordinal_words(cluster: Cluster) -> set[str]:
    """All values that selectors ask of the labels that tell ordinals apart (S-25)."""
    words: set[str] = set()
    for listed in (cluster.policies, cluster.admins, cluster.services):
        for policy in listed:
            words |= asked_words(policy.spec)
    return words


def asked_words(value: Any) -> set[str]:
    """The values that one spec asks of those labels, anywhere in it."""
    if isinstance(value, list):
        return {word for inner in value for word in asked_words(inner)}
    if not isinstance(value, dict):
        return set()
    words = {value[key] for key in (POD_NAME, POD_INDEX) if isinstance(value.get(key), str)}
    if value.get("key") in {POD_NAME, POD_INDEX}:
        words.update(value.get("values", []))
    return words.union(*(asked_words(inner) for inner in value.values()))


def ordinals(one: Template, named: set[str]) -> list[int]:
    """The ordinals of a StatefulSet that can differ: all of few, else the named and one more."""
    start = one.extra.get("ordinals", {}).get("start", 0)
    end = start + max(1, one.extra.get("replicas", 1))
    if end - start <= 20:
        return list(range(start, end))
    tails = {word.removeprefix(f"{one.obj.name}-") for word in named}
    wanted = {int(tail) for tail in tails if tail.isdecimal() and tail == str(int(tail))}
    other = next(number for number in range(start, end) if number not in wanted)
    return [number for number in sorted(wanted) if start <= number < end] + [other]


def added_labels(one: Template, named: set[str]) -> list[Labels]:
    """S-24: the labels that controllers add, one set for each pod that can differ."""
    obj, name = one.obj, one.obj.name
    if obj.kind == "StatefulSet" and obj.group in {"apps", "apps.kruise.io"}:
        return [
            {
                "controller-revision-hash": None,
                POD_NAME: f"{name}-{number}",
                POD_INDEX: str(number),
            }
            for number in ordinals(one, named)
        ]
    if obj.kind in {"Job", "CronJob"} and obj.group == "batch":
        return [job_labels(one)]
    daemon: Labels = {"controller-revision-hash": None, "pod-template-generation": None}
    knative: Labels = {
        "serving.knative.dev/service": name,
        "serving.knative.dev/configuration": name,
        "serving.knative.dev/revision": None,
    }
    table: dict[tuple[str, str], Labels] = {
        ("apps", "Deployment"): {"pod-template-hash": None},
        ("apps", "DaemonSet"): daemon,
        ("apps.kruise.io", "DaemonSet"): daemon,
        ("argoproj.io", "Rollout"): {"rollouts-pod-template-hash": None},
        ("apps.openshift.io", "DeploymentConfig"): {"deploymentconfig": name, "deployment": None},
        ("apps.kruise.io", "CloneSet"): {
            "controller-revision-hash": None,
            "pod-template-hash": None,
            "apps.kruise.io/cloneset-instance-id": None,
        },
        ("serving.knative.dev", "Service"): knative,
        ("serving.knative.dev", "Configuration"): knative,
        ("kubevirt.io", "VirtualMachine"): {
            "kubevirt.io": "virt-launcher",
            "vm.kubevirt.io/name": name,
        },
    }
    return [table.get((obj.group, obj.kind), {})]


def job_labels(one: Template) -> Labels:
    """S-24, rows Job and CronJob."""
    named = None if one.obj.kind == "CronJob" or one.obj.generated else one.obj.name
    labels: Labels = {
        "controller-uid": None,
        "batch.kubernetes.io/controller-uid": None,
        "job-name": named,
        "batch.kubernetes.io/job-name": named,
    }
    if one.extra.get("manualSelector"):
        labels = {}
    if one.extra.get("completionMode") == "Indexed":
        labels["batch.kubernetes.io/job-completion-index"] = None
    return labels
