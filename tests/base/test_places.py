"""Exact lines of anything in a piece (S-90)."""

from __future__ import annotations

import pytest

from reviewer.base.places import Path, find, places

TEXT = """\
# c
apiVersion: v1
spec:
  ingress:
  - from:
    - podSelector: {}
    -
      # why
      ipBlock:
        cidr: x
  - &same # y
    ports: [{port: 1},
      {
        port: 2}]
  - *same
  -
  - - a
    -
      - b
  m:
    a.b/c: 1
    a: {b: 2, !!str 5: z, "q": w}
    *key : 1
  again: &key x
  again:
    c: d
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("", 2),
        ("spec", 3),
        ("spec.ingress", 4),
        ("spec.ingress[0]", 5),
        ("spec.ingress[0].from", 5),
        ("spec.ingress[0].from[0].podSelector", 6),
        ("spec.ingress[0].from[1]", 7),
        ("spec.ingress[0].from[1].ipBlock", 9),
        ("spec.ingress[0].from[1].ipBlock.cidr", 10),
        ("spec.ingress[1]", 11),
        ("spec.ingress[1].ports[0]", 12),
        ("spec.ingress[1].ports[1]", 14),
        ("spec.ingress[1].ports[1].port", 14),
        ("spec.ingress[2]", 15),
        ("spec.ingress[2].ports[0]", 12),
        ("spec.ingress[3]", 16),
        ("spec.ingress[4]", 17),
        ("spec.ingress[4][0]", 17),
        ("spec.ingress[4][1]", 18),
        ("spec.ingress[4][1][0]", 19),
        ("spec.m.a.b/c", 21),
        ("spec.m.a.b", 22),
        ("spec.m.a.5", 22),
        ("spec.m.a.q", 22),
        ("spec.again", 25),
        ("spec.again.c", 26),
        ("spec.nothing", 3),
        ("spec.ingress[9].from", 4),
        ("spec.ing", 3),
        ("spec..m", 3),
        ("[0]", 2),
    ],
)
def test_find(path: str, line: int) -> None:
    assert find(places(TEXT.encode()), path).line == line


@pytest.mark.parametrize(
    ("text", "path", "line"),
    [
        ("a", (), 1),
        ("\n\na", (), 3),
        ("", (), 1),
        ("[]", (), 1),
        ("- a\n-\n\n  # x\n\n  b: c", (1,), 2),
        ("- a\n-\n  b: c", (1, "b"), 3),
        ("-\n  a: b", (0,), 1),
        ("- !!map\n  a: b", (0,), 1),
        ('{\n\n"a": {\n"b": 1}}', (), 3),
        ('{\n\n"a": {\n"b": 1}}', ("a",), 3),
        ('{\n\n"a": {\n"b": 1}}', ("a", "b"), 4),
        ("a: b\rc: [d]\r", ("c", 0), 2),
        ("- a\r- b: c", (1,), 2),
        ("? a\n: - b\n  - c", ("a", 1), 3),
    ],
)
def test_node(text: str, path: Path, line: int) -> None:
    assert places(text.encode()).node(path).line == line


@pytest.mark.parametrize(
    ("text", "path", "line"),
    [
        ("a: {\n\n b: c}", ("a",), 3),
        ("a: &x\n  b: c\n  b: d", ("a",), 3),
        ("a: &x\n  b: c\n  d: e", ("a",), 2),
        ("a: {}", ("a",), 1),
        ("a: b", ("a",), 1),
    ],
)
def test_first(text: str, path: Path, line: int) -> None:
    """The first key of a mapping; one that is given again counts where it stands last."""
    assert places(text.encode()).node(path).first() == line
