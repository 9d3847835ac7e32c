"""The terminal: widths, colours, safety, grep (P-20 to P-26)."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from rich.cells import cell_len

from reviewer.findings import Grade, Severity
from reviewer.report import Display, render
from reviewer.report.lines import Line, Piece, line, parts
from reviewer.report.text import draw
from tests.golden.shop import CASES, mapped, reviewed
from tests.kit import flow_result
from tests.report.reviews import flow, review_of, rows
from tests.report.test_heading import PODS, policy
from tests.report.test_markup import HAND_PICKED

ANSI = re.compile(r"\x1b\[[0-9;]*m")


def squeezed(text: str) -> str:
    """The characters of a text without blanks and line ends."""
    return re.sub(r"\s", "", text)


@pytest.mark.parametrize("width", [60, 80, 100, 120])
@pytest.mark.parametrize("case", CASES)
def test_no_width_loses_a_character(case: str, width: int) -> None:
    """P-23: names are never cut; lines that can break fit."""
    review = reviewed(case)
    text = render(review, "text", Display(width=width))
    assert squeezed(text) == squeezed(render(review, "text", Display(width=120)))
    longest = max(len(word) for word in text.split())
    assert all(cell_len(each) <= max(width, longest + 40) for each in text.splitlines())


@pytest.mark.parametrize("width", [60, 80, 100, 120])
def test_flows_at_all_widths(width: int) -> None:
    text = render(mapped(), "text", Display(width=width))
    assert squeezed(text) == squeezed(render(mapped(), "text", Display(width=120)))


def test_a_line_breaks_before_the_arrow() -> None:
    row = parts(
        "  +  1 high      ns/" + "a" * 40 + " ", "→ ns/" + "b" * 30 + "  ", "TCP 5432", hang=8
    )
    assert draw([row], Display(width=60)).splitlines() == [
        "  +  1 high      ns/" + "a" * 40,
        "        → ns/" + "b" * 30 + "  TCP 5432",
    ]


def test_width_counts_cells() -> None:
    """P-23: East Asian wide is 2, combining is 0."""
    wide = parts("中" * 29 + " ", "x" * 3)
    assert draw([wide], Display(width=60)).splitlines() == ["中" * 29, "    xxx"]
    thin = parts("e\u0301" * 50 + " ", "x" * 3)
    assert len(draw([thin], Display(width=60)).splitlines()) == 1


def test_colours_are_the_eight_standard_ones() -> None:
    """P-22."""
    text = render(reviewed("opened-to-internet"), "text", Display(colour=True))
    codes = {code for found in ANSI.findall(text) for code in found[2:-1].split(";")}
    assert codes <= {"0", "1", "2", *map(str, range(30, 38))}
    plain = render(reviewed("opened-to-internet"), "text", Display())
    assert ANSI.sub("", text) == plain
    assert "\x1b" not in plain


def test_ascii_where_the_output_can_say_no_more() -> None:
    """P-23."""
    text = render(reviewed("lost-dns"), "text", Display(unicode=False))
    assert text.isascii()
    assert "  - 126  shop -> monitoring" in text
    assert "38 opened (all medium) | 362 closed | 136 unchanged" in text


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("name", HAND_PICKED, ids=ascii)
def test_hostile_names_move_no_cursor(name: str, full: bool) -> None:
    """P-24: no byte below 0x20 but LF, in every mode."""
    changes = [flow(f"a/{name}", f"{name}/db", by=f"{name}/{name}")]
    review = review_of(changes, changes, grades=[Grade(Severity.LOW, "R16", name)])
    text = render(review, "text", Display(full=full))
    assert not re.search(
        r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]", text
    )
    text.encode()


def test_full_is_one_row_a_line() -> None:
    """P-21, for grep."""
    changes = rows(50, 2)
    text = render(review_of(changes, changes[:20]), "text", Display(full=True, width=60))
    lines = text.splitlines()
    assert sum(each.startswith("+ ") for each in lines) == 50
    assert sum(each.startswith("− ") for each in lines) == 20
    assert re.search(r"^\+ (low|medium|high|critical) .* → .* k8s/ns\d/p\d+\.yaml:\d+$", text, re.M)


def test_flows_in_full() -> None:
    text = render(flow_result(PODS), "text", Display(full=True))
    assert "ops/tool[Deployment] → shop/db[Deployment] all" in text.splitlines()
    assert text.startswith("3 workloads in 2 namespaces, 0 policies, 18 flows\n")


def test_flows_group_sources() -> None:
    """P-21."""
    rule = "[{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 5432}]}]"
    text = render(flow_result(policy("db", "Ingress", rule)), "text", Display())
    assert "shop/db[Deployment]  a.yaml:2\n  TCP 5432   shop/web\n" in text


def test_many_groups_are_counted() -> None:
    text = render(review_of(rows(2_000, 7)), "text", Display())
    assert re.search(r"^  \+ [0-9,]+ in [0-9,]+ more groups \(--full\)$", text, re.M)


def test_lines_and_pieces() -> None:
    assert line("a", Piece("b", "red")) == Line(((Piece("a"), Piece("b", "red")),), 4)
    assert draw([line("a", Piece("b", "red"))], Display(colour=True)) == "a\x1b[31mb\x1b[0m\n"


def test_only_text_loads_rich() -> None:
    """P-26."""
    code = (
        "import sys\n"
        "from reviewer.report import Display, render\n"
        "from tests.report.reviews import flow, review_of\n"
        "for form in ('json', 'markdown', 'sarif', 'mermaid'):\n"
        "    render(review_of([flow('a/x', 'a/y')]), form, Display())\n"
        "sys.exit('rich' in sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


MANY = """
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: p, namespace: shop}
spec:
  podSelector: {matchLabels: {app: web}}
  policyTypes: [Egress]
  egress:
    - to: [{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8, 192.168.0.0/16]}}]
      ports: [{port: 1001}, {port: 2002}, {port: 3003}, {port: 4004}, {port: 5005}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: q, namespace: away}
spec: {podSelector: {matchLabels: {app: x}}}
"""


def test_flows_say_outside_and_unseen_ends_as_every_report_does() -> None:
    """P-2, P-3: few words for addresses and for pods that are not in the manifests; ports that are
    wider than their column keep their distance."""
    text = render(flow_result(PODS + "---" + MANY), "text", Display())
    assert "\nthe internet but 10.0.0.0/8 and 192.168.0.0/16\n" in text
    assert "\n  TCP 1001, 2002, 3003, 4004 and 1 more   shop/web\n" in text
    assert "\nany other pod\n" in text
    assert ", other pods app=x in away\n" in text
