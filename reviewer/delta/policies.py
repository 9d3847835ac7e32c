"""Which policies changed, and in which fields.

Rules are paired by us, equal ones first, then those with the same ports or peers, then by place.
A moved file or a rule that only changed places is no change of a field. What changed inside a
field, down to the single value, is told by DeepDiff where somebody asks for it.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import takewhile, zip_longest
from typing import Any

from reviewer.base.documents import ObjectRef
from reviewer.manifests import Direction, FieldLines, Policy, Rule

from .types import Change, FieldChange, PolicyChange

_LISTS = ("ingress", "egress")
_LARGE = 1 << 15
"""Files of more bytes are not read again as a whole for the line of a field."""


def changed_policies(
    base: Sequence[Policy], head: Sequence[Policy], texts: Mapping[str, bytes]
) -> tuple[PolicyChange, ...]:
    """The policies that are not equal on both sides, by namespace, name and kind.

    `texts` are head's files that differ from base's, for the lines of fields.
    """
    before, after = _by_ref(base), _by_ref(head)
    pairs = [
        pair
        for ref in sorted(before.keys() | after.keys(), key=_order)
        for pair in _versions(before.get(ref, []), after.get(ref, []))
    ]
    fields = _all_fields(pairs, texts)
    return tuple(
        PolicyChange(change=_change(old, new), base=old, head=new, fields=fields.get(at, ()))
        for at, (old, new) in enumerate(pairs)
    )


def _change(old: Policy | None, new: Policy | None) -> Change:
    if old is None or new is None:
        return Change.ADDED if old is None else Change.REMOVED
    return Change.MODIFIED


def _all_fields(
    pairs: Sequence[tuple[Policy | None, Policy | None]], texts: Mapping[str, bytes]
) -> dict[int, tuple[FieldChange, ...]]:
    """What differs in each modified policy, file by file so that one file's lines are held."""
    modified: dict[str, list[tuple[int, Policy, Policy]]] = {}
    for at, (old, new) in enumerate(pairs):
        if old is not None and new is not None:
            modified.setdefault(new.origin.file, []).append((at, old, new))
    found: dict[int, tuple[FieldChange, ...]] = {}
    for file, members in modified.items():
        lines = _Lines(texts[file]) if file in texts else None
        for at, old, new in members:
            found[at] = tuple(_fields(old, new, lines))
    return found


def _by_ref(policies: Sequence[Policy]) -> dict[ObjectRef, list[Policy]]:
    """Mostly one each: only policies of one generateName share a reference (S-9)."""
    found: dict[ObjectRef, list[Policy]] = {}
    for policy in policies:
        found.setdefault(policy.ref, []).append(policy)
    return found


def _versions(
    base: list[Policy], head: list[Policy]
) -> Iterator[tuple[Policy | None, Policy | None]]:
    """The versions of policies of one reference that are not equal: equal ones pair off first,
    the others in order."""
    left = list(base)
    right: list[Policy] = []
    for new in head:
        equal = next((old for old in left if old is new or old.spec == new.spec), None)
        if equal is None:
            right.append(new)
        else:
            left.remove(equal)
    yield from zip_longest(left, right)


def _order(ref: ObjectRef) -> tuple[str, str, str]:
    return ref.namespace, ref.name, ref.kind


def _fields(base: Policy, head: Policy, lines: _Lines | None) -> Iterator[FieldChange]:
    """The fields that differ, in order of the spec's keys."""
    for path, old, new in _differing(base.spec, head.spec):
        line = lines.of(head.origin.line, path) if lines is not None else None
        yield FieldChange(path, old, new, line or head.origin.line)


class _Lines:
    """The lines of fields in one file, which is split once and read as a whole at most once."""

    def __init__(self, text: bytes) -> None:
        self._text = text

    def of(self, start: int, path: str) -> int | None:
        """The line of a field of the object that begins on a line. Of a large file only that object
        is read again; where it does not stand by itself (anchors, JSON) the whole file."""
        if len(self._text) > _LARGE:
            found = FieldLines(self._excerpt(start)).line(1, path)
            if found is not None:
                return found + start - 1
        return self._whole.line(start, path)

    @cached_property
    def _whole(self) -> FieldLines:
        return FieldLines(self._text)

    @cached_property
    def _split(self) -> list[bytes]:
        return self._text.split(b"\n")

    def _excerpt(self, start: int) -> bytes:
        """The lines of the object that begins on a line: to the end of its document, or of its item
        in a list, whose dash becomes a blank; nothing where it begins otherwise, as in JSON, or
        where lines do not end as ours do."""
        first = self._split[start - 1] if start <= len(self._split) else b""
        rest = (self._split[at] for at in range(start, len(self._split)))
        if first[:1].isalpha():
            kept = takewhile(lambda line: not line.startswith(b"---"), rest)
            return b"\n".join((first, *kept))
        bare = first.lstrip(b" ")
        if not bare.startswith(b"- "):
            return b""
        inside = b" " * (len(first) - len(bare) + 1)
        kept = takewhile(lambda line: line.startswith(inside) or not line.strip(), rest)
        return b"\n".join((first.replace(b"-", b" ", 1), *kept))


def _differing(base: Mapping[str, Any], head: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    for key in sorted(base.keys() | head.keys()):
        old, new = base.get(key), head.get(key)
        if old == new:
            continue
        if key in _LISTS and isinstance(old, list) and isinstance(new, list) and old and new:
            yield from _rules(f"spec.{key}", old, new)
        else:
            yield f"spec.{key}", old, new


def _rules(path: str, base: list[Any], head: list[Any]) -> Iterator[tuple[str, Any, Any]]:
    for i, j in paired(base, head):
        old = None if i is None else base[i]
        new = None if j is None else head[j]
        at = f"{path}[{i if j is None else j}]"
        if not isinstance(old, dict) or not isinstance(new, dict):
            yield at, old, new
            continue
        for key in _differing_keys(old, new):
            yield f"{at}.{key}", old.get(key), new.get(key)


def _differing_keys(base: dict[str, Any], head: dict[str, Any]) -> list[str]:
    """The fields in which two rules differ."""
    return sorted(key for key in base.keys() | head.keys() if base.get(key) != head.get(key))


def details(change: FieldChange) -> tuple[FieldChange, ...]:
    """What differs inside one changed field, value by value; the field itself where one side has
    none of it. Items of lists are compared in order.

    Paths continue the field's: `spec.ingress[0].from[1].podSelector.matchLabels.app`. Up to a few
    milliseconds for each field, and 80 for the first.
    """
    if change.base is None or change.head is None:
        return (change,)
    from deepdiff import DeepDiff  # heavy, and most results are printed without it
    from deepdiff.helper import notpresent

    tree = DeepDiff(change.base, change.head, view="tree", threshold_to_diff_deeper=0)
    found = [
        FieldChange(
            change.path + _written(level.path(output_format="list")),
            None if level.t1 is notpresent else level.t1,
            None if level.t2 is notpresent else level.t2,
            change.line,
        )
        for levels in tree.values()
        for level in levels
    ]
    return tuple(sorted(found, key=lambda each: (each.path, repr(each.base), repr(each.head))))


def _written(steps: Sequence[str | int]) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)


def paired(base: Sequence[Any], head: Sequence[Any]) -> list[tuple[int | None, int | None]]:
    """Which rule of head each rule of base became, as indexes; None for none. Pairs that are
    equal are left out. In head's order, what only base has last. O(rules)."""
    left, right = list(range(len(base))), list(range(len(head)))
    found: list[tuple[int, int]] = []
    for key in (_rule_key, _field_key("ports"), _field_key("from"), _field_key("to")):
        pairs = _matched([(i, key(base[i])) for i in left], [(j, key(head[j])) for j in right])
        if key is not _rule_key:
            found += pairs
        gone, taken = {i for i, _ in pairs}, {j for _, j in pairs}
        left, right = [i for i in left if i not in gone], [j for j in right if j not in taken]
    found += zip(left, right, strict=False)
    both = min(len(left), len(right))
    added: list[tuple[int | None, int]] = [*found, *((None, j) for j in right[both:])]
    added.sort(key=lambda pair: pair[1])
    return [*added, *((i, None) for i in left[both:])]


def _matched(
    left: Sequence[tuple[int, str | None]], right: Sequence[tuple[int, str | None]]
) -> list[tuple[int, int]]:
    """Those with equal keys, each once, the first with the first."""
    waiting: dict[str, deque[int]] = {}
    for i, key in left:
        if key is not None:
            waiting.setdefault(key, deque()).append(i)
    return [(waiting[key].popleft(), j) for j, key in right if key and waiting.get(key)]


def _rule_key(rule: Any) -> str | None:
    """What a rule says, whatever the order of its keys."""
    return json.dumps(rule, sort_keys=True, default=str)


def _field_key(name: str) -> Callable[[Any], str | None]:
    """What one field of a rule says, None where it has none."""

    def key(rule: Any) -> str | None:
        value = rule.get(name) if isinstance(rule, dict) else None
        return None if value is None else _rule_key(value)

    return key


def counterparts(own: Policy, other: Policy, direction: Direction) -> Mapping[int, Rule]:
    """For each rule of one version of a policy, by index, the rule of the other version that it
    became or came from; nothing for a rule that only this version has. O(rules)."""
    mine, theirs = own.spec.get(direction.value), other.spec.get(direction.value)
    if not isinstance(mine, list) or not isinstance(theirs, list):
        return {}
    at = {i: j for i, j in paired(mine, theirs) if i is not None}
    rules = {rule.index: rule for rule in other.rules if rule.direction is direction}
    pairs = ((i, at.get(i, i)) for i in range(len(mine)))
    return {i: rules[j] for i, j in pairs if j is not None and j in rules}
