"""`networking.k8s.io/v1` NetworkPolicy as a neutral policy (S-7, S-10 to S-16, S-40 to S-46)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from reviewer.base import ports
from reviewer.base.documents import Origin
from reviewer.base.labels import EVERYTHING, Selector, namespace_named
from reviewer.base.places import Path
from reviewer.base.ports import PROTOCOLS

from .blocks import read_block
from .manifest import Manifest
from .notes import Notes
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


class _Side(NamedTuple):
    """A direction as a spec writes it: the fields of its rules and of their peers, its type; and
    the set of it alone."""

    direction: Direction
    rules: str
    peers: str
    type: str
    alone: frozenset[Direction]


# Written out, and sets of directions made once: to go through an enum, or to hash its members,
# costs as much as to read a port.
_INGRESS = _Side(Direction.INGRESS, "ingress", "from", "Ingress", frozenset({Direction.INGRESS}))
_EGRESS = _Side(Direction.EGRESS, "egress", "to", "Egress", frozenset({Direction.EGRESS}))
_SIDES = (_INGRESS, _EGRESS)
_BOTH = frozenset(Direction)

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
    governed = _governed(spec, notes)
    rules: list[Rule] = []
    for side in _SIDES:
        if side.rules not in spec:
            continue
        found = list(_rules(manifest, spec, side, own, walk))
        if any(side is each for each in governed):
            rules += found
        elif found:
            text = f"has no effect: policyTypes lacks {side.type}"
            notes.warn("direction-ignored", ("spec", side.rules), text)
    return Policy(
        ref=manifest.ref,
        origin=manifest.origin,
        tier=Tier.NAMESPACED,
        priority=0,
        subject=PodSelector(own, pods),
        isolates=_BOTH if len(governed) == 2 else governed[0].alone,
        rules=tuple(rules),
        spec=spec,
    )


def _governed(spec: dict[str, Plain], notes: Notes) -> tuple[_Side, ...]:
    """The directions a policy governs (S-41)."""
    types: list[str] = spec.get("policyTypes", [])
    path: Path = ("spec", "policyTypes")
    if len(types) > 2:
        notes.refuse(path, "has more than two items")
    for index, word in enumerate(types):
        if word not in {"Ingress", "Egress"}:
            notes.refuse((*path, index), "is not Ingress or Egress")
    if types:
        return tuple(side for side in _SIDES if side.type in types) or _SIDES
    return _SIDES if spec.get("egress") else (_INGRESS,)


def _rules(
    manifest: Manifest, spec: dict[str, Plain], side: _Side, own: Selector, walk: Walk
) -> Iterator[Rule]:
    """The rules of one direction in written order; what is refused is noted."""
    notes = manifest.notes
    direction, word, field, _, _ = side
    for index, item in enumerate(spec[word]):
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
