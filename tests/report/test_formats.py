"""What holds of every format (P-1, P-2, P-8, P-13, P-18, G-22, G-24)."""

from __future__ import annotations

import random
import re
from functools import cache

import pytest

from reviewer.options import Options
from reviewer.pipeline import Material, flow_map, review
from reviewer.report import Display, FlowMap, Review, formats_of, render
from reviewer.report.digest import digest
from reviewer.report.footer import footer
from reviewer.report.heading import SYMBOLS
from reviewer.report.links import Links
from reviewer.report.markdown import render as comment
from reviewer.report.question import Links as Site
from tests.golden.shop import CASES, assets, files, links, mapped, reviewed
from tests.kit import material

DISPLAY = Display(assets=assets())
SYMBOL = re.compile(r"[🔴🟠🟡🔵🟢⚪]")


def shuffled(case: str | None, name: str, seed: int) -> Material:
    """The shop with its files handed over in another order; the order of S-1 is ours to make."""
    dice = random.Random(seed)
    texts = files(case)
    order = list(texts)
    dice.shuffle(order)
    made = material({path: texts[path] for path in order}, name)
    documents = sorted(made.documents(()), key=lambda each: order.index(each.path))
    return Material(name, None, lambda _: documents)


@cache
def shuffled_review(case: str) -> Review:
    return review(shuffled(None, "base", 1), shuffled(case, "head", 2), Options())


@pytest.mark.parametrize("form", formats_of(Review))
@pytest.mark.parametrize("case", CASES)
def test_the_order_of_input_changes_no_byte(case: str, form: str) -> None:
    """P-1."""
    once = render(reviewed(case), form, DISPLAY, links(case))
    assert render(shuffled_review(case), form, DISPLAY, links(case)) == once


@pytest.mark.parametrize("form", formats_of(FlowMap))
def test_the_order_of_input_changes_no_map(form: str) -> None:
    """P-1."""
    again = flow_map(shuffled(None, "base", 3), Options())
    assert render(again, form, DISPLAY) == render(mapped(), form, DISPLAY)


@pytest.mark.parametrize("case", CASES)
def test_one_voice(case: str) -> None:
    """P-2: heading and outage are said in the same words everywhere."""
    texts = [render(reviewed(case), form, DISPLAY) for form in ("text", "markdown", "html")]
    plain = [re.sub(r"[`*]|<[^>]*>|\u00a0|## . ", lambda m: " " if m[0] == "\u00a0" else "", text)
             for text in texts]  # fmt: skip
    sentence = plain[0].splitlines()[0]
    assert all(sentence in text for text in plain)


@pytest.mark.parametrize("case", CASES)
def test_a_symbol_never_carries_a_fact_alone(case: str) -> None:
    """P-8, G-24: beside each stands the word, and opened and closed have signs."""
    text = comment(reviewed(case), links(case))
    words = {symbol: severity.word for severity, symbol in SYMBOLS.items()}
    for line in text.splitlines():
        for symbol in SYMBOL.findall(line):
            assert line.startswith("## ") or words[symbol] in line
    shown = render(reviewed(case), "text", Display(full=True))
    marks = re.findall(r"^([+−]) (?:critical|high|medium|low|info) ", shown, re.M)
    delta = reviewed(case).delta
    assert (marks.count("+"), marks.count("−")) == (len(delta.opened), len(delta.closed))


@pytest.mark.parametrize("case", CASES)
def test_no_cell_of_the_table_is_empty(case: str) -> None:
    """P-13: left aligned, equal cells are "same", one name a cell at most."""
    text = comment(reviewed(case), links(case))
    table = re.search(r"^\| Severity .*?\n(.*?)\n\n", text, re.M | re.S)
    if table is None:
        assert not reviewed(case).delta.opened
        return
    rule, *rows = table[1].splitlines()
    assert rule == "| :-- | :-- | :-- | :-- | :-- |"
    above: list[str] = []
    for row in rows:
        cells = [cell.strip() for cell in row.strip("|").split(" | ")]
        assert all(cells)
        assert all(re.sub(r"\]\([^)]*\)", "]", cell).count("`") <= 4 for cell in cells)
        assert not any(
            a == b for a, b in zip(cells[1:], above[1:], strict=False) if a[:4] != "same"
        )
        above = cells


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ("opened-to-internet", "pull/118/merge && netpol-reviewer diff FETCH_HEAD^ FETCH_HEAD`"),
        ("lost-dns", "pull/121/merge && netpol-reviewer diff FETCH_HEAD^ FETCH_HEAD`"),
    ],
)
def test_the_footer_gives_a_command_for_a_fresh_clone(case: str, said: str) -> None:
    """P-18."""
    text = footer(digest(reviewed(case)), links(case))
    assert said in text
    assert ("accept: " in text) == reviewed(case).verdict.failed


def test_closed_flows_that_are_missed_rise_to_the_alert() -> None:
    """G-22: the alert, the picture and the first row of the closed ones speak of them."""
    text = comment(reviewed("lost-dns"), links("lost-dns"))
    alert = text[text.index("> [!WARNING]") : text.index("| Severity")]
    assert "cannot resolve names any more" in alert
    assert 'n1 -.-x|"closed"| n6' in text
    assert re.search(r"\| To \| Flows .*\n.*\n\| 14 .*\*\*name resolution\*\* \| 14 ", text)


@pytest.mark.parametrize(
    ("view", "pull", "fallback", "said"),
    [
        ("branch", 7, True, "since the branch left its base, since there is no test merge"),
        ("branch", None, False, f"locally: `netpol-reviewer diff {'b' * 40} {'a' * 40}`"),
        ("merge", None, False, f"locally: `netpol-reviewer diff {'b' * 40} {'a' * 40}`"),
        ("folders", None, False, "as folders"),
        ("audit", None, False, f"locally: `netpol-reviewer audit {'a' * 40}`"),
    ],
)
def test_footers(view: str, pull: int | None, fallback: bool, said: str) -> None:
    """P-18, G-5: the comment says which view."""
    site = Site(
        server="https://github.com",
        repository="o/r",
        view=view,
        base="b" * 40,
        head="a" * 40,
        pull=pull,
        fallback=fallback,
    )
    text = footer(digest(reviewed("nothing-moves")), Links(site))
    assert said in text
    assert "[run]" not in text


def test_folders_have_no_commits() -> None:
    text = footer(digest(reviewed("nothing-moves")), None)
    assert text == "Compared `base` with `head`"
