"""Our pages tell the truth: commands print what is shown, samples are valid, links lead somewhere.

A fenced block says by its language how it is held: `console` is run, and `make golden` writes what
came out into the page unless it has a line that is only a `…`; `yaml` is a workflow, a
configuration or a manifest; `json` is JSON. All other blocks are only shown.
"""

from __future__ import annotations

import functools
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from argparse import _SubParsersAction
from pathlib import Path

import pytest

from reviewer.cli import parser
from reviewer.config.pages import key_table, schema_text
from reviewer.findings.registry import CHECKS, IDS
from reviewer.publish.inputs import INPUTS
from reviewer.report.check_texts import TEXTS
from reviewer.report.registry import COMMANDS, FORMATS
from tests.repository.markdown import GAP, Block, anchors, blocks, links, pages, runs
from tests.repository.tree import TOP
from tests.sources.gitrepo import Repository

NOT_RUN = {"make test": "it would run itself"}
BLOCKS = [block for page in pages() for block in blocks(page)]
LONGEST = {"README.md": 200}
"""The command of each kind of result a format may be for."""
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def of(language: str) -> list[Block]:
    return [block for block in BLOCKS if block.language == language]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pages run: `examples/`, in a repository with a branch for each tree of the office."""
    top = tmp_path_factory.mktemp("docs")
    shutil.copytree(TOP / "examples", top / "examples")
    repository = Repository(top)
    for branch in ("base", "opens-database", "cuts-dns", "refactors"):
        tree = top / "examples/tickets" / branch
        files = {
            os.fsencode(path.relative_to(tree)): path.read_bytes()
            for path in sorted(tree.rglob("*.yaml"))
        }
        repository.commit(files, "main" if branch == "base" else branch)
    return top


def page_text(page: str) -> str:
    return (TOP / page).read_text(encoding="utf-8")


def words(command: str) -> list[str]:
    """The arguments of a command of a page."""
    if command == "make demo":
        text = (TOP / "Makefile").read_text(encoding="utf-8")
        [demo] = re.findall(r"^DEMO\s*\?=\s*(.*)$", text, re.MULTILINE)
        command = f"netpol-reviewer diff {demo}"
    program, *arguments = shlex.split(command)
    assert program == "netpol-reviewer", f"{command}: only our own program is run"
    return [sys.executable, "-m", "reviewer", *arguments]


@functools.cache
def printed(command: str, folder: Path) -> tuple[str, int]:
    """What a command prints, and its exit code; pages show the same command more than once."""
    done = subprocess.run(
        words(command),
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(TOP),
            "LC_ALL": "C.UTF-8",
            "COLUMNS": "100",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stdout, done.stdout
    # The exit code of `make demo` is make's: a failed gate is no failure of the demonstration.
    code = 0 if command == "make demo" and done.returncode == 1 else done.returncode
    return done.stdout.replace(str(folder), "/home/me/office"), code


@pytest.mark.parametrize("block", of("console"), ids=lambda block: block.name)
def test_commands_print_what_the_page_shows(
    block: Block, folder: Path, request: pytest.FixtureRequest
) -> None:
    rewrite = request.config.getoption("--rewrite-golden")
    made = ""
    for run in runs(block):
        if run.command in NOT_RUN:
            made += f"$ {run.command}\n{run.expected}"
            continue
        text, code = printed(run.command, folder)
        shown = run.expected if GAP in run.expected.splitlines() else text
        made += f"$ {run.command}{f'  # exits {code}' if code else ''}\n{shown}"
        if not rewrite:
            assert code == run.code, f"{run.command}\n{text}"
            assert run.matches(text), f"{run.command} prints:\n{text}"
    assert made, "a console block begins its commands with `$ `"
    assert "\n```" not in made, "what is printed would end the block"
    if rewrite:
        page = TOP / block.page
        whole = page.read_text(encoding="utf-8")
        fenced = "```console\n{}```\n"
        whole = whole.replace(fenced.format(block.text), fenced.format(made), 1)
        page.write_text(whole, encoding="utf-8")


@pytest.mark.parametrize("block", of("json"), ids=lambda block: block.name)
def test_json_is_json(block: Block) -> None:
    assert json.loads(block.text) is not None


def is_workflow(block: Block) -> bool:
    return "\njobs:\n" in block.text


def test_workflows_are_valid(tmp_path: Path) -> None:
    """Held to the schema of workflows and to zizmor's strictest persona (G-3)."""
    folder = tmp_path / ".github/workflows"
    folder.mkdir(parents=True)
    for number, block in enumerate(filter(is_workflow, of("yaml"))):
        text = block.text.replace("OWNER", "example").replace("COMMIT", COMMIT)
        (folder / f"sample-{number}.yml").write_text(text, encoding="utf-8")
    samples = sorted(folder.iterdir())
    assert len(samples) > 2
    checks: list[list[str | Path]] = [
        ["check-jsonschema", "--builtin-schema", "vendor.github-workflows", *samples],
        ["zizmor", "--offline", "--persona", "auditor", "--quiet", tmp_path],
    ]
    for program, *arguments in checks:
        command = [str(Path(sys.executable).parent / program), *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "block",
    [block for block in of("yaml") if not is_workflow(block)],
    ids=lambda block: block.name,
)
def test_samples_are_read_without_complaint(block: Block, tmp_path: Path) -> None:
    """What has a `kind` is a manifest, everything else a configuration."""
    place = tmp_path / "sample.yml"
    place.write_text(block.text, encoding="utf-8")
    command = ["flows", "--strict", "all"] if "\nkind:" in block.text else ["config"]
    done = subprocess.run(
        [sys.executable, "-m", "reviewer", *command, place],
        cwd=TOP,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", pages())
def test_links_lead_somewhere(page: str) -> None:
    for link in links(page):
        if link.startswith(("https://", "mailto:")):
            continue
        path, _, anchor = link.partition("#")
        place = (TOP / page).parent / path if path else TOP / page
        assert place.exists(), f"{page}: {link} leads nowhere"
        assert not anchor or anchor in anchors(place), f"{page}: no heading for {link}"


@pytest.mark.parametrize("page", [page for page in pages() if page.startswith(("README", "docs/"))])
def test_pages_are_short_and_begin_with_their_answer(page: str) -> None:
    lines = (TOP / page).read_text(encoding="utf-8").splitlines()
    assert len(lines) <= LONGEST.get(page, 150)
    assert lines[0].startswith("# ")
    assert lines[2][0].isalnum() or lines[2][0] in "*`<", "the first paragraph is the answer"


def test_table_of_inputs() -> None:
    """P-60 (6): README's table is the reader's."""
    rows = ["| input | default | meaning |", "| --- | --- | --- |"]
    for one in INPUTS:
        default = f"`{one.default}`" if one.default else "empty"
        if one.default.startswith("${{"):
            default = "the job's token"
        rows.append(f"| `{one.name}` | {default} | {one.meaning} |")
    text = page_text("README.md")
    [table] = re.findall(r"<!-- inputs -->\n(.*?)<!-- /inputs -->", text, re.DOTALL)
    assert table.strip().splitlines() == rows


def test_every_check_has_its_entry() -> None:
    """P-63: id, commands, meaning and advice are the program's own, in its order."""
    commands = {
        one.id: ", ".join(sorted(mode.name.lower() for mode in one.modes)) for one in CHECKS
    }
    text = page_text("docs/checks.md")
    rows = re.findall(
        r"^\| <a id=\"(.*?)\"></a>`(.*?)` \| (.*?) \| .*? \| (.*) \|$", text, re.MULTILINE
    )
    assert [row[0] for row in rows] == list(IDS)
    for anchor, name, modes, texts in rows:
        said = TEXTS[name]
        assert anchor == name
        assert {*modes.split(", ")} == {*commands.get(name, modes).split(", ")}, name
        assert texts == f"{said.meaning} | {said.advice}"


def test_table_of_formats() -> None:
    """docs/formats.md has a row for each format and names the results it is for."""
    results = list(COMMANDS.values())
    row = rf"^\| `([a-z]+)` \| ((?:(?:{'|'.join(results)})(?:, )?)+) \|"
    rows = re.findall(row, page_text("docs/formats.md"), re.MULTILINE)
    real = [
        (name, ", ".join(word for kind, word in COMMANDS.items() if kind in found))
        for name, found in FORMATS.items()
    ]
    assert sorted(rows) == sorted(real)


def test_every_command_and_flag_is_described() -> None:
    """docs/cli.md names what the parser knows, and nothing else."""
    text = page_text("docs/cli.md")
    cells = re.findall(r"^\| (`.*?) \|", text, re.MULTILINE)
    described = {word for cell in cells for word in re.findall(r"`(-[-a-z]+|[a-z]+(?= |`))", cell)}
    known: set[str] = set()
    [commands] = [one for one in parser()._actions if isinstance(one, _SubParsersAction)]
    for name, command in commands.choices.items():
        known |= {name, *(flag for one in command._actions for flag in one.option_strings)}
    assert described == known - {"-h"} | {"--version"}


def test_keys_of_the_configuration(request: pytest.FixtureRequest) -> None:
    """R-20: the table of docs/configuration.md and the schema for editors are the reader's."""
    page = TOP / "docs/configuration.md"
    schema = TOP / "docs/netpol-reviewer.schema.json"
    text = page.read_text(encoding="utf-8")
    before, _, rest = text.partition("<!-- keys -->\n")
    table, end, after = rest.partition("<!-- /keys -->\n")
    if request.config.getoption("--rewrite-golden"):
        page.write_text(f"{before}<!-- keys -->\n{key_table()}{end}{after}", encoding="utf-8")
        schema.write_text(schema_text(), encoding="utf-8")
        return
    assert table == key_table()
    assert schema.read_text(encoding="utf-8") == schema_text()
