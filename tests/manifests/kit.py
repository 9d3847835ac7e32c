"""Short ways to read a few lines of YAML, and to write down what a reading said."""

from __future__ import annotations

import textwrap

from reviewer.base.diagnostics import Diagnostic
from reviewer.base.documents import Document
from reviewer.manifests import Manifests, Memo, Policy, WorkloadObject, read

POLICY = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: p, namespace: shop}
spec:
"""
"""A spec that follows, indented by two, begins on line 5."""


def document(text: str | bytes, path: str = "a.yaml") -> Document:
    content = text.encode() if isinstance(text, str) else text
    return Document(path=path, key=content, content=content)


def read_text(text: str | bytes) -> Manifests:
    """What one file says."""
    return read([document(text)], Memo())


def read_files(**files: str) -> Manifests:
    """What several files say; `a=` is the file `a.yaml`."""
    return read([document(text, f"{name}.yaml") for name, text in files.items()], Memo())


def spec(text: str) -> str:
    """A NetworkPolicy `shop/p` with this spec."""
    return POLICY + textwrap.indent(textwrap.dedent(text), "  ")


def policy_of(text: str) -> Policy:
    """The one policy of a file in which all is well."""
    found = read_text(text)
    assert not said(found), said(found)
    (policy,) = found.policies
    return policy


def workload_of(text: str) -> WorkloadObject:
    """The one workload of a file in which all is well."""
    found = read_text(text)
    assert not said(found), said(found)
    (workload,) = found.workloads
    return workload


def told(item: Diagnostic) -> str:
    """`LINE CODE FIRST-WORD`: the first word of a message about a field is the field's path."""
    return f"{item.line} {item.code} {item.message.split()[0]}"


def said(found: Manifests) -> list[str]:
    return [told(item) for item in found.diagnostics]


def codes(found: Manifests) -> list[str]:
    return [item.code for item in found.diagnostics]
