"""One cluster of a configuration: its files, its settings, and what is said of the rest (R-2, R-3,
R-20 to R-22)."""

from __future__ import annotations

from typing import Any

import pytest

from reviewer.base.errors import UsageError
from reviewer.config.scope import Globs
from reviewer.options import Options, Wishes, settle
from tests import kit

POD = "{apiVersion: v1, kind: Pod, metadata: {name: NAME, labels: {app: NAME}}}\n"
DENY = (
    "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: NAME},"
    " spec: {podSelector: {}, policyTypes: [Ingress, Egress]}}\n"
)
PROD = "{name: prod, paths: ['prod/**', 'shared/*.yaml', '!**/drafts/**'], fail-on: low}"
TEST = "{name: test, paths: ['test/**', 'shared/*.yaml'], namespace: shop}"
BOTH = f"version: 1\ndefaults: {{fail-on: medium}}\nclusters:\n- {PROD}\n- {TEST}\n"
ONE = f"version: 1\nclusters: [{PROD}]\n"
TREE = {
    "prod/a.yaml": POD.replace("NAME", "a"),
    "prod/x/b.yaml": POD.replace("NAME", "b"),
    "prod/drafts/c.yaml": POD.replace("NAME", "c"),
    "test/d.yaml": POD.replace("NAME", "d"),
    "shared/e.yaml": POD.replace("NAME", "e"),
    "shared/x/f.yaml": POD.replace("NAME", "f"),
}

FITS = [
    ("a/**", "a/b", True),
    ("a/**", "a/b/c.yaml", True),
    ("a/**", "a", False),
    ("a/**", "b/a/c", False),
    ("**/a/**", "a/b", True),
    ("**/a/**", "x/y/a/b/c", True),
    ("**/a.yaml", "a.yaml", True),
    ("**/a.yaml", "x/a.yaml", True),
    ("**/a.yaml", "xa.yaml", False),
    ("*.yaml", "a.yaml", True),
    ("*.yaml", "x/a.yaml", False),
    ("a/*/c", "a/b/c", True),
    ("a/*/c", "a/b/b/c", False),
    ("?.yaml", "a.yaml", True),
    ("?.yaml", "ab.yaml", False),
    ("a.b", "aXb", False),
    ("**", "a/b", True),
]


@pytest.mark.parametrize(("glob", "path", "fits"), FITS)
def test_a_glob(glob: str, path: str, fits: bool) -> None:
    """R-20: `**`, `*`, `?`, from the repository's top."""
    assert (path in Globs([glob])) is fits


def test_the_last_glob_that_fits_decides() -> None:
    """R-20: order counts, `!` takes away."""
    globs = Globs(["a/**", "!a/b/**", "a/b/c"])
    assert [p for p in ("a/x", "a/b/x", "a/b/c", "d") if p in globs] == ["a/x", "a/b/c"]


def asked(text: str, **wishes: Any) -> Options:
    """The options that this configuration gives."""
    return settle(text.encode(), "c.yml", Wishes(today="2030-01-01", **wishes))


def names(options: Options) -> list[str]:
    """The workloads that are read."""
    found = kit.flow_result(TREE, **options._asdict())
    return [each.partition("[")[0] for each in found.snapshot.reachability.workloads]


CHOSEN = [
    ("the one cluster there is", ONE, {}, ["default/a", "default/b", "default/e"]),
    ("one of several", BOTH, {"cluster": "prod"}, ["default/a", "default/b", "default/e"]),
    ("the other one, its namespace", BOTH, {"cluster": "test"}, ["shop/d", "shop/e"]),
    ("a folder that somebody names is whole", BOTH, {"whole": True},
     [f"default/{n}" for n in "abcdef"]),
    ("no cluster, some ignored", "version: 1\nignore: ['prod/**', '!prod/a.yaml']\n", {},
     [f"default/{n}" for n in "adef"]),
    ("ignored before the cluster has it", ONE + "ignore: ['**/x/**']\n", {},
     ["default/a", "default/e"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "wishes", "expected"), [c[1:] for c in CHOSEN], ids=[c[0] for c in CHOSEN]
)
def test_the_files_of_a_cluster(text: str, wishes: dict[str, Any], expected: list[str]) -> None:
    """R-2, R-3, R-4."""
    assert names(asked(text, **wishes)) == expected


def test_the_settings_of_a_cluster() -> None:
    """A cluster's own over `defaults`, a flag over both."""
    assert asked(BOTH, cluster="prod").fail_on == "low"
    assert asked(BOTH, cluster="test").fail_on == "medium"
    assert asked(BOTH, cluster="prod", fail_on="critical").fail_on == "critical"
    assert asked(BOTH, whole=True).fail_on == "medium"


REFUSED = [
    ("several and none chosen", BOTH, {}, "names 2 clusters", "--cluster (prod, test)"),
    ("one that is not there", BOTH, {"cluster": "pro"}, "no cluster 'pro'", "it has: prod, test"),
    ("none at all", "version: 1\n", {"cluster": "prod"}, "no cluster 'prod'", "it has: none"),
    (
        "one that would have to be rendered",
        "version: 1\nclusters: [{name: prod, helm: [{chart: a, release: a}]}]\n",
        {},
        "cluster 'prod' has charts",
        "render it in a step before",
    ),
]


@pytest.mark.parametrize(
    ("text", "wishes", "message", "hint"), [c[1:] for c in REFUSED], ids=[c[0] for c in REFUSED]
)
def test_no_guess(text: str, wishes: dict[str, Any], message: str, hint: str) -> None:
    """R-3: exit 2, with the names."""
    with pytest.raises(UsageError) as caught:
        asked(text, **wishes)
    assert message in caught.value.message
    assert hint in (caught.value.hint or "")


def told(text: str, base: kit.Files, head: kit.Files, **wishes: Any) -> list[str]:
    """What is said about files in a diff."""
    result = kit.review_result(base, head, **asked(text, **wishes)._asdict())
    among = {"root-empty", "manifest-unowned", "ignored-by-default", "changed-file-ignored",
             "changed-file-unowned", "kustomize-not-rendered",
             "namespace-labels-unused"}  # fmt: skip
    return [
        f"{each.level} {each.code} {each.file}:{each.line} {each.side}: {each.message}"
        for each in result.diagnostics
        if each.code in among
    ]


def test_what_is_said_of_files_outside() -> None:
    """R-22: counted; a changed policy is named, with --strict as an error that fails the gate."""
    deny = DENY.replace("NAME", "p")
    base = {
        **TREE,
        "lost/p.yaml": deny,
        "lost/same.yaml": deny,
        "test/p.yaml": deny,
        "n.yaml": "a: 1",
    }
    head = {**base, "lost/p.yaml": deny + "# moved\n", "test/p.yaml": deny + "# moved\n"}
    said = told(BOTH, base, head, cluster="prod")
    assert said == [
        (
            "notice manifest-unowned None:None both: 4 files with manifests are in no cluster of"
            " the configuration and not read; 2 of these with policies"
        ),
        (
            "warning changed-file-unowned lost/p.yaml:1 both: holds a changed policy, and no"
            " cluster of the configuration has it"
        ),
    ]
    strict = asked(BOTH, cluster="prod", strict="changed")
    result = kit.review_result(base, head, **strict._asdict())
    assert result.verdict.failed
    assert not kit.review_result(base, base, **strict._asdict()).verdict.failed


def test_what_is_said_of_ignored_files() -> None:
    """R-4, in the words of an `ignore` that somebody wrote."""
    ignoring = "version: 1\nignore: ['lost/**']\n"
    base = {**TREE, "lost/p.yaml": DENY.replace("NAME", "p")}
    head = {**base, "lost/p.yaml": DENY.replace("NAME", "q")}
    assert told(ignoring, base, head) == [
        (
            "notice ignored-by-default None:None both: 1 file with manifests is left out by"
            " `ignore` of the configuration; 1 of these with policies"
        ),
        (
            "warning changed-file-ignored lost/p.yaml:1 both: holds a changed policy, and `ignore`"
            " of the configuration leaves it out"
        ),
    ]


def test_a_glob_that_fits_nothing() -> None:
    """R-21: on neither side; a glob that takes away may."""
    text = "version: 1\nclusters:\n- {name: prod, paths: ['prod/**', 'prd/**', '!x/**', 'new/*']}\n"
    head = {**TREE, "new/g.yaml": POD.replace("NAME", "g")}
    [_, said] = told(text, TREE, head)
    assert said == (
        "warning root-empty c.yml:3 both: the glob 'prd/**' of cluster prod fits no file"
    )


def test_a_kustomization_is_left_out_and_said() -> None:
    """R-10: never read raw instead; --strict fails on it."""
    text = "version: 1\nclusters: [{name: prod, kustomize: [prod], paths: [shared/*]}]\n"
    assert names(asked(text)) == ["default/e"]
    [_, said] = told(text, TREE, TREE)
    assert said.startswith(
        "error kustomize-not-rendered c.yml:2 both: 'prod' of cluster prod is left out: kustomize"
    )
    assert kit.review_result(TREE, TREE, **asked(text, strict="all")._asdict()).verdict.failed


def test_labels_for_a_namespace_that_is_written() -> None:
    """roots.md section 6: the written ones hold, and it is said."""
    text = "version: 1\ndefaults: {namespaces: {shop: {team: a}, ops: {team: b}}}\n"
    files = {
        "a.yaml": "{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {team: c}}}\n"
    }
    [said] = told(text, files, files)
    assert said.startswith("warning namespace-labels-unused a.yaml:1 both: its labels here hold")
    found = kit.flow_result(files, **asked(text)._asdict()).snapshot.cluster.namespaces
    assert found["shop"].labels["team"] == "c"
    assert found["ops"].labels["team"] == "b"
