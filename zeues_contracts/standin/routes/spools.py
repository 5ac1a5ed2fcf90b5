"""Workers, and the lists of spools that a worker can start, complete, cancel or repair."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from zeues_contracts.standin import models, sheets
from zeues_contracts.standin.routes.answering import EnvelopeRoute, Kit, answers, taking
from zeues_contracts.standin.service import Refusal, sheets_down

__all__ = ["router"]


def router(kit: Kit) -> APIRouter:
    """The router of a scenario."""
    made = APIRouter(prefix="/api", route_class=EnvelopeRoute)
    _workers(made, kit)
    _lists(made, kit)
    return made


def _workers(made: APIRouter, kit: Kit) -> None:
    workshop, drift = kit.workshop, kit.workshop.scenario.drift
    told = answers(kit, 503, envelope=True, checked=drift.workers_take_activo)

    def listed(activo: bool) -> Any:
        try:
            rows = [_worker(row) for row in workshop.sheet.workers() if row.activo == activo]
        except sheets.SheetsDownError as error:
            raise sheets_down(error) from error
        if drift.worker_name_may_be_null:
            plain: list[dict[str, Any]] = [row.model_dump() for row in rows]
            return {"workers": plain, "total": len(plain)}
        return models.WorkerListResponse(workers=rows, total=len(rows))

    if drift.workers_take_activo:

        async def get_workers(activo: Annotated[bool, Query()] = True) -> Any:
            """The workers, active ones unless said otherwise."""
            return listed(activo)

        endpoint: Callable[..., Any] = get_workers

    else:

        async def get_active_workers() -> Any:
            """The active workers."""
            return listed(True)

        get_active_workers.__name__ = "get_workers"
        endpoint = get_active_workers
    made.get("/workers", tags=["Workers"], response_model=kit.bodies.workers, responses=told)(endpoint)


def _worker(row: sheets.Worker) -> models.Worker:
    return models.Worker(
        id=row.id,
        nombre=row.nombre,
        apellido=row.apellido,
        rol=row.roles[0],
        roles=list(row.roles),
        activo=row.activo,
        nombre_completo=row.nombre_completo,
    )


def _lists(made: APIRouter, kit: Kit) -> None:
    workshop, scenario = kit.workshop, kit.workshop.scenario
    # On the day any text was declared, and what is no operation was refused in the code.
    kind: Any = models.ActionType if scenario.documents_answers else str
    operation = Annotated[kind, Query(description="ARM, SOLD or METROLOGIA")]
    told = answers(kit, 503, envelope=True, checked=True)
    path = {"tags": ["Spools"], "response_model": kit.bodies.spools, "responses": told}

    def chosen(operacion: str, label: str, keep: Callable[[sheets.Spool], bool]) -> models.SpoolListResponse:
        if str(operacion) not in sheets.OPERATIONS:
            raise Refusal(400, f"operacion must be one of ARM, SOLD, METROLOGIA: {operacion}", "VALIDATION_ERROR")
        try:
            rows = [_spool(spool) for spool in workshop.sheet.spools() if keep(spool)]
        except sheets.SheetsDownError as error:
            raise sheets_down(error) from error
        return models.SpoolListResponse(spools=rows, total=len(rows), filtro_aplicado=f"{operacion}: {label}")

    @made.get("/spools/iniciar", **path)  # type: ignore[arg-type]
    @taking(operacion=operation)
    async def get_spools_para_iniciar(operacion: Any) -> Any:
        """The spools on which an operation can start."""
        name = str(operacion)
        return chosen(
            name,
            "pendiente, disponible",
            lambda spool: not spool.ocupado_por and not spool.missing_before(name) and spool.work[name].allows("tomar"),
        )

    @made.get("/spools/completar", **path)  # type: ignore[arg-type]
    @taking(operacion=operation, worker_nombre=Annotated[str, Query(description="The worker as INICIALES(ID)")])
    async def get_spools_para_completar(operacion: Any, worker_nombre: Any) -> Any:
        """The spools on which a worker can complete an operation."""
        name = str(operacion)
        return chosen(
            name,
            "en progreso, del trabajador",
            lambda spool: spool.work[name].state == "en_progreso" and spool.work[name].worker == worker_nombre,
        )

    number: Any = Annotated[int, Query(description="Id of the worker")]
    more = [Depends(_area)] if scenario.drift.cancelar_needs_area else []

    @made.get("/spools/cancelar", dependencies=more, **path)  # type: ignore[arg-type]
    @taking(operacion=operation, worker_id=number)
    async def get_spools_para_cancelar(operacion: Any, worker_id: Any) -> Any:
        """The spools on which a worker can cancel an operation."""
        name, suffix = str(operacion), f"({worker_id})"
        return chosen(
            name,
            "en progreso, del trabajador",
            lambda spool: spool.work[name].allows("cancelar") and spool.work[name].worker.endswith(suffix),
        )

    if not scenario.drift.no_repair_list:

        @made.get("/spools/reparacion", tags=["Spools"], responses=answers(kit, 503, envelope=True))
        async def get_spools_reparacion() -> dict[str, Any]:
            """The rejected spools that wait for a repair."""
            try:
                rows = [spool for spool in workshop.sheet.spools() if spool.reparacion and not spool.ocupado_por]
            except sheets.SheetsDownError as error:
                raise sheets_down(error) from error
            return {
                "spools": [{"tag_spool": spool.tag, "estado_detalle": spool.estado_detalle} for spool in rows],
                "total": len(rows),
                "bloqueados": 0,
            }


def _area(area: Annotated[str, Query(description="The area of the workshop", min_length=1)]) -> None:
    """A parameter that is asked for and not used: one area is all that this workshop has."""


def _spool(spool: sheets.Spool) -> models.Spool:
    status = {"pendiente": "PENDIENTE", "completado": "COMPLETADO"}
    work = spool.work
    return models.Spool(
        tag_spool=spool.tag,
        nv=spool.nv,
        arm=models.ActionStatus(status.get(work["ARM"].state, "EN_PROGRESO")),
        sold=models.ActionStatus(status.get(work["SOLD"].state, "EN_PROGRESO")),
        fecha_materiales=spool.fecha_materiales,
        fecha_armado=work["ARM"].done_on,
        fecha_soldadura=work["SOLD"].done_on,
        fecha_qc_metrologia=work["METROLOGIA"].done_on,
        armador=work["ARM"].worker or None,
        soldador=work["SOLD"].worker or None,
        proyecto=spool.proyecto,
        ocupado_por=spool.ocupado_por or None,
        fecha_ocupacion=spool.fecha_ocupacion.date().isoformat() if spool.fecha_ocupacion else None,
        version=spool.version,
        estado_detalle=spool.estado_detalle,
    )
