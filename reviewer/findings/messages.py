"""The sentence of each finding, from its typed arguments (F-6, P-2).

One table: rule to template. A template gets the arguments and a function that writes an untrusted
name; here names are written raw, a report marks them up and says the same words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from . import outage_messages as outage
from . import posture_messages as posture
from . import reach_messages as reach
from . import text_messages as text
from .wording import Name, raw

Template = Callable[[Mapping[str, Any], Name], str]

TEMPLATES: dict[str, Template] = {
    "new-workload-not-isolated": reach.new_workload,
    "policy-deleted-opens": reach.policy_deleted,
    "lost-isolation": reach.lost_isolation,
    "metadata-service-reachable": reach.metadata,
    "admin-port-open": reach.admin_port,
    "world-ingress": reach.world_ingress,
    "sensitive-open": reach.sensitive_open,
    "ingress-exposed": reach.ingress_exposed,
    "private-range-open": reach.private_range,
    "cross-namespace-open": reach.cross_namespace,
    "world-egress": reach.world_egress,
    "intent-violated": reach.intent_violated,
    "intent-standing": reach.intent_standing,
    "intent-vacuous": reach.intent_vacuous,
    "transit-path-opened": reach.transit_path,
    "blast-radius-grown": reach.blast_radius,
    "dns-lost": outage.dns_lost,
    "ingress-backend-blocked": outage.backend_blocked,
    "service-unreachable": outage.service_unreachable,
    "monitoring-path-lost": outage.monitoring_lost,
    "half-open": outage.half_open,
    "nothing-left": outage.nothing_left,
    "field-widens": text.field_widens,
    "policy-selects-nothing": text.policy_selects_nothing,
    "peer-selects-nothing": text.peer_selects_nothing,
    "namespace-label-unset": text.namespace_label_unset,
    "port-unresolved": text.port_unresolved,
    "service-port-in-rule": text.service_port,
    "split-selector": text.split_selector,
    "split-ports": text.split_ports,
    "types-forgotten": text.types_forgotten,
    "open-rule": text.open_rule,
    "broad-cidr": text.broad_cidr,
    "untidy-cidr": text.untidy_cidr,
    "except-undone": text.except_undone,
    "redundant-rule": text.redundant_rule,
    "policy-without-effect": text.without_effect,
    "controller-label-selected": text.controller_label,
    "admin-overrides": text.admin_overrides,
    "priority-tie": text.priority_tie,
    "policy-unseen": text.policy_unseen,
    "workload-not-isolated": posture.workload_not_isolated,
    "namespace-no-default-deny": posture.no_default_deny,
    "egress-unrestricted": posture.egress_unrestricted,
    "host-network-workload": posture.host_network,
    "waiver-expired": posture.waiver_expired,
    "waiver-unused": posture.waiver_unused,
    "config-changed": posture.config_changed,
}


def message(rule: str, arguments: Mapping[str, Any], name: Name = raw) -> str:
    """The sentence of a finding; `name` writes an untrusted name."""
    return TEMPLATES[rule](arguments, name)
