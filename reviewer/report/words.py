"""Names and ports as people read them (P-3, P-4). Plain text; `markup` makes it safe."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from reviewer.base.addresses import everything
from reviewer.base.labels import EVERYTHING, named_namespaces
from reviewer.base.ports import ALL_PORTS, LAST, PROTOCOLS, WIDTH, PortSet
from reviewer.base.spans import size
from reviewer.engine import (
    Endpoint,
    ExternalEndpoint,
    IngressControllerEndpoint,
    SelectorEndpoint,
    WorkloadEndpoint,
)

INTERNET = "the internet"
INTERNET_6 = "the internet (IPv6)"
CONTROLLER = "the ingress controller"
BLOCKS_SHOWN = 3
RANGES_SHOWN = 4
GAPS_SHOWN = 3


class Names:
    """How workloads are called in one report: `namespace/name` (P-3).

    The kind is added only where two in the report differ in the kind alone.
    """

    def __init__(self, ids: Iterable[str]) -> None:
        self._ids: dict[str, str] = {}
        seen: dict[str, str] = {}
        alike: set[str] = set()
        for name in ids:
            short = without_kind(name)
            if seen.setdefault(short, name) != name:
                alike.add(short)
            self._ids[name] = short
        for name, short in self._ids.items():
            if short in alike:
                self._ids[name] = name

    def workload(self, name: str) -> str:
        """The name of the workload with this id."""
        return self._ids.get(name) or without_kind(name)

    def outside(self, end: ExternalEndpoint) -> str:
        """Outside addresses in full; all of a family are the internet."""
        return INTERNET if is_internet(end) else ", ".join(blocks([end]))

    def shown(self, text: str) -> str:
        """Any name: of a workload of this report as above, everything else as it is."""
        return self._ids.get(text, text)

    def inside(self, name: str) -> str:
        """The same without its namespace."""
        return self.workload(name).partition("/")[2]


class FullNames(Names):
    """Names as ids, always: of flows, explain and full lists (P-3)."""

    def __init__(self) -> None:
        super().__init__(())

    def workload(self, name: str) -> str:
        """The id itself."""
        return name

    def outside(self, end: ExternalEndpoint) -> str:
        """The blocks themselves, which tell the families apart."""
        return ", ".join(blocks([end]))


def without_kind(name: str) -> str:
    """`namespace/name` of an id."""
    return name.rpartition("[")[0] or name


def namespace_of(end: Endpoint) -> str | None:
    """The namespace an end is in; None outside, and of pods by selector that may be in several."""
    if isinstance(end, WorkloadEndpoint):
        return end.id.partition("/")[0]
    if isinstance(end, SelectorEndpoint):
        named = named_namespaces(end.namespaces)
        return named[0] if named and len(named) == 1 else None
    return None


def is_internet(end: Endpoint) -> bool:
    """Whether it is every address of a family."""
    return isinstance(end, ExternalEndpoint) and end.addresses == everything(end.addresses.family)


def blocks(ends: Sequence[ExternalEndpoint]) -> list[str]:
    """The CIDR blocks of outside ends, IPv4 first."""
    return [cidr for end in ends for cidr in end.addresses.cidrs()]


def selector_words(end: SelectorEndpoint) -> tuple[str, str]:
    """What pods, and of which namespaces, as two selectors in text; "" is every one."""
    return str(end.pods), str(end.namespaces)


def is_everyone(end: SelectorEndpoint) -> bool:
    """Whether it is every pod of every namespace."""
    return end.pods == EVERYTHING and end.namespaces == EVERYTHING


def plain_name(end: Endpoint, names: Names) -> str:
    """One end in full, as plain text."""
    match end:
        case WorkloadEndpoint(id=name):
            return names.workload(name)
        case ExternalEndpoint():
            return names.outside(end)
        case SelectorEndpoint():
            pods, namespaces = selector_words(end)
            return f"pods {pods or 'of any label'} in namespaces {namespaces or 'of any label'}"
        case IngressControllerEndpoint():
            return CONTROLLER


# --- ports ---------------------------------------------------------------------------------------

Ranges = tuple[tuple[int, int], ...]


def port_text(ports: PortSet) -> str:
    """A port set as in P-4: `all`, `all but TCP+UDP 53`, `TCP`, `TCP 80, 8000–8080, UDP 53`."""
    if ports == ALL_PORTS:
        return "all"
    held = _by_protocol(ports)
    gaps = _by_protocol(ALL_PORTS - ports)
    # NOTE: "all but" only while less is missing than there; else the ports themselves say more.
    if all(
        held[at] and len(gaps[at]) <= GAPS_SHOWN and size(gaps[at]) < size(held[at])
        for at in range(len(PROTOCOLS))
    ):
        return "all but " + _listed(gaps, limit=None)
    return _listed(held, limit=RANGES_SHOWN)


def _by_protocol(ports: PortSet) -> list[Ranges]:
    """The ranges of each protocol, in printing order."""
    found: list[list[tuple[int, int]]] = [[] for _ in PROTOCOLS]
    for low, high in ports:
        found[low // WIDTH].append((low % WIDTH, high % WIDTH))
    return [tuple(ranges) for ranges in found]


def _listed(held: list[Ranges], limit: int | None) -> str:
    """Protocols with equal ranges joined by `+`; after `limit` ranges the rest is counted."""
    grouped: dict[Ranges, list[str]] = {}
    for protocol, ranges in zip(PROTOCOLS, held, strict=True):
        if ranges:
            grouped.setdefault(ranges, []).append(protocol)
    items: list[str] = []
    for ranges, protocols in grouped.items():
        joined = "+".join(protocols)
        if ranges == ((1, LAST),):
            items.append(joined)
            continue
        first, *rest = map(_range_text, ranges)
        items += [f"{joined} {first}", *rest]
    if limit is None or len(items) <= limit:
        return ", ".join(items)
    return f"{', '.join(items[:limit])} and {len(items) - limit} more"


def _range_text(ports: tuple[int, int]) -> str:
    low, high = ports
    return str(low) if low == high else f"{low}–{high}"


def kept_together(text: str) -> str:
    """Port text whose protocol and first number no line break parts (P-4, Markdown)."""
    for protocol in PROTOCOLS:
        text = text.replace(f"{protocol} ", f"{protocol}\u00a0")
    return text


# --- numbers -------------------------------------------------------------------------------------


def counted(number: int, one: str, many: str = "") -> str:
    """`1 flow`, `2 flows`, `1,204 flows`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def enumerated(items: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"
