"""`explain` and `flows` agree: a flow is said to be allowed exactly when `flows` has the port.

`CASES=N` sets how many questions are asked, `SEED=N` the first seed; a failure names its seed and
prints the manifests and the question.
"""

from __future__ import annotations

import os
import random as randoms
from collections.abc import Mapping

import pytest

from reviewer.base.addresses import AddressSet, read_address
from reviewer.base.ports import ALL_PORTS, NO_PORTS, PortSet, port_range
from reviewer.engine import (
    INGRESS_CONTROLLER,
    Endpoint,
    ExternalEndpoint,
    Reachability,
    WorkloadEndpoint,
    explain,
)
from tests import kit
from tests.properties.clusters import cluster

CASES = int(os.environ.get("CASES", "150"))
SEED = int(os.environ.get("SEED", "0"))
QUESTIONS = 10
"""Questions asked of one cluster."""
ADDRESSES = ("8.8.8.8", "10.1.2.3", "10.200.0.1", "203.0.113.5", "127.255.255.255", "fd00::1", "::")
PORTS = (1, 52, 53, 80, 81, 82, 443, 8080, 65535)
Rows = Mapping[tuple[Endpoint, Endpoint], PortSet]


def address(text: str) -> ExternalEndpoint:
    found = read_address(text)
    assert found is not None
    family, number = found
    return ExternalEndpoint(AddressSet(family, ((number, number),)))


def question(random: randoms.Random, names: tuple[str, ...]) -> tuple[Endpoint, Endpoint, PortSet]:
    """Two ends, one of them a workload, and one port or all."""
    here = WorkloadEndpoint(random.choice(names))
    chance = random.random()
    there: Endpoint = address(random.choice(ADDRESSES))
    if chance < 0.6 and len(names) > 1:
        there = WorkloadEndpoint(random.choice([name for name in names if name != here.id]))
    elif chance < 0.7:
        there = INGRESS_CONTROLLER
    number = random.choice(PORTS)
    asked = port_range(random.choice(("TCP", "UDP", "SCTP")), number, number)
    if random.random() < 0.3:
        asked = ALL_PORTS
    if there == INGRESS_CONTROLLER or random.random() < 0.5:
        return there, here, asked
    return here, there, asked


def printed(rows: Rows, source: Endpoint, destination: Endpoint) -> PortSet:
    """What `flows` has of a pair; of an address, in the row whose block holds it."""
    for (one, other), ports in rows.items():
        if holds(one, source) and holds(other, destination):
            return ports
    return NO_PORTS


def holds(end: Endpoint, asked: Endpoint) -> bool:
    if isinstance(end, ExternalEndpoint) and isinstance(asked, ExternalEndpoint):
        same = end.addresses.family == asked.addresses.family
        (number, _) = asked.addresses.spans[0]
        return same and any(low <= number <= high for low, high in end.addresses.spans)
    return end == asked


def single(reachability: Reachability, *ends: Endpoint) -> bool:
    """Whether every one of these ends is one pod or one address."""
    return INGRESS_CONTROLLER not in ends and all(
        isinstance(end, ExternalEndpoint) or len(reachability.columns(end)) == 1 for end in ends
    )


def ask(seed: int) -> int:
    """Ask some questions of one cluster; how many were asked."""
    random = randoms.Random(seed)
    files = cluster(random, admin=seed % 2 == 1, entries=seed % 3 == 1, odd=seed % 5 == 4)
    reachability = kit.flow_result(files, exposure="never").snapshot.reachability
    rows = {(flow.source, flow.destination): flow.ports for flow in reachability.flows()}
    if not reachability.workloads:
        return 0
    for _ in range(QUESTIONS):
        source, destination, asked = question(random, reachability.workloads)
        told = f"seed {seed}: {source} to {destination} on {asked} of\n{files}"
        found = explain(reachability, source, destination, asked)
        assert found.allowed == printed(rows, source, destination) & asked, told
        if single(reachability, source, destination):
            assert found.allowed == found.egress.allowed & found.ingress.allowed, told
        for side in (found.egress, found.ingress):
            assert not asked - side.allowed or side.decided_by, told
            assert len(side.nearest) <= 3, told
            assert all(each.missing for each in side.nearest), told
    return QUESTIONS


def test_explain_agrees_with_flows() -> None:
    """F-50, F-51, S-51."""
    asked, seed = 0, SEED
    while asked < CASES:
        asked += ask(seed)
        seed += 1
    assert asked >= CASES


@pytest.mark.parametrize("text", ["10.1.2.3", "fd00::1"])
def test_an_address_is_held_by_its_own_family(text: str) -> None:
    found = read_address(text)
    assert found is not None
    end = address(text)
    assert holds(end, end)
    assert not holds(end, address("8.8.8.8"))
