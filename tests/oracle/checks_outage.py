"""Checks of outages (findings.md section 4, "Outage", with F-33 and F-34), from the page alone.

What names a cause (F-4) has no place here: file "" and line 0 stand for any.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from tests.oracle import entries
from tests.oracle.checks_text import public_part
from tests.oracle.checks_world import (
    Keyed,
    Pair,
    Said,
    World,
    Written,
    on_host,
    outside_ports,
    written,
)
from tests.oracle.cluster import Pod, Workload, blocks, endpoint, template
from tests.oracle.entries import picked, target_numbers
from tests.oracle.policies import EGRESS, INGRESS, Network, Peer, Rule
from tests.oracle.refused import Block
from tests.oracle.rows import FlowMap, workload_end
from tests.oracle.selectors import Requirements, holds, matches
from tests.oracle.verdict import Packet, Packets, Somewhere, by_address, has_peer, ports_match

TRAIT_KEYS = (
    "app", "app.kubernetes.io/name", "app.kubernetes.io/component", "k8s-app", "component",
    "tier", "role",
)  # fmt: skip
COLLECTORS = {
    "prometheus", "vmagent", "grafana-agent", "alloy", "otel-collector",
    "opentelemetry-collector", "datadog-agent",
}  # fmt: skip
SCRAPED = {"metrics", "http-metrics", "prometheus"}
SCHEMES = {
    "http": 80, "https": 443, "postgres": 5432, "postgresql": 5432, "mysql": 3306,
    "redis": 6379, "amqp": 5672, "mongodb": 27017, "nats": 4222,
}  # fmt: skip
OPENSHIFT = {"dns.operator.openshift.io/daemonset-dns": "default"}


# --- F-33 ---


class Server(NamedTuple):
    """Where names are resolved: a namespace, the labels of its pods, a port."""

    namespace: str
    labels: dict[str, str]
    port: int


SERVERS = (
    Server("kube-system", {"k8s-app": "kube-dns"}, 53),
    Server("openshift-dns", OPENSHIFT, 5353),
)


def udp(world: World, number: int) -> Packet:
    """The packet of a UDP port."""
    return next(one for one in world.judge.packets if one.protocol == "UDP" and one.low == number)


def serves(server: Server, workload: Workload) -> bool:
    """Whether a workload is such a name server."""
    if workload.namespace != server.namespace:
        return False
    by_name = server.port == 53 and workload.name in {"coredns", "kube-dns"}
    return by_name or any(server.labels.items() <= pod.labels.items() for pod in workload.pods)


def resolves(world: World, workload: Workload) -> bool:
    """F-33: whether this workload's egress side alone lets names be resolved."""
    return by_outside(world, workload) or any(
        reaches_server(world, workload, server) for server in SERVERS
    )


def by_outside(world: World, workload: Workload) -> bool:
    """UDP 53 to any outside address.

    A few public addresses with every port are not counted: the example of a change that loses name
    resolution has a mail relay of that kind, and its sender among those that cannot resolve.
    """
    packet = udp(world, 53)
    alike: dict[tuple[int, Packets], list[Network]] = {}
    for family, low, high in world.spans:
        ports = outside_ports(world, workload, EGRESS, (family, low, high))
        block = Block(family, low, high, 0)
        alike.setdefault((family, ports), []).append(Network(block, ()))
    for (family, ports), networks in alike.items():
        if packet not in ports:
            continue
        public = sum(public_part(one) for one in networks)
        all_of_them = sum(one.block.high - one.block.low + 1 for one in networks)
        broad = public > (2**24 if family == 4 else 2**96)
        if is_narrow(ports, 53) or public != all_of_them or broad:
            return True
    return False


def is_narrow(ports: Packets, number: int) -> bool:
    """Whether a UDP port lies in an interval at most 100 wide (as F-12 (b) counts)."""
    numbers = sorted((one.low, one.high) for one in ports if one.protocol == "UDP")
    low = high = number
    for start, end in numbers:
        if start <= number <= end:
            low, high = start, end
    for start, end in numbers:
        if start == high + 1:
            high = end
    for start, end in reversed(numbers):
        if end == low - 1:
            low = start
    return high - low + 1 <= 100


def reaches_server(world: World, workload: Workload, server: Server) -> bool:
    """A server of the manifests, or one that is not in them where there is none."""
    packet = udp(world, server.port)
    there = [one for one in world.workloads if serves(server, one)]
    if not there:
        return any(to_unseen(world, pod, server, packet) for pod in workload.pods)
    return any(
        packet in world.judge.side(pod, EGRESS, peer, family, peer)
        for one in there
        for peer in one.pods
        for pod in workload.pods
        for family in pod.families() & peer.families()
    )


def to_unseen(world: World, pod: Pod, server: Server, packet: Packet) -> bool:
    """S-52 towards a pod that is not in the manifests."""
    judge = world.judge

    def meets(rule: Rule) -> bool:
        ports = rule.ports is None or any(
            one.protocol in {None, packet.protocol}
            and (one.name is not None or one.low <= packet.low <= one.high)
            for one in rule.ports
        )
        peers = rule.peers is None or any(
            has_unseen(world, one, server, rule.action) for one in rule.peers
        )
        return ports and (peers or by_networks(world, rule))

    for rule in judge.rules(pod, EGRESS, "admin"):
        if meets(rule):
            if rule.action != "Pass":
                return rule.action == "Allow"
            break
    if judge.isolated(pod, EGRESS):
        return any(meets(rule) for rule in judge.rules(pod, EGRESS, "networkpolicy"))
    first = next((r for r in judge.rules(pod, EGRESS, "baseline") if meets(r)), None)
    return first is None or first.action != "Deny"


def by_networks(world: World, rule: Rule) -> bool:
    """S-28: the address is unknown in the pod ranges."""
    networks = [one for peer in rule.peers or () for one in peer.networks]
    nobody: Requirements = frozenset()
    anyone = Somewhere(nobody, nobody, blocks(world.cluster.settings.pod_ranges))
    return any(by_address(networks, anyone, family) for family in anyone.families())


def has_unseen(world: World, peer: Peer, server: Server, action: str) -> bool:
    """S-20 labels of its namespace; a key of the pod that nobody knows counts as met, where that
    allows."""
    if peer.spaces is None or peer.pods is None:
        return False
    space = world.cluster.spaces.get(
        server.namespace, {"kubernetes.io/metadata.name": server.namespace}
    )
    known = [one for one in peer.pods if one.key in server.labels]
    unknown = len(known) < len(peer.pods) and action != "Allow"
    return (
        matches(peer.spaces, space)
        and not unknown
        and all(holds(one, server.labels) for one in known)
    )


def allows_something(world: World, workload: Workload) -> bool:
    """Whether its egress side allows anything; a rule towards pods nobody has seen counts.

    Where there is no Admin tier a rule that leads nowhere is taken as one: "on purpose" is sealed
    what has no rule.
    """
    rules = [r for pod in workload.pods for r in world.judge.rules(pod, EGRESS, "networkpolicy")]
    if rules and not any(one.tier == "admin" for one in world.judge.policies):
        return True
    if any(outside_ports(world, workload, EGRESS, span) for span in world.spans):
        return True
    for other in world.workloads:
        if other is not workload and egress_side(world, workload, other):
            return True
    seen = [pod for pod in world.cluster.pods() if not pod.host]
    return any(
        peer.spaces is not None and not any(one_has(peer, pod) for pod in seen)
        for rule in rules
        for peer in rule.peers or ()
    )


def egress_side(world: World, workload: Workload, other: Workload) -> Packets:
    """What one workload's egress side allows towards another."""
    found: set[Packet] = set()
    for pod in workload.pods:
        for peer in other.pods:
            for family in pod.families() & peer.families():
                found |= world.judge.side(pod, EGRESS, peer, family, peer)
    return frozenset(found)


def deaf(world: World) -> set[str]:
    """The workloads that reach something and resolve no name."""
    return {
        one.id
        for one in world.workloads
        if not on_host(one) and not resolves(world, one) and allows_something(world, one)
    }


def dns_lost(two: Pair) -> list[Said]:
    """Names were resolved on base, or the workload is added, and are not on head."""
    before = {one.id: one for one in two.base.workloads}
    lost = {
        name for name in deaf(two.head) if name not in before or resolves(two.base, before[name])
    }
    return anywhere("dns-lost", "medium", lost)


def anywhere(rule: str, severity: str, workloads: set[str], *words: str) -> list[Said]:
    """One finding for all of them, wherever it stands."""
    if not workloads:
        return []
    return [Said(rule, severity, "", 0, words, workloads=frozenset(workloads))]


# --- S-83 ---


def backend_blocked(world: World) -> Keyed:
    """An entry leads to a workload whose side does not let the controller in."""
    found: Keyed = {}
    for led in entries.follow(world.judge):
        for workload, asked in led.asked.items():
            if not led.allowed[workload]:
                obj = led.entry.obj
                words = (f"{obj.namespace}/{obj.name}", f"leads to {workload}")
                ports = frozenset((one.protocol, one.low) for one in asked)
                key = (obj.kind, obj.namespace, obj.name, workload, ports)
                said = Said("ingress-backend-blocked", "medium", obj.file, 0, words)
                found.setdefault(key, said)
    return found


# --- F-34 ---


class Reference(NamedTuple):
    """A Service that a workload names, by the number of its port."""

    referrer: str
    service: tuple[str, str]
    port: int


def texts_of(world: World) -> Iterator[tuple[str, str]]:
    """The values of `env`, `args` and `command` of containers and sidecars, by workload."""
    found = [one for one in world.cluster.manifests.objects if one.role == "workload"]
    made = [template(world.cluster.manifests, one) for one in found]
    templates = [one for one in made if one is not None]
    for one in templates:
        kind, name, _ = endpoint(one, templates)
        body = one.obj.doc.get("spec", {})
        if one.obj.kind == "CronJob":
            body = body.get("jobTemplate", {}).get("spec", {})
        spec = body if one.obj.kind == "Pod" else body.get("template", {}).get("spec", {})
        sidecars = [
            c for c in spec.get("initContainers") or [] if c.get("restartPolicy") == "Always"
        ]
        for container in [*(spec.get("containers") or []), *sidecars]:
            listed = [each.get("value") for each in container.get("env") or []]
            listed += [*(container.get("args") or []), *(container.get("command") or [])]
            for text in listed:
                if isinstance(text, str):
                    yield f"{one.obj.namespace}/{name}[{kind}]", text


def tokens(text: str) -> Iterator[tuple[str, bool, int | None, str]]:
    """Each token, whether a NAME alone may stand there, its port, and the scheme before it."""
    for found in re.finditer(r"[A-Za-z0-9.-]+", text):
        before, after = text[: found.start()], text[found.end() :]
        port = re.match(r":([0-9]+)(?![A-Za-z0-9.-])", after)
        alone = found[0] == text or bool(port) or before.endswith(("://", "@"))
        scheme = ""
        if before.endswith("://"):
            scheme = re.findall(r"[A-Za-z0-9.-]*$", before[:-3])[0]
        elif before.endswith("@"):
            schemes = re.findall(r"([A-Za-z0-9.-]+)://[^/]*$", before)
            scheme = schemes[-1] if schemes else ""
        yield found[0], alone, int(port[1]) if port else None, scheme


def references(world: World) -> set[Reference]:
    """F-34: what counts as a reference."""
    services = {(one.obj.namespace, one.obj.name): one for one in world.cluster.services}
    found = set()
    for referrer, text in texts_of(world):
        for token, alone, port, scheme in tokens(text):
            name, *rest = token.split(".")
            space = referrer.partition("/")[0] if not rest else rest[0]
            form = rest[1:] in ([], ["svc"], ["svc", "cluster", "local"])
            service = services.get((space, name))
            if service is None or not form or (not rest and not alone):
                continue
            led = {workload for workload, _ in picked(service, world.cluster)}
            listed = [one.get("port") for one in service.spec.get("ports", [])]
            single = listed[0] if len(listed) == 1 else None
            wanted = port if port is not None else SCHEMES.get(scheme, single)
            if led and referrer not in led and wanted in listed and wanted is not None:
                found.add(Reference(referrer, (space, name), wanted))
    return found


def served(world: World, one: Reference) -> bool:
    """Whether some pod behind the Service may be reached on the target port (S-82)."""
    services = {(each.obj.namespace, each.obj.name): each for each in world.cluster.services}
    service = services[one.service]
    sources = world.cluster.workloads[one.referrer].pods
    for _, pod in picked(service, world.cluster):
        for port in service.spec.get("ports", []):
            numbers = target_numbers(port, pod) if port.get("port") == one.port else set()
            asked = {(port.get("protocol", "TCP"), number) for number in numbers}
            for source in sources:
                passed = world.judge.between(source, pod)
                if any((p.protocol, p.low) in asked for p in passed):
                    return True
    return False


def service_unreachable(two: Pair) -> list[Said]:
    """A reference was served on base, or its referrer is added, and it is not on head."""
    old = {one for one in references(two.base) if served(two.base, one)}
    found = []
    for one in sorted(references(two.head)):
        added = one.referrer not in two.base.cluster.workloads
        if not served(two.head, one) and (one in old or added):
            found.append(unreachable(one, "low" if added else "medium"))
    return found


def unreachable(one: Reference, severity: str) -> Said:
    """The finding of one reference."""
    words = (f"{one.referrer} refers to Service {'/'.join(one.service)}",)
    return Said("service-unreachable", severity, "", 0, words)


# --- monitoring ---


def scrape_ports(world: World, workload: Workload) -> set[tuple[str, int]]:
    """F-12: declared under a name of metrics, or named by the annotations."""
    found = {
        (protocol, number)
        for pod in workload.pods
        for name, protocol, number in pod.ports
        if name in SCRAPED
    }
    for obj in world.cluster.manifests.objects:
        same = (obj.namespace, obj.name, obj.kind) == (
            workload.namespace, workload.name, workload.kind,
        )  # fmt: skip
        if obj.role == "workload" and same:
            inside = obj.doc["spec"].get("template", {}).get("metadata", {})
            notes = inside.get("annotations") or {}
            number = str(notes.get("prometheus.io/port", ""))
            if notes.get("prometheus.io/scrape") == "true" and number.isdecimal():
                found.add(("TCP", int(number)))
    return found


def is_collector(workload: Workload) -> bool:
    """Whether a label of F-12's keys names a collector."""
    return any(pod.labels.get(key) in COLLECTORS for pod in workload.pods for key in TRAIT_KEYS)


def monitoring_lost(two: Pair) -> list[Said]:
    """A closed row on a scrape port from a collector; one for each source and cause."""
    found = []
    head = {one.id: one for one in two.head.workloads}
    closed = two.base.flows.minus(two.head.flows)
    for source in two.base.workloads:
        if not is_collector(source) or source.id not in head:
            continue
        lost = set()
        for other in two.base.workloads:
            ports = closed.pairs.get((workload_end(source), workload_end(other)), frozenset())
            asked = scrape_ports(two.base, other)
            if other.id in head and any((p.protocol, p.low) in asked for p in ports):
                lost.add(other.id)
        found += anywhere(
            "monitoring-path-lost", "medium", lost | {source.id} if lost else lost, source.id
        )
    return found


# --- half-open ---


def half_open(world: World) -> Keyed:
    """A rule whose every pair the other side denies."""
    found: Keyed = {}
    for rule in written(world):
        peers = rule.rule.peers or ()
        everyone = [pod for pod in world.cluster.pods() if not pod.host]
        narrow = all(peer.pods and any(one_has(peer, pod) for pod in everyone) for peer in peers)
        if peers and narrow and denied(world, rule):
            said = Said("half-open", "medium", *rule.place, (rule.name,))
            found.setdefault(rule.key, said)
    return found


def one_has(peer: Peer, pod: Pod) -> bool:
    """Whether a selector peer matches a pod."""
    spaces, pods = peer.spaces, peer.pods
    if spaces is None or pods is None:
        return False
    return matches(spaces, pod.space) and matches(pods, pod.labels)


def denied(world: World, rule: Written) -> bool:
    """Whether the other side denies every port of every pair, of which there are some."""
    pairs = 0
    for subject in world.workloads:
        pods = [pod for pod in subject.pods if world.judge.has_subject(rule.policy, pod)]
        for other in world.workloads:
            for pod in pods:
                for peer in other.pods:
                    if peer.host or not has_peer(rule.rule, peer):
                        continue
                    wanted, passed = beyond(world, rule, pod, peer)
                    pairs += bool(wanted) and other is not subject
                    if wanted & passed:
                        return False
    return pairs > 0


def beyond(world: World, rule: Written, pod: Pod, peer: Pod) -> tuple[Packets, Packets]:
    """The packets of a rule between a subject and a peer, and what the other side allows."""
    entering = rule.direction == INGRESS
    target = pod if entering else peer
    wanted = {one for one in world.judge.packets if ports_match(rule.rule, one, target)}
    passed: set[Packet] = set()
    for family in pod.families() & peer.families():
        passed |= world.judge.side(peer, EGRESS if entering else INGRESS, pod, family, target)
    return frozenset(wanted), frozenset(passed)


# --- nothing left ---


def has_row(flows: FlowMap, workload: Workload, direction: str) -> bool:
    """Whether a workload is reached by anything, or reaches anything."""
    end, at = workload_end(workload), int(direction == INGRESS)
    if any(ports and pair[at] == end for pair, ports in flows.pairs.items()):
        return True
    return any(
        ports and (one, way) == (end, direction) for (one, way, _), ports in flows.outside.items()
    )


def nothing_left(two: Pair) -> list[Said]:
    """A standing workload had a row on base and has none on head."""
    found = []
    before = {one.id: one for one in two.base.workloads}
    for direction, words in ((INGRESS, "reached by"), (EGRESS, "reach anything")):
        lost = {
            one.id
            for one in two.head.workloads
            if one.id in before
            and has_row(two.base.flows, before[one.id], direction)
            and not has_row(two.head.flows, one, direction)
        }
        found += anywhere("nothing-left", "low", lost, words)
    return found


STANDING = (backend_blocked, half_open)
BETWEEN = (dns_lost, service_unreachable, monitoring_lost, nothing_left)
