"""The actions of the first versions of the service, in single and in batch, and the repairs."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from zeues_contracts.standin import actions
from zeues_contracts.standin.models import ActionResponse, BatchActionResponse, ReparacionResponse
from zeues_contracts.standin.routes.answering import EnvelopeRoute, Kit, answers, taking

__all__ = ["router"]

_WORDS = {"iniciar": "iniciada", "completar": "completada", "cancelar": "cancelada"}


def router(kit: Kit) -> APIRouter:
    """The router of a scenario."""
    made = APIRouter(prefix="/api", route_class=EnvelopeRoute, tags=["Actions"])
    for verb in _WORDS:
        _single(made, kit, verb)
    for verb in _WORDS:
        _batch(made, kit, verb)
    for event in ("tomar", "pausar", "completar", "cancelar"):
        _repair(made, kit, event)
    return made


def _single(made: APIRouter, kit: Kit, verb: str) -> None:
    @taking(body=kit.bodies.action)
    async def action(body: Any) -> Any:
        data = actions.act(kit.workshop, verb, body.tag_spool, body)
        return ActionResponse(message=f"Acción {body.operacion} {_WORDS[verb]} exitosamente", data=data)

    action.__name__ = f"{verb}_accion"
    action.__doc__ = f"{verb.capitalize()} an operation on a spool."
    made.post(
        f"/{verb}-accion",
        response_model=ActionResponse,
        responses=answers(kit, 400, 403, 404, 409, 503, envelope=True, checked=True),
    )(action)


def _batch(made: APIRouter, kit: Kit, verb: str) -> None:
    @taking(body=kit.bodies.batch_action)
    async def batch(body: Any) -> Any:
        return actions.act_on_many(kit.workshop, verb, body)

    batch.__name__ = f"{verb}_accion_batch"
    batch.__doc__ = f"{verb.capitalize()} an operation on several spools; each stands for itself."
    made.post(
        f"/{verb}-accion-batch",
        response_model=BatchActionResponse,
        responses=answers(kit, 400, 503, envelope=True, checked=True),
    )(batch)


def _repair(made: APIRouter, kit: Kit, event: str) -> None:
    @taking(body=kit.bodies.action)
    async def repair(body: Any) -> Any:
        spool = actions.repair(kit.workshop, event, body)
        return {
            "success": True,
            "tag_spool": spool.tag,
            "estado_detalle": spool.estado_detalle,
            "message": f"Reparación de {spool.tag}: {event}",
        }

    repair.__name__ = f"{event}_reparacion"
    repair.__doc__ = f"{event.capitalize()} the repair of a rejected spool."
    described = kit.workshop.scenario.documents_answers
    made.post(
        f"/{event}-reparacion",
        response_model=ReparacionResponse if described else dict[str, Any],
        responses=answers(kit, 400, 403, 404, 409, 503, envelope=True, checked=True),
    )(repair)
