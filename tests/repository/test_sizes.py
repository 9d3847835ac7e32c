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


def test_every_test_asserts() -> None:
    """A test without a check proves nothing: it asserts, or expects an error."""
    idle = []
    for name in python_files("tests"):
        for node in ast.walk(parsed(name)):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                called = {
                    call.func.attr if isinstance(call.func, ast.Attribute) else call.func.id
                    for call in ast.walk(node)
                    if isinstance(call, ast.Call)
                    and isinstance(call.func, ast.Attribute | ast.Name)
                }
                proves = any(isinstance(one, ast.Assert) for one in ast.walk(node))
                words = ("assert", "check", "expect", "raises", "golden")
                if not proves and not any(call.startswith(words) for call in called):
                    idle.append(f"{name}:{node.lineno} {node.name}")
    assert idle == []
