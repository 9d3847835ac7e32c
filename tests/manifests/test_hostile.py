"""Texts made to hurt: each limit of G-44, an answer within its time, never a crash."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable

import pytest

from reviewer.base.diagnostics import Level
from reviewer.manifests import extract, settle
from tests.manifests.kit import document, read_text, said

HEAD = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: a}\n"
LIST = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicyList\n"
SECONDS = 3.0


def reason(text: str | bytes) -> str:
    """Why a text is unreadable."""
    (found,) = read_text(text).diagnostics
    assert found.code == "unreadable"
    return found.message.removeprefix("cannot be read and is left out: ")


def aliases(count: int) -> str:
    return f"{HEAD}a: &x b\nc: [{'*x, ' * count}]\n"


LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 1\n"
LIMITS = [
    (f"{HEAD}a: {'[' * 64}{']' * 64}", "nested deeper than 64"),
    (f"{HEAD}a: {'{b: ' * 64}{'}' * 64}", "nested deeper than 64"),
    (
        f"{HEAD}a: &x {'[' * 40}{']' * 40}\nb: {'[' * 40}*x{']' * 40}",
        "aliases nest it deeper than 64",
    ),
    (aliases(1001), "more than 1,000 aliases in the file"),
    (f"{HEAD}a: [{'x,' * 500_000}]", "more than 500,000 nodes in the file"),
    (f"{HEAD}a: &x\n  b: *x\n", "an alias inside of what it stands for"),
    (f"{HEAD}a: &x [[*x]]\n", "an alias inside of what it stands for"),
    (f"{HEAD}a: *x\n", "an alias without its anchor"),
    (f"{HEAD}? [a]\n: b\n", "a key is a list or a mapping"),
    (f"{HEAD}? &x [a]\n: b\n", "a key is a list or a mapping"),
    (f"{HEAD}a: &x [b]\n*x : c\n", "a key is a list or a mapping"),
    (f"{HEAD}<<: a\n", "a merge key without a mapping or a list of them"),
    (f"{HEAD}<<: [{{}}, a]\n", "a merge key without a mapping or a list of them"),
    (f"{HEAD}a: !!int x\n", "a value does not fit its tag !!int"),
    (f"{HEAD}a: !!binary =\n", "a !!binary value is not base64"),
    (LFS, "the file is a Git LFS pointer, not the manifest itself"),
    (b" " * ((8 << 20) + 1), "the file is larger than 8 MiB"),
    (b"\xff\xfea", "the file is not valid UTF-16"),
    (HEAD.encode() + b"a: \xff\n", "not valid text: invalid leading UTF-8 octet"),
    (f"{HEAD}a: \x00\n", "not valid text: control characters are not allowed"),
]


@pytest.mark.parametrize(("text", "expected"), LIMITS, ids=range(len(LIMITS)))
def test_limits(text: str | bytes, expected: str) -> None:
    """G-44: each is an `unreadable` that names it."""
    assert reason(text) == expected
    assert read_text(text).diagnostics[0].level is Level.ERROR


@pytest.mark.parametrize(
    "text",
    [
        f"{HEAD}a: {'[' * 63}{']' * 63}",
        aliases(1000),
    ],
    ids=range(2),
)
def test_within_limits(text: str) -> None:
    assert said(read_text(text))[0] == "4 unknown-field a"


def test_limits_are_of_the_file() -> None:
    """Not of the piece: a thousand pieces are no way around."""
    piece = HEAD + "a: &x b\nc: [" + "*x, " * 600 + "]\n"
    assert [line.split()[1] for line in said(read_text(f"{piece}---\n{piece}"))][-1] == "unreadable"


def test_a_limit_costs_its_piece() -> None:
    found = read_text(HEAD + "---\n" + HEAD + "a: " + "[" * 65 + "]" * 65)
    assert len(found.policies) == 1
    assert said(found) == ["8 unreadable cannot"]


def bomb(levels: int, width: int, start: str) -> str:
    """Each level holds the one before several times."""
    lines = [f"l0: &l0 {start}"]
    for level in range(1, levels):
        below = ", ".join([f"*l{level - 1}"] * width)
        lines.append(f"l{level}: &l{level} [{below}]")
    return "\n".join(lines) + "\n"


def merges(levels: int) -> str:
    """Each level merges the one before twice: exponential where lists of pairs are joined."""
    lines = ["l0: &l0 {a: b}"]
    lines += [f"l{n}: &l{n} {{<<: [*l{n - 1}, *l{n - 1}], k{n}: v}}" for n in range(1, levels)]
    return "\n".join(lines) + "\n"


def policy(spec: str) -> str:
    return f"{HEAD}spec: {{{spec}}}\n"


def pieces(fields: str) -> str:
    """Ten thousand objects whose names no policy may have."""
    return "".join(f"{{\n{fields}, metadata: {{name: A{n}}}}}\n---\n" for n in range(10_000))


POD = "apiVersion: v1, kind: Pod"
KEYS = ", ".join(f"k{n}: v" for n in range(450))
VALUES = ",".join(f"v{n}" for n in range(100_000))
EXCEPTS = ",".join(f"10.{n >> 8}.{n & 255}.{n % 7 * 4}/30" for n in range(20_000))
ASKS = f"matchExpressions: [{{key: a, operator: In, values: [{VALUES}]}}]"
HOSTILE: dict[str, Callable[[], str]] = {
    "alias bomb": lambda: HEAD + bomb(9, 9, "[x, x]"),
    "narrow alias bomb": lambda: HEAD + bomb(60, 2, "[x]"),
    "merge bomb": lambda: HEAD + merges(300),
    "many merges": lambda: f"{HEAD}a: &x {{{KEYS}}}\nb:\n" + "- {<<: *x}\n" * 900,
    "brackets, 1 MB": lambda: "[" * 1_000_000,
    "brackets, 200 kB": lambda: f"{HEAD}a: {'[' * 200_000}",
    "braces": lambda: f"{HEAD}a: {'{a: ' * 200_000}",
    "dashes": lambda: f"{HEAD}a:\n{'- ' * 500_000}",
    "question marks": lambda: HEAD + "? " * 500_000,
    "quotes": lambda: f"{HEAD}a: " + '"' * 1_000_001,
    "one line of 5 MB": lambda: f"{HEAD}a: {'x' * 5_000_000}",
    "one quoted line of 5 MB": lambda: f'{HEAD}a: "{"x " * 2_500_000}"',
    "many keys": lambda: f"{HEAD}a:\n" + "".join(f"  k{n}: v\n" for n in range(30_000)),
    "one key, often": lambda: f"{HEAD}a:\n" + "  k: v\n" * 40_000,
    "many comments": lambda: HEAD + "# x\n" * 1_500_000,
    "many pieces": lambda: "a: b\n---\n" * 100_000,
    "many dashes": lambda: "---x\n" * 200_000,
    "many kinds": lambda: "kind: ConfigMap\n" * 200_000,
    "words of ours": lambda: "a: |\n" + "  NetworkPolicy kind: Pod\n" * 200_000,
    "exclamation marks": lambda: f"a: '{'!' * 2_000_000}'",
    "anchors": lambda: f"{HEAD}a:\n" + "".join(f"- &a{n} x\n" for n in range(20_000)),
    "tags": lambda: f"{HEAD}a:\n" + "- !!int 5\n" * 50_000,
    "digits": lambda: f"{HEAD}a: {'9' * 10**6}\nb: 0x{'f' * 10**6}\nc: 1e{'9' * 10**6}\n",
    "underscores": lambda: f"{HEAD}a: 1{'_' * 1_000_000}\n",
    "dots": lambda: f"{HEAD}a: 1{'.' * 1_000_000}\n",
    "long name": lambda: HEAD.replace("name: a", f"name: {'a.' * 500_000}a"),
    "long kind": lambda: (
        f"kind: {'K' * 10**6}\napiVersion: x.io/v1\nmetadata: {{name: a, name: b}}\n"
        "spec: {template: {spec: {containers: []}}}\n"
    ),
    "long key": lambda: policy(f"podSelector: {{{'a' * 1000}: {'x' * 10**6}}}"),
    "long CIDR": lambda: policy(f"egress: [{{to: [{{ipBlock: {{cidr: {'1' * 10**6}/8}}}}]}}]"),
    "many rules": lambda: f"{HEAD}spec:\n  ingress:\n" + "  - {}\n" * 40_000,
    "many bad rules": lambda: f"{HEAD}spec:\n  ingress:\n" + "  - {x: 1}\n" * 20_000,
    "many bad policies": lambda: f"{LIST}items:\n" + "- {metadata: {name: A}}\n" * 8_000,
    "a selector of 10^5 values": lambda: policy(f"podSelector: {{{ASKS}}}"),
    "excepts": lambda: policy(
        f"egress: [{{to: [{{ipBlock: {{cidr: 10.0.0.0/8, except: [{EXCEPTS}]}}}}]}}]"
    ),
    "blanks": lambda: " " * 8_000_000,
    "line ends": lambda: HEAD + "\n" * 8_000_000,
    "template": lambda: "{{ " * 300_000,
    "open templates": lambda: policy(
        f"egress: [{{to: [{{ipBlock: {{cidr: '{'${<{{' * 400_000}'}}}}]}}]"
    ),
    "refused workloads": lambda: pieces(
        "kind: Deployment, apiVersion: apps/v1, spec: {template: 1}"
    ),
    "refused policies": lambda: pieces("kind: NetworkPolicy, apiVersion: networking.k8s.io/v1"),
    "nameless objects": lambda: "{\nkind: Pod,\napiVersion: v1}\n---\n" * 25_000,
    "unsupported policies": lambda: (
        "{kind: Sidecar, apiVersion: networking.istio.io/v1}\n---\n" * 20_000
    ),
    "documents that end too early": lambda: "kind: Pod\na: {\n---\n" * 20_000,
    "one name": lambda: "".join(
        f"{{{POD}, metadata: {{name: a, labels: {{a: b{n}}}}}}}\n---\n" for n in range(10_000)
    ),
    "nodes used up, then more": lambda: (
        f"{HEAD}a: [{'x,' * 499_990}]\n---\n" + f"{HEAD}---\n" * 50_000
    ),
    "items without anything": lambda: f"{{{POD}List, items: [{'{},' * 100_000}]}}",
    "items that are null": lambda: f"{{{POD}List, items: [{'~,' * 100_000}]}}",
    "items that repeat a key": lambda: (
        f"{LIST}items:\n" + "- {metadata: {name: a, name: a}}\n" * 12_000
    ),
    "rules below their dashes": lambda: f"{HEAD}spec:\n  ingress:\n" + "  -\n    {}\n" * 40_000,
    "rules of one word": lambda: f"{HEAD}spec:\n  ingress:\n" + "  - {from: [{}]}\n" * 25_000,
    "labels that are none": lambda: (
        f"{HEAD}spec:\n  podSelector:\n    matchLabels:\n"
        + "".join(f"      -{n}: x\n" for n in range(60_000))
    ),
    "comments and nothing else": lambda: "#\n" * 4_000_000,
    "containers that are none": lambda: f"{{{POD}, spec: {{containers: [{'1,' * 120_000}]}}}}",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile(name: str) -> None:
    """An answer, in time: diagnostics or objects, no exception."""
    content = HOSTILE[name]().encode()
    start = time.process_time()
    said = settle([extract(document(content))]).diagnostics
    assert time.process_time() - start < SECONDS
    assert all(len(item.message) < 1_000 and len(item.object or "") < 400 for item in said)


MANY = 1_500
OFTEN = {
    "no-name Pod": f"{{{POD}}}",
    "bad-type Pod": f"{{{POD}, metadata: {{name: a@}}, spec: 1}}",
    "invalid-policy NetworkPolicy": (
        "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: A@}}"
    ),
    "unsupported-policy Sidecar": "{kind: Sidecar, apiVersion: networking.istio.io/v1}",
}


@pytest.mark.parametrize("fault", OFTEN)
def test_a_file_is_told_a_fault_of_so_many_objects(fault: str) -> None:
    """The first thousand of a kind, in order, and how many more there are, from which line on."""
    code, kind = fault.split()
    text = "".join(OFTEN[fault].replace("@", str(n)) + "\n---\n" for n in range(MANY))
    *told, last = sorted(read_text(text).diagnostics, key=lambda item: item.line or 0)
    assert [(item.code, item.line) for item in told] == [(code, 2 * n + 1) for n in range(1000)]
    assert (last.code, last.line, last.object) == (code, 2001, None)
    assert last.message == f"{MANY - 1000} more {kind} objects have the same fault"


def test_faults_of_objects_that_do_not_count_are_not_told() -> None:
    """Two thousand refused Pods of one name: the last one holds, and it is told."""
    text = f"{{{POD}, metadata: {{name: a}}, spec: 1}}\n---\n" * 2_000
    assert said(read_text(text)) == ["3999 bad-type spec"]


def test_objects_that_are_given_too_often_are_not_compared() -> None:
    pods = (f"{{{POD}, metadata: {{name: a, labels: {{a: b{n}}}}}}}\n" for n in range(MANY))
    *told, last = read_text("---\n".join(pods)).diagnostics
    assert {item.code for item in told} == {"duplicate-object"}
    assert len(told) == 1000
    assert last.message == "499 more Pod objects were given before; they are not compared"


def test_a_file_is_told_so_many_documents_that_it_cannot_be_read() -> None:
    """Each level for itself."""
    found = read_text("kind: Pod\na: {\n---\n" * MANY + "kind: X\na: {\n---\n" * 3)
    by_level = Counter(item.level for item in found.diagnostics)
    assert by_level == {Level.ERROR: 1001, Level.WARNING: 3}
    (more,) = (item for item in found.diagnostics if item.line == 3003)
    assert more.message == "500 more documents of this file cannot be read"


def test_a_file_without_nodes_left_is_passed_over() -> None:
    """What follows is still tried, but not for ever (G-44)."""
    used = f"{HEAD}a: [{'x,' * 499_985}]\n---\n"
    one, small = f"{HEAD}---\n", "{kind: NetworkPolicy}\n"
    found = read_text(used + one * 999 + small)
    assert [item.code for item in found.diagnostics][-1] == "unknown-api"
    found = read_text(used + one * 1500 + small)
    assert found.diagnostics[-1].message == "501 more documents of this file cannot be read"


def test_merges_cost_no_more_than_their_result() -> None:
    (found,) = read_text(HEAD.replace("name: a", "name: a, labels: {<<: &l {a: b}, c: d}")).policies
    assert found.ref.name == "a"
    assert len(extract(document(HOSTILE["merge bomb"]().encode())).readings) == 1


def test_surrogates() -> None:
    """Half of a character is none: the parser says so, and so do we."""
    assert reason(HEAD + 'a: "\\ud800"\n') != ""
    assert reason(HEAD.encode() + b"a: \xed\xa0\x80\n") != ""


def test_dates_and_long_numbers_are_no_trouble() -> None:
    odd = f"2001-01-01, 2001-99-99, {'1' * 5000}, 0o9, 1:60, .nan"
    assert said(read_text(f"{HEAD}status: [{odd}]\n")) == []
