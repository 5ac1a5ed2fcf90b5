"""What a user of a scenario's day has in the repository: the approved snapshot and the consumers' contracts."""

from __future__ import annotations

from pathlib import Path

import msgspec

from zeues_contracts.config import Config, FuzzConfig, ReplayConfig, ServiceConfig

__all__ = ["SERVICE", "scene"]

SERVICE = "zeues"
_DATA = Path(__file__).parent / "data"
# Scenario -> the day whose snapshot and contracts are in the repository.
_DAYS = {
    "healthy": "healthy",
    "incident": "incident",
    "half-mended": "incident",
    "bugs-mended": "incident",
    "drifted": "healthy",
}


def scene(scenario: str, url: str) -> Config:
    """The configuration of a demonstration: the service at ``url`` (its documentation page) under contract.

    Raises ``KeyError`` for an unknown scenario.
    """
    folder = _DATA / _DAYS[scenario]
    service = ServiceConfig(
        url=url,
        snapshot="snapshot.json",
        contracts=["contracts/*.yaml"],
        # A GET that clears a cache: safe by its method and by nothing else.
        replay=ReplayConfig(unsafe=["GET /api/health/clear-cache"]),
        fuzz=FuzzConfig(exclude=["GET /api/health/clear-cache"]),
    )
    return msgspec.structs.replace(Config(), services={SERVICE: service}, root=str(folder))
