"""How pods are met by address (S-28, S-54)."""

from __future__ import annotations

import pytest

from reviewer.base.addresses import read_cidr
from reviewer.base.spans import Spans
from reviewer.cluster import Settings
from reviewer.engine import ones
from reviewer.engine.places import Places
from tests import kit
from tests.conformance.words import HOST, at, pod

PODS = (
    pod("shop/a")
    + pod("shop/b", "", at("10.1.0.1"))
    + pod("shop/c", "", "status: {podIPs: [{ip: 10.2.0.1}, {ip: 'fd00::1'}]}")
    + pod("shop/d", "", HOST)
)
UNKNOWN, FOUR, BOTH, NODE = range(4)


def ranges(*texts: str) -> tuple[int, Spans]:
    found = [each.block for text in texts if (each := read_cidr(text))]
    return found[0].family, tuple(span for block in found for span in block.spans)


def places(settings: Settings | None = None) -> Places:
    options = {"settings": settings} if settings else {}
    found = kit.flow_result(PODS, exposure="never", **options).snapshot.reachability
    return found.side.places


def settings(pods: str, nodes: str) -> Settings:
    blocks = [each.block for text in (pods, nodes) if (each := read_cidr(text))]
    return Settings(pod_ranges=(blocks[0],), node_ranges=(blocks[1],))


SIX = settings("fd00::/8", "10.9.0.0/16")
BLOCKS: list[tuple[str, Settings | None, tuple[str, ...], list[int], list[int]]] = [
    ("all of IPv4", None, ("0.0.0.0/0",), [0, 1, 2, 3], [0, 1, 2, 3]),
    ("one known address", None, ("10.1.0.0/16",), [1], [0, 1, 3]),
    ("none of them", None, ("8.0.0.0/8",), [], []),
    ("a known IPv6 address", None, ("fd00::/16",), [2], [2]),
    ("one range of several", None, ("10.0.0.0/8",), [1, 2], [0, 1, 2, 3]),
    ("unknown ones in IPv6", SIX, ("fd00::/8",), [0, 2], [0, 2]),
    ("nodes elsewhere", SIX, ("10.9.0.0/16",), [3], [3]),
    ("ignored", Settings(blocks_match_pods=False), ("0.0.0.0/0",), [], []),
]


@pytest.mark.parametrize(
    ("given", "blocks", "within", "touched"), [b[1:] for b in BLOCKS], ids=[b[0] for b in BLOCKS]
)
def test_blocks(
    given: Settings | None, blocks: tuple[str, ...], within: list[int], touched: list[int]
) -> None:
    found = places(given)
    family, spans = ranges(*blocks)
    assert list(ones(found.within(spans, family))) == within
    assert list(ones(found.touched(spans, family))) == touched
    for column, place in enumerate(found.of):
        meant = found.touches(spans, place, family)
        assert meant == (column in touched)


def test_families() -> None:
    """S-28: those of known addresses, else those of the ranges."""
    found = places()
    assert found.families == (4, 6)
    assert [found.met_in(column, 4) for column in range(4)] == [True] * 4
    assert [found.met_in(column, 6) for column in range(4)] == [False, False, True, False]
    other = places(SIX)
    assert [other.met_in(column, 4) for column in range(4)] == [False, True, True, True]
    assert (other.ranges(True, 6), bool(other.ranges(False, 6))) == ((), True)


def test_no_blocks() -> None:
    found = places()
    assert found.within((), 4) == found.touched((), 4) == 0
    assert not found.touches((), found.of[0], 4)
    assert found.met((), 4) == []
    assert not found.ports_at((), found.of[0], 4)
