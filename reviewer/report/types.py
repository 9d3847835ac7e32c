"""What a command found out, frozen, and how a person wants to see it (P-1).

A report is a function of (result, format, display) to text: nothing else may influence a byte.
"""

from __future__ import annotations

from typing import NamedTuple

from reviewer.base.diagnostics import Diagnostic
from reviewer.delta import Delta, TransitPath
from reviewer.engine import Explanation, Snapshot
from reviewer.findings import AuditFigures, Finding, Grade
from reviewer.verdict import Verdict


class Review(NamedTuple):
    """What `diff` found: head judged against base.

    `grades` has one entry for each row of `delta.opened`. `diagnostics` are those of both sides,
    each with its `side`. `gate_word` is `fail-on` as given (`high`, …, `never`). `changed` are the
    paths of manifests whose text differs between the sides, those of one side alone included.
    `key` is the comment-key of the Action. `bare` names the sides, `base` or `head`, that have no
    manifest at all, where whoever fetched them knows it.
    """

    base: Snapshot
    head: Snapshot
    delta: Delta
    grades: tuple[Grade, ...]
    findings: tuple[Finding, ...]
    verdict: Verdict
    paths: tuple[TransitPath, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    gate_word: str = "high"
    changed: frozenset[str] = frozenset()
    key: str = "default"
    bare: tuple[str, ...] = ()


class FlowMap(NamedTuple):
    """What `flows` found: the reachability of one target."""

    snapshot: Snapshot


class Explained(NamedTuple):
    """What `explain` found: why one flow of a target is allowed or denied."""

    snapshot: Snapshot
    explanation: Explanation


class Audit(NamedTuple):
    """What `audit` found: figures and findings of one target (F-40). Its diagnostics are the
    snapshot's.
    """

    snapshot: Snapshot
    figures: AuditFigures
    findings: tuple[Finding, ...]
    verdict: Verdict
    gate_word: str = "high"
    key: str = "default"


class Assets(NamedTuple):
    """The texts of `report/assets`, which the rim reads: the HTML page is made of them (P-39)."""

    page: str
    style: str
    script: str


ASSET_FILES = {"page": "page.html", "style": "app.css", "script": "app.js"}


class Display(NamedTuple):
    """How a text is drawn (P-20 to P-23).

    Cells a line; colour or none; `→ · −` or their ASCII; every row or the folded ones; whether
    graphs have a node for each `workload` or `namespace` (P-40); the assets of the HTML page.
    """

    width: int = 100
    colour: bool = False
    unicode: bool = True
    full: bool = False
    by: str = "workload"
    assets: Assets | None = None


Result = Review | FlowMap | Explained | Audit
