"""What the API server would refuse: S-13 with S-14 and S-15, and S-61."""

import ipaddress
import re
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
WORD = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?")
PROTOCOLS = ("TCP", "UDP", "SCTP")
MAPPED = 0xFFFF << 32


class Block(NamedTuple):
    """The addresses of a CIDR, both ends included, and whether S-15 had to be lenient."""

    family: int
    low: int
    high: int
    prefix: int
    host_bits: bool = False
    odd: bool = False


@cache
def cidr(text: str) -> Block | None:
    """The block of a CIDR, None where it is none (S-15)."""
    address, slash, length = text.partition("/")
    if not slash or not re.fullmatch(r"[0-9]+", length):
        return None
    odd = length != str(int(length))
    if ":" not in address:
        parts = address.split(".")
        if len(parts) != 4 or not all(re.fullmatch(r"[0-9]+", part) for part in parts):
            return None
        if max(int(part) for part in parts) > 255:
            return None
        odd = odd or any(part != str(int(part)) for part in parts)
        number, family, bits = sum(int(p) << 8 * (3 - i) for i, p in enumerate(parts)), 4, 32
    else:
        try:
            number, family, bits = int(ipaddress.IPv6Address(address)), 6, 128
        except ValueError:
            return None
        if "%" in address:
            return None
    prefix = int(length)
    if prefix > bits:
        return None
    if family == 6 and prefix >= 96 and number >> 32 == 0xFFFF:
        number, family, bits, prefix, odd = number - MAPPED, 4, 32, prefix - 96, True
    low = number >> (bits - prefix) << (bits - prefix)
    return Block(family, low, low + 2 ** (bits - prefix) - 1, prefix, low != number, odd)


def qualified(key: str) -> bool:
    """S-14: an optional prefix and a name."""
    prefix, slash, name = key.rpartition("/")
    if slash and not (len(prefix) <= 253 and SUBDOMAIN.fullmatch(prefix)):
        return False
    return len(name) <= 63 and WORD.fullmatch(name) is not None


def label_value(value: str) -> bool:
    """S-14: a label value."""
    return value == "" or (len(value) <= 63 and WORD.fullmatch(value) is not None)


def port_name(text: str) -> bool:
    """S-13: 1-15 of a-z0-9-, a letter, no dash at an end or doubled."""
    plain = re.fullmatch(r"[a-z0-9-]{1,15}", text) and re.search("[a-z]", text)
    return bool(plain) and text[0] != "-" and text[-1] != "-" and "--" not in text


def selector(value: dict[str, Any], path: str) -> Iterator[str]:
    """The paths at which a selector is refused."""
    for key, wanted in value.get("matchLabels", {}).items():
        if not qualified(key) or not label_value(wanted):
            yield f"{path}.matchLabels"
    for index, one in enumerate(value.get("matchExpressions", [])):
        here, values = f"{path}.matchExpressions[{index}]", one.get("values", [])
        if not qualified(one.get("key", "")):
            yield f"{here}.key"
        if not all(label_value(word) for word in values):
            yield f"{here}.values"
        operator = one.get("operator", "")
        if operator not in {"In", "NotIn", "Exists", "DoesNotExist"}:
            yield f"{here}.operator"
        elif (operator in {"In", "NotIn"}) != bool(values):
            yield f"{here}.values"


def names(metadata: dict[str, Any]) -> Iterator[str]:
    """The paths of metadata that S-13 refuses."""
    for word in ("name", "generateName"):
        text = metadata.get(word, "")
        if word == "generateName":
            text = text.removesuffix("-")
        if metadata.get(word) and not (len(text) <= 253 and SUBDOMAIN.fullmatch(text)):
            yield f"metadata.{word}"
    namespace = metadata.get("namespace")
    if namespace and not (len(namespace) <= 63 and LABEL.fullmatch(namespace)):
        yield "metadata.namespace"
    for key, value in metadata.get("labels", {}).items():
        if not qualified(key) or not label_value(value):
            yield "metadata.labels"


def network_policy(policy: dict[str, Any]) -> list[str]:
    """The paths at which the API server refuses a NetworkPolicy (S-13)."""
    spec = policy.get("spec", {})
    found = list(names(policy.get("metadata", {})))
    found += selector(spec.get("podSelector", {}), "spec.podSelector")
    types = spec.get("policyTypes", [])
    if len(types) > 2 or not set(types) <= {"Ingress", "Egress"}:
        found.append("spec.policyTypes")
    for direction, peers in (("ingress", "from"), ("egress", "to")):
        for index, rule in enumerate(spec.get(direction, [])):
            here = f"spec.{direction}[{index}]"
            for number, port in enumerate(rule.get("ports", [])):
                found += np_port(port, f"{here}.ports[{number}]")
            for number, peer in enumerate(rule.get(peers, [])):
                found += np_peer(peer, f"{here}.{peers}[{number}]")
    return found


def np_port(item: dict[str, Any], path: str) -> Iterator[str]:
    if item.get("protocol", "TCP") not in PROTOCOLS:
        yield f"{path}.protocol"
    port, end = item.get("port"), item.get("endPort")
    if isinstance(port, int) and not 1 <= port <= 65535:
        yield f"{path}.port"
    if isinstance(port, str) and not port_name(port):
        yield f"{path}.port"
    if end is not None and (not isinstance(port, int) or end < port or not 1 <= end <= 65535):
        yield f"{path}.endPort"


def np_peer(item: dict[str, Any], path: str) -> Iterator[str]:
    if not item or ("ipBlock" in item and len(item) > 1):
        yield path
    for word in ("podSelector", "namespaceSelector"):
        yield from selector(item.get(word, {}), f"{path}.{word}")
    if "ipBlock" in item:
        outer = cidr(item["ipBlock"].get("cidr", ""))
        if outer is None:
            yield f"{path}.ipBlock.cidr"
        for index, text in enumerate(item["ipBlock"].get("except", [])):
            inner = cidr(text)
            if inner is None or (outer is not None and not strictly_inside(inner, outer)):
                yield f"{path}.ipBlock.except[{index}]"


def strictly_inside(inner: Block, outer: Block) -> bool:
    """S-13: same family, inside, and with a longer prefix."""
    return (
        inner.family == outer.family
        and outer.low <= inner.low
        and inner.high <= outer.high
        and inner.prefix > outer.prefix
    )


def admin_policy(kind: str, policy: dict[str, Any]) -> list[str]:
    """The paths at which S-61 refuses an admin policy."""
    spec = policy.get("spec", {})
    found = []
    if kind == "BaselineAdminNetworkPolicy":
        if policy.get("metadata", {}).get("name") != "default":
            found.append("metadata.name")
    elif not 0 <= spec.get("priority", -1) <= 1000:
        found.append("spec.priority")
    if kind == "ClusterNetworkPolicy" and spec.get("tier") not in {"Admin", "Baseline"}:
        found.append("spec.tier")
    found += subject(kind, spec.get("subject", {}), "spec.subject")
    most = 25 if kind == "ClusterNetworkPolicy" else 100
    for direction, peers in (("ingress", "from"), ("egress", "to")):
        rules = spec.get(direction, [])
        if len(rules) > most:
            found.append(f"spec.{direction}")
        for index, rule in enumerate(rules):
            found += admin_rule(kind, rule, peers, f"spec.{direction}[{index}]")
    return found


def subject(kind: str, item: dict[str, Any], path: str) -> Iterator[str]:
    """A subject, or a peer of the same two fields."""
    if len(item) != 1:
        yield path
    pods = item.get("pods")
    if pods is not None:
        needed = {"podSelector"}
        if kind != "ClusterNetworkPolicy":
            needed.add("namespaceSelector")
        if not needed <= set(pods):
            yield f"{path}.pods"
        for word in ("podSelector", "namespaceSelector"):
            yield from selector(pods.get(word, {}), f"{path}.pods.{word}")
    yield from selector(item.get("namespaces", {}), f"{path}.namespaces")
    yield from selector(item.get("nodes", {}), f"{path}.nodes")


def admin_rule(kind: str, rule: dict[str, Any], word: str, path: str) -> Iterator[str]:
    actions = {
        "AdminNetworkPolicy": {"Allow", "Deny", "Pass"},
        "BaselineAdminNetworkPolicy": {"Allow", "Deny"},
        "ClusterNetworkPolicy": {"Accept", "Deny", "Pass"},
    }
    most = 25 if kind == "ClusterNetworkPolicy" else 100
    if rule.get("action") not in actions[kind]:
        yield f"{path}.action"
    if len(rule.get("name", "")) > 100:
        yield f"{path}.name"
    peers = rule.get(word, [])
    if not 1 <= len(peers) <= most:
        yield f"{path}.{word}"
    for index, peer in enumerate(peers):
        yield from subject(kind, peer, f"{path}.{word}[{index}]")
        if "networks" in peer:
            yield from networks(peer["networks"], f"{path}.{word}[{index}].networks")
    field = "protocols" if kind == "ClusterNetworkPolicy" else "ports"
    ports = rule.get(field)
    if ports is not None and not 1 <= len(ports) <= most:
        yield f"{path}.{field}"
    elsewhere = any({"networks", "nodes", "domainNames"} & set(peer) for peer in peers)
    for index, port in enumerate(ports or []):
        here = f"{path}.{field}[{index}]"
        yield from (v2_port if field == "protocols" else v1_port)(port, here)
        if elsewhere and ("namedPort" in port or "destinationNamedPort" in port):
            yield here


def networks(texts: list[str], path: str) -> Iterator[str]:
    blocks = [cidr(text) for text in texts]
    strict = all(block is not None and not block.odd for block in blocks)
    if not 1 <= len(texts) <= 25 or not strict or len(set(texts)) < len(texts):
        yield path


def v1_port(item: dict[str, Any], path: str) -> Iterator[str]:
    if len(item) != 1:
        yield path
    for word, fields in (("portNumber", ("port",)), ("portRange", ("start", "end"))):
        if word in item:
            numbers = [item[word].get(field, 0) for field in fields]
            if not all(1 <= number <= 65535 for number in numbers):
                yield f"{path}.{word}"
            if item[word].get("protocol", "TCP") not in PROTOCOLS:
                yield f"{path}.{word}.protocol"


def v2_port(item: dict[str, Any], path: str) -> Iterator[str]:
    if len(item) != 1:
        yield path
    for word in ("tcp", "udp", "sctp"):
        if word not in item:
            continue
        port = item[word].get("destinationPort", {})
        if len(port) != 1:
            yield f"{path}.{word}"
        if "number" in port and not 1 <= port["number"] <= 65535:
            yield f"{path}.{word}.destinationPort.number"
        if "range" in port:
            start, end = port["range"].get("start", 0), port["range"].get("end", 0)
            if not 1 <= start < end <= 65535:
                yield f"{path}.{word}.destinationPort.range"


def lenient(texts: list[str]) -> bool:
    """S-15: whether one of these CIDRs is not written canonically."""
    blocks = [cidr(text) for text in texts]
    return any(block is not None and (block.odd or block.host_bits) for block in blocks)
