"""Objects that stand for policies which are not read, and are said to be (S-6, S-7, R-14, R-15)."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.base.yamldoc import Map, Seq, Value

from .groups import VERSIONS, group_of
from .manifest import Manifest
from .workloads import WORKLOADS


def read_unknown_api(manifest: Manifest) -> None:
    """A policy kind in a version that nobody serves, or that is not known here (S-7, S-60)."""
    known = " and ".join(sorted(VERSIONS[manifest.ref.kind]))
    wanted = "has no apiVersion" if not manifest.version else "is of an unknown version"
    manifest.notes.warn("unknown-api", ("apiVersion",), f"{wanted}; {known} can be read")


def read_unsupported(manifest: Manifest) -> None:
    """A kind that constrains traffic in ways that are not modelled (S-6)."""
    kind = manifest.ref.kind
    text = f"what this {kind} does is not counted"
    manifest.notes.warn("unsupported-policy", (), text)


def read_template(manifest: Manifest) -> None:
    """An OpenShift Template: nothing in it is read, only counted (R-14)."""
    policies = workloads = 0
    objects = manifest.value.get("objects")
    for item in objects if type(objects) is Seq else ():
        kind, version = _said(item, "kind"), _said(item, "apiVersion")
        policies += kind in VERSIONS
        workloads += (group_of(version, kind), kind) in WORKLOADS
    some = f"{policies} {'policy' if policies == 1 else 'policies'}"
    text = f"is not rendered: {some} and {workloads} workload{'s' * (workloads != 1)} in it"
    text += " are not read"
    manifest.notes.warn("template-not-rendered", (), text)


def read_generator(manifest: Manifest) -> None:
    """A Kyverno policy; what it generates is said where that are policies (R-15)."""
    spec = manifest.value.get("spec")
    rules = spec.get("rules") if type(spec) is Map else None
    kinds = {
        kind
        for rule in (rules if type(rules) is Seq else ())
        for kind in _generated(rule)
        if kind in VERSIONS
    }
    if kinds:
        text = f"makes objects of {', '.join(sorted(kinds))} in the cluster, which are not read"
        manifest.notes.warn("policy-generator", (), text)


def _generated(rule: Value) -> Iterator[str]:
    """The kinds that one rule of a Kyverno policy makes."""
    generate = rule.get("generate") if type(rule) is Map else None
    yield _said(generate, "kind")
    several = generate.get("cloneList") if type(generate) is Map else None
    listed = several.get("kinds") if type(several) is Map else None
    for each in listed if type(listed) is Seq else ():
        if type(each) is str:
            yield each.rpartition("/")[2]


def _said(value: Value, field: str) -> str:
    """A text of a mapping, "" where there is none."""
    found = value.get(field) if type(value) is Map else None
    return found if type(found) is str else ""


UNREAD = frozenset({read_unknown_api, read_unsupported, read_template, read_generator})
"""Readers of objects that are left out before they have an identity: two of one name are not
compared (S-8), and one without a name is no fault (S-9)."""
