"""Selectors and NetworkPolicies (semantics.md sections 3 and 4)."""

from __future__ import annotations

import pytest

from tests import kit
from tests.conformance.words import codes, into, np, out_of, pod, service, serving, space, workload

WEB, DB = pod("shop/web", "app: web, tier: front"), pod("shop/db", "app: db")
JOB = pod("ops/job", "app: job")
BARE = pod("shop/bare")
WORLD = WEB + DB + JOB + BARE
OUTSIDE = ["0.0.0.0/0 -> shop/db: all", "::/0 -> shop/db: all"]


def admits(selector: str) -> str:
    """A policy that lets the pods of this selector, in its namespace, into the database."""
    return ingress(f"[{{from: [{{podSelector: {selector}}}]}}]")


def ingress(rules: str) -> str:
    return np("shop/p", f"{{podSelector: {{matchLabels: {{app: db}}}}, ingress: {rules}}}")


def from_(peers: str) -> str:
    return ingress(f"[{{from: [{peers}]}}]")


def ports(items: str) -> str:
    return ingress(f"[{{from: [{{podSelector: {{matchLabels: {{app: web}}}}}}], ports: {items}}}]")


def asks(text: str) -> str:
    items = ", ".join(f"{{{item}}}" for item in text.split("; "))
    return f"{{matchExpressions: [{items}]}}"


SELECTORS: list[tuple[str, str, list[str]]] = [
    ("S-30 the empty selector matches everything", "{}", ["bare", "web"]),
    (
        "S-30 neither of both, written out",
        "{matchLabels: {}, matchExpressions: []}",
        ["bare", "web"],
    ),
    (
        "S-30 every entry has to match",
        "{matchLabels: {app: web}, matchExpressions: [{key: tier, operator: In, values: [back]}]}",
        [],
    ),
    ("S-31 matchLabels", "{matchLabels: {app: web}}", ["web"]),
    ("S-31 missing is not the empty value", "{matchLabels: {app: ''}}", []),
    ("S-31 case counts", "{matchLabels: {App: web}}", []),
    ("S-31 In", asks("key: app, operator: In, values: [api, web]"), ["web"]),
    (
        "S-31 NotIn matches where the key is missing",
        asks("key: app, operator: NotIn, values: [web]"),
        ["bare"],
    ),
    ("S-31 Exists", asks("key: tier, operator: Exists"), ["web"]),
    ("S-31 DoesNotExist", asks("key: tier, operator: DoesNotExist"), ["bare"]),
    (
        "S-31 several of one key all hold",
        asks("key: app, operator: Exists; key: app, operator: DoesNotExist"),
        [],
    ),
    (
        "S-31 so two In meet in what they share",
        asks("key: app, operator: In, values: [web, a]; key: app, operator: In, values: [web, b]"),
        ["web"],
    ),
]


@pytest.mark.parametrize(
    ("selector", "names"), [s[1:] for s in SELECTORS], ids=[s[0] for s in SELECTORS]
)
def test_selectors(selector: str, names: list[str]) -> None:
    assert into(WEB + DB + BARE + admits(selector)) == [f"shop/{n} -> shop/db: all" for n in names]


HASHED = workload("Deployment", "shop/web", "app: web") + DB
UNKNOWN: list[tuple[str, str, list[str]]] = [
    ("S-32 Exists is true", "key: pod-template-hash, operator: Exists", ["shop/web"]),
    ("S-32 DoesNotExist is false", "key: pod-template-hash, operator: DoesNotExist", []),
    ("S-32 In is false", "key: pod-template-hash, operator: In, values: [a]", []),
    ("S-32 NotIn is true", "key: pod-template-hash, operator: NotIn, values: [a]", ["shop/web"]),
]


@pytest.mark.parametrize(("text", "names"), [u[1:] for u in UNKNOWN], ids=[u[0] for u in UNKNOWN])
def test_labels_nobody_can_know(text: str, names: list[str]) -> None:
    files = HASHED + admits(asks(text))
    assert into(files) == [f"{name} -> shop/db: all" for name in names]
    assert codes(files) == ["controller-label 15"]


INGRESS: list[tuple[str, str, list[str]]] = [
    ("S-40 absent: all pods of the namespace", np("shop/p", "{ingress: []}"), []),
    ("S-40 null likewise", np("shop/p", "{podSelector: null}"), []),
    ("S-40 of its own namespace alone", np("ops/p", "{podSelector: {}}"), ["all", *OUTSIDE]),
    ("S-41 egress [] does not count", np("shop/p", "{egress: []}"), []),
    (
        "S-41 Egress alone leaves ingress open",
        np("shop/p", "{policyTypes: [Egress], egress: [{}]}"),
        ["all", *OUTSIDE],
    ),
    ("S-41 types [] are absent", np("shop/p", "{policyTypes: []}"), []),
    ("S-42 policies only add", admits("{matchLabels: {app: web}}") + np("shop/q", "{}"), ["web"]),
    (
        "S-42 what two allow is both",
        admits("{matchLabels: {app: web}}")
        + admits("{matchExpressions: [{key: app, operator: DoesNotExist}]}").replace(
            "name: p", "name: q"
        ),
        ["bare", "web"],
    ),
    ("S-43 no rule: nothing", ingress("[]"), []),
    ("S-43 null: nothing", ingress("null"), []),
    ("S-43 an empty rule: everything", ingress("[{}]"), ["all", *OUTSIDE]),
    ("S-43 a null item too", ingress("[null]"), ["all", *OUTSIDE]),
    ("S-44 from []: every peer", ingress("[{from: []}]"), ["all", *OUTSIDE]),
    ("S-44 pods of the policy's namespace", from_("{podSelector: {}}"), ["bare", "web"]),
    ("S-44 all pods of namespaces", from_("{namespaceSelector: {}}"), ["job", "bare", "web"]),
    (
        "S-44 both in one item",
        from_("{namespaceSelector: {}, podSelector: {matchLabels: {app: job}}}"),
        ["job"],
    ),
    (
        "S-44 two items are either",
        from_(
            "{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ops}}}, "
            "{podSelector: {matchLabels: {app: web}}}"
        ),
        ["job", "web"],
    ),
    (
        "S-44 a block, less its exceptions",
        from_("{ipBlock: {cidr: 203.0.113.0/24, except: [203.0.113.0/25]}}"),
        ["203.0.113.128/25 -> shop/db: all"],
    ),
    (
        "S-44 which another item may allow all the same",
        from_(
            "{ipBlock: {cidr: 203.0.113.0/24, except: [203.0.113.0/25]}}, {ipBlock: {cidr: "
            "203.0.113.0/26}}"
        ),
        ["203.0.113.0/26 203.0.113.128/25 -> shop/db: all"],
    ),
]
NAMES = {"web": "shop/web", "bare": "shop/bare", "job": "ops/job"}


@pytest.mark.parametrize(
    ("policy", "expected"), [i[1:] for i in INGRESS], ids=[i[0] for i in INGRESS]
)
def test_ingress(policy: str, expected: list[str]) -> None:
    full = ["job", "bare", "web"] if expected[:1] == ["all"] else []
    wanted = [*full, *expected[1:]] if full else expected
    assert into(WORLD + policy) == [
        f"{NAMES[each]} -> shop/db: all" if each in NAMES else each for each in wanted
    ]


PORTS: list[tuple[str, str, str | None]] = [
    ("S-45 absent: every port of every protocol", "null", "all"),
    ("S-45 [] likewise", "[]", "all"),
    ("S-45 {} is all of TCP", "[{}]", "TCP"),
    ("S-45 a protocol without port", "[{protocol: UDP}]", "UDP"),
    ("S-45 TCP where absent", "[{port: 80}]", "TCP 80"),
    ("S-45 endPort is included", "[{port: 80, endPort: 82}]", "TCP 80-82"),
    ("S-45 one item has to match", "[{port: 80}, {protocol: UDP, port: 53}]", "TCP 80 UDP 53"),
    ("S-45 neighbours are merged", "[{port: 80}, {port: 81, endPort: 90}]", "TCP 80-90"),
    ("S-46 a name", "[{port: sql}]", "TCP 5432,6432"),
    ("S-46 of that protocol", "[{protocol: UDP, port: sql}]", None),
    ("S-46 of another protocol", "[{protocol: UDP, port: dns}]", "UDP 53"),
    ("S-46 a name that no pod has", "[{port: none}]", None),
]
SERVING = pod(
    "shop/db",
    "app: db",
    serving(
        "name: sql, containerPort: 5432",
        "name: sql2, containerPort: 5432",
        "name: dns, containerPort: 53, protocol: UDP",
    ).replace("}]}]}", "}]}, {name: d, ports: [{name: sql, containerPort: 6432}]}]}"),
)


@pytest.mark.parametrize(("items", "expected"), [p[1:] for p in PORTS], ids=[p[0] for p in PORTS])
def test_ports(items: str, expected: str | None) -> None:
    assert into(WEB + SERVING + ports(items)) == (
        [f"shop/web -> shop/db: {expected}"] if expected else []
    )


EGRESS: list[tuple[str, str, list[str]]] = [
    (
        "S-41 an egress rule governs egress",
        "{egress: [{to: [{podSelector: {}}]}]}",
        ["shop/bare: all", "shop/db: all"],
    ),
    (
        "S-41 with egress [] alone it stays open",
        "{egress: []}",
        ["ops/job: all", "shop/bare: all", "shop/db: all", "0.0.0.0/0: all", "::/0: all"],
    ),
    (
        "S-45 always the destination's port",
        "{egress: [{ports: [{port: 80}]}]}",
        [
            "ops/job: TCP 80",
            "shop/bare: TCP 80",
            "shop/db: TCP 80",
            "0.0.0.0/0: TCP 80",
            "::/0: TCP 80",
        ],
    ),
    (
        "S-46 each destination by itself",
        "{egress: [{ports: [{port: sql}]}]}",
        ["shop/db: TCP 5432,6432"],
    ),
]


@pytest.mark.parametrize(("spec", "expected"), [e[1:] for e in EGRESS], ids=[e[0] for e in EGRESS])
def test_egress(spec: str, expected: list[str]) -> None:
    policy = np("shop/p", "{podSelector: {matchLabels: {app: web}}, " + spec[1:])
    assert out_of(WEB + SERVING + JOB + BARE + policy) == [f"shop/web -> {e}" for e in expected]


SERVICES: list[tuple[str, str, list[str]]] = [
    ("S-47 the Service's port is not the pod's", "[{port: 80}]", ["shop/web -> shop/db: TCP 80"]),
    ("S-47 the target port is", "[{port: 5432}]", ["shop/web -> shop/db: TCP 5432"]),
]


@pytest.mark.parametrize(
    ("items", "expected"), [s[1:] for s in SERVICES], ids=[s[0] for s in SERVICES]
)
def test_services_change_nothing(items: str, expected: list[str]) -> None:
    front = service("shop/db", "app: db", "port: 80, targetPort: 5432")
    assert into(WEB + SERVING + front + ports(items)) == expected
    assert into(WEB + SERVING + ports(items)) == expected


SAID: list[tuple[str, str, list[str]]] = [
    (
        "S-46 said where no pod in scope has the name",
        WEB + DB + ports("[{port: sql}]"),
        ["named-port-unresolved 15"],
    ),
    ("S-46 silent where one has", WEB + SERVING + ports("[{port: sql}]"), []),
    (
        "S-20 silent where the namespace is known",
        WEB
        + space("shop")
        + np("shop/p", "{ingress: [{from: [{namespaceSelector: {matchLabels: {team: a}}}]}]}"),
        [],
    ),
]


@pytest.mark.parametrize(("files", "expected"), [s[1:] for s in SAID], ids=[s[0] for s in SAID])
def test_said(files: str, expected: list[str]) -> None:
    assert codes(files) == expected


def test_order_of_policies_never_matters() -> None:
    """S-42."""
    one, other = admits("{matchLabels: {app: web}}"), np("shop/q", "{}")
    assert kit.changes(WORLD + one + other, WORLD + other + one) == []
