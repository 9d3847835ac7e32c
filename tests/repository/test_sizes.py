"""Files and functions stay as small as house says."""

from __future__ import annotations

import ast

from tests.repository.tree import TOP, parsed, python_files

CODE_LINES, TEST_LINES, FUNCTION_LINES = 400, 600, 50


def test_files_are_small() -> None:
    long = {}
    for name in python_files("reviewer", "tests", "benchmarks"):
        lines = (TOP / name).read_text(encoding="utf-8").count("\n")
        if lines > (TEST_LINES if name.startswith("tests/") else CODE_LINES):
            long[name] = lines
    assert long == {}


def test_functions_are_small() -> None:
    long = {}
    for name in python_files("reviewer", "benchmarks"):
        for node in ast.walk(parsed(name)):
            if isinstance(node, ast.FunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > FUNCTION_LINES:
                    long[f"{name}:{node.lineno} {node.name}"] = lines
    assert long == {}


def functions(name: str) -> list[ast.FunctionDef]:
    """Every function of a file."""
    return [node for node in ast.walk(parsed(name)) if isinstance(node, ast.FunctionDef)]


def asserts(node: ast.AST) -> bool:
    """Whether it holds an assertion of its own, or expects an error."""
    return any(isinstance(one, ast.Assert) for one in ast.walk(node)) or "raises" in calls(node)


def calls(node: ast.AST) -> set[str]:
    """The names that are called inside."""
    called = (one.func for one in ast.walk(node) if isinstance(one, ast.Call))
    return {
        one.attr if isinstance(one, ast.Attribute) else one.id
        for one in called
        if isinstance(one, ast.Attribute | ast.Name)
    }


def test_every_test_asserts() -> None:
    """A test that checks nothing proves nothing; a function of ours may check in its place."""
    names = python_files("tests")
    checkers = {node.name for name in names for node in functions(name) if asserts(node)}
    idle = [
        f"{name}:{node.lineno} {node.name}"
        for name in names
        for node in functions(name)
        if node.name.startswith("test_")
        and not asserts(node)
        and not calls(node) & (checkers | {"golden", "validate"})
    ]
    assert idle == []
