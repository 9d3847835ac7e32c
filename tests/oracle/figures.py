"""The figures of `audit` (F-40 to F-43), from the page alone."""

from typing import Any

from tests.oracle import rows
from tests.oracle import severity_facts as facts
from tests.oracle.checks_posture import default_denied, is_sensitive
from tests.oracle.checks_world import World, network_policies, on_host, unrestricted
from tests.oracle.cluster import Workload
from tests.oracle.policies import EGRESS, INGRESS
from tests.oracle.rows import CONTROLLER, workload_end
from tests.oracle.verdict import Packet, Packets

WORDS = (
    "internet", "public", "ingress_controller", "private", "trusted", "other_namespace",
    "same_namespace",
)  # fmt: skip
BROAD = {4: 2**24, 6: 2**96}


def isolated(world: World, workloads: list[Workload]) -> dict[str, int]:
    """How many of them are isolated, by direction (S-25)."""
    each = [rows.isolated(world.judge, one) for one in workloads]
    return {way: sum(one[way] for one in each) for way in (INGRESS, EGRESS)}


def coverage(world: World) -> dict[str, Any]:
    """Totals, each with its denominator."""
    return {
        "workloads": len(world.workloads),
        "host_network": sum(map(on_host, world.workloads)),
        "isolated": isolated(world, world.workloads),
        "unrestricted": {
            way: sum(unrestricted(world, one, way) for one in world.workloads)
            for way in (INGRESS, EGRESS)
        },
        "policies": len(world.judge.policies),
        "namespaces": len(world.cluster.spaces),
    }


def namespaces(world: World) -> list[dict[str, Any]]:
    """The same of each namespace."""
    return [
        {
            "namespace": name,
            "workloads": len(world.of_namespace(name)),
            "policies": sum(p.source.obj.namespace == name for p in network_policies(world)),
            "isolated": isolated(world, world.of_namespace(name)),
            "default_deny": {way: default_denied(world, name, way) for way in (INGRESS, EGRESS)},
        }
        for name in sorted(world.cluster.spaces)
    ]


def entering(world: World, workload: Workload) -> list[tuple[facts.Piece, Packets]]:
    """The outside addresses that reach a workload, by part (F-10)."""
    parts, end = facts.Parts(), workload_end(workload)
    found = []
    for (one, way, (family, low, high)), ports in world.flows.outside.items():
        if (one, way) == (end, INGRESS) and ports:
            for text in rows.cidrs([(family, low, high)]):
                found += [(piece, ports) for piece in parts.pieces([text])]
    return found


def by_internet(world: World, workload: Workload) -> tuple[set[tuple[int, Packet]], Packets]:
    """The ports at which the public part is internet (F-11), by family, and of both."""
    broad: set[tuple[int, Packet]] = set()
    listed = [one for one in entering(world, workload) if one[0].part == "public"]
    for family in (4, 6):
        for packet in world.judge.packets:
            held = sum(p.size for p, ports in listed if p.family == family and packet in ports)
            if held > BROAD[family]:
                broad.add((family, packet))
    return broad, frozenset(packet for _, packet in broad)


def exposed(world: World) -> list[dict[str, Any]]:
    """Workloads with a flow from the internet or the ingress controller."""
    found = []
    for one in world.workloads:
        ports = by_internet(world, one)[1]
        led = world.flows.pairs.get((CONTROLLER, workload_end(one)), frozenset())
        for word, given in (("internet", ports), ("ingress_controller", led)):
            if given:
                printed = rows.printed_ports(given)
                found.append({"workload": one.id, "from": word, "ports": printed})
    return found


def clause(world: World, one: Workload, ports: Packets) -> Packets:
    """F-12: those of a row's ports at which a workload is sensitive."""
    known = facts.workloads(world.cluster)[one.id]
    stores = known.declared & facts.FIRST_THREE
    found = set()
    for packet, width in facts.widths(ports):
        port = (packet.protocol, packet.low)
        scraped = packet.protocol == "TCP" and packet.low in known.scrape
        matters = port in facts.TABLE and (port in known.declared or width <= 100)
        by_word = known.word and not stores and not scraped
        system = known.namespace == "kube-system" and packet.low != 53 and not scraped
        if matters or by_word or system:
            found.add(packet)
    return frozenset(found)


def sources(world: World, one: Workload) -> list[str]:
    """The classes of what reaches a workload where it is sensitive."""
    found = set()
    broad, _ = by_internet(world, one)
    for piece, ports in entering(world, one):
        at = clause(world, one, ports)
        if at and piece.part != "public":
            found.add("private" if piece.part == "metadata" else piece.part)
        elif at:
            wide = {packet for packet in at if (piece.family, packet) in broad}
            found |= {word for word, held in (("internet", wide), ("public", at - wide)) if held}
    led = world.flows.pairs.get((CONTROLLER, workload_end(one)), frozenset())
    if clause(world, one, led):
        found.add("ingress_controller")
    for other in world.workloads:
        ports = world.flows.pairs.get((workload_end(other), workload_end(one)), frozenset())
        if clause(world, one, ports):
            same = other.namespace == one.namespace
            found.add("same_namespace" if same else "other_namespace")
    return sorted(found, key=WORDS.index)


def sensitive(world: World) -> list[dict[str, Any]]:
    """Sensitive workloads, without the words that say why."""
    return [
        {
            "workload": one.id,
            "from": sources(world, one),
            "unrestricted": unrestricted(world, one, INGRESS),
        }
        for one in world.workloads
        if is_sensitive(world, one)
    ]


def reached(world: World, start: set[str]) -> set[str]:
    """Everything reached from these workloads in any number of hops, themselves too."""
    found, left = set(start), list(start)
    while left:
        one = workload_end(world.cluster.workloads[left.pop()])
        for (source, target), ports in world.flows.pairs.items():
            if ports and source == one and target.sort == 0 and target.words[0] not in found:
                found.add(target.words[0])
                left.append(target.words[0])
    return found


def blast_radius(world: World) -> dict[str, Any]:
    """What the internet reaches, and the ten workloads that reach most others."""
    first = {one.id for one in world.workloads if by_internet(world, one)[0]}
    count = {one.id: len(reached(world, {one.id})) - 1 for one in world.workloads}
    order = sorted((name for name in count if count[name]), key=lambda one: (-count[one], one))
    return {
        "from_internet": len(reached(world, first)),
        "of": len(world.workloads),
        "top": [{"workload": name, "reaches": count[name]} for name in order[:10]],
    }


def figures(world: World) -> dict[str, Any]:
    """All that is compared of `audit/v1`."""
    return {
        "coverage": coverage(world),
        "namespaces": namespaces(world),
        "exposed": exposed(world),
        "sensitive": sensitive(world),
        "blast_radius": blast_radius(world),
    }
