"""A child with three pipes and nothing else, bounded in time and size (G-42)."""

from __future__ import annotations

import os
import sys
import time

import pytest

from reviewer.sources.child import Answer, End, end_group, run_child


def run(code: str, question: bytes = b"", *, seconds: float = 20, limit: int = 10**6) -> Answer:
    """Run a few lines of Python as a child."""
    return run_child(
        [sys.executable, "-I", "-c", f"import os, sys, time\n{code}"],
        question,
        seconds=seconds,
        limit=limit,
        started=lambda _: None,
    )


def test_bytes_in_and_bytes_out() -> None:
    question = os.urandom(3_000_000)
    answer = run("sys.stdout.buffer.write(sys.stdin.buffer.read())", question, limit=10**7)
    assert (answer.end, answer.code, answer.output) == (End.ANSWERED, 0, question)


def test_it_has_no_environment_and_no_files_of_ours() -> None:
    handle = os.open(os.devnull, os.O_RDONLY)
    os.set_inheritable(handle, True)
    answer = run(
        "print(sorted(os.environ), os.getcwd(), sorted(map(int, os.listdir('/proc/self/fd')))[:-1])"
    )
    os.close(handle)
    # Python itself sets LC_CTYPE where there is no locale.
    assert answer.output in (b"['LC_CTYPE'] / [0, 1, 2]\n", b"[] / [0, 1, 2]\n")


def test_a_child_that_fails() -> None:
    answer = run("sys.stderr.write('why'); sys.exit(7)")
    assert (answer.end, answer.code, answer.complaints) == (End.FAILED, 7, b"why")


def test_a_child_that_is_killed() -> None:
    answer = run("os.kill(os.getpid(), 11)")
    assert (answer.end, answer.code) == (End.FAILED, -11)


@pytest.mark.parametrize(
    "code",
    [
        "time.sleep(60)",
        "sys.stdout.close(); sys.stderr.close(); sys.stdin.close(); time.sleep(60)",
        "os.fork() or time.sleep(60)",
    ],
    ids=["silent", "closed its pipes", "left a child behind"],
)
def test_a_child_that_takes_too_long(code: str) -> None:
    began = time.monotonic()
    answer = run(code, seconds=0.7)
    assert answer.end is End.TOO_LATE
    assert time.monotonic() - began < 15


def test_a_child_that_says_too_much() -> None:
    answer = run("while True: print('x' * 1000)", limit=10_000)
    assert answer.end is End.TOO_LONG


def test_a_child_that_does_not_listen() -> None:
    answer = run("sys.stdin.close(); print('done')", b"x" * 10**6)
    assert (answer.end, answer.output) == (End.ANSWERED, b"done\n")


def test_complaints_are_kept_to_a_bound() -> None:
    answer = run("sys.stderr.write('x' * 10**6)")
    assert len(answer.complaints) == 2**16


def test_its_group_is_told_and_can_be_ended() -> None:
    told: list[int] = []

    def started(group: int) -> None:
        told.append(group)
        end_group(group)

    answer = run_child([sys.executable, "-c", "input()"], b"", seconds=20, limit=9, started=started)
    assert (answer.end, answer.code) == (End.FAILED, -9)
    end_group(told[0])
