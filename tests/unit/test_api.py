"""The Python API says the same as the command line, and its examples run."""

from __future__ import annotations

import doctest
import json
from pathlib import Path
from typing import Any

import pytest

from zeues_contracts import api
from zeues_contracts.errors import UsageError
from zeues_contracts.findings import Level
from zeues_contracts.schema import Budget, Settings


def document(**schema: Any) -> dict[str, Any]:
    content = {"application/json": {"schema": schema}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "paths": {"/a": {"post": {"requestBody": {"content": content}, "responses": {"200": {"description": "ok"}}}}},
    }


def test_the_examples_of_the_documentation_run() -> None:
    assert doctest.testmod(api).failed == 0


def test_contains_answers_in_three_ways() -> None:
    assert api.contains({"const": 1}, {"type": "integer"}) == api.Containment(True)
    told = api.contains({"type": ["integer", "string"]}, {"type": "integer"})
    assert (told.holds, told.witness) == (False, "")
    assert told.reason
    lost = api.contains({"$ref": "#/nowhere"}, {"type": "integer"}, settings=Settings(budget=Budget(samples=1)))
    assert lost.holds is None
    assert "nowhere" in lost.reason


def test_diff_takes_mappings_files_and_both(tmp_path: Path) -> None:
    old, new = document(type="integer"), document(type="integer", minimum=1)
    file = tmp_path / "new.json"
    file.write_text(json.dumps(new))
    one, two = api.diff(old, new), api.diff(old, file)
    assert [finding.fingerprint for finding in one.findings] == [finding.fingerprint for finding in two.findings]
    assert one.bump == "major"
    assert [finding.level for finding in one.findings if finding.level.rank >= Level.WARNING.rank] == [Level.ERROR]
    assert api.diff(old, old).findings == ()


def test_check_of_a_document_without_a_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "openapi.json").write_text(json.dumps(document(type="integer")))
    report = api.check(document="openapi.json", only=["drift"])
    assert report.exit_code() == 0
    assert [stage.name for stage in report.stages] == ["document", "drift"]
    with pytest.raises(UsageError, match="no service is configured"):
        api.check()
    (tmp_path / "zeues-contracts.toml").write_text('[services.a]\ndocument = "openapi.json"\n')
    assert api.check("a", only=["drift"]).exit_code() == 0
    with pytest.raises(UsageError, match="no service 'b'"):
        api.check("b")
