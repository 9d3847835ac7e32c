"""Decides who may talk to whom, exactly, and why."""

from .reachability import Reachability
from .snapshot import Snapshot, reach
from .types import (
    INGRESS_CONTROLLER,
    Endpoint,
    ExternalEndpoint,
    Flow,
    IngressControllerEndpoint,
    SelectorEndpoint,
    WorkloadEndpoint,
    rank,
)

__all__ = [
    "INGRESS_CONTROLLER",
    "Endpoint",
    "ExternalEndpoint",
    "Flow",
    "IngressControllerEndpoint",
    "Reachability",
    "SelectorEndpoint",
    "Snapshot",
    "WorkloadEndpoint",
    "rank",
    "reach",
]
