"""What is in force: the configuration file, the environment and the flags, as one typed object.

Unknown keys are refused, with the nearest known one as a hint. Keys are written in kebab-case.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from pathlib import Path
from typing import Any

import msgspec

from zeues_contracts.errors import UsageError

__all__ = [
    "Config",
    "FuzzConfig",
    "HealthConfig",
    "LimitsConfig",
    "ProbeConfig",
    "ReplayConfig",
    "ServiceConfig",
    "find_config_file",
    "load_config",
]

CONFIG_FILE = "zeues-contracts.toml"


class LimitsConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """Bounds on what a service may make us do. Seconds, bytes, counts."""

    timeout: float = 10.0
    max_bytes: int = 32 * 1024 * 1024
    max_redirects: int = 5
    max_depth: int = 256


class ProbeConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """A health probe: a path, what its answer says when all is well, and the dependency that it looks at."""

    path: str
    dependency: str = ""
    healthy: dict[str, Any] = {}


class HealthConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """Preflight and health. ``discover`` looks for the usual health endpoints besides the probes given."""

    enabled: bool = True
    discover: bool = True
    probes: list[ProbeConfig] = []


class ReplayConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """Which consumer interactions are sent to the live service.

    ``safe`` and ``unsafe`` list operations (``GET /api/health/clear-cache``); ``unsafe`` wins. ``allow_unsafe_hosts``
    names hosts besides loopback to which other methods than GET and HEAD may go.
    """

    enabled: bool = True
    safe: list[str] = []
    unsafe: list[str] = []
    allow_unsafe_hosts: list[str] = []


class FuzzConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """Fuzzing with schemathesis. ``seconds`` and ``cases`` bound the whole run of one service."""

    enabled: bool = True
    seconds: float = 30.0
    cases: int = 2000
    examples_per_operation: int = 20
    seed: int = 1
    workers: int = 1
    phases: list[str] = msgspec.field(default_factory=lambda: ["examples", "coverage", "fuzzing", "stateful"])
    checks: list[str] = []
    exclude: list[str] = []
    against: str = "live"
    rate_limit: str = ""


class DriftConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """How drift is judged. ``deprecation_days`` is the least time between a deprecation and its sunset."""

    ignore_servers: bool = False
    format_assertion: bool = False
    closed_world: bool = False
    deprecation_days: int = 0


class ServiceConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """One service under contract.

    Exactly one of ``url`` (a base URL, a documentation page or the document itself), ``app`` (``module:attribute``) and
    ``document`` (a file) says where the live document comes from; flags override it. Paths are relative to the file.
    """

    url: str = ""
    app: str = ""
    document: str = ""
    base_url: str = ""
    document_name: str = ""
    snapshot: str = ""
    contracts: list[str] = msgspec.field(default_factory=lambda: ["contracts/*.yaml"])
    headers: dict[str, str] = {}
    levels: dict[str, str] = {}
    operation_levels: dict[str, dict[str, str]] = {}
    health: HealthConfig = HealthConfig()
    replay: ReplayConfig = ReplayConfig()
    fuzz: FuzzConfig = FuzzConfig()
    drift: DriftConfig = DriftConfig()


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """The whole configuration. ``root`` is the folder that relative paths start from."""

    services: dict[str, ServiceConfig] = {}
    fail_level: str = "error"
    preset: str = "default"
    levels: dict[str, str] = {}
    snapshots: str = "snapshots"
    external_refs: str = "local"
    limits: LimitsConfig = LimitsConfig()
    root: str = ""
    source: str = ""


_STRUCTS = (
    Config,
    ServiceConfig,
    HealthConfig,
    ReplayConfig,
    FuzzConfig,
    DriftConfig,
    LimitsConfig,
    ProbeConfig,
)


def find_config_file(start: Path) -> Path | None:
    """The nearest ``zeues-contracts.toml`` or ``pyproject.toml`` with our table, from a folder upwards."""
    for folder in (start, *start.parents):
        own = folder / CONFIG_FILE
        if own.is_file():
            return own
        project = folder / "pyproject.toml"
        if project.is_file():
            try:
                table = tomllib.loads(project.read_text("utf-8"))
            except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
                continue  # not ours to complain about
            if "zeues-contracts" in table.get("tool", {}):
                return project
    return None


def load_config(path: Path | None = None, *, start: Path | None = None) -> Config:
    """The configuration of a file, or of the nearest one above ``start``; the defaults where there is none.

    Raises :class:`UsageError` with file and place for a file that cannot be used.
    """
    file = path if path is not None else find_config_file((start or Path.cwd()).resolve())
    if file is None:
        return Config(root=str((start or Path.cwd()).resolve()))
    try:
        table: Any = tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise UsageError(f"{file}: cannot be read: {error.strerror}") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{file}: not valid TOML: {error}") from None
    if file.name == "pyproject.toml":
        table = table.get("tool", {}).get("zeues-contracts", {})
    for own in ("root", "source"):
        if own in table:
            raise UsageError(f"{file}: unknown key `{own}` at $")
    try:
        config = msgspec.convert(table, Config)
    except msgspec.ValidationError as error:
        raise UsageError(f"{file}: {_explain(str(error))}") from None
    return msgspec.structs.replace(config, root=str(file.parent), source=str(file))


def expand_environment(text: str) -> str:
    """Replace ``${NAME}`` by the environment variable; an unset one raises :class:`UsageError` that names it."""

    def one(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in os.environ:
            raise UsageError(
                f"the environment variable {name} is not set", hint="set it, or take it out of the configuration"
            )
        return os.environ[name]

    return re.sub(r"\$\{(\w+)\}", one, text)


def _explain(message: str) -> str:
    found = re.search(r"unknown field `([^`]+)`(?: - at `([^`]+)`)?", message)
    if not found:
        return message
    unknown, place = found.group(1), found.group(2) or "$"
    known: set[str] = set()
    for struct in _STRUCTS:
        known.update(struct.__struct_encode_fields__)
    near = difflib.get_close_matches(unknown, sorted(known), n=1)
    hint = f"; did you mean `{near[0]}`?" if near else ""
    return f"unknown key `{unknown}` at {place}{hint}"
