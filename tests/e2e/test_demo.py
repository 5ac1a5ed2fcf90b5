"""What the demo shows of each day, run as a user runs it: the installed command, a real service, its exit code."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
import tempfile
from typing import Any

import pytest

pytest.importorskip("fastapi", reason="needs the extra: demo")

from zeues_contracts.standin.scenarios import Drift

pytestmark = pytest.mark.e2e

COMPLETAR, TOMAR = "POST /api/occupation/completar", "POST /api/occupation/tomar"


@functools.cache
def demo(*arguments: str) -> tuple[int, dict[str, Any]]:
    """The exit code and the JSON report of a demo."""
    environ = {key: value for key, value in os.environ.items() if key not in ("CI", "REDIS_URL")}
    command = [sys.executable, "-m", "zeues_contracts", "demo", "--seconds", "4", "--format", "json", *arguments]
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            command, capture_output=True, text=True, cwd=folder, env=environ, timeout=180, check=False
        )
    assert "Traceback" not in done.stderr
    return done.returncode, json.loads(done.stdout)


def found(report: dict[str, Any], cause: str, operation: str = "", level: str = "") -> list[dict[str, Any]]:
    return [
        one
        for one in report["findings"]
        if one["cause"] == cause and operation in ("", *one["operations"]) and level in ("", one["level"])
    ]


def about(findings: list[dict[str, Any]], *words: str) -> dict[str, Any]:
    """The one finding whose message has all of some words."""
    hits = [one for one in findings if all(word in one["message"] for word in words)]
    assert len(hits) == 1, (words, [one["message"] for one in findings])
    return hits[0]


def hit_by(finding: dict[str, Any]) -> set[str]:
    return {one["interaction"] for one in finding["hits"]}


def test_the_incident_names_what_the_suite_of_that_day_got_wrong() -> None:
    code, report = demo()
    assert code == 1
    lacks = about(found(report, "mismatch", COMPLETAR, "error"), "fecha_operacion")
    # The witness is the very body that the suite sends.
    sent = {"tag_spool": "TEST-01", "operacion": "ARM", "worker_id": 93, "worker_nombre": "MR(93)"}
    assert lacks["evidence"]["witness"]["value"] == sent
    assert hit_by(lacks) == {"arm-completar", "sold-completar", "metrologia-completar"}
    assert lacks["place"]["line"] is not None
    history = about(found(report, "mismatch", "GET /api/history/{tag_spool}", "error"), "sessions")
    assert "read `sessions`" in history["hint"]
    for name in ("operacion", "resultado"):
        assert about(found(report, "mismatch", COMPLETAR), f"`{name}`", "not declare")["level"] != "info"
    for status in ("404", "409"):
        assert about(found(report, "mismatch", TOMAR), status, "not document")["level"] != "info"
    assert not found(report, "drift")
    assert not found(report, "outage")


def test_the_bug_behind_the_mismatch_is_seen_before_the_suite_is_mended() -> None:
    _, report = demo()
    bug = about(
        found(report, "violation", COMPLETAR, "error"), "'CompletarRequest' object has no attribute 'operacion'"
    )
    assert hit_by(bug) >= {"arm-completar", "sold-completar", "metrologia-completar"}
    layers = {one["test"]: [layer["cause"] for layer in one["layers"]] for one in report["forecast"]}
    assert layers["test_8_metrologia"] == ["mismatch", "violation"]
    assert layers["test_5_historial"] == ["mismatch"]


def test_an_outage_is_called_one_and_what_needs_no_service_is_told_all_the_same() -> None:
    code, report = demo("--outage")
    assert code == 3
    assert "Redis" in report["cannot_judge"]
    outage = found(report, "outage", level="error")
    assert any("Too many connections" in one["message"] for one in outage)
    assert about(outage, "/api/health says healthy while Redis is out")
    assert not found(report, "violation", level="error")
    assert not found(report, "drift")
    told = {one["message"] for one in found(demo()[1], "mismatch", level="error")}
    assert {one["message"] for one in found(report, "mismatch", level="error")} == told
    by_test = {one["test"]: one for one in report["forecast"]}
    assert by_test["test_3_pausar_sin_tomar"]["passes"]
    assert by_test["test_3_pausar_sin_tomar"]["wrong_reason"]
    assert by_test["test_1_flujo_arm"]["layers"][0]["cause"] == "outage"


def test_the_healthy_service_has_nothing_to_answer_for() -> None:
    code, report = demo("--scenario", "healthy")
    assert code == 0
    assert [one for one in report["findings"] if one["level"] != "info"] == []
    assert all(one["passes"] for one in report["forecast"])
    assert {one["name"]: one["status"] for one in report["stages"]} == dict.fromkeys(
        ("document", "health", "drift", "contracts", "replay", "fuzz"), "ran"
    )


BREAKING = {
    "completar_needs_turno": (COMPLETAR, "turno"),
    "tomar_without_metrologia": (TOMAR, "METROLOGIA"),
    "worker_id_bounded": (TOMAR, "worker_id"),
    "message_is_mensaje": (COMPLETAR, "message"),
    "history_worker_id_is_text": ("GET /api/history/{tag_spool}", "worker_id"),
    "health_status_grows": ("GET /api/health", "status"),
    "occupied_is_a_page": ("GET /api/dashboard/occupied", "array became object"),
    "cancelar_needs_area": ("GET /api/spools/cancelar", "area"),
    "worker_name_may_be_null": ("GET /api/workers", "may be null"),
    "no_repair_list": ("GET /api/spools/reparacion", "was removed"),
}
COMPATIBLE = {"tomar_takes_nota", "occupation_tells_version", "workers_take_activo", "batch_pausar", "batch_takes_more"}


def test_the_tables_speak_of_every_change_of_the_drifted_scenario() -> None:
    assert set(BREAKING) | COMPATIBLE == set(Drift.__dataclass_fields__)


@pytest.mark.parametrize("change", list(BREAKING))
def test_each_breaking_change_is_named_with_a_witness(change: str) -> None:
    code, report = demo("--scenario", "drifted")
    assert code == 1
    operation, word = BREAKING[change]
    named = [one for one in found(report, "drift", operation) if word in one["message"] and one["level"] != "info"]
    assert named, [one["message"] for one in found(report, "drift", operation)]
    # An operation that is gone and a parameter that is new need no value to be proven.
    if change not in ("no_repair_list", "cancelar_needs_area"):
        assert any(one["evidence"]["witness"] is not None for one in named)


def test_breaking_changes_name_the_interactions_that_they_hit() -> None:
    _, report = demo("--scenario", "drifted")
    drift = found(report, "drift", level="error")
    turno = about([one for one in drift if COMPLETAR in one["operations"]], "turno")
    assert hit_by(turno) == {"arm-completar", "sold-completar", "metrologia-completar"}
    gone = about(drift, "GET /api/spools/reparacion", "was removed")
    assert hit_by(gone) == {"to-repair"}
    unused = [one for one in drift if not one["hits"]]
    assert unused
    for one in unused:
        assert any("none of the" in detail for detail in one["evidence"]["details"])


def test_compatible_changes_are_information() -> None:
    _, report = demo("--scenario", "drifted")
    for word in ("`nota`", "`version`", "activo", "batch-pausar"):
        named = [one for one in found(report, "drift") if word in one["message"]]
        assert named, word
        assert {one["level"] for one in named} == {"info"}
