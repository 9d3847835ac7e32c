"""Results of the oracle in words, for its own tables."""

from collections.abc import Mapping
from typing import Any

from tests import oracle

Files = Mapping[str, str | bytes] | str


def as_files(files: Files) -> Mapping[str, str | bytes]:
    """One text is the file `a.yaml`."""
    return {"a.yaml": files} if isinstance(files, str) else files


def end(value: Mapping[str, Any]) -> str:
    """An endpoint: a workload without its kind, blocks, a selector pair, or `ingress`."""
    if "workload" in value:
        return str(value["workload"]).partition("[")[0]
    if "cidrs" in value:
        return " ".join(value["cidrs"])
    if "selector" in value:
        return f"{{{value['selector']['namespaces']}}}{{{value['selector']['pods']}}}"
    return "ingress"


def ports(ranges: list[dict[str, Any]]) -> str:
    """Ports: `all`, `TCP`, `TCP 80,443-445 UDP 53`."""
    found: dict[str, list[str]] = {}
    for one in ranges:
        low, high = one["from"], one["to"]
        word = "" if (low, high) == (1, 65535) else f"{low}" if low == high else f"{low}-{high}"
        found.setdefault(one["protocol"], []).append(word)
    if found == {"TCP": [""], "UDP": [""], "SCTP": [""]}:
        return "all"
    return " ".join(f"{key} {','.join(words)}".strip() for key, words in found.items())


def row(value: Mapping[str, Any]) -> str:
    """One row."""
    return f"{end(value['source'])} -> {end(value['destination'])}: {ports(value['ports'])}"


def rows(files: Files, about: str = "", exposure: str = "never", **settings: Any) -> list[str]:
    """The rows of `flows` that hold a text."""
    found = oracle.flows(as_files(files), exposure, **settings)["flows"]
    return [text for text in map(row, found) if about in text]


def pods(files: Files, **settings: Any) -> list[str]:
    """The rows between workloads."""
    return [text for text in rows(files, **settings) if "/" not in text.replace("default/", "")]


def codes(files: Files, exposure: str = "never") -> list[str]:
    """The codes of all diagnostics, each once."""
    found = oracle.flows(as_files(files), exposure)["diagnostics"]
    return sorted({one["code"] for one in found})


def changes(base: Files, head: Files, exposure: str = "never") -> list[str]:
    """The rows of `diff`, opened first."""
    found = oracle.diff(as_files(base), as_files(head), exposure)
    return [f"+ {row(one)}" for one in found["opened"]] + [
        f"- {row(one)}" for one in found["closed"]
    ]
