"""The scenarios as attributes, made when asked for: ``--app zeues_contracts.standin.asgi:healthy``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zeues_contracts.standin.scenarios import SCENARIOS

if TYPE_CHECKING:
    from fastapi import FastAPI

__all__ = ["healthy"]

healthy: FastAPI


def __getattr__(name: str) -> FastAPI:
    wanted = name.replace("_", "-")
    if wanted not in SCENARIOS:
        raise AttributeError(name)
    from zeues_contracts.standin.app import create_app

    app = create_app(wanted)
    globals()[name] = app
    return app
