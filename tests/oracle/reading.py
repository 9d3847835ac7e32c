"""From files to objects: order, lists, kinds, identities, duplicates (S-1, S-5 to S-9)."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tests.oracle import yaml11

NETWORKING, POLICY_GROUP = "networking.k8s.io", "policy.networking.k8s.io"
GATEWAY = "gateway.networking.k8s.io"
ROUTES = ("HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute")
ADMIN_VERSIONS = {
    "AdminNetworkPolicy": "v1alpha1",
    "BaselineAdminNetworkPolicy": "v1alpha1",
    "ClusterNetworkPolicy": "v1alpha2",
}
APPS = ("Deployment", "ReplicaSet", "StatefulSet", "DaemonSet")
WORKLOADS = {
    ("", "Pod"),
    ("", "ReplicationController"),
    ("batch", "Job"),
    ("batch", "CronJob"),
    ("argoproj.io", "Rollout"),
    ("apps.openshift.io", "DeploymentConfig"),
    ("apps.kruise.io", "CloneSet"),
    ("apps.kruise.io", "StatefulSet"),
    ("apps.kruise.io", "DaemonSet"),
    ("serving.knative.dev", "Service"),
    ("serving.knative.dev", "Configuration"),
    ("kubevirt.io", "VirtualMachine"),
    ("kubevirt.io", "VirtualMachineInstance"),
    ("kubevirt.io", "VirtualMachineInstanceReplicaSet"),
    *((group, kind) for group in ("apps", "extensions") for kind in APPS),
}
ENTRIES = {
    (NETWORKING, "Ingress"),
    ("extensions", "Ingress"),
    ("route.openshift.io", "Route"),
    *((GATEWAY, kind) for kind in ROUTES),
}
UNSUPPORTED = {
    ("crd.projectcalico.org", "NetworkPolicy"),
    ("crd.projectcalico.org", "GlobalNetworkPolicy"),
    ("projectcalico.org", "NetworkPolicy"),
    ("projectcalico.org", "GlobalNetworkPolicy"),
    ("cilium.io", "CiliumNetworkPolicy"),
    ("cilium.io", "CiliumClusterwideNetworkPolicy"),
    ("k8s.cni.cncf.io", "MultiNetworkPolicy"),
    ("crd.antrea.io", "NetworkPolicy"),
    ("crd.antrea.io", "ClusterNetworkPolicy"),
    ("k8s.ovn.org", "EgressFirewall"),
    ("network.openshift.io", "EgressNetworkPolicy"),
    ("security.istio.io", "AuthorizationPolicy"),
    ("security.istio.io", "PeerAuthentication"),
    ("networking.istio.io", "Sidecar"),
}
MOVED = {"NetworkPolicy": NETWORKING, "Ingress": NETWORKING, **dict.fromkeys(APPS, "apps")}
KINDS = (
    {kind for _, kind in WORKLOADS | ENTRIES | UNSUPPORTED}
    | set(ADMIN_VERSIONS)
    | {"NetworkPolicy", "Namespace", "Node", "Service", "ReferenceGrant", "PodTemplate"}
)
KIND_LINE = re.compile(r"""(- )?["']?kind["']?:[ \t]+["']?(\w+)["']?,?[ \t]*(#.*)?""")
LEVELS = {
    **dict.fromkeys(
        (
            "unreadable",
            "bad-type",
            "invalid-policy",
            "unknown-field",
            "unknown-api",
            "no-name",
        ),
        "error",
    ),
    **dict.fromkeys(
        (
            "namespace-labels-unknown",
            "controller-label",
            "ipblock-may-cover-pods",
            "peer-not-evaluated",
            "policy-selects-nothing",
            "no-workloads",
            "no-policies",
        ),
        "notice",
    ),
}


class Diagnostic(NamedTuple):
    """One thing said about the snapshot (section 8); the object is "" where there is none."""

    level: str
    code: str
    file: str
    line: int
    object: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Obj:
    """One object of the page: its role, its identity (S-8) and where it stands."""

    role: str
    group: str
    kind: str
    version: str
    namespace: str
    name: str
    generated: bool
    file: str
    line: int
    doc: Any

    @property
    def text(self) -> str:
        """KIND NAMESPACE/NAME, for cluster-scoped kinds KIND NAME; "" where nothing names it."""
        if not self.name:
            return ""
        return f"{self.kind} {self.namespace}/{self.name}".replace(" /", " ")


@dataclass(slots=True, kw_only=True)
class Manifests:
    """All objects of a snapshot in order, and what was said while reading."""

    namespace: str = "default"
    objects: list[Obj] = field(default_factory=list)
    said: list[Diagnostic] = field(default_factory=list)
    notes: dict[Obj, list[Diagnostic]] = field(default_factory=dict)

    def say(self, code: str, at: Obj | tuple[str, int], line: int = 0) -> None:
        """Adds a diagnostic of this code at an object or a place."""
        level = LEVELS.get(code, "warning")
        if isinstance(at, Obj):
            said = Diagnostic(level, code, at.file, line or at.line, at.text)
            self.notes.setdefault(at, []).append(said)
        else:
            self.said.append(Diagnostic(level, code, at[0], at[1], ""))

    def override(self, other: Obj) -> None:
        """S-8: a later object holds; of the earlier one nothing is said but that it was one too."""
        self.objects.remove(other)
        self.said += [one for one in self.notes.pop(other, []) if one.code == "duplicate-object"]

    def all_said(self) -> list[Diagnostic]:
        """Everything that was said, sorted, each once."""
        return sorted({*self.said, *(one for listed in self.notes.values() for one in listed)})


def is_manifest_path(path: str) -> bool:
    """S-1: by the ending of the name, nothing hidden."""
    hidden = any(part.startswith(".") for part in path.split("/"))
    return not hidden and path.lower().endswith((".yaml", ".yml", ".json"))


def unreadable_level(text: str) -> str:
    """Footnote 1 of section 8: a warning where it cannot matter to connectivity."""
    lines = (KIND_LINE.fullmatch(line.strip()) for line in text.split("\n"))
    ours = any(found and found[2] in KINDS for found in lines)
    return "error" if ours or "NetworkPolicy" in text else "warning"


def documents(path: str, data: str | bytes, said: list[Diagnostic]) -> Iterator[tuple[int, Any]]:
    """Every document of a file with its line; pieces that do not parse are said (S-2)."""
    try:
        text = yaml11.text_of(data)
    except UnicodeDecodeError:
        rough = data.decode("utf-8", "replace") if isinstance(data, bytes) else data
        said.append(Diagnostic(unreadable_level(rough), "unreadable", path, 1, ""))
        return
    for before, piece in yaml11.pieces(text):
        try:
            document = yaml11.parse(before, piece)
        except yaml11.UnreadableError as error:
            level = unreadable_level(piece)
            said.append(Diagnostic(level, "unreadable", path, error.line, ""))
            continue
        if isinstance(document, dict):
            yield getattr(document, "line", 0), document


def items(document: Any, inherited: dict[str, Any]) -> Iterator[Any]:
    """The objects that a document stands for: its items where it is a list (S-5)."""
    if not isinstance(document, dict):
        return
    document = with_inherited(document, inherited)
    kind, listed = document.get("kind"), document.get("items")
    is_list = isinstance(kind, str) and kind.endswith("List") and isinstance(listed, list)
    if not is_list:
        yield document
    else:
        typed = kind != "List"
        given = {"kind": kind[:-4], "apiVersion": document.get("apiVersion")} if typed else {}
        for item in listed:
            if item is None and typed:
                nothing = yaml11.Map(listed.line if isinstance(listed, yaml11.Seq) else 0)
                yield from items(nothing, given)
            else:
                yield from items(item, given)


def with_inherited(document: Any, inherited: dict[str, Any]) -> Any:
    """The document with kind and apiVersion of its typed list where it writes none."""
    result = yaml11.Map(document.line)
    result.twice = document.twice
    result.update(document)
    for key, value in inherited.items():
        if result.get(key) is None:
            result[key] = value
    return result


def role_of(group: str, version: str, kind: str, doc: Any) -> str:
    """What an object is to this page, "" for what is ignored (S-6, S-7, S-21, S-60)."""
    if (group, kind) in UNSUPPORTED:
        return "unsupported"
    if kind == "NetworkPolicy":
        return network_policy_role(group, version)
    if group == POLICY_GROUP and kind in ADMIN_VERSIONS:
        return "admin" if version == ADMIN_VERSIONS[kind] else "unknown-api"
    if (group, kind) in WORKLOADS:
        return "workload"
    if (group, kind) in ENTRIES:
        return "entry"
    named = {
        ("", "Namespace"): "namespace",
        ("", "Service"): "service",
        (GATEWAY, "ReferenceGrant"): "grant",
    }
    if (group, kind) in named:
        return named[group, kind]
    containers: Any = doc
    for step in ("spec", "template", "spec", "containers"):
        containers = containers.get(step) if isinstance(containers, dict) else None
    return "workload" if isinstance(containers, list) and kind != "PodTemplate" else ""


def network_policy_role(group: str, version: str) -> str:
    """S-6, S-7: which group and version of a NetworkPolicy is ours."""
    if (group, version) == (NETWORKING, "v1"):
        return "policy"
    if (group, version) == ("extensions", "v1beta1"):
        return "removed-api"
    own = "." not in group or group.endswith(".k8s.io")
    return "unknown-api" if own else ""


def placed(manifests: Manifests, path: str, doc: Any) -> Obj | None:
    """The object of a document with its identity; None where it is left out or not ours."""
    kind, api = doc.get("kind"), doc.get("apiVersion")
    if not isinstance(kind, str) or (not isinstance(api, str) and kind != "NetworkPolicy"):
        return None
    group, _, version = (api or "").rpartition("/") if isinstance(api, str) else ("", "", "")
    role = role_of(group, version, kind, doc) if api else "unknown-api"
    if not role or (not api and kind != "NetworkPolicy"):
        return None
    if role in {"policy", "removed-api"} or group == "extensions":
        group = MOVED.get(kind, group)
    cluster_scoped = group == POLICY_GROUP and kind in ADMIN_VERSIONS
    cluster_scoped = cluster_scoped or (group, kind) in {("", "Namespace"), ("", "Node")}
    metadata = doc.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    name, generate = metadata.get("name"), metadata.get("generateName")
    namespace = "" if cluster_scoped else (metadata.get("namespace") or manifests.namespace)
    return Obj(
        role="policy" if role == "removed-api" else role,
        group=group,
        kind=kind,
        version=version,
        namespace=namespace if isinstance(namespace, str) else manifests.namespace,
        name=next((one for one in (name, generate) if isinstance(one, str) and one), ""),
        generated=not name and bool(generate),
        file=path,
        line=doc.line,
        doc=doc,
    )


def misnamed(obj: Obj) -> bool:
    """S-11 where S-8 needs it: metadata, name or namespace of a wrong type."""
    metadata = obj.doc.get("metadata")
    if metadata is None:
        return False
    if not isinstance(metadata, dict):
        return True
    words = ("name", "generateName") + (("namespace",) if obj.namespace else ())
    return any(not isinstance(metadata.get(word, ""), (str, type(None))) for word in words)


def accept(manifests: Manifests, obj: Obj) -> None:
    """Takes an object in, or says why not: S-4, S-6, S-7, S-9, S-8 in this order."""
    for line in yaml11.twice(obj.doc):
        manifests.say("duplicate-key", obj, line)
    if obj.role in {"unsupported", "unknown-api"}:
        manifests.say("unsupported-policy" if obj.role == "unsupported" else obj.role, obj)
        return
    if obj.role == "policy" and obj.version == "v1beta1":
        manifests.say("removed-api", obj)
    if misnamed(obj):
        manifests.say("bad-type", obj)
        return
    if not obj.name:
        manifests.say("no-name", obj)
        return
    for other in manifests.objects:
        if not obj.generated and not other.generated and identity(obj) == identity(other):
            if not same(obj.doc, other.doc):
                manifests.say("duplicate-object", obj)
            manifests.override(other)
            break
    manifests.objects.append(obj)


def same(one: Any, other: Any) -> bool:
    """Whether two values are read alike; 53.0 is not 53 (S-8)."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return set(one) == set(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


def identity(obj: Obj) -> tuple[str, str, str, str]:
    """S-8: group, kind, namespace and name."""
    return obj.group, obj.kind, obj.namespace, obj.name


def read(files: Mapping[str, str | bytes], namespace: str = "default") -> Manifests:
    """All objects of one snapshot in the order of S-1."""
    manifests = Manifests(namespace=namespace)
    for path in sorted(files, key=lambda path: path.encode()):
        if not is_manifest_path(path):
            continue
        for _, document in documents(path, files[path], manifests.said):
            for doc in items(document, {}):
                obj = placed(manifests, path, doc)
                if obj is not None:
                    accept(manifests, obj)
    return manifests
