"""Runs one program of ours with nothing of ours: bytes in, bytes out, bounded in time and size.

The program gets an empty environment, a folder it cannot write, and three pipes (G-42). What it
does to itself after that is its own business (`worker.py`).
"""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

_CHUNK = 2**16
_COMPLAINT_BYTES = 2**16


class End(Enum):
    """How a child ended."""

    ANSWERED = "answered"
    FAILED = "failed"
    TOO_LATE = "too late"
    TOO_LONG = "too long"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back: standard output, the beginning of standard error, and how it ended.

    `code` is the exit code, negative for the signal that ended it.
    """

    end: End
    code: int
    output: bytes
    complaints: bytes


def run_child(
    command: Sequence[str],
    question: bytes,
    *,
    seconds: float,
    limit: int,
    started: Callable[[int], None],
) -> Answer:
    """Start a program, feed it, and read what it says until it ends or runs over.

    `started` is told its process id, which is also its group's.
    """
    process = subprocess.Popen(
        command,
        env={},
        cwd="/",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    started(process.pid)
    exchange = _Exchange(process, question, limit)
    with process:
        try:
            end = exchange.run(time.monotonic() + seconds)
            code = process.wait(5) if end is End.ANSWERED else 0
        except subprocess.TimeoutExpired:
            end, code = End.TOO_LATE, 0
        finally:
            end_group(process.pid)
        code = code or process.wait()
    if end is End.ANSWERED and code:
        end = End.FAILED
    return Answer(
        end=end, code=code, output=bytes(exchange.output), complaints=bytes(exchange.complaints)
    )


def end_group(group: int) -> None:
    """Kill a child and whatever it started; one that is gone already is fine."""
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


class _Exchange:
    """The three pipes of one child, served as they become ready."""

    def __init__(self, process: subprocess.Popen[bytes], question: bytes, limit: int) -> None:
        self._process = process
        self._left = memoryview(question)
        self._limit = limit
        self.output = bytearray()
        self.complaints = bytearray()

    def run(self, deadline: float) -> End:
        """Serve the pipes until the child closed its own, the time is over, or it said too much."""
        pipes = (self._process.stdin, self._process.stdout, self._process.stderr)
        with selectors.DefaultSelector() as selector:
            for pipe, act in zip(pipes, (self._feed, self._hear, self._note), strict=True):
                if pipe is None:
                    raise AssertionError("all three were asked for")
                os.set_blocking(pipe.fileno(), False)
                wanted = selectors.EVENT_WRITE if act == self._feed else selectors.EVENT_READ
                selector.register(pipe, wanted, act)
            while selector.get_map():
                left = deadline - time.monotonic()
                if left <= 0:
                    return End.TOO_LATE
                for key, _ in selector.select(left):
                    if key.data(key.fd):
                        selector.unregister(key.fileobj)
                        key.fileobj.close()  # type: ignore[union-attr]  # a pipe, never a number
                if len(self.output) > self._limit:
                    return End.TOO_LONG
        return End.ANSWERED

    def _feed(self, handle: int) -> bool:
        try:
            self._left = self._left[os.write(handle, self._left[:_CHUNK]) :]
        except BrokenPipeError:
            return True  # it needs no more; what it made of the rest is seen in its answer
        return not self._left

    def _hear(self, handle: int) -> bool:
        chunk = os.read(handle, _CHUNK)
        self.output += chunk
        return not chunk

    def _note(self, handle: int) -> bool:
        chunk = os.read(handle, _CHUNK)
        self.complaints += chunk[: _COMPLAINT_BYTES - len(self.complaints)]
        return not chunk
