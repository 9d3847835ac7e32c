"""Every key of `.github/netpol-reviewer.yml`: one literal table that drives the reader, the JSON
schema and the documentation (F-20, R-20).
"""

from __future__ import annotations

from reviewer.findings import IDS, SEVERITIES

from . import parsing
from .ends import CIDR, ENDS, POINT, PORTS, EndShape
from .shapes import Key, ListOf, MapOf, Number, Parsed, Record, Text, Word

SEVERITY = Word(tuple(SEVERITIES))
FAIL_ON = Word(("critical", "high", "medium", "low", "never"))
EXPOSURE = Word(("auto", "always", "never"))
NAME = Text(1, 63, r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?", "name of small letters, digits and -")
NAMESPACE = Text(1, 63, r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?", "namespace")
CLUSTER_NAME = Text(1, 40, r"[a-z0-9-]+", "name of a cluster")
CHECK_ID = Word(IDS)
GLOB = Parsed(parsing.glob, "glob")
PATH = Parsed(parsing.folder, "path")
LABELS = MapOf(Text(0, 63, what="label value"), Text(1, 317, what="label"))

PAIR = Record(
    (
        Key("from", ENDS, "sources", required=True),
        Key("to", ENDS, "destinations", required=True),
        Key("ports", PORTS, "on these ports", "all"),
    ),
    "from, to, ports",
)

SENSITIVE = EndShape(
    extra=(
        Key("ports", PORTS, "only on these ports", "all"),
        Key("why", Text(1, 200), "printed as the reason"),
    ),
    words=False,
)

TRANSIT = Record(
    (
        Key(
            "sources", ListOf(ENDS, least=1), "where paths begin", "[internet, ingress-controller]"
        ),
        Key("max-hops", Number(2, 8), "the longest path in edges", "4"),
    ),
    "sources, max-hops",
)

CHECKS = Record((Key("disable", ListOf(CHECK_ID), "checks that are not run", "[]"),), "disable")

SEVERITY_ENTRY = Record(
    (
        Key("rule", Word(("flow", *IDS)), "`flow` for rows, or the id of a check", required=True),
        Key("from", ENDS, "rows from these ends only (`rule: flow`)", "all"),
        Key("to", ENDS, "rows to these ends only (`rule: flow`)", "all"),
        Key("ports", PORTS, "rows whose ports are all among these (`rule: flow`)", "all"),
        Key("set", SEVERITY, "the severity", required=True),
    ),
    "rule, from, to, ports, set",
)

INTENT = Record(
    (
        Key("name", NAME, "unique; it is part of the finding's identity", required=True),
        Key("forbid", PAIR, "flows that must not be"),
        Key("require", PAIR, "flows that must be, on every pair"),
        Key("severity", SEVERITY, "of a violation", "high"),
    ),
    "name, forbid or require, severity",
    exactly=(("forbid", "require"),),
)

WAIVED_FLOW = Record(
    (
        Key("source", POINT, "exactly this end", required=True),
        Key("destination", POINT, "exactly this end", required=True),
        Key("ports", PORTS, "the row's ports are inside these", required=True),
    ),
    "source, destination, ports",
)

WAIVER = Record(
    (
        Key(
            "finding",
            Text(1, 100, r"[a-z0-9-]+-[0-9a-f]{12}", "id of a finding"),
            "exactly this id",
        ),
        Key("flow", WAIVED_FLOW, "rows with exactly these ends"),
        Key("reason", Text(10, 500), "why it is accepted", required=True),
        Key("owner", Text(1, 100), "who answers for it", required=True),
        Key(
            "expires", Parsed(parsing.day, "YYYY-MM-DD"), "its last valid day (UTC)", required=True
        ),
    ),
    "finding or flow, reason, owner, expires",
    exactly=(("finding", "flow"),),
)

SETTINGS = (
    Key("namespace", NAMESPACE, "for objects that write none", "default"),
    Key("namespaces", MapOf(LABELS, NAMESPACE), "labels of namespaces that have no manifest"),
    Key("pod-ranges", ListOf(CIDR, least=1), "where pods have their addresses", "private ranges"),
    Key("node-ranges", ListOf(CIDR, least=1), "where nodes have theirs", "private ranges"),
    Key("ipblock-pods", Word(("certain", "never")), "whether address rules match pods", "certain"),
    Key(
        "ingress-controllers",
        ListOf(NAMESPACE, least=1),
        "namespaces an ingress controller may be in",
        "the usual ones",
    ),
    Key("fail-on", FAIL_ON, "the gate, where no input or flag says otherwise", "high"),
    Key("exposure", EXPOSURE, "pods that are not in the manifests", "auto"),
)

HELM = Record(
    (
        Key("chart", PATH, "folder of the chart", required=True),
        Key("release", NAME, "name of the release", required=True),
        Key("namespace", NAMESPACE, "namespace of the release", "default"),
        Key("values", ListOf(PATH), "files of values", "[]"),
    ),
    "chart, release, namespace, values",
)

CLUSTER = Record(
    (
        Key("name", CLUSTER_NAME, "unique", required=True),
        Key("paths", ListOf(GLOB, least=1), "manifests of this cluster"),
        Key("kustomize", ListOf(GLOB, least=1), "folders to render: left out, and said"),
        Key("helm", ListOf(HELM, least=1), "charts to render: refused"),
        *SETTINGS,
    ),
    "a cluster",
    some=(("paths", "kustomize", "helm"),),
)

TOP = Record(
    (
        Key("version", Number(1, 1), "of this format", required=True),
        Key("zones", MapOf(ENDS, NAME), "ends under a name of their own"),
        Key("sensitive", ListOf(SENSITIVE), "workloads to treat as sensitive"),
        Key("trusted-cidrs", ListOf(CIDR), "addresses you trust", "[]"),
        Key(
            "metadata-addresses",
            ListOf(CIDR),
            "of the cloud's metadata service",
            "[169.254.169.254/32, fd00:ec2::254/128]",
        ),
        Key("transit", TRANSIT, "the search for paths over several hops"),
        Key("checks", CHECKS, "which checks run"),
        Key("severity", ListOf(SEVERITY_ENTRY), "severities of your own; the first match holds"),
        Key("intents", ListOf(INTENT), "what must and what must not be reachable"),
        Key(
            "pre-existing",
            Word(("report", "gate")),
            "whether intents that were violated before count too",
            "report",
        ),
        Key("waivers", ListOf(WAIVER), "what is accepted, by whom, why and how long"),
        Key(
            "approvers",
            ListOf(Text(1, 39, r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?", "login")),
            "logins whose approving review accepts what would fail the gate",
            "[]",
        ),
        Key("defaults", Record(SETTINGS, "settings of clusters"), "settings of every cluster"),
        Key("clusters", ListOf(CLUSTER), "clusters that this repository deploys to"),
        Key("ignore", ListOf(GLOB), "files that are left out"),
    ),
    "the configuration",
)
