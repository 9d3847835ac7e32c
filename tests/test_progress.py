"""The progress line: on a terminal, after a second, gone before the result (P-25, P-26)."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys

# What a command does, at a pace of its own: a stage, a count, some work.
WORK = """
import argparse, sys, time
from reviewer import terminal
args = argparse.Namespace(quiet="-q" in sys.argv, verbose=sys.argv.count("-v"))
terminal.log_as_asked(args)
with terminal.progress(args) as tell:
    tell("reading ba\\x1bse", 0)
    tell("reading ba\\x1bse", 1204)
    time.sleep(float(sys.argv[1]))
    tell("comparing", 0)
print("rich" in sys.modules, flush=True)
"""
LONG, SHORT = "1.6", "0.1"
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\r")


def begin(*words: str, **environment: str) -> tuple[subprocess.Popen[bytes], int]:
    """The work with a terminal for its standard error."""
    ours, theirs = pty.openpty()
    known = {k: v for k, v in os.environ.items() if k != "CI"}
    child = subprocess.Popen(
        [sys.executable, "-c", WORK, *words],
        stdout=subprocess.PIPE,
        stderr=theirs,
        env={**known, "TERM": "xterm", "COLUMNS": "80", **environment},
    )
    os.close(theirs)
    return child, ours


def end(started: tuple[subprocess.Popen[bytes], int]) -> tuple[str, str]:
    """What it printed, and all that its terminal was sent."""
    child, ours = started
    out = child.communicate(timeout=60)[0].decode().strip()
    seen = b""
    while True:
        try:
            more = os.read(ours, 65536)
        except OSError:  # the other end is closed: how a terminal says that there is no more
            break
        if not more:
            break
        seen += more
    os.close(ours)
    assert child.returncode == 0, seen
    return out, seen.decode()


def test_a_line_with_stage_and_count_that_is_erased() -> None:
    """P-25, P-24: a name cannot move the cursor; nothing is left of the line at the end."""
    started = {
        "long": begin(LONG),
        "short": begin(SHORT),
        "quiet": begin(LONG, "-q"),
        "verbose": begin(LONG, "-v"),
        "CI": begin(LONG, CI="true"),
    }
    told = {name: end(each) for name, each in started.items()}
    loaded, seen = told["long"]
    assert loaded == "True"
    assert "reading ba⟨U+001B⟩se: 1,204 files" in seen
    assert CONTROL.sub("", seen).count("files") <= 16, "more than ten times a second"
    last = seen.rsplit("\x1b[2K", 1)
    assert len(last) == 2, "the line is erased"
    assert CONTROL.sub("", last[1]).strip() == ""
    assert told["short"] == told["quiet"] == told["CI"] == ("False", "")
    loaded, seen = told["verbose"]
    assert loaded == "False"
    assert [line.split(" (")[0] for line in seen.splitlines()] == [
        "INFO reviewer.terminal: reading ba⟨U+001B⟩se",
        "INFO reviewer.terminal: comparing",
    ]
