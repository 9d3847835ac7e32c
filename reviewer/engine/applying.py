"""Which rules of NetworkPolicies apply to which columns in one direction."""

from __future__ import annotations

from collections.abc import Iterator

from .bits import ones
from .rules import Entry

Entries = frozenset[Entry]
"""The rules that apply to a column; equal sets are columns that no NetworkPolicy tells apart."""


class Applying:
    """The rules that apply to each column in one direction, by the subjects they were written
    for: columns of the same subjects share one set."""

    def __init__(self) -> None:
        self._of_subject: dict[int, list[Entry]] = {}
        self._written: list[list[Entry]] = []
        self._subjects: dict[int, list[int]] = {}
        self._sets: dict[tuple[int, ...], Entries] = {}

    def add(self, subject: int, entries: tuple[Entry, ...]) -> None:
        """These rules apply to these columns."""
        self._of_subject.setdefault(subject, []).extend(entries)

    def settle(self) -> None:
        """Everything was added."""
        for number, (subject, entries) in enumerate(self._of_subject.items()):
            self._written.append(entries)
            if entries:
                for column in ones(subject):
                    self._subjects.setdefault(column, []).append(number)

    def entries(self, column: int) -> Entries:
        """The rules that apply to one column."""
        return self._set(tuple(self._subjects.get(column, ())))

    def classes(self) -> Iterator[tuple[Entries, list[int]]]:
        """Every set of rules with the columns they apply to."""
        found: dict[tuple[int, ...], list[int]] = {}
        for column, numbers in self._subjects.items():
            found.setdefault(tuple(numbers), []).append(column)
        for key, columns in found.items():
            yield self._set(key), columns

    def _set(self, numbers: tuple[int, ...]) -> Entries:
        known = self._sets.get(numbers)
        if known is None:
            known = frozenset(entry for n in numbers for entry in self._written[n])
            self._sets[numbers] = known
        return known
