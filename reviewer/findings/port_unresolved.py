"""port-unresolved: a port by name that no pod in scope has (S-46)."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.engine import ones
from reviewer.manifests import Direction, NamedPort, Policy, Rule

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
    universe = view.reachability.universe
    columns = tuple(ones(_scope(view, policy, rule)))
    for column in columns:
        for name, _, protocol in universe.ports_of(column):
            if name == port.name and port.protocol in (None, protocol):
                return
            names.add(name)
    if columns:
        near = nearest(port.name, (name for name in names if name))
        yield finding(
            RULE,
            Severity.MEDIUM,
            [*policy_key(policy), rule_key(policy, rule), list(port)],
            {"policy": policy.ref.path, "rule": rule.name, "port": port.name, "near": near},
            origin=rule.origin,
            fix=f"write {near}" if near else None,
        )


def _scope(view: View, policy: Policy, rule: Rule) -> int:
    """The pods on which the rule's names resolve: the subjects, or whom an egress rule means, by
    selector or by address."""
    reach = view.reachability
    universe = reach.universe
    entering = rule.direction is Direction.INGRESS
    found = reach.side.subject(policy) if entering else reach.side.meant(rule)
    return found & universe.pods & ~universe.host & universe.present[reach.number]


CHECK = Check(
    id=RULE,
    title="A port name that no pod has",
    modes=BOTH,
    run=introduced(examine),
)
