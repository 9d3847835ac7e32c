"""The sandboxed child: reads the question on standard input, answers on standard output (G-42).

Everything that reads the change's bytes happens here, so before the first of them this process
gives up what it has: its user, its groups, new privileges, the network, memory and file sizes.
If one of these cannot be had it ends at once, and the run with exit 2, never with success.

The seccomp filter (T-19) answers EPERM to `socket`, on the architectures of the image; a uid alone
does not keep a process off the network. `io_uring_setup` goes the same way, since a ring can open
sockets without that call. Pipes are open already, and `socketpair` stays.
"""

from __future__ import annotations

import ctypes
import importlib
import os
import platform
import resource
import stat
import struct
import sys
import traceback
from pathlib import Path
from types import TracebackType

from reviewer import pipeline
from reviewer.base.documents import Document
from reviewer.base.errors import ConfigError, ReviewerError, SourceError, UsageError
from reviewer.base.values import replace
from reviewer.config import read_config
from reviewer.options import Options, Wishes, place_of_change, settle
from reviewer.pipeline import Material
from reviewer.report import Assets, Audit, Display, Review, render
from reviewer.report.dossier import fill_dossier
from reviewer.report.envelope import Dossier, Refusal, write_answer
from reviewer.report.links import Links as LineLinks
from reviewer.report.links import links_of
from reviewer.report.question import Links, Question, Settings, Side, read_question, write_question
from reviewer.verdict import Approved, Verdict

NOBODY = 65_534
MEMORY = 2 * 2**30
FAILED = 70
"""The exit code of a child that cannot answer; the parent asks only whether it is 0."""

REFUSALS: dict[str, type[ReviewerError]] = {
    "usage": UsageError,
    "config": ConfigError,
    "source": SourceError,
}

LATE = ("networkx", "deepdiff")
"""Packages that their rooms load only when needed."""
REHEARSAL = b"""
{apiVersion: v1, kind: Pod, metadata: {name: a, labels: {a: b}}}
---
{apiVersion: v1, kind: Pod, metadata: {name: b, labels: {a: c}}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: a}
spec: {podSelector: {matchLabels: {a: b}}, ingress: [{RULE}]}
"""

_SET_DEATH_SIGNAL, _SET_NO_NEW_PRIVS, _SET_SECCOMP, _FILTER = 1, 38, 22, 2
_KILL = 9
_LOAD_NUMBER, _LOAD_ARCHITECTURE = (0x20, 0, 0, 0), (0x20, 0, 0, 4)
_JUMP_EQUAL, _JUMP_ANY_BIT, _RETURN = 0x15, 0x45, 0x06
_ALLOW, _EPERM = 0x7FFF0000, 0x00050000 | 1
_X32_BIT = 0x40000000

ARCHITECTURES: dict[str, tuple[int, tuple[int, ...]]] = {
    "x86_64": (0xC000003E, (41, 425)),
    "aarch64": (0xC00000B7, (198, 425)),
}
"""machine: (AUDIT_ARCH, numbers of `socket` and `io_uring_setup`)."""

Instruction = tuple[int, int, int, int]
"""code, jump if true, jump if false, operand."""


def main() -> int:
    """Box ourselves in, then answer one question."""
    sys.excepthook = tell
    if os.geteuid() == 0 and not open_to_all(traceback.__file__, __file__):
        rehearse()
    assets = pipeline.page_assets()  # the user we become may not be able to read them
    try:
        confine(int(sys.argv[1]))
    except OSError as error:
        sys.stderr.write(f"the box could not be closed: {error.strerror}\n")
        return FAILED
    sys.stdout.buffer.write(write_answer(answer_for(sys.stdin.buffer.read(), assets)))
    sys.stdout.buffer.flush()
    return 0


def tell(kind: type[BaseException], _: BaseException, trace: TracebackType | None) -> None:
    """Say where we broke, without the error's text: it could repeat what a file holds (G-45)."""
    sys.stderr.writelines(traceback.format_tb(trace))
    sys.stderr.write(f"{kind.__name__}\n")


def answer_for(data: bytes, assets: Assets) -> Dossier | Refusal:
    """The answer to one question; what the user can mend is a refusal."""
    question = read_question(data)
    try:
        return _answer(question, Display(assets=assets))
    except (UsageError, ConfigError, SourceError) as error:
        kind = next(word for word, one in REFUSALS.items() if isinstance(error, one))
        return Refusal(kind=kind, message=error.message, hint=error.hint)


def _answer(question: Question, display: Display) -> Dossier:
    """Review or audit what was asked. Raises: UsageError, ConfigError, SourceError."""
    links = links_of(question)
    options, approvers = _options(question, question.base or question.head)
    if question.base is None:
        audit = pipeline.audit(_material(question.head), options)
        found = audit.snapshot.diagnostics
        strict = pipeline.unreadable(found, options.strict, frozenset())
        code = _exit_code(audit.verdict, strict)
        return fill_dossier(audit, links, exit_code=code, files=_page(audit, display, links))
    settled = place_of_change(question.base.config, question.head.config)
    options = replace(options, settled=settled)
    review = pipeline.review(_material(question.base), _material(question.head), options)
    if question.same:
        review = _nothing_read(review)
    else:
        sides = (("base", question.base), ("head", question.head))
        review = replace(review, bare=tuple(name for name, side in sides if not side.files))
    strict = pipeline.unreadable(review.diagnostics, options.strict, review.changed)
    # An approval accepts rows and findings; it makes nothing readable (G-34).
    ask = review.verdict.failed and not strict and question.approvals is None
    return fill_dossier(
        review,
        links,
        exit_code=_exit_code(review.verdict, strict),
        approvers=approvers if ask else (),
        files=_page(review, display, links),
    )


def _page(result: Review | Audit, display: Display, links: LineLinks | None) -> dict[str, str]:
    """The report as one page (P-30)."""
    return {"html": render(result, "html", display, links)}


def _exit_code(verdict: Verdict, strict: str) -> int:
    """0, 1 where the gate failed, 3 where `strict` and an unreadable manifest failed it."""
    if not verdict.failed:
        return 0
    return 3 if strict else 1


def _options(question: Question, judge: Side) -> tuple[Options, tuple[str, ...]]:
    """The inputs over the configuration of the base side (of the target in an audit), and the
    logins it lists as approvers. An input at its default is nobody's wish: the runner always sets
    one, and the configuration would never have a say."""
    settings, unsaid = question.settings, Settings()
    wishes = Wishes(
        fail_on=settings.fail_on if settings.fail_on != unsaid.fail_on else None,
        strict=settings.strict,
        exposure=settings.exposure if settings.exposure != unsaid.exposure else None,
        today=settings.today,
        key=settings.key,
        cluster=settings.cluster,
        whole=judge.commit is None and settings.cluster is None,
    )
    if judge.config is None:
        return settle(None, "", wishes), ()
    text, name = judge.config.content or b"", judge.config.path
    options = settle(text, name, wishes)
    head = question.links.head
    if question.approvals and head is not None:
        approval = Approved(approver=question.approvals[0], commit=head)
        options = replace(options, approval=approval)
    return options, read_config(text, name).approvers


def _material(side: Side) -> Material:
    return Material(name=side.name, commit=side.commit, documents=lambda _: side.files)


def _nothing_read(review: Review) -> Review:
    """Where no manifest differs nothing was read (G-9): no count, and nothing said about files."""
    return replace(review, delta=replace(review.delta, unchanged=None), diagnostics=())


def open_to_all(*paths: str) -> bool:
    """Whether any user can reach these files, by the folders they are in."""
    folders = {folder for path in paths for folder in Path(path).resolve().parents}
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in folders)


def rehearse() -> None:
    """Answer a small question of our own, so that every module is loaded before we cannot.

    Where Python lies in root's home the user we become cannot read it, and some packages are
    loaded only when needed. In the image everything is readable and this costs nothing.
    """
    for name in LATE:
        importlib.import_module(name)
    rules = (b"from: [{podSelector: {}}]", b"from: []")
    texts = [REHEARSAL.replace(b"RULE", rule) for rule in rules]
    sides = [
        Side(name="", commit=None, files=(Document(path="a.yaml", key=text, content=text),))
        for text in texts
    ]
    links = Links(server="", repository="", view="folders", base=None, head=None)
    asked = Question(base=sides[0], head=sides[1], links=links, settings=Settings())
    answer_for(write_question(asked), pipeline.page_assets())


# --- the box -----------------------------------------------------------------------------------


def confine(seconds: int) -> None:
    """Give up everything that reading and thinking do not need. Raises: OSError."""
    os.chdir("/")
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
    # After the change of user, which would take it back: we end with our parent.
    _prctl(_SET_DEATH_SIGNAL, _KILL)
    _prctl(_SET_NO_NEW_PRIVS, 1)
    _refuse_sockets(platform.machine())
    for limit, value in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (value, value))


def socket_filter(machine: str) -> tuple[Instruction, ...]:
    """The program of the filter: another architecture or a refused call is EPERM, the rest is let.

    Raises: OSError for an architecture that nobody tabled.
    """
    if machine not in ARCHITECTURES:
        raise OSError(0, f"no filter for {machine}", machine)
    architecture, refused = ARCHITECTURES[machine]
    checks: list[tuple[int, int]] = [(_JUMP_EQUAL, number) for number in refused]
    if machine == "x86_64":
        # Calls of the x32 kind carry this bit and numbers of their own.
        checks.insert(0, (_JUMP_ANY_BIT, _X32_BIT))
    # After load, jump, load come the checks, then ALLOW, then EPERM.
    program: list[Instruction] = [
        _LOAD_ARCHITECTURE,
        (_JUMP_EQUAL, 0, len(checks) + 2, architecture),
        _LOAD_NUMBER,
    ]
    for index, (code, operand) in enumerate(checks):
        program.append((code, len(checks) - index, 0, operand))
    return (*program, (_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _EPERM))


def _refuse_sockets(machine: str) -> None:
    rows = [struct.pack("=HBBI", *row) for row in socket_filter(machine)]
    code = ctypes.create_string_buffer(b"".join(rows))
    program = struct.pack("@HP", len(rows), ctypes.addressof(code))
    _prctl(_SET_SECCOMP, _FILTER, ctypes.create_string_buffer(program))


def _prctl(option: int, value: int, pointer: ctypes.Array[ctypes.c_char] | None = None) -> None:
    """One `prctl`. Raises: OSError."""
    library = ctypes.CDLL(None, use_errno=True)
    address = ctypes.addressof(pointer) if pointer is not None else 0
    arguments = [ctypes.c_ulong(one) for one in (value, address, 0, 0)]
    if library.prctl(ctypes.c_int(option), *arguments):
        number = ctypes.get_errno()
        raise OSError(number, f"prctl {option}: {os.strerror(number)}")


if __name__ == "__main__":
    sys.exit(main())
