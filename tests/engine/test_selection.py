"""Which columns selectors mean: pods by labels, subjects by what they imply (S-30, S-40, S-86)."""

from __future__ import annotations

import pytest

from reviewer.base.labels import (
    EVERYTHING,
    Operator,
    Selector,
    equals,
    namespace_named,
    requirement,
)
from reviewer.engine import SelectorEndpoint, WorkloadEndpoint, ones
from reviewer.engine.reachability import Reachability
from reviewer.engine.selection import Subjects
from reviewer.manifests import PodSelector
from tests import kit
from tests.conformance.words import HOST, np, pod, space

SPACES = [f"n{number}" for number in range(8)]
FLEET = "".join(
    pod(f"{name}/web", "app: web") + space(name, f"tier: {'even' if at % 2 == 0 else 'odd'}")
    for at, name in enumerate(SPACES)
)


def side(files: str, exposure: str = "never") -> Reachability:
    return kit.flow_result(files, exposure=exposure).snapshot.reachability


def names(found: Reachability, bits: int) -> list[str]:
    ends = (found.universe.ends[found.universe.columns[c].end] for c in ones(bits))
    return [end.id for end in ends if isinstance(end, WorkloadEndpoint)]


def exists(key: str) -> Selector:
    return Selector([requirement(key, Operator.EXISTS)])


PEERS = [
    ("S-44 by name", namespace_named("n3"), EVERYTHING, ["n3"]),
    ("S-44 no such namespace", namespace_named("n9"), EVERYTHING, []),
    ("S-44 half of many", equals("tier", "even"), EVERYTHING, SPACES[::2]),
    ("S-44 all of them", EVERYTHING, equals("app", "web"), SPACES),
    ("S-44 no pod in them", EVERYTHING, equals("app", "db"), []),
    (
        "S-44 a few of many",
        Selector([requirement("kubernetes.io/metadata.name", Operator.IN, ("n1", "n2"))]),
        exists("app"),
        ["n1", "n2"],
    ),
]


@pytest.mark.parametrize(
    ("namespaces", "pods", "expected"), [p[1:] for p in PEERS], ids=[p[0] for p in PEERS]
)
def test_pods(namespaces: Selector, pods: Selector, expected: list[str]) -> None:
    found = side(FLEET)
    asked = PodSelector(namespaces, pods)
    for _ in range(2):  # the second answer is kept from the first
        bits = found.side.compiler.selection.peers(asked, certain=True)
        assert names(found, bits) == [f"{name}/web[Pod]" for name in expected]


def test_few_namespaces_are_asked_one_by_one() -> None:
    found = side(FLEET.replace("tier: even", "tier: odd").replace("tier: odd", "tier: even", 2))
    asked = PodSelector(equals("tier", "even"), EVERYTHING)
    bits = found.side.compiler.selection.pods(asked)
    assert names(found, bits) == ["n0/web[Pod]", "n1/web[Pod]"]


def test_host_network_pods_are_never_selected() -> None:
    """S-27."""
    found = side(pod("shop/web", "app: web", HOST) + pod("shop/db", "app: web"))
    bits = found.side.compiler.selection.pods(PodSelector(namespace_named("shop"), EVERYTHING))
    assert names(found, bits) == ["shop/db[Pod]"]


def known(*selectors: str) -> Reachability:
    """Subjects of a namespace without workloads, by their pod selectors."""
    policies = (np(f"lone/p{i}", f"{{podSelector: {text}}}") for i, text in enumerate(selectors))
    return side("".join(policies), "auto")


def expression(text: str) -> str:
    return f"{{matchExpressions: [{{{text}}}]}}"


SUBJECTS = (
    "{matchLabels: {app: web}}",
    expression("key: app, operator: In, values: [web, api]"),
    expression("key: app, operator: NotIn, values: [web, db]"),
    expression("key: app, operator: DoesNotExist"),
    expression("key: app, operator: Exists"),
)
WEB, SOME, NOT, NONE, ANY = "app=web", "app in (api,web)", "app notin (db,web)", "!app", "app"
ASKED = [
    ("S-86 In by one value", equals("app", "web"), [WEB], [WEB, SOME, ANY]),
    (
        "S-86 In by values within",
        Selector([requirement("app", Operator.IN, ("web", "api", "db"))]),
        [WEB, SOME],
        [WEB, SOME, NOT, ANY],
    ),
    (
        "S-86 NotIn",
        Selector([requirement("app", Operator.NOT_IN, ("db",))]),
        [NONE, WEB, SOME, NOT],
        [NONE, WEB, SOME, NOT, ANY],
    ),
    ("S-86 Exists", exists("app"), [WEB, SOME, ANY], [WEB, SOME, NOT, ANY]),
    (
        "S-86 DoesNotExist",
        Selector([requirement("app", Operator.DOES_NOT_EXIST)]),
        [NONE],
        [NONE, NOT],
    ),
    ("S-86 everything", EVERYTHING, [NONE, WEB, SOME, NOT, ANY], [NONE, WEB, SOME, NOT, ANY]),
]


@pytest.mark.parametrize(
    ("asked", "implied", "possible"), [a[1:] for a in ASKED], ids=[a[0] for a in ASKED]
)
def test_subjects(asked: Selector, implied: list[str], possible: list[str]) -> None:
    universe = known(*SUBJECTS).universe
    subjects = Subjects(universe)

    def texts(bits: int) -> set[str]:
        ends = (universe.ends[universe.columns[c].end] for c in ones(bits))
        return {str(end.pods) for end in ends if isinstance(end, SelectorEndpoint)}

    wanted = PodSelector(namespace_named("lone"), asked)
    assert texts(subjects.implied(wanted)) == set(implied)
    assert texts(subjects.possible(wanted)) == set(possible)
    elsewhere = PodSelector(namespace_named("other"), asked)
    assert subjects.implied(elsewhere) == subjects.possible(elsewhere) == 0


def test_none_without_subjects() -> None:
    universe = side(FLEET).universe
    asked = PodSelector(EVERYTHING, EVERYTHING)
    assert Subjects(universe).implied(asked) == Subjects(universe).possible(asked) == 0
