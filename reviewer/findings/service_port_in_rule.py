"""service-port-in-rule: a rule admits the Service's port, but pods listen on another (S-47)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from reviewer.base.ports import PortSet
from reviewer.cluster import Pod
from reviewer.manifests import (
    Direction,
    PodSelector,
    Policy,
    Rule,
    ServiceObject,
    ServicePort,
)

from .identity import about, finding
from .introduced import introduced
from .services import Selected
from .severity import Severity
from .types import BOTH, Check, Finding
from .view import View

RULE = "service-port-in-rule"


def examine(view: View, policy: Policy) -> Iterator[Finding]:
    """One finding for each port of an ingress rule, of the first Service that has it."""
    rules = [each for each in policy.rules if each.direction is Direction.INGRESS and each.ports]
    translated = view.services.translated(policy.ref.namespace) if rules else {}
    for rule in rules if translated else ():
        key = about(policy, rule)
        for port in _single(rule):
            services = translated.get(port[1], {})
            if services and port not in view.declared(policy):
                found = _first(view, policy, services, port)
                if found:
                    yield _report((policy, rule), (*key(), port), port[1], found)


def _single(rule: Rule) -> Iterator[tuple[str, int]]:
    for port in rule.ports or ():
        if isinstance(port, PortSet):
            for protocol, first, last in port.ranges():
                if first == last:
                    yield protocol, first


def _first(
    view: View, policy: Policy, services: Selected, port: tuple[str, int]
) -> tuple[ServiceObject, int] | None:
    """The first Service of this port before a subject, and the port that its pods listen on."""
    subjects = {each.id for each in view.subjects(policy)}
    found: list[tuple[ServiceObject, int]] = []
    for asked, alike in services.items():
        behind = view.matched(PodSelector(policy.subject.namespaces, asked))
        pods = [pod for each in behind if each.id in subjects for pod in each.pods]
        if pods:
            found += islice(_leading(alike, pods, port), 1)
    return min(found, key=lambda each: each[0].ref.path, default=None)


def _leading(
    services: Sequence[ServiceObject], pods: Sequence[Pod], port: tuple[str, int]
) -> Iterator[tuple[ServiceObject, int]]:
    for service in services:
        for each in service.ports:
            if (each.protocol, each.number) == port:
                target = _target(pods, each)
                if target is not None and target != each.number:
                    yield service, target


def _target(pods: Sequence[Pod], port: ServicePort) -> int | None:
    """The number that a Service port leads to on some of these pods (S-82)."""
    if not isinstance(port.target, str):
        return port.target
    asked = (port.target, port.protocol)
    return min(
        (p.number for pod in pods for p in pod.ports if (p.name, p.protocol) == asked), default=None
    )


def _report(
    place: tuple[Policy, Rule], key: Sequence[Any], port: int, found: tuple[ServiceObject, int]
) -> Finding:
    (policy, rule), (service, target) = place, found
    return finding(
        RULE,
        Severity.MEDIUM,
        key,
        {
            "policy": policy.ref.path,
            "rule": rule.name,
            "port": port,
            "service": service.ref.path,
            "target": target,
        },
        origin=rule.origin,
        fix=f"write {target}",
    )


CHECK = Check(
    id=RULE,
    title="A rule names the Service's port, not the pods'",
    modes=BOTH,
    run=introduced(examine),
)
