"""port-unresolved: a port by name that no pod in scope has (S-46)."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.cluster import Workload
from reviewer.manifests import Direction, NamedPort, PodPeer, Policy, Rule

from .identity import finding, policy_key, rule_key
from .introduced import introduced
from .near_miss import nearest
from .severity import Severity
from .types import BOTH, Check, Finding
from .view import View

RULE = "port-unresolved"


def examine(view: View, policy: Policy) -> Iterator[Finding]:
    """One finding for each name; none where no pod is in scope."""
    for rule in policy.rules:
        for port in rule.ports or ():
            if isinstance(port, NamedPort):
                yield from _port(view, policy, rule, port)


def _port(view: View, policy: Policy, rule: Rule, port: NamedPort) -> Iterator[Finding]:
    names: set[str] = set()
    anyone = False
    for workload in scope(view, policy, rule):
        for pod in workload.pods:
            anyone = True
            for declared in pod.ports:
                fits = port.protocol in (None, declared.protocol)
                if declared.name == port.name and fits:
                    return
                names.add(declared.name)
    if anyone:
        near = nearest(port.name, (name for name in names if name))
        yield finding(
            RULE,
            Severity.MEDIUM,
            [*policy_key(policy), rule_key(policy, rule), list(port)],
            {"policy": policy.ref.path, "rule": rule.name, "port": port.name, "near": near},
            origin=rule.origin,
            fix=f"write {near}" if near else None,
        )


def scope(view: View, policy: Policy, rule: Rule) -> Iterator[Workload]:
    """The workloads on which the rule's names resolve: the subjects, or the peers of egress."""
    if rule.direction is Direction.INGRESS:
        yield from view.subjects(policy)
        return
    if rule.peers is None:
        yield from view.cluster.workloads
    for peer in rule.peers or ():
        if isinstance(peer, PodPeer):
            yield from view.matched(peer.selector)


CHECK = Check(
    id=RULE,
    title="A port name that no pod has",
    modes=BOTH,
    run=introduced(examine),
)
