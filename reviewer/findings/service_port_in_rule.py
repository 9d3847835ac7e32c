"""service-port-in-rule: a rule admits the Service's port, but pods listen on another (S-47)."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.base.ports import PortSet
from reviewer.manifests import Direction, PodSelector, Policy, Rule, ServiceObject

from .identity import finding, policy_key, rule_key
from .introduced import introduced
from .services import service_selector
from .severity import Severity
from .types import BOTH, Check, Finding
from .view import View

RULE = "service-port-in-rule"


def examine(view: View, policy: Policy) -> Iterator[Finding]:
    """One finding for each port of an ingress rule and Service."""
    rules = [each for each in policy.rules if each.direction is Direction.INGRESS and each.ports]
    translated = view.services.translated(policy.ref.namespace) if rules else {}
    for rule in rules if translated else ():
        for port in _single(rule):
            services = translated.get(port[1], ())
            if services and port not in view.declared(policy):
                for service in services:
                    if _serves(view, service, policy):
                        yield from _report(policy, rule, port, service)


def _serves(view: View, service: ServiceObject, policy: Policy) -> bool:
    """Whether a Service leads to one of a policy's subjects."""
    subjects = {each.id for each in view.subjects(policy)}
    behind = PodSelector(policy.subject.namespaces, service_selector(service))
    return any(each.id in subjects for each in view.matched(behind))


def _single(rule: Rule) -> Iterator[tuple[str, int]]:
    for port in rule.ports or ():
        if isinstance(port, PortSet):
            for protocol, first, last in port.ranges():
                if first == last:
                    yield protocol, first


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
