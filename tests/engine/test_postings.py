"""Selectors answered from an index are answered as one by one (S-30 to S-32)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from reviewer.base.labels import UNKNOWN, Labels, Operator, Requirement, Selector, requirement
from reviewer.engine.bits import ones
from reviewer.engine.postings import Postings

KEYS, VALUES = ("app", "tier"), ("a", "b", "", UNKNOWN)
labels = st.dictionaries(st.sampled_from(KEYS), st.sampled_from(VALUES))
members = st.lists(st.none() | labels, max_size=6)


def make(key: str, operator: Operator, values: list[str]) -> Requirement:
    named = operator in (Operator.IN, Operator.NOT_IN)
    return requirement(key, operator, values if named else ())


requirements = st.builds(
    make,
    st.sampled_from(KEYS),
    st.sampled_from(list(Operator)),
    st.lists(st.sampled_from(["a", "b", "", "c"]), min_size=1, max_size=2),
)
selectors = st.lists(requirements, max_size=3).map(Selector)


@given(members, st.lists(selectors, max_size=4))
def test_as_one_by_one(pods: list[Labels | None], asked: list[Selector]) -> None:
    index = Postings(pods)
    for selector in (*asked, *asked):
        expected = [i for i, p in enumerate(pods) if p is not None and selector.matches(p)]
        assert list(ones(index.matching(selector))) == expected
