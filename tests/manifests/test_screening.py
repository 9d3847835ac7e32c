"""No author can hide a manifest from the reader: what is skipped is proved to hold none."""

from __future__ import annotations

import base64

import pytest

from reviewer.manifests.screening import may_hold_manifests
from tests.manifests.kit import read_text, said

HEAD = "apiVersion: networking.k8s.io/v1\n"
META = "metadata: {name: a}\n"
ENCODED = base64.b64encode(b"NetworkPolicy").decode()

DIRECTIVE = "%TAG !x! tag:yaml.org,2002:bin\n--- # a\n"
FLOW = "apiVersion: networking.k8s.io/v1, metadata: {name: a}"
KEY = "!!binary a2luZA=="
JSON = '"apiVersion":"networking.k8s.io/v1","metadata":{"name":"a"}'

EVASIONS = [
    ("plain", f"{HEAD}kind: NetworkPolicy\n{META}"),
    ("not first", f"{META}{HEAD}kind: NetworkPolicy\n"),
    ("comment behind", f"{HEAD}kind: NetworkPolicy # really\n{META}"),
    ("blanks", f"{HEAD}kind  :   NetworkPolicy   \n{META}"),
    ("next line", f"{HEAD}kind:\n  NetworkPolicy\n{META}"),
    ("single quotes", f"{HEAD}kind: 'NetworkPolicy'\n{META}"),
    ("quoted key", f'{HEAD}"kind": NetworkPolicy\n{META}'),
    ("hex escape", f'{HEAD}kind: "Network\\x50olicy"\n{META}'),
    ("unicode escape", f'{HEAD}kind: "\\u004eetworkPolicy"\n{META}'),
    ("long escape", f'{HEAD}kind: "\\U0000004eetworkPolicy"\n{META}'),
    ("joined lines", f'{HEAD}kind: "Network\\\n  Policy"\n{META}'),
    ("joined by another line end", f'{HEAD}kind: "Network\\\u2028  Policy"\n{META}'),
    ("escaped key", f'{HEAD}"k\\x69nd": NetworkPolicy\n{META}'),
    ("both escaped", f'{HEAD}"k\\x69nd": "Network\\x50olicy"\n{META}'),
    ("given twice", f"kind: ConfigMap\n{HEAD}kind: NetworkPolicy\n{META}"),
    ("given twice, quoted", f"kind: ConfigMap\n{HEAD}'kind': NetworkPolicy\n{META}"),
    ("given twice, blank", f"kind: ConfigMap\n{HEAD}kind : NetworkPolicy\n{META}"),
    ("given twice, tab", f"kind: ConfigMap\n{HEAD}kind:\tNetworkPolicy\n{META}"),
    ("anchor", f"x: &k NetworkPolicy\n{HEAD}kind: *k\n{META}"),
    ("anchored", f"{HEAD}kind: &k NetworkPolicy\n{META}"),
    ("key by alias", f"x: &k kind\n{HEAD}*k : NetworkPolicy\n{META}"),
    ("merge", f"x: &m {{kind: NetworkPolicy}}\n{HEAD}<<: *m\n{META}"),
    ("inner merge", f"{HEAD}<<: {{kind: NetworkPolicy}}\n{META}"),
    ("tag", f"{HEAD}kind: !!str NetworkPolicy\n{META}"),
    ("local tag", f"{HEAD}kind: !x NetworkPolicy\n{META}"),
    ("binary", f"{HEAD}kind: !!binary {ENCODED}\n{META}"),
    ("binary behind a fair kind", f"kind: ConfigMap\n{HEAD}kind: !!binary {ENCODED}\n{META}"),
    ("binary spelled out", f"{HEAD}kind: !<tag:yaml.org,2002:binary> {ENCODED}\n{META}"),
    ("binary in percents", f"{HEAD}kind: !!bin%61ry {ENCODED}\n{META}"),
    ("binary by directive", f"{DIRECTIVE}{HEAD}kind: !!binary {ENCODED}\n{META}"),
    ("binary behind a byte order mark", f"a: b\n---\n\ufeff{KEY}: NetworkPolicy\n{HEAD}{META}"),
    ("binary behind one in braces", f"{{\n\ufeff{KEY}: NetworkPolicy, {FLOW}}}"),
    ("byte order mark in braces", f"{{kind:\n\ufeffNetworkPolicy, {FLOW}}}"),
    ("byte order mark of a piece", f"a: b\n---\n\ufeffkind: NetworkPolicy\n{HEAD}{META}"),
    ("explicit key", f"{HEAD}? kind\n: NetworkPolicy\n{META}"),
    ("indented", f" {HEAD} kind: NetworkPolicy\n {META} x: '\nkind: ConfigMap\n '\n"),
    ("braces", f"{{{FLOW}, kind: NetworkPolicy}}"),
    ("braces at the left", f"{{\nkind: NetworkPolicy,\n{FLOW}\n}}"),
    ("JSON", f'{{{JSON},"kind":"NetworkPolicy"}}'),
    ("JSON, escaped", f'{{{JSON},"kind":"Network\\u0050olicy"}}'),
    (
        "a text that looks like a kind",
        f'x: "\nkind: ConfigMap\n"\n{HEAD}"kind": NetworkPolicy\n{META}',
    ),
    ("a text at the left edge", f"x: '\nkind: ConfigMap\n'\n{HEAD}kind: NetworkPolicy\n{META}"),
    ("carriage returns", f"x: y\r{HEAD}kind: NetworkPolicy\r{META}".replace("\n", "\r")),
    ("another line end", f"kind: ConfigMap\u0085kind: NetworkPolicy\n{HEAD}{META}"),
    ("list", f"kind: List\napiVersion: v1\nitems:\n- {HEAD}  kind: NetworkPolicy\n  {META}"),
    ("typed list", f"{HEAD}kind: NetworkPolicyList\nitems:\n- {META}"),
    ("UTF-16", f"{HEAD}kind: NetworkPolicy\n{META}"),
    ("document start", f"--- {{kind: NetworkPolicy, {FLOW}}}\n"),
]


@pytest.mark.parametrize(("name", "text"), EVASIONS, ids=[row[0] for row in EVASIONS])
def test_nothing_hides_a_policy(name: str, text: str) -> None:
    content = text.encode("utf-16" if name == "UTF-16" else "utf-8")
    found = read_text(content)
    assert [policy.ref.path for policy in found.policies] == ["default/a"], said(found)


def test_a_piece_in_another_encoding_hides_nothing() -> None:
    """The parser goes by the mark of the piece, and so does the reader."""
    piece = f"\ufeff{HEAD}kind: NetworkPolicy\n{META}".encode("utf-16-le")
    found = read_text(b"a: b\n---\n" + piece)
    assert [policy.ref.path for policy in found.policies] == ["default/a"], said(found)


@pytest.mark.parametrize(
    "template",
    ["template", '"templ\\x61te"', "!!binary dGVtcGxhdGU=", "? template\n  "],
)
def test_nothing_hides_a_workload_of_another_kind(template: str) -> None:
    """S-21, the last row but one."""
    head = "kind: Any\napiVersion: example.com/v1\nmetadata: {name: a}\nspec:\n"
    found = read_text(f"{head}  {template}: {{spec: {{containers: []}}}}\n")
    assert [each.ref.kind for each in found.workloads] == ["Any"]


@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  a: a NetworkPolicy\n",
        "# for the NetworkPolicy\napiVersion: v1\nkind: Secret\n",
        "replicaCount: 1\nnetworkPolicy:\n  enabled: true\n",
        "apiVersion: autoscaling/v2\nkind: Scaler\nspec:\n  target: {kind: Deployment}\n",
        '{"title": "board", "expr": "a{b!~\\"5..\\"} != 0", "text": "x"}',
        "kind: [unknown]\nother: '\\path'\n",
    ],
)
def test_what_is_not_built(text: str) -> None:
    """Else the tests above would prove nothing."""
    assert not may_hold_manifests(text.encode())
    assert list(read_text(text).objects()) == []
