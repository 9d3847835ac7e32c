"""Sets of ports: how they read, and their ends (S-50)."""

from __future__ import annotations

import pytest

from reviewer.base.ports import ALL_PORTS, NO_PORTS, PortRange, PortSet, port_range, union


def test_ranges_are_in_printing_order() -> None:
    found = union([port_range("SCTP", 1, 2), port_range("UDP", 53, 53), port_range("TCP", 80, 90)])
    assert list(found.ranges()) == [
        PortRange("TCP", 80, 90),
        PortRange("UDP", 53, 53),
        PortRange("SCTP", 1, 2),
    ]
    assert repr(found) == "PortSet(TCP 80-90, UDP 53-53, SCTP 1-2)"


def test_all_ports_are_three_ranges() -> None:
    """Two protocols never touch, though the one ends where the other begins."""
    assert list(ALL_PORTS.ranges()) == [
        PortRange(name, 1, 65535) for name in ("TCP", "UDP", "SCTP")
    ]
    assert len(port_range("TCP", 65535, 65535) | port_range("UDP", 1, 1)) == 2


@pytest.mark.parametrize(("first", "last"), [(2, 1), (65535, 1)])
def test_a_range_that_ends_first_is_empty(first: int, last: int) -> None:
    assert port_range("TCP", first, last) == NO_PORTS
    assert not NO_PORTS


def test_ranges_that_touch_are_one() -> None:
    both = port_range("TCP", 1, 4) | port_range("TCP", 5, 9)
    assert both == port_range("TCP", 1, 9)
    assert both - port_range("TCP", 5, 5) == PortSet(((1, 4), (6, 9)))
    assert both & port_range("TCP", 9, 20) == port_range("TCP", 9, 9)


def test_holds() -> None:
    found = port_range("UDP", 53, 54)
    assert found.holds("UDP", 53)
    assert not found.holds("TCP", 53)
    assert not found.holds("UDP", 55)
