"""Sentences of the checks of policy text (F-6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .wording import Name, listing, named, ports_text

Args = Mapping[str, Any]


def _rule(args: Args, name: Name) -> str:
    return f"{name(args['policy'])} {args['rule']}"


def _meant(args: Args, name: Name) -> str:
    return f"; did you mean {name(args['near'])}?" if args["near"] else ""


def field_widens(args: Args, name: Name) -> str:
    """field-widens."""
    lead = f"{name(args['field'])} is not a field of {args['path']} in {name(args['policy'])}"
    return f"{lead}: {args['left']} now means {args['means']}"


def policy_selects_nothing(args: Args, name: Name) -> str:
    """policy-selects-nothing."""
    lead = f"{name(args['policy'])} selects no workload of {name(args['namespace'])}"
    return f"{lead}{_meant(args, name)}"


def peer_selects_nothing(args: Args, name: Name) -> str:
    """peer-selects-nothing."""
    peer = f"peer {args['peer']} ({name(args['selector'])})"
    return f"{_rule(args, name)} {peer} matches nothing{_meant(args, name)}"


def namespace_label_unset(args: Args, name: Name) -> str:
    """namespace-label-unset."""
    return f"no namespace has {name(args['label'])}, which {_rule(args, name)} asks for"


def port_unresolved(args: Args, name: Name) -> str:
    """port-unresolved."""
    lead = f"no pod in scope of {_rule(args, name)} names a port {name(args['port'])}"
    return f"{lead}{_meant(args, name)}"


def service_port(args: Args, name: Name) -> str:
    """service-port-in-rule."""
    lead = f"{args['port']} in {_rule(args, name)} is the port of Service {name(args['service'])}"
    return f"{lead}; its pods listen on {args['target']}"


def split_selector(args: Args, name: Name) -> str:
    """split-selector."""
    where = named(args["namespaces"], name)
    return f"{_rule(args, name)}: two items (OR), not one (AND): all of {where} is let in"


def split_ports(args: Args, name: Name) -> str:
    """split-ports."""
    lead = f"{_rule(args, name)}: a dash before ports"
    return f"{lead}: every peer may use {args['ports']}, and the rule's peers every port"


def types_forgotten(args: Args, name: Name) -> str:
    """types-forgotten."""
    lead = f"{name(args['policy'])}: {args['direction']} rules without"
    return f"{lead} {args['word']} in policyTypes have no effect"


def open_rule(args: Args, name: Name) -> str:
    """open-rule."""
    return f"{_rule(args, name)} is open to {args['what']} for pods not in the manifests"


def broad_cidr(args: Args, name: Name) -> str:
    """broad-cidr."""
    return f"{_rule(args, name)}: {args['cidr']} covers {args['addresses']:,} addresses"


def untidy_cidr(args: Args, name: Name) -> str:
    """untidy-cidr."""
    return f"{_rule(args, name)}: {args['cidr']} is said twice"


def except_undone(args: Args, name: Name) -> str:
    """except-undone."""
    by = f"{name(args['other'])} {args['other_rule']}"
    ports = ports_text(args["ports"])
    return f"{args['except']}, an except of {_rule(args, name)}, is let in by {by} on {ports}"


def redundant_rule(args: Args, name: Name) -> str:
    """redundant-rule."""
    return f"{_rule(args, name)} adds nothing to {name(args['other'])} {args['other_rule']}"


def without_effect(args: Args, name: Name) -> str:
    """policy-without-effect."""
    return f"{name(args['policy'])} changes no flow"


def controller_label(args: Args, name: Name) -> str:
    """controller-label-selected."""
    lead = f"{name(args['label'])}, which {name(args['policy'])} selects by,"
    return f"{lead} is set by a controller and changes with each rollout"


def admin_overrides(args: Args, name: Name) -> str:
    """admin-overrides."""
    return f"{_rule(args, name)} never decides: {name(args['other'])} does"


def priority_tie(args: Args, name: Name) -> str:
    """priority-tie."""
    both = listing([name(each) for each in args["policies"]])
    return f"{both} have priority {args['priority']}: order undefined"


def policy_unseen(args: Args, name: Name) -> str:
    """policy-unseen."""
    lead = f"{name(args['policy'])} {args['change']}"
    return f"{lead}, but its pods are not in the manifests: effect unknown"
