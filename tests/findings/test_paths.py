"""Paths over several hops and the reach of the internet (F-30, F-31)."""

from __future__ import annotations

from reviewer.findings import Preferences, Transit
from tests.findings.manifests import DB, WEB, admits, block, compared, deny, pods, words, workload

EDGE = workload("shop/edge", "app=edge", 8080)
SHUT = deny("shop")
WORLD_TO_EDGE = admits("shop/edge", "app=edge", block("8.0.0.0/7"), ports="TCP/8080")
EDGE_TO_WEB = admits("shop/web", "app=web", pods("app=edge"), ports="TCP/8080")
WEB_TO_DB = admits("shop/db", "app=store", pods("app=web"), ports="TCP/5432")
ALL = EDGE + WEB + DB + SHUT


def test_a_new_way_is_found() -> None:
    """F-31: internet → edge → web → db opens with its middle edge."""
    base = ALL + WORLD_TO_EDGE + WEB_TO_DB
    review = compared(base, base + EDGE_TO_WEB)
    [path] = review.paths
    assert path.via == ("shop/edge[Deployment]", "shop/web[Deployment]")
    assert [edge.opened for edge in path.edges] == [False, True, False]
    [found] = [f for f in review.findings if f.rule == "transit-path-opened"]
    assert words(found) == (
        "medium transit-path-opened: 8.0.0.0/7 now reaches shop/db[Deployment] through "
        "shop/edge[Deployment] and shop/web[Deployment]"
    )
    assert found.origin is not None


def test_all_addresses_are_the_internet() -> None:
    """P-3."""
    base = ALL + WORLD_TO_EDGE.replace("8.0.0.0/7", "0.0.0.0/0") + WEB_TO_DB
    review = compared(base, base + EDGE_TO_WEB)
    [found] = [f for f in review.findings if f.rule == "transit-path-opened"]
    assert found.message.startswith("the internet now reaches shop/db[Deployment] through")


def test_a_way_that_stood_is_silent() -> None:
    """F-31: another edge beside it makes no new path."""
    base = ALL + WORLD_TO_EDGE + WEB_TO_DB + EDGE_TO_WEB
    extra = admits("shop/more", "app=web", pods("app=edge"), ports="TCP/9999")
    assert compared(base, base + extra).paths == ()


def test_a_port_that_is_not_sensitive_ends_no_path() -> None:
    """F-31, F-12: the last edge has a port at which its end is sensitive."""
    base = ALL + WORLD_TO_EDGE + admits("shop/db", "app=store", pods("app=web"), ports="TCP/9999")
    assert compared(base, base + EDGE_TO_WEB).paths == ()


def test_longer_ways_are_not_looked_for() -> None:
    """F-31: at most `max-hops` edges."""
    base = ALL + WORLD_TO_EDGE + WEB_TO_DB
    short = Preferences(transit=Transit(max_hops=2))
    assert compared(base, base + EDGE_TO_WEB, preferences=short).paths == ()


def test_a_direct_edge_is_no_path() -> None:
    """F-31: two edges at least; one has a finding of its own."""
    open_db = admits("shop/db", "app=store", block("8.0.0.0/7"), ports="TCP/5432")
    assert compared(ALL, ALL + open_db).paths == ()


def test_too_many_classes_on_the_way_are_not_searched() -> None:
    """F-30: over 1,000 of them, here by a port of their own, no paths and a notice."""
    fronts = (workload(f"shop/f{n}", "is=front", f"own:{n}") for n in range(1, 1002))
    base = "".join(fronts) + DB + SHUT
    base += admits("shop/fronts", "is=front", block("8.0.0.0/7"), ports="TCP/own")
    head = base + admits("shop/db", "app=store", pods("is=front"), ports="TCP/5432")
    review = compared(base, head)
    assert review.paths == ()
    assert [d.code for d in review.diagnostics if d.code == "paths-not-searched"] == [
        "paths-not-searched"
    ]


def test_the_reach_of_the_internet_grows() -> None:
    """F-30: at least three more standing workloads."""
    many = "".join(workload(f"shop/w{n}", f"app=w{n},in=mesh") for n in range(6))
    mesh = admits("shop/mesh", "in=mesh", pods("in=mesh"))
    base = many + SHUT + mesh
    head = base + admits("shop/open", "app=w0", block("8.0.0.0/7"))
    [found] = [words(f) for f in compared(base, head).findings if f.rule == "blast-radius-grown"]
    assert found == (
        "medium blast-radius-grown: what the internet reaches in any number of hops grows from 0 "
        "to 6 of 6 workloads"
    )
    two = workload("shop/a", "in=mesh") + workload("shop/b", "in=mesh") + SHUT + mesh
    few = compared(two, two + admits("shop/open", "in=mesh", block("8.0.0.0/7")))
    assert not any(f.rule == "blast-radius-grown" for f in few.findings)
