"""Mutated documents: diagnostics and objects, never anything else (G-44); and no mutation makes
the reader skip a piece in which a manifest of ours stands.

`CASES=200000` runs as many; `SEED` begins elsewhere.
"""

from __future__ import annotations

import os
import random
import time

import pytest

from reviewer.base import pieces, yamldoc
from reviewer.base.documents import Document
from reviewer.base.pieces import Fault
from reviewer.base.yamldoc import Allowance, Vocabulary
from reviewer.manifests import FieldLines, extract, settle
from reviewer.manifests.expansion import objects_of
from reviewer.manifests.registry import reader_of
from reviewer.manifests.screening import may_hold_manifests
from reviewer.manifests.workloads import has_containers

CASES = int(os.environ.get("CASES", "3000"))
SEED = int(os.environ.get("SEED", "1"))

SEEDS = [
    """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: a, namespace: shop, labels: {a: b}}
spec:
  podSelector: {matchExpressions: [{key: a, operator: In, values: [b, c]}]}
  policyTypes: [Ingress, Egress]
  ingress:
  - from:
    - podSelector: {matchLabels: {app: web}}
      namespaceSelector: {}
    - ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}
    ports: [{port: 80, endPort: 90}, {protocol: UDP, port: dns}]
  egress:
  - {}
---
apiVersion: v1
kind: ConfigMap
data: {a: "b\\n"}
""",
    """\
apiVersion: apps/v1
kind: StatefulSet
metadata: &meta
  name: db
  labels: &labels {app: db}
spec:
  replicas: 3
  template:
    metadata: {labels: {<<: *labels, tier: db}}
    spec:
      hostNetwork: no
      containers:
      - name: db
        image: 'example.test/db:1'
        env: [{name: A, value: other.shop}]
        ports: [{name: sql, containerPort: 5432, protocol: TCP}]
--- # next
{"kind": "List", "apiVersion": "v1", "items": [
  {"kind": "Service", "apiVersion": "v1", "metadata": {"name": "a"},
   "spec": {"ports": [{"port": 80, "targetPort": "http"}]}}]}
""",
    """\
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: x}
spec:
  tier: Admin
  priority: 7
  subject: {pods: {podSelector: {}}}
  egress:
  - action: Deny
    to: [{networks: [0.0.0.0/0]}, {nodes: {}}]
    protocols: [{tcp: {destinationPort: {range: {start: 1, end: 2}}}}]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: i}
spec:
  rules: [{http: {paths: [{backend: {service: {name: a, port: {number: 80}}}}]}}]
""",
]
SNIPPETS = [
    *("null", "~", "yes", "0x1F", "1e3", "-1", "''", '"\\x41"', '"a\\', "{}", "[]", "[", "}", "- "),
    *("-", "? ", ": ", ":", "&a ", "*a", "*a : ", "<<: ", "<<: *labels", "!!binary ", "!!int "),
    *("!x ", "!", "|", ">-", "%TAG !x! y\n", "---\n", "--- ", "...\n", "\n", "\t", "\r", "\u0085"),
    *("\u2028", "\ufeff", "\x00", "kind: NetworkPolicy\n", "kind: ConfigMap\n", '"kind": '),
    *("kind", "NetworkPolicy", "List", "Pod", "items: ", "TmV0d29ya1BvbGljeQ==", "template: "),
    *("containers: ", "{{ .Values }}", "# ", " #", "'", '"', "\\", ", ", "99999999999999999999"),
    *("1:20", "2001-01-01", "=", "\ud800", "é", "apiVersion: v1\n", "metadata: ", "name: "),
]


def mutated(rng: random.Random) -> bytes:
    """One seed with a few cuts, repeats, snippets and flipped bytes."""
    text = rng.choice(SEEDS).encode()
    for _ in range(rng.choice((1, 1, 2, 3, 5, 8))):
        at = rng.randrange(len(text) + 1)
        length = rng.choice((0, 1, 1, 4, 30))
        match rng.randrange(5):
            case 0:
                snippet = rng.choice(SNIPPETS).encode("utf-8", "surrogatepass")
                text = text[:at] + snippet + text[at + rng.choice((0, length)) :]
            case 1:
                text = text[:at] + text[at + length :]
            case 2:
                text = text[:at] + bytes([rng.randrange(256)]) + text[at + 1 :]
            case 3:
                lines = text.splitlines(keepends=True) or [b""]
                line = rng.choice(lines).replace(b"  ", b"", rng.randrange(2))
                lines.insert(rng.randrange(len(lines) + 1), line)
                text = b"".join(lines)
            case _:
                other = rng.randrange(len(text) + 1)
                text = text[:at] + text[other : other + 40] + text[at:]
    return text.decode("utf-8", "replace").encode("utf-16") if rng.random() < 0.01 else text


def is_ours(value: yamldoc.Map) -> bool:
    kind, version = value.get("kind"), value.get("apiVersion")
    if not isinstance(kind, str) or not (isinstance(version, str) or kind == "NetworkPolicy"):
        return False
    return reader_of(str(version or ""), kind) is not None or has_containers(value)


def check_screening(text: bytes) -> None:
    """What is skipped holds nothing of ours, and its syntax is judged alike either way."""
    found = pieces.split(text)
    for piece in [] if isinstance(found, Fault) else found:
        loaded = yamldoc.load(piece.text, Vocabulary(), Allowance())
        fault = yamldoc.check(piece.text)
        if isinstance(loaded, Fault):
            continue
        assert fault is None, piece.text
        if not may_hold_manifests(piece.text):
            ours = [value for value, _ in objects_of(loaded.value, ()) if is_ours(value)]
            assert not ours, piece.text


TOKENS = [
    *("kind", '"kind"', "!!binary a2luZA==", "kind: ", "kind: NetworkPolicy", "kind: ConfigMap"),
    *("NetworkPolicy", "!!binary TmV0d29ya1BvbGljeQ==", '"Network\\x50olicy"', "'", '"', "\\"),
    *(
        ": ",
        ":",
        ", ",
        " ",
        "\n",
        "\n ",
        "\n\n",
        "\t",
        "\r",
        "\u0085",
        "\u2028",
        "\ufeff",
        "{",
        "}",
    ),
    *(
        "[",
        "]",
        "? ",
        "- ",
        "&a ",
        "*a",
        "*a : ",
        "<<: *a",
        "<<: ",
        "|\n ",
        ">-\n  ",
        "#",
        " # ",
        "x",
    ),
    *("--- ", "...\n", "%TAG ! tag:yaml.org,2002:\n", "!binary ", "items: ", "kind: AnyList"),
    *("template: ", "spec: ", "containers: []", "!!binary dGVtcGxhdGU=: "),
]
HEAD = "apiVersion: networking.k8s.io/v1\n"


def test_nothing_is_hidden_by_a_few_tokens() -> None:
    """The same law over short texts of nothing but what a hiding author would use."""
    rng = random.Random(SEED)
    built = 0
    for _ in range(CASES):
        tokens = [rng.choice(TOKENS) for _ in range(rng.randrange(1, 9))]
        tokens.insert(rng.choice((0, len(tokens), rng.randrange(len(tokens)))), HEAD)
        text = "".join(tokens)
        content = f"{{{text}}}" if rng.random() < 0.2 else text
        check_screening(content.encode())
        built += may_hold_manifests(content.encode())
    assert 0 < built < CASES


@pytest.mark.parametrize("part", range(4))
def test_mutated_documents(part: int) -> None:
    rng = random.Random(SEED * 1_000 + part)
    slowest = 0.0
    for _ in range(CASES // 4):
        text = mutated(rng)
        start = time.process_time()
        said = extract(Document(path="a.yaml", key=b"", content=text))
        slowest = max(slowest, time.process_time() - start)
        found = settle([said])
        for item in found.diagnostics:
            assert item.file == "a.yaml"
            assert item.line is not None
            assert 1 <= item.line <= 2 + text.count(b"\n") + 3 * len(text)
        for policy in found.policies:
            assert FieldLines(text).line(policy.origin.line, "spec.ingress[0].from") is not None
        check_screening(text)
    assert slowest < 3.0
