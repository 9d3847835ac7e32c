"""What changed: policies by field, added and removed ones, workloads; and the fix (P-15, P-17)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from reviewer.delta import Change, PolicyChange

from .digest import Digest, changes_by
from .fields import before_and_after
from .markup import fence
from .phrases import MARKDOWN, WIDE_WITHOUT, Happened
from .sentences import Teller
from .tables import table
from .words import counted, enumerated
from .yaml_text import dump

LISTED = 8
"""More policies than this are counted by namespace."""
FIX_LINES = 12
REORDERED = "in another order"
"""What changed where no field did: rules are paired wherever they stand."""


class Section(NamedTuple):
    """A folded part: its summary, which holds its count, and what is inside."""

    title: str
    body: str


def what_changed(teller: Teller, *, counts_only: bool = False) -> Section | None:
    """The policies and workloads that differ between the sides."""
    told = teller.told
    modified = changes_by(told, Change.MODIFIED)
    added, removed = changes_by(told, Change.ADDED), changes_by(told, Change.REMOVED)
    parts = [_field_table(teller, modified)] if modified and not counts_only else []
    limit = 0 if counts_only else LISTED
    lines = [
        f"**{word}:** {listed_policies(teller, found, limit)}"
        for word, found in (
            ("Modified", modified if counts_only else []),
            ("Added", added),
            ("Removed", removed),
        )
        if found
    ]
    if lines:
        parts.append(" · ".join(lines) if len(added) <= limit else "\n\n".join(lines))
    workloads = _workloads(teller, limit)
    if workloads:
        parts.append(workloads)
    if not parts:
        return None
    return Section(f"What changed: {_title(modified, added, removed, told)}", "\n\n".join(parts))


def _title(
    modified: Sequence[PolicyChange],
    added: Sequence[PolicyChange],
    removed: Sequence[PolicyChange],
    told: Digest,
) -> str:
    """`1 policy`, `3 policies modified, 24 added`."""
    if modified and not added and not removed:
        return counted(len(modified), "policy", "policies")
    said: list[str] = []
    for found, word in ((modified, "modified"), (added, "added"), (removed, "removed")):
        if found:
            noun = "" if said else f" {'policy' if len(found) == 1 else 'policies'}"
            said.append(f"{len(found):,}{noun} {word}")
    if said:
        return ", ".join(said)
    changed = told.review.delta.workloads
    total = len(changed.added) + len(changed.removed) + len(changed.relabelled)
    return counted(total, "workload")


def _field_table(teller: Teller, modified: Sequence[PolicyChange]) -> str:
    rows: list[tuple[str, ...]] = []
    for change in modified:
        first = teller.policy(change)
        for field in change.fields:
            before, after = before_and_after(field, MARKDOWN, "*{}*")
            rows.append((first, MARKDOWN.name(field.path), before, after))
            first = ""
        if not change.fields:
            rows.append((first, MARKDOWN.name("spec"), "*the same rules*", f"*{REORDERED}*"))
    return table(("Policy", "Field", "Before", "After"), rows)


def listed_policies(teller: Teller, found: Sequence[PolicyChange], limit: int) -> str:
    """Names of policies, or how many of each namespace: "11 in `shop`, 1 each in `a` and `b`"."""
    if len(found) <= limit:
        return ", ".join(teller.policy(each) for each in found)
    return by_namespace(Counter(each.policy.ref.namespace for each in found), teller)


def by_namespace(counts: Counter[str], teller: Teller) -> str:
    """Numbers by namespace, most first; those with one each are named together."""
    many = sorted((-number, space) for space, number in counts.items() if number > 1)
    once = sorted(space for space, number in counts.items() if number == 1)
    said = [f"{-number:,} in {_space(space, teller)}" for number, space in many[:LISTED]]
    left = len(many) - LISTED + len(once) if len(many) > LISTED or len(once) > LISTED else 0
    if left:
        more = counted(left, "more namespace")
        return f"{', '.join(said)} and {-sum(n for n, _ in many[LISTED:]) + len(once):,} in {more}"
    if once:
        each = "1 each in" if len(once) > 1 else "1 in"
        said.append(f"{each} {enumerated([_space(space, teller) for space in once])}")
    return ", ".join(said) + "."


def _space(space: str, teller: Teller) -> str:
    return teller.voice.name(space) if space else "no namespace"


def _workloads(teller: Teller, limit: int) -> str:
    """Workloads that came, went or were relabelled."""
    changed = teller.told.review.delta.workloads
    said = []
    for word, ids in (
        ("added", changed.added),
        ("removed", changed.removed),
        ("relabelled", changed.relabelled),
    ):
        if ids and len(ids) <= limit:
            said.append(f"**Workloads {word}:** {', '.join(map(teller.name, ids))}")
        elif ids:
            counts = Counter(each.partition("/")[0] for each in ids)
            said.append(f"**Workloads {word}:** {by_namespace(counts, teller)}")
    return "\n\n".join(said)


# --- fix -----------------------------------------------------------------------------------------


class Fix(NamedTuple):
    """What to give back: the rule's path, the field's name, and its lines."""

    rule: str
    field: str
    lines: tuple[str, ...]


def fix(told: Digest) -> Fix | None:
    """The list that head dropped, of the gravest group whose cause lost one (P-15)."""
    for group in told.opened:
        found = dropped(told.of_group(group).happened)
        if found is not None:
            return found
    return None


def dropped(what: Happened) -> Fix | None:
    """The dropped or emptied list behind an edit, where it is one."""
    change = what.change
    if change is None or change.head or not isinstance(change.base, list):
        return None
    rule, _, name = change.path.rpartition(".")
    if name not in WIDE_WITHOUT or not change.base:
        return None
    return Fix(rule, name, tuple(dump({name: change.base})))


def fix_text(told: Digest) -> str | None:
    """The fix as Markdown."""
    found = fix(told)
    if found is None:
        return None
    what = f"**Fix:** give {MARKDOWN.name(found.rule)} its list back"
    if len(found.lines) > FIX_LINES:
        return f"{what}: {MARKDOWN.name(found.field)}, {len(found.lines)} lines on base."
    return f"{what}.\n\n{fence(chr(10).join(found.lines), 'yaml')}"
