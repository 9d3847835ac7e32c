"""Make this folder's extracts anew from GitHub's own descriptions (T-24): `make github-data`.

    python tests/data/github/extract.py [FOLDER]

Four npm packages are fetched with `npm pack` into FOLDER (default: a temporary one) and cut down to
what our tests hold the double and the client to:

* `rest.json`: the REST operations the client uses with all they refer to, as plain JSON Schema;
* `schema.graphql`: the GraphQL types that are reachable from our fields;
* `webhooks.json`: the schemas of the event payloads we read;
* `payloads.json`: one valid example of each event, the start of the builders in tests/events.py.

Each carries name, version and licence of its package. Descriptions and examples are left out.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import graphql
import jsonschema

from reviewer.base.values import replace

HERE = Path(__file__).parent
PACKAGES = {
    "openapi": "23.0.2",
    "graphql-schema": "15.26.1",
    "webhooks-schemas": "7.6.1",
    "webhooks-examples": "7.6.1",
}
OPERATIONS = {
    "/repos/{owner}/{repo}/compare/{basehead}": ("get",),
    "/repos/{owner}/{repo}/issues/{issue_number}/comments": ("post",),
    "/repos/{owner}/{repo}/issues/comments/{comment_id}": ("patch", "delete"),
    "/repos/{owner}/{repo}/check-runs": ("post",),
    "/repos/{owner}/{repo}/check-runs/{check_run_id}": ("patch",),
    "/repos/{owner}/{repo}/commits/{ref}/check-runs": ("get",),
    "/repos/{owner}/{repo}/pulls": ("get",),
    "/repos/{owner}/{repo}/pulls/{pull_number}/reviews": ("get",),
}
PROSE = {"description", "summary", "example", "examples", "externalDocs", "tags", "x-github"}
OBJECTS = {
    "Query": {"repository"},
    "Repository": {"id", "nameWithOwner", "pullRequest"},
    "PullRequest": {"id", "number", "state", "headRefOid", "isDraft", "locked", "comments"},
    "IssueCommentConnection": {"nodes", "pageInfo", "totalCount"},
    "IssueComment": {
        *("id", "databaseId", "fullDatabaseId", "url", "body", "viewerDidAuthor"),
        *("isMinimized", "minimizedReason", "viewerCanMinimize", "createdAt"),
    },
    "PageInfo": {"hasNextPage", "endCursor", "hasPreviousPage", "startCursor"},
    "Minimizable": {"isMinimized", "minimizedReason", "viewerCanMinimize"},
    "Mutation": {"minimizeComment"},
    "MinimizeCommentPayload": {"clientMutationId", "minimizedComment"},
}
EVENTS = {
    "pull_request": tuple(
        f"pull_request${action}"
        for action in ("opened", "synchronize", "reopened", "edited", "closed", "ready_for_review")
    ),
    "pull_request_review": ("pull_request_review$submitted",),
    "merge_group": ("merge_group$checks_requested",),
    "push": ("push$event",),
    "workflow_run": ("workflow_run$completed",),
    "workflow_dispatch": ("workflow_dispatch$event",),
    "repository_dispatch": ("repository_dispatch$event",),
}


def main(folder: Path) -> None:
    """Fetch what is not there yet, and write the four files."""
    for name, version in PACKAGES.items():
        fetch(name, version, folder)
    write(
        "rest.json", "openapi", folder, rest(load(folder, "openapi/generated/api.github.com.json"))
    )
    schema = (folder / "graphql-schema/schema.graphql").read_text(encoding="utf-8")
    header = "".join(
        f"# {key}: {value}\n" for key, value in source("graphql-schema", folder).items()
    )
    (HERE / "schema.graphql").write_text(header + "\n" + prune(schema), encoding="utf-8")
    webhooks = load(folder, "webhooks-schemas/schema.json")
    write("webhooks.json", "webhooks-schemas", folder, {"definitions": definitions(webhooks)})
    examples = load(folder, "webhooks-examples/api.github.com/index.json")
    write("payloads.json", "webhooks-examples", folder, {"payloads": payloads(webhooks, examples)})


def fetch(name: str, version: str, folder: Path) -> None:
    """`npm pack` one package and unpack it to a folder of its name."""
    if (folder / name).exists():
        return
    archive = folder / f"octokit-{name}-{version}.tgz"
    if not archive.exists():
        command = ["npm", "pack", "--silent", f"@octokit/{name}@{version}"]
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    with tarfile.open(archive) as opened:
        opened.extractall(folder / f"{name}.part", filter="data")
    (folder / f"{name}.part" / "package").rename(folder / name)


def load(folder: Path, name: str) -> Any:
    """One JSON file of a package."""
    return json.loads((folder / name).read_text(encoding="utf-8"))


def source(name: str, folder: Path) -> dict[str, str]:
    """Name, version and licence, as the package itself states them."""
    package = load(folder, f"{name}/package.json")
    return {key: package[key] for key in ("name", "version", "license")}


def write(file: str, name: str, folder: Path, content: dict[str, Any]) -> None:
    """One extract with its source in front, a line for each second level entry."""
    lines = [f' "source": {json.dumps(source(name, folder))}']
    for key, value in content.items():
        rows = [
            f"  {json.dumps(inner)}: {json.dumps(value[inner], sort_keys=True)}"
            for inner in sorted(value)
        ]
        lines.append(f' "{key}": {{\n' + ",\n".join(rows) + "\n }")
    (HERE / file).write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def rest(description: dict[str, Any]) -> dict[str, Any]:
    """The operations and the components they reach, `nullable` turned into JSON Schema."""
    paths: dict[str, Any] = {}
    for path, methods in OPERATIONS.items():
        item = description["paths"][path]
        paths[path] = {method: plain(item[method]) for method in methods}
    components: dict[str, Any] = {}
    waiting = list(references(paths))
    while waiting:
        reference = waiting.pop()
        if reference in components:
            continue
        value: Any = description
        for step in reference.removeprefix("#/").split("/"):
            value = value[step]
        components[reference] = plain(value)
        waiting += references(components[reference])
    return {"paths": paths, "components": components}


def plain(node: Any, *, names: bool = False) -> Any:
    """A node without prose; `names` says that its keys are names of fields, not keywords."""
    if isinstance(node, list):
        return [plain(item) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {
        key: plain(value, names=key in ("properties", "responses") and not names)
        for key, value in node.items()
        if names or key not in PROSE
    }
    if not names and kept.pop("nullable", False):
        return {"anyOf": [kept, {"type": "null"}]}
    return kept


def references(node: Any) -> Iterator[str]:
    """Every `$ref` below a node."""
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for item in node:
            yield from references(item)


def prune(text: str) -> str:
    """The schema with only the fields of `OBJECTS` and what their arguments need."""
    document = graphql.parse(text, no_location=True)
    kept: dict[str, graphql.DefinitionNode] = {}
    index = {node.name.value: node for node in document.definitions if hasattr(node, "name")}
    waiting = list(OBJECTS)
    while waiting:
        name = waiting.pop()
        if name in kept or name not in index:
            continue
        kept[name] = cut(index[name])
        waiting += named_types(kept[name])
    definitions = tuple(kept[name] for name in sorted(kept))
    return graphql.print_ast(graphql.DocumentNode(definitions=definitions)) + "\n"


def cut(node: Any) -> Any:
    """One definition without descriptions, directives, and the fields we do not use."""
    wanted = OBJECTS.get(node.name.value)
    if wanted is not None:
        fields = tuple(field for field in node.fields if field.name.value in wanted)
        interfaces = tuple(one for one in node.interfaces or () if one.name.value in OBJECTS)
        node = replace(node, fields=fields, interfaces=interfaces)
    return graphql.visit(node, Bare())


class Bare(graphql.Visitor):
    """Takes descriptions and directives away."""

    def leave(self, node: Any, *_: Any) -> Any:
        """Nodes are frozen, so each is made anew."""
        bare = {"description": None, "directives": ()}
        return replace(node, **{name: value for name, value in bare.items() if hasattr(node, name)})


def named_types(node: Any) -> Iterator[str]:
    """The names of the types a definition speaks of."""
    found: list[str] = []

    class Names(graphql.Visitor):
        def enter_named_type(self, node: Any, *_: Any) -> None:
            found.append(node.name.value)

    graphql.visit(node, Names())
    yield from found


def definitions(webhooks: dict[str, Any]) -> dict[str, Any]:
    """The event schemas of `EVENTS` and what they refer to."""
    kept: dict[str, Any] = {}
    waiting = [name for names in EVENTS.values() for name in names]
    while waiting:
        name = waiting.pop()
        if name not in kept:
            kept[name] = plain(webhooks["definitions"][name])
            waiting += [one.removeprefix("#/definitions/") for one in references(kept[name])]
    return kept


def payloads(webhooks: dict[str, Any], examples: list[dict[str, Any]]) -> dict[str, Any]:
    """Of each event the first example that its own schema accepts (T-25: not all are)."""
    found: dict[str, Any] = {}
    for name, schemas in EVENTS.items():
        event = next(one for one in examples if one["name"] == name)
        root = {**webhooks, "oneOf": [{"$ref": f"#/definitions/{schema}"} for schema in schemas]}
        validator = jsonschema.Draft7Validator(root)
        found[name] = nameless(next(one for one in event["examples"] if validator.is_valid(one)))
    return found


def nameless(node: Any) -> Any:
    """A payload without the names and addresses of people who made its commits."""
    if isinstance(node, list):
        return [nameless(item) for item in node]
    if not isinstance(node, dict):
        return node
    if {"name", "email"} <= node.keys():
        node = node | {"name": "octocat", "email": "octocat@example.com"}
    return {key: nameless(value) for key, value in node.items()}


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as temporary:
            main(Path(temporary))
