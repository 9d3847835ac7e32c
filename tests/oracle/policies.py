"""Policies in one form: subjects, directions, rules (S-40 to S-46, S-60 to S-65)."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from tests.oracle import refused
from tests.oracle.cluster import NAME_LABEL, Cluster, Policy
from tests.oracle.selectors import Requirement, Requirements, requirements

INGRESS, EGRESS = "ingress", "egress"
PEERS = {INGRESS: "from", EGRESS: "to"}


class Network(NamedTuple):
    """Addresses in `block` and in none of `without` (S-44)."""

    block: refused.Block
    without: tuple[refused.Block, ...]

    def has(self, family: int, address: int) -> bool:
        """Whether an address is in it."""
        return inside(self.block, family, address) and not any(
            inside(one, family, address) for one in self.without
        )


def inside(block: refused.Block, family: int, address: int) -> bool:
    """Whether a block holds an address."""
    return block.family == family and block.low <= address <= block.high


class Peer(NamedTuple):
    """One item: two selectors, or networks, or nodes; else nothing that can be matched."""

    spaces: Requirements | None = None
    pods: Requirements | None = None
    networks: tuple[Network, ...] = ()
    nodes: Requirements | None = None
    unknown: bool = False


class PortItem(NamedTuple):
    """Protocol (None: any) with a range, or with a name that is resolved (S-45, S-46, S-63)."""

    protocol: str | None
    low: int
    high: int
    name: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """A rule: None of peers or ports is no restriction."""

    action: str
    peers: tuple[Peer, ...] | None
    ports: tuple[PortItem, ...] | None
    line: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Governing:
    """A policy for the verdict: whom it has as subject and its rules by direction."""

    source: Policy
    tier: str
    order: tuple[int, str, str]
    spaces: Requirements
    pods: Requirements
    rules: dict[str, tuple[Rule, ...]]


def named_space(namespace: str) -> Requirements:
    """The namespace selector of a policy's own namespace."""
    return frozenset({Requirement(NAME_LABEL, "In", frozenset({namespace}))})


def directions(spec: dict[str, Any]) -> list[str]:
    """S-41: the directions that an NP governs."""
    types = spec.get("policyTypes")
    if types:
        return [one for one in (INGRESS, EGRESS) if one.capitalize() in types]
    return [INGRESS, EGRESS] if spec.get("egress") else [INGRESS]


def network_policy(policy: Policy) -> Governing:
    """An NP; a direction that it does not govern is not in `rules`."""
    spec, own = policy.spec, named_space(policy.obj.namespace)
    return Governing(
        source=policy,
        tier="networkpolicy",
        order=(0, "", policy.obj.name),
        spaces=own,
        pods=requirements(spec.get("podSelector", {})),
        rules={
            direction: tuple(
                np_rule(rule, PEERS[direction], own) for rule in spec.get(direction, [])
            )
            for direction in directions(spec)
        },
    )


def np_rule(rule: dict[str, Any], word: str, own: Requirements) -> Rule:
    """S-43: a rule of an NP; an empty list restricts nothing (S-44, S-45)."""
    peers = tuple(np_peer(item, own) for item in rule.get(word, []))
    ports = tuple(np_port(item) for item in rule.get("ports", []))
    return Rule("Allow", peers or None, ports or None, getattr(rule, "line", 0))


def np_peer(item: dict[str, Any], own: Requirements) -> Peer:
    """S-44: an item of `from` or `to`."""
    if "ipBlock" in item:
        written = item["ipBlock"]
        without = tuple(block_of(text) for text in written.get("except", []))
        return Peer(networks=(Network(block_of(written["cidr"]), without),))
    spaces = requirements(item["namespaceSelector"]) if "namespaceSelector" in item else own
    return Peer(spaces=spaces, pods=requirements(item.get("podSelector", {})))


def block_of(text: str) -> refused.Block:
    """The block of a CIDR that was accepted."""
    block = refused.cidr(text)
    if block is None:
        raise ValueError(text)
    return block


def np_port(item: dict[str, Any]) -> PortItem:
    """S-45: an item of `ports`."""
    protocol, port = item.get("protocol", "TCP"), item.get("port")
    if port is None:
        return PortItem(protocol, 1, 65535)
    if isinstance(port, str):
        return PortItem(protocol, 1, 65535, port)
    return PortItem(protocol, port, item.get("endPort", port))


def admin_policy(policy: Policy) -> Governing:
    """An ANP, BANP or CNP (S-60)."""
    spec, kind = policy.spec, policy.obj.kind
    baseline = kind == "BaselineAdminNetworkPolicy" or spec.get("tier") == "Baseline"
    subject = admin_peer(spec["subject"])
    last = 2000 if kind == "BaselineAdminNetworkPolicy" else spec["priority"]
    return Governing(
        source=policy,
        tier="baseline" if baseline else "admin",
        order=(last, kind, policy.obj.name),
        spaces=subject.spaces or frozenset(),
        pods=subject.pods or frozenset(),
        rules={
            direction: tuple(
                admin_rule(rule, PEERS[direction], kind) for rule in spec.get(direction, [])
            )
            for direction in (INGRESS, EGRESS)
        },
    )


def admin_rule(rule: dict[str, Any], word: str, kind: str) -> Rule:
    """S-63: a rule; `Accept` is `Allow` (S-60)."""
    field = "protocols" if kind == "ClusterNetworkPolicy" else "ports"
    ports = None
    if field in rule:
        ports = tuple(
            v2_port(item) if field == "protocols" else v1_port(item) for item in rule[field]
        )
    action = rule["action"].replace("Accept", "Allow")
    return Rule(action, tuple(map(admin_peer, rule[word])), ports, getattr(rule, "line", 0))


def admin_peer(item: dict[str, Any]) -> Peer:
    """S-62, S-63: a subject or a peer."""
    if "namespaces" in item:
        return Peer(spaces=requirements(item["namespaces"]), pods=frozenset())
    if "pods" in item:
        pods = item["pods"]
        return Peer(
            spaces=requirements(pods.get("namespaceSelector", {})),
            pods=requirements(pods["podSelector"]),
        )
    if "networks" in item:
        return Peer(networks=tuple(Network(block_of(text), ()) for text in item["networks"]))
    if "nodes" in item:
        return Peer(nodes=requirements(item["nodes"]), unknown=True)
    return Peer(unknown=True)


def v1_port(item: dict[str, Any]) -> PortItem:
    """S-63: `ports` of v1alpha1."""
    if "namedPort" in item:
        return PortItem(None, 1, 65535, item["namedPort"])
    if "portNumber" in item:
        one = item["portNumber"]
        return PortItem(one.get("protocol", "TCP"), one["port"], one["port"])
    one = item["portRange"]
    return PortItem(one.get("protocol", "TCP"), one["start"], one["end"])


def v2_port(item: dict[str, Any]) -> PortItem:
    """S-63: `protocols` of v1alpha2."""
    if "destinationNamedPort" in item:
        return PortItem(None, 1, 65535, item["destinationNamedPort"])
    protocol = next(word for word in ("tcp", "udp", "sctp") if word in item)
    port = item[protocol]["destinationPort"]
    if "number" in port:
        return PortItem(protocol.upper(), port["number"], port["number"])
    return PortItem(protocol.upper(), port["range"]["start"], port["range"]["end"])


def governing(cluster: Cluster) -> list[Governing]:
    """All policies of a snapshot; each tier in its order (S-64, S-65)."""
    found = [network_policy(one) for one in cluster.policies]
    found += [admin_policy(one) for one in cluster.admins]
    return sorted(found, key=lambda one: one.order)
