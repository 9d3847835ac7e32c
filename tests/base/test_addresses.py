"""Addresses and CIDRs in text (S-15, S-70)."""

from __future__ import annotations

import pytest

from reviewer.base.addresses import (
    AddressSet,
    block,
    everything,
    read_address,
    read_cidr,
    text,
    union,
)


@pytest.mark.parametrize(
    ("written", "cidr", "prefix", "canonical"),
    [
        ("10.0.0.0/8", "10.0.0.0/8", 8, True),
        ("0.0.0.0/0", "0.0.0.0/0", 0, True),
        ("10.1.2.3/32", "10.1.2.3/32", 32, True),
        ("10.0.0.1/8", "10.0.0.0/8", 8, False),
        ("010.0.0.0/8", "10.0.0.0/8", 8, False),
        ("10.0.0.0/08", "10.0.0.0/8", 8, False),
        ("10.000.0.0/8", "10.0.0.0/8", 8, False),
        ("::/0", "::/0", 0, True),
        ("fd00::/8", "fd00::/8", 8, True),
        ("fd00::1/8", "fd00::/8", 8, False),
        ("fd00::/08", "fd00::/8", 8, False),
        ("::ffff:10.0.0.0/104", "10.0.0.0/8", 8, False),
        ("::ffff:0a00:0/104", "10.0.0.0/8", 8, False),
        ("::ffff:010.0.0.0/128", "10.0.0.0/32", 32, False),
        ("::ffff:0:0/96", "0.0.0.0/0", 0, False),
        ("::ffff:0:0/95", "::fffe:0:0/95", 95, False),
        ("::fffe:0:0/95", "::fffe:0:0/95", 95, True),
        ("64:ff9b::1.2.3.0/120", "64:ff9b::102:300/120", 120, True),
    ],
)
def test_cidrs(written: str, cidr: str, prefix: int, canonical: bool) -> None:
    found = read_cidr(written)
    assert found is not None
    assert found.block.cidrs() == (cidr,)
    assert (found.prefix, found.canonical) == (prefix, canonical)


@pytest.mark.parametrize(
    "written",
    [
        *("", "/", "10.0.0.0", "10.0.0.0/", "/8", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8"),
        *("10.0.0/8", "10.0.0.0.0/8", "256.0.0.0/8", "10..0.0/8", "a.b.c.d/8", "10.0.0.0/8/8"),
        *(" 10.0.0.0/8", "10.0.0.0/8 ", "10.0.0.0/٨", "١0.0.0.0/8", "10.0.0.0/0000000008"),
        *(
            "0000000010.0.0.0/8",
            "::/129",
            ":::/0",
            "fe80::1%eth0/64",
            "g::/8",
            "::1.2.3/128",
            "é::/8",
        ),
        "::ffff:256.0.0.0/128",
    ],
)
def test_what_is_no_cidr(written: str) -> None:
    assert read_cidr(written) is None


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("10.0.0.1", (4, 10 << 24 | 1)),
        ("010.0.0.01", (4, 10 << 24 | 1)),
        ("::1", (6, 1)),
        ("::ffff:1.2.3.4", (6, 0xFFFF01020304)),
        ("10.0.0.1/8", None),
        ("x", None),
        ("", None),
    ],
)
def test_addresses(written: str, expected: tuple[int, int] | None) -> None:
    assert read_address(written) == expected


def test_blocks_are_the_fewest() -> None:
    """S-70: sorted by address, merged as far as they go."""
    whole = everything(4)
    assert whole.cidrs() == ("0.0.0.0/0",)
    assert whole.difference(block(4, 0, 1)).cidrs() == ("128.0.0.0/1",)
    assert AddressSet(4, ((1, 6),)).cidrs() == (
        "0.0.0.1/32",
        "0.0.0.2/31",
        "0.0.0.4/31",
        "0.0.0.6/32",
    )
    assert len(everything(6).difference(block(6, 5, 128)).cidrs()) == 128
    assert everything(6).intersection(block(6, 0xFD << 120, 8)).cidrs() == ("fd00::/8",)


def test_union_takes_its_own_family() -> None:
    found = union(4, [block(4, 10 << 24, 8), block(6, 0, 64), block(4, 11 << 24, 8)])
    assert found == block(4, 10 << 24, 7)
    assert block(4, 10 << 24, 8).union(block(4, 11 << 24, 8)) == found


def test_text() -> None:
    assert text(4, 10 << 24 | 255) == "10.0.0.255"
    assert text(6, 1) == "::1"
