"""What is in force: flags over environment over the configuration file over defaults, as one typed object.

The file is ``zeues-contracts.toml``, or ``pyproject.toml`` with ``[tool.zeues-contracts]``. Every scalar key has an
environment variable: ``limits.max-bytes`` is ``ZEUES_CONTRACTS_LIMITS_MAX_BYTES``, ``services.shop.url`` is
``ZEUES_CONTRACTS_SERVICES_SHOP_URL``; lists are separated by commas.
"""

from __future__ import annotations

from zeues_contracts.config.loading import (
    CONFIG_FILE,
    Flag,
    Resolved,
    expand_environment,
    find_config_file,
    load_config,
    resolve,
    unknown_variables,
)
from zeues_contracts.config.model import (
    LEVEL_NAMES,
    PRESETS,
    Config,
    DriftConfig,
    FuzzConfig,
    HealthConfig,
    LimitsConfig,
    ProbeConfig,
    ReplayConfig,
    ServiceConfig,
)

__all__ = [
    "CONFIG_FILE",
    "LEVEL_NAMES",
    "PRESETS",
    "Config",
    "DriftConfig",
    "Flag",
    "FuzzConfig",
    "HealthConfig",
    "LimitsConfig",
    "ProbeConfig",
    "ReplayConfig",
    "Resolved",
    "ServiceConfig",
    "expand_environment",
    "find_config_file",
    "load_config",
    "resolve",
    "unknown_variables",
]
