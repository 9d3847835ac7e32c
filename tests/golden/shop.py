"""An imaginary shop and three changes to it, as targets; nothing is read from the machine but these
files. A change is a folder of files that differ and a list of those it removes."""

from __future__ import annotations

from pathlib import Path

from reviewer import report
from reviewer.base.documents import Document
from reviewer.findings import Preferences, inspect, measure, set_audit
from reviewer.options import Options
from reviewer.pipeline import flow_map, review
from reviewer.report import ASSET_FILES, Assets, Audit, FlowMap, Review
from reviewer.report.links import Links, links_of
from reviewer.report.question import Links as Site
from reviewer.report.question import Question, Settings, Side
from reviewer.verdict import Case, Gate, judge
from tests.kit import material

HERE = Path(__file__).parent / "shop"
BASE_COMMIT = "4b1f0c77d9a2e58c36f41b7a90de2385cf6614ab"
CASES = {
    "opened-to-internet": (118, "9c3e5d20b7a84f16e2d05c9b81a7f3640be2d915", 16120450311),
    "nothing-moves": (119, "e07a41c6d3f95b28a16c0d7e84b29f53a6c1b0d8", 16120451877),
    "lost-dns": (121, "71d8b2f4a05e6c93d7f18a2b4c60e5937bd1f24e", 16120453290),
}
"""Number of the pull request, head commit and run of each change."""


def files(case: str | None = None) -> dict[str, bytes]:
    """The shop's files, before or after one of the changes."""
    found = _tree(HERE / "base")
    if case:
        changed = _tree(HERE / case)
        removed = changed.pop("removed.txt", b"").decode().split()
        found = {path: text for path, text in {**found, **changed}.items() if path not in removed}
    return found


def _tree(top: Path) -> dict[str, bytes]:
    return {
        path.relative_to(top).as_posix(): path.read_bytes()
        for path in sorted(top.rglob("*"))
        if path.is_file()
    }


def reviewed(case: str) -> Review:
    """The review of one change."""
    return review(material(files(), "base"), material(files(case), "head"), Options())


def mapped() -> FlowMap:
    """The flows of the shop before any change."""
    return flow_map(material(files(), "base"), Options())


def audited() -> Audit:
    """The audit of the shop before any change."""
    snapshot = mapped().snapshot
    scene = set_audit(snapshot, Preferences())
    found = inspect(scene)
    return Audit(
        snapshot=snapshot,
        figures=measure(scene),
        findings=found,
        verdict=judge(Case(findings=found, gate=Gate(), today="2026-01-01")),
    )


def assets() -> Assets:
    """The files of the HTML page, as the rim reads them."""
    folder = Path(report.__file__).parent / "assets"
    texts = {
        name: (folder / file).read_text(encoding="utf-8") for name, file in ASSET_FILES.items()
    }
    return Assets(**texts)


def links(case: str) -> Links:
    """Links as the Action makes them for the pull request of a change."""
    pull, head, run = CASES[case]
    site = Site(
        server="https://github.com",
        repository="example-org/shop-platform",
        view="merge",
        base=BASE_COMMIT,
        head=head,
        pull=pull,
        run=run,
        attempt=1,
    )
    question = Question(
        base=Side(name="base", commit=BASE_COMMIT, files=_documents(files())),
        head=Side(name="head", commit=head, files=_documents(files(case))),
        links=site,
        settings=Settings(),
    )
    found = links_of(question)
    assert found is not None, "a repository was given"
    return found


def _documents(texts: dict[str, bytes]) -> tuple[Document, ...]:
    return tuple(Document(path=path, key=text, content=text) for path, text in texts.items())
