"""Sets of addresses of one family, as spans of integers, and CIDR blocks in and out (S-15, S-70).

`ipaddress` takes 3 to 60 µs an operation, integers under 1; it is used for reading IPv6 text only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from . import spans
from .spans import Span, Spans

BITS = {4: 32, 6: 128}
FAMILIES = (4, 6)


class AddressSet(NamedTuple):
    """Addresses of one family (4 or 6). Falsy tests go through `spans`; equal sets are equal."""

    family: int
    spans: Spans

    def union(self, other: AddressSet) -> AddressSet:
        """Everything in either; both of one family."""
        return AddressSet(self.family, spans.union(self.spans, other.spans))

    def intersection(self, other: AddressSet) -> AddressSet:
        """Everything in both; both of one family."""
        return AddressSet(self.family, spans.intersection(self.spans, other.spans))

    def difference(self, other: AddressSet) -> AddressSet:
        """Everything in this one that is not in the other; both of one family."""
        return AddressSet(self.family, spans.difference(self.spans, other.spans))

    def cidrs(self) -> tuple[str, ...]:
        """The fewest CIDR blocks that make it, sorted by address (S-70)."""
        return tuple(cidr for span in self.spans for cidr in _cidrs(self.family, *span))


def everything(family: int) -> AddressSet:
    """All addresses of a family."""
    return AddressSet(family, ((0, (1 << BITS[family]) - 1),))


def _cidrs(family: int, low: int, high: int) -> Iterator[str]:
    """The fewest blocks of one span: the largest aligned block that fits, again and again."""
    bits = BITS[family]
    while low <= high:
        free = (low & -low).bit_length() - 1 if low else bits
        free = min(free, (high - low + 1).bit_length() - 1)
        yield f"{text(family, low)}/{bits - free}"
        low += 1 << free


def text(family: int, address: int) -> str:
    """One address as written."""
    if family == 4:
        return f"{address >> 24}.{address >> 16 & 255}.{address >> 8 & 255}.{address & 255}"
    if address == 0:
        return "::"
    import ipaddress  # most clusters write no IPv6 but the whole of it

    return str(ipaddress.IPv6Address(address))


def block(family: int, address: int, prefix: int) -> AddressSet:
    """The block of that prefix length around an address; host bits are dropped."""
    free = BITS[family] - prefix
    low = address >> free << free
    return AddressSet(family, ((low, low + (1 << free) - 1),))


def union(family: int, sets: Iterable[AddressSet]) -> AddressSet:
    """Everything of that family in any of the sets."""
    merged: list[Span] = [span for each in sets if each.family == family for span in each.spans]
    return AddressSet(family, spans.normal(merged))


class Cidr(NamedTuple):
    """A CIDR as read: its block, its prefix length, and whether it was written canonically."""

    block: AddressSet
    prefix: int
    canonical: bool


_DOTTED = re.compile(r"([0-9]{1,9})\.([0-9]{1,9})\.([0-9]{1,9})\.([0-9]{1,9})")


def read_address(written: str) -> tuple[int, int] | None:
    """(family, number) of an IP address, or None. Leading zeros in IPv4 are decimal (S-15)."""
    if ":" not in written:
        dotted = _DOTTED.fullmatch(written)
        if dotted is None:
            return None
        one, two, three, four = map(int, dotted.groups())
        if max(one, two, three, four) > 255:
            return None
        return 4, one << 24 | two << 16 | three << 8 | four
    if "%" in written or not written.isascii():
        return None
    return _read_ipv6(written)


def _read_ipv6(written: str) -> tuple[int, int] | None:
    head, colon, tail = written.rpartition(":")
    if "." in tail:  # ipaddress refuses the leading zeros that S-15 takes in the dotted part
        dotted = read_address(tail)
        if dotted is None:
            return None
        written = f"{head}{colon}{dotted[1] >> 16:x}:{dotted[1] & 0xFFFF:x}"
    import ipaddress

    try:
        return 6, int(ipaddress.IPv6Address(written))
    except ValueError:
        return None


def read_cidr(written: str) -> Cidr | None:
    """A CIDR read leniently (S-15): host bits are dropped, leading zeros are decimal, an
    IPv4-mapped block of /96 or longer is that IPv4 block. None when it is no CIDR at all."""
    address, slash, length = written.partition("/")
    if not slash or not (length.isascii() and length.isdigit()) or len(length) > 9:
        return None
    found = read_address(address)
    if found is None:
        return None
    family, number = found
    prefix = int(length)
    if prefix > BITS[family]:
        return None
    mapped = family == 6 and number >> 32 == 0xFFFF and prefix >= 96
    if mapped:
        family, number, prefix = 4, number & 0xFFFFFFFF, prefix - 96
    result = block(family, number, prefix)
    tidy = not mapped and result.spans[0][0] == number and str(prefix) == length
    if family == 4 and not mapped:
        tidy = tidy and text(4, number) == address
    return Cidr(result, prefix, tidy)
