"""Causes in tables (S-75): base, head, and of some rows what they are because of.

A cause reads `KIND OBJECT [RULE] CHANGE LINE[ base]`, the kind left out for NetworkPolicies. That
what is named is exactly what is behind a row is held by tests/properties/test_causes.py.
"""

import pytest

from tests import kit

PODS = """
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {containers: [{name: c, ports: [{name: http, containerPort: 80}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: shop, labels: {app: db}}
spec: {containers: [{name: c, ports: [{name: sql, containerPort: 5432}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: job, namespace: ops, labels: {app: job}}
spec: {containers: [{name: c}]}
"""
POLICY = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n"
DENY = f"""{POLICY}metadata: {{name: deny, namespace: shop}}
spec: {{podSelector: {{}}, policyTypes: [Ingress]}}
"""
DB = f"""{POLICY}metadata: {{name: db, namespace: shop}}
spec:
  podSelector: {{matchLabels: {{app: db}}}}
  ingress:
    - from: [{{podSelector: {{matchLabels: {{app: web}}}}}}]
      ports: [{{port: 5432}}]
"""
OUT = f"""{POLICY}metadata: {{name: out, namespace: shop}}
spec: {{podSelector: {{matchLabels: {{app: web}}}}, policyTypes: [Egress], egress: []}}
"""
OPEN_OUT = OUT.replace("egress: []", "egress: [{}]").replace("name: out", "name: more")
ANYONE = DB.replace("from: [", 'from: [{ipBlock: {cidr: "0.0.0.0/0"}}, ')
WIDER = DB.replace("[{port: 5432}]", "[{port: 5432}, {port: 80}]")
ADMIN = """apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata: {name: guard}
spec:
  priority: 5
  subject: {namespaces: {}}
  ingress:
    - action: Deny
      from: [{namespaces: {matchLabels: {kubernetes.io/metadata.name: ops}}}]
"""
BY_TEAM = DB.replace(
    "{podSelector: {matchLabels: {app: web}}}", "{namespaceSelector: {matchLabels: {team: a}}}"
)
OPS = "apiVersion: v1\nkind: Namespace\nmetadata: {name: ops, labels: {team: a}}\n"
TO_SQL = DB.replace("port: 5432", "port: sql")
ENTRY = """apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: in, namespace: shop}
spec: {defaultBackend: {service: {name: web, port: {number: 80}}}}
"""
SERVICE = """apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 80}]}
"""
WEB_ROW, OPS_ROW = "shop/web -> shop/db: TCP 5432", "ops/job -> shop/db: TCP 5432"
SHUT = "shop/web -> shop/db: TCP 1-5431,5433-65535 UDP SCTP"
IN_ROW = "ingress -> shop/web: TCP 80"
WORLD = "0.0.0.0/0 -> shop/db: TCP 5432"


def files(*texts: str, **more: str) -> dict[str, str]:
    """The pods in one file, each further object in one of its own."""
    found = {"pods.yaml": PODS, **{f"{chr(97 + at)}.yaml": each for at, each in enumerate(texts)}}
    return {**found, **{f"{name}.yaml": text for name, text in more.items()}}


def because(base: dict[str, str], head: dict[str, str], sign: str, row: str) -> list[str]:
    """The causes of one row in words."""
    found = kit.diff(base, head, exposure="never")
    rows = {kit.row(each): each for each in found["opened" if sign == "+" else "closed"]}
    assert row in rows, sorted(rows)
    words = []
    for cause in rows[row]["because"]:
        kind = "" if cause["kind"] == "NetworkPolicy" else f"{cause['kind']} "
        rule = f" {cause['rule']}" if cause["rule"] else ""
        side = " base" if cause["side"] == "base" else ""
        words.append(f"{kind}{cause['object']}{rule} {cause['change']} {cause['line']}{side}")
        assert cause["policy"] == (cause["object"] if "Pol" in cause["kind"] else None)
    return words


RELABELLED = PODS.replace("labels: {app: web}", "labels: {app: www}")
RENUMBERED = PODS.replace("containerPort: 5432", "containerPort: 5433")
ROWS = [
    ("a rule added", [DENY], [DENY, DB], f"+ {WEB_ROW}", ["shop/db ingress[0] added 7"]),
    ("a rule removed", [DENY, DB], [DENY], f"- {WEB_ROW}", ["shop/db ingress[0] removed 7 base"]),
    (
        "a rule widened: head's rule",
        [DB],
        [WIDER],
        "+ shop/web -> shop/db: TCP 80",
        ["shop/db ingress[0] modified 7"],
    ),
    (
        "a rule narrowed: head's rule",
        [WIDER],
        [DB],
        "- shop/web -> shop/db: TCP 80",
        ["shop/db ingress[0] modified 7"],
    ),
    (
        "a rule gone of a policy that stays: base's rule",
        [DB],
        [DB[: DB.index("  ingress")] + "  ingress: []\n"],
        f"- {WEB_ROW}",
        ["shop/db ingress[0] modified 7 base"],
    ),
    ("a policy isolates", [], [DB], f"- {SHUT}", ["shop/db added 1"]),
    ("a policy no longer isolates", [DB], [], f"+ {SHUT}", ["shop/db removed 1 base"]),
    (
        "each of two policies isolates alone",
        [],
        [DENY, DB],
        f"- {SHUT}",
        ["shop/db added 1", "shop/deny added 1"],
    ),
    (
        "only both together let through what either isolates",
        [DENY, OUT],
        [],
        "+ shop/web -> shop/db: all",
        ["shop/deny removed 1 base", "shop/out removed 1 base"],
    ),
    (
        "either side alone lets through: both are named",
        [DENY],
        [DENY, DB, DB.replace("name: db", "name: also")],
        f"+ {WEB_ROW}",
        ["shop/also ingress[0] added 7", "shop/db ingress[0] added 7"],
    ),
    (
        "what two new policies do and undo is behind nothing",
        [DENY],
        [DENY, DB, OUT, OPEN_OUT],
        f"+ {WEB_ROW}",
        ["shop/db ingress[0] added 7"],
    ),
    (
        "a policy that selects otherwise is named as a whole",
        [DENY, DB.replace("{app: db}", "{app: xx}")],
        [DENY, DB],
        f"+ {WEB_ROW}",
        ["shop/db modified 1"],
    ),
    (
        "an admin rule that stopped it is gone",
        [ADMIN],
        [],
        "+ ops/job -> shop/db: all",
        ["AdminNetworkPolicy guard ingress[0] removed 8 base"],
    ),
    (
        "an admin rule stops it",
        [],
        [ADMIN],
        "- ops/job -> shop/db: all",
        ["AdminNetworkPolicy guard ingress[0] added 8"],
    ),
    (
        "an admin rule became narrower: head's",
        [ADMIN],
        [ADMIN + "      ports: [{portNumber: {port: 1}}]\n"],
        "+ ops/job -> shop/db: TCP 2-65535 UDP SCTP",
        ["AdminNetworkPolicy guard ingress[0] modified 8"],
    ),
    (
        "an admin rule vanished of a policy that stays: base's",
        [ADMIN],
        [ADMIN[: ADMIN.index("  ingress")]],
        "+ ops/job -> shop/db: all",
        ["AdminNetworkPolicy guard ingress[0] modified 8 base"],
    ),
    ("a namespace labelled", [BY_TEAM], [BY_TEAM, OPS], f"+ {OPS_ROW}", ["Namespace ops added 1"]),
    (
        "a namespace's label removed",
        [BY_TEAM, OPS],
        [BY_TEAM],
        f"- {OPS_ROW}",
        ["Namespace ops removed 1 base"],
    ),
    (
        "a namespace relabelled",
        [BY_TEAM, OPS.replace("team: a", "team: b")],
        [BY_TEAM, OPS],
        f"+ {OPS_ROW}",
        ["Namespace ops modified 1"],
    ),
    (
        "only label and rule together",
        [DENY],
        [DENY, BY_TEAM, OPS],
        f"+ {OPS_ROW}",
        ["Namespace ops added 1", "shop/db ingress[0] added 7"],
    ),
    (
        "a way in and its Service",
        [],
        [ENTRY, SERVICE],
        f"+ {IN_ROW}",
        ["Ingress shop/in added 1", "Service shop/web added 1"],
    ),
    ("a way in", [SERVICE], [SERVICE, ENTRY], f"+ {IN_ROW}", ["Ingress shop/in added 1"]),
    (
        "a Service that leads elsewhere",
        [ENTRY, SERVICE],
        [ENTRY, SERVICE.replace("app: web", "app: db")],
        f"- {IN_ROW}",
        ["Service shop/web modified 1"],
    ),
    (
        "a way in shut by a policy",
        [ENTRY, SERVICE],
        [ENTRY, SERVICE, DENY],
        f"- {IN_ROW}",
        ["shop/deny added 1"],
    ),
    ("addresses", [], [DENY], "- 0.0.0.0/0 -> shop/db: all", ["shop/deny added 1"]),
    (
        "an address rule",
        [DB],
        [ANYONE],
        f"+ {WORLD}",
        ["shop/db ingress[0] modified 7"],
    ),
    (
        "an address rule gone",
        [DENY, ANYONE],
        [DENY],
        f"- {WORLD}",
        ["shop/db ingress[0] removed 7 base"],
    ),
    (
        "a policy selects otherwise, towards addresses",
        [DENY, ANYONE],
        [DENY, DB.replace("{app: db}", "{app: xx}")],
        f"- {WORLD}",
        ["shop/db ingress[0] modified 7"],
    ),
]


@pytest.mark.parametrize(
    ("base", "head", "line", "causes"), [r[1:] for r in ROWS], ids=[r[0] for r in ROWS]
)
def test_a_row_is_because_of(
    base: list[str], head: list[str], line: str, causes: list[str]
) -> None:
    """S-75, with the rule, its side and its line."""
    sign, _, row = line.partition(" ")
    assert because(files(*base), files(*head), sign, row) == causes


@pytest.mark.parametrize(
    ("pods", "policies", "line", "causes"),
    [
        (RELABELLED, [DB], f"- {WEB_ROW}", ["Pod shop/web modified 2"]),
        (RENUMBERED, [TO_SQL], f"- {WEB_ROW}", ["Pod shop/db modified 7"]),
        (PODS[: PODS.index("---")], [DB], f"- {WEB_ROW}", ["Pod shop/db removed 7 base"]),
        (PODS[PODS.index("---") :], [DB], f"- {WEB_ROW}", ["Pod shop/web removed 2 base"]),
        ("", [DB], f"- {WEB_ROW}", ["Pod shop/db removed 7 base", "Pod shop/web removed 2 base"]),
        (
            PODS.replace("labels: {app: db}", "labels: {app: xx}"),
            [DB],
            f"+ {SHUT}",
            ["Pod shop/db modified 7"],
        ),
        (
            PODS.replace("labels: {app: db}", "labels: {app: xx}"),
            [DENY, ANYONE],
            f"- {WORLD}",
            ["Pod shop/db modified 7"],
        ),
    ],
)
def test_a_row_is_because_of_a_workload(
    pods: str, policies: list[str], line: str, causes: list[str]
) -> None:
    """S-72, S-73, S-75: labels, ports and presence."""
    sign, _, row = line.partition(" ")
    policies = [
        each.replace("from: [", 'from: [{ipBlock: {cidr: "0.0.0.0/0"}}, ')
        if "/0 " in line
        else each
        for each in policies
    ]
    base = files(*policies)
    assert because(base, {**base, "pods.yaml": pods}, sign, row) == causes


def test_a_move_is_no_edit() -> None:
    """F-70: moved files, renamed policies and other orders change nothing."""
    base = files(DENY, DB)
    head = files(**{"z/deny": DENY, "db": f"# moved\n{DB}"})
    renamed = files(DENY, DB.replace("name: db", "name: other"))
    assert kit.changes(base, head) == []
    assert kit.diff(base, head)["policies"] == []
    assert kit.changes(base, renamed) == []
