"""Scenarios: the same code behind other flags, and documents that say so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fastapi", reason="needs the extra: demo")

from zeues_contracts.files import canonical_json
from zeues_contracts.standin import scenes
from zeues_contracts.standin.app import create_app
from zeues_contracts.standin.scenarios import SCENARIOS, mended, scenario
from zeues_contracts.standin.settings import Settings


def document(name: str) -> dict[str, Any]:
    return create_app(name, Settings()).openapi()


def operations(document: dict[str, Any]) -> set[str]:
    return {f"{method.upper()} {path}" for path, item in document["paths"].items() for method in item}


@pytest.mark.parametrize("name", [name for name in SCENARIOS if name != "drifted"])
def test_the_service_has_31_operations(name: str) -> None:
    assert len(operations(document(name))) == 31


def test_on_the_day_completar_declares_neither_operacion_nor_resultado() -> None:
    schemas = document("incident")["components"]["schemas"]
    body = schemas["CompletarRequest"]
    assert (
        set(body["properties"])
        == {"tag_spool", "worker_id", "worker_nombre", "fecha_operacion"}
        == set(body["required"])
    )
    assert "additionalProperties" not in body
    assert schemas["HistoryResponse"]["required"] == ["tag_spool"]
    later = document("half-mended")["components"]["schemas"]["CompletarRequest"]
    assert set(later["properties"]) - set(body["properties"]) == {"operacion", "resultado"}


def test_on_the_day_refusals_are_not_documented() -> None:
    paths = document("incident")["paths"]
    assert set(paths["/api/occupation/tomar"]["post"]["responses"]) == {"200", "422"}
    assert paths["/api/history/{tag_spool}"]["get"]["responses"]["404"] == {"description": "Spool not found"}
    for path in ("/api/health", "/api/redis-health", "/api/health/clear-cache", "/api/sse/stream"):
        assert paths[path]["get"]["responses"] == {
            "200": {"description": "Successful Response", "content": {"application/json": {"schema": {}}}}
        }


def test_mended_every_answer_is_documented_with_a_schema() -> None:
    paths = document("healthy")["paths"]
    for path, item in paths.items():
        for method, operation in item.items():
            for status, response in operation["responses"].items():
                (content,) = response["content"].values()
                assert content.get("schema") or content.get("itemSchema"), (method, path, status)
    assert list(paths["/api/sse/stream"]["get"]["responses"]["200"]["content"]) == ["text/event-stream"]
    assert {"403", "404", "409", "410", "503"} <= set(paths["/api/occupation/pausar"]["post"]["responses"])


def test_the_later_version_changes_what_it_says_it_changes() -> None:
    before, after = document("healthy"), document("drifted")
    old, new = before["components"]["schemas"], after["components"]["schemas"]
    assert operations(before) - operations(after) == {"GET /api/spools/reparacion"}
    assert operations(after) - operations(before) == {"POST /api/occupation/batch-pausar"}
    assert "turno" in new["CompletarRequest"]["required"]
    assert new["OccupationType"]["enum"] == ["ARM", "SOLD"]
    assert new["PausarRequest"]["properties"]["worker_id"]["maximum"] == 9999
    assert set(new["OccupationResponse"]["properties"]) == {"success", "tag_spool", "mensaje", "version"}
    assert new["OccupationSession"]["properties"]["worker_id"]["type"] == "string"
    assert old["HealthResponse"]["properties"]["status"]["const"] == "healthy"
    assert new["HealthResponse"]["properties"]["status"]["enum"] == ["healthy", "degraded"]
    assert "nota" in new["TomarRequest"]["properties"]
    assert "nota" not in new["TomarRequest"]["required"]
    (name,) = {p["name"] for p in after["paths"]["/api/spools/cancelar"]["get"]["parameters"]} - {
        p["name"] for p in before["paths"]["/api/spools/cancelar"]["get"]["parameters"]
    }
    assert name == "area"


def test_documents_of_two_apps_do_not_mix() -> None:
    first = document("incident")
    document("drifted")
    assert document("incident") == first


def test_flags_can_be_mended_one_by_one() -> None:
    half = mended(scenario("incident"), "declares_operacion")
    assert half.declares_operacion
    assert not half.completes_once
    with pytest.raises(KeyError, match="no flag 'drift'"):
        mended(scenario("incident"), "drift")
    with pytest.raises(KeyError, match="incident"):
        scenario("tomorrow")


def test_settings_come_from_the_environment() -> None:
    got = Settings.from_environment(
        {"REDIS_URL": "redis://x", "ZEUES_STANDIN_POOL": "3", "ZEUES_STANDIN_SHEETS_UP": "0"}
    )
    assert (got.redis_url, got.pool, got.sheets_up, got.stream_pool) == ("redis://x", 3, False, 50)
    with pytest.raises(ValueError, match="ZEUES_STANDIN_LOCK_TTL is not a number: 'soon'"):
        Settings.from_environment({"ZEUES_STANDIN_LOCK_TTL": "soon"})


@pytest.mark.parametrize("day", ["healthy", "incident"])
def test_the_snapshots_are_fresh(day: str) -> None:
    """Made anew by ``python -m zeues_contracts.standin --scenario DAY --document``."""
    kept = (Path(scenes.__file__).parent / "data" / day / "snapshot.json").read_bytes()
    assert kept == canonical_json(document(day))


@pytest.mark.parametrize("name", list(SCENARIOS))
def test_every_scenario_has_a_scene(name: str) -> None:
    config = scenes.scene(name, "http://127.0.0.1:1/docs")
    service = config.services[scenes.SERVICE]
    assert (Path(config.root) / service.snapshot).is_file()
    assert list(Path(config.root).glob(service.contracts[0]))
