"""The configuration: what it says, and every mistake at once with line and column (F-20, R-20)."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from reviewer import config
from reviewer.base.documents import Origin
from reviewer.base.errors import ConfigError
from reviewer.base.labels import Selector, equals
from reviewer.base.ports import port_range
from reviewer.config import Config, read_config
from reviewer.engine import ExternalEndpoint, WorkloadEndpoint
from reviewer.findings import Place, SelectedEnd, Severity, WorkloadEnd
from tests.config.cases import WRONG

TOP = Path(__file__).resolve().parents[2]
NAME = "netpol-reviewer.yml"
WHOLE = """\
version: 1
zones: {data: {namespaces: "tier=data"}, edge: [{workload: "web/proxy[Deployment]"}, ingress-controller], all: [{zone: data}, {zone: edge}]}
sensitive: [{zone: data}, {namespaces: "kubernetes.io/metadata.name=pay", pods: "app=ledger", ports: [TCP/8443], why: "card data"}]
trusted-cidrs: [203.0.113.0/24]
metadata-addresses: [169.254.169.254/32]
transit: {sources: [internet, {zone: edge}], max-hops: 3}
checks: {disable: [redundant-rule]}
severity: [{rule: flow, from: {zone: edge}, to: {zone: data}, ports: TCP/1-9, set: critical}, {rule: blast-radius-grown, set: info}]
intents:
  - {name: no-internet, forbid: {from: internet, to: {zone: data}}, severity: critical}
  - {name: web-api, require: {from: {pods: app=web}, to: {pods: "app in (api,b),!old"}, ports: [TCP/8080]}}
pre-existing: gate
approvers: [octocat]
waivers:
  - {finding: world-ingress-0123456789ab, reason: replaced in May, owner: platform, expires: 2026-12-31}
  - flow: {source: {cidrs: [10.0.0.0/8, 10.0.0.0/9]}, destination: {workload: "shop/db[StatefulSet]"}, ports: [TCP/5432]}
    reason: the backup host reads at night
    owner: platform
    expires: "2026-12-31"
  - flow: {source: {ingress_controller: true}, destination: {selector: {namespaces: "", pods: app=x}}, ports: UDP}
    reason: it is meant to be so
    owner: platform
    expires: 2026-12-31
defaults: {pod-ranges: [10.128.0.0/14], fail-on: medium, exposure: never}
clusters:
  - name: prod
    paths: ["clusters/prod/**", "shared/*.yaml", "!**/drafts/**"]
    kustomize: ["apps/*/overlays/prod"]
    helm: [{chart: charts/shop, release: shop, namespace: shop, values: [env/prod.yaml]}]
    namespaces: {monitoring: {team: obs}}
    ipblock-pods: never
    ingress-controllers: [edge]
    fail-on: high
ignore: ["**/fixtures/**"]
"""  # noqa: E501


def read(text: str) -> Config:
    return read_config(text.encode(), NAME)


def mistakes(text: str) -> list[str]:
    """What is said of a wrong file, without its name and without the head."""
    with pytest.raises(ConfigError) as caught:
        read(text)
    return [line.strip().removeprefix(f"{NAME}:") for line in caught.value.message.splitlines()[1:]]


def test_the_smallest_file_is_all_defaults() -> None:
    assert read("version: 1\n") == Config()


def test_a_whole_file() -> None:
    """F-20, section 6 of the settings."""
    found = read(WHOLE)
    wants = found.preferences
    data = SelectedEnd(equals("tier", "data"), Selector())
    edge = (WorkloadEnd("web/proxy[Deployment]"), Place.CONTROLLER)
    assert wants.sensitive[0] == ((data,), None, "")
    assert wants.sensitive[1].ports == port_range("TCP", 8443, 8443)
    assert wants.transit == (((Place.INTERNET,), edge), 3)
    assert wants.disabled == {"redundant-rule"}
    assert wants.severities[0] == (
        "flow", edge, (data,), port_range("TCP", 1, 9), Severity.CRITICAL,
    )  # fmt: skip
    assert wants.severities[1].source is None
    forbid, require = wants.intents
    assert (forbid.forbid, forbid.severity, forbid.origin) == (
        True, Severity.CRITICAL, Origin(NAME, 10),
    )  # fmt: skip
    assert (require.forbid, require.severity) == (False, Severity.HIGH)
    assert str(require.destination[0].pods) == "app in (api,b),!old"  # type: ignore[union-attr]  # a SelectedEnd
    assert wants.gate_standing
    assert found.approvers == ("octocat",)
    assert (found.fail_on, found.exposure) == ("medium", "never")
    assert found.ignore == ("**/fixtures/**",)


def test_waivers_of_a_whole_file() -> None:
    """F-60."""
    by_id, by_flow, by_pods = read(WHOLE).waivers
    assert (by_id.finding, by_id.flow, by_id.origin) == (
        "world-ingress-0123456789ab", None, Origin(NAME, 15),
    )  # fmt: skip
    assert by_flow.flow is not None
    assert by_pods.flow is not None
    outside = by_flow.flow.source[0]
    assert isinstance(outside, ExternalEndpoint)
    assert outside.addresses.cidrs() == ("10.0.0.0/8",)
    assert by_flow.flow.destination == WorkloadEndpoint("shop/db[StatefulSet]")
    assert by_pods.flow.ports == port_range("UDP", 1, 65535)


def test_clusters_of_a_whole_file() -> None:
    [prod] = read(WHOLE).clusters
    assert (prod.name, prod.fail_on, prod.exposure) == ("prod", "high", "never")
    assert prod.helm[0].values == ("env/prod.yaml",)
    assert not prod.settings.blocks_match_pods
    assert prod.settings.ingress_controllers == ("edge",)
    assert [each.cidrs() for each in prod.settings.pod_ranges] == [("10.128.0.0/14",)]
    assert prod.settings.namespaces == {"monitoring": {"team": "obs"}}


@pytest.mark.parametrize(("text", "said"), [c[1:] for c in WRONG], ids=[c[0] for c in WRONG])
def test_wrong_files(text: str, said: list[str]) -> None:
    """R-20: line, column, and the nearest right word where there is one."""
    found = mistakes(text)
    assert len(found) == len(said), found
    for each, beginning in zip(found, said, strict=True):
        assert each.startswith(beginning), each


def test_a_file_that_is_too_large() -> None:
    with pytest.raises(ConfigError, match="larger than 1 MiB"):
        read_config(b"#" * (2 << 20), NAME)


def test_check_reads_a_file_from_disk(tmp_path: Path) -> None:
    """`netpol-reviewer config FILE`."""
    file = tmp_path / NAME
    file.write_text(WHOLE)
    assert config.check(str(file)).approvers == ("octocat",)
    with pytest.raises(ConfigError, match="cannot be read"):
        config.check(str(tmp_path / "none.yml"))


def test_the_schema_agrees_with_the_reader() -> None:
    """R-20: one table drives both; the schema refuses what its language can say."""
    schema = json.loads(config.schema_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    text = WHOLE.replace("expires: 2026-12-31", "expires: '2026-12-31'")
    assert list(validator.iter_errors(yaml.safe_load(text))) == []
    for wrong in ("version: 1\nzonez: {}", "version: 2", "version: 1\nchecks: {disable: [x]}"):
        assert list(validator.iter_errors(yaml.safe_load(wrong)))


def test_the_schema_file_is_up_to_date() -> None:
    """R-20: editors read docs/netpol-reviewer.schema.json."""
    written = (TOP / "docs/netpol-reviewer.schema.json").read_text(encoding="utf-8")
    assert written == config.schema_text()


def test_the_table_of_keys_has_every_key() -> None:
    table = config.key_table()
    for path in ("`version`", "`waivers[].flow.source`", "`clusters[].helm[].chart`"):
        assert path in table
