"""Decides what would run: owners, namespaces, the pods a workload stands for, their labels."""

from .assembly import assemble
from .types import Cluster, Namespace, Pod, Settings, Workload

__all__ = ["Cluster", "Namespace", "Pod", "Settings", "Workload", "assemble"]
