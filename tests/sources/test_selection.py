"""Which paths a list of globs takes (R-20)."""

from __future__ import annotations

import pytest

from reviewer.sources import choose_paths


@pytest.mark.parametrize(
    ("globs", "path", "taken"),
    [
        ([], "a.yaml", True),
        (["*.yaml"], "a.yaml", True),
        (["*.yaml"], "k8s/a.yaml", False),
        (["k8s/**"], "k8s/a.yaml", True),
        (["k8s/**"], "k8s/x/y/a.yaml", True),
        (["k8s/**"], "k8s2/a.yaml", False),
        (["k8s/"], "k8s/x/a.yaml", True),
        (["**/prod/*.yaml"], "prod/a.yaml", True),
        (["**/prod/*.yaml"], "x/y/prod/a.yaml", True),
        (["**/prod/*.yaml"], "x/prod/y/a.yaml", False),
        (["a?.yaml"], "ab.yaml", True),
        (["a?.yaml"], "a/.yaml", False),
        (["**", "!**/drafts/**"], "x/drafts/a.yaml", False),
        (["**", "!**/drafts/**", "x/drafts/keep.yaml"], "x/drafts/keep.yaml", True),
        (["!drafts/**"], "a.yaml", True),
        (["!drafts/**"], "drafts/a.yaml", False),
        (["a+b.yaml"], "a+b.yaml", True),
        (["a.yaml"], "aXyaml", False),
        (["/k8s/*.yaml"], "k8s/a.yaml", True),
        (["**"], "line\nbreak.yaml", True),
    ],
)
def test_globs(globs: list[str], path: str, taken: bool) -> None:
    assert choose_paths(globs)(path) is taken
