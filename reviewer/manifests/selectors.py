"""Label selectors and the syntax of labels and names (S-13, S-14)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from reviewer.base import labels
from reviewer.base.labels import EVERYTHING, Operator, Requirement, Selector
from reviewer.base.places import Path

from .notes import Notes
from .shapes import Plain

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_SUBDOMAIN = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*")
_OPERATORS = {each.value: each for each in Operator}


def is_subdomain(text: str) -> bool:
    """Whether it is a DNS-1123 subdomain of at most 253."""
    return len(text) <= 253 and _SUBDOMAIN.fullmatch(text) is not None


def is_dns_label(text: str) -> bool:
    """Whether it is a DNS-1123 label of at most 63."""
    return _LABEL.fullmatch(text) is not None


def is_qualified_name(text: str) -> bool:
    """Whether it may be a label's key (S-14)."""
    prefix, slash, name = text.rpartition("/")
    if slash and not is_subdomain(prefix):
        return False
    return _NAME.fullmatch(name) is not None


def is_label_value(text: str) -> bool:
    """Whether it may be a label's value (S-14)."""
    return not text or _NAME.fullmatch(text) is not None


def check_labels(values: Mapping[str, str], path: Path, notes: Notes) -> None:
    """Refuse keys and values that are no labels."""
    for key, value in values.items():
        if not is_qualified_name(key):
            notes.refuse((*path, key), "the key is not a qualified name", key)
        if not is_label_value(value):
            notes.refuse((*path, key), "the value is not a label value", value)


def read_selector(value: Plain, path: Path, notes: Notes) -> Selector:
    """A selector of the shape SELECTOR in canonical form; what S-13 refuses is noted."""
    if not value:
        return EVERYTHING
    found: list[Requirement] = []
    by_label: dict[str, str] = value.get("matchLabels", {})
    for key, text in by_label.items():
        found.append(Requirement(key, Operator.IN, (text,)))
    check_labels(by_label, (*path, "matchLabels"), notes)
    for index, item in enumerate(value.get("matchExpressions", ())):
        found += _requirement(item, (*path, "matchExpressions", index), notes)
    return labels.selector(found) if len(found) > 1 else Selector(found)


def _requirement(item: dict[str, Plain], path: Path, notes: Notes) -> Iterator[Requirement]:
    """One of `matchExpressions`; nothing where it is refused."""
    key: str = item.get("key", "")
    values: list[str] = item.get("values", [])
    operator = _OPERATORS.get(item.get("operator", ""))
    if not is_qualified_name(key):
        notes.refuse((*path, "key"), "is not a qualified name", key)
    for index, value in enumerate(values):
        if not is_label_value(value):
            notes.refuse((*path, "values", index), "is not a label value", value)
    if operator is None:
        notes.refuse((*path, "operator"), "is not In, NotIn, Exists or DoesNotExist")
        return
    asks_values = operator in {Operator.IN, Operator.NOT_IN}
    if asks_values and not values:
        notes.refuse((*path, "values"), f"is empty, which {operator} does not allow")
    elif values and not asks_values:
        notes.refuse((*path, "values"), f"is not empty, which {operator} does not allow")
    else:
        yield labels.requirement(key, operator, values)
