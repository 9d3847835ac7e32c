"""Manifests for tables of changes, in a word each: `shop/db` with its labels and ports, a policy
with its rules in flow style.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from reviewer.findings import Finding
from reviewer.report.types import Review
from tests.kit import review_result

OPEN = ""
"""No policy at all."""


def labels(text: str) -> dict[str, str]:
    """`app=db,tier=data` as labels."""
    return dict(pair.split("=") for pair in text.split(",") if pair)


def workload(path: str, text: str = "", *ports: int | str, **more: Any) -> str:
    """A Deployment (or `kind`) of `NAMESPACE/NAME` with these labels (`app=NAME` without any) and
    container ports; a port is a number or `NAME:NUMBER`."""
    namespace, name = path.split("/")
    container: dict[str, Any] = {
        "name": "main",
        "image": more.get("image", f"{name}:1"),
        "ports": [_port(port) for port in ports],
    }
    if "env" in more:
        container["env"] = [{"name": "TARGET", "value": more["env"]}]
    template = {
        "metadata": {
            "labels": labels(text or f"app={name}"),
            "annotations": more.get("annotations", {}),
        },
        "spec": {"hostNetwork": more.get("host", False), "containers": [container]},
    }
    return _document(
        {
            "apiVersion": "apps/v1",
            "kind": more.get("kind", "Deployment"),
            "metadata": {"name": name, "namespace": namespace},
            "spec": {"template": template},
        }
    )


def _port(port: int | str) -> dict[str, Any]:
    if isinstance(port, int):
        return {"containerPort": port}
    name, number = port.split(":")
    return {"name": name, "containerPort": int(number)}


def policy(path: str, pods: str = "", spec: str = "") -> str:
    """A NetworkPolicy of `NAMESPACE/NAME` for these pods; `spec` is more of its spec as YAML, such
    as `ingress: [{from: [{podSelector: {}}]}]`."""
    namespace, name = path.split("/")
    selector = {"matchLabels": labels(pods)} if pods else {}
    body = {"podSelector": selector, **(yaml.safe_load(spec) or {})}
    return _document(
        {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "metadata": {"name": name, "namespace": namespace},
            "spec": body,
        }
    )


def deny(namespace: str, *types: str) -> str:
    """A default deny, of ingress unless said otherwise."""
    return policy(
        f"{namespace}/default-deny", "", f"policyTypes: [{', '.join(types or ('Ingress',))}]"
    )


def admits(path: str, pods: str, *peers: str, ports: str = "") -> str:
    """A policy that lets these peers in on these ports (`TCP/5432` without a list: all)."""
    rule: dict[str, Any] = {}
    if peers:
        rule["from"] = [yaml.safe_load(peer) for peer in peers]
    if ports:
        rule["ports"] = [_rule_port(port) for port in ports.split(",")]
    return policy(path, pods, yaml.safe_dump({"policyTypes": ["Ingress"], "ingress": [rule]}))


def allows(path: str, pods: str, *peers: str, ports: str = "") -> str:
    """The same for egress."""
    rule: dict[str, Any] = {}
    if peers:
        rule["to"] = [yaml.safe_load(peer) for peer in peers]
    if ports:
        rule["ports"] = [_rule_port(port) for port in ports.split(",")]
    return policy(path, pods, yaml.safe_dump({"policyTypes": ["Egress"], "egress": [rule]}))


def _rule_port(text: str) -> dict[str, Any]:
    protocol, _, port = text.partition("/")
    return {"protocol": protocol, "port": int(port) if port.isdigit() else port}


def block(cidr: str, *excepted: str) -> str:
    """An ipBlock peer."""
    return yaml.safe_dump({"ipBlock": {"cidr": cidr, "except": list(excepted)}})


def pods(text: str) -> str:
    """A podSelector peer."""
    return yaml.safe_dump({"podSelector": {"matchLabels": labels(text)}})


def namespace(text: str = "") -> str:
    """A namespaceSelector peer; every namespace without labels."""
    return yaml.safe_dump({"namespaceSelector": {"matchLabels": labels(text)} if text else {}})


def service(path: str, selector: str, port: int, target: int | str | None = None) -> str:
    """A Service."""
    space, name = path.split("/")
    ports: dict[str, Any] = {"port": port}
    if target is not None:
        ports["targetPort"] = target
    return _document(
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": name, "namespace": space},
            "spec": {"selector": labels(selector), "ports": [ports]},
        }
    )


def ingress(path: str, to: str, port: int) -> str:
    """An Ingress that leads to a Service."""
    space, name = path.split("/")
    backend = {"service": {"name": to, "port": {"number": port}}}
    return _document(
        {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "Ingress",
            "metadata": {"name": name, "namespace": space},
            "spec": {"defaultBackend": backend},
        }
    )


def space(name: str, text: str = "") -> str:
    """A Namespace object."""
    metadata = {"name": name, "labels": labels(text)}
    return _document({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})


def _document(value: Mapping[str, Any]) -> str:
    return "---\n" + yaml.safe_dump(dict(value), default_flow_style=False, sort_keys=False)


def compared(base: str, head: str, **options: Any) -> Review:
    """The review of two texts."""
    return review_result({"all.yaml": base}, {"all.yaml": head}, **options)


def graded(base: str, head: str, **options: Any) -> list[str]:
    """The opened rows in words, each with its severity and line: `internet -> db high R2`."""
    found = compared(base, head, **{"exposure": "never", **options})
    return [
        f"{_end(row.source)} -> {_end(row.destination)} {grade.severity.word} {grade.rule}"
        for row, grade in zip(found.delta.opened, found.grades, strict=True)
    ]


def _end(end: Any) -> str:
    if hasattr(end, "id"):
        return str(end.id).partition("[")[0]
    if hasattr(end, "addresses"):
        return " ".join(end.addresses.cidrs())
    if hasattr(end, "pods"):
        return f"{{{end.namespaces}}}{{{end.pods}}}"
    return "ingress"


def said(base: str, head: str, **options: Any) -> list[str]:
    """The findings in words: `high world-ingress: message`."""
    return [words(each) for each in compared(base, head, **options).findings]


def words(found: Finding) -> str:
    """One finding in words."""
    return f"{found.severity.word} {found.rule}: {found.message}"


def rules(base: str, head: str, **options: Any) -> list[str]:
    """The ids of the checks that found something, each with its severity."""
    found = compared(base, head, **options).findings
    return [f"{each.severity.word} {each.rule}" for each in found]


# The workloads that most tables speak of.
WEB = workload("shop/web", "app=web", 8080)
API = workload("shop/api", "app=api", 8081)
DB = workload("shop/db", "app=store", 5432)
TOOL = workload("ops/tool", "app=tool")
