"""The box around the child: what it gives up, and that it answers from inside (T-19 to T-21)."""

from __future__ import annotations

import errno
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from reviewer.base.documents import Document
from reviewer.base.values import replace
from reviewer.pipeline import page_assets
from reviewer.report.envelope import Dossier, Refusal, read_answer, read_dossier
from reviewer.report.question import Links, Question, Settings, Side, read_question, write_question
from reviewer.worker import ARCHITECTURES, answer_for, open_to_all, socket_filter, tell

EPERM, ALLOW = 0x00050001, 0x7FFF0000
ATTEMPTS = """
import ctypes, json, os, resource, socket, sys
from reviewer.worker import confine
os.environ["CANARY"] = "1"
confine(10)
def attempt(act):
    try:
        return ["allowed", act()]
    except (OSError, MemoryError) as error:
        return ["refused", getattr(error, "errno", None)]
library = ctypes.CDLL(None, use_errno=True)
def call(number):
    ctypes.set_errno(0)
    done = library.syscall(number, 2, 1, 0) >= 0
    return ["allowed", 0] if done else ["refused", ctypes.get_errno()]
def write(path):
    with open(path, "w") as file:
        file.write("x" * 10)
found = {
    "user": attempt(lambda: [os.getuid(), os.geteuid(), os.getgid(), os.getgroups()]),
    "folder": attempt(os.getcwd),
    "tcp": attempt(socket.socket),
    "unix": attempt(lambda: socket.socket(socket.AF_UNIX)),
    "x32": call(41 | 0x40000000),
    "io_uring": call(425),
    "socketpair": attempt(lambda: bool(socket.socketpair())),
    "memory": attempt(lambda: len(bytearray(3 * 2**30))),
    "write here": attempt(lambda: write("x")),
    "write package": attempt(lambda: write(sys.modules["reviewer"].__file__)),
    "write content": attempt(lambda: write(sys.argv[1])),
    "parent": attempt(lambda: open(f"/proc/{os.getppid()}/environ").read()),
    "become root": attempt(lambda: os.setuid(0)),
    "no new privileges": attempt(lambda: library.prctl(39, 0, 0, 0, 0)),
    "core": attempt(lambda: resource.getrlimit(resource.RLIMIT_CORE)),
    "cpu": attempt(lambda: resource.getrlimit(resource.RLIMIT_CPU)),
}
print(json.dumps(found))
"""
is_root = os.geteuid() == 0


@pytest.fixture(scope="module")
def attempts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Any]]:
    """What the child can still do, each tried once."""
    folder = tmp_path_factory.mktemp("open")
    folder.chmod(0o777)
    for parent in folder.parents:  # of pytest's own, which are its user's alone
        if parent == Path(tempfile.gettempdir()):
            break
        parent.chmod(0o755)
    done = subprocess.run(
        [sys.executable, "-I", "-c", ATTEMPTS, str(folder / "file")],
        env={"TOKEN": "canary"},
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(json.loads(done.stdout))


REFUSED = {
    "tcp": errno.EPERM,
    "unix": errno.EPERM,
    "io_uring": errno.EPERM,
    "memory": None,
    "write content": errno.EFBIG,
}
AS_ROOT = {
    "parent": errno.EACCES,
    "write here": errno.EACCES,
    "write package": errno.EACCES,
    "become root": errno.EPERM,
}


@pytest.mark.parametrize("what", [*REFUSED, *(AS_ROOT if is_root else ())])
def test_what_is_refused(attempts: dict[str, list[Any]], what: str) -> None:
    assert attempts[what] == ["refused", (REFUSED | AS_ROOT)[what]]


@pytest.mark.skipif(platform.machine() != "x86_64", reason="x32 is of amd64")
def test_calls_of_the_x32_kind_are_refused(attempts: dict[str, list[Any]]) -> None:
    """T-19: by us, not by a kernel that happens not to have them."""
    assert attempts["x32"] == ["refused", errno.EPERM]


def test_what_is_kept(attempts: dict[str, list[Any]]) -> None:
    assert attempts["socketpair"] == ["allowed", True]
    assert attempts["folder"] == ["allowed", "/"]
    assert attempts["no new privileges"] == ["allowed", 1]
    assert attempts["core"] == ["allowed", [0, 0]]
    assert attempts["cpu"] == ["allowed", [10, 10]]


@pytest.mark.skipif(not is_root, reason="only root can become somebody else")
def test_another_user_without_groups(attempts: dict[str, list[Any]]) -> None:
    assert attempts["user"] == ["allowed", [65_534, 65_534, 65_534, []]]


# --- the filter's program, for architectures at hand and not ------------------------------------


def decide(machine: str, architecture: int, number: int) -> int:
    """Run the program as the kernel would; the action it returns."""
    program = socket_filter(machine)
    accumulator, at = 0, 0
    while True:
        code, yes, no, operand = program[at]
        at += 1
        if code == 0x20:
            accumulator = {0: number, 4: architecture}[operand]
        elif code == 0x15:
            at += yes if accumulator == operand else no
        elif code == 0x45:
            at += yes if accumulator & operand else no
        else:
            assert code == 0x06
            return operand


@pytest.mark.parametrize("machine", sorted(ARCHITECTURES))
def test_the_filter_on_each_architecture(machine: str) -> None:
    architecture, refused = ARCHITECTURES[machine]
    for number in range(500):
        expected = EPERM if number in refused else ALLOW
        assert decide(machine, architecture, number) == expected
    for number in (0, 41, 198):
        assert decide(machine, 0x40000003, number) == EPERM  # i386, by int 0x80


def test_the_numbers_of_socket() -> None:
    assert {machine: calls[0] for machine, (_, calls) in ARCHITECTURES.items()} == {
        "x86_64": 41,
        "aarch64": 198,
    }


def test_the_x32_bit() -> None:
    architecture, _ = ARCHITECTURES["x86_64"]
    for number in (0, 41, 1_000):
        assert decide("x86_64", architecture, number | 0x40000000) == EPERM


def test_an_architecture_that_nobody_tabled_has_no_filter() -> None:
    with pytest.raises(OSError, match="riscv64"):
        socket_filter("riscv64")


# --- answering ---------------------------------------------------------------------------------


POD = b"{apiVersion: v1, kind: Pod, metadata: {name: a}}\n"


def question(base: bytes = POD, head: bytes = POD, **values: Any) -> bytes:
    def side(content: bytes) -> Side:
        document = Document(path="a.yaml", key=content, content=content)
        config = values.get("config")
        rules = Document(path="c.yml", key=config, content=config) if config else None
        return Side(name="x", commit=None, files=(document,), config=rules)

    links = Links(server="http://h", repository="o/r", view="merge", base=None, head="a" * 40)
    asked = Question(
        base=side(base),
        head=side(head),
        links=links,
        settings=Settings(**values.get("settings", {})),
        same=values.get("same", False),
    )
    return write_question(asked)


def ask(data: bytes, seconds: str = "60") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-I", "-m", "reviewer.worker", seconds],
        input=data,
        env={},
        cwd="/",
        capture_output=True,
        check=False,
    )


def test_the_child_answers_from_inside_the_box() -> None:
    before = set(os.listdir("/tmp"))
    done = ask(question())
    assert done.returncode == 0
    assert read_dossier(done.stdout).verdict == "success"
    left = [name for name in set(os.listdir("/tmp")) - before if name.startswith("tmp")]
    assert [name for name in left if Path("/tmp", name).owner() == "nobody"] == []


def test_a_child_that_breaks_says_where_and_not_what() -> None:
    """G-45: the text of an error could repeat what a file holds."""
    done = ask(b'{"schema": "canary"}\n')
    assert done.returncode != 0
    assert done.stdout == b""
    assert b"QuestionError" in done.stderr
    assert b"canary" not in done.stderr


def test_the_text_of_an_error_is_not_told(capsys: pytest.CaptureFixture[str]) -> None:
    """G-45: an error of a parser repeats what it stumbled over; its kind and place say enough."""
    try:
        raise ValueError("near canary")
    except ValueError as error:
        tell(type(error), error, error.__traceback__)
    told = capsys.readouterr().err
    assert "test_worker.py" in told
    assert told.endswith("ValueError\n")
    assert "near canary" not in told.replace('raise ValueError("near canary")', "")


def test_a_child_out_of_time_is_ended() -> None:
    done = ask(
        question(head=b"".join(b"---\n" + POD.replace(b"a}", b"a%d}" % n) for n in range(90_000))),
        "1",
    )
    assert done.returncode != 0
    assert done.stdout == b""


def test_what_the_user_can_mend_is_a_refusal() -> None:
    answer = answer_for(question(config=b"nope: 1\n"), page_assets())
    assert isinstance(answer, Refusal)
    assert answer.kind == "config"
    assert "nope" in answer.message


def test_a_change_of_the_configuration_is_told() -> None:
    """G-35: base's is the one that counts."""
    asked = read_question(question(config=b"version: 1\n"))
    other = Document(path="c.yml", key=b"2", content=b"version: 1\nfail-on: never\n")
    head = replace(asked.head, config=other)
    for side, expected in ((asked.head, []), (head, [("config-changed", "c.yml", 1)])):
        answer = answer_for(write_question(replace(asked, head=side)), page_assets())
        assert isinstance(answer, Dossier)
        found = json.loads(answer.files["json"])["findings"]
        assert [(one["rule"], one["file"], one["line"]) for one in found] == expected


def test_nothing_differs() -> None:
    """G-9."""
    answer = answer_for(question(same=True), page_assets())
    assert isinstance(answer, Dossier)
    assert (answer.verdict, answer.counts.unchanged, answer.moved) == ("success", None, False)


def test_an_answer_goes_back_and_forth() -> None:
    from reviewer.report.envelope import write_answer

    answer = answer_for(question(), page_assets())
    assert read_answer(write_answer(answer)) == answer


def test_which_files_everybody_can_reach(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    (closed / "file").touch()
    assert open_to_all(os.devnull)
    assert not open_to_all(os.devnull, str(closed / "file"))
