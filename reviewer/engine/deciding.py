"""All that decides over a column, as small numbers and interned values: equal ones share every
result, on one side and, where no ordered tier speaks, on both.
"""

from __future__ import annotations

from typing import NamedTuple

from .applying import Entries
from .places import Place
from .rules import Signature

Toward = tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]
"""By family, the admin and the baseline egress steps that mean a column."""


class Destination(NamedTuple):
    """All that decides over a column as a destination; equal ones have equal rows.

    `entries` are the rules of its NetworkPolicies, None where it is not isolated. `reached` are
    the egress rules that mean it with their sources, by number in the tables. `admin` and `base`
    number its ingress policies of the ordered tiers; `towards` are their egress steps that mean
    it, admin and baseline, by family.
    """

    entries: Entries | None
    reached: tuple[int, ...]
    signature: Signature
    admin: tuple[int, ...]
    base: tuple[int, ...]
    towards: Toward
    place: Place


class Origin(NamedTuple):
    """All that decides over a column's flows to outside addresses."""

    entries: Entries | None
    admin: tuple[int, ...]
    base: tuple[int, ...]
