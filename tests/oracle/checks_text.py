"""Checks of what a policy says (findings.md section 4, "Policy text"), from the page alone.

Each check gives what stands in one snapshot, by the key of F-5; what a `diff` prints of it is
`introduced` (F-3).
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from tests.oracle import shapes
from tests.oracle.checks_near import near_label
from tests.oracle.checks_world import (
    Keyed,
    Pair,
    Said,
    World,
    Written,
    frozen,
    ident,
    introduced,
    named,
    network_policies,
    place,
    same_spec,
    written,
)
from tests.oracle.cluster import NAME_LABEL, Pod, Workload
from tests.oracle.diagnostics import in_scope
from tests.oracle.entries import picked, target_numbers
from tests.oracle.policies import EGRESS, INGRESS, PEERS, Governing, Network, Peer, block_of
from tests.oracle.refused import Block
from tests.oracle.selectors import Requirements, implies, matches, requirements
from tests.oracle.selectors import text as in_words
from tests.oracle.verdict import PROTOCOLS, ports_match

SELECTORS = ("podSelector", "namespaceSelector")
NEVER_SAID = {
    "statefulset.kubernetes.io/pod-name",
    "job-name",
    "batch.kubernetes.io/job-name",
}
ROLLOUT = {"pod-template-hash", "controller-revision-hash"}
NOT_PUBLIC = tuple(
    block_of(text)
    for text in (
        "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 100.64.0.0/10 169.254.0.0/16 127.0.0.0/8 "
        "fc00::/7 fe80::/10"
    ).split()
)


def field_widens(world: World) -> Keyed:
    """S-12 pruned a field, and what is left is an empty selector or a rule without peers."""
    found: Keyed = {}
    for policy in network_policies(world):
        obj = policy.source.obj
        problems = shapes.Problems()
        shapes.decode(obj.doc, shapes.NETWORK_POLICY, "", obj.line, problems)
        for path, _ in problems.unknown:
            inside, _, name = path.rpartition(".")
            severity = widened(policy, inside)
            if severity:
                at = rule_place(policy, inside)
                key = (ident(policy), about(policy, inside), name)
                words = (f"{name} is not a field", named(policy))
                found[key] = Said("field-widens", severity, *at, words)
    return found


def about(policy: Governing, inside: str) -> Any:
    """F-5: the peer or rule that a path lies in as written, else what the path says."""
    value: Any = policy.source.obj.doc["spec"]
    steps = inside.split(".")[1:]
    for step in steps[:2]:
        word, _, number = step.partition("[")
        if not number:
            break
        value = value[word][int(number[:-1])]
    else:
        steps = steps[2:]
    within_rule = steps[:1] if len(steps) < 2 else steps[1:]
    return (frozen(value), tuple(within_rule)) if "[" in inside else inside


def rule_place(policy: Governing, inside: str) -> tuple[str, int]:
    """F-4: the rule that a path lies in, else the policy."""
    word, _, rest = inside.removeprefix("spec.").partition("[")
    if word not in policy.rules or not rest:
        return place(policy)
    return place(policy)[0], policy.rules[word][int(rest.partition("]")[0])].line


def widened(policy: Governing, inside: str) -> str:
    """The severity of a field pruned from this part of a policy; "" where nothing widens."""
    spec, *steps = inside.split(".")
    value: Any = policy.source.spec
    direction = ""
    for step in steps:
        word, _, number = step.partition("[")
        if word in {INGRESS, EGRESS}:
            direction = word
        value = value.get(word, {})
        value = value[int(number[:-1])] if number else value
    if spec != "spec" or (direction and direction not in policy.rules):
        return ""
    last = steps[-1] if steps else ""
    if last in SELECTORS and not requirements(value):
        return "high" if direction else "medium"
    if direction and len(steps) == 1 and not value.get(PEERS[direction]):
        return "high"
    return "medium" if not steps and "podSelector" not in policy.source.spec else ""


def policy_selects_nothing(world: World) -> Keyed:
    """The namespace has workloads and the policy selects none."""
    found: Keyed = {}
    for policy in network_policies(world):
        space = policy.source.obj.namespace
        there = world.of_namespace(space)
        if there and not world.subjects(policy):
            near = near_label(policy.pods, there)
            words = (named(policy), "selects no workload", space, *([near] if near else []))
            severity = "medium" if near else "low"
            found[ident(policy),] = Said("policy-selects-nothing", severity, *place(policy), words)
    return found


def in_namespaces(world: World, spaces: Requirements) -> list[Workload]:
    """The workloads of the namespaces that a selector matches."""
    return [one for one in world.workloads if matches(spaces, world.cluster.spaces[one.namespace])]


def peer_selects_nothing(world: World) -> Keyed:
    """A selector peer's namespaces have workloads, and none matches."""
    found: Keyed = {}
    for rule in written(world, admin=True):
        for index, peer in enumerate(rule.rule.peers or ()):
            if peer.spaces is None or peer.pods is None:
                continue
            there = in_namespaces(world, peer.spaces)
            pods = [pod for one in there for pod in one.pods if not pod.host]
            if there and not any(matches(peer.pods, pod.labels) for pod in pods):
                near = near_label(peer.pods, there)
                words = (f"{rule.name} peer {index}", "matches nothing", *([near] if near else []))
                key = (*rule.key, frozen(rule.peers[index]))
                severity = "medium" if near else "low"
                found.setdefault(key, Said("peer-selects-nothing", severity, *rule.place, words))
    return found


def namespace_label_unset(world: World) -> Keyed:
    """A `namespaceSelector` asks for a label that no namespace has."""
    found: Keyed = {}
    spaces = world.cluster.spaces
    for rule in written(world, admin=True) if world.cluster.declared else ():
        for peer in rule.rule.peers or ():
            for one in sorted(peer.spaces or ()):
                asks = one.key != NAME_LABEL and one.operator in {"In", "Exists"}
                if asks and not any(matches(frozenset({one}), has) for has in spaces.values()):
                    homes = sorted(one.values & set(spaces))
                    severity = "medium" if homes else "low"
                    key = (*rule.key, one)
                    words = ("no namespace has", in_words(frozenset({one})))
                    found[key] = Said("namespace-label-unset", severity, *rule.place, words)
    return found


def port_unresolved(world: World) -> Keyed:
    """S-46: no pod in scope has a container port of that name."""
    found: Keyed = {}
    for policy in world.judge.policies:
        for direction, listed in policy.rules.items():
            for index, rule in enumerate(listed):
                subjects = world.subjects(policy)
                scope = subjects if direction == INGRESS else in_scope(world.judge, rule)
                for item in rule.ports or ():
                    if item.name is None or not scope:
                        continue
                    if any(
                        name == item.name and item.protocol in {None, protocol}
                        for pod in scope
                        for name, protocol, _ in pod.ports
                    ):
                        continue
                    text = policy.source.obj.doc["spec"][direction][index]
                    key = (ident(policy), frozen(text), item.name, item.protocol)
                    words = (f"{named(policy)} {direction}[{index}]", f"names a port {item.name}")
                    at = (policy.source.obj.file, rule.line)
                    found.setdefault(key, Said("port-unresolved", "medium", *at, words))
    return found


def service_port_in_rule(world: World) -> Keyed:
    """A numeric port of an ingress rule that is the Service's, not the pods'."""
    found: Keyed = {}
    for rule in written(world):
        subjects = world.subjects(rule.policy)
        for item in rule.rule.ports or ():
            single = item.name is None and item.low == item.high
            if rule.direction != INGRESS or not single:
                continue
            asked = (str(item.protocol), item.low)
            if any((proto, number) == asked for pod in subjects for _, proto, number in pod.ports):
                continue
            for service, target in sorted(services_of(world, subjects, asked)):
                key = (*rule.key, asked)
                words = (str(item.low), rule.name, service, str(target))
                found.setdefault(key, Said("service-port-in-rule", "medium", *rule.place, words))
    return found


def services_of(
    world: World, subjects: list[Pod], asked: tuple[str, int]
) -> Iterator[tuple[str, int]]:
    """The Services of some of these pods that have this port and another target."""
    for service in world.cluster.services:
        pods = [pod for _, pod in picked(service, world.cluster) if pod in subjects]
        for port in service.spec.get("ports", []) if pods else ():
            if (port.get("protocol", "TCP"), port.get("port")) != asked:
                continue
            numbers = {number for pod in pods for number in target_numbers(port, pod)}
            if numbers and asked[1] not in numbers:
                yield f"{service.obj.namespace}/{service.obj.name}", min(numbers)


def split_selector(world: World) -> Keyed:
    """A namespace item beside a pod item that matches a workload of those namespaces."""
    found: Keyed = {}
    for rule in written(world):
        home = rule.policy.source.obj.namespace
        for one, other in pairwise(rule.peers):
            for space, pods in ((one, other), (other, one)):
                if set(space) != {"namespaceSelector"} or set(pods) != {"podSelector"}:
                    continue
                asked = requirements(pods["podSelector"])
                there = in_namespaces(world, requirements(space["namespaceSelector"]))
                away = [one for one in there if one.namespace != home]
                if asked and any(has(workload, asked) for workload in away):
                    low = any(has(workload, asked) for workload in world.of_namespace(home))
                    severity = "low" if low else "medium"
                    said = Said("split-selector", severity, *rule.place, (rule.name, "OR"))
                    if rule.key not in found or severity == "medium":
                        found[rule.key] = said
    return found


def has(workload: Workload, asked: Requirements) -> bool:
    """Whether a selector matches some pod of a workload."""
    return any(not pod.host and matches(asked, pod.labels) for pod in workload.pods)


def split_ports(world: World) -> Keyed:
    """A rule with peers and no ports directly before one with ports and no peers."""
    found: Keyed = {}
    rules = list(written(world))
    for one, other in pairwise(rules):
        follows = (one.policy, one.direction) == (other.policy, other.direction)
        apart = one.rule.peers and not one.rule.ports and other.rule.ports and not other.rule.peers
        if follows and apart:
            key = (*one.key, frozen(other.text))
            words = (other.name, "a dash before ports")
            found.setdefault(key, Said("split-ports", "medium", *other.place, words))
    return found


def types_forgotten(world: World) -> Keyed:
    """No `policyTypes` and `egress: []`, or rules of a direction that is not governed."""
    found: Keyed = {}
    for policy in network_policies(world):
        spec = policy.source.spec
        ignored = [one for one in (INGRESS, EGRESS) if spec.get(one) and one not in policy.rules]
        if not spec.get("policyTypes") and spec.get(EGRESS) == []:
            ignored.append(EGRESS)
        for direction in ignored:
            words = (named(policy), f"{direction} rules without {direction.capitalize()}")
            key = (ident(policy), direction)
            found[key] = Said("types-forgotten", "medium", *place(policy), words)
    return found


def public_part(network: Network) -> int:
    """How many public addresses (F-10) networks have, taken one by one."""
    taken = [one for one in (*network.without, *NOT_PUBLIC) if one.family == network.block.family]
    edges = {network.block.low, network.block.high + 1}
    for one in taken:
        edges |= {edge for edge in (one.low, one.high + 1) if network.block.low < edge}
    cut = sorted(edge for edge in edges if edge <= network.block.high + 1)
    return sum(
        high - low
        for low, high in pairwise(cut)
        if not any(one.low <= low <= one.high for one in taken)
    )


def is_broad(network: Network) -> bool:
    """F-11: more than a /8 of IPv4, more than a /32 of IPv6."""
    return public_part(network) > (2**24 if network.block.family == 4 else 2**96)


def open_rule(world: World) -> Keyed:
    """A rule for everyone in a policy that selects nothing."""
    found: Keyed = {}
    for rule in written(world, admin=True):
        if rule.rule.action != "Allow":
            continue
        if world.subjects(rule.policy) or world.stands_unseen(rule.policy):
            continue
        nothing: Requirements = frozenset()
        everywhere = any(peer.spaces == nothing == peer.pods for peer in rule.rule.peers or ())
        networks = [one for peer in rule.rule.peers or () for one in peer.networks]
        if rule.rule.peers is None or everywhere or any(map(is_broad, networks)):
            severity = "medium" if rule.direction == INGRESS else "low"
            words = (rule.name, "is open to", "for pods not in the manifests")
            found.setdefault(rule.key, Said("open-rule", severity, *rule.place, words))
    return found


def blocks_of(rule: Written) -> Iterator[tuple[str, Network]]:
    """The `ipBlock` items of a rule, as written and read."""
    for text, peer in zip(rule.peers, rule.rule.peers or (), strict=True):
        for network in peer.networks:
            yield text["ipBlock"]["cidr"], network


def broad_cidr(world: World) -> Keyed:
    """A prefix shorter than /8 (IPv6: /32) that is not all of a family."""
    found: Keyed = {}
    for rule in written(world):
        for text, network in blocks_of(rule):
            block = network.block
            if 0 < block.prefix < (8 if block.family == 4 else 32):
                words = (rule.name, "covers")
                said = Said("broad-cidr", "low", *rule.place, words)
                found.setdefault((*rule.key, text), said)
    return found


def within(one: Block, other: Block) -> bool:
    """Whether a block lies in another."""
    return one.family == other.family and other.low <= one.low and one.high <= other.high


def untidy_cidr(world: World) -> Keyed:
    """An `except` inside another of the item, a block twice in a rule."""
    found: Keyed = {}
    for rule in written(world):
        seen: list[Any] = []
        for _, network in blocks_of(rule):
            whole = (span(network.block), {span(one) for one in network.without})
            said = {whole[0]} if whole in seen else set()
            seen.append(whole)
            for at, one in enumerate(network.without):
                for other_at, other in enumerate(network.without):
                    equal = span(one) == span(other)
                    if at != other_at and within(one, other) and (not equal or at > other_at):
                        said.add(span(one))
            for block in sorted(said):
                words = (rule.name, "is said twice")
                found[*rule.key, block] = Said("untidy-cidr", "info", *rule.place, words)
    return found


def span(block: Block) -> tuple[int, int, int]:
    """A block without how it was written."""
    return block.family, block.low, block.high


def except_undone(world: World) -> Keyed:
    """An `except` that another peer of a policy with a common subject lets in."""
    found: Keyed = {}
    rules = list(written(world))
    for rule in rules:
        for at, peer in enumerate(rule.rule.peers or ()):
            for network in peer.networks:
                for hole in network.without:
                    if any(undoes(world, rule, at, hole, other) for other in rules):
                        key = (*rule.key, span(hole))
                        words = (rule.name, "is let in by")
                        found[key] = Said("except-undone", "medium", *rule.place, words)
    return found


def undoes(world: World, rule: Written, at: int, hole: Block, other: Written) -> bool:
    """Whether another peer admits the block of an `except` to a common subject and port."""
    subjects = world.subjects(rule.policy)
    shared = [pod for pod in subjects if world.judge.has_subject(other.policy, pod)]
    same = rule.policy is other.policy
    if rule.direction != other.direction or not (shared or same):
        return False
    if not common_port(world, rule, other, shared):
        return False
    if other.rule.peers is None:
        return True
    for index, peer in enumerate(other.rule.peers):
        if other.rule is rule.rule and index == at:
            continue
        if any(covered(Network(hole, ()), [network]) for network in peer.networks):
            return True
    return False


def common_port(world: World, one: Written, other: Written, shared: list[Pod]) -> bool:
    """Whether two rules have a port in common; names are those of the common subjects in ingress,
    and stand for nothing outside."""
    targets: list[Pod | None] = [None]
    if one.direction == INGRESS:
        targets += shared
    return any(
        ports_match(one.rule, packet, target) and ports_match(other.rule, packet, target)
        for target in targets
        for packet in world.judge.packets
    )


def redundant_rule(world: World) -> Keyed:
    """Another rule contains it, for every pod that its policy selects."""
    found: Keyed = {}
    rules = list(written(world))
    for rule in rules:
        for other in rules:
            if other is rule or not contained(rule, other):
                continue
            if contained(other, rule) and rule.place < other.place:
                continue
            words = (rule.name, "adds nothing to")
            found.setdefault(rule.key, Said("redundant-rule", "info", *rule.place, words))
    return found


def contained(rule: Written, other: Written) -> bool:
    """S-86 and sets: whether another rule has all of a rule's subjects, peers and ports."""
    one, two = rule.policy, other.policy
    same = one.source.obj.namespace == two.source.obj.namespace
    if not same or rule.direction != other.direction or not implies(one.pods, two.pods):
        return False
    return ports_inside(rule, other) and peers_inside(rule, other)


def peers_inside(rule: Written, other: Written) -> bool:
    """Each selector by one item that it implies, each address by some block."""
    if other.rule.peers is None:
        return True
    if rule.rule.peers is None:
        return False
    networks = [one for peer in other.rule.peers for one in peer.networks]
    for peer in rule.rule.peers:
        for network in peer.networks:
            if not covered(network, networks):
                return False
        if peer.spaces is not None and not any(
            item.spaces is not None and holds(peer, item) for item in other.rule.peers
        ):
            return False
    return True


def holds(peer: Peer, item: Peer) -> bool:
    """Whether both selectors of a peer imply those of an item."""
    none: Requirements = frozenset()
    spaces = implies(peer.spaces or none, item.spaces or none)
    return spaces and implies(peer.pods or none, item.pods or none)


def covered(network: Network, others: list[Network]) -> bool:
    """Whether every address of a network is in one of others."""
    edges = {network.block.low}
    for one in (network, *others):
        for block in (one.block, *one.without):
            edges |= {block.low, block.high + 1}
    family = network.block.family
    return all(
        any(one.has(family, edge) for one in others) for edge in edges if network.has(family, edge)
    )


def ports_inside(rule: Written, other: Written) -> bool:
    """By set; a name by itself or by every number of its protocol."""
    if other.rule.ports is None:
        return True
    items = rule.rule.ports
    listed = other.rule.ports
    if items is None:
        return all(full(protocol, listed) for protocol in PROTOCOLS)
    for item in items:
        if item.name is not None:
            same = any((one.name, one.protocol) == (item.name, item.protocol) for one in listed)
            if not same and not full(str(item.protocol), listed):
                return False
        elif not all(in_ports(str(item.protocol), edge, listed) for edge in marks(item, listed)):
            return False
    return True


def marks(item: Any, listed: Any) -> set[int]:
    """Ports of a range such that items that hold all of them hold the range."""
    edges = {item.low} | {one.high + 1 for one in listed if one.name is None}
    return {edge for edge in edges if item.low <= edge <= item.high}


def in_ports(protocol: str, number: int, listed: Any) -> bool:
    """Whether a numeric item has a port."""
    return any(
        one.name is None and one.protocol == protocol and one.low <= number <= one.high
        for one in listed
    )


def full(protocol: str, listed: Any) -> bool:
    """Whether the items have every number of a protocol."""
    edges = {1} | {one.high + 1 for one in listed if one.name is None and one.high < 65535}
    return all(in_ports(protocol, edge, listed) for edge in edges)


def controller_label_selected(world: World) -> Keyed:
    """A label that a controller sets and that changes with each rollout."""
    found: Keyed = {}
    unknown = {
        key for pod in world.cluster.pods() for key, value in pod.labels.items() if value is None
    }
    said = (unknown | ROLLOUT) - NEVER_SAID
    for policy in sorted(world.judge.policies, key=place):
        asked: list[tuple[Requirements, tuple[str, int]]] = [(policy.pods, place(policy))]
        for listed in policy.rules.values():
            for rule in listed:
                at = (policy.source.obj.file, rule.line)
                asked += [(peer.pods, at) for peer in rule.peers or () if peer.pods is not None]
        for selector, at in asked:
            for key in {one.key for one in selector} & said:
                words = (key, named(policy), "is set by a controller")
                found.setdefault(
                    (ident(policy), key),
                    Said("controller-label-selected", "low", *at, words),
                )
    return found


def policy_unseen(two: Pair) -> list[Said]:
    """A policy added, removed or changed that selects no workload on any side.

    Where `policy-selects-nothing` says it of the same change, that is enough.
    """
    found = []
    idle = {(said.file, said.line) for said in introduced(policy_selects_nothing, two)}
    old, new = ({ident(one): one for one in w.judge.policies} for w in (two.base, two.head))
    for key in sorted(old.keys() | new.keys()):
        if key in two.renamed or key in two.renamed.values():
            continue
        before, after = old.get(key), new.get(key)
        if before and after and same_spec(before, after):
            continue
        versions = [one for one in (before, after) if one]
        if any(
            w.subjects(one) or w.stands_unseen(one)
            for w in (two.base, two.head)
            for one in versions
        ):
            continue
        severity = "medium" if before and wider(before, after) else "info"
        shown = after or before
        if shown is not None and not (after and place(after) in idle):
            words = (named(shown), "effect unknown")
            side = "head" if after else "base"
            found.append(Said("policy-unseen", severity, *place(shown), words, side))
    return found


def wider(before: Governing, after: Governing | None) -> bool:
    """Removed, a direction dropped, another `podSelector`, or a rule equal to none of base's."""
    if after is None or set(before.rules) - set(after.rules):
        return True
    if before.pods != after.pods:
        return True
    in_force = [before.source.spec.get(direction, []) for direction in before.rules]
    known = [frozen(rule) for listed in in_force for rule in listed]
    return any(
        frozen(rule) not in known
        for direction in after.rules
        for rule in after.source.spec.get(direction, [])
    )


STANDING = (
    field_widens,
    policy_selects_nothing,
    peer_selects_nothing,
    namespace_label_unset,
    port_unresolved,
    service_port_in_rule,
    split_selector,
    split_ports,
    types_forgotten,
    open_rule,
    broad_cidr,
    untidy_cidr,
    except_undone,
    redundant_rule,
    controller_label_selected,
)
