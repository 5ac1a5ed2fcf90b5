"""The words that every report for people shares."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.report.sample import DOWN, EMPTY, REPORT
from zeues_contracts.findings import Cause, Finding, Level, Place, Report, Stage, StageStatus, Witness
from zeues_contracts.report.words import (
    place_text,
    placed_message,
    point_text,
    relative,
    short_message,
    silence_text,
    verdict,
)


@pytest.mark.parametrize(
    ("value", "pointer", "wanted"),
    [
        ({"roles": None}, "/roles", "/roles, which is null"),
        ({"a": [{"b/c": 1}]}, "/a/0/b~1c", "/a/0/b~1c, which is 1"),
        ({"a~b": "x"}, "/a~0b", '/a~0b, which is "x"'),
        ({"a": {}}, "/a/missing", "/a/missing"),
        ([1], "/7", "/7"),
        ([1], "/-1", "/-1"),
        ("text", "/a", "/a"),
        (1, "", ""),
        ({"a": list(range(100))}, "/a", '/a, which is [0, 1, 2, 3, 4, 5, 6, 7, "… 92 more"]'),
    ],
)
def test_where_the_point_is_made(value: Any, pointer: str, wanted: str) -> None:
    assert point_text(Witness(value, pointer)) == wanted


def test_what_stands_at_the_point_is_short() -> None:
    text = point_text(Witness({"a": {str(number): "x" * 1000 for number in range(1000)}}, "/a"))
    assert len(text) < 150
    assert text.endswith("…")


@pytest.mark.parametrize(
    ("operations", "message", "short", "placed"),
    [
        (("GET /a",), "GET /a answers 500", "answers 500", "GET /a answers 500"),
        (("GET /a",), "the answer is long", "the answer is long", "GET /a: the answer is long"),
        (("GET /a",), "GET /ab answers 500", "GET /ab answers 500", "GET /a: GET /ab answers 500"),
        (("GET /a", "GET /b"), "GET /a answers 500", "answers 500", "GET /a, GET /b: GET /a answers 500"),
        ((), "no operation", "no operation", "no operation"),
    ],
)
def test_an_operation_is_told_once(operations: tuple[str, ...], message: str, short: str, placed: str) -> None:
    finding = Finding("ZC401", Level.ERROR, Cause.VIOLATION, message, operations=operations)
    assert (short_message(finding), placed_message(finding)) == (short, placed)


@pytest.mark.parametrize(
    ("source", "root", "wanted"),
    [
        ("/home/me/repo/a/b.yaml", "/home/me/repo", "a/b.yaml"),
        ("/home/me/other/b.yaml", "/home/me/repo", "/home/me/other/b.yaml"),
        ("a/b.yaml", "/home/me/repo", "a/b.yaml"),
        ("http://127.0.0.1:8000/openapi.json", "/home/me/repo", "http://127.0.0.1:8000/openapi.json"),
        ("", "/home/me/repo", ""),
    ],
)
def test_files_are_named_from_the_root(source: str, root: str, wanted: str) -> None:
    assert relative(source, root) == wanted


def test_a_place_is_what_an_editor_follows() -> None:
    assert place_text(Place("a.yaml", "/x", 3, 7)) == "a.yaml:3:7 #/x"
    assert place_text(Place("a.yaml", "", 3)) == "a.yaml:3"
    assert place_text(Place("", "/x")) == "#/x"


def test_why_there_is_nothing_of_a_cause() -> None:
    assert silence_text(EMPTY, Cause.DRIFT) == "nothing found"
    assert silence_text(EMPTY, Cause.VIOLATION) == "not looked at"
    assert silence_text(DOWN, Cause.DRIFT) == "not judged"
    assert silence_text(Report(), Cause.DRIFT) == "nothing found"
    half = Report(stages=(Stage("replay", StageStatus.RAN), Stage("fuzz", StageStatus.BLOCKED)))
    assert silence_text(half, Cause.VIOLATION) == "not judged", "half of it was not"


@pytest.mark.parametrize(
    ("level", "word"), [(Level.OFF, "PASS"), (Level.ERROR, "FAIL"), (Level.WARNING, "FAIL"), (Level.INFO, "FAIL")]
)
def test_the_verdict_goes_with_the_exit_code(level: Level, word: str) -> None:
    outcome = verdict(REPORT, level)
    assert outcome.word == word
    assert outcome.exit_code == REPORT.exit_code(level)
    assert verdict(DOWN, level).word == "CANNOT JUDGE"
