"""Short ways to write down a cluster for a table: each word is one piece of YAML.

A piece is five lines, its dashes included, so the object numbered n (from 0) of a text begins on
line 5 n + 2.
"""

from __future__ import annotations

from typing import Any

from tests import kit

RUNS = "{containers: [{name: c}]}"


def piece(api: str, kind: str, path: str, spec: str = "{}", meta: str = "") -> str:
    """Any object; `path` is NAMESPACE/NAME, or NAME alone."""
    namespace, _, name = path.rpartition("/")
    inside = ", ".join(
        part for part in (f"name: {name}", namespace and f"namespace: {namespace}", meta) if part
    )
    return f"---\napiVersion: {api}\nkind: {kind}\nmetadata: {{{inside}}}\n{spec_line(spec)}\n"


def spec_line(spec: str) -> str:
    """The line of the spec; a text that begins with a word and a colon stands for itself."""
    return spec if spec[:1].isalpha() else f"spec: {spec}"


def pod(path: str, labels: str = "", spec: str = RUNS) -> str:
    """A bare pod."""
    return piece("v1", "Pod", path, spec, f"labels: {{{labels}}}")


def serving(*ports: str) -> str:
    """The spec of a pod with these container ports, each as in `name: http, containerPort: 80`."""
    return "{containers: [{name: c, ports: [" + ", ".join(f"{{{port}}}" for port in ports) + "]}]}"


def at(address: str) -> str:
    """The spec of a pod with a known address."""
    return f"status: {{podIP: '{address}'}}"


HOST = "{hostNetwork: true, containers: [{name: c}]}"


def workload(kind: str, path: str, labels: str, more: str = "", api: str = "apps/v1") -> str:
    """A workload with a template of these labels; `more` stands before the template."""
    inside = f"template: {{metadata: {{labels: {{{labels}}}}}, spec: {RUNS}}}"
    return piece(api, kind, path, f"{{{more}{', ' if more else ''}{inside}}}")


def space(name: str, labels: str = "") -> str:
    """A Namespace object."""
    return piece("v1", "Namespace", name, meta=f"labels: {{{labels}}}")


def np(path: str, spec: str) -> str:
    """A NetworkPolicy."""
    return piece("networking.k8s.io/v1", "NetworkPolicy", path, spec)


def anp(name: str, priority: int, spec: str) -> str:
    """An AdminNetworkPolicy; `spec` without its braces."""
    inside = f"{{priority: {priority}, {spec}}}"
    return piece("policy.networking.k8s.io/v1alpha1", "AdminNetworkPolicy", name, inside)


def banp(spec: str, name: str = "default") -> str:
    """A BaselineAdminNetworkPolicy; `spec` without its braces."""
    api = "policy.networking.k8s.io/v1alpha1"
    return piece(api, "BaselineAdminNetworkPolicy", name, f"{{{spec}}}")


def cnp(name: str, tier: str, priority: int, spec: str) -> str:
    """A ClusterNetworkPolicy; `spec` without its braces."""
    inside = f"{{tier: {tier}, priority: {priority}, {spec}}}"
    return piece("policy.networking.k8s.io/v1alpha2", "ClusterNetworkPolicy", name, inside)


def service(path: str, selector: str, *ports: str) -> str:
    """A Service; each port as in `port: 80, targetPort: 8080`."""
    inside = ", ".join(f"{{{port}}}" for port in ports)
    return piece("v1", "Service", path, f"{{selector: {{{selector}}}, ports: [{inside}]}}")


def ingress(path: str, name: str, port: str) -> str:
    """An Ingress whose default backend is this Service and port, as in `number: 80`."""
    backend = f"{{defaultBackend: {{service: {{name: {name}, port: {{{port}}}}}}}}}"
    return piece("networking.k8s.io/v1", "Ingress", path, backend)


def into(files: kit.Files, name: str = "shop/db", **options: Any) -> list[str]:
    """The rows that end at one workload, from whomever."""
    return [row for row in kit.rows(files, **options) if f" -> {name}: " in row]


def out_of(files: kit.Files, name: str = "shop/web", **options: Any) -> list[str]:
    """The rows that begin at one workload."""
    return [row for row in kit.rows(files, **options) if row.startswith(f"{name} -> ")]


def codes(files: kit.Files, **options: Any) -> list[str]:
    """What `flows` says, less that there are no workloads or policies."""
    silent = ("no-workloads", "no-policies")
    found = kit.flows(files, **options)["diagnostics"]
    return kit.codes(each for each in found if each["code"] not in silent)
