"""The workflows we show and the ones we run: events, permissions, pins, and what is said beside
them (G-1 to G-3, G-35, G-36, G-41). That zizmor passes is held by `make lint` and by
test_documentation.py."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from reviewer.publish.event import EVENTS
from tests.repository.markdown import blocks, pages
from tests.repository.tree import TOP, tracked

Workflow = dict[Any, Any]
ON = True
"""The key `on` is the boolean true to YAML 1.1."""
PLACEHOLDER = "COMMIT"
PINNED = re.compile(r"uses: [\w.-]+/[\w./-]+@([0-9a-f]{40}|COMMIT) # v\d+(\.\d+\.\d+)?$")
OURS = "OWNER/netpol-reviewer@COMMIT"
NEEDED = {"contents": "read", "pull-requests": "write"}


def words(page: str) -> str:
    """A page's text on one line, without marks of emphasis and links' addresses."""
    text = (TOP / page).read_text(encoding="utf-8")
    text = re.sub(r"\]\([^)]*\)", "]", text)
    return " ".join(re.sub(r"[*`\[\]]", "", text).split())


def samples() -> Iterator[tuple[str, str]]:
    """Name and text of every workflow in our pages."""
    for page in pages():
        for block in blocks(page):
            if block.language == "yaml" and "\njobs:\n" in block.text:
                yield block.name, block.text


SAMPLES = dict(samples())
OWN = {
    name: (TOP / name).read_text(encoding="utf-8")
    for name in tracked()
    if name.startswith(".github/workflows/")
}
ALL = SAMPLES | OWN


def jobs(text: str) -> list[Workflow]:
    return list(yaml.safe_load(text)["jobs"].values())


def steps(text: str) -> list[Workflow]:
    return [step for job in jobs(text) for step in job["steps"]]


def privileged() -> dict[str, str]:
    """The samples that run with the default branch's token on a stranger's pull request."""
    return {
        name: text
        for name, text in SAMPLES.items()
        if "pull_request_target" in yaml.safe_load(text)[ON]
    }


def test_there_are_samples_of_both_kinds() -> None:
    assert len(SAMPLES) >= 3
    assert len(privileged()) == 1
    assert len(OWN) == 3


# --- what all of them have ----------------------------------------------------------------------


@pytest.mark.parametrize("name", ALL)
def test_permissions_are_taken_away_and_given_by_job(name: str) -> None:
    """G-3: nothing at the top, and each job names what it needs."""
    workflow = yaml.safe_load(ALL[name])
    assert workflow["permissions"] == {}
    assert all(job["permissions"] for job in jobs(ALL[name]))
    assert all("timeout-minutes" in job for job in jobs(ALL[name]))
    assert "concurrency" in workflow


@pytest.mark.parametrize("name", ALL)
def test_every_action_is_pinned_by_commit(name: str) -> None:
    """G-3: with its version beside it; a sample leaves the commit to the reader."""
    lines = [one.strip().removeprefix("- ") for one in ALL[name].splitlines() if "uses:" in one]
    foreign = [line for line in lines if not line.startswith("uses: ./")]
    assert [line for line in foreign if not PINNED.match(line)] == []
    assert [line for line in foreign if (PLACEHOLDER in line) != (name in SAMPLES)] == []


@pytest.mark.parametrize("name", ALL)
def test_no_untrusted_text_becomes_a_script(name: str) -> None:
    """G-3: expressions reach a script by its environment alone."""
    for step in steps(ALL[name]):
        assert "${{" not in step.get("run", "")


def test_each_ignore_carries_its_reason() -> None:
    """G-3: one in the samples, for the dangerous trigger of G-2."""
    found = {
        name: re.findall(r"zizmor: ignore\[([a-z-]+)\] ?(.*)", text) for name, text in ALL.items()
    }
    in_samples = [one for name in SAMPLES for one in found[name]]
    assert [rule for rule, _ in in_samples] == ["dangerous-triggers"]
    assert in_samples[0][1] == "nothing of the change is checked out or run"
    for name, text in OWN.items():
        lines = text.splitlines()
        for at, line in enumerate(lines):
            if "zizmor: ignore" in line:
                assert lines[at - 1].strip().startswith("# "), f"{name}:{at} has no reason above"


# --- the samples --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_checks_nothing_out_and_asks_for_no_more_than_it_needs(name: str) -> None:
    """G-1, G-2, section 10."""
    text = SAMPLES[name]
    for job in jobs(text):
        assert job["permissions"].items() <= NEEDED.items()
    assert not [step for step in steps(text) if "checkout" in step.get("uses", "")]
    assert not [step for step in steps(text) if "run" in step]
    assert len([step for step in steps(text) if step.get("uses") == OURS]) == 1
    for events in yaml.safe_load(text)[ON].values():
        assert not {"paths", "paths-ignore"} & set(events or {})
    assert set(yaml.safe_load(text)[ON]) <= set(EVENTS)


@pytest.mark.parametrize("name", sorted(set(SAMPLES) - set(privileged())))
def test_a_gate_is_never_skipped(name: str) -> None:
    """G-1: a skipped job counts as success."""
    assert not [job for job in jobs(SAMPLES[name]) if "if" in job]


def test_the_main_sample_is_that_of_section_1() -> None:
    workflow = yaml.safe_load(next(text for name, text in SAMPLES.items() if "README" in name))
    assert workflow[ON] == {
        "pull_request": {"types": ["opened", "synchronize", "reopened", "edited"]},
        "merge_group": None,
    }
    assert workflow["concurrency"] == {
        "group": "netpol-${{ github.event.pull_request.number || github.ref }}",
        "cancel-in-progress": "${{ github.event_name == 'pull_request' }}",
    }
    assert list(workflow["jobs"]) == ["netpol-reviewer"]
    job = workflow["jobs"]["netpol-reviewer"]
    assert job["name"] == "netpol-reviewer"
    assert (job["permissions"], job["timeout-minutes"]) == (NEEDED, 10)
    (ours,) = (step for step in job["steps"] if step["uses"] == OURS)
    assert ours["with"] == {"fail-on": "high"}


def test_the_sample_for_forks_comments_and_never_gates() -> None:
    """G-2: for forks alone, beside the gate, on the default branch's version."""
    ((_, text),) = privileged().items()
    workflow = yaml.safe_load(text)
    assert list(workflow[ON]) == ["pull_request_target"]
    (job,) = jobs(text)
    assert job["if"] == "github.event.pull_request.head.repo.full_name != github.repository"
    assert "name" not in job or job["name"] != "netpol-reviewer"
    (step,) = job["steps"]
    assert step["with"] == {"fail-on": "never"}
    main = yaml.safe_load(next(iter(SAMPLES.values())))
    assert workflow["concurrency"]["group"] != main["concurrency"]["group"]


# --- what is said beside them -------------------------------------------------------------------

SAID = [
    ("README.md", "G-1", "No checkout step. The Action fetches the two commits itself"),
    ("README.md", "G-1", "nothing of the change is ever executed"),
    (
        "README.md",
        "G-1",
        "A workflow that a filter skips leaves its required check pending for ever",
    ),
    ("README.md", "G-1", "No if: on the job. A skipped job counts as success"),
    ("README.md", "G-2", "An optional second workflow"),
    ("README.md", "G-2", "pull_request_target: the default branch's version of that workflow runs"),
    ("README.md", "G-2", "nothing is checked out"),
    ("README.md", "G-35", "Put the workflow file under code owners"),
    ("README.md", "G-36", "make the job a required check"),
    ("README.md", "G-36", "require branches to be up to date, or use a merge queue"),
    ("README.md", "G-36", "a green check belongs to the head commit"),
    ("README.md", "promise", "No run fails because a comment could not be posted"),
    ("docs/github.md", "G-2", "It runs the default branch's version of itself"),
    ("docs/github.md", "G-2", "it checks nothing out"),
    ("docs/github.md", "G-2", "a second workflow that comments and never gates"),
    ("docs/github.md", "G-30", "do not require that one"),
    ("docs/github.md", "G-35", "under code owners"),
    ("docs/github.md", "G-36", "Require branches to be up to date, or use a merge queue"),
    ("docs/github.md", "G-36", "A green check belongs to the head commit"),
    ("docs/github.md", "section 2", "it may hold several changes"),
    ("docs/github.md", "section 2", "Drafts are reviewed like others; a closed pull request"),
    ("docs/accepting.md", "G-34", "an approving review on exactly the head commit"),
    ("docs/accepting.md", "G-35", "A change cannot accept itself"),
]


@pytest.mark.parametrize(("page", "rule", "said"), SAID)
def test_what_a_reader_has_to_know_is_said(page: str, rule: str, said: str) -> None:
    assert said in words(page), rule


def table_under(page: str, heading: str) -> list[list[str]]:
    """The rows of the first table under a heading."""
    text = (TOP / page).read_text(encoding="utf-8").split(f"\n## {heading}\n", 1)[1]
    rows = re.findall(r"^\|(.*)\|$", text.split("\n## ", 1)[0], re.MULTILINE)
    return [[cell.strip() for cell in row.split("|")] for row in rows[2:]]


def test_every_event_has_its_row() -> None:
    """Section 2: the events of the page are those of the reader, and who gets a comment."""
    rows = table_under("docs/github.md", "What is compared")
    found = {event: row[2] for row in rows for event in re.findall(r"`([a-z_]+)`", row[0])}
    assert set(found) == set(EVENTS)
    commented = {event for event, comment in found.items() if comment == "yes"}
    assert commented == {
        "pull_request",
        "pull_request_review",
        "pull_request_target",
        "workflow_run",
    }


def test_every_permission_has_its_row() -> None:
    """Section 10."""
    rows = table_under("docs/github.md", "Permissions")
    assert [row[0].strip("`") for row in rows] == [
        "none",
        "contents: read",
        "pull-requests: write",
        "checks: write",
        "security-events: write",
    ]


# --- the release --------------------------------------------------------------------------------

DIGEST = "sha256:" + "0123456789abcdef" * 4


def draft(**variables: str) -> subprocess.CompletedProcess[str]:
    """What the release script would put into action.yml."""
    given = {"IMAGE": "ghcr.io/Owner/netpol-reviewer", "DIGEST": DIGEST, "VERSION": "1.2.3"}
    return subprocess.run(
        ["bash", str(TOP / ".ci/draft-release")],
        env={"PATH": os.environ["PATH"], "DRY_RUN": "1", **given, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_release_names_its_image_by_digest() -> None:
    """G-41: building at each use would cost everybody half a minute."""
    done = draft()
    assert done.returncode == 0, done.stderr
    released = yaml.safe_load(done.stdout)
    ours = yaml.safe_load((TOP / "action.yml").read_text(encoding="utf-8"))
    assert released["runs"] == {
        "using": "docker",
        "image": f"docker://ghcr.io/owner/netpol-reviewer@{DIGEST}",
        "args": ["action"],
    }
    assert released["inputs"] == ours["inputs"]
    assert released["outputs"] == ours["outputs"]


@pytest.mark.parametrize(
    "variables", [{"DIGEST": "latest"}, {"DIGEST": "sha256:12"}, {"VERSION": "v1"}, {"IMAGE": ""}]
)
def test_a_release_without_a_digest_is_none(variables: dict[str, str]) -> None:
    done = draft(**variables)
    assert done.returncode != 0
    assert done.stdout == ""


def test_the_container_starts_as_the_runner_wants_it() -> None:
    """G-41, T-11: no USER, no WORKDIR, nothing that only one of the builders knows."""
    text = (TOP / "Dockerfile").read_text(encoding="utf-8")
    verbs = re.findall(r"^([A-Z]+) ", text, re.MULTILINE)
    assert not {"USER", "WORKDIR", "ADD", "VOLUME", "EXPOSE"} & set(verbs)
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert not [line for line in lines if "--mount" in line or "--chmod" in line]
    assert not re.match(r"# *syntax", text)
    (install,) = (line for line in text.split("\nRUN ") if " install " in line and "pip" in line)
    assert "--require-hashes" in install
    assert "--only-binary :all:" in install
