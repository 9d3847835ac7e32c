"""The language of our tables: a few lines of YAML in, flows in words out.

`"shop/web -> shop/db: TCP 5432"` is a row: ends are workloads without their kind, blocks, a
selector pair `{NAMESPACES}{PODS}` or `ingress`; ports are as printed, `all` for everything. In a
delta a row starts with `+` (opened) or `-` (closed).
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Container, Iterable, Iterator, Mapping
from typing import Any

from reviewer.base.documents import Document
from reviewer.options import Options
from reviewer.pipeline import Material, flow_map, review
from reviewer.report import json_v1
from reviewer.report.types import FlowMap, Review

Files = Mapping[str, str | bytes] | str


def material(files: Files, name: str = "target") -> Material:
    """Files in memory as a target; one text is the file `a.yaml`."""
    texts = {"a.yaml": files} if isinstance(files, str) else dict(files)

    def documents(_: Container[tuple[str, bytes]]) -> Iterator[Document]:
        for path in sorted(texts, key=lambda each: each.encode("utf-8", "surrogateescape")):
            if not path.lower().endswith((".yaml", ".yml", ".json")):
                continue
            text = texts[path]
            content = text.encode() if isinstance(text, str) else text
            key = hashlib.blake2b(content, digest_size=16).digest()
            yield Document(path=path, key=key, content=content)

    return Material(name, None, documents)


def flow_result(files: Files, **options: Any) -> FlowMap:
    """What `flows` finds, as values."""
    return flow_map(material(files), Options(**options))


def review_result(base: Files, head: Files, **options: Any) -> Review:
    """What `diff` finds, as values."""
    return review(material(base, "base"), material(head, "head"), Options(**options))


def flows(files: Files, **options: Any) -> dict[str, Any]:
    """`flows --format json` of files in memory."""
    return _json(flow_result(files, **options))


def diff(base: Files, head: Files, **options: Any) -> dict[str, Any]:
    """`diff --format json` of files in memory."""
    return _json(review_result(base, head, **options))


def _json(result: FlowMap | Review) -> dict[str, Any]:
    out = io.StringIO()
    json_v1.write(result, out)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def rows(files: Files, **options: Any) -> list[str]:
    """The rows of `flows` in words."""
    return [row(each) for each in flows(files, **options)["flows"]]


def pods(files: Files, **options: Any) -> list[str]:
    """The rows of `flows` between workloads in words."""
    found = flows(files, **options)["flows"]
    return [row(f) for f in found if {"workload"} == {*f["source"], *f["destination"]}]


def changes(base: Files, head: Files, **options: Any) -> list[str]:
    """The rows of `diff` in words, opened first."""
    found = diff(base, head, **options)
    return [f"+ {row(each)}" for each in found["opened"]] + [
        f"- {row(each)}" for each in found["closed"]
    ]


def codes(diagnostics: Iterable[Mapping[str, Any]]) -> list[str]:
    """Diagnostics as `code line`, in order; without a line the code alone."""
    return [f"{d['code']} {d['line']}" if d["line"] else d["code"] for d in diagnostics]


def row(flow: Mapping[str, Any]) -> str:
    """One row in words."""
    return f"{end(flow['source'])} -> {end(flow['destination'])}: {ports(flow['ports'])}"


def end(value: Mapping[str, Any]) -> str:
    """One end in words."""
    match value:
        case {"workload": str(id)}:
            return id.partition("[")[0]
        case {"cidrs": list(cidrs)}:
            return " ".join(cidrs)
        case {"selector": {"namespaces": namespaces, "pods": selected}}:
            return f"{{{namespaces}}}{{{selected}}}"
        case _:
            return "ingress"


def ports(ranges: Iterable[Mapping[str, Any]]) -> str:
    """Ports in words: `all`, `TCP`, `TCP 80,443-445 UDP 53`."""
    by_protocol: dict[str, list[str]] = {}
    for each in ranges:
        low, high = each["from"], each["to"]
        text = "" if (low, high) == (1, 65535) else f"{low}" if low == high else f"{low}-{high}"
        by_protocol.setdefault(each["protocol"], []).append(text)
    if by_protocol == {"TCP": [""], "UDP": [""], "SCTP": [""]}:
        return "all"
    return " ".join(f"{name} {','.join(found)}".strip() for name, found in by_protocol.items())
