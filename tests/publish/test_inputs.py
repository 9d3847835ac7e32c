"""The inputs (section 4): one table, `INPUT_*` only, all mistakes together."""

from __future__ import annotations

import pytest

from reviewer.base.errors import UsageError
from reviewer.publish import INPUTS, read_inputs
from tests.github_double import TOKEN


def test_defaults() -> None:
    inputs = read_inputs({})
    assert (inputs.compare, inputs.fail_on, inputs.strict) == ("merge", "high", "changed")
    assert (inputs.comment, inputs.comment_key, inputs.check_run) == ("auto", "default", "auto")
    assert (inputs.annotations, inputs.summary, inputs.timeout) == (True, True, 300)
    assert (inputs.exposure, inputs.report_dir, inputs.paths) == ("auto", "netpol-reviewer", ())
    assert inputs.config == ".github/netpol-reviewer.yml"
    assert (inputs.github_token, inputs.base, inputs.head) == ("", "", "")


def test_an_equally_named_job_variable_changes_nothing() -> None:
    job = {"FAIL_ON": "never", "fail-on": "never", "INPUT_FAIL_ON": "never", "COMMENT": "never"}
    assert read_inputs(job) == read_inputs({})


def test_hyphens_stay_in_the_variable() -> None:
    assert read_inputs({"INPUT_FAIL-ON": "low"}).fail_on == "low"


def test_globs_come_one_a_line() -> None:
    inputs = read_inputs({"INPUT_PATHS": "k8s/**\n\n  !k8s/drafts/** \n"})
    assert inputs.paths == ("k8s/**", "!k8s/drafts/**")


def test_all_mistakes_are_told_together() -> None:
    with pytest.raises(UsageError) as caught:
        read_inputs(
            {
                "INPUT_FAIL-ON": "hgih",
                "INPUT_SUMMARY": "True",
                "INPUT_TIMEOUT": "0",
                "INPUT_BASE": "v1",
            }
        )
    told = caught.value.message.splitlines()
    assert [line.split(":")[0] for line in told] == [
        "input `fail-on`",
        "input `summary`",
        "input `timeout`",
    ]
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("COMMENT-KEY", "Prod"),
        ("COMMENT-KEY", "a" * 41),
        ("COMMENT-KEY", "x -->"),
        ("TIMEOUT", "21601"),
        ("TIMEOUT", "1e3"),
        ("REPORT-DIR", "../out"),
        ("REPORT-DIR", "/abs"),
        ("REPORT-DIR", "a//b"),
        ("CONFIG", "../../etc/passwd"),
        ("CONFIG", "a\nb"),
        ("ANNOTATIONS", "yes"),
        ("STRICT", "all"),
        ("BASE", "main"),
        ("GITHUB-TOKEN", f"{TOKEN} x"),
    ],
)
def test_wrong_values(name: str, value: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_inputs({f"INPUT_{name}": value})
    assert f"`{name.lower()}`" in caught.value.message
    assert TOKEN not in str(caught.value)


def test_each_input_has_one_row_and_a_meaning() -> None:
    names = [one.name for one in INPUTS]
    assert len(set(names)) == len(names)
    assert all(one.meaning.endswith((".", "`.")) for one in INPUTS)
