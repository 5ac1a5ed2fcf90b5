"""``observe``: 2026-02-02 once more, and this time every test is told its cause."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fastapi", reason="needs the extra: demo")
pytest.importorskip("requests")

from zeues_contracts.standin import scenes
from zeues_contracts.standin.server import hold_streams, running_standin

pytestmark = pytest.mark.e2e

SUITE = Path(__file__).parent / "suite"
DAY, MENDED = SUITE / "zeues_suite.py", SUITE / "zeues_suite_mended.py"
DATA = Path(scenes.__file__).parent / "data" / "incident"


def project(folder: Path, url: str, *, contract: bool = True) -> Path:
    """A repository with the snapshot of the day, and with the suite's contract if it has one."""
    (folder / "snapshots").mkdir()
    shutil.copy(DATA / "snapshot.json", folder / "snapshots" / "zeues.json")
    (folder / "contracts").mkdir()
    if contract:
        shutil.copy(DATA / "contracts" / "e2e-suite.yaml", folder / "contracts" / "e2e-suite.yaml")
    (folder / "zeues-contracts.toml").write_text(f'[services.zeues]\nurl = "{url}"\n')
    return folder


def observe(folder: Path, script: Path, *arguments: str) -> tuple[int, dict[str, Any], str]:
    words = [sys.executable, "-m", "zeues_contracts", "observe", "-f", "json", "-o", "report.json"]
    words += ["--", sys.executable, str(script), *arguments]
    ended = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    report = folder / "report.json"
    assert report.is_file(), ended.stderr
    return ended.returncode, json.loads(report.read_text("utf-8")), ended.stdout + ended.stderr


def by_test(report: dict[str, Any]) -> dict[int, dict[str, Any]]:
    return {int(one["test"].split("_")[1]): one for one in report["forecast"]}


def causes(report: dict[str, Any]) -> dict[int, list[str | None]]:
    """For each test: the causes of the layers between it and passing, outermost first; empty for a pass."""
    return {number: [layer["cause"] for layer in one["layers"]] for number, one in by_test(report).items()}


def rules(report: dict[str, Any]) -> set[str]:
    return {one["rule"] for one in report["findings"]}


@pytest.mark.parametrize("contract", [True, False], ids=["with its contract", "without a contract"])
def test_during_the_incident_every_test_gets_its_cause(contract, tmp_path):
    with running_standin("incident") as service:
        streams = hold_streams(service.url, 50)
        assert (len(streams), streams.refused) == (50, 0)
        code, report, output = observe(project(tmp_path, service.url, contract=contract), DAY, service.url)
        streams.release()
    assert "3 of 8 passed" in output
    assert code == 3
    told = causes(report)
    # Test 6 passes, and its layer says that health is not honest; test 7 tolerates the outage and fails by itself.
    assert told == {
        1: ["outage", "mismatch"] if contract else ["outage"],
        2: ["outage"],
        3: [],
        4: [],
        5: ["mismatch"],
        6: ["outage"],
        7: ["outage", "mismatch"],
        8: ["mismatch"],
    }
    tests = by_test(report)
    assert [number for number, one in tests.items() if one["passes"]] == [3, 4, 6]
    assert [number for number, one in tests.items() if one["wrong_reason"]] == [3]
    assert "Too many connections" in tests[3]["wrong_reason"]
    assert "Redis" in tests[1]["layers"][0]["message"]
    assert "says healthy while Redis is out" in tests[6]["layers"][0]["message"]
    assert "Redis" in report["cannot_judge"]
    found = report["findings"]
    wrong = next(one for one in found if one["rule"] == "ZC520")
    assert "test_3_pausar_sin_tomar" in wrong["message"]
    dishonest = next(one for one in found if one["rule"] == "ZC511")
    assert "/api/health says healthy" in dishonest["message"]
    assert any("fecha_operacion" in one["message"] for one in found if one["cause"] == "mismatch")
    assert not [one for one in found if one["cause"] == "violation" and one["level"] == "error"]
    assert "now 3 of 8" in report["summary"]["forecast"]
    assert "wrong reason" in report["summary"]["forecast"]


@pytest.mark.redis
@pytest.mark.skipif(shutil.which("redis-server") is None, reason="needs a redis-server on PATH")
def test_a_real_redis_at_its_maxclients_is_the_same_outage(tmp_path):
    from tests.e2e.test_incident import redis_server

    data = tmp_path / "redis"
    data.mkdir()
    with redis_server(data, "--maxclients", "12") as redis, running_standin("incident", redis_url=redis) as service:
        streams = hold_streams(service.url, 20)
        code, report, output = observe(project(tmp_path, service.url), DAY, service.url)
        streams.release()
    assert "3 of 8 passed" in output
    assert code == 3
    told = {number: layers[:1] for number, layers in causes(report).items() if number != 6}
    assert told == {1: ["outage"], 2: ["outage"], 3: [], 4: [], 5: ["mismatch"], 7: ["outage"], 8: ["mismatch"]}
    assert [number for number, one in by_test(report).items() if one["wrong_reason"]] == [3]
    assert "max number of clients reached" in by_test(report)[1]["layers"][0]["message"]
    assert "ZC511" in rules(report)


def test_with_redis_healthy_the_same_count_has_other_causes(tmp_path):
    with running_standin("incident") as service:
        code, report, output = observe(project(tmp_path, service.url), DAY, service.url)
    assert "3 of 8 passed" in output
    assert code == 1
    told = causes(report)
    assert {number for number, layers in told.items() if layers[:1] == ["mismatch"]} == {1, 5, 7, 8}
    assert not [one for one in by_test(report).values() if one["wrong_reason"]]
    assert "ZC511" not in rules(report)


def test_with_the_tests_mended_the_bug_behind_is_a_violation(tmp_path):
    with running_standin("incident") as service:
        folder = project(tmp_path, service.url, contract=False)
        code, report, output = observe(folder, MENDED, service.url)
    assert "4 of 8 passed" in output
    assert code == 1
    told = causes(report)
    assert {number for number, layers in told.items() if layers[:1] == ["violation"]} == {1, 7, 8}
    bug = [one for one in report["findings"] if "has no attribute 'operacion'" in one["message"]]
    assert [(one["cause"], one["level"]) for one in bug] == [("violation", "error")]


def test_with_all_mended_nothing_stands_in_the_way(tmp_path):
    with running_standin("healthy") as service:
        folder = project(tmp_path, service.url, contract=False)
        shutil.copy(
            Path(scenes.__file__).parent / "data" / "healthy" / "snapshot.json", folder / "snapshots" / "zeues.json"
        )
        code, report, output = observe(folder, MENDED, service.url, "TEST-02")
    assert "8 of 8 passed" in output
    assert code == 0, output
    assert causes(report) == {number: [] for number in range(1, 9)}


def observe_command(folder: Path, options: list[str], *command: str) -> tuple[int, dict[str, Any], str]:
    words = [sys.executable, "-m", "zeues_contracts", "observe", "-f", "json", "-o", "report.json", *options]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    ended = subprocess.run(
        [*words, "--", *command], cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    report = folder / "report.json"
    return ended.returncode, json.loads(report.read_text("utf-8")) if report.is_file() else {}, ended.stderr


def test_pytests_own_word_goes_before_ours(tmp_path):
    (tmp_path / "test_shop.py").write_text(
        """
import os, requests
BASE = os.environ["BASE"]
def test_shown_only():
    print(requests.get(BASE + "/api/health", timeout=10).json())
def test_wrong_sum():
    assert requests.get(BASE + "/api/health", timeout=10).status_code == 200
    assert 1 + 1 == 3
def test_history():
    assert "history" in requests.get(BASE + "/api/history/TEST-01", timeout=10).json()
def test_no_request():
    raise RuntimeError("of its own")
"""
    )
    with running_standin("incident") as service:
        folder = project(tmp_path, service.url, contract=False)
        command = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_shop.py")
        code, report, _ = observe_command(folder, [], "env", f"BASE={service.url}", *command)
    told = {one["test"].rpartition("::")[2]: one for one in report["forecast"]}
    assert {name: one["passes"] for name, one in told.items()} == {
        "test_shown_only": True,
        "test_wrong_sum": False,
        "test_history": False,
        "test_no_request": False,
    }
    assert told["test_history"]["layers"][0]["cause"] == "mismatch"
    assert told["test_wrong_sum"]["layers"][0]["cause"] is None, "a real failure"
    assert "of its own" in told["test_no_request"]["layers"][0]["message"]
    assert code == 1


def test_a_failure_of_its_own_is_no_success_of_ours(tmp_path):
    (tmp_path / "test_own.py").write_text(
        """
import os, requests
def test_own():
    assert requests.get(os.environ["BASE"] + "/api/workers", timeout=10).status_code == 200
    assert 1 + 1 == 3
"""
    )
    with running_standin("healthy") as service:
        folder = project(tmp_path, service.url, contract=False)
        command = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_own.py")
        code, report, _ = observe_command(folder, [], "env", f"BASE={service.url}", *command)
        off, _, _ = observe_command(folder, ["--fail-level", "off"], "env", f"BASE={service.url}", *command)
    assert (code, off) == (1, 0)
    assert any("1 of 1 tests failed, though no finding" in note for note in report["notes"])


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
def test_a_command_that_is_not_python_is_observed_by_the_proxy(tmp_path):
    body = '{"tag_spool": "TEST-01", "operacion": "ARM", "worker_id": 93, "worker_nombre": "MR(93)"}'
    script = tmp_path / "calls.sh"
    script.write_text(
        f"curl -sf -X POST -H 'content-type: application/json' -d '{body}' \"$API/api/occupation/tomar\" || exit 1\n"
    )
    with running_standin("incident") as service:
        streams = hold_streams(service.url, 50)
        folder = project(tmp_path, service.url, contract=False)
        code, report, _ = observe_command(folder, ["--proxy", "--url-env", "API"], "sh", str(script))
        streams.release()
    assert code == 3
    (told,) = report["forecast"]
    assert (told["passes"], told["layers"][0]["cause"]) == (False, "outage")
    assert "the command ended with 1" in report["notes"]


def test_a_service_that_is_gone_is_an_outage_and_claims_nothing(tmp_path):
    with running_standin("incident") as service:
        url = service.url
    code, report, _ = observe(project(tmp_path, url), DAY, url)
    assert code == 3
    assert {one["cause"] for one in report["findings"] if one["level"] == "error"} <= {"outage", "mismatch"}
    assert all(layers[:1] in (["outage"], ["mismatch"]) for layers in causes(report).values() if layers)
    assert "ZC501" in rules(report)


def test_a_command_that_sends_nothing_cannot_be_judged(tmp_path):
    with running_standin("incident") as service:
        folder = project(tmp_path, service.url)
        code, report, error = observe_command(folder, [], sys.executable, "-c", "print(1)")
    assert (code, report) == (3, {})
    assert "no request was seen" in error


def test_a_command_that_does_not_end_is_stopped_and_what_it_did_is_judged(tmp_path):
    script = tmp_path / "endless.py"
    script.write_text(
        "import subprocess, sys, time, requests\n"
        "def test_it():\n"
        "    requests.get(sys.argv[1] + '/api/health', timeout=5)\n"
        "    subprocess.run([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "test_it()\n"
    )
    with running_standin("healthy") as service:
        project(tmp_path, service.url, contract=False)
        words = [sys.executable, "-m", "zeues_contracts", "observe", "--timeout", "2.5", "--"]
        began = time.monotonic()
        ended = subprocess.run(
            [*words, sys.executable, str(script), service.url],
            cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=50, check=False,
        )  # fmt: skip
    assert time.monotonic() - began < 30
    assert ended.returncode == 1, ended.stderr
    assert "the command was stopped: it did not end in 2.5 s (--timeout)" in ended.stdout
    assert "a defect of zeues-contracts" not in ended.stderr
