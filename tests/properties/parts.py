"""Random parts of clusters out of small pools: selectors, peers, ports, policies, workloads."""

import random as randoms
from typing import Any

from tests.properties.spelling import Obj

SPACES = ("default", "shop", "obs", "db")
KEYS, VALUES = ("app", "tier", "x.io/role"), ("a", "b", "c", "")
NAMES = ("web", "api", "db", "job")
PORT_NAMES = ("http", "dns", "web")
PORTS = (1, 53, 80, 81, 443, 8080, 65535)
PROTOCOLS = ("TCP", "UDP", "SCTP")
CIDRS = (
    "0.0.0.0/0",
    "0.0.0.0/0",
    "0.0.0.0/1",
    "128.0.0.0/1",
    "10.0.0.0/8",
    "10.0.0.0/9",
    "10.128.0.0/9",
    "10.1.0.0/16",
    "10.1.2.3/32",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
    "203.0.113.0/24",
    "203.0.113.5/32",
    "::/0",
    "::/1",
    "fd00::/8",
    "2001:db8::/32",
    "fd00::1/128",
)
INSIDE = {
    "0.0.0.0/0": ("10.0.0.0/8", "10.1.0.0/16", "172.16.0.0/12", "169.254.169.254/32", "0.0.0.0/1"),
    "10.0.0.0/8": ("10.1.0.0/16", "10.1.2.0/24", "10.128.0.0/9"),
    "10.0.0.0/9": ("10.1.2.3/32", "10.1.0.0/16"),
    "203.0.113.0/24": ("203.0.113.5/32", "203.0.113.128/25"),
    "::/0": ("fd00::/8", "2001:db8::/32", "fd00::1/128"),
    "fd00::/8": ("fd00::/16", "fd00::1/128"),
    "128.0.0.0/1": ("172.16.0.0/12", "192.168.0.0/16"),
}
ADDRESSES = ("10.1.2.3", "10.1.0.7", "203.0.113.5", "fd00::1", "10.200.0.1")
CONTROLLER_KEYS = (
    "pod-template-hash",
    "job-name",
    "statefulset.kubernetes.io/pod-name",
    "apps.kubernetes.io/pod-index",
    "controller-revision-hash",
)


def labels(random: randoms.Random) -> Obj:
    """A few labels out of a small pool."""
    return {key: random.choice(("a", *VALUES)) for key in KEYS if random.random() < 0.55}


def selector(random: randoms.Random, *, keys: tuple[str, ...] = KEYS) -> Any:
    """A selector of every form (S-30, S-31), null now and then."""
    chance = random.random()
    if chance < 0.2:
        return {}
    if chance < 0.23:
        return {"matchLabels": None, "matchExpressions": []}
    result: Obj = {}
    if random.random() < 0.65:
        result["matchLabels"] = {random.choice(keys): random.choice(VALUES)}
        if random.random() < 0.15:
            result["matchLabels"][random.choice(keys)] = None
    if random.random() < 0.5 or not result:
        count = random.choice((1, 1, 2))
        result["matchExpressions"] = [expression(random, keys) for _ in range(count)]
    return result


def expression(random: randoms.Random, keys: tuple[str, ...]) -> Obj:
    """One item of `matchExpressions`."""
    operator = random.choice(("In", "NotIn", "Exists", "DoesNotExist"))
    key = random.choice(keys) if random.random() < 0.85 else random.choice(CONTROLLER_KEYS)
    result: Obj = {"key": key, "operator": operator}
    if operator in {"In", "NotIn"}:
        pool: tuple[str, ...] = VALUES
        if key in CONTROLLER_KEYS:
            pool = ("db-0", "db-1", "0", "1", "job")
        result["values"] = random.sample(pool, random.choice((1, 2)))
    elif random.random() < 0.2:
        result["values"] = random.choice(([], None))
    return result


def space_selector(random: randoms.Random) -> Any:
    """A namespace selector, often by the name's own label."""
    chance = random.random()
    name = "kubernetes.io/metadata.name"
    if chance < 0.02:
        return {"matchLabels": {"network.openshift.io/policy-group": "ingress"}}
    if chance < 0.25:
        return {"matchLabels": {name: random.choice(SPACES)}}
    if chance < 0.4:
        operator = random.choice(("In", "NotIn"))
        values = random.sample(SPACES, 2)
        return {"matchExpressions": [{"key": name, "operator": operator, "values": values}]}
    return selector(random, keys=("team", "app"))


def port_item(random: randoms.Random) -> Any:
    """An item of `ports` (S-45)."""
    chance = random.random()
    item: Obj = {}
    if random.random() < 0.6:
        item["protocol"] = random.choice((*PROTOCOLS, "TCP", None))
    if chance < 0.15:
        return item
    if chance < 0.45:
        return {**item, "port": random.choice(PORT_NAMES)}
    item["port"] = random.choice(PORTS)
    if chance < 0.6:
        item["endPort"] = min(65535, item["port"] + random.choice((0, 1, 400, 70000)))
    return item


def ip_block(random: randoms.Random) -> Obj:
    """An `ipBlock`, often with exceptions that meet the pod ranges (S-54)."""
    cidr = random.choice(CIDRS)
    item: Obj = {"cidr": cidr}
    if cidr in INSIDE and random.random() < 0.6:
        item["except"] = random.sample(INSIDE[cidr], random.choice((1, 1, 2)))
    elif random.random() < 0.1:
        item["except"] = random.choice(([], None))
    return {"ipBlock": item}


def peer(random: randoms.Random) -> Any:
    """An item of `from` or `to` (S-44)."""
    chance = random.random()
    if chance < 0.3:
        return {"podSelector": selector(random)}
    if chance < 0.5:
        return {"namespaceSelector": space_selector(random)}
    if chance < 0.7:
        return {"namespaceSelector": space_selector(random), "podSelector": selector(random)}
    if chance < 0.73:
        return {"namespaceSelector": None, "podSelector": selector(random)}
    return ip_block(random)


def several(random: randoms.Random, make: Any, most: int = 3) -> list[Any]:
    """One to some of a thing."""
    return [make(random) for _ in range(random.randint(1, most))]


def rule(random: randoms.Random, word: str) -> Any:
    """A rule; `{}`, null and empty lists are among them (S-43)."""
    chance = random.random()
    if chance < 0.06:
        return random.choice(({}, None, {word: []}, {"ports": []}, {word: None, "ports": None}))
    result: Obj = {}
    if chance < 0.9:
        result[word] = several(random, peer)
    if random.random() < 0.6:
        result["ports"] = several(random, port_item)
    return result


def network_policy(random: randoms.Random, name: str, spaces: tuple[str, ...]) -> Obj:
    """A NetworkPolicy that an API server takes."""
    spec: Obj = {"podSelector": random.choice((selector(random), selector(random), {}, None))}
    types = random.choice(
        (None, None, ["Ingress"], ["Egress"], ["Ingress", "Egress"], ["Egress", "Egress"], [])
    )
    if types is not None:
        spec["policyTypes"] = types
    for direction, word in (("ingress", "from"), ("egress", "to")):
        chance = random.random()
        if chance < 0.1:
            spec[direction] = random.choice(([], None))
        elif chance < 0.7:
            spec[direction] = [rule(random, word) for _ in range(random.choice((1, 1, 2)))]
    metadata: Obj = {"name": name, "namespace": random.choice(spaces)}
    if metadata["namespace"] == "default" and random.random() < 0.5:
        del metadata["namespace"]
    result = {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata}
    return result if random.random() < 0.03 else {**result, "spec": spec}


def container(random: randoms.Random) -> Obj:
    """A container with a few ports; names and protocols collide (S-26, S-46)."""
    ports = []
    for _ in range(random.choice((0, 1, 1, 2, 3))):
        one: Obj = {"containerPort": random.choice(PORTS)}
        if random.random() < 0.8:
            one["name"] = random.choice(PORT_NAMES)
        if random.random() < 0.3:
            one["protocol"] = random.choice(PROTOCOLS)
        ports.append(one)
    return {"name": "c", "ports": ports} if ports or random.random() < 0.5 else {"name": "c"}


def pod_spec(random: randoms.Random) -> Obj:
    """The spec of a pod: host network, sidecars and init containers."""
    spec: Obj = {"containers": several(random, container, 2)}
    if random.random() < 0.1:
        spec["hostNetwork"] = random.choice((True, True, False, None))
    if random.random() < 0.2:
        init = container(random)
        init["restartPolicy"] = random.choice(("Always", "Never", None))
        spec["initContainers"] = [init]
    return spec


def template(random: randoms.Random) -> Obj:
    """A pod template."""
    return {"metadata": {"labels": labels(random)}, "spec": pod_spec(random)}


def owner(random: randoms.Random, *, kinds: tuple[str, ...]) -> list[Obj]:
    """`ownerReferences` that lead to an object of the snapshot, or to none (S-23)."""
    kind = random.choice((*kinds, "Node", "Mystery"))
    reference = {"kind": kind, "name": random.choice(NAMES), "controller": True}
    if random.random() < 0.15:
        reference["controller"] = False
    if random.random() < 0.05:
        del reference["kind"]
    return [reference] if random.random() < 0.8 else [{"kind": "Foo", "name": "x"}, reference]


APIS = {
    "Pod": "v1",
    "ReplicationController": "v1",
    "Job": "batch/v1",
    "CronJob": "batch/v1",
    "Deployment": "apps/v1",
    "ReplicaSet": "apps/v1",
    "StatefulSet": "apps/v1",
    "DaemonSet": "apps/v1",
    "Rollout": "argoproj.io/v1alpha1",
    "DeploymentConfig": "apps.openshift.io/v1",
    "CloneSet": "apps.kruise.io/v1alpha1",
    "Service": "serving.knative.dev/v1",
    "Configuration": "serving.knative.dev/v1",
    "VirtualMachine": "kubevirt.io/v1",
    "VirtualMachineInstance": "kubevirt.io/v1",
    "Machine": "example.org/v1",
}
COMMON = (
    "Deployment",
    "Deployment",
    "StatefulSet",
    "StatefulSet",
    "Pod",
    "Pod",
    "DaemonSet",
    "Job",
)
OWNED = {  # never in a circle: whose pods those would be is not defined
    "Pod": ("ReplicaSet", "Deployment", "Job", "StatefulSet"),
    "ReplicaSet": ("Deployment", "Rollout"),
    "Job": ("CronJob",),
    "ReplicationController": ("DeploymentConfig",),
}


def workload(random: randoms.Random, name: str, spaces: tuple[str, ...]) -> Obj:
    """A workload of any kind of S-21."""
    kind = random.choice(COMMON) if random.random() < 0.6 else random.choice(tuple(APIS))
    metadata: Obj = {"name": name, "namespace": random.choice(spaces)}
    if kind in OWNED and random.random() < 0.35:
        metadata["ownerReferences"] = owner(random, kinds=OWNED[kind])
    obj: Obj = {"apiVersion": APIS[kind], "kind": kind, "metadata": metadata}
    if kind == "Pod":
        metadata["labels"] = labels(random)
        obj["spec"] = pod_spec(random)
        add_status(random, obj)
    elif kind == "CronJob":
        obj["spec"] = {"jobTemplate": {"spec": {"template": template(random)}}}
    elif kind == "VirtualMachineInstance":
        metadata["labels"] = labels(random)
    else:
        obj["spec"] = {"template": template(random)}
        if kind == "StatefulSet":
            obj["spec"] |= random.choice(
                ({}, {"replicas": 2}, {"replicas": 0}, {"replicas": 90000})
            )
            if random.random() < 0.2:
                obj["spec"]["ordinals"] = {"start": random.choice((1, 2))}
        if kind == "Job":
            obj["spec"] |= random.choice(
                ({}, {"completionMode": "Indexed"}, {"manualSelector": True})
            )
        if random.random() < 0.1 and kind != "StatefulSet":
            obj["spec"]["replicas"] = random.choice((0, 3))
    return obj


def add_status(random: randoms.Random, pod: Obj) -> None:
    """Known addresses, and pods that have ended (S-22, S-28)."""
    if random.random() < 0.4:
        known = random.sample(ADDRESSES, random.choice((1, 1, 2)))
        if len(known) == 2 and len({":" in one for one in known}) == 1:
            known = known[:1]
        pod["status"] = {"podIPs": [{"ip": one} for one in known]}
        if random.random() < 0.2:
            pod["status"] = {"podIP": known[0]}
    elif random.random() < 0.1:
        pod["status"] = {"phase": random.choice(("Succeeded", "Failed", "Running"))}


def namespace(random: randoms.Random, name: str) -> Obj:
    """A Namespace object; its name's label cannot be overridden (S-20)."""
    given = {key: random.choice(VALUES) for key in ("team", "app") if random.random() < 0.6}
    if random.random() < 0.1:
        given["kubernetes.io/metadata.name"] = "shop"
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": given}}
