"""Severity of opened rows: the worked examples of F-18 and the words of F-10 to F-17."""

from __future__ import annotations

import pytest

from reviewer.base.addresses import read_cidr
from reviewer.base.labels import Selector, equals
from reviewer.findings import (
    Place,
    Preferences,
    SelectedEnd,
    SensitiveEntry,
    Severity,
    SeverityEntry,
)
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
    service,
    workload,
)

# Everyone is closed on both sides, so that a row is there only for what a case opens.
SHUT = deny("shop", "Ingress", "Egress") + deny("ops", "Ingress", "Egress")


def out(pods_: str, path: str = "shop/out") -> str:
    """Egress of these pods to everything: the other half of a flow."""
    return policy(path, pods_, "{policyTypes: [Egress], egress: [{}]}")


TO_ALL = out("", "ops/out") + out("app=api", "shop/api-out")

# (id, base, head, rows of head)
EXAMPLES = [
    (
        "F-18 db admits the world on 5432",
        DB + SHUT,
        DB + SHUT + admits("shop/db", "app=store", block("0.0.0.0/0"), ports="TCP/5432"),
        ["0.0.0.0/0 -> shop/db critical R1"],
    ),
    (
        "F-18 web admits the world on 8080",
        WEB + SHUT,
        WEB + SHUT + admits("shop/web", "app=web", block("0.0.0.0/0"), ports="TCP/8080"),
        ["0.0.0.0/0 -> shop/web high R2"],
    ),
    (
        "F-18 web admits a narrow public block",
        WEB + SHUT,
        WEB + SHUT + admits("shop/web", "app=web", block("203.0.113.0/24"), ports="TCP/8080"),
        ["203.0.113.0/24 -> shop/web medium R4"],
    ),
    (
        "F-18 db admits one public address",
        DB + SHUT,
        DB + SHUT + admits("shop/db", "app=store", block("203.0.113.7/32"), ports="TCP/5432"),
        ["203.0.113.7/32 -> shop/db high R3"],
    ),
    (
        "F-18 web admits private addresses",
        WEB + SHUT,
        WEB + SHUT + admits("shop/web", "app=web", block("10.20.0.0/16"), ports="TCP/8080"),
        ["10.20.0.0/16 -> shop/web medium R8"],
    ),
    (
        "F-18 db admits every namespace on 5432",
        DB + TOOL + API + SHUT + TO_ALL,
        DB
        + TOOL
        + API
        + SHUT
        + TO_ALL
        + admits("shop/db", "app=store", namespace(), ports="TCP/5432"),
        ["ops/tool -> shop/db high R11", "shop/api -> shop/db medium R15"],
    ),
    (
        "F-18 all ports to a web workload: 5432 does not matter (F-75)",
        WEB + API + SHUT + TO_ALL,
        WEB + API + SHUT + TO_ALL + admits("shop/web", "app=web", pods("app=api")),
        ["shop/api -> shop/web low R16"],
    ),
    (
        "F-18 an Ingress for web, which admits the controller (F-74)",
        WEB + SHUT + admits("shop/web", "app=web", namespace(), ports="TCP/8080"),
        WEB
        + SHUT
        + admits("shop/web", "app=web", namespace(), ports="TCP/8080")
        + service("shop/web", "app=web", 8080)
        + ingress("shop/web", "web", 8080),
        ["ingress -> shop/web medium R6"],
    ),
    (
        "F-18 egress to one public address (F-74)",
        WEB + SHUT,
        WEB + SHUT + allows("shop/web", "app=web", block("198.51.100.7/32"), ports="TCP/443"),
        ["shop/web -> 198.51.100.7/32 low R21"],
    ),
    (
        "F-18 F-82 egress to the world on 443: no metadata",
        WEB + SHUT,
        WEB + SHUT + allows("shop/web", "app=web", block("0.0.0.0/0"), ports="TCP/443"),
        ["shop/web -> 0.0.0.0/0 medium R19"],
    ),
    (
        "F-18 egress to the world on all ports: metadata",
        WEB + SHUT,
        WEB + SHUT + allows("shop/web", "app=web", block("0.0.0.0/0")),
        ["shop/web -> 0.0.0.0/0 high R17"],
    ),
    (
        "F-18 egress of a sensitive workload to the world",
        DB + SHUT,
        DB + SHUT + allows("shop/db", "app=store", block("0.0.0.0/0"), ports="TCP/443"),
        ["shop/db -> 0.0.0.0/0 high R18"],
    ),
    (
        "F-18 a new client under an old rule (C4)",
        DB + SHUT + TO_ALL + admits("shop/db", "app=store", pods("app=api"), ports="TCP/5432"),
        DB
        + API
        + SHUT
        + TO_ALL
        + admits("shop/db", "app=store", pods("app=api"), ports="TCP/5432"),
        [
            "shop/api -> shop/db low R15",
            "shop/api -> 0.0.0.0/0 low R17",
            "shop/api -> ::/0 low R17",
        ],
    ),
    (
        "F-18 a new client and a new rule for it (C5)",
        DB + SHUT + TO_ALL,
        DB + TOOL + SHUT + TO_ALL + admits("shop/db", "app=store", namespace(), ports="TCP/5432"),
        [
            "ops/tool -> shop/db high R11",
            "ops/tool -> 0.0.0.0/0 low R17",
            "ops/tool -> ::/0 low R17",
        ],
    ),
    (
        "F-18 a new sensitive workload whose own policy admits the world (C3)",
        SHUT,
        DB + SHUT + admits("shop/db", "app=store", block("0.0.0.0/0"), ports="TCP/5432"),
        ["0.0.0.0/0 -> shop/db high R1"],
    ),
    (
        "F-11 a split world is the world",
        WEB + SHUT,
        WEB
        + SHUT
        + admits("shop/web", "app=web", block("0.0.0.0/1"), block("128.0.0.0/1"), ports="TCP/8080"),
        ["0.0.0.0/0 -> shop/web high R2"],
    ),
    (
        "F-11 a /8 is still narrow, a little more is the internet",
        WEB + SHUT,
        WEB + SHUT + admits("shop/web", "app=web", block("44.0.0.0/8"), ports="TCP/8080"),
        ["44.0.0.0/8 -> shop/web medium R4"],
    ),
    (
        "F-11 over all rows of the workload, at the ports they share",
        WEB + SHUT,
        WEB
        + SHUT
        + admits("shop/a", "app=web", block("44.0.0.0/8"), ports="TCP/8080")
        + admits("shop/b", "app=web", block("45.0.0.0/8"), ports="TCP/8080,TCP/9999"),
        [
            "44.0.0.0/8 -> shop/web high R2",
            "45.0.0.0/8 -> shop/web high R2",
        ],
    ),
    (
        "F-12 an admin port from another namespace",
        WEB + TOOL + SHUT + TO_ALL,
        WEB + TOOL + SHUT + TO_ALL + admits("shop/web", "app=web", namespace(), ports="TCP/22"),
        ["ops/tool -> shop/web high R11"],
    ),
    (
        "F-12 (d) kube-system, but not its DNS port (F-74)",
        workload("kube-system/any", "app=x", 9999) + TOOL + deny("kube-system") + SHUT + TO_ALL,
        workload("kube-system/any", "app=x", 9999)
        + TOOL
        + deny("kube-system")
        + SHUT
        + TO_ALL
        + admits("kube-system/a", "app=x", namespace(), ports="TCP/9999,UDP/53"),
        ["ops/tool -> kube-system/any high R11"],
    ),
    (
        "F-74 DNS to kube-system",
        workload("kube-system/dns", "app=x", 53) + TOOL + deny("kube-system") + SHUT + TO_ALL,
        workload("kube-system/dns", "app=x", 53)
        + TOOL
        + deny("kube-system")
        + SHUT
        + TO_ALL
        + admits("kube-system/a", "app=x", namespace(), ports="UDP/53,TCP/53"),
        ["ops/tool -> kube-system/dns medium R12"],
    ),
    (
        "F-12 (c) a label word",
        workload("shop/x", "app=redis") + TOOL + SHUT + TO_ALL,
        workload("shop/x", "app=redis")
        + TOOL
        + SHUT
        + TO_ALL
        + admits("shop/x", "app=redis", namespace(), ports="TCP/7000"),
        ["ops/tool -> shop/x high R11"],
    ),
    (
        "F-76 a word inside another is none",
        workload("shop/postgres", "app=redis-exporter") + TOOL + SHUT + TO_ALL,
        workload("shop/postgres", "app=redis-exporter")
        + TOOL
        + SHUT
        + TO_ALL
        + admits("shop/x", "app=redis-exporter", namespace(), ports="TCP/7000"),
        ["ops/tool -> shop/postgres medium R12"],
    ),
    (
        "F-76 the metrics port of a database",
        workload("shop/x", "app=redis", "metrics:9121") + TOOL + SHUT + TO_ALL,
        workload("shop/x", "app=redis", "metrics:9121")
        + TOOL
        + SHUT
        + TO_ALL
        + admits("shop/x", "app=redis", namespace(), ports="TCP/9121"),
        ["ops/tool -> shop/x medium R12"],
    ),
]


@pytest.mark.parametrize(
    ("base", "head", "expected"), [e[1:] for e in EXAMPLES], ids=[e[0] for e in EXAMPLES]
)
def test_worked_examples(base: str, head: str, expected: list[str]) -> None:
    assert graded(base, head) == expected


def test_metadata_excepted_is_only_the_internet() -> None:
    """F-18: all but 169.254.169.254/32 is R19."""
    head = WEB + SHUT + allows("shop/w", "app=web", block("0.0.0.0/0", "169.254.169.254/32"))
    found = compared(WEB + SHUT, head)
    assert {grade.rule for grade in found.grades} == {"R19"}
    assert not any(each.rule == "metadata-service-reachable" for each in found.findings)


def test_trusted_addresses_are_low() -> None:
    """F-18: 10.20.0.0/16 in `trusted-cidrs` is R14."""
    trusted = read_cidr("10.20.0.0/16")
    assert trusted is not None
    head = WEB + SHUT + admits("shop/web", "app=web", block("10.20.0.0/16"), ports="TCP/8080")
    rows = graded(WEB + SHUT, head, preferences=Preferences(trusted=(trusted.block,)))
    assert rows == ["10.20.0.0/16 -> shop/web low R14"]


def test_a_new_workload_without_a_policy_is_low_everywhere() -> None:
    """F-18, F-14 C1, C2: nothing restricts it, the finding speaks."""
    found = compared(WEB, WEB + API)
    assert {grade.severity for grade in found.grades} == {Severity.LOW}
    assert {grade.context for grade in found.grades} == {"C1", "C2"}


def test_sensitive_entry_of_the_configuration() -> None:
    """F-12 (a): the entry's ports alone, with its reason."""
    entry = SensitiveEntry((SelectedEnd(Selector(), equals("app", "web")),), None, "card data")
    head = WEB + SHUT + admits("shop/web", "app=web", block("203.0.113.7/32"), ports="TCP/8080")
    found = compared(WEB + SHUT, head, preferences=Preferences(sensitive=(entry,)))
    assert [grade.rule for grade in found.grades] == ["R3"]
    assert "configured as card data" in found.grades[0].why


def test_severity_entry_replaces_the_result() -> None:
    """F-15, F-21: the first match holds, `severity_rule` is config, the speaker stays."""
    ends = (SelectedEnd(Selector(), equals("app", "web")),)
    entries = (
        SeverityEntry("flow", (Place.INTERNET,), ends, None, Severity.LOW),
        SeverityEntry("flow", None, None, None, Severity.CRITICAL),
    )
    head = WEB + SHUT + admits("shop/web", "app=web", block("0.0.0.0/0"), ports="TCP/8080")
    found = compared(WEB + SHUT, head, preferences=Preferences(severities=entries))
    assert [(g.severity, g.rule) for g in found.grades] == [(Severity.LOW, "config")]
    assert found.verdict.conclusion == "success"


def test_the_sentence_of_a_row() -> None:
    """F-16."""
    head = DB + SHUT + admits("shop/db", "app=store", block("0.0.0.0/0"), ports="TCP/5432")
    [grade] = compared(DB + SHUT, head).grades
    assert grade.why == (
        "internet (0.0.0.0/0) gains TCP 5432 of a sensitive workload: it declares 5432 (data); R1"
    )
    [grade] = compared(SHUT, head).grades
    assert grade.why.endswith("R1; one step down: the destination is new (C3)")


def test_renaming_launders_nothing() -> None:
    """F-17, F-86: a successor keeps what its predecessor had, and answers for what is new."""
    old = workload("shop/web", "app=web", 8080, image="web:1")
    new = workload("shop/site", "app=site", 8080, image="web:2")
    before = old + API + SHUT + TO_ALL + admits("shop/web", "app=web", pods("app=api"))
    after = new + API + SHUT + TO_ALL + admits("shop/web", "app=site", pods("app=api"))
    found = compared(before, after)
    assert [(g.severity, g.context) for g in found.grades] == [(Severity.LOW, "F17")]
    assert found.grades[0].why == "moved with shop/web[Deployment]"
    opened = new + API + SHUT + TO_ALL + admits("shop/web", "app=site", block("0.0.0.0/0"))
    assert graded(before, opened) == [
        "shop/api -> shop/site low R16",
        "0.0.0.0/0 -> shop/site high R2",
    ]


def test_another_kind_of_the_same_name_is_a_successor() -> None:
    """F-17."""
    old = workload("shop/web", "app=web", kind="Deployment")
    new = workload("shop/web", "app=web", kind="StatefulSet")
    found = compared(old + API + SHUT + TO_ALL, new + API + SHUT + TO_ALL)
    assert found.delta.workloads.added == ("shop/web[StatefulSet]",)
    assert not any(each.rule == "new-workload-not-isolated" for each in found.findings)
