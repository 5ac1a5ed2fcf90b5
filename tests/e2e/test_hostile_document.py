"""A hostile document through the real commands: in every format, nothing of it leaves its own cell."""

from __future__ import annotations

import json
import os
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.unit.report.hostile import TEXTS
from tests.unit.report.test_hostile import UNSEEN
from tests.unit.report.test_schemas import SHAPE, published
from zeues_contracts.cli import run
from zeues_contracts.report import FORMATS

# A name of a megabyte is one of them; the others are as they are.
NAMES = {name: text for name, text in TEXTS.items() if not name.startswith("long")} | {"megabyte": "x" * 1_000_000}


def _document(text: str, *, changed: bool) -> dict[str, Any]:
    """A document in which every name and text is the one given; ``changed`` breaks each place that it names."""
    kind = "string" if changed else "integer"
    schema = {
        "type": "object",
        "title": text,
        "description": text,
        "required": [text],
        "properties": {text: {"type": kind, "description": text}, "choice": {"enum": [text, "b"][: 1 + changed]}},
    }
    answer = {
        "description": text,
        "headers": {} if changed else {text: {"schema": {"type": "string"}, "required": True}},
        "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{_pointer(text)}"}}},
    }
    path = "/" + text.replace("{", "(").replace("}", ")")
    operation = {
        "operationId": text,
        "summary": text,
        "tags": [text],
        "parameters": [{"name": text, "in": "query", "required": changed, "schema": {"type": "string"}}],
        "responses": {"200": answer},
        "security": [{text: []}] if changed else [],
    }
    paths: dict[str, Any] = {path: {"get": operation}}
    if not changed:
        paths[f"{path}/gone"] = {"get": {"responses": {"200": {"description": text}}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": text, "version": text, "description": text},
        "servers": [{"url": f"http://{'new' if changed else 'old'}.example/", "description": text}],
        "tags": [{"name": text}],
        "paths": paths,
        "components": {
            "schemas": {text: schema},
            "securitySchemes": {text: {"type": "apiKey", "in": "header", "name": "X-Key", "description": text}},
        },
    }


def _pointer(text: str) -> str:
    from urllib.parse import quote

    return quote(text.replace("~", "~0").replace("/", "~1"), errors="surrogatepass")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CI", raising=False)
    return tmp_path


def _write(folder: Path, text: str) -> None:
    for name, changed in (("old.json", False), ("new.json", True)):
        (folder / name).write_text(json.dumps(_document(text, changed=changed)))


def _harmless(printed: str, *, markup: bool = False) -> None:
    found = UNSEEN.search(printed)
    assert found is None, ascii(printed[max(0, found.start() - 80) : found.end() + 80])
    assert not re.search(r"##\w{0,20}\[", printed)
    assert markup or not re.search(r"(?m)^\s*::(?!(error|warning|notice) )", printed)


@pytest.mark.parametrize("name", NAMES)
def test_a_diff_of_hostile_documents(name: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _write(folder, NAMES[name])
    for format_ in FORMATS:
        code = run(["diff", "old.json", "new.json", "--format", format_])
        printed, told = capsys.readouterr()
        assert code == 1, told
        _harmless(printed, markup=format_ in ("html", "junit"))
        _harmless(told)
        if format_ == "json":
            jsonschema.Draft202012Validator(published()).validate(json.loads(printed))
        elif format_ == "sarif":
            assert json.loads(printed)["runs"][0]["results"]
        elif format_ == "junit":
            assert {one.tag for one in ET.fromstring(printed.encode()).iter()} <= set(SHAPE)
        elif format_ == "html":
            assert printed.count("<script>") == 1
            assert printed.count("<style>") == 1
        elif format_ == "github":
            assert all(re.match(r"::(error|warning|notice) [a-z]+=", row) for row in printed.splitlines())


@pytest.mark.parametrize("name", NAMES)
def test_what_the_other_commands_print_of_it(name: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _write(folder, NAMES[name])
    (folder / "zeues-contracts.toml").write_text("[services.shop]\ndocument = 'old.json'\n")
    commands = [
        ["snapshot", "update", "--reason", "first"],
        ["doctor"],
        ["check", "--only", "drift,contracts"],
    ]
    later = [
        ["check", "--only", "drift,contracts"],
        ["snapshot", "review", "--list"],
        ["snapshot", "update", "--reason", "all of it"],
        ["snapshot", "log"],
        ["snapshot", "verify"],
        ["doctor"],
    ]
    for arguments in commands:
        code = run(arguments)
        out, err = capsys.readouterr()
        assert code in (0, 1, 2), f"{arguments}: {code} {err[:300]}"
        _harmless(out)
        _harmless(err)
    os.replace("new.json", "old.json")
    for arguments in later:
        code = run(arguments)
        out, err = capsys.readouterr()
        assert code in (0, 1, 2), f"{arguments}: {code} {err[:300]}"
        _harmless(out)
        _harmless(err)


@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_contract(name: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What a consumer's file says goes the same ways: into errors, findings and the names of cases."""
    text = NAMES[name]
    _write(folder, text)
    (folder / "zeues-contracts.toml").write_text("[services.shop]\ndocument = 'new.json'\n")
    (folder / "contracts").mkdir()
    for consumer in (text, "app"):
        interaction = {
            "id": text,
            "test": text,
            "operation": f"GET /{text}",
            "request": {"query": {text: text}, "headers": {"x-a": text}},
            "expect": {"status": 200, "body": {text: "int", "other": {"$const": text}}},
        }
        contract = {"version": 1, "consumer": consumer, "service": "shop", "interactions": [interaction]}
        # JSON is YAML: no text of ours is written as anything but what it is.
        (folder / "contracts" / "a.yaml").write_text(json.dumps(contract))
        for arguments in (
            ["contracts", "lint"],
            ["contracts", "list", "--verbose"],
            ["contracts", "list", "--format", "json"],
            ["contracts", "check"],
            *(["check", "--only", "contracts", "--format", format_] for format_ in FORMATS),
        ):
            code = run(arguments)
            printed, told = capsys.readouterr()
            assert code in (0, 1, 2), f"{arguments}: {code} {told[:300]}"
            _harmless(printed, markup=arguments[-1] in ("html", "junit"))
            _harmless(told)
            assert len(told) < 10_000
