"""Whether a workload can resolve names (F-33)."""

from __future__ import annotations

from reviewer.base import ports as sets
from reviewer.base import spans
from reviewer.base.addresses import AddressSet
from reviewer.base.labels import Requirement, Selector
from reviewer.base.ports import PortSet
from reviewer.cluster import Workload
from reviewer.engine import WorkloadEndpoint
from reviewer.manifests import Action, Direction, PodPeer, Policy, Rule, Tier

from .parts import BROAD
from .sensitivity import narrow
from .view import View

UDP_53 = sets.port_range("UDP", 53, 53)
UDP_5353 = sets.port_range("UDP", 5353, 5353)
_SYSTEM, _OPENSHIFT = "kube-system", "openshift-dns"
SERVED_FROM = frozenset({_SYSTEM, _OPENSHIFT})
"""The namespaces in which name servers run."""

_DNS_NAMES = frozenset({"coredns", "kube-dns"})
_DNS_LABEL = "kube-dns"
_OPENSHIFT_LABEL = "dns.operator.openshift.io/daemonset-dns"


class Resolution:
    """Answers for the workloads of one side."""

    def __init__(self, view: View) -> None:
        self._view = view
        servers = tuple(
            each
            for each in view.by_namespace.get(_SYSTEM, ())
            if each.name in _DNS_NAMES
            or any(pod.labels.get("k8s-app") == _DNS_LABEL for pod in each.pods)
        )
        openshift = tuple(
            each
            for each in view.by_namespace.get(_OPENSHIFT, ())
            if any(pod.labels.get(_OPENSHIFT_LABEL) == "default" for pod in each.pods)
        )
        self._servers = [(each, UDP_53) for each in servers] + [(e, UDP_5353) for e in openshift]
        self._absent = not servers

    def works(self, workload: Workload) -> bool:
        """Whether its egress side alone lets it ask some name server (F-33)."""
        if workload.host_network:
            return True
        reach, out = self._view.reachability, Direction.EGRESS
        if self._view.unrestricted(workload.id, out):
            return True
        for server, port in self._servers:
            if server.id == workload.id:
                return True
            if reach.side_ports(workload.id, out, WorkloadEndpoint(server.id)).meets(port):
                return True
        if self._absent and self._unseen(workload):
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

    def _unseen(self, workload: Workload) -> bool:
        """Whether it may ask a pod of kube-dns that is not in the manifests: a requirement on a
        label that nothing is known of counts as met."""
        policies = [
            policy
            for policy in self._view.selected_by(workload.id)
            if policy.tier is Tier.NAMESPACED and Direction.EGRESS in policy.isolates
        ]
        return not policies or any(self._admits(policy) for policy in policies)

    def _admits(self, policy: Policy) -> bool:
        return any(
            rule.direction is Direction.EGRESS
            and rule.action is Action.ALLOW
            and _on_53(rule)
            and self._to_dns(rule)
            for rule in policy.rules
        )

    def _to_dns(self, rule: Rule) -> bool:
        if rule.peers is None:
            return True
        labels = self._view.labels_of_namespace(_SYSTEM) or {"kubernetes.io/metadata.name": _SYSTEM}
        return any(
            isinstance(peer, PodPeer)
            and peer.selector.namespaces.matches(labels)
            and all(_met(each) for each in peer.selector.pods)
            for peer in rule.peers
        )


def _met(asked: Requirement) -> bool:
    known = {"k8s-app": _DNS_LABEL}
    return asked.key not in known or Selector((asked,)).matches(known)


def _on_53(rule: Rule) -> bool:
    """Whether a rule admits UDP 53; a port by name resolves on pods that nobody sees."""
    if rule.ports is None:
        return True
    return any(not isinstance(port, PortSet) or port.meets(UDP_53) for port in rule.ports)
