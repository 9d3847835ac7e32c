"""Causes of rows with pods that are not in the manifests, and in the ordered tiers (S-64, S-65,
S-75, S-84 to S-88)."""

from collections.abc import Mapping

import pytest

from tests import kit
from tests.delta.test_causes import ADMIN, DB, DENY, OPS, OUT, PODS, RENUMBERED, TO_SQL, files

FAR = DB.replace("namespace: shop", "namespace: far")
WEB, FAR_DB = (
    "{kubernetes.io/metadata.name=far}{app=web}",
    "{kubernetes.io/metadata.name=far}{app=db}",
)
BLOCK = FAR.replace("from: [", 'from: [{ipBlock: {cidr: "192.0.2.0/24"}}, ')
TWO = FAR + "    - from: [{podSelector: {matchLabels: {app: api}}}]\n      ports: [{port: 82}]\n"
SELF = FAR.replace("{app: web}", "{app: db}")
FAR_OUT = OUT.replace("namespace: shop", "namespace: far")
TO_WORLD = """apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata: {name: guard}
spec:
  priority: 5
  subject: {namespaces: {matchLabels: {team: a}}}
  egress:
    - action: Deny
      to: [{networks: [0.0.0.0/0]}]
"""
BASELINE = """apiVersion: policy.networking.k8s.io/v1alpha1
kind: BaselineAdminNetworkPolicy
metadata: {name: default}
spec:
  subject: {namespaces: {}}
  egress:
    - action: Deny
      to: [{namespaces: {}}]
      ports: [{portNumber: {port: 1}}]
"""


def told(base: Mapping[str, str], head: Mapping[str, str], exposure: str) -> dict[str, list[str]]:
    """Every changed row with what it is because of."""
    found = kit.diff(base, head, exposure=exposure)
    return {
        f"{sign} {kit.row(row)}": [
            " ".join(filter(None, (each["object"], each["rule"], each["change"])))
            for each in row["because"]
        ]
        for sign, half in (("+", "opened"), ("-", "closed"))
        for row in found[half]
    }


@pytest.mark.parametrize(
    ("base", "head", "expected"),
    [
        (
            FAR,
            FAR.replace("5432", "81"),
            {
                f"+ {WEB} -> {FAR_DB}: TCP 81": ["far/db ingress[0] modified"],
                f"- {WEB} -> {FAR_DB}: TCP 5432": ["far/db ingress[0] modified"],
            },
        ),
        (
            "",
            FAR,
            {
                f"- 0.0.0.0/0 -> {FAR_DB}: all": ["far/db added"],
                f"- ::/0 -> {FAR_DB}: all": ["far/db added"],
                f"- {{}}{{}} -> {FAR_DB}: all": ["far/db added"],
            },
        ),
        (FAR, BLOCK, {f"+ 192.0.2.0/24 -> {FAR_DB}: TCP 5432": ["far/db ingress[0] modified"]}),
        (
            FAR,
            TWO,
            {f"+ {WEB.replace('web', 'api')} -> {FAR_DB}: TCP 82": ["far/db ingress[1] added"]},
        ),
        (
            FAR,
            SELF,
            {
                f"+ {FAR_DB} -> {FAR_DB}: TCP 5432": ["far/db ingress[0] modified"],
                f"- {WEB} -> {FAR_DB}: TCP 5432": ["far/db ingress[0] modified"],
            },
        ),
        (
            FAR_OUT,
            FAR_OUT.replace("[]", '[{to: [{ipBlock: {cidr: "192.0.2.0/24"}}]}]'),
            {f"+ {WEB} -> 192.0.2.0/24: all": ["far/out egress[0] added"]},
        ),
    ],
)
def test_subjects_and_candidates(base: str, head: str, expected: dict[str, list[str]]) -> None:
    """S-85, S-88: the rows of a namespace whose workloads live elsewhere."""
    found = told({"a.yaml": base}, {"a.yaml": head}, "auto")
    changed = {
        row: [c.replace("modified", "added") for c in causes] for row, causes in found.items()
    }
    wanted = {
        row: [c.replace("modified", "added") for c in causes] for row, causes in expected.items()
    }
    assert changed == wanted


def test_a_candidates_own_end_moved() -> None:
    """S-46: a named port of the workload, for pods that nobody wrote down."""
    base = files(TO_SQL)
    found = told(base, {**base, "pods.yaml": RENUMBERED}, "always")
    row = "{kubernetes.io/metadata.name=shop}{app=web} -> shop/db: TCP"
    assert found[f"+ {row} 5433"] == found[f"- {row} 5432"] == ["shop/db modified"]


def test_a_namespace_that_an_admin_policy_asks_for() -> None:
    """S-62: its pods become subjects, towards pods and towards addresses."""
    found = told(files(TO_WORLD), files(TO_WORLD, OPS), "never")
    assert found == {
        "- ops/job -> shop/db: all": ["ops added"],
        "- ops/job -> shop/web: all": ["ops added"],
        "- ops/job -> 0.0.0.0/0: all": ["ops added"],
    }


def test_an_admin_and_a_namespaced_policy_together() -> None:
    """S-52: what neither would stop alone, and what either does."""
    row = "ops/job -> shop/db: all"
    assert told(files(), files(ADMIN, DENY), "never")[f"- {row}"] == [
        "guard ingress[0] added",
        "shop/deny added",
    ]
    assert told(files(ADMIN, DENY), files(), "never")[f"+ {row}"] == [
        "guard ingress[0] removed",
        "shop/deny removed",
    ]


def test_a_baseline_policy_shows_where_isolation_ends() -> None:
    """S-65: without the policies of its own the pod is under the baseline."""
    row = "shop/web -> ops/job: TCP 1"
    away = OUT.replace("[]", "[{to: [{namespaceSelector: {}}]}]")
    found = told(files(BASELINE), files(BASELINE, away, DENY), "never")
    assert found[f"+ {row}"] == ["shop/out egress[0] added"]
    shut = DENY.replace("namespace: shop", "namespace: ops")
    found = told(files(BASELINE, away), files(BASELINE, shut), "never")
    row = "shop/web -> ops/job: all"
    assert found[f"- {row}"] == ["ops/deny added", "shop/out egress[0] removed"]


def test_families_that_a_pod_does_not_have() -> None:
    """S-53: rows of pods that meet in one family only."""
    dual = PODS.replace("---", "status: {podIPs: [{ip: 10.0.0.9}, {ip: 'fd00::9'}]}\n---")
    base = {**files(), "pods.yaml": dual}
    found = told(base, {**base, "a.yaml": DENY}, "never")
    assert (
        found["- shop/web -> shop/db: all"]
        == found["- ops/job -> shop/db: all"]
        == ["shop/deny added"]
    )


def test_each_row_names_its_own_rule() -> None:
    """Of a policy with several new rules those that let the row through, of any sort of end."""
    several = (
        DB[: DB.index("    - from")]
        + """    - from: [{podSelector: {matchLabels: {app: web}}}]
      ports: [{port: 1}]
    - from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ops}}}]
      ports: [{port: 2}]
    - from: [{ipBlock: {cidr: 192.0.2.0/24}}]
      ports: [{port: 3}]
    - from: [{ipBlock: {cidr: 198.51.100.0/24}}]
      ports: [{port: 4}]
"""
    )
    found = told(files(DENY), files(DENY, several), "never")
    assert found == {
        "+ ops/job -> shop/db: TCP 2": ["shop/db ingress[1] added"],
        "+ shop/web -> shop/db: TCP 1": ["shop/db ingress[0] added"],
        "+ 192.0.2.0/24 -> shop/db: TCP 3": ["shop/db ingress[2] added"],
        "+ 198.51.100.0/24 -> shop/db: TCP 4": ["shop/db ingress[3] added"],
    }
    also = DB.replace("name: db", "name: also").replace("5432", "1")
    found = told(files(DENY), files(DENY, several, also), "never")
    assert found["+ ops/job -> shop/db: TCP 2"] == ["shop/db ingress[1] added"]
    assert found["+ shop/web -> shop/db: TCP 1"] == [
        "shop/also ingress[0] added",
        "shop/db ingress[0] added",
    ]


def test_a_candidate_names_the_rule_that_it_implies() -> None:
    """S-86: neither a rule for others nor one for other ports."""
    rule = "    - from: [{podSelector: {matchLabels: {app: %s}}}]\n      ports: [{port: %d}]\n"
    base = FAR + rule % ("api", 1)
    head = FAR.replace("{app: web}}}]", "{app: web}}}, {podSelector: {matchLabels: {app: b}}}]")
    head += rule % ("web", 82) + rule % ("api", 2)
    found = told({"a.yaml": base}, {"a.yaml": head}, "auto")
    assert found[f"+ {WEB} -> {FAR_DB}: TCP 82"] == ["far/db ingress[1] modified"]


def test_a_moved_destination_that_lacks_a_family() -> None:
    """S-53: two edits of which the relabelling alone is behind the row."""
    ended = PODS.rpartition("---")
    dual = f"{ended[0]}---{ended[2]}".replace(
        "---", "status: {podIPs: [{ip: 10.0.0.9}, {ip: 'fd00::9'}]}\n---"
    )
    shut = DENY.replace("namespace: shop", "namespace: ops").replace(
        "{}", "{matchLabels: {app: job}}"
    )
    open_ = shut.replace("{app: job}", "{app: new}").replace("name: deny", "name: open")
    head = files(shut, open_.replace("policyTypes: [Ingress]", "ingress: [{}]"))
    head["pods.yaml"] = dual.replace("{app: job}", "{app: new}")
    found = told({**files(shut), "pods.yaml": dual}, head, "never")
    assert found["+ shop/web -> ops/job: all"] == ["ops/job modified"]


def test_an_admin_policy_that_changes_beside_a_namespace() -> None:
    """S-62: either version would stop it; the label made its pods subjects."""
    narrow = TO_WORLD + "      ports: [{portNumber: {port: 1}}]\n"
    found = told(files(TO_WORLD), files(narrow, OPS), "never")
    assert found["- ops/job -> 0.0.0.0/0: TCP 1"] == ["ops added"]


def test_an_admin_policy_decides_before_a_changed_one() -> None:
    """S-52: what the admin tier stops is no matter of a NetworkPolicy."""
    stop = TO_WORLD.replace("{team: a}", "{kubernetes.io/metadata.name: shop}").replace(
        "[{networks: [0.0.0.0/0]}]", "[{namespaces: {}}]\n      ports: [{portNumber: {port: 1}}]"
    )
    found = told(files(stop, OUT), files(stop, OUT.replace("[]", "[{}]")), "never")
    row = "+ shop/web -> ops/job: TCP 2-65535 UDP SCTP"
    assert found[row] == ["shop/out egress[0] modified"]


@pytest.mark.parametrize("kind", ["added", "removed"])
def test_policies_that_do_the_same_are_named_together(kind: str) -> None:
    """S-75: of very many alike none alone lets through, and any alone isolates: all are named."""
    many = "---\n".join(FAR.replace("name: db", f"name: p{number:03}") for number in range(300))
    deny = DENY.replace("namespace: shop", "namespace: far").replace("ingress: [{}]", "")
    base, head = {"deny.yaml": deny}, {"deny.yaml": deny, "many.yaml": many}
    opened = kind == "added"
    found = told(base, head, "auto") if opened else told(head, base, "auto")
    rows = [because for row, because in found.items() if row.startswith("+" if opened else "-")]
    assert rows
    for because in rows:
        assert len(because) == 300
        assert {each.rpartition(" ")[2] for each in because} == {kind}
