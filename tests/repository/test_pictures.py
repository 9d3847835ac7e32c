"""The README's picture shows the comment as it is now (P-62)."""

from __future__ import annotations

import hashlib

from tests.conftest import GOLDEN
from tests.repository.tree import TOP

IMAGES = TOP / "docs" / "images"


def test_picture_is_of_the_golden_comment() -> None:
    comment = (GOLDEN / "opened-to-internet.markdown").read_bytes()
    shown = (IMAGES / "comment.sha256").read_text(encoding="utf-8").strip()
    assert shown == hashlib.sha256(comment).hexdigest(), "out of date: run make pictures"


def test_pictures_are_small() -> None:
    sizes = {path.name: path.stat().st_size for path in IMAGES.glob("*.png")}
    assert set(sizes) == {"comment-light.png", "comment-dark.png"}
    assert max(sizes.values()) <= 200_000
