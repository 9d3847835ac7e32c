"""The comment: what must hold of it whatever its size (G-22 to G-28, P-13 to P-18)."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reviewer.base.diagnostics import diagnostic
from reviewer.base.documents import Origin
from reviewer.base.values import replace
from reviewer.findings import Finding, Grade, Severity
from reviewer.report import Display, Review
from reviewer.report import render as report
from reviewer.report.digest import digest
from reviewer.report.markdown import COMMENT, Rung, alert, fit, render
from reviewer.report.phrases import MARKDOWN
from reviewer.report.sentences import Teller
from reviewer.verdict import Verdict, Waived
from tests.golden.shop import CASES, links, reviewed
from tests.kit import review_result
from tests.report.reviews import cause, flow, graded, review_of, rows
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
@example(754, 100, 377)  # the footer's tags take the last bytes
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


@pytest.mark.parametrize("case", CASES)
def test_alert_is_short_and_each_line_leads_somewhere(case: str) -> None:
    """Section 7 item 4."""
    said = alert(Teller(digest(reviewed(case)), MARKDOWN, links(case)))
    lines = said.splitlines()[1:] if said else []
    assert len(lines) <= 3
    assert all("](https://github.com/" in line for line in lines)


@pytest.mark.parametrize("verdict", ["success", "failure"])
@pytest.mark.parametrize("outages", [1, 2, 3, 9])
def test_alert_has_three_lines_at_most_and_the_rest_is_in_notes(verdict: str, outages: int) -> None:
    """P-14."""
    found = [
        Finding(
            id=f"monitoring-path-lost-{at:012x}",
            rule="monitoring-path-lost",
            severity=Severity.MEDIUM,
            message="",
            arguments={"source": "a/prom", "workloads": [f"a/w{at}[Job]"]},
            workloads=(f"a/w{at}[Job]",),
        )
        for at in range(outages)
    ]
    review = review_of(
        [flow("a/x", "a/db")],
        grades=[Grade(Severity.HIGH, "R11", "")],
        findings=found,
        verdict=verdict,
    )
    word, *lines = told_alert(review)
    failed = verdict == "failure"
    assert word == f"> [!{'CAUTION' if failed else 'WARNING'}]"
    assert lines[0].startswith("> **Merging is blocked.**") is failed
    said = [line for line in lines if line.startswith("> **Likely outage:**")]
    assert len(said) == min(outages, 2 if failed else 3)
    assert len(lines) == len(said) + failed
    left = outages - len(said)
    assert (f"<summary>Notes: {left}</summary>" in render(review)) is (left > 0)


@settings(max_examples=20)
@given(st.integers(1, 400), st.integers(0, 10**6))
def test_table_of_any_size_fits_the_eye(count: int, seed: int) -> None:
    """Section 7 item 5, P-13: at most 12 rows of 5 cells, none of them empty; gravest first."""
    text = render(review_of(rows(count, seed), grades=graded(count, seed)))
    found = re.search(r"^\| Severity .*\n((?:\|.*\n?)+)", text, re.MULTILINE)
    assert found
    header, *lines = found[1].splitlines()
    assert header == "| :-- | :-- | :-- | :-- | :-- |"
    assert len(lines) <= 12
    for line in lines:
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        assert len(cells) == 5
        assert all(cells)
        assert sum(cell.count("`") for cell in cells[1:3]) <= 4
    words = [severity.word for severity in Severity]
    order = [next(at for at, word in enumerate(words) if word in line) for line in lines[:-1]]
    assert order == sorted(order)


def test_a_repeated_cell_is_same_and_a_repeated_cause_same_rule() -> None:
    """P-13."""
    changes = [flow("a/x", "a/db"), flow("b/x", "a/db"), flow("b/x", "c/db")]
    grades = [Grade(each, "R1", "") for each in (Severity.HIGH, Severity.MEDIUM, Severity.LOW)]
    text = render(review_of(changes, grades=grades))
    assert "| `b/x` | same | same | same rule |" in text
    assert "| same | `c/db` | same | same rule |" in text


def test_several_causes_are_one_with_what_happened_and_a_number() -> None:
    """P-7: named, what the change did to it, the rest counted."""
    row = flow("a/x", "a/db")
    several = row._replace(because=(cause("a/p"), cause("a/q"), cause("a/r")))
    one, three = (
        render(review_of([each], grades=[Grade(Severity.LOW, "R16", "")]))
        for each in (row, several)
    )
    assert "| `a/p` added |" in one
    assert "| `a/p` added, and 2 more |" in three


def test_the_cause_behind_most_rows_is_named_then_the_first_by_name() -> None:
    """P-7."""
    one, two, three = (flow(f"a/{name}", "a/db") for name in "xyz")
    most = [
        one._replace(because=(cause("a/z"),)),
        two._replace(because=(cause("a/z"),)),
        three._replace(because=(cause("a/a"),)),
    ]
    told = digest(review_of())
    assert (told.named(most).cause.object, told.named(most).others) == ("a/z", 1)
    assert told.named(most[1:]).cause.object == "a/a"


def test_folded_parts_come_in_their_order_with_their_counts() -> None:
    """P-17: each with its count, each only where it has content."""
    unread = replace(diagnostic("unreadable", "no", "k8s/x.yaml", 3), side="head")
    review = review_result(
        policy("db", "Ingress", f"[{{from: [{WEB}]}}]"), policy("db", "Ingress", "[{}]")
    )
    closed = (flow("shop/web", "shop/db"),)
    review = replace(review, delta=replace(review.delta, closed=closed), diagnostics=(unread,))
    found = Finding(
        id="policy-without-effect-000000000000",
        rule="policy-without-effect",
        severity=Severity.LOW,
        message="",
        arguments={"policy": "shop/q"},
    )
    text = render(replace(review, findings=(*review.findings, found)))
    titles = re.findall(r"<details><summary>(.*?)</summary>", text)
    names = [title.partition(":")[0] for title in titles]
    order = ["Who exactly", "Picture", "Closed", "What changed", "Notes", "Not read"]
    assert names == [name for name in order if name in names]
    assert set(names) == set(order)
    assert all(re.search(r": \d", title) for title in titles)
    assert re.findall(r"<summary>", render(review_of())) == []


def test_what_is_left_of_a_huge_one_leads_to_the_full_report() -> None:
    """G-27: heading, numbers, alert, link."""
    told = digest(review_of(rows(400, 4), rows(300, 5)))
    body = fit(told, links("lost-dns"), 1)
    assert body.rung is Rung.HEADING
    run = "https://github.com/example-org/shop-platform/actions/runs/16120453290"
    assert body.text.endswith(f"The [full report]({run}) has it all.")


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


SHUT_OPS = """
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: q, namespace: ops}
spec: {podSelector: {}, policyTypes: [Egress], egress: [%s]}
"""


def test_a_new_rule_is_told_as_one() -> None:
    """P-14: the alert's line is that of the rule; other edits are counted."""
    ops = "[{from: [{namespaceSelector: {}}], ports: [{port: 5432}]}]"
    to_shop = "{to: [{namespaceSelector: {}}]}"
    base, head = SHUT + SHUT_OPS % "", policy("db", "Ingress", ops) + SHUT_OPS % to_shop
    said = render(review_result(base, head))
    assert re.search(r"Line \d+ of `a.yaml` is a new rule of `[a-z/]+`\. 1 more edit takes", said)
    alone = render(review_result(SHUT, policy("db", "Ingress", ops)))
    assert "is a new rule of `shop/p`.\n" in alone


RULES = ("{from: [{podSelector: {}}]}", "{ports: [{port: 80}]}")


def test_rules_in_another_order_are_told_as_that() -> None:
    """P-13, P-17: rules are paired wherever they stand, so no field differs."""
    base, head = (policy("db", "Ingress", f"[{', '.join(r)}]") for r in (RULES, RULES[::-1]))
    review = review_result(base, head)
    assert "| `shop/p` | `spec` | *the same rules* | *in another order* |" in render(review)
    assert "  ~ shop/p  rules in another order\n" in report(review, "text", Display())
    other = "---" + POLICY.replace("name: p,", "name: q,") % ("web", "Ingress", "ingress: %s")
    both = report(review_result(base + other % "[]", head + other % "[{}]"), "text", Display())
    assert "  ~ shop/p  rules in another order\n" in both


def test_a_long_message_is_written_clause_by_clause() -> None:
    """G-28: a span of more than 120 characters is cut in the middle."""
    long = policy("db", "Ingress", "[{from: [{podSelector: {matchLabels: {application: 1.5}}}]}]")
    said = render(review_result(SHUT, long))
    assert "is not a string`; `the object is left out, as the API server would refuse it`" in said


def test_what_was_removed_is_said_to_be_a_policy() -> None:
    """P-14: a policy often has the name of its workload."""
    opened = render(review_result(SHUT.replace("name: p,", "name: db,"), PODS))
    assert "> **Merging is blocked.** Policy `shop/db` was removed.\n" in opened


def test_workloads_that_come_without_a_flow_have_no_kind_in_their_names() -> None:
    """P-3: the kind is said only where it tells two apart."""
    shut = "\n---\n" + POLICY % ("web", "Ingress, Egress", "ingress: []")
    web = PODS.split("---\n")[1]
    said = render(review_result(PODS.replace(f"---\n{web}", "") + shut, PODS + shut))
    assert "**Workloads added:** `shop/web`" in said
