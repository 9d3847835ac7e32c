"""What a person may ask of the findings: the part of the configuration that this room reads.

The file is read at the rim (`reviewer.config`); here are its values, typed (F-20 to F-24).
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from reviewer.base.addresses import AddressSet, read_cidr
from reviewer.base.documents import Origin
from reviewer.base.labels import Selector
from reviewer.base.ports import PortSet

from .severity import Severity

DEFAULT_METADATA = ("169.254.169.254/32", "fd00:ec2::254/128")
"""Addresses of the cloud metadata service where nothing is configured (F-10)."""


class Place(StrEnum):
    """The ends that have a word of their own (F-20)."""

    INTERNET = "internet"
    PRIVATE = "private"
    TRUSTED = "trusted"
    CONTROLLER = "ingress-controller"
    WORKLOADS = "workloads"


class CidrsEnd(NamedTuple):
    """Outside addresses: an outside row is in it when it overlaps one of the blocks."""

    blocks: tuple[AddressSet, ...]


class WorkloadEnd(NamedTuple):
    """One workload, by its id."""

    id: str


class SelectedEnd(NamedTuple):
    """Workloads by namespace labels (S-20) and template labels."""

    namespaces: Selector
    pods: Selector


End = Place | CidrsEnd | WorkloadEnd | SelectedEnd

Ends = tuple[End, ...]
"""Any of them; zones are resolved when the file is read."""


class SensitiveEntry(NamedTuple):
    """An entry of `sensitive:`; ports None are all of them (F-12)."""

    ends: Ends
    ports: PortSet | None
    why: str


class Transit(NamedTuple):
    """Where paths begin and how many edges they may have (F-30, F-31). A zone that was written as
    a source stands as its ends."""

    sources: tuple[Ends, ...] = ((Place.INTERNET,), (Place.CONTROLLER,))
    max_hops: int = 4


class SeverityEntry(NamedTuple):
    """An entry of `severity:` (F-21). None for ends or ports is no restriction; `rule` is `flow`
    or the id of a check."""

    rule: str
    source: Ends | None
    destination: Ends | None
    ports: PortSet | None
    severity: Severity


class Intent(NamedTuple):
    """A connectivity test (F-22). `forbid` is false for `require`; ports None are all of them.
    `origin` is its place in the configuration."""

    name: str
    forbid: bool
    source: Ends
    destination: Ends
    ports: PortSet | None
    severity: Severity
    origin: Origin


def _default_metadata() -> tuple[AddressSet, ...]:
    return tuple(found.block for text in DEFAULT_METADATA if (found := read_cidr(text)))


class Preferences(NamedTuple):
    """All that the configuration says of findings; the defaults are those of an empty file.

    `disabled` are ids of checks. `gate_standing` is `pre-existing: gate` (F-23): intents that were
    violated before count too.
    """

    sensitive: tuple[SensitiveEntry, ...] = ()
    trusted: tuple[AddressSet, ...] = ()
    metadata: tuple[AddressSet, ...] = _default_metadata()
    transit: Transit = Transit()
    disabled: frozenset[str] = frozenset()
    severities: tuple[SeverityEntry, ...] = ()
    intents: tuple[Intent, ...] = ()
    gate_standing: bool = False
