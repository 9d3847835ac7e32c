"""Rooms are entered by their front doors, and a front door holds nothing but what it offers."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.repository.tree import EDGES, INNER, TOP, parsed, python_files

ROOMS = tuple(
    room for room in (*INNER, *EDGES) if (TOP / "reviewer" / room / "__init__.py").is_file()
)
# The rim may reach into a room only where a heavy import must wait until it is needed.
RIM_EXCEPTIONS: set[tuple[str, str]] = {
    # What only the Action needs: temporary folders, sockets of git, processes.
    *(
        ("reviewer/action.py", f"reviewer.sources.{module}")
        for module in ("child", "comparison", "fetch", "gathering")
    ),
    # What only the Action prints, every format at once: `--format json` would load it for nothing.
    ("reviewer/worker.py", "reviewer.report.dossier"),
    ("reviewer/worker.py", "reviewer.report.links"),
}


# What parent and child say to each other has a door of its own: `--format json` passes the front
# door of reports, and loading the Action's words there would be a tenth of a small review.
SIDE_DOORS = {"reviewer.report.envelope", "reviewer.report.question"}


def imported(name: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each import of one of our modules in a file: the module, and the names taken from it."""
    for node in ast.walk(parsed(name)):
        if isinstance(node, ast.ImportFrom):
            module = ("reviewer." if node.level > 1 else "") + (node.module or "")
            if module.startswith("reviewer"):
                yield module, tuple(alias.name for alias in node.names)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.startswith("reviewer."):
                    yield alias.name, ()


def room_of(module: str) -> str:
    """The room of a file or module name, empty at the top."""
    parts = module.removesuffix(".py").replace("/", ".").split(".")
    return parts[1] if len(parts) > 1 and parts[1] in ROOMS else ""


def test_rooms_are_entered_by_their_front_door() -> None:
    inside = []
    for name in python_files("reviewer"):
        for module, names in imported(name):
            room = room_of(module)
            if room not in ROOMS or room == room_of(name):
                continue
            files = {path.stem for path in (TOP / "reviewer" / room).glob("*.py")}
            reached = module.count(".") > 1 or files & set(names)
            if reached and module not in SIDE_DOORS and (name, module) not in RIM_EXCEPTIONS:
                inside.append(f"{name}: {module}")
    assert inside == [], "\n".join(inside)


@pytest.mark.parametrize("room", ROOMS)
def test_a_front_door_holds_a_docstring_imports_and_all(room: str) -> None:
    body = parsed(f"reviewer/{room}/__init__.py").body
    assert isinstance(body[0], ast.Expr), "begins with its docstring"
    assert all(isinstance(node, ast.ImportFrom | ast.Assign) for node in body[1:])
    targets = [node.targets for node in body if isinstance(node, ast.Assign)]
    assert [[ast.unparse(target) for target in one] for one in targets] == [["__all__"]]


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_exports_no_name_of_its_files(room: str) -> None:
    """Modules are nouns, functions are verbs."""
    (offered,) = (
        ast.literal_eval(node.value)
        for node in parsed(f"reviewer/{room}/__init__.py").body
        if isinstance(node, ast.Assign)
    )
    assert set(offered) & {path.stem for path in (TOP / "reviewer" / room).glob("*.py")} == set()
