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
from reviewer.engine import Snapshot
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


class _Placed(NamedTuple):
    """A finding and its line in head."""

    finding: Finding
    origin: Origin


def render(review: Review, links: Links | None = None) -> str:
    """The whole file, ending with a newline."""
    told = digest(review)
    accepted = review.verdict.accepted_findings
    placed: list[_Placed] = []
    gone = 0
    for finding in review.findings:
        if finding.id in accepted:
            continue
        origin = _in_head(finding, review, links)
        if origin is None:
            gone += 1
        elif len(placed) < RESULTS:
            placed.append(_Placed(finding, origin))
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
    head = told.review.head
    result: dict[str, Any] = {
        "ruleId": rule.id,
        "ruleIndex": at[rule],
        "level": LEVELS[finding.severity][0],
        "message": {"text": ended(Teller(told, SARIF).full_phrase(finding))},
        "locations": [_location(placed.origin, head)],
    }
    related = list(_related(told, finding, placed.origin))
    if related:
        result["relatedLocations"] = related
    # NOTE: code scanning reads this key alone; no line is in it, so it holds when lines move.
    print_ = f"{finding.id.rpartition('-')[2]}:1"
    result["partialFingerprints"] = {"primaryLocationLineHash": print_}
    result["properties"] = {"flows": finding.count}
    return result


def _related(told: Digest, finding: Finding, main: Origin) -> Iterator[dict[str, Any]]:
    """Causes after the first as related locations (P-52)."""
    rows = finding.flows[:1]
    causes = told.review.delta.opened[rows[0]].because if rows else ()
    places = dict.fromkeys(c.origin for c in causes if c.side is Side.HEAD and c.origin != main)
    for number, origin in enumerate(list(places)[:RELATED], 1):
        yield {"id": number, **_location(origin, told.review.head)}


def _location(origin: Origin, head: Snapshot) -> dict[str, Any]:
    region: dict[str, Any] = {"startLine": origin.line}
    line = _line(head.texts.get(origin.file), origin.line)
    if line.strip():
        region["startColumn"] = len(line) - len(line.lstrip()) + 1
        region["endLine"] = origin.line
        region["endColumn"] = len(line.rstrip()) + 1
    place = {"uri": percent(origin.file), "uriBaseId": ROOT}
    return {"physicalLocation": {"artifactLocation": place, "region": region}}


def _line(text: bytes | None, number: int) -> str:
    """One line of a file, "" where it is not known."""
    lines = _lines(text)
    return lines[number - 1] if 0 < number <= len(lines) else ""


def _lines(text: bytes | None) -> list[str]:
    return (text or b"").decode("utf-8", "replace").split("\n")


def _in_head(finding: Finding, review: Review, links: Links | None) -> Origin | None:
    """The finding's line in the head commit, or None where its file is not there (P-54)."""
    origin = finding.origin
    if origin is None:
        return None
    if finding.side is Side.BASE:
        origin = _carried(origin, review)
    if origin is None or links is None:
        return origin
    line = links.head_line(origin)
    return Origin(origin.file, line) if line else None


def _carried(origin: Origin, review: Review) -> Origin | None:
    """The line of head's file that is nearest to a line of base's."""
    if origin.file not in review.changed:
        return origin
    head = review.head.texts.get(origin.file)
    if head is None:
        return None
    before, after = _lines(review.base.texts.get(origin.file)), _lines(head)
    if len(before) + len(after) > LINES_COMPARED:
        return Origin(origin.file, min(origin.line, len(after)))
    blocks = difflib.SequenceMatcher(None, before, after).get_matching_blocks()
    nearest = 1
    for block in blocks:
        if block.size and block.a < origin.line:
            nearest = block.b + min(origin.line - block.a, block.size)
    return Origin(origin.file, nearest)
