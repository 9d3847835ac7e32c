"""`networking.k8s.io/v1` NetworkPolicy as a neutral policy (S-7, S-10 to S-16, S-40 to S-46)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewer.base import ports
from reviewer.base.documents import Origin
from reviewer.base.labels import EVERYTHING, Selector, namespace_named
from reviewer.base.places import Path
from reviewer.base.ports import PROTOCOLS

from .blocks import read_block
from .manifest import Manifest, Notes
from .objects import check_names, check_object
from .selectors import read_selector
from .shapes import NUMBER, NUMBER_OR_TEXT, SELECTOR, TEXT, Fields, ListOf, Plain, Walk
from .types import (
    Action,
    Direction,
    NamedPort,
    Peer,
    PodPeer,
    PodSelector,
    Policy,
    PortMatch,
    Rule,
    Tier,
)

_PEER = Fields(
    {
        "ipBlock": Fields({"cidr": TEXT, "except": ListOf(TEXT)}),
        "podSelector": SELECTOR,
        "namespaceSelector": SELECTOR,
    }
)
_PORTS = ListOf(Fields({"protocol": TEXT, "port": NUMBER_OR_TEXT, "endPort": NUMBER}))
_SPEC = Fields(
    {
        "podSelector": SELECTOR,
        "policyTypes": ListOf(TEXT),
        "ingress": ListOf(Fields({"from": ListOf(_PEER), "ports": _PORTS}, lined=True)),
        "egress": ListOf(Fields({"to": ListOf(_PEER), "ports": _PORTS}, lined=True)),
    }
)
_TYPES = {"Ingress": Direction.INGRESS, "Egress": Direction.EGRESS}
_FIELDS = {Direction.INGRESS: ("ingress", "from"), Direction.EGRESS: ("egress", "to")}
"""The fields of rules and of their peers. (An enum's `value` costs as much as reading a port.)"""

_PORT_NAME = re.compile(r"(?=.*[a-z])[a-z0-9]+(?:-[a-z0-9]+)*")


def read_network_policy(manifest: Manifest) -> Policy | None:
    """A NetworkPolicy; notes of `bad-type` or `invalid-policy` say that it is to be left out."""
    notes = manifest.notes
    check_object(manifest)
    check_names(manifest)
    walk = Walk(notes)
    walk.path.append("spec")
    raw = manifest.value.get("spec")
    spec: dict[str, Plain] = {} if raw is None else _SPEC.conform(raw, walk)
    if notes.has("bad-type"):
        return None
    return _policy(manifest, spec, walk)


def _policy(manifest: Manifest, spec: dict[str, Plain], walk: Walk) -> Policy:
    notes = manifest.notes
    own = namespace_named(manifest.ref.namespace)
    pods = read_selector(spec.get("podSelector"), ("spec", "podSelector"), notes)
    isolates = _isolates(spec, notes)
    rules: list[Rule] = []
    for direction in Direction:
        found = list(_rules(manifest, spec, direction, walk))
        if direction in isolates:
            rules += found
        elif found:
            path: Path = ("spec", direction.value)
            word = direction.value.capitalize()
            notes.warn("direction-ignored", path, f"has no effect: policyTypes lacks {word}")
    return Policy(
        ref=manifest.ref,
        origin=manifest.origin,
        tier=Tier.NAMESPACED,
        priority=0,
        subject=PodSelector(own, pods),
        isolates=isolates,
        rules=tuple(rules),
        spec=spec,
    )


def _isolates(spec: dict[str, Plain], notes: Notes) -> frozenset[Direction]:
    """The directions a policy governs (S-41)."""
    types: list[str] = spec.get("policyTypes", [])
    path: Path = ("spec", "policyTypes")
    if len(types) > 2:
        notes.refuse(path, "has more than two items")
    for index, word in enumerate(types):
        if word not in _TYPES:
            notes.refuse((*path, index), "is not Ingress or Egress")
    if types:
        return frozenset(_TYPES[word] for word in types if word in _TYPES)
    if spec.get("egress"):
        return frozenset(Direction)
    return frozenset({Direction.INGRESS})


def _rules(
    manifest: Manifest, spec: dict[str, Plain], direction: Direction, walk: Walk
) -> Iterator[Rule]:
    """The rules of one direction in written order; what is refused is noted."""
    word, field = _FIELDS[direction]
    own = namespace_named(manifest.ref.namespace)
    notes = manifest.notes
    for index, item in enumerate(spec.get(word, ())):
        path: Path = ("spec", word, index)
        peers: list[Peer] = []
        for place, each in enumerate(item.get(field, ())):
            peer = _peer(each, own, (*path, field, place), notes)
            if peer is not None:
                peers.append(peer)
        matches: list[PortMatch] = []
        for place, each in enumerate(item.get("ports", ())):
            match = _port(each, (*path, "ports", place), notes)
            if match is not None:
                matches.append(match)
        line = manifest.item_line(path, walk.lines.get(id(item), 0))
        yield Rule(
            direction=direction,
            action=Action.ALLOW,
            index=index,
            origin=Origin(manifest.origin.file, line),
            peers=tuple(peers) if item.get(field) else None,
            ports=tuple(matches) if item.get("ports") else None,
        )


def _peer(item: dict[str, Plain], own: Selector, path: Path, notes: Notes) -> Peer | None:
    """One item of `from` or `to` (S-44); None where it is refused."""
    block, pods, namespaces = map(item.get, _PEER.shapes)
    if block is not None:
        if pods is not None or namespaces is not None:
            notes.refuse(path, "has an ipBlock together with a selector")
        return read_block(block, (*path, "ipBlock"), notes)
    if pods is None and namespaces is None:
        notes.refuse(path, "has none of podSelector, namespaceSelector, ipBlock")
        return None
    chosen = EVERYTHING if pods is None else read_selector(pods, (*path, "podSelector"), notes)
    if namespaces is not None:
        own = read_selector(namespaces, (*path, "namespaceSelector"), notes)
    return PodPeer(PodSelector(own, chosen))


def _port(item: dict[str, Plain], path: Path, notes: Notes) -> PortMatch | None:
    """One item of `ports` (S-45); None where it is refused."""
    protocol: str = item.get("protocol", "TCP")
    if protocol not in PROTOCOLS:
        notes.refuse((*path, "protocol"), "is not TCP, UDP or SCTP")
        return None
    port: int | str | None = item.get("port")
    end: int | None = item.get("endPort")
    if end is not None and not _is_end(port, end, (*path, "endPort"), notes):
        return None
    if isinstance(port, str):
        return _named_port(port, protocol, path, notes)
    if port is None:
        return ports.port_range(protocol, 1, ports.LAST)
    if not 1 <= port <= ports.LAST:
        notes.refuse((*path, "port"), "is not within 1–65535")
        return None
    return ports.port_range(protocol, port, port if end is None else end)


def _named_port(name: str, protocol: str, path: Path, notes: Notes) -> PortMatch | None:
    if len(name) > 15 or not _PORT_NAME.fullmatch(name):
        notes.refuse((*path, "port"), "is not a port name", name)
        return None
    return NamedPort(name, protocol)


def _is_end(port: int | str | None, end: int, path: Path, notes: Notes) -> bool:
    """Whether `endPort` may stand where it does."""
    if port is None or isinstance(port, str):
        notes.refuse(path, "needs a port that is a number")
    elif not 1 <= end <= ports.LAST:
        notes.refuse(path, "is not within 1–65535")
    elif end < port:
        notes.refuse(path, "is less than the port")
    else:
        return True
    return False
