"""Sentences of the checks that speak for what is reached: reach, intents, paths (F-6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .wording import Name, counted, listing, named, ports_text

Args = Mapping[str, Any]
WORLDS = frozenset({"0.0.0.0/0", "::/0"})
"""Blocks that are the internet (P-3)."""


def group(ids: Sequence[str], name: Name) -> str:
    """One workload by its name, several as `13 workloads of a, b and c`."""
    if len(ids) == 1:
        return name(ids[0])
    namespaces = sorted({each.partition("/")[0] for each in ids})
    return f"{len(ids)} workloads of {named(namespaces, name)}"


def sources(args: Args, name: Name) -> str:
    """Who gains it: workloads, addresses, pods by selector or the ingress controller."""
    match args["source_class"]:
        case "internet":
            return "the internet"
        case "ingress_controller":
            return "the ingress controller"
        case "public" | "private" | "trusted" as kind:
            return _addresses(args, kind)
        case "selector":
            return f"pods that are not in the manifests ({named(args['sources'], name)})"
        case _ if args["source_count"] > 1:
            where = named(args["source_namespaces"], name)
            return f"{args['source_count']} workloads of {where}"
        case _:
            return name(args["sources"][0])


def _addresses(args: Args, kind: str) -> str:
    count = args["source_count"]
    few = args["sources"][:3] if count <= 3 else args["sources"][:1]
    shown = ", ".join(few) + (f" and {count - 1} more blocks" if count > 3 else "")
    return f"{kind} addresses ({shown})"


def _verb(ids: Sequence[str], one: str, many: str) -> str:
    return one if len(ids) == 1 else many


def new_workload(args: Args, name: Name) -> str:
    """new-workload-not-isolated."""
    who, directions = args["workloads"], args["directions"]
    said = []
    if "ingress" in directions:
        said.append(f"anything in the cluster and any address reaches {_verb(who, 'it', 'them')}")
    if "egress" in directions:
        subject = _verb(who, "it reaches", "they reach")
        said.append(f"{subject} everything incl. the metadata service")
    be = _verb(who, "is", "are")
    return f"{named(who, name)} {be} not isolated ({' and '.join(directions)}): {', '.join(said)}"


def policy_deleted(args: Args, name: Name) -> str:
    """policy-deleted-opens."""
    flows = counted(args["flows"], "flow")
    why = " (it is left out as invalid)" if args["refused"] else ""
    return f"removing {name(args['policy'])}{why} opens {flows} to {named(args['workloads'], name)}"


def lost_isolation(args: Args, name: Name) -> str:
    """lost-isolation."""
    cause = {
        "relabelled": "relabelled",
        "host-network": "hostNetwork",
        "removed": f"{name(args['object'])} was removed",
        "rule": f"{args['rule']} of {name(args['object'])} allows everything",
        "selector": f"podSelector of {name(args['object'])} no longer matches",
        "other": f"{name(args['object'])} changed",
    }[args["how"]]
    return f"{named(args['workloads'], name)} lost {args['direction']} isolation: {cause}"


def metadata(args: Args, name: Name) -> str:
    """metadata-service-reachable."""
    return f"{named(args['workloads'], name)} can reach the cloud metadata service (credentials)"


def admin_port(args: Args, name: Name) -> str:
    """admin-port-open."""
    use = f" ({args['use']})" if args["use"] else ""
    ends = named(args["destinations"], name)
    verb = "opens" if not args["standing"] else "is open"
    return f"{ports_text(args['ports'])}{use} of {ends} {verb} to {sources(args, name)}"


def world_ingress(args: Args, name: Name) -> str:
    """world-ingress."""
    who = "the internet" if args["internet"] else f"{args['addresses']:,} public addresses"
    verb = "opens" if not args["standing"] else "is open"
    ends = named(args["destinations"], name)
    return f"{ends} {verb} to {who} on {ports_text(args['ports'])}"


def _can(args: Args) -> str:
    return "can reach" if args["standing"] else "can now reach"


def sensitive_open(args: Args, name: Name) -> str:
    """sensitive-open."""
    ends, ports = named(args["destinations"], name), ports_text(args["ports"])
    because = f"sensitive because {args['clause']}"
    return f"{sources(args, name)} {_can(args)} {ends} on {ports}, {because}"


def ingress_exposed(args: Args, name: Name) -> str:
    """ingress-exposed."""
    ends = named(args["destinations"], name)
    be = _verb(args["destinations"], "is", "are")
    return f"{ends} {be} now reached through {named(args['entries'], name) or 'an entry'}"


def private_range(args: Args, name: Name) -> str:
    """private-range-open."""
    ends, ports = named(args["destinations"], name), ports_text(args["ports"])
    return f"{_addresses(args, 'private')} {_can(args)} {ends} on {ports}"


def cross_namespace(args: Args, name: Name) -> str:
    """cross-namespace-open."""
    ends = named(args["destinations"], name)
    return f"{sources(args, name)} {_can(args)} {ends} on {ports_text(args['ports'])}"


def world_egress(args: Args, name: Name) -> str:
    """world-egress."""
    who = "the internet" if args["internet"] else f"{args['addresses']:,} public addresses"
    return f"{named(args['workloads'], name)} {_can(args)} {who} on {ports_text(args['ports'])}"


def intent_violated(args: Args, name: Name) -> str:
    """intent-violated."""
    must = "must not" if args["forbid"] else "must"
    pair = f"{listing([name(s) for s in args['sources']])} {must} reach"
    ends = listing([name(s) for s in args["destinations"]])
    return f"intent {name(args['intent'])}: {pair} {ends} on {ports_text(args['ports'])}"


def intent_standing(args: Args, name: Name) -> str:
    """intent-standing."""
    many = counted(args["violations"], "violation")
    return f"intent {name(args['intent'])}: {many} stood before this change"


def intent_vacuous(args: Args, name: Name) -> str:
    """intent-vacuous."""
    before = ", on base it did" if args["matched_before"] else ""
    return f"intent {name(args['intent'])}: its {args['end']} matches nothing{before}"


def transit_path(args: Args, name: Name) -> str:
    """transit-path-opened."""
    rest = f"; {counted(args['left_out'], 'path')} more not listed" if args["left_out"] else ""
    via = " and ".join(name(each) for each in args["via"])
    start = "the internet" if args["from"] in WORLDS else name(args["from"])
    return f"{start} now reaches {name(args['to'])} through {via}{rest}"


def blast_radius(args: Args, _name: Name) -> str:
    """blast-radius-grown."""
    grown = f"from {args['base']} to {args['head']} of {args['of']} workloads"
    return f"what the internet reaches in any number of hops grows {grown}"
