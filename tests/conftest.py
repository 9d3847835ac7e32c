"""Groups of tests that need a part of the machine: what is missing is said, never hidden."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import hypothesis
import pytest

GOLDEN = Path(__file__).parent / "golden"
BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")

# `make nightly` takes the second; a deadline would only measure how busy the machine is.
hypothesis.settings.register_profile("change", deadline=None, print_blob=True)
hypothesis.settings.register_profile("nightly", deadline=None, print_blob=True, max_examples=2_000)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "change"))


@functools.cache
def no_engine() -> str:
    """Answer the reason why no container engine can be used, or nothing."""
    if not shutil.which("docker"):
        return "no docker"
    try:
        answer = subprocess.run(["docker", "version"], capture_output=True, timeout=5, check=False)
    except subprocess.TimeoutExpired:
        return "container engine does not answer"
    return "" if answer.returncode == 0 else "no container engine"


@functools.cache
def no_browser() -> str:
    """Answer the reason why no page can be drawn, or nothing."""
    missing = [] if os.environ.get("CHROMIUM") or any(map(shutil.which, BROWSERS)) else ["Chromium"]
    missing += [] if shutil.which("node") else ["Node"]
    return ", ".join(f"no {name}" for name in missing)


@functools.cache
def no_tools() -> str:
    """Answer which Kubernetes tools are missing, or nothing."""
    missing = [name for name in ("kustomize", "helm") if not shutil.which(name)]
    return ", ".join(f"no {name}" for name in missing)


NEEDS: dict[str, Callable[[], str]] = {"image": no_engine, "browser": no_browser, "tools": no_tools}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--rewrite-golden", action="store_true", help="write what came out into tests/golden"
    )


def pytest_configure() -> None:
    """Stop at once where REQUIRE names a group that this machine cannot run (T-6)."""
    required = [name.strip() for name in os.environ.get("REQUIRE", "").split(",") if name.strip()]
    for name in required:
        if name not in NEEDS:
            raise pytest.UsageError(f"REQUIRE={name}: the groups are {', '.join(NEEDS)}")
        if reason := NEEDS[name]():
            raise pytest.UsageError(f"REQUIRE={name}, but {reason}")


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name sets in order: workers must agree on the names of tests."""
    return f"{sorted(map(str, val))}" if isinstance(val, set | frozenset) else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip the groups whose part is missing, with the reason (T-5)."""
    for item in items:
        for name, reason_of in NEEDS.items():
            if item.get_closest_marker(name) and (reason := reason_of()):
                item.add_marker(pytest.mark.skip(reason=f"[{name}] {reason}"))


def not_run(reasons: list[str]) -> list[str]:
    """Say for each reason how many tests it kept from running: `2 [tools] no helm`."""
    return [f"{reasons.count(reason)} {reason}" for reason in sorted(set(reasons))]


def skip_reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    """Answer the bare reason of a skip."""
    where = report.longrepr
    text = where[2] if isinstance(where, tuple) else str(where)
    return text.removeprefix("Skipped: ")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Print the last line of a run: what did not run and why (T-6)."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None:
        return
    skipped = [skip_reason(report) for report in reporter.stats.get("skipped", [])]
    if skipped:
        reporter.write_line("not run: " + "; ".join(not_run(skipped)))


Golden = Callable[[str, str], None]


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """Compare a whole output with `tests/golden/NAME`, byte for byte; `make golden` rewrites it."""

    def compare(name: str, text: str) -> None:
        path = GOLDEN / name
        if request.config.getoption("--rewrite-golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode("utf-8"))
        assert path.is_file(), f"{path}: no such golden file; make golden writes it"
        assert text == path.read_bytes().decode("utf-8"), f"{path}: differs; see make golden"

    return compare
