"""Who reaches whom over several hops (F-30): levels, closures and components, against one step at
a time.
"""

from __future__ import annotations

import random

import pytest

from reviewer.delta import Closures, Web
from reviewer.engine import WorkloadEndpoint
from reviewer.options import Options
from reviewer.pipeline import take_snapshots
from tests.findings.manifests import admits, deny, pods, workload
from tests.kit import material


def web(text: str) -> Web:
    (snapshot,), _ = take_snapshots((material(text),), Options(exposure="never"))
    return Web(snapshot.reachability)


def edges(made: Web) -> dict[str, set[str]]:
    """The flows between workloads, pair by pair."""
    found: dict[str, set[str]] = {name: set() for name in made.reachability.workloads}
    for flow in made.reachability.flows():
        if isinstance(flow.source, WorkloadEndpoint) and isinstance(
            flow.destination, WorkloadEndpoint
        ):
            found[flow.source.id].add(flow.destination.id)
    return found


def closure(found: dict[str, set[str]], start: str) -> set[str]:
    seen, waiting = {start}, [start]
    while waiting:
        for name in found[waiting.pop()] - seen:
            seen.add(name)
            waiting.append(name)
    return seen


def chain(*pairs: str) -> str:
    """A namespace in which a reaches b for each pair `ab`, and nothing else is reached."""
    names = sorted(set("".join(pairs)))
    text = deny("shop") + "".join(workload(f"shop/{n}", f"app={n}{n}") for n in names)
    for at, pair in enumerate(pairs):
        source, destination = pair[0], pair[1]
        text += admits(f"shop/p{at}", f"app={destination * 2}", pods(f"app={source * 2}"))
    return text


def test_levels_and_closure_of_a_chain() -> None:
    made = web(chain("ab", "bc", "cd", "ad"))
    levels = made.levels(made.bit("shop/a[Deployment]"), 3)
    assert [made.names(level) for level in levels] == [
        ("shop/a[Deployment]",),
        ("shop/b[Deployment]", "shop/d[Deployment]"),
        ("shop/c[Deployment]",),
        (),
    ]
    assert made.closure(levels[0]) == levels[0] | levels[1] | levels[2]
    assert made.names(made.before(levels[2])) == ("shop/b[Deployment]",)
    assert made.bit("shop/none[Deployment]") == 0


def test_a_circle_is_one_component() -> None:
    made = web(chain("ab", "bc", "ca", "cd"))
    circle = ("shop/a[Deployment]", "shop/b[Deployment]", "shop/c[Deployment]")
    end = ("shop/d[Deployment]",)
    found = [(made.names(c), made.names(held)) for c, held in Closures(made).components()]
    assert found == [(end, end), (circle, (*circle, *end))]


@pytest.mark.parametrize("seed", range(40))
def test_components_equal_a_search_from_everyone(seed: int) -> None:
    """Random graphs, some with workloads that everyone reaches."""
    dice = random.Random(seed)
    names = "abcdefgh"[: dice.randint(2, 8)]
    pairs = [a + b for a in names for b in names if a != b and dice.random() < 0.2] or ["ab"]
    text = chain(*pairs) + workload("open/x", "app=x") + workload("open/z", "app=z1")
    made = web(text)
    found = edges(made)
    reached = {
        name: set(made.names(held))
        for component, held in Closures(made).components()
        for name in made.names(component)
    }
    assert reached == {name: closure(found, name) for name in found}


def test_many_sources_are_kept_together() -> None:
    """Rows with more than 256 sources are not turned round one by one."""
    text = "".join(workload(f"open/w{n}", f"app=w{n}") for n in range(260)) + chain("ab")
    text += deny("shop", "Egress").replace("default-deny", "sealed")
    made = web(text)
    found = edges(made)
    assert len(found["open/w0[Deployment]"]) == 259
    for component, held in Closures(made).components():
        assert set(made.names(held)) == closure(found, made.names(component)[0])
