"""Objects that stand for policies which are not read, and are said to be (S-6, R-14, R-15)."""

from __future__ import annotations

import pytest

from tests.manifests.kit import read_files, read_text, said


@pytest.mark.parametrize(
    ("version", "kind"),
    [
        ("projectcalico.org/v3", "NetworkPolicy"),
        ("crd.projectcalico.org/v1", "GlobalNetworkPolicy"),
        ("cilium.io/v2", "CiliumNetworkPolicy"),
        ("cilium.io/v2", "CiliumClusterwideNetworkPolicy"),
        ("crd.antrea.io/v1beta1", "NetworkPolicy"),
        ("crd.antrea.io/v1beta1", "ClusterNetworkPolicy"),
        ("k8s.cni.cncf.io/v1beta2", "MultiNetworkPolicy"),
        ("k8s.ovn.org/v1", "EgressFirewall"),
        ("network.openshift.io/v1", "EgressNetworkPolicy"),
        ("security.istio.io/v1", "AuthorizationPolicy"),
        ("security.istio.io/v1", "PeerAuthentication"),
        ("networking.istio.io/v1", "Sidecar"),
    ],
)
def test_unsupported_policies(version: str, kind: str) -> None:
    """S-6: by group and kind; two of one name are not compared."""
    text = f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: a}}\nspec: "
    found = read_files(a=f"{text}1\n", b=f"# here\n{text}2\n")
    assert said(found) == ["1 unsupported-policy what", "2 unsupported-policy what"]
    assert found.diagnostics[0].object == f"{kind} default/a"
    assert list(found.objects()) == []


def test_an_unsupported_policy_without_a_name() -> None:
    """It is not counted either, whatever else is wrong with it."""
    found = read_text("apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: 5\n")
    assert said(found) == ["1 unsupported-policy what"]
    assert found.diagnostics[0].object is None


@pytest.mark.parametrize("version", ["v1", "template.openshift.io/v1"])
def test_openshift_templates(version: str) -> None:
    """R-14: with the count of what is in it."""
    text = (
        f"apiVersion: {version}\nkind: Template\nmetadata: {{name: a}}\nobjects:\n"
        "- {apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: '${NAME}'}}\n"
        "- {apiVersion: apps/v1, kind: Deployment}\n"
        "- {apiVersion: extensions/v1beta1, kind: DaemonSet}\n"
        "- {kind: 5}\n- 6\n"
    )
    (found,) = read_text(text).diagnostics
    assert (found.code, found.level, found.line) == ("template-not-rendered", "warning", 1)
    assert found.message == "is not rendered: 1 policy and 2 workloads in it are not read"


@pytest.mark.parametrize("objects", ["", "objects: {}\n", "objects: []\n"])
def test_empty_templates(objects: str) -> None:
    text = f"apiVersion: v1\nkind: Template\nmetadata: {{name: a}}\n{objects}"
    (found,) = read_text(text).diagnostics
    assert "0 policies and 0 workloads" in found.message


@pytest.mark.parametrize(
    ("rules", "kinds"),
    [
        ("[{generate: {kind: NetworkPolicy, name: deny}}]", "NetworkPolicy"),
        (
            "[{generate: {cloneList: {kinds: [v1/Secret, networking.k8s.io/v1/NetworkPolicy]}}}]",
            "NetworkPolicy",
        ),
        ("[{validate: {}}, {generate: {kind: ConfigMap}}]", None),
        ("[{generate: {cloneList: {kinds: a}}}, {generate: {cloneList: 5}}, 6]", None),
        ("{}", None),
    ],
)
def test_policy_generators(rules: str, kinds: str | None) -> None:
    """R-15: Kyverno policies that make policies."""
    head = "apiVersion: kyverno.io/v1\nkind: ClusterPolicy\nmetadata: {name: a}\nspec:\n"
    found = read_text(f"{head}  rules: {rules}\n").diagnostics
    if kinds is None:
        assert found == ()
    else:
        assert [item.code for item in found] == ["policy-generator"]
        assert f"makes objects of {kinds} in the cluster" in found[0].message
        assert found[0].object == "ClusterPolicy a"


def test_a_generator_without_a_spec() -> None:
    assert said(read_text("apiVersion: kyverno.io/v1\nkind: Policy\nspec: 5\n")) == []
