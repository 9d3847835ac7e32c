"""port-unresolved: a port by name that no pod in scope has (S-46)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reviewer.engine import ones
from reviewer.manifests import Direction, NamedPort, Policy, Rule

from .identity import about, finding
from .introduced import introduced
from .near_miss import nearest
from .severity import Severity
from .types import BOTH, Check, Finding
from .view import View

RULE = "port-unresolved"


def examine(view: View, policy: Policy) -> Iterator[Finding]:
    """One finding for each name; none where no pod is in scope."""
    for rule in policy.rules:
        named = [port for port in rule.ports or () if isinstance(port, NamedPort)]
        if named:
            yield from _ports(view, policy, rule, named)


def _ports(view: View, policy: Policy, rule: Rule, named: Iterable[NamedPort]) -> Iterator[Finding]:
    universe = view.reachability.universe
    columns = tuple(ones(_scope(view, policy, rule)))
    known = {
        (name, protocol) for column in columns for name, _, protocol in universe.ports_of(column)
    }
    names = {name for name, _ in known if name}
    key = about(policy, rule)
    for port in named if columns else ():
        if any(name == port.name and port.protocol in (None, of) for name, of in known):
            continue
        near = nearest(port.name, names)
        yield finding(
            RULE,
            Severity.MEDIUM,
            (*key(), list(port)),
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
