"""What the occupation endpoints do: the order of the steps is the service's, the mended flags decide how they end."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

from zeues_contracts.standin.locks import Locks, LockServerError
from zeues_contracts.standin.scenarios import Scenario
from zeues_contracts.standin.settings import Settings
from zeues_contracts.standin.sheets import Sheet, SheetsDownError, Spool

__all__ = ["Refusal", "Workshop"]


class Refusal(Exception):  # noqa: N818 - an answer, not an error of ours
    """A request that is answered with an error on purpose; ``error`` is its short name."""

    def __init__(self, status: int, message: str, error: str = "", headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.error = error
        self.headers = headers


class Workshop:
    """Spools, locks and the rules between them, as one scenario has them."""

    def __init__(self, scenario: Scenario, settings: Settings, sheet: Sheet, locks: Locks) -> None:
        self.scenario = scenario
        self.settings = settings
        self.sheet = sheet
        self.locks = locks

    def spool(self, tag: str) -> Spool:
        """The spool of a tag; 404 for an unknown one, 503 when Sheets is down."""
        try:
            found = self.sheet.find(tag)
        except SheetsDownError as error:
            raise sheets_down(error) from error
        if found is None:
            raise Refusal(404, f"Spool {tag} not found", "SPOOL_NO_ENCONTRADO")
        return found

    async def tomar(self, body: Any) -> tuple[Spool, str]:
        """Take a spool: 404, 409 when somebody has it, 400 when the operation cannot start."""
        spool = self.spool(body.tag_spool)
        operacion = str(body.operacion)
        holder = await self._locks(self.locks.acquire(spool.tag, str(body.worker_id), self.settings.lock_ttl))
        if holder is not None:
            by = spool.ocupado_por or f"worker {holder}"
            raise Refusal(409, f"Spool {spool.tag} already occupied by {by}", "SPOOL_OCUPADO")
        missing = spool.missing_before(operacion)
        work = spool.work[operacion]
        if missing or not (work.allows("tomar") or work.state == "en_progreso"):
            await self._locks(self.locks.release(spool.tag, str(body.worker_id)))
            why = f"{missing} is not completed" if missing else f"{operacion} is {work.state}"
            raise self._conflict(f"Cannot start {operacion} on {spool.tag}: {why}")
        if work.state == "en_progreso":
            spool.vacate()  # the lock of whoever had it has run out
        else:
            work.fire("tomar")
        spool.occupy(body.worker_nombre, body.worker_id, operacion)
        await self._tell("TOMAR", spool)
        return spool, f"Spool {spool.tag} tomado por {body.worker_nombre}"

    async def pausar(self, body: Any) -> tuple[Spool, str]:
        """Pause: 404, 403 for another's spool, 410 when the lock has run out, 400 when there is nothing to pause."""
        spool = self.spool(body.tag_spool)
        operacion = str(body.operacion)
        holder = await self._locks(self.locks.owner(spool.tag))
        self._owned(spool, holder, body.worker_id, operacion)
        spool.work[operacion].fire("pausar")
        spool.vacate()
        await self._locks(self.locks.release(spool.tag, str(body.worker_id)))
        await self._tell("PAUSAR", spool)
        return spool, f"Trabajo de {operacion} en {spool.tag} pausado"

    async def completar(self, body: Any) -> tuple[Spool, str]:
        """Complete: as PAUSAR, and the two bugs of the day where the scenario has them."""
        spool = self.spool(body.tag_spool)
        holder = await self._locks(self.locks.owner(spool.tag))
        operacion = str(body.operacion)  # the model of the day has no such attribute
        self._owned(spool, holder, body.worker_id, operacion)
        self._write_result(spool, operacion, body.fecha_operacion, getattr(body, "resultado", None))
        if not self.scenario.completes_once:
            # The result is in the sheet already, and with it the new state.
            spool.work[operacion].fire("completar")
        spool.vacate()
        await self._locks(self.locks.release(spool.tag, str(body.worker_id)))
        await self._tell("COMPLETAR", spool)
        return spool, f"{operacion} de {spool.tag} completado"

    async def inspect(self, body: Any) -> Spool:
        """Metrología at once, without an occupation: 404, 409 when somebody has the spool, 400 when it is not ready."""
        spool = self.spool(body.tag_spool)
        holder = await self._locks(self.locks.owner(spool.tag))
        if holder is not None:
            raise Refusal(409, f"Spool {spool.tag} already occupied by {spool.ocupado_por}", "SPOOL_OCUPADO")
        missing = spool.missing_before("METROLOGIA")
        work = spool.work["METROLOGIA"]
        if missing or not work.allows("tomar"):
            why = f"{missing} is not completed" if missing else f"METROLOGIA is {work.state}"
            raise self._conflict(f"Cannot inspect {spool.tag}: {why}")
        work.fire("tomar")
        self._write_result(spool, "METROLOGIA", datetime.now(UTC).date(), str(body.resultado))
        spool.version += 1
        await self._tell("METROLOGIA", spool)
        return spool

    def _owned(self, spool: Spool, holder: str | None, worker_id: int, operacion: str) -> None:
        if holder is None and spool.ocupado_en == operacion:
            raise Refusal(410, f"Lock on {spool.tag} expired", "LOCK_EXPIRADO")
        if holder is None:
            raise self._conflict(f"Spool {spool.tag} is not occupied")
        if holder != str(worker_id):
            raise Refusal(403, f"Spool {spool.tag} belongs to {spool.ocupado_por or holder}", "NO_AUTORIZADO")
        if spool.ocupado_en != operacion:
            other = spool.ocupado_en or "nothing"
            raise self._conflict(f"Spool {spool.tag} is occupied for {other}, not for {operacion}")

    def _write_result(self, spool: Spool, operacion: str, day: date, resultado: str | None) -> None:
        work = spool.work[operacion]
        work.fire("completar")
        work.done_on = day
        if operacion == "METROLOGIA":
            spool.resultado = str(resultado or "APROBADO")
            if spool.resultado == "RECHAZADO":
                spool.reparacion = "RECHAZADO (Ciclo 1/3) - Pendiente reparación"

    def _conflict(self, message: str) -> Refusal:
        return Refusal(409 if self.scenario.conflicts_are_409 else 400, message, "OPERACION_NO_PERMITIDA")

    async def _locks(self, command: Any) -> Any:
        """Run one command of the locks. On the day a failure went through to the last handler, as a 500."""
        try:
            return await command
        except LockServerError as error:
            if self.scenario.outage_is_503:
                raise locks_down() from error
            raise

    async def _tell(self, event: str, spool: Spool) -> None:
        """Publish what happened. Nobody's work fails because nobody could be told."""
        payload = {"event": event, "tag_spool": spool.tag, "worker": spool.ocupado_por, "estado": spool.estado_detalle}
        try:
            await self.locks.publish(json.dumps(payload, ensure_ascii=False))
        except LockServerError:
            return


def sheets_down(error: SheetsDownError) -> Refusal:
    """The answer while Google Sheets is down."""
    return Refusal(503, str(error), "SHEETS_NO_DISPONIBLE", {"Retry-After": "30"})


def locks_down() -> Refusal:
    """The answer while Redis is down, when the service admits it."""
    return Refusal(503, "Redis is not available; try again later", "REDIS_NO_DISPONIBLE", {"Retry-After": "5"})
