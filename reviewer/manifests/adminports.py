"""The ports of admin rules, as `v1alpha1` and `v1alpha2` write them (S-61, S-63)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from reviewer.base import ports
from reviewer.base.places import Path
from reviewer.base.ports import NO_PORTS, PROTOCOLS

from .notes import Notes
from .shapes import NUMBER, TEXT, Fields, ListOf, Plain
from .types import NamedPort, PortMatch

_PORT = Fields(
    {
        "portNumber": Fields({"protocol": TEXT, "port": NUMBER}),
        "namedPort": TEXT,
        "portRange": Fields({"protocol": TEXT, "start": NUMBER, "end": NUMBER}),
    }
)
_TARGET = Fields({"number": NUMBER, "range": Fields({"start": NUMBER, "end": NUMBER})})
_PROTOCOL = Fields({"destinationPort": _TARGET})
_MATCH = Fields(
    {"tcp": _PROTOCOL, "udp": _PROTOCOL, "sctp": _PROTOCOL, "destinationNamedPort": TEXT}
)
PORTS_V1ALPHA1 = ListOf(_PORT)
PROTOCOLS_V1ALPHA2 = ListOf(_MATCH)

ReadPort = Callable[[dict[str, Plain], Path, Notes], Iterator[PortMatch]]
"""Reads one item of `ports` or `protocols`; nothing where it is refused."""


def read_port(item: dict[str, Plain], path: Path, notes: Notes) -> Iterator[PortMatch]:
    """One item of `ports` of v1alpha1. A range that ends before it starts matches nothing."""
    match _PORT.present(item):
        case ["namedPort"]:
            yield _named(item["namedPort"])
        case ["portNumber"]:
            at = (*path, "portNumber")
            number = _number(item["portNumber"], "port", at, notes)
            for protocol in _protocol(item["portNumber"], at, notes):
                yield ports.port_range(protocol, number, number)
        case ["portRange"]:
            at = (*path, "portRange")
            start = _number(item["portRange"], "start", at, notes)
            end = _number(item["portRange"], "end", at, notes)
            for protocol in _protocol(item["portRange"], at, notes):
                yield ports.port_range(protocol, start, end)
        case _:
            notes.refuse(path, "does not have exactly one of portNumber, namedPort, portRange")


def read_protocol(item: dict[str, Plain], path: Path, notes: Notes) -> Iterator[PortMatch]:
    """One item of `protocols` of v1alpha2."""
    match _MATCH.present(item):
        case ["destinationNamedPort"]:
            yield _named(item["destinationNamedPort"])
        case [name]:
            yield from _target(name, item[name], (*path, name), notes)
        case _:
            words = ", ".join(_MATCH.shapes)
            notes.refuse(path, f"does not have exactly one of {words}")


def _target(name: str, item: dict[str, Plain], path: Path, notes: Notes) -> Iterator[PortMatch]:
    """The destination ports of `tcp`, `udp` or `sctp`; none at all is refused (S-125)."""
    at = (*path, "destinationPort")
    if "destinationPort" not in item:
        notes.refuse(at, "is missing")
        return
    target = item["destinationPort"]
    match _TARGET.present(target):
        case ["number"]:
            number = _number(target, "number", at, notes)
            yield ports.port_range(name.upper(), number, number)
        case ["range"]:
            start = _number(target["range"], "start", (*at, "range"), notes)
            end = _number(target["range"], "end", (*at, "range"), notes)
            if start >= end:
                notes.refuse((*at, "range"), "does not start before it ends")
            yield ports.port_range(name.upper(), start, end)
        case _:
            notes.refuse(at, "does not have exactly one of number, range")


def _named(name: str) -> PortMatch:
    """A port by name, with the container port's own protocol; no port is named ""."""
    return NamedPort(name, None) if name else NO_PORTS


def _number(item: dict[str, Plain], field: str, path: Path, notes: Notes) -> int:
    number: int = item.get(field, 0)
    if not 1 <= number <= ports.LAST:
        notes.refuse((*path, field), "is not within 1–65535")
    return number


def _protocol(item: dict[str, Plain], path: Path, notes: Notes) -> Iterator[str]:
    """The protocol, TCP where it is absent; nothing where it is refused."""
    protocol: str = item.get("protocol", "TCP")
    if protocol in PROTOCOLS:
        yield protocol
    else:
        notes.refuse((*path, "protocol"), "is not TCP, UDP or SCTP")
