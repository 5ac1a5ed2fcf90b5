"""What the service answers, operation by operation, in process."""

from __future__ import annotations

import asyncio
import functools
import json
from typing import Any

import pytest

pytest.importorskip("fastapi", reason="needs the extra: demo")

import httpx
import jsonschema

from zeues_contracts.standin.app import create_app
from zeues_contracts.standin.scenarios import SCENARIOS
from zeues_contracts.standin.settings import Settings

MR = {"worker_id": 93, "worker_nombre": "MR(93)"}
JP = {"worker_id": 94, "worker_nombre": "JP(94)"}
DATE = {"fecha_operacion": "2026-02-02"}


class Client:
    """One request at a time, in process."""

    def __init__(self, app: Any) -> None:
        self.transport = httpx.ASGITransport(app)

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        async def send() -> httpx.Response:
            async with httpx.AsyncClient(transport=self.transport, base_url="http://service") as client:
                return await client.request(method, path, **options)

        return asyncio.run(send())

    get = functools.partialmethod(request, "GET")
    post = functools.partialmethod(request, "POST")


@functools.cache
def document(scenario: str) -> Any:
    return create_app(scenario, Settings()).openapi()


class Service:
    """A service in process, whose documented answers are checked as they come."""

    def __init__(self, scenario: str, **settings: Any) -> None:
        self.app = create_app(scenario, Settings(**settings))
        self.client = Client(self.app)
        self.workshop = self.app.state.workshop
        self.document = document(scenario)
        self.checked = scenario in ("healthy", "drifted")

    def post(self, path: str, **body: Any) -> tuple[int, dict[str, Any]]:
        return self._done("post", path, self.client.post(path, json=body))

    def occupation(self, step: str, tag: str, operacion: str = "ARM", worker: dict[str, Any] = MR, **more: Any) -> Any:
        return self.post(f"/api/occupation/{step}", tag_spool=tag, operacion=operacion, **worker, **more)

    def get(self, path: str, template: str = "", **query: Any) -> tuple[int, Any]:
        return self._done("get", template or path, self.client.get(path, params=query))

    def _done(self, method: str, path: str, response: Any) -> tuple[int, Any]:
        told = self.document["paths"][path][method]["responses"]
        if self.checked:
            schema = told[str(response.status_code)]["content"]["application/json"]["schema"]
            jsonschema.validate(response.json(), {**schema, "components": self.document["components"]})
        return response.status_code, response.json()


@pytest.fixture
def healthy() -> Service:
    return Service("healthy")


@pytest.fixture
def incident() -> Service:
    return Service("incident")


@pytest.fixture(params=["healthy", "incident", "bugs-mended"])
def service(request: pytest.FixtureRequest) -> Service:
    return Service(request.param)


def test_tomar_takes_a_spool_once(service: Service) -> None:
    assert service.occupation("tomar", "TEST-01") == (
        200,
        {"success": True, "tag_spool": "TEST-01", "message": "Spool TEST-01 tomado por MR(93)"},
    )
    assert service.occupation("tomar", "TEST-01", worker=JP)[0] == 409
    assert service.occupation("tomar", "NADA")[0] == 404


def test_pausar_asks_for_the_owner_and_the_lock(service: Service) -> None:
    refused = 409 if service.workshop.scenario.conflicts_are_409 else 400
    assert service.occupation("pausar", "TEST-01")[0] == refused
    service.occupation("tomar", "TEST-01")
    assert service.occupation("pausar", "TEST-01", worker=JP)[0] == 403
    assert service.occupation("pausar", "TEST-01", "SOLD")[0] == refused
    service.workshop.locks.server.flush()
    status, body = service.occupation("pausar", "TEST-01")
    assert (status, body) == (410, {"detail": "Lock on TEST-01 expired"})
    # Whoever comes next can take it.
    assert service.occupation("tomar", "TEST-01", worker=JP)[0] == 200
    assert service.occupation("pausar", "TEST-01", worker=JP)[0] == 200
    assert service.occupation("tomar", "TEST-01")[0] == 200


def test_an_operation_waits_for_the_one_before(service: Service) -> None:
    refused = 409 if service.workshop.scenario.conflicts_are_409 else 400
    status, body = service.occupation("tomar", "TEST-01", "SOLD")
    assert (status, body["detail"]) == (refused, "Cannot start SOLD on TEST-01: ARM is not completed")
    # The lock was given back.
    assert service.occupation("tomar", "TEST-01")[0] == 200


def test_completar_works_once_mended(healthy: Service) -> None:
    healthy.occupation("tomar", "TEST-01")
    assert healthy.occupation("completar", "TEST-01", worker=JP, **DATE)[0] == 403
    assert healthy.occupation("completar", "TEST-01", **DATE)[0] == 200
    assert healthy.occupation("tomar", "TEST-01")[0] == 409
    assert healthy.occupation("tomar", "TEST-01", "SOLD")[0] == 200
    _, history = healthy.get("/api/history/TEST-01", "/api/history/{tag_spool}")
    assert [(s["operacion"], s["end_time"] is None) for s in history["sessions"]] == [("ARM", False), ("SOLD", True)]


def test_on_the_day_completar_reads_what_its_model_lacks(incident: Service) -> None:
    incident.occupation("tomar", "TEST-01")
    status, body = incident.occupation("completar", "TEST-01", **DATE)
    assert (status, body) == (
        500,
        {"detail": "Internal server error: 'CompletarRequest' object has no attribute 'operacion'"},
    )


def test_half_mended_completar_writes_and_then_fails() -> None:
    service = Service("half-mended")
    service.occupation("tomar", "TEST-01")
    status, body = service.occupation("completar", "TEST-01", **DATE)
    assert (status, body["detail"]) == (500, "Internal server error: Can't completar when in completado.")
    assert service.workshop.sheet.find("TEST-01").work["ARM"].state == "completado"


@pytest.mark.parametrize("name", list(SCENARIOS))
def test_validation_comes_first_whatever_is_down(name: str) -> None:
    service = Service(name)
    service.workshop.locks.server.up = False
    service.workshop.sheet.up = False
    status, body = service.occupation("completar", "TEST-01")
    assert status == 422
    assert ["body", "fecha_operacion"] in [one["loc"] for one in body["detail"]]


def test_redis_down_is_a_500_on_the_day_and_a_503_when_mended(incident: Service, healthy: Service) -> None:
    for service in (incident, healthy):
        service.workshop.locks.server.up = False
    assert incident.occupation("tomar", "TEST-01")[0] == 500
    assert incident.occupation("tomar", "NADA")[0] == 404
    assert incident.get("/api/health")[1]["status"] == "healthy"
    assert incident.get("/api/redis-health") == (
        200,
        {
            "status": "disconnected",
            "message": "Redis client not connected: Error 111 connecting to localhost:6379. Connection refused.",
            "operational": False,
        },
    )
    assert healthy.occupation("tomar", "TEST-01")[0] == 503
    assert healthy.post("/api/occupation/batch-tomar", tag_spools=["TEST-01"], operacion="ARM", **MR)[0] == 503
    assert healthy.get("/api/health")[0] == 503
    assert healthy.get("/api/redis-health")[0] == 503
    for service in (incident, healthy):
        assert service.client.get("/api/sse/stream").status_code == 503


def test_sheets_down_is_a_503(service: Service) -> None:
    service.workshop.sheet.up = False
    assert service.occupation("tomar", "TEST-01")[0] == 503
    assert service.get("/api/workers")[0] == 503
    assert service.get("/api/spools/iniciar", operacion="ARM")[0] == 503
    assert service.get("/api/dashboard/occupied")[0] == 503
    assert service.get("/api/health")[1]["status"] == "unhealthy"


def test_a_batch_counts_and_refuses_duplicates(service: Service) -> None:
    def batch(*tags: str) -> tuple[int, dict[str, Any]]:
        return service.post("/api/occupation/batch-tomar", tag_spools=list(tags), operacion="ARM", **MR)

    status, body = batch("TEST-01", "NADA", "TEST-02")
    assert (status, body["total"], body["succeeded"], body["failed"]) == (200, 3, 2, 1)
    assert [one["success"] for one in body["details"]] == [True, False, True]
    assert batch("TEST-03", "TEST-03")[0] == 422
    assert batch(*[f"X{i}" for i in range(51)])[0] == 422


def test_the_lists_follow_the_state(service: Service) -> None:
    def tags(path: str, **query: Any) -> list[str]:
        status, body = service.get(path, **query)
        assert (status, body["total"]) == (200, len(body["spools"]))
        return [spool["tag_spool"] for spool in body["spools"]]

    assert "TEST-01" in tags("/api/spools/iniciar", operacion="ARM")
    service.occupation("tomar", "TEST-01")
    assert "TEST-01" not in tags("/api/spools/iniciar", operacion="ARM")
    assert tags("/api/spools/completar", operacion="ARM", worker_nombre="MR(93)") == ["TEST-01"]
    assert tags("/api/spools/cancelar", operacion="ARM", worker_id=93) == ["TEST-01"]
    assert [row["tag_spool"] for row in service.get("/api/dashboard/occupied")[1]] == ["TEST-01"]
    assert tags("/api/spools/reparacion") == ["REPARAR-01"]
    assert service.get("/api/spools/iniciar", operacion="NADA")[0] in (400, 422)


def test_workers_are_the_active_ones_with_initials(service: Service) -> None:
    _, body = service.get("/api/workers")
    assert [worker["nombre_completo"] for worker in body["workers"]] == ["MR(93)", "JP(94)", "CP(95)", "MG(96)"]
    assert body["total"] == 4


def test_metrologia_is_done_at_once(service: Service) -> None:
    refused = 409 if service.workshop.scenario.conflicts_are_409 else 400

    def inspect(tag: str, resultado: str = "RECHAZADO") -> tuple[int, dict[str, Any]]:
        return service.post("/api/metrologia/completar", tag_spool=tag, worker_id=96, resultado=resultado)

    assert inspect("TEST-01")[0] == refused
    assert inspect("METRO-01") == (
        200,
        {
            "success": True,
            "tag_spool": "METRO-01",
            "resultado": "RECHAZADO",
            "estado_detalle": "RECHAZADO (Ciclo 1/3) - Pendiente reparación",
            "message": "Metrología RECHAZADO para spool METRO-01",
        },
    )
    status, body = inspect("METRO-01")
    assert (status, body["success"], body["error"], body["data"]) == (refused, False, "OPERACION_NO_PERMITIDA", None)
    assert inspect("NADA")[0] == 404


def test_actions_and_repairs(service: Service) -> None:
    refused = 409 if service.workshop.scenario.conflicts_are_409 else 400

    def act(path: str, tag: str, worker: int = 93) -> int:
        return service.post(f"/api/{path}", tag_spool=tag, worker_id=worker, operacion="ARM")[0]

    assert [act("completar-accion", "TEST-01"), act("iniciar-accion", "TEST-01")] == [refused, 200]
    assert [act("completar-accion", "TEST-01", 94), act("completar-accion", "TEST-01")] == [403, 200]
    assert [act("iniciar-accion", "NADA"), act("iniciar-accion", "TEST-02", 1)] == [404, 404]
    assert [act("iniciar-accion", "TEST-02"), act("cancelar-accion", "TEST-02")] == [200, 200]
    assert [act("pausar-reparacion", "REPARAR-01"), act("tomar-reparacion", "REPARAR-01")] == [refused, 200]
    assert [act("completar-reparacion", "REPARAR-01", 94), act("pausar-reparacion", "REPARAR-01")] == [403, 200]
    assert [act("tomar-reparacion", "REPARAR-01"), act("completar-reparacion", "REPARAR-01")] == [200, 200]
    many = {"tag_spools": ["TEST-03", "NADA"], "worker_id": 93, "operacion": "ARM"}
    status, body = service.post("/api/iniciar-accion-batch", **many)
    assert (status, body["exitosos"], body["fallidos"]) == (200, 1, 1)


def test_a_get_that_changes_state(service: Service) -> None:
    assert [service.get("/api/health/clear-cache")[1]["clears"] for _ in range(2)] == [1, 2]


@pytest.mark.parametrize(
    "change",
    [
        {"worker_id": "93"},
        {"worker_id": True},
        {"worker_id": 0},
        {"worker_id": 93.5},
        {"worker_id": None},
        {"tag_spool": ""},
        {"tag_spool": "\ud800"},
        {"operacion": "PINTURA"},
        {"fecha_operacion": 0},
        {"fecha_operacion": "2026-02-02T00:00:00"},
        {"fecha_operacion": "2026-02-30"},
        {"resultado": "QUIZAS"},
    ],
    ids=str,
)
def test_mended_what_the_schema_forbids_is_refused(healthy: Service, change: dict[str, Any]) -> None:
    body = {"tag_spool": "TEST-01", "operacion": "ARM", **MR, **DATE, **change}
    response = healthy.client.post(
        "/api/occupation/completar", content=json.dumps(body), headers={"Content-Type": "application/json"}
    )
    assert response.status_code == 422
    jsonschema.validate(
        response.json(),
        {"$ref": "#/components/schemas/HTTPValidationError", "components": healthy.document["components"]},
    )


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"\xff", 400),
        (b'{"worker_id": ' + b"9" * 5000 + b"}", 400),
        (b"[" * 100_000, 400),
        (b"{", 422),
        (b"", 422),
    ],
    ids=["not UTF-8", "5,000 digits", "deep", "cut", "empty"],
)
def test_mended_a_body_that_cannot_be_read_is_told_as_documented(healthy: Service, content: bytes, status: int) -> None:
    response = healthy.client.post(
        "/api/occupation/tomar", content=content, headers={"Content-Type": "application/json"}
    )
    assert response.status_code == status


@pytest.mark.parametrize("tag", ["%00", "%C3%B1%F0%9F%98%80", "a%2Fb", "%FF", "..%2f", "x/", "%20"])
def test_mended_odd_paths_get_a_documented_404(healthy: Service, tag: str) -> None:
    response = healthy.client.get(f"/api/history/{tag}")
    assert response.status_code == 404
    assert set(response.json()) == {"detail"}
