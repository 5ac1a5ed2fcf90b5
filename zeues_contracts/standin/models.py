"""The bodies that the service takes and gives, as they are when everything is mended.

``variants`` derives those of a scenario. Names and constraints are those of the service's documents.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field

__all__ = [
    "ActionData",
    "ActionMetadata",
    "ActionRequest",
    "ActionResponse",
    "ActionType",
    "BatchActionRequest",
    "BatchActionResponse",
    "BatchActionResult",
    "BatchOccupationResponse",
    "BatchTomarRequest",
    "CompletarMetrologiaRequest",
    "CompletarMetrologiaResponse",
    "CompletarRequest",
    "ErrorDetail",
    "ErrorEnvelope",
    "HTTPValidationError",
    "HistoryResponse",
    "OccupationResponse",
    "OccupationSession",
    "OccupiedSpoolResponse",
    "PausarRequest",
    "ReparacionResponse",
    "ResultadoEnum",
    "Spool",
    "SpoolListResponse",
    "TomarRequest",
    "Worker",
    "WorkerListResponse",
]

_FULL_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_DATE_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})")


def _an_integer(value: object) -> object:
    """Refuse what JSON Schema does not call an integer; the framework would take ``"93"`` and ``true`` too."""
    if isinstance(value, (str, bytes, bool)):
        raise ValueError("the value must be an integer")  # noqa: TRY004 - pydantic wants ValueError
    return value


def _a_full_date(value: object) -> object:
    """Refuse what RFC 3339 does not call a full-date; the framework would take seconds and times of midnight too."""
    if not isinstance(value, str) or not _FULL_DATE.fullmatch(value):
        raise ValueError("the value must be a date: YYYY-MM-DD")
    return value


def _a_date_time(value: object) -> object:
    """Refuse what RFC 3339 does not call a date-time."""
    if value is not None and (not isinstance(value, str) or not _DATE_TIME.fullmatch(value)):
        raise ValueError("the value must be a date and time with an offset")
    return value


class ActionType(StrEnum):
    """The operations on a spool."""

    ARM = "ARM"
    SOLD = "SOLD"
    METROLOGIA = "METROLOGIA"


class ResultadoEnum(StrEnum):
    """The result of an inspection."""

    APROBADO = "APROBADO"
    RECHAZADO = "RECHAZADO"


class ActionStatus(StrEnum):
    """How far an operation has come."""

    PENDIENTE = "PENDIENTE"
    EN_PROGRESO = "EN_PROGRESO"
    COMPLETADO = "COMPLETADO"


_Tag = Annotated[str, Field(min_length=1, description="TAG of the spool", examples=["MK-1335-CW-25238-011"])]
_Id = Annotated[int, Field(gt=0, description="Id of the worker", examples=[93, 94, 95])]
_Nombre = Annotated[str, Field(min_length=1, description="The worker as INICIALES(ID)", examples=["MR(93)", "JP(94)"])]
_Fecha = Annotated[date, Field(description="The day on which it was completed", examples=["2026-02-02"])]

# What `strict_input` puts before the fields of a type.
STRICT: dict[Any, BeforeValidator] = {
    int: BeforeValidator(_an_integer),
    date: BeforeValidator(_a_full_date),
    datetime: BeforeValidator(_a_date_time),
}


class TomarRequest(BaseModel):
    """Take a spool."""

    tag_spool: _Tag
    worker_id: _Id
    worker_nombre: _Nombre
    operacion: ActionType


class PausarRequest(BaseModel):
    """Pause the work on a spool."""

    tag_spool: _Tag
    worker_id: _Id
    worker_nombre: _Nombre
    operacion: ActionType


class CompletarRequest(BaseModel):
    """Complete the work on a spool."""

    tag_spool: _Tag
    worker_id: _Id
    worker_nombre: _Nombre
    fecha_operacion: _Fecha


class BatchTomarRequest(BaseModel):
    """Take several spools."""

    tag_spools: list[str] = Field(min_length=1, max_length=50, examples=[["MK-1335-CW-25238-011", "TEST-01"]])
    worker_id: _Id
    worker_nombre: _Nombre
    operacion: ActionType


class OccupationResponse(BaseModel):
    """What became of one occupation."""

    success: bool
    tag_spool: str
    message: str


class BatchOccupationResponse(BaseModel):
    """What became of several."""

    total: int = Field(ge=0)
    succeeded: int = Field(ge=0)
    failed: int = Field(ge=0)
    details: list[OccupationResponse]


class OccupationSession(BaseModel):
    """One stretch of work of one worker."""

    worker_nombre: str
    worker_id: int = Field(gt=0)
    operacion: str = Field(pattern="^(ARM|SOLD|METROLOGIA)$")
    start_time: datetime
    end_time: datetime | None = None
    duration: str | None = Field(default=None, examples=["2h 15m", "45m", None])


class HistoryResponse(BaseModel):
    """Who worked on a spool, in order of time."""

    tag_spool: str
    sessions: list[OccupationSession]


class Worker(BaseModel):
    """A worker of the workshop."""

    id: int = Field(gt=0)
    nombre: str = Field(min_length=1)
    apellido: str = Field(min_length=1)
    rol: str | None = Field(default=None, deprecated=True)
    roles: list[str] = Field(default_factory=list)
    activo: bool = True

    nombre_completo: str = Field(description="INICIALES(ID), such as MR(93)", json_schema_extra={"readOnly": True})


class WorkerListResponse(BaseModel):
    """The active workers."""

    workers: list[Worker]
    total: int = Field(ge=0)


class Spool(BaseModel):
    """A pipe spool and how far it has come."""

    tag_spool: _Tag
    nv: str | None = None
    arm: ActionStatus = ActionStatus.PENDIENTE
    sold: ActionStatus = ActionStatus.PENDIENTE
    fecha_materiales: date | None = None
    fecha_armado: date | None = None
    fecha_soldadura: date | None = None
    fecha_qc_metrologia: date | None = None
    armador: str | None = None
    soldador: str | None = None
    proyecto: str | None = None
    ocupado_por: str | None = None
    fecha_ocupacion: str | None = None
    version: int = Field(default=0, ge=0)
    estado_detalle: str | None = None


class SpoolListResponse(BaseModel):
    """Some spools, and the filter that chose them."""

    spools: list[Spool]
    total: int = Field(ge=0)
    filtro_aplicado: str


class OccupiedSpoolResponse(BaseModel):
    """A spool that somebody works on."""

    tag_spool: str
    worker_nombre: str
    estado_detalle: str
    fecha_ocupacion: str


class CompletarMetrologiaRequest(BaseModel):
    """The result of an inspection."""

    tag_spool: _Tag
    worker_id: _Id
    resultado: ResultadoEnum


class CompletarMetrologiaResponse(BaseModel):
    """What became of an inspection."""

    success: bool
    tag_spool: str
    resultado: str
    estado_detalle: str
    message: str


class ActionRequest(BaseModel):
    """An action of the first versions of the service, without occupation."""

    worker_id: _Id
    operacion: ActionType
    tag_spool: _Tag
    timestamp: datetime | None = None


class BatchActionRequest(BaseModel):
    """The same for several spools."""

    worker_id: _Id
    operacion: ActionType
    tag_spools: list[str] = Field(min_length=1, max_length=50)
    timestamp: datetime | None = None


class ActionMetadata(BaseModel):
    """What an action wrote."""

    armador: str | None = None
    soldador: str | None = None
    fecha_armado: str | None = None
    fecha_soldadura: str | None = None


class ActionData(BaseModel):
    """Where it wrote it."""

    tag_spool: str
    operacion: str
    trabajador: str
    fila_actualizada: int = Field(ge=0)
    columna_actualizada: str
    valor_nuevo: float
    metadata_actualizada: ActionMetadata


class ActionResponse(BaseModel):
    """What became of an action."""

    success: bool = True
    message: str
    data: ActionData


class BatchActionResult(BaseModel):
    """What became of one of several."""

    tag_spool: str
    success: bool
    message: str | None = None
    evento_id: str | None = None
    error_type: str | None = None


class BatchActionResponse(BaseModel):
    """What became of several."""

    success: bool
    message: str
    total: int = Field(ge=0)
    exitosos: int = Field(ge=0)
    fallidos: int = Field(ge=0)
    resultados: list[BatchActionResult]


class ReparacionResponse(BaseModel):
    """What became of a repair."""

    success: bool
    tag_spool: str
    estado_detalle: str
    message: str


class ErrorDetail(BaseModel):
    """An error as the occupation endpoints tell it."""

    detail: str


class ErrorEnvelope(BaseModel):
    """An error as the first versions of the service tell it."""

    success: bool = Field(json_schema_extra={"const": False})
    error: str
    message: str
    data: dict[str, Any] | None = None


class ValidationError(BaseModel):
    """One thing that is wrong with a request."""

    loc: list[str | int] = Field(title="Location")
    msg: str = Field(title="Message")
    type: str = Field(title="Error Type")


class HTTPValidationError(BaseModel):
    """What is wrong with a request, as FastAPI tells it."""

    detail: list[ValidationError] = Field(default_factory=list)
