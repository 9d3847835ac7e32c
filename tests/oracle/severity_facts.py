"""What section 2 of findings.md needs to know of workloads, ports and addresses (F-9 to F-12).

Written from the page alone. Ports are taken as *atoms*, ranges that nothing tells apart; outside
addresses as *pieces* of one part of F-10 each.
"""

import ipaddress
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tests.oracle import rows
from tests.oracle.cluster import NAME_LABEL, Cluster, Pod, Template, counts, endpoint, template
from tests.oracle.selectors import Requirement, Requirements, matches
from tests.oracle.verdict import PROTOCOLS, Judge, Packet, Somewhere

End = Mapping[str, Any]
Declared = frozenset[tuple[str, int]]


def numbers(text: str) -> frozenset[tuple[str, int]]:
    """The ports of a class: TCP, after a star also UDP."""
    found = set()
    for word in text.split():
        low, _, high = word.strip("*").partition("-")
        for number in range(int(low), int(high or low) + 1):
            found |= {("TCP", number), *([("UDP", number)] if "*" in word else [])}
    return frozenset(found)


CLASSES = {
    "data": numbers(
        "1433 1521 3306 5432 5984 6379 6380 7687 8086 9042 9200 9300 11211* 26257 27017-27019"
    ),
    "queue": numbers("2181 4222 5671 5672 6222 9092 15672 61616"),
    "secrets": numbers("2379 2380 8200 8201 8300 8500 8501"),
    "admin": numbers("22 23 2375 2376 3389 5005 5900 6443 9229 10250 10255 10257 10259"),
}
FIRST_THREE = CLASSES["data"] | CLASSES["queue"] | CLASSES["secrets"]
TABLE = FIRST_THREE | CLASSES["admin"]
WORDS = frozenset(
    "db database cache postgres postgresql mysql mariadb mongo mongodb redis memcached cassandra "
    "elasticsearch opensearch clickhouse cockroachdb influxdb neo4j couchdb "
    "queue kafka rabbitmq nats zookeeper activemq vault consul etcd".split()
)
WORD_KEYS = (
    "app",
    "app.kubernetes.io/name",
    "app.kubernetes.io/component",
    "k8s-app",
    "component",
    "tier",
    "role",
)
SCRAPE_NAMES = {"metrics", "http-metrics", "prometheus"}
PRIVATE = (
    "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 100.64.0.0/10 169.254.0.0/16 127.0.0.0/8 "
    "fc00::/7 fe80::/10"
).split()
METADATA = ("169.254.169.254", "fd00:ec2::254")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A workload, or a subject of S-88 that counts as one (F-9), on one side."""

    key: str
    namespace: str | None
    name: str
    labels: Mapping[str, str]
    space: Mapping[str, str]
    pods: tuple[Pod | Somewhere, ...]
    declared: Declared = frozenset()
    scrape: frozenset[int] = frozenset()
    images: tuple[str, ...] = ()

    @property
    def host(self) -> bool:
        """Whether its pods are in the host's network."""
        return any(isinstance(pod, Pod) and pod.host for pod in self.pods)

    @property
    def word(self) -> bool:
        """F-12 (c): whether a label is a word of the table."""
        return any(self.labels.get(key, "").lower() in WORDS for key in WORD_KEYS)


def end_key(end: End) -> str:
    """An endpoint as one text."""
    match end:
        case {"workload": str(name)}:
            return name
        case {"cidrs": list(listed)}:
            return " ".join(listed)
        case {"selector": {"namespaces": str(spaces), "pods": str(pods)}}:
            return f"{{{spaces}}}{{{pods}}}"
        case _:
            return "ingress controller"


def image_name(text: str) -> str:
    """F-17: an image less its tag and digest."""
    name = text.partition("@")[0]
    head, slash, last = name.rpartition("/")
    return head + slash + last.partition(":")[0]


def written_spec(one: Template) -> dict[str, Any]:
    """The pod's template as written, with annotations and images."""
    doc = one.obj.doc
    if (one.obj.group, one.obj.kind) == ("", "Pod"):
        return dict(doc)
    spec = doc.get("spec") or {}
    if one.obj.kind == "CronJob":
        spec = (spec.get("jobTemplate") or {}).get("spec") or {}
    return dict(spec.get("template") or {})


def annotated(made: Mapping[str, Any]) -> Iterator[int]:
    """F-12: the port that `prometheus.io/port` names beside `prometheus.io/scrape`."""
    notes = (made.get("metadata") or {}).get("annotations") or {}
    port = str(notes.get("prometheus.io/port", ""))
    if notes.get("prometheus.io/scrape") == "true" and port.isdigit():
        yield int(port)


def workloads(cluster: Cluster) -> dict[str, Known]:
    """The workloads of a side by id."""
    manifests = cluster.manifests
    made = [template(manifests, obj) for obj in manifests.objects if obj.role == "workload"]
    templates = [one for one in made if one is not None]
    templates = [one for one in templates if counts(one, templates)]
    images: dict[str, list[str]] = {}
    scrape: dict[str, set[int]] = {}
    for one in templates:
        kind, name, _ = endpoint(one, templates)
        key = f"{one.obj.namespace}/{name}[{kind}]"
        written = written_spec(one)
        scrape.setdefault(key, set()).update(annotated(written))
        listed = (written.get("spec") or {}).get("containers") or []
        images.setdefault(key, []).extend(image_name(c.get("image") or "") for c in listed)
    found = {}
    for key, workload in cluster.workloads.items():
        ports = [port for pod in workload.pods for port in pod.ports]
        found[key] = Known(
            key=key,
            namespace=workload.namespace,
            name=workload.name,
            labels=workload.labels,
            space=cluster.spaces[workload.namespace],
            pods=tuple(workload.pods),
            declared=frozenset((protocol, number) for _, protocol, number in ports),
            scrape=frozenset(number for name, _, number in ports if name in SCRAPE_NAMES)
            | frozenset(scrape.get(key, ())),
            images=tuple(sorted(images.get(key, []))),
        )
    return found


def single(selector: Requirements) -> dict[str, str]:
    """F-9: what a selector requires with one value."""
    return {
        one.key: next(iter(one.values))
        for one in selector
        if one.operator == "In" and len(one.values) == 1
    }


def somewhere(end: End, cluster: Cluster, *known: Somewhere) -> Known:
    """Pods of which only selectors are known as a workload: F-9 for a subject of S-88."""
    spaces = single(parse_selector(end["selector"]["namespaces"]))
    home = spaces.get(NAME_LABEL)
    return Known(
        key=end_key(end),
        namespace=home,
        name="",
        labels=single(parse_selector(end["selector"]["pods"])),
        space=cluster.spaces.get(home, spaces) if home is not None else spaces,
        pods=known,
    )


class Piece(NamedTuple):
    """Outside addresses of one part of F-10."""

    part: str
    family: int
    low: int
    high: int

    @property
    def size(self) -> int:
        """How many addresses."""
        return self.high - self.low + 1


def block(text: str) -> tuple[int, int, int]:
    """A CIDR, or an address alone, as family, first and last address."""
    net = ipaddress.ip_network(text, strict=False)
    return net.version, int(net.network_address), int(net.broadcast_address)


@dataclass(slots=True)
class Parts:
    """F-10: cuts outside ends into metadata, trusted, private and public addresses."""

    metadata: Iterable[str] = METADATA
    trusted: Iterable[str] = ()
    blocks: list[tuple[str, tuple[int, int, int]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """The first block that holds an address decides."""
        for part, texts in (
            ("metadata", self.metadata),
            ("trusted", self.trusted),
            ("private", PRIVATE),
        ):
            self.blocks += [(part, block(text)) for text in texts]

    def pieces(self, cidrs: Iterable[str]) -> list[Piece]:
        """The pieces of an outside end."""
        found = []
        for text in cidrs:
            family, low, high = block(text)
            edges = {low}
            for _, (other, first, last) in self.blocks:
                if other == family:
                    edges |= {edge for edge in (first, last + 1) if low < edge <= high}
            starts = sorted(edges)
            for start, end in zip(starts, [one - 1 for one in starts[1:]] + [high], strict=True):
                found.append(Piece(self.part(family, start), family, start, end))
        return found

    def part(self, family: int, address: int) -> str:
        """The part of one address."""
        for part, (other, first, last) in self.blocks:
            if other == family and first <= address <= last:
                return part
        return "public"


def outside(pieces: Iterable[Piece], taken: Iterable[Piece]) -> list[Piece]:
    """Pieces without the addresses of others."""
    left = list(pieces)
    for one in taken:
        cut: list[Piece] = []
        for piece in left:
            if piece.family != one.family or one.high < piece.low or piece.high < one.low:
                cut.append(piece)
                continue
            if piece.low < one.low:
                cut.append(piece._replace(high=one.low - 1))
            if one.high < piece.high:
                cut.append(piece._replace(low=one.high + 1))
        left = cut
    return left


class Atoms:
    """All ports, cut wherever a row, a class, a workload or the configuration does."""

    def __init__(self, edges: Iterable[tuple[int, int]]) -> None:
        starts = {1}
        for low, high in [*edges, (53, 53), (80, 80), *((n, n) for _, n in TABLE)]:
            starts |= {low, high + 1}
        self.ranges = rows.cut((one for one in starts if one >= 1), 65535)

    def of(self, ports: Iterable[Mapping[str, Any]]) -> Iterator[tuple[Packet, int]]:
        """The atoms of printed ports, each with the width of its interval."""
        for one in ports:
            width = one["to"] - one["from"] + 1
            for low, high in self.ranges:
                if one["from"] <= low and high <= one["to"]:
                    yield Packet(one["protocol"], low, high), width


def widths(ports: Iterable[Packet]) -> Iterator[tuple[Packet, int]]:
    """Atoms, each with the width of the interval of these that it is in."""
    run: list[Packet] = []
    for packet in [*sorted(ports), Packet("", 0, 0)]:
        if run and (run[-1].protocol, run[-1].high + 1) != (packet.protocol, packet.low):
            for one in run:
                yield one, run[-1].high - run[0].low + 1
            run = []
        run.append(packet)


def edges(listed: Iterable[Mapping[str, Any]]) -> Iterator[tuple[int, int]]:
    """Where the ports of rows begin and end."""
    for row in listed:
        for one in row["ports"]:
            yield one["from"], one["to"]


def unrestricted(judge: Judge, sides: Mapping[str, Known], one: Known, direction: str) -> bool:
    """F-14: this side alone allows every workload and every outside address on all ports."""
    if one.host:
        return True
    every = frozenset(judge.packets)
    for span in rows.spans([judge.cluster]):
        allowed = [judge.outside(pod, direction, span[0], span[1]) for pod in one.pods]
        if frozenset().union(*allowed) != every:
            return False
    for other in sides.values():
        found: set[Packet] = set()
        common = False
        for pod in one.pods:
            for peer in other.pods:
                target = pod if direction == "ingress" else peer
                for family in pod.families() & peer.families():
                    common = True
                    found |= judge.side(pod, direction, peer, family, target)
        if common and found != every:
            return False
    return True


def parse_selector(text: str) -> Requirements:
    """The selector syntax of kubectl, as far as the cases of a test write it."""
    found = set()
    depth, words, current = 0, [], ""
    for letter in text + ",":
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == "," and depth == 0:
            words.append(current.strip())
            current = ""
        else:
            current += letter
    for word in filter(None, words):
        if " notin " in word or " in " in word:
            key, _, values = word.partition(" notin " if " notin " in word else " in ")
            listed = frozenset(one.strip() for one in values.strip(" ()").split(","))
            found.add(Requirement(key.strip(), "NotIn" if " notin " in word else "In", listed))
        elif "!=" in word:
            key, _, value = word.partition("!=")
            found.add(Requirement(key, "NotIn", frozenset({value})))
        elif "=" in word:
            key, _, value = word.partition("=")
            found.add(Requirement(key, "In", frozenset({value})))
        else:
            found.add(Requirement(word.strip("!"), "DoesNotExist" if "!" in word else "Exists"))
    return frozenset(found)


def fits(entry: Mapping[str, Any], one: Known) -> bool:
    """F-20: whether `{namespaces, pods}` matches a workload."""
    spaces = parse_selector(entry.get("namespaces", ""))
    pods = parse_selector(entry.get("pods", ""))
    return matches(spaces, dict(one.space)) and matches(pods, dict(one.labels))


def port_words(given: Any) -> list[tuple[str, int, int]] | None:
    """PORT of F-20, or a list of them; None for all."""
    if given is None:
        return None
    found = []
    for text in given if isinstance(given, list) else [given]:
        protocol, _, span = text.partition("/")
        low, _, high = span.partition("-")
        found.append((protocol, int(low or 1), int(high or low or 65535)))
    return found


def holds(words: list[tuple[str, int, int]] | None, packet: Packet) -> bool:
    """Whether ports of the configuration hold an atom."""
    if words is None:
        return True
    return any(
        protocol == packet.protocol and low <= packet.low and packet.high <= high
        for protocol, low, high in words
    )


ALL_PORTS = [{"protocol": name, "from": 1, "to": 65535} for name in PROTOCOLS]
