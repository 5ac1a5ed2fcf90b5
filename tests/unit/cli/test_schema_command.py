"""``zeues-contracts schema compare``: both directions, the witness, the difference, the exit codes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from zeues_contracts.cli import run

SMALL = {"type": "object", "properties": {"n": {"type": "integer", "minimum": 1}}}
LARGE = {"type": "object", "properties": {"n": {"type": "integer", "minimum": 0}}}


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small.json").write_text(json.dumps(SMALL))
    (tmp_path / "large.json").write_text(json.dumps(LARGE))
    return tmp_path


def compare(*arguments: str) -> int:
    return run(["schema", "compare", *arguments])


def test_both_directions_are_told(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert compare("small.json", "large.json", "--no-color") == 1
    assert capsys.readouterr().out.splitlines() == [
        "proven   every value of small.json is a value of large.json",
        "refuted  every value of large.json is a value of small.json",
        '         not so: {"n": 0}',
        "         `n` is 0, below the minimum 1 (small.json#/properties/n/minimum)",
        "",
        "From small.json to large.json:",
        "  widened   n: minimum 1 became 0",
    ]


@pytest.mark.parametrize(
    ("first", "second", "require", "code"),
    [
        ("small.json", "large.json", "forward", 0),
        ("small.json", "large.json", "backward", 1),
        ("small.json", "large.json", "equal", 1),
        ("small.json", "small.json", "equal", 0),
        ("large.json", "small.json", "forward", 1),
    ],
)
@pytest.mark.usefixtures("files")
def test_the_exit_code_is_what_is_required(first: str, second: str, require: str, code: int) -> None:
    assert compare(first, second, "--require", require) == code


def test_json(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert compare("large.json", "small.json", "--format", "json") == 1
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert told["forward"]["answer"] == "refuted"
    assert told["forward"]["witness"] == {"n": 0}
    assert told["forward"]["explanation"]["sup_pointer"] == "/properties/n/minimum"
    assert told["backward"] == {"answer": "proven"}
    assert [(one["sentence"], one["direction"]) for one in told["changes"]] == [("n: minimum 0 became 1", "narrowed")]


def test_yaml_pointers_and_dialects(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (files / "api.yaml").write_text(
        "openapi: 3.0.3\ncomponents:\n  schemas:\n    A: {type: string, nullable: true}\n    B: {type: string}\n"
    )
    (files / "new.json").write_text(json.dumps({"$defs": {"A": {"type": ["null", "string"]}}}))
    assert compare("api.yaml#/components/schemas/A", "new.json#/$defs/A") == 0
    assert compare("api.yaml#/components/schemas/B", "new.json#/$defs/A", "--require", "forward") == 0
    assert compare("api.yaml#/components/schemas/A", "api.yaml#/components/schemas/B", "--dialect", "2020-12") == 0
    (files / "old.json").write_text(
        json.dumps({"$schema": "http://json-schema.org/draft-04/schema#", "minimum": 1, "exclusiveMinimum": True})
    )
    (files / "above.json").write_text(json.dumps({"exclusiveMinimum": 1}))
    assert compare("old.json", "above.json") == 0
    capsys.readouterr()


def test_settings(files: Path) -> None:
    (files / "date.json").write_text(json.dumps({"type": "string", "format": "date"}))
    (files / "text.json").write_text(json.dumps({"type": "string"}))
    assert compare("text.json", "date.json") == 0
    assert compare("text.json", "date.json", "--format-assertion") == 1
    (files / "more.json").write_text(json.dumps({"type": "object", "properties": {"n": {"type": "integer"}, "m": {}}}))
    assert compare("small.json", "more.json", "--require", "forward", "--closed-world") == 0
    assert compare("more.json", "small.json", "--require", "forward", "--closed-world") == 1


def test_what_cannot_be_told_has_its_own_code(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (files / "broken.json").write_text(json.dumps({"$ref": "#/nowhere"}))
    assert compare("broken.json", "small.json") == 3
    assert "the reference #/nowhere leads nowhere" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("missing.json", "small.json"), "there is no such file"),
        (("small.json#/nope", "large.json"), "nothing stands at /nope"),
        (("small.json#nope", "large.json"), "no JSON pointer"),
        (("small.json#/properties/n/minimum", "large.json"), "is no schema"),
        (("bad.json", "large.json"), "not valid JSON"),
        (("small.json",), "Missing argument"),
    ],
)
def test_bad_input_is_one_clear_line(
    files: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], words: str
) -> None:
    (files / "bad.json").write_text('{"type": nope}')
    assert compare(*arguments) == 2
    told = capsys.readouterr()
    assert words in told.err
    assert told.out == ""


def test_hostile_names_do_not_reach_the_terminal(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (files / "evil.json").write_text(json.dumps({"enum": ["\x1b[31mred", "a"]}))
    (files / "good.json").write_text(json.dumps({"enum": ["a"]}))
    assert compare("evil.json", "good.json", "--no-color") == 1
    assert "\x1b" not in capsys.readouterr().out
