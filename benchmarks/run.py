"""Print what the program costs beside its budget; fail where a must is passed by a tenth.

    make bench                          start-up, small and medium
    make bench BENCH=all                and large
    make bench BENCH="medium real"      by name; the names are in budget.toml

Every figure is a ratio to a unit that is measured in turn with it, so a busy machine hurts both.
Trees and the clock come from two scripts beside the repository (`--tools`); where they are missing
nothing is measured and the reason is printed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TOP = Path(__file__).resolve().parents[1]
WORK = TOP / ".bench"
PROGRAM = [sys.executable, "-m", "reviewer"]
UNIT_S = [sys.executable, "-I", "-c", "import argparse, yaml"]
DONE = {0, 1}  # 1: the gate failed, which costs the same
TOLERANCE = 1.1
START_ROUNDS = 11
ALL = ("small", "medium", "large")
TINY = """\
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
---
apiVersion: v1
kind: Pod
metadata: {name: db, labels: {app: db}}
"""
TINY_POLICY = """\
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db}
spec:
  podSelector: {matchLabels: {app: db}}
  ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 5432}]}]
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table: a measured figure beside what it may be."""

    name: str
    unit: str
    value: float
    must: float
    worst: float | None = None
    aim: float | None = None
    note: str = ""

    @property
    def passed(self) -> bool:
        """Whether the figure stays below the must and its tolerance."""
        return self.value <= self.must * TOLERANCE


def main() -> int:
    """Measure what was asked for; 1 where a must is passed, 0 otherwise."""
    arguments = parse()
    measure, generate = (arguments.tools / name for name in ("measure.py", "generate.py"))
    missing = [str(path) for path in (measure, generate) if not path.is_file()]
    if missing:
        print(f"skipped: no {' and no '.join(missing)} (BENCH_TOOLS)")
        return 0
    budget = tomllib.loads((TOP / "benchmarks" / "budget.toml").read_text(encoding="utf-8"))
    names = ALL if arguments.names == ["all"] else tuple(arguments.names)
    if unknown := [name for name in names if name not in budget["tree"]]:
        print(f"no scenario {', '.join(unknown)}: there are {', '.join(budget['tree'])}, all")
        return 2
    WORK.mkdir(exist_ok=True)
    tools = Tools(measure=measure, generate=generate, seed=arguments.seed)
    rows = list(start_rows(budget["start"]))
    show(rows, head=True)
    cpu: dict[str, float] = {}
    for name in names:
        found = list(tree_rows(name, budget, tools, cpu))
        show(found)
        rows += found
    return verdict(rows)


def parse() -> argparse.Namespace:
    """Read the flags; the Makefile gives all of them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--tools", type=Path, default=TOP.parent / "shared" / "bench")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("names", nargs="*", default=["small", "medium"])
    return parser.parse_args()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """The scripts that make trees and measure, and the seed of the trees."""

    measure: Path
    generate: Path
    seed: int


def start_rows(budget: Mapping[str, Any]) -> Iterator[Row]:
    """Measure starting up, in S; unit and command alternate."""
    folder = tiny()
    for name, entry in budget.items():
        ratios = in_starts([*PROGRAM, *entry["arguments"]], folder, START_ROUNDS)
        yield row(name, "S wall", ratios, entry["S"], "")


def in_starts(command: list[str], folder: Path, rounds: int) -> list[float]:
    """The wall time of a command in S; unit and command alternate, so that load hurts both."""
    ratios = []
    for number in range(rounds + 1):
        unit = seconds(UNIT_S, folder)
        used = seconds(command, folder)
        if number:  # the first round only warms the caches
            ratios.append(used / unit)
    return ratios


def tiny() -> Path:
    """Write the two tiny folders, and a repository whose branches base and head hold them."""
    folder = WORK / "tiny"
    shutil.rmtree(folder, ignore_errors=True)
    repository = folder / "repo"
    repository.mkdir(parents=True)
    git = ["git", "-C", str(repository), "-c", "user.name=bench", "-c", "user.email=bench"]
    subprocess.run([*git, "init", "--quiet", "--initial-branch=base"], check=True)
    for side, text in (("base", TINY), ("head", TINY + TINY_POLICY)):
        (folder / side).mkdir()
        (folder / side / "app.yaml").write_text(text, encoding="utf-8")
        (repository / "app.yaml").write_text(text, encoding="utf-8")
        subprocess.run([*git, "checkout", "--quiet", "-B", side], check=True)
        subprocess.run([*git, "add", "app.yaml"], check=True)
        subprocess.run([*git, "commit", "--quiet", "--message", side], check=True)
    (folder / "elsewhere").mkdir()
    return folder


def seconds(command: list[str], folder: Path) -> float:
    """Answer the wall time of one command; anything but done is an error."""
    # Revisions must not be read as the folders of the same name.
    place = folder / "elsewhere" if "--repo" in command else folder
    command = [str(folder / "repo") if part == "repo" else part for part in command]
    started = time.perf_counter()
    done = subprocess.run(command, cwd=place, capture_output=True, check=False)
    used = time.perf_counter() - started
    if done.returncode not in DONE or (command != UNIT_S and not done.stdout):
        sys.exit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr.decode()}")
    return used


def tree_rows(
    name: str, budget: Mapping[str, Any], tools: Tools, cpu: dict[str, float]
) -> Iterator[Row]:
    """Measure one scenario; `cpu` collects the seconds for the growth rows."""
    entry = budget["tree"][name]
    folder = tree(name, entry["generate"], tools)
    command = [*PROGRAM, "diff", "main", "pr", "--repo", str(folder / "repo"), "--format", "json"]
    note = same_bytes(name, command)
    told = measured(command, folder / "base", entry["runs"], tools)
    cpu[name] = told["command"]["cpu"]
    note += f", {cpu[name]:.2f} s where L is {told['unit']['cpu']:.2f} s"
    if "S" in entry:
        ratios = in_starts(command, WORK / "tiny", START_ROUNDS)
        yield row(name, "S wall", ratios, entry["S"], note)
    if "L" in entry:
        yield row(name, "L cpu", [told["cpu_per_unit"]], entry["L"], note)
    if "MB" in entry:
        yield row(name, "MB", [told["command"]["mb"]], entry["MB"], "")
    if engine := budget["engine"].get(name):
        used = [engine_seconds(folder / "head") / told["unit"]["cpu"] for _ in range(entry["runs"])]
        yield row(f"{name} engine", "L cpu", used, engine["L"], "one side")
    growth = budget["growth"].get(name)
    if growth and growth["over"] in cpu:
        value = cpu[name] / cpu[growth["over"]]
        yield row(f"{name} / {growth['over']}", "times", [value], growth["times"], "")


def engine_seconds(folder: Path) -> float:
    """CPU of the engine alone over one folder."""
    command = [sys.executable, str(TOP / "benchmarks" / "engine.py"), str(folder)]
    done = subprocess.run(command, cwd=TOP, stdout=subprocess.PIPE, text=True, check=True)
    return float(done.stdout)


def row(name: str, unit: str, values: list[float], bounds: Mapping[str, float], note: str) -> Row:
    """Build a row from its measures and its entry of the budget."""
    return Row(
        name=name,
        unit=unit,
        value=statistics.median(values),
        worst=max(values) if len(values) > 1 else None,
        must=bounds["must"],
        aim=bounds.get("aim"),
        note=note,
    )


def tree(name: str, arguments: list[str], tools: Tools) -> Path:
    """Generate a scenario once; the same arguments and seed give the same bytes."""
    folder = WORK / f"{name}-{tools.seed}"
    command = [sys.executable, str(tools.generate), *arguments, "--seed", str(tools.seed), "--git"]
    key = hashlib.sha256("\0".join(command).encode() + tools.generate.read_bytes()).hexdigest()
    stamp = folder / "made-by"
    if not stamp.is_file() or stamp.read_text(encoding="utf-8") != key:
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([*command, "--out", str(folder)], check=True, stdout=subprocess.DEVNULL)
        stamp.write_text(key, encoding="utf-8")
    return folder


def same_bytes(name: str, command: list[str]) -> str:
    """Say whether the answer is byte for byte that of the last run: a faster wrong one is none."""
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode not in DONE or not done.stdout:
        sys.exit(f"{name}: ended with {done.returncode}:\n{done.stderr.decode()}")
    digest = hashlib.sha256(done.stdout).hexdigest()
    path = WORK / "answers.json"
    known = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    key = " ".join(command)
    before = known.get(key)
    path.write_text(json.dumps({**known, key: digest}, indent=1), encoding="utf-8")
    return "first answer" if before is None else "same answer" if before == digest else "NEW ANSWER"


def measured(command: list[str], base: Path, runs: int, tools: Tools) -> dict[str, Any]:
    """Run unit and command in turn; its stage timings and medians go to standard error."""
    clock = [sys.executable, str(tools.measure), "--tree", str(base), "--runs", str(runs)]
    clock += ["--python", sys.executable, "--json", "--", *command]
    done = subprocess.run(clock, stdout=subprocess.PIPE, text=True, check=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def show(rows: list[Row], *, head: bool = False) -> None:
    """Print lines of the table, at once, since a large scenario takes a while."""
    if head:
        cores, load = os.cpu_count(), os.getloadavg()[0]
        print(f"commit {commit()}, Python {sys.version.split()[0]}, {cores} cores, load {load:.1f}")
        print(f"{'':16} {'unit':7} {'median':>8} {'worst':>8} {'must':>7} {'aim':>7}")
    for one in rows:
        worst, aim = ("" if figure is None else f"{figure:.2f}" for figure in (one.worst, one.aim))
        line = f"{one.name:16} {one.unit:7} {one.value:8.2f} {worst:>8} {one.must:7.2f} {aim:>7}"
        note = one.note if one.passed else f"TOO MUCH  {one.note}"
        print(f"{line}  {note}".rstrip(), flush=True)


def commit() -> str:
    """Name the commit that is measured, with a plus where files differ from it."""
    git = ["git", "-C", str(TOP)]
    head = subprocess.run(
        [*git, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    )
    dirty = subprocess.run([*git, "diff", "--quiet", "HEAD"], check=False).returncode
    return (head.stdout.strip() or "none") + ("+" if dirty else "")


def verdict(rows: list[Row]) -> int:
    """Say which musts are passed by more than a tenth."""
    over = [one for one in rows if not one.passed]
    for one in over:
        print(f"{one.name}: {one.value:.2f} {one.unit}, the must is {one.must:g}", file=sys.stderr)
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
