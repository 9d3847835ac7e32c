"""Rows that are kept for the next who asks, never more than so many bits of them: neighbours share
them, and all rows of a large cluster at once would be most of our memory.
"""

from __future__ import annotations

from collections.abc import Hashable

from .rows import Row

SIDES = 1 << 27
"""Bits of side rows that are kept at a time: sixteen megabytes."""
WHOLE = 1 << 29
"""The same of whole rows, which more is asked of."""


class Kept:
    """Rows by what they follow from. A row that was kept must not be changed."""

    def __init__(self, most: int = SIDES) -> None:
        self._most = most
        self._held = 0
        self._rows: dict[Hashable, Row] = {}

    def get(self, key: Hashable) -> Row | None:
        """The row of this key, if it is still here."""
        return self._rows.get(key)

    def keep(self, key: Hashable, row: Row) -> Row:
        """Keep this row, and let all others go where they have become too many."""
        if self._held > self._most:
            self._rows.clear()
            self._held = 0
        self._held += sum(map(int.bit_length, row.values()))
        self._rows[key] = row
        return row
