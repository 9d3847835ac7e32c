"""Hand-computed small cases of sections 6 and of S-80 to S-88."""

import pytest

from tests import oracle
from tests.oracle import selectors, told
from tests.oracle.test_policy_cases import TWO, WEB, pod, policy, space

GROUP = "policy.networking.k8s.io"
NAMES = {"Admin": "a", "Baseline": "default", "Cluster": "c"}


def admin(spec: str, kind: str = "Admin", name: str = "", priority: int = 5) -> str:
    """An admin policy about the pods with `app: a`, in one piece."""
    version = "v1alpha2" if kind == "Cluster" else "v1alpha1"
    word = f"{kind}AdminNetworkPolicy".replace("AdminAdmin", "Admin").replace(
        "ClusterAdmin", "Cluster"
    )
    first = "" if kind == "Baseline" else f"priority: {priority}, "
    first += "tier: Admin, " if kind == "Cluster" else ""
    subject = "subject: {pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: a}}}}, "
    return (
        f"---\napiVersion: {GROUP}/{version}\nkind: {word}\n"
        f"metadata: {{name: {name or NAMES[kind]}}}\nspec: {{{first}{subject}{spec}}}\n"
    )


ANY = "[{namespaces: {}}]"
A_OUT, B_OUT = "default/a -> default/b", "default/b -> default/a"
DENY_ALL = policy("podSelector: {}, ingress: []", "deny")
ROWS = {
    "S-64 Deny before everything": (
        admin(f"ingress: [{{action: Deny, from: {ANY}}}]") + policy("ingress: [{}]"),
        [f"{A_OUT}: all"],
    ),
    "S-64 Allow is the answer, whatever NPs say": (
        admin(f"ingress: [{{action: Allow, from: {ANY}}}]") + DENY_ALL,
        [f"{B_OUT}: all"],
    ),
    "S-64 Pass leaves the tier": (
        admin(f"ingress: [{{action: Pass, from: {ANY}}}, {{action: Allow, from: {ANY}}}]")
        + DENY_ALL,
        [],
    ),
    "S-64 the first rule that matches decides": (
        admin(
            f"ingress: [{{action: Deny, from: {ANY}, ports: [{{portNumber: {{port: 80}}}}]}},"
            f" {{action: Allow, from: {ANY}}}]"
        ),
        [f"{A_OUT}: all", f"{B_OUT}: TCP 1-79,81-65535 UDP SCTP"],
    ),
    "S-64 by priority, ANP before CNP": (
        admin(f"ingress: [{{action: Deny, from: {ANY}}}]", "Cluster", priority=4)
        + admin(f"ingress: [{{action: Allow, from: {ANY}}}]", priority=5),
        [f"{A_OUT}: all"],
    ),
    "S-107 equal priorities by kind": (
        admin(f"ingress: [{{action: Deny, from: {ANY}}}]", "Cluster")
        + admin(f"ingress: [{{action: Allow, from: {ANY}}}]"),
        [f"{A_OUT}: all", f"{B_OUT}: all"],
    ),
    "S-65 the Baseline tier only where the pod is not isolated": (
        admin(
            f"ingress: [{{action: Deny, from: {ANY}}}], egress: [{{action: Deny, to: {ANY}}}]",
            "Baseline",
        )
        + policy("podSelector: {matchLabels: {app: a}}, ingress: [{}]"),
        [f"{B_OUT}: all"],
    ),
    "S-62 subjects are not isolated": (
        admin(f"ingress: [{{action: Allow, from: {ANY}, ports: [{{portNumber: {{port: 1}}}}]}}]"),
        [f"{A_OUT}: all", f"{B_OUT}: all"],
    ),
    "S-63 a range that is upside down matches nothing": (
        admin(
            f"ingress: [{{action: Deny, from: {ANY}, "
            "ports: [{portRange: {start: 9, end: 8}}]}]"
        ),
        [f"{A_OUT}: all", f"{B_OUT}: all"],
    ),
    "S-54 networks of one rule together": (
        admin("egress: [{action: Deny, to: [{networks: [0.0.0.0/1]}, {networks: [128.0.0.0/1]}]}]"),
        [f"{B_OUT}: all"],
    ),
    "S-54 networks of two rules are not": (
        admin(
            "egress: [{action: Deny, to: [{networks: [0.0.0.0/1]}]}, {action: Deny, to: "
            "[{networks: [128.0.0.0/1]}]}]"
        ),
        [f"{A_OUT}: all", f"{B_OUT}: all"],
    ),
    "S-61 a rule without peers is refused": (
        admin("ingress: [{action: Deny, from: []}]"),
        [f"{A_OUT}: all", f"{B_OUT}: all"],
    ),
    "S-61 tcp without a port is refused": (
        admin(f"ingress: [{{action: Deny, from: {ANY}, protocols: [{{tcp: {{}}}}]}}]", "Cluster"),
        [f"{A_OUT}: all", f"{B_OUT}: all"],
    ),
}


@pytest.mark.parametrize("case", ROWS)
def test_tiers(case: str) -> None:
    files, expected = ROWS[case]
    found = [text for text in told.rows(TWO + files) if "." not in text and "::" not in text]
    assert found == expected


def test_named_ports_and_nodes() -> None:
    """S-63: with the port's own protocol and number; S-66: `{}` is the host-network pods."""
    named = f"ingress: [{{action: Deny, from: {ANY}, ports: [{{namedPort: web}}]}}]"
    files = pod("a", "app: a", WEB) + pod("b", "", "spec: {hostNetwork: true}") + admin(named)
    # b is an address of a node: no `namespaces` peer matches it
    assert "default/b -> default/a: all" in told.rows(files)
    assert "default/c -> default/a: TCP 1-79,81-65535 UDP SCTP" in told.rows(files + pod("c"))
    nodes = admin("egress: [{action: Deny, to: [{nodes: {}}]}]")
    found = told.rows(files.partition("---\napiVersion: policy")[0] + nodes)
    assert "default/a -> default/b: all" not in found
    assert "default/a -> 0.0.0.0/0: all" in found


SERVICE = (
    "---\napiVersion: v1\nkind: Service\nmetadata: {name: s}\n"
    "spec: {selector: {app: a}, ports: [{name: h, port: 8, targetPort: web}, "
    "{name: d, port: 53, protocol: UDP}]}\n"
)


def ingress(port: str) -> str:
    """An Ingress to that Service."""
    backend = f"{{service: {{name: s, port: {{{port}}}}}}}"
    return (
        "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: i}\n"
        f"spec: {{defaultBackend: {backend}}}\n"
    )


UDP_ROUTE = (
    "---\napiVersion: gateway.networking.k8s.io/v1alpha2\nkind: UDPRoute\nmetadata: {name: u}\n"
    "spec: {rules: [{backendRefs: [{name: s, port: 53}]}]}\n"
)
ROUTE = (
    "---\napiVersion: route.openshift.io/v1\nkind: Route\nmetadata: {name: r}\n"
    "spec: {to: {kind: Service, name: s}}\n"
)
ENTRIES = {
    "S-82 by number, the target's name on the pod": (ingress("number: 8"), ["TCP 80"], set()),
    "S-82 by name": (ingress("name: h"), ["TCP 80"], set()),
    "S-82 through an Ingress only TCP": (ingress("name: d"), [], {"backend-unresolved"}),
    "S-83 no such port": (ingress("number: 9"), [], {"backend-unresolved"}),
    "S-81 blocked": (
        ingress("number: 8") + policy("ingress: [{from: [{podSelector: {}}]}]"),
        [],
        {"backend-blocked"},
    ),
    "S-80 one namespace that lets it in is enough": (
        ingress("number: 8")
        + policy(
            "ingress: [{from: [{namespaceSelector: {matchLabels: "
            "{kubernetes.io/metadata.name: traefik}}, podSelector: {matchLabels: {x: z}}}]}]"
        ),
        ["TCP 80"],
        set(),
    ),
    "S-80 labels of a written namespace": (
        ingress("number: 8")
        + space("kong", "team: t")
        + policy("ingress: [{from: [{namespaceSelector: {matchLabels: {team: t}}}]}]"),
        ["TCP 80"],
        set(),
    ),
    "S-80 a Deny with a podSelector is not met": (
        ingress("number: 8")
        + admin("ingress: [{action: Deny, from: [{pods: {namespaceSelector: {}, podSelector: "
                "{matchLabels: {x: z}}}}]}]"),
        ["TCP 80"],
        set(),
    ),
    "S-82 UDPRoute only UDP, the port itself": (
        UDP_ROUTE,
        ["UDP 53"],
        set(),
    ),
    "S-82 Route without port, all TCP ports": (
        ROUTE,
        ["TCP 80"],
        set(),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", ENTRIES)
def test_the_ingress_controller(case: str) -> None:
    entry, ports, said = ENTRIES[case]
    files = pod("a", "app: a", WEB) + SERVICE + entry
    found = told.rows(files, about="ingress ")
    assert found == [f"ingress -> default/a: {one}" for one in ports]
    assert said == {one for one in told.codes(files) if one.startswith("backend")}


OWN = "{kubernetes.io/metadata.name=x}"
FROM = (
    "podSelector: {matchLabels: {app: b}}, "
    "ingress: [{from: [{podSelector: {matchLabels: {app: a}}}], ports: [{port: 1}]}]"
)
UNSEEN = {
    "S-88 a default deny": (
        policy("podSelector: {}", "p", "x"),
        [f"{OWN}{{}} -> 0.0.0.0/0: all", f"{OWN}{{}} -> ::/0: all", f"{OWN}{{}} -> {{}}{{}}: all"],
    ),
    "S-85, S-87 a candidate with ports": (
        policy(FROM + ", policyTypes: [Ingress, Egress]", "p", "x"),
        [f"{OWN}{{app=a}} -> {OWN}{{app=b}}: TCP 1"],
    ),
    "S-87 a broader one has all of its ports": (
        policy(
            "policyTypes: [Ingress, Egress], "
            "ingress: [{from: [{namespaceSelector: {}}, {podSelector: {}}]}]",
            "p",
            "x",
        ),
        [f"{{}}{{}} -> {OWN}{{}}: all"],
    ),
}


@pytest.mark.parametrize("case", UNSEEN)
def test_pods_that_are_not_in_the_manifests(case: str) -> None:
    files, expected = UNSEEN[case]
    assert told.rows(files, exposure="auto") == expected
    assert told.rows(files, exposure="never") == []
    assert "policy-selects-nothing" not in told.codes(files, "auto")


def test_the_first_policy_of_a_namespace_closes_flows() -> None:
    """S-88: an endpoint that one side names stands on both."""
    head = policy("podSelector: {}, policyTypes: [Ingress, Egress]", "p", "x")
    found = told.changes("", head, "auto")
    assert found == [
        f"- 0.0.0.0/0 -> {OWN}{{}}: all",
        f"- ::/0 -> {OWN}{{}}: all",
        f"- {{}}{{}} -> {OWN}{{}}: all",
        f"- {OWN}{{}} -> 0.0.0.0/0: all",
        f"- {OWN}{{}} -> ::/0: all",
        f"- {OWN}{{}} -> {{}}{{}}: all",
    ]


IMPLIED = [  # known, wanted, implied, may match (S-86)
    ("app=a", "app in (a,b)", True, True),
    ("app in (a,b)", "app=a", False, True),
    ("app=a", "app notin (b)", True, True),
    ("app=a", "app notin (a)", False, False),
    ("app notin (a,b)", "app notin (a)", True, True),
    ("!app", "app notin (a)", True, True),
    ("!app", "app", False, False),
    ("app=a", "app", True, True),
    ("app", "app=a", False, True),
    ("", "app", False, True),
    ("app=a", "tier=a", False, True),
]


def parsed(text: str) -> selectors.Requirements:
    """One requirement from its text."""
    if not text:
        return frozenset()
    if text[0] == "!":
        return frozenset({selectors.Requirement(text[1:], "DoesNotExist")})
    key, _, rest = text.replace("=", " in ").partition(" ")
    if not rest:
        return frozenset({selectors.Requirement(key, "Exists")})
    word, _, values = rest.partition(" ")
    operator = "In" if word == "in" else "NotIn"
    listed = frozenset(values.strip("()").split(","))
    return frozenset({selectors.Requirement(key, operator, listed)})


@pytest.mark.parametrize(("known", "wanted", "implied", "may"), IMPLIED)
def test_implication(known: str, wanted: str, *, implied: bool, may: bool) -> None:
    assert selectors.implies(parsed(known), parsed(wanted)) is implied
    assert selectors.may_match(parsed(known), parsed(wanted)) is may
    assert selectors.text(parsed(known)) == known


def test_of_equal_priorities_and_unread_peers() -> None:
    """S-64, S-66: said aloud."""
    rule = "egress: [{action: Deny, to: [{domainNames: [example.org]}]}]"
    files = TWO + admin(rule) + admin(rule, "Cluster")
    assert set(told.codes(files)) == {"peer-not-evaluated", "same-priority"}
    assert oracle.flows({"a.yaml": files})["flows"]
