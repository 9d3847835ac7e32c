"""From files to objects: pieces, lists, identities, versions, diagnostics (S-1 to S-9, S-90)."""

from __future__ import annotations

import pytest

from reviewer.base.diagnostics import Level
from reviewer.base.documents import Document, ObjectRef
from reviewer.base.labels import namespace_named
from reviewer.manifests import FieldLines, Memo, PodPeer, extract, read, settle
from tests.manifests.kit import codes, document, policy_of, read_files, read_text, said

NP = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n"
ONE = f"{NP}metadata: {{name: a}}\n"
JSON = '"kind": "NetworkPolicy", "apiVersion": "networking.k8s.io/v1"'
TWO = f"{NP}metadata: {{name: b}}\n"


def names(text: str | bytes) -> list[str]:
    return [policy.ref.name for policy in read_text(text).policies]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{ONE}---\n{TWO}", ["a", "b"]),
        (f"---\n{ONE}--- # two\n{TWO}---\t\n", ["a", "b"]),
        (f"{ONE}---\n\n# nothing\n---\nnull\n---\n~\n---\n{TWO}", ["a", "b"]),
        (f"{ONE}...\n{TWO}", ["a"]),
        (f"{ONE}---x: [\n", []),
        (f"{ONE}data: |\n  ---\n  text\n", ["a"]),
    ],
)
def test_pieces(text: str, expected: list[str]) -> None:
    """S-2: of each piece the first document only."""
    assert names(text) == expected


def test_a_bad_piece_costs_itself_alone() -> None:
    """S-2, S-90."""
    found = read_text(f"{ONE}---\nkind: NetworkPolicy\na: [\n---\na: [\n---\n{TWO}")
    assert [policy.ref.name for policy in found.policies] == ["a", "b"]
    assert said(found) == ["7 unreadable cannot", "9 unreadable cannot"]
    assert [item.level for item in found.diagnostics] == [Level.ERROR, Level.WARNING]
    assert found.policies[1].origin.line == 10


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_encodings(encoding: str) -> None:
    """S-2."""
    text = ONE if encoding == "utf-16" or "sig" in encoding else f"\ufeff{ONE}"
    assert names(text.encode(encoding)) == ["a"]
    assert names(text.replace("\n", "\r\n").encode(encoding)) == ["a"]


def test_line_ends_do_not_move_lines() -> None:
    text = f"{ONE}---\r\n{TWO}".replace("\n", "\r\n").replace("\r\r", "\r")
    assert [policy.origin.line for policy in read_text(text).policies] == [1, 5]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (f"{ONE}spec:\n\tpodSelector: {{}}\n", 0),
        (f"{ONE}spec:\tnull\n", 1),
        (f"{{\t{JSON},\n\t" + '"metadata": {"name": "a"}}', 1),
    ],
)
def test_tabs(text: str, count: int) -> None:
    """S-2: one that indents is an error; elsewhere it is white space."""
    assert len(read_text(text).policies) == count


def test_json() -> None:
    text = '{\n  "apiVersion": "networking.k8s.io/v1",\n  "kind": "NetworkPolicy",\n'
    text += '  "metadata": {"name": "a"},\n  "spec": {"ingress": [\n    {\n      "from": []}]}\n}\n'
    policy = policy_of(text)
    assert policy.origin.line == 2
    assert policy.rules[0].origin.line == 7


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("80: x", {"80": "x"}),
        ("y: x", {"true": "x"}),
        ("off: x", {"false": "x"}),
        ("0x10: x", {"16": "x"}),
        ("1.5: x", {"1.5": "x"}),
        ("'y': x", {"y": "x"}),
        ("=: '='", {"=": "="}),
        ("!!binary YQ==: x", {"a": "x"}),
    ],
)
def test_keys_are_read_by_their_text(text: str, expected: dict[str, str]) -> None:
    """S-4; a plain `=` is a string."""
    found = read_text(
        f"apiVersion: v1\nkind: Namespace\nmetadata:\n  name: a\n  labels:\n    {text}\n"
    )
    assert said(found) == []
    assert found.namespaces[0].labels == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: !!str 5", {"a": "5"}),
        ("a: !other 5", {"a": "5"}),
        ("a: 1:20\nb: 2001-01-01", {"a": "1:20", "b": "2001-01-01"}),
        ("a: =", {"a": "="}),
        ("a: &x b\nc: *x\n*x : d", {"a": "b", "c": "b", "b": "d"}),
        ("<<: {a: b, c: d}\na: x", {"c": "d", "a": "x"}),
        ("a: x\n<<: [{a: b, c: d}, {c: e, f: g}]", {"a": "x", "c": "d", "f": "g"}),
        ("'<<': x", {"<<": "x"}),
        ("!!merge <<: {a: b}", {"a": "b"}),
    ],
)
def test_labels_of_odd_spelling(text: str, expected: dict[str, str]) -> None:
    """S-3, S-4."""
    body = "".join(f"    {line}\n" for line in text.splitlines())
    found = read_text(f"apiVersion: v1\nkind: Namespace\nmetadata:\n  name: ns\n  labels:\n{body}")
    assert said(found) == []
    assert found.namespaces[0].labels == expected


def test_merged_objects() -> None:
    """S-4: anchors hold within a piece, and a merged kind is a kind."""
    text = "x: &base\n  apiVersion: networking.k8s.io/v1\n  kind: NetworkPolicy\n<<: *base\n"
    assert names(f"{text}metadata: {{name: a}}\n") == ["a"]
    assert said(read_text(f"{ONE}spec: *nowhere\n")) == ["4 unreadable cannot"]


def test_duplicate_keys() -> None:
    """S-4: the last one holds; said of manifests of ours alone."""
    found = read_text(f"{ONE}spec:\n  podSelector: {{}}\nkind: ConfigMap\n")
    assert said(found) == []
    found = read_text(
        f"kind: ConfigMap\n{ONE}metadata: {{name: b}}\nspec:\n  podSelector: {{}}\n"
        "  podSelector: {matchLabels: {a: b, a: c}}\n"
    )
    assert said(found) == [
        "3 duplicate-key kind",
        "5 duplicate-key metadata",
        "8 duplicate-key spec.podSelector",
        "8 duplicate-key spec.podSelector.matchLabels.a",
    ]
    assert found.policies[0].ref.name == "b"
    assert str(found.policies[0].subject.pods) == "a=c"


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("List", ["4 duplicate-key items"]),
        ("NetworkPolicyList", ["4 duplicate-key items"]),
        ("ConfigMapList", []),
    ],
)
def test_duplicate_keys_of_a_list(kind: str, expected: list[str]) -> None:
    """S-4, S-5: a second `items` hides the first, which must not be silent."""
    item = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}"
    found = read_text(f"apiVersion: v1\nkind: {kind}\nitems: [{item}]\nitems: [{item}]\n")
    assert said(found) == expected


def test_duplicate_keys_within_a_list() -> None:
    """Each is said of the item that has it."""
    item = "- {apiVersion: v1, kind: Service, metadata: {name: a, name: %s}}\n"
    found = read_text("apiVersion: v1\nkind: List\nitems:\n" + item % "b" + item % "c")
    assert [item.object for item in found.diagnostics] == ["Service default/b", "Service default/c"]


def test_lists() -> None:
    """S-5: of any kind, to any depth; an item's line is its dash's."""
    found = read_text(
        "apiVersion: v1\nkind: List\nitems:\n"
        "- apiVersion: v1\n  kind: Namespace\n  metadata: {name: ns}\n"
        "-\n  apiVersion: networking.k8s.io/v1\n  kind: NetworkPolicyList\n  items:\n"
        "  - metadata: {name: a}\n    spec: {ingress: [{}]}\n"
        "  - {apiVersion: v1, kind: Service, metadata: {name: s}}\n"
        "  - metadata: {name: b}\n    spec: {x: 1}\n"
        "- null\n- 5\n"
    )
    assert [(str(each.ref), each.origin.line) for each in found.objects()] == [
        ("NetworkPolicy default/a", 11),
        ("NetworkPolicy default/b", 14),
        ("Namespace ns", 4),
        ("Service default/s", 13),
    ]
    assert found.policies[0].rules[0].origin.line == 12
    assert said(found) == ["15 unknown-field spec.x"]


@pytest.mark.parametrize(
    ("version", "kind", "expected"),
    [
        ("v1", "List", []),
        ("apps/v1", "DeploymentList", ["Deployment default/a"]),
        ("extensions/v1beta1", "IngressList", ["Ingress default/a"]),
        ("example.com/v1", "AnyList", ["Any default/a"]),
        ("apps/v1", "DeploymentSet", []),
    ],
)
def test_typed_lists(version: str, kind: str, expected: list[str]) -> None:
    """S-5: an item takes kind and version from its list."""
    item = "{metadata: {name: a}, spec: {template: {spec: {containers: []}}}}"
    found = read_text(f"apiVersion: {version}\nkind: {kind}\nitems: [{item}]\n")
    assert [str(each.ref) for each in found.objects()] == expected


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ("apiVersion: v1, kind: Service", "Service default/a"),
        ("kind: DaemonSet", "DaemonSet default/a"),
        ("apiVersion: apps/v1beta1", "Deployment default/a"),
    ],
)
def test_items_that_say_what_they_are(item: str, expected: str) -> None:
    """S-5: what an item says itself holds."""
    text = "apiVersion: apps/v1\nkind: DeploymentList\nitems: [{%s, metadata: {name: a}}]\n"
    assert [str(each.ref) for each in read_text(text % item).objects()] == [expected]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("List", ["3 bad-type items"]), ("ServiceList", ["3 bad-type items"]), ("AllowList", [])],
)
def test_items_that_are_no_list(kind: str, expected: list[str]) -> None:
    """S-11."""
    assert said(read_text(f"apiVersion: v1\nkind: {kind}\nitems: {{}}\n")) == expected


@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: networking.k8s.io/v1\nmetadata: {name: a}\n",
        "kind: Service\nmetadata: {name: a}\n",
        "kind: [NetworkPolicy]\napiVersion: networking.k8s.io/v1\n",
        "a: b\n",
        "- a\n",
        "NetworkPolicy",
        "apiVersion: example.com/v1\nkind: NetworkPolicy\nmetadata: {name: a}\n",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: 5\n",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: 5\n",
    ],
)
def test_what_is_not_ours(text: str) -> None:
    """S-6: ignored silently."""
    found = read_text(text)
    assert said(found) == []
    assert list(found.objects()) == []


@pytest.mark.parametrize(
    "version", ["null", "1", "v1", "apps/v1", "networking.k8s.io/v2", "extensions/v1"]
)
def test_unknown_versions(version: str) -> None:
    """S-6, S-7."""
    found = read_text(f"apiVersion: {version}\nkind: NetworkPolicy\nmetadata: {{name: a}}\n")
    assert said(found) == ["1 unknown-api apiVersion"]
    assert list(found.objects()) == []


def test_duplicate_objects() -> None:
    """S-8: the later in order holds, also when it is refused; of equal ones nothing is said."""
    found = read_files(b=f"{ONE}spec: {{policyTypes: [x]}}\n", a=f"{ONE}spec: {{}}\n")
    assert said(found) == ["1 duplicate-object is", "4 invalid-policy spec.policyTypes[0]"]
    assert [item.file for item in found.diagnostics] == ["b.yaml", "b.yaml"]
    assert found.policies == ()
    assert "a.yaml:1" in found.diagnostics[0].message


@pytest.mark.parametrize(
    "other",
    [
        ONE,
        f"# the same\n{ONE}",
        "kind: NetworkPolicy\nmetadata:\n  name: 'a'\napiVersion: networking.k8s.io/v1\n",
        f'{{"metadata": {{"name": "a"}}, {JSON}}}',
    ],
)
def test_equal_objects(other: str) -> None:
    """S-8: however they are written."""
    found = read_files(a=ONE, b=other)
    assert said(found) == []
    assert [policy.origin.file for policy in found.policies] == ["b.yaml"]


def test_equal_objects_of_three_texts() -> None:
    """S-8: each is compared with the one before."""
    found = read_files(a=ONE, b=f"# b\n{ONE}", c=f"# c\n{ONE}", d=f"# b\n{ONE}spec: {{}}\n")
    assert said(found) == ["2 duplicate-object is"]
    assert "c.yaml:2" in found.diagnostics[0].message


def test_equal_objects_within_a_list() -> None:
    items = "- {apiVersion: v1, kind: Service, metadata: {name: a}}\n" * 2
    found = read_text(f"apiVersion: v1\nkind: List\nitems:\n{items}")
    assert (said(found), len(found.services)) == ([], 1)


@pytest.mark.parametrize(
    ("other", "warned"),
    [
        ("apiVersion: extensions/v1beta1\nkind: NetworkPolicy\nmetadata: {name: a}\n", True),
        (f"{NP}metadata: {{name: a, namespace: default}}\n", True),
        (f"{NP}metadata: {{name: a, namespace: other}}\n", False),
        ("apiVersion: v1\nkind: Service\nmetadata: {name: a}\n", False),
        (f"{NP}metadata: {{name: a, annotations: {{a: b}}}}\n", True),
    ],
)
def test_identity(other: str, warned: bool) -> None:
    """S-8: group, kind, namespace and name; `extensions` is where its kinds moved to."""
    assert ("duplicate-object" in codes(read_files(a=ONE, b=other))) is warned


def test_an_unknown_version_hides_nothing() -> None:
    """S-7: it is left out before identities are settled (S-8)."""
    found = read_files(a=ONE, b=ONE.replace("/v1", "/v2"))
    assert said(found) == ["1 unknown-api apiVersion"]
    assert len(found.policies) == 1
    assert said(read_text("kind: NetworkPolicy\n")) == ["1 unknown-api apiVersion"]


def test_generated_names() -> None:
    """S-9: such objects never are duplicates of one another."""
    text = f"{NP}metadata: {{generateName: a-}}\n"
    found = read_text(f"{text}---\n{text}spec: {{egress: []}}\n")
    assert (said(found), len(found.policies)) == ([], 2)


@pytest.mark.parametrize(
    "metadata", ["", "metadata: {}\n", "metadata: {name: }\n", "metadata: {generateName: ''}\n"]
)
def test_no_name(metadata: str) -> None:
    """S-9."""
    found = read_text(NP + metadata)
    assert codes(found) == ["no-name"]
    assert found.policies == ()


def test_order() -> None:
    """S-1: whatever order the files come in; the bytes of the path decide."""
    files = dict.fromkeys(("b", "B", "a"), f"{NP}metadata: {{generateName: a-}}\n")
    found = read_files(**files)
    assert [policy.origin.file for policy in found.policies] == ["B.yaml", "a.yaml", "b.yaml"]
    assert found == read_files(**dict(reversed(files.items())))


def test_memo() -> None:
    """One text, one reading; content that the memo knows need not come again."""
    memo = Memo()
    first = read([document(ONE), document(TWO, "b.yaml")], memo)
    known = Document(path="a.yaml", key=ONE.encode(), content=None)
    assert ("a.yaml", ONE.encode()) in memo
    assert ("c.yaml", ONE.encode()) not in memo
    assert read([known, document(TWO, "b.yaml")], memo) == first
    with pytest.raises(ValueError, match=r"c\.yaml"):
        read([Document(path="c.yaml", key=b"", content=None)], memo)


def test_settle() -> None:
    """What files say can be put together in any selection."""
    one, two = extract(document(ONE)), extract(document(f"{ONE}spec: {{}}\n", "b.yaml"))
    assert len(settle([one]).policies) == 1
    assert [item.code for item in settle([one, two]).diagnostics] == ["duplicate-object"]


def test_objects_that_write_no_namespace() -> None:
    """R-20: they are where the cluster's configuration says, with all that follows from it."""
    rules = (
        "ingress: [{from: [{podSelector: {}}, {ipBlock: {cidr: 10.0.0.0/8}},"
        " {podSelector: {}, namespaceSelector: {matchLabels: {a: b}}}]}, {}]"
    )
    text = (
        f"{NP}metadata: {{name: a}}\nspec: {{x: 1, {rules}}}\n---\n"
        f"{NP}metadata: {{name: b, namespace: default}}\n---\n"
        "apiVersion: v1\nkind: Service\nmetadata: {name: s}\n---\n"
        "apiVersion: v1\nkind: Namespace\nmetadata: {name: default}\n---\n"
        "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nstatus: {phase: Failed}\n---\n"
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: i}\n"
        "spec: {defaultBackend: {service: {name: s, port: {number: 80}}}}\n"
    )
    found = read([document(text)], Memo(), "shop")
    assert [str(each.ref) for each in found.objects()] == [
        "NetworkPolicy shop/a",
        "NetworkPolicy default/b",
        "Namespace default",
        "Service shop/s",
        "Ingress shop/i",
    ]
    first = found.policies[0]
    assert first.subject.namespaces == namespace_named("shop")
    own, _, other = first.rules[0].peers or ()
    assert isinstance(own, PodPeer)
    assert isinstance(other, PodPeer)
    assert own.selector.namespaces == namespace_named("shop")
    assert str(other.selector.namespaces) == "a=b"
    assert found.entries[0].backends[0].namespace == "shop"
    assert [item.object for item in found.diagnostics] == ["NetworkPolicy shop/a"]


def test_template_text() -> None:
    """S-90."""
    found = read_text("kind: NetworkPolicy\nmetadata:\n  name: {{ .Name }}\n")
    assert found.diagnostics[0].message.endswith("it looks like a template to be rendered first")
    assert found.diagnostics[0].level is Level.ERROR


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("kind: ConfigMap\na: [", Level.WARNING),
        ("kind: Deployment\na: [", Level.ERROR),
        ("kind: DeploymentList\na: [", Level.ERROR),
        ('  "kind": "Deployment",\na: [', Level.ERROR),
        ("- kind: Service # here\na: [", Level.ERROR),
        ("# about NetworkPolicy\na: [", Level.ERROR),
        ("# about NetworkPolicyPeer\na: [", Level.WARNING),
        ("the kind: Deployment\na: [", Level.WARNING),
        ("kind: Deployments\na: [", Level.WARNING),
        ("kind: CiliumNetworkPolicy\na: [", Level.ERROR),
    ],
)
def test_level_of_unreadable(text: str, level: Level) -> None:
    """S-90: a warning where it cannot matter to connectivity."""
    (found,) = read_text(text).diagnostics
    assert (found.code, found.level) == ("unreadable", level)


def test_messages_hold_no_text_of_the_file() -> None:
    """G-45: neither of a Secret nor of what does not parse."""
    secret = "c2VjcmV0LWNhbmFyeQ"
    texts = [
        f"apiVersion: v1\nkind: Secret\nmetadata: {{name: a}}\ndata: {{a: {secret}}}\n",
        f"kind: NetworkPolicy\na: '{secret}\n",
        f"kind: NetworkPolicy\na: *{secret}\n",
        f"kind: NetworkPolicy\na: !!int {secret}\n",
        f"kind: NetworkPolicy\na: !{secret}! b\n",
        f"kind: NetworkPolicy\n- {secret}\n",
        f"{ONE}spec: {{ingress: {secret}}}\n",
    ]
    for text in texts:
        assert secret not in repr(read_text(text))


FIELDS = """\
# a
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: a}
spec:
  podSelector:
    matchLabels:
      app.kubernetes.io/name: x
  ingress:
  - from: []
  -
    ports:
    - port: 80
---
apiVersion: v1
kind: List
items:
- apiVersion: networking.k8s.io/v1
  kind: NetworkPolicy
  spec:
    egress: []
"""


@pytest.mark.parametrize(
    ("origin", "path", "line"),
    [
        (2, "", 2),
        (2, "spec", 5),
        (2, "spec.podSelector.matchLabels.app.kubernetes.io/name", 8),
        (2, "spec.ingress[0]", 10),
        (2, "spec.ingress[0].from", 10),
        (2, "spec.ingress[1]", 11),
        (2, "spec.ingress[1].ports[0].port", 13),
        (2, "spec.ingress[1].ports[0].endPort", 13),
        (2, "spec.ingress[7]", 9),
        (18, "spec.egress", 21),
        (3, "spec", None),
        (99, "spec", None),
    ],
)
def test_field_line(origin: int, path: str, line: int | None) -> None:
    """The line of a field, or of the nearest above it that is written."""
    assert FieldLines(FIELDS.encode()).line(origin, path) == line


@pytest.mark.parametrize("content", [b"", b"a: [", b"version https://git-lfs.github.com/spec/v1\n"])
def test_field_line_of_nothing(content: bytes) -> None:
    assert FieldLines(content).line(1, "spec") is None


def test_references_of_objects() -> None:
    assert policy_of(ONE).ref == ObjectRef("networking.k8s.io", "NetworkPolicy", "default", "a")
