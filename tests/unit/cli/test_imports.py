"""What a command loads before it does anything: the heavy libraries only where they are used."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {
    "aiohttp",
    "deepdiff",
    "fastapi",
    "hypothesis",
    "hypothesis_jsonschema",
    "httpx",
    "jinja2",
    "markupsafe",
    "pydantic",
    "redis",
    "requests",
    "rich",
    "schemathesis",
    "starlette",
    "uvicorn",
}
PROGRAM = """\
import contextlib, io, json, re, sys
from zeues_contracts.cli import run
out = io.StringIO()
with contextlib.redirect_stdout(out):
    code = run(sys.argv[1:])
held = {"patterns": [], "dataclasses": []}
for name, module in list(sys.modules.items()):
    if name.startswith("zeues_contracts"):
        for word, value in vars(module).items():
            if isinstance(value, re.Pattern):
                held["patterns"].append(f"{name}.{word}")
            elif hasattr(value, "__dataclass_fields__"):
                held["dataclasses"].append(f"{name}.{word}")
print(json.dumps([code, sorted(sys.modules), held]))
"""
# What is looked through for each of a document's references or lines, by methods that only a compiled pattern has.
COMPILED = {"zeues_contracts.drift.written", "zeues_contracts.drift.overlay", "zeues_contracts.openapi.lines"}


def _loaded(folder: Path, *arguments: str) -> tuple[int, set[str]]:
    code, modules, _ = _ran(folder, *arguments)
    return code, modules


def _ran(folder: Path, *arguments: str) -> tuple[int, set[str], dict[str, list[str]]]:
    """The exit code, the modules that are loaded at the end, and what those of ours hold that is dear to make."""
    left_out = ("COV", "FORCE_COLOR", "PYTHONDONTWRITEBYTECODE")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(left_out)}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        cwd=folder,
        env=kept | {"NO_COLOR": "1", "PYTHONPYCACHEPREFIX": str(folder.parent / "cache")},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    code, modules, held = json.loads(done.stdout)
    return code, set(modules), held


def _document(kind: str, *paths: str) -> str:
    schema = {"type": "object", "properties": {"a": {"type": kind}}, "required": ["a"]}
    answers = {"200": {"description": "A", "content": {"application/json": {"schema": schema}}}}
    return json.dumps(
        {
            "openapi": "3.1.0",
            "info": {"title": "A", "version": "1"},
            "paths": {path: {"get": {"responses": answers}} for path in paths},
        }
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "old.json").write_text(_document("integer", "/a", "/b"))
    (tmp_path / "fewer.json").write_text(_document("integer", "/a"))
    (tmp_path / "type.json").write_text(_document("string", "/a", "/b"))
    return tmp_path


@pytest.mark.parametrize("arguments", [["--help"], ["--version"]])
def test_help_loads_click_and_nothing_else_of_others(folder: Path, arguments: list[str]) -> None:
    code, modules = _loaded(folder, *arguments)
    assert code == 0
    ours = {name for name in modules if name.startswith("zeues_contracts")}
    assert ours == {"zeues_contracts", "zeues_contracts.cli", "zeues_contracts.errors"}
    assert not {"msgspec", "orjson", "yaml", "jsonschema", *HEAVY} & modules


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "--help"],
        ["report", "render", "--help"],
        ["explain", "ZC502"],
        ["rules"],
        ["config", "show"],
        ["completion", "bash"],
        ["diff", "old.json", "old.json"],
        ["diff", "old.json", "fewer.json"],
        ["diff", "old.json", "type.json"],
    ],
    ids=" ".join,
)
def test_nothing_heavy_is_loaded(folder: Path, arguments: list[str]) -> None:
    code, modules = _loaded(folder, *arguments)
    assert code in (0, 1)
    assert not HEAVY & modules


def test_validators_are_loaded_only_for_a_witness(folder: Path) -> None:
    validators = {"jsonschema", "jsonschema_rs"}
    code, modules = _loaded(folder, "diff", "old.json", "old.json")
    assert (code, modules & validators) == (0, set())
    code, modules = _loaded(folder, "diff", "old.json", "fewer.json")
    assert (code, modules & validators) == (1, set())
    code, modules = _loaded(folder, "diff", "old.json", "type.json")
    assert (code, modules & validators) == (1, validators)


def test_a_diff_loads_what_its_documents_need(folder: Path) -> None:
    """Of the library: modules that cost a millisecond and more each. Of ours: rooms that this run does not enter."""
    dear = {"difflib", "fractions", "hashlib", "html", "shutil", "tempfile", "tomllib", "yaml"}
    others = {
        "zeues_contracts.openapi.yaml_reading",
        "zeues_contracts.rules.snapshots",
        "zeues_contracts.rules.violation",
        "zeues_contracts.schema.containment.tableau",
        "zeues_contracts.schema.format_checks",
        "zeues_contracts.schema.patterns.automaton",
        "zeues_contracts.snapshots",
        "zeues_contracts.standin",
    }
    code, modules = _loaded(folder, "diff", "old.json", "old.json")
    assert (code, modules & (dear | others)) == (0, set())
    assert "zeues_contracts.openapi.lines" not in modules
    code, modules = _loaded(folder, "diff", "old.json", "fewer.json")
    assert (code, modules & (dear | others)) == (1, {"hashlib"})
    code, modules = _loaded(folder, "diff", "old.json", "type.json")
    brought = {"fractions", "hashlib", "shutil", "tempfile"}  # by exact numbers, and by both validators
    assert (code, modules & (dear | others) - brought) == (1, set())


def test_what_a_diff_loads_of_ours_is_cheap_to_define(folder: Path) -> None:
    """A dataclass takes forty times as long to define as a struct, and a pattern is compiled where it is used."""
    code, _, held = _ran(folder, "diff", "old.json", "type.json")
    assert code == 1
    assert held["dataclasses"] == []
    assert {name.rpartition(".")[0] for name in held["patterns"]} <= COMPILED


def test_a_document_in_yaml_is_read_by_a_module_of_its_own(folder: Path) -> None:
    """The names above are those of modules that are there, and loaded where they are wanted."""
    (folder / "new.yaml").write_text((folder / "type.json").read_text("utf-8").replace('"paths"', "paths"))
    code, modules = _loaded(folder, "diff", "old.json", "new.yaml")
    assert code == 1
    assert {"yaml", "zeues_contracts.openapi.yaml_reading"} <= modules


def test_a_page_of_html_loads_its_templates_from_the_package(folder: Path) -> None:
    """Here jinja2 is what is wanted: the test above would pass if its name were misspelt."""
    code, modules = _loaded(folder, "diff", "old.json", "type.json", "--format", "html", "--output", "page.html")
    assert code == 1
    assert {"jinja2", "markupsafe"} <= modules
    assert (folder / "page.html").read_text("utf-8").startswith("<!doctype html>")
