"""service-port-in-rule: a rule admits the Service's port, but pods listen on another (S-47)."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.base.labels import Operator, Selector, requirement
from reviewer.base.ports import PortSet
from reviewer.cluster import Workload
from reviewer.manifests import Direction, Policy, Rule, ServiceObject

from .identity import finding, policy_key, rule_key
from .introduced import introduced
from .severity import Severity
from .types import BOTH, Check, Finding
from .view import View, selects

RULE = "service-port-in-rule"


def examine(view: View, policy: Policy) -> Iterator[Finding]:
    """One finding for each port of an ingress rule and Service."""
    rules = [each for each in policy.rules if each.direction is Direction.INGRESS and each.ports]
    services = view.services.get(policy.ref.namespace, ()) if rules else ()
    numbers = {port.number for each in services for port in each.ports}
    for rule in rules:
        for protocol, number in _single(rule):
            if number in numbers:
                yield from _port(view, policy, rule, (protocol, number))


def _port(view: View, policy: Policy, rule: Rule, port: tuple[str, int]) -> Iterator[Finding]:
    """The findings of one port that is also a Service's."""
    subjects = view.subjects(policy)
    if any(_declares(each, *port) for each in subjects):
        return
    for service in view.services[policy.ref.namespace]:
        if _serves(service, subjects):
            yield from _report(policy, rule, port, service)


def _single(rule: Rule) -> Iterator[tuple[str, int]]:
    for port in rule.ports or ():
        if isinstance(port, PortSet):
            for protocol, first, last in port.ranges():
                if first == last:
                    yield protocol, first


def _declares(workload: Workload, protocol: str, number: int) -> bool:
    return any(p.number == number and p.protocol == protocol for p in workload.declared)


def _serves(service: ServiceObject, subjects: tuple[Workload, ...]) -> bool:
    """Whether a Service leads to one of these workloads."""
    if not service.selector:
        return False
    wanted = service_selector(service)
    here = service.ref.namespace
    return any(each.namespace == here and selects(wanted, each) for each in subjects)


def service_selector(service: ServiceObject) -> Selector:
    """A Service's selector in canonical form."""
    pairs = (service.selector or {}).items()
    return Selector(sorted(requirement(key, Operator.IN, (value,)) for key, value in pairs))


def _report(
    policy: Policy, rule: Rule, port: tuple[str, int], service: ServiceObject
) -> Iterator[Finding]:
    for each in service.ports:
        target = each.target
        if (each.protocol, each.number) != port or not isinstance(target, int):
            continue
        if target != each.number:
            yield finding(
                RULE,
                Severity.MEDIUM,
                [*policy_key(policy), rule_key(policy, rule), port, service.ref.path],
                {
                    "policy": policy.ref.path,
                    "rule": rule.name,
                    "port": each.number,
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
