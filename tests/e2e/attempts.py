"""What the sandboxed child tries inside the image, one attempt a line of T-21's list.

The image's own Python runs this file as root; a fork of it closes the box of `reviewer.worker` and
makes the attempts. Printed is one JSON object, name to `refused` or `allowed`.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import platform
import socket
import sys
from collections.abc import Callable
from pathlib import Path

from reviewer.worker import confine

X32_SOCKET = 0x40000000 | 41
NEW_USER, NEW_NETWORK = 0x10000000, 0x40000000
THREE_GIB = 3 * 2**30


def read_parent() -> None:
    """The environment of process 1, where the token is."""
    Path("/proc/1/environ").read_bytes()


def connect() -> None:
    """Any connection by TCP."""
    socket.create_connection(("127.0.0.1", 9), timeout=1)


def connect_engine() -> None:
    """The engine's socket, which the runner mounts."""
    with socket.socket(socket.AF_UNIX) as client:
        client.connect("/var/run/docker.sock")


def call_x32() -> None:
    """`socket` by the other numbering of amd64; elsewhere there is none."""
    if platform.machine() != "x86_64":
        raise PermissionError
    library = ctypes.CDLL(None, use_errno=True)
    library.syscall(ctypes.c_long(X32_SOCKET), 2, 1, 0)
    if ctypes.get_errno() == errno.EPERM:
        raise PermissionError


def write(place: str) -> None:
    """A file of one byte."""
    with open(place, "w", encoding="ascii") as file:
        file.write("x")


def new_namespace() -> None:
    """A network namespace of our own, by way of a user namespace."""
    if ctypes.CDLL(None, use_errno=True).unshare(NEW_USER | NEW_NETWORK):
        raise OSError(ctypes.get_errno(), "unshare")


ALLOWED = ("make a pair of sockets", "list the file commands", "read the event")
"""What is let: pairs need no network, and the runner's files hold no secret (T-20)."""
ATTEMPTS: dict[str, Callable[[], object]] = {
    "become root": lambda: os.setuid(0),
    "read the parent's environment": read_parent,
    "connect by TCP": connect,
    "connect to the engine": connect_engine,
    "call socket as x32": call_x32,
    "write the workspace": lambda: write("/github/workspace/x"),
    "write the packages": lambda: write(f"{sys.prefix}/x"),
    "write content to /tmp": lambda: write("/tmp/x"),
    "make a file where it stands": lambda: open("x", "x", encoding="ascii").close(),
    "make a namespace": new_namespace,
    "take three GiB": lambda: bytearray(THREE_GIB),
    "make a pair of sockets": socket.socketpair,
    "list the file commands": lambda: os.listdir("/github/file_commands"),
    "read the event": lambda: Path("/github/workflow/event.json").read_bytes(),
}


def attempt(action: Callable[[], object]) -> str:
    """Whether an attempt is let."""
    try:
        action()
    except (OSError, MemoryError):
        return "refused"
    return "allowed"


def main() -> None:
    """Fork, close the box, try, tell."""
    child = os.fork()
    if child:
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    confine(60)
    print(json.dumps({name: attempt(action) for name, action in ATTEMPTS.items()}))


if __name__ == "__main__":
    main()
