"""The pytest plugin in runs of its own: causes in the summary and in JUnit, the gate, recording, xdist."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

pytest.importorskip("fastapi", reason="needs the extra: demo")
pytest.importorskip("requests")

from zeues_contracts.consumers.reading import read_contract
from zeues_contracts.standin import scenes
from zeues_contracts.standin.server import hold_streams, running_standin

pytestmark = pytest.mark.e2e

DATA = Path(scenes.__file__).parent / "data" / "incident"
PLUGIN = "zeues_contracts.pytest_plugin"
TESTS = """\
import os
import pytest
import requests

BASE = os.environ["BASE"]
WHO = {"worker_id": 93, "worker_nombre": "MR(93)"}


def post(path, **body):
    return requests.post(BASE + path, json={**body, **WHO}, timeout=10)


def test_takes():
    r = post("/api/occupation/tomar", tag_spool="TEST-01", operacion="ARM")
    assert r.status_code == 200


def test_completes():
    r = post("/api/occupation/completar", tag_spool="TEST-01", operacion="ARM")
    assert r.status_code == 200


def test_history():
    r = requests.get(BASE + "/api/history/TEST-01", timeout=10)
    assert r.status_code == 200
    assert "history" in r.json()


def test_refused():
    assert post("/api/occupation/pausar", tag_spool="TEST-03", operacion="ARM").status_code != 200


def test_of_its_own():
    assert requests.get(BASE + "/api/health", timeout=10).status_code == 200
    assert 1 + 1 == 3


@pytest.mark.xfail(reason="known")
def test_known():
    assert post("/api/occupation/completar", tag_spool="TEST-01", operacion="ARM").status_code == 200


def test_good():
    assert requests.get(BASE + "/api/workers", timeout=10).json()["workers"]
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "snapshots").mkdir()
    shutil.copy(DATA / "snapshot.json", tmp_path / "snapshots" / "zeues.json")
    (tmp_path / "contracts").mkdir()
    (tmp_path / "zeues-contracts.toml").write_text("[services.zeues]\n")
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = -p no:cacheprovider\n")
    (tmp_path / "test_shop.py").write_text(TESTS)
    return tmp_path


def run(folder: Path, url: str, *options: str) -> tuple[int, str]:
    words = [sys.executable, "-m", "pytest", "-q", "-p", PLUGIN, "-p", "no:randomly", *options]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "ZEUES_"))}
    ended = subprocess.run(
        words, cwd=folder, env={**environment, "BASE": url}, capture_output=True, text=True, timeout=120, check=False
    )
    return ended.returncode, ended.stdout + ended.stderr


def lines_of(output: str) -> dict[str, str]:
    """The lines of the summary by test."""
    section = output.partition("= contracts =")[2]
    found = {}
    for line in section.splitlines()[1:]:
        if line.startswith("="):
            break
        word, _, rest = line.partition(" test_shop.py::")
        if word in ("FAILED", "PASSED"):
            name, _, text = rest.partition(" for the wrong reason: " if word == "PASSED" else ": ")
            found[name] = text
    return found


def test_each_failure_has_its_cause_and_none_becomes_a_pass(project):
    with running_standin("incident") as service:
        streams = hold_streams(service.url, 50)
        code, output = run(project, service.url, "--contracts", "--junit-xml", "junit.xml")
        streams.release()
        bare_code, bare = run(project, service.url)
    assert code == bare_code == 1
    assert "4 failed, 2 passed, 1 xfailed" in output, output
    told = lines_of(output)
    assert told["test_takes"].startswith("outage: Redis is out")
    assert told["test_completes"].startswith("mismatch: ")
    assert "fecha_operacion" in told["test_completes"]
    assert told["test_history"].startswith("mismatch: ")
    assert "ZC341" in output
    assert "ZC450" not in output, "that it came so is not told besides why"
    assert "Too many connections" in told["test_refused"], "it passes for the wrong reason"
    assert told["test_of_its_own"].startswith("no cause outside of the test")
    assert set(told) == {"test_takes", "test_completes", "test_history", "test_refused", "test_of_its_own"}
    assert "contracts" not in bare.partition("short test summary")[0]
    cases = {case.get("name"): case for case in ET.parse(project / "junit.xml").getroot().iter("testcase")}
    properties = {
        name: {one.get("name"): one.get("value") for one in case.iter("property")} for name, case in cases.items()
    }
    assert properties["test_takes"]["contracts_cause"] == "outage"
    assert properties["test_completes"]["contracts_cause"] == "mismatch"
    assert properties["test_of_its_own"]["contracts_cause"] == "none"
    assert "contracts_cause" not in properties["test_good"]


def test_a_bug_of_the_service_is_a_violation(project):
    (project / "test_shop.py").write_text(
        TESTS.partition("def test_takes")[0]
        + """
def test_completes():
    assert post("/api/occupation/tomar", tag_spool="TEST-01", operacion="ARM").status_code == 200
    r = post("/api/occupation/completar", tag_spool="TEST-01", operacion="ARM", fecha_operacion="2026-02-02")
    assert r.status_code == 200
"""
    )
    with running_standin("incident") as service:
        code, output = run(project, service.url, "--contracts")
    assert code == 1
    assert lines_of(output)["test_completes"].startswith("violation: ")
    assert "has no attribute 'operacion'" in output


def test_the_gate_fails_tests_whose_contract_does_not_fit_before_they_run(project):
    recorded = "\n".join(
        [
            "version: 1",
            "consumer: shop",
            "service: zeues",
            "interactions:",
            "  - id: completes",
            "    test: test_shop.py::test_completes",
            "    operation: POST /api/occupation/completar",
            "    request:",
            "      body: {tag_spool: TEST-01, operacion: ARM, worker_id: 93, worker_nombre: MR(93)}",
            "    expect: {status: 200}",
            "",
        ]
    )
    (project / "contracts" / "shop.yaml").write_text(recorded)
    with running_standin("healthy") as service:  # where it would pass
        code, output = run(project, service.url, "--contracts-gate", "-k", "completes or good", "-rf")
    assert code == 1
    assert "1 failed, 1 passed" in output
    assert "failed by contract: ZC" in output
    assert "fecha_operacion" in output
    code, output = run(project, "http://127.0.0.1:1", "--contracts-gate", "-k", "completes")
    assert "1 failed" in output
    assert "Connection refused" not in output, "it is never run"


def test_recording_writes_the_contract_under_xdist_too(project):
    pytest.importorskip("xdist")
    for number, options in enumerate(((), ("-n", "2"))):
        with running_standin("incident") as service:
            code, output = run(project, service.url, "--contracts=record", "--contracts-consumer", "shop", *options)
        assert code == 1
        contract = read_contract(project / "contracts" / "shop.yaml")
        tests = {one.test for one in contract.interactions}
        assert tests == {
            f"test_shop.py::test_{name}"
            for name in ("takes", "completes", "history", "refused", "of_its_own", "known", "good")
        }
        assert ("unchanged" if number else "written") in output, output
    history = next(one for one in contract.interactions if one.test.endswith("history"))
    assert history.expect.body.schema["required"] == ["history"]


def test_causes_are_told_under_xdist(project):
    pytest.importorskip("xdist")
    with running_standin("incident") as service:
        code, output = run(project, service.url, "--contracts", "-n", "2")
    assert code == 1
    assert lines_of(output)["test_history"].startswith("mismatch: ")


def test_the_configuration_turns_it_on(project):
    with (project / "pytest.ini").open("a") as file:
        file.write("contracts = check\n")
    with running_standin("incident") as service:
        _, output = run(project, service.url, "-k", "history")
    assert lines_of(output)["test_history"].startswith("mismatch: ")


def test_what_cannot_be_used_is_said_in_a_line(project):
    (project / "snapshots" / "zeues.json").unlink()
    code, output = run(project, "http://127.0.0.1:1", "--contracts")
    assert code == 4
    assert "there is no document to check against" in output
    assert "Traceback" not in output


def test_a_bare_flag_means_check_and_says_so_before_a_path(project):
    with running_standin("incident") as service:
        _, output = run(project, service.url, "test_shop.py", "-k", "history", "--contracts")
        assert lines_of(output)["test_history"].startswith("mismatch: ")
        code, output = run(project, service.url, "--contracts", "test_shop.py")
    assert code == 4
    assert "before a path write --contracts=check" in output


def test_it_costs_nothing_when_it_is_off(project):
    (project / "test_shop.py").write_text(
        "import sys\n"
        "def test_off():\n"
        "    ours = sorted(one for one in sys.modules if one.startswith('zeues_contracts'))\n"
        "    assert ours == ['zeues_contracts', 'zeues_contracts.pytest_plugin'], ours\n"
    )
    code, output = run(project, "http://127.0.0.1:1")
    assert code == 0, output
