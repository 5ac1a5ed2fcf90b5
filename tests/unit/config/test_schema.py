"""The published schema of the configuration says of files what the loader says."""

from __future__ import annotations

import json
import os
import tomllib
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest

from zeues_contracts.config import load_config
from zeues_contracts.config.schema import DESCRIPTIONS, json_schema
from zeues_contracts.errors import UsageError

FILE = Path(str(files("zeues_contracts.config"))) / "data" / "config.schema.json"


def test_the_published_schema_is_that_of_the_types() -> None:
    text = json.dumps(json_schema(), indent=2) + "\n"
    if os.environ.get("UPDATE_GOLDEN") and not os.environ.get("CI"):
        FILE.write_text(text, "utf-8")
    assert FILE.read_text("utf-8") == text, "UPDATE_GOLDEN=1 writes it anew"
    jsonschema.Draft202012Validator.check_schema(json_schema())


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("", True),
        ("fail-level = 'warning'\n[services.shop]\nurl = 'http://127.0.0.1:8000'\n", True),
        ("[services.shop.operation-levels.'GET /a']\nZC204 = 'off'\n", True),
        ("[[services.shop.health.probes]]\npath = '/health'\nhealthy = {status = 'ok'}\n", True),
        ("[services.shop.fuzz]\nseconds = 2.5\nphases = ['fuzzing']\n", True),
        ("[limits]\ntimeout = 3\n", True),
        ("fail-level = 'fatal'\n", False),
        ("fail_level = 'error'\n", False),
        ("unknown = 1\n", False),
        ("root = '/'\n", False),
        ("[services.shop]\nurl = 3\n", False),
        ("[services.'a/b']\nurl = 'http://127.0.0.1'\n", False),
        ("[services.shop.fuzz]\nseconds = 0\n", False),
        ("[services.shop.fuzz]\nphases = ['all']\n", False),
        ("[services.shop.replay]\nsafe = ['/a']\n", False),
        ("[[services.shop.health.probes]]\nhealthy = {}\n", False),
        ("[limits]\nmax-redirects = 51\n", False),
    ],
)
def test_the_schema_and_the_loader_agree(text: str, valid: bool, tmp_path: Path) -> None:
    assert jsonschema.Draft202012Validator(json.loads(FILE.read_text())).is_valid(tomllib.loads(text)) is valid
    file = tmp_path / "zeues-contracts.toml"
    file.write_text(text)
    if valid:
        load_config(file, environ={})
    else:
        with pytest.raises(UsageError):
            load_config(file, environ={})


def test_every_key_is_described_and_no_other() -> None:
    schema = json_schema()
    assert set(schema["properties"]) == set(DESCRIPTIONS["Config"])
    for name, one in schema["$defs"].items():
        assert set(one["properties"]) == set(DESCRIPTIONS[name]), name
        for key, inner in one["properties"].items():
            assert inner["description"].endswith(".") or ":" in inner["description"], key
