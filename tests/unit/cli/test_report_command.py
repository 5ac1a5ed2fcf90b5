"""`report render` and `report merge`: what a run wrote comes out in every format, with the exit code it had."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.report.sample import DOWN, EMPTY, REPORT
from zeues_contracts.cli import run
from zeues_contracts.findings import Level, Report
from zeues_contracts.report import FORMATS, RenderOptions, render, report_from_json


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def _file(name: str, report: Report, level: Level = Level.ERROR) -> str:
    Path(name).write_text(render(report, "json", options=RenderOptions(fail_level=level)), "utf-8")
    return name


@pytest.mark.parametrize("format_", FORMATS)
def test_a_report_is_rendered_as_the_run_would_have(format_: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["report", "render", _file("a.json", REPORT), "--format", format_, "--no-color"]) == 1
    options = RenderOptions(root=str(Path.cwd()))
    assert capsys.readouterr().out == render(
        report_from_json(json.loads(Path("a.json").read_text())), format_, options=options
    )


@pytest.mark.parametrize(("report", "code"), [(REPORT, 1), (EMPTY, 0), (DOWN, 3)])
def test_the_exit_code_is_that_of_the_run(report: Report, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["report", "render", _file("a.json", report), "--quiet"]) == code


def test_the_fail_level_is_the_runs_unless_a_flag_says_otherwise(capsys: pytest.CaptureFixture[str]) -> None:
    warnings = Report(findings=tuple(one for one in REPORT.findings if one.level is not Level.ERROR))
    file = _file("a.json", warnings, Level.WARNING)
    assert run(["report", "render", file, "--quiet"]) == 1
    assert run(["report", "render", file, "--quiet", "--fail-level", "error"]) == 0
    assert run(["report", "merge", file, _file("b.json", EMPTY), "--quiet"]) == 1


def test_standard_input_is_read(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    class Stdin:
        buffer = io.BytesIO(render(EMPTY, "json").encode())

    monkeypatch.setattr("sys.stdin", Stdin())
    assert run(["report", "render", "-"]) == 0
    assert capsys.readouterr().out.startswith("PASS  no findings")


def test_merging_shards_writes_every_file_and_counts_once(capsys: pytest.CaptureFixture[str]) -> None:
    files = [_file("a.json", REPORT), _file("b.json", REPORT), _file("c.json", EMPTY)]
    outputs = ["m.json", "m.xml", "m.sarif", "m.md", "m.html", "m.txt"]
    assert run(["report", "merge", *files, *(part for file in outputs for part in ("--output", file))]) == 1
    merged = json.loads(Path("m.json").read_text())
    assert merged["summary"]["levels"] == {"error": 3, "warning": 1, "info": 4}
    assert all(Path(file).stat().st_size > 100 for file in outputs)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "not JSON"),
        ("[" * 200_000, "not a"),
        ("{}", "not a report of zeues-contracts"),
        ('{"version": 9, "findings": []}', "this release reads version 1"),
        ('{"version": 1, "findings": [3]}', "findings[0]"),
        ("\x00\xff", "not JSON"),
    ],
)
def test_what_is_no_report_is_one_line(content: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("x.json").write_text(content, "utf-8")
    assert run(["report", "render", "x.json"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("Error: x.json: ")
    assert message in error
    assert len(error.splitlines()) <= 2
    assert "Traceback" not in error


def test_a_missing_file_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["report", "render", "nothing.json"]) == 2
    assert capsys.readouterr().err == "Error: nothing.json: cannot be read: No such file or directory\n"
    assert run(["report", "merge", "-", "-"]) == 2


def test_a_report_too_large_is_refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    import zeues_contracts.cli.report as module

    monkeypatch.setattr(module, "MAX_BYTES", 100)
    assert run(["report", "render", _file("a.json", REPORT)]) == 2
    assert "larger than" in capsys.readouterr().err


def test_the_output_is_whole_or_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """A crash while a report is written leaves the old file."""
    file = _file("a.json", REPORT)
    Path("out.html").write_text("old")

    def fail(*_: Any) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("os.replace", fail)
    assert run(["report", "render", file, "--output", "out.html"]) == 2
    assert Path("out.html").read_text() == "old"
    assert {one.name for one in Path().iterdir()} == {"a.json", "out.html"}


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
@pytest.mark.parametrize("command", ["render", "merge"])
def test_a_time_that_is_no_number_is_refused(command: str, number: float, capsys: pytest.CaptureFixture[str]) -> None:
    value = json.loads(Path(_file("a.json", REPORT)).read_text())
    value["stages"][0]["seconds"] = number
    Path("a.json").write_text(json.dumps(value))
    assert run(["report", command, "a.json", "--format", "json"]) == 2
    assert "is no time - at `$.stages[0].seconds`" in capsys.readouterr().err


@pytest.mark.parametrize("key", ["level", "cause", "\ud800"])
def test_half_a_letter_where_a_word_is_expected_is_refused(key: str, capsys: pytest.CaptureFixture[str]) -> None:
    value = json.loads(Path(_file("a.json", REPORT)).read_text())
    value["findings"][0][key] = "\ud800"
    Path("a.json").write_text(json.dumps(value))
    assert run(["report", "render", "a.json"]) == 2
    assert "surrogate" in capsys.readouterr().err


@pytest.mark.parametrize("format_", FORMATS)
def test_half_a_letter_in_a_text_does_no_harm(format_: str) -> None:
    value = json.loads(Path(_file("a.json", REPORT)).read_text())
    value["findings"][0] |= {"message": "a\ud800", "service": "\udfff", "operations": ["GET /\ud800"]}
    value["notes"], value["title"] = ["\ud800"], "\ud800"
    Path("a.json").write_text(json.dumps(value))
    assert run(["report", "merge", "a.json", "--format", format_, "--output", "out"]) == 1
    Path("out").read_bytes().decode("utf-8")
