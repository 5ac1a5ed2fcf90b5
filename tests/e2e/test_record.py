"""``contracts record`` on the suite of the day, unchanged: its contract, and what the static check says of it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

pytest.importorskip("fastapi", reason="needs the extra: demo")
pytest.importorskip("requests")

from zeues_contracts.consumers.reading import read_contract
from zeues_contracts.standin import scenes
from zeues_contracts.standin.server import running_standin

pytestmark = pytest.mark.e2e

SUITE = Path(__file__).parent / "suite"
DAY, MENDED = SUITE / "zeues_suite.py", SUITE / "zeues_suite_mended.py"
SNAPSHOT = Path(scenes.__file__).parent / "data" / "incident" / "snapshot.json"


def record(folder: Path, *command: str, options: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-m", "zeues_contracts", "contracts", "record", *options, "--", *command]
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """The day's suite recorded against a healthy service: the folder, what was printed, what it prints without."""
    folder = tmp_path_factory.mktemp("recorded")
    before = DAY.read_bytes()
    with running_standin("incident") as service:
        bare = subprocess.run([sys.executable, str(DAY), service.url], capture_output=True, text=True, check=False)
    with running_standin("incident") as service:
        options = ("--consumer", "e2e-suite", "--document", str(SNAPSHOT))
        ended = record(folder, sys.executable, str(DAY), service.url, options=options)
    assert DAY.read_bytes() == before
    return folder / "contracts" / "e2e-suite.yaml", ended, bare


def _timeless(line: str) -> str:
    """Without the times of an answer, which is cut after 200 characters."""
    return re.sub(r'_time":"[^"]*"?.*', "", line)


def test_the_command_runs_as_it_always_does(recorded):
    _, ended, bare = recorded
    assert ended.returncode == bare.returncode == 1
    assert [_timeless(line) for line in ended.stdout.splitlines()] == [
        _timeless(line) for line in bare.stdout.splitlines()
    ]
    assert ended.stdout.splitlines()[-1] == "3 of 8 passed"


def test_the_suite_becomes_a_contract_of_eight_tests(recorded):
    file, ended, _ = recorded
    assert "12 interactions of 8 tests" in ended.stderr
    contract = read_contract(file)
    told = [(one.test, one.operation, one.expect.statuses) for one in contract.interactions]
    assert told == [
        ("test_1_flujo_arm", "POST /api/occupation/tomar", ("200",)),
        ("test_1_flujo_arm", "POST /api/occupation/pausar", ("200",)),
        ("test_1_flujo_arm", "POST /api/occupation/tomar", ("200",)),
        ("test_1_flujo_arm", "POST /api/occupation/completar", ("200",)),
        ("test_2_carrera", "POST /api/occupation/tomar", ("200",)),
        ("test_3_pausar_sin_tomar", "POST /api/occupation/pausar", ("4XX", "5XX")),
        ("test_4_spool_desconocido", "POST /api/occupation/tomar", ("404",)),
        ("test_5_historial", "GET /api/history/{tag_spool}", ("200",)),
        ("test_6_salud", "GET /api/health", ("200",)),
        ("test_7_flujo_sold", "POST /api/occupation/tomar", ("200", "409", "500")),
        ("test_7_flujo_sold", "POST /api/occupation/completar", ("200",)),
        ("test_8_metrologia", "POST /api/occupation/completar", ("200",)),
    ]
    history = next(one for one in contract.interactions if one.test == "test_5_historial")
    kinds = history.expect.body.schema["anyOf"]
    assert {"type": "array"} in kinds, "it takes a list"
    assert any(one.get("required") == ["history"] for one in kinds), "or an object with `history`"
    assert history.request.path["tag_spool"].value == "TEST-01"
    last = contract.interactions[-1]
    assert last.request.body.value["resultado"] == "APROBADO"


def test_the_static_check_names_both_mismatches_of_the_day_and_operacion(recorded):
    from zeues_contracts.consumers import check_contracts
    from zeues_contracts.findings import Level
    from zeues_contracts.openapi import load

    contract = read_contract(recorded[0])
    findings = check_contracts([contract], load(str(SNAPSHOT)), service="zeues")
    tests = {one.id: one.test for one in contract.interactions}

    def hit(finding):
        return {tests[one.interaction] for one in finding.hits}

    grave = [one for one in findings if one.level is Level.ERROR]
    missing = [one for one in grave if "fecha_operacion" in one.message]
    assert missing
    assert set().union(*map(hit, missing)) == {"test_1_flujo_arm", "test_7_flujo_sold", "test_8_metrologia"}
    shape = [one for one in grave if "test_5_historial" in hit(one)]
    assert shape
    assert "sessions" in " ".join([one.message + one.hint + " ".join(one.evidence.details) for one in shape])
    undeclared = [one for one in findings if "operacion" in one.message and "completar" in one.operation]
    assert [one for one in undeclared if "fecha_operacion" not in one.message]


def test_a_second_recording_changes_nothing(recorded):
    file, *_ = recorded
    before = file.read_bytes()
    with running_standin("incident") as service:
        options = ("--consumer", "e2e-suite", "--document", str(SNAPSHOT))
        ended = record(file.parents[1], sys.executable, str(DAY), service.url, options=options)
    assert "unchanged" in ended.stderr
    assert file.read_bytes() == before


def test_the_mended_suite_is_merged_and_its_changes_are_told(recorded, tmp_path):
    (tmp_path / "contracts").mkdir()
    file = tmp_path / "contracts" / "e2e-suite.yaml"
    shutil.copy(recorded[0], file)
    known = {one.id for one in read_contract(file).interactions}
    with running_standin("healthy") as service:
        options = ("--consumer", "e2e-suite", "--document", str(SNAPSHOT))
        ended = record(tmp_path, sys.executable, str(MENDED), service.url, "TEST-02", options=options)
    assert ended.stdout.splitlines()[-1] == "8 of 8 passed"
    assert "fecha_operacion" in ended.stderr
    contract = read_contract(file)
    assert known <= {one.id for one in contract.interactions}
    dated = [one for one in contract.interactions if one.operation.endswith("completar")]
    assert dated
    written = yaml.safe_load(file.read_text("utf-8"))
    bodies = [one["request"]["body"] for one in written["interactions"] if one["operation"].endswith("completar")]
    assert {body["fecha_operacion"] for body in bodies} == {"$today"}
    waits = next(one for one in contract.interactions if "iniciar" in one.operation)
    assert waits.request.query["operacion"].value == "METROLOGIA"
    assert waits.expect.body.schema["properties"]["spools"]["items"]["required"] == ["tag_spool"]


def test_a_contract_is_only_described_with_dry_run(tmp_path):
    with running_standin("incident") as service:
        ended = record(tmp_path, sys.executable, str(DAY), service.url, options=("--dry-run",))
    assert "would be written" in ended.stderr
    assert not (tmp_path / "contracts").exists()


def test_nothing_recorded_is_said(tmp_path):
    ended = record(tmp_path, sys.executable, "-c", "print('hello')")
    assert (ended.returncode, ended.stdout) == (2, "hello\n")
    assert "no request was seen" in ended.stderr
    ended = record(tmp_path, "no-such-command-anywhere")
    assert ended.returncode == 2
    assert "cannot be run" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_contract_that_cannot_be_read_is_said_before_the_command_runs(tmp_path):
    (tmp_path / "contracts").mkdir()
    (tmp_path / "contracts" / "x.yaml").write_text("version: 1\nconsumer: x\ninteractions: 5\n")
    ended = record(tmp_path, sys.executable, "-c", "print('ran')", options=("--consumer", "x"))
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "contracts/x.yaml:3" in ended.stderr


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
def test_a_command_that_is_not_python_is_recorded_by_the_proxy(tmp_path):
    script = tmp_path / "calls.sh"
    script.write_text(
        "for tag in TEST-01 TEST-02 TEST-03; do\n"
        '  curl -s -H "Authorization: Bearer PLANTED-1" "$1/api/history/$tag?api_key=PLANTED-2" > /dev/null\n'
        "done\n"
        "curl -s -X POST -H 'content-type: application/json'"
        ' -d \'{"tag_spool": "TEST-01", "password": "PLANTED-3"}\' "$ZEUES_CONTRACTS_URL/api/occupation/tomar"\n'
    )
    with running_standin("incident") as service:
        options = ("--proxy", "--target", service.url, "--document", str(SNAPSHOT))
        ended = record(tmp_path, "sh", str(script), "{url}", options=options)
    assert ended.returncode == 0, ended.stderr
    assert '"fecha_operacion"' not in ended.stdout
    assert "operacion" in ended.stdout
    file = tmp_path / "contracts" / "calls.yaml"
    assert b"PLANTED" not in file.read_bytes().replace(script.read_bytes(), b"")
    contract = read_contract(file)
    history = [one for one in contract.interactions if one.operation == "GET /api/history/{tag_spool}"]
    assert [one.request.path["tag_spool"].value for one in history] == ["TEST-01", "TEST-02", "TEST-03"]
    for one in history:
        assert one.expect.body.schema["required"] == ["tag_spool", "sessions"], "what every answer had"
        assert one.expect.body.schema["properties"]["tag_spool"] == {"type": "string"}, "never one value"
    assert "PLANTED" not in ended.stderr
