"""NetworkPolicies: what is read, pruned and refused (S-7, S-10 to S-16, S-40 to S-46)."""

from __future__ import annotations

import pytest

from reviewer.base.addresses import read_cidr
from reviewer.base.labels import EVERYTHING, namespace_named
from reviewer.base.ports import ALL_PORTS, PortSet, port_range
from reviewer.manifests import (
    BlockPeer,
    Direction,
    NamedPort,
    PodPeer,
    PodSelector,
    PortMatch,
)
from tests.manifests.kit import codes, policy_of, read_text, said, spec


def labels(text: str) -> str:
    return f"podSelector: {{matchLabels: {{{text}}}}}"


def asks(text: str) -> str:
    return f"podSelector: {{matchExpressions: [{{{text}}}]}}"


def port(text: str) -> str:
    return f"ingress: [{{ports: [{{{text}}}]}}]"


def block(text: str) -> str:
    return f"egress: [{{to: [{{ipBlock: {{{text}}}}}]}}]"


LABELS = "spec.podSelector.matchLabels"
ASKS = "spec.podSelector.matchExpressions[0]"
PORT = "spec.ingress[0].ports[0]"
BLOCK = "spec.egress[0].to[0].ipBlock"
REFUSED = [
    ("key", labels("-a: b"), f"5 {LABELS}.-a"),
    ("key prefix", labels("A.b/a: b"), f"5 {LABELS}.A.b/a"),
    ("key with two slashes", labels("a/b/c: b"), f"5 {LABELS}.a/b/c"),
    ("key with an empty prefix", labels("/c: b"), f"5 {LABELS}./c"),
    ("value", "podSelector:\n  matchLabels:\n    a: -b", f"7 {LABELS}.a"),
    ("value of 64", labels(f"a: {'x' * 64}"), f"5 {LABELS}.a"),
    ("no key", asks("operator: Exists"), f"5 {ASKS}.key"),
    ("item of values", asks("key: a, operator: In, values: [b, 'c d']"), f"5 {ASKS}.values[1]"),
    ("operator", asks("key: a, operator: in, values: [b]"), f"5 {ASKS}.operator"),
    ("no operator", asks("key: a"), f"5 {ASKS}.operator"),
    ("In without values", asks("key: a, operator: In"), f"5 {ASKS}.values"),
    ("NotIn of none", asks("key: a, operator: NotIn, values: []"), f"5 {ASKS}.values"),
    ("Exists of one", asks("key: a, operator: Exists, values: [b]"), f"5 {ASKS}.values"),
    ("not of one", asks("key: a, operator: DoesNotExist, values: ['']"), f"5 {ASKS}.values"),
    ("three types", "policyTypes: [Ingress, Egress, Ingress]", "5 spec.policyTypes"),
    ("type", "policyTypes: [ingress]", "5 spec.policyTypes[0]"),
    ("null type", "policyTypes: [null]", "5 spec.policyTypes[0]"),
    ("protocol", "ingress:\n- ports:\n  - protocol: tcp", f"7 {PORT}.protocol"),
    ("empty protocol", port("protocol: ''"), f"5 {PORT}.protocol"),
    ("port 0", port("port: 0"), f"5 {PORT}.port"),
    ("port 65536", port("port: 65536"), f"5 {PORT}.port"),
    ("negative port", port("port: -1"), f"5 {PORT}.port"),
    ("port as text", port("port: '80'"), f"5 {PORT}.port"),
    ("name in capitals", port("port: Http"), f"5 {PORT}.port"),
    ("name of 16", port("port: abcdefghijklmnop"), f"5 {PORT}.port"),
    ("name with two dashes", port("port: a--b"), f"5 {PORT}.port"),
    ("name with a dash first", port("port: '-a'"), f"5 {PORT}.port"),
    ("name with a dash last", port("port: 'a-'"), f"5 {PORT}.port"),
    ("empty name", port("port: ''"), f"5 {PORT}.port"),
    ("endPort alone", "ingress:\n- ports:\n  - endPort: 90", f"7 {PORT}.endPort"),
    ("endPort of a name", port("port: http, endPort: 90"), f"5 {PORT}.endPort"),
    ("endPort less than port", port("port: 91, endPort: 90"), f"5 {PORT}.endPort"),
    ("endPort 65536", port("port: 91, endPort: 65536"), f"5 {PORT}.endPort"),
    ("empty peer", "ingress:\n- from:\n  - {}", "7 spec.ingress[0].from[0]"),
    ("null peer", "ingress:\n- from:\n  - podSelector: {}\n  -", "8 spec.ingress[0].from[1]"),
    ("peer of nulls", "egress: [{to: [{podSelector: null}]}]", "5 spec.egress[0].to[0]"),
    (
        "block and selector",
        "egress:\n- to:\n  - ipBlock: {cidr: 10.0.0.0/8}\n    podSelector: {}",
        "7 spec.egress[0].to[0]",
    ),
    ("no cidr", block(""), f"5 {BLOCK}.cidr"),
    ("empty cidr", block("cidr: ''"), f"5 {BLOCK}.cidr"),
    ("bare address", block("cidr: 10.0.0.1"), f"5 {BLOCK}.cidr"),
    ("prefix of 33", block("cidr: 10.0.0.0/33"), f"5 {BLOCK}.cidr"),
    ("except", block("cidr: 10.0.0.0/8, except: [x]"), f"5 {BLOCK}.except[0]"),
    ("except outside", block("cidr: 10.0.0.0/8, except: [11.0.0.0/16]"), f"5 {BLOCK}.except[0]"),
    ("except of IPv6", block("cidr: 0.0.0.0/0, except: ['fd00::/8']"), f"5 {BLOCK}.except[0]"),
    ("except as large", block("cidr: 10.0.0.0/8, except: [10.0.0.0/8]"), f"5 {BLOCK}.except[0]"),
    ("except larger", block("cidr: 10.0.0.0/8, except: [10.0.0.0/7]"), f"5 {BLOCK}.except[0]"),
    ("null except", block("cidr: 10.0.0.0/8, except: [null]"), f"5 {BLOCK}.except[0]"),
]


@pytest.mark.parametrize(
    ("text", "place"), [row[1:] for row in REFUSED], ids=[f"S-13 {row[0]}" for row in REFUSED]
)
def test_refused(text: str, place: str) -> None:
    """S-13, the whole list: the policy is left out."""
    line, path = place.split()
    found = read_text(spec(text))
    assert said(found) == [f"{line} invalid-policy {path}"]
    assert found.policies == ()
    assert found.diagnostics[0].object == "NetworkPolicy shop/p"


WRONG = [
    ("spec", "[]", "4 spec"),
    ("ports", "ingress: [{ports: 80}]", "5 spec.ingress[0].ports"),
    ("from", "ingress: [{from: {podSelector: {}}}]", "5 spec.ingress[0].from"),
    ("types", "policyTypes: Ingress", "5 spec.policyTypes"),
    ("except", block("cidr: 10.0.0.0/8, except: 10.1.0.0/16"), f"5 {BLOCK}.except"),
    ("float label", labels("a: 1.0"), f"5 {LABELS}.a"),
    ("boolean label", "podSelector:\n  matchLabels:\n    a: yes", f"7 {LABELS}.a"),
    ("boolean value", asks("key: a, operator: In, values: [on]"), f"5 {ASKS}.values[0]"),
    ("list of labels", "podSelector: {matchLabels: [a]}", f"5 {LABELS}"),
    ("rule as text", "ingress: [open]", "5 spec.ingress[0]"),
    ("port beyond 32 bits", port("port: 4294967376"), f"5 {PORT}.port"),
    ("port with a fraction", port("port: 80.5"), f"5 {PORT}.port"),
    ("port as boolean", port("port: true"), f"5 {PORT}.port"),
    ("endPort as text", port("port: 1, endPort: '2'"), f"5 {PORT}.endPort"),
    ("operator as number", asks("key: a, operator: 1"), f"5 {ASKS}.operator"),
]


@pytest.mark.parametrize(
    ("text", "place"), [row[1:] for row in WRONG], ids=[f"S-11 {row[0]}" for row in WRONG]
)
def test_wrong_type(text: str, place: str) -> None:
    """S-11: the object is left out."""
    line, path = place.split()
    found = read_text(spec(text))
    assert said(found) == [f"{line} bad-type {path}"]
    assert found.policies == ()


OBJECT = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n"


def test_unknown_field_at_the_top() -> None:
    found = read_text(f"{OBJECT}metadata: {{name: p}}\nSpec: {{}}\nstatus: {{conditions: []}}\n")
    assert said(found) == ["4 unknown-field Spec"]
    assert len(found.policies) == 1


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("podselector: {}", "5 spec.podselector"),
        ("podSelector: {app: web}", "5 spec.podSelector.app"),
        ("podSelector: {MatchLabels: {app: web}}", "5 spec.podSelector.MatchLabels"),
        ("ingress:\n- to: []\n  ports: []", "6 spec.ingress[0].to"),
        ("ingress:\n- ports:\n  - port: 1\n    endport: 2", f"8 {PORT}.endport"),
        (block("cidr: 10.0.0.0/8, excepts: []"), f"5 {BLOCK}.excepts"),
    ],
)
def test_unknown_field_is_pruned(text: str, place: str) -> None:
    """S-12: the policy counts without it."""
    line, path = place.split()
    found = read_text(spec(text))
    assert said(found) == [f"{line} unknown-field {path}"]
    assert len(found.policies) == 1


def test_a_peer_left_empty_by_pruning_is_refused() -> None:
    """S-12: both codes are said."""
    found = read_text(spec("ingress: [{from: [{namespaceSelectors: {}}]}]"))
    assert said(found) == [
        "5 invalid-policy spec.ingress[0].from[0]",
        "5 unknown-field spec.ingress[0].from[0].namespaceSelectors",
    ]
    assert found.policies == ()


def test_wrong_type_is_said_alone() -> None:
    """S-12: neither what is unknown nor what is refused beside it."""
    found = read_text(spec("podselector: {}\ningress: 1\npolicyTypes: [x]"))
    assert said(found) == ["6 bad-type spec.ingress"]


def test_an_unknown_field_that_is_null_is_absent() -> None:
    """S-10."""
    assert policy_of(spec("podselector: null\ningress: null")).spec == {}


def test_spec_is_what_a_person_wrote_less_nulls() -> None:
    rules = "ingress: [null, {from: null, ports: [{port: 80.0}, null]}]"
    found = read_text(spec("podSelector: {app: web, matchLabels: {a: , b: null}}\n" + rules))
    assert found.policies[0].spec == {
        "podSelector": {"app": "web", "matchLabels": {"a": "", "b": ""}},
        "ingress": [{}, {"ports": [{"port": 80}, {}]}],
    }
    assert type(found.policies[0].spec["podSelector"]) is dict
    assert type(found.policies[0].spec["ingress"]) is list


@pytest.mark.parametrize(
    ("text", "ingress", "egress"),
    [
        ("{}", True, False),
        ("podSelector: {}", True, False),
        ("policyTypes: []", True, False),
        ("policyTypes: null\negress: [{}]", True, True),
        ("egress: []", True, False),
        ("egress: [null]", True, True),
        ("policyTypes: [Egress]", False, True),
        ("policyTypes: [Egress, Egress]", False, True),
        ("policyTypes: [Ingress, Egress]", True, True),
    ],
)
def test_directions(text: str, ingress: bool, egress: bool) -> None:
    """S-41, S-13: the same item twice is fine."""
    expected = {Direction.INGRESS: ingress, Direction.EGRESS: egress}
    assert policy_of(spec(text)).isolates == {each for each in Direction if expected[each]}


@pytest.mark.parametrize("text", ["", "spec: null\n"])
def test_no_spec_isolates_ingress(text: str) -> None:
    """S-16."""
    policy = policy_of(f"{OBJECT}metadata: {{name: p}}\n{text}")
    assert policy.subject == PodSelector(namespace_named("default"), EVERYTHING)
    assert policy.isolates == {Direction.INGRESS}
    assert policy.rules == ()


def test_rules_of_a_direction_that_is_not_governed() -> None:
    """S-16: they are no rules, and it is said."""
    found = read_text(spec("policyTypes: [Ingress]\ningress: [{}]\negress:\n- {}"))
    assert said(found) == ["7 direction-ignored spec.egress"]
    assert [rule.name for rule in found.policies[0].rules] == ["ingress[0]"]
    assert not codes(read_text(spec("policyTypes: [Ingress]\negress: []")))


def test_peers() -> None:
    """S-44."""
    policy = policy_of(
        spec("""
        ingress:
        - from:
          - podSelector: {}
          - namespaceSelector: {}
          - podSelector: {matchLabels: {a: b}}
            namespaceSelector: {matchExpressions: [{key: c, operator: Exists}]}
          - ipBlock: {cidr: 10.0.0.0/30, except: [10.0.0.1/32, 10.0.0.2/31]}
        """)
    )
    first, second, third, block = policy.rules[0].peers or ()
    assert first == PodPeer(PodSelector(namespace_named("shop"), EVERYTHING))
    assert second == PodPeer(PodSelector(EVERYTHING, EVERYTHING))
    assert isinstance(third, PodPeer)
    assert (str(third.selector.namespaces), str(third.selector.pods)) == ("c", "a=b")
    assert isinstance(block, BlockPeer)
    assert block.blocks[0].cidrs() == ("10.0.0.0/32",)
    assert block.written == ("10.0.0.0/30",)
    assert block.excepted == ("10.0.0.1/32", "10.0.0.2/31")


def test_odd_blocks_are_accepted() -> None:
    """S-16: an empty `except`, excepts that overlap."""
    small = "ipBlock: {cidr: 10.0.0.0/30, except: [10.0.0.0/31, 10.0.0.0/32]}"
    policy = policy_of(
        spec(f"egress: [{{to: [{{{small}}}, {{ipBlock: {{cidr: '::/0', except: []}}}}]}}]")
    )
    one, other = policy.rules[0].peers or ()
    assert isinstance(one, BlockPeer)
    assert isinstance(other, BlockPeer)
    assert one.blocks[0].cidrs() == ("10.0.0.2/31",)
    assert other.blocks[0].cidrs() == ("::/0",)


@pytest.mark.parametrize(
    ("cidr", "read_as"),
    [
        ("10.0.0.1/8", "10.0.0.0/8"),
        ("010.0.0.0/08", "10.0.0.0/8"),
        ("::ffff:10.0.0.0/104", "10.0.0.0/8"),
        ("::ffff:0a00:0/104", "10.0.0.0/8"),
        ("fd00::1/8", "fd00::/8"),
    ],
)
def test_lenient_cidrs(cidr: str, read_as: str) -> None:
    """S-15."""
    found = read_text(spec(f"egress:\n- to:\n  - ipBlock:\n      cidr: '{cidr}'"))
    assert said(found) == ["8 cidr-not-canonical spec.egress[0].to[0].ipBlock.cidr"]
    (block,) = found.policies[0].rules[0].peers or ()
    assert isinstance(block, BlockPeer)
    assert block.blocks[0].cidrs() == (read_as,)
    expected = read_cidr(read_as)
    assert expected is not None
    assert block.blocks == (expected.block,)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{}", [port_range("TCP", 1, 65535)]),
        ("null", [port_range("TCP", 1, 65535)]),
        ("{protocol: SCTP}", [port_range("SCTP", 1, 65535)]),
        ("{port: 80}", [port_range("TCP", 80, 80)]),
        ("{port: 0x50}", [port_range("TCP", 80, 80)]),
        ("{port: 8e1}", [port_range("TCP", 80, 80)]),
        ("{protocol: UDP, port: 53, endPort: 53}", [port_range("UDP", 53, 53)]),
        ("{port: 1, endPort: 65535}", [port_range("TCP", 1, 65535)]),
        ("{port: http}", [NamedPort("http", "TCP")]),
        ("{port: 8a, protocol: UDP}", [NamedPort("8a", "UDP")]),
    ],
)
def test_ports(text: str, expected: list[PortMatch]) -> None:
    """S-45, S-46."""
    assert policy_of(spec(f"ingress: [{{ports: [{text}]}}]")).rules[0].ports == tuple(expected)


@pytest.mark.parametrize(
    "text", ["{}", "null", "{from: [], ports: []}", "{from: null, ports: null}"]
)
def test_a_rule_without_restriction(text: str) -> None:
    """S-43 to S-45: None says so."""
    (rule,) = policy_of(spec(f"ingress: [{text}]")).rules
    assert rule.peers is None
    assert rule.ports is None
    assert isinstance(ALL_PORTS, PortSet)


def test_lines_of_rules() -> None:
    """A rule's line is that of its dash, wherever its first key stands; indices are as written."""
    policy = policy_of(
        spec("""
        ingress:
        - from: []
        -
          # why
          ports: []
        - &same
          from: []
        - *same
        egress: [{to: []},
          {to: []}]
        """).replace("  \n", "", 1)
    )
    assert [(rule.name, rule.origin.line) for rule in policy.rules] == [
        ("ingress[0]", 7),
        ("ingress[1]", 8),
        ("ingress[2]", 11),
        ("ingress[3]", 13),
        ("egress[0]", 14),
        ("egress[1]", 15),
    ]


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        ("{name: Shop}", "3 invalid-policy metadata.name"),
        ("{name: a_b}", "3 invalid-policy metadata.name"),
        (f"{{name: {'a' * 254}}}", "3 invalid-policy metadata.name"),
        ("{name: p, namespace: a.b}", "3 invalid-policy metadata.namespace"),
        (f"{{name: p, namespace: {'a' * 64}}}", "3 invalid-policy metadata.namespace"),
        ("{generateName: a--_}", "3 invalid-policy metadata.generateName"),
        ("{name: p, labels: {a b: c}}", "3 invalid-policy metadata.labels.a"),
        ("{name: p, labels: {a: b c}}", "3 invalid-policy metadata.labels.a"),
        ("{name: p, labels: {a: 1}}", "3 bad-type metadata.labels.a"),
        ("{name: 1}", "3 bad-type metadata.name"),
        ("{name: p, namespace: 1}", "3 bad-type metadata.namespace"),
        ("[]", "3 bad-type metadata"),
    ],
)
def test_names(metadata: str, expected: str) -> None:
    """S-11, S-13."""
    found = read_text(f"{OBJECT}metadata: {metadata}\n")
    assert said(found) == [expected]
    assert found.policies == ()


@pytest.mark.parametrize(
    "metadata",
    [
        "{name: a.b-c}",
        "{generateName: a-}",
        f"{{name: {'a' * 253}}}",
        "{name: p, labels: {a: , b/c: D.e_f-1}}",
        "{name: p, namespace: null}",
    ],
)
def test_names_that_are_fine(metadata: str) -> None:
    assert policy_of(f"{OBJECT}metadata: {metadata}\n").ref.namespace == "default"


def test_many_faults_are_counted() -> None:
    """Twenty are named, the rest is a number."""
    found = read_text(spec("ingress:\n" + "- ports: [{port: 0}]\n" * 30))
    assert len(found.diagnostics) == 21
    assert "10 more fields" in found.diagnostics[0].message


def test_removed_api() -> None:
    """S-7."""
    found = read_text(
        "apiVersion: extensions/v1beta1\nkind: NetworkPolicy\nmetadata: {name: p}\nspec: {}\n"
    )
    assert said(found) == ["1 removed-api apiVersion"]
    assert said(read_text("apiVersion: extensions/v1beta1\nkind: NetworkPolicy\n")) == [
        "1 no-name metadata",
        "1 removed-api apiVersion",
    ]
    assert found.policies[0].ref.group == "networking.k8s.io"


LATER = port("port: '{{ p }}'")


@pytest.mark.parametrize("value", ["${APP}", "{{ app }}", "<app>", "$patch"])
def test_texts_that_look_like_templates(value: str) -> None:
    """R-14: said beside what is refused, without the text itself."""
    found = read_text(spec(f"podSelector: {{matchLabels: {{a: '{value}'}}}}\n{LATER}"))
    assert [item.message.count("looks like a template") for item in found.diagnostics] == [1, 1]
    assert value not in found.diagnostics[0].message
