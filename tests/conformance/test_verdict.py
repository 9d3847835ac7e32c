"""Whether a packet passes (semantics.md section 5)."""

from __future__ import annotations

import pytest

from reviewer.base.addresses import read_cidr
from reviewer.cluster import Settings
from tests import kit
from tests.conformance.words import HOST, anp, at, banp, codes, into, np, out_of, pod, workload

WEB, DB = pod("shop/web", "app: web"), pod("shop/db", "app: db")
WORLD = WEB + DB
BOTH = "policyTypes: [Ingress, Egress]"


def closed(names: str) -> str:
    """A policy that isolates one direction of pods `app: NAME`, as in `web Egress`."""
    app, direction = names.split()
    return np(
        f"shop/{app}-{direction.lower()}",
        f"{{podSelector: {{matchLabels: {{app: {app}}}}}, policyTypes: [{direction}]}}",
    )


def block(*cidrs: str, without: str = "", ports: str = "") -> str:
    """A policy by which the database admits addresses."""
    less = f", except: [{without}]" if without else ""
    items = ", ".join(f"{{ipBlock: {{cidr: '{cidr}'{less}}}}}" for cidr in cidrs)
    rule = f"{{from: [{items}]{', ports: ' + ports if ports else ''}}}"
    return np("shop/p", f"{{podSelector: {{matchLabels: {{app: db}}}}, ingress: [{rule}]}}")


PAIRS: list[tuple[str, str, list[str]]] = [
    ("S-50 three protocols, ports 1 to 65535", "", ["web -> db: all", "db -> web: all"]),
    ("S-50 replies are no flows", closed("web Ingress"), ["web -> db: all"]),
    ("S-51 the source's egress has to allow it", closed("web Egress"), ["db -> web: all"]),
    ("S-51 and the destination's ingress", closed("db Ingress"), ["db -> web: all"]),
    (
        "S-51 what both allow",
        np(
            "shop/p",
            "{podSelector: {matchLabels: {app: web}}, egress: [{ports: [{port: 80, endPort: "
            "90}]}]}",
        )
        + np(
            "shop/q",
            "{podSelector: {matchLabels: {app: db}}, ingress: [{ports: [{port: 85, endPort: "
            "99}]}]}",
        ),
        ["web -> db: TCP 85-90"],
    ),
    (
        "S-52 the Admin tier comes first",
        closed("db Ingress")
        + anp(
            "a",
            1,
            "subject: {namespaces: {}}, ingress: [{action: Allow, from: [{namespaces: {}}]}]",
        ),
        ["web -> db: all", "db -> web: all"],
    ),
    (
        "S-52 NetworkPolicies are final where they isolate",
        closed("db Ingress")
        + banp("subject: {namespaces: {}}, ingress: [{action: Allow, from: [{namespaces: {}}]}]"),
        ["db -> web: all"],
    ),
    (
        "S-52 else the Baseline tier",
        banp("subject: {namespaces: {}}, ingress: [{action: Deny, from: [{namespaces: {}}]}]"),
        [],
    ),
    (
        "S-53 to itself is no row",
        np("shop/p", "{podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}"),
        ["web -> db: all", "db -> web: all"],
    ),
    (
        "S-56 kubelet probes are no row and always allowed",
        np("shop/p", f"{{podSelector: {{}}, {BOTH}}}"),
        [],
    ),
]


@pytest.mark.parametrize(
    ("policies", "expected"), [p[1:] for p in PAIRS], ids=[p[0] for p in PAIRS]
)
def test_pairs(policies: str, expected: list[str]) -> None:
    wanted = {f"shop/{row}".replace("-> ", "-> shop/") for row in expected}
    found = kit.pods(WORLD + policies)
    assert set(found) == wanted


FAMILIES: list[tuple[str, str, list[str]]] = [
    (
        "S-53 no family in common",
        pod("shop/web", "", at("fd00::1")) + pod("shop/db", "", at("10.0.0.1")),
        [],
    ),
    (
        "S-53 one in common",
        pod("shop/web", "", at("fd00::1"))
        + pod("shop/db", "", "status: {podIPs: [{ip: 10.0.0.1}, {ip: 'fd00::2'}]}"),
        ["shop/web -> shop/db: all"],
    ),
    (
        "S-53 an unknown address has the family of its ranges",
        pod("shop/web", "", at("fd00::1")) + DB,
        [],
    ),
    ("S-53 replicas of one workload are no row", workload("Deployment", "shop/db", "app: db"), []),
]


@pytest.mark.parametrize(
    ("files", "expected"), [f[1:] for f in FAMILIES], ids=[f[0] for f in FAMILIES]
)
def test_families(files: str, expected: list[str]) -> None:
    assert [row for row in into(files) if row.startswith("shop/")] == expected


def ranges(*texts: str) -> Settings:
    return Settings(pod_ranges=tuple(found.block for text in texts if (found := read_cidr(text))))


BLOCKS: list[tuple[str, str, Settings, list[str]]] = [
    ("S-54 all addresses let pods in", block("0.0.0.0/0"), Settings(), ["all"]),
    (
        "S-54 also less what no pod has",
        block("0.0.0.0/0", without="169.254.169.254/32"),
        Settings(),
        ["all"],
    ),
    ("S-54 less a range of pods not", block("0.0.0.0/0", without="10.0.0.0/8"), Settings(), []),
    ("S-54 one range alone not", block("10.0.0.0/8"), Settings(), []),
    (
        "S-54 blocks that cover the ranges together",
        block("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16"),
        Settings(),
        ["all"],
    ),
    ("S-54 the configured ranges", block("10.0.0.0/8"), ranges("10.244.0.0/16"), ["all"]),
    (
        "S-54 on the ports of the rule",
        block("0.0.0.0/0", ports="[{port: 80}]"),
        Settings(),
        ["TCP 80"],
    ),
    ("S-54 blocks that ignore pods", block("0.0.0.0/0"), Settings(blocks_match_pods=False), []),
]


@pytest.mark.parametrize(
    ("policy", "settings", "expected"), [b[1:] for b in BLOCKS], ids=[b[0] for b in BLOCKS]
)
def test_blocks_and_pods(policy: str, settings: Settings, expected: list[str]) -> None:
    found = [row for row in into(WORLD + policy, settings=settings) if row.startswith("shop/web")]
    assert found == [f"shop/web -> shop/db: {ports}" for ports in expected]


ADDRESSES: list[tuple[str, str, list[str]]] = [
    (
        "S-54 a known address matches as any",
        pod("shop/web", "", at("10.9.0.1")) + DB + block("10.9.0.0/16", without="10.9.128.0/17"),
        [
            "shop/web -> shop/db: all",
            "10.9.0.0/17 -> shop/db: all",
        ],
    ),
    (
        "S-54 an exception that has it",
        pod("shop/web", "", at("10.9.128.1")) + DB + block("10.9.0.0/16", without="10.9.128.0/17"),
        ["10.9.0.0/17 -> shop/db: all"],
    ),
    (
        "S-55 rules without peers match outside addresses",
        WORLD + np("shop/p", "{ingress: [{}]}"),
        ["shop/web -> shop/db: all", "0.0.0.0/0 -> shop/db: all", "::/0 -> shop/db: all"],
    ),
    (
        "S-55 selectors never do",
        WORLD + np("shop/p", "{ingress: [{from: [{namespaceSelector: {}}]}]}"),
        ["shop/web -> shop/db: all"],
    ),
    (
        "S-55 pod ranges are not cut out",
        WORLD + block("10.0.0.0/8"),
        ["10.0.0.0/8 -> shop/db: all"],
    ),
    ("S-55 both families, whatever pods have", DB + block("::/0"), ["::/0 -> shop/db: all"]),
    (
        "S-57 that nobody listens is not said",
        pod("shop/web") + pod("shop/db", "", HOST),
        ["shop/web -> shop/db: all", "0.0.0.0/0 -> shop/db: all", "::/0 -> shop/db: all"],
    ),
]


@pytest.mark.parametrize(
    ("files", "expected"), [a[1:] for a in ADDRESSES], ids=[a[0] for a in ADDRESSES]
)
def test_addresses(files: str, expected: list[str]) -> None:
    assert into(files) == expected


def test_said() -> None:
    """S-54: that a block meets the pod ranges without covering them."""
    assert codes(WORLD + block("10.0.0.0/8")) == ["ipblock-may-cover-pods 15"]
    assert codes(WORLD + block("0.0.0.0/0")) == []


def test_egress_to_blocks() -> None:
    """S-54, S-55: towards destinations likewise."""
    rule = "egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0}}], ports: [{port: 443}]}]"
    policy = np("shop/p", f"{{podSelector: {{matchLabels: {{app: web}}}}, {rule}}}")
    assert out_of(WORLD + policy) == [
        "shop/web -> shop/db: TCP 443",
        "shop/web -> 0.0.0.0/0: TCP 443",
    ]
