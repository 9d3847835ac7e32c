"""Posture checks (findings.md section 4, "Posture") and what `audit` says alone, from the page."""

from tests.oracle import severity_facts as facts
from tests.oracle.checks_outage import deaf, references, served, unreachable
from tests.oracle.checks_world import (
    SYSTEM,
    Keyed,
    Pair,
    Said,
    World,
    network_policies,
    on_host,
    unrestricted,
)
from tests.oracle.cluster import Pod, Workload
from tests.oracle.policies import EGRESS, INGRESS, Governing
from tests.oracle.selectors import matches
from tests.oracle.verdict import Outside, Packet, by_address, has_peer, ports_match


def is_sensitive(world: World, workload: Workload) -> bool:
    """F-12: a label that is a word of the table, or a declared port of its first three rows."""
    one = facts.workloads(world.cluster)[workload.id]
    return one.word or bool(one.declared & facts.FIRST_THREE)


def workload_not_isolated(world: World) -> Keyed:
    """Nothing restricts who reaches a workload."""
    found: Keyed = {}
    for one in world.workloads:
        if on_host(one) or one.namespace in SYSTEM or not unrestricted(world, one, INGRESS):
            continue
        severity = "high" if is_sensitive(world, one) else "medium"
        words = (one.id, "no policy restricts who reaches it")
        found[one.id,] = Said("workload-not-isolated", severity, one.file, one.line, words)
    return found


def host_network_workload(world: World) -> Keyed:
    """Host-network pods: no policy applies."""
    return {
        (one.id,): Said("host-network-workload", "info", one.file, one.line, (one.id,))
        for one in world.workloads
        if on_host(one)
    }


def default_denied(world: World, namespace: str, direction: str) -> bool:
    """An NP for every pod of a namespace that restricts them, or a Baseline rule that denies
    everyone."""
    for policy in network_policies(world):
        same = policy.source.obj.namespace == namespace and not policy.pods
        if same and direction in policy.rules and not opens(world, policy, direction):
            return True
    return any(
        denies_all(world, policy, namespace, direction)
        for policy in world.judge.policies
        if policy.tier == "baseline"
    )


def denies_all(world: World, policy: Governing, namespace: str, direction: str) -> bool:
    """Whether a Baseline policy has all pods of a namespace as subject and denies all peers."""
    space = world.cluster.spaces[namespace]
    if policy.pods or not matches(policy.spaces, space):
        return False
    for rule in policy.rules[direction]:
        peers = rule.peers or ()
        everyone = any(one.spaces == frozenset() == one.pods for one in peers)
        if rule.action == "Deny" and rule.ports is None and everyone:
            return True
    return False


def opens(world: World, policy: Governing, direction: str) -> bool:
    """F-14: whether the rules of one NP alone allow everyone on all ports."""
    everyone: list[tuple[Pod | Outside, int]] = [
        (Outside(family, low), family) for family, low, _ in world.spans
    ]
    for pod in world.cluster.pods():
        everyone += [(pod, family) for family in pod.families()]
    return all(
        admitted(policy, direction, peer, packet)
        for peer in everyone
        for packet in world.judge.packets
    )


def admitted(
    policy: Governing,
    direction: str,
    peer: tuple[Pod | Outside, int],
    packet: Packet,
) -> bool:
    """Whether a rule admits a peer, or the blocks of several do (S-54)."""
    end, family = peer
    rules = [one for one in policy.rules[direction] if ports_match(one, packet, None)]
    networks = [one for rule in rules for item in rule.peers or () for one in item.networks]
    return any(has_peer(rule, end) for rule in rules) or by_address(networks, end, family)


def namespace_no_default_deny(world: World) -> Keyed:
    """A new pod of a namespace would be open."""
    found: Keyed = {}
    for name in sorted({one.namespace for one in world.workloads} - SYSTEM):
        if not default_denied(world, name, INGRESS):
            words = (f"{name}: a new pod would be open",)
            found[name,] = Said("namespace-no-default-deny", "medium", "", 0, words)
    return found


def egress_unrestricted(world: World) -> Keyed:
    """How many workloads of a namespace reach any address, less what F-41 counts apart."""
    found: Keyed = {}
    for name in sorted({one.namespace for one in world.workloads} - SYSTEM):
        here = world.of_namespace(name)
        count = sum(not on_host(one) and unrestricted(world, one, EGRESS) for one in here)
        if count:
            words = (f"{count} of {len(here)} workload", f"of {name} reach")
            found[name,] = Said("egress-unrestricted", "low", "", 0, words)
    return found


AUDIT = (
    workload_not_isolated,
    host_network_workload,
    namespace_no_default_deny,
    egress_unrestricted,
)
BOTH = (host_network_workload, namespace_no_default_deny)


def introduced_posture(two: Pair) -> list[Said]:
    """In `diff`: for workloads, and namespaces with workloads (F-73), that stand on both sides."""
    old, new = ({one.namespace for one in world.workloads} for world in (two.base, two.head))
    standing = old & new
    standing |= set(two.base.cluster.workloads) & set(two.head.cluster.workloads)
    found = []
    for check in BOTH:
        before = check(two.base)
        found += [
            said
            for key, said in check(two.head).items()
            if key not in before and key[0] in standing
        ]
    return found


def outages_standing(world: World) -> list[Said]:
    """What `audit` says of F-33 and F-34."""
    found = []
    lost = deaf(world)
    if lost:
        found.append(Said("dns-lost", "low", "", 0, workloads=frozenset(lost)))
    blocked = [one for one in sorted(references(world)) if not served(world, one)]
    return found + [unreachable(one, "low") for one in blocked]
