"""service-port-in-rule: a rule admits the Service's port, but pods listen on another (S-47)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

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

from .identity import finding, policy_key, rule_key
from .introduced import introduced
from .services import service_selector
from .severity import Severity
from .types import BOTH, Check, Finding
from .view import View

RULE = "service-port-in-rule"


def examine(view: View, policy: Policy) -> Iterator[Finding]:
    """One finding for each port of an ingress rule, of the first Service that has it."""
    rules = [each for each in policy.rules if each.direction is Direction.INGRESS and each.ports]
    translated = view.services.translated(policy.ref.namespace) if rules else {}
    for rule in rules if translated else ():
        for port in _single(rule):
            services = translated.get(port[1], ())
            if services and port not in view.declared(policy):
                found = _first(view, policy, services, port)
                if found:
                    yield _report(policy, rule, port, found)


def _single(rule: Rule) -> Iterator[tuple[str, int]]:
    for port in rule.ports or ():
        if isinstance(port, PortSet):
            for protocol, first, last in port.ranges():
                if first == last:
                    yield protocol, first


def _first(
    view: View, policy: Policy, services: Sequence[ServiceObject], port: tuple[str, int]
) -> tuple[ServiceObject, int] | None:
    """The first Service of this port before a subject, and the port that its pods listen on."""
    subjects = {each.id for each in view.subjects(policy)}
    for service in sorted(services, key=lambda each: each.ref.path):
        behind = PodSelector(policy.subject.namespaces, service_selector(service))
        pods = [p for w in view.matched(behind) if w.id in subjects for p in w.pods]
        for each in service.ports if pods else ():
            if (each.protocol, each.number) == port:
                target = _target(pods, each)
                if target is not None and target != each.number:
                    return service, target
    return None


def _target(pods: Sequence[Pod], port: ServicePort) -> int | None:
    """The number that a Service port leads to on some of these pods (S-82)."""
    if not isinstance(port.target, str):
        return port.target
    asked = (port.target, port.protocol)
    return min(
        (p.number for pod in pods for p in pod.ports if (p.name, p.protocol) == asked), default=None
    )


def _report(
    policy: Policy, rule: Rule, port: tuple[str, int], found: tuple[ServiceObject, int]
) -> Finding:
    service, target = found
    return finding(
        RULE,
        Severity.MEDIUM,
        [*policy_key(policy), rule_key(policy, rule), port],
        {
            "policy": policy.ref.path,
            "rule": rule.name,
            "port": port[1],
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
