"""What a stand-in does well and what it does badly: a scenario is a set of flags, never a copy of code."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

__all__ = ["SCENARIOS", "Drift", "Scenario", "mended", "scenario"]


@dataclass(frozen=True, slots=True)
class Drift:
    """The changes of a later version, one flag each; the comment says what a consumer of the version before meets."""

    # Breaking, on operations that the end-to-end suite uses.
    completar_needs_turno: bool = False  # a new required property in a request
    tomar_without_metrologia: bool = False  # a request enumeration that shrinks
    worker_id_bounded: bool = False  # a request bound that tightens
    message_is_mensaje: bool = False  # a response property renamed
    history_worker_id_is_text: bool = False  # a response property of another type
    health_status_grows: bool = False  # a response enumeration that grows
    # Breaking, on operations that it does not use.
    occupied_is_a_page: bool = False  # an array in a response becomes an object
    cancelar_needs_area: bool = False  # a new required query parameter
    worker_name_may_be_null: bool = False  # a response property that may be null now
    no_repair_list: bool = False  # an operation gone
    # Compatible.
    tomar_takes_nota: bool = False  # a new optional property in a request
    occupation_tells_version: bool = False  # a new property in a response
    workers_take_activo: bool = False  # a new optional query parameter
    batch_pausar: bool = False  # a new operation
    batch_takes_more: bool = False  # a request bound that loosens


@dataclass(frozen=True, slots=True)
class Scenario:
    """One version of the service, on one day. The defaults are the service with everything mended."""

    name: str
    summary: str
    version: str = "3.0.1"

    declares_operacion: bool = True
    """COMPLETAR's request model has ``operacion`` and ``resultado``; without them the code that reads them fails."""
    completes_once: bool = True
    """COMPLETAR fires its transition once; else it writes the result, fires again from ``completado`` and fails."""
    streams_have_own_pool: bool = True
    """Open streams take their connections from a pool of their own; else they starve the locks."""
    honest_health: bool = True
    """/api/health looks at everything that requests need; else at Sheets alone."""
    documents_answers: bool = True
    """Every status that is really answered is in the document, with its schema."""
    documents_stream: bool = True
    """The stream is documented as ``text/event-stream``; else as JSON of any kind."""
    strict_input: bool = True
    """What the schema forbids is refused (``"93"`` for an integer); else the framework's leniency decides."""
    conflicts_are_409: bool = True
    """An operation that the state of the spool forbids is answered with 409; else with 400."""
    outage_is_503: bool = True
    """Redis failures are answered with 503 and Retry-After; else with 500 and the driver's words."""
    drift: Drift = Drift()


_HEALTHY = Scenario("healthy", "everything mended: the service keeps its promise")
_INCIDENT = Scenario(
    "incident",
    "2026-02-02: one connection pool, a request model without `operacion`, a health check that looks away",
    version="3.0.0",
    declares_operacion=False,
    completes_once=False,
    streams_have_own_pool=False,
    honest_health=False,
    documents_answers=False,
    documents_stream=False,
    strict_input=False,
    conflicts_are_409=False,
    outage_is_503=False,
)

SCENARIOS: dict[str, Scenario] = {
    entry.name: entry
    for entry in (
        _HEALTHY,
        _INCIDENT,
        replace(
            _INCIDENT,
            name="half-mended",
            summary="later on 2026-02-02: `operacion` is declared, COMPLETAR writes its result and then fails",
            declares_operacion=True,
        ),
        replace(
            _INCIDENT,
            name="bugs-mended",
            summary="the day after: COMPLETAR works, the pool and the health check are still those of the day",
            declares_operacion=True,
            completes_once=True,
        ),
        replace(
            _HEALTHY,
            name="drifted",
            summary="a later version whose promise has changed, in breaking and in compatible ways",
            version="4.0.0",
            drift=Drift(**{field.name: True for field in fields(Drift)}),
        ),
    )
}

_MENDABLE = tuple(field.name for field in fields(Scenario) if field.type in ("bool", bool))


def scenario(name: str) -> Scenario:
    """The scenario of a name. Raises ``KeyError`` with the known names."""
    try:
        return SCENARIOS[name]
    except KeyError:
        raise KeyError(f"no scenario {name!r}; there are {', '.join(SCENARIOS)}") from None


def mended(which: Scenario, *flags: str) -> Scenario:
    """A scenario with some flags set as in the healthy one (``declares_operacion``, …); ``KeyError`` for others."""
    for flag in flags:
        if flag not in _MENDABLE:
            raise KeyError(f"no flag {flag!r}; there are {', '.join(_MENDABLE)}")
    changes: dict[str, Any] = dict.fromkeys(flags, True)
    return replace(which, **changes)
