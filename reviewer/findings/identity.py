"""The identity of a finding: by what it is about, never by lines, counts or words (F-5)."""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_left
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from reviewer.base.labels import Selector
from reviewer.base.ports import PortSet
from reviewer.delta import Cause, Side
from reviewer.manifests import Direction, Policy, Rule

from .facts import Facts
from .messages import message
from .severity import Severity
from .types import Finding

LISTED = 100
"""Rows and workloads that a finding lists; `count` has them all (output-contract.md)."""


KEY_AT_MOST = 4_096
"""Characters of a rule that stand in a key as they are."""


def canonical(key: Any) -> str:
    """The canonical JSON of a key: sorted keys, no blanks (F-5)."""
    return json.dumps(
        _plain(key), sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str
    )


def _plain(value: Any) -> Any:
    """Port sets, selectors and sets as JSON has them."""
    if isinstance(value, PortSet):
        return [list(each) for each in value.ranges()]
    if isinstance(value, Selector):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, frozenset | set):
        return sorted((_plain(each) for each in value), key=str)
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value


def identify(rule: str, key: Any) -> str:
    """`RULE-` and the first 12 hex digits of the SHA-256 of the key (F-5)."""
    digest = hashlib.sha256(canonical(key).encode("utf-8", "surrogatepass"))
    return f"{rule}-{digest.hexdigest()[:12]}"


def finding(
    rule: str, severity: Severity, key: Any, arguments: Mapping[str, Any], **rest: Any
) -> Finding:
    """A finding with its id and message; `rest` are fields of `Finding`.

    Lists are cut to what the contract allows; `rows` given alone also fill `flows` and `count`.
    """
    rows: tuple[int, ...] = tuple(rest.get("rows", ()))
    if rows:
        rest.setdefault("count", len(rows))
        rest.setdefault("flows", rows[:LISTED])
    if "workloads" in rest:
        rest["workloads"] = tuple(sorted(set(rest["workloads"])))[:LISTED]
    return Finding(
        id=identify(rule, key),
        rule=rule,
        severity=severity,
        message=message(rule, arguments),
        arguments=arguments,
        key=key,
        **rest,
    )


def policy_key(policy: Policy) -> list[str]:
    """A policy in a key: kind, namespace, name."""
    return [policy.ref.kind, policy.ref.namespace, policy.ref.name]


def rule_key(policy: Policy, rule: Rule) -> Any:
    """A rule in a key: its canonical JSON as written, not its index. In place of a text over
    `KEY_AT_MOST` stands its digest: each finding about a peer of a rule with 50,000 of them would
    hold all of them. O(rule): ask once for all findings about a rule."""
    written = written_rule(policy, rule.name)
    text = canonical(written)
    if len(text) <= KEY_AT_MOST:
        return written
    return f"sha256:{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"


def about(policy: Policy, rule: Rule) -> Callable[[], tuple[Any, ...]]:
    """What the keys of all findings about one rule begin with: made once, if anybody asks."""
    return cache(lambda: (*policy_key(policy), rule_key(policy, rule)))


def rule_named(policy: Policy, name: str) -> Rule:
    """The rule `ingress[0]` of a policy that has it. O(log rules)."""
    direction, _, index = name.partition("[")
    place = (direction == Direction.EGRESS.value, int(index.rstrip("]")))
    return policy.rules[bisect_left(policy.rules, place, key=_place)]


def _place(rule: Rule) -> tuple[bool, int]:
    """Where a rule stands among those of its policy: ingress first, in written order."""
    return rule.direction is Direction.EGRESS, rule.index


def written_rule(policy: Policy, name: str) -> Any:
    """The rule `ingress[0]` of a policy as written; None where there is none."""
    field, _, index = name.partition("[")
    rules = policy.spec.get(field)
    at = int(index.rstrip("]"))
    return rules[at] if isinstance(rules, list | tuple) and at < len(rules) else None


def cause_key(facts: Facts, cause: Cause) -> list[Any]:
    """An edit in a key: its object, and the rule it is about as written."""
    policy = policy_of(facts, cause)
    rule = written_rule(policy, cause.rule) if policy and cause.rule else None
    return [cause.kind, cause.object, rule]


def policy_of(facts: Facts, cause: Cause) -> Policy | None:
    """The policy a cause is about, on the side the cause names."""
    view = facts.base if cause.side is Side.BASE else facts.head
    if not cause.policy or view is None:
        return None
    return view.named.get((cause.kind, cause.object))
