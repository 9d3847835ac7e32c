"""The line of a changed field in files that are too large to be read again as a whole."""

import pytest

from reviewer.delta.policies import _LARGE
from tests import kit

FILLER = "# nothing of ours, to make the file large\n" * (_LARGE // 40)
POLICY = """apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec:
  podSelector: {}

  ingress:
    - ports:
        - port: 80
"""
OTHER = POLICY.replace("name: db", "name: other")
LIST = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicyList\nitems:\n"


def item(text: str) -> str:
    """An object as an item of a list."""
    first, *rest = text.splitlines()
    return "\n".join((f"  - {first}", *(f"    {line}" if line else "" for line in rest))) + "\n"


def braced(name: str) -> str:
    """An object in braces, as JSON is written."""
    return f"""  {{
    apiVersion: networking.k8s.io/v1,
    kind: NetworkPolicy,
    metadata: {{name: {name}, namespace: shop}},
    spec: {{podSelector: {{}}, ingress: [{{
      ports: [
        {{port: 80}}]}}]}}
  }}"""


LATER = OTHER.replace("other", "z")
WRITTEN = {
    "a document among others": f"{FILLER}---\n{OTHER}---\n{POLICY}---\n{LATER}",
    "the last document": f"{FILLER}---\n{OTHER}---\n{POLICY}",
    "an item of a list": f"{FILLER}{LIST}{item(OTHER)}{item(POLICY)}{item(LATER)}",
    "the last item of a list": f"{FILLER}{LIST}{item(OTHER)}{item(POLICY)}",
    "in braces": f"{FILLER}{LIST[:-1]} [\n{braced('a')},\n{braced('db')},\n{braced('z')}\n]\n",
    "with other line ends": f"{FILLER}---\n{POLICY}".replace("\n", "\r"),
    "with an anchor of another item": (
        f"{FILLER}{LIST}{item(OTHER.replace('podSelector: {}', 'podSelector: &all {}'))}"
        f"{item(POLICY.replace('podSelector: {}', 'podSelector: *all'))}"
    ),
}


@pytest.mark.parametrize("text", WRITTEN.values(), ids=WRITTEN)
def test_line_of_a_field(text: str) -> None:
    """The ports of the policy that changed, wherever it is written."""
    head = _only_db(text)
    line = next(at for at, each in enumerate(head.splitlines(), 1) if "81" in each) - 1
    (changed,) = kit.diff(text, head)["policies"]
    assert [(each["path"], each["line"]) for each in changed["fields"]] == [
        ("spec.ingress[0].ports", line)
    ]


def _only_db(text: str) -> str:
    before, name, after = text.partition("name: db")
    return before + name + after.replace("80", "81", 1)
