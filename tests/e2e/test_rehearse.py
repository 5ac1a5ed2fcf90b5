"""The suite of the day, rehearsed: its wrong requests and expectations are named with no service, Redis or network."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("requests")

from zeues_contracts.cli import run
from zeues_contracts.standin import scenes

pytestmark = pytest.mark.e2e

SUITE = Path(__file__).parent / "suite"
DATA = Path(scenes.__file__).parent / "data"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """A folder with a configuration of its own: none above it counts."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "zeues-contracts.toml").write_text("")


def rehearsed(capsys, scene, script, *more):
    """Exit code and findings of a rehearsal."""
    snapshot = DATA / scene / "snapshot.json"
    command = [sys.executable, str(SUITE / script), "{url}"]
    code = run(["rehearse", "--document", str(snapshot), "--format", "json", *more, "--", *command])
    captured = capsys.readouterr()
    return code, json.loads(captured.out), captured.err


def by_rule(report, code):
    return [one for one in report["findings"] if one["rule"] == code]


def test_the_suite_of_the_day(capsys):
    code, report, shown = rehearsed(capsys, "incident", "zeues_suite.py")

    assert code == 1
    assert "0 of 8 passed" in shown, "what the command prints is passed on"
    (lacking,) = by_rule(report, "ZC380")
    assert lacking["operations"] == ["POST /api/occupation/completar"]
    assert lacking["message"] == "the body lacks fecha_operacion, which is required"
    assert [hit["interaction"] for hit in lacking["hits"]] == [
        "test_1_flujo_arm",
        "test_7_flujo_sold",
        "test_8_metrologia",
    ]
    assert lacking["place"]["pointer"] == "/components/schemas/CompletarRequest"
    assert lacking["place"]["line"]
    ignored = by_rule(report, "ZC382")
    assert [one["message"].split(" ")[0] for one in ignored] == ["body.operacion", "body.resultado"]

    # What its tests wait for and the document does not promise.
    def hit(code):
        return {one["hits"][0]["interaction"]: one for one in by_rule(report, code)}

    assert "`history`" in hit("ZC340")["test_5_historial"]["message"]
    undocumented = hit("ZC331")
    assert "404" in undocumented["test_4_spool_desconocido"]["message"]
    assert "409" in undocumented["test_2_carrera"]["message"]
    assert {one["level"] for one in undocumented.values()} == {"error"}, "the tests failed on it"
    assert set(hit("ZC385")) == {"test_3_pausar_sin_tomar", "test_6_salud"}
    assert not by_rule(report, "ZC381")


def test_the_mended_suite_fits_the_healthy_service(capsys):
    """The documented 409, 404 and 400 that its tests wait for are given in a second run."""
    code, report, shown = rehearsed(capsys, "healthy", "zeues_suite_mended.py")
    assert "7 of 8 passed" in shown
    assert [one["test"] for one in report["forecast"] if not one["passes"]] == ["test_7_flujo_sold"]
    (left,) = [one for one in report["findings"] if one["level"] != "info"]
    assert (code, left["rule"]) == (1, "ZC385")
    assert left["hits"][0]["interaction"] == "test_7_flujo_sold", "it looks for SOLD-01 in a list of the mock's own"


def test_the_mended_suite_still_sends_what_the_document_of_the_day_lacks(capsys):
    _, report, _ = rehearsed(capsys, "incident", "zeues_suite_mended.py")
    assert not by_rule(report, "ZC380")
    assert [one["message"].split(" ")[0] for one in by_rule(report, "ZC382")] == ["body.operacion", "body.resultado"]


def test_two_runs_say_the_same(capsys):
    def told():
        _, report, _ = rehearsed(capsys, "incident", "zeues_suite.py", "--seed", "3")
        return report["findings"]

    assert told() == told()


def test_the_snapshot_is_what_a_configured_service_is_rehearsed_against(tmp_path, capsys):
    (tmp_path / "snapshots").mkdir()
    (tmp_path / "snapshots" / "zeues.json").write_bytes((DATA / "incident" / "snapshot.json").read_bytes())
    (tmp_path / "zeues-contracts.toml").write_text('[services.zeues]\nurl = "http://127.0.0.1:9/"\n')
    command = [sys.executable, str(SUITE / "zeues_suite.py")]
    assert run(["rehearse", "zeues", "--url-env", "ZEUES_URL", "--no-show", "--", *command]) == 1
    captured = capsys.readouterr()
    assert "the body lacks fecha_operacion" in captured.out
    assert "13 requests to 5 of 31 operations" in captured.out
    assert captured.err == ""


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["rehearse"], 2, "no command to rehearse"),
        (["rehearse", "--"], 2, "no command to rehearse"),
        (["rehearse", "--document", "DOCUMENT", "--url-env", "a b", "--", "true"], 2, "no name of a variable"),
        (["rehearse", "--document", "DOCUMENT", "--", "/nowhere/at-all"], 2, "cannot be run"),
        (["rehearse", "--", "true"], 2, "no service is configured"),
    ],
)
def test_mistakes_are_one_line(arguments, code, said, capsys):
    given = [str(DATA / "healthy" / "snapshot.json") if one == "DOCUMENT" else one for one in arguments]
    assert run(given) == code
    assert said in capsys.readouterr().err


def test_a_command_that_sends_nothing_cannot_be_judged(capsys):
    arguments = ["rehearse", "--document", str(DATA / "healthy" / "snapshot.json"), "--", sys.executable, "-c", "pass"]
    assert run(arguments) == 3
    assert "sent nothing to the mock" in capsys.readouterr().out


def test_the_installed_command(tmp_path):
    """As a user runs it, every format with it."""
    command = [sys.executable, "-m", "zeues_contracts", "rehearse", "--document", str(DATA / "incident/snapshot.json")]
    outputs = [one for name in ("a.json", "a.xml", "a.sarif", "a.md", "a.html") for one in ("-o", str(tmp_path / name))]
    done = subprocess.run(
        [*command, *outputs, "--", sys.executable, str(SUITE / "zeues_suite.py"), "{url}"],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    for name in ("a.json", "a.xml", "a.sarif", "a.md", "a.html"):
        assert "fecha_operacion" in (tmp_path / name).read_text("utf-8")
