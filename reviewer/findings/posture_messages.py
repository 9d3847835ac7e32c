"""Sentences of the checks of posture, waivers and configuration (F-6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .wording import Name, counted

Args = Mapping[str, Any]


def workload_not_isolated(args: Args, name: Name) -> str:
    """workload-not-isolated."""
    return f"{name(args['workload'])}: no policy restricts who reaches it"


def no_default_deny(args: Args, name: Name) -> str:
    """namespace-no-default-deny."""
    return f"{name(args['namespace'])}: a new pod would be open"


def egress_unrestricted(args: Args, name: Name) -> str:
    """egress-unrestricted."""
    some = f"{args['unrestricted']} of {counted(args['of'], 'workload')}"
    reach = "reaches" if args["unrestricted"] == 1 else "reach"
    return f"{some} of {name(args['namespace'])} {reach} any address"


def host_network(args: Args, name: Name) -> str:
    """host-network-workload."""
    return f"no policy applies to {name(args['workload'])}: its pods are on the host's network"


def waiver_expired(args: Args, name: Name) -> str:
    """waiver-expired."""
    return f"the waiver of {name(args['owner'])} expired on {args['expires']}: {name(args['what'])}"


def waiver_unused(args: Args, name: Name) -> str:
    """waiver-unused."""
    return f"the waiver of {name(args['owner'])} accepts nothing: {name(args['what'])}"


def config_changed(_args: Args, _name: Name) -> str:
    """config-changed."""
    return "this change edits the configuration; it is judged by the configuration of its base"
