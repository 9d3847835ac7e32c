"""The blocks and links of our own pages, for the tests that hold the pages to the program."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from tests.repository.tree import TOP, tracked

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|(?:src|srcset)=\"([^\"]+)\"")
_EXIT = re.compile(r"\s+# exits (\d)$")
GAP = "…"
"""A line of its own in printed output: here are lines that the page leaves out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One fenced block: its page, first line, language and text."""

    page: str
    line: int
    language: str
    text: str

    @property
    def name(self) -> str:
        """How a failing test names it."""
        return f"{self.page}:{self.line}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One command of a console block, what it prints and its exit code."""

    command: str
    expected: str
    code: int

    def matches(self, printed: str) -> bool:
        """Whether this is what it prints, a gap standing for any lines."""
        parts = re.split(rf"^{GAP}\n", self.expected, flags=re.MULTILINE)
        return re.fullmatch("(?:.*\n)*?".join(map(re.escape, parts)), printed) is not None


def pages() -> list[str]:
    """Every page for people."""
    return [
        name
        for name in tracked()
        if name.endswith(".md") and not name.startswith(("tests/", ".github/"))
    ]


def blocks(page: str) -> list[Block]:
    """The fenced blocks of one page."""
    text = (TOP / page).read_text(encoding="utf-8")
    return [
        Block(
            page=page,
            line=text.count("\n", 0, match.start()) + 1,
            language=match[1],
            text=match[2],
        )
        for match in _FENCE.finditer(text)
    ]


def runs(block: Block) -> list[Run]:
    """The commands of a console block: each line that starts with `$ ` begins one."""
    found: list[Run] = []
    for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        line, _, expected = part.partition("\n")
        code = _EXIT.search(line)
        command = line[: code.start()] if code else line
        found.append(Run(command=command, expected=expected, code=int(code[1]) if code else 0))
    return found


def links(page: str) -> list[str]:
    """Where a page's links and pictures lead."""
    text = _FENCE.sub("", (TOP / page).read_text(encoding="utf-8"))
    return [one or other for one, other in _LINK.findall(text)]


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.replace(" ", "-") for heading in plain}
