"""Which rule of a side admits a flow that stands (F-4, F-43)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reviewer.base.labels import implies
from reviewer.base.ports import PortSet
from reviewer.engine import (
    Endpoint,
    ExternalEndpoint,
    IngressControllerEndpoint,
    SelectorEndpoint,
    WorkloadEndpoint,
)
from reviewer.manifests import Action, BlockPeer, Direction, Peer, PodPeer, Policy, Rule

from .containment import numbers
from .view import View, single_namespace


def admitting(
    view: View, end: Endpoint, direction: Direction, other: Endpoint, ports: PortSet
) -> Iterator[tuple[Policy, Rule]]:
    """The rules on one side of a workload that admit the other end on some of these ports, by
    place. Ports by name are taken to fit."""
    found = [
        (policy, rule)
        for policy in _selecting(view, end)
        for rule in policy.rules
        if rule.direction is direction
        and rule.action is Action.ALLOW
        and _on(rule, ports)
        and (rule.peers is None or any(_matches(view, peer, other) for peer in rule.peers))
    ]
    yield from sorted(found, key=lambda each: each[1].origin)


def _selecting(view: View, end: Endpoint) -> Iterable[Policy]:
    """The policies that have a workload, or a subject that is not in the manifests (S-88)."""
    if isinstance(end, WorkloadEndpoint):
        return view.selected_by(end.id)
    if not isinstance(end, SelectorEndpoint):
        return ()
    home = single_namespace(end.namespaces) or ""
    asked = (*view.admin, *view.homes.get(home, ()), *view.baseline)
    return (
        policy
        for policy in asked
        if implies(end.namespaces, policy.subject.namespaces)
        and implies(end.pods, policy.subject.pods)
    )


def _on(rule: Rule, ports: PortSet) -> bool:
    return numbers(rule).meets(ports) or any(
        not isinstance(each, PortSet) for each in rule.ports or ()
    )


def _matches(view: View, peer: Peer, other: Endpoint) -> bool:
    match peer, other:
        case BlockPeer(blocks=blocks), ExternalEndpoint(addresses=addresses):
            return any(
                block.family == addresses.family and block.intersection(addresses).spans
                for block in blocks
            )
        case PodPeer(selector=asked), WorkloadEndpoint(id=name):
            return name in view.meant(asked)
        case PodPeer(selector=asked), SelectorEndpoint(namespaces=namespaces, pods=pods):
            return implies(namespaces, asked.namespaces) and implies(pods, asked.pods)
        case PodPeer(), IngressControllerEndpoint():
            return True
        case _:
            return False
