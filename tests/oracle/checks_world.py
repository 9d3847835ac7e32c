"""What the oracle of findings stands on: snapshots judged over the same packets, and what is said.

Written from findings.md alone (F-3 to F-5); nothing of the product is used.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from tests.oracle import entries, rows
from tests.oracle import exposure as unseen_pods
from tests.oracle.cluster import Cluster, Pod, Settings, Workload, build
from tests.oracle.policies import EGRESS, INGRESS, PEERS, Governing, Rule
from tests.oracle.verdict import Judge, Outside, Packet, Packets

Files = Mapping[str, str | bytes]
NUMBERS = frozenset({53, 80, 443, 3306, 4222, 5353, 5432, 5672, 6379, 8080, 9100, 9153, 27017})
SYSTEM = frozenset({"kube-system", "kube-public", "kube-node-lease"})


class Said(NamedTuple):
    """One finding, as far as the page determines it.

    `words` are pieces of its message; `workloads` and `fix` are None where they are not compared.
    """

    rule: str
    severity: str
    file: str
    line: int
    words: tuple[str, ...] = ()
    side: str = "head"
    workloads: frozenset[str] | None = None
    fix: str | None = None


Keyed = dict[Any, Said]


@dataclass(slots=True, eq=False)
class World:
    """One snapshot: its judge, the pods that are not in the manifests, all its flows."""

    judge: Judge
    unseen: unseen_pods.Unseen
    flows: rows.FlowMap
    spans: list[rows.Span]
    docs: dict[str, list[Any]] = field(default_factory=dict)

    @property
    def cluster(self) -> Cluster:
        """The snapshot's objects."""
        return self.judge.cluster

    @property
    def workloads(self) -> list[Workload]:
        """All workloads, by id."""
        return sorted(self.cluster.workloads.values(), key=lambda one: one.id)

    def subjects(self, policy: Governing) -> list[Pod]:
        """The pods of the manifests that a policy has as subject."""
        return [pod for pod in self.cluster.pods() if self.judge.has_subject(policy, pod)]

    def stands_unseen(self, policy: Governing) -> bool:
        """S-88: whether pods that are not in the manifests stand for its subject."""
        known = self.unseen.known
        return any(self.judge.has_subject(policy, known[end]) for end in self.unseen.subjects)

    def of_namespace(self, name: str) -> list[Workload]:
        """The workloads of a namespace."""
        return [one for one in self.workloads if one.namespace == name]


@dataclass(slots=True, eq=False)
class Pair:
    """Both sides of a `diff`, and what the policies of base are called on head (F-3)."""

    base: World
    head: World
    renamed: dict[tuple[str, str, str], tuple[str, str, str]]


def ident(policy: Governing) -> tuple[str, str, str]:
    """Kind, namespace and name of a policy."""
    obj = policy.source.obj
    return obj.kind, obj.namespace, obj.name


def named(policy: Governing) -> str:
    """How messages name a policy."""
    obj = policy.source.obj
    return f"{obj.namespace}/{obj.name}" if obj.namespace else obj.name


def place(policy: Governing) -> tuple[str, int]:
    """Where a policy begins."""
    return policy.source.obj.file, policy.source.obj.line


def worlds(
    snapshots: Iterable[Files | Cluster], exposure: str, numbers: Iterable[int] = ()
) -> list[World]:
    """Snapshots that are judged over the same packets and addresses."""
    clusters = [one if isinstance(one, Cluster) else build(one, Settings()) for one in snapshots]
    packets = rows.packets(clusters, entries.numbers(clusters) | NUMBERS | set(numbers))
    spans = rows.spans(clusters)
    judges = [Judge(cluster, packets) for cluster in clusters]
    unseen = unseen_pods.unseen(judges, exposure)
    return [World(judge, unseen, flow_map(judge, unseen, spans), spans) for judge in judges]


def flow_map(judge: Judge, unseen: unseen_pods.Unseen, spans: list[rows.Span]) -> rows.FlowMap:
    """All flows of one side."""
    ends = rows.ends_of(judge.cluster)
    ends |= {end: [unseen.known[end]] for end in unseen.subjects}
    flows = rows.reach(judge, ends, spans)
    entries.add_rows(judge, flows)
    unseen_pods.add_rows(unseen, judge, ends, flows)
    return flows


def with_policies(cluster: Cluster, policies: list[Any]) -> Cluster:
    """A snapshot with other NetworkPolicies."""
    return replace(cluster, policies=policies)


def pair(base: Files, head: Files, exposure: str) -> Pair:
    """Both sides of a `diff`."""
    old, new = worlds([base, head], exposure)
    return Pair(old, new, renames(old, new))


def renames(old: World, new: World) -> dict[tuple[str, str, str], tuple[str, str, str]]:
    """F-3: a policy removed and one added with equal kind, namespace and spec are one."""
    before = {ident(one): one for one in old.judge.policies}
    after = {ident(one): one for one in new.judge.policies}
    added = [key for key in sorted(after) if key not in before]
    found: dict[tuple[str, str, str], tuple[str, str, str]] = {}
    for key in sorted(before.keys() - after.keys()):
        for other in added:
            alike = same_spec(before[key], after[other])
            if key[:2] == other[:2] and alike and other not in found.values():
                found[key] = other
                break
    return found


def same_spec(one: Governing, other: Governing) -> bool:
    """Whether two policies are written alike, the place aside."""
    return bool(frozen(one.source.obj.doc.get("spec")) == frozen(other.source.obj.doc.get("spec")))


def introduced(check: Callable[[World], Keyed], two: Pair) -> list[Said]:
    """F-3: what head has and base has not, by key; a key begins with its policy where it has
    one."""
    before = set()
    for key in check(two.base):
        first = two.renamed.get(key[0], key[0])
        before.add((first, *key[1:]))
    return [said for key, said in check(two.head).items() if key not in before]


class Written(NamedTuple):
    """A rule of a governed direction of a NetworkPolicy, decoded and as written."""

    policy: Governing
    direction: str
    number: int
    rule: Rule
    text: dict[str, Any]

    @property
    def name(self) -> str:
        """`shop/p ingress[0]`."""
        return f"{named(self.policy)} {self.direction}[{self.number}]"

    @property
    def peers(self) -> list[dict[str, Any]]:
        """Its peers as written."""
        found: list[dict[str, Any]] = self.text.get(PEERS[self.direction], [])
        return found

    @property
    def place(self) -> tuple[str, int]:
        """Its file and line."""
        return self.policy.source.obj.file, self.rule.line

    @property
    def key(self) -> tuple[Any, ...]:
        """F-5: the policy and the rule as written, not its index."""
        spec = self.policy.source.obj.doc["spec"]
        return (ident(self.policy), frozen(spec[self.direction][self.number]))


def frozen(value: Any) -> Any:
    """A value as written that can be a key."""
    if isinstance(value, dict):
        return frozenset((key, frozen(one)) for key, one in value.items())
    if isinstance(value, list):
        return tuple(frozen(one) for one in value)
    return (type(value).__name__, value)


def network_policies(world: World) -> list[Governing]:
    """The NetworkPolicies in force, by place."""
    found = [one for one in world.judge.policies if one.tier == "networkpolicy"]
    return sorted(found, key=place)


def written(world: World, *, admin: bool = False) -> Iterator[Written]:
    """The rules of all governed directions of all NetworkPolicies, of admin policies too."""
    policies = sorted(world.judge.policies, key=place) if admin else network_policies(world)
    for policy in policies:
        for direction in (INGRESS, EGRESS):
            listed = policy.source.spec.get(direction, [])
            for index, rule in enumerate(policy.rules.get(direction, ())):
                yield Written(policy, direction, index, rule, listed[index])


def unrestricted(world: World, workload: Workload, direction: str) -> bool:
    """F-14: this side alone allows every workload and every outside address on all ports."""
    everything = frozenset(world.judge.packets)
    for other in world.workloads:
        passed: set[Packet] = set()
        for pod in workload.pods:
            for peer in other.pods:
                target = pod if direction == INGRESS else peer
                for family in pod.families() & peer.families():
                    passed |= world.judge.side(pod, direction, peer, family, target)
        if passed != everything and shared_family(workload, other):
            return False
    return all(
        outside_ports(world, workload, direction, span) == everything for span in world.spans
    )


def shared_family(one: Workload, other: Workload) -> bool:
    """Whether some pods of both have a family in common."""
    return any(pod.families() & peer.families() for pod in one.pods for peer in other.pods)


def outside_ports(world: World, workload: Workload, direction: str, span: rows.Span) -> Packets:
    """What passes between a workload and an outside address on its side (S-25)."""
    found: set[Packet] = set()
    for pod in workload.pods:
        target = pod if direction == INGRESS else None
        found |= world.judge.side(pod, direction, Outside(span[0], span[1]), span[0], target)
    return frozenset(found)


def on_host(workload: Workload) -> bool:
    """Whether all its pods are on the host's network (S-27)."""
    return all(pod.host for pod in workload.pods)
