"""Admin policies of `policy.networking.k8s.io` as neutral policies (S-60 to S-66).

AdminNetworkPolicy and BaselineAdminNetworkPolicy are `v1alpha1`, ClusterNetworkPolicy with its two
tiers is `v1alpha2`. They differ in how ports are written and in a few limits; a `_Dialect` holds
the differences, so that one reading serves all three.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from reviewer.base.documents import Origin
from reviewer.base.labels import EVERYTHING
from reviewer.base.places import Path

from .adminports import (
    PORTS_V1ALPHA1,
    PROTOCOLS_V1ALPHA2,
    ReadPort,
    read_port,
    read_protocol,
)
from .blocks import read_networks
from .manifest import Manifest
from .notes import Notes
from .objects import check_object
from .selectors import read_selector
from .shapes import NUMBER, SELECTOR, TEXT, Fields, ListOf, Plain, Shape, Walk
from .types import (
    Action,
    BlockPeer,
    Direction,
    DomainPeer,
    NamedPort,
    NodePeer,
    Peer,
    PodPeer,
    PodSelector,
    Policy,
    PortMatch,
    Rule,
    Tier,
)

_PODS = Fields({"namespaceSelector": SELECTOR, "podSelector": SELECTOR})
_SUBJECT = Fields({"namespaces": SELECTOR, "pods": _PODS})
_SOURCE = Fields({"namespaces": SELECTOR, "pods": _PODS})
_DESTINATION = Fields(
    {
        "namespaces": SELECTOR,
        "pods": _PODS,
        "nodes": SELECTOR,
        "networks": ListOf(TEXT),
        "domainNames": ListOf(TEXT),
    }
)
_PEERS = {Direction.INGRESS: ("from", _SOURCE), Direction.EGRESS: ("to", _DESTINATION)}
_BY_NUMBER = (BlockPeer, NodePeer, DomainPeer)
"""Peers that have no container ports, and so no named ones."""


class _Dialect(NamedTuple):
    """What differs between the kinds: actions, the field of ports, the most items of a list."""

    actions: Mapping[str, Action]
    ports: str
    most: int
    spec: Fields
    old: bool
    port: ReadPort


def _spec(ports: str, shape: Shape, more: dict[str, Shape]) -> Fields:
    """The shape of a spec whose rules name their ports so."""

    def rules(field: str, peer: Fields) -> Shape:
        fields: dict[str, Shape] = {"name": TEXT, "action": TEXT}
        fields |= {field: ListOf(peer), ports: shape}
        return ListOf(Fields(fields, lined=True))

    fields = {each.value: rules(*_PEERS[each]) for each in Direction}
    return Fields({**more, "subject": _SUBJECT, **fields})


_ALLOW, _DENY, _PASS = Action.ALLOW, Action.DENY, Action.PASS
_DIALECTS = {
    "AdminNetworkPolicy": _Dialect(
        {"Allow": _ALLOW, "Deny": _DENY, "Pass": _PASS},
        "ports",
        100,
        _spec("ports", PORTS_V1ALPHA1, {"priority": NUMBER}),
        True,
        read_port,
    ),
    "BaselineAdminNetworkPolicy": _Dialect(
        {"Allow": _ALLOW, "Deny": _DENY},
        "ports",
        100,
        _spec("ports", PORTS_V1ALPHA1, {}),
        True,
        read_port,
    ),
    "ClusterNetworkPolicy": _Dialect(
        {"Accept": _ALLOW, "Deny": _DENY, "Pass": _PASS},
        "protocols",
        25,
        _spec("protocols", PROTOCOLS_V1ALPHA2, {"tier": TEXT, "priority": NUMBER}),
        False,
        read_protocol,
    ),
}
_TIERS = {"Admin": Tier.ADMIN, "Baseline": Tier.BASELINE}


def read_admin_policy(manifest: Manifest) -> Policy | None:
    """A policy of the Admin or Baseline tier; its notes say when it is to be left out."""
    notes, dialect = manifest.notes, _DIALECTS[manifest.ref.kind]
    check_object(manifest)
    walk = Walk(notes)
    walk.path.append("spec")
    raw = manifest.value.get("spec")
    spec: dict[str, Plain] = {} if raw is None else dialect.spec.conform(raw, walk)
    if notes.has("bad-type"):
        return None
    tier, priority = _tier(manifest, spec), _priority(manifest, spec)
    subject = _subject(spec, dialect, notes)
    rules = [
        rule
        for direction in Direction
        for rule in _Rules(manifest, dialect, walk).read(spec, direction)
    ]
    if notes.has("invalid-policy") or subject is None:
        return None
    return Policy(
        ref=manifest.ref,
        origin=manifest.origin,
        tier=tier,
        priority=priority,
        subject=subject,
        isolates=frozenset(),
        rules=tuple(rules),
        spec=spec,
    )


def _tier(manifest: Manifest, spec: dict[str, Plain]) -> Tier:
    """The tier: of the kind itself, or of the field `tier`."""
    match manifest.ref.kind:
        case "AdminNetworkPolicy":
            return Tier.ADMIN
        case "BaselineAdminNetworkPolicy":
            if manifest.generated or manifest.ref.name != "default":
                manifest.notes.refuse(
                    ("metadata", "name"), "is not default, the only name it may have"
                )
            return Tier.BASELINE
        case _:
            if spec.get("tier") not in _TIERS:
                manifest.notes.refuse(("spec", "tier"), "is not Admin or Baseline")
            return _TIERS.get(spec.get("tier", ""), Tier.ADMIN)


def _priority(manifest: Manifest, spec: dict[str, Plain]) -> int:
    """The priority, 0 to 1000; a BaselineAdminNetworkPolicy has none and comes last (S-65)."""
    if manifest.ref.kind == "BaselineAdminNetworkPolicy":
        return 0
    priority: int | None = spec.get("priority")
    if priority is None or not 0 <= priority <= 1000:
        manifest.notes.refuse(("spec", "priority"), "is not within 0–1000")
        return 0
    return priority


def _subject(spec: dict[str, Plain], dialect: _Dialect, notes: Notes) -> PodSelector | None:
    """The pods a policy applies to (S-62); None where it is refused."""
    path: Path = ("spec", "subject")
    if "subject" not in spec:
        notes.refuse(path, "is missing")
        return None
    return _pods(spec["subject"], _SUBJECT, dialect, path, notes)


def _pods(
    item: dict[str, Plain], shape: Fields, dialect: _Dialect, path: Path, notes: Notes
) -> PodSelector | None:
    """The pods that `namespaces` or `pods` of a subject or peer select."""
    present = shape.present(item)
    if len(present) != 1:
        notes.refuse(path, f"does not have exactly one of {', '.join(shape.shapes)}")
        return None
    if present == ["namespaces"]:
        namespaces = read_selector(item["namespaces"], (*path, "namespaces"), notes)
        return PodSelector(namespaces, EVERYTHING)
    both, at = item["pods"], (*path, "pods")
    needed = ("podSelector", "namespaceSelector") if dialect.old else ("podSelector",)
    for field in needed:
        if field not in both:
            notes.refuse((*at, field), "is missing")
    return PodSelector(
        read_selector(both.get("namespaceSelector"), (*at, "namespaceSelector"), notes),
        read_selector(both.get("podSelector"), (*at, "podSelector"), notes),
    )


class _Rules:
    """Reads the rules of one policy."""

    def __init__(self, manifest: Manifest, dialect: _Dialect, walk: Walk) -> None:
        self.manifest = manifest
        self.dialect = dialect
        self.notes = manifest.notes
        self.walk = walk

    def read(self, spec: dict[str, Plain], direction: Direction) -> Iterator[Rule]:
        """The rules of one direction in written order; refused ones are noted."""
        items = spec.get(direction.value, ())
        at: Path = ("spec", direction.value)
        if len(items) > self.dialect.most:
            self.notes.refuse(at, f"has more than {self.dialect.most} rules")
        for index, item in enumerate(items):
            yield self._rule(item, direction, index)

    def _rule(self, item: dict[str, Plain], direction: Direction, index: int) -> Rule:
        path: Path = ("spec", direction.value, index)
        if len(item.get("name", "")) > 100:
            self.notes.refuse((*path, "name"), "is longer than 100")
        action = self.dialect.actions.get(item.get("action", ""))
        if action is None:
            words = ", ".join(self.dialect.actions)
            self.notes.refuse((*path, "action"), f"is not one of {words}")
        peers = tuple(self._peers(item, direction, path))
        ports = self._ports(item, path)
        if any(isinstance(each, NamedPort) for each in ports or ()):
            for each in peers:
                if isinstance(each, _BY_NUMBER):
                    reason = "names a port in a rule with networks, nodes or domainNames"
                    self.notes.refuse((*path, self.dialect.ports), reason)
                    break
        line = self.manifest.item_line(path, self.walk.lines.get(id(item), 0))
        return Rule(
            direction=direction,
            action=action or Action.DENY,
            index=index,
            origin=Origin(self.manifest.origin.file, line),
            peers=peers,
            ports=ports,
        )

    def _ports(self, item: dict[str, Plain], path: Path) -> tuple[PortMatch, ...] | None:
        field = self.dialect.ports
        if field not in item:
            return None
        at = (*path, field)
        if not item[field]:
            self.notes.refuse(at, "is empty")
        if len(item[field]) > self.dialect.most:
            self.notes.refuse(at, f"has more than {self.dialect.most} items")
        return tuple(
            match
            for index, each in enumerate(item[field])
            for match in self.dialect.port(each, (*at, index), self.notes)
        )

    def _peers(self, item: dict[str, Plain], direction: Direction, path: Path) -> Iterator[Peer]:
        field, shape = _PEERS[direction]
        peers, at = item.get(field, ()), (*path, field)
        if not peers:
            self.notes.refuse(at, "is missing or empty")
        if len(peers) > self.dialect.most:
            self.notes.refuse(at, f"has more than {self.dialect.most} peers")
        for index, peer in enumerate(peers):
            found = self._peer(peer, shape, (*at, index))
            if found is not None:
                yield found

    def _peer(self, item: dict[str, Plain], shape: Fields, path: Path) -> Peer | None:
        """One peer (S-63); exactly one field says what it is."""
        match shape.present(item):
            case ["nodes"]:
                selector = read_selector(item["nodes"], (*path, "nodes"), self.notes)
                return NodePeer(not selector)
            case ["networks"]:
                return read_networks(item["networks"], (*path, "networks"), self.notes)
            case ["domainNames"]:
                return DomainPeer(tuple(item["domainNames"]))
        pods = _pods(item, shape, self.dialect, path, self.notes)
        return None if pods is None else PodPeer(pods)
