"""A row for every line R1 to R22 of F-13 and every context C1 to C5 of F-14; F-42, F-71, F-85;
and every rule of findings.md has a test that names it.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from reviewer.base.addresses import read_cidr
from reviewer.findings import Preferences
from tests.findings.manifests import (
    API,
    DB,
    TOOL,
    WEB,
    admits,
    allows,
    block,
    compared,
    deny,
    graded,
    ingress,
    namespace,
    pods,
    policy,
    rules,
    service,
)

TOP = Path(__file__).resolve().parents[2]
SHUT = deny("shop", "Ingress", "Egress") + deny("ops", "Ingress", "Egress")
OUT = policy("ops/out", "", "{policyTypes: [Egress], egress: [{}]}") + policy(
    "shop/api-out", "app=api", "{policyTypes: [Egress], egress: [{}]}"
)
STANDING = DB + WEB + API + TOOL + SHUT + OUT
LED = service("shop/s", "app=web", 8080) + ingress("shop/i", "s", 8080)
LED_DB = service("shop/s", "app=store", 5432) + ingress("shop/i", "s", 5432)


def db(*peers: str) -> str:
    """A rule of db on its port."""
    return admits("shop/more", "app=store", *peers, ports="TCP/5432")


def web(*peers: str) -> str:
    """A rule of web on its port."""
    return admits("shop/more", "app=web", *peers, ports="TCP/8080")


def out(app: str, *peers: str, ports: str = "TCP/443") -> str:
    """A rule of egress."""
    return allows("shop/more", app, *peers, ports=ports)


CONTROLLER = namespace("kubernetes.io/metadata.name=ingress-nginx")
TRUSTED = "192.0.2.0/24"
NARROW = block("203.0.113.0/24")
# (line, what head adds, the row it opens)
LINES = [
    ("R1 internet", db(block("0.0.0.0/0")), "0.0.0.0/0 -> shop/db critical R1"),
    ("R2 internet", web(block("0.0.0.0/0")), "0.0.0.0/0 -> shop/web high R2"),
    ("R3 narrow", db(NARROW), "203.0.113.0/24 -> shop/db high R3"),
    ("R4 narrow", web(NARROW), "203.0.113.0/24 -> shop/web medium R4"),
    ("R5 controller", db(CONTROLLER) + LED_DB, "ingress -> shop/db high R5"),
    ("R6 controller", web(CONTROLLER) + LED, "ingress -> shop/web medium R6"),
    ("R7 private", db(block("10.0.0.0/8")), "10.0.0.0/8 -> shop/db high R7"),
    ("R7 metadata as a source is private", db(block("169.254.169.254/32")),
     "169.254.169.254/32 -> shop/db high R7"),
    ("R8 private", web(block("10.0.0.0/8")), "10.0.0.0/8 -> shop/web medium R8"),
    ("R9 pods by selector", db(namespace("team=a")), "{team=a}{} -> shop/db high R9"),
    ("R10 pods by selector", web(namespace("team=a")), "{team=a}{} -> shop/web medium R10"),
    ("R11 another namespace", db(namespace()), "ops/tool -> shop/db high R11"),
    ("R12 another namespace", web(namespace()), "ops/tool -> shop/web medium R12"),
    ("R13 trusted", db(block(TRUSTED)), f"{TRUSTED} -> shop/db medium R13"),
    ("R14 trusted", web(block(TRUSTED)), f"{TRUSTED} -> shop/web low R14"),
    ("R15 same namespace", db(pods("app=api")), "shop/api -> shop/db medium R15"),
    ("R15 pods by selector of it", db(pods("app=other")),
     "{kubernetes.io/metadata.name=shop}{app=other} -> shop/db medium R15"),
    ("R16 same namespace", web(pods("app=api")), "shop/api -> shop/web low R16"),
    ("R16 pods by selector of it", web(pods("app=other")),
     "{kubernetes.io/metadata.name=shop}{app=other} -> shop/web low R16"),
    ("R17 metadata, TCP 80", out("app=web", block("169.254.169.254/32"), ports="TCP/80"),
     "shop/web -> 169.254.169.254/32 high R17"),
    ("R18 internet from a sensitive one", out("app=store", block("0.0.0.0/0")),
     "shop/db -> 0.0.0.0/0 high R18"),
    ("R19 internet", out("app=web", block("0.0.0.0/0")), "shop/web -> 0.0.0.0/0 medium R19"),
    ("R20 narrow from a sensitive one", out("app=store", NARROW),
     "shop/db -> 203.0.113.0/24 medium R20"),
    ("R21 narrow", out("app=web", NARROW), "shop/web -> 203.0.113.0/24 low R21"),
    ("R22 metadata, another port", out("app=web", block("169.254.169.254/32")),
     "shop/web -> 169.254.169.254/32 low R22"),
    ("R22 private", out("app=store", block("10.0.0.0/8")), "shop/db -> 10.0.0.0/8 low R22"),
    ("R22 trusted", out("app=store", block(TRUSTED)), f"shop/db -> {TRUSTED} low R22"),
    ("R22 pods by selector", out("app=store", namespace("team=a")),
     "shop/db -> {team=a}{} low R22"),
]  # fmt: skip


@pytest.mark.parametrize(("added", "row"), [c[1:] for c in LINES], ids=[c[0] for c in LINES])
def test_every_line_of_the_table(added: str, row: str) -> None:
    """F-10, F-13: the first line that fits, with its severity."""
    found = read_cidr(TRUSTED)
    assert found is not None
    trusted = Preferences(trusted=(found.block,))
    assert row in graded(STANDING, STANDING + added, exposure="always", preferences=trusted)


def test_the_gravest_line_holds_and_of_equal_ones_the_first() -> None:
    """F-13: 169.254.169.254 on TCP 80 and the internet from a sensitive workload are both high."""
    head = STANDING + out("app=store", block("0.0.0.0/0"), ports="TCP/80")
    assert graded(STANDING, head) == ["shop/db -> 0.0.0.0/0 high R17"]


def in_context(base: str, head: str) -> set[tuple[str, str, str]]:
    """Context, severity and line of the rows of one change."""
    grades = compared(base, head, exposure="never").grades
    return {(each.context, each.severity.word, each.rule) for each in grades}


OLD_RULE = db(pods("app=api"))
# (context, base, head, context with severity and line)
CONTEXTS = [
    ("C1 a new destination that nothing restricts", TOOL, TOOL + DB, ("C1", "low", "R11")),
    ("C1 a new source towards outside", TOOL, TOOL + DB, ("C1", "low", "R17")),
    ("C2 a new client of what was open to everyone", DB, DB + TOOL, ("C2", "low", "R11")),
    ("C3 a new destination with a policy", SHUT, SHUT + DB + db(block("0.0.0.0/0")),
     ("C3", "high", "R1")),
    ("C3 a new source with a policy towards outside", SHUT,
     SHUT + WEB + out("app=web", block("0.0.0.0/0")), ("C3", "low", "R19")),
    ("C4 a new client under an old rule", DB + SHUT + OUT + OLD_RULE,
     DB + SHUT + OUT + OLD_RULE + API, ("C4", "low", "R15")),
    ("C5 a new client and a rule for it", DB + SHUT + OUT, DB + SHUT + OUT + OLD_RULE + API,
     ("C5", "medium", "R15")),
    ("C5 both stand", DB + API + SHUT + OUT, DB + API + SHUT + OUT + OLD_RULE,
     ("C5", "medium", "R15")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("base", "head", "expected"), [c[1:] for c in CONTEXTS], ids=[c[0] for c in CONTEXTS]
)
def test_every_context(base: str, head: str, expected: tuple[str, str, str]) -> None:
    """F-14."""
    assert expected in in_context(base, head)


def test_the_gate_counts_rows_and_findings() -> None:
    """F-42, G-33: a high row fails it, a medium one does not; audits have no vote of their own."""
    assert compared(STANDING, STANDING + web(block("0.0.0.0/0"))).verdict.conclusion == "failure"
    assert compared(STANDING, STANDING + web(NARROW)).verdict.conclusion == "success"


def test_probes_replies_and_traffic_inside_a_workload_are_no_rows() -> None:
    """F-71: a policy that opens a workload to its own pods opens nothing, nor does a probe."""
    own = WEB + SHUT
    assert graded(own, own + web(pods("app=web"))) == []
    probed = WEB.replace("    image:", "    livenessProbe: {httpGet: {port: 8080}}\n    image:")
    assert graded(own, probed + SHUT) == []


CALICO = """---
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: c, namespace: shop}
spec: {selector: all(), types: [Ingress]}
"""
TEMPLATE = "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{ .Values.x }}\n"


@pytest.mark.parametrize(
    ("text", "code"), [(CALICO, "unsupported-policy"), (TEMPLATE, "unreadable")]
)
def test_policies_of_others_and_templates_are_diagnostics_only(text: str, code: str) -> None:
    """F-85."""
    found = compared(STANDING, STANDING + text)
    assert rules(STANDING, STANDING + text) == []
    assert not found.delta.opened
    assert code in {each.code for each in found.diagnostics}


CITED = re.compile(r"\bF-(\d+)\b")


def named(folder: Path) -> set[int]:
    """The rules of findings.md that the Python files of a folder name."""
    return {
        int(number)
        for path in folder.rglob("*.py")
        for number in CITED.findall(path.read_text(encoding="utf-8"))
    }


STATED = {*range(1, 8), *range(9, 18), *range(20, 25), 30, 31, *range(33, 36), *range(40, 44)}
STATED |= {*range(50, 53), *range(60, 64), *range(70, 87)}


def test_every_rule_of_the_findings_has_a_test_that_names_it() -> None:
    """F-1 to F-86, and whatever the code cites; the examples of F-18 are a table of their own."""
    assert sorted((named(TOP / "reviewer") | STATED) - named(TOP / "tests")) == []
    assert sorted(named(TOP / "reviewer") - STATED - {18}) == []
