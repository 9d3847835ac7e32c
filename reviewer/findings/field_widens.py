"""field-widens: a field that is none was dropped; what is left means everything (S-12, S-17)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from reviewer.base.documents import Origin
from reviewer.manifests import Direction, Policy, Tier

from .identity import finding, policy_key, written_rule
from .introduced import introduced
from .severity import Severity
from .types import BOTH, Check, Finding
from .view import View

RULE = "field-widens"
_SELECTOR = frozenset({"matchLabels", "matchExpressions"})
_PEERS = {Direction.INGRESS: "from", Direction.EGRESS: "to"}
_LOOKS_LIKE_PEERS = frozenset(
    {"from", "to", "podselector", "namespaceselector", "ipblock", "peers"}
)


def examine(_view: View, policy: Policy) -> Iterator[Finding]:
    """Every place of one NetworkPolicy where that happened."""
    if policy.tier is not Tier.NAMESPACED:
        return
    yield from _subject(policy)
    for rule in policy.rules:
        written = written_rule(policy, rule.name)
        if isinstance(written, Mapping):
            yield from _rule(policy, rule.name, rule.direction, written, rule.origin)


def _subject(policy: Policy) -> Iterator[Finding]:
    means = f"every pod of {policy.ref.namespace}"
    for field in _lost(policy.spec.get("podSelector")):
        yield _report(
            policy,
            policy.origin,
            (field, "podSelector", "spec.podSelector", means),
            "put it under matchLabels",
        )
    if "podSelector" not in policy.spec:
        for field in policy.spec:
            if field.lower() in {"podselector", "podselectors", "selector"}:
                yield _report(
                    policy,
                    policy.origin,
                    (field, "spec", "the spec", means),
                    "call it podSelector",
                )


def _rule(
    policy: Policy, name: str, direction: Direction, written: Mapping[str, Any], origin: Origin
) -> Iterator[Finding]:
    peers = _PEERS[direction]
    if not written.get(peers):
        for field in written:
            if field not in {peers, "ports"}:
                fix = f"use {peers}" if field.lower() in _LOOKS_LIKE_PEERS else None
                said = (field, name, "the rule", "everyone")
                yield _report(policy, origin, said, fix, written)
    for index, peer in enumerate(written.get(peers) or ()):
        for selector, means in (
            ("podSelector", "every pod"),
            ("namespaceSelector", "every namespace"),
        ):
            for field in _lost(peer.get(selector)):
                said = (field, f"{name}.{peers}[{index}].{selector}", "the selector", means)
                yield _report(policy, origin, said, "put it under matchLabels", peer)


def _lost(selector: Any) -> list[str]:
    """The unknown fields of a selector that is empty without them."""
    if not isinstance(selector, Mapping) or any(selector.get(name) for name in _SELECTOR):
        return []
    return [field for field in selector if field not in _SELECTOR]


def _report(
    policy: Policy,
    origin: Origin,
    said: tuple[str, str, str, str],
    fix: str | None,
    about: Mapping[str, Any] | None = None,
) -> Finding:
    """The finding about a rule or a peer of one as written; about none, of `spec.podSelector`."""
    field, path, left, means = said
    return finding(
        RULE,
        Severity.HIGH if about else Severity.MEDIUM,
        [*policy_key(policy), about, field, path.rpartition(".")[2].partition("[")[0]],
        {"policy": policy.ref.path, "field": field, "path": path, "left": left, "means": means},
        origin=origin,
        fix=fix,
    )


CHECK = Check(
    id=RULE,
    title="A field that is none makes a policy mean everything",
    modes=BOTH,
    run=introduced(examine),
)
