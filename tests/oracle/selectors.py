"""Selectors: what they match (S-30 to S-32), imply and exclude (S-86), their text (S-87)."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple


class Requirement(NamedTuple):
    """One requirement on a key; `matchLabels` is `In` of one."""

    key: str
    operator: str
    values: frozenset[str] = frozenset()


Requirements = frozenset[Requirement]


def requirements(selector: Mapping[str, Any]) -> Requirements:
    """All requirements of a selector, each once."""
    found = {
        Requirement(key, "In", frozenset({value}))
        for key, value in selector.get("matchLabels", {}).items()
    }
    for one in selector.get("matchExpressions", []):
        found.add(Requirement(one["key"], one["operator"], frozenset(one.get("values", []))))
    return frozenset(found)


def matches(selector: Requirements, labels: Mapping[str, str | None]) -> bool:
    """S-30: every requirement holds."""
    return all(holds(one, labels) for one in selector)


def holds(one: Requirement, labels: Mapping[str, str | None]) -> bool:
    """S-31, and S-32 for the value None, which stands for `?`."""
    if one.key not in labels:
        return one.operator in {"NotIn", "DoesNotExist"}
    if one.operator == "In":
        return labels[one.key] in one.values
    if one.operator == "NotIn":
        return labels[one.key] not in one.values
    return one.operator == "Exists"


def implies(known: Requirements, wanted: Requirements) -> bool:
    """S-86: each requirement is implied by one of those known, on that key."""
    return all(any(implied(one, by) for by in known) for one in wanted)


def implied(one: Requirement, by: Requirement) -> bool:
    """S-86 for a pair of requirements."""
    if one.key != by.key:
        return False
    if one.operator == "In":
        return by.operator == "In" and by.values <= one.values
    if one.operator == "NotIn":
        return (
            (by.operator == "In" and not by.values & one.values)
            or (by.operator == "NotIn" and by.values >= one.values)
            or by.operator == "DoesNotExist"
        )
    if one.operator == "Exists":
        return by.operator in {"Exists", "In"}
    return by.operator == "DoesNotExist"


def may_match(known: Requirements, wanted: Requirements) -> bool:
    """S-86: no two requirements exclude each other."""
    both = known | wanted
    return not any(exclude(one, other) for one in both for other in both)


def exclude(one: Requirement, other: Requirement) -> bool:
    """Whether no value, and no missing one, meets both (read from the left)."""
    if one.key != other.key:
        return False
    if one.operator == "In" and other.operator == "In":
        return not one.values & other.values
    if one.operator == "In" and other.operator == "NotIn":
        return one.values <= other.values
    return one.operator in {"In", "Exists"} and other.operator == "DoesNotExist"


def text(selector: Requirements) -> str:
    """S-87: sorted by key, then text."""
    return ",".join(words for _, words in sorted(described(selector)))


def described(selector: Requirements) -> Iterator[tuple[str, str]]:
    """Each requirement as key and words."""
    for one in selector:
        listed = ",".join(sorted(one.values))
        if one.operator == "In":
            plain = len(one.values) == 1
            yield one.key, f"{one.key}={listed}" if plain else f"{one.key} in ({listed})"
        elif one.operator == "NotIn":
            yield one.key, f"{one.key} notin ({listed})"
        else:
            yield one.key, one.key if one.operator == "Exists" else f"!{one.key}"
