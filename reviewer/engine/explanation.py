"""Why a flow is allowed or denied: for each side the tier that decides, the rules that match, and
for what is denied the rules that nearly did (F-50 to F-52).

Unlike the rest of this room this looks at one pair of pods, rule by rule, in words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from reviewer.base.addresses import FAMILIES
from reviewer.base.ports import ALL_PORTS, NO_PORTS, PortSet
from reviewer.base.ports import union as united_ports
from reviewer.manifests import (
    Action,
    Direction,
    Policy,
    Rule,
    Tier,
)

from . import outside
from .nearest import Nearly, Other, Pair, nearest
from .reachability import Reachability
from .tiers import IN, OUT
from .types import Endpoint, ExternalEndpoint


class Deciding(NamedTuple):
    """A rule that decides some of the ports asked for."""

    policy: Policy
    rule: Rule
    ports: PortSet


class SideAnswer(NamedTuple):
    """What one side says. `isolated` is None for an outside end; `decided_by` are F-51's words in
    the order in which they were asked; `allowed` is that side's part of what was asked."""

    isolated: bool | None
    decided_by: tuple[str, ...]
    allowed: PortSet
    selected_by: tuple[Policy, ...] = ()
    rules: tuple[Deciding, ...] = ()
    nearest: tuple[Nearly, ...] = ()


class Explanation(NamedTuple):
    """Both sides of one question. `allowed` is exactly what `flows` prints for the pair."""

    source: Endpoint
    destination: Endpoint
    asked: PortSet
    allowed: PortSet
    egress: SideAnswer
    ingress: SideAnswer

    @property
    def denied(self) -> PortSet:
        """What was asked and is not allowed."""
        return self.asked - self.allowed


def explain(
    reachability: Reachability, source: Endpoint, destination: Endpoint, asked: PortSet = ALL_PORTS
) -> Explanation:
    """Why these ports are allowed or denied from source to destination; outside ends are a single
    address. O(pods of both ends × their policies' rules)."""
    explainer = _Explainer(reachability, asked)
    froms, tos = explainer.others(source), explainer.others(destination)
    pairs = [explainer.sides(mine, to) for mine in froms for to in tos]
    if not pairs:  # the controller, where no entry is in the manifests: nothing leads in (S-81)
        pairs = [(explainer.nobody(asked), explainer.nobody(NO_PORTS))]
    egress, ingress = next(
        ((out, into) for out, into in pairs if out.allowed & into.allowed), pairs[0]
    )
    return Explanation(
        source=source,
        destination=destination,
        asked=asked,
        allowed=reachability.ports(source, destination) & asked,
        egress=egress,
        ingress=ingress,
    )


class _Explainer:
    def __init__(self, reachability: Reachability, asked: PortSet) -> None:
        self._reachability = reachability
        self._universe = reachability.universe
        self._asked = asked

    def others(self, end: Endpoint) -> list[Other]:
        """The pods of an end, or its one address."""
        if isinstance(end, ExternalEndpoint):
            return [Other(None, (end.addresses.family, end.addresses.spans[0][0]))]
        return [Other(column, None) for column in self._reachability.columns(end)]

    def nobody(self, allowed: PortSet) -> SideAnswer:
        """The side of an end on which no policy has a word."""
        return SideAnswer(isolated=False, decided_by=("default",), allowed=allowed)

    def sides(self, mine: Other, to: Other) -> tuple[SideAnswer, SideAnswer]:
        """The egress of the one and the ingress of the other, over every family in which a flow
        may pass (S-53); over the first where none lets it."""
        found = [
            (self._side(mine, to, OUT, family), self._side(to, mine, IN, family))
            for family in self._families(mine, to)
        ]
        passing = [each for each in found if each[0].allowed & each[1].allowed] or found[:1]
        return _merged([out for out, _ in passing]), _merged([into for _, into in passing])

    def _families(self, mine: Other, to: Other) -> tuple[int | None, ...]:
        for end in (mine, to):
            if end.address is not None:
                return (end.address[0],)
        met = self._reachability.side.places.met_in
        columns = [end.column for end in (mine, to) if end.column is not None]
        return tuple(f for f in FAMILIES if all(met(c, f) for c in columns)) or (None,)

    def _side(
        self, mine: Other, other: Other, direction: Direction, family: int | None
    ) -> SideAnswer:
        """What the policies of one pod say of the other end, in one family."""
        if mine.column is None:
            return SideAnswer(isolated=None, decided_by=("outside",), allowed=self._asked)
        pod = self._universe.columns[mine.column].pod
        if pod is None:  # the ingress controller: its own egress allows (S-81)
            return self.nobody(self._asked)
        if pod.host_network:
            return SideAnswer(isolated=False, decided_by=("host-network",), allowed=self._asked)
        if family is None:  # no address in common: nothing could be sent (S-53)
            isolated = bool(self._reachability.side.isolated[direction] >> mine.column & 1)
            return SideAnswer(isolated=isolated, decided_by=("default",), allowed=NO_PORTS)
        pair = Pair(self._reachability, mine.column, other, direction, family)
        return _Walk(pair).answer(self._asked)


def _merged(sides: Sequence[SideAnswer]) -> SideAnswer:
    """One side's answers in several families as one: most are the same in all."""
    first = sides[0]
    if len(sides) == 1:
        return first
    rules: dict[tuple[int, int], Deciding] = {}
    for each in (rule for side in sides for rule in side.rules):
        key = first.selected_by.index(each.policy), each.policy.rules.index(each.rule)
        known = rules.get(key)
        rules[key] = each if known is None else each._replace(ports=known.ports | each.ports)
    return first._replace(
        decided_by=tuple(dict.fromkeys(word for side in sides for word in side.decided_by)),
        allowed=united_ports(side.allowed for side in sides),
        rules=tuple(rules[key] for key in sorted(rules)),
        nearest=() if any(not side.nearest for side in sides) else first.nearest,
    )


class _Walk:
    """The tiers of one pod, asked in order about one other end."""

    def __init__(self, pair: Pair) -> None:
        self._pair = pair
        self._side = pair.side
        self._policies = [
            policy
            for policy in pair.cluster.policies
            if self._side.subject(policy) >> pair.column & 1 and pair.governs(policy)
        ]

    def answer(self, asked: PortSet) -> SideAnswer:
        isolated = bool(self._side.isolated[self._pair.direction] >> self._pair.column & 1)
        decided: list[str] = []
        rules: list[Deciding] = []
        allowed, left = self._ordered(Tier.ADMIN, asked, rules)
        if allowed | left != asked or allowed:
            decided.append("admin")
        if left and isolated:
            decided.append("networkpolicy")
            allowed |= self._namespaced(left, rules)
        elif left:
            more, open_ = self._ordered(Tier.BASELINE, left, rules)
            if more | open_ != left or more:
                decided.append("baseline")
            if open_:
                decided.append("default")
            allowed |= more | open_
        denied = asked - allowed
        near = nearest(self._pair, denied) if denied and "networkpolicy" in decided else ()
        return SideAnswer(
            isolated=isolated,
            decided_by=tuple(decided),
            allowed=allowed,
            selected_by=tuple(self._policies),
            rules=tuple(rules),
            nearest=tuple(near),
        )

    def _ordered(
        self, tier: Tier, asked: PortSet, rules: list[Deciding]
    ) -> tuple[PortSet, PortSet]:
        """What an ordered tier allows, and what goes on; its deciding rules are noted."""
        undecided, allowed, passed = asked, NO_PORTS, NO_PORTS
        for policy, rule in self._rules(tier):
            if not self._meets(rule):
                continue
            hit = undecided & self._pair.ports(rule)
            if not hit:
                continue
            rules.append(Deciding(policy, rule, hit))
            undecided -= hit
            if rule.action is Action.ALLOW:
                allowed |= hit
            elif rule.action is Action.PASS:
                passed |= hit
        return allowed, undecided | passed

    def _rules(self, tier: Tier) -> Iterator[tuple[Policy, Rule]]:
        for policy in self._policies:
            if policy.tier is tier:
                for rule in policy.rules:
                    if rule.direction is self._pair.direction:
                        yield policy, rule

    def _namespaced(self, asked: PortSet, rules: list[Deciding]) -> PortSet:
        """What NetworkPolicies allow; rules with blocks may cover an unknown address together."""
        found: list[PortSet] = []
        blocks: list[tuple[Policy, Rule]] = []
        for policy, rule in self._rules(Tier.NAMESPACED):
            if self._meets(rule):
                hit = asked & self._pair.ports(rule)
                if hit:
                    rules.append(Deciding(policy, rule, hit))
                    found.append(hit)
            elif self._pair.blocks(rule).spans:
                blocks.append((policy, rule))
        together = asked & self._together(rule for _, rule in blocks)
        for policy, rule in blocks:
            hit = together & self._pair.ports(rule)
            if hit:
                rules.append(Deciding(policy, rule, hit))
                found.append(hit)
        return united_ports(found)

    def _together(self, rules: Iterable[Rule]) -> PortSet:
        if self._pair.other.column is None:
            return NO_PORTS
        sweep = outside.sweep_of(
            (self._pair.blocks(rule).spans, self._pair.ports(rule)) for rule in rules
        )
        place = self._side.places.of[self._pair.other.column]
        return self._side.places.ports_at(sweep, place, self._pair.family)

    def _meets(self, rule: Rule) -> bool:
        """Whether this rule by itself has a peer that certainly is the other end."""
        if rule.peers is None:
            return True
        column = self._pair.other.column
        if column is not None and any(
            self._side.peer_columns(rule, at) >> column & 1 for at in range(len(rule.peers))
        ):
            return True
        return self._pair.inside(self._pair.blocks(rule))
