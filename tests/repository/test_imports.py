"""What each command loads: the command line never pays for GitHub's client or a web stack.

Every command runs in a process of its own, on two small trees; at its end it tells its modules.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

WEB = {"github", "requests", "cryptography", "ssl", "asyncio", "numpy", "pydantic"}
HEAVY = WEB | {"networkx", "deepdiff", "rich"}
TELL = """
import json, runpy, sys
sys.argv = ["netpol-reviewer", *sys.argv[1:]]
try:
    runpy.run_module("reviewer", run_name="__main__", alter_sys=True)
except SystemExit as end:
    code = end.code or 0
print()
print(json.dumps([code, sorted(sys.modules)]))
"""
PODS = """\
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
---
apiVersion: v1
kind: Pod
metadata: {name: db, labels: {app: db}}
"""
POLICY = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db}
spec:
  podSelector: {matchLabels: {app: db}}
  ingress: [{ports: [{port: 5432}]}]
"""


@pytest.fixture
def trees(tmp_path: Path) -> Path:
    """Three folders: pods alone, a policy added, that policy modified."""
    texts = {"bare": "", "added": POLICY, "modified": POLICY.replace("5432", "5433")}
    for name, text in texts.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "pods.yaml").write_text(PODS, encoding="utf-8")
        if text:
            (tmp_path / name / "policy.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def loaded(folder: Path, *arguments: str) -> tuple[int, set[str]]:
    """Exit code and top-level modules of one command."""
    done = subprocess.run(
        [sys.executable, "-c", TELL, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    code, modules = json.loads(done.stdout.splitlines()[-1])
    return code, {name.partition(".")[0] for name in modules}


@pytest.mark.parametrize("arguments", ["--help", "--version", "diff --help", "flows --help"])
def test_help_loads_nothing_heavy(tmp_path: Path, arguments: str) -> None:
    code, modules = loaded(tmp_path, *arguments.split())
    assert code == 0
    assert modules & (HEAVY | {"yaml"}) == set()


def test_a_usage_error_loads_nothing_heavy(tmp_path: Path) -> None:
    code, modules = loaded(tmp_path, "diff", "only-one")
    assert code == 2
    assert modules & (HEAVY | {"yaml"}) == set()


@pytest.mark.parametrize("arguments", ["diff bare added", "diff added bare", "flows added"])
def test_json_loads_no_package_but_yaml(trees: Path, arguments: str) -> None:
    code, modules = loaded(trees, *arguments.split(), "--format", "json")
    assert code in (0, 1)
    assert modules & HEAVY == set()
    assert "yaml" in modules


@pytest.mark.parametrize("arguments", ["diff bare added", "flows added"])
def test_text_loads_rich_and_no_web(trees: Path, arguments: str) -> None:
    code, modules = loaded(trees, *arguments.split(), "--format", "text")
    assert code in (0, 1)
    assert modules & (WEB | {"rich"}) == {"rich"}


def test_only_values_inside_a_field_load_deepdiff(trees: Path) -> None:
    """DeepDiff brings asyncio along; JSON tells whole fields and does without it."""
    code, modules = loaded(trees, "diff", "added", "modified", "--format", "json")
    assert code in (0, 1)
    assert not modules & (WEB | {"deepdiff"})
    code, modules = loaded(trees, "diff", "added", "modified", "--full")
    assert code in (0, 1)
    assert "deepdiff" in modules


@pytest.mark.parametrize(
    ("form", "drawn"), [("graphml", True), ("dot", True), ("csv", False), ("mermaid", False)]
)
def test_only_drawn_graphs_load_networkx(trees: Path, form: str, drawn: bool) -> None:
    """P-42, P-43."""
    code, modules = loaded(trees, "diff", "bare", "added", "--format", form)
    assert code in (0, 1)
    assert ("networkx" in modules) == drawn
    assert not modules & WEB


def test_only_new_paths_load_networkx(tmp_path: Path) -> None:
    """F-30: of what changes nothing else needs a graph."""
    way = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web}
spec:
  podSelector: {matchLabels: {app: web}}
  ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}]
"""
    shut = POLICY.replace("ports: [{port: 5432}]", "from: [{podSelector: {matchLabels: {app: x}}}]")
    opened = shut.replace("app: x", "app: web")
    for name, text in (("base", shut), ("head", opened)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.yaml").write_text(f"{PODS}---\n{way}---\n{text}", encoding="utf-8")
    code, modules = loaded(tmp_path, "diff", "base", "head", "--format", "json")
    assert code in (0, 1)
    assert "networkx" in modules
    assert not modules & (WEB | {"deepdiff", "rich"})
