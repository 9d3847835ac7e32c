"""What stands: posture, reach one step down, figures (section 4 "In audit", F-40 to F-43)."""

from __future__ import annotations

from reviewer.base.ports import ALL_PORTS, port_range
from reviewer.findings import (
    AuditFigures,
    Preferences,
    Severity,
    SeverityEntry,
    inspect,
    measure,
    set_audit,
)
from reviewer.options import Options
from reviewer.pipeline import audit, take_snapshots
from tests.findings.manifests import (
    API,
    DB,
    TOOL,
    WEB,
    admits,
    allows,
    block,
    deny,
    ingress,
    namespace,
    pods,
    policy,
    service,
    words,
    workload,
)
from tests.kit import material

SHUT = deny("shop")
SEALED = deny("shop", "Ingress", "Egress")


def audited(
    text: str, preferences: Preferences | None = None, exposure: str = "never"
) -> list[str]:
    wants = preferences or Preferences()
    (snapshot,), _ = take_snapshots((material(text),), Options(exposure=exposure))
    return [words(each) for each in inspect(set_audit(snapshot, wants))]


def figures(text: str) -> AuditFigures:
    (snapshot,), _ = take_snapshots((material(text),), Options(exposure="never"))
    return measure(set_audit(snapshot, Preferences()))


def test_posture_of_an_open_namespace() -> None:
    assert audited(WEB + DB) == [
        "high workload-not-isolated: shop/db[Deployment]: no policy restricts who reaches it",
        "medium workload-not-isolated: shop/web[Deployment]: no policy restricts who reaches it",
        "medium namespace-no-default-deny: shop: a new pod would be open",
        "low egress-unrestricted: 2 of 2 workloads of shop reach any address",
    ]


def test_a_sealed_namespace_has_nothing_to_say() -> None:
    assert audited(WEB + DB + SEALED) == []


def test_system_namespaces_and_host_network_are_counted_apart() -> None:
    """F-41."""
    text = workload("kube-system/x", "app=x") + workload("ops/node", "app=node", host=True)
    open_namespace, on_host = audited(text)
    assert open_namespace == "medium namespace-no-default-deny: ops: a new pod would be open"
    assert on_host == (
        "info host-network-workload: no policy applies to ops/node[Deployment]: its pods are on "
        "the host's network"
    )
    coverage = figures(text).coverage
    assert (coverage.workloads, coverage.host_network) == (2, 1)


def test_reach_is_one_step_down() -> None:
    """R1 is high, R11 medium, R2 medium; R4 and R12 are silent."""
    text = DB + WEB + TOOL + SEALED + deny("ops", "Ingress")
    world = admits("shop/db", "app=store", block("0.0.0.0/0"), ports="TCP/5432")
    assert audited(text + world)[0] == (
        "high world-ingress: shop/db[Deployment] is open to the internet on TCP 5432"
    )
    others = admits("shop/db", "app=store", namespace(), ports="TCP/5432")
    assert audited(text + others)[0] == (
        "medium sensitive-open: ops/tool[Deployment] can reach shop/db[Deployment] on TCP 5432, "
        "sensitive because it declares 5432 (data)"
    )
    narrow = admits("shop/web", "app=web", block("203.0.113.0/24"), namespace(), ports="TCP/8080")
    assert not any("open:" in said or "ingress:" in said for said in audited(text + narrow))


def test_egress_to_metadata_stands() -> None:
    said = audited(WEB + SEALED + allows("shop/w", "app=web", block("0.0.0.0/0")))
    assert said[0] == (
        "medium metadata-service-reachable: shop/web[Deployment] can reach the cloud metadata "
        "service (credentials)"
    )


def test_an_admin_port_stands() -> None:
    text = WEB + TOOL + SEALED + admits("shop/w", "app=web", namespace(), ports="TCP/22")
    assert (
        "medium admin-port-open: TCP 22 (SSH) of shop/web[Deployment] is open to "
        "ops/tool[Deployment]" in audited(text)
    )


def test_severity_entries_hold_for_standing_flows() -> None:
    """F-21."""
    text = DB + API + SEALED + admits("shop/db", "app=store", pods("app=api"), ports="TCP/5432")
    text += allows("shop/out", "app=api", pods("app=store"), ports="TCP/5432")
    entry = SeverityEntry("flow", None, None, None, Severity.CRITICAL)
    assert not any("sensitive-open" in said for said in audited(text))
    said, *_ = audited(text, Preferences(severities=(entry,)))
    assert said.startswith("critical sensitive-open: shop/api[Deployment] can reach")


def test_flows_of_pods_that_are_not_in_the_manifests() -> None:
    """F-9, S-88: a subject counts as a workload."""
    text = policy("shop/db", "app=redis", "{ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}]}")
    [said, *_] = audited(text, exposure="auto")
    assert said.startswith("high world-ingress: pods app=redis of shop is open")


def test_what_no_rule_lets_out_of_unseen_pods_is_no_finding() -> None:
    """Section 4, "In audit": flows into an ingress-unrestricted workload and out of what is
    egress-unrestricted have checks of their own, for subjects as for workloads (F-9)."""
    found = audited(DB + policy("away/p", "app=x", "{ingress: []}"), exposure="auto")
    assert [each.split(":")[0] for each in found] == [
        "high workload-not-isolated",
        "medium namespace-no-default-deny",
        "low egress-unrestricted",
    ]
    assert found[2] == "low egress-unrestricted: 1 of 1 workload of shop reaches any address"


def test_a_standing_flow_names_the_rule_behind_it() -> None:
    """F-4: of a subject that is not in the manifests too."""
    rule = "{policyTypes: [Ingress], ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}]}"
    for text in (policy("shop/p", "app=redis", rule), DB + policy("shop/p", "app=store", rule)):
        (snapshot,), _ = take_snapshots((material(text),), Options(exposure="auto"))
        found = inspect(set_audit(snapshot, Preferences()))
        [open_] = [each for each in found if each.rule == "world-ingress"]
        assert open_.origin is not None
        assert text.splitlines()[open_.origin.line - 1] == "  - from:"


def test_intents_are_judged_on_the_target() -> None:
    """F-22 (audit: the target)."""
    from reviewer.findings import Place
    from tests.findings.test_intents import STORE, intent

    open_db = admits("shop/db", "app=store", block("0.0.0.0/0"), ports="TCP/5432")
    asked = Preferences(intents=(intent(True, Place.INTERNET, STORE),))
    [said] = [s for s in audited(DB + SHUT + open_db, asked) if "intent" in s]
    assert said == (
        "critical intent-violated: intent kept: 0.0.0.0/0 must not reach shop/db[Deployment] on "
        "TCP 5432"
    )


def test_figures_have_their_denominators() -> None:
    """F-40, F-43."""
    published = service("shop/web", "app=web", 8080) + ingress("shop/site", "web", 8080)
    text = WEB + API + DB + TOOL + SHUT + published
    text += admits("shop/web", "app=web", namespace(), ports="TCP/8080")
    text += admits("shop/db", "app=store", pods("app=web"), ports="TCP/5432")
    found = figures(text)
    assert found.coverage.workloads == 4
    assert found.coverage.isolated == (3, 0)
    assert found.coverage.unrestricted == (1, 4)
    assert (found.coverage.policies, found.coverage.namespaces) == (3, 2)
    ops, shop = found.namespaces
    assert (ops.namespace, ops.workloads, ops.default_deny) == ("ops", 1, (0, 0))
    assert (shop.policies, shop.isolated, shop.default_deny) == (3, (3, 0), (1, 0))
    assert found.exposed == (
        ("ops/tool[Deployment]", "internet", ALL_PORTS),
        ("shop/web[Deployment]", "ingress_controller", port_range("TCP", 8080, 8080)),
    )
    assert found.sensitive == (
        ("shop/db[Deployment]", "it declares 5432 (data)", ("same_namespace",), False),
    )
    assert (found.blast_radius.from_internet, found.blast_radius.of) == (3, 4)
    assert found.blast_radius.top[0] == ("shop/api[Deployment]", 3)
    assert [(r.policy.ref.name, r.rule.name, r.line, r.flows) for r in found.risky_rules] == [
        ("web", "ingress[0]", "R6", 1),
        ("db", "ingress[0]", "R15", 1),
    ]


def test_an_audit_says_what_it_did_not_search() -> None:
    """`redundant-rule`: over a million pairs none is compared, and a notice says so."""
    many = ", ".join(f"{{ports: [{{port: {port}}}]}}" for port in range(1, 1002))
    text = WEB + policy("shop/web", "app=web", f"ingress: [{many}]")
    found = audit(material(text), Options(exposure="never"))
    codes = [each.code for each in found.snapshot.diagnostics]
    assert codes.count("redundancy-not-searched") == 1
    few = audit(material(WEB + SHUT), Options(exposure="never"))
    assert not any("searched" in each.code for each in few.snapshot.diagnostics)
