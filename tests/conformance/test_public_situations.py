"""Situations that well-known collections of policies teach, in our own words.

Each id begins with where the situation is known from. Where a collection's own reading differs
from ours, the id says so and names the rule.

- recipes: ahmetb/kubernetes-network-policy-recipes
- docs: kubernetes.io, Network Policies
- e2e: kubernetes/kubernetes, test/e2e/network/netpol
- admin: kubernetes-sigs/network-policy-api, conformance
- analyzer: np-guard/netpol-analyzer, tests
- cyclonus: mattfenwick/cyclonus, generator
- calico: docs.tigera.io tutorials; projectcalico/calico issue 6634
- cilium: editor.cilium.io tutorial; cilium/cilium issues 9209, 14497, 35212
- openshift: OpenShift and OKD documentation of network policy
- gke: Google Kubernetes Engine documentation of network policy
- aks: samples of Azure Kubernetes Service
- istio: blog "Using Network Policy with Istio" (Bookinfo)
- hardening: Kubernetes Hardening Guidance of NSA and CISA
"""

from __future__ import annotations

import pytest

from reviewer.cluster import Settings
from tests.conformance.words import (
    HOST,
    anp,
    at,
    banp,
    cnp,
    ingress,
    into,
    np,
    out_of,
    piece,
    pod,
    service,
    serving,
    space,
)

DB = pod("shop/db", "app: db, role: db")
WEB = pod("shop/web", "app: web, role: frontend")
MAIL = pod("mail/web", "app: web, role: frontend")
SPACES = space("shop", "env: prod") + space("mail", "purpose: production")
WORLD = DB + WEB + MAIL + SPACES
OUT = ["0.0.0.0/0", "::/0"]
MINE = "podSelector: {matchLabels: {app: db}}"
WEBS = "podSelector: {matchLabels: {app: web}}"
ALL_NS = "namespaceSelector: {}"
PRODUCTION = "namespaceSelector: {matchLabels: {purpose: production}}"


def policy(spec: str, name: str = "p") -> str:
    return np(f"shop/{name}", f"{{{spec}}}")


def only(*items: str, ports: str = "") -> str:
    """The database admits these peers."""
    peers = ", ".join(f"{{{item}}}" for item in items)
    return policy(f"{MINE}, ingress: [{{from: [{peers}]{ports and f', ports: [{ports}]'}}}]")


INGRESS: list[tuple[str, str, list[str]]] = [
    ("recipes 01: nothing to one application", policy(f"{MINE}, ingress: []"), []),
    ("recipes 02: from one sort of pod", only(WEBS), ["shop/web"]),
    (
        "recipes 02a: a rule that allows all wins over a denial",
        policy(f"{MINE}, ingress: []") + policy(f"{MINE}, ingress: [{{}}]", "q"),
        ["mail/web", "shop/web", *OUT],
    ),
    ("recipes 03: a default denial for the namespace", policy("podSelector: {}, ingress: []"), []),
    (
        "recipes 04: not from other namespaces",
        policy("podSelector: {}, ingress: [{from: [{podSelector: {}}]}]"),
        ["shop/web"],
    ),
    ("recipes 05: from all namespaces, not from outside", only(ALL_NS), ["mail/web", "shop/web"]),
    ("recipes 06: from a namespace by its label", only(PRODUCTION), ["mail/web"]),
    ("recipes 07: from some pods of it", only(f"{PRODUCTION}, {WEBS}"), ["mail/web"]),
    (
        "recipes 07: and no others of it",
        only(f"{PRODUCTION}, podSelector: {{matchLabels: {{type: x}}}}"),
        [],
    ),
    (
        "recipes 08: from outside too",
        policy(f"{MINE}, ingress: [{{from: []}}]"),
        ["mail/web", "shop/web", *OUT],
    ),
    (
        "recipes 10: from several sorts of pods",
        only("podSelector: {matchLabels: {role: search}}", WEBS),
        ["shop/web"],
    ),
    (
        "docs: three peers in one rule are any of them",
        only(
            "ipBlock: {cidr: 172.17.0.0/16, except: [172.17.1.0/24]}",
            PRODUCTION,
            "podSelector: {matchLabels: {role: frontend}}",
        ),
        [
            "mail/web",
            "shop/web",
            (
                "172.17.0.0/24 172.17.2.0/23 172.17.4.0/22 172.17.8.0/21 172.17.16.0/20 "
                "172.17.32.0/19 172.17.64.0/18 172.17.128.0/17"
            ),
        ],
    ),
    (
        "docs: one item with both selectors is both",
        only(f"{PRODUCTION}, podSelector: {{matchLabels: {{role: none}}}}"),
        [],
    ),
    (
        "docs: two items are either",
        only(PRODUCTION, "podSelector: {matchLabels: {role: none}}"),
        ["mail/web"],
    ),
    (
        "docs: allow all ingress",
        policy("podSelector: {}, ingress: [{}], policyTypes: [Ingress]"),
        ["mail/web", "shop/web", *OUT],
    ),
    ("docs: deny both directions", policy("podSelector: {}, policyTypes: [Ingress, Egress]"), []),
    (
        "docs: a namespace by its name",
        only("namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: mail}}"),
        ["mail/web"],
    ),
    (
        "docs: several namespaces by expression",
        only(
            "namespaceSelector: {matchExpressions: [{key: kubernetes.io/metadata.name, "
            "operator: In, values: [mail, shop]}]}"
        ),
        ["mail/web", "shop/web"],
    ),
    (
        "e2e: an empty namespaceSelector beside a pod selector",
        only(f"{ALL_NS}, {WEBS}"),
        ["mail/web", "shop/web"],
    ),
    (
        "e2e: namespaces by expression NotIn",
        only(
            "namespaceSelector: {matchExpressions: [{key: env, operator: NotIn, values: [prod]}]}"
        ),
        ["mail/web"],
    ),
    (
        "e2e: policies of two namespaces do not mix",
        only(WEBS) + np("mail/p", "{podSelector: {}, ingress: []}"),
        ["shop/web"],
    ),
    (
        "e2e: overlapping policies are added up",
        only(WEBS) + only(f"{ALL_NS}, {WEBS}").replace("name: p", "name: q"),
        ["mail/web", "shop/web"],
    ),
    (
        "e2e: a policy of the wrong protocol lets nobody in by TCP",
        only(WEBS, ports="{protocol: SCTP, port: 80}"),
        ["shop/web SCTP 80"],
    ),
    (
        "e2e: a block with an exception that holds all of it is refused",
        policy(
            f"{MINE}, ingress: [{{from: [{{ipBlock: {{cidr: 10.0.0.0/8, except: "
            f"[10.0.0.0/8]}}}}]}}]"
        ),
        ["mail/web", "shop/web", *OUT],
    ),
    (
        "cyclonus: policyTypes without Ingress leave it open",
        policy(f"{MINE}, policyTypes: [Egress]"),
        ["mail/web", "shop/web", *OUT],
    ),
    (
        "cyclonus: a rule of neither peers nor ports",
        policy(f"{MINE}, ingress: [{{from: [], ports: []}}]"),
        ["mail/web", "shop/web", *OUT],
    ),
    (
        "cyclonus differs (S-103): NotIn on a key that is missing matches",
        only("podSelector: {matchExpressions: [{key: tier, operator: NotIn, values: [x]}]}"),
        ["shop/web"],
    ),
    (
        "cyclonus differs (S-104): an empty value asks for an empty label",
        only("podSelector: {matchLabels: {tier: ''}}"),
        [],
    ),
    (
        "calico: a denial, then what is allowed",
        policy("podSelector: {}", "deny") + only(WEBS, ports="{port: 6379}"),
        ["shop/web TCP 6379"],
    ),
    (
        "calico differs (S-54): a block inside the pod ranges lets in no pod of unknown address",
        only("ipBlock: {cidr: 10.244.0.0/16}"),
        ["10.244.0.0/16"],
    ),
    (
        "calico: all addresses let pods in too",
        only("ipBlock: {cidr: 0.0.0.0/0}"),
        ["mail/web", "shop/web", OUT[0]],
    ),
    (
        "openshift: same namespace and the router, together",
        policy("ingress: [{from: [{podSelector: {}}]}]", "same")
        + policy(
            "ingress: [{from: [{namespaceSelector: {matchLabels: "
            "{network.openshift.io/policy-group: ingress}}}]}]",
            "router",
        ),
        ["shop/web"],
    ),
    ("openshift: a null podSelector is every pod", policy("podSelector: , ingress: []"), []),
    ("gke: foo may call hello", only(WEBS, ports="{port: 8080}"), ["shop/web TCP 8080"]),
    (
        "aks: labels of a back end are both needed",
        policy(
            "podSelector: {matchLabels: {app: db, role: db}}, ingress: [{from: [{podSelector: "
            "{matchLabels: {app: web}}}]}]"
        ),
        ["shop/web"],
    ),
    (
        "istio: only the gateway reaches the product page",
        only("namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: istio-system}}"),
        [],
    ),
    (
        "hardening: isolate by a default, allow by label and port",
        policy("podSelector: {}, policyTypes: [Ingress]", "default")
        + only("podSelector: {matchLabels: {role: frontend}}", ports="{protocol: TCP, port: 6379}"),
        ["shop/web TCP 6379"],
    ),
    (
        "analyzer: a range of ports",
        only(WEBS, ports="{port: 5000, endPort: 6000}"),
        ["shop/web TCP 5000-6000"],
    ),
    (
        "analyzer: ports without peers are for the internet too",
        policy(f"{MINE}, ingress: [{{ports: [{{port: 443}}]}}]"),
        ["mail/web TCP 443", "shop/web TCP 443", "0.0.0.0/0 TCP 443", "::/0 TCP 443"],
    ),
]


def told(source: str, end: str = "shop/db") -> str:
    """`shop/web` is a row of all ports; `shop/web TCP 80` one of these."""
    for word in (" TCP ", " UDP ", " SCTP "):
        if word in source:
            name, _, ports = source.partition(word)
            return f"{name} -> {end}: {word.strip()} {ports}"
    return f"{source} -> {end}: all"


@pytest.mark.parametrize(
    ("policies", "expected"), [i[1:] for i in INGRESS], ids=[i[0] for i in INGRESS]
)
def test_who_gets_in(policies: str, expected: list[str]) -> None:
    assert into(WORLD + policies) == [told(each) for each in expected]


def leaving(rules: str) -> str:
    """What the web pods may do, and nothing else."""
    return policy(f"{WEBS}, policyTypes: [Egress], egress: {rules}")


DNS_PORTS = "{ports: [{protocol: UDP, port: 53}, {protocol: TCP, port: 53}]}"
DNS = pod("kube-system/dns", "k8s-app: kube-dns")
EGRESS: list[tuple[str, str, list[str]]] = [
    ("recipes 11: nothing leaves", leaving("[]"), []),
    (
        "recipes 11: but name resolution, anywhere",
        leaving(f"[{DNS_PORTS}]"),
        [
            "mail/web: TCP 53 UDP 53",
            "shop/db: TCP 53 UDP 53",
            "0.0.0.0/0: TCP 53 UDP 53",
            "::/0: TCP 53 UDP 53",
        ],
    ),
    (
        "recipes 12: a default denial of egress",
        policy("podSelector: {}, policyTypes: [Egress], egress: []"),
        [],
    ),
    (
        "recipes 14: only inside the cluster",
        leaving("[{to: [{namespaceSelector: {}}]}]"),
        ["mail/web: all", "shop/db: all"],
    ),
    (
        "recipes 14: as written, with name resolution, port 53 is open to the world",
        leaving(f"[{DNS_PORTS}, {{to: [{{namespaceSelector: {{}}}}]}}]"),
        [
            "mail/web: all",
            "shop/db: all",
            "0.0.0.0/0: TCP 53 UDP 53",
            "::/0: TCP 53 UDP 53",
        ],
    ),
    (
        "docs: allow all egress",
        leaving("[{}]"),
        ["mail/web: all", "shop/db: all", "0.0.0.0/0: all", "::/0: all"],
    ),
    (
        "docs: a block and a port",
        leaving("[{to: [{ipBlock: {cidr: 10.0.0.0/24}}], ports: [{port: 5978}]}]"),
        ["10.0.0.0/24: TCP 5978"],
    ),
    (
        "docs: a range of ports",
        leaving("[{to: [{ipBlock: {cidr: 10.0.0.0/24}}], ports: [{port: 32000, endPort: 32768}]}]"),
        ["10.0.0.0/24: TCP 32000-32768"],
    ),
    (
        "e2e: egress in a namespace, one server alone",
        leaving("[{to: [{podSelector: {matchLabels: {app: db}}}], ports: [{port: 80}]}]"),
        ["shop/db: TCP 80"],
    ),
    (
        "e2e: both sides have to allow",
        leaving("[{to: [{podSelector: {}}], ports: [{port: 80}, {port: 81}]}]")
        + only(WEBS, ports="{port: 81}").replace("name: p", "name: q"),
        ["shop/db: TCP 81"],
    ),
    (
        "cilium: name resolution by both selectors",
        DNS
        + leaving(
            "[{to: [{namespaceSelector: {}, podSelector: {matchLabels: {k8s-app: kube-dns}}}], "
            "ports: [{protocol: UDP, port: 53}]}]"
        ),
        ["kube-system/dns: UDP 53"],
    ),
    (
        "cilium differs (S-100): all addresses are pods too",
        leaving("[{to: [{ipBlock: {cidr: 0.0.0.0/0}}], ports: [{port: 443}]}]"),
        ["mail/web: TCP 443", "shop/db: TCP 443", "0.0.0.0/0: TCP 443"],
    ),
    (
        "calico: outside alone, by exceptions for the pods",
        leaving("[{to: [{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8]}}]}]"),
        [
            (
                "0.0.0.0/5 8.0.0.0/7 11.0.0.0/8 12.0.0.0/6 16.0.0.0/4 32.0.0.0/3 64.0.0.0/2 "
                "128.0.0.0/1: all"
            )
        ],
    ),
    (
        "gke: egress to hello and name resolution",
        leaving(
            "[{to: [{podSelector: {matchLabels: {app: db}}}]}, {to: [], ports: [{protocol: "
            "UDP, port: 53}]}]"
        ),
        ["mail/web: UDP 53", "shop/db: all", "0.0.0.0/0: UDP 53", "::/0: UDP 53"],
    ),
]


@pytest.mark.parametrize(
    ("policies", "expected"), [e[1:] for e in EGRESS], ids=[e[0] for e in EGRESS]
)
def test_who_gets_out(policies: str, expected: list[str]) -> None:
    assert out_of(WORLD + policies) == [f"shop/web -> {each}" for each in expected]


def admin_rule(action: str, name: str, more: str = "") -> str:
    peer = f"{{namespaces: {{matchLabels: {{kubernetes.io/metadata.name: {name}}}}}}}"
    return f"{{action: {action}, from: [{peer}]{more}}}"


def subject(rules: str, name: str = "shop") -> str:
    found = f"subject: {{namespaces: {{matchLabels: {{kubernetes.io/metadata.name: {name}}}}}}}"
    return f"{found}, ingress: [{rules}]"


OPEN = ["mail/web", "shop/web", *OUT]
UDP_53 = ", protocols: [{udp: {destinationPort: {number: 53}}}]"
ADMIN: list[tuple[str, str, list[str]]] = [
    (
        "admin: Allow from one house, Deny from all others",
        anp(
            "a",
            10,
            subject(admin_rule("Allow", "mail") + ", {action: Deny, from: [{namespaces: {}}]}"),
        ),
        ["mail/web", *OUT],
    ),
    (
        "admin: swapped, the Deny comes first",
        anp(
            "a",
            10,
            subject("{action: Deny, from: [{namespaces: {}}]}, " + admin_rule("Allow", "mail")),
        ),
        OUT,
    ),
    (
        "admin: a higher priority decides",
        anp("a", 60, subject(admin_rule("Deny", "mail")))
        + anp("b", 50, subject(admin_rule("Allow", "mail"))),
        OPEN,
    ),
    (
        "admin: Pass to a NetworkPolicy",
        anp("a", 10, subject(admin_rule("Pass", "mail"))) + policy("podSelector: {}, ingress: []"),
        [],
    ),
    (
        "admin: Pass to the baseline where no NetworkPolicy is",
        anp("a", 10, subject(admin_rule("Pass", "mail")))
        + banp(subject(admin_rule("Deny", "mail"))),
        OPEN[1:],
    ),
    (
        "admin: Deny on one port and protocol",
        anp(
            "a",
            10,
            subject(
                admin_rule("Deny", "mail", ", ports: [{portNumber: {protocol: UDP, port: 53}}]")
            ),
        ),
        ["mail/web TCP UDP 1-52,54-65535 SCTP", *OPEN[1:]],
    ),
    (
        "admin: the newer kind without a namespace selector means every namespace",
        cnp(
            "a",
            "Admin",
            3,
            subject(
                "{action: Deny, from: [{pods: {podSelector: {matchExpressions: [{key: role, "
                "operator: Exists}]}}}]}"
            ),
        ),
        OUT,
    ),
    (
        "admin: equal priorities with disjoint rules are all in force",
        cnp("a", "Admin", 5, subject(admin_rule("Deny", "mail")))
        + cnp("b", "Admin", 5, subject(admin_rule("Deny", "shop"))),
        OUT,
    ),
    (
        "admin: and of another subject are not ours",
        cnp("a", "Admin", 5, subject(admin_rule("Deny", "mail")))
        + cnp("b", "Admin", 5, subject(admin_rule("Deny", "shop"), "mail")),
        OPEN[1:],
    ),
    (
        "analyzer: pass at 7, allow at 9: the policy of the namespace decides",
        anp("allow", 9, subject(admin_rule("Allow", "mail")))
        + anp("pass", 7, subject(admin_rule("Pass", "mail")))
        + policy("ingress: []"),
        [],
    ),
    (
        "analyzer: the baseline denies pods, not the internet",
        banp(subject("{action: Deny, from: [{namespaces: {}}]}")),
        OUT,
    ),
    (
        "openshift: monitoring is let in whatever tenants write",
        policy("ingress: []") + anp("a", 5, subject(admin_rule("Allow", "mail"))),
        ["mail/web"],
    ),
]


@pytest.mark.parametrize(
    ("policies", "expected"), [a[1:] for a in ADMIN], ids=[a[0] for a in ADMIN]
)
def test_admin_policies(policies: str, expected: list[str]) -> None:
    assert into(WORLD + policies) == [told(each) for each in expected]


NAMED = pod("shop/db", "app: db", serving("name: api, containerPort: 8080"))
ROUTE = piece("route.openshift.io/v1", "Route", "shop/r", "{to: {kind: Service, name: db}}")
ROUTER = policy(
    "ingress: [{from: [{namespaceSelector: {matchLabels: {network.openshift.io/policy-group: "
    "ingress}}}]}]"
)
HOST_LABEL = "policy-group.network.openshift.io/host-network: ''"
OTHERS: list[tuple[str, str, list[str]]] = [
    (
        "openshift differs (S-27): no namespace selector means the host network",
        DB
        + pod("net/host", "", HOST)
        + space("net", HOST_LABEL)
        + only(f"namespaceSelector: {{matchLabels: {{{HOST_LABEL}}}}}"),
        [],
    ),
    (
        "recipes 09: a port by its number at the pod",
        NAMED
        + WEB
        + service("shop/db", "app: db", "port: 80, targetPort: api")
        + only(WEBS, ports="{port: 8080}"),
        ["shop/web -> shop/db: TCP 8080"],
    ),
    (
        "e2e: a named port",
        NAMED + WEB + only(WEBS, ports="{port: api}"),
        ["shop/web -> shop/db: TCP 8080"],
    ),
    ("e2e: a named port that nobody has", NAMED + WEB + only(WEBS, ports="{port: other}"), []),
    (
        "e2e: a pod by its address",
        DB + pod("shop/web", "", at("10.1.2.3")) + only("ipBlock: {cidr: 10.1.2.3/32}"),
        ["shop/web -> shop/db: all", "10.1.2.3/32 -> shop/db: all"],
    ),
    (
        "openshift: policies do not apply to the host network",
        pod("shop/db", "app: db", HOST) + WEB + policy("ingress: []"),
        ["shop/web -> shop/db: all", "0.0.0.0/0 -> shop/db: all", "::/0 -> shop/db: all"],
    ),
    (
        "openshift: the router reaches what a Route leads to",
        DB + service("shop/db", "app: db", "port: 80") + ROUTE + ROUTER,
        ["ingress -> shop/db: TCP 80"],
    ),
    (
        "istio: an Ingress leads to the product page alone",
        DB
        + service("shop/db", "app: db", "port: 80")
        + ingress("shop/i", "db", "number: 80")
        + only("namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: istio-system}}"),
        ["ingress -> shop/db: TCP 80"],
    ),
    (
        "admin: hairpin through a Service is no row",
        DB
        + service("shop/db", "app: db", "port: 80")
        + cnp("a", "Admin", 15, subject(admin_rule("Deny", "shop"))),
        ["0.0.0.0/0 -> shop/db: all", "::/0 -> shop/db: all"],
    ),
]


@pytest.mark.parametrize(("files", "expected"), [o[1:] for o in OTHERS], ids=[o[0] for o in OTHERS])
def test_ports_addresses_and_entries(files: str, expected: list[str]) -> None:
    assert into(files) == expected


def test_cilium_reads_blocks_its_own_way() -> None:
    """Where address rules never mean pods there is a setting (S-54, S-100)."""
    policies = leaving("[{to: [{ipBlock: {cidr: 0.0.0.0/0}}], ports: [{port: 443}]}]")
    settings = Settings(blocks_match_pods=False)
    assert out_of(WORLD + policies, settings=settings) == ["shop/web -> 0.0.0.0/0: TCP 443"]
