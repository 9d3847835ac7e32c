"""A container engine as the image's tests use it: one client, one image, bounded waits."""

from __future__ import annotations

import re
import subprocess
import time
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO

TOP = Path(__file__).resolve().parents[2]
TAG = "netpol-reviewer:test"
BUILD_SECONDS = 600
PULL_SECONDS = 180
CHUNK = 1 << 20
GZIP = 31  # zlib's number for a gzip stream


class StepError(Exception):
    """A step did not end as it must; the message is its line."""


class SkipStep(Exception):
    """A step cannot be done here; the message is the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """How a command in the container ended."""

    code: int
    out: str
    err: str


def docker(*arguments: str, seconds: float = 60) -> Done:
    """Run the client; a command that takes too long is an error."""
    try:
        done = subprocess.run(
            ["docker", *arguments],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise StepError(f"docker {arguments[0]} took more than {seconds:g} s") from error
    return Done(code=done.returncode, out=done.stdout, err=done.stderr)


def in_image(script: str, *flags: str, seconds: float = 60) -> str:
    """Run a shell script in the image; what it prints. A failure is an error."""
    done = docker(
        "run", "--rm", *flags, "--entrypoint", "/bin/sh", TAG, "-euc", script, seconds=seconds
    )
    if done.code:
        raise StepError(f"in the image, exit {done.code}: {(done.err or done.out).strip()}")
    return done.out


def pinned_base() -> str:
    """The base image as the Dockerfile names it, with its digest."""
    text = (TOP / "Dockerfile").read_text(encoding="utf-8")
    found = re.search(r"^ARG BASE=(\S+)$", text, re.MULTILINE)
    if found is None:
        raise StepError("Dockerfile: no line ARG BASE=…")
    return found[1]


def find_base() -> str:
    """The base to build on: the pinned one, else a stand-in of the same name."""
    pinned = pinned_base()
    if docker("image", "inspect", pinned).code == 0:
        return pinned
    stand_in = pinned.partition("@")[0]
    if docker("image", "inspect", stand_in).code == 0:
        return stand_in
    if docker("pull", "--quiet", pinned, seconds=PULL_SECONDS).code == 0:
        return pinned
    raise SkipStep("no base image")


def build(base: str) -> float:
    """Build the image on a base; seconds it took."""
    started = time.perf_counter()
    done = docker(
        "build", "--tag", TAG, "--build-arg", f"BASE={base}", str(TOP), seconds=BUILD_SECONDS
    )
    if done.code:
        tail = "\n".join((done.out + done.err).splitlines()[-30:])
        raise StepError(f"the build failed:\n{tail}")
    return time.perf_counter() - started


def compressed_size() -> int:
    """Bytes of the saved image through gzip at its default level."""
    size = 0
    pack = zlib.compressobj(level=6, wbits=GZIP)
    with subprocess.Popen(["docker", "save", TAG], stdout=subprocess.PIPE) as process:
        for part in chunks(process.stdout):
            size += len(pack.compress(part))
    if process.returncode:
        raise StepError("docker save failed")
    return size + len(pack.flush())


def chunks(stream: IO[bytes] | None) -> list[bytes] | map[bytes]:
    """What a stream gives, piece by piece."""
    if stream is None:
        return []
    read = stream.read
    return map(bytes, iter(lambda: read(CHUNK), b""))


def first_output(*command: str) -> float:
    """Seconds from starting the container to the first byte it prints."""
    started = time.perf_counter()
    with subprocess.Popen(
        ["docker", "run", "--rm", TAG, *command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        stream = process.stdout
        got = stream.read(1) if stream else b""
        seconds = time.perf_counter() - started
    if not got:
        raise StepError(f"{' '.join(command)} printed nothing, exit {process.returncode}")
    return seconds
