"""The gate: failure, neutral or success, and why (G-33, G-34, F-1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from reviewer.findings import Severity, preferred

from .types import Acceptance, Approved, Case, Verdict
from .waivers import apply


def judge(case: Case) -> Verdict:
    """The verdict of a review or an audit.

    Failure if a row or finding that nobody accepted is at or above the gate, or strict says so;
    neutral if only accepted ones are, or with `never` something is at or above high; else success.
    """
    accepted, said = apply(case)
    notes = tuple(preferred(said, case.preferences))
    threshold = case.gate.fail_on
    limit = threshold if threshold is not None else Severity.HIGH
    everything = (*case.findings, *notes)
    grave_rows = {i for i, each in enumerate(case.grades) if _counts(each.severity, limit)}
    grave_findings = {each.id for each in everything if _counts(each.severity, limit)}
    rows = grave_rows.difference(accepted.rows)
    findings = grave_findings.difference(accepted.findings)
    by_rows: dict[int, Acceptance] = dict(accepted.rows)
    by_findings: dict[str, Acceptance] = dict(accepted.findings)
    if case.approval and threshold is not None and (rows or findings):
        by_rows.update(dict.fromkeys(sorted(rows), case.approval))
        by_findings.update(dict.fromkeys(sorted(findings), case.approval))
        rows, findings = set(), set()
    conclusion, reasons = _decide(
        case, len(rows), len(findings), _leniency(grave_rows, grave_findings, by_rows, by_findings)
    )
    return Verdict(
        conclusion=conclusion,
        reasons=reasons,
        accepted_rows=by_rows,
        accepted_findings=by_findings,
        notes=notes,
    )


def _counts(severity: Severity, limit: Severity) -> bool:
    """Whether it is at or above the threshold; info never counts (F-1)."""
    return severity <= limit and severity is not Severity.INFO


def _decide(case: Case, rows: int, findings: int, lenient: str) -> tuple[str, tuple[str, ...]]:
    """The word and its reasons, from what is left after acceptance."""
    threshold = case.gate.fail_on
    word = (threshold if threshold is not None else Severity.HIGH).word
    over = f"{_amount(rows, findings)} at or above {word}" if rows or findings else ""
    if threshold is None:
        reasons = (f"{over}; fail-on is never",) if over else ()
        conclusion = "neutral" if over or lenient else "success"
    else:
        reasons = (over,) if over else ()
        conclusion = "failure" if over else "neutral" if lenient else "success"
    if lenient:
        reasons = (*reasons, lenient.format(f"at or above {word}"))
    if case.strict:
        return "failure", (*reasons, case.strict)
    return conclusion, reasons


def _leniency(
    rows: Iterable[int],
    findings: Iterable[str],
    by_rows: Mapping[int, Acceptance],
    by_findings: Mapping[str, Acceptance],
) -> str:
    """How many of the grave ones somebody accepted, and who approved, with a gap for the threshold;
    "" where none."""
    counts = sum(row in by_rows for row in rows), sum(name in by_findings for name in findings)
    if not any(counts):
        return ""
    approvers = {
        each.approver
        for each in (*by_rows.values(), *by_findings.values())
        if isinstance(each, Approved)
    }
    by = f" by {', '.join(sorted(approvers))}" if approvers else ""
    return f"{_amount(*counts)} {{}} and accepted{by}"


def _amount(rows: int, findings: int) -> str:
    """`1 opened flow is`, `15 opened flows and 2 findings are`."""
    parts = [
        f"{number} {word}{'' if number == 1 else 's'}"
        for number, word in ((rows, "opened flow"), (findings, "finding"))
        if number
    ]
    return f"{' and '.join(parts)} {'is' if rows + findings == 1 else 'are'}"
