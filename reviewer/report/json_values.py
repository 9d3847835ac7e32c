"""Our values as the JSON of output-contract.md has them; how they are printed is json_v1's."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from enum import IntEnum, StrEnum
from typing import Any

from reviewer.base.addresses import AddressSet
from reviewer.base.diagnostics import Diagnostic
from reviewer.base.documents import ObjectRef, Origin
from reviewer.base.labels import Selector
from reviewer.base.ports import PortSet
from reviewer.cluster import Workload
from reviewer.delta import Cause, PolicyChange, Side, TransitPath
from reviewer.engine import (
    Endpoint,
    ExternalEndpoint,
    IngressControllerEndpoint,
    Reachability,
    SelectorEndpoint,
    SideAnswer,
    Snapshot,
    WorkloadEndpoint,
)
from reviewer.findings import (
    BlastRadius,
    Coverage,
    Exposed,
    Finding,
    NamespaceFigures,
    RiskyRule,
    SensitiveFigures,
    Severity,
    Sides,
)
from reviewer.manifests import Direction, Policy, Rule
from reviewer.verdict import Acceptance, Waived

encode = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode
"""One value on one line, ASCII, in the order given."""


def endpoint_value(end: Endpoint) -> dict[str, Any]:
    """ENDPOINT of the contract."""
    match end:
        case WorkloadEndpoint(id=name):
            return {"workload": name}
        case ExternalEndpoint(addresses=addresses):
            return {"cidrs": addresses.cidrs()}
        case SelectorEndpoint(namespaces=namespaces, pods=pods):
            return {"selector": {"namespaces": str(namespaces), "pods": str(pods)}}
        case IngressControllerEndpoint():
            return {"ingress_controller": True}


def ports_value(ports: PortSet) -> list[dict[str, Any]]:
    """PORTS of the contract."""
    return [{"protocol": p, "from": first, "to": last} for p, first, last in ports.ranges()]


def target_value(snapshot: Snapshot) -> dict[str, Any]:
    """Base, head or target: its name and commit."""
    return {"name": snapshot.name, "commit": snapshot.commit}


def workload_value(workload: Workload, reachability: Reachability) -> dict[str, Any]:
    """One workload of flows/v1."""
    return {
        "id": workload.id,
        "namespace": workload.namespace,
        "name": workload.name,
        "kind": workload.kind,
        "labels": dict(sorted(workload.labels.items())),
        "isolated": {each.value: reachability.isolated(workload.id, each) for each in Direction},
        "file": workload.origin.file,
        "line": workload.origin.line,
    }


def cause_value(cause: Cause) -> dict[str, Any]:
    """CAUSE of the contract."""
    return {
        "policy": cause.object if cause.policy else None,
        "kind": cause.kind,
        "object": cause.object,
        "rule": cause.rule,
        "change": cause.change,
        "file": cause.origin.file,
        "line": cause.origin.line,
        "side": cause.side,
    }


def policy_value(change: PolicyChange) -> dict[str, Any]:
    """One changed policy of diff/v1."""
    policy = change.policy
    return {
        "policy": policy.ref.path,
        "kind": policy.ref.kind,
        "change": change.change,
        "file": policy.origin.file,
        "line": policy.origin.line,
        "side": Side.HEAD if change.head else Side.BASE,
        "fields": [
            {
                "path": each.path,
                "base": plain(each.base),
                "head": plain(each.head),
                "line": each.line,
            }
            for each in change.fields
        ],
    }


def path_value(path: TransitPath) -> dict[str, Any]:
    """One transit path of diff/v1."""
    return {
        "from": endpoint_value(path.source),
        "to": endpoint_value(path.destination),
        "via": path.via,
        "edges": [{"ports": ports_value(edge.ports), "opened": edge.opened} for edge in path.edges],
    }


def finding_value(finding: Finding) -> dict[str, Any]:
    """FINDING of the contract, without `accepted`."""
    return {
        "id": finding.id,
        "rule": finding.rule,
        "severity": finding.severity.word,
        "message": finding.message,
        "arguments": plain(finding.arguments),
        "flow": finding.flows[0] if finding.flows else None,
        "flows": finding.flows,
        "count": finding.count,
        "closed_flow": finding.closed_flow,
        "workloads": finding.workloads,
        "file": finding.origin.file if finding.origin else None,
        "line": finding.origin.line if finding.origin else None,
        "side": finding.side,
        "fix": finding.fix,
    }


def sides_value(sides: Sides) -> dict[str, int]:
    """A number for each direction."""
    return {"ingress": sides.ingress, "egress": sides.egress}


def coverage_value(coverage: Coverage) -> dict[str, Any]:
    """How much of an audit's target is isolated and unrestricted."""
    return {
        "workloads": coverage.workloads,
        "host_network": coverage.host_network,
        "isolated": sides_value(coverage.isolated),
        "unrestricted": sides_value(coverage.unrestricted),
        "policies": coverage.policies,
        "namespaces": coverage.namespaces,
    }


def namespace_value(each: NamespaceFigures) -> dict[str, Any]:
    """The figures of one namespace."""
    denied = each.default_deny
    return {
        "namespace": each.namespace,
        "workloads": each.workloads,
        "policies": each.policies,
        "isolated": sides_value(each.isolated),
        "default_deny": {"ingress": bool(denied.ingress), "egress": bool(denied.egress)},
    }


def exposed_value(each: Exposed) -> dict[str, Any]:
    """One workload that is reached from outside."""
    return {"workload": each.workload, "from": each.source, "ports": ports_value(each.ports)}


def sensitive_value(each: SensitiveFigures) -> dict[str, Any]:
    """One sensitive workload and who reaches it."""
    return {
        "workload": each.workload,
        "why": each.why,
        "from": each.sources,
        "unrestricted": each.unrestricted,
    }


def radius_value(radius: BlastRadius) -> dict[str, Any]:
    """How far the internet and the ten farthest reach."""
    top = [{"workload": name, "reaches": count} for name, count in radius.top]
    return {"from_internet": radius.from_internet, "of": radius.of, "top": top}


def risky_value(each: RiskyRule) -> dict[str, Any]:
    """One of the rules that allow the gravest flows."""
    return {
        "policy": each.policy.ref.path,
        "kind": each.policy.ref.kind,
        "rule": each.rule.name,
        "severity_rule": each.line,
        "flows": each.flows,
        "file": each.rule.origin.file,
        "line": each.rule.origin.line,
    }


def side_value(side: SideAnswer) -> dict[str, Any]:
    """SIDE of explain/v1."""
    return {
        "isolated": side.isolated,
        "decided_by": side.decided_by,
        "allowed": ports_value(side.allowed) or None,
        "selected_by": [_policy_place(each, each.origin) for each in side.selected_by],
        "rules": [
            {
                **_rule_place(each.policy, each.rule),
                "action": each.rule.action.value.lower(),
                "ports": ports_value(each.ports),
            }
            for each in side.rules
        ],
        "nearest": [
            {
                **_rule_place(each.policy, each.rule),
                "missing": [
                    {"what": m.what, "key": m.key or None, "wanted": m.wanted, "found": m.found}
                    for m in each.missing
                ],
            }
            for each in side.nearest
        ],
    }


def _policy_place(policy: Policy, origin: Origin) -> dict[str, Any]:
    return {
        "policy": policy.ref.path,
        "kind": policy.ref.kind,
        "file": origin.file,
        "line": origin.line,
    }


def _rule_place(policy: Policy, rule: Rule) -> dict[str, Any]:
    return {**_policy_place(policy, rule.origin), "rule": rule.name}


def acceptance_value(accepted: Acceptance) -> dict[str, Any]:
    """ACCEPTED of the contract."""
    if isinstance(accepted, Waived):
        return {
            "owner": accepted.owner,
            "reason": accepted.reason,
            "expires": accepted.expires,
            "file": accepted.origin.file,
            "line": accepted.origin.line,
        }
    return {"approver": accepted.approver, "commit": accepted.commit}


def diagnostic_value(item: Diagnostic, *, sided: bool) -> dict[str, Any]:
    """DIAGNOSTIC of the contract; `sided` in diff alone."""
    value: dict[str, Any] = {
        "level": item.level,
        "code": item.code,
        "message": item.message,
        "file": item.file,
        "line": item.line,
    }
    if item.object is not None:
        value["object"] = item.object
    if sided and item.side is not None:
        value["side"] = item.side
    return value


_ENDS = (WorkloadEndpoint, ExternalEndpoint, SelectorEndpoint, IngressControllerEndpoint)
_TYPED: tuple[tuple[type | tuple[type, ...], Callable[[Any], Any]], ...] = (
    (_ENDS, endpoint_value),
    (PortSet, ports_value),
    (AddressSet, AddressSet.cidrs),
    (Cause, cause_value),
    ((Selector, ObjectRef), str),
    (Origin, lambda origin: {"file": origin.file, "line": origin.line}),
    (Severity, lambda severity: severity.word),
    (Direction, lambda direction: direction.value),
    ((StrEnum, IntEnum), lambda word: word.value),
)
"""How the typed values of a finding's arguments are written; the first that fits."""


def plain(value: Any) -> Any:
    """A value of ours, or of a manifest as written, as JSON has it.

    What JSON cannot say, such as `.inf` of a YAML file, is its text.
    """
    for kind, write_down in _TYPED:
        if isinstance(value, kind):
            return write_down(value)
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, frozenset | set):
        return sorted((plain(each) for each in value), key=encode)
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    return str(value)
