"""From objects to a cluster: workloads by owner, the pods each stands for, namespaces (S-20 to
S-28)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from reviewer.base.diagnostics import Diagnostic, diagnostic
from reviewer.base.documents import Origin
from reviewer.base.labels import NAMESPACE_NAME, Labels, Operator, Selector, requirement
from reviewer.manifests import (
    Manifests,
    PodFacts,
    PodPeer,
    Policy,
    Tier,
    WorkloadObject,
)

from .controllers import Named, added_labels, is_stateful, ordinal_labels
from .owners import Home, Owners
from .types import Cluster, Namespace, Pod, Settings, Workload

_KIND_ORDER = {"AdminNetworkPolicy": 0, "ClusterNetworkPolicy": 1, "BaselineAdminNetworkPolicy": 2}


Known = dict[tuple[int, ...], Workload]
"""Workloads by the objects they were made of, which whoever holds this keeps alive."""


def assemble(
    manifests: Manifests, settings: Settings | None = None, known: Known | None = None
) -> Cluster:
    """What these objects would run. O(objects + pods that policies can tell apart).

    Two sides that are handed one `known` share the workloads that are made of the same objects.
    """
    settings = settings or Settings()
    policies = tuple(sorted(manifests.policies, key=asked_order))
    workloads = _workloads(manifests, {} if known is None else known)
    return Cluster(
        workloads=workloads,
        namespaces=_namespaces(manifests, workloads, settings),
        policies=policies,
        services=manifests.services,
        entries=manifests.entries,
        grants=manifests.grants,
        settings=settings,
        diagnostics=(*_empty(manifests, workloads), *_unused(manifests, settings)),
    )


def asked_order(policy: Policy) -> tuple[int, int, int, str, str]:
    """Sort key: tier, priority, then kind and name (S-64, S-65: CNPs before the BANP)."""
    kind = _KIND_ORDER.get(policy.ref.kind, 0)
    if policy.tier is Tier.BASELINE and policy.ref.kind == "BaselineAdminNetworkPolicy":
        return policy.tier, 1 << 32, kind, policy.ref.namespace, policy.ref.name
    return policy.tier, policy.priority, kind, policy.ref.namespace, policy.ref.name


def _empty(manifests: Manifests, workloads: tuple[Workload, ...]) -> Iterator[Diagnostic]:
    if not workloads:
        yield diagnostic("no-workloads", "no workload is in the manifests")
    if not manifests.policies:
        yield diagnostic("no-policies", "no policy of any kind is in the manifests")


def _selectors(manifests: Manifests) -> Iterator[Selector]:
    """Every pod selector in which an ordinal can be named: of policies and of Services."""
    for policy in manifests.policies:
        yield policy.subject.pods
        for rule in policy.rules:
            for peer in rule.peers or ():
                if isinstance(peer, PodPeer):
                    yield peer.selector.pods
    for service in manifests.services:
        if service.selector:
            yield Selector(
                requirement(key, Operator.IN, (value,)) for key, value in service.selector.items()
            )


def _workloads(manifests: Manifests, known: Known) -> tuple[Workload, ...]:
    owners = Owners(manifests.workloads)
    named = Named(_selectors(manifests))
    members: dict[str, tuple[Home, list[WorkloadObject]]] = {}
    for item in manifests.workloads:
        home = owners.home(item)
        members.setdefault(home.id, (home, []))[1].append(item)
    return tuple(_shared(*members[id], named, known) for id in sorted(members))


def _shared(home: Home, items: list[WorkloadObject], named: Named, known: Known) -> Workload:
    """The workload, made once; which ordinals are told apart is each side's own."""
    if any(map(is_stateful, items)):
        return _workload(home, items, named)
    key = tuple(map(id, items))
    made = known.get(key)
    if made is None:
        made = known[key] = _workload(home, items, named)
    return made


def _workload(home: Home, items: list[WorkloadObject], named: Named) -> Workload:
    own = [item for item in items if (item.ref.kind, item.ref.name) == (home.kind, home.name)]
    first = (own or items)[0]
    pods = tuple(pod for item in items for pod in _pods(item, item in own, named))
    if len(pods) > 1:
        pods = _distinct(pods)
    facts = [item.pod for item in items]
    return Workload(
        id=home.id,
        namespace=home.namespace,
        name=home.name,
        kind=home.kind,
        labels=_alike([item.pod for item in own] if own else facts),
        pods=pods,
        origin=first.origin,
        objects=tuple(item.ref for item in items),
        declared=facts[0].ports if len(facts) == 1 else _merged(facts, "ports"),
        images=facts[0].images if len(facts) == 1 else _merged(facts, "images"),
        references=facts[0].references if len(facts) == 1 else _merged(facts, "references"),
        scrape=next((each.scrape for each in facts if each.scrape), ""),
    )


def _pods(item: WorkloadObject, own: bool, named: Named) -> Iterator[Pod]:
    """The pods of one object that policies may tell apart; labels are added to its own only."""
    facts = item.pod
    if not own:
        yield Pod(facts.labels, facts.ports, facts.host_network, facts.addresses)
        return
    added = added_labels(item)
    labels: Labels = {**facts.labels, **added} if added else facts.labels
    if not is_stateful(item):
        yield Pod(labels, facts.ports, facts.host_network, facts.addresses)
        return
    for ordinal in named.ordinals(item):
        numbered = {**labels, **ordinal_labels(item, ordinal)}
        yield Pod(numbered, facts.ports, facts.host_network, facts.addresses)


def _distinct(pods: tuple[Pod, ...]) -> tuple[Pod, ...]:
    """Alike pods counted once, in the order first met."""
    seen: dict[object, Pod] = {}
    for pod in pods:
        key = (tuple(sorted(pod.labels.items())), pod.ports, pod.host_network, pod.addresses)
        seen.setdefault(key, pod)
    return tuple(seen.values())


def _alike(facts: list[PodFacts]) -> Labels:
    """The labels that all of these templates have alike (S-25)."""
    if len(facts) == 1:
        return facts[0].labels
    common = set(facts[0].labels.items())
    for each in facts[1:]:
        common &= set(each.labels.items())
    return dict(sorted(common))


def _merged(facts: list[PodFacts], field: str) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(value for each in facts for value in getattr(each, field)))


def _unused(manifests: Manifests, settings: Settings) -> Iterator[Diagnostic]:
    """Labels of the configuration for a namespace that is written: the written ones hold."""
    for item in manifests.namespaces:
        if item.ref.name in settings.namespaces:
            yield diagnostic(
                "namespace-labels-unused",
                "its labels here hold; those that the configuration gives it are not used",
                item.origin.file,
                item.origin.line,
                str(item.ref),
            )


def _namespaces(
    manifests: Manifests, workloads: tuple[Workload, ...], settings: Settings
) -> Mapping[str, Namespace]:
    """Every namespace that an object is in or names, by name in order (S-20)."""
    written: dict[str, tuple[Mapping[str, str], Origin | None]] = {
        name: (labels, None) for name, labels in settings.namespaces.items()
    }
    for item in manifests.namespaces:
        written[item.ref.name] = (item.labels, item.origin)
    names = {each.ref.namespace for each in manifests.objects() if each.ref.namespace}
    names |= {each.namespace for each in workloads} | set(written)
    result: dict[str, Namespace] = {}
    for name in sorted(names):
        labels, origin = written.get(name, ({}, None))
        result[name] = Namespace(name=name, labels={**labels, NAMESPACE_NAME: name}, origin=origin)
    return result
