"""What a person at a terminal sees beside the result: diagnostics, progress, how text is drawn.

Environment and terminal are asked here and nowhere else; reports only obey (P-22 to P-25).
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.live import Live
    from rich.text import Text

    from reviewer.base.diagnostics import Diagnostic
    from reviewer.report import Display

_SHOWN = 20
"""Diagnostics of one level that are told without -v."""
_SLOW = 1.0
"""Seconds of work before the progress line appears (P-25)."""
_A_SECOND = 10
"""How often it is drawn again (P-25)."""


def say(text: str) -> None:
    """One line on standard error."""
    sys.stderr.write(text + "\n")


def tell_bug(error: Exception, *, folded: bool) -> None:
    """Our own mistake: the traceback and where to report it; in the Action through its log, which
    folds the one and tells the other as an error (pull-request.md, section 13)."""
    if folded:
        import logging

        logging.getLogger(__name__).error("the run broke off", exc_info=error)
        return
    import traceback

    say("".join(traceback.format_exception(error)).rstrip())
    say("netpol-reviewer: this is a defect of ours; SECURITY.md and the issue tracker")
    say("  say where to report it. The result above, if any, is not to be relied on.")


def tell(diagnostics: Iterable[Diagnostic], args: argparse.Namespace) -> None:
    """Diagnostics on standard error: errors and warnings, notices with -v, nothing with -q."""
    from reviewer.base.diagnostics import Level, once_of_both_sides
    from reviewer.report import safe

    levels = [Level.ERROR, Level.WARNING, *([Level.NOTICE] if args.verbose else [])]
    if args.quiet:
        return
    said = once_of_both_sides(diagnostics)
    for level in levels:
        found = [each for each in said if each.level is level]
        for each in found if args.verbose else found[:_SHOWN]:
            place = f"{each.file}:{each.line}: " if each.file else ""
            about = f"{each.object}: " if each.object else ""
            say(safe(f"{place}{each.level}: {about}{each.message} [{each.code}]"))
        if len(found) > _SHOWN and not args.verbose:
            say(f"and {len(found) - _SHOWN:,} more of level {level}: -v or --format json")


def display(args: argparse.Namespace, stream: TextIO) -> Display:
    """How the text is drawn: the rim asks the terminal, reports only obey (P-22, P-23)."""
    from reviewer import pipeline
    from reviewer.report import Display

    shown = stream.isatty() and args.output is None
    width = min(max(columns(100), 60), 120) if shown else 100
    encoding = "utf-8" if args.output else (stream.encoding or "ascii")
    return Display(
        width=width,
        colour=colour(args.color, os.environ, shown, args.output is not None),
        unicode=_can_encode(encoding),
        full=args.full,
        by=args.by,
        assets=pipeline.page_assets() if args.format == "html" else None,
    )


def columns(otherwise: int) -> int:
    """The terminal's width: COLUMNS, else what the terminal says, else `otherwise`."""
    written = os.environ.get("COLUMNS", "")
    if written.isascii() and written.isdigit() and int(written) > 0:
        return int(written)
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or otherwise
    except (OSError, ValueError):  # no terminal, or no real file at all
        return otherwise


def colour(flag: str, environ: Mapping[str, str], terminal: bool, file: bool) -> bool:
    """Whether colour is used: the first rule of P-22 that applies."""
    if flag != "auto":
        return flag == "always"
    if file or environ.get("NO_COLOR"):
        return False
    for name in ("FORCE_COLOR", "CLICOLOR_FORCE"):
        if environ.get(name, "") not in ("", "0"):
            return True
    return terminal and environ.get("TERM") != "dumb"


def _can_encode(encoding: str) -> bool:
    try:
        "→·−".encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


@contextmanager
def progress(args: argparse.Namespace) -> Iterator[Callable[[str, int], None]]:
    """Takes the stages of a command as they begin, and how far they are, and shows them on one
    line of standard error while it runs; the line is gone afterwards (P-25)."""
    shown = sys.stderr.isatty() and not (os.environ.get("CI") or args.quiet or args.verbose)
    line = _Line(verbose=args.verbose)
    if not shown:
        yield line.tell
        return
    from threading import Timer

    timer = Timer(_SLOW, line.show)
    timer.daemon = True
    timer.start()
    try:
        yield line.tell
    finally:
        timer.cancel()
        timer.join()
        line.hide()


class _Line:
    """The progress line, drawn by rich from a thread of its own: work is never kept waiting."""

    def __init__(self, *, verbose: bool) -> None:
        self._verbose = verbose
        self._begun = time.monotonic()
        self._stage, self._files = "", 0
        self._live: Live | None = None

    def tell(self, stage: str, files: int) -> None:
        """What is done now, and how many files are done. Called for every file: no more than
        noted."""
        if self._verbose and stage != self._stage:
            import logging

            from reviewer.report import safe

            seconds = time.monotonic() - self._begun
            logging.getLogger(__name__).info("%s (%.1f s)", safe(stage), seconds)
        self._stage, self._files = stage, files

    def show(self) -> None:
        """Begin to draw. rich costs as much to load as a small review takes: it is loaded only
        where the line is due (P-26)."""
        from rich.console import Console
        from rich.live import Live

        console = Console(stderr=True, highlight=False, markup=False)
        self._live = Live(
            console=console,
            get_renderable=self._text,
            refresh_per_second=_A_SECOND,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._live.start(refresh=True)

    def hide(self) -> None:
        """Erase what was drawn."""
        if self._live is not None:
            self._live.stop()

    def _text(self) -> Text:
        from rich.text import Text

        from reviewer.report import safe

        count = f": {self._files:,} files" if self._files else ""
        return Text(safe(self._stage) + count, no_wrap=True, overflow="ellipsis")


def log_as_asked(args: argparse.Namespace) -> None:
    """Turn logging on where somebody asked for it: nothing is logged otherwise, and loading it is
    a tenth of a small review."""
    if not args.verbose:
        return
    import logging

    level = logging.ERROR if args.quiet else logging.WARNING - 10 * min(args.verbose, 2)
    logging.basicConfig(level=level, format="%(levelname)s %(name)s: %(message)s")
