"""Peers by address: `ipBlock` and the `networks` of admin policies (S-13, S-15, S-61)."""

from __future__ import annotations

import re

from reviewer.base import addresses
from reviewer.base.addresses import FAMILIES, Cidr
from reviewer.base.places import Path

from .notes import Notes
from .shapes import Plain
from .types import BlockPeer

NETWORKS_AT_MOST = 25
_LEADING_ZERO = re.compile(r"0[0-9]")


def read_block(item: dict[str, Plain], path: Path, notes: Notes) -> BlockPeer | None:
    """One `ipBlock`: its CIDR less its excepts; None where the CIDR is refused."""
    written: str = item.get("cidr", "")
    whole = _lenient(written, (*path, "cidr"), notes)
    if whole is None:
        return None
    excepts: list[str] = item.get("except", [])
    cut = []
    for index, each in enumerate(excepts):
        at = (*path, "except", index)
        inner = _lenient(each, at, notes)
        if inner is None:
            continue
        if _is_inside(inner, whole):
            cut.append(inner.block)
        else:
            notes.refuse(at, "is not inside of the cidr")
    left = whole.block.difference(addresses.union(whole.block.family, cut))
    return BlockPeer((left,), (written,), tuple(excepts))


def _lenient(written: str, path: Path, notes: Notes) -> Cidr | None:
    """A CIDR of a NetworkPolicy, also in the forms that newer clusters refuse (S-15)."""
    found = addresses.read_cidr(written)
    if found is None:
        notes.refuse(path, "is not a CIDR", written)
    elif not found.canonical:
        canonical = found.block.cidrs()[0]
        text = f"is read as {canonical}; newer clusters refuse the way it is written"
        notes.warn("cidr-not-canonical", path, text)
    return found


def _is_inside(inner: Cidr, outer: Cidr) -> bool:
    """Whether an `except` lies within the cidr and is smaller."""
    if inner.block.family != outer.block.family or inner.prefix <= outer.prefix:
        return False
    return not inner.block.difference(outer.block).spans


def read_networks(written: list[str], path: Path, notes: Notes) -> BlockPeer:
    """The `networks` of one peer, at most one set for each family."""
    if not written:
        notes.refuse(path, "is empty")
    if len(written) > NETWORKS_AT_MOST:
        notes.refuse(path, f"has more than {NETWORKS_AT_MOST} items")
    seen: set[str] = set()
    blocks = []
    for index, each in enumerate(written[:NETWORKS_AT_MOST]):  # of more none counts
        found = _strict(each)
        if found is None:
            notes.refuse((*path, index), "is not a CIDR as the API server takes it", each)
        else:
            blocks.append(found.block)
        if each in seen:
            notes.refuse((*path, index), "is there twice")
        seen.add(each)
    united = (addresses.union(family, blocks) for family in FAMILIES)
    return BlockPeer(tuple(each for each in united if each.spans), tuple(written))


def _strict(written: str) -> Cidr | None:
    """A CIDR without leading zeros and IPv4-mapped addresses; host bits are allowed (S-61)."""
    found = addresses.read_cidr(written)
    if found is None or ((":" in written) != (found.block.family == 6)):
        return None
    address, _, prefix = written.partition("/")
    groups = [prefix] if ":" in address else [prefix, *address.split(".")]
    return None if any(_LEADING_ZERO.match(group) for group in groups) else found
