"""Which workloads are sensitive at which ports, and because of what (F-12)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from reviewer.base import ports as sets
from reviewer.base.ports import ALL_PORTS, NO_PORTS, PROTOCOLS, WIDTH, PortSet
from reviewer.manifests import ContainerPort

_UDP_TOO = frozenset({11211})
_PORTS: dict[str, str] = {
    "data": (
        "1433 1521 3306 5432 5984 6379 6380 7687 8086 9042 9200 9300 11211 26257 27017 27018 27019"
    ),
    "queue": "2181 4222 5671 5672 6222 9092 15672 61616",
    "secrets": "2379 2380 8200 8201 8300 8500 8501",
    "admin": "22 23 2375 2376 3389 5005 5900 6443 9229 10250 10255 10257 10259",
}
_WORDS: dict[str, str] = {
    "data": (
        "db database cache postgres postgresql mysql mariadb mongo mongodb redis memcached "
        "cassandra elasticsearch opensearch clickhouse cockroachdb influxdb neo4j couchdb"
    ),
    "queue": "queue kafka rabbitmq nats zookeeper activemq",
    "secrets": "vault consul etcd",
}
KEYS = (
    "app",
    "app.kubernetes.io/name",
    "app.kubernetes.io/component",
    "k8s-app",
    "component",
    "tier",
    "role",
)
"""The labels under which a word of the table counts (F-12 (c))."""

SCRAPE_NAMES = frozenset({"metrics", "http-metrics", "prometheus"})

ADMIN_USES = {
    22: "SSH",
    23: "Telnet",
    2375: "Docker",
    2376: "Docker",
    3389: "RDP",
    5005: "Java debugger",
    5900: "VNC",
    6443: "Kubernetes API",
    9229: "Node debugger",
    10250: "kubelet",
    10255: "kubelet",
    10257: "controller manager",
    10259: "scheduler",
}
"""What the ports of class admin are for."""


def _ports_of(numbers: str) -> PortSet:
    return sets.union(
        sets.port_range(protocol, int(number), int(number))
        for number in numbers.split()
        for protocol in (("TCP", "UDP") if int(number) in _UDP_TOO else ("TCP",))
    )


CLASSES: dict[str, PortSet] = {name: _ports_of(numbers) for name, numbers in _PORTS.items()}
"""The table of F-12: class to ports, gravest use first."""

ADMIN = CLASSES["admin"]
TABLE = sets.union(CLASSES.values())
_TABLED = frozenset(at for low, high in TABLE for at in range(low, high + 1))
STORED = sets.union(ports for name, ports in CLASSES.items() if name != "admin")
"""The ports of the table's first three rows."""

DNS = sets.port_range("TCP", 53, 53) | sets.port_range("UDP", 53, 53)
_CLASS_OF_WORD = {word: name for name, words in _WORDS.items() for word in words.split()}
NARROW = 100
"""Intervals of a row at most this wide are about their ports (F-12 (b))."""


class Traits(NamedTuple):
    """What of a workload makes it sensitive. `tabled` are the declared ports that are in F-12's
    table. `configured` are the entries of `sensitive:` that
    match it, with their ports and reasons; `labelled` is the clause of F-12 (c), "" without."""

    declared: PortSet
    tabled: PortSet
    scrape: PortSet
    configured: tuple[tuple[PortSet, str], ...]
    labelled: str
    system: bool

    @property
    def stores(self) -> bool:
        """Whether it declares a port of the table's first three rows."""
        return bool(self.tabled) and self.tabled.meets(STORED)

    @property
    def sensitive(self) -> bool:
        """Whether it is a sensitive workload, whatever the port (F-12, last sentence)."""
        return bool(self.configured or self.labelled) or self.stores

    @property
    def why(self) -> str:
        """The clause that makes it a sensitive workload, "" where none does."""
        if self.configured:
            return self.configured[0][1]
        return declaration(self.declared & STORED) if self.stores else self.labelled


class Clause(NamedTuple):
    """Ports at which a workload is sensitive, and because of what."""

    ports: PortSet
    why: str


def traits(
    labels: Mapping[str, str],
    declared: Iterable[ContainerPort],
    scrape: str,
    namespace: str | None,
    configured: tuple[tuple[PortSet, str], ...] = (),
) -> Traits:
    """The traits of a workload, from its template's labels and what it declares."""
    ports = tuple(declared)
    numbers = sets.union(sets.port_range(p.protocol, p.number, p.number) for p in ports)
    return Traits(
        numbers,
        numbers & TABLE,
        sets.union(
            sets.port_range(p.protocol, p.number, p.number) for p in ports if scraped(p, scrape)
        )
        | _annotated(scrape),
        configured,
        _labelled(labels),
        namespace == "kube-system",
    )


def scraped(port: ContainerPort, annotation: str) -> bool:
    """Whether a declared port is a scrape port by its name, or by the annotation's name (F-12)."""
    return port.name in SCRAPE_NAMES or (bool(annotation) and port.name == annotation)


def _annotated(scrape: str) -> PortSet:
    if not (scrape.isascii() and scrape.isdigit() and 0 < int(scrape) < WIDTH):
        return NO_PORTS
    return sets.port_range("TCP", int(scrape), int(scrape))


def _labelled(labels: Mapping[str, str]) -> str:
    for key in KEYS:
        word = labels.get(key, "").lower()
        if word in _CLASS_OF_WORD:
            return f"its label {key} is {word} ({_CLASS_OF_WORD[word]})"
    return ""


def narrow(ports: PortSet) -> PortSet:
    """The intervals that are at most 100 ports wide."""
    return PortSet(span for span in ports if span[1] - span[0] < NARROW)


def mattering(traits_: Traits, ports: PortSet) -> PortSet:
    """The ports of F-12's table in a row that matter there: declared, or in a narrow interval.

    Asked of every row, so without set algebra where there is nothing to find.
    """
    found = traits_.tabled & ports if traits_.tabled else NO_PORTS
    meant = [
        (at, at)
        for low, high in ports
        if high - low < NARROW
        for at in range(low, high + 1)
        if at in _TABLED
    ]
    return found | PortSet(meant) if meant else found


def clauses(traits_: Traits, ports: PortSet) -> tuple[Clause, ...]:
    """The ports of a row at which the workload is sensitive, disjoint, by the first of F-12 (a) to
    (d) that holds for each."""
    found: list[Clause] = []
    left = ports
    for candidate, why in _candidates(traits_, ports):
        held = left & candidate
        if held:
            found.append(Clause(held, why or table_clause(held, traits_.declared)))
            left -= held
    return tuple(found)


def _candidates(traits_: Traits, ports: PortSet) -> Iterable[tuple[PortSet, str]]:
    yield from traits_.configured
    matters = mattering(traits_, ports)
    if matters:
        yield matters & traits_.tabled, ""
        yield matters - traits_.tabled, ""
    if traits_.labelled and not traits_.stores:
        yield ALL_PORTS - traits_.scrape, traits_.labelled
    if traits_.system:
        yield ALL_PORTS - traits_.scrape - DNS, "it is in kube-system"


def table_clause(ports: PortSet, declared: PortSet) -> str:
    """The clause of F-12 (b): `it declares 5432 (data)`, or `22 is an admin port`."""
    if ports.meets(declared):
        return declaration(ports)
    number, name = _first(ports)
    article = "an" if name == "admin" else "a"
    return f"{number} is {article} {name} port"


def declaration(ports: PortSet) -> str:
    """`it declares 5432 (data)`, of the lowest port of the table in the set."""
    number, name = _first(ports & TABLE)
    return f"it declares {number} ({name})"


def _first(ports: PortSet) -> tuple[int, str]:
    at = ports[0][0]
    protocol = PROTOCOLS[at // WIDTH]
    number = at % WIDTH
    name = next(name for name, held in CLASSES.items() if held.holds(protocol, number))
    return number, name
