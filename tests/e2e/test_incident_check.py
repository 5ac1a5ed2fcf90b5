"""`check` on the day of the incident: what it says while Redis is out, and when it is back.

Exit 3 as long as the outage lasts, with what needs no service told all the same; then exit 1, with the bug behind it.
"""

from __future__ import annotations

import json
import shutil
import time
import urllib.request
from pathlib import Path

import pytest

pytest.importorskip("fastapi", reason="needs the extra: demo")

from tests.e2e.test_incident import redis_server
from zeues_contracts.cli import run
from zeues_contracts.standin import scenes
from zeues_contracts.standin.server import hold_streams, running_standin

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.redis,
    pytest.mark.skipif(shutil.which("redis-server") is None, reason="needs a redis-server on PATH"),
]

DATA = Path(scenes.__file__).parent / "data" / "incident"
COMPLETAR = "POST /api/occupation/completar"
TESTS = (
    "test_1_flujo_arm", "test_2_carrera", "test_3_pausar_sin_tomar", "test_4_spool_desconocido",
    "test_5_historial", "test_6_salud", "test_7_flujo_sold", "test_8_metrologia",
)  # fmt: skip


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A repository as it was that morning: the snapshot and the suite's contract."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "snapshots").mkdir()
    (tmp_path / "contracts").mkdir()
    shutil.copy(DATA / "snapshot.json", tmp_path / "snapshots" / "zeues.json")
    shutil.copy(DATA / "contracts" / "e2e-suite.yaml", tmp_path / "contracts" / "e2e-suite.yaml")
    return tmp_path


def checked(project, capsys, url, *more):
    (project / "zeues-contracts.toml").write_text(f'[services.zeues]\nurl = "{url}"\n')
    capsys.readouterr()
    code = run(["check", "--format", "json", *more])
    return code, json.loads(capsys.readouterr().out)


def rules(report, cause):
    return {one["rule"] for one in report["findings"] if one["cause"] == cause and one["level"] == "error"}


def layers(report):
    return {one["test"]: [layer["cause"] for layer in one["layers"]] for one in report["forecast"]}


def check_outage(code, report, words):
    assert code == 3
    assert "Redis" in report["cannot_judge"]
    assert "ZC511" in rules(report, "outage"), "health is not honest"
    assert any("/api/health" in one["message"] for one in report["findings"] if one["rule"] == "ZC511")
    assert words in json.dumps([one for one in report["findings"] if one["cause"] == "outage"])
    # What needs no service is told all the same, and nothing is claimed of the service.
    messages = [one["message"] for one in report["findings"] if one["cause"] == "mismatch"]
    assert any("`fecha_operacion`" in one for one in messages)
    assert any("`history`" in one for one in messages)
    unread = [one for one in report["findings"] if one["operations"] == [COMPLETAR] and "`operacion`" in one["message"]]
    assert [one["cause"] for one in unread] == ["mismatch"], "what is sent and not declared"
    assert rules(report, "violation") == set()
    assert rules(report, "drift") == set()
    # Row by row the causes of the facts sheet.
    both, rows = ["outage", "mismatch"], layers(report)
    assert [rows[one] for one in TESTS[:4]] == [both, ["outage"], [], []]
    assert [rows[one] for one in TESTS[4:]] == [["mismatch"], ["outage"], both, ["mismatch"]]
    wrong = {one["test"]: one["wrong_reason"] for one in report["forecast"] if one["wrong_reason"]}
    assert list(wrong) == ["test_3_pausar_sin_tomar"]
    assert "was an outage" in wrong["test_3_pausar_sin_tomar"]
    assert [one["test"] for one in report["forecast"] if one["passes"]] == [TESTS[2], TESTS[3], TESTS[5]]
    assert "now 3 of 8; with Redis back 4; with the requests mended too 8" in json.dumps(report)


def wait_until_back(url):
    for _ in range(200):
        with urllib.request.urlopen(f"{url}/api/redis-health", timeout=5) as answer:
            if json.load(answer)["operational"]:
                return
        time.sleep(0.05)
    pytest.fail("Redis did not come back")


def check_back(code, report):
    assert code == 1
    assert report["cannot_judge"] == ""
    (bug,) = [one for one in report["findings"] if one["rule"] == "ZC401"]
    assert bug["operations"] == [COMPLETAR]
    assert "'CompletarRequest' object has no attribute 'operacion'" in bug["message"]
    assert rules(report, "outage") == set()
    assert layers(report)["test_1_flujo_arm"] == ["mismatch", "violation"]
    assert "now 3 of 8; with the requests mended 4; with the service's bugs mended too 7" in json.dumps(report)


def test_the_pool_is_exhausted_and_comes_back(project, tmp_path, capsys):
    with redis_server(tmp_path) as redis, running_standin("incident", redis_url=redis) as service:
        streams = hold_streams(service.url, 50)
        check_outage(*checked(project, capsys, service.url), "Too many connections")
        streams.release()
        wait_until_back(service.url)
        check_back(*checked(project, capsys, service.url, "--seconds", "8"))


def test_the_server_is_at_its_maxclients(project, tmp_path, capsys):
    with (
        redis_server(tmp_path, "--maxclients", "12") as redis,
        running_standin("incident", redis_url=redis) as service,
    ):
        streams = hold_streams(service.url, 20)
        check_outage(*checked(project, capsys, service.url), "max number of clients reached")
        streams.release()


def test_a_healthy_service_with_a_mended_suite_has_nothing_to_hide(project, tmp_path, capsys):
    shutil.copy(DATA.parent / "healthy" / "snapshot.json", project / "snapshots" / "zeues.json")
    shutil.copy(DATA.parent / "healthy" / "contracts" / "e2e-suite.yaml", project / "contracts" / "e2e-suite.yaml")
    with redis_server(tmp_path) as redis, running_standin("healthy", redis_url=redis) as service:
        code, report = checked(project, capsys, service.url, "--seconds", "6")
    assert (code, report["cannot_judge"]) == (0, "")
    assert all(one["level"] != "error" for one in report["findings"])
    assert all(one["passes"] for one in report["forecast"])


def test_half_mended_it_writes_and_then_fails(project, tmp_path, capsys):
    shutil.copy(DATA.parent / "healthy" / "contracts" / "e2e-suite.yaml", project / "contracts" / "e2e-suite.yaml")
    with redis_server(tmp_path) as redis, running_standin("half-mended", redis_url=redis) as service:
        code, report = checked(project, capsys, service.url, "--only", "health,contracts,replay")
    assert code == 1
    bugs = [one for one in report["findings"] if one["rule"] == "ZC401"]
    assert bugs
    assert all("completado" in one["message"] for one in bugs)
    assert rules(report, "outage") == set()
