"""half-open: a rule allows what the other side of every pair denies (S-51)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from reviewer.base import ports as sets
from reviewer.base.ports import ALL_PORTS, PortSet
from reviewer.cluster import Workload
from reviewer.engine import WorkloadEndpoint, bits_of
from reviewer.manifests import Direction, NamedPort, PodPeer, Policy, Rule, Tier

from .identity import LISTED, finding, policy_key, rule_key
from .introduced import introduced
from .severity import Severity
from .split_ports import written_ports
from .types import BOTH, Check, Finding
from .view import View

RULE = "half-open"
PAIRS_AT_MOST = 400
"""Over so many pairs of which none works nothing is said: the rule is no slip of one label."""

_OTHER = {Direction.INGRESS: Direction.EGRESS, Direction.EGRESS: Direction.INGRESS}


class Sides(NamedTuple):
    """The subjects of a rule and the workloads its peers match."""

    subjects: tuple[Workload, ...]
    peers: tuple[Workload, ...]


def examine(view: View, policy: Policy) -> Iterator[Finding]:
    """One finding for each rule of which no pair works."""
    if policy.tier is not Tier.NAMESPACED or not policy.rules:
        return
    subjects = view.subjects(policy)
    if not subjects:
        return
    for rule in policy.rules:
        peers = _peers(view, rule, PAIRS_AT_MOST // len(subjects))
        if peers and _denied(view, rule, Sides(subjects, peers)):
            yield _report(view, policy, rule, Sides(subjects, peers))


def _peers(view: View, rule: Rule, most: int) -> tuple[Workload, ...]:
    """The workloads of a rule's peers, if all of them name pods and match some; none where one
    peer alone matches more than `most`, of which nothing would be said."""
    found: dict[str, Workload] = {}
    for peer in rule.peers or ():
        if not isinstance(peer, PodPeer) or not peer.selector.pods:
            return ()
        matched = view.matched(peer.selector)
        if not matched or len(matched) > most:
            return ()
        found.update((each.id, each) for each in matched)
    return tuple(found.values())


def _denied(view: View, rule: Rule, sides: Sides) -> bool:
    """Whether the other side denies every port of the rule for every pair."""
    if len(sides.subjects) * len(sides.peers) > PAIRS_AT_MOST:
        return False
    enters = rule.direction is Direction.INGRESS
    sources, destinations = reversed(sides) if enters else sides
    names = {each.id for each in sources}
    asked, pairs = _columns(view, names), 0
    for each in destinations:
        wanted = rule_ports(rule, each)
        others = len(names - {each.id})  # with itself no row (S-53), but replicas may be served
        if others and not wanted:
            return False
        for ports, bits in _other_side(view, rule, each):
            if bits & asked and ports.meets(wanted):
                return False
        pairs += others
    return pairs > 0


def _columns(view: View, names: Iterable[str]) -> int:
    reach = view.reachability
    return bits_of(at for name in names for at in reach.columns(WorkloadEndpoint(name)))


def _other_side(view: View, rule: Rule, destination: Workload) -> Iterator[tuple[PortSet, int]]:
    """What the side that the rule does not speak for allows towards a destination, by sources."""
    side = view.reachability.side
    for column in view.reachability.columns(WorkloadEndpoint(destination.id)):
        to = side.destination(column)
        for at, family in enumerate(side.families):
            leaves = rule.direction is Direction.EGRESS
            yield from (side.ingress(to, family) if leaves else side.egress(to, at)).items()


def rule_ports(rule: Rule, destination: Workload) -> PortSet:
    """What a rule's ports mean on a destination (S-45, S-46)."""
    if rule.ports is None:
        return ALL_PORTS
    found = sets.union(each for each in rule.ports if isinstance(each, PortSet))
    names = [each for each in rule.ports if isinstance(each, NamedPort)]
    for pod in destination.pods if names else ():
        for name, number, protocol in pod.ports:
            if any(n.name == name and n.protocol in (None, protocol) for n in names):
                found |= sets.port_range(protocol, number, number)
    return found


def _report(view: View, policy: Policy, rule: Rule, sides: Sides) -> Finding:
    subjects, peers = (tuple(sorted(w.id for w in side)) for side in sides)
    enters = rule.direction is Direction.INGRESS
    other = _OTHER[rule.direction]
    denying = {
        each.ref.path
        for name in peers
        for each in view.selected_by(name)
        if other in each.isolates or each.tier is not Tier.NAMESPACED
    }
    return finding(
        RULE,
        Severity.MEDIUM,
        [*policy_key(policy), rule_key(policy, rule)],
        {
            "policy": policy.ref.path,
            "rule": rule.name,
            "sources": peers if enters else subjects,
            "destinations": subjects if enters else peers,
            "ports": written_ports(rule),
            "side": other.value,
            "denied": peers,
            "policies": tuple(sorted(denying)),
        },
        workloads=(*subjects, *peers)[:LISTED],
        origin=rule.origin,
        fix=f"allow the same in {other.value} of {peers[0]}",
    )


CHECK = Check(
    id=RULE,
    title="One side allows what the other denies",
    modes=BOTH,
    run=introduced(examine, audit=Severity.LOW),
)
