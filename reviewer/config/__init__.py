"""Reads `.github/netpol-reviewer.yml`: strictly, all mistakes at once (F-20, R-20)."""

from .checking import check
from .pages import key_table, schema_text
from .reading import read_config
from .scope import Aside, Scope
from .types import ClusterConfig, Config, HelmChart

__all__ = [
    "Aside",
    "ClusterConfig",
    "Config",
    "HelmChart",
    "Scope",
    "check",
    "key_table",
    "read_config",
    "schema_text",
]
