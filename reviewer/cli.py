"""The command line: flags in, an exit code out.

Rooms are imported only where a command needs them: `--help` loads none, `diff` loads nothing of
GitHub's.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from reviewer import __version__, terminal
from reviewer.base.errors import ReviewerError, SourceError, UsageError

if TYPE_CHECKING:
    from reviewer.base.documents import Origin
    from reviewer.options import Options
    from reviewer.pipeline import Material
    from reviewer.report import Result
    from reviewer.sources import Target

CONFIG = ".github/netpol-reviewer.yml"
SEVERITIES = ("critical", "high", "medium", "low", "never")
FORMATS = ("text", "json", "markdown", "html", "sarif", "dot", "mermaid", "graphml", "csv")
INTERRUPTED, PIPE_CLOSED = 130, 141
SUMMARY = "Review what a change of Kubernetes NetworkPolicy manifests opens and closes."
ENDING = """\
example: netpol-reviewer diff main HEAD
  shows what the change on this branch opens and closes, and which line does it

exit codes: 0 done and the gate passed, 1 the gate failed, 2 wrong usage, configuration or
  unreadable input, 3 a manifest could not be read and --strict asked for it
documentation: docs/cli.md
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the number is the exit code (output-contract.md)."""
    try:
        args = parser().parse_args(argv)
        terminal.log_as_asked(args)
        code: int = args.run(args)
        sys.stdout.flush()
        return code
    except ReviewerError as error:
        terminal.say(f"netpol-reviewer: {error}")
        return error.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader went away; what is left in the buffer must not raise again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except Exception as error:  # an escaped exception would exit 1, which means "the gate failed"
        terminal.tell_bug(error, folded=(sys.argv[1:] if argv is None else argv)[:1] == ["action"])
        return 2


# -- flags -----------------------------------------------------------------------------------------


def parser() -> argparse.ArgumentParser:
    """Every command with its flags and help."""
    top = _Parser(
        prog="netpol-reviewer",
        description=SUMMARY,
        epilog=ENDING,
        formatter_class=_Help,
    )
    top.add_argument("--version", action="version", version=f"netpol-reviewer {__version__}")
    commands = top.add_subparsers(
        title="commands", metavar="COMMAND", required=True, prog="netpol-reviewer"
    )
    diff = _command(commands, "diff", run_diff, "what HEAD opens and closes compared with BASE")
    diff.add_argument(
        "base", metavar="BASE", help="a git revision, or a folder or file that exists"
    )
    diff.add_argument("head", metavar="HEAD", help="likewise")
    _gated(diff)
    flows = _command(commands, "flows", run_flows, "who can reach whom in one TARGET")
    flows.add_argument("target", metavar="TARGET", help="a git revision, folder or file")
    _strict(flows)
    explain = _command(commands, "explain", run_explain, "why a flow is allowed or denied")
    explain.add_argument("target", metavar="TARGET", help="a git revision, folder or file")
    end = "a workload id, an address%s"
    explain.add_argument(
        "--from", dest="source", required=True, metavar="A", help=end % ", or ingress-controller"
    )
    explain.add_argument("--to", dest="destination", required=True, metavar="B", help=end % "")
    explain.add_argument("--port", metavar="PROTO/N", help="for instance TCP/5432; default: all")
    audit = _command(commands, "audit", run_audit, "the posture of one TARGET")
    audit.add_argument("target", metavar="TARGET", help="a git revision, folder or file")
    _gated(audit)
    check = commands.add_parser("config", help="check a configuration file", formatter_class=_Help)
    check.add_argument("file", metavar="FILE")
    _verbosity(check)
    check.set_defaults(run=run_config)
    action = commands.add_parser(
        "action", help="what the container runs inside GitHub Actions", formatter_class=_Help
    )
    _verbosity(action)
    action.set_defaults(run=run_action)
    return top


class _Help(argparse.RawDescriptionHelpFormatter):
    """Help at the width of the terminal or COLUMNS. argparse asks for it whenever an argument is
    added, by a module that takes 4 ms to load, so it is answered here."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=terminal.columns(80) - 2)


class _Parser(argparse.ArgumentParser):
    """Usage errors in our own form: what is wrong, then where help is."""

    def error(self, message: str) -> Any:
        raise UsageError(f"{message}", f"see {self.prog} --help")


def _command(
    commands: Any, name: str, run: Callable[[argparse.Namespace], int], what: str
) -> argparse.ArgumentParser:
    made: argparse.ArgumentParser = commands.add_parser(
        name, help=what, description=f"{what[0].upper()}{what[1:]}.", epilog=ENDING,
        formatter_class=_Help,
    )  # fmt: skip
    made.set_defaults(run=run)
    made.add_argument("--format", choices=FORMATS, default="text", help="default: text")
    made.add_argument("--output", metavar="FILE", help="write there, not to standard output")
    made.add_argument("--repo", metavar="DIR", default=".", help="the repository of revisions")
    made.add_argument("--config", metavar="FILE", help=f"default: {CONFIG} of the base side")
    made.add_argument("--cluster", metavar="NAME", help="only this cluster of the configuration")
    made.add_argument("--color", choices=("auto", "always", "never"), default="auto")
    made.add_argument("--full", action="store_true", help="every row on a line of its own")
    made.add_argument("--by", choices=("workload", "namespace"), default="workload",
                      help="what a node of dot and graphml is")  # fmt: skip
    _verbosity(made)
    return made


def _verbosity(made: argparse.ArgumentParser) -> None:
    made.add_argument("-q", dest="quiet", action="store_true", help="no progress, no warnings")
    made.add_argument("-v", dest="verbose", action="count", default=0, help="say what is done")


def _strict(made: argparse.ArgumentParser) -> None:
    made.add_argument("--strict", choices=("all", "changed", "none"), default="none",
                      help="which unreadable manifests fail; default: none")  # fmt: skip
    made.add_argument("--exposure", choices=("auto", "always", "never"),
                      help="pods that are not in the manifests; default: auto")  # fmt: skip


def _gated(made: argparse.ArgumentParser) -> None:
    made.add_argument("--fail-on", choices=SEVERITIES, help="default: high")
    _strict(made)


# -- commands --------------------------------------------------------------------------------------


def run_diff(args: argparse.Namespace) -> int:
    """`diff`: exit 1 when the gate fails, 3 when only an unreadable manifest fails it."""
    from reviewer import pipeline, sources
    from reviewer.base.values import replace
    from reviewer.report import Review, renderer

    renderer(Review, args.format)
    base, head = sources.resolve_all((args.base, args.head), args.repo)
    options = replace(_options(args, base), settled=_settled(args, base, head))
    with terminal.progress(args) as tell:
        result = pipeline.review(_material(base), _material(head), options, tell)
    terminal.tell(result.diagnostics, args)
    _write(result, args)
    if result.verdict.failed and pipeline.unreadable(
        result.diagnostics, options.strict, result.changed
    ):
        return 3
    return int(result.verdict.failed)


def run_flows(args: argparse.Namespace) -> int:
    """`flows`: the connectivity of one target."""
    from reviewer import pipeline, sources
    from reviewer.report import FlowMap, renderer

    renderer(FlowMap, args.format)
    target = sources.resolve(args.target, args.repo)
    options = _options(args, target)
    with terminal.progress(args) as tell:
        result = pipeline.flow_map(_material(target), options, tell)
    terminal.tell(result.snapshot.diagnostics, args)
    _write(result, args)
    return 3 if pipeline.unreadable(result.snapshot.diagnostics, args.strict, frozenset()) else 0


def run_explain(args: argparse.Namespace) -> int:
    """`explain`: exit 0 whether allowed or not (F-50)."""
    from reviewer import pipeline, sources
    from reviewer.report import Explained, renderer

    renderer(Explained, args.format)
    target = sources.resolve(args.target, args.repo)
    options = _options(args, target)
    with terminal.progress(args) as tell:
        asked = pipeline.Question(args.source, args.destination, args.port)
        result = pipeline.explanation(_material(target), options, asked, tell)
    terminal.tell(result.snapshot.diagnostics, args)
    _write(result, args)
    return 0


def run_audit(args: argparse.Namespace) -> int:
    """`audit`: exit 1 when a finding is at or above the gate."""
    from reviewer import pipeline, sources
    from reviewer.report import Audit, renderer

    renderer(Audit, args.format)
    target = sources.resolve(args.target, args.repo)
    options = _options(args, target)
    with terminal.progress(args) as tell:
        result = pipeline.audit(_material(target), options, tell)
    terminal.tell(result.snapshot.diagnostics, args)
    _write(result, args)
    if pipeline.unreadable(result.snapshot.diagnostics, options.strict, frozenset()):
        return 3
    return int(result.verdict.failed)


def run_config(args: argparse.Namespace) -> int:
    """`config FILE`: every mistake at once, or that there is none."""
    from reviewer import config

    config.check(args.file)
    terminal.say(f"{args.file}: no mistake found")
    return 0


def run_action(_: argparse.Namespace) -> int:
    """`action`: all input is environment."""
    from reviewer import action

    return action.main(os.environ)


def _material(target: Target) -> Material:
    from reviewer import pipeline, sources

    return pipeline.Material(
        target.name, target.commit, lambda known: sources.documents(target, known)
    )


def _options(args: argparse.Namespace, target: Target) -> Options:
    """Flags over the configuration of the base side (audit, flows, explain: of the target)."""
    from datetime import UTC, datetime

    from reviewer import sources
    from reviewer.options import Wishes, settle

    if args.config is not None:
        try:
            with open(args.config, "rb") as file:
                text: bytes | None = file.read()
        except OSError as error:
            raise UsageError(
                f"the configuration {args.config!r} cannot be read: {error.strerror}",
                "check the path given with --config",
            ) from error
        name = args.config
    else:
        document = sources.read_file(target, CONFIG)
        text, name = (document.content if document else None), CONFIG
    # A folder that somebody names is one cluster; a file of --config may divide it.
    undivided = target.commit is None and args.config is None and args.cluster is None
    return settle(
        text,
        name,
        Wishes(
            whole=undivided,
            today=datetime.now(UTC).date().isoformat(),
            strict=getattr(args, "strict", "none"),
            fail_on=getattr(args, "fail_on", None),
            exposure=getattr(args, "exposure", None),
            cluster=args.cluster,
        ),
    )


def _settled(args: argparse.Namespace, base: Target, head: Target) -> Origin | None:
    """The place of head's configuration where it is not base's; a given file is that of both."""
    from reviewer import sources
    from reviewer.options import place_of_change

    if args.config is not None:
        return None
    return place_of_change(*(sources.read_file(side, CONFIG) for side in (base, head)))


# -- what is printed -------------------------------------------------------------------------------


def _write(result: Result, args: argparse.Namespace) -> None:
    from reviewer import report

    if args.output is None:
        report.write(result, args.format, terminal.display(args, sys.stdout), sys.stdout)
        return
    try:
        with open(args.output, "w", encoding="utf-8", newline="\n") as file:
            report.write(result, args.format, terminal.display(args, file), file)
    except OSError as error:
        raise SourceError(
            f"{args.output!r} cannot be written: {error.strerror}",
            "give --output a file in a folder that exists and that you may write to",
        ) from error
