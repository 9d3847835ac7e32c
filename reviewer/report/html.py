"""One HTML file that opens from disk and asks for nothing (P-30 to P-39).

Its policy allows exactly the script and the style that are in it, by their hashes. Without script
the page holds heading, counts, outages and the opened groups as plain HTML.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from html import escape
from typing import Any

from reviewer.base.errors import UsageError

from .audited import digest_of
from .audited import heading as audit_heading
from .audited import severities as audit_severities
from .audited import summary as audit_summary
from .digest import Digest, digest
from .heading import heading, severities
from .html_data import embedded, flow_data, review_data
from .links import Links
from .markup import safe
from .phrases import PLAIN, Voice, spaces_beside, who
from .sentences import Teller, ended
from .types import Assets, Audit, Display, FlowMap, Review
from .words import counted, port_text

_PLACE = re.compile(r"\{\{([a-z-]+)\}\}")
GROUPS_SHOWN = 500


def _code(text: str) -> str:
    return f"<code>{escape(safe(text))}</code>"


MARKED = Voice(_code, escape)
"""How names stand in the page's own HTML."""


def render(result: Review | FlowMap | Audit, display: Display, links: Links | None = None) -> str:
    """The page."""
    if display.assets is None:
        raise UsageError("--format html needs the page's own files", "this is a fault of ours")
    return _page(display.assets, _parts(result, links))


def _parts(result: Review | FlowMap | Audit, links: Links | None) -> dict[str, str]:
    match result:
        case Review():
            return _review_parts(digest(result), links)
        case FlowMap():
            return _flow_parts(result)
        case Audit():
            return _audit_parts(result)


def _page(assets: Assets, parts: Mapping[str, str]) -> str:
    """The template with its places filled; what is filled in is not looked at again."""
    filled = {
        **parts,
        "style": assets.style,
        "script": assets.script,
        "style-hash": _hash(assets.style),
        "script-hash": _hash(assets.script),
    }
    return _PLACE.sub(lambda place: filled[place[1]], assets.page)


def _hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def _review_parts(told: Digest, links: Links | None) -> dict[str, str]:
    review = told.review
    title = heading(told, PLAIN)
    delta = review.delta
    word = {"failure": "failed", "neutral": "neutral"}.get(review.verdict.conclusion, "passed")
    counts = [
        f"Base {_code(_revision(review.base.commit, review.base.name))}",
        f"head {_code(_revision(review.head.commit, review.head.name))}",
        f"{len(delta.opened):,} opened{severities(told)}",
        f"{len(delta.closed):,} closed",
        *([f"{delta.unchanged:,} unchanged"] if delta.unchanged is not None else []),
        f"gate {_code(f'fail-on: {review.gate_word}')} {word}",
    ]
    return {
        "title": escape(title),
        "heading": escape(title),
        "counts": " · ".join(counts),
        "outages": "\n".join(_outages(Teller(told, MARKED))),
        "plain": _groups(told),
        "data": embedded(review_data(told, links)),
    }


def _revision(commit: str | None, name: str) -> str:
    return commit[:7] if commit else name


def _outages(teller: Teller) -> Iterator[str]:
    """One paragraph an outage, with a button that filters; it shows with the script alone."""
    for at, finding in enumerate(teller.told.outages):
        said = f"<strong>Likely outage:</strong> {teller.outage(finding)}"
        button = f'<button type="button" class="link" data-outage="{at}" hidden>show flows</button>'
        yield f'<p class="outage">{said} {button}</p>'


def _groups(told: Digest) -> str:
    """The opened groups of P-5, for a page without script."""
    if not told.opened:
        return ""
    rows = [
        (
            f"{group.count:,} {group.severity.word}",
            who(group.sources, told.names, MARKED, spaces_beside(group.destinations)),
            who(group.destinations, told.names, MARKED, spaces_beside(group.sources)),
            escape(port_text(group.ports)),
            _code(told.of_group(group).cause.object),
        )
        for group in told.opened[:GROUPS_SHOWN]
    ]
    left = len(told.opened) - len(rows)
    more = f"<p>And {counted(left, 'more group')}.</p>" if left else ""
    header = ("Severity", "From", "To", "Ports", "Because of")
    return f"<h2>Opened</h2>\n{_table(header, rows)}\n{more}"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f'<th scope="col">{cell}</th>' for cell in header)
    body = "\n".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return (
        f'<div class="scroll"><table>\n<thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{body}\n</tbody></table></div>"
    )


def _flow_parts(result: FlowMap) -> dict[str, str]:
    snapshot = result.snapshot
    title = f"Flows of {snapshot.name}"
    counts = [
        counted(len(snapshot.cluster.workloads), "workload"),
        counted(len(snapshot.cluster.policies), "policy", "policies"),
        counted(snapshot.reachability.count(), "flow"),
    ]
    return _plain_parts(title, " · ".join(counts), "", flow_data(result))


def _audit_parts(audit: Audit) -> dict[str, str]:
    """An audit has no flows to draw: its findings are the page."""
    teller = Teller(digest_of(audit), MARKED)
    rows = [
        (
            each.severity.word,
            ended(teller.phrase(each)),
            _code(f"{each.origin.file}:{each.origin.line}") if each.origin else "–",
        )
        for each in audit.findings
    ]
    spaces = [
        (
            _code(each.namespace),
            f"{each.workloads:,}",
            f"{each.isolated.ingress:,}",
            f"{each.isolated.egress:,}",
        )
        for each in audit.figures.namespaces
    ]
    header = ("Namespace", "Workloads", "Isolated: ingress", "egress")
    tables = f"<h2>Namespaces</h2>\n{_table(header, spaces)}"
    if rows:
        tables += f"\n<h2>Findings</h2>\n{_table(('Severity', 'What', 'Where'), rows)}"
    counts = f"findings: {audit_severities(audit)} · {audit_summary(audit)}"
    return _plain_parts(audit_heading(audit), escape(counts), tables, {"audit": True})


def _plain_parts(title: str, counts: str, plain: str, data: Mapping[str, Any]) -> dict[str, str]:
    return {
        "title": escape(safe(title)),
        "heading": escape(safe(title)),
        "counts": counts,
        "outages": "",
        "plain": plain,
        "data": embedded(data),
    }
