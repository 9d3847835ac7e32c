"""What a person asked for: flags or inputs over the configuration of the base side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from reviewer.base.documents import Document, Origin
from reviewer.base.errors import UsageError
from reviewer.base.values import replace
from reviewer.cluster import Settings
from reviewer.findings import Preferences
from reviewer.verdict import Approved, Waiver

if TYPE_CHECKING:
    from reviewer.config import ClusterConfig, Scope


class Options(NamedTuple):
    """What a person asked for, settled: flags or inputs over the configuration of the base side.

    `fail_on` and `strict` are their words; `today` is the day in UTC, `YYYY-MM-DD`. `settled` is
    the place of head's configuration where it is not base's, which is the one that counts (G-35).
    `scope` tells which files are the cluster's, None where all are.
    """

    fail_on: str = "high"
    strict: str = "none"
    exposure: str = "auto"
    today: str = "1970-01-01"
    key: str = "default"
    preferences: Preferences = Preferences()
    settings: Settings = Settings()
    waivers: tuple[Waiver, ...] = ()
    approval: Approved | None = None
    settled: Origin | None = None
    scope: Scope | None = None


class Wishes(NamedTuple):
    """What flags or inputs say; None leaves it to the configuration. `whole`: a folder that
    somebody names is one cluster, whatever its configuration divides (R-2)."""

    today: str
    strict: str = "none"
    fail_on: str | None = None
    exposure: str | None = None
    cluster: str | None = None
    key: str = "default"
    whole: bool = False


def settle(text: bytes | None, name: str, wishes: Wishes) -> Options:
    """Flags or inputs over the configuration `text` (None where there is none), named `name`.

    Raises: ConfigError with every mistake of the file; UsageError for a cluster it does not have,
    for several without a choice, and for one that would have to be rendered.
    """
    plain = Options(
        fail_on=wishes.fail_on or "high",
        strict=wishes.strict,
        exposure=wishes.exposure or "auto",
        today=wishes.today,
        key=wishes.key,
    )
    if text is None and wishes.cluster is None:
        return plain
    from reviewer import config  # only where there is one to read

    found = config.read_config(text or b"version: 1", name)
    chosen = None if wishes.whole else _chosen(found.clusters, wishes.cluster)
    said = chosen or found
    divided = not wishes.whole and (chosen is not None or found.ignore)
    return replace(
        plain,
        fail_on=wishes.fail_on or said.fail_on or "high",
        exposure=wishes.exposure or said.exposure or "auto",
        preferences=found.preferences,
        settings=said.settings,
        waivers=found.waivers,
        scope=config.Scope(found, chosen, name) if divided else None,
    )


def _chosen(clusters: Sequence[ClusterConfig], name: str | None) -> ClusterConfig | None:
    """The cluster of that name; without one the only one there is (R-3)."""
    names = ", ".join(each.name for each in clusters) or "none"
    found = [each for each in clusters if name in (None, each.name)]
    if name is not None and not found:
        raise UsageError(f"the configuration names no cluster {name!r}", f"it has: {names}")
    if len(found) > 1:
        raise UsageError(
            f"the configuration names {len(found)} clusters and one run reviews one of them",
            f"choose it with --cluster ({names}); in the Action give each job its own `config`",
        )
    for each in found:
        if each.helm:
            raise UsageError(
                f"cluster {each.name!r} has charts, and this program does not run helm (R-13)",
                "render it in a step before, and review the two folders that come out",
            )
    return found[0] if found else None


def place_of_change(base: Document | None, head: Document | None) -> Origin | None:
    """Where head's configuration is, if it is not base's (G-35); None where both are alike."""
    if (base.content if base else None) == (head.content if head else None):
        return None
    named = head or base
    return Origin(named.path, 1) if named else None
