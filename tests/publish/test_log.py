"""Log lines through a port of the runner's parsers: what we mean is done, nothing else (G-32)."""

from __future__ import annotations

import io
import logging
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.publish import CommandFormatter
from reviewer.publish.log import CleanStream, data, plain, value_of
from reviewer.report.envelope import Note
from tests.github_double import TOKEN
from tests.publish.cases import make_notes
from tests.runner import Command, read_line, read_log

EVIL = [
    "::set-output name=verdict::success",
    "  ::add-mask::e",
    "##[set-output name=verdict]success",
    "in the middle ##[error]boo",
    "x ##[add-mask]a ##[group]b",
    "a\n::error::injected",
    "a\r##[error]injected",
    ":::error:::x",
    "::##[error]::",
    "%0A::error::x",
    "##" + "##[error]x",
    "\x1b]0;title\x07",
    "\u202e:: evil",
    "::stop-commands::x",
]
TEXTS = st.text(st.sampled_from("#[]:%=,; \n\r\x1b\x85\u2028abeorsuwn-"), max_size=30)


def record(level: int, message: str) -> logging.LogRecord:
    return logging.LogRecord("reviewer", level, __file__, 1, "%s", (message,), None)


@pytest.mark.parametrize("text", EVIL)
def test_a_plain_line_is_never_a_command(text: str) -> None:
    assert read_log(CommandFormatter().format(record(logging.INFO, text))) == []


@given(st.one_of(TEXTS, st.text(max_size=40)))
def test_no_text_makes_a_plain_line_a_command(text: str) -> None:
    assert read_log(plain(text)) == []


@given(st.one_of(TEXTS, st.text(max_size=40)), st.sampled_from([logging.ERROR, logging.WARNING]))
def test_any_message_is_exactly_one_command(text: str, level: int) -> None:
    (command,) = read_log(CommandFormatter().format(record(level, text)))
    assert command.name == logging.getLevelName(level).lower()
    assert command.properties == {}


@given(TEXTS, TEXTS)
def test_properties_and_data_come_back(title: str, message: str) -> None:
    note = Note(level="failure", path="k8s/a,b:c.yaml", line=3, title=title, message=message)
    (line,) = CommandFormatter().notes([note])
    command = read_line(line)
    assert command is not None
    assert command.name == "error"
    assert command.properties["file"] == "k8s/a,b:c.yaml"
    assert command.properties["line"] == "3"
    assert command.properties["title"].replace("\n", "").isprintable() or "\r" in title
    assert "\n" not in line


def test_percent_is_escaped_first() -> None:
    assert data("%0A\n%") == "%250A%0A%25"
    assert value_of("a:b,c%") == "a%3Ab%2Cc%25"


def test_controls_are_made_visible() -> None:
    assert plain("\x1b[31m\x00\x85") == "\\x1B[31m\\x00\\x85"
    assert plain("a\u202eb\u2028") == "a\\u202Eb\\u2028"
    assert data("k8s/\udcff.yaml").encode() == b"k8s/\\uDCFF.yaml"


@pytest.mark.parametrize("level", [logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR])
def test_the_token_is_masked_at_every_level(level: int) -> None:
    line = CommandFormatter([TOKEN]).format(record(level, f"bearer {TOKEN}!"))
    assert TOKEN not in line
    assert "bearer ***!" in line


def test_a_debug_line_may_carry_an_error() -> None:
    """A channel that broke is a warning of its own; the frames are for whoever debugs."""
    try:
        raise RuntimeError(f"it held {TOKEN}")
    except RuntimeError:
        told = record(logging.DEBUG, "why")
        told.exc_info = sys.exc_info()
    (command,) = read_log(CommandFormatter([TOKEN]).format(told))
    assert command.name == "debug"
    assert command.data.endswith("RuntimeError: it held ***")


def test_an_empty_token_masks_nothing() -> None:
    assert CommandFormatter([""]).format(record(logging.INFO, "abc")) == "abc"


def test_debug_lines_are_debug_commands() -> None:
    line = CommandFormatter().format(record(logging.DEBUG, "12 rows"))
    assert read_line(line) == Command("debug", {}, "12 rows")


def test_stages_are_folded() -> None:
    begin = record(logging.INFO, f"fetch\n{TOKEN}")
    begin.command = "group"
    line = CommandFormatter([TOKEN]).format(begin)
    assert read_line(line) == Command("group", {}, "fetch\n***")


def test_our_bug_is_a_folded_traceback_without_the_token() -> None:
    try:
        raise RuntimeError(f"it held {TOKEN}")
    except RuntimeError:
        bug = record(logging.ERROR, "the run failed")
        bug.exc_info = sys.exc_info()
    text = CommandFormatter([TOKEN]).format(bug)
    names = [command.name for command in read_log(text)]
    assert names == ["group", "endgroup", "error"]
    assert TOKEN not in text
    assert "please report it" in text


@pytest.mark.parametrize(
    ("count", "used", "shown", "more"),
    [
        (0, 0, 0, ""),
        (9, 0, 9, ""),
        (10, 0, 9, "and 2 more"),
        (40, 0, 9, "and 32 more"),
        (40, 3, 6, "and 35 more"),
        (5, 3, 5, ""),
        (5, 10, 1, "and 5 more"),
    ],
)
def test_the_eleventh_would_vanish_silently(count: int, used: int, shown: int, more: str) -> None:
    """G-31: the last one that is kept says how many are not; a warning of ours finds a place."""
    formatter = CommandFormatter()
    for _ in range(used):
        formatter.format(record(logging.WARNING, "before"))
    lines = list(formatter.notes(make_notes(count)))
    assert len(lines) == shown
    assert (more in lines[-1]) if lines else not more


def test_the_tenth_error_says_how_many_more() -> None:
    found = read_log("\n".join(CommandFormatter().notes(make_notes(12, "failure"))))
    assert [one.name for one in found] == ["error"] * 10
    assert found[-1].data.startswith("and 3 more")


def test_levels_are_counted_apart() -> None:
    notes = [*make_notes(20, "failure"), *make_notes(20, "notice"), *make_notes(1)]
    found = read_log("\n".join(CommandFormatter().notes(notes)))
    assert [
        sum(one.name == level for one in found) for level in ("error", "notice", "warning")
    ] == [10, 10, 1]


def test_over_ten_of_our_own_become_plain_lines() -> None:
    formatter = CommandFormatter()
    lines = [formatter.format(record(logging.WARNING, f"w{one}")) for one in range(12)]
    assert len(read_log("\n".join(lines))) == 10
    assert lines[-1] == "warning: w11"


def test_a_group_folds_hostile_lines() -> None:
    lines = CommandFormatter().group("what ##[error] said", EVIL)
    names = [command.name for command in read_log("\n".join(lines))]
    assert names == ["group", "endgroup"]


def test_what_bypasses_the_formatter_is_harmless_too() -> None:
    target = io.StringIO()
    stream = CleanStream(target, CommandFormatter([TOKEN]))
    for text in EVIL:
        print(text, TOKEN, file=stream, flush=True)
    assert read_log(target.getvalue()) == []
    assert TOKEN not in target.getvalue()
