"""Hand-computed small cases of section 1 and of the diagnostics."""

import pytest

from tests import oracle
from tests.oracle import refused, told, yaml11
from tests.oracle.test_policy_cases import pod, policy

SCALARS = {
    "~": None, "": None, "NULL": None, "y": True, "Off": False, "0x1F": 31, "0o17": 15,
    "017": 15, "0b11": 3, "1_000": 1000, "-5": -5, "08": 8.0, "1e3": 1000.0, "80.0": 80.0,
    "1:20": "1:20", "2001-01-01": "2001-01-01", "=": "=", "1.2.3": "1.2.3", "yEs": "yEs",
}  # fmt: skip


@pytest.mark.parametrize("text", SCALARS)
def test_scalars_read_as_kubernetes_reads_them(text: str) -> None:
    """S-3, S-2: plain scalars; quoted ones are strings."""
    found = yaml11.scalar(text)
    assert (found, type(found)) == (SCALARS[text], type(SCALARS[text]))
    assert yaml11.parse(0, f"a: '{text}'") == {"a": text}


def test_pieces_and_mappings() -> None:
    """S-2, S-4: separators, first documents, repeated and merged keys, keys by their text."""
    text = (
        "a: 1\n--- # next\nb: &x {c: 1}\nd: {<<: *x, e: 2, 80: z, y: q}\n---\n\n---\nf: 1\nf: 2\n"
    )
    found = [yaml11.parse(before, piece) for before, piece in yaml11.pieces(text)]
    merged = {"b": {"c": 1}, "d": {"c": 1, "e": 2, "80": "z", "true": "q"}}
    assert found == [{"a": 1}, merged, None, {"f": 2}]
    assert list(yaml11.twice(found[3])) == [9]


SAID = {
    # `no-policies` is beside the point of these rows and taken away
    "S-2 a bad piece alone": (pod("a") + "---\nkind: [\n" + pod("b"), {"unreadable"}),
    "S-4 duplicate key": (pod("a", "app: a, app: b"), {"duplicate-key"}),
    "S-6 no apiVersion": (pod("a") + "---\nkind: NetworkPolicy\n", {"unknown-api"}),
    "S-7 another version": (
        pod("a") + policy("podSelector: {}").replace("/v1", "/v2"),
        {"unknown-api"},
    ),
    "S-7 removed API": (
        pod("a") + policy("podSelector: {}").replace("networking.k8s.io/v1", "extensions/v1beta1"),
        {"removed-api"},
    ),
    "S-8 two of one identity": (pod("a") + pod("a", "app: a"), {"duplicate-object"}),
    "S-8 equal ones": (pod("a") + pod("a"), set()),
    "S-9 no name": (pod("a") + pod("a").replace("name: a, ", ""), {"no-name"}),
    "S-11 wrong type": (pod("a", "app: 1.0") + pod("b"), {"bad-type"}),
    "S-11 said alone": (pod("a") + policy("podselector: {}, ingress: {}"), {"bad-type"}),
    "S-12 unknown field": (pod("a") + policy("podSelectors: {}, foo: null"), {"unknown-field"}),
    "S-12, S-13 a peer left empty": (
        pod("a") + policy("ingress: [{from: [{podselector: {}}]}]"),
        {"unknown-field", "invalid-policy"},
    ),
    "S-15 host bits": (
        pod("a") + policy("ingress: [{from: [{ipBlock: {cidr: 192.0.2.1/24}}]}]"),
        {"cidr-not-canonical"},
    ),
    "S-16 a direction that is not named": (
        pod("a") + policy("policyTypes: [Ingress], egress: [{}]"),
        {"direction-ignored"},
    ),
    "S-20 labels of a namespace without object": (
        pod("a") + policy("ingress: [{from: [{namespaceSelector: {matchLabels: {team: x}}}]}]"),
        {"namespace-labels-unknown"},
    ),
    "S-27 a host-network pod is selected": (
        pod("a", "", "spec: {hostNetwork: true}") + policy("podSelector: {}"),
        {"host-network-selected"},
    ),
    "S-46 a name that nobody has": (
        pod("a") + policy("ingress: [{ports: [{port: web}]}]"),
        {"named-port-unresolved"},
    ),
    "S-54 a block that may cover pods": (
        pod("a") + policy("ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]"),
        {"ipblock-may-cover-pods"},
    ),
    "section 8: selects nothing": (
        pod("a") + policy("podSelector: {matchLabels: {app: x}}"),
        {"policy-selects-nothing"},
    ),
    "section 8: nothing there": ("", {"no-workloads"}),
}


@pytest.mark.parametrize("case", SAID)
def test_what_is_said(case: str) -> None:
    files, expected = SAID[case]
    assert set(told.codes(files)) - {"no-policies"} == expected - {"no-policies"}


REFUSED = {
    "names": "podSelector: {matchLabels: {-x: z}}",
    "value": "podSelector: {matchLabels: {x: z_}}",
    "operator": "podSelector: {matchExpressions: [{key: a, operator: in, values: [b]}]}",
    "no values": "podSelector: {matchExpressions: [{key: a, operator: In}]}",
    "values": "podSelector: {matchExpressions: [{key: a, operator: Exists, values: [b]}]}",
    "key": "podSelector: {matchExpressions: [null]}",
    "three types": "policyTypes: [Ingress, Egress, Ingress]",
    "type": "policyTypes: [ingress]",
    "protocol": "ingress: [{ports: [{protocol: ''}]}]",
    "port 0": "ingress: [{ports: [{port: 0}]}]",
    "port text": "ingress: [{ports: [{port: '80'}]}]",
    "endPort alone": "ingress: [{ports: [{endPort: 80}]}]",
    "endPort of a name": "ingress: [{ports: [{port: web, endPort: 80}]}]",
    "endPort less": "ingress: [{ports: [{port: 81, endPort: 80}]}]",
    "empty peer": "ingress: [{from: [{}]}]",
    "null peer": "egress: [{to: [null]}]",
    "block and selector": "ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}, podSelector: {}}]}]",
    "bare address": "ingress: [{from: [{ipBlock: {cidr: 10.0.0.0}}]}]",
    "except outside": "ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [11.0.0.0/9]}}]}]",
    "except equal": "ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.0.0.0/8]}}]}]",
    "except family": "ingress: [{from: [{ipBlock: {cidr: '::/0', except: [10.0.0.0/8]}}]}]",
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused(case: str) -> None:
    """S-13: the policy is left out whole, so the pod is not isolated."""
    files = pod("a") + policy(REFUSED[case])
    found = oracle.flows({"a.yaml": files})
    assert [one["code"] for one in found["diagnostics"]] == ["invalid-policy", "no-policies"]
    assert found["workloads"][0]["isolated"] == {"ingress": False, "egress": False}


def test_blocks() -> None:
    """S-15: what is a CIDR, and which one."""
    assert (
        refused.cidr("10.0.0.0/33") is refused.cidr("1.2.3/8") is refused.cidr("1.2.3.4/+8") is None
    )
    block = refused.cidr("::ffff:10.1.0.0/104")
    assert block is not None
    assert (block.family, block.low, block.prefix) == (4, 10 << 24, 8)
    assert refused.port_name("a-1")
    assert not any(map(refused.port_name, ("1", "-a", "a-", "a--b", "A", "a" * 16, "")))


LIST = """
apiVersion: v1
kind: List
items:
  - apiVersion: networking.k8s.io/v1
    kind: NetworkPolicyList
    items: [{metadata: {name: p}, spec: {}}]
  - {apiVersion: v1, kind: Pod, metadata: {name: a}}
"""


def test_lists() -> None:
    """S-5: to any depth; an item of a typed list takes its kind."""
    found = oracle.flows({"a.yaml": LIST}, "never")
    assert found["workloads"][0]["isolated"] == {"ingress": True, "egress": False}


def test_files() -> None:
    """S-1, S-2: endings in any case, nothing hidden, later paths hold, UTF-16, marks."""
    files: dict[str, str | bytes] = {
        "a.YAML": pod("a", "app: x").encode("utf-16"),
        "b/c.yml": "\ufeff" + pod("a", "app: z").replace("\n", "\r\n"),
        "b/.git/c.yml": pod("z"),
        "readme.md": pod("z"),
    }
    found = oracle.flows(files)["workloads"]
    assert [(one["id"], one["labels"], one["file"]) for one in found] == [
        ("default/a[Pod]", {"app": "z"}, "b/c.yml")
    ]
