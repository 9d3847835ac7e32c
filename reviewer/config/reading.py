"""From the text of the configuration to its values, with every mistake at once (F-20, R-20)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from reviewer.base import ports as sets
from reviewer.base.documents import Origin
from reviewer.base.errors import ConfigError
from reviewer.base.ports import PortSet
from reviewer.cluster import Settings
from reviewer.findings import (
    SEVERITIES,
    End,
    Ends,
    Intent,
    Preferences,
    SensitiveEntry,
    Severity,
    SeverityEntry,
    Transit,
)
from reviewer.verdict import WaivedFlow, Waiver

from .crosschecks import cross_check
from .ends import Ended, ZoneRef
from .nodes import Mistake, parse
from .shapes import Mistakes, Read
from .table import TOP
from .types import ClusterConfig, Config, HelmChart

HINT = "docs/configuration.md names every key; `netpol-reviewer config FILE` checks a file"


def read_config(text: bytes, name: str) -> Config:
    """The values of a configuration file.

    Raises: ConfigError with every mistake, each with line, column and the nearest right word.
    """
    node = parse(text)
    if isinstance(node, Mistake):
        raise _error(name, [node])
    mistakes = Mistakes()
    top = TOP.read(node, mistakes)
    cross_check(node, mistakes)
    if mistakes.found:
        raise _error(name, mistakes.found)
    return _Maker(name, top).make()


def _error(name: str, mistakes: Iterable[Mistake]) -> ConfigError:
    found = sorted(mistakes, key=lambda each: (each.place.line, each.place.column))
    lines = [f"{name}:{each.place.line}:{each.place.column}: {each.text}" for each in found]
    head = "1 mistake" if len(lines) == 1 else f"{len(lines)} mistakes"
    return ConfigError("\n  ".join([f"{name} has {head}:", *lines]), HINT)


class _Maker:
    """Makes values of what the table has read and found free of mistakes."""

    def __init__(self, name: str, top: Read) -> None:
        self._file = name
        self._top = top
        self._zones: dict[str, tuple[Any, ...]] = top.get("zones", {})

    def make(self) -> Config:
        """The configuration."""
        top = self._top
        defaults = top.get("defaults")
        settings = _settings(Settings(), defaults)
        return Config(
            preferences=self._preferences(),
            waivers=tuple(self._waiver(each) for each in top.get("waivers", ())),
            settings=settings,
            fail_on=defaults.get("fail-on") if defaults else None,
            exposure=defaults.get("exposure") if defaults else None,
            approvers=top.get("approvers", ()),
            clusters=self._clusters(settings, defaults),
            ignore=top.get("ignore"),
        )

    def _preferences(self) -> Preferences:
        top = self._top
        transit, checks = top.get("transit"), top.get("checks")
        plain = Preferences()
        return Preferences(
            sensitive=tuple(self._sensitive(each) for each in top.get("sensitive", ())),
            trusted=top.get("trusted-cidrs", ()),
            metadata=top.get("metadata-addresses", plain.metadata),
            transit=self._transit(transit) if transit else plain.transit,
            disabled=frozenset(checks.get("disable", ())) if checks else frozenset(),
            severities=tuple(self._severity(each) for each in top.get("severity", ())),
            intents=tuple(self._intent(each) for each in top.get("intents", ())),
            gate_standing=top.get("pre-existing") == "gate",
        )

    # --- ends ---------------------------------------------------------------------------------

    def _ends(self, found: Iterable[End | ZoneRef]) -> Ends:
        """The ends with their zones resolved."""
        ends: list[End] = []
        for each in found:
            if isinstance(each, ZoneRef):
                ends.extend(self._ends(self._zones[each.name]))
            else:
                ends.append(each)
        return tuple(ends)

    def _sensitive(self, found: Ended) -> SensitiveEntry:
        ports = found.record.get("ports")
        return SensitiveEntry(
            self._ends(found.ends),
            sets.union(ports) if ports else None,
            found.record.get("why", ""),
        )

    def _transit(self, found: Read) -> Transit:
        plain = Transit()
        sources = found.get("sources")
        return Transit(
            tuple(self._ends(each) for each in sources) if sources else plain.sources,
            found.get("max-hops", plain.max_hops),
        )

    # --- entries ------------------------------------------------------------------------------

    def _severity(self, found: Read) -> SeverityEntry:
        start, stop = found.get("from"), found.get("to")
        return SeverityEntry(
            found.values["rule"],
            self._ends(start) if start else None,
            self._ends(stop) if stop else None,
            _ports(found),
            SEVERITIES[found.values["set"]],
        )

    def _intent(self, found: Read) -> Intent:
        forbid = "forbid" in found.values
        word = "forbid" if forbid else "require"
        pair: Read = found.values[word]
        severity = found.get("severity")
        return Intent(
            found.values["name"],
            forbid,
            self._ends(pair.values["from"]),
            self._ends(pair.values["to"]),
            _ports(pair),
            SEVERITIES[severity] if severity else Severity.HIGH,
            self._origin(found),
        )

    def _waiver(self, found: Read) -> Waiver:
        flow = found.get("flow")
        return Waiver(
            owner=found.values["owner"],
            reason=found.values["reason"],
            expires=found.values["expires"],
            origin=self._origin(found),
            finding=found.get("finding"),
            flow=WaivedFlow(
                flow.values["source"],
                flow.values["destination"],
                sets.union(flow.values["ports"]),
            )
            if flow
            else None,
        )

    def _origin(self, found: Read) -> Origin:
        return Origin(self._file, found.place.line)

    # --- clusters -----------------------------------------------------------------------------

    def _clusters(self, settings: Settings, defaults: Read | None) -> tuple[ClusterConfig, ...]:
        common = defaults.values if defaults else {}
        return tuple(
            ClusterConfig(
                name=found.values["name"],
                line=found.place.line,
                paths=found.get("paths", ()),
                kustomize=found.get("kustomize", ()),
                helm=tuple(_chart(each) for each in found.get("helm", ())),
                settings=_settings(settings, found),
                fail_on=found.get("fail-on", common.get("fail-on")),
                exposure=found.get("exposure", common.get("exposure")),
            )
            for found in self._top.get("clusters", ())
        )


def _ports(found: Read) -> PortSet | None:
    ports = found.get("ports")
    return sets.union(ports) if ports else None


def _chart(found: Read) -> HelmChart:
    return HelmChart(
        chart=found.values["chart"],
        release=found.values["release"],
        namespace=found.get("namespace", "default"),
        values=found.get("values", ()),
    )


def _settings(common: Settings, found: Read | None) -> Settings:
    """The settings of one cluster over those of every cluster."""
    if found is None:
        return common
    matches = found.get("ipblock-pods")
    return Settings(
        pod_ranges=found.get("pod-ranges", common.pod_ranges),
        node_ranges=found.get("node-ranges", common.node_ranges),
        blocks_match_pods=common.blocks_match_pods if matches is None else matches == "certain",
        ingress_controllers=found.get("ingress-controllers", common.ingress_controllers),
        namespaces=found.get("namespaces", common.namespaces),
        namespace=found.get("namespace", common.namespace),
    )
