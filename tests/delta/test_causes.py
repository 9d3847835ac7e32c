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


ROUTE = """apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: in, namespace: edge}
spec: {rules: [{backendRefs: [{name: web, namespace: shop, port: 80}]}]}
"""
GRANT = """apiVersion: gateway.networking.k8s.io/v1beta1
kind: ReferenceGrant
metadata: {name: in, namespace: shop}
spec:
  from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: edge}]
  to: [{group: "", kind: Service}]
"""


def test_a_grant_is_a_cause_where_it_lets_a_route_in() -> None:
    """S-82: a grant of another namespace, or for another Service, has no part in it."""
    other = GRANT.replace("namespace: shop", "namespace: ops")
    base, head = files(SERVICE, ROUTE), files(SERVICE, ROUTE, GRANT, other)
    assert because(base, head, "+", IN_ROW) == ["ReferenceGrant shop/in added 1"]
    wrong = GRANT.replace("kind: Service}", "kind: Service, name: db}")
    assert because(files(SERVICE, ROUTE, wrong), head, "+", IN_ROW) == [
        "ReferenceGrant shop/in modified 1"
    ]


def test_the_controllers_namespace_is_a_cause() -> None:
    """S-80: the labels of a namespace that the controller may be in."""
    by_team = DB.replace("app: db", "app: web").replace(
        "{podSelector: {matchLabels: {app: web}}}", "{namespaceSelector: {matchLabels: {team: a}}}"
    )
    allow = by_team.replace("5432", "80")
    kong = OPS.replace("name: ops", "name: kong")
    base, head = files(ENTRY, SERVICE, allow), files(ENTRY, SERVICE, allow, kong)
    assert because(base, head, "+", IN_ROW) == ["Namespace kong added 1"]


STATEFUL = """apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: shop}
spec: {replicas: 3, template: {metadata: {labels: {app: db}}, spec: {containers: [{name: c}]}}}
"""
FIRST = DENY.replace("{}", "{matchLabels: {statefulset.kubernetes.io/pod-name: db-0}}", 1).replace(
    "name: deny", "name: first"
)


def test_a_selector_of_ordinals_is_no_edit_of_the_workload() -> None:
    """S-25: its pods are told apart, and are the same pods as before."""
    base = {"pods.yaml": PODS[: PODS.index("---")], "db.yaml": STATEFUL, "deny.yaml": DENY}
    named = FIRST.replace("policyTypes: [Ingress]", "ingress: [{}]")
    head = {**base, "first.yaml": named}
    row = "shop/web -> shop/db: all"
    assert because(base, head, "+", row) == ["shop/first ingress[0] added 4"]
    assert because(head, base, "-", row) == ["shop/first ingress[0] removed 4 base"]
    service = """apiVersion: v1
kind: Service
metadata: {name: first, namespace: shop}
spec: {selector: {statefulset.kubernetes.io/pod-name: db-0}, ports: [{port: 80}]}
"""
    assert because(base, {**head, "service.yaml": service}, "+", row) == [
        "shop/first ingress[0] added 4"
    ]


def test_fewer_replicas_are_an_edit_of_the_workload() -> None:
    """S-25: the pod that a rule admits is there no more."""
    last = FIRST.replace("db-0", "db-2").replace("policyTypes: [Ingress]", "ingress: [{}]")
    base = {"web.yaml": PODS, "db.yaml": STATEFUL, "deny.yaml": DENY, "last.yaml": last}
    head = {**base, "db.yaml": STATEFUL.replace("replicas: 3", "replicas: 2")}
    found = kit.diff(base, head, exposure="never")
    rows = [each for each in found["closed"] if "StatefulSet" in str(each["destination"])]
    assert rows
    assert {each["object"] for row in rows for each in row["because"]} == {"shop/db"}


FROM_ALL = DB.replace("{podSelector: {matchLabels: {app: web}}}", "{namespaceSelector: {}}")


def test_sources_of_one_row_have_causes_of_their_own() -> None:
    """One destination, three sources: let in by another policy each, one by egress as well."""
    far = FROM_ALL.replace("name: db", "name: far")
    shut = OUT.replace("{matchLabels: {app: web}}", "{matchLabels: {app: job}}").replace(
        "namespace: shop", "namespace: ops"
    )
    reach = shut.replace("[]", "[{to: [{namespaceSelector: {}}]}]")
    base, head = files(DENY, shut), files(DENY, reach, DB, far)
    assert because(base, head, "+", WEB_ROW) == [
        "shop/db ingress[0] added 7",
        "shop/far ingress[0] added 7",
    ]
    assert because(base, head, "+", OPS_ROW) == [
        "ops/out egress[0] modified 4",
        "shop/far ingress[0] added 7",
    ]


@pytest.mark.parametrize("count", [2, 300])
def test_an_egress_rule_towards_few_and_towards_many(count: int) -> None:
    """A changed egress rule is a cause where it means the destination, and nowhere else."""
    pods = "---".join(
        f"""
apiVersion: v1
kind: Pod
metadata: {{name: p{at}, namespace: far, labels: {{app: p}}}}
spec: {{containers: [{{name: c}}]}}
"""
        for at in range(count)
    )
    closed = DENY.replace("shop", "far")
    rule = OUT.replace(
        "[]", "[{to: [{namespaceSelector: {matchLabels: {%s: far}}}], ports: [{%s}]}]"
    )
    name = "kubernetes.io/metadata.name"
    allowed = closed.replace("name: deny", "name: allow").replace(
        "policyTypes: [Ingress]",
        "ingress: [{from: [{namespaceSelector: {matchLabels: {NAME: shop}}}], ports: [{port: 2}]}]",
    )
    allowed = allowed.replace("NAME", name)
    away = OUT.replace("name: out", "name: away").replace("[]", "[{to: [{podSelector: {}}]}]")
    gone = away.replace("[{podSelector: {}}]", "[{podSelector: {}}], ports: [{port: 3}]")
    base = files(closed, rule % (name, "port: 1"), away, far=pods)
    head = files(closed, rule % (name, "port: 1, endPort: 2"), gone, allowed, far=pods)
    row = f"shop/web -> far/p{count - 1}: TCP 2"
    assert because(base, head, "+", row) == [
        "far/allow ingress[0] added 4",
        "shop/out egress[0] modified 4",
    ]


def test_sources_let_in_by_one_policy_each() -> None:
    """One destination, two sources, two policies: each is a cause of its own row alone."""
    ops = FROM_ALL.replace("{}", "{matchLabels: {kubernetes.io/metadata.name: ops}}")
    head = files(DENY, DB, ops.replace("name: db", "name: ops").replace("5432", "81"))
    assert because(files(DENY), head, "+", WEB_ROW) == ["shop/db ingress[0] added 7"]
    row = OPS_ROW.replace("5432", "81")
    assert because(files(DENY), head, "+", row) == ["shop/ops ingress[0] added 7"]


def test_a_changed_policy_that_says_the_same_of_a_pod_is_no_cause() -> None:
    """A rule towards another direction changed, another policy let the flow through."""
    mixed = DENY.replace("[Ingress]", "[Ingress, Egress], egress: [{}]")
    other = mixed.replace("egress: [{}]", "egress: [{}, {}]")
    assert because(files(mixed), files(other, DB), "+", WEB_ROW) == ["shop/db ingress[0] added 7"]


def test_egress_by_a_namespaces_label() -> None:
    """S-44: what a policy of the source asks of the destination's namespace."""
    out = OUT.replace("[]", "[{to: [{namespaceSelector: {matchLabels: {team: a}}}]}]")
    row = "shop/web -> ops/job: all"
    assert because(files(out), files(out, OPS), "+", row) == ["Namespace ops added 1"]
    both = because(files(OUT), files(out, OPS), "+", row)
    assert both == ["Namespace ops added 1", "shop/out egress[0] modified 4"]


def test_a_way_in_to_pods_of_both_families() -> None:
    """S-28: the controller's address is in the pod ranges, of IPv4."""
    dual = PODS.replace("---", "status: {podIPs: [{ip: 10.0.0.9}, {ip: 'fd00::9'}]}\n---", 1)
    base = {**files(ENTRY, SERVICE), "pods.yaml": dual}
    assert because(base, {**base, "deny.yaml": DENY}, "-", IN_ROW) == ["shop/deny added 1"]
