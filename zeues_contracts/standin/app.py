"""The stand-in as an ASGI application."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request, Response
from fastapi.exception_handlers import request_validation_exception_handler
from fastapi.exceptions import RequestValidationError

from zeues_contracts.standin.locks import Locks, MemoryLocks, MemoryPool, MemoryServer
from zeues_contracts.standin.redis_locks import RedisLocks
from zeues_contracts.standin.routes import ROUTERS
from zeues_contracts.standin.routes.answering import Kit
from zeues_contracts.standin.scenarios import Scenario
from zeues_contracts.standin.scenarios import scenario as named
from zeues_contracts.standin.service import Workshop
from zeues_contracts.standin.settings import Settings
from zeues_contracts.standin.sheets import Sheet
from zeues_contracts.standin.variants import variants

__all__ = ["create_app"]

_DESCRIPTION = """Traceability of pipe spools in a workshop.

Workers TOMAR (take), PAUSAR (pause) and COMPLETAR (complete) an operation on a spool; only the worker who has a spool
can pause or complete it."""


def create_app(scenario: str | Scenario = "healthy", settings: Settings | None = None) -> FastAPI:
    """The service of a scenario, with a sheet of its own; the locks live on ``settings.redis_url`` or in memory.

    ``app.state.workshop`` is the :class:`Workshop` behind it, for tests that let Sheets or Redis fail. Raises
    ``KeyError`` for an unknown scenario.
    """
    which = named(scenario) if isinstance(scenario, str) else scenario
    settings = settings if settings is not None else Settings.from_environment()
    locks = _locks(which, settings)
    workshop = Workshop(which, settings, Sheet(up=settings.sheets_up), locks)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await locks.aclose()

    app = FastAPI(
        title="ZEUES API",
        version=which.version,
        description=_DESCRIPTION,
        lifespan=lifespan,
        # A redirect is an answer that no document tells.
        redirect_slashes=not which.documents_answers,
        separate_input_output_schemas=False,
    )
    app.state.workshop = workshop
    kit = Kit(workshop, variants(which))
    for router in ROUTERS:
        app.include_router(router(kit))
    app.add_exception_handler(RequestValidationError, _invalid if which.strict_input else _as_the_framework)
    return app


def _locks(scenario: Scenario, settings: Settings) -> Locks:
    own = settings.stream_pool if scenario.streams_have_own_pool else None
    if settings.redis_url:
        return RedisLocks(settings.redis_url, settings.pool, own, settings.redis_timeout)
    server = MemoryServer(settings.maxclients)
    pool = MemoryPool(server, settings.pool)
    return MemoryLocks(server, pool, pool if own is None else MemoryPool(server, own))


async def _invalid(request: Request, error: Exception) -> Response:
    """422 as documented: place, message and type. The input is not sent back: it may hold what JSON cannot."""
    assert isinstance(error, RequestValidationError)
    detail = [{"loc": list(one["loc"]), "msg": one["msg"], "type": one["type"]} for one in error.errors()]
    return Response(json.dumps({"detail": detail}), 422, media_type="application/json")


async def _as_the_framework(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return await request_validation_exception_handler(request, error)
