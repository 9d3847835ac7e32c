"""Label selectors in one canonical form: matching, implication, text (S-30 to S-32, S-86, S-87).

A selector is a sorted tuple of requirements without repeats; `matchLabels {k: v}` is `In` of one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from itertools import combinations
from typing import NamedTuple, assert_never

UNKNOWN = "\ud800"
"""The value `?` of S-24: present, and equal to no written one (no YAML text can hold it)."""

NAMESPACE_NAME = "kubernetes.io/metadata.name"
"""The label every namespace carries with its own name (S-20)."""

Labels = Mapping[str, str]


class Operator(StrEnum):
    """How a requirement asks; Kubernetes' own words."""

    IN = "In"
    NOT_IN = "NotIn"
    EXISTS = "Exists"
    DOES_NOT_EXIST = "DoesNotExist"


class Requirement(NamedTuple):
    """One requirement on one key. `values` are sorted, each once; empty for the two existence
    operators."""

    key: str
    operator: Operator
    values: tuple[str, ...]

    def holds(self, labels: Labels) -> bool:
        """Whether these labels meet it (S-31); NotIn is met by a missing key."""
        found = labels.get(self.key)
        match self.operator:
            case Operator.IN:
                return found is not None and found in self.values
            case Operator.NOT_IN:
                return found is None or found not in self.values
            case Operator.EXISTS:
                return found is not None
            case Operator.DOES_NOT_EXIST:
                return found is None
            case _:
                assert_never(self.operator)

    def __str__(self) -> str:
        match self.operator:
            case Operator.IN if len(self.values) == 1:
                return f"{self.key}={self.values[0]}"
            case Operator.IN:
                return f"{self.key} in ({','.join(self.values)})"
            case Operator.NOT_IN:
                return f"{self.key} notin ({','.join(self.values)})"
            case Operator.EXISTS:
                return self.key
            case Operator.DOES_NOT_EXIST:
                return f"!{self.key}"
            case _:
                assert_never(self.operator)


class Selector(tuple[Requirement, ...]):
    """All of its requirements must hold; the empty one matches everything (S-30)."""

    __slots__ = ()

    def matches(self, labels: Labels) -> bool:
        """Whether these labels meet every requirement."""
        return all(each.holds(labels) for each in self)

    def __str__(self) -> str:
        return ",".join(text for _, text in sorted((each.key, str(each)) for each in self))

    def __repr__(self) -> str:
        return f"Selector({str(self)!r})"


EVERYTHING = Selector()


def requirement(key: str, operator: Operator, values: Iterable[str] = ()) -> Requirement:
    """One requirement in canonical form."""
    return Requirement(key, operator, tuple(sorted(set(values))))


def selector(requirements: Iterable[Requirement]) -> Selector:
    """A selector in canonical form from requirements in any order."""
    return Selector(sorted(set(requirements)))


def equals(key: str, value: str) -> Selector:
    """The selector `key=value`."""
    return Selector((Requirement(key, Operator.IN, (value,)),))


def namespace_named(name: str) -> Selector:
    """The selector of the one namespace of that name."""
    return equals(NAMESPACE_NAME, name)


def named_namespaces(asked: Selector) -> tuple[str, ...] | None:
    """The namespaces a selector names outright, when all it asks is the name; else None."""
    if len(asked) == 1 and asked[0].key == NAMESPACE_NAME and asked[0].operator is Operator.IN:
        return asked[0].values
    return None


def implies(known: Selector, asked: Selector) -> bool:
    """Whether any object that `known` matches certainly meets `asked` (S-86)."""
    return all(any(_implied(have, want) for have in known) for want in asked)


def _implied(have: Requirement, want: Requirement) -> bool:
    """Whether one known requirement settles one asked requirement on the same key."""
    if have.key != want.key:
        return False
    is_in, not_in = have.operator is Operator.IN, have.operator is Operator.NOT_IN
    match want.operator:
        case Operator.IN:
            return is_in and set(have.values) <= set(want.values)
        case Operator.NOT_IN:
            return (
                (is_in and not set(have.values) & set(want.values))
                or (not_in and set(have.values) >= set(want.values))
                or have.operator is Operator.DOES_NOT_EXIST
            )
        case Operator.EXISTS:
            return is_in or have.operator is Operator.EXISTS
        case Operator.DOES_NOT_EXIST:
            return have.operator is Operator.DOES_NOT_EXIST
        case _:
            assert_never(want.operator)


def may_match(one: Selector, other: Selector) -> bool:
    """Whether something may meet both: no two requirements on one key exclude each other, be they
    of the one, of the other or one of each (S-86)."""
    return not any(_exclude(a, b) for a, b in combinations((*one, *other), 2))


def _exclude(a: Requirement, b: Requirement) -> bool:
    if a.key != b.key:
        return False
    for x, y in ((a, b), (b, a)):
        if x.operator is Operator.IN:
            if y.operator is Operator.IN and not set(x.values) & set(y.values):
                return True
            if y.operator is Operator.NOT_IN and set(x.values) <= set(y.values):
                return True
            if y.operator is Operator.DOES_NOT_EXIST:
                return True
        if x.operator is Operator.EXISTS and y.operator is Operator.DOES_NOT_EXIST:
            return True
    return False
