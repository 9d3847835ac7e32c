"""Admin policies: kinds, tiers, rules and what is refused (S-60 to S-63)."""

from __future__ import annotations

import textwrap

import pytest

from reviewer.base.ports import NO_PORTS, port_range
from reviewer.manifests import (
    Action,
    BlockPeer,
    Direction,
    DomainPeer,
    NamedPort,
    NodePeer,
    PodPeer,
    PortMatch,
    Tier,
)
from tests.manifests.kit import policy_of, read_text, said

VERSIONS = {
    "AdminNetworkPolicy": "v1alpha1",
    "BaselineAdminNetworkPolicy": "v1alpha1",
    "ClusterNetworkPolicy": "v1alpha2",
}
ANP, BANP, CNP = VERSIONS
START = {
    ANP: "priority: 5\nsubject: {namespaces: {}}\n",
    BANP: "subject: {namespaces: {}}\n",
    CNP: "tier: Admin\npriority: 5\nsubject: {namespaces: {}}\n",
}
"""What every spec of a kind needs; a rule that follows begins on line 7 (BANP 6, CNP 8)."""


def admin(kind: str, spec: str, name: str = "default") -> str:
    """An admin policy whose spec begins on line 5."""
    head = f"apiVersion: policy.networking.k8s.io/{VERSIONS[kind]}\nkind: {kind}\n"
    head += f"metadata: {{name: {name}}}\nspec:\n"
    return head + textwrap.indent(textwrap.dedent(spec), "  ")


def ingress(kind: str, rule: str) -> str:
    return admin(kind, f"{START[kind]}ingress: [{{{rule}}}]")


def egress(kind: str, rule: str) -> str:
    return admin(kind, f"{START[kind]}egress: [{{{rule}}}]")


def rule_ports(kind: str, ports: str) -> tuple[PortMatch, ...] | None:
    action = "Accept" if kind == CNP else "Allow"
    field = "protocols" if kind == CNP else "ports"
    text = ingress(kind, f"action: {action}, from: [{{namespaces: {{}}}}], {field}: {ports}")
    return policy_of(text).rules[0].ports


@pytest.mark.parametrize(
    ("kind", "spec", "tier", "priority"),
    [
        (ANP, "priority: 1000\nsubject: {namespaces: {}}", Tier.ADMIN, 1000),
        (BANP, "subject: {namespaces: {}}", Tier.BASELINE, 0),
        (CNP, "tier: Admin\npriority: 0\nsubject: {namespaces: {}}", Tier.ADMIN, 0),
        (CNP, "tier: Baseline\npriority: 7\nsubject: {namespaces: {}}", Tier.BASELINE, 7),
    ],
)
def test_kinds(kind: str, spec: str, tier: Tier, priority: int) -> None:
    """S-60, S-62: subjects are not isolated; the kinds have no namespace."""
    policy = policy_of(admin(kind, spec))
    assert (policy.tier, policy.priority) == (tier, priority)
    assert policy.isolates == frozenset()
    assert (policy.ref.kind, policy.ref.namespace, policy.ref.path) == (kind, "", "default")


@pytest.mark.parametrize(
    ("kind", "subject", "namespaces", "pods"),
    [
        (ANP, "{namespaces: {matchLabels: {a: b}}}", "a=b", ""),
        (ANP, "{pods: {namespaceSelector: {}, podSelector: {matchLabels: {a: b}}}}", "", "a=b"),
        (CNP, "{pods: {podSelector: {matchLabels: {a: b}}}}", "", "a=b"),
    ],
)
def test_subjects(kind: str, subject: str, namespaces: str, pods: str) -> None:
    """S-62, and S-61: v1alpha2 does not need the namespace selector."""
    spec = START[kind].replace("{namespaces: {}}", subject)
    policy = policy_of(admin(kind, spec))
    assert (str(policy.subject.namespaces), str(policy.subject.pods)) == (namespaces, pods)


@pytest.mark.parametrize(
    ("kind", "word", "action"),
    [
        (ANP, "Allow", Action.ALLOW),
        (ANP, "Deny", Action.DENY),
        (ANP, "Pass", Action.PASS),
        (BANP, "Allow", Action.ALLOW),
        (BANP, "Deny", Action.DENY),
        (CNP, "Accept", Action.ALLOW),
        (CNP, "Deny", Action.DENY),
        (CNP, "Pass", Action.PASS),
    ],
)
def test_actions(kind: str, word: str, action: Action) -> None:
    """S-60: `Allow` and `Accept` are one action."""
    (rule,) = policy_of(ingress(kind, f"action: {word}, from: [{{namespaces: {{}}}}]")).rules
    assert (rule.action, rule.ports, rule.name) == (action, None, "ingress[0]")


def test_peers() -> None:
    """S-63, S-66: all that an egress rule can name."""
    policy = policy_of(
        admin(
            ANP,
            START[ANP]
            + """\
egress:
- name: all
  action: Pass
  to:
  - namespaces: {matchLabels: {a: b}}
  - pods: {namespaceSelector: {}, podSelector: {matchLabels: {c: d}}}
  - networks: [10.0.0.1/8, '::/0', 11.0.0.0/8]
  - nodes: {}
  - nodes: {matchLabels: {e: f}}
  - domainNames: ['*.example.com']
""",
        )
    )
    (rule,) = policy.rules
    assert (rule.direction, rule.origin.line) == (Direction.EGRESS, 8)
    space, pods, block, nodes, some, names = rule.peers or ()
    assert isinstance(space, PodPeer)
    assert isinstance(pods, PodPeer)
    assert (str(space.selector.namespaces), str(space.selector.pods)) == ("a=b", "")
    assert (str(pods.selector.namespaces), str(pods.selector.pods)) == ("", "c=d")
    assert isinstance(block, BlockPeer)
    assert [each.cidrs() for each in block.blocks] == [("10.0.0.0/7",), ("::/0",)]
    assert block.written == ("10.0.0.1/8", "::/0", "11.0.0.0/8")
    assert (nodes, some) == (NodePeer(True), NodePeer(False))
    assert names == DomainPeer(("*.example.com",))


@pytest.mark.parametrize(
    ("kind", "ports", "expected"),
    [
        (ANP, "[{portNumber: {port: 80}}]", port_range("TCP", 80, 80)),
        (ANP, "[{portNumber: {protocol: SCTP, port: 80}}]", port_range("SCTP", 80, 80)),
        (ANP, "[{namedPort: http}]", NamedPort("http", None)),
        (ANP, "[{namedPort: ''}]", NO_PORTS),
        (BANP, "[{portRange: {start: 1, end: 2}}]", port_range("TCP", 1, 2)),
        (ANP, "[{portRange: {protocol: UDP, start: 2, end: 1}}]", NO_PORTS),
        (CNP, "[{tcp: {destinationPort: {number: 80}}}]", port_range("TCP", 80, 80)),
        (CNP, "[{udp: {destinationPort: {range: {start: 1, end: 2}}}}]", port_range("UDP", 1, 2)),
        (CNP, "[{destinationNamedPort: http}]", NamedPort("http", None)),
    ],
)
def test_ports(kind: str, ports: str, expected: PortMatch) -> None:
    """S-63."""
    assert rule_ports(kind, ports) == (expected,)


ANY = "{namespaces: {}}"
BOTH = "pods: {namespaceSelector: {}, podSelector: {}}"
P = "spec.ingress[0].ports"
Q = "spec.ingress[0].protocols"
TO = "spec.egress[0].to[0]"


def pods(rest: str) -> str:
    """An ingress rule with something wrong about its ports."""
    return f"action: Deny, from: [{ANY}], {rest}"


def to(peer: str) -> str:
    return egress(ANP, f"action: Deny, to: [{{{peer}}}]")


REFUSED = [
    ("no spec", f"{admin(ANP, '')}\n", "4 spec.priority,spec.subject"),
    ("no subject", admin(ANP, "priority: 1"), "4 spec.subject"),
    ("empty subject", admin(ANP, "priority: 1\nsubject: {}"), "6 spec.subject"),
    ("two subjects", admin(BANP, f"subject: {{namespaces: {{}}, {BOTH}}}"), "5 spec.subject"),
    (
        "pods without podSelector",
        admin(ANP, "priority: 1\nsubject: {pods: {namespaceSelector: {}}}"),
        "6 spec.subject.pods.podSelector",
    ),
    (
        "pods without namespaceSelector",
        admin(ANP, "priority: 1\nsubject: {pods: {podSelector: {}}}"),
        "6 spec.subject.pods.namespaceSelector",
    ),
    (
        "pods of v1alpha2 without podSelector",
        admin(CNP, "tier: Admin\npriority: 1\nsubject: {pods: {namespaceSelector: {}}}"),
        "7 spec.subject.pods.podSelector",
    ),
    ("no priority", admin(ANP, "subject: {namespaces: {}}"), "4 spec.priority"),
    ("priority 1001", admin(ANP, START[ANP].replace("5", "1001")), "5 spec.priority"),
    ("negative priority", admin(CNP, START[CNP].replace("5", "-1")), "6 spec.priority"),
    ("BANP of another name", admin(BANP, START[BANP], "x"), "3 metadata.name"),
    ("no tier", admin(CNP, START[CNP].replace("tier: Admin\n", "")), "4 spec.tier"),
    ("tier", admin(CNP, START[CNP].replace("Admin", "admin")), "5 spec.tier"),
    ("no action", ingress(ANP, f"from: [{ANY}]"), "7 spec.ingress[0].action"),
    ("Accept", ingress(ANP, f"action: Accept, from: [{ANY}]"), "7 spec.ingress[0].action"),
    ("Pass of BANP", ingress(BANP, f"action: Pass, from: [{ANY}]"), "6 spec.ingress[0].action"),
    ("Allow of CNP", ingress(CNP, f"action: Allow, from: [{ANY}]"), "8 spec.ingress[0].action"),
    ("no from", ingress(ANP, "action: Deny"), "7 spec.ingress[0].from"),
    ("empty to", egress(ANP, "action: Deny, to: []"), "7 spec.egress[0].to"),
    ("empty peer", ingress(ANP, "action: Deny, from: [{}]"), "7 spec.ingress[0].from[0]"),
    ("peer of two", to(f"namespaces: {{}}, {BOTH}"), f"7 {TO}"),
    ("peer pods", to("pods: {podSelector: {}}"), f"7 {TO}.pods.namespaceSelector"),
    ("no ports", ingress(ANP, pods("ports: []")), f"7 {P}"),
    ("no protocols", ingress(CNP, pods("protocols: []")), f"8 {Q}"),
    ("empty port", ingress(ANP, pods("ports: [{}]")), f"7 {P}[0]"),
    (
        "port of two",
        ingress(ANP, pods("ports: [{namedPort: a, portNumber: {port: 1}}]")),
        f"7 {P}[0]",
    ),
    ("number 0", ingress(ANP, pods("ports: [{portNumber: {}}]")), f"7 {P}[0].portNumber.port"),
    (
        "range of one end",
        ingress(ANP, pods("ports: [{portRange: {start: 1}}]")),
        f"7 {P}[0].portRange.end",
    ),
    (
        "protocol",
        ingress(ANP, pods("ports: [{portNumber: {port: 1, protocol: ICMP}}]")),
        f"7 {P}[0].portNumber.protocol",
    ),
    ("protocol of two", ingress(CNP, pods("protocols: [{tcp: {}, udp: {}}]")), f"8 {Q}[0]"),
    ("S-125 all of TCP", ingress(CNP, pods("protocols: [{tcp: {}}]")), f"8 {Q}[0].tcp"),
    (
        "destinationPort of none",
        ingress(CNP, pods("protocols: [{sctp: {destinationPort: {}}}]")),
        f"8 {Q}[0].sctp.destinationPort",
    ),
    (
        "range of one port",
        ingress(CNP, pods("protocols: [{udp: {destinationPort: {range: {start: 5, end: 5}}}}]")),
        f"8 {Q}[0].udp.destinationPort.range",
    ),
    (
        "number 65536",
        ingress(CNP, pods("protocols: [{udp: {destinationPort: {number: 65536}}}]")),
        f"8 {Q}[0].udp.destinationPort.number",
    ),
    (
        "named port beside networks",
        egress(ANP, "action: Deny, to: [{networks: [10.0.0.0/8]}], ports: [{namedPort: a}]"),
        "7 spec.egress[0].ports",
    ),
    ("no networks", to("networks: []"), f"7 {TO}.networks"),
    ("26 networks", to(f"networks: [{','.join(f'10.{n}.0.0/16' for n in range(26))}]"), TO),
    ("no network", to("networks: [10.0.0.1]"), f"7 {TO}.networks[0]"),
    ("network twice", to("networks: [10.0.0.0/8, 10.0.0.0/8]"), f"7 {TO}.networks[1]"),
    ("leading zero", to("networks: [010.0.0.0/8]"), f"7 {TO}.networks[0]"),
    ("leading zero of the prefix", to("networks: ['fd00::/08']"), f"7 {TO}.networks[0]"),
    ("mapped", to("networks: ['::ffff:10.0.0.0/104']"), f"7 {TO}.networks[0]"),
    ("name of 101", ingress(ANP, pods(f"name: {'x' * 101}")), "7 spec.ingress[0].name"),
    (
        "101 peers",
        ingress(ANP, f"action: Deny, from: [{', '.join([ANY] * 101)}]"),
        "7 spec.ingress[0].from",
    ),
    (
        "26 peers of v1alpha2",
        ingress(CNP, f"action: Deny, from: [{', '.join([ANY] * 26)}]"),
        "8 spec.ingress[0].from",
    ),
    (
        "101 ports",
        ingress(ANP, pods(f"ports: [{', '.join(['{namedPort: a}'] * 101)}]")),
        f"7 {P}",
    ),
    (
        "26 rules of v1alpha2",
        admin(CNP, f"{START[CNP]}ingress:\n" + f"- {{action: Deny, from: [{ANY}]}}\n" * 26),
        "8 spec.ingress",
    ),
    (
        "selector",
        to("namespaces: {matchExpressions: [{key: a, operator: x}]}"),
        f"7 {TO}.namespaces.matchExpressions[0].operator",
    ),
]


@pytest.mark.parametrize(
    ("text", "place"), [row[1:] for row in REFUSED], ids=[f"S-61 {row[0]}" for row in REFUSED]
)
def test_refused(text: str, place: str) -> None:
    """S-61, the whole list: the policy is left out."""
    found = read_text(text)
    assert found.policies == ()
    line, _, paths = place.rpartition(" ")
    assert {item.code for item in found.diagnostics} == {"invalid-policy"}
    for item, path in zip(found.diagnostics, paths.split(","), strict=True):
        assert item.message.startswith(path)
        assert str(item.line) == line or not line


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("ingress: {}", "7 bad-type spec.ingress"),
        ("priority: '1'", "7 bad-type spec.priority"),
        ("rules: []", "7 unknown-field spec.rules"),
        ("subjects: {}", "7 unknown-field spec.subjects"),
    ],
)
def test_types_and_fields(spec: str, expected: str) -> None:
    """S-11, S-12."""
    assert expected in said(read_text(admin(ANP, START[ANP] + spec)))


@pytest.mark.parametrize(
    "version",
    ["v1alpha2", "v1beta1", "v1"],
)
def test_other_versions(version: str) -> None:
    """S-60."""
    text = admin(ANP, START[ANP]).replace("v1alpha1", version)
    found = read_text(text)
    assert said(found) == ["1 unknown-api apiVersion"]
    assert found.policies == ()


def test_host_bits_are_allowed_in_networks() -> None:
    """S-61: alone of the forms of S-15."""
    (block,) = policy_of(to("networks: [10.0.0.1/8, 10.0.0.0/8]")).rules[0].peers or ()
    assert isinstance(block, BlockPeer)
    assert block.blocks[0].cidrs() == ("10.0.0.0/8",)
