"""Random pairs of small clusters in which the checks of findings.md find something, or nearly do.

A shop with its databases, monitoring and name server, policies with the usual slips and their
harmless neighbours, and one to three edits. The same seed gives the same bytes. Objects are
written in plain block style, so that lines are what a person would count.
"""

import copy
import random as randoms
from typing import Any, NamedTuple

import yaml

Obj = dict[str, Any]
Objects = dict[str, Obj]
NAME = "kubernetes.io/metadata.name"
SPACES = ("shop", "ops", "data")
LABELS: tuple[tuple[str, str, Obj], ...] = (
    ("shop", "web", {"app": "web", "tier": "front"}),
    ("shop", "api", {"app": "api", "tier": "back"}),
    ("shop", "carts", {"name": "carts"}),
    ("shop", "db", {"app": "store", "tier": "back"}),
    ("data", "db", {"app": "postgres"}),
    ("data", "cache", {"app": "cache", "tier": "back"}),
    ("ops", "tool", {"app": "tool"}),
    ("ops", "prometheus", {"app.kubernetes.io/name": "prometheus"}),
    ("ops", "web", {"app": "web"}),
    ("ops", "node", {"app": "node"}),
    ("kube-system", "coredns", {"k8s-app": "kube-dns"}),
    ("kube-system", "dns-helper", {"app": "dns"}),
    ("openshift-dns", "dns-default", {"dns.operator.openshift.io/daemonset-dns": "default"}),
)
PORTS: dict[str, list[Obj]] = {
    "web": [{"containerPort": 8080, "name": "http"}, {"containerPort": 9100, "name": "metrics"}],
    "api": [{"containerPort": 8081, "name": "http"}],
    "db": [{"containerPort": 5432, "name": "pg"}],
    "cache": [{"containerPort": 6379}],
    "carts": [{"containerPort": 80}, {"containerPort": 9153, "name": "prometheus"}],
    "coredns": [{"containerPort": 53, "protocol": "UDP", "name": "dns"}],
}
VALUES = {
    "app": ("web", "wep", "api", "store", "stores", "postgres", "postgers", "cache", "tool", "x"),
    "name": ("carts", "cart", "web", "store"),
    "tier": ("front", "back", "bakc", "edge"),
}
POD_KEYS = ("app", "app", "app", "name", "tier")
BLOCKS = (
    "0.0.0.0/0", "10.0.0.0/8", "10.20.0.0/16", "44.0.0.0/7", "44.0.0.0/8", "44.1.0.0/16",
    "128.0.0.0/1", "8.0.0.0/5", "203.0.113.0/24", "203.0.113.7/32", "10.96.0.10/32",
    "2001:db8::/31", "2001:db8::/48", "::/0", "10.0.0.0/7",
)  # fmt: skip
EXCEPTS = {
    "0.0.0.0/0": ("169.254.169.254/32", "10.0.0.0/8", "44.0.0.0/8", "44.1.0.0/16"),
    "10.0.0.0/8": ("10.20.0.0/16", "10.20.1.0/24", "10.96.0.10/32"),
    "44.0.0.0/8": ("44.1.0.0/16", "44.1.2.0/24"),
    "44.0.0.0/7": ("44.0.0.0/8", "44.1.0.0/16"),
    "203.0.113.0/24": ("203.0.113.7/32",),
}
RULE_PORTS: tuple[Obj, ...] = (
    {"port": 80}, {"port": 8080}, {"port": 5432}, {"port": 5432, "protocol": "TCP"},
    {"port": 6379}, {"port": 53, "protocol": "UDP"}, {"port": 53}, {"port": 443},
    {"port": "http"}, {"port": "htp"}, {"port": "pg"}, {"port": "metrics"},
    {"port": "dns", "protocol": "UDP"}, {"port": 8000, "endPort": 9200}, {"protocol": "UDP"},
    {"port": 5353, "protocol": "UDP"}, {"port": 9100}, {"port": 81},
)  # fmt: skip
REFERENCES = (
    "db", "http://web", "http://api.shop:81/v1", "postgres://u:p@db.data/x", "redis://cache.data",
    "db.data.svc.cluster.local:5432", "db.data.svc", "carts:80", "https://web.shop", "nothing",
    "--db=db.shop", "web.shop.svc:8080", "tool.ops", "amqp://carts", "db.data", "grpc://api",
    "jdbc:postgresql://db.data.svc/x", "http://carts.shop,http://api:81",
)  # fmt: skip
KUBE_DNS = {
    "namespaceSelector": {"matchLabels": {NAME: "kube-system"}},
    "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
}


class Situation(NamedTuple):
    """Base and head as files, and which objects differ."""

    base: dict[str, str]
    head: dict[str, str]
    edits: tuple[str, ...]


def meta(space: str, name: str, **more: Any) -> Obj:
    """The metadata of an object."""
    return {"name": name, "namespace": space, **more}


def workload(random: randoms.Random, space: str, name: str, labels: Obj) -> Obj:
    """A workload with its usual ports, references and annotations."""
    container: Obj = {"name": "main", "image": f"{name}:1"}
    ports = [one for one in copy.deepcopy(PORTS.get(name, [])) if random.random() < 0.85]
    if ports:
        container["ports"] = ports
    told = random.sample(REFERENCES, random.choice((0, 0, 1, 2)))
    if told and random.random() < 0.6:
        container["env"] = [{"name": f"V{i}", "value": one} for i, one in enumerate(told)]
    elif told:
        container[random.choice(("args", "command"))] = list(told)
    template: Obj = {
        "metadata": {"labels": dict(labels)},
        "spec": {"containers": [container]},
    }
    if random.random() < 0.15:
        template["metadata"]["annotations"] = {
            "prometheus.io/scrape": random.choice(("true", "true", "false")),
            "prometheus.io/port": random.choice(("8081", "8080", "x")),
        }
    if name == "node" or random.random() < 0.04:
        template["spec"]["hostNetwork"] = True
    kind = {"db": "StatefulSet", "node": "DaemonSet"}.get(name, "Deployment")
    spec = {"template": template}
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": meta(space, name), "spec": spec}


def namespace(random: randoms.Random, name: str) -> Obj:
    """A Namespace object."""
    labels: Obj = {}
    if random.random() < 0.5:
        labels["team"] = random.choice(("a", "b"))
    if random.random() < 0.3:
        labels["name"] = name
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def pod_selector(random: randoms.Random) -> Obj:
    """A selector of pods: right, nearly right, by expression, with a controller's label."""
    chance = random.random()
    if chance < 0.1:
        return {}
    key = random.choice(POD_KEYS)
    if chance < 0.7:
        found = {key: random.choice(VALUES[key])}
        if random.random() < 0.2:
            found["tier"] = random.choice(VALUES["tier"])
        return {"matchLabels": found}
    if chance < 0.76:
        label = random.choice(
            ("pod-template-hash", "job-name", "statefulset.kubernetes.io/pod-name",
             "controller-revision-hash")
        )  # fmt: skip
        return {"matchLabels": {"app": "web", label: "db-0"}}
    if chance < 0.8:  # the slip of S-17
        return {key: random.choice(VALUES[key])}
    operator = random.choice(("In", "In", "NotIn", "Exists", "DoesNotExist"))
    one: Obj = {"key": key, "operator": operator}
    if operator in {"In", "NotIn"}:
        one["values"] = random.sample(VALUES[key], random.choice((1, 2)))
    return {"matchExpressions": [one]}


def space_selector(random: randoms.Random) -> Obj:
    """A selector of namespaces, often by a label that nobody has set."""
    chance = random.random()
    if chance < 0.2:
        return {}
    if chance < 0.55:
        return {"matchLabels": {NAME: random.choice((*SPACES, "kube-system", "elsewhere"))}}
    if chance < 0.75:
        return {"matchLabels": {"team": random.choice(("a", "b", "c"))}}
    if chance < 0.9:
        return {"matchLabels": {"name": random.choice((*SPACES, "elsewhere"))}}
    if chance < 0.95:
        return {"name": "shop"}
    values = random.sample(("a", "b", "c"), 2)
    operator = random.choice(("In", "NotIn"))
    return {"matchExpressions": [{"key": "team", "operator": operator, "values": values}]}


def ip_block(random: randoms.Random) -> Obj:
    """An `ipBlock`, often with excepts."""
    cidr = random.choice(BLOCKS)
    item: Obj = {"cidr": cidr}
    if cidr in EXCEPTS and random.random() < 0.6:
        pool = EXCEPTS[cidr]
        item["except"] = random.sample(pool, random.randint(1, min(2, len(pool))))
        if random.random() < 0.1:
            item["except"].append(item["except"][0])
    return {"ipBlock": item}


def peer(random: randoms.Random) -> Obj:
    """An item of `from` or `to`."""
    chance = random.random()
    if chance < 0.35:
        return {"podSelector": pod_selector(random)}
    if chance < 0.5:
        return {"namespaceSelector": space_selector(random)}
    if chance < 0.65:
        return {"namespaceSelector": space_selector(random), "podSelector": pod_selector(random)}
    if chance < 0.72:
        return copy.deepcopy(KUBE_DNS)
    return ip_block(random)


def rule(random: randoms.Random, word: str) -> Obj:
    """A rule; now and then open, or with the other direction's word."""
    chance = random.random()
    if chance < 0.07:
        return {}
    found: Obj = {}
    if chance < 0.8:
        asked = word if random.random() < 0.96 else {"from": "to", "to": "from"}[word]
        found[asked] = [peer(random) for _ in range(random.choice((1, 1, 2, 2, 3)))]
        if random.random() < 0.06:
            found[asked].append(copy.deepcopy(found[asked][0]))
    if random.random() < 0.6 or not found:
        count = random.choice((1, 1, 2))
        found["ports"] = [dict(one) for one in random.sample(RULE_PORTS, count)]
    return found


def spec(random: randoms.Random) -> Obj:
    """The spec of a NetworkPolicy, with the usual slips."""
    found: Obj = {"podSelector": pod_selector(random)}
    directions = random.choice(
        (("ingress",), ("ingress",), ("egress",), ("egress",), ("ingress", "egress"))
    )
    for direction in directions:
        word = "from" if direction == "ingress" else "to"
        found[direction] = [rule(random, word) for _ in range(random.choice((1, 1, 1, 2, 3)))]
    chance = random.random()
    if chance < 0.55:
        found["policyTypes"] = [one.capitalize() for one in directions]
    elif chance < 0.65:
        found["policyTypes"] = random.choice((["Ingress"], ["Egress"], ["Ingress", "Egress"]))
    elif chance < 0.7 and "egress" not in found:
        found["egress"] = []
    if random.random() < 0.02:
        found["podselector"] = found.pop("podSelector")
    return found


def policy(space: str, name: str, body: Obj) -> Obj:
    """A NetworkPolicy."""
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": meta(space, name),
        "spec": body,
    }


def usual_policy(random: randoms.Random, space: str) -> Obj:
    """A policy as one writes it: default deny, name resolution, one client, or any."""
    chance = random.random()
    types = random.choice((["Ingress"], ["Egress"], ["Ingress", "Egress"]))
    if chance < 0.12:
        return policy(space, "default-deny", {"podSelector": {}, "policyTypes": types})
    if chance < 0.22:
        ports = [{"port": 53, "protocol": "UDP"}, {"port": 53}]
        to: Obj = random.choice(
            (
                copy.deepcopy(KUBE_DNS),
                {"namespaceSelector": {"matchLabels": {"name": "kube-system"}}},
                {"ipBlock": {"cidr": "10.96.0.10/32"}},
                {"namespaceSelector": {}},
            )
        )
        rules = [{"to": [to], "ports": ports}]
        body = {"podSelector": {}, "egress": rules, "policyTypes": ["Egress"]}
        return policy(space, "dns", body)
    if chance < 0.4:
        one, other = random.sample(("web", "api", "store", "postgres", "tool"), 2)
        body = {"podSelector": {"matchLabels": {"app": one}}}
        word, direction = random.choice((("from", "ingress"), ("to", "egress")))
        item = {"podSelector": {"matchLabels": {"app": other}}}
        body[direction] = [{word: [item], "ports": [dict(random.choice(RULE_PORTS))]}]
        body["policyTypes"] = [direction.capitalize()]
        return policy(space, f"{one}-{other}-{direction}", body)
    return policy(space, f"p{random.randint(0, 6)}", spec(random))


def service(random: randoms.Random, space: str, name: str, labels: Obj) -> Obj:
    """A Service before a workload; its port is the pods', or another."""
    target = (PORTS.get(name) or [{"containerPort": 8080}])[0]
    port: Obj = {"port": random.choice((80, 81, target["containerPort"]))}
    if target.get("protocol"):
        port["protocol"] = target["protocol"]
    if random.random() < 0.7:
        port["targetPort"] = random.choice(
            (target["containerPort"], target.get("name", target["containerPort"]))
        )
    ports = [{**port, "name": "main"}]
    if random.random() < 0.2:
        ports.append({"port": 443, "targetPort": 8080, "name": "other"})
    body = {"selector": dict(labels), "ports": ports}
    return {"apiVersion": "v1", "kind": "Service", "metadata": meta(space, name), "spec": body}


def ingress(random: randoms.Random, space: str, name: str) -> Obj:
    """An Ingress that leads to Services."""
    paths = [
        {"path": f"/{one}", "backend": {"service": {"name": one, "port": {"number": number}}}}
        for one, number in random.sample((("web", 80), ("api", 81), ("carts", 80), ("web", 443)), 2)
    ]
    body = {"rules": [{"http": {"paths": paths}}]}
    api = "networking.k8s.io/v1"
    return {"apiVersion": api, "kind": "Ingress", "metadata": meta(space, name), "spec": body}


def admin_policy(random: randoms.Random, name: str) -> Obj:
    """An AdminNetworkPolicy of few priorities."""
    direction, word = random.choice((("ingress", "from"), ("egress", "to")))
    item: Obj = {"namespaces": space_selector(random)}
    if direction == "egress" and random.random() < 0.4:
        item = {"networks": [random.choice(("0.0.0.0/0", "10.0.0.0/8", "44.0.0.0/8"))]}
    one: Obj = {"action": random.choice(("Allow", "Deny", "Deny", "Pass")), word: [item]}
    if random.random() < 0.3:
        one["ports"] = [{"portNumber": {"protocol": "TCP", "port": random.choice((80, 5432))}}]
    subject: Obj = {"namespaces": space_selector(random)}
    if random.random() < 0.3:
        subject = {"pods": {"namespaceSelector": {}, "podSelector": pod_selector(random)}}
    return {
        "apiVersion": "policy.networking.k8s.io/v1alpha1",
        "kind": "AdminNetworkPolicy",
        "metadata": {"name": name},
        "spec": {"priority": random.choice((5, 5, 7)), "subject": subject, direction: [one]},
    }


def baseline(random: randoms.Random) -> Obj:
    """A BaselineAdminNetworkPolicy that denies, mostly everyone."""
    one: Obj = {"action": random.choice(("Deny", "Deny", "Allow")), "from": [{"namespaces": {}}]}
    if random.random() < 0.3:
        one["from"] = [{"namespaces": {"matchLabels": {NAME: "ops"}}}]
    subject = {"namespaces": {} if random.random() < 0.6 else {"matchLabels": {NAME: "shop"}}}
    return {
        "apiVersion": "policy.networking.k8s.io/v1alpha1",
        "kind": "BaselineAdminNetworkPolicy",
        "metadata": {"name": "default"},
        "spec": {"subject": subject, "ingress": [one]},
    }


PAIRS = (
    ("web", {"app": "web"}, "api", {"app": "api"}, {"port": 8081}),
    ("api", {"app": "api"}, "db", {"app": "store"}, {"port": "pg"}),
    ("api", {"app": "api"}, "db", {"app": "store"}, {"port": 5432}),
    ("web", {"app": "web"}, "carts", {"name": "carts"}, {"port": 80}),
    ("carts", {"name": "carts"}, "db", {"app": "store"}, {"port": 5432}),
    ("api", {"app": "api"}, "web", {"app": "web"}, {"port": "http"}),
)


def halves(random: randoms.Random) -> list[Obj]:
    """Both halves of what a client and its server need, or one alone."""
    client, asks, server, answers, port = random.choice(PAIRS)
    ins: Obj = {
        "podSelector": {"matchLabels": dict(answers)},
        "policyTypes": ["Ingress"],
        "ingress": [
            {"from": [{"podSelector": {"matchLabels": dict(asks)}}], "ports": [dict(port)]}
        ],
    }
    outs: Obj = {
        "podSelector": {"matchLabels": dict(asks)},
        "policyTypes": ["Egress"],
        "egress": [
            {"to": [{"podSelector": {"matchLabels": dict(answers)}}], "ports": [dict(port)]}
        ],
    }
    made = [
        policy("shop", f"{server}-{client}-in", ins),
        policy("shop", f"{client}-{server}-out", outs),
    ]
    return random.choice((made, made[:1], made[1:]))


def tight(random: randoms.Random) -> list[Obj]:
    """A namespace that is closed but for pairs, name resolution, monitoring and the controller."""
    types = random.choice((["Ingress", "Egress"], ["Ingress", "Egress"], ["Ingress"], ["Egress"]))
    found = [policy("shop", "default-deny", {"podSelector": {}, "policyTypes": types})]
    for _ in range(random.choice((1, 2, 3))):
        found += halves(random)
    if random.random() < 0.6:
        to = copy.deepcopy(KUBE_DNS)
        rules = [{"to": [to], "ports": [{"port": 53, "protocol": "UDP"}, {"port": 53}]}]
        body: Obj = {"podSelector": {}, "egress": rules, "policyTypes": ["Egress"]}
        found.append(policy("shop", "dns", body))
    for name, space in (("metrics", "ops"), ("entry", "ingress-nginx")):
        if random.random() < 0.5:
            item = {"namespaceSelector": {"matchLabels": {NAME: space}}}
            body = {"podSelector": {}, "ingress": [{"from": [item]}], "policyTypes": ["Ingress"]}
            found.append(policy("shop", name, body))
    return found


def objects(random: randoms.Random, *, admin: bool) -> Objects:
    """The objects of one cluster by kind and name."""
    found: list[Obj] = []
    if random.random() < 0.4:
        found += tight(random)
    for space, name, labels in LABELS:
        there = {"kube-system": 0.5, "openshift-dns": 0.15}.get(space, 0.6)
        if random.random() < there:
            found.append(workload(random, space, name, labels))
        if random.random() < 0.5:
            found.append(service(random, space, name, labels))
    if random.random() < 0.7:
        names = (*SPACES, "kube-system")
        found += [namespace(random, one) for one in names if random.random() < 0.7]
    if random.random() < 0.4:
        found.append(ingress(random, "shop", "site"))
    for _ in range(random.choice((0, 1, 2, 3, 5))):
        found.append(usual_policy(random, random.choice(SPACES)))
    if admin:
        found += [admin_policy(random, f"a{i}") for i in range(random.choice((1, 2, 3)))]
        if random.random() < 0.5:
            found.append(baseline(random))
    return {key_of(one): one for one in found}


def key_of(obj: Obj) -> str:
    """An object's kind and name."""
    inside = obj["metadata"]
    return f"{obj['kind']} {inside.get('namespace', '')}/{inside['name']}"


def files(held: Objects) -> dict[str, str]:
    """The objects in a few files, each always in the same one."""
    found: dict[str, str] = {}
    for key in sorted(held):
        kind, _, rest = key.partition(" ")
        path = f"k8s/{rest.partition('/')[0] or 'cluster'}/{kind.lower()}.yaml"
        text = yaml.safe_dump(held[key], sort_keys=False, default_flow_style=False)
        found[path] = found.get(path, "") + "---\n" + text
    return found


def changed_policy(random: randoms.Random, obj: Obj) -> None:
    """Another selector, rule, port or direction; or the same rules in another order."""
    body = obj["spec"]
    directions = [one for one in ("ingress", "egress") if body.get(one)]
    chance = random.random()
    if chance < 0.2:
        body["podSelector"] = pod_selector(random)
    elif chance < 0.35 or not directions:
        obj["spec"] = spec(random)
    elif chance < 0.45:
        body.pop("policyTypes", None)
    elif chance < 0.55:
        body[directions[0]].reverse()
    elif chance < 0.7:
        word = {"ingress": "from", "egress": "to"}[directions[0]]
        body[directions[0]].append(rule(random, word))
    elif chance < 0.8:
        body[directions[0]].pop()
    else:
        target = random.choice(body[directions[0]])
        target["ports"] = [dict(random.choice(RULE_PORTS))]


def changed_workload(random: randoms.Random, obj: Obj) -> None:
    """Other labels, another network, other references."""
    template = obj["spec"]["template"]
    chance = random.random()
    if chance < 0.5:
        key = random.choice(("app", "tier", "name"))
        template["metadata"]["labels"][key] = random.choice(VALUES[key])
    elif chance < 0.7:
        template["spec"]["hostNetwork"] = not template["spec"].get("hostNetwork", False)
    elif chance < 0.85:
        template["spec"]["containers"][0]["env"] = [
            {"name": "V", "value": random.choice(REFERENCES)}
        ]
    else:
        template["spec"]["containers"][0]["ports"] = [{"containerPort": 8080, "name": "http"}]


def edit_once(random: randoms.Random, held: Objects, *, admin: bool) -> None:
    """One edit of a person."""
    chance = random.random()
    kinds = "NetworkPolicy" if chance < 0.6 else "Deployment"
    pool = [key for key in sorted(held) if key.startswith(kinds)]
    if chance < 0.35 or not pool:
        added = usual_policy(random, random.choice(SPACES))
        if random.random() < 0.3:
            added = random.choice(halves(random) + tight(random))
        if admin and random.random() < 0.4:
            added = admin_policy(random, f"a{random.randint(0, 4)}")
        held[key_of(added)] = added
        return
    key = random.choice(pool)
    if kinds == "NetworkPolicy":
        if chance < 0.42:
            del held[key]
        elif chance < 0.46:
            moved = held.pop(key)
            moved["metadata"]["name"] += "-renamed"
            held[key_of(moved)] = moved
        else:
            changed_policy(random, held[key])
    elif chance < 0.85:
        changed_workload(random, held[key])
    elif chance < 0.9:
        del held[key]
    else:
        space, name, labels = random.choice(LABELS)
        added = workload(random, space, name, labels)
        held.setdefault(key_of(added), added)


def situation(random: randoms.Random, *, admin: bool = False) -> Situation:
    """A pair of clusters."""
    base = objects(random, admin=admin)
    head = copy.deepcopy(base)
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        edit_once(random, head, admin=admin)
    edits = tuple(
        key for key in sorted(base.keys() | head.keys()) if base.get(key) != head.get(key)
    )
    return Situation(files(base), files(head), edits)
