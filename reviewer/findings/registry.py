"""Every check in the order of findings.md section 4, and the front door that runs them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from reviewer.base.values import replace

from . import (
    admin_overrides,
    admin_port_open,
    blast_radius_grown,
    broad_cidr,
    config_changed,
    controller_label_selected,
    cross_namespace_open,
    dns_lost,
    egress_unrestricted,
    except_undone,
    field_widens,
    half_open,
    host_network_workload,
    ingress_backend_blocked,
    ingress_exposed,
    intent_standing,
    intent_vacuous,
    intent_violated,
    lost_isolation,
    metadata_service_reachable,
    monitoring_path_lost,
    namespace_label_unset,
    namespace_no_default_deny,
    new_workload_not_isolated,
    nothing_left,
    open_rule,
    peer_selects_nothing,
    policy_deleted_opens,
    policy_selects_nothing,
    policy_unseen,
    policy_without_effect,
    port_unresolved,
    priority_tie,
    private_range_open,
    redundant_rule,
    sensitive_open,
    service_port_in_rule,
    service_unreachable,
    split_ports,
    split_selector,
    transit_path_opened,
    types_forgotten,
    untidy_cidr,
    workload_not_isolated,
    world_egress,
    world_ingress,
)
from .identity import canonical
from .preferences import Preferences
from .speakers import changed_rows
from .standing import standing_flows
from .types import Check, Finding, Mode, Scene, Spoken

CHECKS: tuple[Check, ...] = (
    new_workload_not_isolated.CHECK,
    policy_deleted_opens.CHECK,
    lost_isolation.CHECK,
    metadata_service_reachable.CHECK,
    admin_port_open.CHECK,
    world_ingress.CHECK,
    sensitive_open.CHECK,
    ingress_exposed.CHECK,
    private_range_open.CHECK,
    cross_namespace_open.CHECK,
    world_egress.CHECK,
    intent_violated.CHECK,
    intent_standing.CHECK,
    intent_vacuous.CHECK,
    transit_path_opened.CHECK,
    blast_radius_grown.CHECK,
    dns_lost.CHECK,
    ingress_backend_blocked.CHECK,
    service_unreachable.CHECK,
    monitoring_path_lost.CHECK,
    half_open.CHECK,
    nothing_left.CHECK,
    field_widens.CHECK,
    policy_selects_nothing.CHECK,
    peer_selects_nothing.CHECK,
    namespace_label_unset.CHECK,
    port_unresolved.CHECK,
    service_port_in_rule.CHECK,
    split_selector.CHECK,
    split_ports.CHECK,
    types_forgotten.CHECK,
    open_rule.CHECK,
    broad_cidr.CHECK,
    untidy_cidr.CHECK,
    except_undone.CHECK,
    redundant_rule.CHECK,
    policy_without_effect.CHECK,
    controller_label_selected.CHECK,
    admin_overrides.CHECK,
    priority_tie.CHECK,
    policy_unseen.CHECK,
    workload_not_isolated.CHECK,
    namespace_no_default_deny.CHECK,
    egress_unrestricted.CHECK,
    host_network_workload.CHECK,
    config_changed.CHECK,
)

OF_WAIVERS = ("waiver-expired", "waiver-unused")
"""Findings that the verdict room makes, since only it knows the waivers (F-62, F-63)."""

IDS: tuple[str, ...] = (*(check.id for check in CHECKS), *OF_WAIVERS)
"""Every id that a configuration may name, in the order of section 4."""

ORDER: dict[str, int] = {name: at for at, name in enumerate(IDS)}


def inspect(scene: Scene, checks: Iterable[Check] = CHECKS) -> tuple[Finding, ...]:
    """What these checks find, less those the configuration disables: each id once, by severity,
    section 4's order and key (F-5)."""
    disabled = scene.preferences.disabled
    chosen = [c for c in checks if scene.mode in c.modes and c.id not in disabled]
    scene = replace(scene, spoken=_spoken(scene, {check.id for check in chosen}))
    found: dict[str, Finding] = {}
    for check in chosen:
        for each in preferred(check.run(scene), scene.preferences):
            found.setdefault(each.id, each)
    return arranged(found.values())


def arranged(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings in the order they are printed (F-5)."""
    return tuple(
        sorted(findings, key=lambda each: (each.severity, ORDER[each.rule], canonical(each.key)))
    )


def _spoken(scene: Scene, enabled: Collection[str]) -> dict[str, tuple[Spoken, ...]]:
    if scene.mode is Mode.DIFF:
        return changed_rows(scene, enabled)
    return standing_flows(scene, enabled)


def preferred(findings: Iterable[Finding], preferences: Preferences) -> Iterator[Finding]:
    """Findings of checks that are not disabled, with the severity that the configuration gives
    their check (F-21)."""
    for each in findings:
        entry = next((e for e in preferences.severities if e.rule == each.rule), None)
        if each.rule not in preferences.disabled:
            yield replace(each, severity=entry.severity) if entry else each
