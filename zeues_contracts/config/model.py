"""The configuration as one typed, immutable object. Keys are written in kebab-case; unknown ones are refused."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

__all__ = [
    "LEVEL_NAMES",
    "PRESETS",
    "Config",
    "DriftConfig",
    "FuzzConfig",
    "HealthConfig",
    "LevelName",
    "LimitsConfig",
    "PresetName",
    "ProbeConfig",
    "ReplayConfig",
    "ServiceConfig",
]

LevelName = Literal["error", "warning", "info", "off"]
PresetName = Literal["default", "strict", "tolerant-reader"]
Phase = Literal["examples", "coverage", "fuzzing", "stateful"]

LEVEL_NAMES: tuple[LevelName, ...] = ("error", "warning", "info", "off")
PRESETS: tuple[PresetName, ...] = ("default", "strict", "tolerant-reader")

Seconds = Annotated[float, Meta(gt=0, le=86400)]
Count = Annotated[int, Meta(ge=1, le=1_000_000_000)]
Operation = Annotated[str, Meta(pattern=r"^[A-Za-z]+ \S.*$")]
Rule = str


class LimitsConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """Bounds on what a service may make us do. Seconds, bytes, counts."""

    timeout: Seconds = 10.0
    max_bytes: Annotated[int, Meta(ge=1024, le=4 * 1024**3)] = 32 * 1024 * 1024
    max_redirects: Annotated[int, Meta(ge=0, le=50)] = 5
    max_depth: Annotated[int, Meta(ge=8, le=10_000)] = 256


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
    safe: list[Operation] = []
    unsafe: list[Operation] = []
    allow_unsafe_hosts: list[str] = []


class FuzzConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """Fuzzing with schemathesis. ``seconds`` and ``cases`` bound the whole run of one service."""

    enabled: bool = True
    seconds: Seconds = 30.0
    cases: Count = 2000
    examples_per_operation: Count = 20
    seed: int = 1
    workers: Annotated[int, Meta(ge=1, le=64)] = 1
    phases: list[Phase] = msgspec.field(default_factory=lambda: ["examples", "coverage", "fuzzing", "stateful"])
    checks: list[str] = []
    exclude: list[Operation] = []
    against: Literal["live", "snapshot"] = "live"
    rate_limit: Annotated[str, Meta(pattern=r"^(\s*[0-9]+\s*/\s*[A-Za-z]+\s*)?$")] = ""


class DriftConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """How drift is judged. ``deprecation_days`` is the least time between a deprecation and its sunset."""

    ignore_servers: bool = False
    format_assertion: bool = False
    closed_world: bool = False
    deprecation_days: Annotated[int, Meta(ge=0, le=36500)] = 0


class ServiceConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """One service under contract.

    At most one of ``url`` (a base URL, a documentation page or the document itself), ``app`` (``module:attribute``) and
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
    levels: dict[Rule, LevelName] = {}
    operation_levels: dict[Operation, dict[Rule, LevelName]] = {}
    health: HealthConfig = HealthConfig()
    replay: ReplayConfig = ReplayConfig()
    fuzz: FuzzConfig = FuzzConfig()
    drift: DriftConfig = DriftConfig()


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """The whole configuration. ``root`` is the folder that relative paths start from, ``source`` the file."""

    services: dict[str, ServiceConfig] = {}
    fail_level: LevelName = "error"
    preset: PresetName = "default"
    levels: dict[Rule, LevelName] = {}
    snapshots: str = "snapshots"
    external_refs: Literal["none", "local", "network"] = "local"
    limits: LimitsConfig = LimitsConfig()
    root: str = ""
    source: str = ""
