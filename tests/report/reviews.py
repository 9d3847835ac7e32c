"""Reviews made of rows alone, for what no manifest makes easily: many, odd and hostile ones."""

from __future__ import annotations

import random
from collections.abc import Sequence

from reviewer.base.addresses import everything
from reviewer.base.documents import Origin
from reviewer.base.ports import ALL_PORTS, PortSet, port_range
from reviewer.delta import Cause, Change, Delta, FlowChange, Side
from reviewer.engine import INGRESS_CONTROLLER, Endpoint, ExternalEndpoint, WorkloadEndpoint
from reviewer.findings import Finding, Grade, Severity
from reviewer.report import Review
from reviewer.verdict import Verdict
from tests.kit import review_result

PORTS = (
    port_range("TCP", 5432, 5432),
    port_range("TCP", 80, 80) | port_range("TCP", 443, 443),
    ALL_PORTS - port_range("UDP", 53, 53),
    ALL_PORTS,
)


def cause(name: str, at: int = 1, change: Change = Change.ADDED) -> Cause:
    """A policy as cause."""
    return Cause(
        kind="NetworkPolicy",
        object=name,
        policy=True,
        rule="ingress[0]",
        change=change,
        origin=Origin(f"k8s/{name}.yaml", at),
        side=Side.HEAD,
    )


def rows(count: int, seed: int, spaces: int = 9, names: int = 40) -> tuple[FlowChange, ...]:
    """Random rows without repeats."""
    dice = random.Random(seed)
    causes = [tuple(cause(f"ns{i % spaces}/p{i}", i + 1) for i in range(n, n + n % 3 + 1))
              for n in range(12)]  # fmt: skip
    found: dict[tuple[Endpoint, Endpoint], FlowChange] = {}
    while len(found) < count:
        ends = [_end(dice, spaces, names) for _ in range(2)]
        if all(isinstance(end, WorkloadEndpoint) for end in ends) or ends[0] != ends[1]:
            key = (ends[0], ends[1])
            found[key] = FlowChange(*key, dice.choice(PORTS), dice.choice(causes), "")
    return tuple(found.values())


def _end(dice: random.Random, spaces: int, names: int) -> Endpoint:
    roll = dice.random()
    if roll < 0.03:
        return ExternalEndpoint(everything(dice.choice((4, 6))))
    if roll < 0.04:
        return INGRESS_CONTROLLER
    return WorkloadEndpoint(f"ns{dice.randrange(spaces)}/w{dice.randrange(names)}[Deployment]")


def graded(count: int, seed: int) -> tuple[Grade, ...]:
    """A random grade for each row."""
    dice = random.Random(seed)
    choices = [Grade(each, "R1", "why") for each in list(Severity)[:4]]
    return tuple(dice.choices(choices, weights=(1, 5, 10, 20), k=count))


def review_of(
    opened: Sequence[FlowChange] = (),
    closed: Sequence[FlowChange] = (),
    grades: Sequence[Grade] | None = None,
    findings: Sequence[Finding] = (),
    verdict: str = "success",
) -> Review:
    """A review with exactly these rows."""
    empty = review_result("", "")
    return Review(
        base=empty.base,
        head=empty.head,
        delta=Delta(opened=tuple(opened), closed=tuple(closed), unchanged=7),
        grades=tuple(grades if grades is not None else graded(len(opened), 1)),
        findings=tuple(findings),
        verdict=Verdict(conclusion=verdict, reasons=()),
    )


def flow(source: str, destination: str, ports: PortSet = PORTS[0], by: str = "a/p") -> FlowChange:
    """One row between workloads written `namespace/name`."""
    ends = [WorkloadEndpoint(f"{each}[Deployment]") for each in (source, destination)]
    return FlowChange(ends[0], ends[1], ports, (cause(by),), "")
