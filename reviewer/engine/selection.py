"""Which columns a policy's selectors mean on one side (S-30 to S-32, S-40, S-44, S-62).

Three sorts of columns are selected in three ways: pods by their labels, subjects that are not in
the manifests by implication (S-86, S-88), the ingress controller by its namespace (S-80).
"""

from __future__ import annotations

from collections.abc import Iterable

from reviewer.base.labels import (
    NAMESPACE_NAME,
    Labels,
    Operator,
    Requirement,
    Selector,
    implies,
    may_match,
    named_namespaces,
)
from reviewer.cluster import Cluster
from reviewer.manifests import PodSelector

from .bits import ones, span
from .classes import Universe
from .postings import Postings
from .types import SelectorEndpoint

OPENSHIFT_INGRESS: Labels = {
    "network.openshift.io/policy-group": "ingress",
    "policy-group.network.openshift.io/ingress": "",
}
_FEW = 4
"""Up to so many namespaces are asked one by one; more are cut out of the whole cluster's answer."""


class Selection:
    """Selectors of one side, each answered once."""

    def __init__(self, universe: Universe, cluster: Cluster) -> None:
        self._universe = universe
        self._names = tuple(cluster.namespaces)
        self._namespaces = Postings(each.labels for each in cluster.namespaces.values())
        self._controllers = _Controllers(universe, cluster)
        self._subjects = Subjects(universe)
        self._masks: dict[Selector, int] = {}
        self._pods: dict[PodSelector, int] = {}

    def pods(self, asked: PodSelector) -> int:
        """The pods of the manifests that a subject or peer selects; host-network pods never."""
        found = self._pods.get(asked)
        if found is None:
            found = self._pods[asked] = self._find(asked)
        return found

    def subjects(self, asked: PodSelector) -> int:
        """What a policy with this subject applies to."""
        return _joined(self.pods(asked), self._subjects.implied(asked))

    def peers(self, asked: PodSelector, certain: bool) -> int:
        """What a peer matches: in rules that allow (`certain`) only what certainly is meant, in
        rules that deny or pass whatever may be (S-80, S-85)."""
        subjects = self._subjects.implied(asked) if certain else self._subjects.possible(asked)
        beside = subjects | self._controllers.matching(asked, certain)
        return _joined(self.pods(asked), beside)

    def namespaces(self, asked: Selector) -> tuple[str, ...]:
        """The namespaces of this side that a namespace selector matches."""
        return tuple(self._names[i] for i in ones(self._namespaces.matching(asked)))

    def _find(self, asked: PodSelector) -> int:
        universe = self._universe
        names = named_namespaces(asked.namespaces)
        if names is None:
            matching = self._namespaces.matching(asked.namespaces)
            if matching.bit_count() > _FEW:
                return universe.pods_anywhere(asked.pods) & self._mask(asked.namespaces, matching)
            names = tuple(self._names[i] for i in ones(matching))
        found = 0
        for name in names:
            found |= universe.pods_in(name, asked.pods)
        return found

    def _mask(self, asked: Selector, matching: int) -> int:
        mask = self._masks.get(asked)
        if mask is None:
            mask = 0
            for i in ones(matching):
                mask |= span(*self._universe.ranges.get(self._names[i], (0, 0)))
            self._masks[asked] = mask
        return mask


def _joined(pods: int, beside: int) -> int:
    """Both sets; mostly there are only pods, and the set that is remembered is not copied."""
    return pods | beside if beside else pods


class _Controllers:
    """The ingress controller's columns, by the labels of the namespaces it may be in (S-80)."""

    def __init__(self, universe: Universe, cluster: Cluster) -> None:
        self._low = universe.subjects_end
        places = [column.namespace for column in universe.columns[self._low :]]
        self._places = Postings(_labels_of(place, cluster) for place in places)

    def matching(self, asked: PodSelector, certain: bool) -> int:
        """Its own labels are unknown: they count as met where that may open, else as not met."""
        if asked.pods and not certain:
            return 0
        return self._places.matching(asked.namespaces) << self._low


def _labels_of(place: str, cluster: Cluster) -> Labels:
    known = cluster.namespaces.get(place)
    labels: Labels = known.labels if known else {NAMESPACE_NAME: place}
    return {**labels, **OPENSHIFT_INGRESS} if place == "openshift-ingress" else labels


class Subjects:
    """The columns of S-88, by what their selectors imply (S-86).

    Implication is settled requirement by requirement, so the columns are indexed by the
    requirements they are known by.
    """

    def __init__(self, universe: Universe) -> None:
        self._all = universe.subjects
        self._ends: list[tuple[int, SelectorEndpoint]] = []
        for at in range(universe.pods_end, universe.subjects_end):
            end = universe.ends[universe.columns[at].end]
            assert isinstance(end, SelectorEndpoint), "subjects stand between pods and controllers"
            self._ends.append((1 << at, end))
        self._namespaces = _Known((bit, end.namespaces) for bit, end in self._ends)
        self._pods = _Known((bit, end.pods) for bit, end in self._ends)

    def implied(self, asked: PodSelector) -> int:
        """The columns that certainly meet both selectors."""
        if not self._all:
            return 0
        found = self._all & self._namespaces.implying(asked.namespaces)
        return found & self._pods.implying(asked.pods) if found else 0

    def possible(self, asked: PodSelector) -> int:
        """The columns of which some pod may meet both selectors."""
        found = 0
        for bit, end in self._ends:
            if may_match(end.namespaces, asked.namespaces) and may_match(end.pods, asked.pods):
                found |= bit
        return found


class _Known:
    """What is known of some columns on one axis, and which of them imply a selector."""

    def __init__(self, known: Iterable[tuple[int, Selector]]) -> None:
        self._all = 0
        self._single: dict[str, dict[str, int]] = {}
        self._other: dict[str, list[tuple[Requirement, int]]] = {}
        self._answers: dict[Selector, int] = {}
        for bit, selector in known:
            self._all |= bit
            for each in selector:
                if each.operator is Operator.IN and len(each.values) == 1:
                    values = self._single.setdefault(each.key, {})
                    values[each.values[0]] = values.get(each.values[0], 0) | bit
                else:
                    self._other.setdefault(each.key, []).append((each, bit))

    def implying(self, asked: Selector) -> int:
        """The columns whose known selector implies this one."""
        found = self._answers.get(asked)
        if found is None:
            found = self._all
            for each in asked:
                found &= self._meeting(each)
            self._answers[asked] = found
        return found

    def _meeting(self, want: Requirement) -> int:
        single = self._single.get(want.key, {})
        wanted = Selector((want,))
        found = 0
        if want.operator is Operator.IN:
            for value in want.values:
                found |= single.get(value, 0)
        elif want.operator is not Operator.DOES_NOT_EXIST:
            excluded = want.values if want.operator is Operator.NOT_IN else ()
            for value, bits in single.items():
                if value not in excluded:
                    found |= bits
        for have, bit in self._other.get(want.key, ()):
            if implies(Selector((have,)), wanted):
                found |= bit
        return found
