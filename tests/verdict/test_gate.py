"""The gate and waivers (G-33, G-34, F-1, F-60 to F-63)."""

from __future__ import annotations

import pytest

from reviewer.base.addresses import AddressSet, read_cidr
from reviewer.base.documents import Origin
from reviewer.base.labels import EVERYTHING, equals
from reviewer.base.ports import ALL_PORTS, PortSet, port_range
from reviewer.base.values import replace
from reviewer.delta import Cause, Change, Delta, FlowChange, Side
from reviewer.engine import (
    INGRESS_CONTROLLER,
    Endpoint,
    ExternalEndpoint,
    Flow,
    SelectorEndpoint,
    WorkloadEndpoint,
)
from reviewer.findings import Finding, Grade, Preferences, Severity, SeverityEntry
from reviewer.verdict import Approved, Case, Gate, Verdict, WaivedFlow, Waiver, judge

PLACE = Origin("p.yaml", 3)
WHY = (Cause("NetworkPolicy", "shop/p", True, None, Change.ADDED, PLACE, Side.HEAD),)
DB, WEB = WorkloadEndpoint("shop/db[Deployment]"), WorkloadEndpoint("shop/web[Deployment]")
P1 = port_range("TCP", 1, 1)
TODAY = "2026-05-10"


def cidr(text: str) -> AddressSet:
    found = read_cidr(text)
    assert found is not None
    return found.block


def row(source: Endpoint, destination: Endpoint = DB, ports: PortSet = P1) -> FlowChange:
    return FlowChange(source, destination, ports, WHY, "")


def finding(
    severity: Severity, name: str = "world-ingress-000000000001", **more: object
) -> Finding:
    made = Finding(id=name, rule="world-ingress", severity=severity, message="m", arguments={})
    return replace(made, **more)


def waiver(**more: object) -> Waiver:
    made = Waiver(owner="platform", reason="because of it", expires="2026-05-10", origin=PLACE)
    return replace(made, **more)


def ruling(
    rows: tuple[tuple[FlowChange, Severity], ...] = (),
    findings: tuple[Finding, ...] = (),
    fail_on: Severity | None = Severity.HIGH,
    **more: object,
) -> Verdict:
    case = Case(
        delta=Delta(opened=tuple(each for each, _ in rows)),
        grades=tuple(Grade(severity, "R1", "why") for _, severity in rows),
        findings=findings,
        gate=Gate(fail_on=fail_on),
        today=TODAY,
    )
    return judge(replace(case, **more))


H, M, INFO = Severity.HIGH, Severity.MEDIUM, Severity.INFO
GATE = [
    ("nothing", (), (), H, "success", ()),
    ("a row at the gate", ((row(WEB), H),), (), H, "failure",
     ("1 opened flow is at or above high",)),
    ("a row below", ((row(WEB), M),), (), H, "success", ()),
    ("a finding", (), (finding(H),), H, "failure", ("1 finding is at or above high",)),
    (
        "rows and findings",
        ((row(WEB), H), (row(INGRESS_CONTROLLER), H)),
        (finding(H), finding(H, "x-000000000002")),
        M,
        "failure",
        ("2 opened flows and 2 findings are at or above medium",),
    ),
    ("info never counts (F-1)", (), (finding(INFO),), Severity.INFO, "success", ()),
    ("low with fail-on low", (), (finding(Severity.LOW),), Severity.LOW, "failure",
     ("1 finding is at or above low",)),
    ("never, and something high", ((row(WEB), H),), (), None, "neutral",
     ("1 opened flow is at or above high; fail-on is never",)),
    ("never, and nothing high", ((row(WEB), M),), (), None, "success", ()),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "findings", "fail_on", "conclusion", "reasons"),
    [c[1:] for c in GATE],
    ids=[c[0] for c in GATE],
)
def test_the_gate(
    rows: tuple[tuple[FlowChange, Severity], ...],
    findings: tuple[Finding, ...],
    fail_on: Severity | None,
    conclusion: str,
    reasons: tuple[str, ...],
) -> None:
    """G-33."""
    found = ruling(rows, findings, fail_on)
    assert (found.conclusion, found.reasons) == (conclusion, reasons)
    assert found.failed is (conclusion == "failure")


def test_strict_fails_whatever_else() -> None:
    """G-33."""
    found = ruling(strict="2 manifests cannot be read")
    assert (found.conclusion, found.reasons) == ("failure", ("2 manifests cannot be read",))


OUTSIDE = ExternalEndpoint(cidr("10.1.0.0/16"))
TEN = (ExternalEndpoint(cidr("10.0.0.0/8")), ExternalEndpoint(cidr("fd00::/8")))
PODS = SelectorEndpoint(EVERYTHING, equals("app", "web"))
ENTRIES = [
    ("the ends and more ports", WaivedFlow(WEB, DB, ALL_PORTS), row(WEB), True),
    ("fewer ports (F-61: nothing is cut)", WaivedFlow(WEB, DB, P1), row(WEB, DB, ALL_PORTS), False),
    ("another workload", WaivedFlow(DB, WEB, P1), row(WEB), False),
    ("addresses inside", WaivedFlow(TEN, DB, P1), row(OUTSIDE), True),
    ("addresses beyond", WaivedFlow((OUTSIDE,), DB, P1), row(TEN[0]), False),
    ("the other family", WaivedFlow(TEN, DB, P1), row(ExternalEndpoint(cidr("fd00::/16"))), True),
    ("addresses where a workload is asked", WaivedFlow(WEB, DB, P1), row(OUTSIDE), False),
    ("a workload where addresses are asked", WaivedFlow(TEN, DB, P1), row(WEB), False),
    ("the controller", WaivedFlow(INGRESS_CONTROLLER, DB, P1), row(INGRESS_CONTROLLER), True),
    ("pods by selector", WaivedFlow(PODS, DB, P1), row(PODS), True),
]


@pytest.mark.parametrize(
    ("entry", "opened", "accepted"), [c[1:] for c in ENTRIES], ids=[c[0] for c in ENTRIES]
)
def test_a_flow_entry(entry: WaivedFlow, opened: FlowChange, accepted: bool) -> None:
    """F-61: accepted ones are neutral, all others fail as before."""
    found = ruling(((opened, H),), waivers=(waiver(flow=entry),))
    assert found.conclusion == ("neutral" if accepted else "failure")
    assert bool(found.accepted_rows) is accepted
    if accepted:
        assert found.reasons == ("1 opened flow is at or above high and accepted",)


def test_a_finding_whose_rows_are_all_accepted_is_accepted() -> None:
    """F-61."""
    rows = ((row(WEB), H), (row(OUTSIDE), H))
    reach = finding(H, rows=(0, 1), flows=(0, 1))
    entries = (waiver(flow=WaivedFlow(WEB, DB, P1)), waiver(flow=WaivedFlow(TEN, DB, P1)))
    assert ruling(rows, (reach,), waivers=entries).conclusion == "neutral"
    half = ruling(rows, (reach,), waivers=entries[:1])
    assert half.conclusion == "failure"
    assert half.accepted_findings == {}


def test_a_finding_entry_accepts_that_id_and_what_it_speaks_for() -> None:
    """F-61: exactly that id."""
    rows = ((row(WEB), H), (row(OUTSIDE), M))
    reach = finding(H, rows=(0, 1))
    named = ruling(rows, (reach,), waivers=(waiver(finding=reach.id),))
    assert (named.conclusion, set(named.accepted_rows)) == ("neutral", {0, 1})
    other = ruling(rows, (reach,), waivers=(waiver(finding="world-ingress-00000000000f"),))
    assert other.conclusion == "failure"


def test_the_last_day_is_valid_and_the_next_is_not() -> None:
    """F-60, F-62."""
    rows = ((row(WEB), H),)
    entry = waiver(flow=WaivedFlow(WEB, DB, P1))
    assert ruling(rows, waivers=(entry,)).conclusion == "neutral"
    late = ruling(rows, waivers=(entry,), today="2026-05-11")
    assert late.conclusion == "failure"
    [note] = late.notes
    assert (note.rule, note.severity, note.origin) == ("waiver-expired", Severity.LOW, PLACE)
    assert note.message == (
        "the waiver of platform expired on 2026-05-10: shop/web[Deployment] to "
        "shop/db[Deployment] on TCP 1"
    )
    idle = ruling((), waivers=(entry,), today="2026-05-11")
    assert idle.notes == ()


def test_an_expired_waiver_counts_with_fail_on_low() -> None:
    """F-62: it is a finding like any other."""
    late = waiver(flow=WaivedFlow(WEB, DB, P1), expires="2026-01-01")
    found = ruling(((row(WEB), INFO),), fail_on=Severity.LOW, waivers=(late,))
    assert found.conclusion == "failure"


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (waiver(finding="x-000000000009"), "x-000000000009"),
        (waiver(flow=WaivedFlow(TEN, PODS, P1)), "10.0.0.0/8, fd00::/8 to pods app=web in names"),
        (waiver(flow=WaivedFlow(INGRESS_CONTROLLER, DB, ALL_PORTS)), "the ingress controller to"),
    ],
)
def test_a_waiver_that_accepts_nothing_is_named_in_audit_alone(entry: Waiver, said: str) -> None:
    """F-63."""
    assert ruling(waivers=(entry,)).notes == ()
    [note] = ruling(delta=None, waivers=(entry,)).notes
    assert (note.rule, note.severity) == ("waiver-unused", INFO)
    assert said in note.message


def test_in_audit_a_flow_entry_accepts_the_finding_that_speaks_for_the_flow() -> None:
    """F-61."""
    stands = finding(H, standing=(Flow(OUTSIDE, DB, P1),))
    entry = waiver(flow=WaivedFlow(TEN, DB, P1))
    found = ruling((), (stands,), delta=None, waivers=(entry,))
    assert (found.conclusion, found.notes) == ("neutral", ())


def test_the_configuration_grades_what_waivers_give_rise_to() -> None:
    """F-21: a check's own id, disabled or with another severity."""
    late = (waiver(flow=WaivedFlow(WEB, DB, P1), expires="2026-01-01"),)
    rows = ((row(WEB), M),)
    entry = SeverityEntry("waiver-expired", None, None, None, H)
    graver = ruling(rows, preferences=Preferences(severities=(entry,)), waivers=late)
    assert (graver.conclusion, graver.notes[0].severity) == ("failure", H)
    off = Preferences(disabled=frozenset({"waiver-expired"}))
    assert ruling(rows, preferences=off, waivers=late).notes == ()


def test_an_approving_review_accepts_what_would_fail() -> None:
    """G-34 (b)."""
    approval = Approved("octocat", "a" * 40)
    rows = ((row(WEB), H), (row(OUTSIDE), M))
    found = ruling(rows, (finding(H),), approval=approval)
    assert found.conclusion == "neutral"
    assert found.accepted_rows == {0: approval}
    assert list(found.accepted_findings.values()) == [approval]
    assert found.reasons == (
        "1 opened flow and 1 finding are at or above high and accepted by octocat",
    )
    assert ruling((), (), approval=approval).conclusion == "success"
