"""Each check fires on its case and is silent on its neighbour (findings.md section 4, F-70 to
F-86). A row is base, head, and what is said by the checks under test.
"""

from __future__ import annotations

import pytest

from tests.findings.manifests import (
    API,
    DB,
    TOOL,
    WEB,
    admits,
    allows,
    block,
    deny,
    ingress,
    namespace,
    pods,
    policy,
    said,
    service,
    space,
    workload,
)

SHUT = deny("shop")
DNS = workload("kube-system/coredns", "k8s-app=kube-dns", 53)
TO_API = admits("shop/db", "app=store", pods("app=api"), ports="TCP/5432")
PROMETHEUS = workload("ops/prometheus", "app=prometheus")
METRICS = workload("shop/web", "app=web", "metrics:9100")
AWAY = "{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: away}}}"

# (id, base, head, findings that begin so)
REACH = [
    (
        "new-workload-not-isolated",
        SHUT.replace("shop", "ops") + WEB,
        SHUT.replace("shop", "ops") + WEB + API,
        ["medium new-workload-not-isolated: shop/api[Deployment] is not isolated (ingress and"],
    ),
    (
        "F-73 no policy anywhere: one low finding",
        WEB,
        WEB + API + DB,
        ["low new-workload-not-isolated: shop/api[Deployment] and shop/db[Deployment] are not"],
    ),
    ("new but under a default deny", SHUT + WEB, SHUT + WEB + API, []),
    (
        "policy-deleted-opens",
        WEB + SHUT,
        WEB,
        ["high policy-deleted-opens: removing shop/default-deny opens 2 flows to shop/web[De"],
    ),
    (
        "a policy renamed (F-70)",
        WEB + SHUT,
        WEB + SHUT.replace("default-deny", "deny-all"),
        [],
    ),
    (
        "lost-isolation: relabelled",
        WEB + policy("shop/web", "app=web", "policyTypes: [Ingress]"),
        workload("shop/web", "app=web2", 8080)
        + policy("shop/web", "app=web", "policyTypes: [Ingress]"),
        ["high lost-isolation: shop/web[Deployment] lost ingress isolation: relabelled"],
    ),
    (
        "lost-isolation: a rule allows everything",
        WEB + policy("shop/web", "app=web", "{policyTypes: [Ingress], ingress: []}"),
        WEB + policy("shop/web", "app=web", "{policyTypes: [Ingress], ingress: [{}]}"),
        ["high lost-isolation: shop/web[Deployment] lost ingress isolation: ingress[0] of shop/"],
    ),
    (
        "metadata-service-reachable",
        WEB + deny("shop", "Egress"),
        WEB + deny("shop", "Egress") + allows("shop/w", "app=web", block("0.0.0.0/0")),
        ["high metadata-service-reachable: shop/web[Deployment] can reach the cloud metadata"],
    ),
    (
        "admin-port-open",
        WEB + TOOL + SHUT,
        WEB + TOOL + SHUT + admits("shop/web", "app=web", namespace(), ports="TCP/22"),
        ["high admin-port-open: TCP 22 (SSH) of shop/web[Deployment] opens to ops/tool[Deploy"],
    ),
    (
        "F-75 all ports of a web workload: no admin port, medium",
        WEB + TOOL + SHUT,
        WEB + TOOL + SHUT + admits("shop/web", "app=web", namespace()),
        ["medium cross-namespace-open: ops/tool[Deployment] can now reach shop/web[Deployment]"],
    ),
    (
        "world-ingress, sensitive-open: one edit, three findings",
        DB + API + TOOL + SHUT + TO_API,
        DB + API + TOOL + SHUT + admits("shop/db", "app=store", ports="TCP/5432"),
        [
            "critical world-ingress: shop/db[Deployment] opens to the internet on TCP 5432",
            "high sensitive-open: ops/tool[Deployment] can now reach shop/db[Deployment] on TCP",
        ],
    ),
    (
        "F-72 a first policy only closes",
        WEB + API,
        WEB + API + admits("shop/web", "app=web", pods("app=api")),
        [],
    ),
    (
        "ingress-exposed",
        WEB + SHUT + admits("shop/web", "app=web", namespace(), ports="TCP/8080"),
        WEB
        + SHUT
        + admits("shop/web", "app=web", namespace(), ports="TCP/8080")
        + service("shop/web", "app=web", 8080)
        + ingress("shop/site", "web", 8080),
        ["medium ingress-exposed: shop/web[Deployment] is now reached through Ingress shop/site"],
    ),
    (
        "private-range-open",
        WEB + SHUT,
        WEB + SHUT + admits("shop/web", "app=web", block("10.20.0.0/16"), ports="TCP/8080"),
        ["medium private-range-open: private addresses (10.20.0.0/16) can now reach shop/web["],
    ),
    (
        "world-egress",
        WEB + deny("shop", "Egress"),
        WEB
        + deny("shop", "Egress")
        + allows("shop/w", "app=web", block("0.0.0.0/0"), ports="TCP/443"),
        ["medium world-egress: shop/web[Deployment] can now reach the internet on TCP 443"],
    ),
    (
        "F-77 a standing open database, a change elsewhere",
        DB + WEB,
        DB + WEB + policy("shop/web", "app=web", "policyTypes: [Ingress]"),
        [],
    ),
]
OUTAGE = [
    (
        "dns-lost",
        WEB + DB + DNS,
        WEB + DB + DNS + allows("shop/web", "app=web", pods("app=store"), ports="TCP/5432"),
        ["medium dns-lost: shop/web[Deployment] cannot resolve names any more: no egress to po"],
    ),
    ("dns: sealed on purpose", WEB + DNS, WEB + DNS + deny("shop", "Egress"), []),
    (
        "dns: a rule without peers on 53",
        WEB + DB + DNS,
        WEB + DB + DNS + allows("shop/web", "app=web", ports="UDP/53"),
        [],
    ),
    (
        "dns: kube-dns is not in the manifests, a label nobody knows counts as met",
        WEB + DB,
        WEB
        + DB
        + allows(
            "shop/web",
            "app=web",
            "{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}},"
            " podSelector: {matchLabels: {k8s-app: kube-dns, other: x}}}",
            ports="UDP/53",
        ),
        [],
    ),
    (
        "ingress-backend-blocked",
        WEB + service("shop/web", "app=web", 8080) + ingress("shop/site", "web", 8080),
        WEB
        + service("shop/web", "app=web", 8080)
        + ingress("shop/site", "web", 8080)
        + admits("shop/web", "app=web", pods("app=web")),
        ["medium ingress-backend-blocked: Ingress shop/site leads to shop/web[Deployment] but"],
    ),
    (
        "service-unreachable",
        workload("shop/web", "app=web", env="db:5432") + DB + service("shop/db", "app=store", 5432),
        workload("shop/web", "app=web", env="db:5432")
        + DB
        + service("shop/db", "app=store", 5432)
        + policy("shop/db", "app=store", "policyTypes: [Ingress]"),
        [
            "medium service-unreachable: shop/web[Deployment] refers to Service shop/db in env or",
        ],
    ),
    (
        "service: another pod of it still answers",
        workload("shop/web", "app=web", env="http://db")
        + DB
        + API
        + service("shop/db", "", 80).replace("selector: {}", "selector: {}"),
        workload("shop/web", "app=web", env="http://db")
        + DB
        + API
        + policy("shop/db", "app=store", "policyTypes: [Ingress]"),
        [],
    ),
    (
        "monitoring-path-lost",
        METRICS + PROMETHEUS,
        METRICS + PROMETHEUS + API + admits("shop/web", "app=web", pods("app=web"), ports="TCP/80"),
        ["medium monitoring-path-lost: ops/prometheus[Deployment] loses the metrics port of sho"],
    ),
    (
        "half-open",
        DB
        + API
        + policy(
            "shop/api",
            "app=api",
            "{policyTypes: [Egress], egress: [{ports: [{port: 53, protocol: UDP}]}]}",
        ),
        DB
        + API
        + policy(
            "shop/api",
            "app=api",
            "{policyTypes: [Egress], egress: [{ports: [{port: 53, protocol: UDP}]}]}",
        )
        + TO_API,
        ["medium half-open: shop/db ingress[0] allows shop/api[Deployment] → shop/db[Deployment]"],
    ),
    ("half-open: the pair works", DB + API, DB + API + TO_API, []),
    (
        "half-open: a rule for replicas of one of its subjects",
        DB + API + deny("shop", "Ingress", "Egress"),
        DB
        + API
        + deny("shop", "Ingress", "Egress")
        + admits("shop/both", "", pods("app=api"), ports="TCP/9093")
        + allows("shop/self", "app=api", pods("app=api"), ports="TCP/9093"),
        [],
    ),
    (
        "nothing-left",
        WEB + API,
        WEB + API + policy("shop/web", "app=web", "policyTypes: [Ingress]"),
        ["low nothing-left: shop/web[Deployment] can no longer be reached by anything"],
    ),
    (
        "nothing-left but pods that are not in the manifests",
        WEB + API,
        WEB + API + admits("shop/web", "app=web", AWAY),
        [
            (
                "low nothing-left: shop/web[Deployment] can no longer be reached by anything in "
                "the manifests"
            )
        ],
    ),
    ("F-84 a workload removed with its policy", WEB + TO_API + DB + API, WEB + API, []),
]
SPACES = space("shop", "team=a") + space("ops")
TEXT = [
    (
        "field-widens: a selector",
        WEB,
        WEB + policy("shop/p", "app=web", "{ingress: [{from: [{podSelector: {app: api}}]}]}"),
        ["high field-widens: app is not a field of ingress[0].from[0].podSelector in shop/p"],
    ),
    (
        "field-widens: `to` in ingress",
        WEB,
        WEB + policy("shop/p", "app=web", "{ingress: [{to: [{podSelector: {}}]}]}"),
        ["high field-widens: to is not a field of ingress[0] in shop/p: the rule now means eve"],
    ),
    ("field-widens: an empty selector is meant", WEB, WEB + SHUT, []),
    (
        "policy-selects-nothing: nothing is near",
        WEB,
        WEB + policy("shop/p", "tier=edge", "policyTypes: [Ingress]"),
        ["low policy-selects-nothing: shop/p selects no workload of shop"],
    ),
    (
        "policy-selects-nothing: F-35 near miss",
        workload("shop/carts", "name=carts"),
        workload("shop/carts", "name=carts")
        + policy("shop/p", "name=cart", "policyTypes: [Ingress]"),
        ["medium policy-selects-nothing: shop/p selects no workload of shop; did you mean name=c"],
    ),
    ("F-80 a namespace without workloads", WEB, WEB + policy("other/p", "app=x"), []),
    (
        "peer-selects-nothing",
        WEB + API,
        WEB + API + admits("shop/p", "app=web", pods("run=api")),
        ["medium peer-selects-nothing: shop/p ingress[0] peer 0 (run=api) matches nothing; did"],
    ),
    (
        "namespace-label-unset",
        WEB + SPACES,
        WEB + SPACES + admits("shop/p", "app=web", namespace("name=ops")),
        ["medium namespace-label-unset: no namespace has name=ops"],
    ),
    (
        "no Namespace object at all",
        WEB,
        WEB + admits("shop/p", "app=web", namespace("name=ops")),
        [],
    ),
    (
        "port-unresolved",
        workload("shop/web", "app=web", "http:8080"),
        workload("shop/web", "app=web", "http:8080") + admits("shop/p", "app=web", ports="TCP/htp"),
        ["medium port-unresolved: no pod in scope of shop/p ingress[0] names a port htp; did you"],
    ),
    (
        "service-port-in-rule",
        WEB + service("shop/web", "app=web", 80, 8080),
        WEB
        + service("shop/web", "app=web", 80, 8080)
        + admits("shop/p", "app=web", ports="TCP/80"),
        ["medium service-port-in-rule: 80 in shop/p ingress[0] is the port of Service shop/web"],
    ),
    (
        "split-selector",
        WEB + TOOL,
        WEB + TOOL + admits("shop/p", "app=web", namespace(), pods("app=tool")),
        ["medium split-selector: shop/p ingress[0]: two items (OR), not one (AND): all of ops"],
    ),
    (
        "split-ports",
        WEB,
        WEB
        + policy(
            "shop/p", "app=web", "{ingress: [{from: [{podSelector: {}}]}, {ports: [{port: 80}]}]}"
        ),
        ["medium split-ports: shop/p ingress[1]: a dash before ports: every peer may use TCP 80"],
    ),
    (
        "types-forgotten",
        WEB,
        WEB + policy("shop/p", "app=web", "{ingress: [{}], egress: []}"),
        ["medium types-forgotten: shop/p: egress rules without Egress in policyTypes have no eff"],
    ),
    (
        "open-rule",
        WEB,
        WEB + policy("shop/p", "app=later", "{ingress: [{}]}"),
        ["medium open-rule: shop/p ingress[0] is open to everyone for pods not in the manifests"],
    ),
    (
        "broad-cidr",
        WEB,
        WEB + admits("shop/p", "app=web", block("44.0.0.0/7")),
        ["low broad-cidr: shop/p ingress[0]: 44.0.0.0/7 covers 33,554,432 addresses"],
    ),
    ("broad-cidr: all of a family", WEB, WEB + admits("shop/p", "app=web", block("0.0.0.0/0")), []),
    (
        "untidy-cidr",
        WEB,
        WEB + admits("shop/p", "app=web", block("44.0.0.0/8", "44.1.0.0/16", "44.1.2.0/24")),
        ["info untidy-cidr: shop/p ingress[0]: 44.1.2.0/24 is said twice"],
    ),
    (
        "except-undone",
        WEB,
        WEB
        + admits("shop/p", "app=web", block("44.0.0.0/8", "44.1.0.0/16"))
        + admits("shop/q", "app=web", block("44.1.0.0/16"), ports="UDP/53"),
        [
            (
                "medium except-undone: 44.1.0.0/16, an except of shop/p ingress[0], is let in by "
                "shop/q ingress[0] on UDP 53"
            )
        ],
    ),
    (
        "except-undone: other ports",
        WEB,
        WEB
        + admits("shop/p", "app=web", block("44.0.0.0/8", "44.1.0.0/16"), ports="TCP/80")
        + admits("shop/q", "app=web", block("44.1.0.0/16"), ports="TCP/81"),
        [],
    ),
    (
        "redundant-rule",
        WEB + API + admits("shop/p", "", pods("app=api")),
        WEB
        + API
        + admits("shop/p", "", pods("app=api"))
        + admits("shop/q", "app=web", pods("app=api"), ports="TCP/80"),
        ["info redundant-rule: shop/q ingress[0] adds nothing to shop/p ingress[0]"],
    ),
    (
        "controller-label-selected",
        WEB,
        WEB + admits("shop/p", "app=web,pod-template-hash=abc"),
        ["low controller-label-selected: pod-template-hash, which shop/p selects by, is set by a"],
    ),
    (
        "policy-without-effect",
        WEB + API + SHUT + admits("shop/p", "app=web", pods("app=api")),
        WEB
        + API
        + SHUT
        + admits("shop/p", "app=web", pods("app=api"))
        + admits("shop/q", "app=web", pods("app=api"), ports="TCP/80"),
        ["info policy-without-effect: shop/q changes no flow"],
    ),
    (
        "F-79 a default deny is never idle",
        WEB + SHUT,
        WEB + SHUT + deny("shop").replace("default-deny", "also"),
        [],
    ),
    (
        "policy-unseen",
        SHUT + TOOL,
        TOOL,
        ["medium policy-unseen: shop/default-deny was removed, but its pods are not in the manife"],
    ),
]
POSTURE = [
    (
        "namespace-no-default-deny",
        WEB + SHUT,
        WEB + policy("shop/p", "app=web", "policyTypes: [Ingress]"),
        ["medium namespace-no-default-deny: shop: a new pod would be open"],
    ),
    ("it was open before", WEB, WEB + policy("shop/p", "app=web", "policyTypes: [Ingress]"), []),
    (
        "host-network-workload",
        WEB,
        workload("shop/web", "app=web", 8080, host=True),
        ["info host-network-workload: no policy applies to shop/web[Deployment]"],
    ),
]


def _beginnings(base: str, head: str, expected: list[str], among: set[str]) -> list[str]:
    """What the checks under test say, each cut to the length of what is expected of it."""
    found = [s for s in said(base, head, exposure="never") if s.split()[1].rstrip(":") in among]
    lengths = [len(each) for each in expected] + [None] * len(found)
    return [each[:length] for each, length in zip(found, lengths, strict=False)]


SAID_BY_REACH = {
    "new-workload-not-isolated", "policy-deleted-opens", "lost-isolation", "admin-port-open",
    "metadata-service-reachable", "world-ingress", "sensitive-open", "ingress-exposed",
    "private-range-open", "cross-namespace-open", "world-egress",
}  # fmt: skip


@pytest.mark.parametrize(
    ("base", "head", "expected"), [c[1:] for c in REACH], ids=[c[0] for c in REACH]
)
def test_reach(base: str, head: str, expected: list[str]) -> None:
    assert _beginnings(base, head, expected, SAID_BY_REACH) == expected


def _ids(cases: list[tuple[str, str, str, list[str]]]) -> set[str]:
    return {each.split()[1].rstrip(":") for case in cases for each in case[3]}


@pytest.mark.parametrize(
    ("base", "head", "expected"), [c[1:] for c in OUTAGE], ids=[c[0] for c in OUTAGE]
)
def test_outages(base: str, head: str, expected: list[str]) -> None:
    among = {expected[0].split()[1].rstrip(":")} if expected else _ids(OUTAGE) - {"nothing-left"}
    assert _beginnings(base, head, expected, among) == expected


@pytest.mark.parametrize(
    ("base", "head", "expected"), [c[1:] for c in TEXT], ids=[c[0] for c in TEXT]
)
def test_policy_text(base: str, head: str, expected: list[str]) -> None:
    silent = {"policy-without-effect", "policy-unseen", "open-rule", "redundant-rule"}
    among = {expected[0].split()[1].rstrip(":")} if expected else _ids(TEXT) - silent
    assert _beginnings(base, head, expected, among) == expected


@pytest.mark.parametrize(
    ("base", "head", "expected"), [c[1:] for c in POSTURE], ids=[c[0] for c in POSTURE]
)
def test_posture(base: str, head: str, expected: list[str]) -> None:
    assert _beginnings(base, head, expected, _ids(POSTURE)) == expected


def test_every_check_has_a_row_here_or_beside() -> None:
    """Each id of the registry fires in some table; the rest is tested in files of their own."""
    from reviewer.findings import IDS

    tables = _ids(REACH) | _ids(OUTAGE) | _ids(TEXT) | _ids(POSTURE)
    beside = {
        "intent-violated", "intent-standing", "intent-vacuous", "transit-path-opened",
        "blast-radius-grown", "admin-overrides", "priority-tie", "workload-not-isolated",
        "egress-unrestricted", "config-changed", "waiver-expired", "waiver-unused",
    }  # fmt: skip
    assert tables | beside == set(IDS)
