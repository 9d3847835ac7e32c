"""From files to objects (semantics.md section 1): what counts as there is shown by what `shop/db`
admits. `tests/manifests` holds each of these rules in full."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reviewer.cli import main
from tests import kit
from tests.conformance.words import codes, into, np, pod, space

PODS = pod("shop/web", "app: web") + pod("shop/db", "app: db")
DENY = np("shop/p", "{podSelector: {matchLabels: {app: db}}}")
ADMITS = np("shop/p", "{podSelector: {matchLabels: {app: db}}, ingress: [{ports: [{port: 80}]}]}")
OPEN = ["shop/web -> shop/db: all", "0.0.0.0/0 -> shop/db: all", "::/0 -> shop/db: all"]
CLOSED: list[str] = []
ON_80 = ["shop/web -> shop/db: TCP 80", "0.0.0.0/0 -> shop/db: TCP 80", "::/0 -> shop/db: TCP 80"]
HERE = pod("web", "app: web") + pod("db", "app: db")


def db(rest: str) -> str:
    """A policy `shop/p` for the database, with the rest of its spec."""
    return np("shop/p", f"{{podSelector: {{matchLabels: {{app: db}}}}, {rest}}}")


def api(version: str, text: str = DENY) -> str:
    return text.replace("networking.k8s.io/v1", version)


TABLE: list[tuple[str, kit.Files, list[str], list[str]]] = [
    ("S-2 a bad piece costs itself alone", PODS + "---\na: [\n" + DENY, CLOSED, ["unreadable 13"]),
    (
        "S-2 only the first document of a piece",
        PODS + "---\na: 1\n...\n" + DENY[4:],
        OPEN,
        [],
    ),
    (
        "S-2 UTF-16 with a mark and CRLF",
        {"a.yaml": (PODS + DENY).replace("\n", "\r\n").encode("utf-16")},
        CLOSED,
        [],
    ),
    ("S-3 an octal port", PODS + db("ingress: [{ports: [{port: 0120}]}]"), ON_80, []),
    (
        "S-3 a whole float is the integer",
        PODS + db("ingress: [{ports: [{port: 80.0}]}]"),
        ON_80,
        [],
    ),
    (
        "S-3 base 60 is a string and so no port",
        PODS + db("ingress: [{ports: [{port: 1:20}]}]"),
        OPEN,
        ["invalid-policy 15"],
    ),
    (
        "S-4 the last of two keys holds",
        PODS + db("ingress: [{ports: [{port: 443}]}], ingress: [{ports: [{port: 80}]}]"),
        ON_80,
        ["duplicate-key 15"],
    ),
    (
        "S-4 anchors and merge keys",
        PODS
        + "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n"
        + "metadata: {name: p, namespace: shop, annotations: &a {app: db}}\n"
        + "spec: {podSelector: {matchLabels: {<<: *a}}}\n",
        CLOSED,
        [],
    ),
    (
        "S-5 items of a typed list",
        PODS
        + "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicyList\n"
        + "items: [{metadata: {name: p, namespace: shop}, spec: {podSelector: {}}}]\n",
        CLOSED,
        [],
    ),
    (
        "S-5 a null item of a typed list is one without anything (S-10)",
        PODS + "---\napiVersion: v1\nkind: PodList\nitems: [null]\n",
        OPEN,
        ["no-name 14"],
    ),
    (
        "S-5 a null item of a List is nothing",
        PODS + "---\napiVersion: v1\nkind: List\nitems: [null]\n",
        OPEN,
        [],
    ),
    (
        "S-5 items that are no list",
        PODS + "---\napiVersion: v1\nkind: PodList\nitems: {}\n",
        OPEN,
        ["bad-type 14"],
    ),
    (
        "S-11 a namespace of another type, where none is asked for",
        PODS + "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: x, namespace: 1}\n",
        OPEN,
        ["bad-type 14"],
    ),
    (
        "S-5 a List gives its items nothing",
        PODS
        + "---\napiVersion: v1\nkind: List\n"
        + "items: [{metadata: {name: p, namespace: shop}, spec: {podSelector: {}}}]\n",
        OPEN,
        [],
    ),
    (
        "S-6 without apiVersion",
        PODS + "---\nkind: NetworkPolicy\nmetadata: {name: p}\n",
        OPEN,
        ["unknown-api 12"],
    ),
    ("S-6 no manifest", PODS + "---\nhello: world\n", OPEN, []),
    (
        "S-6 Calico's own NetworkPolicy",
        PODS + api("projectcalico.org/v3"),
        OPEN,
        ["unsupported-policy 12"],
    ),
    (
        "S-6 what constrains traffic in other ways",
        PODS + "---\napiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: x}\n",
        OPEN,
        ["unsupported-policy 12"],
    ),
    ("S-7 extensions is read", PODS + api("extensions/v1beta1"), CLOSED, ["removed-api 12"]),
    ("S-7 a version there is not", PODS + api("networking.k8s.io/v2"), OPEN, ["unknown-api 12"]),
    ("S-8 the later one holds", PODS + DENY + ADMITS, ON_80, ["duplicate-object 17"]),
    ("S-8 equal twins", PODS + DENY + DENY, CLOSED, []),
    (
        "S-8 a refused later one does not bring the earlier back",
        PODS + DENY + db("ingress: [{ports: [{port: 0}]}]"),
        OPEN,
        ["duplicate-object 17", "invalid-policy 20"],
    ),
    (
        "S-8 order of files is bytewise",
        {"a/x.yaml": DENY, "a-b.yaml": PODS + ADMITS},
        CLOSED,
        ["duplicate-object 2"],
    ),
    (
        "S-9 generateName is no identity",
        PODS
        + DENY.replace("name: p", "generateName: p-")
        + ADMITS.replace("name: p", "generateName: p-"),
        ON_80,
        [],
    ),
    ("S-9 no name", PODS + DENY.replace("name: p, ", ""), OPEN, ["no-name 14"]),
    (
        "S-10 a null value asks for an empty one",
        PODS + np("shop/p", "{podSelector: {matchLabels: {app: }}}"),
        OPEN,
        ["policy-selects-nothing 12"],
    ),
    ("S-10 null is absent", PODS + db("ingress: [{from: null, ports: [{port: 80}]}]"), ON_80, []),
    (
        "S-11 a mapping for a list",
        PODS + db("ingress: [{from: {podSelector: {}}}]"),
        OPEN,
        ["bad-type 15"],
    ),
    (
        "S-11 a number for a label",
        PODS + np("shop/p", "{podSelector: {matchLabels: {app: 1.0}}}"),
        OPEN,
        ["bad-type 15"],
    ),
    (
        "S-12 an unknown field is pruned",
        PODS + db("ingress: [{ports: [{port: 80}], form: []}]"),
        ON_80,
        ["unknown-field 15"],
    ),
    (
        "S-12 a peer left empty is refused",
        PODS + db("ingress: [{from: [{podselector: {}}]}]"),
        OPEN,
        ["invalid-policy 15", "unknown-field 15"],
    ),
    (
        "S-13 refused whole",
        PODS + db("ingress: [{from: [{}]}, {ports: [{port: 80}]}]"),
        OPEN,
        ["invalid-policy 15"],
    ),
    (
        "S-14 a label value that is none",
        PODS + np("shop/p", "{podSelector: {matchLabels: {app: a b}}}"),
        OPEN,
        ["invalid-policy 15"],
    ),
    (
        "S-15 host bits set",
        PODS + db("ingress: [{from: [{ipBlock: {cidr: 203.0.113.9/24}}]}]"),
        ["203.0.113.0/24 -> shop/db: all"],
        ["cidr-not-canonical 15"],
    ),
    (
        "S-16 no spec isolates ingress",
        PODS + np("shop/p", "{}").replace("spec: {}\n", ""),
        CLOSED,
        [],
    ),
    (
        "S-16 rules of a direction that is not named",
        PODS + db("policyTypes: [Egress], ingress: [{ports: [{port: 80}]}]"),
        OPEN,
        ["direction-ignored 15"],
    ),
    (
        "S-17 a dash before podSelector makes AND into OR",
        PODS
        + pod("ops/job", "app: job")
        + space("ops", "team: ops")
        + space("shop")
        + db(
            "ingress: [{from: [{namespaceSelector: {matchLabels: {team: ops}}}, "
            "{podSelector: {matchLabels: {app: web}}}]}]"
        ),
        ["ops/job -> shop/db: all", "shop/web -> shop/db: all"],
        [],
    ),
    (
        "S-17 a dash before ports opens to any source",
        PODS + db("ingress: [{from: [{podSelector: {}}]}, {ports: [{port: 80}]}]"),
        ["shop/web -> shop/db: all", *ON_80[1:]],
        [],
    ),
    (
        "S-17 a selector without matchLabels selects all",
        PODS + np("shop/p", "{podSelector: {app: cache}}"),
        CLOSED,
        ["unknown-field 15"],
    ),
    (
        "S-17 `to` in an ingress rule leaves it without peers",
        PODS + db("ingress: [{to: [{podSelector: {}}], ports: [{port: 80}]}]"),
        ON_80,
        ["unknown-field 15"],
    ),
    ("S-17 `from: []` is everyone", PODS + db("ingress: [{from: []}]"), OPEN, []),
]


@pytest.mark.parametrize(
    ("files", "rows", "said"), [t[1:] for t in TABLE], ids=[t[0] for t in TABLE]
)
def test_reading(files: kit.Files, rows: list[str], said: list[str]) -> None:
    assert into(files) == rows
    assert codes(files) == said


@pytest.mark.parametrize(
    ("written", "rows"),
    [
        pytest.param(
            {"x/y/pods.YAML": PODS, "deny.yml": DENY}, CLOSED, id="S-1 any depth, any letter case"
        ),
        pytest.param(
            {"pods.yaml": PODS, ".git/deny.yaml": DENY, "deny.yaml.bak": DENY},
            OPEN,
            id="S-1 dotted folders and other endings are skipped",
        ),
    ],
)
def test_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], written: dict[str, str], rows: list[str]
) -> None:
    for path, text in written.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    assert main(["flows", "--format", "json", str(tmp_path)]) == 0
    found = [kit.row(each) for each in json.loads(capsys.readouterr().out)["flows"]]
    assert [row for row in found if " -> shop/db: " in row] == rows
