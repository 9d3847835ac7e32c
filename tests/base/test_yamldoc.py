"""From text to values: mappings, merge keys, aliases, limits, faults (S-2 to S-4, G-44)."""

from __future__ import annotations

from typing import Any

import pytest

from reviewer.base import yamldoc
from reviewer.base.building import ALIAS_LIMIT, NODE_LIMIT
from reviewer.base.pieces import Fault
from reviewer.base.yamldoc import Allowance, Loaded, Map, Seq, Vocabulary

VALUES: list[tuple[str, Any]] = [
    ("", None),
    ("# nothing", None),
    ("~", None),
    ("a", "a"),
    ("'80'", "80"),
    ("a: 1\nb: [x, y, 'y', \"n\"]\n", {"a": 1, "b": ["x", True, "y", "n"]}),
    ("- a\n-\n- b: c\n  d:\n-\n  - e\n", ["a", None, {"b": "c", "d": None}, ["e"]]),
    ("{a, b: c}", {"a": None, "b": "c"}),
    ("? a\n: b", {"a": "b"}),
    ("a: |\n  x\n  y\nb: >-\n  x\n  y\n", {"a": "x\ny\n", "b": "x y"}),
    ("a: 1\na: 2", {"a": 2}),
    ("80: a\n~: b\n1.0: c", {"80": "a", "null": "b", "1": "c"}),
    ("off: d\n0x10: e", {"false": "d", "16": "e"}),
    ("'<<': a\n\"y\": b", {"<<": "a", "y": "b"}),
    ("a: &x {b: c}\nd: *x", {"a": {"b": "c"}, "d": {"b": "c"}}),
    ("a: &x b\n*x : c\n&y d: *x", {"a": "b", "b": "c", "d": "b"}),
    ("a: &x\n- b\nc: *x", {"a": ["b"], "c": ["b"]}),
    ("- &x a\n- &x b\n- *x", ["a", "b", "b"]),
    ("- &x 80\n- *x\n- &y '80'\n- *y", [80, 80, "80", "80"]),
    ("<<: {a: 1, b: 2}\na: 3", {"a": 3, "b": 2}),
    ("a: 3\n<<: {a: 1, b: 2}", {"a": 3, "b": 2}),
    ("<<: [{a: 1}, {a: 2, b: 2}]", {"a": 1, "b": 2}),
    ("<<: {a: 1}\n<<: {a: 2, b: 2}", {"a": 2, "b": 2}),
    ("p: &x {a: 1}\nq: &z {<<: *x, b: 2}\nr: {<<: *z, c: 3}", {
        "p": {"a": 1}, "q": {"a": 1, "b": 2}, "r": {"a": 1, "b": 2, "c": 3},
    }),
    ("<<: {a: 1}\nb: [c]", {"a": 1, "b": ["c"]}),
    ("&m <<: {a: 1}", {"a": 1}),
    ("!!merge x: {a: 1}", {"a": 1}),
    ("!!str <<: a", {"<<": "a"}),
    ("a: !!str 80\nb: !x 80\nc: ! 80\nd: !!binary YQ==", {"a": "80", "b": "80", "c": 80, "d": "a"}),
    ("!!int 80: a\n!!binary YQ==: b", {"80": "a", "a": "b"}),
    ("a: !!map {b: !!seq [c]}\nd: !x\n- e", {"a": {"b": ["c"]}, "d": ["e"]}),
    ("a: b\n...\nc: [", {"a": "b"}),
    ("{a: b} c", {"a": "b"}),
    ("%YAML 1.1\n--- a", "a"),
    ("[" * 64 + "]" * 64, None),
]  # fmt: skip


def load(text: str | bytes) -> Loaded | Fault:
    content = text.encode() if isinstance(text, str) else text
    return yamldoc.load(content, Vocabulary(), Allowance())


@pytest.fixture(params=["libyaml", "python"])
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Every test that asks for it runs with either parser."""
    if request.param == "python":
        monkeypatch.setattr(yamldoc, "CParser", None)
        monkeypatch.setattr(yamldoc, "_IS_LIGHT", False)
    return str(request.param)


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize(("text", "value"), VALUES, ids=range(len(VALUES)))
def test_values(text: str, value: Any) -> None:
    found = load(text)
    assert isinstance(found, Loaded)
    if not text.startswith("[["):
        assert found.value == value
    assert yamldoc.check(text.encode()) is None


FAULTS = [
    ("a: [", 1),
    ("a: 'b", 1),
    ("a:\n\t- b", 2),
    ("a: b\n c: d", 2),
    ("a: @b", 1),
    ("a: b: c", 1),
    ("- a\nb: c", 2),
    ("%YAML 1.1\n", 2),
]


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize(("text", "line"), FAULTS)
def test_syntax(text: str, line: int) -> None:
    """`check` and `load` agree on what does not parse and where."""
    found = load(text)
    assert isinstance(found, Fault)
    assert found.line in {line, line + 1}
    assert yamldoc.check(text.encode()) == found


RULES = [
    ("a: *x", "an alias without its anchor", 1),
    ("\na: &x\n  b: *x", "an alias inside of what it stands for", 3),
    ("&x [*x]", "an alias inside of what it stands for", 1),
    ("&x [[*x]]", "an alias inside of what it stands for", 1),
    ("a: b\n? [c]\n: d", "a key is a list or a mapping", 2),
    ("? {c: d}\n: d", "a key is a list or a mapping", 1),
    ("? &x [c]\n: d", "a key is a list or a mapping", 1),
    ("- &x [c]\n- *x : d", "a key is a list or a mapping", 2),
    ("a:\n  <<: b", "a merge key without a mapping or a list of them", 2),
    ("<<: [b]", "a merge key without a mapping or a list of them", 1),
    ("<<:", "a merge key without a mapping or a list of them", 1),
    ("a:\n- !!int b", "a value does not fit its tag !!int", 2),
    ("!!bool b: c", "a value does not fit its tag !!bool", 1),
    ("[" * 65 + "]" * 65, "nested deeper than 64", 1),
    ("\n" + "{a: " * 65 + "}" * 65, "nested deeper than 64", 2),
    ("&x " + "[&a " * 70, "nested deeper than 64", 1),
    (f"- &x {'[' * 40}{']' * 40}\n- {'[' * 40}*x{']' * 40}", "aliases nest it deeper than 64", 2),
    ("- &x a\n- [" + "*x," * (ALIAS_LIMIT + 1) + "]", "more than 1,000 aliases in the file", 2),
]  # fmt: skip


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize(("text", "reason", "line"), RULES, ids=range(len(RULES)))
def test_rules(text: str, reason: str, line: int) -> None:
    """They are the builder's, so `check` knows nothing of them."""
    assert load(text) == Fault(reason, line)
    assert yamldoc.check(text.encode()) is None or "&a" in text


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"a: \x00", "not valid text: control characters are not allowed"),
        (b"a\n\nb: \xff", "not valid text: invalid leading UTF-8 octet"),
        (b"a: \xed\xa0\x80", "not valid text: invalid Unicode character"),
        (b"a: \xc3", "not valid text: incomplete UTF-8 octet sequence"),
    ],
)
def test_texts_that_are_none(content: bytes, reason: str) -> None:
    found = load(content)
    assert isinstance(found, Fault)
    assert found.reason == reason
    assert yamldoc.check(content) == found


def test_a_tag_that_is_no_text() -> None:
    """Half a character in percents: libyaml lets it pass, and only building meets it."""
    assert load("a: !%ED%A0%80 b") == Fault("not valid UTF-8", 1)


def test_the_other_parser_says_the_same_of_such_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yamldoc, "CParser", None)
    monkeypatch.setattr(yamldoc, "_IS_LIGHT", False)
    for content in (b"a: \x00", b"a: \xff", b"a: 'c2VjcmV0\n", b"a: *c2VjcmV0\n", b"a: !c2V! b"):
        found = load(content)
        assert isinstance(found, Fault)
        assert "c2V" not in found.reason


@pytest.mark.usefixtures("parser")
def test_lines() -> None:
    """A mapping and a sequence know the line they begin on."""
    found = load("a:\n  - b:\n      c: d\n  -\n    e: {\n    f: g}\nh:\n- i\n")
    assert isinstance(found, Loaded)
    top = found.value
    assert isinstance(top, Map)
    first, second = top["a"]
    assert (top.line, top["a"].line, first.line, first["b"].line) == (1, 2, 2, 3)
    assert (second.line, second["e"].line, top["h"].line) == (5, 5, 8)
    assert isinstance(top["h"], Seq)


def test_duplicates() -> None:
    """Each key that is given again, once; a merged key is not given again."""
    found = load("a: 1\na: 2\na: 3\nb: {c: 1, c: 2}\n<<: {d: 1}\nd: 2\n")
    assert isinstance(found, Loaded)
    assert [(each.mapping is found.value, each.key) for each in found.duplicates] == [
        (True, "a"),
        (False, "c"),
    ]
    assert not found.has_anchors


@pytest.mark.parametrize(
    ("text", "nodes"),
    [("a", 1), ("[a, b]", 3), ("{a: b}", 3), ("{a: 1, a: 2}", 5), ("- {}\n- []\n- &x a\n- *x", 5)],
)
def test_nodes_are_counted(text: str, nodes: int) -> None:
    allowance = Allowance()
    assert isinstance(yamldoc.load(text.encode(), Vocabulary(), allowance), Loaded)
    assert allowance.nodes == NODE_LIMIT - nodes


@pytest.mark.parametrize(
    ("text", "nodes"),
    [("[a, b]", 3), ("{a: b, c: d}", 5), ("{a: 1, a: 2}", 5), ("[[], {}]", 3)],
)
def test_the_last_node_that_is_allowed(text: str, nodes: int) -> None:
    allowance = Allowance()
    allowance.nodes = nodes
    assert isinstance(yamldoc.load(text.encode(), Vocabulary(), allowance), Loaded)
    allowance.nodes = nodes - 1
    found = yamldoc.load(text.encode(), Vocabulary(), allowance)
    assert isinstance(found, Fault)
    assert found.reason == f"more than {NODE_LIMIT:,} nodes in the file"


def test_aliases_count_for_what_they_stand_for() -> None:
    """Ten times ten times ... is too many nodes, however short it is written."""
    lines = ["- &a [x, x, x, x, x, x, x, x, x, x]"]
    for one, other in zip("abcdef", "bcdefg", strict=True):
        lines.append(f"- &{other} [{', '.join([f'*{one}'] * 10)}]")
    found = load("\n".join(lines))
    assert isinstance(found, Fault)
    assert found.reason == f"aliases make it more than {NODE_LIMIT:,} nodes"


def test_events_are_light() -> None:
    """The exchange that makes reading fast has its effect, and leaves nothing behind."""
    assert yamldoc._IS_LIGHT
    next_event = yamldoc.events(b"a")
    next_event()
    next_event()
    assert type(next_event()).__name__ == "ScalarEvent"
