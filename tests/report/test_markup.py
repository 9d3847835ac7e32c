"""Untrusted text stays where it was put, whatever it is (G-28, P-24, G-26)."""

from __future__ import annotations

import html
import random
import re
import unicodedata

import cmarkgfm
import pytest
from cmarkgfm.cmark import Options

from reviewer.report.markup import (
    LABEL_LIMIT,
    SPAN_LIMIT,
    basic_plane,
    fence,
    label,
    middle,
    path_bytes,
    percent,
    safe,
    span,
)

HAND_PICKED = [
    "", " ", "`", "``", "a`b", "|", "a|b", "\\", "\\|", "a\\", "<script>", "</code>", "&amp;",
    "@octocat", "#1", "org/repo#1", "https://example.org", "www.example.org", "a@b.c", "GH-1",
    ":tada:", "$x$", "$`x`$", "*a*", "_a_", "~~a~~", "[a](b)", "![a](b)", "[x]: y", "<!-- x -->",
    "-->", "\r\n", "a\nb", "\n\n| a | b |\n|---|---|", "\u2028", "\u202e", "\u200b", "\ufeff",
    "\x1b[31m", "\x00", "\ud800", "e\u0301\u0301\u0301\u0301", "\u00a0", "```mermaid", "> [!NOTE]",
    "]]>", "a  b", " a ", "x" * 500, "\U0001f534", "{{ a }}", "%0A", "::error::x",
]  # fmt: skip


def strings(count: int) -> list[str]:
    """Hand-picked ones, then random ones over the characters that matter."""
    dice = random.Random(20)
    alphabet = [
        *"`|\\<>&@#$*_~[]()!:\"' \t\r\n-=+{}%abcXYZ019/.,;^",
        *"\u202e\u200b\u2028\u00a0\u0301\ue000\ud800é中\U0001f534",
        *("</td>", "<img src=x>", "http://a.b", "@x", "``", "||"),
    ]
    made = ["".join(dice.choices(alphabet, k=dice.randrange(1, 24))) for _ in range(count)]
    return HAND_PICKED + made


def to_html(text: str) -> str:
    extensions = ["table", "strikethrough", "autolink", "tagfilter"]
    made: str = cmarkgfm.markdown_to_html_with_extensions(
        text, options=Options.CMARK_OPT_UNSAFE, extensions=extensions
    )
    return made


def shown(text: str) -> str:
    """What a span says of a text, by the words of G-28 and in another way than the code's."""
    out, marks = [], 0
    for character in unicodedata.normalize("NFC", text) or "⟨empty⟩":
        kind = unicodedata.category(character)
        marks = marks + 1 if kind[0] == "M" else 0
        hidden = kind in {"Cc", "Cf", "Cs", "Co"} or (kind[0] == "Z" and character != " ")
        escaped = hidden or marks > 2 or character in "`|\\<>&"
        out.append(f"⟨U+{ord(character):04X}⟩" if escaped else character)
    return "".join(out)


def test_20_000_strings_stay_in_their_cell() -> None:
    """G-28: one span, the same number of cells, no link, no element of theirs."""
    found = strings(20_000)
    for start in range(0, len(found), 500):
        batch = found[start : start + 500]
        rows = "\n".join(f"| {span(each)} | x |" for each in batch)
        page = to_html(f"| a | b |\n| :-- | :-- |\n{rows}\n")
        cells = re.findall(r"<td[^>]*>(.*?)</td>", page, re.DOTALL)
        assert len(cells) == 2 * len(batch)
        assert set(cells[1::2]) == {"x"}
        for text, cell in zip(batch, cells[::2], strict=True):
            inside = re.fullmatch(r"<code>([^<]*)</code>", cell)
            assert inside, (text, cell)
            said = html.unescape(inside[1])
            assert len(said) <= SPAN_LIMIT
            whole = shown(text)
            if len(whole) <= SPAN_LIMIT and text == text.strip(" "):
                assert said == whole
        assert "<a " not in page
        assert "<img" not in page


@pytest.mark.parametrize("text", HAND_PICKED)
def test_a_span_is_one_line_of_safe_characters(text: str) -> None:
    made = span(text)
    assert made.count("`") == 2
    assert made[0] == made[-1] == "`"
    assert not set(made) & set("\r\n|\\<>&")
    made.encode()


def test_fences_cannot_be_closed_from_inside() -> None:
    """G-28: longer than any run of backticks inside."""
    made = fence("a\n````\n```\u202e", "yaml")
    assert made.splitlines() == ["`````yaml", "a", "````", "```⟨U+202E⟩", "`````"]


def test_terminal_text_moves_no_cursor() -> None:
    """P-24."""
    text = safe("a\x1b[2J\r\n\u202eb\u2028\x9b\ud800é 中")
    assert text == "a⟨U+001B⟩[2J⟨U+000D⟩⟨U+000A⟩⟨U+202E⟩b⟨U+2028⟩⟨U+009B⟩⟨U+D800⟩é 中"


def test_labels_hold_only_what_mermaid_takes() -> None:
    """G-26."""
    for text in strings(2_000):
        made = label(text)
        assert re.fullmatch(r"(?:[A-Za-z0-9 ,.:/()_-]|#\d+;)*", made)
        assert len(re.sub(r"#\d+;", "x", made)) <= 8 * LABEL_LIMIT
    assert label('a"<b>') == "a#34;#60;b#62;"
    assert label("x" * 99) == "x" * 29 + "#8230;" + "x" * 30


def test_paths_are_encoded_byte_by_byte() -> None:
    """G-25."""
    assert percent("k8s/a b/ü(1)#?.yaml") == "k8s/a%20b/%C3%BC%281%29%23%3F.yaml"
    assert percent("a\udcff") == "a%FF"
    assert path_bytes("\ud800") == b"\xed\xa0\x80"


def test_the_middle_is_cut() -> None:
    assert middle("a" * 10 + "b" * 10, 11) == "aaaaa…bbbbb"
    assert middle("short", 11) == "short"


def test_check_runs_hold_the_basic_plane_alone() -> None:
    """G-30."""
    assert basic_plane("a\U0001f534⚪") == "a⟨U+1F534⟩⚪"
