"""Random changes in which what findings.md speaks of occurs: databases by port and by label,
scrape ports, kube-system, blocks of every part and width, renamed workloads, new clients.
"""

import copy
import random as randoms
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import yaml

Obj = dict[str, Any]
SPACES = ("shop", "shop", "shop", "ops", "kube-system")
NAMES = ("web", "api", "db", "tool")
APPS = ("web", "api", "redis", "Postgres", "redis-exporter", "consul", "tool", "db")
PORTS = (
    *(
        (8080, "TCP", ""),
        (8080, "TCP", "http"),
        (5432, "TCP", ""),
        (5432, "UDP", ""),
        (22, "TCP", ""),
    ),
    *(
        (9092, "TCP", ""),
        (8500, "TCP", ""),
        (53, "UDP", "dns"),
        (53, "TCP", ""),
        (11211, "UDP", ""),
    ),
    *(
        (9121, "TCP", "metrics"),
        (5432, "TCP", "metrics"),
        (9200, "TCP", "prometheus"),
        (80, "TCP", ""),
    ),
)
CIDRS = (
    *("0.0.0.0/0", "0.0.0.0/0", "0.0.0.0/1", "44.0.0.0/8", "45.0.0.0/8", "44.0.0.0/7"),
    *("203.0.113.0/24", "203.0.113.7/32", "10.0.0.0/8", "10.20.0.0/16", "100.64.0.0/10"),
    *("169.254.169.254/32", "169.254.0.0/16", "168.0.0.0/6", "127.0.0.1/32", "172.16.0.0/12"),
    *("::/0", "2001:db8::/32", "2001:db9::/32", "2001:db8::/31", "fc00::/7", "fd00:ec2::254/128"),
    *("fe80::/10", "9.255.255.0/24", "8.0.0.0/5", "128.0.0.0/1"),
)
EXCEPT = {
    "0.0.0.0/0": ("169.254.169.254/32", "10.0.0.0/8", "0.0.0.0/1", "203.0.113.0/24"),
    "10.0.0.0/8": ("10.20.0.0/16",),
    "44.0.0.0/7": ("45.0.0.0/9",),
    "169.254.0.0/16": ("169.254.169.254/32",),
    "::/0": ("fd00:ec2::254/128", "2000::/3"),
    "128.0.0.0/1": ("169.254.169.254/32",),
}
RULE_PORTS: tuple[Obj, ...] = (
    *({"port": 8080}, {"port": 5432}, {"port": 22}, {"port": 9121}, {"port": 80}, {"port": 443}),
    *({"port": 9092}, {"port": 53, "protocol": "UDP"}, {"protocol": "UDP"}, {"protocol": "TCP"}),
    *(
        {"port": 5400, "endPort": 5499},
        {"port": 5400, "endPort": 5500},
        {"port": 1, "endPort": 100},
    ),
    *({"port": 1, "endPort": 101}, {"port": 11211, "protocol": "UDP"}, {"port": "http"}),
    *({"port": "metrics"}, {"port": 8500}, {"port": 9200}, {"port": 79, "endPort": 81}),
)
IMAGES = ("web:1", "web:2", "example.test:5000/db", "example.test:5000/db@sha256:00", "tool")


@dataclass(slots=True)
class Plan:
    """What a random pair may hold besides policies and workloads."""

    random: randoms.Random
    admin: bool = False
    unseen: bool = False
    kinds: tuple[str, ...] = ("Deployment", "Deployment", "StatefulSet", "DaemonSet", "Pod")
    made: int = field(default=0)

    def number(self) -> int:
        """A number that no other object of this pair has."""
        self.made += 1
        return self.made


def labels(random: randoms.Random, name: str) -> Obj:
    """Labels under the keys that F-12 looks at, and others."""
    found = {"app": name if random.random() < 0.55 else random.choice(APPS)}
    if random.random() < 0.15:
        found["tier"] = random.choice(("db", "front", "cache"))
    if random.random() < 0.1:
        found["app.kubernetes.io/name"] = random.choice(("kafka", "web"))
    if random.random() < 0.1:
        found["team"] = random.choice(("redis", "a"))
    return found


def workload(plan: Plan, name: str, space: str) -> Obj:
    """A workload with ports, labels, images and scrape annotations."""
    random = plan.random
    ports = []
    for number, protocol, word in random.sample(PORTS, random.choice((0, 1, 1, 1, 2, 3))):
        one: Obj = {"containerPort": number, "protocol": protocol}
        ports.append({**one, "name": word} if word else one)
    container = {"name": "main", "image": random.choice(IMAGES), "ports": ports}
    metadata: Obj = {"labels": labels(random, name)}
    if random.random() < 0.12:
        metadata["annotations"] = {
            "prometheus.io/port": random.choice(("8080", "9200", "5432")),
            "prometheus.io/scrape": random.choice(("true", "true", "false")),
        }
    spec: Obj = {"containers": [container]}
    if random.random() < 0.06:
        spec["hostNetwork"] = True
    kind = random.choice(plan.kinds)
    made: Obj = {"apiVersion": "v1" if kind == "Pod" else "apps/v1", "kind": kind}
    made["metadata"] = {"name": name, "namespace": space}
    if kind == "Pod":
        made["metadata"] |= metadata
        return {**made, "spec": spec}
    return {**made, "spec": {"template": {"metadata": metadata, "spec": spec}}}


def peer(random: randoms.Random) -> Obj:
    """An item of `from` or `to`."""
    chance = random.random()
    if chance < 0.45:
        cidr = random.choice(CIDRS)
        block: Obj = {"cidr": cidr}
        if cidr in EXCEPT and random.random() < 0.35:
            block["except"] = [random.choice(EXCEPT[cidr])]
        return {"ipBlock": block}
    app = {"matchLabels": {"app": random.choice((*NAMES, *APPS))}}
    if chance < 0.6:
        return {"podSelector": random.choice((app, {}))}
    name = random.choice(("shop", "ops", "kube-system", "data"))
    space = random.choice(
        (
            *({}, {}, {"matchLabels": {"kubernetes.io/metadata.name": name}}),
            {"matchLabels": {"team": random.choice("ab")}},
        )
    )
    if chance < 0.85:
        return {"namespaceSelector": space}
    return {"namespaceSelector": space, "podSelector": app}


def rule(random: randoms.Random, word: str) -> Obj:
    """A rule of an NP."""
    made: Obj = {}
    if random.random() < 0.92:
        made[word] = [peer(random) for _ in range(random.choice((1, 1, 2)))]
    if random.random() < 0.75:
        made["ports"] = copy.deepcopy(random.sample(RULE_PORTS, random.choice((1, 1, 2))))
    return made


def policy(plan: Plan, name: str, space: str, *, deny: bool = False) -> Obj:
    """An NP: a default deny, or rules for some pods."""
    random = plan.random
    types = random.choice((["Ingress"], ["Ingress", "Egress"], ["Ingress", "Egress"], ["Egress"]))
    spec: Obj = {"podSelector": {}, "policyTypes": types}
    if not deny:
        if random.random() < 0.75:
            app = random.choice((*NAMES, *APPS))
            spec["podSelector"] = {"matchLabels": {"app": app}}
        for direction, word in (("Ingress", "from"), ("Egress", "to")):
            if direction in types:
                spec[direction.lower()] = [rule(random, word) for _ in range(random.choice((1, 2)))]
    made: Obj = {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy"}
    return {**made, "metadata": {"name": name, "namespace": space}, "spec": spec}


def admin_policy(plan: Plan, name: str) -> Obj:
    """An ANP with a few rules."""
    random = plan.random
    pods = {
        "namespaceSelector": random.choice(
            ({}, {"matchLabels": {"kubernetes.io/metadata.name": "shop"}})
        ),
        "podSelector": random.choice(({}, {"matchLabels": {"app": random.choice(NAMES)}})),
    }
    spec: Obj = {"priority": random.randint(0, 9), "subject": {"pods": pods}}
    action = random.choice(("Allow", "Deny", "Pass"))
    if random.random() < 0.6:
        spec["ingress"] = [{"action": action, "from": [{"namespaces": {}}]}]
    if random.random() < 0.6 or "ingress" not in spec:
        networks = random.sample(CIDRS, 2)
        spec["egress"] = [{"action": action, "to": [{"networks": sorted(set(networks))}]}]
    for listed in (spec.get("ingress", ()), spec.get("egress", ())):
        for one in listed:
            if random.random() < 0.5:
                port = random.choice((80, 5432, 22, 8080))
                one["ports"] = [{"portNumber": {"protocol": "TCP", "port": port}}]
    return {
        "apiVersion": "policy.networking.k8s.io/v1alpha1",
        "kind": "AdminNetworkPolicy",
        "metadata": {"name": name},
        "spec": spec,
    }


def entry(plan: Plan, space: str) -> list[Obj]:
    """A Service and an Ingress that leads to it."""
    random, number = plan.random, plan.number()
    app = random.choice(NAMES)
    port = random.choice((8080, 5432, 22, 80))
    meta = {"name": f"s{number}", "namespace": space}
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": meta,
        "spec": {"selector": {"app": app}, "ports": [{"port": port}]},
    }
    backend = {"service": {"name": meta["name"], "port": {"number": port}}}
    ingress = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": f"i{number}", "namespace": space},
        "spec": {"defaultBackend": backend},
    }
    return [service, ingress]


def namespace(random: randoms.Random, name: str) -> Obj:
    """A Namespace object."""
    given = {"team": random.choice("ab")} if random.random() < 0.8 else {}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": given}}


def base(plan: Plan) -> list[Obj]:
    """The objects of a base."""
    random = plan.random
    found: list[Obj] = []
    for index in range(random.choice((1, 2, 2, 3, 3, 4))):
        name = random.choice(NAMES)
        found.append(workload(plan, f"{name}{index or ''}", random.choice(SPACES)))
    for space in ("shop", "ops", "kube-system"):
        if random.random() < 0.6:
            found.append(policy(plan, "default-deny", space, deny=True))
        if random.random() < 0.5:
            found.append(namespace(random, space))
    spaces = (*SPACES, "data", "data", "data") if plan.unseen else SPACES
    found += [
        policy(plan, f"p{plan.number()}", random.choice(spaces))
        for _ in range(random.choice((0, 1, 2, 3)))
    ]
    if random.random() < 0.35:
        found += entry(plan, random.choice(SPACES))
    if plan.admin:
        found += [admin_policy(plan, f"a{plan.number()}") for _ in range(random.choice((1, 2)))]
    return found


def held(objs: list[Obj], *kinds: str) -> list[int]:
    """Where the objects of some kinds are; of none: the workloads."""
    wanted = kinds or ("Deployment", "StatefulSet", "DaemonSet", "Pod")
    return [index for index, one in enumerate(objs) if one["kind"] in wanted]


def template(one: Obj) -> Obj:
    """The pod template of a workload."""
    found: Obj = one["spec"].get("template", one)
    return found


def add_workload(plan: Plan, objs: list[Obj]) -> None:
    """A new workload."""
    random = plan.random
    objs.append(workload(plan, f"{random.choice(NAMES)}{plan.number() + 5}", random.choice(SPACES)))


def rename(plan: Plan, objs: list[Obj]) -> None:
    """A workload of another name, its containers as they were; or of another kind."""
    random = plan.random
    for index in random.sample(held(objs), min(1, len(held(objs)))):
        one = objs[index]
        if random.random() < 0.3 and one["kind"] != "Pod":
            one["kind"] = random.choice(("Deployment", "StatefulSet", "DaemonSet"))
            return
        one["metadata"]["name"] = f"{random.choice(NAMES)}{plan.number() + 5}"
        if random.random() < 0.4:
            template(one)["metadata"]["labels"] = labels(random, random.choice(NAMES))


def relabel(plan: Plan, objs: list[Obj]) -> None:
    """A workload with other labels, in the host's network, or with other ports."""
    random = plan.random
    for index in random.sample(held(objs), min(1, len(held(objs)))):
        made = template(objs[index])
        chance = random.random()
        if chance < 0.6:
            made["metadata"]["labels"] = labels(random, random.choice(NAMES))
        elif chance < 0.8:
            made["spec"]["hostNetwork"] = not made["spec"].get("hostNetwork", False)
        else:
            made["spec"]["containers"][0]["ports"] = [{"containerPort": random.choice((22, 5432))}]


def remove(plan: Plan, objs: list[Obj]) -> None:
    """Without one object."""
    if len(objs) > 1:
        del objs[plan.random.randrange(len(objs))]


def remove_policy(plan: Plan, objs: list[Obj]) -> None:
    """Without a policy."""
    at = held(objs, "NetworkPolicy", "AdminNetworkPolicy")
    if at:
        del objs[plan.random.choice(at)]


def add_policy(plan: Plan, objs: list[Obj]) -> None:
    """A new policy."""
    random = plan.random
    spaces = (*SPACES, "data", "data") if plan.unseen else SPACES
    if plan.admin and random.random() < 0.4:
        objs.append(admin_policy(plan, f"a{plan.number()}"))
    else:
        objs.append(policy(plan, f"p{plan.number()}", random.choice(spaces)))


def change_policy(plan: Plan, objs: list[Obj]) -> None:
    """A policy with a rule more, a rule less, another selector, other peers or another name."""
    random = plan.random
    at = held(objs, "NetworkPolicy")
    if not at:
        return
    one = objs[random.choice(at)]
    spec, chance = one["spec"], random.random()
    direction, word = random.choice((("ingress", "from"), ("egress", "to")))
    listed = spec.setdefault(direction, [])
    if chance < 0.1:
        one["metadata"]["name"] = f"p{plan.number()}"
    elif chance < 0.25:
        app = random.choice((*NAMES, *APPS))
        spec["podSelector"] = random.choice(({"matchLabels": {"app": app}}, {}))
    elif chance < 0.5 or not listed:
        listed.insert(0 if random.random() < 0.5 else len(listed), rule(random, word))
    elif chance < 0.6:
        listed.pop(random.randrange(len(listed)))
    elif chance < 0.8:
        at_rule = random.randrange(len(listed))
        listed[at_rule] = {**listed[at_rule], word: [peer(random), *listed[at_rule].get(word, [])]}
    else:
        at_rule = random.randrange(len(listed))
        listed[at_rule] = {**listed[at_rule], "ports": [dict(random.choice(RULE_PORTS))]}
    if not listed:
        del spec[direction]


def add_entry(plan: Plan, objs: list[Obj]) -> None:
    """A Service with an Ingress."""
    objs.extend(entry(plan, plan.random.choice(SPACES)))


def change_namespace(plan: Plan, objs: list[Obj]) -> None:
    """Another label of a namespace."""
    at = held(objs, "Namespace")
    name = plan.random.choice(("shop", "ops"))
    if at:
        at_one = plan.random.choice(at)
        objs[at_one] = namespace(plan.random, objs[at_one]["metadata"]["name"])
    else:
        objs.append(namespace(plan.random, name))


Edit = Callable[[Plan, list[Obj]], None]
EDITS: tuple[Edit, ...] = (
    *(add_workload, add_workload, rename, rename, relabel, remove, remove_policy, remove_policy),
    *(add_policy, add_policy, change_policy, change_policy, change_policy, change_policy),
    *(add_entry, change_namespace),
)


def text(objs: list[Obj]) -> dict[str, str]:
    """The objects in two files."""
    files: dict[str, str] = {}
    for one in objs:
        path = "p/policies.yaml" if "Policy" in one["kind"] else "all.yaml"
        files[path] = files.get(path, "") + "---\n" + yaml.safe_dump(one, sort_keys=False)
    return files


def unique(objs: list[Obj]) -> list[Obj]:
    """Without a second object of one identity."""
    seen: dict[tuple[str, ...], Obj] = {}
    for one in objs:
        meta = one["metadata"]
        seen.setdefault((one["kind"], meta.get("namespace", ""), meta["name"]), one)
    return list(seen.values())


def pair(plan: Plan) -> tuple[dict[str, str], dict[str, str]]:
    """A base and a head made of it by a few edits."""
    before = unique(base(plan))
    after = copy.deepcopy(before)
    moved: tuple[Edit, ...] = (rename, change_policy, change_policy)
    others = tuple(plan.random.choice(EDITS) for _ in range(plan.random.choice((1, 1, 2, 3, 4))))
    for edit in moved if plan.random.random() < 0.12 else others:
        edit(plan, after)
    return text(before), text(unique(after))
