"""Hand-computed small cases of sections 2 to 5 and 7: the oracle itself is held to the page."""

import pytest

from tests import oracle
from tests.oracle import told


def pod(name: str, labels: str = "", extra: str = "", space: str = "default") -> str:
    """A Pod in one piece."""
    return (
        f"---\napiVersion: v1\nkind: Pod\n"
        f"metadata: {{name: {name}, namespace: {space}, labels: {{{labels}}}}}\n{extra}\n"
    )


def policy(spec: str, name: str = "p", space: str = "default") -> str:
    """A NetworkPolicy in one piece."""
    head = "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n"
    return f"{head}metadata: {{name: {name}, namespace: {space}}}\nspec: {{{spec}}}\n"


def space(name: str, labels: str) -> str:
    """A Namespace in one piece."""
    return (
        f"---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: {name}, labels: {{{labels}}}}}\n"
    )


TWO = pod("a", "app: a") + pod("b", "app: b")
TO_A = "podSelector: {matchLabels: {app: a}}, ingress: "
PORTS = "spec: {containers: [{name: c, ports: [%s]}]}"
WEB = PORTS % "{name: web, containerPort: 80}"
OPEN_B = ["default/a -> default/b: all"]


BETWEEN_PODS = {
    "S-42 no policy, all": (TWO, [*OPEN_B, "default/b -> default/a: all"]),
    "S-43 no rule denies": (TWO + policy(TO_A + "[]"), OPEN_B),
    "S-43 an empty rule allows all": (
        TWO + policy(TO_A + "[{}]"),
        [*OPEN_B, "default/b -> default/a: all"],
    ),
    "S-44 an empty list of peers is all": (
        TWO + policy(TO_A + "[{from: [], ports: [{port: 80}]}]"),
        [*OPEN_B, "default/b -> default/a: TCP 80"],
    ),
    "S-45 no port is all of TCP": (
        TWO + policy(TO_A + "[{ports: [{}, {protocol: UDP, port: 53, endPort: 54}]}]"),
        [*OPEN_B, "default/b -> default/a: TCP UDP 53-54"],
    ),
    "S-44 a podSelector is of the own namespace": (
        TWO
        + pod("c", "app: b", space="other")
        + policy(TO_A + "[{from: [{podSelector: {matchLabels: {app: b}}}]}]"),
        [
            "default/a -> default/b: all",
            "default/a -> other/c: all",
            "default/b -> default/a: all",
            "default/b -> other/c: all",
            "other/c -> default/b: all",
        ],
    ),
    "S-44 both selectors in one item": (
        pod("a", "app: a")
        + pod("c", "app: b", space="other")
        + pod("d", "app: c", space="other")
        + policy(
            TO_A
            + "[{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: other}},"
            " podSelector: {matchLabels: {app: b}}}]}]"
        ),
        [
            "default/a -> other/c: all",
            "default/a -> other/d: all",
            "other/c -> default/a: all",
            "other/c -> other/d: all",
            "other/d -> other/c: all",
        ],
    ),
    "S-41 an egress rule isolates egress": (
        TWO + policy("podSelector: {matchLabels: {app: a}}, egress: [{ports: [{port: 1}]}]"),
        ["default/a -> default/b: TCP 1"],
    ),
    "S-41 an empty egress does not": (
        TWO + policy("podSelector: {matchLabels: {app: a}}, egress: []"),
        OPEN_B,
    ),
    "S-16 policyTypes Egress without egress": (
        TWO + policy("podSelector: {matchLabels: {app: a}}, policyTypes: [Egress]"),
        ["default/b -> default/a: all"],
    ),
    "S-42 policies add": (
        TWO
        + policy(TO_A + "[{ports: [{port: 1}]}]", "one")
        + policy(TO_A + "[{ports: [{port: 2}]}]", "two"),
        [*OPEN_B, "default/b -> default/a: TCP 1-2"],
    ),
    "S-31 NotIn matches a missing key": (
        TWO
        + policy(
            "podSelector: {matchExpressions: [{key: x, operator: NotIn, values: [v]}]}, ingress: []"
        ),
        [],
    ),
    "S-31 a missing label is not empty": (
        TWO + policy('podSelector: {matchLabels: {x: ""}}, ingress: []'),
        [*OPEN_B, "default/b -> default/a: all"],
    ),
    "S-46 a name is the subject's in ingress": (
        pod("a", "app: a", WEB) + pod("b") + policy(TO_A + "[{ports: [{port: web}]}]"),
        [*OPEN_B, "default/b -> default/a: TCP 80"],
    ),
    "S-46 a name of another protocol": (
        pod("a", "app: a", PORTS % "{name: web, containerPort: 80, protocol: UDP}")
        + pod("b")
        + policy(TO_A + "[{ports: [{port: web}]}]"),
        OPEN_B,
    ),
    "S-46 a name on two ports is both, and each destination's in egress": (
        pod("a", "app: a")
        + pod("b", "", PORTS % "{name: web, containerPort: 80}, {name: web, containerPort: 90}")
        + pod("c")
        + policy("podSelector: {matchLabels: {app: a}}, egress: [{ports: [{port: web}]}]"),
        [
            "default/a -> default/b: TCP 80,90",
            "default/b -> default/c: all",
            "default/c -> default/b: all",
        ],
    ),
    "S-26 sidecars count, other init containers do not": (
        pod(
            "a",
            "app: a",
            "spec: {initContainers: [{name: s, restartPolicy: Always, ports: [{name: web, "
            "containerPort: 1}]}, {name: i, ports: [{name: web, containerPort: 2}]}]}",
        )
        + pod("b")
        + policy(TO_A + "[{ports: [{port: web}]}]"),
        [*OPEN_B, "default/b -> default/a: TCP 1"],
    ),
    "S-27 no policy has a host-network pod as subject or peer": (
        pod("a", "app: a")
        + pod("b", "app: b", "spec: {hostNetwork: true}")
        + policy(
            "podSelector: {}, ingress: [{from: [{podSelector: {}}, {namespaceSelector: {}}]}]"
        ),
        OPEN_B,
    ),
    "S-54 all addresses let pods in, the pod ranges cut do not": (
        TWO
        + policy(
            TO_A + "[{from: [{ipBlock: {cidr: 0.0.0.0/0, except: [169.254.169.254/32]}}],"
            " ports: [{port: 1}]}, {from: [{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8]}}],"
            " ports: [{port: 2}]}, {from: [{ipBlock: {cidr: 10.0.0.0/8}}], ports: [{port: 3}]}]"
        ),
        [*OPEN_B, "default/b -> default/a: TCP 1"],
    ),
    "S-54 several blocks together": (
        TWO
        + policy(TO_A + "[{from: [{ipBlock: {cidr: 0.0.0.0/1}}]}]", "one")
        + policy(TO_A + "[{from: [{ipBlock: {cidr: 128.0.0.0/1}}], ports: [{port: 9}]}]", "two"),
        [*OPEN_B, "default/b -> default/a: TCP 9"],
    ),
    "S-28 a known address matches as any": (
        pod("a", "app: a")
        + pod("b", "", "status: {podIPs: [{ip: 10.0.0.7}]}")
        + policy(TO_A + "[{from: [{ipBlock: {cidr: 10.0.0.0/24}}]}]"),
        [*OPEN_B, "default/b -> default/a: all"],
    ),
    "S-53 no family in common, no flow": (
        pod("a") + pod("b", "", "status: {podIP: 'fd00::1'}"),
        [],
    ),
    "S-22 an ended pod is left out": (pod("a") + pod("b", "", "status: {phase: Failed}"), []),
}


@pytest.mark.parametrize("case", BETWEEN_PODS)
def test_rows_between_pods(case: str) -> None:
    files, expected = BETWEEN_PODS[case]
    found = [text for text in told.rows(files) if "." not in text and "::" not in text]
    assert found == expected


OUTSIDE = {
    "S-55 both families, whatever the pods have": (
        pod("a"),
        [
            "default/a -> 0.0.0.0/0: all",
            "default/a -> ::/0: all",
            "0.0.0.0/0 -> default/a: all",
            "::/0 -> default/a: all",
        ],
    ),
    "S-44 an exception takes from its own item, S-70 equal ports are one row": (
        pod("a", "app: a")
        + policy(
            "podSelector: {}, policyTypes: [Ingress, Egress], ingress: [{from: [{ipBlock: "
            "{cidr: 128.0.0.0/1, except: [192.0.0.0/2]}}, {ipBlock: {cidr: 224.0.0.0/3}}]}]"
        ),
        ["128.0.0.0/2 224.0.0.0/3 -> default/a: all"],
    ),
    "S-70 rows are disjoint, by ports": (
        pod("a", "app: a")
        + policy(
            "podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0}}],"
            " ports: [{port: 1}]}, {to: [{ipBlock: {cidr: 128.0.0.0/1}}], ports: [{port: 2}]}]"
        ),
        [
            "default/a -> 0.0.0.0/1: TCP 1",
            "default/a -> 128.0.0.0/1: TCP 1-2",
            "0.0.0.0/0 -> default/a: all",
            "::/0 -> default/a: all",
        ],
    ),
    "S-55 a selector never matches an address, a rule without peers does": (
        pod("a", "app: a")
        + policy(
            "podSelector: {}, policyTypes: [Ingress, Egress], ingress: [{from: "
            "[{namespaceSelector: {}}]}, {ports: [{port: 5, protocol: SCTP}]}]"
        ),
        ["0.0.0.0/0 -> default/a: SCTP 5", "::/0 -> default/a: SCTP 5"],
    ),
    "S-46 an address has no named ports": (
        pod("a", "app: a", WEB) + policy("policyTypes: [Egress], egress: [{ports: [{port: web}]}]"),
        ["0.0.0.0/0 -> default/a: all", "::/0 -> default/a: all"],
    ),
    "S-15 leniently read blocks": (
        pod("a", "app: a")
        + policy(
            "policyTypes: [Ingress, Egress], ingress: [{from: [{ipBlock: {cidr: 010.0.0.1/08}}]}], "
            "egress: [{to: [{ipBlock: {cidr: '::ffff:11.0.0.0/104'}}]}]"
        ),
        ["default/a -> 11.0.0.0/8: all", "10.0.0.0/8 -> default/a: all"],
    ),
}


@pytest.mark.parametrize("case", OUTSIDE)
def test_rows_of_outside_addresses(case: str) -> None:
    files, expected = OUTSIDE[case]
    assert told.rows(files) == expected


STATEFUL = (
    "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: db}\n"
    "spec: {replicas: 3, template: {metadata: {labels: {app: db}}}}\n"
)
POD_NAME = "statefulset.kubernetes.io/pod-name"


def test_ordinals_are_judged_one_by_one() -> None:
    """S-24, S-25: what one pod may the workload may; it is isolated when all its pods are."""
    files = STATEFUL + pod("a") + policy(f"podSelector: {{matchLabels: {{{POD_NAME}: db-1}}}}")
    found = oracle.flows({"a.yaml": files}, "never")
    assert "default/a -> default/db: all" in told.rows(files)
    isolated = {one["id"]: one["isolated"]["ingress"] for one in found["workloads"]}
    assert isolated == {"default/a[Pod]": False, "default/db[StatefulSet]": False}
    selector = f"podSelector: {{matchExpressions: [{{key: {POD_NAME}, operator: Exists}}]}}"
    alike = oracle.flows({"a.yaml": STATEFUL + policy(selector)}, "never")["workloads"]
    assert alike[0]["isolated"] == {"ingress": True, "egress": False}


def test_a_million_replicas_cost_nothing() -> None:
    """S-25: ordinals that no selector names are counted once."""
    files = STATEFUL.replace("3", "1000000") + policy(
        f"podSelector: {{matchLabels: {{{POD_NAME}: db-999999}}}}"
    )
    assert oracle.flows({"a.yaml": files})["workloads"][0]["isolated"]["ingress"] is False


OWNED = (
    "apiVersion: v1\nkind: Pod\nmetadata: {name: p, labels: {app: a, hash: x}, ownerReferences: "
    "[{kind: ReplicaSet, name: rs, controller: true}]}\n---\napiVersion: apps/v1\n"
    "kind: ReplicaSet\nmetadata: {name: rs, ownerReferences: [{kind: Deployment, name: web, "
    "controller: true}]}\nspec: {template: {metadata: {labels: {app: a}}}}\n"
)


def test_owned_pods_are_their_last_owner_s() -> None:
    """S-23, S-25: the endpoint is the last owner, with the labels that all its pods have."""
    (found,) = oracle.flows({"a.yaml": OWNED})["workloads"]
    assert (found["id"], found["labels"]) == ("default/web[Deployment]", {"app": "a"})


DELTAS = {
    "S-71 only the ports that a pair gained or lost": (
        TWO + policy(TO_A + "[{from: [{podSelector: {}}], ports: [{port: 1}, {port: 2}]}]"),
        TWO + policy(TO_A + "[{from: [{podSelector: {}}], ports: [{port: 2}, {port: 3}]}]"),
        ["+ default/b -> default/a: TCP 3", "- default/b -> default/a: TCP 1"],
    ),
    "S-71 per address, merged": (
        pod("a", "app: a") + policy(TO_A + "[{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]"),
        pod("a", "app: a") + policy(TO_A + "[{from: [{ipBlock: {cidr: 10.0.0.0/7}}]}]"),
        ["+ 11.0.0.0/8 -> default/a: all"],
    ),
    "S-73 a Namespace's labels count": (
        pod("a", "app: a")
        + pod("c", space="x")
        + space("x", "team: t")
        + policy(TO_A + "[{from: [{namespaceSelector: {matchLabels: {team: t}}}]}]"),
        pod("a", "app: a")
        + pod("c", space="x")
        + space("x", "team: u")
        + policy(TO_A + "[{from: [{namespaceSelector: {matchLabels: {team: t}}}]}]"),
        ["- x/c -> default/a: all"],
    ),
}


@pytest.mark.parametrize("case", DELTAS)
def test_deltas(case: str) -> None:
    base, head, expected = DELTAS[case]
    assert told.changes(base, head) == expected
    assert told.changes(base, base) == []


def test_workloads_on_one_side() -> None:
    """S-72, S-74: their flows are opened or closed and say which end; the rest is unchanged."""
    found = oracle.diff({"a.yaml": TWO}, {"a.yaml": pod("a", "app: x") + pod("c")}, "never")
    assert found["workloads"] == {
        "added": ["default/c[Pod]"],
        "removed": ["default/b[Pod]"],
        "relabelled": ["default/a[Pod]"],
    }
    words = [(told.row(one), one.get("workload_change")) for one in found["opened"]]
    assert ("default/a -> default/c: all", "destination_added") in words
    assert ("0.0.0.0/0 -> default/c: all", "destination_added") in words
    assert found["summary"] == {"opened": 6, "closed": 6, "unchanged": 4}
