"""Exact algebra of sets of integers kept as spans: sorted, disjoint, merged, both ends included.

Ports and addresses are both such sets; everything else about them is spelling. All functions
are O(n + m) in the number of spans and return the one canonical form, so equal sets are equal
tuples.
"""

from __future__ import annotations

from collections.abc import Iterable

Span = tuple[int, int]
Spans = tuple[Span, ...]


def normal(spans: Iterable[Span]) -> Spans:
    """The canonical form of any spans, in any order, overlapping or touching; empty ones vanish."""
    out: list[Span] = []
    for low, high in sorted(spans):
        if low > high:
            continue
        if out and low <= out[-1][1] + 1:
            if high > out[-1][1]:
                out[-1] = (out[-1][0], high)
        else:
            out.append((low, high))
    return tuple(out)


def union(a: Spans, b: Spans) -> Spans:
    """Everything in either."""
    if not a or a == b:
        return b
    return normal(a + b) if b else a


def intersection(a: Spans, b: Spans) -> Spans:
    """Everything in both."""
    out: list[Span] = []
    i = j = 0
    while i < len(a) and j < len(b):
        low = max(a[i][0], b[j][0])
        high = min(a[i][1], b[j][1])
        if low <= high:
            out.append((low, high))
        if a[i][1] < b[j][1]:
            i += 1
        else:
            j += 1
    return tuple(out)


def difference(a: Spans, b: Spans) -> Spans:
    """Everything in `a` that is not in `b`."""
    out: list[Span] = []
    j = 0
    for low, high in a:
        while j < len(b) and b[j][1] < low:
            j += 1
        k, at = j, low
        while k < len(b) and b[k][0] <= high:
            if b[k][0] > at:
                out.append((at, b[k][0] - 1))
            at = max(at, b[k][1] + 1)
            k += 1
        if at <= high:
            out.append((at, high))
    return tuple(out)


def covers(a: Spans, b: Spans) -> bool:
    """Whether `a` holds all of `b`."""
    return not difference(b, a)


def meets(a: Spans, b: Spans) -> bool:
    """Whether the two have anything in common."""
    return bool(intersection(a, b))


def size(a: Spans) -> int:
    """How many integers are in it."""
    return sum(high - low + 1 for low, high in a)
