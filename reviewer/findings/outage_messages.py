"""Sentences of the checks for what may break (F-6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .reach_messages import group
from .wording import Name, named, ports_text

Args = Mapping[str, Any]


def dns_lost(args: Args, name: Name) -> str:
    """dns-lost."""
    more = "" if args["standing"] else " any more"
    return f"{group(args['workloads'], name)} cannot resolve names{more}: no egress to port 53"


def backend_blocked(args: Args, name: Name) -> str:
    """ingress-backend-blocked."""
    policies = named(args["policies"], name) or "no policy"
    verb = "block" if len(args["policies"]) > 1 else "blocks"
    lead = f"{name(args['entry'])} leads to {name(args['workload'])}"
    return f"{lead} but {policies} {verb} the controller on {ports_text(args['ports'])}"


def service_unreachable(args: Args, name: Name) -> str:
    """service-unreachable."""
    lead = f"{name(args['referrer'])} refers to Service {name(args['service'])}"
    ports = ports_text(args["ports"])
    return f"{lead} in env or args but may not reach {named(args['targets'], name)} on {ports}"


def monitoring_lost(args: Args, name: Name) -> str:
    """monitoring-path-lost."""
    return f"{name(args['source'])} loses the metrics port of {named(args['workloads'], name)}"


def half_open(args: Args, name: Name) -> str:
    """half-open."""
    who, to = named(args["sources"], name), named(args["destinations"], name)
    rule = f"{name(args['policy'])} {args['rule']} allows {who} → {to} on {args['ports']}"
    policies = named(args["policies"], name)
    by = f" ({policies})" if policies else ""
    return f"{rule}, but {args['side']} of {named(args['denied'], name)} denies it{by}"


def nothing_left(args: Args, name: Name) -> str:
    """nothing-left."""
    what = "be reached by anything" if args["direction"] == "ingress" else "reach anything"
    seen = " in the manifests" if args["unseen"] else ""
    return f"{named(args['workloads'], name)} can no longer {what}{seen}"
