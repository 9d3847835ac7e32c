"""What only the whole snapshot can tell of its policies and entries (section 8): selectors that
meet nothing, ports nobody names, backends that lead nowhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reviewer.base.addresses import FAMILIES, union
from reviewer.base.diagnostics import Diagnostic, diagnostic
from reviewer.base.documents import Origin
from reviewer.base.labels import NAMESPACE_NAME, UNKNOWN, Selector
from reviewer.base.spans import covers, meets
from reviewer.manifests import (
    BlockPeer,
    Direction,
    DomainPeer,
    NamedPort,
    NodePeer,
    PodPeer,
    PodSelector,
    Policy,
    Rule,
)

from .bits import ones
from .equal_priority import ties
from .reachability import Reachability
from .types import SelectorEndpoint, WorkloadEndpoint


def notices(reachability: Reachability) -> tuple[Diagnostic, ...]:
    """Every diagnostic of one side that its text alone does not show, each once.

    O(policies × host-network pods of their namespace + selected pods of rules with named ports).
    """
    found = [
        *_Policies(reachability).notices(),
        *_same_priority(reachability),
        *_unlabelled(reachability),
        *_backends(reachability),
    ]
    return tuple(dict.fromkeys(found))


class _Policies:
    def __init__(self, reachability: Reachability) -> None:
        self._reachability = reachability
        self._side = reachability.side
        self._universe = reachability.universe
        self._present = self._universe.present[reachability.number]
        self._unnameable = self._unknown_keys()
        self._hosts: dict[str, list[int]] = {}
        for column in ones(self._universe.host & self._present):
            self._hosts.setdefault(self._universe.columns[column].namespace, []).append(column)
        settings = self._universe.settings
        self._ranges = [union(f, settings.pod_ranges).spans for f in FAMILIES]

    def _unknown_keys(self) -> frozenset[str]:
        """The label keys that are `?` on some pod (S-24, S-32)."""
        return frozenset(
            key
            for column in ones(self._present & self._universe.pods)
            if (pod := self._universe.columns[column].pod) is not None
            for key, value in pod.labels.items()
            if value == UNKNOWN
        )

    def notices(self) -> Iterator[Diagnostic]:
        for policy in self._reachability.cluster.policies:
            yield from self._subject(policy)
            for selector, origin in _pod_selectors(policy):
                for key in sorted({each.key for each in selector} & self._unnameable):
                    yield _said(
                        policy,
                        "controller-label",
                        f"{key} is set by a controller and no manifest can know its value",
                        origin,
                    )
            for rule in policy.rules:
                yield from self._rule(policy, rule)

    def _subject(self, policy: Policy) -> Iterator[Diagnostic]:
        hosts = [c for c in self._near_hosts(policy.subject) if self._would_select(policy, c)]
        if hosts:
            name = self._universe.ends[self._universe.columns[hosts[0]].end]
            assert isinstance(name, WorkloadEndpoint), "only pods of manifests are on the host"
            yield _said(
                policy,
                "host-network-selected",
                f"selects {name.id}, whose pods use the host network: no policy applies to them",
            )
            return
        if SelectorEndpoint(*policy.subject) in self._universe.end_index:
            return
        if not self._side.subject(policy) & self._present:
            yield _said(policy, "policy-selects-nothing", "selects no pod of the manifests")

    def _near_hosts(self, subject: PodSelector) -> Sequence[int]:
        """The host-network pods that the subject's namespaces may hold."""
        if not self._hosts:
            return ()
        return [
            column
            for name in self._side.compiler.selection.namespaces(subject.namespaces)
            for column in self._hosts.get(name, ())
        ]

    def _would_select(self, policy: Policy, column: int) -> bool:
        pod = self._universe.columns[column].pod
        return pod is not None and policy.subject.pods.matches(pod.labels)

    def _rule(self, policy: Policy, rule: Rule) -> Iterator[Diagnostic]:
        for port in rule.ports or ():
            if isinstance(port, NamedPort) and self._unresolved(policy, rule, port):
                yield _said(
                    policy,
                    "named-port-unresolved",
                    f"{rule.name} names port {port.name!r}, which no pod in its scope has",
                    rule.origin,
                )
        for peer in rule.peers or ():
            match peer:
                case NodePeer() | DomainPeer():
                    what = "nodes" if isinstance(peer, NodePeer) else "domainNames"
                    yield _said(
                        policy,
                        "peer-not-evaluated",
                        f"{rule.name}: what {what} means cannot be told from manifests",
                        rule.origin,
                    )
                case BlockPeer() if self._may_cover(peer):
                    yield _said(
                        policy,
                        "ipblock-may-cover-pods",
                        f"{rule.name}: {', '.join(peer.written)} meets the pod ranges without "
                        "covering them, so no pod is taken to be meant",
                        rule.origin,
                    )
                case _:
                    pass

    def _may_cover(self, peer: BlockPeer) -> bool:
        if not self._universe.settings.blocks_match_pods:
            return False
        return any(
            ranges and meets(spans, ranges) and not covers(spans, ranges)
            for family, ranges in zip(FAMILIES, self._ranges, strict=True)
            if (spans := union(family, peer.blocks).spans)
        )

    def _unresolved(self, policy: Policy, rule: Rule, port: NamedPort) -> bool:
        scope = self._scope(policy, rule) & self._universe.pods & ~self._universe.host
        columns = ones(scope & self._present)
        return bool(columns) and not any(
            name == port.name and port.protocol in (None, protocol)
            for column in columns
            for name, _, protocol in self._universe.ports_of(column)
        )

    def _scope(self, policy: Policy, rule: Rule) -> int:
        if rule.direction is Direction.INGRESS:
            return self._side.subject(policy)
        return self._side.meant(rule)


def _pod_selectors(policy: Policy) -> Iterator[tuple[Selector, Origin]]:
    yield policy.subject.pods, policy.origin
    for rule in policy.rules:
        for peer in rule.peers or ():
            if isinstance(peer, PodPeer):
                yield peer.selector.pods, rule.origin


def _said(policy: Policy, code: str, message: str, origin: Origin | None = None) -> Diagnostic:
    place = origin or policy.origin
    return diagnostic(code, message, place.file, place.line, str(policy.ref))


def _same_priority(reachability: Reachability) -> Iterator[Diagnostic]:
    """Admin policies whose order the API leaves open (S-64)."""
    for first, policy in ties(reachability):
        yield _said(
            policy,
            "same-priority",
            f"has priority {policy.priority} like {first.ref}, which is asked first here; "
            "the order is undefined",
        )


def _unlabelled(reachability: Reachability) -> Iterator[Diagnostic]:
    """Namespaces without an object, where some selector asks for a label of theirs (S-20)."""
    place = _asks_namespaces(reachability.cluster.policies)
    if place is None:
        return
    settings = reachability.cluster.settings
    for name, namespace in reachability.cluster.namespaces.items():
        if namespace.origin is None and name not in settings.namespaces:
            yield diagnostic(
                "namespace-labels-unknown",
                f"no Namespace object of {name} is in the manifests: a selector that asks for its "
                "labels finds only kubernetes.io/metadata.name",
                place.file,
                place.line,
                f"Namespace {name}",
            )


def _asks_namespaces(policies: Sequence[Policy]) -> Origin | None:
    """The first place where a namespace selector asks for more than the name."""
    found = [
        origin
        for policy in policies
        for selector, origin in _namespace_selectors(policy)
        if any(each.key != NAMESPACE_NAME for each in selector)
    ]
    return min(found, default=None)


def _namespace_selectors(policy: Policy) -> Iterator[tuple[Selector, Origin]]:
    yield policy.subject.namespaces, policy.origin
    for rule in policy.rules:
        for peer in rule.peers or ():
            if isinstance(peer, PodPeer):
                yield peer.selector.namespaces, rule.origin


def _backends(reachability: Reachability) -> Iterator[Diagnostic]:
    """Entries that lead nowhere, or to pods that do not let the controller in (S-83)."""
    if not reachability.cluster.entries:
        return
    for lost in reachability.ways.unresolved:
        yield diagnostic("backend-unresolved", lost.reason, *lost.origin, str(lost.entry))
    for way in reachability.ways.ways:
        led: dict[int, bool] = {}
        for column, ports in way.ports.items():
            end = reachability.universe.columns[column].end
            open_ = bool(ports & reachability.admitted_controller(column))
            led[end] = led.get(end, False) or open_
        for end in sorted(end for end, open_ in led.items() if not open_):
            name = reachability.universe.ends[end]
            assert isinstance(name, WorkloadEndpoint), "ways lead to workloads"
            yield diagnostic(
                "backend-blocked",
                f"leads to {name.id} through Service {way.service}, whose policies do not let the "
                "ingress controller in",
                *way.origin,
                str(way.entry),
            )
