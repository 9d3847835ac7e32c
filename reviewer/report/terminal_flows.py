"""What `flows` says on a terminal: one block for each destination (P-21)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from reviewer.base.addresses import FAMILIES, everything
from reviewer.base.ports import PortSet
from reviewer.base.spans import size
from reviewer.engine import (
    Endpoint,
    ExternalEndpoint,
    Snapshot,
    WorkloadEndpoint,
    rank,
)

from .groups import Nature, nature
from .lines import BLANK, DIM, HEADING, Line, Piece, line, parts
from .markup import safe
from .phrases import PLAIN, outside, who, workloads
from .types import Display, FlowMap
from .words import INTERNET, FullNames, Names, counted, is_internet, plain_name, port_text

WIDEST_PORTS = 24
NAMED = 4
"""So many workloads of one namespace are named, more are counted."""

_Block = dict[PortSet, list[Endpoint]]


def flow_lines(result: FlowMap, display: Display) -> Iterator[Line]:
    """All lines of a connectivity map."""
    snapshot = result.snapshot
    yield line(Piece(_figures(snapshot), HEADING))
    if display.full:
        yield BLANK
        yield from _every_flow(snapshot)
        return
    blocks = _blocks(snapshot)
    texts = [port_text(ports) for block in blocks.values() for ports in block]
    wide = min(max(map(len, texts), default=0), WIDEST_PORTS) + 3
    teller = _Sources(snapshot)
    places = {each.id: each.origin for each in snapshot.cluster.workloads}
    both = _both_families(blocks)
    for end in sorted(blocks.keys() - {both}, key=rank):
        yield BLANK
        name = INTERNET if both and is_internet(end) else teller.heading(end)
        origin = places.get(end.id) if isinstance(end, WorkloadEndpoint) else None
        place = f"{safe(origin.file)}:{origin.line}" if origin else ""
        head: tuple[Piece, ...] = (Piece(name, HEADING),)
        yield Line((head, (Piece("  "), Piece(place, DIM))) if place else (head,))
        for ports in sorted(blocks[end], key=lambda each: (-size(tuple(each)), tuple(each))):
            said = teller.words(end, blocks[end][ports])
            lead = f"  {f'{port_text(ports)}   ':<{wide}}"
            ends = [f"{each}, " for each in said[:-1]] + said[-1:]
            yield parts([lead, ends[0]], *ends[1:], hang=wide + 2)


def _both_families(blocks: dict[Endpoint, _Block]) -> Endpoint | None:
    """All of IPv6, where it says the same as all of IPv4 and need not be said again."""
    four, six = (ExternalEndpoint(everything(family)) for family in FAMILIES)
    return six if four in blocks and blocks.get(four) == blocks.get(six) else None


def _figures(snapshot: Snapshot) -> str:
    cluster = snapshot.cluster
    spaces = len({each.namespace for each in cluster.workloads})
    return (
        f"{counted(len(cluster.workloads), 'workload')} in {counted(spaces, 'namespace')}, "
        f"{counted(len(cluster.policies), 'policy', 'policies')}, "
        f"{counted(snapshot.reachability.count(), 'flow')}"
    )


def _every_flow(snapshot: Snapshot) -> Iterator[Line]:
    """Every row on one line of its own, for grep."""
    names = _Sources(snapshot).full
    for source, destination, ports in snapshot.reachability.flows():
        ends = f"{plain_name(source, names)} → {plain_name(destination, names)}"
        yield Line(((Piece(f"{safe(ends)} {port_text(ports)}"),),), whole=True)


def _blocks(snapshot: Snapshot) -> dict[Endpoint, _Block]:
    """Sources by destination and ports."""
    found: dict[Endpoint, _Block] = {}
    for source, destination, ports in snapshot.reachability.flows():
        found.setdefault(destination, {}).setdefault(ports, []).append(source)
    return found


class _Sources:
    """Says who may reach a destination: "everyone", "everyone but …", "all 14 in shop"."""

    def __init__(self, snapshot: Snapshot) -> None:
        ids = [each.id for each in snapshot.cluster.workloads]
        self._ids = frozenset(ids)
        self._sizes = Counter(map(_space, ids))
        self._names = Names(ids)
        self.full = FullNames()

    def heading(self, end: Endpoint) -> str:
        """A destination: the id of a workload (P-3), everything else as everywhere."""
        if isinstance(end, WorkloadEndpoint):
            return safe(plain_name(end, self.full))
        return who([end], self._names, PLAIN)

    def words(self, end: Endpoint, sources: Sequence[Endpoint]) -> list[str]:
        """The sources as a list of few words."""
        ids = {each.id for each in sources if isinstance(each, WorkloadEndpoint)}
        blocks = [each for each in sources if isinstance(each, ExternalEndpoint)]
        world = len(blocks) == 2 and all(map(is_internet, blocks))
        others = self._ids - ({end.id} if isinstance(end, WorkloadEndpoint) else set())
        missing = others - ids
        said: list[str] = []
        if len(missing) < len(ids) and len(ids) > NAMED:
            every = "everyone" if world else "every workload"
            rest = workloads(sorted(missing), self._names, PLAIN) if missing else ""
            said.append(f"{every} but {rest}" if rest else every)
            blocks = [] if world else blocks
        else:
            said += self._by_namespace(ids, end)
        said += [outside(blocks, PLAIN)] if blocks else []
        rest_of = [each for each in sources if nature(each) in {Nature.CONTROLLER, Nature.SELECTOR}]
        return said + [who([each], self._names, PLAIN) for each in rest_of]

    def _by_namespace(self, ids: Iterable[str], end: Endpoint) -> Iterator[str]:
        spaces: dict[str, list[str]] = {}
        for each in sorted(ids):
            spaces.setdefault(_space(each), []).append(each)
        for space, mine in spaces.items():
            inside = isinstance(end, WorkloadEndpoint) and _space(end.id) == space
            total = self._sizes[space] - int(inside)
            if len(mine) <= NAMED:
                yield from (safe(self._names.workload(each)) for each in mine)
            elif len(mine) == total:
                yield f"all {total} in {safe(space)}"
            else:
                yield f"{len(mine)} of {total} in {safe(space)}"


def _space(name: str) -> str:
    return name.partition("/")[0]
