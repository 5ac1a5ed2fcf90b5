"""The workshop's sheet: spools, workers and who worked on what, in memory.

Each operation on a spool runs through one small state machine; each occupation leaves a session.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

__all__ = ["OPERATIONS", "Sheet", "SheetsDownError", "Spool", "TransitionNotAllowedError", "Work", "Worker"]

OPERATIONS = ("ARM", "SOLD", "METROLOGIA")

_TRANSITIONS = {
    ("tomar", "pendiente"): "en_progreso",
    ("tomar", "pausado"): "en_progreso",
    ("pausar", "en_progreso"): "pausado",
    ("completar", "en_progreso"): "completado",
    ("cancelar", "en_progreso"): "pendiente",
    ("cancelar", "pausado"): "pendiente",
}


class SheetsDownError(Exception):
    """Google Sheets does not answer."""


class TransitionNotAllowedError(Exception):
    """The state does not have this transition; the words are those of the state machine library of the service."""

    def __init__(self, event: str, state: str) -> None:
        super().__init__(f"Can't {event} when in {state}.")


@dataclass(slots=True)
class Work:
    """One operation on one spool: its state, who does it and when it was done."""

    state: str = "pendiente"
    worker: str = ""
    done_on: date | None = None

    def fire(self, event: str) -> None:
        """Move along a transition. Raises :class:`TransitionNotAllowedError`."""
        after = _TRANSITIONS.get((event, self.state))
        if after is None:
            raise TransitionNotAllowedError(event, self.state)
        self.state = after

    def allows(self, event: str) -> bool:
        """Whether :meth:`fire` would go through."""
        return (event, self.state) in _TRANSITIONS


@dataclass(slots=True)
class Session:
    """One stretch of work of one worker; ``end`` is ``None`` while it lasts. Times are UTC."""

    worker_nombre: str
    worker_id: int
    operacion: str
    start: datetime
    end: datetime | None = None


@dataclass(slots=True)
class Spool:
    """One row: a pipe spool and how far it has come."""

    tag: str
    nv: str = "001"
    proyecto: str = "Proyecto Alpha"
    fecha_materiales: date = date(2025, 11, 1)
    work: dict[str, Work] = field(default_factory=lambda: {name: Work() for name in OPERATIONS})
    resultado: str = ""
    reparacion: str = ""
    ocupado_por: str = ""
    ocupado_por_id: int = 0
    ocupado_en: str = ""
    fecha_ocupacion: datetime | None = None
    version: int = 0
    sessions: list[Session] = field(default_factory=list)

    def missing_before(self, operacion: str) -> str:
        """The operation that must be completed before this one and is not, or an empty string."""
        for earlier in OPERATIONS[: OPERATIONS.index(operacion)]:
            if self.work[earlier].state != "completado":
                return earlier
        return ""

    def occupy(self, nombre: str, worker_id: int, operacion: str) -> None:
        """A worker starts: occupation and session."""
        now = datetime.now(UTC)
        self.ocupado_por, self.ocupado_por_id, self.ocupado_en, self.fecha_ocupacion = nombre, worker_id, operacion, now
        self.version += 1
        if operacion in OPERATIONS:
            self.work[operacion].worker = nombre
            self.sessions.append(Session(nombre, worker_id, operacion, now))

    def vacate(self) -> None:
        """The worker stops: occupation cleared, session closed."""
        self.ocupado_por, self.ocupado_por_id, self.ocupado_en, self.fecha_ocupacion = "", 0, "", None
        self.version += 1
        for session in self.sessions:
            if session.end is None:
                session.end = datetime.now(UTC)

    @property
    def estado_detalle(self) -> str:
        """The state of the row in words."""
        if self.reparacion:
            held = f" - Ocupado: {self.ocupado_por}" if self.ocupado_por else ""
            return f"{self.reparacion}{held}"
        if self.ocupado_por:
            return f"{self.ocupado_por} trabajando {self.ocupado_en}"
        done = ", ".join(f"{name} {self.work[name].state}" for name in ("ARM", "SOLD"))
        return f"Disponible - {done}" + (f", METROLOGIA {self.resultado}" if self.resultado else "")


@dataclass(frozen=True, slots=True)
class Worker:
    """One row of the workers' sheet."""

    id: int
    nombre: str
    apellido: str
    roles: tuple[str, ...]
    activo: bool = True

    @property
    def nombre_completo(self) -> str:
        """Initials and id, such as ``MR(93)``."""
        return f"{self.nombre[0]}{self.apellido[0]}({self.id})".upper()


_WORKERS = (
    Worker(93, "Mauricio", "Rodriguez", ("Armador", "Soldador")),
    Worker(94, "Juana", "Pimiento", ("Armador",)),
    Worker(95, "Carlos", "Paredes", ("Soldador",)),
    Worker(96, "Marta", "Galindo", ("Metrologia",)),
    Worker(97, "Nadie", "Ahora", ("Ayudante",), activo=False),
)


class Sheet:
    """All rows. ``up`` is whether Google Sheets answers; every reading method raises when it does not."""

    def __init__(self, *, up: bool = True) -> None:
        self.up = up
        self.cache_clears = 0
        self._spools = {spool.tag: spool for spool in _spools()}

    def find(self, tag: str) -> Spool | None:
        """The spool of a tag, or ``None``."""
        self._ask()
        return self._spools.get(tag)

    def spools(self) -> tuple[Spool, ...]:
        """All spools, in the order of the sheet."""
        self._ask()
        return tuple(self._spools.values())

    def workers(self) -> tuple[Worker, ...]:
        """All workers, active or not."""
        self._ask()
        return _WORKERS

    def worker(self, worker_id: int) -> Worker | None:
        """The worker of an id, or ``None``."""
        return next((worker for worker in self.workers() if worker.id == worker_id), None)

    def _ask(self) -> None:
        if not self.up:
            raise SheetsDownError("Google Sheets API error: 503 The service is currently unavailable.")


def _spools() -> Iterator[Spool]:
    """Rows in every state that a request can meet."""
    for number in range(11, 15):
        yield Spool(f"MK-1335-CW-25238-{number:03}")
    for number in range(1, 7):
        yield Spool(f"TEST-{number:02}")
    for tag, done in (
        ("SOLD-01", ("ARM",)),
        ("SOLD-02", ("ARM",)),
        ("METRO-01", ("ARM", "SOLD")),
        ("METRO-02", ("ARM", "SOLD")),
        ("REPARAR-01", OPERATIONS),
        ("LISTO-01", OPERATIONS),
    ):
        spool = Spool(tag, nv="002", proyecto="Proyecto Beta")
        for name in done:
            spool.work[name] = Work("completado", "MR(93)", date(2026, 1, 20))
        if "METROLOGIA" in done:
            spool.resultado = "RECHAZADO" if tag.startswith("REPARAR") else "APROBADO"
            spool.reparacion = "RECHAZADO (Ciclo 1/3) - Pendiente reparación" if spool.resultado == "RECHAZADO" else ""
        start = datetime(2026, 1, 20, 8, 30, tzinfo=UTC)
        spool.sessions.append(Session("MR(93)", 93, "ARM", start, start.replace(hour=10, minute=45)))
        yield spool
