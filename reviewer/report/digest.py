"""What every format asks of a review, worked out once: names, groups, named causes, alerts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from reviewer.base.diagnostics import Diagnostic, Level, once_of_both_sides
from reviewer.base.documents import Origin
from reviewer.base.ports import PortSet
from reviewer.base.values import replace
from reviewer.cluster import Workload
from reviewer.delta import Cause, Change, FlowChange, PolicyChange, Side
from reviewer.engine import Endpoint, WorkloadEndpoint
from reviewer.findings import Finding, Severity
from reviewer.manifests import Action, Policy, Tier

from .groups import Group, Nature, nature, opened_groups
from .phrases import Happened, happened
from .types import Review
from .words import Names, namespace_of

LIKELY_OUTAGE = (
    "dns-lost",
    "ingress-backend-blocked",
    "service-unreachable",
    "monitoring-path-lost",
)
"""The checks whose findings rise to the alert (G-22), in the order of findings.md section 4."""

ROW_CHECKS = frozenset(
    "new-workload-not-isolated policy-deleted-opens lost-isolation metadata-service-reachable "
    "admin-port-open world-ingress sensitive-open ingress-exposed private-range-open "
    "cross-namespace-open world-egress".split()
)
"""Checks whose findings speak for rows: the table says what they say, unless they are graver than
all of these (P-17)."""

Key = tuple[str, str]
"""Kind and `NAMESPACE/NAME` of an object."""


class Named(NamedTuple):
    """The one cause that is named, how many other objects are behind the same rows, and what
    happened to it (P-7)."""

    cause: Cause
    others: int
    happened: Happened


class Pair(NamedTuple):
    """Closed rows of one pair of namespaces; "" is outside the cluster or unknown.

    `outage` is the finding that speaks for them, if one does.
    """

    sources: tuple[Endpoint, ...]
    destinations: tuple[Endpoint, ...]
    rows: tuple[int, ...]
    named: Named
    outage: Finding | None
    others: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """One review, ready to be told.

    `outages` are findings for the alert, gravest first; `pairs` closed rows by pair of namespaces.
    """

    review: Review
    names: Names
    opened: tuple[Group, ...]
    changes: Mapping[Key, PolicyChange]
    policies: Mapping[Side, Mapping[Key, Policy]]
    outages: tuple[Finding, ...]
    pairs: tuple[Pair, ...] = ()
    _known: dict[int, Named] = field(default_factory=dict, repr=False, compare=False)

    def named(self, rows: Iterable[FlowChange]) -> Named:
        """The cause to name for these rows (P-7)."""
        weight: Counter[Cause] = Counter()
        seen: Counter[int] = Counter()
        tuples: dict[int, tuple[Cause, ...]] = {}
        for row in rows:
            seen[id(row.because)] += 1
            tuples[id(row.because)] = row.because
        for key, times in seen.items():
            for cause in tuples[key]:
                weight[cause] += times
        first = min(weight, key=lambda each: (not self.seals(each), -weight[each], _place(each)))
        objects = {(each.kind, each.object) for each in weight}
        return Named(first, len(objects) - 1, happened(first, self.changes))

    def of_group(self, group: Group) -> Named:
        """The cause to name for one group of opened rows."""
        return self.of_row(self.review.delta.opened[group.rows[0]])

    def of_row(self, row: FlowChange) -> Named:
        """The cause to name for one row."""
        # NOTE: rows share their tuples of causes, so there are few and each is weighed once.
        found = self._known.get(id(row.because))
        if found is None:
            found = self._known[id(row.because)] = self.named([row])
        return found

    def policy_at(self, origin: Origin, side: Side) -> Policy | None:
        """The policy that a place is inside of."""
        above = [
            each
            for each in self.policies[side].values()
            if each.origin.file == origin.file and each.origin.line <= origin.line
        ]
        return max(above, key=lambda each: each.origin.line, default=None)

    def seals(self, cause: Cause) -> bool:
        """Whether the cause is a policy that isolates and allows nothing."""
        policy = self.policies[cause.side].get((cause.kind, cause.object)) if cause.policy else None
        if policy is None or not (policy.isolates or policy.tier is not Tier.NAMESPACED):
            return False
        return all(rule.action is Action.DENY for rule in policy.rules)

    def fails(self, severity: Severity) -> bool:
        """Whether a severity is at or above `fail-on`; `info` never is (F-1)."""
        word = self.review.gate_word
        return (
            severity is not Severity.INFO and word != "never" and severity <= Severity[word.upper()]
        )

    def accepted(self, index: int) -> bool:
        """Whether this opened row was accepted."""
        return index in self.review.verdict.accepted_rows

    def by_severity(self) -> dict[Severity, int]:
        """How many opened rows of each severity, gravest first."""
        counts = Counter(grade.severity for grade in self.review.grades)
        return {each: counts[each] for each in Severity if counts[each]}

    def notes(self) -> tuple[Finding, ...]:
        """Findings that the table does not speak of and that are not in the alert (P-17)."""
        shown = {each.id for each in self.alert_findings()}
        idle = "policy-without-effect" if self.nothing_moves() else ""
        return tuple(
            each
            for each in self.review.findings
            if (each.rule not in ROW_CHECKS or self.outweighs(each))
            and each.id not in shown
            and each.rule != idle
        )

    def outweighing(self) -> tuple[Finding, ...]:
        """Findings of medium or above that are graver than the rows they speak for."""
        return tuple(
            each
            for each in self.review.findings
            if each.severity <= Severity.MEDIUM and self.outweighs(each)
        )

    def outweighs(self, finding: Finding) -> bool:
        """Whether a finding that speaks for rows is graver than each of them: a new workload that
        nothing isolates, whose rows are low (C1)."""
        grades = self.review.grades
        return finding.rule in ROW_CHECKS and all(
            finding.severity < grades[at].severity for at in finding.flows
        )

    def nothing_moves(self) -> bool:
        """Whether no flow was opened or closed."""
        return not self.review.delta.opened and not self.review.delta.closed

    def alert_findings(self) -> tuple[Finding, ...]:
        """The outage findings of the alert, at most three; after `dns-lost` directly a
        `peer-selects-nothing` of a rule that admits port 53 (P-14)."""
        room = 2 if self.review.verdict.failed else 3
        return tuple(self._outage_lines())[:room]

    def _outage_lines(self) -> Iterator[Finding]:
        dns = self.idle_dns_peer()
        for each in self.outages:
            yield each
            if each.rule == "dns-lost" and dns is not None:
                yield dns
                dns = None

    def idle_dns_peer(self) -> Finding | None:
        """A `peer-selects-nothing` of a rule that admits port 53."""
        for each in self.review.findings:
            if each.rule == "peer-selects-nothing" and self._admits_dns(each):
                return each
        return None

    def _admits_dns(self, finding: Finding) -> bool:
        policy = self.policy_at(finding.origin, Side.HEAD) if finding.origin else None
        named = (
            [each for each in policy.rules if each.name == finding.arguments["rule"]]
            if policy
            else []
        )
        ports = named[0].ports if named else ()
        return any(isinstance(each, PortSet) and each.holds("UDP", 53) for each in ports or ())

    def errors(self) -> tuple[Diagnostic, ...]:
        """Everything that could not be read; those in files of the change alone, if there are."""
        return self.unread() or self.every_error()

    def every_error(self) -> tuple[Diagnostic, ...]:
        """Everything that could not be read, files of the change first."""
        said = once_of_both_sides(self.review.diagnostics)
        errors = [each for each in said if each.level is Level.ERROR]
        return tuple(sorted(errors, key=lambda each: each.file not in self.review.changed))

    def unread(self) -> tuple[Diagnostic, ...]:
        """Errors in files that this change touches."""
        return tuple(
            each
            for each in once_of_both_sides(self.review.diagnostics)
            if each.level is Level.ERROR and each.file in self.review.changed
        )


def _place(cause: Cause) -> tuple[str, str, str]:
    return (cause.object, cause.kind, cause.rule or "")


def digest(review: Review) -> Digest:
    """Work out what every format asks of a review. O(rows)."""
    told = Digest(
        review=review,
        names=Names(_ids(review)),
        opened=opened_groups(review.delta.opened, review.grades),
        changes={
            (each.policy.ref.kind, each.policy.ref.path): each for each in review.delta.policies
        },
        policies={
            Side.BASE: _by_name(review.base.cluster.policies),
            Side.HEAD: _by_name(review.head.cluster.policies),
        },
        outages=tuple(each for each in review.findings if each.rule in LIKELY_OUTAGE),
    )
    return replace(told, pairs=closed_pairs(told))


def _by_name(policies: Iterable[Policy]) -> dict[Key, Policy]:
    return {(each.ref.kind, each.ref.path): each for each in policies}


def _ids(review: Review) -> Iterator[str]:
    """The ids of all workloads that a report of this review may name."""
    delta = review.delta
    for row in (*delta.opened, *delta.closed):
        for end in (row.source, row.destination):
            if isinstance(end, WorkloadEndpoint):
                yield end.id
    for finding in review.findings:
        yield from finding.workloads
    for path in review.paths:
        yield from path.via
    changed = delta.workloads
    yield from (*changed.added, *changed.removed, *changed.relabelled)


def outage_rows(told: Digest, finding: Finding) -> tuple[int, ...]:
    """The closed rows that an outage finding speaks of.

    For lost name resolution they are those of its workloads to a name server on UDP 53, or where
    there is none to outside addresses (F-33); for the others the row it points at.
    """
    rows = told.review.delta.closed
    if finding.rule != "dns-lost":
        return () if finding.closed_flow is None else (finding.closed_flow,)
    victims = {WorkloadEndpoint(each) for each in finding.workloads}
    servers = _name_servers(told.review.head.cluster.workloads)
    asked = [at for at, row in enumerate(rows) if row.source in victims and _is_dns(row)]
    inside = tuple(at for at in asked if rows[at].destination in servers)
    return inside or tuple(at for at in asked if nature(rows[at].destination) is Nature.OUTSIDE)


def _is_dns(row: FlowChange) -> bool:
    return row.ports.holds("UDP", 53)


def _name_servers(workloads: Iterable[Workload]) -> frozenset[Endpoint]:
    """The workloads of kube-system that answer names, as F-33 knows them."""
    return frozenset(
        WorkloadEndpoint(each.id)
        for each in workloads
        if each.namespace == "kube-system"
        and (each.name in _SERVER_NAMES or each.labels.get("k8s-app") == "kube-dns")
    )


_SERVER_NAMES = frozenset({"coredns", "kube-dns"})


def closed_pairs(told: Digest) -> tuple[Pair, ...]:
    """Closed rows by pair of namespaces: outage rows first, then most first (P-17)."""
    rows = told.review.delta.closed
    taken: set[int] = set()
    pairs: list[Pair] = []
    for finding in told.outages:
        mine = tuple(i for i in outage_rows(told, finding) if i not in taken)
        if mine:
            taken.update(mine)
            pairs.append(_pair(told, mine, finding, others=False))
    touched = {namespace_of(rows[i].destination) for i in taken}
    left: dict[tuple[object, ...], list[int]] = {}
    for index, row in enumerate(rows):
        if index not in taken:
            left.setdefault((_space(row.source), _space(row.destination)), []).append(index)
    cut = {(_space(rows[i].source), _space(rows[i].destination)) for i in taken}
    plain = [
        _pair(told, tuple(mine), None, others=key in cut and bool(touched))
        for key, mine in left.items()
    ]
    return (*pairs, *sorted(plain, key=lambda each: (-len(each.rows), _pair_place(each))))


def _space(end: Endpoint) -> tuple[int, str]:
    """What stands for the namespace of an end in a pair; the first number sorts outside last."""
    kind = nature(end)
    if kind is Nature.WORKLOAD:
        return (0, namespace_of(end) or "")
    return (1 + kind, namespace_of(end) or "")


def _pair_place(pair: Pair) -> tuple[object, ...]:
    return (_space(pair.sources[0]), _space(pair.destinations[0]))


def _pair(told: Digest, mine: tuple[int, ...], outage: Finding | None, *, others: bool) -> Pair:
    rows = [told.review.delta.closed[index] for index in mine]
    return Pair(
        sources=tuple(dict.fromkeys(row.source for row in rows)),
        destinations=tuple(dict.fromkeys(row.destination for row in rows)),
        rows=mine,
        named=told.named(rows),
        outage=outage,
        others=others,
    )


def changes_by(told: Digest, change: Change) -> list[PolicyChange]:
    """Policies that were added, removed or modified, in the delta's order."""
    return [each for each in told.review.delta.policies if each.change is change]
