"""GitHub's own descriptions, and the check that holds an exchange to them (T-23, T-24).

`tests/data/github/` holds extracts of the OpenAPI description, the GraphQL schema and the webhook
schemas. `faults(exchange)` says what is wrong with one recorded exchange, on either side.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import graphql
import jsonschema

FOLDER = Path(__file__).parent / "data" / "github"
GRAPHQL = "graphql"
GIT = "git"
INVALID = "GRAPHQL_VALIDATION_FAILED"
OPERATIONS_USED = (
    "issues/create-comment",
    "issues/update-comment",
    "issues/delete-comment",
    "checks/create",
    "checks/update",
    "checks/list-for-ref",
    "pulls/list",
    "pulls/list-reviews",
    "repos/compare-commits-with-basehead",
)
"""Every REST operation that the client asks for."""
UNDESCRIBED = {
    ("issues/delete-comment", "404"): "the comment is gone",
    ("issues/update-comment", "404"): "the comment is gone",
    ("issues/update-comment", "403"): "it is somebody else's",
    ("checks/update", "404"): "the check run is gone",
}
"""Answers that GitHub gives and its description does not know."""


@dataclass(kw_only=True)
class Exchange:
    """One request and its answer as the double saw them.

    `operation` is GitHub's operation id, `graphql`, `git` or empty where nobody knows it.
    `status` is None where the connection was dropped. `scripted` says that a test asked for this
    answer, so that a status GitHub does not describe is no fault.
    """

    method: str
    target: str
    operation: str
    headers: Mapping[str, str]
    body: bytes
    status: int | None = None
    answer: bytes = b""
    scripted: bool = False
    effect: bool = False

    @property
    def json(self) -> Any:
        """The request's body as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Operation:
    """One REST operation of the extract."""

    id: str
    method: str
    template: str
    pattern: re.Pattern[str]
    parameters: frozenset[str]
    request: Any = None
    answers: Mapping[str, Any] = field(default_factory=dict)


@functools.cache
def rest() -> Mapping[str, Any]:
    """The extract of the OpenAPI description."""
    return dict(json.loads((FOLDER / "rest.json").read_text(encoding="utf-8")))


@functools.cache
def components() -> Mapping[str, Any]:
    """The components as the nested object that `#/components/…` points into."""
    nested: dict[str, Any] = {}
    for reference, value in rest()["components"].items():
        _, _, group, name = reference.split("/")
        nested.setdefault(group, {})[name] = value
    return nested


@functools.cache
def operations() -> tuple[Operation, ...]:
    """Every REST operation of the extract."""
    found = []
    for template, methods in rest()["paths"].items():
        pattern = re.compile(re.sub(r"\\\{\w+\\\}", "([^/]+)", re.escape(template)))
        for method, item in methods.items():
            answers = {
                status: content_schema(resolved(answer))
                for status, answer in item["responses"].items()
            }
            found.append(
                Operation(
                    id=item["operationId"],
                    method=method.upper(),
                    template=template,
                    pattern=pattern,
                    parameters=frozenset(
                        one["name"]
                        for one in map(resolved, item["parameters"])
                        if one["in"] == "query"
                    ),
                    request=content_schema(item.get("requestBody") or {}),
                    answers=answers,
                )
            )
    return tuple(found)


def resolved(node: Any) -> Any:
    """A node, or the component that it refers to."""
    return rest()["components"][node["$ref"]] if "$ref" in node else node


def content_schema(node: Any) -> Any:
    """The schema of a JSON body; None where the description knows of no body."""
    return node.get("content", {}).get("application/json", {}).get("schema")


def find_operation(method: str, path: str) -> tuple[Operation, tuple[str, ...]] | None:
    """The operation of a path below `/api/v3`, with the values of the path's parameters."""
    for operation in operations():
        match = operation.pattern.fullmatch(path)
        if match and operation.method == method:
            return operation, match.groups()
    return None


@functools.cache
def graphql_schema() -> graphql.GraphQLSchema:
    """GitHub's GraphQL schema, as far as our fields reach."""
    return graphql.build_schema((FOLDER / "schema.graphql").read_text(encoding="utf-8"))


def problems(schema: Any, value: Any) -> Iterator[str]:
    """What of a value its schema refuses."""
    root = {"allOf": [schema], "components": components()}
    for error in jsonschema.Draft202012Validator(root).iter_errors(value):
        place = "/".join(map(str, error.absolute_path)) or "body"
        yield f"{place}: {error.message[:200]}"


def faults(exchange: Exchange) -> list[str]:
    """What GitHub's description says against one exchange; empty is well."""
    if exchange.operation == GIT:
        return []  # git itself refuses what is wrong
    if exchange.operation.startswith(GRAPHQL):
        return graphql_faults(exchange)
    split = urlsplit(exchange.target)
    known = find_operation(exchange.method, split.path.removeprefix("/api/v3"))
    if known is None:
        return [f"{exchange.method} {split.path}: no such operation in the extract"]
    operation = known[0]
    found = [
        f"query {name}: unknown"
        for name in parse_qs(split.query)
        if name not in operation.parameters
    ]
    if operation.request is not None:
        found += [f"request {text}" for text in problems(operation.request, exchange.json)]
    elif exchange.body:
        found.append("request: has a body")
    if exchange.status is not None:
        found += [f"answer {exchange.status} {text}" for text in answer_faults(operation, exchange)]
    return [f"{exchange.method} {split.path}: {one}" for one in found]


def graphql_faults(exchange: Exchange) -> list[str]:
    """What the executor said against a query; a refusal of GitHub's own kinds is no fault."""
    if exchange.scripted or not exchange.answer:
        return []
    errors = json.loads(exchange.answer).get("errors", ())
    return [f"graphql: {one['message']}" for one in errors if one["type"] == INVALID]


def answer_faults(operation: Operation, exchange: Exchange) -> Iterator[str]:
    """What is wrong with the answer's status or body."""
    status = str(exchange.status)
    if status not in operation.answers:
        if not exchange.scripted and (operation.id, status) not in UNDESCRIBED:
            yield "is not described"
        return
    schema = operation.answers[status]
    if schema is not None and not exchange.scripted:
        yield from problems(schema, json.loads(exchange.answer))


@functools.cache
def webhooks() -> Mapping[str, Any]:
    """The extract of the webhook schemas."""
    return dict(json.loads((FOLDER / "webhooks.json").read_text(encoding="utf-8")))


def example_payload(event: str) -> dict[str, Any]:
    """A fresh copy of GitHub's example of an event, one that its schema accepts."""
    payloads = json.loads((FOLDER / "payloads.json").read_text(encoding="utf-8"))["payloads"]
    return dict(payloads[event])


def payload_faults(event: str, payload: Any) -> list[str]:
    """What the webhook schema of the payload's action says against it."""
    action = payload.get("action") if event in ACTIONS else "event"
    schema = {
        "$ref": f"#/definitions/{event}${action}",
        "definitions": webhooks()["definitions"],
    }
    errors = jsonschema.Draft7Validator(schema).iter_errors(payload)
    return [f"{'/'.join(map(str, one.absolute_path))}: {one.message[:200]}" for one in errors]


ACTIONS = {"pull_request", "pull_request_review", "merge_group", "workflow_run"}
"""The events whose schema depends on the action."""
