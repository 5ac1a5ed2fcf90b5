"""What the commands share: options for the service and for the output, and what is done with them.

A command takes ``target: Target`` by :func:`service_options` and ``output: Output`` by :func:`report_options`;
``target.load()`` gives the configuration in force and the services chosen, ``output.emit(report, config)`` writes the
report everywhere it is wanted and returns the exit code.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, overload

import click

from zeues_contracts.cli.output import (
    FORMAT_NAMES,
    Output,
    Progress,
    complete_files,
    destinations,
    emit,
    report_options,
    say,
    text_width,
    wants_color,
    write_out,
)
from zeues_contracts.errors import UsageError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from zeues_contracts.config import Config, Flag, Resolved

__all__ = [
    "FORMAT_NAMES",
    "Output",
    "Progress",
    "Selection",
    "Target",
    "complete_documents",
    "complete_files",
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

_PRESETS = ("default", "strict", "tolerant-reader")

Command = Callable[..., Any]


class Selection(NamedTuple):
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


class Target(NamedTuple):
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
        click.option(
            "--document",
            default="",
            metavar="FILE",
            shell_complete=complete_files,
            help="The live document, from a file.",
        ),
        click.option(
            "--document-name",
            default="",
            metavar="NAME",
            help="Which document, where a documentation page offers several.",
        ),
        click.option(
            "--header",
            "-H",
            "headers",
            multiple=True,
            metavar="'NAME: VALUE'",
            help="A header to send to the service; repeatable.",
        ),
        click.option(
            "--preset",
            type=click.Choice(_PRESETS),
            default=None,
            help="How strictly changes are judged; by default as the configuration says.",
        ),
        config_option,
    )
    decorated: Command = wrapped
    for option in reversed(options):
        decorated = option(decorated)
    return decorated


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
    import difflib

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


def complete_documents(context: click.Context, parameter: click.Parameter, start: str) -> list[CompletionItem]:
    """Services, of their snapshots and live; where none begins so, files."""
    from click.shell_completion import CompletionItem

    live, colon, rest = start.partition(":")
    if live == "live" and colon:
        return [CompletionItem(f"live:{name}") for name in _complete_services(context, parameter, rest)]
    found = [CompletionItem(name) for name in _complete_services(context, parameter, start)] if start else []
    return found or complete_files(context, parameter, start)


def _as_tuple(_: click.Context, __: click.Parameter, value: str | None) -> tuple[str, ...]:
    return (value,) if value else ()
