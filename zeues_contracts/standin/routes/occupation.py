"""TOMAR, PAUSAR, COMPLETAR, history, dashboard and Metrología: the operations of v3.0."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter

from zeues_contracts.standin.models import CompletarMetrologiaResponse
from zeues_contracts.standin.routes.answering import DetailRoute, EnvelopeRoute, Kit, answers, taking
from zeues_contracts.standin.service import Refusal, sheets_down
from zeues_contracts.standin.sheets import SheetsDownError, Spool

__all__ = ["metrologia", "router"]


def router(kit: Kit) -> APIRouter:
    """The router of a scenario."""
    made = APIRouter(prefix="/api", route_class=DetailRoute)
    _occupation(made, kit)
    _history(made, kit)
    return made


def metrologia(kit: Kit) -> APIRouter:
    """The router of the inspections, which tell errors in the older way."""
    made = APIRouter(prefix="/api", route_class=EnvelopeRoute, tags=["Metrologia"])
    _metrologia(made, kit)
    return made


def _occupation(made: APIRouter, kit: Kit) -> None:
    workshop, bodies = kit.workshop, kit.bodies
    tags: list[Any] = ["Occupation"]

    def done(spool: Spool, message: str, *, success: bool = True) -> dict[str, Any]:
        return occupation_body(kit, spool.tag, spool.version, message, success=success)

    @made.post(
        "/occupation/tomar",
        tags=tags,
        response_model=bodies.occupation,
        responses=answers(kit, 400, 404, 409, 503, checked=True),
    )
    @taking(body=bodies.tomar)
    async def tomar_spool(body: Any) -> Any:
        """Take a spool: only one worker at a time has it."""
        return done(*await workshop.tomar(body))

    @made.post(
        "/occupation/pausar",
        tags=tags,
        response_model=bodies.occupation,
        responses=answers(kit, 400, 403, 404, 409, 410, 503, checked=True),
    )
    @taking(body=bodies.pausar)
    async def pausar_spool(body: Any) -> Any:
        """Pause the work on a spool and give it back."""
        return done(*await workshop.pausar(body))

    @made.post(
        "/occupation/completar",
        tags=tags,
        response_model=bodies.occupation,
        responses=answers(kit, 400, 403, 404, 409, 410, 503, checked=True),
    )
    @taking(body=bodies.completar)
    async def completar_spool(body: Any) -> Any:
        """Complete the work on a spool and give it back."""
        return done(*await workshop.completar(body))

    @made.post(
        "/occupation/batch-tomar",
        tags=tags,
        response_model=bodies.batch_occupation,
        responses=answers(kit, 400, 503, checked=True),
    )
    @taking(body=bodies.batch_tomar)
    async def batch_tomar_spools(body: Any) -> Any:
        """Take several spools; each stands for itself."""
        return await _each(kit, workshop.tomar, bodies.tomar, body)

    if workshop.scenario.drift.batch_pausar:

        @made.post(
            "/occupation/batch-pausar",
            tags=tags,
            response_model=bodies.batch_occupation,
            responses=answers(kit, 400, 503, checked=True),
        )
        @taking(body=bodies.batch_tomar)
        async def batch_pausar_spools(body: Any) -> Any:
            """Pause several spools; each stands for itself."""
            return await _each(kit, workshop.pausar, bodies.pausar, body)


def occupation_body(kit: Kit, tag: str, version: int, message: str, *, success: bool) -> dict[str, Any]:
    """The answer to one occupation, in the words of the scenario."""
    drift = kit.workshop.scenario.drift
    body: dict[str, Any] = {"success": success, "tag_spool": tag}
    body["mensaje" if drift.message_is_mensaje else "message"] = message
    if drift.occupation_tells_version:
        body["version"] = version
    return body


async def _each(kit: Kit, step: Any, model: Any, body: Any) -> dict[str, Any]:
    details = []
    for tag in body.tag_spools:
        # Not validated again: the batch was, and an empty tag is one that does not exist.
        one = model.model_construct(**{**body.model_dump(exclude={"tag_spools"}), "tag_spool": tag})
        try:
            spool, message = await step(one)
        except Refusal as refusal:
            if refusal.status == 503:
                raise
            details.append(occupation_body(kit, tag, 0, refusal.message, success=False))
        else:
            details.append(occupation_body(kit, tag, spool.version, message, success=True))
    good = sum(detail["success"] for detail in details)
    return {"total": len(details), "succeeded": good, "failed": len(details) - good, "details": details}


def _history(made: APIRouter, kit: Kit) -> None:
    workshop, bodies = kit.workshop, kit.bodies
    drift = workshop.scenario.drift
    # On the day the 404 was in the document, without a schema.
    unknown: dict[int | str, dict[str, Any]] = {404: {"description": "Spool not found"}}

    @made.get(
        "/history/{tag_spool}",
        tags=["History"],
        response_model=bodies.history,
        response_description="Occupation history retrieved successfully",
        responses={**unknown, **answers(kit, 404, 503, checked=True)},
    )
    async def get_occupation_history(tag_spool: str) -> Any:
        """Who worked on a spool, when and for how long."""
        spool = workshop.spool(tag_spool)
        sessions = [
            {
                "worker_nombre": session.worker_nombre,
                "worker_id": str(session.worker_id) if drift.history_worker_id_is_text else session.worker_id,
                "operacion": session.operacion,
                "start_time": session.start,
                "end_time": session.end,
                "duration": _duration(session.start, session.end),
            }
            for session in spool.sessions
        ]
        return {"tag_spool": spool.tag, "sessions": sessions}

    @made.get("/dashboard/occupied", tags=["Dashboard"], response_model=bodies.occupied, responses=answers(kit, 503))
    async def get_occupied_spools() -> Any:
        """The spools that somebody works on."""
        try:
            spools = workshop.sheet.spools()
        except SheetsDownError as error:
            raise sheets_down(error) from error
        rows = [
            {
                "tag_spool": spool.tag,
                "worker_nombre": spool.ocupado_por,
                "estado_detalle": spool.estado_detalle,
                "fecha_ocupacion": spool.fecha_ocupacion.isoformat() if spool.fecha_ocupacion else "",
            }
            for spool in spools
            if spool.ocupado_por
        ]
        return {"items": rows, "total": len(rows)} if drift.occupied_is_a_page else rows


def _metrologia(made: APIRouter, kit: Kit) -> None:
    workshop, bodies = kit.workshop, kit.bodies

    @made.post(
        "/metrologia/completar",
        response_model=CompletarMetrologiaResponse,
        responses=answers(kit, 400, 404, 409, 503, envelope=True, checked=True),
    )
    @taking(body=bodies.metrologia)
    async def completar_metrologia(body: Any) -> Any:
        """Record the result of an inspection, at once and without an occupation."""
        spool = await workshop.inspect(body)
        return {
            "success": True,
            "tag_spool": spool.tag,
            "resultado": spool.resultado,
            "estado_detalle": spool.estado_detalle,
            "message": f"Metrología {spool.resultado} para spool {spool.tag}",
        }


def _duration(start: datetime, end: datetime | None) -> str | None:
    if end is None:
        return None
    minutes = int((end - start).total_seconds()) // 60
    return f"{minutes // 60}h {minutes % 60}m" if minutes >= 60 else f"{minutes}m"
