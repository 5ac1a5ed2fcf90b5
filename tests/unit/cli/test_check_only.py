"""``check --only``: several stages in either spelling, and no pass for what could not be judged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.check.test_pipeline import DOCUMENT, project, service
from zeues_contracts.check import check
from zeues_contracts.cli import run
from zeues_contracts.findings import StageStatus


def ran(capsys: Any, *arguments: str) -> tuple[int, dict[str, str]]:
    capsys.readouterr()
    code = run(["check", "--format", "json", *arguments])
    report = json.loads(capsys.readouterr().out)
    return code, {one["name"]: one["status"] for one in report["stages"]}


@pytest.mark.parametrize(
    "spelling",
    [("--only", "drift,contracts"), ("--only", "drift", "--only", "contracts"), ("--only", "drift, ,contracts")],
    ids=["commas", "repeated", "blanks"],
)
def test_several_stages(tmp_path: Path, capsys: Any, spelling: tuple[str, ...], monkeypatch: Any) -> None:
    project(tmp_path)
    monkeypatch.chdir(tmp_path)
    code, stages = ran(capsys, *spelling)
    assert code == 0
    assert list(stages) == ["document", "drift", "contracts"]


def test_a_misspelt_one_among_several_is_refused(tmp_path: Path, capsys: Any, monkeypatch: Any) -> None:
    project(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert run(["check", "--only", "drift", "--only", "fuz"]) == 2
    assert "fuz" in capsys.readouterr().err


def test_fuzzing_without_a_request_is_no_pass(tmp_path: Path) -> None:
    excluded = 'fuzz = { exclude = ["GET /items/{id}", "GET /health"] }\n'
    with service(DOCUMENT, {"/health": (200, {"status": "ok"}), "/items/7": (200, {"id": 7, "name": "x"})}) as url:
        config = project(tmp_path, url=url, more=excluded)
        alone = check(config, only=("fuzz",))
        among = check(config, only=("fuzz", "drift"))
    assert alone.exit_code() == 3
    assert "fuzz: every operation is excluded" in alone.cannot_judge
    # What else was asked for was judged.
    assert among.exit_code() == 0


@pytest.mark.parametrize("stage", ["health", "replay", "fuzz"])
def test_a_stage_that_needs_a_service_is_no_pass_without_one(tmp_path: Path, stage: str) -> None:
    report = check(project(tmp_path), only=(stage,))
    assert report.exit_code() == 3
    assert "no running service" in report.cannot_judge


def test_a_stage_that_has_nothing_to_do_passes(tmp_path: Path) -> None:
    report = check(project(tmp_path, contract=""), only=("contracts",))
    assert [one.status for one in report.stages if one.name == "contracts"] == [StageStatus.SKIPPED]
    assert report.exit_code() == 0
