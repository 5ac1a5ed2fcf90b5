"""Flags over environment over file over defaults, each value with the place that it came from."""

from __future__ import annotations

import os
import re
import typing
from collections.abc import Iterable, Mapping
from pathlib import Path as FilePath
from typing import Any

import msgspec

from zeues_contracts.config.model import Config, ServiceConfig
from zeues_contracts.config.structure import (
    PREFIX,
    SERVICE_NAME,
    Path,
    bare,
    dotted,
    env_name,
    keys_of,
    leaves,
    place_of_key,
    struct_at,
)
from zeues_contracts.errors import UsageError
from zeues_contracts.redact import is_secret_name, know

__all__ = [
    "CONFIG_FILE",
    "Flag",
    "Resolved",
    "expand_environment",
    "find_config_file",
    "load_config",
    "resolve",
    "unknown_variables",
]

CONFIG_FILE = "zeues-contracts.toml"
_TOOL: Path = ("tool", "zeues-contracts")
_TARGETS = ("url", "app", "document")


class Flag(msgspec.Struct, frozen=True):
    """A value that the command line gives for a place; ``name`` is how it was given (``--url``)."""

    value: Any
    name: str


class Resolved(msgspec.Struct, frozen=True):
    """What is in force, and for each place that is not left to its default where its value came from.

    ``origins`` maps paths to ``zeues-contracts.toml:3``, ``environment ZEUES_CONTRACTS_PRESET`` or ``--preset``.
    """

    config: Config
    origins: Mapping[Path, str]


def find_config_file(start: FilePath) -> FilePath | None:
    """The nearest ``zeues-contracts.toml`` or ``pyproject.toml`` with our table, from a folder upwards."""
    for folder in (start, *start.parents):
        own = folder / CONFIG_FILE
        if own.is_file():
            return own
        project = folder / "pyproject.toml"
        if project.is_file():
            try:
                text = project.read_text("utf-8")
                # Most projects' files do not speak of us: no need to read them as TOML.
                table = _toml(text) if "zeues-contracts" in text else {}
            except (OSError, ValueError):
                continue  # not ours to complain about
            tool = table.get("tool", {})
            if isinstance(tool, dict) and "zeues-contracts" in tool:
                return project
    return None


def load_config(
    path: FilePath | None = None, *, start: FilePath | None = None, environ: Mapping[str, str] | None = None
) -> Config:
    """The configuration of a file, or of the nearest one above ``start``; the defaults where there is none.

    Environment variables override the file. Raises :class:`UsageError` with file and line for what cannot be used.
    """
    return resolve(path, start=start, environ=environ).config


def resolve(
    path: FilePath | None = None,
    *,
    start: FilePath | None = None,
    environ: Mapping[str, str] | None = None,
    flags: Mapping[Path, Flag] | None = None,
) -> Resolved:
    """The configuration in force and the origin of each value. ``flags`` are by path (``("services", "a", "url")``)."""
    environ = os.environ if environ is None else environ
    here = (start or FilePath.cwd()).resolve()
    file = path if path is not None else find_config_file(here)
    table, text, prefix = _read(file) if file is not None else ({}, "", ())
    source = _shown(file) if file is not None else ""
    layers = _Layers(source, text, prefix)
    layers.check_keys(table, Config, ())
    for place in _written(table, ()):
        layers.origins[place] = layers.name_of(place)
    _apply_environment(table, layers, environ, flags or {})
    for place, flag in (flags or {}).items():
        layers.put(table, place, flag.value, flag.name)
    config = layers.build(table)
    root = str(file.resolve().parent) if file is not None else str(here)
    given = str(file) if file is not None else ""
    return Resolved(msgspec.structs.replace(config, root=root, source=given), layers.origins)


def expand_environment(text: str) -> str:
    """Replace ``${NAME}`` by the environment variable; an unset one raises :class:`UsageError` that names it."""

    def one(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in os.environ:
            raise UsageError(
                f"the environment variable {name} is not set", hint="set it, or take it out of the configuration"
            )
        if is_secret_name(name):
            know((os.environ[name],))
        return os.environ[name]

    return re.sub(r"\$\{(\w+)\}", one, text)


def unknown_variables(config: Config, environ: Mapping[str, str] | None = None) -> list[tuple[str, str]]:
    """Variables with our prefix that set nothing in the configuration, each with the nearest one that would."""
    environ = os.environ if environ is None else environ
    known = {env_name(path) for path, _ in leaves(config.services)}
    return [
        (name, _nearest(name, sorted(known)))
        for name in sorted(environ)
        if name.startswith(PREFIX) and name not in known and not name.startswith(f"{PREFIX}HEADER_")
    ]


class _Layers:
    """One file's table on its way to a :class:`Config`, with what errors need to name a place."""

    def __init__(self, source: str, text: str, prefix: Path) -> None:
        self.source, self.text, self.prefix = source, text, prefix
        self.origins: dict[Path, str] = {}
        self._lines: dict[Path, int] | None = None

    def name_of(self, path: Path) -> str:
        line = self._line((*self.prefix, *path)) if self.text else None
        return f"{self.source}:{line}" if line is not None else self.source

    def _line(self, path: Path) -> int | None:
        from zeues_contracts.config.places import lines_of, nearest_line

        if self._lines is None:
            self._lines = lines_of(self.text)
        return nearest_line(self._lines, path)

    def where(self, path: Path) -> str:
        """How a message names a place: what gave the value, else the file."""
        while path:
            if path in self.origins:
                return self.origins[path]
            inner = [origin for place, origin in self.origins.items() if place[: len(path)] == path]
            if inner and self.source:
                return self.name_of(path)
            path = path[:-1]
        return self.source or "configuration"

    def check_keys(self, table: Any, struct: type[msgspec.Struct], path: Path) -> None:
        """Refuse unknown keys, each with the nearest known one of its table, or the table it belongs to."""
        if not isinstance(table, dict):
            return  # the conversion says so
        known = keys_of(struct)
        for key, value in table.items():
            here = (*path, key)
            if key not in known:
                raise UsageError(
                    f"{self.name_of(here)}: unknown key `{key}` in {_table_name(path)}", hint=_hint(key, known, path)
                )
            inner = struct_at(known[key])
            if inner is not None:
                self.check_keys(value, inner, here)
            elif key == "services" and not path and isinstance(value, dict):
                for name, one in value.items():
                    if not re.fullmatch(SERVICE_NAME, name):
                        raise UsageError(
                            f"{self.name_of((*here, name))}: {name!r} cannot name a service",
                            hint="use letters, digits, dots, dashes and underscores, at most 64: it names files",
                        )
                    self.check_keys(one, ServiceConfig, (*here, name))
            elif key == "probes" and isinstance(value, list):
                from zeues_contracts.config.model import ProbeConfig

                for one in value:
                    self.check_keys(one, ProbeConfig, here)

    def put(self, table: dict[str, Any], path: Path, value: Any, origin: str) -> None:
        """Set a place. A service's document comes from one place: a stronger layer's takes the others away."""
        inner = table
        for part in path[:-1]:
            inner = inner.setdefault(part, {})
            if not isinstance(inner, dict):
                raise UsageError(f"{self.where(path[:-1])}: `{part}` is not a table")
        if path[0] == "services" and path[-1] in _TARGETS and value:
            for other in _TARGETS:
                if inner.pop(other, None) is not None:
                    self.origins.pop((*path[:-1], other), None)
        inner[path[-1]] = value
        self.origins[path] = origin

    def build(self, table: dict[str, Any]) -> Config:
        rest = {key: value for key, value in table.items() if key != "services"}
        config: Config = self._convert(rest, Config, ())
        named = table.get("services", {})
        if not isinstance(named, dict):
            raise UsageError(f"{self.where(('services',))}: `services` is not a table", hint="write [services.NAME]")
        services = {}
        for name, one in named.items():
            path = ("services", name)
            service = self._convert(one, ServiceConfig, path)
            given = [key for key in _TARGETS if getattr(service, key)]
            if len(given) > 1:
                raise UsageError(
                    f"{self.where((*path, given[1]))}: service {name} has both `{given[0]}` and `{given[1]}`",
                    hint="keep the one that the live document is to come from; `base-url` says where requests go",
                )
            services[name] = service
        return msgspec.structs.replace(config, services=services)

    def _convert(self, table: Any, struct: Any, path: Path) -> Any:
        if table == {}:
            return struct()  # the defaults, which need not be checked: msgspec reads every annotation to check
        try:
            return msgspec.convert(table, struct)
        except msgspec.ValidationError as error:
            message, _, at = str(error).partition(" - at ")
            inner = _inner_path(at.strip("`"), table)
            place = (*path, *inner)
            value = _value_at(table, inner)
            where = f"{self.where(place)}: `{dotted(place)}`" if place else self.where(())
            hint = _value_hint(message, value, struct, inner)
            raise UsageError(f"{where}: {_plain_words(message, value)}", hint=hint) from None


def _toml(text: str) -> dict[str, Any]:
    """The table of a TOML file. Raises :class:`ValueError`."""
    import tomllib

    return tomllib.loads(text)


def _nearest(word: str, known: Iterable[str]) -> str:
    """The known word that is most like a word, or an empty string."""
    import difflib

    return next(iter(difflib.get_close_matches(word, list(known), n=1)), "")


def _shown(file: FilePath) -> str:
    """A file as messages name it: relative where it lies below the current folder."""
    try:
        return str(file.resolve().relative_to(FilePath.cwd()))
    except (ValueError, OSError):
        return str(file)


def _read(file: FilePath) -> tuple[dict[str, Any], str, Path]:
    try:
        text = file.read_text("utf-8")
        table: Any = _toml(text)
    except OSError as error:
        raise UsageError(f"{_shown(file)}: cannot be read: {error.strerror}", hint="see --config") from None
    except ValueError as error:  # of UTF-8 or of TOML
        raise UsageError(f"{_shown(file)}: not valid TOML: {error}") from None
    except RecursionError:
        raise UsageError(f"{_shown(file)}: not valid TOML: nested too deeply") from None
    if file.name != "pyproject.toml":
        return table, text, ()
    for part in _TOOL:
        table = table.get(part, {}) if isinstance(table, dict) else {}
    if not isinstance(table, dict):
        raise UsageError(f"{_shown(file)}: [tool.zeues-contracts] is not a table")
    return table, text, _TOOL


def _apply_environment(
    table: dict[str, Any], layers: _Layers, environ: Mapping[str, str], flags: Mapping[Path, Flag]
) -> None:
    if not any(name.startswith(PREFIX) for name in environ):
        return
    named = table.get("services")
    services = dict.fromkeys(named if isinstance(named, dict) else ())
    services |= dict.fromkeys(path[1] for path in flags if path[0] == "services")
    for path, kind in leaves(services):
        name = env_name(path)
        if environ.get(name):
            layers.put(table, path, _read_variable(name, environ[name], kind), f"environment {name}")


def _read_variable(name: str, text: str, kind: Any) -> Any:
    kind = bare(kind)
    try:
        if kind is bool:
            words = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False}
            return (words | {"off": False})[text.strip().lower()]
        if kind in (int, float):
            return kind(text)
    except (KeyError, ValueError):
        wanted = {bool: "true or false", int: "a whole number", float: "a number"}[kind]
        raise UsageError(f"environment {name}: {text[:40]!r} is not {wanted}") from None
    if typing.get_origin(kind) is list:
        return [part.strip() for part in text.split(",") if part.strip()]
    return text


def _written(table: Any, path: Path) -> list[Path]:
    """The places that a table gives values to; tables inside of it are gone into."""
    found = []
    for key, value in table.items():
        here = (*path, str(key))
        found += _written(value, here) if isinstance(value, dict) and value else [here]
    return found


def _table_name(path: Path) -> str:
    return f"[{dotted(path)}]" if path else "the top level"


def _hint(key: str, known: Mapping[str, Any], path: Path) -> str:
    near = _nearest(key.replace("_", "-").lower(), known)
    if near:
        return f"did you mean `{near}`?"
    elsewhere = place_of_key(key.replace("_", "-"))
    if elsewhere:
        return f"`{key.replace('_', '-')}` belongs in {' or '.join(elsewhere[:3])}"
    return f"{_table_name(path)} knows: {', '.join(known)}"


def _inner_path(at: str, table: Any) -> Path:
    """The keys of msgspec's ``$.fuzz.phases[0]``. It writes ``[...]`` for the key of a mapping: the last that fits."""
    path = [name or "…" for name in re.findall(r"\.([A-Za-z0-9_-]+)|\[\.\.\.\]", at.removeprefix("key in `"))]
    value: Any = table
    for index, part in enumerate(path):
        if part == "…" and isinstance(value, dict):
            bad = [key for key, one in value.items() if not isinstance(one, dict) and one not in _LEVELS]
            path[index] = part = str((bad or list(value) or ["…"])[0])
        value = value.get(part) if isinstance(value, dict) else None
    return tuple(path)


_LEVELS = ("error", "warning", "info", "off")


def _value_at(table: Any, path: Path) -> Any:
    for part in path:
        table = table.get(part) if isinstance(table, dict) else None
    return table


def _plain_words(message: str, value: Any) -> str:
    shown = repr(value)[:60] if isinstance(value, str | int | float | bool) else ""
    enum = re.match(r"Invalid enum value", message)
    if enum:
        return f"{shown or 'the value'} is not one of the values that it takes"
    if "matching regex '^[A-Za-z]+ " in message:
        return "an operation is written as `METHOD /path`"
    return f"{message[:1].lower()}{message[1:]}" + (f" ({shown})" if shown and "got" not in message else "")


def _value_hint(message: str, value: Any, struct: Any, path: Path) -> str:
    kind: Any = struct
    for part in path:
        inner = struct_at(kind)
        if inner is not None:
            kind = keys_of(inner).get(part)
        else:
            arguments = typing.get_args(bare(kind))
            kind = arguments[-1] if arguments else None
    kind = bare(kind)
    if typing.get_origin(kind) is list:
        kind = bare(typing.get_args(kind)[0])
    if typing.get_origin(kind) is not typing.Literal:
        return ""
    allowed = [str(one) for one in typing.get_args(kind)]
    near = _nearest(str(value), allowed)
    listed = f"it takes {', '.join(allowed)}"
    return f"did you mean `{near}`? {listed}" if near else listed
