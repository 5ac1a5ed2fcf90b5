"""Health: the check that looks away, the one that looks, and the debugging endpoints that were left in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Literal, cast

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, create_model

from zeues_contracts.standin.locks import LockServerError
from zeues_contracts.standin.routes.answering import EnvelopeRoute, Kit, answers
from zeues_contracts.standin.sheets import SheetsDownError

__all__ = ["router"]


class RedisHealth(BaseModel):
    """Whether Redis answers."""

    status: Literal["healthy", "unhealthy", "disconnected"]
    message: str
    operational: bool


class CacheCleared(BaseModel):
    """What clearing the cache did."""

    message: str
    clears: int


class Diagnostic(BaseModel):
    """How the deployment is set up; no secret is told."""

    environment: str
    version: str
    redis: str
    pool: int


class ColumnMap(BaseModel):
    """Which column of the sheet holds what."""

    columns: dict[str, str]
    total: int


class FlowCheck(BaseModel):
    """What a step of the service gives when it is run by hand."""

    success: bool
    steps: list[str]


class Root(BaseModel):
    """What this service is."""

    message: str
    version: str
    docs: str


def router(kit: Kit) -> APIRouter:
    """The router of a scenario."""
    made = APIRouter(route_class=EnvelopeRoute)
    described = kit.workshop.scenario.documents_answers
    _checks(made, kit, described)
    _debugging(made, kit, described)
    return made


def _health(name: str, words: tuple[str, ...]) -> type[BaseModel]:
    connection: Any = Literal["ok", "error"]
    return create_model(
        name,
        __doc__="Whether the service can do its work.",
        status=(cast(Any, Literal[words]), ...),
        timestamp=(datetime, ...),
        environment=(str, ...),
        sheets_connection=(connection, ...),
        redis_connection=(connection, ...),
        version=(str, ...),
    )


def _checks(made: APIRouter, kit: Kit, described: bool) -> None:
    workshop, scenario = kit.workshop, kit.workshop.scenario
    # What a 200 can say, and what a 503 can: the later version lets a 200 say more.
    well = _health("HealthResponse", ("healthy", "degraded") if scenario.drift.health_status_grows else ("healthy",))
    ill = _health("UnhealthyResponse", ("unhealthy",))

    @made.get(
        "/api/health",
        tags=["Health"],
        response_model=well if described else None,
        responses={503: {"model": ill, "description": "It cannot"}} if described else {},
    )
    async def health_check() -> Any:
        """Whether the service can do its work."""
        try:
            workshop.sheet.spools()
            sheets = "ok"
        except SheetsDownError:
            sheets = "error"
        body = {
            "status": "healthy" if sheets == "ok" else "unhealthy",
            "timestamp": datetime.now(UTC).isoformat(),
            "environment": "production",
            "sheets_connection": sheets,
            "version": scenario.version,
        }
        if not scenario.honest_health:
            return body
        redis = (await _redis(kit)).operational
        body["redis_connection"] = "ok" if redis else "error"
        body["status"] = "healthy" if redis and sheets == "ok" else "unhealthy"
        return JSONResponse(body, 200 if body["status"] == "healthy" else 503)

    @made.get(
        "/api/redis-health",
        tags=["Health"],
        response_model=RedisHealth if described else None,
        responses={503: {"model": RedisHealth, "description": "Redis does not answer"}} if described else {},
    )
    async def redis_health() -> Any:
        """Whether Redis answers."""
        found = await _redis(kit)
        if scenario.honest_health and not found.operational:
            return JSONResponse(found.model_dump(), 503)
        return found.model_dump()


async def _redis(kit: Kit) -> RedisHealth:
    try:
        await kit.workshop.locks.ping()
    except LockServerError as error:
        if error.reached:
            return RedisHealth(status="unhealthy", message=f"Redis not responding: {error}", operational=False)
        return RedisHealth(status="disconnected", message=f"Redis client not connected: {error}", operational=False)
    return RedisHealth(status="healthy", message="Redis is connected and responding", operational=True)


def _debugging(made: APIRouter, kit: Kit, described: bool) -> None:
    workshop = kit.workshop
    sheet, scenario, settings = workshop.sheet, workshop.scenario, workshop.settings

    def path(model: type[BaseModel], **more: Any) -> dict[str, Any]:
        return {"tags": ["Health"], "response_model": model if described else None, **more}

    @made.get("/api/health/diagnostic", **path(Diagnostic))
    async def diagnostic_check() -> Any:
        """How the deployment is set up."""
        redis = "server" if settings.redis_url else "memory"
        return {"environment": "production", "version": scenario.version, "redis": redis, "pool": settings.pool}

    @made.get("/api/health/column-map", **path(ColumnMap))
    async def column_map_debug() -> Any:
        """Which column of the sheet holds what."""
        columns = {"TAG_SPOOL": "G", "ARMADOR": "BC", "SOLDADOR": "BE", "OCUPADO_POR": "BL"}
        return {"columns": columns, "total": len(columns)}

    @made.get("/api/health/test-get-spool-flow", **path(FlowCheck, responses=answers(kit, 503, envelope=True)))
    async def test_get_spool_flow() -> Any:
        """Look a spool up, step by step."""
        found = workshop.spool("TEST-02")
        return {"success": True, "steps": ["sheet read", f"row of {found.tag} found"]}

    @made.get("/api/health/test-spool-constructor", **path(FlowCheck))
    async def test_spool_constructor() -> Any:
        """Make a spool of a row."""
        return {"success": True, "steps": ["row read", "spool made"]}

    @made.get("/api/health/clear-cache", **path(CacheCleared))
    async def clear_cache() -> Any:
        """Clear the cache of the column map: a GET that changes state."""
        sheet.cache_clears += 1
        return {"message": "Cache cleared", "clears": sheet.cache_clears}

    @made.get("/", tags=["Root"], response_model=Root if described else None)
    async def root() -> Any:
        """What this service is."""
        return {"message": "ZEUES API", "version": scenario.version, "docs": "/docs"}
