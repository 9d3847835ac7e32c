"""The comment: what must hold of it whatever its size (G-22 to G-28, P-13 to P-18)."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewer.base.diagnostics import diagnostic
from reviewer.base.documents import Origin
from reviewer.base.values import replace
from reviewer.findings import Grade, Severity
from reviewer.report import Review
from reviewer.report.digest import digest
from reviewer.report.markdown import COMMENT, Rung, alert, fit, render
from reviewer.report.phrases import MARKDOWN
from reviewer.report.sentences import Teller
from reviewer.verdict import Verdict, Waived
from tests.golden.shop import CASES, links, reviewed
from tests.kit import review_result
from tests.report.reviews import flow, graded, review_of, rows
from tests.report.test_heading import PODS, POLICY, SHUT, policy
from tests.report.test_markup import HAND_PICKED, to_html

WEB = "{podSelector: {matchLabels: {app: web}}}"
BLOCKED = (
    "> **Merging is blocked.** Line 30 of `a.yaml` lost its `from` list, "
    "and a rule without one admits everyone."
)
FIRST_CELL = re.compile(r"^\| [^|`]*?([0-9][0-9,]*)\u00a0", re.MULTILINE)


def check_shape(text: str) -> None:
    """Fences, tags and tables are whole, and nothing is a mention or a link of theirs."""
    assert text.count("<details>") == text.count("</details>")
    fences = re.findall(r"^(`{3,})", text, re.MULTILINE)
    assert len(fences) % 2 == 0
    outside = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    for row in re.findall(r"^\|.*$", outside, re.MULTILINE):
        assert row.endswith("|")
    bare = re.sub(r"`[^`]*`", "", outside)
    assert "@" not in bare
    assert not re.search(r"#\d", bare)


def table_sum(text: str) -> int:
    """What the first cells of the table of opened flows add up to (P-12)."""
    table = re.search(r"^\| Severity .*?\n((?:\|.*\n?)+)", text, re.MULTILINE)
    if table is None:
        return 0
    return sum(int(number.replace(",", "")) for number in FIRST_CELL.findall(table[1]))


@settings(max_examples=30)
@given(st.integers(0, 3_000) | st.integers(0, 30), st.integers(0, 3_000), st.integers(0, 10**6))
def test_any_size_is_under_budget_and_whole(opened: int, closed: int, seed: int) -> None:
    """G-27: under budget, balanced, every row listed or counted."""
    changes = rows(opened, seed)
    review = review_of(changes, rows(closed, seed + 1), graded(opened, seed))
    text = render(review)
    assert len(text.encode()) <= COMMENT
    check_shape(text)
    assert table_sum(text) == opened


def test_100_000_flows() -> None:
    """G-27, G-29."""
    changes = rows(100_000, 1, names=400)
    told = digest(review_of(changes, rows(10_000, 2, names=400)))
    for budget in (COMMENT, 900_000):
        body = fit(told, None, budget)
        assert len(body.text.encode()) <= budget
        check_shape(body.text)
        assert table_sum(body.text) == 100_000


def test_the_ladder_is_monotone() -> None:
    """G-27: a smaller budget never makes a longer text or a fuller rung."""
    told = digest(review_of(rows(400, 4), rows(300, 5)))
    bodies = [fit(told, None, budget) for budget in (10**6, 60_000, 20_000, 9_000, 4_000, 900, 1)]
    sizes = [len(body.text.encode()) for body in bodies]
    assert sizes == sorted(sizes, reverse=True)
    assert [body.rung for body in bodies] == sorted(body.rung for body in bodies)
    assert bodies[-1].rung is Rung.HEADING
    assert all("Shortened: " in body.text for body in bodies if body.rung > Rung.FULL)
    assert "400 opened flows and 300 closed flows are not listed" in bodies[-1].text


def test_critical_rows_are_listed_before_they_are_counted() -> None:
    """G-27."""
    changes = rows(300, 9)
    grades = [Grade(Severity.CRITICAL, "R1", "")] * 40 + [Grade(Severity.LOW, "R16", "")] * 260
    told = digest(review_of(changes, grades=grades))
    body = fit(told, None, 6_500)
    assert table_sum(body.text) == 300
    assert body.text.count("🔴\u00a0") >= 12


@pytest.mark.parametrize("case", CASES)
def test_golden_comments_are_whole(case: str) -> None:
    text = render(reviewed(case), links(case))
    check_shape(text)
    assert table_sum(text) == len(reviewed(case).delta.opened)
    assert "<script" not in to_html(text)


@pytest.mark.parametrize("name", HAND_PICKED, ids=ascii)
def test_hostile_names_in_every_place(name: str) -> None:
    """G-28: as workload, policy, file, message, owner and reason."""
    row = flow(f"a/{name}", f"{name}/db", by=f"{name}/{name}")
    unread = replace(diagnostic("unreadable", name or "x", f"{name}.yaml", 1), side="head")
    waived = Waived(name, name, name, Origin(name, 1))
    review = replace(
        review_of([row], [row], grades=[Grade(Severity.HIGH, "R11", name)], verdict="failure"),
        diagnostics=(unread,),
        changed=frozenset({f"{name}.yaml"}),
        verdict=Verdict(conclusion="failure", reasons=(name,), accepted_rows={0: waived}),
    )
    text = render(review)
    check_shape(text)
    page = to_html(text)
    assert "<img" not in page
    assert "<script" not in page
    assert page.count("<a ") == 0


def told_alert(review: Review) -> list[str]:
    said = alert(Teller(digest(review), MARKDOWN)) or ""
    return said.splitlines()


def test_alert_of_a_failed_gate() -> None:
    """P-14: merging is blocked, and the gravest cause."""
    base = policy("db", "Ingress", "[{from: [{podSelector: {matchLabels: {app: web}}}]}]")
    head = policy("db", "Ingress", "[{}]")
    assert told_alert(review_result(base, head)) == [
        "> [!CAUTION]",
        BLOCKED,
    ]


@pytest.mark.parametrize(
    ("base", "head", "said"),
    [
        (SHUT, PODS, "`shop/p` was removed."),
        (
            SHUT,
            SHUT
            + POLICY.replace("name: p", "name: q")
            % ("db", "Ingress", "ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}]"),
            "`shop/q` was added and admits it.",
        ),
        (SHUT, SHUT.replace("{labels: {app: db}}", "{labels: {app: sql}}"), "was relabelled."),
        (
            policy("db", "Ingress", "[{from: [{podSelector: {matchLabels: {app: web}}}]}]"),
            policy("db", "Ingress", f"[{{from: [{WEB}, {{ipBlock: {{cidr: 0.0.0.0/0}}}}]}}]"),
            "gained a peer.",
        ),
    ],
    ids=["removed", "added", "relabelled", "gained"],
)
def test_alert_says_what_happened(base: str, head: str, said: str) -> None:
    """P-7, P-14."""
    [_, line] = told_alert(review_result(base, head))
    assert line.startswith("> **Merging is blocked.** ")
    assert line.endswith(said)


def test_alert_of_an_unread_changed_file() -> None:
    """Section 7 item 4."""
    unread = replace(diagnostic("unreadable", "cannot be read: no", "k8s/x.yaml", 3), side="head")
    review = replace(review_of(), diagnostics=(unread,), changed=frozenset({"k8s/x.yaml"}))
    assert told_alert(review) == [
        "> [!WARNING]",
        "> **Not read:** `k8s/x.yaml` line 3: `cannot be read: no`",
    ]
    assert told_alert(replace(review, changed=frozenset())) == []


def test_fix_is_the_dropped_list() -> None:
    """P-15: our own YAML, never text of the file."""
    base = policy("db", "Ingress", "[{from: [{podSelector: {matchLabels: {b: 'yes', a: x}}}]}]")
    text = render(review_result(base, policy("db", "Ingress", "[{}]")))
    assert (
        "**Fix:** give `spec.ingress[0]` its list back.\n\n```yaml\nfrom:\n  - podSelector:\n"
        '      matchLabels:\n        a: x\n        b: "yes"\n```'
    ) in text


def test_fix_over_twelve_lines_is_counted() -> None:
    """P-15."""
    peers = ", ".join(f"{{ipBlock: {{cidr: 10.0.{n}.0/24}}}}" for n in range(9))
    base = policy("db", "Ingress", f"[{{from: [{peers}]}}]")
    text = render(review_result(base, policy("db", "Ingress", "[{}]")))
    assert "its list back: `from`, 19 lines on base." in text


def test_who_exactly_tells_alike_sets_apart() -> None:
    """P-17: where two sets have one namespace and number, the other end says which is which."""
    names = ["a", "b", "c"]
    changes = [flow(f"s/{x}", f"s/{y}") for x in names for y in names if x != y]
    text = render(review_of(changes, grades=[Grade(Severity.LOW, "R16", "")] * 6))
    assert "| `s`\u00a0(2) | `s/a` | `b`, `c` |" in text
    assert "| `s`\u00a0(2) | `s/b` | `a`, `c` |" in text


def test_accepted_rows_are_named_with_who_accepted_them() -> None:
    """G-34."""
    waived = Waived("team-a", "wanted for tests", "2026-12-31", Origin("c.yml", 1))
    review = review_of([flow("a/x", "a/db")], grades=[Grade(Severity.HIGH, "R11", "")])
    verdict = Verdict(conclusion="neutral", reasons=(), accepted_rows={0: waived})
    text = render(replace(review, verdict=verdict))
    assert "Accepted: `a/x` → `a/db` TCP\u00a05432, by `team-a` until `2026-12-31`" in text
    assert "🔴" not in text


def test_an_emptied_list_is_told_as_one_that_admits_everyone() -> None:
    """P-7, P-14, P-15: an empty list is as wide as none (S-44), so it is given back likewise."""
    narrow = "[{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 5432}]}]"
    empty = "[{from: [], ports: [{port: 5432}]}]"
    review = review_result(policy("db", "Ingress", narrow), policy("db", "Ingress", empty))
    said = render(review)
    assert "emptied its `from` list, and an empty one admits everyone." in said
    assert "**Fix:** give `spec.ingress[0]` its list back." in said
    found = [each for each in review.findings if each.rule == "world-ingress"]
    assert [each.fix for each in found] == ["give ingress[0] of shop/p its from list back"]


def test_notes_say_how_grave_they_are() -> None:
    """Notes from medium up carry their severity; a sentence of ours begins with a capital."""
    forgotten = policy("db", "Ingress").replace("ingress: []", "egress: [{}]")
    said = render(review_result(policy("db", "Ingress"), forgotten))
    assert "- 🟡 medium: `shop/p`: egress rules without Egress in policyTypes" in said
