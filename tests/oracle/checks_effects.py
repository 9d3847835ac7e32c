"""policy-without-effect (findings.md section 4), by taking the policy away and looking again."""

from tests.oracle import exposure as unseen_pods
from tests.oracle import rows
from tests.oracle.checks_world import (
    Files,
    Said,
    World,
    ident,
    named,
    network_policies,
    pair,
    place,
    renames,
    same_spec,
    with_policies,
    worlds,
)
from tests.oracle.cluster import Settings, build


def printed(world: World) -> list[rows.Row]:
    """The rows of a side."""
    return rows.rows(unseen_pods.visible(world.unseen, world.flows))


def without_effect(base: Files, head: Files, exposure: str) -> list[Said]:
    """A policy added or changed; head without it, or with base's, has the same flows."""
    two = pair(base, head, exposure)
    old = {ident(one): one for one in network_policies(two.base)}
    renamed = set(renames(two.base, two.head).values())
    found = []
    for policy in network_policies(two.head):
        before = old.get(ident(policy))
        idle_deny = not policy.pods and not any(policy.rules.values())
        same = before is not None and same_spec(before, policy)
        if ident(policy) in renamed or idle_deny or same or not two.head.subjects(policy):
            continue
        whole = build(head, Settings())
        left = [
            one for one in whole.policies if (one.obj.namespace, one.obj.name) != ident(policy)[1:]
        ]
        if before is not None:
            left.append(before.source)
        _, now, then = worlds([base, whole, with_policies(whole, left)], exposure)
        if printed(now) == printed(then):
            words = (f"{named(policy)} changes no flow",)
            found.append(Said("policy-without-effect", "info", *place(policy), words))
    return found
