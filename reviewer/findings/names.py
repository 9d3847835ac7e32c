"""Whether a workload can resolve names (F-33)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from reviewer.base import ports as sets
from reviewer.base import spans
from reviewer.base.addresses import FAMILIES, AddressSet, union
from reviewer.base.labels import NAMESPACE_NAME, Requirement, Selector
from reviewer.base.ports import PortSet
from reviewer.cluster import Workload
from reviewer.engine import WorkloadEndpoint
from reviewer.manifests import (
    Action,
    BlockPeer,
    Direction,
    NamedPort,
    PodPeer,
    Policy,
    Rule,
    Tier,
)

from .parts import BROAD
from .sensitivity import narrow
from .view import View

UDP_53 = sets.port_range("UDP", 53, 53)
UDP_5353 = sets.port_range("UDP", 5353, 5353)


class Server(NamedTuple):
    """Name servers: their namespace, the label of their pods, the port that they listen on."""

    namespace: str
    label: tuple[str, str]
    port: PortSet
    names: frozenset[str] = frozenset()

    def is_one(self, workload: Workload) -> bool:
        """Whether a workload of that namespace is such a server."""
        key, value = self.label
        return workload.name in self.names or any(
            pod.labels.get(key) == value for pod in workload.pods
        )

    def fits(self, asked: Requirement, action: Action) -> bool:
        """Whether a pod that nobody sees meets a requirement. What nothing is known of counts as
        met, but not where that would deny: nobody is told of a loss that is not certain."""
        if asked.key == self.label[0]:
            return Selector((asked,)).matches(dict((self.label,)))
        return action is Action.ALLOW


SERVERS = (
    Server("kube-system", ("k8s-app", "kube-dns"), UDP_53, frozenset({"coredns", "kube-dns"})),
    Server("openshift-dns", ("dns.operator.openshift.io/daemonset-dns", "default"), UDP_5353),
)
SERVED_FROM = frozenset(each.namespace for each in SERVERS)
"""The namespaces in which name servers run."""


class Resolution:
    """Answers for the workloads of one side."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._seen: list[tuple[Workload, PortSet]] = []
        self._unseen: list[Server] = []
        for server in SERVERS:
            here = [w for w in view.by_namespace.get(server.namespace, ()) if server.is_one(w)]
            self._seen += [(each, server.port) for each in here]
            if not here:
                self._unseen.append(server)

    def works(self, workload: Workload) -> bool:
        """Whether its egress side alone lets it ask some name server (F-33)."""
        if workload.host_network:
            return True
        reach, out = self._view.reachability, Direction.EGRESS
        if self._view.unrestricted(workload.id, out):
            return True
        for server, port in self._seen:
            if server.id == workload.id:
                return True
            if reach.side_ports(workload.id, out, WorkloadEndpoint(server.id)).meets(port):
                return True
        if any(self._asks(workload, server) for server in self._unseen):
            return True
        return any(
            ports.meets(UDP_53) and self._is_resolver(addresses, ports)
            for addresses, ports in reach.outside(workload.id, out)
        )

    def _is_resolver(self, addresses: AddressSet, ports: PortSet) -> bool:
        """Whether these outside addresses may be a resolver: port 53 was meant, or they are not
        just a few public addresses with every port, such as a mail relay's."""
        if narrow(ports).meets(UDP_53):
            return True
        public = self._view.public(addresses)
        return public != addresses or spans.size(public.spans) > BROAD[public.family]

    def _asks(self, workload: Workload, server: Server) -> bool:
        """Whether its side, tier by tier (S-52), lets it ask a server that is not in the manifests:
        a requirement on a label that nothing is known of counts as met."""
        policies = self._view.selected_by(workload.id)
        first = self._first(policies, Tier.ADMIN, server)
        if first in (Action.ALLOW, Action.DENY):
            return first is Action.ALLOW
        if any(p.tier is Tier.NAMESPACED and Direction.EGRESS in p.isolates for p in policies):
            return self._first(policies, Tier.NAMESPACED, server) is Action.ALLOW
        return self._first(policies, Tier.BASELINE, server) is not Action.DENY

    def _first(self, policies: Iterable[Policy], tier: Tier, server: Server) -> Action | None:
        """What the first rule of a tier that matches such a pod says; None where none does."""
        return next(
            (
                rule.action
                for policy in policies
                if policy.tier is tier
                for rule in policy.rules
                if rule.direction is Direction.EGRESS
                and _admits(rule, server.port)
                and self._means(rule, server)
            ),
            None,
        )

    def _means(self, rule: Rule, server: Server) -> bool:
        if rule.peers is None:
            return True
        name = server.namespace
        labels = self._view.labels_of_namespace(name) or {NAMESPACE_NAME: name}
        return self._by_address(rule) or any(
            isinstance(peer, PodPeer)
            and peer.selector.namespaces.matches(labels)
            and all(server.fits(each, rule.action) for each in peer.selector.pods)
            for peer in rule.peers
        )

    def _by_address(self, rule: Rule) -> bool:
        """Whether the blocks of a rule hold every address that the pod may have (S-28, S-54)."""
        settings = self._view.cluster.settings
        blocks = [
            b for peer in rule.peers or () if isinstance(peer, BlockPeer) for b in peer.blocks
        ]
        if not blocks or not settings.blocks_match_pods:
            return False
        return any(
            ranges and spans.covers(union(family, blocks).spans, ranges)
            for family in FAMILIES
            if (ranges := union(family, settings.pod_ranges).spans)
        )


def _admits(rule: Rule, asked: PortSet) -> bool:
    """Whether a rule has a port; a name of that protocol resolves on pods that nobody sees."""
    if rule.ports is None:
        return True
    [(protocol, _, _)] = asked.ranges()
    return any(
        port.protocol in (None, protocol) if isinstance(port, NamedPort) else port.meets(asked)
        for port in rule.ports
    )
