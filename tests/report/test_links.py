"""Links into the change (G-25)."""

from __future__ import annotations

from hashlib import sha256

import pytest

from reviewer.base.documents import Document, Origin
from reviewer.delta import Side
from reviewer.report.links import Links, links_of
from reviewer.report.question import Links as Site
from reviewer.report.question import Question, Settings
from reviewer.report.question import Side as Revision

BASE, HEAD = "b" * 40, "a" * 40
TEXT = "".join(f"line {n}\n" for n in range(1, 31))
EDITED = TEXT.replace("line 12\n", "new\n")
PATH = "k8s/ü b.yaml"
DIGEST = sha256(PATH.encode()).hexdigest()
FILES = "https://github.com/o/r/pull/7/files#diff-"


def documents(texts: dict[str, str]) -> tuple[Document, ...]:
    return tuple(
        Document(path=path, key=text.encode(), content=text.encode())
        for path, text in texts.items()
    )


def made(base: dict[str, str], head: dict[str, str], own: dict[str, str] | None = None) -> Links:
    site = Site(
        server="https://github.com",
        repository="o/r",
        view="merge",
        base=BASE,
        head=HEAD,
        pull=7,
        run=9,
        attempt=1,
    )
    question = Question(
        base=Revision(name="base", commit=BASE, files=documents(base)),
        head=Revision(name="head", commit=HEAD, files=documents(head), own=documents(own or {})),
        links=site,
        settings=Settings(),
    )
    found = links_of(question)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("line", "side", "url"),
    [
        (12, Side.HEAD, f"{FILES}{DIGEST}R12"),
        (9, Side.HEAD, f"{FILES}{DIGEST}R9"),
        (15, Side.BASE, f"{FILES}{DIGEST}L15"),
        (8, Side.HEAD, f"https://github.com/o/r/blob/{HEAD}/k8s/%C3%BC%20b.yaml#L8"),
        (16, Side.BASE, f"https://github.com/o/r/blob/{BASE}/k8s/%C3%BC%20b.yaml#L16"),
    ],
)
def test_lines_of_a_changed_file(line: int, side: Side, url: str) -> None:
    """In the diff with its three lines of context, else the blob of that side's commit."""
    assert made({PATH: TEXT}, {PATH: EDITED}).place(Origin(PATH, line), side) == url


def test_added_and_removed_files() -> None:
    added, removed = made({}, {PATH: TEXT}), made({PATH: TEXT}, {})
    assert added.place(Origin(PATH, 30), Side.HEAD) == f"{FILES}{DIGEST}R30"
    assert removed.place(Origin(PATH, 1), Side.BASE) == f"{FILES}{DIGEST}L1"


def test_an_unchanged_file_is_linked_at_its_commit() -> None:
    links = made({PATH: TEXT}, {PATH: TEXT})
    assert links.place(Origin(PATH, 3), Side.HEAD) == (
        f"https://github.com/o/r/blob/{HEAD}/k8s/%C3%BC%20b.yaml#L3"
    )
    assert not links.shows(Origin(PATH, 3), Side.HEAD)


def test_lines_are_those_of_the_head_commit() -> None:
    """G-25: where a test merge changed the file, lines are mapped or left out."""
    merged = "from main\n" + EDITED
    links = made({PATH: "from main\n" + TEXT}, {PATH: merged}, {PATH: EDITED})
    assert links.head_line(Origin(PATH, 13)) == 12
    assert links.head_line(Origin(PATH, 1)) is None
    assert links.place(Origin(PATH, 1), Side.HEAD) is None
    found = links.place(Origin(PATH, 13), Side.HEAD)
    assert found is not None
    assert found.endswith("R12")


def test_a_long_file_is_not_compared() -> None:
    """Links cost no more than the file is worth."""
    long = "x\n" * 5_000
    found = made({PATH: long}, {PATH: long + "y\n"}).place(Origin(PATH, 5_001), Side.HEAD)
    assert found == f"https://github.com/o/r/blob/{HEAD}/k8s/%C3%BC%20b.yaml#L5001"


def test_commit_and_run() -> None:
    links = made({}, {})
    assert links.commit(HEAD) == f"https://github.com/o/r/commit/{HEAD}"
    assert links.run() == "https://github.com/o/r/actions/runs/9"
