"""What is said about a snapshot (section 8), beyond what reading and building said."""

from collections.abc import Iterator
from typing import Any

from tests.oracle import entries, refused
from tests.oracle.cluster import NAME_LABEL, Cluster, Pod, Policy, blocks
from tests.oracle.exposure import Unseen
from tests.oracle.policies import EGRESS, INGRESS, Governing, Network, Rule
from tests.oracle.reading import Diagnostic
from tests.oracle.selectors import Requirements, matches
from tests.oracle.verdict import Judge, Somewhere, by_address, representatives, selected


def of(judge: Judge, unseen: Unseen) -> list[dict[str, Any]]:
    """All diagnostics of a snapshot, sorted, each once."""
    cluster = judge.cluster
    say = cluster.manifests.say
    if not cluster.workloads:
        say("no-workloads", ("", 0))
    if not judge.policies:
        say("no-policies", ("", 0))
    for policy in judge.policies:
        for code, line in of_policy(judge, policy, unseen):
            say(code, policy.source.obj, line)
    for one in same_priority(judge, unseen):
        say("same-priority", one.source.obj)
    for led in entries.follow(judge):
        if not led.asked:
            say("backend-unresolved", led.entry.obj)
        elif not all(led.allowed.values()):
            say("backend-blocked", led.entry.obj)
    for name in unlabelled(judge):
        said = Diagnostic("notice", "namespace-labels-unknown", "", 0, f"Namespace {name}")
        cluster.manifests.said.append(said)
    return [
        {
            "level": level,
            "code": code,
            "file": file or None,
            "line": line or None,
            **({"object": name} if name else {}),
        }
        for level, code, file, line, name in cluster.manifests.all_said()
    ]


def of_policy(judge: Judge, policy: Governing, unseen: Unseen) -> Iterator[tuple[str, int]]:
    """The codes that one policy gives, with the line meant where it is not the object's."""
    if refused.lenient(list(written_cidrs(policy.source))):
        yield "cidr-not-canonical", 0
    if any(policy.source.spec.get(one) and one not in policy.rules for one in (INGRESS, EGRESS)):
        yield "direction-ignored", 0
    pods = list(judge.cluster.pods())
    subjects = [pod for pod in pods if judge.has_subject(policy, pod)]
    hosts = [pod for pod in pods if pod.host and would_select(policy, pod)]
    if hosts:
        yield "host-network-selected", 0
    stands = any(judge.has_subject(policy, unseen.known[end]) for end in unseen.subjects)
    if not subjects and not hosts and not stands:
        yield "policy-selects-nothing", 0
    if any(asked(one, pods) for one in selectors_of(policy)):
        yield "controller-label", 0
    for direction, listed in policy.rules.items():
        for rule in listed:
            for code in of_rule(judge, rule, direction, subjects):
                yield code, rule.line


def written_cidrs(policy: Policy) -> Iterator[str]:
    """All CIDRs that a policy writes (S-15)."""
    for direction, word in ((INGRESS, "from"), (EGRESS, "to")):
        for rule in policy.spec.get(direction, []):
            for item in rule.get(word, []):
                yield from item.get("networks", [])
                if "ipBlock" in item:
                    yield item["ipBlock"]["cidr"]
                    yield from item["ipBlock"].get("except", [])


def would_select(policy: Governing, pod: Pod) -> bool:
    """S-27: whether a subject would match a host-network pod's labels."""
    return matches(policy.spaces, pod.space) and matches(policy.pods, pod.labels)


def selectors_of(policy: Governing) -> Iterator[Requirements]:
    """The pod selectors of a policy in force."""
    yield policy.pods
    for listed in policy.rules.values():
        for rule in listed:
            yield from (item.pods for item in rule.peers or () if item.pods is not None)


def asked(selector: Requirements, pods: list[Pod]) -> bool:
    """S-32: whether it names a key that is `?` on some pod."""
    keys = {one.key for one in selector}
    return any(pod.labels.get(key, "") is None for pod in pods for key in keys)


def of_rule(judge: Judge, rule: Rule, direction: str, subjects: list[Pod]) -> Iterator[str]:
    """The codes that one rule gives."""
    names = [item for item in rule.ports or () if item.name is not None]
    scope = subjects if direction == INGRESS else in_scope(judge, rule)
    for item in names:
        if scope and not any(
            name == item.name and item.protocol in {None, protocol}
            for pod in scope
            for name, protocol, _ in pod.ports
        ):
            yield "named-port-unresolved"
    peers = rule.peers or ()
    if any(peer.unknown for peer in peers):
        yield "peer-not-evaluated"
    if any(may_cover(judge.cluster, peer.networks) for peer in peers):
        yield "ipblock-may-cover-pods"


def in_scope(judge: Judge, rule: Rule) -> list[Pod]:
    """The pods that an egress rule can mean: those its peers match."""
    pods = [pod for pod in judge.cluster.pods() if not pod.host]
    if rule.peers is None:
        return pods
    networks = [one for item in rule.peers for one in item.networks]
    return [
        pod
        for pod in pods
        if any(selected(item, pod, "Allow") for item in rule.peers)
        or (judge.by_pods and any(by_address(networks, pod, one) for one in pod.families()))
    ]


def may_cover(cluster: Cluster, networks: tuple[Network, ...]) -> bool:
    """S-54: the networks of one item that meet the pod ranges of a family but do not cover them."""
    if cluster.settings.ipblock_pods == "never":
        return False
    for family in {one.block.family for one in networks}:
        answers = {
            any(one.has(family, address) for one in networks)
            for block in blocks(cluster.settings.pod_ranges)
            if block.family == family
            for address in representatives(block, networks)
        }
        if answers == {True, False}:
            return True
    return False


def same_priority(judge: Judge, unseen: Unseen) -> Iterator[Governing]:
    """S-64: Admin policies of one priority that share a subject; the later in order is named."""
    admins = [one for one in judge.policies if one.tier == "admin"]
    subjects: list[Pod | Somewhere] = [*judge.cluster.pods()]
    subjects += [unseen.known[end] for end in unseen.subjects]
    for index, one in enumerate(admins):
        for other in admins[index + 1 :]:
            if one.order[0] == other.order[0] and any(
                judge.has_subject(one, pod) and judge.has_subject(other, pod) for pod in subjects
            ):
                yield other


def unlabelled(judge: Judge) -> Iterator[str]:
    """S-20: namespaces without an object where some selector asks for another label."""
    selectors = [
        item.spaces
        for policy in judge.policies
        for listed in policy.rules.values()
        for rule in listed
        for item in rule.peers or ()
        if item.spaces is not None
    ]
    selectors += [policy.spaces for policy in judge.policies]
    keys = {one.key for selector in selectors for one in selector}
    if keys - {NAME_LABEL}:
        cluster = judge.cluster
        given = cluster.declared | set(cluster.settings.namespaces)
        yield from sorted(set(cluster.spaces) - given)
