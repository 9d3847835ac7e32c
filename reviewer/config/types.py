"""What a configuration file says."""

from __future__ import annotations

from dataclasses import dataclass, field

from reviewer.cluster import Settings
from reviewer.findings import Preferences
from reviewer.verdict import Waiver


@dataclass(frozen=True, slots=True, kw_only=True)
class HelmChart:
    """A chart to render (R-20): folder, release, namespace, files of values."""

    chart: str
    release: str
    namespace: str = "default"
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterConfig:
    """One cluster that the repository deploys to (roots.md section 6), at this line of the file;
    `fail_on` and `exposure` are None where neither it nor `defaults` says."""

    name: str
    line: int = 1
    paths: tuple[str, ...] = ()
    kustomize: tuple[str, ...] = ()
    helm: tuple[HelmChart, ...] = ()
    settings: Settings = field(default_factory=Settings)
    fail_on: str | None = None
    exposure: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The whole file; an empty one is all defaults. `ignore` is None where the usual paths hold;
    `approvers` are logins (G-34)."""

    preferences: Preferences = field(default_factory=Preferences)
    waivers: tuple[Waiver, ...] = ()
    settings: Settings = field(default_factory=Settings)
    fail_on: str | None = None
    exposure: str | None = None
    approvers: tuple[str, ...] = ()
    clusters: tuple[ClusterConfig, ...] = ()
    ignore: tuple[str, ...] | None = None
