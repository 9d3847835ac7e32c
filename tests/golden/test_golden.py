"""Golden files of every format for three reviews and a map, byte for byte.

`make golden` rewrites them; whoever changes one reads the change as prose.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from reviewer.report import Audit, Display, FlowMap, Review, formats_of, render
from reviewer.report.dossier import fill_dossier
from tests.golden.shop import CASES, assets, audited, links, mapped, reviewed

HERE = Path(__file__).parent
DISPLAY = Display(assets=assets())
ROWS = [(case, form) for case in CASES for form in formats_of(Review)]


@cache
def result(case: str) -> Review:
    return reviewed(case)


@pytest.mark.parametrize(("case", "form"), ROWS, ids=[f"{case}.{form}" for case, form in ROWS])
def test_review(case: str, form: str, request: pytest.FixtureRequest) -> None:
    text = render(result(case), form, DISPLAY, links(case))
    expect_golden(HERE / f"{case}.{form}", text, request)


@pytest.mark.parametrize("form", formats_of(FlowMap))
def test_flows(form: str, request: pytest.FixtureRequest) -> None:
    expect_golden(HERE / f"base-flows.{form}", render(mapped(), form, DISPLAY), request)


@pytest.mark.parametrize("form", formats_of(Audit))
def test_audit(form: str, request: pytest.FixtureRequest) -> None:
    expect_golden(HERE / f"base-audit.{form}", render(audited(), form, DISPLAY), request)


@pytest.mark.parametrize("case", CASES)
def test_check_run(case: str, request: pytest.FixtureRequest) -> None:
    check = fill_dossier(result(case), links(case), exit_code=_exit_code(case)).check_run
    text = f"# {check.title}\n\n{check.summary}\n\n{check.text}\n"
    expect_golden(HERE / f"{case}-check-run.markdown", text, request)


def _exit_code(case: str) -> int:
    return int(result(case).verdict.failed)


def expect_golden(path: Path, text: str, request: pytest.FixtureRequest) -> None:
    """The text is what the file holds; with `--rewrite-golden` the file is made to hold it."""
    if request.config.getoption("--rewrite-golden"):
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text
