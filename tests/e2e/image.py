"""Build the container and try it as the runner would (T-14): `make image`.

One line a step: `ok`, `skip` with its reason, or `FAIL` with what was found. The last line is what
the caller looks at: `skipped: REASON` where nothing could be done. With `REQUIRE=image` a missing
engine or base is a failure. `--base NAME` builds on another base image.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.conftest import no_engine
from tests.e2e import engine
from tests.e2e.engine import SkipStep, StepError, in_image
from tests.e2e.git_over_https import make_certificate, served_by_https
from tests.e2e.steps import check_action, check_box, check_signals, check_situations
from tests.git_repository import GitRepository
from tests.github_double import GitHubDouble

MEGABYTES = 80
FIRST_OUTPUT_SECONDS = 1.0
STARTS = 10

GIT = """
export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null GIT_TERMINAL_PROMPT=0
git init --quiet --bare /tmp/try
cd /tmp/try
git -c fetch.fsckObjects=true fetch --quiet --no-tags --no-write-fetch-head --depth=2 \
  --filter=blob:none "$URL" "$HEAD" >&2
git rev-parse --verify --end-of-options "$HEAD^1"
git ls-tree -r -z --full-tree "$HEAD" | tr '\\0' '\\n'
git fetch --quiet --no-tags --no-write-fetch-head --depth=1 "$URL" "$HEAD" >&2
echo "$HEAD:a.yaml" | git cat-file --batch
"""
CONTENT = """
cd /opt/reviewer
echo "py $(find lib -name '*.py' | wc -l)"
echo "pyc $(find lib -name '*.pyc' | wc -l)"
echo "foreign $(find . ! -user 0 | wc -l)"
echo "writable $(find . /usr/bin/git /usr/lib/git-core ! -type l -perm /022 | wc -l)"
echo "tests $(find lib -type d -name tests | wc -l)"
echo "perl $(ls -d /usr/share/perl /usr/share/git-core/contrib 2>/dev/null | wc -l)"
"""


def check_size() -> str:
    """At most 80 MB through gzip (G-41)."""
    size = engine.compressed_size() / 1e6
    if size > MEGABYTES:
        raise StepError(f"{size:.1f} MB compressed, the bound is {MEGABYTES}")
    return f"{size:.1f} MB compressed"


def check_content() -> str:
    """Bytecode beside every file, all of it root's and writable by nobody else."""
    told = dict(line.split() for line in in_image(CONTENT).splitlines())
    wrong = [name for name in ("foreign", "writable", "tests", "perl") if told[name] != "0"]
    if told["py"] != told["pyc"]:
        wrong.append("pyc")
    if wrong:
        raise StepError(f"{', '.join(wrong)}: {told}")
    return f"{told['pyc']} compiled files for {told['py']}, root's alone"


def check_git() -> str:
    """The plumbing of G-11, by http and https, for what a look at the libraries does not show."""
    with tempfile.TemporaryDirectory() as folder, GitHubDouble() as github:
        root = Path(folder)
        github.git_root = root
        repository = GitRepository(root, github.repository)
        first = repository.commit({"a.yaml": "kind: Pod\n"})
        second = repository.commit({"a.yaml": "kind: Pod\nmetadata: {name: a}\n"}, [first])
        repository.ref("refs/heads/main", second)
        expected = f"{first}\n100644 blob "
        certificate, key = make_certificate(root)
        with served_by_https(github.url, certificate, key) as secure:
            for url, trust in ((github.url, ""), (secure, "/authority.pem"), (secure, "")):
                told = try_git(f"{url}/{github.repository}.git", second, certificate, trust)
                refused = url == secure and not trust
                if told.startswith(expected) == refused:
                    raise StepError(f"{url} {trust or 'without its authority'}: {told}")
    return "init, fetch, rev-parse, ls-tree, cat-file by http and https; no trust without cause"


def try_git(url: str, head: str, certificate: Path, trust: str) -> str:
    """What the commands print, or why they failed."""
    variables = {"URL": url, "HEAD": head, "GIT_SSL_CAINFO": trust}
    flags = [
        part for name, value in variables.items() if value for part in ("-e", f"{name}={value}")
    ]
    flags += ["--network", "host", "-v", f"{certificate}:/authority.pem:ro"]
    try:
        return in_image(GIT, *flags)
    except StepError as error:
        return str(error)


def check_start() -> str:
    """The first output within a second (G-41)."""
    times = [engine.first_output("--version") for _ in range(STARTS)]
    median = statistics.median(times)
    if median > FIRST_OUTPUT_SECONDS:
        raise StepError(f"first output after {median:.2f} s, the bound is {FIRST_OUTPUT_SECONDS} s")
    return f"first output after {median:.2f} s (median of {STARTS}, most {max(times):.2f})"


STEPS: Mapping[str, Callable[[], str]] = {
    "size": check_size,
    "content": check_content,
    "git": check_git,
    "start": check_start,
    "action": check_action,
    "ends": check_situations,
    "box": check_box,
    "signals": check_signals,
}


def say(word: str, step: str, text: str) -> None:
    """Print the line of a step."""
    print(f"{word:4} {step:8} {text}", flush=True)


def main() -> int:
    """Do every step; 1 if one failed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--base", help="base image (default: the pinned one, else a stand-in)")
    base = parser.parse_args().base
    required = "image" in os.environ.get("REQUIRE", "").split(",")
    if no_engine():
        print("skipped: no container engine (DOCKER_HOST or /var/run/docker.sock)")
        return int(required)
    try:
        base = base or engine.find_base()
        say("ok", "base", base if "@" in base else f"{base}, a stand-in for the pinned one")
        say("ok", "build", f"{engine.build(base):.0f} s")
    except SkipStep as reason:
        print(f"skipped: {reason}")
        return int(required)
    except StepError as error:
        say("FAIL", "build", str(error))
        return 1
    well = [one_step(name, step) for name, step in STEPS.items()]  # every step, whatever failed
    return int(not all(well))


def one_step(name: str, step: Callable[[], str]) -> bool:
    """Do a step and print its line; whether it is well."""
    try:
        say("ok", name, step())
    except SkipStep as reason:
        say("skip", name, str(reason))
    except StepError as error:
        say("FAIL", name, str(error))
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
