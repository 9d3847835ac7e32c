"""Question and answer between the two processes: nothing but exactly that shape passes (G-42)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.base.documents import Document
from reviewer.base.values import replace
from reviewer.report.envelope import EnvelopeError, Refusal, read_answer, read_dossier, write_answer
from reviewer.report.question import (
    Links,
    Question,
    QuestionError,
    Settings,
    Side,
    read_question,
    write_question,
)
from tests.publish.cases import make_dossier, make_green, make_notes

DOSSIER = make_dossier(
    annotations=make_notes(3), files={"json": "{}", "sarif": "é"}, approvers=("a-b",)
)


def edited(path: str, value: Any) -> bytes:
    """A dossier's bytes with one value replaced; a path that ends in `-` takes it away."""
    values = json.loads(write_answer(DOSSIER))
    *steps, last = path.split(".")
    node = values
    for step in steps:
        node = node[int(step)] if step.isdigit() else node[step]
    if last.endswith("-"):
        del node[last[:-1]]
    else:
        node[last] = value
    return json.dumps(values).encode()


def test_an_answer_comes_back() -> None:
    assert read_dossier(write_answer(DOSSIER)) == DOSSIER
    green = make_green(counts=replace(DOSSIER.counts, unchanged=None))
    assert read_answer(write_answer(green)) == green
    refusal = Refusal(kind="config", message="line 3", hint="mend it")
    assert read_answer(write_answer(refusal)) == refusal


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("schema", "netpol-reviewer/dossier/v2"),
        ("verdict", "SUCCESS"),
        ("verdict", "success"),  # with exit code 1: a green that is red
        ("exit_code", 0),
        ("exit_code", 2),
        ("exit_code", True),
        ("reason", "two\nlines"),
        ("reason-", None),
        ("extra", 1),
        ("counts.opened", -1),
        ("counts.opened", "2"),
        ("counts.opened", 2.0),
        ("counts.more", 1),
        ("max_severity", "awful"),
        ("worst", None),
        ("moved", 1),
        ("comment", "x" * 59_001),
        ("comment", "é" * 29_501),
        ("comment", "lone \udc80"),
        ("footer", "x" * 59_000),
        ("footer", "a\nb"),
        ("summary", "x" * 1_000_001),
        ("check_run.title", "x" * 81),
        ("check_run.title", "a\nb"),
        ("check_run.text", "x" * 65_001),
        ("check_run.summary", "🔴"),
        ("check_run.more", ""),
        ("annotations.0.level", "error"),
        ("annotations.0.line", 0),
        ("annotations.0.title", "x" * 256),
        ("annotations.0.message", "x" * 4_001),
        ("annotations.0.more", 1),
        ("annotations", [1]),
        ("annotations", "x"),
        ("files.exe", "x"),
        ("files.json", 7),
        ("approvers", ["a b"]),
        ("approvers", [""]),
        ("approvers", "all"),
    ],
)
def test_what_is_not_of_the_shape_is_refused(path: str, value: Any) -> None:
    with pytest.raises(EnvelopeError):
        read_answer(edited(path, value))


def test_101_annotations_are_too_many() -> None:
    with pytest.raises(EnvelopeError, match="more than 100"):
        read_answer(write_answer(make_dossier(annotations=make_notes(101))))


def test_a_refusal_is_no_dossier() -> None:
    with pytest.raises(EnvelopeError, match="refused: no"):
        read_dossier(write_answer(Refusal(kind="usage", message="no")))


@pytest.mark.parametrize(
    "values",
    [{"kind": "bug"}, {"message": 7}, {"hint": None}, {"more": 1}, {"message": "x" * 65_000}],
)
def test_a_malformed_refusal(values: dict[str, Any]) -> None:
    given = {"schema": "netpol-reviewer/refusal/v1", "kind": "usage", "message": "m", "hint": "h"}
    with pytest.raises(EnvelopeError):
        read_answer(json.dumps(given | values).encode())


@given(st.binary(max_size=80))
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    with pytest.raises(EnvelopeError):
        read_answer(data)


@pytest.mark.parametrize("data", [b"", b"[" * 10**6, b'{"schema": ' * 10**5, b"\x00" * 100])
def test_hostile_bytes(data: bytes) -> None:
    with pytest.raises(EnvelopeError):
        read_answer(data)


# --- the question ------------------------------------------------------------------------------

TEXTS = st.text(max_size=12)
PATHS = st.binary(min_size=1, max_size=12).map(lambda name: name.decode("utf-8", "surrogateescape"))
CONTENTS = st.binary(max_size=40)


def document(path: str, content: bytes) -> Document:
    return Document(path=path, key=b"k" + content, content=content)


@st.composite
def sides(draw: st.DrawFn) -> Side:
    def documents(most: int) -> tuple[Document, ...]:
        found = draw(st.lists(st.tuples(PATHS, CONTENTS), max_size=most))
        return tuple(document(path, content) for path, content in found)

    config = documents(1)
    return Side(
        name=draw(TEXTS),
        commit=draw(st.sampled_from([None, "a" * 40, "b" * 64])),
        files=documents(5),
        config=config[0] if config else None,
        own=documents(3),
    )


LINKS = Links(
    server="https://h", repository="o/r", view="merge", base="a" * 40, head="b" * 40, pull=7
)


@given(
    sides(), st.one_of(st.none(), sides()), st.booleans(), st.sampled_from([None, (), ("a", "b")])
)
def test_a_question_comes_back(
    head: Side, base: Side | None, same: bool, approvals: tuple[str, ...] | None
) -> None:
    asked = Question(
        head=head, base=base, links=LINKS, settings=Settings(), same=same, approvals=approvals
    )
    assert read_question(write_question(asked)) == asked


def test_equal_contents_are_sent_once() -> None:
    content = b"x" * 100_000
    files = tuple(Document(path=f"{one}.yaml", key=b"k", content=content) for one in range(50))
    side = Side(name="n", commit=None, files=files)
    data = write_question(Question(head=side, base=side, links=LINKS, settings=Settings()))
    assert len(data) < 110_000


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"{}\n",
        b'{"schema": "netpol-reviewer/question/v1"}\n',
        b'{"schema": "netpol-reviewer/question/v1", "blobs": [["00", 5]]}\nabc',
        b'{"schema": "netpol-reviewer/question/v1", "blobs": [["zz", 0]]}\n',
        b'{"schema": "netpol-reviewer/question/v1", "blobs": 7}\n',
    ],
)
def test_what_is_no_question(data: bytes) -> None:
    with pytest.raises(QuestionError):
        read_question(data)


@pytest.mark.parametrize(
    "change",
    [
        {"links": replace(LINKS, view="both")},
        {"links": replace(LINKS, head="main")},
        {"settings": Settings(fail_on="info")},
        {"settings": Settings(strict="true")},
        {"settings": Settings(today="today")},
    ],
)
def test_words_are_closed(change: dict[str, Any]) -> None:
    side = Side(name="n", commit=None, files=())
    asked = Question(head=side, base=None, links=LINKS, settings=Settings())
    with pytest.raises(QuestionError):
        read_question(write_question(replace(asked, **change)))
