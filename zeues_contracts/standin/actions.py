"""The actions of the first versions of the service (without occupation) and the repairs, on the same sheet."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime
from typing import Any

from zeues_contracts.standin.models import ActionData, ActionMetadata, BatchActionResponse, BatchActionResult
from zeues_contracts.standin.service import Refusal, Workshop, sheets_down
from zeues_contracts.standin.sheets import SheetsDownError, Spool, Worker

__all__ = ["act", "act_on_many", "repair", "worker_of"]

_EVENTS = {"iniciar": "tomar", "completar": "completar", "cancelar": "cancelar"}
_VALUES = {"iniciar": 0.1, "completar": 1.0, "cancelar": 0.0}
_COLUMNS = {"ARM": "V", "SOLD": "W", "METROLOGIA": "X"}
_WAITING = "RECHAZADO (Ciclo 1/3) - Pendiente reparación"
_REPAIRING = "EN_REPARACION (Ciclo 1/3)"
_PAUSED = "REPARACION_PAUSADA (Ciclo 1/3)"
# event -> (states it starts from, state after; empty when the spool is repaired)
_REPAIRS = {
    "tomar": ((_WAITING, _PAUSED), _REPAIRING),
    "pausar": ((_REPAIRING,), _PAUSED),
    "completar": ((_REPAIRING,), ""),
    "cancelar": ((_REPAIRING, _PAUSED), _WAITING),
}


def worker_of(workshop: Workshop, worker_id: int) -> Worker:
    """The worker of an id; 404 for an unknown one, 503 when Sheets is down."""
    try:
        worker = workshop.sheet.worker(worker_id)
    except SheetsDownError as error:
        raise sheets_down(error) from error
    if worker is None:
        raise Refusal(404, f"Worker {worker_id} not found", "TRABAJADOR_NO_ENCONTRADO")
    return worker


def act(workshop: Workshop, verb: str, tag: str, body: Any) -> ActionData:
    """Start, complete or cancel an operation: 404, 403 for another's, 400 (or 409) when the state forbids it."""
    spool = workshop.spool(tag)
    worker = worker_of(workshop, body.worker_id)
    operacion = str(body.operacion)
    work = spool.work[operacion]
    missing = spool.missing_before(operacion)
    event = _EVENTS[verb]
    if missing or not work.allows(event):
        status = 409 if workshop.scenario.conflicts_are_409 else 400
        why = f"{missing} is not completed" if missing else f"{operacion} is {work.state}"
        raise Refusal(status, f"Cannot {verb} {operacion} on {tag}: {why}", "OPERACION_NO_PERMITIDA")
    if spool.ocupado_por:  # taken through /api/occupation, to be ended there
        raise Refusal(409, f"Spool {tag} already occupied by {spool.ocupado_por}", "SPOOL_OCUPADO")
    if event != "tomar" and work.worker != worker.nombre_completo:
        raise Refusal(403, f"{operacion} on {tag} was started by {work.worker or 'nobody'}", "NO_AUTORIZADO")
    work.fire(event)
    if event == "tomar":
        work.worker = worker.nombre_completo
    elif event == "completar":
        work.done_on = body.timestamp.date() if body.timestamp else datetime.now(UTC).date()
        if operacion == "METROLOGIA":
            spool.resultado = "APROBADO"
    elif event == "cancelar":
        work.worker = ""
    spool.version += 1
    return _written(workshop, spool, verb, operacion, worker)


def act_on_many(workshop: Workshop, verb: str, body: Any) -> BatchActionResponse:
    """The same for each spool by itself; refusals are in the answer."""
    results = []
    for tag in body.tag_spools:
        try:
            act(workshop, verb, tag, body)
        except Refusal as refusal:
            results.append(
                BatchActionResult(tag_spool=tag, success=False, message=refusal.message, error_type=refusal.error)
            )
        else:
            text = f"Acción {body.operacion}: {verb}"
            results.append(BatchActionResult(tag_spool=tag, success=True, message=text, evento_id=str(uuid.uuid4())))
    good = sum(result.success for result in results)
    return BatchActionResponse(
        success=good > 0,
        message=f"Batch {body.operacion}: {good} de {len(results)} spools exitosos",
        total=len(results),
        exitosos=good,
        fallidos=len(results) - good,
        resultados=results,
    )


def repair(workshop: Workshop, event: str, body: Any) -> Spool:
    """Take, pause, complete or cancel the repair of a rejected spool."""
    spool = workshop.spool(body.tag_spool)
    worker = worker_of(workshop, body.worker_id)
    starts, after = _REPAIRS[event]
    if spool.reparacion not in starts:
        status = 409 if workshop.scenario.conflicts_are_409 else 400
        raise Refusal(status, f"Spool {spool.tag}: {spool.estado_detalle}", "OPERACION_NO_PERMITIDA")
    if spool.ocupado_por and spool.ocupado_por != worker.nombre_completo:
        raise Refusal(403, f"Spool {spool.tag} belongs to {spool.ocupado_por}", "NO_AUTORIZADO")
    spool.reparacion = after
    if event == "tomar":
        spool.occupy(worker.nombre_completo, worker.id, "REPARACION")
    else:
        spool.vacate()
    if event == "completar":
        spool.resultado = ""
        spool.work["METROLOGIA"].state = "pendiente"  # back to the inspectors
    return spool


def _written(workshop: Workshop, spool: Spool, verb: str, operacion: str, worker: Worker) -> ActionData:
    def on(day: date | None) -> str | None:
        return day.isoformat() if day else None

    rows = [entry.tag for entry in workshop.sheet.spools()]
    return ActionData(
        tag_spool=spool.tag,
        operacion=operacion,
        trabajador=worker.nombre_completo,
        fila_actualizada=rows.index(spool.tag) + 2,
        columna_actualizada=_COLUMNS[operacion],
        valor_nuevo=_VALUES[verb],
        metadata_actualizada=ActionMetadata(
            armador=spool.work["ARM"].worker or None,
            soldador=spool.work["SOLD"].worker or None,
            fecha_armado=on(spool.work["ARM"].done_on),
            fecha_soldadura=on(spool.work["SOLD"].done_on),
        ),
    )
