"""Where reports go: ``--format``, ``--output`` and what else is said about the output, and how it is written.

A command takes ``output: Output`` by :func:`report_options`; ``output.emit(report, config)`` writes the report
everywhere it is wanted and returns the exit code.
"""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple, Self

import click

from zeues_contracts.errors import UsageError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from zeues_contracts.config import Config
    from zeues_contracts.findings import Report
    from zeues_contracts.report import TrendPoint

__all__ = [
    "FORMAT_NAMES",
    "Output",
    "Progress",
    "complete_files",
    "destinations",
    "emit",
    "report_options",
    "say",
    "text_width",
    "wants_color",
    "write_out",
]

# As in report.FORMATS, which is not imported to print a help page; a test keeps them equal.
FORMAT_NAMES = ("text", "json", "junit", "sarif", "github", "markdown", "html")
_SUFFIXES = {
    ".txt": "text",
    ".log": "text",
    ".json": "json",
    ".xml": "junit",
    ".sarif": "sarif",
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
}
# Formats that a log may hold one after another; of the others each wants a file of its own.
_FOR_LOGS = frozenset({"text", "github", "markdown"})
_LEVELS = ("error", "warning", "info", "off")

Command = Callable[..., Any]


class Output(NamedTuple):
    """What the flags say about the output."""

    formats: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    fail_level: str = ""
    color: bool | None = None
    quiet: bool = False
    verbose: bool = False

    def emit(self, report: Report, config: Config | None = None, *, trend: Sequence[TrendPoint] = ()) -> int:
        """Write the report to every destination and return the exit code that it means."""
        level = self.fail_level or (config.fail_level if config is not None else "error")
        root = config.root if config is not None else ""
        wanted = destinations(self.formats, self.files, quiet=self.quiet)
        if config is not None and not trend and any(name == "html" for name, _ in wanted):
            from zeues_contracts.cli.trend import trend_of

            named = dict.fromkeys((*report.sources, *(stage.service for stage in report.stages)))
            trend = trend_of(config, [name for name in named if name in config.services])
        return emit(
            report,
            wanted,
            fail_level=level,
            root=root,
            source=config.source if config is not None else "",
            color=self.color,
            quiet=self.quiet,
            verbose=self.verbose,
            trend=trend,
        )

    def progress(self) -> Progress:
        """The progress line of this run."""
        return Progress(enabled=False if self.quiet else None)


class Progress:
    """One line on standard error that says what is going on, on a terminal only."""

    def __init__(self, enabled: bool | None = None, stream: IO[str] | None = None) -> None:
        self.enabled = enabled
        self.stream = stream or sys.stderr
        self._shown = False

    def show(self, text: str) -> None:
        """Replace the line."""
        if self._on():
            import shutil

            from zeues_contracts.report.safe import cell, pad

            width = max(20, shutil.get_terminal_size().columns - 1)
            self.stream.write(f"\r\x1b[2K{pad(cell(text, width), width).rstrip()}")
            self.stream.flush()
            self._shown = True

    def clear(self) -> None:
        """Take the line away, before anything else is printed."""
        if self._shown:
            self.stream.write("\r\x1b[2K")
            self.stream.flush()
            self._shown = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()

    def _on(self) -> bool:
        if self.enabled is None:
            self.enabled = self.stream.isatty() and os.environ.get("TERM") != "dumb" and not os.environ.get("CI")
        return self.enabled


def complete_files(_: click.Context, __: click.Parameter, start: str) -> list[CompletionItem]:
    """Let the shell complete names of files, where an argument may be one and more besides."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(start, type="file")]


def report_options(command: Command) -> Command:
    """``--format``, ``--output`` and what else is said about the output; the command gets ``output: Output``."""

    @functools.wraps(command)
    def wrapped(*args: Any, **given: Any) -> Any:
        output = Output(
            formats=tuple(given.pop("formats")),
            files=tuple(given.pop("files")),
            fail_level=given.pop("fail_level") or "",
            color=given.pop("color"),
            quiet=given.pop("quiet"),
            verbose=given.pop("verbose"),
        )
        destinations(output.formats, output.files, quiet=output.quiet)  # before any work is done
        return command(*args, output=output, **given)

    options = (
        click.option(
            "--format",
            "-f",
            "formats",
            multiple=True,
            type=click.Choice(FORMAT_NAMES),
            help="Format of the report; repeatable. By default text.",
        ),
        click.option(
            "--output",
            "-o",
            "files",
            multiple=True,
            metavar="FILE",
            shell_complete=complete_files,
            help="File to write; repeatable. It takes the --format that its suffix names (.json .xml .sarif .md .html "
            ".txt), else the first --format that has no file yet. A --format without a file is printed.",
        ),
        click.option(
            "--fail-level",
            type=click.Choice(_LEVELS),
            default=None,
            help="Exit with 1 from this level on; by default as configured, else error.",
        ),
        click.option(
            "--color/--no-color", default=None, help="Colours; by default on a terminal, unless NO_COLOR is set."
        ),
        click.option("--quiet", "-q", is_flag=True, help="Print the verdict alone, and no progress."),
        click.option("--verbose", "-v", is_flag=True, help="Print everything about every finding."),
    )
    decorated: Command = wrapped
    for option in reversed(options):
        decorated = option(decorated)
    return decorated


def destinations(formats: Sequence[str], files: Sequence[str], *, quiet: bool = False) -> list[tuple[str, str]]:
    """Which format goes where: (format, file), the empty file being standard output.

    A file takes the format that its suffix names if that format was given (or none was), else the first given format
    that has no file yet. What remains is printed. Without any ``--format`` the text is printed besides the files.
    Raises :class:`UsageError` for a file that no format is left for, and for formats that cannot share standard output.
    """
    waiting = list(dict.fromkeys(formats))
    chosen: dict[str, str] = {}
    later: list[str] = []
    for file in files:
        named = _format_of(file)
        if named and named in waiting:
            waiting.remove(named)
            chosen[file] = named
        elif named and not formats:
            chosen[file] = named
        else:
            later.append(file)
    for file in later:
        if not waiting:
            raise UsageError(
                f"--output {file}: no format is left for it",
                hint="give --format for each file, or a suffix: .json .xml .sarif .md .html .txt",
            )
        chosen[file] = waiting.pop(0)
    found = [(chosen[file], "" if file == "-" else file) for file in dict.fromkeys(files)]
    found += [(name, "") for name in waiting]
    if not formats and "text" not in chosen.values():
        found.append(("text", ""))
    printed = [name for name, file in found if not file]
    alone = [name for name in printed if name not in _FOR_LOGS]
    if alone and len(printed) > 1:
        raise UsageError(
            f"{alone[0]} cannot share standard output with {' and '.join(one for one in printed if one != alone[0])}",
            hint=f"write it to a file: --format {alone[0]} --output FILE",
        )
    return found


def emit(
    report: Report,
    wanted: Sequence[tuple[str, str]],
    *,
    fail_level: str = "error",
    root: str = "",
    source: str = "",
    color: bool | None = None,
    quiet: bool = False,
    verbose: bool = False,
    trend: Sequence[TrendPoint] = (),
) -> int:
    """Write a report to its destinations (see :func:`destinations`), files atomically; return the exit code."""
    from zeues_contracts.cli.places import from_here
    from zeues_contracts.files import write_atomically
    from zeues_contracts.findings import Level
    from zeues_contracts.report import RenderOptions, render

    here = str(Path.cwd())
    report = from_here(report, root)
    for name, file in wanted:
        printed = not file and name == "text"
        options = RenderOptions(
            color=printed and wants_color(color),
            width=text_width() if printed else 80,
            fail_level=Level(fail_level),
            # Annotations and SARIF name files from the top of the repository, which is where CI runs.
            root=here,
            verbose=verbose,
            quiet=quiet and printed,
            fallback_file=source,
            trend=tuple(trend),
            marker=root.rsplit("/", 1)[-1] if root else "",
        )
        text = render(report, name, options=options)
        if file:
            write_atomically(Path(file), text)
        else:
            write_out(text)
    return report.exit_code(Level(fail_level))


def write_out(text: str) -> None:
    """Print to standard output whatever its encoding: what it cannot hold is spelled out."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    click.echo(text.encode(encoding, "backslashreplace").decode(encoding), nl=False, color=True)


def say(text: str, *, err: bool = False) -> None:
    """Print lines that repeat what files and services say: nothing in them may move a terminal or command a CI."""
    from zeues_contracts.report.safe import guard_log, visible

    lines = "".join(f"{guard_log(visible(line))}\n" for line in text.split("\n"))
    if err:
        click.echo(lines, nl=False, err=True)
    else:
        write_out(lines)


def wants_color(flag: bool | None, stream: IO[str] | None = None) -> bool:
    """Whether to colour: the flag, else ``NO_COLOR`` (any text), else ``FORCE_COLOR``, else if it is a terminal."""
    if flag is not None:
        return flag
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR") not in (None, "", "0"):
        return True
    out = stream or sys.stdout
    return out.isatty() and os.environ.get("TERM") != "dumb"


def _format_of(file: str) -> str:
    lower = file.lower()
    if lower.endswith((".sarif", ".sarif.json")):
        return "sarif"
    return _SUFFIXES.get(Path(lower).suffix, "")


def text_width() -> int:
    """The columns that text for standard output may have: the terminal's, within reason; 80 where it is none."""
    if not sys.stdout.isatty():
        return 80
    import shutil

    return min(max(shutil.get_terminal_size().columns, 60), 120)
