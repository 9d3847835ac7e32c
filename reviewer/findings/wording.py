"""How values are written in sentences: lists, ports, blocks, ends (F-6, P-3, P-4).

Every name that comes from a manifest goes through `Name`, so that a report can mark it up (P-2);
here it is written as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from reviewer.base.addresses import AddressSet
from reviewer.base.ports import LAST, PROTOCOLS, WIDTH, PortSet

Name = Callable[[str], str]
"""How an untrusted name is written."""

LISTED = 5
"""Members of a list that are written out (F-6)."""


def raw(name: str) -> str:
    """The name as it is, for JSON."""
    return name


def listing(items: Sequence[str], limit: int = LISTED) -> str:
    """`a`, `a and b`, `a, b and c`; after `limit` members `and N more`."""
    if len(items) > limit:
        return f"{', '.join(items[:limit])} and {len(items) - limit} more"
    return " and ".join([", ".join(items[:-1]), items[-1]]) if len(items) > 1 else "".join(items)


def named(items: Iterable[str], name: Name, limit: int = LISTED) -> str:
    """A listing of untrusted names."""
    return listing([name(each) for each in items], limit)


def counted(number: int, word: str) -> str:
    """`1 flow`, `2 flows`, `2 policies`."""
    if number == 1:
        return f"1 {word}"
    plural = f"{word[:-1]}ies" if word.endswith("y") else f"{word}s"
    return f"{number} {plural}"


def _range(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}–{last}"


def _by_protocol(ports: PortSet) -> dict[str, tuple[tuple[int, int], ...]]:
    found: dict[str, list[tuple[int, int]]] = {}
    for protocol, first, last in ports.ranges():
        found.setdefault(protocol, []).append((first, last))
    return {protocol: tuple(ranges) for protocol, ranges in found.items()}


def _joined(ports: PortSet) -> list[tuple[str, tuple[tuple[int, int], ...]]]:
    """Protocols with equal ranges together: `TCP+UDP`."""
    groups: dict[tuple[tuple[int, int], ...], list[str]] = {}
    for protocol, ranges in _by_protocol(ports).items():
        groups.setdefault(ranges, []).append(protocol)
    return [("+".join(protocols), ranges) for ranges, protocols in groups.items()]


def _missing(ports: PortSet) -> PortSet:
    full = PortSet((i * WIDTH + 1, i * WIDTH + LAST) for i in range(len(PROTOCOLS)))
    return full - ports


def ports_text(ports: PortSet) -> str:
    """Ports as P-4 writes them."""
    missing = _missing(ports)
    if not missing:
        return "all ports"
    by_protocol = _by_protocol(ports)
    if len(by_protocol) == len(PROTOCOLS) and all(
        len(ranges) <= 3 for ranges in _by_protocol(missing).values()
    ):
        return f"all ports but {_written(missing)}"
    return _written(ports)


def _written(ports: PortSet) -> str:
    pieces: list[str] = []
    shown = 0
    total = sum(len(ranges) for _, ranges in _joined(ports))
    for protocol, ranges in _joined(ports):
        if ranges == ((1, LAST),):
            pieces.append(protocol)
            shown += 1
            continue
        room = ranges[: max(0, 4 - shown)]
        if room:
            pieces.append(f"{protocol} {', '.join(_range(*each) for each in room)}")
            shown += len(room)
    more = f" and {total - shown} more" if total > shown else ""
    return ", ".join(pieces) + more


def blocks_text(addresses: AddressSet) -> str:
    """Up to three blocks are written, more are the first and a number (P-3)."""
    blocks = addresses.cidrs()
    if len(blocks) <= 3:
        return ", ".join(blocks)
    return f"{blocks[0]} and {len(blocks) - 1} more blocks"
