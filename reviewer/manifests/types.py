"""What manifests say, typed: every policy kind as the neutral `Policy`, every workload kind as
pod facts, and the objects that lead to workloads. Raw YAML ends here; `Policy.spec` is the one
exception, kept as written for field-level changes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum, IntEnum
from types import MappingProxyType
from typing import Any, NamedTuple

from reviewer.base.addresses import AddressSet
from reviewer.base.diagnostics import Diagnostic
from reviewer.base.documents import ObjectRef, Origin
from reviewer.base.labels import Selector
from reviewer.base.ports import PortSet

from .notes import Note
from .source import Source


class Direction(Enum):
    """A side of a flow as the pod sees it; the value is how it is written."""

    INGRESS = "ingress"
    EGRESS = "egress"

    # Two members are told apart by identity; Enum's own hash is Python code and shows in profiles.
    __hash__ = object.__hash__


class Action(Enum):
    """What a rule does with what it matches; NetworkPolicies only allow (S-42, S-63)."""

    ALLOW = "Allow"
    DENY = "Deny"
    PASS = "Pass"


class Tier(IntEnum):
    """Which of the three layers a policy belongs to, in the order they are asked (S-52)."""

    ADMIN = 0
    NAMESPACED = 1
    BASELINE = 2


class PodSelector(NamedTuple):
    """Pods that the one matches in namespaces that the other matches. A NetworkPolicy's own
    namespace is written as `kubernetes.io/metadata.name=NS` (S-40, S-44, S-85)."""

    namespaces: Selector
    pods: Selector


class PodPeer(NamedTuple):
    """A peer by selectors; it never matches addresses, nodes or host-network pods (S-44)."""

    selector: PodSelector


class BlockPeer(NamedTuple):
    """A peer by address: one `ipBlock` less its `except`s, or the whole `networks` list of one
    admin peer (both families then, at most one set of each). `written` is what a person wrote:
    the cidr, or the networks; `excepted` the excepts."""

    blocks: tuple[AddressSet, ...]
    written: tuple[str, ...]
    excepted: tuple[str, ...] = ()


class NodePeer(NamedTuple):
    """`nodes` of an admin egress rule: host-network workloads when the selector is empty, else
    nothing that manifests can tell (S-66)."""

    everyone: bool


class DomainPeer(NamedTuple):
    """`domainNames` of an admin egress rule: nothing we can name (S-66)."""

    names: tuple[str, ...]


Peer = PodPeer | BlockPeer | NodePeer | DomainPeer


class NamedPort(NamedTuple):
    """A port by name, resolved on the destination pod (S-46); protocol None takes the container
    port's own (S-63)."""

    name: str
    protocol: str | None


PortMatch = PortSet | NamedPort


class Rule(NamedTuple):
    """One entry of `ingress` or `egress`. None for peers or ports means no restriction."""

    direction: Direction
    action: Action
    index: int  # type: ignore[assignment]  # hides tuple.index, which nobody asks
    origin: Origin
    peers: tuple[Peer, ...] | None
    ports: tuple[PortMatch, ...] | None

    @property
    def name(self) -> str:
        """As reports write it: `ingress[0]`, counted as written."""
        return f"{self.direction.value}[{self.index}]"


class Policy(NamedTuple):
    """Any policy kind in neutral form.

    Lower `priority` is asked first within a tier (0 for NetworkPolicies). `isolates` is what a
    NetworkPolicy governs (S-41), empty for admin kinds. `rules` are those of governed directions,
    in written order, ingress first. `spec` is the object's spec as written, after S-10.
    """

    ref: ObjectRef
    origin: Origin
    tier: Tier
    priority: int
    subject: PodSelector
    isolates: frozenset[Direction]
    rules: tuple[Rule, ...]
    spec: Mapping[str, Any]


class ContainerPort(NamedTuple):
    """A declared port (S-26); name "" where none is written."""

    name: str
    number: int
    protocol: str


class Owner(NamedTuple):
    """The controller an object names (S-23); group without version."""

    group: str
    kind: str
    name: str


class PodFacts(NamedTuple):
    """What a template or a Pod says of its pods.

    `labels` as written (controllers' labels are added in `cluster`). `addresses` are (family,
    number) of a Pod's status. `images` are without tag and digest. `references` are the texts of
    env values, args and commands in which a Service may be named (F-34), never printed (G-45).
    `scrape` is `prometheus.io/port` beside `prometheus.io/scrape: "true"` of the template's
    annotations, else "".
    """

    labels: Mapping[str, str]
    ports: tuple[ContainerPort, ...] = ()
    host_network: bool = False
    addresses: tuple[tuple[int, int], ...] = ()
    images: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    scrape: str = ""


class WorkloadObject(NamedTuple):
    """One object of a workload kind (S-21). `generated` says that the name is a generateName.

    The fields of S-24: `ordinals` is (first, count) of a StatefulSet; `indexed` and
    `manual_selector` are a Job's (a CronJob's job template's).
    """

    ref: ObjectRef
    origin: Origin
    pod: PodFacts
    owner: Owner | None = None
    generated: bool = False
    ordinals: tuple[int, int] = (0, 1)
    indexed: bool = False
    manual_selector: bool = False


class NamespaceObject(NamedTuple):
    """A Namespace and its labels as written."""

    ref: ObjectRef
    origin: Origin
    labels: Mapping[str, str]


class ServicePort(NamedTuple):
    """One port of a Service; `target` is a number, a name, or None for the port itself."""

    name: str
    number: int
    protocol: str
    target: int | str | None


class ServiceObject(NamedTuple):
    """A core Service; `selector` None when absent or empty; `external` for ExternalName."""

    ref: ObjectRef
    origin: Origin
    selector: Mapping[str, str] | None
    ports: tuple[ServicePort, ...]
    external: bool = False


class Backend(NamedTuple):
    """Where an entry leads: a Service of a namespace and one of its ports.

    `port` is a number, a name, or None for every port of the Service; for a Route
    (`by_target`) it is a Service port's name or a target port. Protocol is TCP or UDP (S-82).
    """

    namespace: str
    service: str
    port: int | str | None
    protocol: str
    line: int
    by_target: bool = False


class EntryObject(NamedTuple):
    """An Ingress, Route or Gateway-API route and what it leads to (S-82), weight 0 left out."""

    ref: ObjectRef
    origin: Origin
    backends: tuple[Backend, ...]


class GrantObject(NamedTuple):
    """A ReferenceGrant: `sources` are (group, kind, namespace), `targets` are Service names, None
    for all Services of its namespace."""

    ref: ObjectRef
    origin: Origin
    sources: tuple[tuple[str, str, str], ...]
    targets: tuple[str | None, ...]


Object = Policy | WorkloadObject | NamespaceObject | ServiceObject | EntryObject | GrantObject


class Noted(NamedTuple):
    """What is to be said of one object: the piece it stands in, notes, and how often each code was
    found."""

    source: Source
    notes: tuple[Note, ...]
    counts: Mapping[str, int]


class Reading(NamedTuple):
    """What became of one object of a kind of ours in one file.

    `object` is None when it was left out (refused, or it adds nothing, like a finished Pod).
    `text` is the piece it stands in, at the path `prefix`: of two with one identity it is asked
    whether they are equal (S-8). `unique` is false for generateName objects, which never are
    duplicates (S-9). `homeless` is one of a namespaced kind that writes no namespace. `noted` is
    what is wrong with it.
    """

    ref: ObjectRef
    origin: Origin
    object: Object | None
    text: bytes
    prefix: tuple[str | int, ...]
    unique: bool
    homeless: bool
    noted: Noted | None


Unsaid = Mapping[tuple[str, str], tuple[int, int]]
"""By code and kind: how many objects of a file are not told what is wrong with them, and the line
of the first."""


class Extract(NamedTuple):
    """All that one file says: its objects in order, what is wrong with the file itself, and how
    many objects without a name are not kept since too many have the same fault."""

    readings: tuple[Reading, ...]
    diagnostics: tuple[Diagnostic, ...]
    unsaid: Unsaid = MappingProxyType({})


class Manifests(NamedTuple):
    """Everything one snapshot's files say, each identity once (S-8), in order of S-1."""

    policies: tuple[Policy, ...] = ()
    workloads: tuple[WorkloadObject, ...] = ()
    namespaces: tuple[NamespaceObject, ...] = ()
    services: tuple[ServiceObject, ...] = ()
    entries: tuple[EntryObject, ...] = ()
    grants: tuple[GrantObject, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()

    def objects(self) -> Iterator[Object]:
        """All of them, by kind."""
        yield from self.policies
        yield from self.workloads
        yield from self.namespaces
        yield from self.services
        yield from self.entries
        yield from self.grants
