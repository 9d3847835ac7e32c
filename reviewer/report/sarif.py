"""SARIF 2.1.0 for code scanning (G-15, P-50 to P-55): findings, not rows.

A result cannot carry a severity score of its own, a rule can: so a rule is a check at a severity.
Accepted findings are left out. Places on base are put at the nearest line of the file in head.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from reviewer import __version__
from reviewer.base.documents import Origin
from reviewer.delta import Side
from reviewer.findings import Finding, Severity

from .check_texts import TEXTS, CheckText
from .digest import Digest, digest
from .links import LINES_COMPARED, Links
from .markup import percent
from .phrases import SARIF
from .sentences import Teller, ended
from .types import Review
from .words import counted

RESULTS = 5_000
RELATED = 100
SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
ROOT = "%SRCROOT%"
HOME = "https://github.com/OWNER/netpol-reviewer"
"""Where the product lives; README and docs write it the same way."""
DOCS = f"{HOME}/blob/main/docs/checks.md"
HOW = "Both revisions are evaluated in full; only the difference is reported."
LEVELS = {
    Severity.CRITICAL: ("error", "9.5", "error"),
    Severity.HIGH: ("error", "8.0", "error"),
    Severity.MEDIUM: ("warning", "5.5", "warning"),
    Severity.LOW: ("note", "2.0", "recommendation"),
    Severity.INFO: ("note", "", "recommendation"),
}
"""`level`, `security-severity` ("" is left out) and `problem.severity` (P-51)."""


class _Rule(NamedTuple):
    check: str
    severity: Severity

    @property
    def id(self) -> str:
        return f"{self.check}-{self.severity.word}"


class _Files:
    """The lines of a review's files, each file split, and compared with base's, at most once."""

    def __init__(self, review: Review) -> None:
        self._review = review
        self._lines: dict[tuple[Side, str], list[bytes]] = {}
        self._kept: dict[str, list[difflib.Match]] = {}

    def _of(self, side: Side, file: str) -> list[bytes]:
        """The lines of one side's file, a single empty one where they are not known."""
        found = self._lines.get((side, file))
        if found is None:
            snapshot = self._review.head if side is Side.HEAD else self._review.base
            found = snapshot.texts.get(file, b"").split(b"\n")
            self._lines[side, file] = found
        return found

    def line(self, origin: Origin) -> str:
        """One line of head, "" where it is not known."""
        lines = self._of(Side.HEAD, origin.file)
        if not 0 < origin.line <= len(lines):
            return ""
        return lines[origin.line - 1].decode("utf-8", "replace")

    def carried(self, origin: Origin) -> Origin | None:
        """The line of head's file that is nearest to a line of base's, None where it has none."""
        if origin.file not in self._review.changed:
            return origin
        if origin.file not in self._review.head.texts:
            return None
        before, after = (self._of(side, origin.file) for side in (Side.BASE, Side.HEAD))
        if len(before) + len(after) > LINES_COMPARED:
            return Origin(origin.file, min(origin.line, len(after)))
        if origin.file not in self._kept:
            matcher = difflib.SequenceMatcher(None, before, after)
            self._kept[origin.file] = matcher.get_matching_blocks()
        nearest = 1
        for block in self._kept[origin.file]:
            if block.size and block.a < origin.line:
                nearest = block.b + min(origin.line - block.a, block.size)
        return Origin(origin.file, nearest)


class _Placed(NamedTuple):
    """A finding and its line in head, where its files are looked up."""

    finding: Finding
    origin: Origin
    files: _Files


def render(review: Review, links: Links | None = None) -> str:
    """The whole file, ending with a newline."""
    told, files = digest(review), _Files(review)
    accepted = review.verdict.accepted_findings
    placed: list[_Placed] = []
    gone = 0
    for finding in review.findings:
        if finding.id in accepted:
            continue
        origin = _in_head(finding, files, links)
        if origin is None:
            gone += 1
        elif len(placed) < RESULTS:
            placed.append(_Placed(finding, origin, files))
    run = _run(told, placed, gone, links)
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1) + "\n"


def _run(told: Digest, placed: Sequence[_Placed], gone: int, links: Links | None) -> dict[str, Any]:
    used = dict.fromkeys(_Rule(each.finding.rule, each.finding.severity) for each in placed)
    at = {rule: number for number, rule in enumerate(used)}
    run: dict[str, Any] = {
        "tool": {
            "driver": {
                "name": "netpol-reviewer",
                "semanticVersion": __version__,
                "informationUri": HOME,
                "rules": [_rule_value(rule) for rule in used],
            }
        },
        "automationDetails": {"id": f"netpol-reviewer/{told.review.key}/"},
        "columnKind": "unicodeCodePoints",
    }
    provenance = _provenance(links)
    if provenance:
        run["versionControlProvenance"] = [provenance]
    run["originalUriBaseIds"] = {ROOT: {"description": {"text": "The root of the repository."}}}
    run["results"] = [_result(told, each, at) for each in placed]
    if gone:
        text = f"{counted(gone, 'finding')} left out: the file they are in is not in head."
        notice = {"level": "note", "message": {"text": text}}
        run["invocations"] = [{"executionSuccessful": True, "toolExecutionNotifications": [notice]}]
    return run


def _provenance(links: Links | None) -> dict[str, Any] | None:
    if links is None or links.site.head is None:
        return None
    return {
        "repositoryUri": f"{links.site.server}/{links.site.repository}",
        "revisionId": links.site.head,
        "mappedTo": {"uriBaseId": ROOT},
    }


def _rule_value(rule: _Rule) -> dict[str, Any]:
    text = TEXTS[rule.check]
    level, score, problem = LEVELS[rule.severity]
    properties: dict[str, Any] = {
        "precision": "very-high",
        "problem.severity": problem,
        "tags": ["security", "kubernetes", "network-policy"],
    }
    if score:
        properties = {"security-severity": score, **properties}
    return {
        "id": rule.id,
        "name": "".join(word.capitalize() for word in rule.id.split("-")),
        "shortDescription": {"text": f"{text.title} ({rule.severity.word})"},
        "fullDescription": {"text": text.meaning},
        "help": {"text": text.advice, "markdown": _help(text)},
        "helpUri": f"{DOCS}#{rule.check}",
        "defaultConfiguration": {"level": level},
        "properties": properties,
    }


def _help(text: CheckText) -> str:
    return (
        f"**What it means.** {text.meaning}\n\n**What to do.** {text.advice}\n\n"
        f"**How it is decided.** {HOW}"
    )


def _result(told: Digest, placed: _Placed, at: Mapping[_Rule, int]) -> dict[str, Any]:
    finding = placed.finding
    rule = _Rule(finding.rule, finding.severity)
    result: dict[str, Any] = {
        "ruleId": rule.id,
        "ruleIndex": at[rule],
        "level": LEVELS[finding.severity][0],
        "message": {"text": ended(Teller(told, SARIF).full_phrase(finding))},
        "locations": [_location(placed.origin, placed.files)],
    }
    related = list(_related(told, placed))
    if related:
        result["relatedLocations"] = related
    # NOTE: code scanning reads this key alone; no line is in it, so it holds when lines move.
    print_ = f"{finding.id.rpartition('-')[2]}:1"
    result["partialFingerprints"] = {"primaryLocationLineHash": print_}
    result["properties"] = {"flows": finding.count}
    return result


def _related(told: Digest, placed: _Placed) -> Iterator[dict[str, Any]]:
    """Causes after the first as related locations (P-52)."""
    rows, main = placed.finding.flows[:1], placed.origin
    causes = told.review.delta.opened[rows[0]].because if rows else ()
    places = dict.fromkeys(c.origin for c in causes if c.side is Side.HEAD and c.origin != main)
    for number, origin in enumerate(list(places)[:RELATED], 1):
        yield {"id": number, **_location(origin, placed.files)}


def _location(origin: Origin, files: _Files) -> dict[str, Any]:
    region: dict[str, Any] = {"startLine": origin.line}
    line = files.line(origin)
    if line.strip():
        region["startColumn"] = len(line) - len(line.lstrip()) + 1
        region["endLine"] = origin.line
        region["endColumn"] = len(line.rstrip()) + 1
    place = {"uri": percent(origin.file), "uriBaseId": ROOT}
    return {"physicalLocation": {"artifactLocation": place, "region": region}}


def _in_head(finding: Finding, files: _Files, links: Links | None) -> Origin | None:
    """The finding's line in the head commit, or None where its file is not there (P-54)."""
    origin = finding.origin
    if origin is None:
        return None
    if finding.side is Side.BASE:
        origin = files.carried(origin)
    if origin is None or links is None:
        return origin
    line = links.head_line(origin)
    return Origin(origin.file, line) if line else None
