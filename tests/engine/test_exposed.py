"""Rows of pods that are not in the manifests: the telling ones, on one side and of two (S-85 to
S-88)."""

from __future__ import annotations

import random as randoms

import pytest

from reviewer.base.ports import NO_PORTS
from reviewer.cluster import assemble
from reviewer.engine import Flow, Reachability, SelectorEndpoint, WorkloadEndpoint, reach
from reviewer.engine.exposure import Candidates, broader, subjects
from reviewer.engine.reachability import ExposedRows
from reviewer.manifests import Direction, PodSelector
from tests.conformance.words import anp, np, pod
from tests.manifests.kit import read_files, read_text
from tests.properties.clusters import cluster, edit


def sides(*texts: str, exposure: str = "auto") -> tuple[Reachability, ...]:
    return reach([assemble(read_text(text)) for text in texts], exposure)


def rows(side: Reachability) -> ExposedRows:
    assert side.exposed is not None
    return side.exposed


def text(flow: Flow) -> str:
    return f"{name(flow.source)} -> {name(flow.destination)}"


def name(end: object) -> str:
    match end:
        case SelectorEndpoint(pods=pods):
            return f"{{{pods}}}"
        case WorkloadEndpoint(id=id):
            return id
        case _:
            return "outside"


LONE = np("lone/p", "{podSelector: {matchLabels: {app: a}}}")
WEB = pod("shop/web", "app: web")
ALL = "subject: {namespaces: {}}, ingress: [{action: Pass, from: [{namespaces: {}}]}]"
SUBJECTS: list[tuple[str, str, str, list[str]]] = [
    ("S-84 never", LONE, "never", []),
    ("S-84 auto", LONE, "auto", ["app=a"]),
    ("S-84 not where a workload is", LONE.replace("lone", "shop") + WEB, "auto", []),
    ("S-84 always", LONE.replace("lone", "shop") + WEB, "always", ["app=a"]),
    ("S-88 each distinct one", LONE + LONE.replace("name: p", "name: q"), "auto", ["app=a"]),
    ("S-88 an admin subject that matches nobody", anp("a", 1, ALL), "auto", [""]),
    ("S-88 not one that matches somebody", WEB + anp("a", 1, ALL), "auto", []),
]


@pytest.mark.parametrize(
    ("files", "exposure", "expected"), [s[1:] for s in SUBJECTS], ids=[s[0] for s in SUBJECTS]
)
def test_subjects(files: str, exposure: str, expected: list[str]) -> None:
    found = subjects([assemble(read_text(files))], exposure)
    assert [str(end.pods) for end in found] == expected


def test_both_sides_count_together() -> None:
    """S-84: a workload on either side."""
    clusters = [assemble(read_text(each)) for each in (LONE, LONE + pod("lone/a", "app: a"))]
    assert subjects(clusters, "auto") == []
    assert len(subjects(clusters[:1], "auto")) == 1


def test_a_candidate_that_one_side_names_is_judged_on_both() -> None:
    """S-71, S-85: what it may on base was said by the rule without peers."""
    open_ = np("shop/p", "{podSelector: {}, ingress: [{ports: [{port: 1}]}]}")
    narrow = np(
        "shop/p", "{podSelector: {}, ingress: [{from: [{podSelector: {}}], ports: [{port: 1}]}]}"
    )
    base, head = sides(WEB + open_, WEB + narrow, exposure="always")
    lost = map(text, rows(base).less(rows(head)))
    assert rows(head).less(rows(base)) == []
    assert [row for row in lost if "web" in row] == ["{} -> shop/web[Pod]"]


def test_sides_that_say_the_same_are_judged_once() -> None:
    """Marks are equal exactly where the same policies apply."""
    base, head = sides(LONE, LONE + np("lone/q", "{}"))
    ends = [base.universe.end_index[end] for end in subjects([base.cluster], "auto")]
    one, other = Candidates(base), Candidates(base)
    assert [one.mark(end) for end in ends] == [other.mark(end) for end in ends]
    assert [one.mark(end) for end in ends] != [Candidates(head).mark(end) for end in ends]


def random_sides(seed: int, exposure: str) -> tuple[Reachability, ...]:
    random = randoms.Random(seed)
    files = cluster(random, admin=True, exposure=True)
    changed = edit(random, files, admin=True, exposure=True)
    found = []
    for each in (files, changed):
        names = {path.replace("/", "_").replace(".", "_"): text for path, text in each.items()}
        found.append(assemble(read_files(**names)))
    return reach(found, exposure)


@pytest.mark.parametrize("exposure", ["auto", "always"])
@pytest.mark.parametrize("seed", range(6))
def test_laws(seed: int, exposure: str) -> None:
    base, head = random_sides(seed, exposure)
    if base.exposed is None or head.exposed is None:
        assert exposure == "auto", "always there is something to judge"
        return
    one, other = rows(base), rows(head)
    assert sorted(map(repr, one.also(one))) == sorted(map(repr, one.flows()))
    assert one.less(one) == other.less(other) == []
    assert sorted(map(repr, one.also(other))) == sorted(map(repr, other.also(one)))
    for flow in (*one.flows(), *one.less(other), *one.also(other)):
        assert SelectorEndpoint in {type(flow.source), type(flow.destination)}
        assert flow.ports != NO_PORTS


@pytest.mark.parametrize("seed", range(6))
def test_no_row_is_said_by_a_broader_one(seed: int) -> None:
    """S-87, S-88: of two rows to one end none has a broader source and all of the ports."""
    (side, _) = random_sides(seed, "always")
    found: dict[object, list[Flow]] = {}
    for flow in rows(side).flows():
        if isinstance(flow.source, SelectorEndpoint):
            found.setdefault(flow.destination, []).append(flow)
    for flows in found.values():
        for narrow in flows:
            for wide in flows:
                assert not (
                    broader(pair(narrow.source), pair(wide.source))
                    and wide.ports.covers(narrow.ports)
                ), f"{text(narrow)} is said by {text(wide)}"


def pair(end: object) -> PodSelector:
    assert isinstance(end, SelectorEndpoint)
    return PodSelector(*end)


def test_candidates_of_an_end() -> None:
    """S-85: any pod, then the items of its own policies in that direction."""
    (side,) = sides(
        WEB
        + np(
            "shop/p",
            "{podSelector: {}, ingress: [{}, {from: [{podSelector: {}}]}], egress: [{to: "
            "[{namespaceSelector: {}}]}]}",
        ),
        exposure="always",
    )
    end = side.universe.end_index[WorkloadEndpoint("shop/web[Pod]")]
    inward = [str(p.namespaces) for p in Candidates(side).pairs(end, Direction.INGRESS)]
    assert inward == ["", "kubernetes.io/metadata.name=shop"]
    outward = [str(p.namespaces) for p in Candidates(side).pairs(end, Direction.EGRESS)]
    assert outward == ["", ""]
