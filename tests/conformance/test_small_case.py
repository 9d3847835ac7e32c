"""The classic small case: one policy with one block, and everything else to its pods is closed."""

from __future__ import annotations

from tests import kit

WORKLOADS = """\
apiVersion: v1
kind: Pod
metadata: {name: myapp, labels: {app: myapp}}
spec: {containers: [{name: c}]}
---
apiVersion: v1
kind: Pod
metadata: {name: other, labels: {app: other}}
spec: {containers: [{name: c}]}
"""
POLICY = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: example-networkpolicy
spec:
  podSelector:
    matchLabels:
      app: myapp
  policyTypes:
    - Ingress
  ingress:
    - from:
        - ipBlock:
            cidr: 203.0.113.0/24
"""
CAUSE = {
    "policy": "default/example-networkpolicy",
    "kind": "NetworkPolicy",
    "object": "default/example-networkpolicy",
    "rule": None,
    "change": "added",
    "file": "policy.yaml",
    "line": 1,
    "side": "head",
}


def test_a_first_policy_closes_all_but_its_block() -> None:
    """Issue 3: everything to `myapp` but from the block is closed, because of that policy."""
    base = {"workloads.yaml": WORKLOADS}
    found = kit.diff(base, {**base, "policy.yaml": POLICY})
    assert found["opened"] == []
    beyond, six, pods = sorted(found["closed"], key=lambda row: kit.end(row["source"]))
    assert kit.row(pods) == "default/other -> default/myapp: all"
    assert kit.row(six) == "::/0 -> default/myapp: all"
    assert kit.end(beyond["destination"]) == "default/myapp"
    assert kit.ports(beyond["ports"]) == "all"
    blocks = beyond["source"]["cidrs"]
    assert "203.0.112.0/24" in blocks
    assert "203.0.114.0/23" in blocks
    assert "203.0.113.0/24" not in blocks
    assert [row["because"] for row in found["closed"]] == [[CAUSE]] * 3
    assert found["summary"] == {"opened": 0, "closed": 3, "unchanged": 8}


def test_what_is_left_is_the_block() -> None:
    """S-44, S-54: the block is no pod's address for certain."""
    rows = kit.rows({"workloads.yaml": WORKLOADS, "policy.yaml": POLICY})
    assert [row for row in rows if " -> default/myapp:" in row] == [
        "203.0.113.0/24 -> default/myapp: all"
    ]
