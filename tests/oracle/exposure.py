"""Endpoints for pods that are not in the manifests (S-84 to S-88)."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.oracle import rows
from tests.oracle.cluster import Pod, blocks
from tests.oracle.policies import EGRESS, INGRESS, Governing, named_space
from tests.oracle.rows import End, Ends, FlowMap
from tests.oracle.selectors import Requirements, implies, text
from tests.oracle.verdict import Judge, Somewhere

NOWHERE: Requirements = frozenset()


@dataclass(slots=True)
class Unseen:
    """Every selector endpoint of a command: the subjects of S-88, the candidates of S-85."""

    known: dict[End, Somewhere] = field(default_factory=dict)
    subjects: set[End] = field(default_factory=set)
    candidates: dict[tuple[End, str], set[End]] = field(default_factory=dict)

    def name(self, spaces: Requirements, pods: Requirements, judge: Judge) -> End:
        """The endpoint of two selectors, which are known from then on."""
        end = End(2, (text(spaces), text(pods)))
        ranges = blocks(judge.cluster.settings.pod_ranges)
        self.known.setdefault(end, Somewhere(spaces, pods, ranges))
        return end

    def broader(self, end: End, other: End) -> bool:
        """Whether one implies another; of two that imply each other the first by text is."""
        if end == other:
            return False
        one, two = self.known[end], self.known[other]
        if not (implies(one.spaces, two.spaces) and implies(one.pods, two.pods)):
            return False
        back = implies(two.spaces, one.spaces) and implies(two.pods, one.pods)
        return not back or other.words < end.words


def is_unseen(policy: Governing, judges: Iterable[Judge], mode: str) -> bool:
    """S-84, S-88: whether the subject of a policy is an endpoint by itself."""
    if policy.tier != "networkpolicy":
        return not any(
            judge.has_subject(policy, pod) for judge in judges for pod in judge.cluster.pods()
        )
    space = policy.source.obj.namespace
    return mode == "always" or not any(
        workload.namespace == space
        for judge in judges
        for workload in judge.cluster.workloads.values()
    )


def unseen(judges: list[Judge], mode: str) -> Unseen:
    """The selector endpoints of one command, of all its sides together (S-88)."""
    found = Unseen()
    if mode == "never":
        return found
    for judge in judges:
        for policy in judge.policies:
            if is_unseen(policy, judges, mode):
                spaces = policy.spaces
                if policy.tier == "networkpolicy":
                    spaces = named_space(policy.source.obj.namespace)
                found.subjects.add(found.name(spaces, policy.pods, judge))
    for judge in judges:
        ends: Ends = {end: [found.known[end]] for end in found.subjects}
        if mode == "always":
            ends |= rows.ends_of(judge.cluster)
        for end, pods in ends.items():
            for direction in (INGRESS, EGRESS):
                listed = found.candidates.setdefault((end, direction), set())
                listed |= candidates(found, judge, pods, direction)
    return found


def candidates(
    found: Unseen, judge: Judge, pods: list[Pod | Somewhere], direction: str
) -> set[End]:
    """S-85: the empty pair and each pair of an item of the NPs of some of these pods."""
    listed = {found.name(NOWHERE, NOWHERE, judge)}
    for pod in pods:
        for policy in judge.governed(pod, direction, "networkpolicy"):
            for rule in policy.rules[direction]:
                for item in rule.peers or ():
                    if item.spaces is not None and item.pods is not None:
                        listed.add(found.name(item.spaces, item.pods, judge))
    return listed


def add_rows(found: Unseen, judge: Judge, ends: Ends, flows: FlowMap) -> None:
    """The ports of each candidate that is not an endpoint itself (S-85, S-88)."""
    for (end, direction), listed in found.candidates.items():
        for candidate in listed - found.subjects:
            peer, ports = found.known[candidate], rows.NOTHING
            for pod in ends.get(end, []):
                target = pod if direction == INGRESS else peer
                for family in pod.families() & peer.families():
                    ports |= judge.side(pod, direction, peer, family, target)
            pair = (candidate, end) if direction == INGRESS else (end, candidate)
            flows.pairs[pair] = ports


def visible(found: Unseen, flows: FlowMap) -> FlowMap:
    """Without the rows that a row with a broader selector says already (S-87, S-88)."""
    selectors = found.known
    result = FlowMap()
    for pair, ports in flows.pairs.items():
        others = [
            other
            for side in (0, 1)
            if pair[side] in selectors
            for other in broader_rows(found, pair, side)
        ]
        if not any(ports <= flows.pairs.get(other, rows.NOTHING) for other in others):
            result.pairs[pair] = ports
    for (end, direction, span), ports in flows.outside.items():
        if end in selectors and any(
            ports <= flows.outside.get((other, direction, span), rows.NOTHING)
            for other in found.subjects
            if found.broader(end, other)
        ):
            continue
        result.outside[end, direction, span] = ports
    return result


def broader_rows(found: Unseen, pair: tuple[End, End], side: int) -> list[tuple[End, End]]:
    """The pairs with a broader selector at one side that may stand for this one."""
    end, rest = pair[side], pair[1 - side]
    direction = INGRESS if side == 0 else EGRESS
    among = found.candidates.get((rest, direction), set())
    if end in found.subjects:
        among = among | found.subjects
    return [
        (other, rest) if side == 0 else (rest, other)
        for other in among
        if found.broader(end, other)
    ]
