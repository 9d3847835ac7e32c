"""Typed reading of objects: null is absent, wrong types, unknown fields (S-10 to S-12).

A shape is a word for a scalar, a dict of fields for an object, `[shape]` for a list of it.
`Open` is an object of which only the named fields are looked at.
"""

from typing import Any

STR, INT, BOOL, INT_OR_STR, TEXTS, ANY = "string", "int", "bool", "int-or-string", "map", "any"


class Open(dict[str, Any]):
    """An object whose other fields are not looked at (S-11)."""


class Problems:
    """What was found while decoding one object: paths of wrong types and of unknown fields."""

    def __init__(self) -> None:
        self.bad: list[tuple[str, int]] = []
        self.unknown: list[tuple[str, int]] = []


class Node(dict[str, Any]):
    """A decoded object with its line."""

    line = 0


def whole(value: Any) -> int | None:
    """The integer that a value stands for where one is asked (S-3), within 32 bits (S-11)."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    if isinstance(value, float):
        if not value.is_integer():
            return None
        value = int(value)
    return value if -(2**31) <= value < 2**31 else None


def decode(value: Any, shape: Any, path: str, line: int, problems: Problems) -> Any:
    """The value in its shape; null entries are absent, unknown fields pruned (S-10, S-12)."""
    line = getattr(value, "line", line)
    if shape == ANY:
        return value
    if isinstance(shape, dict):
        return _object(value, shape, (path, line), problems)
    if isinstance(shape, list):
        return _list(value, shape[0], (path, line), problems)
    if shape == TEXTS:
        if not isinstance(value, dict):
            problems.bad.append((path, line))
            return {}
        return {key: _text(one, f"{path}.{key}", line, problems) for key, one in value.items()}
    return _scalar(value, shape, (path, line), problems)


def _text(value: Any, path: str, line: int, problems: Problems) -> str:
    """A string of a map or list of strings, where null is "" (S-10)."""
    if value is None:
        return ""
    if not isinstance(value, str):
        problems.bad.append((path, line))
        return ""
    return value


def _scalar(value: Any, shape: str, where: tuple[str, int], problems: Problems) -> Any:
    if shape == STR and isinstance(value, str):
        return value
    if shape == BOOL and isinstance(value, bool):
        return value
    if shape in {INT, INT_OR_STR} and (number := whole(value)) is not None:
        return number
    if shape == INT_OR_STR and isinstance(value, str):
        return value
    problems.bad.append(where)
    return None


def _object(
    value: Any, shape: dict[str, Any], where: tuple[str, int], problems: Problems
) -> dict[str, Any]:
    path, line = where
    result = Node()
    result.line = line
    if not isinstance(value, dict):
        problems.bad.append(where)
        return result
    for key, inner in value.items():
        if inner is None:
            continue
        here = f"{path}.{key}" if path else key
        if key in shape:
            result[key] = decode(inner, shape[key], here, line, problems)
        elif not isinstance(shape, Open):
            problems.unknown.append((here, line))
    return result


def _list(value: Any, shape: Any, where: tuple[str, int], problems: Problems) -> list[Any]:
    path, line = where
    if not isinstance(value, list):
        problems.bad.append(where)
        return []
    result: list[Any] = []
    for index, inner in enumerate(value):
        here = f"{path}[{index}]"
        if shape == STR:
            result.append(_text(inner, here, line, problems))
        elif inner is None:
            empty = Node()
            empty.line = line
            result.append(empty)
        else:
            result.append(decode(inner, shape, here, line, problems))
    return result


SELECTOR = {
    "matchLabels": TEXTS,
    "matchExpressions": [{"key": STR, "operator": STR, "values": [STR]}],
}
OWNERS = [Open(kind=STR, name=STR, controller=BOOL)]
METADATA = Open(name=STR, generateName=STR, namespace=STR, labels=TEXTS, ownerReferences=OWNERS)
POLICY_METADATA = Open(name=STR, generateName=STR, namespace=STR, labels=TEXTS)


def policy(spec: dict[str, Any]) -> dict[str, Any]:
    """The shape of a policy object with this spec; `status` is never unknown (S-12)."""
    return {
        "apiVersion": ANY,
        "kind": ANY,
        "metadata": POLICY_METADATA,
        "spec": spec,
        "status": ANY,
    }


NP_PEER = {
    "podSelector": SELECTOR,
    "namespaceSelector": SELECTOR,
    "ipBlock": {"cidr": STR, "except": [STR]},
}
NP_PORTS = [{"protocol": STR, "port": INT_OR_STR, "endPort": INT}]
NETWORK_POLICY = policy(
    {
        "podSelector": SELECTOR,
        "policyTypes": [STR],
        "ingress": [{"from": [NP_PEER], "ports": NP_PORTS}],
        "egress": [{"to": [NP_PEER], "ports": NP_PORTS}],
    }
)

SUBJECT = {
    "namespaces": SELECTOR,
    "pods": {"namespaceSelector": SELECTOR, "podSelector": SELECTOR},
}
OUTER = {**SUBJECT, "nodes": SELECTOR, "networks": [STR], "domainNames": [STR]}
V1_PORTS = [
    {
        "portNumber": {"protocol": STR, "port": INT},
        "namedPort": STR,
        "portRange": {"protocol": STR, "start": INT, "end": INT},
    }
]
V2_PROTOCOL = {"destinationPort": {"number": INT, "range": {"start": INT, "end": INT}}}
V2_PORTS = [
    {
        "tcp": V2_PROTOCOL,
        "udp": V2_PROTOCOL,
        "sctp": V2_PROTOCOL,
        "destinationNamedPort": STR,
    }
]


def _admin(ports: str, shape: Any) -> dict[str, Any]:
    rule = {"name": STR, "action": STR, ports: shape}
    return {
        "subject": SUBJECT,
        "ingress": [{**rule, "from": [SUBJECT]}],
        "egress": [{**rule, "to": [OUTER]}],
    }


ADMIN_SHAPES = {
    "AdminNetworkPolicy": policy({**_admin("ports", V1_PORTS), "priority": INT}),
    "BaselineAdminNetworkPolicy": policy(_admin("ports", V1_PORTS)),
    "ClusterNetworkPolicy": policy(
        {
            **_admin("protocols", V2_PORTS),
            "priority": INT,
            "tier": STR,
        }
    ),
}

CONTAINERS = [
    Open(
        ports=[Open(name=STR, containerPort=INT, protocol=STR)],
        restartPolicy=STR,
    )
]
POD_SPEC = Open(hostNetwork=BOOL, containers=CONTAINERS, initContainers=CONTAINERS)
TEMPLATE = Open(metadata=Open(labels=TEXTS), spec=POD_SPEC)
BARE_TEMPLATE = Open(metadata=Open(labels=TEXTS))

BACKEND = {"serviceName": STR, "servicePort": INT_OR_STR}
SERVICE = Open(
    metadata=POLICY_METADATA,
    spec=Open(
        type=STR,
        selector=TEXTS,
        ports=[Open(name=STR, port=INT, targetPort=INT_OR_STR, protocol=STR)],
    ),
)
INGRESS_BACKEND = Open(
    BACKEND,
    service=Open(name=STR, port=Open(number=INT, name=STR)),
)
ROUTE_TARGET = Open(kind=STR, name=STR, weight=INT)
REFERENCE = Open(group=STR, kind=STR, name=STR, namespace=STR, port=INT, weight=INT)
GRANT = Open(
    metadata=POLICY_METADATA,
    spec=Open(
        {"from": [Open(group=STR, kind=STR, namespace=STR)]},
        to=[Open(group=STR, kind=STR, name=STR)],
    ),
)


def entry(kind: str) -> Open:
    """What of an entry is looked at (S-82)."""
    if kind == "Ingress":
        spec = Open(
            defaultBackend=INGRESS_BACKEND,
            backend=INGRESS_BACKEND,
            rules=[Open(http=Open(paths=[Open(backend=INGRESS_BACKEND)]))],
        )
    elif kind == "Route":
        spec = Open(
            to=ROUTE_TARGET,
            alternateBackends=[ROUTE_TARGET],
            port=Open(targetPort=INT_OR_STR),
        )
    else:
        spec = Open(rules=[Open(backendRefs=[REFERENCE])])
    return Open(metadata=POLICY_METADATA, spec=spec)
