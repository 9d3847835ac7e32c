"""split-ports: a dash before `ports` makes a second rule that is open to everyone (S-17)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from reviewer.base import ports as sets
from reviewer.base.ports import PortSet
from reviewer.manifests import NamedPort, Policy, Rule, Tier

from .identity import finding, policy_key, rule_key
from .introduced import introduced
from .severity import Severity
from .types import BOTH, Check, Finding
from .view import View
from .wording import ports_text

RULE = "split-ports"


def examine(_view: View, policy: Policy) -> Iterator[Finding]:
    """A rule with peers and no ports directly before one with ports and no peers."""
    if policy.tier is not Tier.NAMESPACED:
        return
    for first, second in pairwise(policy.rules):
        if first.direction is not second.direction:
            continue
        if first.peers and not first.ports and second.ports and not second.peers:
            yield finding(
                RULE,
                Severity.MEDIUM,
                [*policy_key(policy), rule_key(policy, first), rule_key(policy, second)],
                {"policy": policy.ref.path, "rule": second.name, "ports": written_ports(second)},
                origin=second.origin,
                fix="drop the dash",
            )


def written_ports(rule: Rule) -> str:
    """The ports of a rule as text, names included."""
    if rule.ports is None:
        return "all ports"
    numbers = sets.union(each for each in rule.ports if isinstance(each, PortSet))
    names = [f"port {each.name}" for each in rule.ports if isinstance(each, NamedPort)]
    return ", ".join(([ports_text(numbers)] if numbers else []) + names)


CHECK = Check(
    id=RULE,
    title="A dash before ports opens the rule",
    modes=BOTH,
    run=introduced(examine),
)
