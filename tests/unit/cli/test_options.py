"""The options that commands share: which format goes where, colours, fail levels, which service is meant."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import click
import pytest

from tests.unit.report.sample import DOWN, EMPTY, REPORT, TREND
from zeues_contracts import report
from zeues_contracts.cli.options import (
    FORMAT_NAMES,
    Output,
    Progress,
    Target,
    destinations,
    report_options,
    say,
    service_options,
    wants_color,
)
from zeues_contracts.config import PRESETS, load_config
from zeues_contracts.errors import UsageError
from zeues_contracts.findings import Level


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def test_the_names_are_those_of_the_rooms_below() -> None:
    assert report.FORMATS == FORMAT_NAMES

    @click.command()
    @service_options
    @report_options
    def command(target: Target, output: Output) -> None:
        """Nothing."""

    choices = {one.name: tuple(one.type.choices) for one in command.params if isinstance(one.type, click.Choice)}
    assert choices["preset"] == PRESETS
    assert choices["fail_level"] == tuple(level.value for level in Level)


# --- where what goes -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("formats", "files", "wanted"),
    [
        ([], [], [("text", "")]),
        (["json"], [], [("json", "")]),
        (["text", "github"], [], [("text", ""), ("github", "")]),
        (["json"], ["a.json"], [("json", "a.json")]),
        ([], ["a.json"], [("json", "a.json"), ("text", "")]),
        (
            [],
            ["a.sarif", "b.xml", "c.md", "d.html"],
            [("sarif", "a.sarif"), ("junit", "b.xml"), ("markdown", "c.md"), ("html", "d.html"), ("text", "")],
        ),
        ([], ["a.txt"], [("text", "a.txt")]),
        (["text", "sarif"], ["a.sarif"], [("sarif", "a.sarif"), ("text", "")]),
        (["junit"], ["out"], [("junit", "out")]),
        (["json", "junit"], ["out", "b.json"], [("junit", "out"), ("json", "b.json")]),
        (["sarif"], ["a.json"], [("sarif", "a.json")]),
        (["sarif"], ["a.sarif.json"], [("sarif", "a.sarif.json")]),
        (["markdown"], ["-"], [("markdown", "")]),
        (["json", "json"], ["a.json"], [("json", "a.json")]),
        ([], ["A.HTML"], [("html", "A.HTML"), ("text", "")]),
    ],
)
def test_where_each_format_goes(formats: Sequence[str], files: Sequence[str], wanted: list[tuple[str, str]]) -> None:
    assert sorted(destinations(formats, files)) == sorted(wanted)


@pytest.mark.parametrize(
    ("formats", "files", "message"),
    [
        ([], ["out"], "no format is left"),
        (["json"], ["a.json", "b.json"], "no format is left"),
        (["json", "text"], [], "cannot share standard output"),
        (["json", "sarif"], [], "cannot share standard output"),
        (["html", "github"], [], "cannot share standard output"),
    ],
)
def test_what_cannot_be_written_is_refused_before_any_work(
    formats: Sequence[str], files: Sequence[str], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        destinations(formats, files)


def test_every_file_is_written_and_the_rest_is_printed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = Output(formats=("text", "json", "html"), files=("deep/a.json", "a.html"))
    assert output.emit(REPORT, trend=TREND) == 1
    assert capsys.readouterr().out.startswith("FAIL  3 errors")
    assert json.loads((folder / "deep" / "a.json").read_text())["verdict"] == "fail"
    assert "Trend of the ledger" in (folder / "a.html").read_text("utf-8")


def test_colour_is_for_what_is_printed_as_text_alone(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Output(formats=("text", "json"), files=("a.json",), color=True).emit(REPORT)
    assert "\x1b[" in capsys.readouterr().out
    Output(files=("a.txt",), color=True).emit(REPORT)
    assert "\x1b" not in (folder / "a.txt").read_text("utf-8")


@pytest.mark.parametrize(("level", "code"), [("off", 0), ("error", 1), ("warning", 1), ("info", 1), ("", 1)])
def test_the_fail_level_of_the_flag_decides(level: str, code: int) -> None:
    assert Output(quiet=True, fail_level=level).emit(REPORT) == code
    assert Output(quiet=True, fail_level=level).emit(EMPTY) == 0
    assert Output(quiet=True, fail_level=level).emit(DOWN) == 3


def test_the_fail_level_of_the_configuration_is_next(folder: Path) -> None:
    (folder / "zeues-contracts.toml").write_text("fail-level = 'off'")
    assert Output(quiet=True).emit(REPORT, load_config()) == 0
    assert Output(quiet=True, fail_level="error").emit(REPORT, load_config()) == 1


def test_quiet_prints_the_verdict_alone_and_files_are_whole(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Output(files=("a.md",), quiet=True).emit(REPORT)
    assert capsys.readouterr().out.count("\n") == 1
    assert len((folder / "a.md").read_text().splitlines()) > 20


def test_an_encoding_that_lacks_a_letter_gets_it_spelled_out() -> None:
    program = """
from zeues_contracts.cli.options import Output
from tests.unit.report.sample import REPORT
Output().emit(REPORT)
"""
    root = str(Path(__file__).parents[3])
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"PYTHONIOENCODING": "ascii", "PYTHONPATH": root},
        capture_output=True,
        timeout=60,
        check=True,
    )
    assert b"\\u201cToo many connections\\u201d" in done.stdout
    done.stdout.decode("ascii")


# --- colours and progress ------------------------------------------------------------------------------------------


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environment", "flag", "terminal", "wanted"),
    [
        ({}, None, True, True),
        ({}, None, False, False),
        ({"TERM": "dumb"}, None, True, False),
        ({"NO_COLOR": "1"}, None, True, False),
        ({"NO_COLOR": ""}, None, True, True),
        ({"FORCE_COLOR": "1"}, None, False, True),
        ({"FORCE_COLOR": "0"}, None, False, False),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, None, True, False),
        ({"NO_COLOR": "1"}, True, False, True),
        ({"FORCE_COLOR": "1"}, False, True, False),
    ],
)
def test_who_decides_about_colour(
    environment: dict[str, str], flag: bool | None, terminal: bool, wanted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert wants_color(flag, Terminal() if terminal else io.StringIO()) is wanted


def test_progress_is_one_line_on_a_terminal_and_nothing_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    terminal, file = Terminal(), io.StringIO()
    for stream in (terminal, file):
        with Progress(stream=stream) as progress:
            progress.show("reading \x1b[31m\nthe document " + "x" * 500)
            progress.show("probing")
    assert file.getvalue() == ""
    said = terminal.getvalue()
    assert "\n" not in said
    assert "\\x1b[31m" in said
    assert said.endswith("\r\x1b[2K")
    monkeypatch.setenv("CI", "true")
    quiet = Terminal()
    Progress(stream=quiet).show("x")
    assert quiet.getvalue() == ""


# --- which service -------------------------------------------------------------------------------------------------

TWO = "[services.shop]\nurl = 'http://127.0.0.1:8000'\n[services.mail]\ndocument = 'mail.json'\n"


@pytest.mark.parametrize(
    ("target", "message", "hint"),
    [
        (Target(services=("shopp",)), "no service 'shopp'", "did you mean 'shop'?"),
        (Target(url="http://127.0.0.1:1"), "--url: for which service?", "name one"),
        (Target(services=("shop", "mail"), url="http://127.0.0.1:1"), "--url is for one service", "name one"),
        (Target(services=("shop",), url="http://127.0.0.1:1", app="a:b"), "both given", "keep one"),
    ],
)
def test_what_is_not_clear_is_asked_for(folder: Path, target: Target, message: str, hint: str) -> None:
    (folder / "zeues-contracts.toml").write_text(TWO)
    with pytest.raises(UsageError, match=message) as caught:
        target.load()
    assert hint in caught.value.hint


def test_flags_make_a_service_where_none_is_configured(folder: Path) -> None:
    with pytest.raises(UsageError, match="no service is configured"):
        Target().load()
    selection = Target(document="a.json", preset="strict").load(fail_level="info")
    assert selection.service == "service"
    assert selection.config.services["service"].document == str(folder / "a.json")
    assert (selection.config.preset, selection.config.fail_level) == ("strict", "info")


def test_services_are_those_named_or_all(folder: Path) -> None:
    (folder / "zeues-contracts.toml").write_text(TWO)
    assert Target().load().services == ("shop", "mail")
    assert Target(services=("mail", "mail")).load().services == ("mail",)
    with pytest.raises(UsageError, match="which service"):
        Target().load().service  # noqa: B018 - it is asked for to be refused
    assert Target(services=("mail",), url="http://127.0.0.1:1").load().config.services["mail"].document == ""


# --- the trend of the HTML report ----------------------------------------------------------------------------------


def test_the_page_has_the_trend_of_the_ledgers_of_the_services_reported_on(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CI", raising=False)
    from zeues_contracts.cli import run
    from zeues_contracts.snapshots.ledger import read_ledger

    document = {"openapi": "3.1.0", "info": {"title": "A", "version": "1"}, "paths": {}}
    answers = {"get": {"responses": {"200": {"description": "A"}}}}
    (folder / "zeues-contracts.toml").write_text(
        "[services.shop]\ndocument = 'a.json'\n[services.other]\ndocument = 'a.json'"
    )
    for number, paths in enumerate(({}, {"/a": answers}, {"/b": answers})):
        (folder / "a.json").write_text(json.dumps(document | {"paths": paths}))
        assert run(["snapshot", "update", "shop", "--reason", f"reason {number}"]) == 0
    assert run(["check", "shop", "--only", "drift", "--output", "page.html", "-q"]) == 0
    page = (folder / "page.html").read_text("utf-8")
    assert page.count('<rect class="b-error" x=') == 1, "the operation that went"
    assert all(f"update: reason {number}" in page for number in (1, 2))
    ledger = folder / "snapshots" / "shop.ledger.jsonl"
    found = read_ledger(ledger)
    assert found is not None
    assert len(found.entries) == 3
    # What is wrong with a ledger is a finding; it has no trend.
    ledger.write_text("<<<<<<< ours\nnothing\n")
    assert run(["check", "shop", "--only", "drift", "--output", "page.html", "-q"]) == 1
    assert "Trend of the ledger" not in (folder / "page.html").read_text("utf-8")
    assert run(["check", "other", "--only", "drift", "--output", "page.html", "-q"]) == 0
    assert "Trend of the ledger" not in (folder / "page.html").read_text("utf-8")


def test_what_is_said_moves_no_terminal_and_commands_no_ci(capsys: pytest.CaptureFixture[str]) -> None:
    say("a \x1b[31mred\x1b[0m\n::error::x ##[error]y\nב \u202e")
    assert capsys.readouterr().out == "a \\x1b[31mred\\x1b[0m\n\\::error::x #\\#[error]y\nב \\u202e\n"
