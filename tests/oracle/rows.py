"""Flows as maps from pairs to packets, their difference, and rows in canonical form (section 7)."""

import ipaddress
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tests.oracle.cluster import Cluster, Pod, Workload
from tests.oracle.policies import EGRESS, INGRESS, governing
from tests.oracle.verdict import PROTOCOLS, Judge, Packet, Packets, Somewhere

BITS = {4: 32, 6: 128}
NOTHING: Packets = frozenset()


class End(NamedTuple):
    """An endpoint of a row by what is printed of it: a workload, a selector, the controller."""

    sort: int
    words: tuple[str, ...]

    def printed(self) -> dict[str, Any]:
        """ENDPOINT of the output contract."""
        if self.sort == 0:
            return {"workload": self.words[0]}
        if self.sort == 2:
            return {"selector": {"namespaces": self.words[0], "pods": self.words[1]}}
        return {"ingress_controller": True}


CONTROLLER = End(3, ())
Span = tuple[int, int, int]  # family, first and last address
OutKey = tuple[End, str, int]  # workload or selector, direction, family


@dataclass(slots=True)
class FlowMap:
    """All that one side allows: for pairs, and for each span of outside addresses."""

    pairs: dict[tuple[End, End], Packets] = field(default_factory=dict)
    outside: dict[tuple[End, str, Span], Packets] = field(default_factory=dict)

    def minus(self, other: "FlowMap") -> "FlowMap":
        """S-71: what this side allows and the other does not."""
        return FlowMap(
            {pair: ports - other.pairs.get(pair, NOTHING) for pair, ports in self.pairs.items()},
            {key: ports - other.outside.get(key, NOTHING) for key, ports in self.outside.items()},
        )

    def common(self, other: "FlowMap") -> "FlowMap":
        """S-74: what both sides allow."""
        return self.minus(self.minus(other))


def workload_end(workload: Workload) -> End:
    """The endpoint of a workload."""
    return End(0, (workload.id,))


def cut(edges: Iterable[int], last: int) -> list[tuple[int, int]]:
    """The ranges from 1 or 0 to `last` that begin at each of these edges."""
    starts = sorted(edge for edge in set(edges) if edge <= last)
    ends = [edge - 1 for edge in starts[1:]] + [last]
    return list(zip(starts, ends, strict=True))


def packets(clusters: Iterable[Cluster], numbers: Iterable[int] = ()) -> list[Packet]:
    """All packets, cut so finely that no policy, container or Service tells two apart."""
    edges = {1}
    named = {port for cluster in clusters for pod in cluster.pods() for port in pod.ports}
    found = set(numbers) | {number for _, _, number in named}
    for cluster in clusters:
        for policy in governing(cluster):
            rules = [rule for listed in policy.rules.values() for rule in listed]
            items = [item for rule in rules for item in rule.ports or ()]
            found |= {number for item in items for number in (item.low, item.high)}
    for number in found:
        edges |= {number, number + 1}
    ranges = cut((edge for edge in edges if edge >= 1), 65535)
    return [Packet(protocol, low, high) for protocol in PROTOCOLS for low, high in ranges]


def spans(clusters: Iterable[Cluster]) -> list[Span]:
    """Outside addresses of both families, cut at every boundary of a network."""
    edges = {4: {0}, 6: {0}}
    for cluster in clusters:
        for policy in governing(cluster):
            rules = [rule for listed in policy.rules.values() for rule in listed]
            for item in (item for rule in rules for item in rule.peers or ()):
                for network in item.networks:
                    for block in (network.block, *network.without):
                        edges[block.family] |= {block.low, block.high + 1}
    return [
        (family, low, high)
        for family in (4, 6)
        for low, high in cut(edges[family], 2 ** BITS[family] - 1)
    ]


Ends = dict[End, list[Pod | Somewhere]]


def ends_of(cluster: Cluster) -> Ends:
    """The workloads of a snapshot with their pods."""
    found: Ends = {}
    for workload in cluster.workloads.values():
        found[workload_end(workload)] = list(workload.pods)
    return found


def reach(judge: Judge, ends: Ends, cuts: list[Span]) -> FlowMap:
    """Every pair and every outside span of these endpoints, by some pod of each (S-25, S-53)."""
    flows = FlowMap()
    for source, sources in ends.items():
        for destination, destinations in ends.items():
            if source != destination or source.sort == 2:
                flows.pairs[source, destination] = NOTHING.union(
                    *(judge.between(one, other) for one in sources for other in destinations)
                )
        for direction in (INGRESS, EGRESS):
            for span in cuts:
                flows.outside[source, direction, span] = NOTHING.union(
                    *(judge.outside(one, direction, span[0], span[1]) for one in sources)
                )
    return flows


def printed_ports(ports: Packets) -> list[dict[str, Any]]:
    """PORTS of the output contract: merged, by protocol and number (S-70, P-4)."""
    found: list[dict[str, Any]] = []
    for protocol in PROTOCOLS:
        for one in sorted(packet for packet in ports if packet.protocol == protocol):
            if found and (found[-1]["protocol"], found[-1]["to"] + 1) == (protocol, one.low):
                found[-1]["to"] = one.high
            else:
                found.append({"protocol": protocol, "from": one.low, "to": one.high})
    return found


def cidrs(listed: Iterable[Span]) -> list[str]:
    """The fewest CIDR blocks of spans of one family, sorted by address (S-70)."""
    return [text for family, low, high in merged(listed) for text in split(family, low, high)]


def merged(listed: Iterable[Span]) -> list[Span]:
    """Spans of one family, sorted, those that touch made one."""
    found: list[Span] = []
    for family, low, high in sorted(listed):
        if found and found[-1][2] + 1 == low:
            found[-1] = (family, found[-1][1], high)
        else:
            found.append((family, low, high))
    return found


def split(family: int, low: int, high: int) -> Iterator[str]:
    """The largest blocks, one after the other, that make up a range."""
    while low <= high:
        size = 0
        while (
            size < BITS[family] and low % 2 ** (size + 1) == 0 and low + 2 ** (size + 1) - 1 <= high
        ):
            size += 1
        kind = ipaddress.IPv4Address if family == 4 else ipaddress.IPv6Address
        yield f"{kind(low)}/{BITS[family] - size}"
        low += 2**size


Row = dict[str, Any]


def rows(flows: FlowMap) -> list[Row]:
    """The canonical rows of a map in the order of S-76."""
    found: list[tuple[Any, Row]] = []
    for (source, destination), ports in flows.pairs.items():
        if ports:
            row = {"source": source.printed(), "destination": destination.printed()}
            found.append(
                ((order(source), order(destination)), {**row, "ports": printed_ports(ports)})
            )
    alike: dict[tuple[End, str, int, Packets], list[Span]] = {}
    for (end, direction, span), ports in flows.outside.items():
        if ports:
            alike.setdefault((end, direction, span[0], ports), []).append(span)
    for (end, direction, _, ports), listed in alike.items():
        out, here = {"cidrs": cidrs(listed)}, end.printed()
        pair = (out, here) if direction == INGRESS else (here, out)
        keys = ((1, *merged(listed)), order(end))
        printed: Row = {"source": pair[0], "destination": pair[1], "ports": printed_ports(ports)}
        found.append((keys if direction == INGRESS else keys[::-1], printed))
    return [row for _, row in sorted(found, key=lambda one: one[0])]


def order(end: End) -> tuple[Any, ...]:
    """S-76: workloads by id, cidrs (as spans, by family and address), selectors, the controller."""
    return (end.sort, end.words)


def workload_change(row: Row, base: set[str], head: set[str]) -> str | None:
    """S-72: which ends of a row stand on one side only."""
    source, destination = (row[end].get("workload") for end in ("source", "destination"))
    for here, there, word in ((head, base, "added"), (base, head, "removed")):
        only = here - there
        if source in only and destination in only:
            return f"both_{word}"
        if source in only:
            return f"source_{word}"
        if destination in only:
            return f"destination_{word}"
    return None


def isolated(judge: Judge, workload: Workload) -> dict[str, bool]:
    """S-25: true when every pod is isolated in the direction."""
    return {
        direction: all(judge.isolated(pod, direction) for pod in workload.pods)
        for direction in (INGRESS, EGRESS)
    }
