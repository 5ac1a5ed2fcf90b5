"""What the commands share: options for the service and for the output, and what is done with them.

A command takes ``target: Target`` by :func:`service_options` and ``output: Output`` by :func:`report_options`;
``target.load()`` gives the configuration in force and the services chosen, ``output.emit(report, config)`` writes the
report everywhere it is wanted and returns the exit code.
"""

from __future__ import annotations

import difflib
import functools
import os
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Self, overload

import click

from zeues_contracts.errors import UsageError

if TYPE_CHECKING:
    from zeues_contracts.config import Config, Flag, Resolved
    from zeues_contracts.findings import Report
    from zeues_contracts.report import TrendPoint

__all__ = [
    "Output",
    "Progress",
    "Selection",
    "Target",
    "config_option",
    "destinations",
    "emit",
    "load_configuration",
    "report_options",
    "resolved_configuration",
    "say",
    "service_argument",
    "service_names",
    "service_options",
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
_PRESETS = ("default", "strict", "tolerant-reader")

Command = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Selection:
    """The configuration in force, the services that a command is about, and headers given by flags.

    ``headers`` are raw ``Name: value`` texts, for ``http.collect_headers``, which puts them over the configuration's.
    """

    config: Config
    services: tuple[str, ...]
    headers: tuple[str, ...] = ()

    @property
    def service(self) -> str:
        """The one service chosen. Raises :class:`UsageError` where there are several."""
        if len(self.services) != 1:
            raise UsageError(
                f"which service? the configuration has {', '.join(self.services)}", hint="name one: SERVICE"
            )
        return self.services[0]


@dataclass(frozen=True, slots=True)
class Target:
    """What the flags say about the service and where its document comes from."""

    config_file: Path | None = None
    services: tuple[str, ...] = ()
    url: str = ""
    app: str = ""
    document: str = ""
    document_name: str = ""
    headers: tuple[str, ...] = ()
    preset: str = ""

    def load(self, *, fail_level: str = "") -> Selection:
        """The configuration with these flags over it, and the services chosen. Raises :class:`UsageError`."""
        return load_configuration(
            self.config_file,
            self.services,
            url=self.url,
            app=self.app,
            document=self.document,
            document_name=self.document_name,
            headers=self.headers,
            preset=self.preset,
            fail_level=fail_level,
        )

    def resolve(self) -> Resolved:
        """The configuration with these flags over it, and where each value came from. Raises :class:`UsageError`."""
        return resolved_configuration(
            self.config_file,
            self.services,
            url=self.url,
            app=self.app,
            document=self.document,
            document_name=self.document_name,
            preset=self.preset,
        )


@dataclass(frozen=True, slots=True)
class Output:
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


@dataclass(slots=True)
class Progress:
    """One line on standard error that says what is going on, on a terminal only."""

    enabled: bool | None = None
    stream: IO[str] = field(default_factory=lambda: sys.stderr)
    _shown: bool = False

    def show(self, text: str) -> None:
        """Replace the line."""
        if self._on():
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


def service_argument(*, several: bool = False, metavar: str = "") -> Callable[[Command], Command]:
    """The ``SERVICE`` argument: optional, since most configurations have one service."""
    if several:
        shown = metavar or "[SERVICE]..."
        return click.argument("services", nargs=-1, metavar=shown, shell_complete=_complete_services)
    return click.argument(
        "services",
        required=False,
        default=None,
        metavar="[SERVICE]",
        callback=_as_tuple,
        shell_complete=_complete_services,
    )


def config_option(command: Command) -> Command:
    """``--config FILE``, as ``config_file``."""
    return click.option(
        "--config",
        "config_file",
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        default=None,
        metavar="FILE",
        envvar="ZEUES_CONTRACTS_CONFIG",
        help="Configuration file; by default the nearest zeues-contracts.toml or pyproject.toml.",
    )(command)


@overload
def service_options(command: Command, *, several: bool = ..., metavar: str = ...) -> Command: ...
@overload
def service_options(
    command: None = ..., *, several: bool = ..., metavar: str = ...
) -> Callable[[Command], Command]: ...
def service_options(command: Command | None = None, *, several: bool = False, metavar: str = "") -> Any:
    """``SERVICE`` and the options that say where its document comes from; the command gets ``target: Target``."""
    if command is None:
        return functools.partial(service_options, several=several, metavar=metavar)

    @functools.wraps(command)
    def wrapped(*args: Any, **given: Any) -> Any:
        target = Target(
            config_file=given.pop("config_file"),
            services=tuple(given.pop("services") or ()),
            url=given.pop("url"),
            app=given.pop("app"),
            document=given.pop("document"),
            document_name=given.pop("document_name"),
            headers=tuple(given.pop("headers")),
            preset=given.pop("preset") or "",
        )
        return command(*args, target=target, **given)

    options = (
        service_argument(several=several, metavar=metavar),
        click.option("--url", default="", metavar="URL", help="Base URL, documentation page (/docs) or document."),
        click.option("--app", default="", metavar="MODULE:APP", help="An ASGI application, called in process."),
        click.option("--document", default="", metavar="FILE", help="The live document, from a file."),
        click.option(
            "--document-name", default="", metavar="NAME", help="Which document, where a page offers several."
        ),
        click.option(
            "--header", "-H", "headers", multiple=True, metavar="'NAME: VALUE'", help="A header to send; repeatable."
        ),
        click.option("--preset", type=click.Choice(_PRESETS), default=None, help="How strictly changes are judged."),
        config_option,
    )
    decorated: Command = wrapped
    for option in reversed(options):
        decorated = option(decorated)
    return decorated


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
            "--format", "-f", "formats", multiple=True, type=click.Choice(FORMAT_NAMES), help="Format; repeatable."
        ),
        click.option(
            "--output",
            "-o",
            "files",
            multiple=True,
            metavar="FILE",
            help="File to write; repeatable. It takes the --format that its suffix names (.json .xml .sarif .md .html "
            ".txt), else the first --format that has no file yet. A --format without a file is printed.",
        ),
        click.option("--fail-level", type=click.Choice(_LEVELS), default=None, help="Exit 1 from this level on."),
        click.option("--color/--no-color", default=None, help="Colours; by default on a terminal, unless NO_COLOR."),
        click.option("--quiet", "-q", is_flag=True, help="Print the verdict alone."),
        click.option("--verbose", "-v", is_flag=True, help="Print all of every finding."),
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
    from zeues_contracts.files import write_atomically
    from zeues_contracts.findings import Level
    from zeues_contracts.report import RenderOptions, render

    here = str(Path.cwd())
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


def load_configuration(
    config_file: Path | None = None,
    services: Sequence[str] = (),
    *,
    url: str = "",
    app: str = "",
    document: str = "",
    document_name: str = "",
    headers: Sequence[str] = (),
    preset: str = "",
    fail_level: str = "",
) -> Selection:
    """The configuration with flags over it, and the services that are meant.

    ``url``, ``app`` and ``document`` belong to one service: the one named, the only one there is, or a service called
    ``service`` where the configuration has none. Raises :class:`UsageError`.
    """
    from zeues_contracts.levels import check_levels

    config = resolved_configuration(
        config_file,
        services,
        url=url,
        app=app,
        document=document,
        document_name=document_name,
        preset=preset,
        fail_level=fail_level,
    ).config
    check_levels(config)
    return Selection(config, service_names(config, services), tuple(headers))


def resolved_configuration(
    config_file: Path | None = None,
    services: Sequence[str] = (),
    *,
    url: str = "",
    app: str = "",
    document: str = "",
    document_name: str = "",
    preset: str = "",
    fail_level: str = "",
) -> Resolved:
    """The configuration with flags over it, and where each value came from. Raises :class:`UsageError`."""
    from zeues_contracts.config import Flag, resolve

    given = {"url": url, "app": app, "document": document}
    sources = [f"--{name}" for name, value in given.items() if value]
    if len(sources) > 1:
        raise UsageError(f"{' and '.join(sources)} were both given", hint="keep one: each says where the document is")
    flags: dict[tuple[str, ...], Flag] = {}
    if preset:
        flags["preset",] = Flag(preset, "--preset")
    if fail_level:
        flags["fail-level",] = Flag(fail_level, "--fail-level")
    per_service = {**given, "document-name": document_name}
    if document:
        per_service["document"] = str(Path(document).absolute())
    if any(per_service.values()):
        known = resolve(config_file).config
        if not services and len(known.services) > 1:
            raise UsageError(
                f"{(*sources, '--document-name')[0]}: for which service? there are {', '.join(known.services)}",
                hint="name one: SERVICE",
            )
        name = services[0] if services else next(iter(known.services), "service")
        if len(services) > 1:
            raise UsageError(f"{(*sources, '--document-name')[0]} is for one service", hint="name one: SERVICE")
        flags |= {("services", name, key): Flag(value, f"--{key}") for key, value in per_service.items() if value}
    return resolve(config_file, flags=flags)


def service_names(config: Config, names: Sequence[str]) -> tuple[str, ...]:
    """The services named, each once; all of them when none is. Raises :class:`UsageError` for an unknown one."""
    for name in names:
        if name not in config.services:
            raise UsageError(
                f"there is no service {name!r} in {config.source or 'the configuration'}", hint=_nearest(name, config)
            )
    if names:
        return tuple(dict.fromkeys(names))
    if not config.services:
        raise UsageError(
            "no service is configured",
            hint="give --url, --app or --document, or run `zeues-contracts init`",
        )
    return tuple(config.services)


def _nearest(name: str, config: Config) -> str:
    known: Mapping[str, Any] = config.services
    near = difflib.get_close_matches(name, list(known), n=1)
    if near:
        return f"did you mean {near[0]!r}?"
    return f"there are: {', '.join(known)}" if known else "give --url, or run `zeues-contracts init`"


def _complete_services(_: click.Context, __: click.Parameter, start: str) -> list[str]:
    from zeues_contracts.config import load_config

    try:
        return [name for name in load_config().services if name.startswith(start)]
    except UsageError:
        return []  # a shell is no place to complain


def _as_tuple(_: click.Context, __: click.Parameter, value: str | None) -> tuple[str, ...]:
    return (value,) if value else ()


def _format_of(file: str) -> str:
    lower = file.lower()
    if lower.endswith((".sarif", ".sarif.json")):
        return "sarif"
    return _SUFFIXES.get(Path(lower).suffix, "")


def text_width() -> int:
    """The columns that text for standard output may have: the terminal's, within reason; 80 where it is none."""
    if not sys.stdout.isatty():
        return 80
    return min(max(shutil.get_terminal_size().columns, 60), 120)
