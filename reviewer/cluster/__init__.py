"""Decides what would run: owners, namespaces, the pods a workload stands for, their labels."""

from .assembly import Known, asked_order, assemble
from .types import Cluster, Namespace, Pod, Settings, Workload

__all__ = [
    "Cluster",
    "Known",
    "Namespace",
    "Pod",
    "Settings",
    "Workload",
    "asked_order",
    "assemble",
]
