"""What only the whole snapshot can tell (section 8): where each is said, and where it is not."""

from __future__ import annotations

import pytest

from reviewer.cluster import Settings
from tests import kit
from tests.conformance.words import (
    HOST,
    anp,
    cnp,
    codes,
    ingress,
    np,
    pod,
    service,
    serving,
    space,
    workload,
)

WEB, DB = (
    pod("shop/web", "app: web"),
    pod("shop/db", "app: db", serving("name: sql, containerPort: 1")),
)
WORLD = WEB + DB


def rules(text: str, subject: str = "{matchLabels: {app: db}}", more: str = "") -> str:
    return np("shop/p", f"{{podSelector: {subject}, ingress: {text}{more}}}")


def egress(text: str) -> str:
    return np(
        "shop/p",
        f"{{podSelector: {{matchLabels: {{app: web}}}}, policyTypes: [Egress], egress: {text}}}",
    )


ALL = "subject: {namespaces: {}}"
DENY = "ingress: [{action: Deny, from: [{namespaces: {}}]}]"
TABLE: list[tuple[str, str, list[str]]] = [
    ("S-46 a name of the subject", WORLD + rules("[{ports: [{port: sql}]}]"), []),
    (
        "S-46 a name that no subject has",
        WORLD + rules("[{ports: [{port: http}]}]"),
        ["named-port-unresolved 15"],
    ),
    (
        "S-46 of another protocol",
        WORLD + rules("[{ports: [{port: sql, protocol: UDP}]}]"),
        ["named-port-unresolved 15"],
    ),
    (
        "S-46 egress asks the peers",
        WORLD + egress("[{to: [{podSelector: {}}], ports: [{port: sql}]}]"),
        [],
    ),
    (
        "S-46 none of which has it",
        WORLD + egress("[{to: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: sql}]}]"),
        ["named-port-unresolved 15"],
    ),
    (
        "S-46 not where nobody is in scope",
        WORLD + egress("[{to: [{podSelector: {matchLabels: {app: x}}}], ports: [{port: sql}]}]"),
        [],
    ),
    (
        "S-46 an admin policy's names have any protocol",
        WORLD
        + anp(
            "a",
            1,
            f"{ALL}, ingress: [{{action: Deny, from: [{{namespaces: {{}}}}], ports: "
            f"[{{namedPort: sql}}]}}]",
        ),
        [],
    ),
    (
        "S-32 in a peer",
        workload("Deployment", "shop/db", "app: db")
        + rules("[{from: [{podSelector: {matchLabels: {pod-template-hash: a}}}]}]"),
        ["controller-label 10"],
    ),
    (
        "S-32 in a subject",
        workload("Deployment", "shop/db", "app: db")
        + rules("[]", "{matchExpressions: [{key: pod-template-hash, operator: Exists}]}"),
        ["controller-label 7"],
    ),
    (
        "S-32 not where no pod has it",
        WORLD + rules("[{from: [{podSelector: {matchLabels: {pod-template-hash: a}}}]}]"),
        [],
    ),
    (
        "S-27 of several in that namespace",
        WORLD + pod("shop/host", "app: db", HOST) + pod("ops/host", "app: db", HOST) + rules("[]"),
        ["host-network-selected 22"],
    ),
    ("S-27 not of others", WORLD + pod("shop/host", "app: x", HOST) + rules("[]"), []),
    ("S-54 covering the ranges", WORLD + rules("[{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}]"), []),
    (
        "S-54 beside the ranges",
        WORLD + rules("[{from: [{ipBlock: {cidr: 8.0.0.0/8}}, {ipBlock: {cidr: 'fd00::/8'}}]}]"),
        [],
    ),
    (
        "S-54 meeting them",
        WORLD + rules("[{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]"),
        ["ipblock-may-cover-pods 15"],
    ),
    (
        "S-64 the later is named",
        WEB + anp("a", 5, f"{ALL}, {DENY}") + cnp("a", "Admin", 5, f"{ALL}, {DENY}"),
        ["same-priority 12"],
    ),
    (
        "S-64 each later one once",
        WEB + "".join(anp(name, 5, f"{ALL}, {DENY}") for name in "abc"),
        ["same-priority 12", "same-priority 17"],
    ),
    (
        "S-64 not across tiers",
        WEB + anp("a", 5, f"{ALL}, {DENY}") + cnp("a", "Baseline", 5, f"{ALL}, {DENY}"),
        [],
    ),
    (
        "S-66 domain names",
        WEB
        + anp("a", 5, f"{ALL}, egress: [{{action: Allow, to: [{{domainNames: [a.example]}}]}}]"),
        ["peer-not-evaluated 10"],
    ),
    (
        "S-20 once for each namespace without an object",
        WORLD
        + pod("ops/job")
        + space("shop")
        + rules("[{from: [{namespaceSelector: {matchLabels: {a: b}}}]}]"),
        ["namespace-labels-unknown 25"],
    ),
    (
        "S-20 not for their names",
        WORLD
        + rules(
            "[{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ops}}}]}]"
        ),
        [],
    ),
    (
        "S-83 once for each end",
        WORLD
        + rules("[]", "{}")
        + service("shop/s", "", "port: 1").replace("selector: {}", "selector: {app: db}")
        + ingress("shop/i", "s", "number: 1"),
        ["backend-blocked 25"],
    ),
    (
        "S-90 a policy that selects nothing",
        WORLD + rules("[]", "{matchLabels: {app: none}}"),
        ["policy-selects-nothing 12"],
    ),
]


@pytest.mark.parametrize(("files", "expected"), [t[1:] for t in TABLE], ids=[t[0] for t in TABLE])
def test_said(files: str, expected: list[str]) -> None:
    assert codes(files, exposure="never") == expected


def test_messages_name_what_and_whom() -> None:
    files = WORLD + rules("[{ports: [{port: http}]}, {from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]")
    said = kit.flows(files)["diagnostics"]
    assert sorted((d["object"], d["message"].split(" ")[0]) for d in said) == [
        ("NetworkPolicy shop/p", "ingress[0]"),
        ("NetworkPolicy shop/p", "ingress[1]:"),
    ]


def test_settings_silence_what_they_answer() -> None:
    """S-20, S-54: labels that are configured are known; blocks may never mean pods."""
    asks = WEB + rules("[{from: [{namespaceSelector: {matchLabels: {a: b}}}]}]", "{}")
    assert codes(asks, settings=Settings(namespaces={"shop": {"a": "b"}})) == []
    meets = WORLD + rules("[{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]")
    assert codes(meets, settings=Settings(blocks_match_pods=False)) == []


def test_not_of_subjects_that_are_ends_themselves() -> None:
    """S-88."""
    lone = np("lone/p", "{podSelector: {matchLabels: {app: x}}}")
    assert codes(WEB + lone) == []
    assert codes(WEB + lone, exposure="never") == ["policy-selects-nothing 7"]
