"""Checks of Admin policies beside others (findings.md section 4, "Policy text")."""

from collections.abc import Iterator

from tests.oracle.checks_world import Keyed, Said, World, Written, ident, named, place, written
from tests.oracle.cluster import Pod
from tests.oracle.policies import Governing, PortItem, Rule
from tests.oracle.selectors import Requirements, implies, may_match
from tests.oracle.verdict import Outside, Packet, Somewhere


def admin_overrides(world: World) -> Keyed:
    """Every packet of an NP rule is decided by the Admin tier, for any pods there may be."""
    found: Keyed = {}
    admins = [one for one in world.judge.policies if one.tier == "admin"]
    for rule in written(world) if admins else ():
        peers = list(peers_of(world, rule))
        if peers and all(decided(world, rule, admins, peer) for peer in peers):
            words = (rule.name, "never decides")
            found.setdefault(rule.key, Said("admin-overrides", "low", *rule.place, words))
    return found


AnyPod = tuple[Requirements, Requirements]


def peers_of(world: World, rule: Written) -> Iterator[AnyPod | Outside]:
    """Whom a rule means: pods of which selectors are known, and outside addresses."""
    peers = rule.rule.peers
    if peers is None:
        yield frozenset(), frozenset()
    for peer in peers or ():
        if peer.spaces is not None and peer.pods is not None:
            yield peer.spaces, peer.pods
    networks = [one for peer in peers or () for one in peer.networks]
    for family, low, _ in world.spans:
        if peers is None or any(one.has(family, low) for one in networks):
            yield Outside(family, low)


def decided(world: World, rule: Written, admins: list[Governing], peer: AnyPod | Outside) -> bool:
    """Whether some admin rule certainly decides every packet of the rule with this peer."""
    return all(
        packet_decided(rule, admins, peer, item, packet)
        for item in rule.rule.ports or (None,)
        for packet in world.judge.packets
        if item is None or may_be(item, packet)
    )


def may_be(item: PortItem, packet: Packet) -> bool:
    """Whether a packet may match a port, whatever the destination declares."""
    ranges = item.low <= packet.low and packet.high <= item.high
    return item.protocol in {None, packet.protocol} and ranges


def packet_decided(
    rule: Written,
    admins: list[Governing],
    peer: AnyPod | Outside,
    item: PortItem | None,
    packet: Packet,
) -> bool:
    """S-64 for subjects and peers of which only selectors are known: a Pass that may match leaves
    the tier, a rule that certainly matches decides."""
    policy = rule.policy
    for admin in admins:
        sure = implies(policy.spaces, admin.spaces) and implies(policy.pods, admin.pods)
        if not (may_match(policy.spaces, admin.spaces) and may_match(policy.pods, admin.pods)):
            continue
        for one in admin.rules[rule.direction]:
            likely, certain = meets(one, peer)
            ports_likely, ports_certain = meets_port(one, item, packet)
            if one.action == "Pass" and likely and ports_likely:
                return False
            if one.action != "Pass" and sure and certain and ports_certain:
                return True
    return False


def meets(rule: Rule, peer: AnyPod | Outside) -> tuple[bool, bool]:
    """Whether an admin rule may have a peer, and whether it certainly has it."""
    if isinstance(peer, Outside):
        has = any(
            one.has(peer.family, peer.address) for i in rule.peers or () for one in i.networks
        )
        return has, has
    items = rule.peers or ()
    pods = [(i.spaces, i.pods) for i in items if i.spaces is not None and i.pods is not None]
    certain = any(implies(peer[0], one) and implies(peer[1], two) for one, two in pods)
    likely = any(may_match(peer[0], one) and may_match(peer[1], two) for one, two in pods)
    return likely or any(i.networks or i.nodes is not None for i in items), certain


def meets_port(rule: Rule, item: PortItem | None, packet: Packet) -> tuple[bool, bool]:
    """The same of its ports; a name is any number that a pod may give it."""
    if rule.ports is None:
        return True, True
    if any(one.name is None and may_be(one, packet) for one in rule.ports):
        return True, True
    names = [one for one in rule.ports if one.name is not None]
    likely = any(one.protocol in {None, packet.protocol} for one in names)
    return likely, any(item is not None and one.name == item.name for one in names)


def priority_tie(world: World) -> Keyed:
    """S-64: Admin policies of one priority that share a subject, each with the first of them."""
    found: Keyed = {}
    admins = [one for one in world.judge.policies if one.tier == "admin"]
    subjects: list[Pod | Somewhere] = [*world.cluster.pods()]
    subjects += [*(world.unseen.known[e] for e in world.unseen.subjects)]
    for index, other in enumerate(admins):
        for one in admins[:index]:
            if one.order[0] == other.order[0] and any(
                world.judge.has_subject(one, pod) and world.judge.has_subject(other, pod)
                for pod in subjects
            ):
                words = (named(one), named(other), f"priority {one.order[0]}")
                key = (ident(one), ident(other))
                found[key] = Said("priority-tie", "low", *place(other), words)
                break
    return found


STANDING = (admin_overrides, priority_tie)
