"""The bodies of a scenario: the mended ones, with what its flags change."""

from __future__ import annotations

import types
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import AfterValidator, BaseModel, Field, create_model

from zeues_contracts.standin import models
from zeues_contracts.standin.scenarios import Scenario

__all__ = ["Variants", "variants"]


@dataclass(frozen=True, slots=True)
class Variants:
    """One class per body. The names of the classes are those of the components in the document."""

    tomar: type[BaseModel]
    pausar: type[BaseModel]
    completar: type[BaseModel]
    batch_tomar: type[BaseModel]
    metrologia: type[BaseModel]
    action: type[BaseModel]
    batch_action: type[BaseModel]
    occupation: type[BaseModel]
    batch_occupation: type[BaseModel]
    history: type[BaseModel]
    workers: type[BaseModel]
    spools: type[BaseModel]
    occupied: Any


def variants(scenario: Scenario) -> Variants:
    """The bodies of a scenario, made anew: two apps of one process share none that differ."""
    drift = scenario.drift
    bounded: dict[str, Any] = {}
    if drift.worker_id_bounded:
        bounded["worker_id"] = (int, Field(gt=0, le=9999, description="Id of the worker", examples=[93, 94, 95]))

    def request(base: type[BaseModel], **changes: Any) -> type[BaseModel]:
        return _model(base, bounded | changes, strict=scenario.strict_input)

    tomar: dict[str, Any] = {}
    if drift.tomar_without_metrologia:
        tomar["operacion"] = (StrEnum("OccupationType", {"ARM": "ARM", "SOLD": "SOLD"}), ...)
    if drift.tomar_takes_nota:
        tomar["nota"] = (Annotated[str | None, Field(max_length=500)], None)
    completar: dict[str, Any] = {}
    if scenario.declares_operacion:
        completar["operacion"] = (models.ActionType, ...)
        completar["resultado"] = (models.ResultadoEnum | None if scenario.documents_answers else str | None, None)
    if drift.completar_needs_turno:
        completar["turno"] = (StrEnum("Turno", {"DIA": "DIA", "NOCHE": "NOCHE"}), ...)
    occupation = _occupation(scenario)
    return Variants(
        tomar=request(models.TomarRequest, **tomar),
        pausar=request(models.PausarRequest),
        completar=request(models.CompletarRequest, **completar),
        batch_tomar=request(models.BatchTomarRequest, tag_spools=_tags(scenario)),
        metrologia=request(models.CompletarMetrologiaRequest),
        action=request(models.ActionRequest),
        batch_action=request(models.BatchActionRequest),
        occupation=occupation,
        batch_occupation=_model(models.BatchOccupationResponse, {"details": (list[occupation], ...)}),  # type: ignore[valid-type]
        history=_history(scenario),
        workers=_workers(scenario),
        spools=_list_of(scenario, models.SpoolListResponse, "spools", models.Spool),
        occupied=_occupied(scenario),
    )


def _model(base: type[BaseModel], changes: dict[str, Any], *, strict: bool = False) -> type[BaseModel]:
    """A class of the same name with some fields replaced (``name: (type, default)``) or removed (``name: None``)."""
    shape: dict[str, Any] = {name: (field.annotation, copy(field)) for name, field in base.model_fields.items()}
    shape.update(changes)
    kept = {name: entry for name, entry in shape.items() if entry is not None}
    if strict:
        kept = {name: (_strict(kind), default) for name, (kind, default) in kept.items()}
    return create_model(base.__name__, __doc__=base.__doc__, __config__=base.model_config, **kept)


def _strict(kind: Any) -> Any:
    """The same type behind a validator that takes only what the schema says."""
    plain = get_args(kind)[0] if get_origin(kind) is Annotated else kind
    inner = get_args(plain) if get_origin(plain) in (Union, types.UnionType) else (plain,)
    for wanted in (int, datetime, date):  # datetime is a date: the order matters
        if wanted in inner:
            return Annotated[kind, models.STRICT[wanted]]
    return kind


def _no_duplicates(tags: list[str]) -> list[str]:
    if len(set(tags)) != len(tags):
        raise ValueError("tag_spools contains duplicates")
    return tags


def _tags(scenario: Scenario) -> Any:
    limit = 100 if scenario.drift.batch_takes_more else 50
    told: dict[str, Any] = {"uniqueItems": True} if scenario.documents_answers else {}
    field = Field(
        min_length=1, max_length=limit, examples=[["MK-1335-CW-25238-011", "TEST-01"]], json_schema_extra=told
    )
    return (Annotated[list[str], field, AfterValidator(_no_duplicates)], ...)


def _occupation(scenario: Scenario) -> type[BaseModel]:
    changes: dict[str, Any] = {}
    if scenario.drift.message_is_mensaje:
        changes |= {"message": None, "mensaje": (str, ...)}
    if scenario.drift.occupation_tells_version:
        changes["version"] = (Annotated[int, Field(ge=0)], 0)
    return _model(models.OccupationResponse, changes)


def _history(scenario: Scenario) -> type[BaseModel]:
    text: dict[str, Any] = {"worker_id": (str, ...)} if scenario.drift.history_worker_id_is_text else {}
    return _list_of(scenario, models.HistoryResponse, "sessions", _model(models.OccupationSession, text))


def _workers(scenario: Scenario) -> type[BaseModel]:
    row: type[BaseModel] = models.Worker
    if scenario.drift.worker_name_may_be_null:
        row = _model(models.Worker, {"nombre_completo": (str | None, ...)})
    return _list_of(scenario, models.WorkerListResponse, "workers", row)


def _list_of(scenario: Scenario, base: type[BaseModel], name: str, item: type[BaseModel]) -> type[BaseModel]:
    """A body with a list in it; on the day it was not said that the list is always there."""
    rows: Any = list[item]  # type: ignore[valid-type]
    return _model(base, {name: (rows, ... if scenario.documents_answers else Field(default_factory=list))})


def _occupied(scenario: Scenario) -> Any:
    rows = list[models.OccupiedSpoolResponse]
    if not scenario.drift.occupied_is_a_page:
        return rows
    return create_model("OccupiedPage", items=(rows, ...), total=(Annotated[int, Field(ge=0)], ...))
