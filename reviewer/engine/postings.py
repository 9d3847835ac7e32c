"""Selectors answered from an index, never by asking every member (performance.md, Engine 2)."""

from __future__ import annotations

from collections.abc import Iterable

from reviewer.base.labels import Labels, Operator, Requirement, Selector

from .bits import bits_of


class Postings:
    """Which of some labelled members a selector matches (S-31), as bits by position.

    A key is indexed when it is first asked for, O(members); a selector is answered once,
    O(values) set operations. Members given as None match nothing (host-network pods, S-27).
    """

    def __init__(self, members: Iterable[Labels | None]) -> None:
        self._members = tuple(members)
        self.everyone = bits_of(i for i, each in enumerate(self._members) if each is not None)
        self._keys: dict[str, tuple[dict[str, int], int]] = {}
        self._answers: dict[Selector, int] = {}

    def matching(self, selector: Selector) -> int:
        """The members that meet every requirement."""
        if not selector:
            return self.everyone
        found = self._answers.get(selector)
        if found is None:
            found = self.everyone
            for each in selector:
                found &= self._meeting(each)
                if not found:
                    break
            self._answers[selector] = found
        return found

    def _meeting(self, asked: Requirement) -> int:
        values, present = self._key(asked.key)
        match asked.operator:
            case Operator.EXISTS:
                return present
            case Operator.DOES_NOT_EXIST:
                return self.everyone & ~present
        found = 0
        for value in asked.values:
            found |= values.get(value, 0)
        return found if asked.operator is Operator.IN else self.everyone & ~found

    def _key(self, key: str) -> tuple[dict[str, int], int]:
        known = self._keys.get(key)
        if known is not None:
            return known
        members: dict[str, list[int]] = {}
        for i, labels in enumerate(self._members):
            if labels is not None:
                value = labels.get(key)
                if value is not None:
                    members.setdefault(value, []).append(i)
        values = {value: bits_of(at) for value, at in members.items()}
        present = 0
        for bits in values.values():
            present |= bits
        self._keys[key] = values, present
        return values, present
