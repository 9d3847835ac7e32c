"""Random admin policies (section 6) and entries (S-80 to S-83), for the random clusters."""

import random as randoms
from typing import Any

from tests.properties import parts
from tests.properties.spelling import Obj

SERVICE_PORTS = (80, 80, 443)
GROUP, GATEWAY = "policy.networking.k8s.io", "gateway.networking.k8s.io"


def subject(random: randoms.Random) -> Obj:
    """A subject, or the same as a peer."""
    if random.random() < 0.2:
        return {"namespaces": {}}
    if random.random() < 0.3:
        return {"namespaces": parts.space_selector(random)}
    pods = {
        "namespaceSelector": parts.space_selector(random),
        "podSelector": parts.selector(random),
    }
    return {"pods": pods}


def outer(random: randoms.Random) -> Obj:
    """An egress peer."""
    chance = random.random()
    if chance < 0.55:
        return subject(random)
    if chance < 0.85:
        pool = sorted({*parts.CIDRS, *parts.INSIDE["0.0.0.0/0"]})
        return {"networks": random.sample(pool, random.choice((1, 2, 4, 6)))}
    if chance < 0.95:
        return {"nodes": random.choice(({}, {}, {"matchLabels": {"app": "a"}}))}
    return {"domainNames": ["example.org"]}


def v1_port(random: randoms.Random, named: bool) -> Obj:
    """A port of v1alpha1."""
    chance = random.random()
    protocol = random.choice(({}, {"protocol": random.choice(parts.PROTOCOLS)}))
    if chance < 0.25 and named:
        return {"namedPort": random.choice(parts.PORT_NAMES)}
    if chance < 0.65:
        return {"portNumber": {**protocol, "port": random.choice(parts.PORTS)}}
    start, end = random.choice(parts.PORTS), random.choice(parts.PORTS)
    return {"portRange": {**protocol, "start": start, "end": end}}


def v2_port(random: randoms.Random, named: bool) -> Obj:
    """A protocol of v1alpha2."""
    if random.random() < 0.25 and named:
        return {"destinationNamedPort": random.choice(parts.PORT_NAMES)}
    port: Obj = {"number": random.choice(parts.PORTS)}
    if random.random() < 0.4:
        start, end = sorted(random.sample(parts.PORTS, 2))
        port = {"range": {"start": start, "end": end}}
    return {random.choice(("tcp", "udp", "sctp")): {"destinationPort": port}}


def rules(random: randoms.Random, kind: str, direction: str) -> list[Obj]:
    """The rules of one direction."""
    actions = {
        "AdminNetworkPolicy": ("Allow", "Deny", "Pass"),
        "BaselineAdminNetworkPolicy": ("Allow", "Deny"),
        "ClusterNetworkPolicy": ("Accept", "Deny", "Pass"),
    }
    word, make = ("from", subject) if direction == "ingress" else ("to", outer)
    found = []
    for _ in range(random.choice((1, 2, 3))):
        peers = parts.several(random, make, 2)
        rule: Obj = {"action": random.choice(actions[kind]), word: peers}
        named = not any({"networks", "nodes", "domainNames"} & set(one) for one in peers)
        if random.random() < 0.6:
            field, port = ("protocols", v2_port) if kind[0] == "C" else ("ports", v1_port)
            rule[field] = [port(random, named) for _ in range(random.choice((1, 2)))]
        found.append(rule)
    return found


def policies(random: randoms.Random) -> list[Obj]:
    """Some admin policies of the three kinds."""
    found = []
    for index in range(random.randint(1, 4)):
        kind = random.choice(
            ("AdminNetworkPolicy", "ClusterNetworkPolicy", "BaselineAdminNetworkPolicy")
        )
        baseline = kind == "BaselineAdminNetworkPolicy"
        spec: Obj = {"subject": subject(random)}
        if not baseline:
            spec["priority"] = random.choice((0, 5, 5, 1000))
        if kind == "ClusterNetworkPolicy":
            spec["tier"] = random.choice(("Admin", "Admin", "Baseline"))
        for direction in ("ingress", "egress"):
            if random.random() < 0.75:
                spec[direction] = rules(random, kind, direction)
        found.append(
            {
                "apiVersion": f"{GROUP}/{'v1alpha2' if kind[0] == 'C' else 'v1alpha1'}",
                "kind": kind,
                "metadata": {"name": "default" if baseline else f"a{index}"},
                "spec": spec,
            }
        )
    return found


def chosen(random: randoms.Random, space: str, known: list[Obj]) -> Obj:
    """A selector that often picks some workload of the namespace."""
    here = [one for one in known if one["metadata"].get("namespace") == space]
    made = [one.get("spec", {}).get("template", one) for one in here]
    held = [one["metadata"]["labels"] for one in made if one["metadata"].get("labels")]
    if not held or random.random() < 0.2:
        return parts.labels(random)
    key, value = random.choice(list(random.choice(held).items()))
    return {key: value}


def service(random: randoms.Random, name: str, space: str, known: list[Obj]) -> Obj:
    """A Service, now and then one that leads nowhere."""
    ports = []
    for index in range(random.choice((1, 1, 2))):
        port: Obj = {"port": random.choice(SERVICE_PORTS), "name": f"s{index}"}
        if random.random() < 0.7:
            port["targetPort"] = random.choice((*parts.PORTS, *parts.PORT_NAMES))
        if random.random() < 0.25:
            port["protocol"] = random.choice(("UDP", "TCP", "SCTP"))
        ports.append(port)
    spec: Obj = {"ports": ports, "selector": chosen(random, space, known)}
    if random.random() < 0.08:
        spec["type"] = "ExternalName"
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": space},
        "spec": spec,
    }


def ingress(random: randoms.Random) -> tuple[str, Obj]:
    """The apiVersion and spec of an Ingress of either form."""
    name = random.choice(("s-a", "s-b"))
    wanted: Any = random.choice((*SERVICE_PORTS, "s0", "s0", "s1"))
    if random.random() < 0.7:
        port = {"name": wanted} if isinstance(wanted, str) else {"number": wanted}
        backend: Obj = {"service": {"name": name, "port": port}}
        spec: Obj = {"rules": [{"http": {"paths": [{"backend": backend}]}}, {"host": "x"}]}
        if random.random() < 0.3:
            spec = {"defaultBackend": backend}
        return "networking.k8s.io/v1", spec
    backend = {"serviceName": name, "servicePort": wanted}
    api = random.choice(("networking.k8s.io/v1beta1", "extensions/v1beta1"))
    if random.random() < 0.3:
        return api, {"backend": backend}
    return api, {"rules": [{"http": {"paths": [{"backend": backend}]}}]}


def route(random: randoms.Random) -> tuple[str, Obj]:
    """The apiVersion and spec of an OpenShift Route."""
    spec: Obj = {"to": {"kind": "Service", "name": random.choice(("s-a", "s-b"))}}
    if random.random() < 0.3:
        spec["to"]["weight"] = random.choice((0, 10))
    if random.random() < 0.3:
        spec["alternateBackends"] = [{"kind": "Service", "name": "s-b", "weight": 5}]
    if random.random() < 0.6:
        wanted = random.choice((*parts.PORTS, "s0", "s0", "s1", "http", "web"))
        spec["port"] = {"targetPort": wanted}
    return "route.openshift.io/v1", spec


def gateway_route(random: randoms.Random, spaces: tuple[str, ...]) -> tuple[str, Obj]:
    """The apiVersion and spec of a Gateway-API route."""
    ref: Obj = {"name": random.choice(("s-a", "s-b")), "port": random.choice(SERVICE_PORTS)}
    if random.random() < 0.3:
        ref["kind"] = random.choice(("Service", "Service", "Other"))
    if random.random() < 0.4:
        ref["namespace"] = random.choice(spaces)
    if random.random() < 0.1:
        ref["weight"] = random.choice((0, 1))
    return f"{GATEWAY}/v1", {"rules": [{"backendRefs": [ref]}]}


def grant(random: randoms.Random, spaces: tuple[str, ...]) -> Obj:
    """A ReferenceGrant."""
    to: Obj = {"group": "", "kind": "Service"}
    if random.random() < 0.4:
        to["name"] = random.choice(("s-a", "s-b"))
    source = {"group": GATEWAY, "kind": "HTTPRoute", "namespace": random.choice(spaces)}
    return {
        "apiVersion": f"{GATEWAY}/v1beta1",
        "kind": "ReferenceGrant",
        "metadata": {"name": "g", "namespace": random.choice(spaces)},
        "spec": {"from": [source], "to": [to]},
    }


def entries(random: randoms.Random, spaces: tuple[str, ...], known: list[Obj]) -> list[Obj]:
    """Services, and what leads to them."""
    found = [service(random, name, space, known) for name in ("s-a", "s-b") for space in spaces]
    found = [one for one in found if random.random() < 0.8]
    for index in range(random.randint(1, 3)):
        kind = random.choice(
            ("Ingress", "Ingress", "Route", "HTTPRoute", "HTTPRoute", "TCPRoute", "UDPRoute")
        )
        if kind == "Ingress":
            api, spec = ingress(random)
        elif kind == "Route":
            api, spec = route(random)
        else:
            api, spec = gateway_route(random, spaces)
        metadata = {"name": f"e{index}", "namespace": random.choice(spaces)}
        found.append({"apiVersion": api, "kind": kind, "metadata": metadata, "spec": spec})
    if random.random() < 0.4:
        found.append(grant(random, spaces))
    if random.random() < 0.3:
        found.append(
            {
                "apiVersion": "v1",
                "kind": "Namespace",
                "metadata": {"name": "traefik", "labels": {"team": "a", "app": "b"}},
            }
        )
    return found
